// Random policies and packets: decide() against a slow classifier that was written from the manual,
// knows nothing of the compiled form, and looks at every sentence for every packet.
//
//   unit-rules-differential [--seed N] [--rounds N]
#include "rules/compile.hh"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace sekisho;
using rules::Verdict;

constexpr UnixSeconds today = 1'795'180'000; // Friday 2026-11-20 in Japan
constexpr UnixSeconds day = 86'400, japan = 9 * 3'600;

// -- the policy as it was meant -------------------------------------------------------------------

struct Net {
  std::array<std::uint8_t, 16> octets{};
  unsigned bits = 128;
  std::string text;
};

struct ZoneMeant {
  std::string name;
  std::vector<Net> networks;
  std::string gateway;
  bool closed = false, outside = false;
};

struct HostMeant {
  std::string name, address;
  int zone = 0;
  int mac = -1; // index of a MAC
};

struct KindMeant { // tcp 80-90, icmp 8/0
  int protocol = 6, first = 0, last = 65'535;
};

struct EndMeant {
  std::string text;
  std::vector<std::pair<int, Net>> members; // zone, network
};

struct RuleMeant {
  enum What { permit, relay, in, out } what = permit;
  std::string services, label;
  std::vector<KindMeant> kinds;
  std::vector<EndMeant> from, to; // of `in` and `out`: hosts in `from`
  UnixSeconds since = INT64_MIN, until = INT64_MAX;
  bool has_hours = false;
  std::array<bool, 7> days{};
  int begin = 0, end = 0; // minutes
  int relay_from = 0, relay_to = 0, listen = 0, port = 0;
  std::string next_hop;
  int order = 0; // as numbered by the compiler: permits, then relays, then local sentences
};

struct World {
  std::vector<ZoneMeant> zones;
  std::vector<HostMeant> hosts;
  std::vector<RuleMeant> rules;
  std::map<std::string, EndMeant> sets;
  std::map<std::string, std::pair<std::string, std::vector<KindMeant>>> services;
  std::string text;
};

Ip ip_of(const std::string &text) {
  return *parse_ip(text);
}

Net net_of(const std::string &text) {
  std::size_t slash = text.find('/');
  Ip ip = ip_of(text.substr(0, slash));
  unsigned bits =
      slash == std::string::npos ? 128 : static_cast<unsigned>(std::stoi(text.substr(slash + 1)));
  if (slash != std::string::npos && text.find(':') == std::string::npos) bits += 96;
  return {ip.octets, bits, text};
}

bool lies_in(const Ip &ip, const Net &net) {
  for (unsigned bit = 0; bit < net.bits; ++bit) {
    unsigned shift = 7 - bit % 8;
    if ((ip.octets[bit / 8] >> shift & 1) != (net.octets[bit / 8] >> shift & 1)) return false;
  }
  return true;
}

Mac mac_of(int index) {
  return Mac{{2, 0, 0, 0, static_cast<std::uint8_t>(index >> 8), static_cast<std::uint8_t>(index)}};
}

// -- the slow answer ------------------------------------------------------------------------------

class Slow {
public:
  explicit Slow(const World &world) : world_(world) {}

