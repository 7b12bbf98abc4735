// An original part is not a clean one, and does not become one by assignment, conversion or cast.
// error: no matching function|could not convert|no viable conversion|no match for|no matching conversion
#include "sanitizer/verify/clean_part.hh"
#include "base/untrusted.hh"

using namespace sekisho;

void hand_on(const verify::CleanPart &);

void hand_on_original(const Untrusted<Buffer> &original, const verify::CleanPart &clean) {
#ifdef MUST_NOT_COMPILE
  (void)clean;
  hand_on(static_cast<verify::CleanPart>(original));
#else
  (void)original;
  hand_on(clean);
#endif
}
