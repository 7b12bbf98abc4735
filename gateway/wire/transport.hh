// TCP, UDP, ICMP and ICMPv6 headers.  Their checksums cover the data and are the end hosts' business.
#pragma once

#include "gateway/wire/headers.hh"

namespace sekisho::wire {

/// RFC 9293 §3.1.  Errors: tcp_truncated, tcp_bad_flags (null, FIN without ACK as in FIN and Xmas scans, SYN
/// with FIN or RST, anything but SYN or RST without ACK), port_zero (RFC 6335 §6).
Reason parse_tcp(Bytes segment, Headers &headers);

/// RFC 768.  Errors: udp_truncated, udp_bad_length (other than what IP says: hidden octets), port_zero.
Reason parse_udp(Bytes datagram, Headers &headers);

/// RFC 792 and RFC 4443: type, code and, for echo, the identifier.  Errors: icmp_truncated.
Reason parse_icmp(Bytes message, Headers &headers);

} // namespace sekisho::wire
