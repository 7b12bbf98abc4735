// Words for a system call that failed; private to this folder.
#pragma once

#include "base/result.hh"

#include <cerrno>
#include <cstring>
#include <string>

namespace sekisho::jail {

/// "cannot WHAT: the system's words"; reads errno.
inline Failure<Error> fail_errno(const std::string &what) {
  return fail("cannot " + what + ": " + std::strerror(errno));
}

} // namespace sekisho::jail
