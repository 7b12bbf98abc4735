// Mail relays: between which zones, for whom, to where, and what is done to the mail.
#include "rules/checker.hh"
#include "rules/mail_pattern.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::rules {
namespace {

constexpr std::size_t max_recipients = 1000;   // patterns of one relay
constexpr std::uint64_t least_size = 1u << 10; // octets
constexpr std::uint64_t most_size = 1u << 30;  // octets
constexpr std::uint64_t most_deadline = 600;   // seconds
constexpr std::uint64_t most_definitions_days = 365;
constexpr std::size_t most_socket_path = 107; // unix(7)
constexpr std::uint64_t least_dpi = 36, most_dpi = 600;
constexpr std::uint64_t most_archive_depth = 9;

template <class Enum> std::optional<Enum> from_word(std::string_view word, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if (job::word_of(static_cast<Enum>(i)) == word) return static_cast<Enum>(i);
  return std::nullopt;
}

} // namespace

void Checker::relay(const RelaySentence &said) {
  Relay relay;
  relay.from = zone_named(said.from).value_or(no_zone);
  relay.to = zone_named(said.to).value_or(no_zone);
  relay.rule = label(said.keyword);
  relay_name(said, relay);
  relay_recipients(said, relay);
  if (relay.from != no_zone && relay.to != no_zone) {
    relay_zones(said, relay);
    relay_routes(said, relay);
    relay_patience(said, relay);
    relay_listen(said, relay);
  }
  relay_door(said.door, relay);
  relay_plan(said, relay);
  relay_scan(said, relay);
  relay_hold(said.hold, relay);
  relay_guard(said, relay);
  relay.ledger = ledger(said.ledger, said.keyword, said.whole, "relay");
  model_.relays.push_back(std::move(relay));
}

void Checker::relay_zones(const RelaySentence &said, const Relay &relay) {
  const Zone &from = model_.zones[relay.from], &to = model_.zones[relay.to];
  if ((from.outside && to.closed) || (from.closed && to.outside)) {
    bool into = to.closed;
    Diagnostic &error =
        reporter_.error(into ? said.to.place : said.from.place,
                        fmt::format("no rule can join zone '{}' to '{}', not even a relay",
                                    into ? to.name : from.name, into ? from.name : to.name),
                        "Z3");
    error.related.push_back({into ? said.from.place : said.to.place, "outside"});
    why_closed(error, into ? relay.to : relay.from);
    error.help = "relay to a zone between the two";
    return;
  }
  ZoneId closed = to.closed ? relay.to : from.closed ? relay.from : no_zone;
  if (closed != no_zone) ledger_until(said.ledger, said.keyword, said.whole, closed);
  for (ZoneId zone : {relay.from, relay.to}) {
    const ZoneSentence &zone_said = sentences_.zones[zone];
    if (zone_said.address || (zone == relay.to && relay.from == relay.to)) continue;
    Diagnostic &error =
        reporter_.error(zone == relay.from ? said.from.place : said.to.place,
                        fmt::format("the gateway has no address in zone '{}' to relay {}",
                                    zone_name(zone), zone == relay.from ? "from" : "to"));
    error.related.push_back({zone_said.name.place, "no address here"});
    error.help = fmt::format("add  address …  to zone '{}'", zone_name(zone));
  }
}

void Checker::relay_name(const RelaySentence &said, Relay &relay) {
  relay.name = said.name ? said.name->text : fmt::format("{}-{}", said.from.text, said.to.text);
  Place place = said.name ? said.name->place : said.keyword;
  auto [entry, fresh] = relay_names_.try_emplace(relay.name, place);
  if (fresh) return;
  Diagnostic &error = reporter_.error(place, fmt::format("a second relay called '{}'", relay.name));
  error.related.push_back({entry->second, "first here"});
  error.help = fmt::format("give it a name of its own:  relay mail NAME from {} to {}",
                           said.from.text, said.to.text);
}

