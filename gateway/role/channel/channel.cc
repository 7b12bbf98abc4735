#include "gateway/role/channel/channel.hh"

#include "base/log.hh"
#include "base/pass_fd.hh"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

namespace sekisho::role {
namespace {

constexpr std::size_t header_size = 5; // type u8, id u32

} // namespace

bool Channel::send(MessageType type, std::uint32_t id, std::string_view text, int fd) const {
  if (text.size() > max_message_text) return false;
  ByteWriter header;
  header.put_u8(static_cast<std::uint8_t>(type));
  header.put_u32(id);
  return send_with_fd(fd_, {header.buffer(), as_bytes(text)}, fd);
}

bool Channel::wait(int timeout_ms) const {
  pollfd waiting{fd_, POLLIN, 0};
  int ready;
  do {
    ready = ::poll(&waiting, 1, timeout_ms);
  } while (ready < 0 && errno == EINTR);
  return ready > 0 && (waiting.revents & POLLIN);
}

std::optional<Message> Channel::receive(int timeout_ms) const {
  if (timeout_ms != 0 && !wait(timeout_ms)) return std::nullopt;

  // One octet more than any message, so that a longer one is seen to be cut.  Kept from call to call:
  // clearing it would cost more than reading.
  thread_local Buffer untrusted(header_size + max_message_text + 1);
  ReceivedWithFd received = receive_with_fd(fd_, untrusted);
  if (received.size <= 0) return std::nullopt;

  Message message;
  message.fd = std::move(received.fd);
  ByteReader reader(Bytes(untrusted).first(static_cast<std::size_t>(received.size)));
  std::uint8_t untrusted_type = reader.read_u8();
  message.id = reader.read_u32();
  if (reader.failed() || untrusted_type == 0 || untrusted_type >= message_type_count ||
      reader.remaining() > max_message_text || received.cut) {
    log_error("dropped a malformed message from another role");
    return std::nullopt;
  }
  message.type = static_cast<MessageType>(untrusted_type);
  message.text = std::string(as_chars(reader.rest()));
  return message;
}

void Channel::forget() const {
  constexpr int most = 10'000; // whoever still writes is not waited for
  std::byte nothing{};
  for (int i = 0; i < most && ::recv(fd_, &nothing, 1, MSG_DONTWAIT | MSG_TRUNC) > 0; ++i) {}
}

Result<std::pair<UniqueFd, UniqueFd>> make_pair() {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
    return fail("cannot make a socket pair: " + std::string(std::strerror(errno)));
  return std::pair(UniqueFd(fds[0]), UniqueFd(fds[1]));
}

} // namespace sekisho::role