  rules::Decision decide(const rules::PacketSubject &packet, UnixSeconds time) const {
    int from = packet.from;
    if (from >= static_cast<int>(world_.zones.size())) return drop(Reason::not_listed);
    if (packet.from_kernel) return kernel(packet, time);
    bool vrrp_group = packet.protocol == 112 && (packet.destination == ip_of("224.0.0.18") ||
                                                 packet.destination == ip_of("ff02::12"));
    int lies = zone_at(packet.source);
    const HostMeant *with_mac = host_with(packet.source_mac);
    if (lies < 0 && vrrp_group) {
      if (!lies_in(packet.source, net_of("fe80::/10")) || !with_mac)
        return drop(Reason::source_not_of_zone);
      if (with_mac->zone != from) return drop(Reason::mac_mismatch);
      return listed(packet, ip_of(with_mac->address), RuleMeant::in, Reason::gateway_port_closed,
                    time);
    }
    if (lies != from || is_gateway(packet.source) >= 0 || is_broadcast(from, packet.source))
      return drop(Reason::source_not_of_zone);
    const HostMeant *host = host_at(packet.source);
    if (!host && world_.zones[static_cast<std::size_t>(from)].closed)
      return drop(Reason::host_unknown);
    if (host && host->mac >= 0 && !(mac_of(host->mac) == packet.source_mac))
      return drop(Reason::mac_mismatch);
    if (with_mac && with_mac->zone != from) return drop(Reason::mac_mismatch);
    if (vrrp_group)
      return listed(packet, packet.source, RuleMeant::in, Reason::gateway_port_closed, time);
    if (packet.destination.octets[0] == 0xff ||
        lies_in(packet.destination, net_of("224.0.0.0/4")) ||
        packet.destination == ip_of("255.255.255.255"))
      return drop(Reason::ip_multicast);
    if (int at = is_gateway(packet.destination); at >= 0) {
      if (at != from) return drop(Reason::gateway_port_closed);
      return listed(packet, packet.source, RuleMeant::in, Reason::gateway_port_closed, time);
    }
    int to = zone_at(packet.destination);
    if (to < 0) return drop(Reason::no_destination_zone);
    if (to == from) return drop(Reason::same_zone);
    const ZoneMeant &one = world_.zones[static_cast<std::size_t>(from)],
                    &other = world_.zones[static_cast<std::size_t>(to)];
    if (one.outside || other.outside)
      return drop(one.closed || other.closed ? Reason::zone_closed : Reason::zones_split);
    if (is_broadcast(to, packet.destination)) return drop(Reason::ip_multicast);
    return crossing(packet, from, to, time);
  }

private:
  static rules::Decision drop(Reason reason, int rule = -1) {
    return {Verdict::drop, reason, rules::no_zone,
            rule < 0 ? rules::no_rule : static_cast<rules::RuleId>(rule)};
  }
  int zone_at(const Ip &ip) const {
    int best = -1;
    unsigned bits = 0;
    for (std::size_t i = 0; i < world_.zones.size(); ++i)
      for (const Net &net : world_.zones[i].networks)
        if (lies_in(ip, net) && (best < 0 || net.bits > bits))
          best = static_cast<int>(i), bits = net.bits;
    return best;
  }
  int is_gateway(const Ip &ip) const {
    for (std::size_t i = 0; i < world_.zones.size(); ++i)
      if (ip_of(world_.zones[i].gateway) == ip) return static_cast<int>(i);
    return -1;
  }
  const HostMeant *host_at(const Ip &ip) const {
    for (const HostMeant &host : world_.hosts)
      if (ip_of(host.address) == ip) return &host;
    return nullptr;
  }
  const HostMeant *host_with(const Mac &mac) const {
    for (const HostMeant &host : world_.hosts)
      if (host.mac >= 0 && mac_of(host.mac) == mac) return &host;
    return nullptr;
  }
  bool is_broadcast(int zone, const Ip &ip) const {
    for (const Net &net : world_.zones[static_cast<std::size_t>(zone)].networks) {
      if (net.text.find(':') != std::string::npos || net.bits <= 96 || net.bits > 126 ||
          !lies_in(ip, net))
        continue;
      bool zeros = true, ones = true;
      for (unsigned bit = net.bits; bit < 128; ++bit)
        (ip.octets[bit / 8] >> (7 - bit % 8) & 1 ? zeros : ones) = false;
      if (zeros || ones) return true;
    }
    return false;
  }
  static bool in_force(const RuleMeant &rule, UnixSeconds time) {
    if (time < rule.since || time > rule.until) return false;
    if (!rule.has_hours) return true;
    UnixSeconds local = time + japan;
    int minute = static_cast<int>(local % day / 60),
        weekday = static_cast<int>((local / day + 3) % 7);
    for (int back = 0; back <= 1; ++back) { // began today or yesterday
      if (!rule.days[static_cast<std::size_t>((weekday + 7 - back) % 7)]) continue;
      int now = minute + back * 1'440, end = rule.end > rule.begin ? rule.end : rule.end + 1'440;
      if (rule.begin <= now && now < end) return true;
    }
    return false;
  }
  static bool serves(const RuleMeant &rule, const rules::PacketSubject &packet) {
    for (const KindMeant &kind : rule.kinds) {
      bool icmp = packet.protocol == 1 || packet.protocol == 58;
      int number = icmp ? packet.icmp_type * 256 + packet.icmp_code : packet.destination_port;
      if (kind.protocol == packet.protocol && kind.first <= number && number <= kind.last)
        return true;
    }
    return false;
  }
  static bool names(const std::vector<EndMeant> &ends, int zone, const Ip &ip) {
    for (const EndMeant &end : ends)
      for (const auto &[of, net] : end.members)
        if (of == zone && lies_in(ip, net)) return true;
    return false;
  }
  rules::Decision crossing(const rules::PacketSubject &packet, int from, int to,
                           UnixSeconds time) const {
    bool hosts_listed = false;
    const RuleMeant *sleeping = nullptr;
    for (const RuleMeant &rule : world_.rules) {
      if (rule.what != RuleMeant::permit || !names(rule.from, from, packet.source) ||
          !names(rule.to, to, packet.destination))
        continue;
      hosts_listed = true;
      if (!serves(rule, packet)) continue;
      if (in_force(rule, time))
        return {Verdict::pass, Reason::none, static_cast<rules::ZoneId>(to),
                static_cast<rules::RuleId>(rule.order)};
      if (!sleeping) sleeping = &rule;
    }
    if (sleeping) return asleep(*sleeping, time);
    if (hosts_listed) return drop(Reason::service_not_listed);
    bool closed = world_.zones[static_cast<std::size_t>(from)].closed ||
                  world_.zones[static_cast<std::size_t>(to)].closed;
    return drop(closed ? Reason::zone_closed : Reason::not_listed);
  }
  static rules::Decision asleep(const RuleMeant &rule, UnixSeconds time) {
    return drop(time > rule.until ? Reason::rule_expired : Reason::rule_not_now, rule.order);
  }
  /// Relays and local sentences of this direction, for the peer's address.
  rules::Decision listed(const rules::PacketSubject &packet, const Ip &peer, RuleMeant::What what,
                         Reason otherwise, UnixSeconds time) const {
    const RuleMeant *sleeping = nullptr;
    for (const RuleMeant &rule : world_.rules) {
      bool matches = false;
      if (rule.what == RuleMeant::relay && what == RuleMeant::in)
        matches = packet.protocol == 6 && rule.relay_from == packet.from &&
                  rule.listen == packet.destination_port;
      if (rule.what == RuleMeant::relay && what == RuleMeant::out)
        matches = packet.protocol == 6 && rule.relay_to == packet.from &&
                  ip_of(rule.next_hop) == peer && rule.port == packet.destination_port;
      if (rule.what == what) matches = names(rule.from, packet.from, peer) && serves(rule, packet);
      if (!matches) continue;
      if (in_force(rule, time))
        return {Verdict::relay, Reason::none, rules::no_zone,
                static_cast<rules::RuleId>(rule.order)};
      if (!sleeping) sleeping = &rule;
    }
    return sleeping ? asleep(*sleeping, time) : drop(otherwise);
  }
  rules::Decision kernel(const rules::PacketSubject &packet, UnixSeconds time) const {
    bool to_group = packet.protocol == 112 && (packet.destination == ip_of("224.0.0.18") ||
                                               packet.destination == ip_of("ff02::12"));
    bool own = packet.source == ip_of(world_.zones[packet.from].gateway);
    if (!own && !(to_group && lies_in(packet.source, net_of("fe80::/10"))))
      return drop(Reason::kernel_not_listed);
    if (to_group) {
      const RuleMeant *sleeping = nullptr;
      for (const RuleMeant &rule : world_.rules) {
        bool here = false, vrrp = false;
        for (const EndMeant &end : rule.from)
          for (const auto &[zone, net] : end.members)
            here |= zone == packet.from;
        for (const KindMeant &kind : rule.kinds)
          vrrp |= kind.protocol == 112;
        if (rule.what != RuleMeant::out || !here || !vrrp) continue;
        if (in_force(rule, time))
          return {Verdict::relay, Reason::none, rules::no_zone,
                  static_cast<rules::RuleId>(rule.order)};
        if (!sleeping) sleeping = &rule;
      }
      return sleeping ? asleep(*sleeping, time) : drop(Reason::kernel_not_listed);
    }
    if (zone_at(packet.destination) != packet.from || is_gateway(packet.destination) >= 0 ||
        is_broadcast(packet.from, packet.destination))
      return drop(Reason::kernel_not_listed);
    return listed(packet, packet.destination, RuleMeant::out, Reason::kernel_not_listed, time);
  }

