// The packet an ICMP error is about.
#pragma once

#include "gateway/wire/headers.hh"

namespace sekisho::wire {

/// Whether type and code say that some packet could not be delivered: destination unreachable, time exceeded,
/// parameter problem (RFC 792), and those with packet too big of ICMPv6 (RFC 4443 §3).  Not redirects.
bool is_icmp_error(const Headers &headers);

/// Reads the addresses, protocol and ports of the packet that an error quotes; all else of it may be missing
/// (RFC 792: header and 8 octets).  `message`: the ICMP message.  False when it cannot be told whose it was.
bool parse_quoted(const Headers &error, Bytes message, Headers &quoted);

} // namespace sekisho::wire
