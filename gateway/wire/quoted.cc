#include "gateway/wire/quoted.hh"

#include "gateway/wire/octets.hh"

namespace sekisho::wire {
namespace {

constexpr std::size_t icmp_size = 8, ipv4_size = 20, ipv6_size = 40, quoted_transport = 8;

bool parse_quoted_ipv4(Bytes packet, Headers &quoted) {
  if (packet.size() < ipv4_size + quoted_transport) return false;
  const std::byte *octets = packet.data();
  bool is_plain = u8_at(octets, 0) == 0x45 && (u16_at(octets, 6) & 0x1fff) == 0;
  quoted.protocol = u8_at(octets, 9);
  quoted.source = ipv4_at(octets, 12);
  quoted.destination = ipv4_at(octets, 16);
  return is_plain;
}

bool parse_quoted_ipv6(Bytes packet, Headers &quoted) {
  if (packet.size() < ipv6_size + quoted_transport) return false;
  const std::byte *octets = packet.data();
  quoted.protocol = u8_at(octets, 6);
  quoted.source = ipv6_at(octets, 8);
  quoted.destination = ipv6_at(octets, 24);
  return u8_at(octets, 0) >> 4 == 6 && !quoted.source.is_v4() && !quoted.destination.is_v4();
}

} // namespace

bool is_icmp_error(const Headers &headers) {
  if (headers.network == Network::ipv4 && headers.protocol == 1)
    return headers.icmp_type == 3 || headers.icmp_type == 11 || headers.icmp_type == 12;
  return headers.network == Network::ipv6 && headers.protocol == 58 && headers.icmp_type >= 1 &&
         headers.icmp_type <= 4;
}

bool parse_quoted(const Headers &error, Bytes message, Headers &quoted) {
  if (message.size() < icmp_size) return false;
  Bytes packet = message.subspan(icmp_size);
  bool is_ipv4 = error.network == Network::ipv4;
  quoted.network = error.network;
  if (!(is_ipv4 ? parse_quoted_ipv4(packet, quoted) : parse_quoted_ipv6(packet, quoted)))
    return false;
  const std::byte *transport = packet.data() + (is_ipv4 ? ipv4_size : ipv6_size);
  switch (quoted.protocol) {
  case 6:
  case 17:
    quoted.source_port = u16_at(transport, 0);
    quoted.destination_port = u16_at(transport, 2);
    return true;
  case 1:
  case 58: quoted.icmp_id = u16_at(transport, 4); return true;
  default: return false;
  }
}

} // namespace sekisho::wire