  const World &world_;
};

// -- making policies and packets ------------------------------------------------------------------

class Maker {
public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  World world() {
    World world;
    zones(world);
    hosts(world);
    sets(world);
    services(world);
    std::vector<std::string> permits, relays, locals;
    std::size_t count = below(24);
    for (std::size_t i = 0; i < count; ++i)
      permit(world);
    if (chance(2)) relay(world);
    count = below(6);
    for (std::size_t i = 0; i < count; ++i)
      local(world);
    for (std::size_t i = 0; i < world.rules.size(); ++i)
      world.rules[i].order = static_cast<int>(i);
    return world;
  }

  rules::PacketSubject packet(const World &world) {
    rules::PacketSubject packet;
    packet.from = static_cast<rules::ZoneId>(below(world.zones.size()));
    packet.from_kernel = chance(8);
    packet.source = packet.from_kernel && !chance(8)
                        ? ip_of(world.zones[packet.from].gateway)
                        : address(world, chance(10) ? -1 : packet.from);
    packet.destination = address(world, packet.from_kernel && !chance(4) ? packet.from : -1);
    const int protocols[] = {6, 6, 6, 17, 17, 1, 58, 112, 47};
    packet.protocol = static_cast<std::uint8_t>(protocols[below(std::size(protocols))]);
    if (packet.protocol == 6 || packet.protocol == 17) packet.destination_port = port();
    const std::uint8_t types[] = {0, 8, 13, 14, 128, 129, 3};
    if (packet.protocol == 1 || packet.protocol == 58) {
      packet.icmp_type = types[below(std::size(types))];
      packet.icmp_code = chance(6) ? 1 : 0;
    }
    if (!world.rules.empty() && !chance(3)) aim(world, packet);
    packet.source_mac = mac_of(900);
    for (const HostMeant &host : world.hosts)
      if (host.mac >= 0 && ip_of(host.address) == packet.source && !chance(10))
        packet.source_mac = mac_of(host.mac);
    if (chance(10) && !world.hosts.empty())
      packet.source_mac = mac_of(std::max(0, pick(world.hosts).mac));
    return packet;
  }

