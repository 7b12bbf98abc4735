// Permits: who may meet whom, and who answers for it.
#include "rules/calendar.hh"
#include "rules/checker.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::rules {
namespace {

constexpr std::size_t max_exception_ports = 256; // more is no longer naming ports (Z3)

} // namespace

RuleId Checker::label(const Place &place) {
  std::string_view name = sources_[place.file].name;
  std::size_t slash = name.rfind('/');
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  model_.labels.push_back(fmt::format("{}:{}", name, place.line));
  model_.places.push_back(place);
  return static_cast<RuleId>(model_.labels.size() - 1);
}

void Checker::permit(const PermitSentence &said) {
  Permit permit;
  permit.rule = label(said.keyword);
  bool known = services(said.services, permit.services);
  std::vector<Side> from, to;
  known = resolve(said.from, permit.from, from) && known;
  known = resolve(said.to, permit.to, to) && known;
  if (zones_may_meet(from, to) && known) exception(said, permit.services, from, to);
  permit.ledger = ledger(said.ledger, said.keyword, said.whole, "permit");
  const ConditionItems *conditions = said.conditions.get();
  permit.schedule = schedule(conditions);
  if (permit.schedule) never_in_force(*conditions->during, *permit.schedule, permit.ledger);
  permit.limits = limits(conditions);
  if (conditions && conditions->log)
    permit.log = conditions->log->text == "none"    ? FlowLog::none
                 : conditions->log->text == "ended" ? FlowLog::ended
                                                    : FlowLog::opened;
  model_.permits.push_back(std::move(permit));
}

namespace {
/// The first end of each zone: enough to say what cannot meet.
template <class Side> std::vector<Side> one_of_each_zone(const std::vector<Side> &sides) {
  std::vector<Side> first;
  for (const Side &side : sides)
    if (std::none_of(first.begin(), first.end(),
                     [&](const Side &seen) { return seen.zone == side.zone; }))
      first.push_back(side);
  return first;
}
} // namespace

bool Checker::zones_may_meet(const std::vector<Side> &from, const std::vector<Side> &to) {
  bool good = true;
  std::vector<Side> to_zones = one_of_each_zone(to);
  for (const Side &one : one_of_each_zone(from))
    for (const Side &other : to_zones)
      good = pair_may_meet(one, other) && good;
  return good;
}

bool Checker::pair_may_meet(const Side &from, const Side &to) {
  const Zone &one = model_.zones[from.zone], &other = model_.zones[to.zone];
  if (from.zone == to.zone) {
    Diagnostic &error = reporter_.error(
        to.word->place,
        fmt::format("both ends are in zone '{}': this traffic never meets the gateway", one.name));
    error.related.push_back({from.word->place, "the other end"});
    error.help = "remove the permit, or correct the host";
    return false;
  }
  if (!one.outside && !other.outside) return true;
  const Side &inner = one.outside ? to : from;
  const Zone &outside = one.outside ? one : other, &protected_zone = one.outside ? other : one;
  if (protected_zone.closed) {
    Diagnostic &error = reporter_.error(
        inner.word->place,
        fmt::format("no rule can join zone '{}' to '{}'", protected_zone.name, outside.name), "Z3");
    error.related.push_back({(one.outside ? from : to).word->place,
                             fmt::format("in zone '{}', which is outside", outside.name)});
    why_closed(error, inner.zone);
    error.help =
        "remove the permit: a closed zone and the outside never meet, not even by exception";
    return false;
  }
  Diagnostic &error = reporter_.error(
      to.word->place, fmt::format("no packet crosses between '{}' and '{}'", one.name, other.name),
      "Z4");
  error.related.push_back({from.word->place, fmt::format("in zone '{}'", one.name)});
  error.help = fmt::format("the two meet in relays only:  relay mail from {} to {} {{ … }}",
                           one.name, other.name);
  return false;
}

/// An exception into a closed zone (特定通信) names MAC, IP address, protocol, port and its last
/// day.
void Checker::exception(const PermitSentence &said, const std::vector<Service> &services,
                        const std::vector<Side> &from, const std::vector<Side> &to) {
  ZoneId closed = no_zone;
  for (const std::vector<Side> *sides : {&from, &to})
    for (const Side &side : *sides)
      if (closed == no_zone && model_.zones[side.zone].closed) closed = side.zone;
  if (closed == no_zone) return;
  for (const std::vector<Side> *sides : {&from, &to})
    for (const Side &side : *sides)
      exception_end(side, closed, "an exception with");
  exception_services(said, services, closed);
  ledger_until(said.ledger, said.keyword, said.whole, closed);
}

