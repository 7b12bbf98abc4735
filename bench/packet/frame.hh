// Frames as the benches send them: whole, with right checksums, of any size.
#pragma once

#include "base/address.hh"
#include "base/bytes.hh"

#include <vector>

namespace sekisho::bench {

namespace protocol {
constexpr std::uint8_t tcp = 6, udp = 17;
}
namespace flag {
constexpr std::uint8_t syn = 2, ack = 16;
}

/// xorshift64*: a few instructions a packet, the same sequence every run.
class Random {
public:
  explicit Random(std::uint64_t seed = 0x9e3779b97f4a7c15) : state_(seed) {}
  std::uint64_t next() {
    state_ ^= state_ >> 12, state_ ^= state_ << 25, state_ ^= state_ >> 27;
    return state_ * 0x2545f4914f6cdd1d;
  }
  /// Below `limit`, by multiply and shift: no division.  `limit` at most 2^32.
  std::uint64_t below(std::uint64_t limit) { return (next() >> 32) * limit >> 32; }

private:
  std::uint64_t state_;
};

struct FrameSpec {
  Mac source_mac, destination_mac;
  Ip source, destination; // both IPv4 or both IPv6
  std::uint16_t source_port = 0, destination_port = 0;
  std::uint8_t protocol = protocol::udp;
  std::uint8_t tcp_flags = flag::ack;
  std::uint32_t sequence = 0, acknowledgement = 0;
  std::size_t size = 64;  // octets of the frame without FCS
  bool is_padded = false; // no payload: what is behind the headers is Ethernet padding
};

constexpr std::size_t source_port_at = 34, destination_port_at = 36; // of an IPv4 frame
/// The last four octets are the complement of both ports, so a port can be changed without the
/// checksum.
constexpr std::size_t complement_at = 60; // of a frame of 64 octets with payload

using Octets = std::vector<std::byte>;
Octets make_frame(const FrameSpec &spec);

/// Another source port in an IPv4 frame, its checksum kept right (RFC 1624 §3).
void set_source_port(std::byte *frame, std::uint16_t port);

/// A datagram as two fragments (RFC 791 §3.2) of an IPv4 frame made by make_frame.
std::vector<Octets> fragments_of(const Octets &frame, std::uint16_t identification);

} // namespace sekisho::bench
