// The key of a flow: 16 octets, the same for both directions.
#pragma once

#include "base/address.hh"

#include <bit>
#include <cstring>

namespace sekisho::flow {

/// IPv4: the protocol, both addresses and both ports as they lie in the packet, the end with the lower
/// address first.  IPv6: a keyed digest of the same, 120 bits of it and a mark; whoever finds a flow by it
/// compares the ends in full (Ends).  ICMP echo has its identifier as both ports.
struct alignas(16) Key {
  std::uint64_t front = 0; // octet 0: 4 or 6, octet 1: protocol, 2–3: zero, 4–7: the lower address
  std::uint64_t back = 0;  // 8–11: the higher address, 12–13: the lower's port, 14–15: the higher's

  bool operator==(const Key &other) const {
    return ((front ^ other.front) | (back ^ other.back)) == 0;
  }
  bool is_v4() const { return (front & 0xff) == 4; }
};
static_assert(sizeof(Key) == 16 && std::endian::native == std::endian::little);

/// Addresses and `ports`, the source's and then the destination's, as they lie in memory.  Addresses come in no order, so a branch
/// here would be guessed wrong every other packet.  A packet to its own sender has no key: wire refuses it.
inline Key make_key4(std::uint32_t source, std::uint32_t destination, std::uint32_t ports,
                     std::uint8_t protocol, bool &source_is_high) {
  source_is_high = source > destination;
  std::uint32_t swap = -std::uint32_t{source_is_high};
  std::uint32_t difference = (source ^ destination) & swap;
  ports = std::rotl(ports, static_cast<int>(swap & 16));
  return {4 | std::uint64_t{protocol} << 8 | std::uint64_t{source ^ difference} << 32,
          (destination ^ difference) | std::uint64_t{ports} << 32};
}

/// Who talks, in the order of the first packet.  Ports in host byte order.
struct Ends {
  Ip source, destination;
  std::uint16_t source_port = 0, destination_port = 0;
  std::uint8_t protocol = 0;

  bool operator==(const Ends &) const = default;
  Ends turned() const { return {destination, source, destination_port, source_port, protocol}; }
};

} // namespace sekisho::flow
