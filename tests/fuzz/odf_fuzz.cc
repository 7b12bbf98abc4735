// Any octets as the contents of an ODF document, under every plan: what is rebuilt is accepted, and its
// text too.  The first octet chooses plan and kind.
#include "base/check.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/verify/verify.hh"
#include "sanitizer/zip/writer.hh"

#include <string>

using namespace sekisho;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned chosen = data[0];
  const Bytes content = std::as_bytes(std::span(data + 1, size - 1));
  constexpr const char *families[] = {"text", "spreadsheet", "presentation", "graphics"};
  job::Job job;
  job.plan.tracked = chosen & 4 ? job::Beside::keep : job::Beside::remove;
  job.plan.hidden = chosen & 8 ? job::Beside::keep : job::Beside::remove;
  job.plan.max_output = 4u << 20;
  job.plan.formulas = chosen & 16 ? job::Formulas::keep : job::Formulas::values;
  const std::string family = families[chosen & 3];
  for (const char *part : {"content.xml", "styles.xml", "Object 1/content.xml"}) {
    zip::Writer package(1);
    package.add_stored("mimetype", as_bytes("application/vnd.oasis.opendocument." + family));
    package.add(part, content);
    const std::string body = family == "graphics" ? "office:drawing" : "office:" + family;
    if (std::string_view(part) != "content.xml")
      package.add("content.xml",
                  as_bytes("<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" "
                           "xmlns:draw=\"urn:oasis:names:tc:opendocument:xmlns:drawing:1.0\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">"
                           "<office:body><" + body + "><draw:frame><draw:object xlink:href=\"./Object 1\"/></draw:frame></" + body +
                           "></office:body></office:document-content>"));
    package.add("Pictures/a.png", content);
    const Buffer octets = package.finish();
    job.bytes = octets;
    for (const auto &rebuilt : {rebuild::odf_document(job, {}), rebuild::odf_text(job)})
      if (rebuilt) CHECK(verify::Verifier::accept(rebuilt->kind, Untrusted(rebuilt->bytes)).has_value());
  }
  return 0;
}
