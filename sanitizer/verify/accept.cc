#include "base/clock.hh"
#include "sanitizer/verify/files.hh"
#include "sanitizer/verify/pdf_reading.hh"
#include "sanitizer/verify/verify.hh"

namespace sekisho::verify {
namespace {

bool is_ours(job::Kind kind, Bytes untrusted, Deadline deadline, std::string *pdf_text) {
  switch (kind) {
  case job::Kind::pdf: return is_our_pdf(untrusted, deadline, pdf_text);
  case job::Kind::jpeg: return our_jpeg(untrusted).has_value();
  case job::Kind::png: return is_our_png(untrusted);
  case job::Kind::gif: return is_our_gif(untrusted);
  case job::Kind::tiff: return is_our_tiff(untrusted);
  case job::Kind::ooxml_word:
  case job::Kind::ooxml_sheet:
  case job::Kind::ooxml_slides: return is_our_ooxml(kind, untrusted, deadline);
  case job::Kind::odf: return is_our_odf(untrusted, deadline);
  case job::Kind::zip: return is_our_archive(untrusted, deadline);
  default: return false;
  }
}

} // namespace

Result<CleanPart, Reason> Verifier::accept(job::Kind kind, Untrusted<Buffer> rebuilt,
                                           Deadline deadline, std::string *pdf_text) {
  if (kind == job::Kind::text)
    return accept_text(Untrusted(std::string(as_chars(rebuilt.untrusted_value()))));
  if (!is_ours(kind, rebuilt.untrusted_value(), deadline, pdf_text))
    return fail(monotonic_ns() >= deadline ? Reason::part_timeout : Reason::part_verify_failed);
  return CleanPart(kind, rebuilt.untrusted_value());
}

} // namespace sekisho::verify
