// ICMP errors: the packet one is about, and the one kind the gateway makes itself.
#pragma once

#include "gateway/wire/headers.hh"

#include <array>

namespace sekisho::wire {

/// Whether type and code say that some packet could not be delivered: destination unreachable, time
/// exceeded, parameter problem (RFC 792), and those with packet too big of ICMPv6 (RFC 4443 §3).
/// Not redirects.
bool is_icmp_error(const Headers &headers);

/// Reads the addresses, protocol and ports of the packet that an error quotes; all else of it may
/// be missing (RFC 792: header and 8 octets).  IPv6 extension headers are walked over; of a
/// fragment only the first can be told.  `message`: the ICMP message.  False when it cannot be told
/// whose it was.
bool parse_quoted(const Headers &error, Bytes message, Headers &quoted);

/// Who sends an error, and what it says.
struct TooBig {
  Mac from_mac;
  Ip from;           // the gateway, of the same IP version as the packet
  std::uint32_t mtu; // octets of IP packet that fit
};

constexpr std::size_t largest_error = 14 + 1280;
using ErrorFrame = std::array<std::byte, largest_error>;

/// Writes "fragmentation needed" (RFC 792, RFC 1191 §4; quotes at most what makes 576 octets, RFC
/// 1812 §4.3.2.3) or "packet too big" (RFC 4443 §3.2; at most 1280) about `frame`, back to where it
/// came from.  Returns the length of the frame in `error`; 0 when no error may be sent about it: it
/// is itself one, or went to or came from a group (RFC 1122 §3.2.2, RFC 4443 §2.4(e)), or is not a
/// first fragment.
std::size_t make_too_big(Bytes frame, const Headers &headers, const TooBig &what,
                         ErrorFrame &error);

} // namespace sekisho::wire
