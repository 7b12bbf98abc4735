// IPv4 and IPv6 headers.
#pragma once

#include "gateway/wire/headers.hh"

namespace sekisho::wire {

/// RFC 1122 §3.2.1.3: this host (0/8), loopback, multicast, reserved and broadcast are no sources;
/// nor is the destination itself.  Host byte order.
inline bool is_bad_ipv4_source(std::uint32_t source, std::uint32_t destination) {
  std::uint8_t first = source >> 24;
  return first == 0 || first == 127 || first >= 224 || source == destination;
}
/// 224.0.0.0/4 and the limited broadcast.
inline bool is_ipv4_group(std::uint32_t destination) {
  return destination >> 28 == 0xe || destination == 0xffffffff;
}

/// What parse_ipv6() says of the addresses, Reason::none included.
Reason check_ipv6_addresses(const Ip &source, const Ip &destination, std::uint8_t protocol);

/// RFC 791 §3.1, checksum RFC 1071, source RFC 1122 §3.2.1.3.  `packet`: from the version nibble
/// on, with whatever padding the frame has; `start`: where it stands in the frame.  Fills the
/// addresses, protocol, hop limit and the fragment's fields; `payload` is what the total length
/// leaves after the header. Errors: ip_truncated, ip_bad_version, ip_bad_header_length,
/// ip_bad_length, ip_bad_checksum, ip_options, ip_source_route, ip_option_malformed (RFC 7126: no
/// option is needed between zones), ip_bad_source, fragment_malformed, fragment_tiny,
/// fragment_too_long; with a payload: ip_multicast, ip_fragment.
Reason parse_ipv4(Bytes packet, std::size_t start, Headers &headers, Bytes &payload);

/// RFC 8200 §3.  As above; extension headers: chain.hh.  `payload` begins behind them; `protocol`
/// is what it is. An IPv4-mapped address is no address on the wire (RFC 4291 §2.5.5.2); here it
/// would pass for IPv4. The unspecified source is refused but before a group and ICMPv6 (a host
/// that has no address yet). Errors: ip_truncated, ip_bad_version, ip_bad_length, those of
/// walk_chain, ip6_atomic_fragment, ip_bad_source, no_destination_zone, the fragment's as above;
/// with a payload: ip_multicast, ip_fragment.
Reason parse_ipv6(Bytes packet, std::size_t start, Headers &headers, Bytes &payload);

} // namespace sekisho::wire
