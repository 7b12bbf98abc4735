// What is permitted, when, and how much of it.
#include "rules/calendar.hh"
#include "rules/checker.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::rules {
namespace {

constexpr std::size_t max_unfolded = 1u << 20; // services of all sentences together
constexpr std::size_t max_kinds = 256;         // of one service sentence
constexpr std::uint64_t most_counted = 1'000'000'000;
constexpr std::uint64_t most_bits = 1'000'000'000'000;

std::uint8_t protocol_number(std::string_view word) {
  return word == "tcp"    ? protocol::tcp
         : word == "udp"  ? protocol::udp
         : word == "vrrp" ? protocol::vrrp
                          : protocol::icmp;
}

} // namespace

Service Checker::service(const ServiceItem &said) {
  Service service;
  service.protocol = protocol_number(said.word.text);
  service.ports.reserve(said.ports.size());
  for (const PortItem &port : said.ports)
    service.ports.push_back({port.first, port.last});
  if (said.kind.text == "timestamp") service.kind = IcmpKind::timestamp;
  if (said.kind.text == "timestamp-reply") service.kind = IcmpKind::timestamp_reply;
  return service;
}

void Checker::service(const ServiceSentence &said, std::vector<Service> &into) {
  if (said.items.size() > max_kinds) {
    reporter_.error(said.name.place,
                    fmt::format("service of {} kinds; {} at most", said.items.size(), max_kinds));
    return;
  }
  for (const ServiceItem &item : said.items) {
    into.push_back(service(item));
    into.back().name = said.name.text;
  }
}

bool Checker::services(const std::vector<ServiceItem> &said, std::vector<Service> &into) {
  for (const ServiceItem &item : said) {
    if (!item.is_name) {
      into.push_back(service(item));
      continue;
    }
    auto found = names_.find(item.word.text);
    if (found == names_.end() || found->second.what != Named::What::service) {
      std::vector<std::string_view> known = {"tcp", "udp", "icmp"};
      for (const ServiceSentence &declared : sentences_.services)
        known.push_back(declared.name.text);
      reporter_.error(item.word.place, fmt::format("no service '{}'", clip(item.word.text, 40)))
          .help = did_you_mean(
          item.word.text, known,
          fmt::format("declare it:  service {} {{ tcp port … }}", clip(item.word.text, 40)));
      return false;
    }
    const std::vector<Service> &named = services_[found->second.index];
    into.insert(into.end(), named.begin(), named.end());
  }
  unfolded_ += into.size();
  if (unfolded_ <= max_unfolded) return true;
  unfolded_ = 0;
  reporter_.error(said[0].word.place,
                  fmt::format("the sentences name more than {} services", max_unfolded));
  return false;
}

std::optional<Schedule> Checker::schedule(const ConditionItems *said) {
  if (!said || !said->during) return std::nullopt;
  const ScheduleItem &item = *said->during;
  auto hours = read_hours(item.hours.text);
  if (!hours) {
    reporter_.error(item.hours.place, fmt::format("'{}' are no hours", clip(item.hours.text, 40)))
        .help = "write them as 08:30-17:15, in Japan; 22:00-06:00 ends on the next day";
    return std::nullopt;
  }
  if (hours->first == hours->second) {
    reporter_.error(item.hours.place, "these hours begin and end at once").help =
        "write 00:00-24:00 for the whole day";
    return std::nullopt;
  }
  return Schedule{item.days, hours->first, hours->second};
}

/// `during sat …` between a Monday and a Friday.
void Checker::never_in_force(const ScheduleItem &said, const Schedule &schedule,
                             const Ledger &ledger) {
  if (!ledger.until) return;
  UnixSeconds begin = ledger.since.value_or(*ledger.until - 14 * 86'400);
  if (begin > *ledger.until || schedule.covers(begin)) return;
  if (schedule.next_change(begin) <= *ledger.until) return;
  Diagnostic &warning = reporter_.warning(said.place, "no such hours lie between its days");
  warning.help = "it is never in force: change the days or the dates";
}

Limits Checker::limits(const ConditionItems *said) {
  Limits limits;
  if (!said) return limits;
  for (const LimitItem &item : said->limits) {
    bool is_rate = item.what == LimitItem::What::bits;
    if (item.value == 0 || item.value > (is_rate ? most_bits : most_counted)) {
      reporter_.error(item.place, item.value == 0 ? "a limit of nothing" : "a limit out of range")
          .help = item.value == 0 ? "remove the permit instead"
                                  : fmt::format("{} at most", is_rate ? "1000 Gbit" : "1000000000");
      continue;
    }
    auto count = static_cast<std::uint32_t>(std::min(item.value, most_counted));
    switch (item.what) {
    case LimitItem::What::connections: limits.connections = count; break;
    case LimitItem::What::source_connections: limits.source_connections = count; break;
    case LimitItem::What::new_flows: limits.new_per_second = count; break;
    case LimitItem::What::source_new_flows: limits.source_new_per_second = count; break;
    case LimitItem::What::packets: limits.packets_per_second = count; break;
    case LimitItem::What::bits: limits.bits_per_second = item.value; break;
    }
  }
  return limits;
}

} // namespace sekisho::rules
