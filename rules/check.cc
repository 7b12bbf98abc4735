#include "rules/check.hh"

#include "rules/checker.hh"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace sekisho::rules {

Model check(const Sentences &sentences, std::span<const SourceFile> sources, UnixSeconds now,
            Reporter &reporter) {
  return Checker(sentences, sources, now, reporter).run();
}

Model Checker::run() {
  declare_zones();
  declare_hosts();
  declare_sets();
  declare_services();
  network_places_.resize(model_.zones.size());
  for (std::size_t i = 0; i < model_.zones.size(); ++i)
    zone(sentences_.zones[i], model_.zones[i]);
  overlaps();
  for (std::size_t i = 0; i < model_.zones.size(); ++i)
    zone_address(sentences_.zones[i], model_.zones[i]);
  for (std::size_t i = 0; i < model_.hosts.size(); ++i)
    host(sentences_.hosts[i], model_.hosts[i]);
  for (const Zone &zone : model_.zones)
    zone_networks_.push_back(std::make_shared<const std::vector<Network>>(zone.networks));
  host_networks_.resize(model_.hosts.size());
  for (std::size_t i = 0; i < sets_.size(); ++i)
    set(sentences_.sets[i], sets_[i]);
  for (std::size_t i = 0; i < services_.size(); ++i)
    service(sentences_.services[i], services_[i]);
  model_.labels.reserve(sentences_.permits.size() + sentences_.relays.size() +
                        sentences_.locals.size());
  model_.permits.reserve(sentences_.permits.size());
  for (const PermitSentence &said : sentences_.permits)
    permit(said);
  for (const RelaySentence &said : sentences_.relays)
    relay(said);
  bounce_ways();
  own_sides();
  for (const LocalSentence &said : sentences_.locals)
    local(said);
  if (sentences_.zones.empty() && reporter_.errors() == 0)
    reporter_.error({0, 1, 1, 1}, "no zone is declared").help =
        "begin with  zone NAME { port \"…\"  network 10.1.0.0/24  address 10.1.0.1 }";
  return std::move(model_);
}

void Checker::declare_zones() {
  for (const ZoneSentence &said : sentences_.zones) {
    if (model_.zones.size() == max_zones) {
      reporter_.error(said.name.place, fmt::format("more than {} zones", max_zones));
      return;
    }
    is_second_.push_back(!declare(said.name, Named::What::zone, model_.zones.size()));
    model_.zones.emplace_back().name = said.name.text;
  }
}

void Checker::declare_hosts() {
  for (const HostSentence &said : sentences_.hosts) {
    declare(said.name, Named::What::host, model_.hosts.size());
    model_.hosts.emplace_back().name = said.name.text;
  }
}

void Checker::declare_sets() {
  for (const SetSentence &said : sentences_.sets) {
    declare(said.name, Named::What::set, sets_.size());
    sets_.emplace_back();
  }
}

void Checker::declare_services() {
  for (const ServiceSentence &said : sentences_.services) {
    declare(said.name, Named::What::service, services_.size());
    services_.emplace_back();
  }
}

/// Zones, hosts, sets and services share one set of names: `from NAME` must not be ambiguous.
bool Checker::declare(const Word &name, Named::What what, std::size_t index) {
  if (name.text.empty()) return false; // the parser has complained
  auto [entry, fresh] = names_.try_emplace(name.text, Named{what, index, name.place});
  if (fresh) return true;
  Diagnostic &error = reporter_.error(name.place, fmt::format("'{}' is declared twice", name.text));
  error.related.push_back({entry->second.place, "first here"});
  error.help = "zones, hosts, sets and services share one set of names: choose another";
  return false;
}

