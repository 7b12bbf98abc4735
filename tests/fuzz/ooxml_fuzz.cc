// Any octets as a part of an OOXML document, under every plan: what is rebuilt is accepted, and its text too.  The
// first octet chooses plan and part.
#include "base/check.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/verify/verify.hh"
#include "sanitizer/zip/writer.hh"

#include <string>

using namespace sekisho;

namespace {

struct Place {
  const char *main, *part, *relation; // `part`: nothing: the main part itself
  const char *around;                 // the main part then
};
constexpr Place places[] = {
    {"word/document.xml", nullptr, nullptr, nullptr},
    {"xl/workbook.xml", "xl/worksheets/s.xml", "worksheet",
     "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" "
     "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet "
     "name=\"S\" r:id=\"a\"/></sheets></workbook>"},
    {"ppt/presentation.xml", "ppt/slides/s.xml", "slide",
     "<p:presentation xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\" "
     "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><p:sldIdLst>"
     "<p:sldId id=\"256\" r:id=\"a\"/></p:sldIdLst></p:presentation>"},
    {"xl/workbook.xml", nullptr, nullptr, nullptr},
};

std::string relationship(const std::string &id, const std::string &type, const std::string &target) {
  return "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"" +
         id + "\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/" + type +
         "\" Target=\"/" + target + "\"/></Relationships>";
}

Buffer package(const Place &place, Bytes part) {
  zip::Writer writer(1);
  const std::string main = place.main;
  writer.add("[Content_Types].xml", as_bytes("<Types/>"));
  writer.add("_rels/.rels", as_bytes(relationship("m", "officeDocument", main)));
  writer.add(main, place.part ? as_bytes(place.around) : part);
  const std::size_t slash = main.find('/');
  const std::string own = main.substr(0, slash) + "/_rels" + main.substr(slash) + ".rels";
  if (place.part) {
    writer.add(own, as_bytes(relationship("a", place.relation, place.part)));
    writer.add(place.part, part);
  } else {
    writer.add(own, as_bytes(relationship("a", "image", "media/a.png")));
    writer.add("media/a.png", part);
  }
  return writer.finish();
}

void check(const Result<rebuild::Rebuilt, Reason> &rebuilt) {
  if (rebuilt) CHECK(verify::Verifier::accept(rebuilt->kind, Untrusted(rebuilt->bytes)).has_value());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned chosen = data[0];
  const Buffer octets = package(places[chosen & 3], std::as_bytes(std::span(data + 1, size - 1)));
  job::Job job;
  job.bytes = octets;
  job.plan.tracked = chosen & 4 ? job::Beside::keep : job::Beside::remove;
  job.plan.hidden = chosen & 8 ? job::Beside::keep : job::Beside::remove;
  job.plan.formulas = chosen & 16 ? job::Formulas::keep : job::Formulas::values;
  job.plan.max_output = 4u << 20;
  check(rebuild::ooxml_document(job, {}));
  check(rebuild::ooxml_text(job));
  return 0;
}
