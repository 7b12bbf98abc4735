// The jail tried from inside a worker (tests/jail/office_test.sh).
#pragma once

#include <string>

namespace sekisho::office {

/// Called in the jailed nursery: has a worker try what it must not be able to do, another one being
/// at work.  Prints a line an attempt on standard output.  Returns 0 when every one was refused.
int try_what_is_forbidden(const std::string &installation);

} // namespace sekisho::office
