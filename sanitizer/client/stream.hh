// Frames over a stream socket against the clock; private to client.
#pragma once

#include "base/bytes.hh"
#include "base/result.hh"
#include "base/unique_fd.hh"
#include "sanitizer/client/protocol.hh"
#include "sanitizer/client/shelf.hh"
#include "sanitizer/job/job.hh"

namespace sekisho::client {

/// What can go wrong with a worker, and all that can.
enum class Trouble : std::uint8_t { timeout, died, bad_reply, missing };

struct FrameIn {
  protocol::Frame type{};
  Buffer untrusted_payload;
};

class Stream {
public:
  Stream() = default;
  explicit Stream(UniqueFd fd, Shelf shelf = {}) : fd_(std::move(fd)), shelf_(std::move(shelf)) {}
  explicit operator bool() const { return static_cast<bool>(fd_); }
  /// `deadline`: monotonic_ns() at which it is over.
  Result<void, Trouble> send(protocol::Frame type, Bytes payload, std::uint64_t deadline);
  /// A job's frame; its octets go onto the shelf, or out from where they are.
  Result<void, Trouble> send(const job::Job &job, std::uint64_t deadline);
  int descriptor() const { return fd_.get(); } // to poll
  /// A payload above `most` is a bad reply.
  Result<FrameIn, Trouble> receive(std::size_t most, std::uint64_t deadline);

private:
  bool shelve(Bytes head, Bytes octets);
  Result<void, Trouble> send_all(Bytes bytes, std::uint64_t deadline);
  Result<void, Trouble> send_both(ByteWriter first, Bytes second, std::uint64_t deadline);
  Result<void, Trouble> receive_all(std::span<std::byte> bytes, std::uint64_t deadline);
  Result<void, Trouble> wait_for(short events, std::uint64_t deadline);

  UniqueFd fd_;
  Shelf shelf_;
};

} // namespace sekisho::client
