// The packet that nearly all packets are, read in a few loads: untagged Ethernet, IPv4 without options, no
// fragment, TCP or UDP, all of it there.  Whatever is anything else goes to wire::parse.
#pragma once

#include "gateway/flow/key.hh"
#include "gateway/port/port.hh"
#include "gateway/wire/checksum.hh"
#include "gateway/wire/headers.hh"

namespace sekisho::path {

struct Plain {
  flow::Key key;
  bool source_is_high = false;
  std::uint16_t length = 0; // of the frame, without padding
};

namespace at { // offsets in the frame
constexpr std::size_t type_and_version = 12, total_length = 16, fragment = 20, ttl = 22, protocol = 23,
                      header_checksum = 24, source = 26, destination = 30, source_port = 34,
                      destination_port = 36, tcp_sequence = 38, udp_length = 38,
                      tcp_acknowledgement = 42, tcp_offset = 46, tcp_flags = 47, tcp_window = 48;
}

/// As it lies in memory.
template <class Word> Word raw_at(const std::byte *octets, std::size_t offset) {
  Word word;
  std::memcpy(&word, octets + offset, sizeof word);
  return word;
}

/// True and `plain` set when the frame is such a packet.  TCP or UDP is as good as random from one packet to
/// the next, so nothing here branches on it.
inline bool read_plain(const port::Frame &frame, Plain &plain) {
  constexpr std::uint32_t least = 54; // a TCP header: shorter UDP comes padded to 60
  constexpr std::uint32_t ipv4_without_options = 0x00450008; // EtherType, version, header length
  if (frame.length < least) return false;
  const std::byte *octets = frame.data;
  std::uint32_t total = wire::u16_at(octets, at::total_length);
  std::uint8_t protocol = wire::u8_at(octets, at::protocol);
  std::uint32_t offset = (wire::u8_at(octets, at::tcp_offset) >> 4) * 4u;
  bool is_tcp = (protocol == 6) & (offset >= 20) & (20 + offset <= total);
  bool is_udp = (protocol == 17) & (wire::u16_at(octets, at::udp_length) + 20u == total) & (total >= 28);
  bool is_plain =
      ((raw_at<std::uint32_t>(octets, at::type_and_version) & 0x00ffffff) == ipv4_without_options) &
      (total + wire::ethernet_size <= frame.length) &
      ((raw_at<std::uint16_t>(octets, at::fragment) & 0xff3f) == 0) &
      (wire::u8_at(octets, at::ttl) > 1) & (is_tcp | is_udp) & !frame.vlan_stripped &
      wire::has_right_checksum(octets + wire::ethernet_size);
  plain.length = static_cast<std::uint16_t>(total + wire::ethernet_size);
  plain.key = flow::make_key4(
      raw_at<std::uint32_t>(octets, at::source), raw_at<std::uint32_t>(octets, at::destination),
      raw_at<std::uint16_t>(octets, at::source_port),
      raw_at<std::uint16_t>(octets, at::destination_port), protocol, plain.source_is_high);
  return is_plain;
}

} // namespace sekisho::path
