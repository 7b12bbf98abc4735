#include "rules/describe.hh"

#include "rules/calendar.hh"

#include <fmt/format.h>

namespace sekisho::rules {
namespace {

std::string ports_of(const Permit &permit) {
  std::string text;
  for (const PortRange &range : permit.ports) {
    text += text.empty() ? " port " : ", ";
    text += range.first == range.last ? fmt::format("{}", range.first)
                                      : fmt::format("{}-{}", range.first, range.last);
  }
  return text;
}

std::string names_of(const std::vector<Permit::End> &ends) {
  std::string text;
  for (const Permit::End &end : ends) {
    if (!text.empty()) text += ", ";
    text += end.name;
  }
  return text;
}

} // namespace

std::string protocol_word(std::uint8_t protocol) {
  switch (protocol) {
  case protocol::tcp: return "tcp";
  case protocol::udp: return "udp";
  case protocol::icmp: return "icmp";
  case protocol::icmp6: return "icmp6";
  default: return fmt::format("protocol {}", protocol);
  }
}

std::string describe(const Permit &permit) {
  return fmt::format("permit {}{}{} from {} to {}", protocol_word(permit.protocol),
                     permit.protocol == protocol::icmp ? " echo" : "", ports_of(permit),
                     names_of(permit.from), names_of(permit.to));
}

std::string describe(const Relay &relay, const std::vector<Zone> &zones) {
  return fmt::format("relay mail {} from {} to {}, next-hop {} port {}", relay.name,
                     zones[relay.from].name, zones[relay.to].name, to_string(relay.next_hop),
                     relay.next_hop_port);
}

std::string describe(const Ledger &ledger) {
  std::string text = fmt::format("for \"{}\"  owner \"{}\"  approved \"{}\"", ledger.purpose,
                                 ledger.owner, ledger.approved);
  if (ledger.until) text += "  until " + date_of(*ledger.until);
  return text;
}

const Ledger *ledger_of(const RuleSet &rules, RuleId rule) {
  for (const Permit &permit : rules.permits())
    if (permit.rule == rule) return &permit.ledger;
  for (const Relay &relay : rules.relays())
    if (relay.rule == rule) return &relay.ledger;
  return nullptr;
}

std::string sentence_of(const RuleSet &rules, RuleId rule) {
  for (const Permit &permit : rules.permits())
    if (permit.rule == rule) return describe(permit);
  for (const Relay &relay : rules.relays())
    if (relay.rule == rule) return describe(relay, rules.zones());
  return {};
}

} // namespace sekisho::rules
