// IPv4 and IPv6 headers.
#pragma once

#include "gateway/wire/headers.hh"

namespace sekisho::wire {

/// RFC 791 §3.1, checksum RFC 1071, source RFC 1122 §3.2.1.3.  `packet`: from the version nibble on, with
/// whatever padding the frame has.  Fills the addresses, protocol and hop limit; `payload` is what the total
/// length leaves after the header.
/// Errors: ip_truncated, ip_bad_version, ip_bad_header_length, ip_bad_length, ip_bad_checksum, ip_options
/// (RFC 7126: none is needed between zones), ip_fragment, ip_bad_source, ip_multicast.
Reason parse_ipv4(Bytes packet, Headers &headers, Bytes &payload);

/// RFC 8200 §3.  As above; every extension header but ESP is refused (§4), ESP is a protocol as any other.
/// An IPv4-mapped address is no address on the wire (RFC 4291 §2.5.5.2); here it would pass for IPv4.
/// Errors: ip_truncated, ip_bad_version, ip_bad_length, ip_fragment, ip_extension_header, ip_bad_source,
/// ip_multicast.
Reason parse_ipv6(Bytes packet, Headers &headers, Bytes &payload);

} // namespace sekisho::wire
