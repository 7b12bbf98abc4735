// The packet that nearly all packets are, read in a few loads: untagged Ethernet, IPv4 without options, no
// fragment, TCP or UDP, all of it there.  Whatever is anything else goes to wire::parse.
#pragma once

#include "gateway/flow/key.hh"
#include "gateway/port/port.hh"
#include "gateway/wire/checksum.hh"
#include "gateway/wire/headers.hh"

namespace sekisho::path {

struct Plain { // without initial values: one is written for every packet
  flow::Key key;
  bool source_is_high;
  std::uint16_t length; // of the frame, without padding
};

namespace at { // offsets in the frame
constexpr std::size_t ttl = 22, header_checksum = 24, source_port = 34, tcp_sequence = 38, udp_length = 38,
                      tcp_acknowledgement = 42, tcp_offset = 46, tcp_flags = 47, tcp_window = 48;
}

/// As it lies in memory.
template <class Word> Word raw_at(const std::byte *octets, std::size_t offset) {
  Word word;
  std::memcpy(&word, octets + offset, sizeof word);
  return word;
}

/// The same value, but the compiler cannot tell how it came about: what was computed without a branch stays so.
inline unsigned opaque(unsigned value) {
  asm("" : "+r"(value));
  return value;
}

/// Whether three words of a frame, from octets 12, 20 and 28, hold an IPv4 header (14 to 33) that sums to
/// 0xffff.  Sums of wider words are congruent (RFC 1071 §2(B), (C)), so they are folded at the end.
inline bool has_right_sum(std::uint64_t at12, std::uint64_t at20, std::uint64_t at28) {
  std::uint64_t sum = (at12 >> 16) + (at20 & 0xffffffff) + (at20 >> 32) + (at28 & 0xffffffffffff);
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return sum == 0xffff;
}

/// True and `plain` set when the frame is such a packet.  What hardly ever fails is a branch; TCP or UDP, as
/// good as random from one packet to the next, is none.
inline bool read_plain(const port::Frame &frame, Plain &plain) {
  constexpr std::uint32_t least = 54;                        // a TCP header: shorter UDP comes padded to 60
  constexpr std::uint32_t ipv4_without_options = 0x00450008; // EtherType, version, header length
  if (frame.length < least || frame.vlan_stripped) return false;
  const std::byte *octets = frame.data;
  auto at12 = raw_at<std::uint64_t>(octets, 12), at20 = raw_at<std::uint64_t>(octets, 20),
       at28 = raw_at<std::uint64_t>(octets, 28);
  std::uint32_t total = __builtin_bswap16(static_cast<std::uint16_t>(at12 >> 32));
  if ((at12 & 0x00ffffff) != ipv4_without_options) return false;
  if (total + wire::ethernet_size > frame.length) return false;
  if ((at20 & 0xff3f) != 0) return false; // a fragment
  if ((at20 >> 16 & 0xff) <= 1) return false; // TTL
  if (!has_right_sum(at12, at20, at28)) return false;

  auto protocol = static_cast<std::uint8_t>(at20 >> 24);
  std::uint32_t header = (wire::u8_at(octets, at::tcp_offset) >> 4) * 4u;
  unsigned is_tcp = (protocol == 6) & (header >= 20) & (20 + header <= total);
  unsigned is_udp = (protocol == 17) & (wire::u16_at(octets, at::udp_length) + 20u == total) & (total >= 28);
  if (opaque(is_tcp | is_udp) == 0) return false;
  plain.length = static_cast<std::uint16_t>(total + wire::ethernet_size);
  plain.key = flow::make_key4(static_cast<std::uint32_t>(at20 >> 48 | at28 << 16),
                              static_cast<std::uint32_t>(at28 >> 16),
                              raw_at<std::uint32_t>(octets, at::source_port), protocol,
                              plain.source_is_high);
  return true;
}

} // namespace sekisho::path
