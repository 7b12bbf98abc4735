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

Reason parse_network(std::uint16_t ethertype, Bytes frame, Headers &headers, Bytes &payload) {
  Bytes packet = frame.subspan(ethernet_size);
  switch (ethertype) {
  case 0x0800:
    headers.network = Network::ipv4;
    return parse_ipv4(packet, ethernet_size, headers, payload);
  case 0x86dd:
    headers.network = Network::ipv6;
    return parse_ipv6(packet, ethernet_size, headers, payload);
  default: return Reason::ethertype_unlisted;
  }
}

/// `length`: of the whole transport message, of which a first fragment's `payload` is the
/// beginning.
Reason parse_transport(Bytes payload, std::size_t length, Headers &headers) {
  switch (headers.protocol) {
  case 6: return parse_tcp(payload, length, headers);
  case 17: return parse_udp(payload, length, headers);
  case 1:
  case 58: return parse_icmp(payload, headers);
  default: return Reason::none; // the rules decide by protocol number
  }
}

bool is_cut_short(Reason reason) {
  return reason == Reason::tcp_truncated || reason == Reason::udp_truncated ||
         reason == Reason::icmp_truncated;
}

/// Of a first fragment: its transport header must be whole (RFC 1858, RFC 7112).
Reason parse_first(Bytes payload, std::size_t length, Headers &headers) {
  Reason reason = parse_transport(payload, length, headers);
  return is_cut_short(reason) ? Reason::fragment_tiny : reason;
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
  reason = parse_network(ethertype, frame, headers, payload);
  if (reason != Reason::none && reason != Reason::ip_multicast && reason != Reason::ip_fragment)
    return reason;
  headers.transport_offset = static_cast<std::uint16_t>(payload.data() - frame.data());
  headers.length = headers.transport_offset + static_cast<std::uint32_t>(payload.size());
  Reason transport = Reason::none;
  if (!headers.is_fragment)
    transport = parse_transport(payload, payload.size(), headers);
  else if (headers.fragment_offset == 0)
    transport = parse_first(payload, unknown_length, headers);
  return transport != Reason::none ? transport : reason;
}

Reason parse_reassembled(Bytes first_frame, std::size_t data_length, Headers &headers) {
  Reason reason = parse(first_frame, headers);
  if (reason != Reason::ip_fragment)
    return reason == Reason::none ? Reason::fragment_malformed : reason;
  std::size_t chain =
      headers.transport_offset - headers.fragment_start; // headers behind the fragment header
  if (headers.fragment_offset != 0 || data_length < headers.length - headers.fragment_start)
    return Reason::fragment_malformed;
  Bytes payload = first_frame.first(headers.length).subspan(headers.transport_offset);
  return parse_first(payload, data_length - chain, headers);
}

} // namespace sekisho::wire
