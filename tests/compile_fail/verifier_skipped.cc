// The verifier takes only what is marked as untrusted, so nobody forgets that the rebuilder's word is a claim.
// error: could not convert|no viable conversion|cannot convert|no known conversion
#include "sanitizer/verify/verify.hh"

using namespace sekisho;

void check_rebuilt(Buffer rebuilt) {
#ifdef MUST_NOT_COMPILE
  (void)verify::Verifier::accept(job::Kind::jpeg, rebuilt);
#else
  (void)verify::Verifier::accept(job::Kind::jpeg, Untrusted<Buffer>(std::move(rebuilt)));
#endif
}
