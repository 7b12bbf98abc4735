// What forwarding changes in a packet: the two MACs, the hop limit and, in IPv4, its checksum.
#include "gateway/path/path.hh"

#include "gateway/wire/checksum.hh"

namespace sekisho::path {

Neighbours::Index Path::neighbour(rules::ZoneId zone, const Ip &ip) {
  return neighbours_.resolve(zone, ip);
}

bool Path::is_reachable(Neighbours::Index index) {
  if (options_.replay) return true;
  if (index == Neighbours::none) return false;
  std::uint32_t now = burst_.seconds;
  if (neighbours_.should_ask(index, now)) ask(neighbours_[index].zone, neighbours_[index].ip);
  return neighbours_.is_usable(index, now);
}

/// One less; a header that was read before.
void Path::take_hop(std::byte *packet) {
  if (wire::u8_at(packet, 0) >> 4 == 4) { // RFC 791 §3.2: TTL; it shares its 16 bits with the protocol
    std::uint16_t before = wire::u16_at(packet, 8);
    std::uint16_t after = static_cast<std::uint16_t>(before - 0x100);
    wire::put_u16(packet, 8, after);
    wire::put_u16(packet, 10, wire::updated_checksum(wire::u16_at(packet, 10), before, after));
  } else { // RFC 8200 §3: hop limit
    wire::put_u8(packet, 7, static_cast<std::uint8_t>(wire::u8_at(packet, 7) - 1));
  }
}

void Path::rewrite(std::size_t i, Neighbours::Index next) {
  port::Frame &frame = burst_.frames[i];
  const wire::Headers &headers = burst_.headers[i];
  if (next != Neighbours::none) {
    const Neighbour &neighbour = neighbours_[next];
    wire::put_mac(frame.data, 0, neighbour.mac);
    wire::put_mac(frame.data, 6, mac_of(neighbour.zone));
  }
  take_hop(frame.data + wire::ethernet_size);
  if (frame.length != headers.length) pool_.set_length(frame, headers.length); // no padding goes on
}

} // namespace sekisho::path
