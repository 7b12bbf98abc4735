#include "base/pass_fd.hh"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace sekisho {
namespace {

constexpr std::size_t most_pieces = 4;
constexpr std::size_t most_fds = 4; // that a message is seen to have; two are kept

} // namespace

bool send_with_fd(int socket, std::initializer_list<Bytes> pieces, int fd, int also) {
  std::array<iovec, most_pieces> parts{};
  std::size_t count = 0, octets = 0;
  for (Bytes piece : pieces) {
    if (count == parts.size()) return false;
    parts[count++] = {const_cast<std::byte *>(piece.data()), piece.size()};
    octets += piece.size();
  }
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  const int both[] = {fd, also};
  const std::size_t fds = fd < 0 ? 0 : also < 0 ? 1 : 2;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof both)] = {};
  if (fds > 0) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * fds);
    cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int) * fds);
    std::memcpy(CMSG_DATA(rights), both, sizeof(int) * fds);
  }
  ssize_t sent;
  do {
    sent = ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(octets);
}

ReceivedWithFd receive_with_fd(int socket, std::span<std::byte> buffer, bool wait) {
  iovec part{buffer.data(), buffer.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * most_fds)];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ReceivedWithFd received;
  received.size = ::recvmsg(socket, &message, (wait ? 0 : MSG_DONTWAIT) | MSG_CMSG_CLOEXEC);
  if (received.size < 0) return received;
  received.cut = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
  for (cmsghdr *rights = CMSG_FIRSTHDR(&message); rights; rights = CMSG_NXTHDR(&message, rights)) {
    if (rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (rights->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(rights) + i * sizeof fd, sizeof fd);
      if (!received.fd) received.fd.reset(fd);
      else if (!received.also) received.also.reset(fd);
      else UniqueFd{fd}; // closed
    }
  }
  return received;
}

} // namespace sekisho
