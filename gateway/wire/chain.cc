#include "gateway/wire/chain.hh"

#include "gateway/wire/octets.hh"

#include <algorithm>

namespace sekisho::wire {
namespace {

constexpr std::size_t ipv6_size = 40, fragment_size = 8;
constexpr std::size_t most_octets = 512, most_options = 16;

enum Next : std::uint8_t {
  hop_by_hop = 0,
  routing = 43,
  fragment = 44,
  authentication = 51,
  destination_options = 60,
};

/// The values of RFC 8200 §4 and its registry that are extension headers, but none we walk over.
bool is_unlisted_extension(std::uint8_t next) {
  return next == 135 || next == 139 || next == 140 || next == 253 || next == 254;
}
bool is_walked(std::uint8_t next) {
  return next == hop_by_hop || next == routing || next == fragment || next == authentication ||
         next == destination_options;
}

/// The place of each kind in the order of §4.1; destination options have two.
int rank_of(std::uint8_t next, int before) {
  switch (next) {
  case hop_by_hop: return 1;
  case destination_options: return before < 2 ? 2 : 6;
  case routing: return 3;
  case fragment: return 4;
  default: return 5; // authentication
  }
}

std::size_t size_of(std::uint8_t next, const std::byte *header) {
  if (next == fragment) return fragment_size;
  std::size_t units = u8_at(header, 1);
  return next == authentication ? (units + 2) * 4 : (units + 1) * 8; // RFC 4302 §2.2
}

/// One option from `left` on (RFC 8200 §4.2); `left` then begins behind it.
Reason check_option(Bytes &left) {
  constexpr std::uint8_t pad1 = 0, padn = 1, jumbo = 0xc2;
  std::uint8_t type = u8_at(left.data(), 0);
  if (type == pad1) {
    left = left.subspan(1);
    return Reason::none;
  }
  if (left.size() < 2 || left.size() - 2 < u8_at(left.data(), 1))
    return Reason::ip6_option_malformed;
  Bytes content = left.subspan(2, u8_at(left.data(), 1));
  left = left.subspan(2 + content.size());
  if (type == jumbo) return Reason::ip6_jumbo;
  if (type == padn)
    return std::ranges::all_of(content, [](std::byte octet) { return octet == std::byte{0}; })
               ? Reason::none
               : Reason::ip6_option_malformed; // a channel nobody looks at
  return type >> 6 == 0 ? Reason::none : Reason::ip6_option_unlisted;
}

Reason check_options(Bytes header) {
  Bytes left = header.subspan(2);
  for (std::size_t count = 0; !left.empty(); ++count) {
    if (count == most_options) return Reason::ip6_chain_too_long;
    if (Reason reason = check_option(left); reason != Reason::none) return reason;
  }
  return Reason::none;
}

Reason check_header(std::uint8_t next, Bytes header) {
  switch (next) {
  case hop_by_hop:
  case destination_options: return check_options(header);
  case routing:
    return u8_at(header.data(), 2) == 0 ? Reason::ip6_routing_type_0 : Reason::ip6_routing;
  default: return Reason::none;
  }
}

/// Whether this fragment header is that of a first fragment.
bool is_first(const std::byte *header) {
  return (u16_at(header, 2) & 0xfff8) == 0;
}

void note_fragment(Chain &chain) {
  chain.fragment = chain.transport;
  chain.fragment_data = chain.transport + fragment_size;
}

} // namespace

Reason walk_chain(Bytes packet, Chain &chain) {
  chain = {.protocol = u8_at(packet.data(), 6), .transport = ipv6_size};
  int rank = 0;
  std::uint8_t before = 59;
  while (is_walked(chain.protocol)) {
    std::uint8_t kind = chain.protocol;
    int place = rank_of(kind, rank);
    if (place <= rank || kind == before) return Reason::ip6_header_misplaced;
    Bytes left = packet.subspan(chain.transport);
    if (left.size() < 8 || left.size() < size_of(kind, left.data()))
      return Reason::ip6_chain_truncated;
    Bytes header = left.first(size_of(kind, left.data()));
    if (chain.transport + header.size() > ipv6_size + most_octets)
      return Reason::ip6_chain_too_long;
    if (Reason reason = check_header(kind, header); reason != Reason::none) return reason;
    if (kind == fragment) note_fragment(chain);
    chain.protocol = u8_at(header.data(), 0);
    chain.transport += header.size();
    if (kind == fragment && !is_first(header.data())) return Reason::none;
    rank = place;
    before = kind;
  }
  return is_unlisted_extension(chain.protocol) ? Reason::ip_extension_header : Reason::none;
}

bool skip_chain(Bytes packet, Chain &chain) {
  chain = {.protocol = u8_at(packet.data(), 6), .transport = ipv6_size};
  while (is_walked(chain.protocol)) {
    std::uint8_t kind = chain.protocol;
    if (packet.size() < chain.transport + 8) return false;
    const std::byte *header = packet.data() + chain.transport;
    if (kind == fragment) {
      if (!is_first(header)) return false;
      note_fragment(chain);
    }
    chain.protocol = u8_at(header, 0);
    chain.transport += size_of(kind, header);
    if (chain.transport > ipv6_size + most_octets) return false;
  }
  return chain.transport <= packet.size();
}

} // namespace sekisho::wire
