#include "gateway/wire/nd.hh"

#include "gateway/wire/checksum.hh"
#include "gateway/wire/transport.hh"

namespace sekisho::wire {
namespace {

constexpr std::size_t ipv6_size = 40, message_size = 24, option_size = 8;
constexpr std::uint8_t solicitation = 135, advertisement = 136, icmp6 = 58;
constexpr std::uint8_t source_link_address = 1, target_link_address = 2;
constexpr std::uint8_t all_hops = 255;
constexpr std::uint32_t router_flag = 1u << 31, solicited_flag = 1u << 30, override_flag = 1u << 29;

bool is_group(const Ip &ip) {
  return ip.octets[0] == 0xff;
}

/// §4.6.1; other options are skipped (§4.6), none may be empty.
bool read_options(Bytes left, std::uint8_t wanted, std::optional<Mac> &address) {
  while (!left.empty()) {
    if (left.size() < option_size) return false;
    std::size_t size = u8_at(left.data(), 1) * option_size;
    if (size == 0 || size > left.size()) return false;
    if (u8_at(left.data(), 0) == wanted) {
      if (size != option_size || address) return false;
      address = mac_at(left.data(), 2);
      if (address->is_group()) return false;
    }
    left = left.subspan(size);
  }
  return true;
}

bool is_sane_solicitation(const Headers &headers, const Neighbour &neighbour) {
  bool from_nobody = headers.source == Ip{};
  if (from_nobody)
    return headers.destination == solicited_node_group(neighbour.target) && !neighbour.link_address;
  return !is_group(headers.destination) ||
         (headers.destination == solicited_node_group(neighbour.target) && neighbour.link_address);
}

bool is_sane_advertisement(const Headers &headers, const Neighbour &neighbour) {
  return headers.source != Ip{} && !(is_group(headers.destination) && neighbour.is_solicited);
}

/// Ethernet and IPv6 header and the message's first 24 octets, without the checksum.
NeighbourFrame frame_of(const Mac &to_mac, const Ip &to, const Mac &from_mac, const Ip &from) {
  NeighbourFrame frame{};
  put_mac(frame.data(), 0, to_mac);
  put_mac(frame.data(), 6, from_mac);
  put_u16(frame.data(), 12, 0x86dd);
  std::byte *packet = frame.data() + ethernet_size;
  put_u32(packet, 0, 6u << 28);
  put_u16(packet, 4, message_size + option_size);
  put_u8(packet, 6, icmp6);
  put_u8(packet, 7, all_hops);
  put_ipv6(packet, 8, from);
  put_ipv6(packet, 24, to);
  return frame;
}

void put_message(NeighbourFrame &frame, std::uint8_t type, std::uint32_t flags, const Ip &target,
                 std::uint8_t option, const Mac &link_address) {
  std::byte *message = frame.data() + ethernet_size + ipv6_size;
  put_u8(message, 0, type);
  put_u32(message, 4, flags);
  put_ipv6(message, 8, target);
  put_u8(message, message_size, option);
  put_u8(message, message_size + 1, 1);
  put_mac(message, message_size + 2, link_address);
  Headers headers;
  headers.network = Network::ipv6;
  headers.source = ipv6_at(frame.data(), ethernet_size + 8);
  headers.destination = ipv6_at(frame.data(), ethernet_size + 24);
  constexpr std::size_t size = message_size + option_size;
  std::uint64_t sum = partial_sum({message, size}) + pseudo_sum(headers, icmp6, size);
  put_u16(message, 2, static_cast<std::uint16_t>(~folded(sum)));
}

const Ip all_nodes{{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

} // namespace

Reason parse_neighbour(Bytes frame, const Headers &headers, Neighbour &neighbour) {
  if (headers.hop_limit != all_hops || headers.icmp_code != 0 || headers.is_fragment ||
      headers.transport_offset != ethernet_size + ipv6_size)
    return Reason::nd_malformed;
  Bytes message = frame.first(headers.length).subspan(headers.transport_offset);
  if (message.size() < message_size) return Reason::nd_malformed;
  if (Reason reason = check_transport_checksum(frame, headers); reason != Reason::none)
    return reason;
  neighbour = {};
  neighbour.is_solicitation = headers.icmp_type == solicitation;
  neighbour.target = ipv6_at(message.data(), 8);
  if (is_group(neighbour.target) || neighbour.target.is_v4()) return Reason::nd_malformed;
  std::uint8_t wanted = neighbour.is_solicitation ? source_link_address : target_link_address;
  if (!read_options(message.subspan(message_size), wanted, neighbour.link_address))
    return Reason::nd_malformed;
  if (!neighbour.is_solicitation) {
    std::uint32_t flags = u32_at(message.data(), 4);
    neighbour.is_router = flags & router_flag;
    neighbour.is_solicited = flags & solicited_flag;
    neighbour.is_override = flags & override_flag;
  }
  bool is_sane = neighbour.is_solicitation ? is_sane_solicitation(headers, neighbour)
                                           : is_sane_advertisement(headers, neighbour);
  return is_sane ? Reason::none : Reason::nd_malformed;
}

Ip solicited_node_group(const Ip &target) {
  Ip group{{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 0}};
  for (std::size_t i = 13; i < 16; ++i)
    group.octets[i] = target.octets[i];
  return group;
}

Mac group_mac(const Ip &group) {
  return {{0x33, 0x33, group.octets[12], group.octets[13], group.octets[14], group.octets[15]}};
}

NeighbourFrame neighbour_solicitation(const Mac &sender_mac, const Ip &sender, const Ip &target,
                                      const std::optional<Mac> &at) {
  Ip group = solicited_node_group(target);
  NeighbourFrame frame = at ? frame_of(*at, target, sender_mac, sender)
                            : frame_of(group_mac(group), group, sender_mac, sender);
  put_message(frame, solicitation, 0, target, source_link_address, sender_mac);
  return frame;
}

NeighbourFrame neighbour_advertisement(const Mac &mac, const Ip &target, const Mac &asker_mac,
                                       const Ip &asker) {
  bool is_solicited = asker != Ip{};
  NeighbourFrame frame = is_solicited ? frame_of(asker_mac, asker, mac, target)
                                      : frame_of(group_mac(all_nodes), all_nodes, mac, target);
  put_message(frame, advertisement,
              (is_solicited ? solicited_flag : 0) | override_flag | router_flag, target,
              target_link_address, mac);
  return frame;
}

} // namespace sekisho::wire
