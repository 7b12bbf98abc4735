// The chain of IPv6 extension headers: RFC 8200 §4, as strict as RFC 9288 lets a boundary be.
#pragma once

#include "gateway/wire/headers.hh"

namespace sekisho::wire {

/// Where a chain led.
struct Chain {
  std::uint8_t protocol = 0;     // what stands behind the last header
  std::size_t transport = 0;     // where, in octets from the start of the IPv6 header
  std::size_t fragment = 0;      // where the fragment header stands; 0: there is none
  std::size_t fragment_data = 0; // behind it
};

/// Walks hop-by-hop options, destination options, a fragment header and authentication headers,
/// each where §4.1 has it; in other than a first fragment only up to the fragment header.  ESP (50)
/// and no next header (59) are protocols as any other.  `packet`: from the IPv6 header on, at least
/// 40 octets, cut to its payload length.
///
/// Errors: ip6_routing_type_0, ip6_routing (no zone is a way to a third), ip6_header_misplaced,
/// ip6_chain_truncated, ip6_chain_too_long (more than 512 octets of headers, or 16 options in one),
/// ip6_option_unlisted (unknown, and its two highest bits say discard), ip6_option_malformed,
/// ip6_jumbo, ip_extension_header (mobility and what else the registry has).
Reason walk_chain(Bytes packet, Chain &chain);

/// The same on an IPv6 packet quoted by an error, which may be cut short: only sizes are believed,
/// nothing is judged.  False when the transport header cannot be found.
bool skip_chain(Bytes packet, Chain &chain);

} // namespace sekisho::wire