void Checker::relay_recipients(const RelaySentence &said, Relay &relay) {
  if (said.recipients.empty()) {
    if (!said.whole || !said.guard.destinations.empty()) return; // these say it
    reporter_.error(said.keyword, "a relay must say whose mail it takes", "M1").help =
        "add  recipients \"*@town.example.lg.jp\"";
    return;
  }
  if (said.recipients.size() > max_recipients) {
    reporter_.error(said.recipients[max_recipients].place,
                    fmt::format("more than {} recipients", max_recipients));
    return;
  }
  const bool to_outside = relay.to != no_zone && model_.zones[relay.to].outside;
  for (const Word &word : said.recipients) {
    if (word.text == "*" && to_outside) {
      reporter_.error(word.place, "this would relay to anybody", "M1").help =
          "where mail from inside may go is said by  destinations \"*\"";
      continue;
    }
    if (!recipient(word)) continue;
    std::string pattern = lower_case(word.text);
    auto [entry, fresh] = recipients_.try_emplace({relay.from, pattern}, word.place);
    if (!fresh) {
      Diagnostic &error = reporter_.error(word.place, fmt::format("\"{}\" is taken", pattern));
      error.related.push_back({entry->second, "first here"});
      error.help = "from one zone, mail for an address goes by one relay";
    }
    relay.recipients.push_back(std::move(pattern));
  }
}

bool Checker::recipient(const Word &word) {
  std::string pattern = lower_case(word.text);
  if (pattern == "*" || pattern.ends_with("@*")) {
    reporter_.error(word.place, "this would relay to anybody", "M1").help =
        "name the domain:  recipients \"*@town.example.lg.jp\"";
    return false;
  }
  if (is_mail_pattern(pattern)) return true;
  Diagnostic &error =
      reporter_.error(word.place, fmt::format("\"{}\" is no recipient", clip(word.text, 60)));
  if (is_mail_domain(pattern))
    error.help = fmt::format("write  \"*@{}\"", pattern);
  else
    error.help = "write \"*@town.example.lg.jp\" for a whole domain or one address, in ASCII";
  return false;
}

/// One socket a zone and port: two relays on it would race for the connections.
void Checker::relay_listen(const RelaySentence &said, Relay &relay) {
  relay.listen_port = said.listen_port ? said.listen_port->first : std::uint16_t{25};
  Place place = said.listen_port ? said.listen_port->place : said.keyword;
  auto [entry, fresh] = listening_.try_emplace({relay.from, relay.listen_port}, place);
  if (fresh) return;
  Diagnostic &error =
      reporter_.error(place, fmt::format("two relays listen on port {} of zone '{}'",
                                         relay.listen_port, zone_name(relay.from)));
  error.related.push_back({entry->second, "the other relay"});
  error.help = "give one of them  listen port 2525  or another free port";
}

void Checker::relay_scan(const RelaySentence &said, Relay &relay) {
  if (!said.scan) return;
  ScanRule scan;
  scan.socket = said.scan->text;
  if (!scan.socket.starts_with('/') || scan.socket.size() > most_socket_path)
    reporter_.error(said.scan->place, "this is not the whole path of a socket", "H5").help =
        "write  scan \"/run/clamav/clamd.ctl\"  as LocalSocket in clamd.conf says";
  if (said.definitions) {
    in_range(*said.definitions, 0, most_definitions_days, "0 to 365 days; 0: their age is not asked");
    scan.definitions_days = static_cast<std::uint32_t>(std::min(said.definitions->value, most_definitions_days));
  }
  relay.scan = std::move(scan);
}

void Checker::in_range(const RelaySentence::Amount &amount, std::uint64_t least, std::uint64_t most,
                       std::string_view allowed) {
  if (amount.value >= least && amount.value <= most) return;
  reporter_.error(amount.place, "out of range").help = fmt::format("allowed: {}", allowed);
}

