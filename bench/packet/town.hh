// The town of the benches: two zones, their hosts, and as many rules as are wanted, seeded, so that
// every run and every peer gets the same.
//
//   zone a  10.1.0.0/16  fd00:1::/64     256 hosts, sixteen to each of 10.1.0.0/24 … 10.1.15.0/24
//   zone b  10.2.0.0/16  fd00:2::/64     the same
//
// Rules: source one host 40 %, /28 35 %, /24 15 %, /20 10 %; destination one host 65 %, /28 20 %,
// /24 10 %, /20 5 %; one port 80 %, a range 10 % (and 10 % every port, from one host to one host);
// TCP 70 %, UDP 30 %.
#pragma once

#include "bench/packet/frame.hh"
#include "gateway/path/policy.hh"

#include <string>

namespace sekisho::bench {

constexpr unsigned hosts = 256; // of each zone
constexpr Mac gateway_a{{0x02, 0, 0x5e, 0xff, 0, 0xa}}, gateway_b{{0x02, 0, 0x5e, 0xff, 0, 0xb}};

Ip host_ip(unsigned zone, unsigned host);
Ip host_ip6(unsigned zone, unsigned host);
Mac host_mac(unsigned zone, unsigned host);
Mac host_mac6(unsigned zone, unsigned host);

struct Rule {
  std::uint8_t protocol = protocol::tcp;
  std::uint32_t source = 0, destination = 0; // host byte order
  unsigned source_bits = 32, destination_bits = 32;
  std::uint16_t first_port = 0, last_port = 65535;
  auto operator<=>(const Rule &) const = default;
};

/// One flow from zone a to zone b.
struct Flow {
  unsigned source = 0, destination = 0; // hosts
  std::uint16_t source_port = 0, destination_port = 0;
  std::uint8_t protocol = protocol::udp;
  bool is_ipv6 = false;
  auto operator<=>(const Flow &) const = default;
};

class Town {
public:
  explicit Town(std::size_t rules);
  const std::vector<Rule> &rules() const { return rules_; }
  /// `count` different flows that the rules permit, spread over the rules.
  std::vector<Flow> flows(std::size_t count, std::uint64_t seed = 1) const;
  /// The rule file of the gateway.  `ports`: what the zones' `port` says.
  std::string text(const std::string &port_a = "null-a",
                   const std::string &port_b = "null-b") const;

private:
  std::vector<Rule> rules_;
};

/// Zones, hosts and `sentences`; port names as given.
std::string town_text(const std::string &sentences, const std::string &port_a = "null-a",
                      const std::string &port_b = "null-b");
/// Ends the process with the diagnostics when the text has errors.
std::shared_ptr<const path::Policy> policy_of(const std::string &text);

/// A frame of the flow, from its opener (zone 0) or its answerer (zone 1), to the gateway's MAC of
/// that zone.  TCP: flags as given, sequence numbers as after the handshake that opening_frames()
/// is.
FrameSpec spec_of(const Flow &flow, unsigned from, const Mac &gateway,
                  std::uint8_t tcp_flags = flag::ack);
struct Opening {
  unsigned from;
  FrameSpec spec;
};
/// The frames that establish it: three of TCP; of UDP one from each end.
std::vector<Opening> opening_of(const Flow &flow, const std::array<Mac, 2> &gateways);

} // namespace sekisho::bench
