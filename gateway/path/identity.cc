// Who is who (Z5): what a device may say of itself, what is believed of it, and what the record hears of it.
#include "gateway/path/path.hh"

#include "gateway/wire/arp.hh"
#include "gateway/wire/nd.hh"
#include "gateway/wire/octets.hh"

#include <algorithm>

namespace sekisho::path {

bool is_link_local(const Ip &ip) { return ip.octets[0] == 0xfe && (ip.octets[1] & 0xc0) == 0x80; }

Ip link_local_of(const Mac &mac) {
  const auto &o = mac.octets;
  return Ip{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(o[0] ^ 2), o[1], o[2], 0xff, 0xfe,
             o[3], o[4], o[5]}};
}

/// May the device with this MAC have this address?  The rules' bindings hold in both directions, nobody is the
/// gateway, and in a closed zone everybody is listed.  `spoofed`: arp_spoofed or nd_spoofed.
Reason Path::check_binding(const Ip &ip, const Mac &mac, Reason spoofed) const {
  const rules::RuleSet &rules = policy_->rules();
  const rules::Zone &zone = rules.zones()[burst_.zone];
  if (mac.is_group() || (!options_.replay && mac == mac_of(burst_.zone))) return spoofed;
  if (policy_->is_gateway_address(ip)) return spoofed;
  if (is_link_local(ip)) {
    if (ip == link_local_of(mac_of(burst_.zone))) return spoofed;
    return zone.closed && !policy_->host_with(burst_.zone, mac) ? Reason::host_unknown
                                                                : check_home(mac);
  }
  if (!zone.has(ip)) return Reason::source_not_of_zone;
  const rules::Host *listed = rules.host_at(ip);
  if (listed && listed->mac && *listed->mac != mac) return spoofed;
  if (!policy_->may_have(burst_.zone, mac, ip)) return spoofed;
  if (zone.closed && !listed) return Reason::host_unknown;
  return check_home(mac);
}

/// A device that is listed, or was last trusted, in another zone does not speak in this one.
Reason Path::check_home(const Mac &mac) const {
  if (policy_->host_with(burst_.zone, mac)) return Reason::none;
  if (policy_->is_listed_elsewhere(burst_.zone, mac)) return Reason::device_moved;
  if (!options_.homes) return Reason::none;
  rules::ZoneId home = options_.homes->of(mac);
  return home == rules::no_zone || home == burst_.zone ? Reason::none : Reason::device_moved;
}

/// ARP and neighbour discovery come within bounds (link_budget.hh), listed stations and next hops first.  The first look
/// decides: of what is beyond them nothing more is read.
bool Path::is_beyond_budget(const port::Frame &frame) {
  constexpr std::size_t type_at = 54, target_at = 62, arp_sender_at = 28, ipv6_source_at = 22;
  constexpr std::uint8_t solicitation = 135, advertisement = 136;
  const std::byte *octets = frame.data;
  if (frame.length < wire::arp_frame_size) return false;
  std::uint16_t ethertype = wire::u16_at(octets, 12);
  Ip ip;
  if (ethertype == 0x0806) {
    ip = wire::ipv4_at(octets, arp_sender_at);
  } else {
    if (ethertype != 0x86dd || frame.length < target_at + sizeof ip || wire::u8_at(octets, 20) != rules::protocol::icmp6) return false;
    std::uint8_t type = wire::u8_at(octets, type_at);
    if (type != solicitation && type != advertisement) return false;
    ip = wire::ipv6_at(octets, type == advertisement ? target_at : ipv6_source_at);
  }
  Mac mac = wire::mac_at(octets, 6);
  bool is_known = policy_->host_with(burst_.zone, mac) || neighbours_.mac_in_use(burst_.zone, ip, burst_.seconds) == mac;
  return !link_budget_.take(burst_.zone, mac, ip, is_known, burst_.seconds);
}

