#include "gateway/port/owner.hh"

#include "base/check.hh"

#include <bit>
#include <cstring>

namespace sekisho::port {
namespace {

/// Bit i from the left of the input brings the key from its bit i on (Microsoft RSS).
constexpr std::uint16_t toeplitz(std::uint16_t word) {
  std::uint16_t hash = 0;
  for (int bit = 0; bit < 16; ++bit)
    if (word >> (15 - bit) & 1) hash = static_cast<std::uint16_t>(hash ^ std::rotl(rss_key_word, bit));
  return hash;
}

struct Tables {
  std::array<std::uint16_t, 256> high{}, low{}; // by the octets of a word
};
constexpr Tables tables = [] {
  Tables made;
  for (unsigned octet = 0; octet < 256; ++octet) {
    made.high[octet] = toeplitz(static_cast<std::uint16_t>(octet << 8));
    made.low[octet] = toeplitz(static_cast<std::uint16_t>(octet));
  }
  return made;
}();

constexpr std::size_t ethernet_size = 14, ipv4_size = 20, ipv6_size = 40, icmp_size = 8;

unsigned octet(Bytes bytes, std::size_t at) { return std::to_integer<unsigned>(bytes[at]); }
unsigned u16(Bytes bytes, std::size_t at) { return octet(bytes, at) << 8 | octet(bytes, at + 1); }

/// RFC 792 and, by their codes or not, those that path/judge lets through at all.
bool is_icmp_error(unsigned type) { return type == 3 || type == 4 || type == 5 || type == 11 || type == 12; }

} // namespace

std::uint16_t rss_hash(const std::byte *addresses, std::size_t octets) {
  std::uint64_t folded = 0;
  for (std::size_t at = 0; at < octets; at += 8) {
    std::uint64_t word;
    std::memcpy(&word, addresses + at, sizeof word);
    folded ^= word;
  }
  folded ^= folded >> 32;
  folded ^= folded >> 16;
  // In memory order the first octet of a word is the low one here.
  return static_cast<std::uint16_t>(tables.high[folded & 0xff] ^ tables.low[folded >> 8 & 0xff]);
}

Owners::Owners(std::size_t cores) : cores_(cores) {
  CHECK(cores >= 1 && cores <= max_cores);
  for (std::size_t slot = 0; slot < rss_slots; ++slot)
    by_slot_[slot] = static_cast<Core>(slot % cores);
}

Owners::Core Owners::of_addresses(const std::byte *addresses, std::size_t octets) const {
  return by_slot_[rss_hash(addresses, octets) % rss_slots];
}

Owners::Core Owners::of(Bytes frame) const {
  std::size_t at = ethernet_size - 2;
  for (int tags = 0; at + 2 <= frame.size(); ++tags, at += 4) {
    switch (u16(frame, at)) {
    case 0x0800: return of_ipv4(frame.subspan(at + 2));
    case 0x86dd: return of_ipv6(frame.subspan(at + 2));
    case 0x8100:
    case 0x88a8:
      if (tags < 2) continue;
      return 0;
    default: return 0;
    }
  }
  return 0;
}

Owners::Core Owners::of_ipv4(Bytes packet) const {
  if (packet.size() < ipv4_size) return 0;
  std::size_t header = 4 * (octet(packet, 0) & 15);
  bool is_first = (u16(packet, 6) & 0x1fff) == 0; // of its fragments
  if (octet(packet, 9) == 1 && is_first && header >= ipv4_size &&
      packet.size() >= header + icmp_size + ipv4_size && is_icmp_error(octet(packet, header)))
    return of_addresses(packet.data() + header + icmp_size + 12, 8);
  return of_addresses(packet.data() + 12, 8);
}

Owners::Core Owners::of_ipv6(Bytes packet) const {
  if (packet.size() < ipv6_size) return 0;
  constexpr unsigned icmp6 = 58;
  if (octet(packet, 6) == icmp6 && packet.size() > ipv6_size) {
    unsigned type = octet(packet, ipv6_size);
    bool is_discovery = type >= 133 && type <= 137; // RFC 4861
    if (is_discovery) return 0;
    bool is_error = type < 128 && packet.size() >= ipv6_size + icmp_size + ipv6_size;
    if (is_error) return of_addresses(packet.data() + ipv6_size + icmp_size + 8, 32);
  }
  return of_addresses(packet.data() + 8, 32);
}

} // namespace sekisho::port
