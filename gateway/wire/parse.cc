#include "gateway/wire/headers.hh"

#include "gateway/wire/ip.hh"
#include "gateway/wire/octets.hh"
#include "gateway/wire/transport.hh"

namespace sekisho::wire {
namespace {

/// IEEE 802.3 §3.  Tags (802.1Q, 802.1ad, the old 0x9100) are refused: no rule names a VLAN.
Reason parse_ethernet(Bytes frame, Headers &headers, std::uint16_t &ethertype) {
  if (frame.size() < ethernet_size) return Reason::frame_truncated;
  headers.destination_mac = mac_at(frame.data(), 0);
  headers.source_mac = mac_at(frame.data(), 6);
  ethertype = u16_at(frame.data(), 12);
  if (ethertype == 0x8100 || ethertype == 0x88a8 || ethertype == 0x9100)
    return Reason::vlan_unlisted;
  if (headers.source_mac.is_group()) return Reason::source_mac_group;
  return Reason::none;
}

Reason parse_network(std::uint16_t ethertype, Bytes packet, Headers &headers, Bytes &payload) {
  switch (ethertype) {
  case 0x0800: headers.network = Network::ipv4; return parse_ipv4(packet, headers, payload);
  case 0x86dd: headers.network = Network::ipv6; return parse_ipv6(packet, headers, payload);
  default: return Reason::ethertype_unlisted;
  }
}

Reason parse_transport(Bytes payload, Headers &headers) {
  switch (headers.protocol) {
  case 6: return parse_tcp(payload, headers);
  case 17: return parse_udp(payload, headers);
  case 1:
  case 58: return parse_icmp(payload, headers);
  default: return Reason::none; // the rules decide by protocol number
  }
}

} // namespace

Reason parse(Bytes frame, Headers &headers) {
  headers = {};
  headers.length = static_cast<std::uint32_t>(frame.size());
  std::uint16_t ethertype = 0;
  Reason reason = parse_ethernet(frame, headers, ethertype);
  if (reason != Reason::none) return reason;
  constexpr std::uint16_t arp = 0x0806;
  if (ethertype == arp) return Reason::none;

  Bytes payload;
  reason = parse_network(ethertype, frame.subspan(ethernet_size), headers, payload);
  if (reason != Reason::none) return reason;
  headers.transport_offset = static_cast<std::uint16_t>(payload.data() - frame.data());
  headers.length = headers.transport_offset + static_cast<std::uint32_t>(payload.size());
  return parse_transport(payload, headers);
}

} // namespace sekisho::wire
