#include "rules/describe.hh"

#include "rules/calendar.hh"

#include <fmt/format.h>

namespace sekisho::rules {
namespace {

std::string words_of(const Service &service) {
  if (service.protocol == protocol::icmp)
    return service.kind == IcmpKind::echo        ? "icmp echo"
           : service.kind == IcmpKind::timestamp ? "icmp timestamp"
                                                 : "icmp timestamp-reply";
  std::string text = protocol_word(service.protocol);
  for (const PortRange &range : service.ports) {
    text += &range == &service.ports.front() ? " port " : ", ";
    text += range.first == range.last ? fmt::format("{}", range.first)
                                      : fmt::format("{}-{}", range.first, range.last);
  }
  return text;
}

/// As written: what a declared service stands for is one name.
std::string words_of(const std::vector<Service> &services) {
  std::string text;
  const Service *before = nullptr;
  for (const Service &service : services) {
    bool is_same = before && !service.name.empty() && before->name == service.name;
    before = &service;
    if (is_same) continue;
    if (!text.empty()) text += ", ";
    text += service.name.empty() ? words_of(service) : service.name;
  }
  return text;
}

std::string names_of(const std::vector<End> &ends) {
  std::string text;
  const End *before = nullptr;
  for (const End &end : ends) {
    bool is_same = before && before->name == end.name; // a set in another zone
    before = &end;
    if (is_same) continue;
    if (!text.empty()) text += ", ";
    text += end.name;
  }
  return text;
}

std::string rate(std::uint64_t bits) {
  if (bits % 1'000'000'000 == 0) return fmt::format("{} Gbit", bits / 1'000'000'000);
  if (bits % 1'000'000 == 0) return fmt::format("{} Mbit", bits / 1'000'000);
  return fmt::format("{} Kbit", bits / 1'000);
}

} // namespace

std::string protocol_word(std::uint8_t protocol) {
  switch (protocol) {
  case protocol::tcp: return "tcp";
  case protocol::udp: return "udp";
  case protocol::icmp: return "icmp";
  case protocol::icmp6: return "icmp6";
  case protocol::vrrp: return "vrrp";
  default: return fmt::format("protocol {}", protocol);
  }
}

std::string describe(const Permit &permit) {
  return fmt::format("permit {} from {} to {}", words_of(permit.services), names_of(permit.from),
                     names_of(permit.to));
}

std::string describe(const Local &local) {
  return fmt::format("local {} {} {}", words_of(local.services), local.leaves ? "to" : "from",
                     names_of(local.hosts));
}

std::string describe(const Limits &limits) {
  std::string text;
  auto add = [&](std::string limit) { text += (text.empty() ? "limit " : "  limit ") + limit; };
  if (limits.connections) add(fmt::format("{} connections", limits.connections));
  if (limits.source_connections)
    add(fmt::format("{} connections per source", limits.source_connections));
  if (limits.new_per_second) add(fmt::format("{} new per second", limits.new_per_second));
  if (limits.source_new_per_second)
    add(fmt::format("{} new per second per source", limits.source_new_per_second));
  if (limits.packets_per_second)
    add(fmt::format("{} packets per second", limits.packets_per_second));
  if (limits.bits_per_second) add(fmt::format("{} per second", rate(limits.bits_per_second)));
  return text;
}

std::string conditions_of(const RuleSet &rules, RuleId rule) {
  std::string text;
  auto add = [&](const std::string &words) { text += (text.empty() ? "" : "  ") + words; };
  if (const Permit *permit = rules.permit_of(rule)) {
    if (permit->schedule) add("during " + words_of(*permit->schedule));
    if (permit->limits.any()) add(describe(permit->limits));
    if (permit->log != FlowLog::opened)
      add(permit->log == FlowLog::none ? "log none" : "log ended");
  }
  for (const Local &local : rules.locals())
    if (local.rule == rule && local.schedule) add("during " + words_of(*local.schedule));
  for (const Relay &relay : rules.relays())
    if (relay.rule == rule && relay.door.senders_unsaid) add("senders " + senders_of(relay.door));
  return text;
}

std::string describe(const Relay &relay, const std::vector<Zone> &zones) {
  std::string text = fmt::format("relay mail {} from {} to {}", relay.name, zones[relay.from].name,
                                 zones[relay.to].name);
  for (const NextHop &hop : relay.routes.hops)
    text += fmt::format(", next-hop {} port {}{}", to_string(hop.address), hop.port,
                        hop.backup ? " backup" : "");
  return text;
}

std::string frames_of(const Zone &zone) {
  std::string text;
  if (zone.vlan.outer != 0) text += fmt::format(", vlan {}", zone.vlan.outer);
  if (zone.vlan.inner != 0) text += fmt::format(".{}", zone.vlan.inner);
  if (zone.mtu != 0) text += fmt::format(", mtu {}", zone.mtu);
  if (zone.drop_fragments) text += ", fragments dropped";
  return text;
}

std::string describe(const Ledger &ledger) {
  std::string text = fmt::format("for \"{}\"  owner \"{}\"  approved \"{}\"", ledger.purpose,
                                 ledger.owner, ledger.approved);
  if (ledger.since) text += "  from " + date_of(*ledger.since);
  if (ledger.until) text += "  until " + date_of(*ledger.until);
  return text;
}

const Ledger *ledger_of(const RuleSet &rules, RuleId rule) {
  if (const Permit *permit = rules.permit_of(rule)) return &permit->ledger;
  for (const Relay &relay : rules.relays())
    if (relay.rule == rule) return &relay.ledger;
  for (const Local &local : rules.locals())
    if (local.rule == rule) return &local.ledger;
  return nullptr;
}

std::string sentence_of(const RuleSet &rules, RuleId rule) {
  if (const Permit *permit = rules.permit_of(rule)) return describe(*permit);
  for (const Relay &relay : rules.relays())
    if (relay.rule == rule) return describe(relay, rules.zones());
  for (const Local &local : rules.locals())
    if (local.rule == rule) return describe(local);
  return {};
}

} // namespace sekisho::rules
