#include "gateway/wire/quoted.hh"

#include "gateway/wire/chain.hh"
#include "gateway/wire/checksum.hh"
#include "gateway/wire/transport.hh"

#include <algorithm>

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

bool parse_quoted_ipv6(Bytes packet, Headers &quoted, std::size_t &transport) {
  if (packet.size() < ipv6_size) return false;
  const std::byte *octets = packet.data();
  quoted.source = ipv6_at(octets, 8);
  quoted.destination = ipv6_at(octets, 24);
  Chain chain;
  if (u8_at(octets, 0) >> 4 != 6 || !skip_chain(packet, chain)) return false;
  quoted.protocol = chain.protocol;
  transport = chain.transport;
  return packet.size() - transport >= quoted_transport && !quoted.source.is_v4() &&
         !quoted.destination.is_v4();
}

void put_ethernet(const Headers &headers, const TooBig &what, std::uint16_t ethertype,
                  std::byte *frame) {
  put_mac(frame, 0, headers.source_mac);
  put_mac(frame, 6, what.from_mac);
  put_u16(frame, 12, ethertype);
}

std::size_t make_ipv4_error(Bytes packet, const Headers &headers, const TooBig &what,
                            std::byte *frame) {
  constexpr std::size_t most = 576 - ipv4_size - icmp_size;
  Bytes quote = packet.first(std::min(packet.size(), most));
  put_ethernet(headers, what, 0x0800, frame);
  std::byte *header = frame + ethernet_size, *message = header + ipv4_size;
  std::size_t length = ipv4_size + icmp_size + quote.size();
  put_u8(header, 0, 0x45);
  put_u16(header, 2, static_cast<std::uint16_t>(length));
  put_u8(header, 8, 64); // RFC 1700: TTL
  put_u8(header, 9, 1);
  put_ipv4(header, 12, what.from);
  put_ipv4(header, 16, headers.source);
  put_u16(header, 10, static_cast<std::uint16_t>(~internet_sum({header, ipv4_size})));
  put_u8(message, 0, 3); // destination unreachable
  put_u8(message, 1, 4); // fragmentation needed
  put_u16(message, 6, static_cast<std::uint16_t>(std::min<std::uint32_t>(what.mtu, 65535)));
  std::ranges::copy(quote, message + icmp_size);
  put_u16(message, 2,
          static_cast<std::uint16_t>(~internet_sum({message, icmp_size + quote.size()})));
  return ethernet_size + length;
}

std::size_t make_ipv6_error(Bytes packet, const Headers &headers, const TooBig &what,
                            std::byte *frame) {
  constexpr std::size_t most = 1280 - ipv6_size - icmp_size;
  Bytes quote = packet.first(std::min(packet.size(), most));
  put_ethernet(headers, what, 0x86dd, frame);
  std::byte *header = frame + ethernet_size, *message = header + ipv6_size;
  std::size_t size = icmp_size + quote.size();
  put_u32(header, 0, 6u << 28);
  put_u16(header, 4, static_cast<std::uint16_t>(size));
  put_u8(header, 6, 58);
  put_u8(header, 7, 64);
  put_ipv6(header, 8, what.from);
  put_ipv6(header, 24, headers.source);
  put_u8(message, 0, 2); // packet too big
  put_u32(message, 4, what.mtu);
  std::ranges::copy(quote, message + icmp_size);
  Headers own;
  own.network = Network::ipv6;
  own.source = what.from;
  own.destination = headers.source;
  std::uint64_t sum = partial_sum({message, size}) + pseudo_sum(own, 58, size);
  put_u16(message, 2, static_cast<std::uint16_t>(~folded(sum)));
  return ethernet_size + size + ipv6_size;
}

/// An ICMP message that is no error by its type: RFC 1122 §3.2.2 sends errors about those.
bool is_informational(const Headers &headers) {
  return headers.network == Network::ipv4 ? !is_icmp_error(headers) : headers.icmp_type >= 128;
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
  std::size_t offset = ipv4_size;
  quoted.network = error.network;
  if (!(is_ipv4 ? parse_quoted_ipv4(packet, quoted) : parse_quoted_ipv6(packet, quoted, offset)))
    return false;
  const std::byte *transport = packet.data() + offset;
  switch (quoted.protocol) {
  case 6: quoted.tcp_sequence = u32_at(transport, 4); [[fallthrough]];
  case 17:
    quoted.source_port = u16_at(transport, 0);
    quoted.destination_port = u16_at(transport, 2);
    return true;
  case 1:
  case 58: quoted.icmp_id = u16_at(transport, 4); return true;
  default: return false;
  }
}

std::size_t make_too_big(Bytes frame, const Headers &headers, const TooBig &what,
                         ErrorFrame &error) {
  bool is_ipv4 = headers.network == Network::ipv4;
  bool is_icmp = headers.protocol == 1 || headers.protocol == 58;
  bool is_answerable = headers.network != Network::arp && headers.fragment_offset == 0 &&
                       !headers.destination_mac.is_group() && what.from.is_v4() == is_ipv4 &&
                       headers.source != Ip{} && (!is_icmp || is_informational(headers));
  if (!is_answerable) return 0;
  error.fill(std::byte{0});
  Bytes packet = frame.first(headers.length).subspan(ethernet_size);
  return is_ipv4 ? make_ipv4_error(packet, headers, what, error.data())
                 : make_ipv6_error(packet, headers, what, error.data());
}

} // namespace sekisho::wire
