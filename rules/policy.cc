#include "rules/policy.hh"

#include "rules/mail_pattern.hh"
#include "rules/text.hh"

#include <algorithm>
#include <cstring>
#include <limits>

namespace sekisho::rules {
namespace {

constexpr UnixSeconds never_before = std::numeric_limits<UnixSeconds>::min();
constexpr UnixSeconds never_after = std::numeric_limits<UnixSeconds>::max();

Decision drop(Reason reason, RuleId rule = no_rule) {
  return {Verdict::drop, reason, no_zone, rule};
}

Decision relay(RuleId rule) {
  return {Verdict::relay, Reason::none, no_zone, rule};
}

constexpr std::uint32_t vrrp_group4 = 0xe0000012; // RFC 5798 §5.1.1.2
constexpr Ip vrrp_group6{{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12}};

bool is_vrrp_group(const PacketSubject &subject) {
  if (subject.protocol != protocol::vrrp) return false;
  const Ip &to = subject.destination;
  return to.is_v4() ? to.v4() == vrrp_group4 : to == vrrp_group6;
}

bool is_link_local6(const Ip &ip) {
  return ip.octets[0] == 0xfe && (ip.octets[1] & 0xc0) == 0x80; // RFC 4291 §2.4
}

bool has_expired(const Ledger &ledger, UnixSeconds now) {
  return ledger.until && *ledger.until < now;
}

} // namespace

std::vector<Selector> selectors_of(const Service &service) {
  std::vector<Selector> selectors;
  auto message = [&](std::uint8_t protocol, std::uint8_t type) {
    auto number = static_cast<std::uint16_t>(type << 8); // code 0
    selectors.push_back({protocol, number, number});
  };
  if (service.protocol == protocol::icmp) {
    switch (service.kind) {
    case IcmpKind::echo:
      message(protocol::icmp, 8);    // RFC 792
      message(protocol::icmp6, 128); // RFC 4443 §4.1
      break;
    case IcmpKind::timestamp: message(protocol::icmp, 13); break;       // RFC 792
    case IcmpKind::timestamp_reply: message(protocol::icmp, 14); break; // RFC 792
    }
    return selectors;
  }
  for (const PortRange &range : service.ports)
    selectors.push_back({service.protocol, range.first, range.last});
  if (service.ports.empty()) selectors.push_back({service.protocol, 0, 0xffff});
  return selectors;
}

std::uint16_t number_of(const PacketSubject &subject) {
  if (subject.protocol != protocol::icmp && subject.protocol != protocol::icmp6)
    return subject.destination_port;
  return static_cast<std::uint16_t>(subject.icmp_type << 8 | subject.icmp_code);
}

std::uint64_t Policy::MacSlot::hash_of(const Mac &mac) {
  std::uint32_t front; // a word put together in memory would wait for its parts
  std::uint16_t back;
  std::memcpy(&front, mac.octets.data(), 4);
  std::memcpy(&back, mac.octets.data() + 4, 2);
  return mix(front | std::uint64_t{back} << 32);
}

// -- building -------------------------------------------------------------------------------------

namespace {
std::vector<Selector> selectors_of(const std::vector<Service> &services) {
  std::vector<Selector> all;
  for (const Service &service : services)
    for (const Selector &selector : rules::selectors_of(service))
      all.push_back(selector);
  return all;
}

/// A few members are named one by one, more as a set.
constexpr std::size_t most_single = 4;
} // namespace

Policy::Policy(Model model, std::string hash) : model_(std::move(model)), hash_(std::move(hash)) {}

std::shared_ptr<const Policy> Policy::make(Model model, std::string hash) {
  std::shared_ptr<Policy> policy(new Policy(std::move(model), std::move(hash)));
  if (!policy->build()) return nullptr;
  return policy;
}

bool Policy::build() {
  std::unordered_map<const void *, bool> added;
  auto mention = [&](const std::vector<End> &ends) {
    for (const End &end : ends) {
      if (end.whole_zone) continue;
      if (end.networks->size() > 1 && !added.try_emplace(end.networks.get(), true).second) continue;
      for (const Network &network : *end.networks)
        atlas_.add(end.zone, network);
    }
  };
  for (const Permit &permit : model_.permits)
    mention(permit.from), mention(permit.to);
  for (const Local &local : model_.locals)
    mention(local.hosts);
  for (const Relay &relay : model_.relays)
    for (const NextHop &hop : relay.routes.hops)
      atlas_.add(relay.to, {hop.address, 128});
  for (const Relay &relay : model_.relays)
    if (const auto &resolver = relay.guard.resolver) atlas_.add(resolver->zone, {resolver->address, 128});
  atlas_.build(model_.zones, model_.hosts);
  own_nodes_ = static_cast<NodeId>(atlas_.parents().size());
  classifier_.set_parents(atlas_.parents(), 3 * max_zones);

  for (const Permit &permit : model_.permits)
    classifier_.add(permit.rule, side(permit.from), side(permit.to), selectors_of(permit.services));
  for (const Relay &relay : model_.relays)
    add(relay);
  for (const Local &local : model_.locals)
    add(local);
  sets_.clear();

  std::size_t with_mac = 0;
  for (const Host &host : model_.hosts)
    with_mac += host.mac.has_value();
  macs_.reserve(with_mac);
  for (std::uint32_t i = 0; i < model_.hosts.size(); ++i)
    if (model_.hosts[i].mac) macs_.insert({*model_.hosts[i].mac, true, model_.hosts[i].zone, i});
  return classifier_.build(terms());
}

/// An end as nodes: the zone itself, the few members, or one node for the set.
Classifier::Side Policy::side(const std::vector<End> &ends) {
  Classifier::Side side;
  for (const End &end : ends) {
    if (end.whole_zone) {
      side.push_back(atlas_.root(end.zone));
      continue;
    }
    Classifier::Side members;
    auto known = sets_.find(end.networks.get());
    if (known != sets_.end()) {
      side.push_back(known->second);
      continue;
    }
    for (const Network &network : *end.networks)
      members.push_back(atlas_.node_of(network));
    if (members.size() <= most_single)
      side.insert(side.end(), members.begin(), members.end());
    else
      side.push_back(sets_[end.networks.get()] = classifier_.add_set(members));
  }
  std::sort(side.begin(), side.end());
  side.erase(std::unique(side.begin(), side.end()), side.end());
  return side;
}

void Policy::add(const Relay &relay) {
  const Selector in[] = {{protocol::tcp, relay.listen_port, relay.listen_port}};
  classifier_.add(relay.rule, {atlas_.root(relay.from)}, {gateway(relay.from)}, in);
  if (const auto &resolver = relay.guard.resolver) {
    const Selector names[] = {{protocol::tcp, resolver->port, resolver->port}};
    classifier_.add(relay.rule, {kernel(resolver->zone)}, {atlas_.node_of({resolver->address, 128})}, names);
  }
  for (const NextHop &hop : relay.routes.hops) {
    const Selector out[] = {{protocol::tcp, hop.port, hop.port}};
    classifier_.add(relay.rule, {kernel(relay.to)}, {atlas_.node_of({hop.address, 128})}, out);
  }
}

void Policy::add(const Local &local) {
  std::vector<Selector> selectors = selectors_of(local.services);
  constexpr Selector vrrp{protocol::vrrp, 0, 0xffff};
  bool has_vrrp = std::any_of(local.services.begin(), local.services.end(),
                              [](const Service &one) { return one.protocol == protocol::vrrp; });
  std::uint32_t zones = 0; // as bits
  for (const End &end : local.hosts) {
    Classifier::Side hosts = side({end});
    if (!local.leaves) {
      classifier_.add(local.rule, hosts, {gateway(end.zone)}, selectors);
      continue;
    }
    classifier_.add(local.rule, {kernel(end.zone)}, hosts, selectors);
    if (has_vrrp && (zones >> end.zone & 1) == 0)
      classifier_.add(local.rule, {kernel(end.zone)}, {vrrp_group(end.zone)}, std::span(&vrrp, 1));
    zones |= 1u << end.zone;
  }
}

/// When each rule is in force; and with it, when that changes.
std::vector<Term> Policy::terms() {
  for (const Permit &permit : model_.permits)
    if (permit.schedule) schedules_.push_back(*permit.schedule);
  for (const Local &local : model_.locals)
    if (local.schedule) schedules_.push_back(*local.schedule);
  std::sort(schedules_.begin(), schedules_.end());
  schedules_.erase(std::unique(schedules_.begin(), schedules_.end()), schedules_.end());

  std::vector<Term> terms(model_.labels.size());
  auto note = [&](RuleId rule, const Ledger &ledger, const std::optional<Schedule> &schedule) {
    Term &term = terms[rule];
    term.since = ledger.since.value_or(never_before);
    term.until = ledger.until.value_or(never_after);
    if (schedule) term.schedule = &*std::ranges::lower_bound(schedules_, *schedule);
    if (ledger.since) changes_.push_back(term.since);
    if (ledger.until) changes_.push_back(term.until + 1);
  };
  for (const Permit &permit : model_.permits)
    note(permit.rule, permit.ledger, permit.schedule);
  for (const Relay &relay : model_.relays)
    note(relay.rule, relay.ledger, std::nullopt);
  for (const Local &local : model_.locals)
    note(local.rule, local.ledger, local.schedule);
  std::sort(changes_.begin(), changes_.end());
  changes_.erase(std::unique(changes_.begin(), changes_.end()), changes_.end());
  return terms;
}

// -- answering ------------------------------------------------------------------------------------

/// Permits are labelled first, in the order of the text.
const Permit *Policy::permit_of(RuleId rule) const {
  return rule < model_.permits.size() ? &model_.permits[rule] : nullptr;
}

UnixSeconds Policy::next_change(UnixSeconds now) const {
  auto found = std::upper_bound(changes_.begin(), changes_.end(), now);
  UnixSeconds next = found == changes_.end() ? never_after : *found;
  for (const Schedule &schedule : schedules_)
    next = std::min(next, schedule.next_change(now));
  return next;
}

std::optional<ZoneId> Policy::zone_of(const Ip &ip) const {
  const Atlas::Record *record = atlas_.at(ip);
  return record ? std::optional(record->zone) : std::nullopt;
}

const Host *Policy::host_at(const Ip &ip) const {
  const Atlas::Record *record = atlas_.at(ip);
  return record && record->host != Atlas::no_host ? &model_.hosts[record->host] : nullptr;
}

// The order below is the order `sekisho explain` tells: who is it, where does it go, may the two
// zones meet, is this flow listed.
Decision Policy::decide(const PacketSubject &subject, UnixSeconds now) const {
  if (subject.from >= model_.zones.size()) return drop(Reason::not_listed);
  if (subject.from_kernel) return from_kernel(subject, now);
  const Atlas::Record *source = atlas_.at(subject.source), *to = atlas_.at(subject.destination);
  prefetch(subject, source, to);
  return decide(subject, source, to, now);
}

/// What the answer will look at.
void Policy::prefetch(const PacketSubject &subject, const Atlas::Record *source, const Atlas::Record *to) const {
  if (!source || !to) return;
  if (!source->has_mac) macs_.prefetch(MacSlot::hash_of(subject.source_mac));
  classifier_.prefetch(source->node);
  classifier_.prefetch(to->node);
}

/// Where everybody is, then which nodes that is, then the answers: each step finds in the cache what the one
/// before it asked for.
void Policy::decide(std::span<const PacketSubject> subjects, UnixSeconds now, Decision *decisions) const {
  constexpr std::size_t together = 64;
  struct Ends {
    const Atlas::Record *source, *to;
  };
  std::array<Ends, together> ends;
  for (; !subjects.empty(); subjects = subjects.subspan(std::min(together, subjects.size()))) {
    std::size_t count = std::min(together, subjects.size());
    for (std::size_t i = 0; i < count; ++i) {
      ends[i] = {atlas_.at(subjects[i].source), atlas_.at(subjects[i].destination)};
      __builtin_prefetch(ends[i].source);
      __builtin_prefetch(ends[i].to);
    }
    for (std::size_t i = 0; i < count; ++i) {
      prefetch(subjects[i], ends[i].source, ends[i].to);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const PacketSubject &subject = subjects[i];
      bool is_of_zone = subject.from < model_.zones.size() && !subject.from_kernel;
      *decisions++ = is_of_zone ? decide(subject, ends[i].source, ends[i].to, now) : decide(subject, now);
    }
  }
}

/// `source`, `to`: who is at its addresses.
Decision Policy::decide(const PacketSubject &subject, const Atlas::Record *source, const Atlas::Record *to,
                        UnixSeconds now) const {
  if (!source && is_vrrp_group(subject)) return vrrp6(subject, now);
  if (Reason reason = check_source(subject, source); reason != Reason::none) return drop(reason);
  if (is_vrrp_group(subject)) return to_gateway(subject, source->node, now);
  if (is_group(subject.destination)) return drop(Reason::ip_multicast);
  if (!to) return drop(Reason::no_destination_zone);
  if (to->is_gateway)
    return to->zone == subject.from ? to_gateway(subject, source->node, now)
                                    : drop(Reason::gateway_port_closed);
  if (to->zone == subject.from) return drop(Reason::same_zone);
  if (Reason reason = zones_apart(subject.from, to->zone); reason != Reason::none)
    return drop(reason);
  if (to->is_broadcast) return drop(Reason::ip_multicast);
  Classifier::Match match =
      classifier_.find(source->node, to->node, subject.protocol, number_of(subject), now);
  if (match.rule != no_rule) return {Verdict::pass, Reason::none, to->zone, match.rule};
  bool closed = model_.zones[subject.from].closed || model_.zones[to->zone].closed;
  return refused(match,
                 match.hosts_listed ? Reason::service_not_listed
                 : closed           ? Reason::zone_closed
                                    : Reason::not_listed,
                 now);
}

/// A rule that lists the flow but is not in force names itself.
Decision Policy::refused(const Classifier::Match &match, Reason otherwise, UnixSeconds now) const {
  if (match.not_now == no_rule) return drop(otherwise);
  bool has_ended = classifier_.term(match.not_now).until < now;
  return drop(has_ended ? Reason::rule_expired : Reason::rule_not_now, match.not_now);
}

/// The gateway's own kernel speaks to the next hops of its relays, to the listed servers and VRRP
/// peers, and to nobody else.
Decision Policy::from_kernel(const PacketSubject &subject, UnixSeconds now) const {
  bool as_itself = subject.source == model_.zones[subject.from].address;
  bool to_group = is_vrrp_group(subject);
  // VRRP for IPv6 comes from the link-local address (RFC 5798 §5.1.2.1).
  if (!as_itself && !(to_group && is_link_local6(subject.source)))
    return drop(Reason::kernel_not_listed);
  NodeId to = vrrp_group(subject.from);
  if (!to_group) {
    const Atlas::Record *record = atlas_.at(subject.destination);
    if (!record || record->zone != subject.from || record->is_gateway || record->is_broadcast)
      return drop(Reason::kernel_not_listed);
    to = record->node;
  }
  Classifier::Match match =
      classifier_.find(kernel(subject.from), to, subject.protocol, number_of(subject), now);
  if (match.rule != no_rule) return relay(match.rule);
  return refused(match, Reason::kernel_not_listed, now);
}

Reason Policy::check_source(const PacketSubject &subject, const Atlas::Record *source) const {
  if (!source || source->zone != subject.from || source->is_gateway || source->is_broadcast)
    return Reason::source_not_of_zone;
  if (source->has_mac) return source->mac == subject.source_mac ? Reason::none : Reason::mac_mismatch;
  if (source->host == Atlas::no_host && model_.zones[subject.from].closed) return Reason::host_unknown;
  // A listed device that turns up in another zone was moved or is imitated (Z5).
  const MacSlot *known = host_with(subject.source_mac);
  return known && known->zone != subject.from ? Reason::mac_mismatch : Reason::none;
}

Decision Policy::to_gateway(const PacketSubject &subject, NodeId source, UnixSeconds now) const {
  Classifier::Match match =
      classifier_.find(source, gateway(subject.from), subject.protocol, number_of(subject), now);
  if (match.rule != no_rule) return relay(match.rule);
  return refused(match, Reason::gateway_port_closed, now);
}

/// VRRP for IPv6 comes from a link-local address, which is in no zone: the peer is known by its
/// MAC.
Decision Policy::vrrp6(const PacketSubject &subject, UnixSeconds now) const {
  if (!is_link_local6(subject.source)) return drop(Reason::source_not_of_zone);
  const MacSlot *peer = host_with(subject.source_mac);
  if (!peer) return drop(Reason::source_not_of_zone);
  if (peer->zone != subject.from) return drop(Reason::mac_mismatch);
  return to_gateway(subject, atlas_.at(model_.hosts[peer->host].address)->node, now);
}

/// Between these zones no packet crosses whatever is listed: the compiler refuses such a permit,
/// and this line would stop it all the same (Z3, Z4).
Reason Policy::zones_apart(ZoneId from, ZoneId to) const {
  const Zone &one = model_.zones[from], &other = model_.zones[to];
  if (!one.outside && !other.outside) return Reason::none;
  return one.closed || other.closed ? Reason::zone_closed : Reason::zones_split;
}

// -- what every rule set answers the same way
// ------------------------------------------------------------

std::optional<ZoneId> RuleSet::zone_named(std::string_view name) const {
  for (std::size_t i = 0; i < zones().size(); ++i)
    if (zones()[i].name == name) return static_cast<ZoneId>(i);
  return std::nullopt;
}

Result<ZoneId> RuleSet::zone_typed(std::string_view name) const {
  if (std::optional<ZoneId> zone = zone_named(name)) return *zone;
  std::vector<std::string_view> names;
  for (const Zone &zone : zones()) names.push_back(zone.name);
  return fail(none_called("zone", name, names));
}

bool lists_address(const std::vector<std::string> &patterns, std::string_view address) {
  const std::string lower = lower_case(address);
  return std::ranges::any_of(patterns, [&](const std::string &pattern) { return closeness(pattern, lower) > 0; });
}

bool takes_sender(const DoorRule &door, std::string_view sender) {
  return door.senders.empty() || sender.empty() || lists_address(door.senders, sender);
}

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
