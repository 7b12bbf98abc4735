#include "sanitizer/worker/frames.hh"

#include <unistd.h>

#include <cerrno>

namespace sekisho::worker {
namespace {

bool write_all(int stream, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(stream, bytes.data(), bytes.size());
    if (written <= 0 && errno != EINTR) return false;
    if (written > 0) bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

bool read_all(int stream, std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::read(stream, bytes.data(), bytes.size());
    if (got == 0 || (got < 0 && errno != EINTR)) return false;
    if (got > 0) bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

} // namespace

bool write_frame(int stream, client::protocol::Frame type, Bytes payload) {
  ByteWriter header;
  header.put_u8(static_cast<std::uint8_t>(type));
  header.put_u32(static_cast<std::uint32_t>(payload.size()));
  if (payload.size() <= client::protocol::in_one_piece) {
    header.put_bytes(payload);
    payload = {};
  }
  return write_all(stream, header.buffer()) && write_all(stream, payload);
}

std::optional<FrameIn> read_frame(int stream) {
  std::byte header[client::protocol::frame_header_size];
  if (!read_all(stream, header)) return std::nullopt;
  ByteReader reader(header);
  const auto type = static_cast<client::protocol::Frame>(reader.read_u8());
  const std::size_t size = reader.read_u32();
  if (size > client::protocol::most_frame) return std::nullopt;
  FrameIn frame{type, {std::make_unique_for_overwrite<std::byte[]>(size), size}};
  if (!read_all(stream, {frame.payload.octets.get(), size})) return std::nullopt;
  return frame;
}

std::optional<Payload> read_frame(int stream, client::protocol::Frame awaited) {
  std::optional<FrameIn> frame = read_frame(stream);
  if (!frame || frame->type != awaited) return std::nullopt;
  return std::move(frame->payload);
}

} // namespace sekisho::worker
