// The mail writer takes clean parts only: an attachment of octets somebody else wrote does not compile (H1–H3).
// error: could not convert|no viable conversion|cannot convert|no known conversion|no matching function|no matching constructor
#include "base/untrusted.hh"
#include "sanitizer/mime/write.hh"

using namespace sekisho;

mime::Attachment attach(const Untrusted<Buffer> &original, verify::CleanPart clean) {
#ifdef MUST_NOT_COMPILE
  (void)clean;
  return mime::Attachment{.part = original, .name = "original.pdf"};
#else
  (void)original;
  return mime::Attachment{.part = std::move(clean), .name = "clean.pdf"};
#endif
}
