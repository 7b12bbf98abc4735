// Any octets as what a taken-over worker would hand over as its result, by the first of them: as a mail, a text, a picture,
// a PDF, a zip; or in place of the main part of a document that was accepted.  In what is accepted of these the rebuilder,
// which is other code, finds nothing that acts.
#include "base/check.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/verify/verify.hh"
#include "sanitizer/zip/archive.hh"
#include "sanitizer/zip/unpack.hh"
#include "sanitizer/zip/writer.hh"

#include <algorithm>
#include <string>

using namespace sekisho;

namespace {

std::string relationship(const std::string &id, const std::string &type, const std::string &target) {
  return "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"" +
         id + "\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/" + type +
         "\" Target=\"/" + target + "\"/></Relationships>";
}

Buffer rebuilt(Bytes package, bool odf) {
  job::Job job;
  job.bytes = package;
  job.plan.tracked = job.plan.hidden = job::Beside::keep;
  const Result<rebuild::Rebuilt, Reason> clean = odf ? rebuild::odf_document(job, {}) : rebuild::ooxml_document(job, {});
  CHECK(clean);
  return clean->bytes;
}

Buffer word() {
  zip::Writer writer(1);
  writer.add("[Content_Types].xml", as_bytes("<Types/>"));
  writer.add("_rels/.rels", as_bytes(relationship("m", "officeDocument", "word/document.xml")));
  writer.add("word/document.xml", as_bytes("<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">"
                                           "<w:body><w:p><w:r><w:t>a</w:t></w:r></w:p></w:body></w:document>"));
  return rebuilt(writer.finish(), false);
}

Buffer workbook() {
  const std::string sheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
  zip::Writer writer(1);
  writer.add("[Content_Types].xml", as_bytes("<Types/>"));
  writer.add("_rels/.rels", as_bytes(relationship("m", "officeDocument", "xl/workbook.xml")));
  writer.add("xl/workbook.xml",
             as_bytes("<workbook xmlns=\"" + sheet + "\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">"
                      "<sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"a\"/></sheets></workbook>"));
  writer.add("xl/_rels/workbook.xml.rels", as_bytes(relationship("a", "worksheet", "xl/worksheets/s.xml")));
  writer.add("xl/worksheets/s.xml", as_bytes("<worksheet xmlns=\"" + sheet + "\"><sheetData><row r=\"1\"><c r=\"A1\"><f>SUM(1,2)</f><v>3</v>"
                                             "</c></row></sheetData></worksheet>"));
  return rebuilt(writer.finish(), false);
}

Buffer open_document() {
  zip::Writer writer(1);
  writer.add_stored("mimetype", as_bytes("application/vnd.oasis.opendocument.text"));
  writer.add("content.xml", as_bytes("<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" "
                                     "xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:text>"
                                     "<text:p>a</text:p></office:text></office:body></office:document-content>"));
  return rebuilt(writer.finish(), true);
}

struct Document {
  job::Kind kind;
  std::string_view part; // its name begins so
  Buffer accepted;
};

/// The same members in the same order and the same way, one of them other octets.
Buffer with(const Document &document, Bytes part) {
  zip::Writer writer;
  zip::Unpacker unpacker;
  for (const zip::Member &member : zip::read(document.accepted).members) {
    const Result<Buffer, Reason> contents = unpacker.unpack(member);
    CHECK(contents);
    const Bytes octets = member.name.starts_with(document.part) ? part : Bytes(*contents);
    if (member.name == "mimetype") writer.add_stored(member.name, octets);
    else writer.add(member.name, octets);
  }
  return writer.finish();
}

bool acts(Reason reason) {
  return reason == Reason::office_macro || reason == Reason::office_embedded || reason == Reason::office_dde ||
         reason == Reason::office_external;
}

void as_document(const Document &document, Bytes part) {
  const Buffer package = with(document, part);
  if (!verify::Verifier::accept(document.kind, Untrusted(package))) return;
  job::Job job;
  job.bytes = package;
  job.plan.tracked = job.plan.hidden = job::Beside::keep;
  const Result<rebuild::Rebuilt, Reason> again =
      document.kind == job::Kind::odf ? rebuild::odf_document(job, {}) : rebuild::ooxml_document(job, {});
  if (again) CHECK(std::ranges::none_of(again->reasons, acts));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  static const Document documents[] = {{job::Kind::ooxml_word, "word/document", word()},
                                       {job::Kind::ooxml_sheet, "xl/worksheets/", workbook()},
                                       {job::Kind::odf, "content.xml", open_document()}};
  static constexpr job::Kind files[] = {job::Kind::jpeg, job::Kind::png, job::Kind::gif, job::Kind::tiff, job::Kind::pdf, job::Kind::zip};
  constexpr unsigned first_file = 2, first_document = first_file + std::size(files), choices = first_document + std::size(documents);
  if (size == 0) return 0;
  const Bytes octets = std::as_bytes(std::span(data + 1, size - 1));
  const unsigned choice = data[0] % choices;
  if (choice == 0) (void)verify::accept_mail(octets);
  else if (choice == 1) (void)verify::Verifier::accept_text(Untrusted(std::string(as_chars(octets))));
  else if (choice < first_document) (void)verify::Verifier::accept(files[choice - first_file], Untrusted(to_buffer(octets)));
  else as_document(documents[choice - first_document], octets);
  return 0;
}
