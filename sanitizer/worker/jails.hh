// What each process of the sanitizer may do, in one place.
#pragma once

#include "base/jail/jail.hh"
#include "sanitizer/client/protocol.hh"
#include "sanitizer/worker/program.hh"

#include <cstdint>
#include <optional>

namespace sekisho::worker {

/// No network, no file system, no other process to see.  As an ordinary user through a user
/// namespace; where the kernel refuses that, landlock and seccomp must do (logged).
Result<void> enter_namespaces();
/// The zygote's last step: may fork, end its children and talk on its channel.
Result<void> jail_zygote(const Identity &identity);
/// The process that only waits for the zygote.
Result<void> jail_waiter(const Identity &identity);
/// A worker's: read and write what is open, memory, and exit.  Anything else ends it.  `stream` is
/// the only descriptor left besides `also` (the self-test's output).
Result<void> jail_worker(client::protocol::Worker kind, std::uint32_t milliseconds, int stream,
                         int also = -1);

} // namespace sekisho::worker
