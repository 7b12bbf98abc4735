#include "gateway/wire/ip.hh"

#include "gateway/wire/checksum.hh"

namespace sekisho::wire {
namespace {

constexpr std::size_t ipv4_size = 20, ipv6_size = 40;

/// RFC 1122 §3.2.1.3: this host (0/8), loopback, multicast, reserved and broadcast are no sources; nor is
/// the destination itself.
bool is_bad_ipv4_source(std::uint32_t source, std::uint32_t destination) {
  std::uint8_t first = source >> 24;
  return first == 0 || first == 127 || first >= 224 || source == destination;
}

bool is_unspecified_or_loopback(const Ip &ip) {
  Ip rest = ip;
  rest.octets[15] &= 0xfe;
  return rest == Ip{};
}

Reason check_ipv6_addresses(const Headers &headers) {
  const Ip &source = headers.source;
  if (source.octets[0] == 0xff || source.is_v4() || is_unspecified_or_loopback(source) ||
      source == headers.destination)
    return Reason::ip_bad_source;
  if (headers.destination.octets[0] == 0xff) return Reason::ip_multicast;
  if (headers.destination.is_v4() || is_unspecified_or_loopback(headers.destination))
    return Reason::no_destination_zone;
  return Reason::none;
}

/// The next-header values of RFC 8200 §4 and its registry that are extension headers, without ESP.
Reason check_next_header(std::uint8_t next) {
  switch (next) {
  case 44: return Reason::ip_fragment;
  case 0:   // hop-by-hop options
  case 43:  // routing
  case 51:  // authentication
  case 60:  // destination options
  case 135: // mobility
  case 139: // host identity
  case 140: // shim6
  case 253:
  case 254: return Reason::ip_extension_header;
  default: return Reason::none;
  }
}

} // namespace

Reason parse_ipv4(Bytes packet, Headers &headers, Bytes &payload) {
  const std::byte *octets = packet.data();
  if (packet.size() < ipv4_size) return Reason::ip_truncated;
  std::uint8_t version_and_length = u8_at(octets, 0);
  if (version_and_length >> 4 != 4) return Reason::ip_bad_version;
  std::size_t header_length = (version_and_length & 0xfu) * 4;
  if (header_length < ipv4_size) return Reason::ip_bad_header_length;
  if (packet.size() < header_length) return Reason::ip_truncated;
  headers.source = ipv4_at(octets, 12);
  headers.destination = ipv4_at(octets, 16);
  headers.protocol = u8_at(octets, 9);
  headers.hop_limit = u8_at(octets, 8);
  std::size_t total_length = u16_at(octets, 2);
  if (total_length < header_length || total_length > packet.size()) return Reason::ip_bad_length;
  bool has_options = header_length > ipv4_size;
  if (has_options ? internet_sum(packet.first(header_length)) != 0xffff
                  : !has_right_checksum(octets))
    return Reason::ip_bad_checksum;
  if (has_options) return Reason::ip_options;
  if (u16_at(octets, 6) & 0x3fff) return Reason::ip_fragment; // more fragments, or an offset
  std::uint32_t destination = u32_at(octets, 16);
  if (is_bad_ipv4_source(u32_at(octets, 12), destination)) return Reason::ip_bad_source;
  if (destination >> 28 == 0xe || destination == 0xffffffff) return Reason::ip_multicast;
  payload = packet.first(total_length).subspan(header_length);
  return Reason::none;
}

Reason parse_ipv6(Bytes packet, Headers &headers, Bytes &payload) {
  const std::byte *octets = packet.data();
  if (packet.size() < ipv6_size) return Reason::ip_truncated;
  if (u8_at(octets, 0) >> 4 != 6) return Reason::ip_bad_version;
  headers.source = ipv6_at(octets, 8);
  headers.destination = ipv6_at(octets, 24);
  headers.protocol = u8_at(octets, 6);
  headers.hop_limit = u8_at(octets, 7);
  std::size_t payload_length = u16_at(octets, 4);
  if (payload_length > packet.size() - ipv6_size) return Reason::ip_bad_length;
  if (Reason reason = check_next_header(headers.protocol); reason != Reason::none) return reason;
  if (Reason reason = check_ipv6_addresses(headers); reason != Reason::none) return reason;
  payload = packet.subspan(ipv6_size, payload_length);
  return Reason::none;
}

} // namespace sekisho::wire
