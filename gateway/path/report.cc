#include "gateway/path/report.hh"

namespace sekisho::path {
namespace {

std::string name_of(rules::ZoneId zone, const rules::RuleSet *rules) {
  return rules && zone < rules->zones().size() ? rules->zones()[zone].name : std::string();
}

Json rule_label(rules::RuleId rule, const rules::RuleSet *rules) {
  if (!rules || rule >= rules->labels().size()) return nullptr;
  return rules->labels()[rule];
}

/// The number too where it has no common name.
Json protocol_name(std::uint8_t number) {
  switch (number) {
  case rules::protocol::tcp: return "tcp";
  case rules::protocol::udp: return "udp";
  case rules::protocol::icmp: return "icmp";
  case rules::protocol::icmp6: return "icmp6";
  default: return number;
  }
}

Json words_of(const std::array<std::uint64_t, reason_count> &counts) {
  Json words = Json::object();
  for (const ReasonInfo &info : all_reasons())
    if (std::uint64_t count = counts[static_cast<std::size_t>(info.reason)]; count > 0)
      words[std::string(info.word)] = count;
  return words;
}

} // namespace

Json to_json(const Event &event, const rules::RuleSet *rules) {
  bool is_refusal = event.kind == Event::Kind::packets_refused;
  bool is_end = event.kind == Event::Kind::flow_ended;
  Json json{{"event", is_refusal ? "packet-refused" : is_end ? "flow-ended" : "flow-permitted"},
            {"at", to_rfc3339(event.time)},
            {"zone", name_of(event.zone, rules)}};
  if (is_refusal) json["reason"] = word_of(event.reason);
  else json["to"] = event.to == rules::no_zone ? "gateway" : name_of(event.to, rules);
  if (event.from_kernel) json["from_kernel"] = true;
  json["rule"] = rule_label(event.rule, rules);
  json["source_mac"] = to_string(event.source_mac);
  if (event.source != Ip{}) {
    json["source"] = to_string(event.source);
    json["destination"] = to_string(event.destination);
  }
  if (event.protocol != 0) json["protocol"] = protocol_name(event.protocol);
  if (event.source_port != 0 || event.destination_port != 0) {
    json["source_port"] = event.source_port;
    json["destination_port"] = event.destination_port;
  }
  if (is_refusal) json["count"] = event.count;
  if (is_end) {
    json["packets"] = event.count;
    json["octets"] = event.octets;
    json["seconds"] = event.seconds;
  }
  return json;
}

Json status_json(const Counters &counters, const Policy &policy) {
  const rules::RuleSet &rules = policy.rules();
  Json status{{"role", "path"},
              {"policy", rules.hash()},
              {"flows", counters.flows.load(std::memory_order_relaxed)},
              {"flows_opened", counters.flows_opened.value()},
              {"arp_asked", counters.arp_asked.value()},
              {"too_big_answered", counters.too_big_answered.value()},
              {"events_lost", counters.events_lost.value()}};
  Json zones = Json::array();
  std::array<std::uint64_t, reason_count> totals{};
  for (std::size_t i = 0; i < rules.zones().size(); ++i) {
    const ZoneCounters &zone = counters.zones[i];
    std::array<std::uint64_t, reason_count> reasons{};
    for (std::size_t reason = 0; reason < reason_count; ++reason)
      totals[reason] += reasons[reason] = zone.reasons[reason].value();
    zones.push_back({{"name", rules.zones()[i].name},
                     {"port", rules.zones()[i].port},
                     {"rx_packets", zone.from_port.value()},
                     {"tx_packets", zone.sent.value()},
                     {"from_kernel", zone.from_kernel.value()},
                     {"octets", zone.octets.value()},
                     {"passed", zone.verdicts[1].value()},
                     {"relayed", zone.verdicts[2].value()},
                     {"dropped", zone.verdicts[0].value()},
                     {"reasons", words_of(reasons)}});
  }
  status["zones"] = std::move(zones);
  status["counters"] = words_of(totals);
  return status;
}

} // namespace sekisho::path
