#include "gateway/wire/transport.hh"

#include "gateway/wire/checksum.hh"

namespace sekisho::wire {
namespace {

constexpr std::size_t tcp_size = 20, udp_size = 8, icmp_size = 8;
constexpr std::uint8_t no_scale = 0xff;

Reason read_ports(const std::byte *octets, Headers &headers) {
  headers.source_port = u16_at(octets, 0);
  headers.destination_port = u16_at(octets, 2);
  return headers.source_port == 0 || headers.destination_port == 0 ? Reason::port_zero
                                                                   : Reason::none;
}

/// The window scale option among a SYN's options (RFC 9293 §3.1, RFC 7323 §2.2); options that end
/// too soon end the search.
std::uint8_t window_scale(Bytes options) {
  constexpr std::uint8_t end = 0, nothing = 1, scale = 3;
  while (!options.empty()) {
    std::uint8_t kind = u8_at(options.data(), 0);
    if (kind == end) break;
    if (kind == nothing) {
      options = options.subspan(1);
      continue;
    }
    std::size_t size = options.size() > 1 ? u8_at(options.data(), 1) : 0u;
    if (size < 2 || size > options.size()) break;
    if (kind == scale && size == 3) return u8_at(options.data(), 2);
    options = options.subspan(size);
  }
  return no_scale;
}

} // namespace

Reason parse_tcp(Bytes segment, std::size_t length, Headers &headers) {
  if (segment.size() < tcp_size) return Reason::tcp_truncated;
  const std::byte *octets = segment.data();
  Reason ports = read_ports(octets, headers);
  std::size_t data_offset = (u8_at(octets, 12) >> 4) * 4u;
  if (data_offset < tcp_size || data_offset > segment.size()) return Reason::tcp_truncated;
  headers.tcp_flags = u8_at(octets, 13);
  if (are_odd_flags(headers.tcp_flags)) return Reason::tcp_bad_flags;
  headers.tcp_sequence = u32_at(octets, 4);
  headers.tcp_acknowledgement = u32_at(octets, 8);
  headers.tcp_window = u16_at(octets, 14);
  headers.tcp_length = static_cast<std::uint16_t>(
      (length != unknown_length ? length : segment.size()) - data_offset);
  headers.tcp_scale = headers.tcp_flags & tcp_flag::syn
                          ? window_scale(segment.first(data_offset).subspan(tcp_size))
                          : no_scale;
  return ports;
}

Reason parse_udp(Bytes datagram, std::size_t length, Headers &headers) {
  if (datagram.size() < udp_size) return Reason::udp_truncated;
  Reason ports = read_ports(datagram.data(), headers);
  if (length != unknown_length && u16_at(datagram.data(), 4) != length)
    return Reason::udp_bad_length;
  return ports;
}

namespace {

/// RFC 792 (5: redirect); RFC 4861 §4.1, §4.2, §4.5.
Reason check_icmp_type(const Headers &headers) {
  if (headers.protocol == 1) return headers.icmp_type == 5 ? Reason::icmp_redirect : Reason::none;
  switch (headers.icmp_type) {
  case 133:
  case 134: return Reason::nd_router;
  case 137: return Reason::nd_redirect;
  default: return Reason::none;
  }
}

} // namespace

Reason parse_icmp(Bytes message, Headers &headers) {
  bool is_its_own = (headers.protocol == 1) == (headers.network == Network::ipv4);
  if (!is_its_own) return Reason::icmp_malformed;
  if (message.size() < icmp_size) return Reason::icmp_truncated;
  headers.icmp_type = u8_at(message.data(), 0);
  headers.icmp_code = u8_at(message.data(), 1);
  headers.icmp_id = u16_at(message.data(), 4);
  return check_icmp_type(headers);
}

std::uint64_t pseudo_sum(const Headers &headers, std::uint8_t protocol, std::size_t length) {
  bool is_ipv4 = headers.network == Network::ipv4;
  std::byte octets[40] = {};
  std::memcpy(octets, headers.source.octets.data(), 16);
  std::memcpy(octets + 16, headers.destination.octets.data(), 16);
  if (is_ipv4) { // kept mapped: only the last four octets count
    std::memset(octets, 0, 12);
    std::memset(octets + 16, 0, 12);
  }
  put_u32(octets, 32, static_cast<std::uint32_t>(length));
  put_u8(octets, 39, protocol);
  return partial_sum(octets);
}

Reason check_transport_sum(std::uint64_t sum, std::size_t length, std::uint16_t udp_checksum,
                           const Headers &headers) {
  if (headers.protocol != 1) sum += pseudo_sum(headers, headers.protocol, length);
  bool is_right = folded(sum) == 0xffff;
  switch (headers.protocol) {
  case 6: return is_right ? Reason::none : Reason::tcp_bad_checksum;
  case 17:
    if (udp_checksum == 0)
      return headers.network == Network::ipv4 ? Reason::none : Reason::udp_no_checksum;
    return is_right ? Reason::none : Reason::udp_bad_checksum;
  case 1:
  case 58: return is_right ? Reason::none : Reason::icmp_bad_checksum;
  default: return Reason::none;
  }
}

Reason check_transport_checksum(Bytes frame, const Headers &headers) {
  Bytes message = frame.first(headers.length).subspan(headers.transport_offset);
  std::uint16_t udp_checksum = headers.protocol == 17 ? u16_at(message.data(), 6) : 0;
  return check_transport_sum(partial_sum(message), message.size(), udp_checksum, headers);
}

} // namespace sekisho::wire
