#include "sanitizer/client/request.hh"

#include "base/pass_fd.hh"

#include <cerrno>

namespace sekisho::client {
namespace {

bool is_known(protocol::Worker kind) {
  return kind == protocol::Worker::mail || kind == protocol::Worker::file ||
         kind == protocol::Worker::office;
}

} // namespace

bool send_request(int channel, protocol::Worker kind, std::uint32_t worker_ms, int stream, int shelf) {
  ByteWriter writer;
  writer.put_u8(static_cast<std::uint8_t>(kind));
  writer.put_u32(worker_ms);
  return send_with_fd(channel, {writer.buffer()}, stream, shelf);
}

Received receive_request(int channel, Request &request, bool wait) {
  std::byte octets[protocol::request_size + 1];
  ReceivedWithFd received = receive_with_fd(channel, octets, wait);
  if (received.size < 0)
    return errno == EAGAIN || errno == EINTR ? Received::nothing : Received::closed;
  if (received.size == 0) return Received::closed;
  request.stream = std::move(received.fd);
  request.shelf = std::move(received.also);
  ByteReader reader(Bytes(octets, static_cast<std::size_t>(received.size)));
  request.kind = static_cast<protocol::Worker>(reader.read_u8());
  request.worker_ms = reader.read_u32();
  const bool right =
      !received.cut && !reader.failed() && reader.at_end() && is_known(request.kind) && request.stream;
  return right ? Received::request : Received::nonsense;
}

} // namespace sekisho::client
