#include "gateway/port/link.hh"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstring>

namespace sekisho::port {
namespace {

struct Question {
  nlmsghdr header{};
  ifinfomsg body{};
};

} // namespace

LinkWatch::LinkWatch()
    : socket_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE)) {}

std::optional<bool> LinkWatch::is_up(unsigned interface) const {
  Question question;
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = RTM_GETLINK;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  question.body.ifi_family = AF_UNSPEC;
  question.body.ifi_index = static_cast<int>(interface);
  std::array<std::byte, 512> octets;
  while (::recv(socket_.get(), octets.data(), octets.size(), 0) > 0) {} // of a question given up
  if (::send(socket_.get(), &question, sizeof question, 0) != sizeof question) return {};
  // The answer is there when send() returns; only its head is of interest.
  ssize_t size = ::recv(socket_.get(), octets.data(), octets.size(), 0);
  Question answer;
  if (size < static_cast<ssize_t>(sizeof answer)) return {};
  std::memcpy(&answer, octets.data(), sizeof answer);
  if (answer.header.nlmsg_type != RTM_NEWLINK || answer.body.ifi_index != question.body.ifi_index)
    return {};
  return (answer.body.ifi_flags & IFF_UP) && (answer.body.ifi_flags & IFF_RUNNING);
}

} // namespace sekisho::port