  UnixSeconds time() { return today + static_cast<UnixSeconds>(below(40 * day)) - 12 * day; }
  UnixSeconds within(UnixSeconds first, UnixSeconds last) {
    return std::uniform_int_distribution<UnixSeconds>(first, last)(random_);
  }

private:
  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }
  template <class T> const T &pick(const std::vector<T> &from) { return from[below(from.size())]; }
  std::uint16_t port() {
    const std::uint16_t ports[] = {1, 22, 25, 53, 80, 81, 443, 1023, 1024, 8000, 8005, 65'535};
    return ports[below(std::size(ports))];
  }

  /// An address of the network, or one beside it.
  Ip member(const Net &net) {
    Ip ip{net.octets};
    if (net.bits < 128)
      ip.octets[15] =
          static_cast<std::uint8_t>(ip.octets[15] | below(1u << std::min(7u, 128 - net.bits)));
    if (chance(12)) ip.octets[15] ^= 1;
    return ip;
  }

  /// At a flow some sentence speaks of.
  void aim(const World &world, rules::PacketSubject &packet) {
    const RuleMeant &rule = pick(world.rules);
    packet.from_kernel = rule.what == RuleMeant::out;
    if (rule.what == RuleMeant::relay) {
      packet.from_kernel = chance(2);
      int zone = packet.from_kernel ? rule.relay_to : rule.relay_from;
      packet.from = static_cast<rules::ZoneId>(zone);
      packet.source =
          packet.from_kernel ? ip_of(world.zones[packet.from].gateway) : address(world, zone);
      packet.destination =
          packet.from_kernel ? ip_of(rule.next_hop) : ip_of(world.zones[packet.from].gateway);
      packet.protocol = 6;
      packet.destination_port =
          static_cast<std::uint16_t>(packet.from_kernel ? rule.port : rule.listen);
      return;
    }
    const auto &[zone, net] = pick(pick(rule.from).members);
    packet.from = static_cast<rules::ZoneId>(zone);
    Ip gateway = ip_of(world.zones[packet.from].gateway);
    packet.source = rule.what == RuleMeant::out ? gateway : member(net);
    packet.destination = rule.what == RuleMeant::permit ? member(pick(pick(rule.to).members).second)
                         : rule.what == RuleMeant::out  ? member(net)
                                                        : gateway;
    const KindMeant &kind = pick(rule.kinds);
    packet.protocol = static_cast<std::uint8_t>(kind.protocol);
    int number =
        static_cast<int>(kind.first + below(static_cast<std::size_t>(kind.last - kind.first) + 1));
    if (chance(2)) number = chance(2) ? kind.first : kind.last;
    if (chance(12)) ++number;
    packet.destination_port = packet.icmp_type = packet.icmp_code = 0;
    if (kind.protocol == 1 || kind.protocol == 58) {
      packet.icmp_type = static_cast<std::uint8_t>(number >> 8);
      packet.icmp_code = static_cast<std::uint8_t>(number);
    } else if (kind.protocol != 112) {
      packet.destination_port = static_cast<std::uint16_t>(number);
    } else if (chance(2)) {
      (rule.what == RuleMeant::out || chance(2) ? packet.destination : packet.source) =
          ip_of("224.0.0.18");
      if (chance(2)) packet.destination = ip_of("ff02::12"), packet.source = ip_of("fe80::1");
    }
  }

  void zones(World &world) {
    const char *names[] = {"mynumber", "alpha", "beta", "gamma", "internet"};
    std::size_t count = 3 + below(3);
    for (std::size_t i = 0; i < count; ++i) {
      ZoneMeant zone;
      zone.name = names[i];
      zone.closed = i == 0;
      zone.outside = zone.name == "internet";
      zone.gateway = fmt::format("10.{}.0.1", i);
      zone.networks.push_back(net_of(fmt::format("10.{}.0.0/24", i)));
      if (chance(2)) zone.networks.push_back(net_of(fmt::format("10.{}.4.0/23", i)));
      if (chance(2)) zone.networks.push_back(net_of(fmt::format("2001:db8:{}::/64", i)));
      if (zone.outside && chance(2)) zone.networks = {net_of("0.0.0.0/0")};
      world.text += fmt::format("zone {} {{ port \"p{}\" address {}", zone.name, i, zone.gateway);
      for (const Net &net : zone.networks)
        world.text += " network " + net.text;
      world.text += " }\n";
      world.zones.push_back(zone);
    }
  }

  std::string address_in(const World &world, int zone) {
    const ZoneMeant &of = world.zones[static_cast<std::size_t>(zone)];
    const Net &net = pick(of.networks);
    if (net.text.find(':') != std::string::npos)
      return fmt::format("2001:db8:{}::{}", zone, 2 + below(12));
    if (net.text == "0.0.0.0/0")
      return chance(2) ? fmt::format("198.51.100.{}", 2 + below(5)) : "10.200.0.9";
    if (net.text.ends_with("/23"))
      return fmt::format("10.{}.{}.{}", zone, 4 + below(2), 2 + below(12));
    return fmt::format("10.{}.0.{}", zone, 2 + below(20));
  }
  Ip address(const World &world, int zone) {
    if (chance(14)) {
      const char *odd[] = {"224.0.0.18", "ff02::12",   "224.0.0.5", "255.255.255.255", "fe80::1",
                           "192.0.2.9",  "10.1.0.255", "10.0.0.0",  "10.1.5.255",      "10.1.4.0",
                           "10.1.4.255", "ff02::1",    "0.0.0.0",   "10.2.0.0"};
      return ip_of(odd[below(std::size(odd))]);
    }
    if (zone < 0) zone = static_cast<int>(below(world.zones.size()));
    if (chance(12)) return ip_of(world.zones[static_cast<std::size_t>(zone)].gateway);
    return ip_of(address_in(world, zone));
  }

  void hosts(World &world) {
    std::size_t count = 2 + below(14);
    std::map<std::string, bool> taken;
    for (std::size_t i = 0; i < count; ++i) {
      HostMeant host;
      host.zone = static_cast<int>(below(world.zones.size()));
      host.name = fmt::format("h{}", i);
      host.address = address_in(world, host.zone);
      if (!taken.try_emplace(host.address, true).second) continue;
      if (!chance(4)) host.mac = static_cast<int>(i);
      world.text += fmt::format("host {} {{ zone {} address {}{} }}\n", host.name,
                                world.zones[static_cast<std::size_t>(host.zone)].name, host.address,
                                host.mac >= 0 ? " mac " + to_string(mac_of(host.mac)) : "");
      world.hosts.push_back(host);
    }
  }

  /// Of ordinary zones, which may meet.
  int ordinary(const World &world) {
    int zone = 1 + static_cast<int>(below(world.zones.size() - 1));
    return world.zones[static_cast<std::size_t>(zone)].outside ? 1 : zone;
  }

  EndMeant plain_end(const World &world, int zone) {
    if (chance(3)) {
      for (const HostMeant &host : world.hosts)
        if (host.zone == zone && chance(2)) return {host.name, {{zone, net_of(host.address)}}};
    }
    std::string text = address_in(world, zone);
    if (text.find(':') == std::string::npos && chance(2)) {
      Ip ip = ip_of(text);
      std::uint32_t bits = 24 + static_cast<std::uint32_t>(below(9));
      std::uint32_t number = ip.v4() & (bits == 32 ? ~0u : ~(~0u >> bits));
      text = fmt::format("{}/{}", to_string(Ip::from_v4(number)), bits);
    } else if (text.find(':') != std::string::npos && chance(2)) {
      text = fmt::format("2001:db8:{}::/{}", zone, 64 + below(3) * 16);
    }
    return {text, {{zone, net_of(text)}}};
  }

  void sets(World &world) {
    for (std::size_t i = below(4); i > 0; --i) {
      EndMeant set{fmt::format("set{}", i), {}};
      std::string text;
      int zone = ordinary(world);
      for (std::size_t members = 1 + below(9); members > 0; --members) {
        EndMeant member = plain_end(world, zone);
        text += (text.empty() ? "" : ", ") + member.text;
        set.members.push_back(member.members[0]);
      }
      world.text += fmt::format("set {} {{ {} }}\n", set.text, text);
      world.sets[set.text] = set;
    }
  }

  std::pair<std::string, std::vector<KindMeant>> kind() {
    std::vector<KindMeant> kinds;
    if (chance(6)) {
      if (chance(2)) return {"icmp echo", {{1, 8 * 256, 8 * 256}, {58, 128 * 256, 128 * 256}}};
      if (chance(2)) return {"icmp timestamp", {{1, 13 * 256, 13 * 256}}};
      return {"icmp timestamp-reply", {{1, 14 * 256, 14 * 256}}};
    }
    int protocol = chance(3) ? 17 : 6;
    std::string text = protocol == 6 ? "tcp" : "udp";
    if (chance(6)) return {text, {{protocol, 0, 65'535}}};
    text += " port ";
    for (std::size_t i = 1 + below(3); i > 0; --i) {
      int first = port(), last = chance(3) ? port() : first;
      if (last < first) std::swap(first, last);
      kinds.push_back({protocol, first, last});
      text += fmt::format("{}{}", first, first == last ? "" : fmt::format("-{}", last));
      if (i > 1) text += ", ";
    }
    return {text, kinds};
  }

  void services(World &world) {
    for (std::size_t i = below(3); i > 0; --i) {
      std::string name = fmt::format("svc{}", i), text;
      std::vector<KindMeant> all;
      for (std::size_t n = 1 + below(3); n > 0; --n) {
        auto [words, kinds] = kind();
        text += (text.empty() ? "" : ", ") + words;
        all.insert(all.end(), kinds.begin(), kinds.end());
      }
      world.text += fmt::format("service {} {{ {} }}\n", name, text);
      world.services[name] = {text, all};
    }
  }

  void some_services(const World &world, RuleMeant &rule) {
    for (std::size_t n = 1 + below(2); n > 0; --n) {
      auto [words, kinds] = kind();
      if (!world.services.empty() && chance(3)) {
        auto named = std::next(world.services.begin(),
                               static_cast<std::ptrdiff_t>(below(world.services.size())));
        words = named->first;
        kinds = named->second.second;
      }
      rule.services += (rule.services.empty() ? "" : ", ") + words;
      rule.kinds.insert(rule.kinds.end(), kinds.begin(), kinds.end());
    }
  }

  std::string conditions(RuleMeant &rule, bool must_end, bool may_sleep) {
    std::string text = " for \"a\" owner \"b\" approved \"c\"";
    auto date = [](UnixSeconds day_number) {
      UnixSeconds noon = day_number * day + day / 2;
      std::time_t time = noon;
      std::tm parts{};
      gmtime_r(&time, &parts);
      return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1,
                         parts.tm_mday);
    };
    UnixSeconds first = (today + japan) / day - 10 + static_cast<UnixSeconds>(below(15));
    if (may_sleep && chance(5)) {
      rule.since = first * day - japan;
      text += " from " + date(first);
    }
    if (must_end || chance(3)) {
      UnixSeconds last = first + static_cast<UnixSeconds>(below(20));
      rule.until = (last + 1) * day - japan - 1;
      text += " until " + date(last);
    }
    if (!may_sleep || !chance(4)) return text;
    rule.has_hours = true;
    const char *names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    std::string days;
    if (chance(2)) {
      days = "weekdays";
      for (std::size_t i = 0; i < 5; ++i)
        rule.days[i] = true;
    } else {
      for (std::size_t i = 0; i < 7; ++i)
        if (chance(2) || (i == 6 && days.empty()))
          rule.days[i] = true, days += (days.empty() ? "" : ", ") + std::string(names[i]);
    }
    rule.begin = static_cast<int>(below(1'440));
    rule.end = static_cast<int>(below(1'441));
    if (rule.begin == rule.end) rule.end = rule.begin == 0 ? 1 : 0;
    return text + fmt::format(" during {} {:02}:{:02}-{:02}:{:02}", days, rule.begin / 60,
                              rule.begin % 60, rule.end / 60, rule.end % 60);
  }

  EndMeant end(const World &world, int zone) {
    if (chance(6)) {
      EndMeant whole{world.zones[static_cast<std::size_t>(zone)].name, {}};
      for (const Net &net : world.zones[static_cast<std::size_t>(zone)].networks)
        whole.members.emplace_back(zone, net);
      return whole;
    }
    if (chance(3))
      for (const auto &[name, set] : world.sets)
        if (set.members[0].first == zone) return set;
    return plain_end(world, zone);
  }

  static std::string words(const std::vector<EndMeant> &ends) {
    std::string text;
    for (const EndMeant &end : ends)
      text += (text.empty() ? "" : ", ") + end.text;
    return text;
  }

  void permit(World &world) {
    RuleMeant rule;
    int from = ordinary(world), to = ordinary(world);
    bool exception = false;
    if (chance(3)) { // an exception of the closed zone: hosts with MAC at both ends, and ports
      std::vector<const HostMeant *> inner, outer;
      for (const HostMeant &host : world.hosts) {
        if (host.mac < 0 || world.zones[static_cast<std::size_t>(host.zone)].outside) continue;
        (host.zone == 0 ? inner : outer).push_back(&host);
      }
      if (inner.empty() || outer.empty()) return;
      const HostMeant *one = pick(inner), *other = pick(outer);
      if (chance(2)) std::swap(one, other);
      rule.from = {{one->name, {{one->zone, net_of(one->address)}}}};
      rule.to = {
          {chance(2) ? other->address : other->name, {{other->zone, net_of(other->address)}}}};
      int number = port();
      rule.services = fmt::format("tcp port {}", number);
      rule.kinds = {{6, number, number}};
      exception = true;
    } else {
      if (from == to) return;
      std::size_t most = chance(12) ? 24 : 3; // more than are expanded pair by pair
      for (std::size_t n = 1 + below(most); n > 0; --n)
        rule.from.push_back(end(world, from));
      for (std::size_t n = 1 + below(most); n > 0; --n)
        rule.to.push_back(end(world, to));
      some_services(world, rule);
    }
    std::string behind = conditions(rule, exception, true);
    if (chance(4)) behind += " limit 10 connections per source log none";
    world.text += fmt::format("permit {} from {} to {}{}\n", rule.services, words(rule.from),
                              words(rule.to), behind);
    world.rules.push_back(rule);
  }

  void relay(World &world) {
    RuleMeant rule;
    rule.what = RuleMeant::relay;
    rule.relay_from = static_cast<int>(1 + below(world.zones.size() - 1));
    rule.relay_to = ordinary(world);
    rule.listen = port();
    rule.port = port();
    rule.next_hop = fmt::format("10.{}.0.{}", rule.relay_to, 2 + below(20));
    std::string behind = conditions(rule, false, false);
    world.text += fmt::format("relay mail from {} to {} {{ recipients \"*@a.example\" next-hop {} "
                              "port {} listen port {}{} }}\n",
                              world.zones[static_cast<std::size_t>(rule.relay_from)].name,
                              world.zones[static_cast<std::size_t>(rule.relay_to)].name,
                              rule.next_hop, rule.port, rule.listen, behind);
    world.rules.push_back(rule);
  }

  void local(World &world) {
    RuleMeant rule;
    rule.what = chance(2) ? RuleMeant::in : RuleMeant::out;
    int zone = ordinary(world);
    for (std::size_t n = 1 + below(2); n > 0; --n)
      rule.from.push_back(plain_end(world, zone));
    const ZoneMeant &last = world.zones.back();
    if (last.networks[0].text == "0.0.0.0/0" && chance(2)) // around all other zones
      rule.from = {{"0.0.0.0/0", {{static_cast<int>(world.zones.size()) - 1, last.networks[0]}}}};
    switch (below(3)) {
    case 0:
      rule.services = "vrrp";
      rule.kinds = {{112, 0, 65'535}};
      break;
    case 1:
      rule.services = "icmp echo";
      rule.kinds = {{1, 8 * 256, 8 * 256}, {58, 128 * 256, 128 * 256}};
      break;
    default:
      int number = port();
      rule.services = fmt::format("udp port {}, vrrp", number);
      rule.kinds = {{17, number, number}, {112, 0, 65'535}};
    }
    std::string behind = conditions(rule, false, true);
    world.text += fmt::format("local {} {} {}{}\n", rule.services,
                              rule.what == RuleMeant::in ? "from" : "to", words(rule.from), behind);
    world.rules.push_back(rule);
  }

  std::mt19937_64 random_;
};

// -- comparing ------------------------------------------------------------------------------------

std::string words(const rules::Decision &decision) {
  return fmt::format("{} {} zone {} rule {}", static_cast<int>(decision.verdict),
                     word_of(decision.reason), decision.to,
                     static_cast<std::int32_t>(decision.rule));
}

bool same(const rules::Decision &a, const rules::Decision &b) {
  return a.verdict == b.verdict && a.reason == b.reason && a.to == b.to && a.rule == b.rule;
}

struct Seen {
  std::size_t packets = 0, passed = 0, taken = 0, asleep = 0;
};

/// Asks about many packets at once and compares with asking about each.
class Together {
public:
  explicit Together(const rules::RuleSet &rules) : rules_(rules) {}
  bool add(const rules::PacketSubject &packet, UnixSeconds time) {
    packets_.push_back(packet);
    if (packets_.size() < size_) return true;
    std::vector<rules::Decision> decisions(packets_.size());
    rules_.decide(packets_, time, decisions.data());
    bool are_same = true;
    for (std::size_t i = 0; i < packets_.size(); ++i)
      are_same &= same(decisions[i], rules_.decide(packets_[i], time));
    packets_.clear();
    size_ = size_ % 130 + 43; // less than what is decided together, and more
    return are_same;
  }

private:
  const rules::RuleSet &rules_;
  std::vector<rules::PacketSubject> packets_;
  std::size_t size_ = 1;
};

bool round(std::uint64_t seed, Seen &seen) {
  Maker maker(seed);
  World world = maker.world();
  std::vector<rules::SourceFile> sources = {{"random", world.text}};
  rules::Compiled compiled = rules::compile(sources, today);
  if (!compiled.rules) {
    fmt::print("seed {}: does not compile\n{}\n{}", seed,
               rules::render(compiled.diagnostics, sources, false), world.text);
    return false;
  }
  Slow slow(world);
  Together together(*compiled.rules);
  for (int i = 0; i < 400; ++i) {
    rules::PacketSubject packet = maker.packet(world);
    UnixSeconds time = maker.time();
    rules::Decision fast = compiled.rules->decide(packet, time), meant = slow.decide(packet, time);
    ++seen.packets;
    seen.passed += fast.verdict == Verdict::pass;
    seen.taken += fast.verdict == Verdict::relay;
    seen.asleep += fast.reason == Reason::rule_not_now;
    UnixSeconds next = compiled.rules->next_change(time);
    rules::Decision later =
        next > time + 1 ? compiled.rules->decide(
                              packet, maker.within(time, std::min(next - 1, time + 60 * day)))
                        : fast;
    if (same(fast, meant) && same(fast, later)) {
      if (together.add(packet, time)) continue;
      fmt::print("seed {}: a burst of packets is not decided as each of them\n{}", seed, world.text);
      return false;
    }
    fmt::print("seed {}: {} from zone {}{} proto {} {} -> {} port {} icmp {}/{} at {}\n  meant "
               "{}\n  got   {}\n  later {}\n{}",
               seed, to_string(packet.source_mac), packet.from, packet.from_kernel ? " kernel" : "",
               packet.protocol, to_string(packet.source), to_string(packet.destination),
               packet.destination_port, packet.icmp_type, packet.icmp_code, time, words(meant),
               words(fast), words(later), world.text);
    return false;
  }
  return true;
}

} // namespace

int main(int argc, char **argv) {
  std::uint64_t seed = 20'261'120, rounds = 2'000;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--seed") == 0) seed = std::strtoull(argv[i + 1], nullptr, 10);
    if (std::strcmp(argv[i], "--rounds") == 0) rounds = std::strtoull(argv[i + 1], nullptr, 10);
  }
  Seen seen;
  for (std::uint64_t i = 0; i < rounds; ++i)
    if (!round(seed + i, seen)) return 1;
  fmt::print("{} policies, {} packets alike: {} passed, {} taken by the gateway, {} out of hours\n",
             rounds, seen.packets, seen.passed, seen.taken, seen.asleep);
  // A generator that only makes refusals would prove nothing.
  return seen.passed > 20 * rounds && seen.taken > rounds && seen.asleep > rounds ? 0 : 1;
}
