#include "bench/packet/veth.hh"

#include "base/unique_fd.hh"
#include "bench/packet/rig.hh"
#include "gateway/port/tap.hh"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cerrno>
#include <iostream>
#include <thread>

namespace sekisho::bench {
namespace {

constexpr std::size_t flows_sent = 1000, at_once = 64;

std::vector<Flow> udp_flows(std::size_t rules) {
  std::vector<Flow> flows;
  for (const Flow &flow : Town(rules).flows(8 * flows_sent, 9))
    if (flow.protocol == protocol::udp && flows.size() < flows_sent) flows.push_back(flow);
  return flows;
}

UniqueFd open_socket(const std::string &interface) {
  UniqueFd fd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)); // protocol 0: it receives nothing
  int yes = 1;
  ::setsockopt(fd.get(), SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
  if (address.sll_ifindex == 0 ||
      ::bind(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
    return {};
  return fd;
}

/// Every frame once; returns how many went.
std::size_t send_all(int fd, std::vector<mmsghdr> &messages) {
  std::size_t sent = 0;
  while (sent < messages.size()) {
    auto count = static_cast<unsigned>(std::min(at_once, messages.size() - sent));
    int done = ::sendmmsg(fd, &messages[sent], count, 0);
    if (done < 0 && errno != ENOBUFS && errno != EAGAIN) break;
    if (done > 0) sent += static_cast<std::size_t>(done);
  }
  return sent;
}

} // namespace

int blast(const BlastOptions &options) {
  std::optional<Mac> gateway = parse_mac(options.gateway);
  UniqueFd fd = open_socket(options.interface);
  if (!gateway || !fd) {
    fmt::print(stderr, "bench-packet: cannot send on {}\n", options.interface);
    return 1;
  }
  std::vector<Octets> frames;
  for (const Flow &flow : udp_flows(options.rules))
    frames.push_back(make_frame(spec_of(flow, options.from, *gateway)));
  std::vector<iovec> pieces;
  for (Octets &frame : frames)
    pieces.push_back({frame.data(), frame.size()});
  std::vector<mmsghdr> messages(pieces.size());
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    messages[i].msg_hdr.msg_iov = &pieces[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  std::uint64_t end = monotonic_ns() + static_cast<std::uint64_t>(options.seconds * 1e9), sent = 0;
  do
    sent += send_all(fd.get(), messages);
  while (monotonic_ns() < end);
  fmt::print("{}\n", sent);
  return 0;
}

int serve_interfaces(const std::string &port_a, const std::string &port_b, std::size_t rules) {
  for (const std::string &port : {port_a, port_b}) {
    bool is_ours =
        port.find(':') == std::string::npos; // AF_XDP takes the frames before the kernel does
    if (auto done = is_ours ? port::keep_kernel_off(port) : Result<void>(); !done) {
      fmt::print(stderr, "bench-packet: {}\n", done.error().what);
      return 1;
    }
  }
  auto dpdk = port::Dpdk::start({port_a, port_b}, {"-m", "128", "--in-memory", "--log-level=4"});
  if (!dpdk) {
    fmt::print(stderr, "bench-packet: {}\n", dpdk.error().what);
    return 1;
  }
  pin();
  Rig rig(**dpdk);
  Source from_a(rig.port(0)), from_b(rig.port(1));
  rig.renew(16384, policy_of(Town(rules).text()), &from_a, &from_b);
  for (std::string line; std::getline(std::cin, line);) {
    std::uint64_t end =
        monotonic_ns() + static_cast<std::uint64_t>(std::strtod(line.c_str(), nullptr) * 1e9);
    Seconds begin = Seconds::now();
    while (monotonic_ns() < end)
      rig.turn();
    rig.take_events();
    fmt::print(
        "{}\n",
        Json{{"core_share", (Seconds::now() - begin).share()}, {"dropped", rig.reasons()}}.dump());
    std::fflush(stdout);
  }
  return 0;
}

} // namespace sekisho::bench
