// Permits: who may meet whom, and who answers for it.
#include "rules/calendar.hh"
#include "rules/checker.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::rules {
namespace {

constexpr std::size_t max_exception_ports = 256; // more is no longer naming ports (Z3)

std::uint8_t protocol_number(std::string_view word) {
  return word == "tcp" ? protocol::tcp : word == "udp" ? protocol::udp : protocol::icmp;
}

} // namespace

RuleId Checker::label(const Place &place) {
  std::string_view name = sources_[place.file].name;
  std::size_t slash = name.rfind('/');
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  model_.labels.push_back(fmt::format("{}:{}", name, place.line));
  return static_cast<RuleId>(model_.labels.size() - 1);
}

void Checker::permit(const PermitSentence &said) {
  Permit permit;
  permit.protocol = protocol_number(said.protocol.text);
  permit.rule = label(said.keyword);
  for (const PortItem &port : said.ports)
    permit.ports.push_back({port.first, port.last});

  std::vector<End> from, to;
  bool known = true;
  auto resolve = [&](const std::vector<Word> &words, std::vector<Permit::End> &ends,
                     std::vector<End> &resolved) {
    for (const Word &word : words) {
      std::optional<End> found = end(word, ends.emplace_back());
      if (found)
        resolved.push_back(*found);
      else
        known = false;
    }
  };
  resolve(said.from, permit.from, from);
  resolve(said.to, permit.to, to);
  if (zones_may_meet(said, from, to) && known) exception(said, from, to);
  permit.ledger = ledger(said.ledger, said.keyword, said.whole, "permit");
  model_.permits.push_back(std::move(permit));
}

/// A host, a zone (all its networks), a network or an address.
std::optional<Checker::End> Checker::end(const Word &word, Permit::End &into) {
  into.name = word.text;
  auto found = names_.find(word.text);
  if (found == names_.end()) {
    if (word.text.find_first_of(".:/") != std::string::npos) return network_end(word, into);
    std::vector<std::string_view> known;
    for (const Zone &zone : model_.zones)
      known.push_back(zone.name);
    for (const Host &host : model_.hosts)
      known.push_back(host.name);
    reporter_.error(word.place, fmt::format("no host or zone '{}'", clip(word.text, 40))).help =
        did_you_mean(word.text, known,
                     fmt::format("declare it:  host {} {{ zone …  address …  mac … }}", word.text));
    return std::nullopt;
  }
  if (found->second.what == Named::What::zone) {
    into.zone = static_cast<ZoneId>(found->second.index);
    into.networks = model_.zones[into.zone].networks;
    return End{&word, nullptr, into.zone};
  }
  const Host &host = model_.hosts[found->second.index];
  if (host.zone == no_zone) return std::nullopt; // reported at the host
  into.zone = host.zone;
  into.networks = {Network{host.address, 128}};
  return End{&word, &host, host.zone};
}

std::optional<Checker::End> Checker::network_end(const Word &word, Permit::End &into) {
  std::optional<Network> network = parse_network(word.text);
  if (std::optional<Ip> ip = parse_ip(word.text)) network = Network{*ip, 128};
  if (!network) {
    reporter_
        .error(word.place,
               fmt::format("'{}' is no host, zone, network or address", clip(word.text, 50)))
        .help = "write a name, 10.1.0.0/24 or 10.1.0.11; bits behind the prefix are zero";
    return std::nullopt;
  }
  std::optional<ZoneId> zone = zone_of(model_.zones, network->address);
  bool whole = false;
  if (zone)
    for (const Network &of_zone : model_.zones[*zone].networks)
      whole = whole || (of_zone.prefix <= network->prefix && of_zone.contains(network->address));
  if (!whole) {
    reporter_.error(word.place, fmt::format("{} lies in no zone", word.text)).help =
        "an end of a permit lies whole in one zone's network";
    return std::nullopt;
  }
  into.zone = *zone;
  into.networks = {*network};
  // An address written out means its host.
  const Host *host = network->prefix == 128 ? host_at(network->address) : nullptr;
  return End{&word, host, *zone};
}

namespace {
/// The first end of each zone: enough to say what cannot meet.
template <class End> std::vector<End> one_of_each_zone(const std::vector<End> &ends) {
  std::vector<End> first;
  for (const End &end : ends)
    if (std::none_of(first.begin(), first.end(),
                     [&](const End &seen) { return seen.zone == end.zone; }))
      first.push_back(end);
  return first;
}
} // namespace

bool Checker::zones_may_meet(const PermitSentence &, const std::vector<End> &from,
                             const std::vector<End> &to) {
  bool good = true;
  std::vector<End> to_zones = one_of_each_zone(to);
  for (const End &one : one_of_each_zone(from))
    for (const End &other : to_zones)
      good = pair_may_meet(one, other) && good;
  return good;
}

bool Checker::pair_may_meet(const End &from, const End &to) {
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
  const End &inner = one.outside ? to : from;
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
void Checker::exception(const PermitSentence &said, const std::vector<End> &from,
                        const std::vector<End> &to) {
  ZoneId closed = no_zone;
  for (const std::vector<End> *ends : {&from, &to})
    for (const End &end : *ends)
      if (closed == no_zone && model_.zones[end.zone].closed) closed = end.zone;
  if (closed == no_zone) return;
  for (const std::vector<End> *ends : {&from, &to})
    for (const End &end : *ends)
      exception_end(end, closed);
  std::size_t ports = 0;
  for (const PortItem &port : said.ports)
    ports += port.last - port.first + 1u;
  if (said.protocol.text == "icmp") {
    why_closed(
        reporter_.error(said.protocol.place,
                        fmt::format("an exception with zone '{}' must name tcp or udp and a port",
                                    zone_name(closed)),
                        "Z3"),
        closed);
  } else if (ports == 0) {
    Diagnostic &error = reporter_.error(
        said.protocol.place,
        fmt::format("an exception with zone '{}' must name its port", zone_name(closed)), "Z3");
    why_closed(error, closed);
    error.help = fmt::format("write  permit {} port 443 …", said.protocol.text);
  } else if (ports > max_exception_ports) {
    Diagnostic &error = reporter_.error(
        join(said.ports.front().place, said.ports.back().place),
        fmt::format("an exception with zone '{}' names {} ports", zone_name(closed), ports), "Z3");
    why_closed(error, closed);
    error.help = fmt::format("name the ports the service needs, {} at most", max_exception_ports);
  }
  ledger_until(said.ledger, said.keyword, said.whole, closed);
}

void Checker::exception_end(const End &end, ZoneId closed) {
  std::string message;
  std::string help;
  if (!end.host) {
    message = fmt::format("an exception with zone '{}' must name a listed host, not {}",
                          zone_name(closed), end.word->text);
    help = fmt::format("declare the device:  host NAME {{ zone {}  address …  mac … }}",
                       zone_name(end.zone));
  } else if (!end.host->mac) {
    message = fmt::format("an exception with zone '{}' must name a MAC address; host '{}' has none",
                          zone_name(closed), end.host->name);
    help = fmt::format("add  mac …  to host '{}'", end.host->name);
  } else {
    return;
  }
  Diagnostic &error = reporter_.error(end.word->place, std::move(message), "Z3");
  if (end.host)
    error.related.push_back(
        {sentences_.hosts[static_cast<std::size_t>(end.host - model_.hosts.data())].name.place,
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
