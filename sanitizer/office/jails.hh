// What the processes of sekisho-office see and may do, in one place.
#pragma once

#include "base/jail/jail.hh"
#include "sanitizer/worker/program.hh"

#include <string>

namespace sekisho::office {

constexpr const char *scratch = "/tmp"; // in a worker's own tree

/// The program's first step: another user, a user namespace of its own, no network, and of the
/// host's files only LibreOffice, its libraries and fonts, read-only.  Children are in a process
/// namespace of their own.
Result<void> enter_own_world(const worker::Identity &identity, const std::string &installation);
/// The process that only waits for its one child.
Result<void> jail_waiter();
/// The nursery: may fork, make namespaces for its children, end them, and talk on its channels.
Result<void> jail_nursery();
/// Between nursery and worker: namespaces and memory to write to, for the child to be forked.
Result<void> enter_worker_world();
/// A worker, before LibreOffice starts.  `channel` and `also` are the descriptors that stay.
Result<void> jail_worker(const std::string &installation, int channel, int also = -1);
/// When LibreOffice has started: it makes some code of its own (interface tables) then; afterwards
/// nobody does.
Result<void> forbid_new_code();

} // namespace sekisho::office
