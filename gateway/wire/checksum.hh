// The Internet checksum: RFC 1071, and its update without a second pass, RFC 1624.
#pragma once

#include "gateway/wire/octets.hh"

namespace sekisho::wire {

/// The sum over `octets` (an odd last one padded with zero), folded, not complemented.  A header with its
/// right checksum in place sums to 0xffff.
inline std::uint16_t internet_sum(Bytes octets) {
  std::uint32_t sum = 0;
  std::size_t offset = 0;
  for (; offset + 1 < octets.size(); offset += 2) sum += u16_at(octets.data(), offset);
  if (offset < octets.size()) sum += static_cast<std::uint32_t>(u8_at(octets.data(), offset)) << 8;
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum + (sum >> 16));
}

/// Whether an IPv4 header without options sums to 0xffff.  The sum does not depend on the order of octets in
/// a word (RFC 1071 §2(B)), so the words are taken as they lie.
inline bool has_right_checksum(const std::byte *header) {
  std::uint32_t words[5];
  std::memcpy(words, header, sizeof words);
  std::uint64_t sum = std::uint64_t{words[0]} + words[1] + words[2] + words[3] + words[4];
  sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  return sum == 0xffff;
}

/// The checksum after one 16-bit field went from `before` to `after`: HC' = ~(~HC + ~m + m'), RFC 1624 §3.
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
