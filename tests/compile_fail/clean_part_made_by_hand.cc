// Only the verifier makes a CleanPart: whoever rebuilt something cannot declare it clean.
// error: private within this context|is a private member|calling a private constructor
#include "sanitizer/verify/verify.hh"

using namespace sekisho;

Result<verify::CleanPart, Reason> through_the_verifier(Buffer rebuilt) {
#ifdef MUST_NOT_COMPILE
  return verify::CleanPart(job::Kind::pdf, std::move(rebuilt));
#else
  return verify::Verifier::accept(job::Kind::pdf, Untrusted<Buffer>(std::move(rebuilt)));
#endif
}
