// CleanPart: octets this program built and then read back with other code.  Its only maker is verify
// (sanitizer/verify); the mail writer takes nothing else, so that no octet of an original can be handed on
// (H1–H3; tests/compile_fail shows that going round it does not compile).
#pragma once

#include "base/bytes.hh"
#include "sanitizer/job/job.hh"

#include <string>
#include <utility>

namespace sekisho::verify {

class CleanPart {
public:
  job::Kind kind() const { return kind_; }
  Bytes bytes() const { return bytes_; }

private:
  friend class Verifier; // sanitizer/verify/verify.hh
  CleanPart(job::Kind kind, Buffer bytes) : kind_(kind), bytes_(std::move(bytes)) {}
  job::Kind kind_;
  Buffer bytes_;
};

} // namespace sekisho::verify
