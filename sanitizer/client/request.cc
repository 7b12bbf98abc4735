#include "sanitizer/client/request.hh"

#include "base/bytes.hh"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace sekisho::client {
namespace {

UniqueFd descriptor_in(const msghdr &message) {
  for (cmsghdr *header = CMSG_FIRSTHDR(&message); header;
       header = CMSG_NXTHDR(const_cast<msghdr *>(&message), header))
    if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len == CMSG_LEN(sizeof(int))) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
      return UniqueFd(fd);
    }
  return {};
}

bool is_known(protocol::Worker kind) {
  return kind == protocol::Worker::mail || kind == protocol::Worker::file ||
         kind == protocol::Worker::office;
}

} // namespace

bool send_request(int channel, protocol::Worker kind, std::uint32_t worker_ms, int stream) {
  ByteWriter writer;
  writer.put_u8(static_cast<std::uint8_t>(kind));
  writer.put_u32(worker_ms);
  Buffer octets = writer.take();
  iovec text{octets.data(), octets.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &stream, sizeof stream);
  return ::sendmsg(channel, &message, MSG_NOSIGNAL | MSG_DONTWAIT) ==
         static_cast<ssize_t>(octets.size());
}

Received receive_request(int channel, Request &request, bool wait) {
  std::byte octets[protocol::request_size + 1];
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * 4)];
  iovec text{octets, sizeof octets};
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t size =
      ::recvmsg(channel, &message, (wait ? 0 : MSG_DONTWAIT) | MSG_CMSG_CLOEXEC);
  if (size < 0)
    return errno == EAGAIN || errno == EINTR ? Received::nothing : Received::closed;
  if (size == 0) return Received::closed;
  request.stream = descriptor_in(message);
  ByteReader reader(Bytes(octets, static_cast<std::size_t>(size)));
  request.kind = static_cast<protocol::Worker>(reader.read_u8());
  request.worker_ms = reader.read_u32();
  const bool right =
      !reader.failed() && reader.at_end() && is_known(request.kind) && request.stream;
  return right ? Received::request : Received::nonsense;
}

} // namespace sekisho::client
