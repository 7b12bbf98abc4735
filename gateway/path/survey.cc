#include "gateway/path/survey.hh"

#include "base/json_members.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::path {
namespace {

using Json = nlohmann::ordered_json;

std::string zone_name(rules::ZoneId zone, const rules::RuleSet &rules) {
  return zone < rules.zones().size() ? rules.zones()[zone].name : "?";
}

std::string label_of(rules::RuleId rule, const rules::RuleSet &rules) {
  return rule < rules.labels().size() ? rules.labels()[rule] : std::string();
}

std::string protocol_name(std::uint8_t number) {
  switch (number) {
  case rules::protocol::tcp: return "tcp";
  case rules::protocol::udp: return "udp";
  case rules::protocol::icmp: return "icmp";
  case rules::protocol::icmp6: return "icmp6";
  default: return std::to_string(number);
  }
}

} // namespace

Result<std::optional<rules::ZoneId>> zone_in(const nlohmann::ordered_json &untrusted_question,
                                             const rules::RuleSet &rules) {
  const std::string name = text_in(untrusted_question, "zone");
  if (name.empty()) return std::optional<rules::ZoneId>();
  const Result<rules::ZoneId> zone = rules.zone_typed(name);
  if (!zone) return fail(zone.error());
  return std::optional(*zone);
}

Result<FlowList> FlowList::make(Kind kind, std::string_view untrusted_choice, const rules::RuleSet &rules) {
  Json choice = Json::parse(untrusted_choice, nullptr, false);
  if (!choice.is_object()) return fail("a question that is not understood");
  FlowList list;
  list.kind_ = kind;
  Result<std::optional<rules::ZoneId>> zone = zone_in(choice, rules);
  if (!zone) return fail(zone.error());
  list.zone_ = *zone;
  if (std::string name = text_in(choice, "host"); !name.empty()) {
    list.host_ = parse_ip(name);
    for (const rules::Host &host : rules.hosts())
      if (host.name == name) list.host_ = host.address;
    if (!list.host_) return fail(fmt::format("{} is neither an address nor a listed host", name));
  }
  if (std::string label = text_in(choice, "rule"); !label.empty()) {
    auto found = std::ranges::find(rules.labels(), label);
    if (found == rules.labels().end())
      return fail(fmt::format("no rule has the label {}; a label is FILE:LINE, as sekisho status shows it", label));
    list.rule_ = static_cast<rules::RuleId>(found - rules.labels().begin());
  }
  std::string sort = text_in(choice, "sort");
  if (sort == "packets") list.sort_ = Sort::packets;
  else if (sort == "age" && kind == Kind::flows) list.sort_ = Sort::age;
  else if (sort == "flows" && kind == Kind::hosts) list.sort_ = Sort::flows;
  else if (!sort.empty() && sort != "octets")
    return fail(fmt::format("sorted by {}? By octets, packets or {}", sort, kind == Kind::flows ? "age" : "flows"));
  list.limit_ = std::min<std::uint64_t>(number_in(choice, "limit", list.limit_), most_rows);
  return list;
}

bool FlowList::is_chosen(const FlowRow &row) const {
  if (zone_ && row.from != *zone_ && row.to != *zone_) return false;
  if (host_ && row.ends.source != *host_ && row.ends.destination != *host_) return false;
  return !rule_ || row.rule == *rule_;
}

std::uint64_t FlowList::weight_of(const FlowRow &row) const {
  return sort_ == Sort::age ? row.age : sort_ == Sort::packets ? row.packets : row.octets;
}
std::uint64_t FlowList::weight_of(const Sum &sum) const {
  return sort_ == Sort::flows ? sum.flows : sort_ == Sort::packets ? sum.packets : sum.octets;
}

void FlowList::add(const FlowRow &row) {
  if (!is_chosen(row)) return;
  ++total_;
  packets_ += row.packets;
  octets_ += row.octets;
  if (kind_ == Kind::flows) return keep_heaviest(row);
  add_host(row.from, row.ends.source, row);
  add_host(row.to, row.ends.destination, row);
}

void FlowList::keep_heaviest(const FlowRow &row) {
  auto heavier = [this](const FlowRow &a, const FlowRow &b) { return weight_of(a) > weight_of(b); };
  if (rows_.size() >= limit_) {
    if (limit_ == 0 || weight_of(row) <= weight_of(rows_.front())) return;
    std::ranges::pop_heap(rows_, heavier);
    rows_.pop_back();
  }
  rows_.push_back(row);
  std::ranges::push_heap(rows_, heavier);
}

void FlowList::add_host(rules::ZoneId zone, const Ip &ip, const FlowRow &row) {
  if (host_ && ip != *host_) return;
  if (zone_ && zone != *zone_) return;
  if (hosts_.size() >= most_hosts && !hosts_.contains(ip)) {
    ++beyond_;
    return;
  }
  Sum &sum = hosts_[ip];
  sum.zone = zone;
  ++sum.flows;
  sum.packets += row.packets;
  sum.octets += row.octets;
}

FlowList::Json FlowList::take(const rules::RuleSet &rules) {
  Json answer = kind_ == Kind::flows ? flows_json(rules) : hosts_json(rules);
  answer["total"] = kind_ == Kind::flows ? total_ : hosts_.size();
  answer["packets"] = packets_;
  answer["octets"] = octets_;
  if (beyond_ > 0) answer["beyond"] = beyond_;
  return answer;
}

FlowList::Json FlowList::flows_json(const rules::RuleSet &rules) {
  std::ranges::sort(rows_, std::greater<>(), [this](const FlowRow &row) { return weight_of(row); });
  Json list = Json::array();
  for (const FlowRow &row : rows_)
    list.push_back({{"from", row.from_kernel ? "gateway" : zone_name(row.from, rules)},
                    {"to", row.relayed && !row.from_kernel ? "gateway" : zone_name(row.to, rules)},
                    {"protocol", protocol_name(row.ends.protocol)},
                    {"source", to_string(row.ends.source)},
                    {"source_port", row.ends.source_port},
                    {"destination", to_string(row.ends.destination)},
                    {"destination_port", row.ends.destination_port},
                    {"rule", label_of(row.rule, rules)},
                    {"state", flow::word_of(row.state)},
                    {"packets", row.packets},
                    {"octets", row.octets},
                    {"age", row.age},
                    {"idle", row.idle}});
  return {{"flows", std::move(list)}};
}

FlowList::Json FlowList::hosts_json(const rules::RuleSet &rules) const {
  std::vector<std::pair<Ip, Sum>> sums(hosts_.begin(), hosts_.end());
  std::ranges::sort(sums, [this](const auto &a, const auto &b) {
    std::uint64_t mine = weight_of(a.second), other = weight_of(b.second);
    return mine != other ? mine > other : a.first < b.first;
  });
  Json list = Json::array();
  for (const auto &[ip, sum] : sums) {
    if (list.size() == limit_) break;
    const rules::Host *host = rules.host_at(ip);
    list.push_back({{"zone", zone_name(sum.zone, rules)},
                    {"address", to_string(ip)},
                    {"host", host ? host->name : ""},
                    {"flows", sum.flows},
                    {"packets", sum.packets},
                    {"octets", sum.octets}});
  }
  return {{"hosts", std::move(list)}};
}

} // namespace sekisho::path
