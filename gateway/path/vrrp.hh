// VRRP between gateways (RFC 5798): the one multicast that reaches the gateway's own stack or leaves it, where the
// rules list it.
#pragma once

#include "gateway/wire/headers.hh"
#include "rules/subject.hh"

namespace sekisho::path {

/// To 224.0.0.18 or ff02::12, from a neighbour on the same link (hop limit 255, §5.1.1.3), in a frame to the
/// group's MAC (RFC 1112 §6.4, RFC 2464 §7).
inline bool is_vrrp(const wire::Headers &headers) {
  constexpr Ip group6 = {{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12}};
  constexpr Mac mac4 = {{0x01, 0x00, 0x5e, 0x00, 0x00, 0x12}};
  constexpr Mac mac6 = {{0x33, 0x33, 0x00, 0x00, 0x00, 0x12}};
  if (headers.protocol != rules::protocol::vrrp || headers.hop_limit != 255 || headers.is_fragment)
    return false;
  if (headers.network == wire::Network::ipv4)
    return headers.destination == Ip::from_v4(0xe0000012) && headers.destination_mac == mac4;
  return headers.destination == group6 && headers.destination_mac == mac6;
}

} // namespace sekisho::path
