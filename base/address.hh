// MAC and IP addresses and networks as values.
#pragma once

#include "base/bytes.hh"

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sekisho {

// Equality is spelt out in words: of arrays of octets the compiler makes a call of memcmp, and the path asks
// several times a packet.

struct Mac {
  std::array<std::uint8_t, 6> octets{};
  auto operator<=>(const Mac &) const = default;
  constexpr bool operator==(const Mac &other) const {
    auto mine = std::bit_cast<std::array<std::uint16_t, 3>>(octets);
    auto theirs = std::bit_cast<std::array<std::uint16_t, 3>>(other.octets);
    return ((mine[0] ^ theirs[0]) | (mine[1] ^ theirs[1]) | (mine[2] ^ theirs[2])) == 0;
  }
  bool is_group() const { return octets[0] & 1; } // IEEE 802.3 §3.2.3: multicast and broadcast
};

/// IPv4 is kept IPv4-mapped (::ffff:a.b.c.d, RFC 4291 §2.5.5.2), so one key and one comparison serve both.
struct Ip {
  std::array<std::uint8_t, 16> octets{};
  auto operator<=>(const Ip &) const = default;
  constexpr bool operator==(const Ip &other) const {
    auto mine = words(), theirs = other.words();
    return ((mine[0] ^ theirs[0]) | (mine[1] ^ theirs[1])) == 0;
  }
  /// The octets as they lie in memory, in two words.
  constexpr std::array<std::uint64_t, 2> words() const {
    return std::bit_cast<std::array<std::uint64_t, 2>>(octets);
  }
  constexpr bool is_v4() const {
    auto mine = words();
    return mine[0] == 0 && (mine[1] & 0xffffffff) == v4_mark;
  }
  /// Host byte order; only for is_v4().
  constexpr std::uint32_t v4() const { return __builtin_bswap32(static_cast<std::uint32_t>(words()[1] >> 32)); }
  static constexpr Ip from_v4(std::uint32_t host_order) {
    std::array<std::uint64_t, 2> words{0, v4_mark | std::uint64_t{__builtin_bswap32(host_order)} << 32};
    return {std::bit_cast<std::array<std::uint8_t, 16>>(words)};
  }

private:
  static constexpr std::uint64_t v4_mark = 0xffff0000; // ::ffff, the lower half of the second word
};

struct Network {
  Ip address;                // bits beyond the prefix are zero
  std::uint8_t prefix = 128; // of 128; an IPv4 /24 is 120
  auto operator<=>(const Network &) const = default;
  bool contains(const Ip &ip) const {
    auto mine = address.words(), theirs = ip.words();
    std::uint64_t front = __builtin_bswap64(mine[0] ^ theirs[0]);
    std::uint64_t back = __builtin_bswap64(mine[1] ^ theirs[1]);
    if (prefix == 0) return true;
    if (prefix <= 64) return front >> (64 - prefix) == 0;
    return front == 0 && back >> (128 - prefix) == 0;
  }
};

std::optional<Mac> parse_mac(std::string_view text);         // 02:00:5e:10:00:01
std::optional<Ip> parse_ip(std::string_view text);           // 10.1.0.1, 2001:db8::1
std::optional<Network> parse_network(std::string_view text); // 10.1.0.0/24; host bits must be zero
std::string to_string(const Mac &mac);
std::string to_string(const Ip &ip);
std::string to_string(const Network &network);

} // namespace sekisho