void Checker::zone(const ZoneSentence &said, Zone &zone) {
  if (is_second_[static_cast<std::size_t>(&zone - model_.zones.data())]) return;
  if (said.name.text.size() > max_zone_name)
    reporter_
        .error(said.name.place, fmt::format("zone name of {} characters; {} at most",
                                            said.name.text.size(), max_zone_name))
        .help = fmt::format("the kernel's side of the zone is called sk-{}", said.name.text);
  zone_kind(said, zone);
  zone_vlan(said, zone);
  zone_port(said, zone);
  zone_frames(said, zone);
  for (const Word &network : said.networks)
    zone_network(network, zone);
  if (said.networks.empty() && said.whole)
    reporter_.error(said.name.place, fmt::format("zone '{}' has no network", said.name.text)).help =
        "add  network 10.1.0.0/24";
}

/// The names of the guideline's zones say what they are; other zones say it themselves.
void Checker::zone_kind(const ZoneSentence &said, Zone &zone) {
  bool named_closed = zone.name == "mynumber" || zone.name == "offline";
  bool named_outside = zone.name == "internet";
  zone.closed = said.closed || named_closed;
  zone.outside = said.outside || named_outside;
  if (!zone.closed || !zone.outside) return;
  Diagnostic &error = reporter_.error(said.closed    ? *said.closed
                                      : said.outside ? *said.outside
                                                     : said.name.place,
                                      "a zone cannot be both closed and outside", "Z3");
  if (named_closed || named_outside)
    error.help = fmt::format("a zone named '{}' is always {}", zone.name,
                             named_closed ? "closed" : "outside");
  else
    error.related.push_back({*said.outside, "outside here"});
}

