// The packet that nearly all packets are, read in a few loads: untagged Ethernet, IPv4 without options or IPv6 without
// extension headers, no fragment, TCP or UDP, all of it there.  Whatever is anything else goes to wire::parse.
#pragma once

#include "gateway/flow/hash.hh"
#include "gateway/port/port.hh"
#include "gateway/wire/checksum.hh"
#include "gateway/wire/headers.hh"

#include <array>
#include <span>

namespace sekisho::path {

constexpr std::size_t burst_size = 64; // 32 costs 5 ns a packet more at a million flows, 128 gains nothing

/// What is read of the plain packets of a burst: rows, so that several packets' values are written at once.
/// Numbers are in host byte order unless they say "as it lies".
struct PlainRows {
  template <class Value> using Row = std::array<Value, burst_size>;

  std::uint64_t plain = 0;     // bit i: packet i is plain; else nothing below says anything of it …
  std::uint64_t addressed = 0; // bit i: … to the MAC of the port it came in by
  std::uint64_t ipv6 = 0;      // bit i: it is plain, and IPv6
  std::uint64_t padded = 0;    // bit i: the frame is longer than its packet
  alignas(64) Row<flow::Key> keys;
  alignas(64) Row<std::uint32_t> lengths; // of the frame, without padding
  alignas(64) Row<std::uint32_t> source_mac_front, source_mac_back; // four octets and two, as they lie
  alignas(64) Row<std::uint32_t> heads; // EtherType and the IP header's first two octets, as they lie
  alignas(64) Row<std::uint32_t> hops;  // TTL, protocol and checksum, as they lie after this hop; IPv6: length, next header, hop limit
  // Of TCP; of a UDP packet whatever lies there:
  alignas(64) Row<std::uint32_t> ends; // sequence number after the last octet of data
  alignas(64) Row<std::uint32_t> acknowledgements, windows;
  Row<bool> is_mere_ack; // ACK, and no SYN, RST or FIN
  Row<bool> source_is_high; // of the key's two ends

  bool is_plain(std::size_t i) const { return plain >> i & 1; }
  bool is_ipv6(std::size_t i) const { return ipv6 >> i & 1; }
};

namespace in_frame { // offsets in the frame
constexpr std::size_t source_mac = 6, ipv4 = 14, ttl = 22, protocol = 23, source = 26, destination = 30,
                      transport = 34, source_port = 34, destination_port = 36, tcp_sequence = 38,
                      udp_length = 38, udp_checksum = 40, tcp_acknowledgement = 42, tcp_offset = 46,
                      tcp_flags = 47, tcp_window = 48;
}
namespace in_frame6 {
constexpr std::size_t length = 18, source = 22, destination = 38, transport = 54;
constexpr std::size_t later = transport - in_frame::transport; // what else the transport header has
}
constexpr std::uint32_t least_plain = 54; // a TCP header: shorter UDP comes padded to 60
constexpr std::uint32_t least_plain6 = 62; // UDP; a buffer has room for more

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

/// A MAC as it lies, as a number of 48 bits.
inline std::uint64_t number_of(const Mac &mac) {
  std::uint32_t front;
  std::uint16_t back;
  std::memcpy(&front, mac.octets.data(), 4);
  std::memcpy(&back, mac.octets.data() + 4, 2);
  return front | std::uint64_t{back} << 32;
}

/// Reads what is IPv4 of a burst; `own_mac` is that of its port.
using ReadPlain = void (*)(std::span<const port::Frame> frames, std::uint64_t own_mac, PlainRows &rows);

/// On any processor.
void read_plain(std::span<const port::Frame> frames, std::uint64_t own_mac, PlainRows &rows);
/// Then, where that one was none: true when packet `i` is a plain one of IPv6.
bool read_plain6(const port::Frame &frame, std::uint64_t own_mac, const flow::Hasher &hasher, std::size_t i,
                 PlainRows &rows);

} // namespace sekisho::path
