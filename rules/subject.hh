// What a rule can see of a packet: plain values, filled in by the gateway.
#pragma once

#include "base/address.hh"
#include "base/reason.hh"

#include <cstdint>

namespace sekisho::rules {

using ZoneId = std::uint8_t; // index into RuleSet::zones()
constexpr ZoneId no_zone = 0xff;
constexpr std::size_t max_zones = 16;

using RuleId = std::uint32_t; // index into RuleSet::labels()
constexpr RuleId no_rule = 0xffffffff;

namespace protocol { // IANA protocol numbers
constexpr std::uint8_t icmp = 1, tcp = 6, udp = 17, icmp6 = 58, vrrp = 112;
constexpr bool is_icmp(std::uint8_t number) { return number == icmp || number == icmp6; }
constexpr std::uint8_t echo_request4 = 8, echo_reply4 = 0;     // types of RFC 792
constexpr std::uint8_t echo_request6 = 128, echo_reply6 = 129; // types of RFC 4443 §4
}

/// An address of many: 224.0.0.0/4, ff00::/8 and 255.255.255.255.
inline bool is_group(const Ip &ip) {
  if (!ip.is_v4()) return ip.octets[0] == 0xff;
  return ip.octets[12] >> 4 == 0xe || ip.v4() == 0xffffffff;
}

/// The first packet of a flow.
struct PacketSubject {
  ZoneId from =
      no_zone; // the zone whose port it came in by; with from_kernel, the zone it leaves to
  bool from_kernel =
      false; // sent by the gateway's own network stack (relays) through that zone's tap
  Mac source_mac;
  Ip source, destination;
  std::uint8_t protocol = 0;
  std::uint16_t source_port = 0, destination_port = 0; // 0 where the protocol has none
  std::uint8_t icmp_type = 0, icmp_code = 0;
};

enum class Verdict : std::uint8_t {
  drop,  // the zero value
  pass,  // forward to zone `to`
  relay, // hand to the gateway's own network stack (or, from_kernel, let it out): relays, local
};

struct Decision {
  Verdict verdict = Verdict::drop;
  Reason reason = Reason::no_rules; // Reason::none when not dropped
  ZoneId to = no_zone;              // pass: the destination's zone
  RuleId rule = no_rule;            // the rule that decided, where one did (also for rule-expired)
};

} // namespace sekisho::rules
