// Octets somebody else wrote are not octets to write out: Untrusted does not convert to what it holds.
// error: invalid initialization of reference|could not convert|no viable conversion|cannot convert|no matching function
#include "base/bytes.hh"
#include "base/untrusted.hh"

using namespace sekisho;

void write_out(const Buffer &);

void write_original(const Untrusted<Buffer> &original, const Buffer &own) {
#ifdef MUST_NOT_COMPILE
  (void)own;
  write_out(original);
#else
  (void)original;
  write_out(own);
#endif
}
