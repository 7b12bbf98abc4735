// ARP for IPv4 over Ethernet, RFC 826.
#pragma once

#include "base/address.hh"
#include "base/bytes.hh"
#include "base/reason.hh"

#include <array>

namespace sekisho::wire {

struct Arp {
  bool is_request = false; // or a reply
  Mac sender_mac, target_mac;
  Ip sender, target; // IPv4; sender 0.0.0.0 is a probe (RFC 5227 §1.1)
};

constexpr std::size_t arp_frame_size = 42; // Ethernet header and message

/// Errors: arp_malformed (truncated, other address kinds or sizes, other operations).
Reason parse_arp(Bytes message, Arp &arp);

/// The whole frame that asks `sender`'s zone who has `target`.
std::array<std::byte, arp_frame_size> arp_request(const Mac &sender_mac, const Ip &sender,
                                                  const Ip &target);

} // namespace sekisho::wire
