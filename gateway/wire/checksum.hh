// The Internet checksum: RFC 1071, and its update without a second pass, RFC 1624.
#pragma once

#include "gateway/wire/octets.hh"

namespace sekisho::wire {

/// The sum of 16-bit words as they lie in memory, unfolded: sums of even-sized pieces may be added
/// up.  An odd last octet is padded with zero.  The result does not depend on the order of octets
/// in a word until the end (RFC 1071 §2(B)), so the octets are taken eight at a time.
inline std::uint64_t partial_sum(Bytes octets) {
  const std::byte *at = octets.data();
  std::size_t left = octets.size();
  std::uint64_t low = 0, high = 0; // two chains: one would wait for itself
  for (; left >= 16; left -= 16, at += 16) {
    std::uint32_t words[4];
    std::memcpy(words, at, sizeof words);
    low += std::uint64_t{words[0]} + words[1];
    high += std::uint64_t{words[2]} + words[3];
  }
  for (; left >= 2; left -= 2, at += 2) {
    std::uint16_t word;
    std::memcpy(&word, at, sizeof word);
    low += word;
  }
  if (left == 1) {
    std::uint16_t word = 0;
    std::memcpy(&word, at, 1);
    low += word;
  }
  return low + high;
}

/// One's complement sum of 16 bits, in network byte order as a number.
inline std::uint16_t folded(std::uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return __builtin_bswap16(static_cast<std::uint16_t>(sum));
}

/// The sum over `octets`, folded, not complemented.  A header with its right checksum in place sums
/// to 0xffff.
inline std::uint16_t internet_sum(Bytes octets) {
  return folded(partial_sum(octets));
}

/// Whether an IPv4 header without options sums to 0xffff.
inline bool has_right_checksum(const std::byte *header) {
  std::uint32_t words[5];
  std::memcpy(words, header, sizeof words);
  std::uint64_t sum = std::uint64_t{words[0]} + words[1] + words[2] + words[3] + words[4];
  sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  return sum == 0xffff;
}

/// The checksum after one 16-bit field went from `before` to `after`: HC' = ~(~HC + ~m + m'), RFC
/// 1624 §3.
inline std::uint16_t updated_checksum(std::uint16_t checksum, std::uint16_t before,
                                      std::uint16_t after) {
  std::uint32_t sum = static_cast<std::uint16_t>(~checksum);
  sum += static_cast<std::uint16_t>(~before);
  sum += after;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

} // namespace sekisho::wire