void Checker::relay_plan(const RelaySentence &said, Relay &relay) {
  if (said.size) {
    in_range(*said.size, least_size, most_size, "1 KB to 1024 MB");
    relay.size_limit = std::min(said.size->value, most_size);
  }
  relay.plan.max_input = static_cast<std::uint32_t>(relay.size_limit);
  // What is drawn anew may be larger than what came.
  relay.plan.max_output = std::max(relay.plan.max_output, 3 * relay.plan.max_input);
  if (said.deadline) {
    in_range(*said.deadline, 1, most_deadline, "1 s to 600 s");
    relay.plan.deadline_ms =
        static_cast<std::uint32_t>(std::min(said.deadline->value, most_deadline) * 1000);
  }
  if (said.dpi) {
    in_range(*said.dpi, least_dpi, most_dpi, "36 to 600 dots per inch");
    relay.plan.dpi = static_cast<std::uint32_t>(std::min(said.dpi->value, most_dpi));
  }
  if (said.noise) {
    in_range(*said.noise, 0, job::most_noise, "0 to 4 bits");
    relay.plan.noise =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(said.noise->value, job::most_noise));
  }
  one_of(said.tracked, relay.plan.tracked, job::beside_count);
  one_of(said.hidden, relay.plan.hidden, job::beside_count);
  one_of(said.formulas, relay.plan.formulas, job::formulas_count);
  one_of(said.charset, relay.plan.mail_charset, job::mail_charset_count);
  relay.plan.append_text = said.append.has_value();
  if (said.note) relay_note(*said.note, relay);
  if (said.body) treatment(*said.body, "the body", {job::Treatment::text});

  std::array<bool, job::kind_class_count> has_own_line{};
  for (const TreatmentItem &item : said.attachments) {
    std::optional<job::KindClass> kind_class =
        from_word<job::KindClass>(item.kind_class.text, job::kind_class_count);
    if (!kind_class) continue; // the parser knows only classes
    std::vector<job::Treatment> offered;
    for (std::size_t i = 0; i < job::treatment_count; ++i)
      if (job::is_offered(*kind_class, static_cast<job::Treatment>(i)))
        offered.push_back(static_cast<job::Treatment>(i));
    std::optional<job::Treatment> chosen = treatment(item.treatment, item.kind_class.text, offered);
    if (item.depth) archive_depth(item, chosen, relay);
    std::size_t index = static_cast<std::size_t>(*kind_class);
    relay.plan.treatments[index] = chosen.value_or(job::Treatment::strip);
    has_own_line[index] = true;
  }
  for (std::size_t i = 0; i < job::kind_class_count; ++i)
    if (!has_own_line[i]) relay.plan.treatments[i] = relay.plan.treatment(job::KindClass::any);
}

void Checker::archive_depth(const TreatmentItem &item, std::optional<job::Treatment> chosen,
                            Relay &relay) {
  if (chosen && chosen != job::Treatment::unpack) {
    reporter_.error(item.depth->place, "only what is unpacked has a depth").help =
        "write  archive unpack depth 3";
    return;
  }
  in_range(*item.depth, 1, most_archive_depth, "1 to 9");
  relay.plan.archive_depth =
      static_cast<std::uint32_t>(std::min(item.depth->value, most_archive_depth));
}

template <class Choice>
void Checker::one_of(const std::optional<Word> &said, Choice &choice, std::size_t count) {
  if (!said) return;
  std::string offered;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view word = job::word_of(static_cast<Choice>(i));
    if (word == said->text) {
      choice = static_cast<Choice>(i);
      return;
    }
    offered += fmt::format("{}{}", offered.empty() ? "" : " or ", word);
  }
  reporter_.error(said->place, fmt::format("no such choice '{}'", said->text)).help =
      fmt::format("write  {}", offered);
}

std::optional<job::Treatment> Checker::treatment(const Word &word, std::string_view of,
                                                 const std::vector<job::Treatment> &offered) {
  std::vector<std::string_view> words, known;
  for (job::Treatment one : offered)
    words.push_back(job::word_of(one));
  for (std::size_t i = 0; i < job::treatment_count; ++i)
    known.push_back(job::word_of(static_cast<job::Treatment>(i)));
  std::optional<job::Treatment> treatment =
      from_word<job::Treatment>(word.text, job::treatment_count);
  if (treatment && std::find(offered.begin(), offered.end(), *treatment) != offered.end())
    return treatment;
  std::string list;
  for (std::string_view word_offered : words) {
    if (!list.empty()) list += ", ";
    list += word_offered;
  }
  if (treatment) {
    reporter_
        .error(word.place, fmt::format("no treatment '{}' for {} in this version; offered: {}",
                                       word.text, of, list))
        .help = fmt::format("write  {}", words.front());
    return std::nullopt;
  }
  reporter_.error(word.place, fmt::format("'{}' is no treatment", clip(word.text, 40))).help =
      did_you_mean(word.text, known, fmt::format("offered for {}: {}", of, list));
  return std::nullopt;
}

} // namespace sekisho::rules
