#include "gateway/control/client.hh"

#include "base/clock.hh"
#include "base/unique_fd.hh"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace sekisho::control {
namespace {

std::string how_to_reach(const std::string &path) {
  if (errno == EACCES || errno == EPERM)
    return "only root and the group sekisho may ask the sekishod at " + path + ": " + std::strerror(errno) +
           "; sudo, or once for all  usermod -aG sekisho USER  and a new login";
  return "no sekishod answers at " + path + ": " + std::strerror(errno) +
         "; start it with  systemctl start sekisho  or  sekishod --rules FILE"
         "; a daemon with another --run DIR is found with the same --run DIR here (or SEKISHO_RUN)";
}

Result<UniqueFd> connect_to(const std::string &path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return fail("path too long: " + path);
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!fd || ::connect(fd.get(), reinterpret_cast<sockaddr *>(&address), sizeof address) != 0)
    return fail(how_to_reach(path));
  return fd;
}

bool send_with_fd(int socket, std::string &text, int fd) {
  iovec part{text.data(), text.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (fd >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(rights), &fd, sizeof fd);
  }
  return ::sendmsg(socket, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

} // namespace

std::string run_folder(const std::string &given) {
  if (!given.empty()) return given;
  const char *from_environment = std::getenv("SEKISHO_RUN");
  return from_environment && *from_environment ? from_environment : "/run/sekisho";
}

Result<Json> ask(const std::string &run, const Json &question, int timeout_ms, int sent_along) {
  std::string text = question.dump(); // first: words that are no UTF-8 are wrong whoever answers
  std::string path = run + "/control";
  Result<UniqueFd> connected = connect_to(path);
  if (!connected) return fail(connected.error());
  int fd = connected->get();
  if (!send_with_fd(fd, text, sent_along))
    return fail(how_to_reach(path));

  std::string answer, packet(max_packet, '\0');
  std::uint64_t deadline = monotonic_ns() + static_cast<std::uint64_t>(timeout_ms) * 1'000'000;
  for (;;) {
    std::uint64_t now = monotonic_ns();
    pollfd waiting{fd, POLLIN, 0};
    if (now >= deadline || ::poll(&waiting, 1, static_cast<int>((deadline - now) / 1'000'000)) <= 0)
      return fail("sekishod took the question but did not answer in time; its log says why");
    ssize_t count = ::recv(fd, packet.data(), packet.size(), 0);
    if (count <= 0) break;
    answer.append(packet, 0, static_cast<std::size_t>(count));
    if (answer.size() > max_answer) return fail("the answer of sekishod is too long");
  }
  Json object = Json::parse(answer, nullptr, false);
  if (!object.is_object() || !object.contains("ok") || !object["ok"].is_boolean())
    return fail("sekishod ended the conversation without an answer; its log says why");
  return object;
}

} // namespace sekisho::control
