// Which core owns a frame: both directions of a flow, its fragments and the ICMP errors about it are one
// core's, so that flow tables need no lock.
//
// The hash is Toeplitz over source and destination address with a key of one repeated 16-bit word: what a card
// computes in hardware (RSS), and the same for both directions, because a word weighs the same wherever it
// stands.  So it comes down to a table: hash = f(exclusive or of all 16-bit words of both addresses), f linear.
//
//   frame                                          owner
//   IPv4, IPv6, behind at most two VLAN tags       by its addresses
//   ICMP and ICMPv6 errors                         by the addresses of the packet they quote
//   neighbour discovery, ARP, what is not IP       core 0
#pragma once

#include "base/bytes.hh"

#include <array>
#include <cstdint>
#include <cstring>

namespace sekisho::port {

constexpr std::size_t max_cores = 16;

/// Repeated over the whole key of a card.  An odd number of bits: no two words hash alike.
constexpr std::uint16_t rss_key_word = 0x6d5a;
/// A card's indirection table sends its entry i to the core of slot i % rss_slots.
constexpr std::size_t rss_slots = 64;

class Owners {
public:
  using Core = std::uint8_t;

  /// 1 to max_cores.
  explicit Owners(std::size_t cores);

  Core of(Bytes frame) const;
  /// What a card puts into entry `slot` of its table.
  Core of_slot(std::size_t slot) const { return by_slot_[slot % rss_slots]; }
  std::size_t cores() const { return cores_; }

private:
  Core of_addresses(const std::byte *addresses, std::size_t octets) const;
  Core of_ipv4(Bytes packet) const;
  Core of_ipv6(Bytes packet) const;

  std::size_t cores_;
  std::array<Core, rss_slots> by_slot_;
};

/// Whether it is plain TCP or UDP over IPv4, whose addresses a card surely hashes.
inline bool is_plain_ipv4(Bytes frame) {
  if (frame.size() < 34) return false;
  std::uint16_t type;
  std::memcpy(&type, frame.data() + 12, sizeof type);
  auto protocol = std::to_integer<unsigned>(frame[23]);
  return type == 0x0008 && ((protocol == 6) | (protocol == 17)); // 0x0800 as it lies in memory
}

/// The low 16 bits of the Toeplitz hash of IPv4 (8 octets) or IPv6 (32 octets) addresses; the high ones are
/// the same.
std::uint16_t rss_hash(const std::byte *addresses, std::size_t octets);

} // namespace sekisho::port
