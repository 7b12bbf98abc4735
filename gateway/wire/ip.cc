#include "gateway/wire/ip.hh"

#include "gateway/wire/chain.hh"
#include "gateway/wire/checksum.hh"

namespace sekisho::wire {
namespace {

constexpr std::size_t ipv4_size = 20, ipv6_size = 40;

bool is_unspecified_or_loopback(const Ip &ip) {
  Ip rest = ip;
  rest.octets[15] &= 0xfe;
  return rest == Ip{};
}

/// ICMPv6 to a group may come from a host that is still asking whether its address is free (RFC
/// 4862 §5.4.2).
bool is_bad_ipv6_source(const Ip &source, const Ip &destination, std::uint8_t protocol) {
  if (source.octets[0] == 0xff || source.is_v4() || source == destination) return true;
  if (source == Ip{}) return protocol != 58 || destination.octets[0] != 0xff;
  return is_unspecified_or_loopback(source);
}

/// RFC 791 §3.1: what kind of options these are; any are too many.
Reason check_ipv4_options(Bytes left) {
  constexpr std::uint8_t end = 0, no_operation = 1, loose_route = 0x83, strict_route = 0x89;
  bool is_routed = false;
  while (!left.empty() && u8_at(left.data(), 0) != end) {
    std::uint8_t type = u8_at(left.data(), 0);
    std::size_t size = 1;
    if (type != no_operation) {
      if (left.size() < 2) return Reason::ip_option_malformed;
      size = u8_at(left.data(), 1);
      if (size < 2 || size > left.size()) return Reason::ip_option_malformed;
    }
    is_routed |= type == loose_route || type == strict_route;
    left = left.subspan(size);
  }
  return is_routed ? Reason::ip_source_route : Reason::ip_options;
}

/// How much of a protocol's header the first fragment must hold at the least.
std::size_t least_transport(std::uint8_t protocol) {
  return protocol == 6 ? 20 : 8;
}

/// What one fragment can say wrong by itself (RFC 791 §3.2, RFC 8200 §4.5, RFC 1858).  `before`:
/// octets of the whole datagram that its length field counts too.
Reason check_fragment(const Headers &headers, std::size_t size, std::size_t before) {
  constexpr std::size_t longest = 65535;
  if (size == 0 || (headers.more_fragments && size % 8 != 0)) return Reason::fragment_malformed;
  if (before + headers.fragment_offset + size > longest) return Reason::fragment_too_long;
  bool lies_over_header =
      headers.fragment_offset > 0 && headers.fragment_offset < least_transport(headers.protocol);
  return lies_over_header ? Reason::fragment_tiny : Reason::ip_fragment;
}

Reason check_ipv4_fragment(Headers &headers, std::uint16_t field, std::size_t size) {
  headers.is_fragment = true;
  headers.more_fragments = field & 0x2000;
  headers.fragment_offset = static_cast<std::uint16_t>((field & 0x1fff) * 8);
  if (headers.dont_fragment) return Reason::fragment_malformed;
  return check_fragment(headers, size, ipv4_size);
}

Reason check_ipv6_fragment(Headers &headers, const std::byte *header, std::size_t size,
                           std::size_t before) {
  std::uint16_t field = u16_at(header, 2);
  headers.is_fragment = true;
  headers.more_fragments = field & 1;
  headers.fragment_offset = field & 0xfff8;
  headers.fragment_id = u32_at(header, 4);
  if (headers.fragment_offset == 0 && !headers.more_fragments) return Reason::ip6_atomic_fragment;
  return check_fragment(headers, size, before);
}

/// What is wrong with a fragment goes before where it goes.
Reason with_group(Reason fragment, Reason group) {
  return fragment == Reason::ip_fragment && group != Reason::none ? group : fragment;
}

} // namespace

Reason check_ipv6_addresses(const Ip &source, const Ip &destination, std::uint8_t protocol) {
  if (is_bad_ipv6_source(source, destination, protocol)) return Reason::ip_bad_source;
  if (destination.octets[0] == 0xff) return Reason::ip_multicast;
  if (destination.is_v4() || is_unspecified_or_loopback(destination)) return Reason::no_destination_zone;
  return Reason::none;
}

Reason parse_ipv4(Bytes packet, std::size_t start, Headers &headers, Bytes &payload) {
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
  if (has_options) return check_ipv4_options(packet.first(header_length).subspan(ipv4_size));
  std::uint32_t destination = u32_at(octets, 16);
  if (is_bad_ipv4_source(u32_at(octets, 12), destination)) return Reason::ip_bad_source;
  payload = packet.first(total_length).subspan(header_length);

  std::uint16_t field = u16_at(octets, 6);
  headers.dont_fragment = field & 0x4000;
  Reason reason = is_ipv4_group(destination) ? Reason::ip_multicast : Reason::none;
  if ((field & 0x3fff) == 0) return reason; // no more fragments, no offset
  headers.fragment_id = u16_at(octets, 4);
  headers.fragment_start = static_cast<std::uint16_t>(start + header_length);
  return with_group(check_ipv4_fragment(headers, field, payload.size()), reason);
}

Reason parse_ipv6(Bytes packet, std::size_t start, Headers &headers, Bytes &payload) {
  const std::byte *octets = packet.data();
  if (packet.size() < ipv6_size) return Reason::ip_truncated;
  if (u8_at(octets, 0) >> 4 != 6) return Reason::ip_bad_version;
  headers.source = ipv6_at(octets, 8);
  headers.destination = ipv6_at(octets, 24);
  headers.protocol = u8_at(octets, 6);
  headers.hop_limit = u8_at(octets, 7);
  headers.dont_fragment = true;
  std::size_t payload_length = u16_at(octets, 4);
  if (payload_length > packet.size() - ipv6_size) return Reason::ip_bad_length;
  // A jumbogram's length field is 0 (RFC 2675 §3): the option is looked for in what the frame has.
  bool may_be_jumbo = payload_length == 0 && headers.protocol == 0;
  Bytes whole = may_be_jumbo ? packet : packet.first(ipv6_size + payload_length);
  Chain chain;
  Reason walked = walk_chain(whole, chain);
  headers.protocol = chain.protocol;
  if (may_be_jumbo) return walked == Reason::ip6_jumbo ? walked : Reason::ip6_chain_truncated;
  if (chain.fragment != 0 && walked == Reason::ip6_chain_truncated) walked = Reason::fragment_tiny;
  if (walked != Reason::none) return walked;
  Reason reason = check_ipv6_addresses(headers.source, headers.destination, headers.protocol);
  if (reason != Reason::none && reason != Reason::ip_multicast) return reason;
  payload = whole.subspan(chain.transport);
  if (chain.fragment == 0) return reason;
  headers.fragment_start = static_cast<std::uint16_t>(start + chain.fragment_data);
  Reason fragment =
      check_ipv6_fragment(headers, octets + chain.fragment, whole.size() - chain.fragment_data,
                          chain.fragment - ipv6_size);
  return with_group(fragment, reason);
}

} // namespace sekisho::wire
