#include "sanitizer/office/convert.hh"

#include "sanitizer/detect/detect.hh"
#include "sanitizer/office/samples.hh"

#include <fstream>
#include <sstream>

namespace sekisho::office {
namespace {

/// Macros: never, whatever the profile says.  Batch: no dialog waits for an answer.
constexpr const char *load_options =
    "Batch=true,MacroSecurityLevel=3,EnableMacrosExecution=false,Language=ja-JP";

/// The ending helps LibreOffice to guess; what has none here it finds out by content.
std::string_view ending_of(job::Kind kind) {
  switch (kind) {
  case job::Kind::rtf: return ".rtf";
  case job::Kind::ooxml_word: return ".docx";
  case job::Kind::ooxml_sheet: return ".xlsx";
  case job::Kind::ooxml_slides: return ".pptx";
  case job::Kind::visio: return ".vsdx";
  default: return "";
  }
}

/// Drawn soon after: nothing in it is for a reader, and one page too many says that there are too
/// many.
std::string save_options(const job::Plan &plan) {
  std::ostringstream text;
  text << R"({"PageRange":{"type":"string","value":"1-)" << plan.max_pages + 1 << R"("},)"
       << R"("ExportBookmarks":{"type":"boolean","value":"false"},)"
       << R"("ExportFormFields":{"type":"boolean","value":"false"},)"
       << R"("UseTaggedPDF":{"type":"boolean","value":"false"},)"
       << R"("ReduceImageResolution":{"type":"boolean","value":"true"},)"
       << R"("MaxImageResolution":{"type":"long","value":")" << (plan.dpi <= 150 ? 150 : 300)
       << R"("},)"
       << R"("Quality":{"type":"long","value":"92"}})";
  return text.str();
}

bool write_file(const std::string &path, Bytes bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(as_chars(bytes).data(), static_cast<std::streamsize>(bytes.size()));
  return static_cast<bool>(file.flush());
}

Result<Buffer, Reason> read_file(const std::string &path, std::size_t most) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return fail(Reason::part_engine_refused);
  const std::streamoff size = file.tellg();
  if (size <= 0) return fail(Reason::part_engine_refused);
  if (static_cast<std::uint64_t>(size) > most) return fail(Reason::part_too_big);
  Buffer bytes(static_cast<std::size_t>(size));
  file.seekg(0).read(reinterpret_cast<char *>(bytes.data()), size);
  if (!file) return fail(Reason::part_engine_refused);
  return bytes;
}

} // namespace

Converter::Converter(kit::Office &office, std::string scratch)
    : office_(office), scratch_(std::move(scratch)) {
  // Nobody is there to type one; that it was asked for is what we want to know.
  office_.calls->set_features(&office_, kit::asks_for_passwords);
  office_.calls->on_event(
      &office_,
      [](int type, const char *, void *self) {
        if (type != kit::event_password && type != kit::event_password_to_modify) return;
        auto &converter = *static_cast<Converter *>(self);
        converter.asked_for_password_ |= type == kit::event_password;
        converter.office_.calls->set_password(&converter.office_, converter.url_.c_str(), nullptr);
      },
      this);
}

Result<Buffer, Reason> Converter::to_pdf(Bytes document, std::string_view ending,
                                         const job::Plan &plan) {
  const std::string in = scratch_ + "/document" + std::string(ending),
                    out = scratch_ + "/drawn.pdf";
  if (!write_file(in, document)) return fail(Reason::part_too_big);
  url_ = "file://" + in;
  asked_for_password_ = false;
  kit::Document *opened = office_.calls->load_with_options(&office_, url_.c_str(), load_options);
  if (!opened)
    return fail(asked_for_password_ ? Reason::part_encrypted : Reason::part_engine_refused);
  const std::string options = save_options(plan);
  if (!opened->calls->save_as(opened, ("file://" + out).c_str(), "pdf", options.c_str()))
    return fail(Reason::part_engine_refused);
  return read_file(out, plan.max_output);
}

void Converter::warm_up() {
  for (const Sample &sample : samples())
    (void)to_pdf(sample.octets, sample.ending, job::Plan());
}

job::Outcome Converter::convert(const job::Job &job) {
  job::Outcome outcome;
  Result<Buffer, Reason> pdf = to_pdf(job.bytes, ending_of(detect::kind_of(job.bytes)), job.plan);
  if (!pdf) {
    outcome.reason = pdf.error();
    return outcome;
  }
  outcome.status = job::Status::clean;
  outcome.reason = Reason::none;
  outcome.output = std::move(*pdf);
  outcome.output_kind = job::Kind::pdf;
  return outcome;
}

} // namespace sekisho::office
