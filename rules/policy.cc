#include "rules/policy.hh"

#include "rules/text.hh"

#include <algorithm>
#include <cstring>
#include <limits>

namespace sekisho::rules {
namespace {

std::uint64_t mix(std::uint64_t value) { // splitmix64's finaliser
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
  value = (value ^ value >> 27) * 0x94d049bb133111ebu;
  return value ^ value >> 31;
}

std::uint64_t mix(const Ip &ip, std::uint64_t seed) {
  std::uint64_t halves[2];
  std::memcpy(halves, ip.octets.data(), sizeof halves);
  return mix(mix(halves[0] + seed) + halves[1]);
}

/// One comparison where octets take a call of memcmp; a search makes several for every refused
/// packet.
std::uint64_t number_of(const Mac &mac) {
  std::uint64_t number = 0;
  std::memcpy(&number, mac.octets.data(), mac.octets.size());
  return number;
}

bool has_expired(const Ledger &ledger, UnixSeconds now) {
  return ledger.until && *ledger.until < now;
}

Decision drop(Reason reason, RuleId rule = no_rule) {
  return {Verdict::drop, reason, no_zone, rule};
}

bool is_echo_request(const PacketSubject &subject) {
  if (subject.icmp_code != 0) return false;
  if (subject.protocol == protocol::icmp) return subject.icmp_type == 8;  // RFC 792
  return subject.protocol == protocol::icmp6 && subject.icmp_type == 128; // RFC 4443 §4.1
}

bool serves(const Permit &permit, const PacketSubject &subject) {
  if (permit.protocol == protocol::icmp) return is_echo_request(subject);
  if (permit.protocol != subject.protocol) return false;
  if (permit.ports.empty()) return true;
  return std::any_of(permit.ports.begin(), permit.ports.end(), [&](const PortRange &range) {
    return range.first <= subject.destination_port && subject.destination_port <= range.last;
  });
}

bool covers(const std::vector<Permit::End> &ends, const Ip &ip) {
  for (const Permit::End &end : ends)
    for (const Network &network : end.networks)
      if (network.contains(ip)) return true;
  return false;
}

bool is_one_address(const Permit::End &end) {
  return end.networks.size() == 1 && end.networks[0].prefix == 128;
}

} // namespace

std::size_t FlowHash::operator()(const Ip &ip) const {
  return mix(ip, 1);
}
std::size_t FlowHash::operator()(const Pair &pair) const {
  return mix(pair.to, mix(pair.from, 2));
}
std::size_t FlowHash::operator()(const ExactFlow &flow) const {
  return mix(flow.to, mix(flow.from, std::uint64_t{flow.port} << 8 | flow.protocol));
}

Policy::Policy(Model model, std::string hash) : model_(std::move(model)), hash_(std::move(hash)) {
  for (std::uint32_t i = 0; i < model_.hosts.size(); ++i) {
    hosts_.emplace(model_.hosts[i].address, i);
    if (model_.hosts[i].mac) macs_.emplace_back(number_of(*model_.hosts[i].mac), i);
  }
  std::sort(macs_.begin(), macs_.end());
  for (std::uint32_t i = 0; i < model_.permits.size(); ++i)
    index(model_.permits[i], i);
  for (const Permit &permit : model_.permits)
    if (permit.ledger.until) changes_.push_back(*permit.ledger.until + 1);
  for (const Relay &relay : model_.relays)
    if (relay.ledger.until) changes_.push_back(*relay.ledger.until + 1);
  std::sort(changes_.begin(), changes_.end());
}

void Policy::index(const Permit &permit, std::uint32_t number) {
  if (index_exact(permit, number)) return;
  for (const Permit::End &from : permit.from) {
    for (const Permit::End &to : permit.to) {
      std::vector<std::uint32_t> &list = lists_[from.zone][to.zone];
      if (list.empty() || list.back() != number) list.push_back(number);
    }
  }
}

/// Only permits of single addresses and single ports; anything wide stays in the lists.
bool Policy::index_exact(const Permit &permit, std::uint32_t number) {
  bool single = permit.protocol != protocol::icmp && !permit.ports.empty() &&
                std::all_of(permit.from.begin(), permit.from.end(), is_one_address) &&
                std::all_of(permit.to.begin(), permit.to.end(), is_one_address) &&
                std::all_of(permit.ports.begin(), permit.ports.end(),
                            [](const PortRange &range) { return range.first == range.last; });
  std::size_t flows = permit.from.size() * permit.to.size() * permit.ports.size();
  if (!single || flows > max_exact_of_permit || exact_.size() + flows > max_exact) return false;
  for (const Permit::End &from : permit.from) {
    for (const Permit::End &to : permit.to) {
      pairs_.insert({from.networks[0].address, to.networks[0].address});
      for (const PortRange &range : permit.ports) {
        ExactFlow flow{from.networks[0].address, to.networks[0].address, range.first,
                       permit.protocol};
        auto [entry, fresh] = exact_.try_emplace(flow, number);
        if (fresh) continue;
        // Listed twice: the one that lasts longer answers.
        const std::optional<UnixSeconds> &known = model_.permits[entry->second].ledger.until;
        if (known && (!permit.ledger.until || *permit.ledger.until > *known))
          entry->second = number;
      }
    }
  }
  return true;
}

/// Permits are labelled first, in the order of the text.
const Permit *Policy::permit_of(RuleId rule) const {
  return rule < model_.permits.size() ? &model_.permits[rule] : nullptr;
}

UnixSeconds Policy::next_change(UnixSeconds now) const {
  auto next = std::upper_bound(changes_.begin(), changes_.end(), now);
  return next == changes_.end() ? std::numeric_limits<UnixSeconds>::max() : *next;
}

std::optional<ZoneId> Policy::zone_of(const Ip &ip) const {
  return rules::zone_of(model_.zones, ip);
}

const Host *Policy::host_at(const Ip &ip) const {
  auto found = hosts_.find(ip);
  return found == hosts_.end() ? nullptr : &model_.hosts[found->second];
}

bool Policy::is_gateway(const Ip &ip) const {
  return std::any_of(model_.zones.begin(), model_.zones.end(),
                     [&](const Zone &zone) { return zone.address == ip; });
}

/// The first and last address of an IPv4 network mean the network, not a host.
bool Policy::is_broadcast(ZoneId zone, const Ip &ip) const {
  if (!ip.is_v4()) return false;
  for (const Network &network : model_.zones[zone].networks) {
    if (!network.address.is_v4() || network.prefix <= 96 || network.prefix > 126 ||
        !network.contains(ip))
      continue;
    std::uint32_t host_bits = 0xffffffffu >> (network.prefix - 96);
    std::uint32_t host_part = ip.v4() & host_bits;
    if (host_part == 0 || host_part == host_bits) return true;
  }
  return false;
}

// The order below is the order `sekisho explain` tells: who is it, where does it go, may the two
// zones meet, is this flow listed.
Decision Policy::decide(const PacketSubject &subject, UnixSeconds now) const {
  if (subject.from >= model_.zones.size()) return drop(Reason::not_listed);
  if (subject.from_kernel) return from_kernel(subject, now);
  if (Reason reason = check_source(subject); reason != Reason::none) return drop(reason);
  if (is_gateway(subject.destination)) return to_gateway(subject, now);
  std::optional<ZoneId> to = zone_of(subject.destination);
  if (!to) return drop(Reason::no_destination_zone);
  if (*to == subject.from) return drop(Reason::same_zone);
  if (Reason reason = zones_apart(subject.from, *to); reason != Reason::none) return drop(reason);
  if (is_broadcast(*to, subject.destination)) return drop(Reason::ip_multicast);
  return permitted(subject, *to, now);
}

/// The gateway's own kernel speaks to the next hops of its relays and to nobody else.
Decision Policy::from_kernel(const PacketSubject &subject, UnixSeconds now) const {
  if (subject.protocol != protocol::tcp || subject.source != model_.zones[subject.from].address)
    return drop(Reason::kernel_not_listed);
  Decision decision = drop(Reason::kernel_not_listed);
  for (const Relay &relay : model_.relays) {
    if (relay.to != subject.from || relay.next_hop != subject.destination ||
        relay.next_hop_port != subject.destination_port)
      continue;
    if (!has_expired(relay.ledger, now)) return {Verdict::relay, Reason::none, no_zone, relay.rule};
    decision = drop(Reason::rule_expired, relay.rule);
  }
  return decision;
}

Reason Policy::check_source(const PacketSubject &subject) const {
  if (zone_of(subject.source) != subject.from || is_gateway(subject.source) ||
      is_broadcast(subject.from, subject.source))
    return Reason::source_not_of_zone;
  const Host *host = host_at(subject.source);
  if (!host && model_.zones[subject.from].closed) return Reason::host_unknown;
  if (host && host->mac && *host->mac != subject.source_mac) return Reason::mac_mismatch;
  // A listed device that turns up in another zone was moved or is imitated (Z5).
  std::uint64_t mac = number_of(subject.source_mac);
  auto known =
      std::lower_bound(macs_.begin(), macs_.end(), std::pair<std::uint64_t, std::uint32_t>{mac, 0});
  if (known != macs_.end() && known->first == mac &&
      model_.hosts[known->second].zone != subject.from)
    return Reason::mac_mismatch;
  return Reason::none;
}

Decision Policy::to_gateway(const PacketSubject &subject, UnixSeconds now) const {
  Decision decision = drop(Reason::gateway_port_closed);
  if (subject.protocol != protocol::tcp ||
      subject.destination != model_.zones[subject.from].address)
    return decision;
  for (const Relay &relay : model_.relays) {
    if (relay.from != subject.from || relay.listen_port != subject.destination_port) continue;
    if (!has_expired(relay.ledger, now)) return {Verdict::relay, Reason::none, no_zone, relay.rule};
    decision = drop(Reason::rule_expired, relay.rule);
  }
  return decision;
}

/// Between these zones no packet crosses whatever is listed: the compiler refuses such a permit,
/// and this line would stop it all the same (Z3, Z4).
Reason Policy::zones_apart(ZoneId from, ZoneId to) const {
  const Zone &one = model_.zones[from], &other = model_.zones[to];
  if (!one.outside && !other.outside) return Reason::none;
  return one.closed || other.closed ? Reason::zone_closed : Reason::zones_split;
}

Decision Policy::permitted(const PacketSubject &subject, ZoneId to, UnixSeconds now) const {
  RuleId expired = no_rule;
  auto judge = [&](const Permit &permit) {
    if (!has_expired(permit.ledger, now)) return true;
    expired = permit.rule;
    return false;
  };
  auto found = exact_.find(
      {subject.source, subject.destination, subject.destination_port, subject.protocol});
  if (found != exact_.end()) {
    const Permit &permit = model_.permits[found->second];
    if (judge(permit)) return {Verdict::pass, Reason::none, to, permit.rule};
  }
  bool listed = pairs_.contains({subject.source, subject.destination});
  for (std::uint32_t number : lists_[subject.from][to]) {
    const Permit &permit = model_.permits[number];
    if (!covers(permit.from, subject.source) || !covers(permit.to, subject.destination)) continue;
    listed = true;
    if (serves(permit, subject) && judge(permit))
      return {Verdict::pass, Reason::none, to, permit.rule};
  }
  if (expired != no_rule) return drop(Reason::rule_expired, expired);
  if (listed) return drop(Reason::service_not_listed);
  bool closed = model_.zones[subject.from].closed || model_.zones[to].closed;
  return drop(closed ? Reason::zone_closed : Reason::not_listed);
}

// -- what every rule set answers the same way
// ------------------------------------------------------------

std::optional<ZoneId> RuleSet::zone_named(std::string_view name) const {
  for (std::size_t i = 0; i < zones().size(); ++i)
    if (zones()[i].name == name) return static_cast<ZoneId>(i);
  return std::nullopt;
}

namespace {
/// How closely a pattern names the recipient: 2 the address, 1 the domain, 0 not.  A local part
/// that carries a second address (user%other@…, other!user@…) is no member of the domain: a mail
/// server behind the gateway may take it apart and send it on (M1).
int closeness(std::string_view pattern, std::string_view recipient) {
  if (pattern == recipient) return 2;
  std::size_t at = recipient.rfind('@');
  if (pattern.substr(0, 2) != "*@" || at == std::string_view::npos || at == 0) return 0;
  if (recipient.substr(0, at).find_first_of("@%!:") != std::string_view::npos) return 0;
  return recipient.substr(at) == pattern.substr(1) ? 1 : 0;
}
} // namespace

Reason RuleSet::relay_for(ZoneId from, std::string_view recipient, UnixSeconds now,
                          const Relay **relay) const {
  *relay = nullptr;
  std::string lower = lower_case(recipient);
  int best = 0;
  const Relay *expired = nullptr;
  for (const Relay &candidate : relays()) {
    if (candidate.from != from) continue;
    for (const std::string &pattern : candidate.recipients) {
      int close = closeness(pattern, lower);
      if (close <= best) continue;
      if (has_expired(candidate.ledger, now)) {
        expired = &candidate;
        continue;
      }
      best = close;
      *relay = &candidate;
    }
  }
  if (best > 0) return Reason::none;
  if (!expired) return Reason::relay_denied;
  *relay = expired;
  return Reason::mail_rule_expired;
}

} // namespace sekisho::rules