void Checker::exception_services(const PermitSentence &said, const std::vector<Service> &services,
                                 ZoneId closed) {
  // The items are those of the sentence, or all that a named one stands for.
  std::size_t ports = 0, item = 0, of_item = 0;
  for (const Service &service : services) {
    const ServiceItem &written = said.services[item];
    if (!written.is_name ||
        ++of_item == services_[names_.find(written.word.text)->second.index].size())
      ++item, of_item = 0;
    if (service.protocol == protocol::icmp) {
      why_closed(
          reporter_.error(written.word.place,
                          fmt::format("an exception with zone '{}' must name tcp or udp and a port",
                                      zone_name(closed)),
                          "Z3"),
          closed);
      return;
    }
    if (service.ports.empty()) {
      Diagnostic &error = reporter_.error(
          written.word.place,
          fmt::format("an exception with zone '{}' must name its port", zone_name(closed)), "Z3");
      why_closed(error, closed);
      error.help = fmt::format("write  permit {} port 443 …",
                               service.protocol == protocol::tcp ? "tcp" : "udp");
      return;
    }
    for (const PortRange &range : service.ports)
      ports += range.last - range.first + 1u;
  }
  if (ports <= max_exception_ports) return;
  Place place = said.services.front().word.place;
  const ServiceItem &first = said.services.front();
  if (said.services.size() == 1 && !first.ports.empty())
    place = join(first.ports.front().place, first.ports.back().place);
  Diagnostic &error = reporter_.error(
      place, fmt::format("an exception with zone '{}' names {} ports", zone_name(closed), ports),
      "Z3");
  why_closed(error, closed);
  error.help = fmt::format("name the ports the service needs, {} at most", max_exception_ports);
}

/// `what`: "an exception with" or "what reaches the gateway from".
void Checker::exception_end(const Side &side, ZoneId closed, std::string_view what) {
  if (side.is_set) {
    if (!side.unknown) return;
    Diagnostic &error = reporter_.error(
        side.word->place,
        fmt::format("{} zone '{}' must name listed hosts with MAC; set '{}' has another member",
                    what, zone_name(closed), side.word->text),
        "Z3");
    error.related.push_back({side.unknown->place, "this one"});
    why_closed(error, closed);
    error.help = "declare the device with its mac, or take it out of the set";
    return;
  }
  std::string message;
  std::string help;
  if (!side.host) {
    message = fmt::format("{} zone '{}' must name a listed host, not {}", what, zone_name(closed),
                          side.word->text);
    help = fmt::format("declare the device:  host NAME {{ zone {}  address …  mac … }}",
                       zone_name(side.zone));
  } else if (!side.host->mac) {
    message = fmt::format("{} zone '{}' must name a MAC address; host '{}' has none", what,
                          zone_name(closed), side.host->name);
    help = fmt::format("add  mac …  to host '{}'", side.host->name);
  } else {
    return;
  }
  Diagnostic &error = reporter_.error(side.word->place, std::move(message), "Z3");
  if (side.host)
    error.related.push_back(
        {sentences_.hosts[static_cast<std::size_t>(side.host - model_.hosts.data())].name.place,
         "no mac here"});
  why_closed(error, closed);
  error.help = std::move(help);
}

Ledger Checker::ledger(const LedgerItems &said, const Place &sentence, bool whole,
                       std::string_view what) {
  Ledger ledger;
  std::string missing, to_add;
  auto take = [&](const std::optional<Word> &word, std::string &into, std::string_view keyword) {
    if (word && word->text.find_first_not_of(" \t") != std::string::npos) {
      into = word->text;
    } else if (word) {
      reporter_.error(word->place, fmt::format("'{}' says nothing", keyword), "Z7").help =
          "the rule file is the ledger of permitted flows: say it so that an auditor understands";
    } else {
      missing += fmt::format("{}'{}'", missing.empty() ? "" : ", ", keyword);
      to_add += fmt::format("{}{} \"…\"", to_add.empty() ? "" : "  ", keyword);
    }
  };
  take(said.purpose, ledger.purpose, "for");
  take(said.owner, ledger.owner, "owner");
  take(said.approved, ledger.approved, "approved");
  if (!missing.empty() && whole)
    reporter_.error(sentence, fmt::format("{} without {}", what, missing), "Z7").help =
        "add  " + to_add;
  ledger_since(said, ledger);
  if (!said.until) return ledger;
  ledger.until = last_second_of(said.until->text);
  if (!ledger.until)
    reporter_.error(said.until->place, fmt::format("'{}' is no date", clip(said.until->text, 40)))
        .help = "write a day of the calendar as 2027-03-31 (year-month-day)";
  else if (*ledger.until < now_)
    reporter_
        .warning(said.until->place,
                 fmt::format("expired on {}: it passes nothing", said.until->text), "Z7")
        .help = fmt::format("have it approved again and change the date, or remove the {}", what);
  return ledger;
}

void Checker::ledger_since(const LedgerItems &said, Ledger &ledger) {
  if (!said.since) return;
  ledger.since = first_second_of(said.since->text);
  if (!ledger.since) {
    reporter_.error(said.since->place, fmt::format("'{}' is no date", clip(said.since->text, 40)))
        .help = "write a day of the calendar as 2027-01-01 (year-month-day)";
    return;
  }
  std::optional<UnixSeconds> until = said.until ? last_second_of(said.until->text) : std::nullopt;
  if (!until || *until > *ledger.since) return;
  Diagnostic &error = reporter_.error(said.until->place, "it ends before it begins");
  error.related.push_back({said.since->place, "its first day"});
  error.help = "write the first day behind 'from' and the last behind 'until'";
}

void Checker::ledger_until(const LedgerItems &said, const Place &sentence, bool whole,
                           ZoneId closed) {
  if (said.until || !whole) return;
  Diagnostic &error = reporter_.error(
      sentence, fmt::format("an exception with zone '{}' must end some day", zone_name(closed)),
      "Z7");
  why_closed(error, closed);
  error.help = "add  until 2027-03-31  (its last day)";
}

} // namespace sekisho::rules
