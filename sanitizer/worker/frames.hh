// Frames as a worker reads and writes them: blocking, the clock belongs to the other side.
#pragma once

#include "base/bytes.hh"
#include "sanitizer/client/protocol.hh"

#include <optional>

namespace sekisho::worker {

bool write_frame(int stream, client::protocol::Frame type, Bytes payload);
/// Nothing when the other side is gone or says something else.
std::optional<Buffer> read_frame(int stream, client::protocol::Frame awaited);

} // namespace sekisho::worker
