#include "sanitizer/client/stream.hh"

#include "base/clock.hh"
#include "sanitizer/job/codec.hh"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sekisho::client {

Result<void, Trouble> Stream::wait_for(short events, std::uint64_t deadline) {
  for (;;) {
    const std::uint64_t now = monotonic_ns();
    if (now >= deadline) return fail(Trouble::timeout);
    pollfd wanted{fd_.get(), events, 0};
    const int wait_ms =
        static_cast<int>(std::min<std::uint64_t>((deadline - now) / 1'000'000 + 1, 60'000));
    if (::poll(&wanted, 1, wait_ms) > 0) return {};
  }
}

Result<void, Trouble> Stream::send_all(Bytes bytes, std::uint64_t deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
      continue;
    }
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return fail(Trouble::died);
    TRY(wait_for(POLLOUT, deadline));
  }
  return {};
}

/// Little is sent in one piece: the other side is woken once.
Result<void, Trouble> Stream::send_both(ByteWriter first, Bytes second, std::uint64_t deadline) {
  if (second.size() <= protocol::in_one_piece) {
    first.put_bytes(second);
    second = {};
  }
  TRY(send_all(first.buffer(), deadline));
  return send_all(second, deadline);
}

Result<void, Trouble> Stream::receive_all(std::span<std::byte> bytes, std::uint64_t deadline) {
  while (!bytes.empty()) {
    const ssize_t got = ::recv(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(got));
      continue;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) return fail(Trouble::died);
    TRY(wait_for(POLLIN, deadline));
  }
  return {};
}

Result<void, Trouble> Stream::send(protocol::Frame type, Bytes payload, std::uint64_t deadline) {
  ByteWriter header;
  header.put_u8(static_cast<std::uint8_t>(type));
  header.put_u32(static_cast<std::uint32_t>(payload.size()));
  return send_both(std::move(header), payload, deadline);
}

/// False: there is no shelf, or it is too short.
bool Stream::shelve(Bytes head, Bytes octets) {
  const std::span<std::byte> room = shelf_.octets();
  if (room.size() < head.size() || room.size() - head.size() < octets.size()) return false;
  std::memcpy(room.data(), head.data(), head.size());
  if (!octets.empty()) std::memcpy(room.data() + head.size(), octets.data(), octets.size());
  return true;
}

Result<void, Trouble> Stream::send(const job::Job &job, std::uint64_t deadline) {
  const Buffer head = job::encode_head(job);
  ByteWriter writer;
  if (shelve(head, job.bytes)) {
    writer.put_u32(static_cast<std::uint32_t>(head.size() + job.bytes.size()));
    return send(protocol::Frame::shelved, writer.buffer(), deadline);
  }
  writer.put_u8(static_cast<std::uint8_t>(protocol::Frame::job));
  writer.put_u32(static_cast<std::uint32_t>(head.size() + job.bytes.size()));
  writer.put_bytes(head);
  return send_both(std::move(writer), job.bytes, deadline);
}

Result<FrameIn, Trouble> Stream::receive(std::size_t most, std::uint64_t deadline) {
  std::byte header[protocol::frame_header_size];
  TRY(receive_all(header, deadline));
  ByteReader reader(header);
  FrameIn frame;
  frame.type =
      static_cast<protocol::Frame>(reader.read_u8()); // the caller compares with what it awaits
  const std::size_t size = reader.read_u32();
  if (size > most) return fail(Trouble::bad_reply);
  // Memory grows with what arrives, not with what is announced.
  constexpr std::size_t step = 1u << 20;
  while (frame.untrusted_payload.size() < size) {
    const std::size_t have = frame.untrusted_payload.size(), here = std::min(step, size - have);
    frame.untrusted_payload.resize(have + here);
    TRY(receive_all(std::span(frame.untrusted_payload).subspan(have), deadline));
  }
  return frame;
}

} // namespace sekisho::client
