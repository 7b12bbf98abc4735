// Frames as a worker reads and writes them: blocking, the clock belongs to the other side.
#pragma once

#include "base/bytes.hh"
#include "sanitizer/client/protocol.hh"

#include <memory>
#include <optional>

namespace sekisho::worker {

/// What was read, without the memory having been cleared before.
struct Payload {
  std::unique_ptr<std::byte[]> octets;
  std::size_t size = 0;
  operator Bytes() const { return {octets.get(), size}; }
};

bool write_frame(int stream, client::protocol::Frame type, Bytes payload);
struct FrameIn {
  client::protocol::Frame type{};
  Payload payload;
};
/// Nothing when the other side is gone or says too much.
std::optional<FrameIn> read_frame(int stream);
/// Nothing also where it is another frame.
std::optional<Payload> read_frame(int stream, client::protocol::Frame awaited);

} // namespace sekisho::worker
