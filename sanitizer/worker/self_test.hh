// The jail tried from inside, in the processes it is made for (tests/jail/worker_test.sh).
#pragma once

namespace sekisho::worker {

/// Called in the jailed zygote: tries what is forbidden there, and in a fresh worker for each
/// attempt.  Prints a line an attempt on standard output.  Returns 0 when every one was refused.
int try_what_is_forbidden();

} // namespace sekisho::worker
