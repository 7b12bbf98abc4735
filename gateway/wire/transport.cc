#include "gateway/wire/transport.hh"

#include "gateway/wire/octets.hh"

namespace sekisho::wire {
namespace {

constexpr std::size_t tcp_size = 20, udp_size = 8, icmp_size = 8;

bool are_odd_flags(std::uint8_t flags) {
  using namespace tcp_flag;
  switch (flags & (syn | ack | fin | rst)) {
  case syn:
  case syn | ack: return (flags & urg) != 0;
  case ack:
  case ack | fin:
  case rst:
  case rst | ack: return false;
  default: return true;
  }
}

Reason read_ports(const std::byte *octets, Headers &headers) {
  headers.source_port = u16_at(octets, 0);
  headers.destination_port = u16_at(octets, 2);
  return headers.source_port == 0 || headers.destination_port == 0 ? Reason::port_zero
                                                                   : Reason::none;
}

} // namespace

Reason parse_tcp(Bytes segment, Headers &headers) {
  if (segment.size() < tcp_size) return Reason::tcp_truncated;
  const std::byte *octets = segment.data();
  Reason ports = read_ports(octets, headers);
  std::size_t data_offset = (u8_at(octets, 12) >> 4) * 4u;
  if (data_offset < tcp_size || data_offset > segment.size()) return Reason::tcp_truncated;
  headers.tcp_flags = u8_at(octets, 13);
  if (are_odd_flags(headers.tcp_flags)) return Reason::tcp_bad_flags;
  headers.tcp_sequence = u32_at(octets, 4);
  headers.tcp_acknowledgement = u32_at(octets, 8);
  return ports;
}

Reason parse_udp(Bytes datagram, Headers &headers) {
  if (datagram.size() < udp_size) return Reason::udp_truncated;
  Reason ports = read_ports(datagram.data(), headers);
  if (u16_at(datagram.data(), 4) != datagram.size()) return Reason::udp_bad_length;
  return ports;
}

Reason parse_icmp(Bytes message, Headers &headers) {
  if (message.size() < icmp_size) return Reason::icmp_truncated;
  headers.icmp_type = u8_at(message.data(), 0);
  headers.icmp_code = u8_at(message.data(), 1);
  headers.icmp_id = u16_at(message.data(), 4);
  return Reason::none;
}

} // namespace sekisho::wire