void Checker::zone_port(const ZoneSentence &said, Zone &zone) {
  if (!said.port) {
    if (!said.whole) return;
    reporter_.error(said.name.place, fmt::format("zone '{}' has no port", said.name.text)).help =
        "add  port \"0000:05:00.0\"  (a PCI address) or the name of a kernel interface";
    return;
  }
  const std::string_view port = said.port->text;
  bool printable =
      std::all_of(port.begin(), port.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (port.empty() || port.size() > 63 || !printable) {
    reporter_.error(said.port->place, "a port is named by 1 to 63 printable ASCII characters")
        .help = "a PCI address such as \"0000:05:00.0\" or the name of a kernel interface";
    return;
  }
  zone.port = port;
  for (ZoneId other : ports_[port]) {
    const Zone &there = model_.zones[other];
    const Place &place = sentences_.zones[other].port->place;
    Diagnostic *error = nullptr;
    if (zone.vlan == VlanTag{} || there.vlan == VlanTag{}) {
      error = &reporter_.error(said.port->place, "two zones on one port", "Z3");
      error->help = "each zone has its own port, or each of them its own  vlan …  on it";
    } else if (zone.vlan.outer == there.vlan.outer &&
               (zone.vlan == there.vlan || zone.vlan.inner == 0 || there.vlan.inner == 0)) {
      error = &reporter_.error(said.vlan ? said.vlan->place : said.port->place,
                               "two zones on one VLAN", "Z3");
      error->help = "give each zone on the port a tag of its own";
    } else if ((zone.closed && there.outside) || (zone.outside && there.closed)) {
      error = &reporter_.error(said.port->place, "a closed zone and the outside on one port", "Z3");
      error->help = "a tag does not keep these two apart: connect them to different ports";
    }
    if (error) error->related.push_back({place, "also here"});
  }
  ports_[port].push_back(static_cast<ZoneId>(&zone - model_.zones.data()));
}

namespace {
std::optional<std::uint16_t> whole_number(std::string_view text, std::uint16_t least,
                                          std::uint16_t most) {
  std::uint16_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool good =
      error == std::errc{} && end == text.data() + text.size() && value >= least && value <= most;
  return good ? std::optional(value) : std::nullopt;
}
} // namespace

/// IEEE 802.1Q: 0 and 4095 are no VLANs.
void Checker::zone_vlan(const ZoneSentence &said, Zone &zone) {
  if (!said.vlan) return;
  std::string_view text = said.vlan->text;
  std::size_t dot = text.find('.');
  std::optional<std::uint16_t> outer = whole_number(text.substr(0, dot), 1, 4094);
  std::optional<std::uint16_t> inner = 0;
  if (dot != std::string_view::npos) inner = whole_number(text.substr(dot + 1), 1, 4094);
  if (outer && inner) {
    zone.vlan = {*outer, *inner};
    return;
  }
  reporter_.error(said.vlan->place, fmt::format("'{}' is no VLAN", clip(text, 40))).help =
      "write  vlan 101  or, of two tags,  vlan 200.101; numbers are from 1 to 4094";
}

void Checker::zone_frames(const ZoneSentence &said, Zone &zone) {
  if (said.fragments) {
    zone.drop_fragments = said.fragments->text == "drop";
    if (!zone.drop_fragments)
      reporter_
          .error(said.fragments->place, fmt::format("'{}' is nothing to do with fragments",
                                                    clip(said.fragments->text, 40)))
          .help = "write  fragments drop;  without it they are reassembled and judged whole";
  }
  if (!said.mtu) return;
  bool has_v6 = std::any_of(said.networks.begin(), said.networks.end(), [](const Word &network) {
    return network.text.find(':') != std::string_view::npos;
  });
  std::uint16_t least = has_v6 ? 1280 : 576; // RFC 8200 §5, RFC 791 §3.1
  std::optional<std::uint16_t> mtu = whole_number(said.mtu->text, least, 9216);
  zone.mtu = mtu.value_or(0);
  if (mtu) return;
  reporter_.error(said.mtu->place, fmt::format("'{}' is no MTU", clip(said.mtu->text, 40))).help =
      fmt::format("octets of an IP packet, {} to 9216{}", least, has_v6 ? " with IPv6" : "");
}

namespace {
/// The network a mistyped one meant: host bits cleared.
std::optional<Network> without_host_bits(std::string_view text) {
  std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  std::optional<Ip> ip = parse_ip(text.substr(0, slash));
  if (!ip) return std::nullopt;
  std::string zero = ip->is_v4() ? "0.0.0.0" : "::";
  std::optional<Network> all = parse_network(zero + std::string(text.substr(slash)));
  if (!all) return std::nullopt;
  for (unsigned bit = all->prefix; bit < 128; ++bit)
    ip->octets[bit / 8] &= static_cast<std::uint8_t>(~(0x80u >> bit % 8));
  return Network{*ip, all->prefix};
}
} // namespace

void Checker::zone_network(const Word &word, Zone &zone) {
  std::optional<Network> network = parse_network(word.text);
  if (!network) {
    Diagnostic &error =
        reporter_.error(word.place, fmt::format("'{}' is no network", clip(word.text, 50)));
    std::optional<Ip> ip = parse_ip(word.text);
    std::optional<Network> meant = without_host_bits(
        ip ? std::string(word.text) + (ip->is_v4() ? "/24" : "/64") : std::string(word.text));
    if (!meant)
      error.help = "write it as 10.1.0.0/24 or 2001:db8::/64";
    else if (ip)
      error.help = fmt::format("a network has a prefix length, as in {}", to_string(*meant));
    else
      error.help = fmt::format("bits behind the prefix are set; write {}", to_string(*meant));
    return;
  }
  if (zone.networks.size() == max_networks) {
    reporter_.error(word.place, fmt::format("more than {} networks in one zone", max_networks));
    return;
  }
  zone.networks.push_back(*network);
  network_places_[static_cast<std::size_t>(&zone - model_.zones.data())].push_back(word.place);
}

/// A zone's own networks are disjoint, and zones are disjoint, except that an outside zone may be
/// the rest of the world (0.0.0.0/0) around the others.
void Checker::overlaps() {
  std::vector<NetworkIndex> all;
  for (std::size_t zone = 0; zone < model_.zones.size(); ++zone)
    for (std::size_t network = 0; network < model_.zones[zone].networks.size(); ++network)
      all.push_back({zone, network});
  for (std::size_t i = 0; i < all.size() && !reporter_.full(); ++i)
    for (std::size_t j = i + 1; j < all.size(); ++j)
      overlap(all[i], all[j]);
}

void Checker::overlap(NetworkIndex a, NetworkIndex b) {
  const Zone &zone_a = model_.zones[a.zone], &zone_b = model_.zones[b.zone];
  const Network &one = zone_a.networks[a.network], &other = zone_b.networks[b.network];
  if (!one.contains(other.address) && !other.contains(one.address)) return;
  auto is_world = [](const Zone &zone) { return zone.outside && !zone.closed; };
  bool a_around = one.prefix < other.prefix && is_world(zone_a) && !zone_b.outside;
  bool b_around = other.prefix < one.prefix && is_world(zone_b) && !zone_a.outside;
  if (a_around || b_around) return;
  bool same = a.zone == b.zone;
  Diagnostic &error =
      reporter_.error(network_places_[b.zone][b.network],
                      same ? fmt::format("zone '{}' has {} and {}, which overlap", zone_a.name,
                                         to_string(one), to_string(other))
                           : fmt::format("zones '{}' and '{}' overlap: {} and {}", zone_a.name,
                                         zone_b.name, to_string(one), to_string(other)));
  error.related.push_back({network_places_[a.zone][a.network], "the other network"});
  error.help = same ? "keep the wider one" : "an address belongs to one zone";
}

std::optional<Ip> Checker::address(const Word &word) {
  std::optional<Ip> ip = parse_ip(word.text);
  if (ip) return ip;
  Diagnostic &error =
      reporter_.error(word.place, fmt::format("'{}' is no IP address", clip(word.text, 50)));
  error.help = parse_network(word.text) ? "a network cannot stand here: write one address"
                                        : "write it as 10.1.0.11 or 2001:db8::11";
  return std::nullopt;
}

/// Not the first or last address of an IPv4 network, which name the network and everybody in it.
bool Checker::is_usable(const Word &word, const Ip &ip) {
  if (!ip.is_v4()) return true;
  for (const Zone &zone : model_.zones) {
    for (const Network &network : zone.networks) {
      if (!network.contains(ip) || !network.address.is_v4() || network.prefix > 126) continue;
      std::uint32_t host_bits = 0xffffffffu >> (network.prefix - 96);
      if (network.prefix == 96) continue; // 0.0.0.0/0 has neither
      std::uint32_t host_part = ip.v4() & host_bits;
      if (host_part != 0 && host_part != host_bits) continue;
      reporter_.error(word.place,
                      fmt::format("{} is the {} address of {}", word.text,
                                  host_part == 0 ? "network" : "broadcast", to_string(network)));
      return false;
    }
  }
  return true;
}

void Checker::zone_address(const ZoneSentence &said, Zone &zone) {
  if (!said.address) return;
  std::optional<Ip> ip = address(*said.address);
  if (!ip || zone.networks.empty()) return;
  ZoneId own = static_cast<ZoneId>(&zone - model_.zones.data());
  bool inside = std::any_of(zone.networks.begin(), zone.networks.end(),
                            [&](const Network &network) { return network.contains(*ip); });
  // An outside zone may surround the others; of zones that overlap otherwise, that was reported.
  if (!inside || (zone.outside && zone_of(model_.zones, *ip) != own)) {
    Diagnostic &error = reporter_.error(
        said.address->place,
        fmt::format("the gateway's address is not in a network of zone '{}'", zone.name));
    error.related.push_back({said.networks.front().place, "its network"});
    return;
  }
  if (!is_usable(*said.address, *ip)) return;
  zone.address = ip;
  addresses_.try_emplace(*ip, Taken{said.address->place, nullptr});
}

std::optional<ZoneId> Checker::zone_named(const Word &word) {
  if (word.text.empty()) return std::nullopt;
  auto found = names_.find(word.text);
  if (found != names_.end() && found->second.what == Named::What::zone)
    return static_cast<ZoneId>(found->second.index);
  std::vector<std::string_view> zones;
  for (const Zone &zone : model_.zones)
    zones.push_back(zone.name);
  Diagnostic &error = reporter_.error(
      word.place, found == names_.end()
                      ? fmt::format("no zone '{}'", clip(word.text, 40))
                      : fmt::format("'{}' is {}, not a zone", word.text,
                                    found->second.what == Named::What::host  ? "a host"
                                    : found->second.what == Named::What::set ? "a set"
                                                                             : "a service"));
  if (found != names_.end()) error.related.push_back({found->second.place, "declared here"});
  error.help = did_you_mean(word.text, zones,
                            zones.empty() ? "no zone is declared" : "zones are " + either(zones));
  return std::nullopt;
}

void Checker::host(const HostSentence &said, Host &host) {
  if (said.name.text.empty()) return;
  if (said.zone) {
    host.zone = zone_named(*said.zone).value_or(no_zone);
  } else if (said.whole) {
    reporter_.error(said.name.place, fmt::format("host '{}' has no zone", host.name)).help =
        "add  zone NAME";
  }
  if (said.address)
    host_address(said, host);
  else if (said.whole)
    reporter_.error(said.name.place, fmt::format("host '{}' has no address", host.name)).help =
        "add  address 10.1.0.11";
  if (said.mac) host_mac(said, host);
}

void Checker::host_address(const HostSentence &said, Host &host) {
  std::optional<Ip> ip = address(*said.address);
  if (!ip) return;
  host.address = *ip;
  if (host.zone == no_zone) return;
  std::optional<ZoneId> lies_in = zone_of(model_.zones, *ip);
  if (lies_in != host.zone) {
    if (model_.zones[host.zone].networks.empty()) return; // reported at the zone
    Diagnostic &error = reporter_.error(
        said.address->place,
        fmt::format("{} is not in zone '{}'", said.address->text, zone_name(host.zone)), "Z5");
    error.related.push_back(
        {sentences_.zones[host.zone].networks.front().place, "the network of the zone"});
    if (lies_in) error.help = fmt::format("it lies in zone '{}'", zone_name(*lies_in));
    return;
  }
  if (!is_usable(*said.address, *ip)) return;
  auto [entry, fresh] = addresses_.try_emplace(*ip, Taken{said.address->place, &host});
  if (fresh) return;
  Diagnostic &error =
      reporter_.error(said.address->place, fmt::format("{} is taken", said.address->text), "Z5");
  error.related.push_back({entry->second.place, "first here"});
  error.help = "an address belongs to one host";
}

void Checker::host_mac(const HostSentence &said, Host &host) {
  std::optional<Mac> mac = parse_mac(said.mac->text);
  if (!mac) {
    std::string meant(said.mac->text);
    std::replace(meant.begin(), meant.end(), '-', ':');
    reporter_
        .error(said.mac->place, fmt::format("'{}' is no MAC address", clip(said.mac->text, 40)))
        .help = parse_mac(meant) ? fmt::format("write {}", lower_case(meant))
                                 : std::string("write it as 02:00:5e:10:00:01");
    return;
  }
  if (mac->is_group() || *mac == Mac{}) {
    reporter_.error(said.mac->place, "no device has this MAC address", "Z5").help =
        mac->is_group() ? "it is a group address (IEEE 802.3): its first octet is odd"
                        : "write the address of the device's card";
    return;
  }
  host.mac = mac;
  auto [entry, fresh] = macs_.try_emplace(*mac, said.mac->place);
  if (fresh) return;
  Diagnostic &error =
      reporter_.error(said.mac->place, fmt::format("{} is taken", said.mac->text), "Z5");
  error.related.push_back({entry->second, "first here"});
  error.help = "a MAC address belongs to one host";
}

const Host *Checker::host_at(const Ip &ip) const {
  auto found = addresses_.find(ip);
  return found == addresses_.end() ? nullptr : found->second.host;
}

/// Says which zone is closed and where that was said.
void Checker::why_closed(Diagnostic &diagnostic, ZoneId zone) const {
  const ZoneSentence &said = sentences_.zones[zone];
  if (said.closed)
    diagnostic.related.push_back(
        {*said.closed, fmt::format("zone '{}' is closed", said.name.text)});
  else
    diagnostic.related.push_back({said.name.place, "a zone of this name is closed"});
}

} // namespace sekisho::rules
