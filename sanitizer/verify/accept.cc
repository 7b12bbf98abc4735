#include "sanitizer/verify/verify.hh"

namespace sekisho::verify {

Result<CleanPart, Reason> Verifier::accept(job::Kind kind, Untrusted<Buffer> rebuilt) {
  if (kind == job::Kind::text)
    return accept_text(Untrusted(std::string(as_chars(rebuilt.untrusted_value()))));
  return fail(Reason::part_verify_failed);
}

} // namespace sekisho::verify
