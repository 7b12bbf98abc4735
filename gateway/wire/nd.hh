// Neighbour discovery: RFC 4861, the two messages a gateway without routers and prefixes needs.
#pragma once

#include "gateway/wire/headers.hh"

#include <array>
#include <optional>

namespace sekisho::wire {

/// A solicitation asks who has `target`, an advertisement says so.
struct Neighbour {
  bool is_solicitation = false;
  bool is_router = false, is_solicited = false, is_override = false; // advertisement, §4.4
  Ip target;
  std::optional<Mac>
      link_address; // of the sender in a solicitation, of the target in an advertisement
};

/// Whether parse found one: with Reason::none, or ip_multicast (to a group, perhaps from the
/// unspecified address, which asks whether its own is taken: RFC 4862 §5.4).  It is to be taken out
/// before any rule is asked.
inline bool is_neighbour_message(const Headers &headers) {
  return headers.network == Network::ipv6 && headers.protocol == 58 && !headers.is_fragment &&
         (headers.icmp_type == 135 || headers.icmp_type == 136);
}

/// RFC 4861 §7.1 in full: hop limit 255, no extension headers (RFC 6980), code 0, checksum, lengths
/// and options in order, no group as target; from the unspecified address only to the
/// solicited-node group and without an own address.  Errors: icmp_bad_checksum, nd_malformed.
Reason parse_neighbour(Bytes frame, const Headers &headers, Neighbour &neighbour);

constexpr std::size_t neighbour_frame_size = 86; // Ethernet, IPv6, message, one option
using NeighbourFrame = std::array<std::byte, neighbour_frame_size>;

/// The whole frame that asks who has `target`: to the target's solicited-node group (§7.2.2), or,
/// where `at` is given, to that MAC only, to see whether it still answers (§7.3.3).
NeighbourFrame neighbour_solicitation(const Mac &sender_mac, const Ip &sender, const Ip &target,
                                      const std::optional<Mac> &at = std::nullopt);

/// The whole frame that says `mac` has `target`, solicited by `asker` at `asker_mac` (§7.2.4); an
/// unspecified asker is answered to all nodes.
NeighbourFrame neighbour_advertisement(const Mac &mac, const Ip &target, const Mac &asker_mac,
                                       const Ip &asker);

/// ff02::1:ffXX:XXXX (RFC 4291 §2.7.1) and its MAC (RFC 2464 §7).
Ip solicited_node_group(const Ip &target);
Mac group_mac(const Ip &group);

} // namespace sekisho::wire
