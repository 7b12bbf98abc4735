// A Result that nobody looks at is a warning, and warnings of this kind end a build.
// error: nodiscard
#include "sanitizer/verify/verify.hh"

using namespace sekisho;

void forget(Bytes mail) {
#ifdef MUST_NOT_COMPILE
  verify::accept_mail(mail);
#else
  if (!verify::accept_mail(mail)) return;
#endif
}