/// ARP or neighbour discovery in order says that `mac` has `ip`.  Listed hosts need no word of their own.
Reason Path::hear(const Ip &ip, const Mac &mac) {
  const rules::Host *listed = policy_->rules().host_at(ip);
  if (listed && listed->mac) {
    see(Standing::heard, Reason::none, mac, ip);
    return Reason::none;
  }
  std::uint32_t now = burst_.seconds;
  Claims::Answer answer =
      claims_.hear(burst_.zone, ip, mac, neighbours_.mac_in_use(burst_.zone, ip, now), now);
  if (answer.ask && !options_.replay) ask(burst_.zone, ip, answer.ask);
  if (answer.outcome == Claims::Outcome::contested) return Reason::neighbour_moved;
  bool has_moved = answer.outcome == Claims::Outcome::moved;
  see(Standing::heard, has_moved ? Reason::neighbour_moved : Reason::none, mac, ip);
  Acquaintance heard{.ip = ip, .mac = mac, .zone = burst_.zone, .has_moved = has_moved};
  take_word(heard);
  for (AcquaintanceRing *ring : options_.tell) ring->push(heard); // the others ask again if it is lost
  return Reason::none;
}

void Path::take_word(const Acquaintance &heard) {
  neighbours_.learn(heard.zone, heard.ip, heard.mac, burst_.seconds, heard.has_moved);
}

void Path::see(Standing standing, Reason reason, const Mac &mac, const Ip &ip) {
  if (!sightings_ || burst_.side == Side::kernel) return;
  sightings_->note({.mac = mac,
                    .zone = burst_.zone,
                    .standing = standing,
                    .reason = reason,
                    .ip = ip,
                    .time = burst_.now.unix},
                   burst_.seconds);
}

/// The quick way tells nobody of the packets it carries: so the sweeper does, of a flow that had some.
void Path::see_ends(const flow::Entry &entry) {
  const flow::Aside &aside = flows_.aside(entry);
  auto seen = [&](rules::ZoneId zone, const Mac &mac, const Ip &ip) {
    sightings_->note({.mac = mac, .zone = zone, .standing = Standing::permitted, .ip = ip,
                      .time = burst_.now.unix},
                     burst_.now.seconds());
  };
  if (!entry.from_kernel) seen(entry.from, aside.opener_mac, aside.ends.source);
  bool is_answered = entry.state == flow::State::established || entry.state == flow::State::two_way;
  Neighbours::Index answerer = entry.neighbour[1];
  if (!entry.relayed && is_answered && answerer != Neighbours::none &&
      neighbours_.is_usable(answerer, burst_.now.seconds()))
    seen(entry.to, neighbours_[answerer].mac, aside.ends.destination);
}

/// The kernel asks, all or one.
void Path::expect_answer(const wire::Headers &question, const Ip &target) {
  const Mac &to = question.destination_mac;
  link_budget_.expect(burst_.zone, target, to.is_group() ? std::nullopt : std::optional(to), burst_.seconds);
}

/// Whose MAC is it?  To all, or to `at` alone.
void Path::ask(rules::ZoneId zone, const Ip &target, const std::optional<Mac> &at) {
  const std::optional<Ip> &address = policy_->rules().zones()[zone].address;
  port::Port *port = door(zone, Side::port).port;
  port::Frame frame;
  if (!port || (target.is_v4() && !(address && address->is_v4())) || !pool_.allocate(frame)) return;
  link_budget_.expect(zone, target, at, burst_.seconds);
  auto put = [&](const auto &octets) {
    std::ranges::copy(octets, frame.data);
    if (at) wire::put_mac(frame.data, 0, *at);
    pool_.set_length(frame, static_cast<std::uint32_t>(octets.size()));
  };
  if (target.is_v4()) {
    put(wire::arp_request(port->mac(), *address, target));
  } else {
    Ip source = address && !address->is_v4() ? *address : link_local_of(port->mac());
    put(wire::neighbour_solicitation(port->mac(), source, target, at));
  }
  counters_.arp_asked.add(port->transmit({&frame, 1}));
}

} // namespace sekisho::path
