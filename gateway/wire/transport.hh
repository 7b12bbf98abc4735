// TCP, UDP, ICMP and ICMPv6 headers.  Their checksums cover the data: a look of its own.
#pragma once

#include "gateway/wire/headers.hh"

namespace sekisho::wire {

/// Of a message of which only the first fragment is there.
constexpr std::size_t unknown_length = 0;

/// Null, FIN without ACK as in FIN and Xmas scans, SYN with FIN, RST or URG, anything but SYN or RST without ACK.
inline bool are_odd_flags(std::uint8_t flags) {
  using namespace tcp_flag;
  constexpr std::uint32_t in_order = 1u << syn | 1u << (syn | ack) | 1u << ack | 1u << (ack | fin) | 1u << rst |
                                     1u << (rst | ack);
  bool is_urgent_syn = (flags & (syn | urg)) == (syn | urg);
  return (in_order >> (flags & (syn | ack | fin | rst)) & 1) == 0 || is_urgent_syn;
}

/// RFC 9293 §3.1.  `length`: of the whole segment by what IP says.  Errors: tcp_truncated, tcp_bad_flags
/// (are_odd_flags), port_zero (RFC 6335 §6).
Reason parse_tcp(Bytes segment, std::size_t length, Headers &headers);

/// RFC 768.  `length`: of the whole datagram by what IP says.  Errors: udp_truncated,
/// udp_bad_length (other than what IP says: hidden octets), port_zero.
Reason parse_udp(Bytes datagram, std::size_t length, Headers &headers);

/// RFC 792 and RFC 4443: type, code and, for echo, the identifier.  Errors: icmp_truncated,
/// icmp_malformed (one IP's messages in the other), icmp_redirect, nd_redirect, nd_router: the ways
/// are those of the rules.
Reason parse_icmp(Bytes message, Headers &headers);

/// The checksum over the whole message and its pseudo-header (RFC 9293 §3.1, RFC 768, RFC 792, RFC
/// 4443 §2.3, RFC 8200 §8.1); none of other protocols.  `headers` as parse left them with
/// Reason::none or ip_multicast. Errors: tcp_bad_checksum, udp_bad_checksum, udp_no_checksum (IPv6
/// only), icmp_bad_checksum.
Reason check_transport_checksum(Bytes frame, const Headers &headers);

/// The same when the message lies in several pieces, the first of which begins at its header: `sum`
/// is partial_sum over all of them, `length` their size together.  Every piece but the last is
/// even-sized, as fragments are.
Reason check_transport_sum(std::uint64_t sum, std::size_t length, std::uint16_t udp_checksum,
                           const Headers &headers);

/// The pseudo-header's part of the sum.
std::uint64_t pseudo_sum(const Headers &headers, std::uint8_t protocol, std::size_t length);

} // namespace sekisho::wire
