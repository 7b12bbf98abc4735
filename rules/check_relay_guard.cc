// What a relay says of the mails it takes, and what it means where nothing is said: towards an outside zone
// nothing is forwarded by machines (M5) and recipients do not see each other (M6); from there unknown senders are
// told (M11); a mass stops every relay, or from outside whoever sends it (M2).
#include "rules/checker.hh"
#include "rules/mail_pattern.hh"
#include "rules/notes.hh"
#include "sanitizer/rebuild/mail/note_words.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::rules {
namespace {

constexpr std::size_t max_destinations = 1000; // patterns of one relay
constexpr std::uint64_t most_mails = 10'000'000;

/// Where the rules say nothing: what no town's everyday mail comes near.
constexpr MassLimit outward_limits[] = {{MassPer::sender, 100, 60},
                                        {MassPer::sender, 1'000, 3600},
                                        {MassPer::text, 300, 60},
                                        {MassPer::relay, 3'000, 60}};
constexpr MassLimit inward_limits[] = {{MassPer::sender, 1'000, 60}, {MassPer::text, 3'000, 60}, {MassPer::relay, 6'000, 60}};
constexpr std::uint32_t clients_that_fill = 3; // a relay from outside, at the least: alone nobody closes it for all
constexpr MassLimit other_limits[] = {{MassPer::sender, 1'000, 60}, {MassPer::text, 1'000, 60}, {MassPer::relay, 6'000, 60}};

constexpr std::string_view mass_words[] = {"sender", "client", "relay", "text"}; // by MassPer

/// The administrator's own words for it stay.
void mark_subjects(std::string &note_words) {
  if (note_words.empty()) note_words = rebuild::read_note_words(rebuild::built_in_note_words()).plain;
  if (note_words.find("\n[subject]\n") == std::string::npos) note_words += "\n[subject]\n【初めての差出人】\n";
}

bool is_destination(std::string_view pattern) {
  return pattern == "*" || is_mail_pattern(pattern) || (pattern.starts_with("*@*.") && is_mail_domain(pattern.substr(4)));
}

void add_unsaid_limits(std::vector<MassLimit> &mass, bool from_outside, bool to_outside) {
  const std::vector<MassLimit> said = mass;
  const auto is_said = [&](MassPer per) { return std::ranges::any_of(said, [&](const MassLimit &limit) { return limit.per == per; }); };
  std::span<const MassLimit> unsaid = other_limits;
  if (from_outside) unsaid = inward_limits;
  else if (to_outside) unsaid = outward_limits;
  for (const MassLimit &limit : unsaid)
    if (!is_said(limit.per)) mass.push_back(limit);
  if (!from_outside || is_said(MassPer::client)) return;
  for (std::size_t i = 0, end = mass.size(); i < end; ++i)
    if (mass[i].per == MassPer::relay)
      mass.push_back({MassPer::client, std::max(1u, mass[i].mails / clients_that_fill), mass[i].seconds});
}

bool leads_back(const Relay &back, const Relay &relay) {
  return back.from == relay.to && back.to == relay.from && back.from != back.to;
}

} // namespace

bool Checker::is_outward(const Relay &relay) const {
  return relay.from != no_zone && relay.to != no_zone && model_.zones[relay.to].outside && !model_.zones[relay.from].outside;
}

void Checker::relay_guard(const RelaySentence &said, Relay &relay) {
  if (relay.from == no_zone || relay.to == no_zone) return;
  const bool from_outside = model_.zones[relay.from].outside, to_outside = model_.zones[relay.to].outside;
  const bool outward = is_outward(relay);
  const GuardSentence &guard = said.guard;
  guard_destinations(said, relay, outward);
  for (const RefuseItem &item : guard.refuse)
    (item.list.text == "free-mail" ? relay.guard.free_mail : relay.guard.network_storage) = domain_list(item);
  relay.guard.refuse_forwarded = choice(guard.forwarding, {"allow", "refuse"}, outward ? 1 : 0) == 1;
  relay.plan.hide_recipients = choice(guard.visible, {"shown", "hidden"}, outward ? 1 : 0) == 1;
  relay.guard.unknown_senders = static_cast<UnknownSenders>(
      choice(guard.unknown_senders, {"ignore", "tell", "mark"}, from_outside && !to_outside ? 1 : 0));
  if (relay.guard.unknown_senders == UnknownSenders::mark) mark_subjects(relay.plan.note_words);
  guard_mass(guard, relay);
  guard_authentication(said, relay);
  guard_signing(guard, relay);
}

/// On whose side mail comes in (M6), as the rules list it: who may hand it in, and to whom a relay leads back.
void Checker::own_sides() {
  for (Relay &relay : model_.relays) {
    std::vector<std::string> &own = relay.plan.own_domains;
    const auto add = [&](const std::vector<std::string> &patterns) {
      for (const std::string &pattern : patterns)
        if (pattern.starts_with("*@")) own.push_back(pattern.substr(2)); // one address makes no domain ours: it may be free mail
    };
    add(relay.door.senders);
    for (const Relay &back : model_.relays)
      if (leads_back(back, relay)) add(back.recipients);
    std::ranges::sort(own);
    own.erase(std::unique(own.begin(), own.end()), own.end());
  }
  for (std::size_t i = 0; i < model_.relays.size(); ++i)
    unsaid_senders(sentences_.relays[i], model_.relays[i]);
}

/// What a server inside sends on by itself leaves with its sender outside (M1, M5), and no mark need tell of it.
void Checker::unsaid_senders(const RelaySentence &said, Relay &relay) {
  if (!is_outward(relay) || !relay.guard.refuse_forwarded || !said.door.senders.empty()) return;
  if (relay.plan.own_domains.empty()) {
    if (reporter_.errors() > 0) return;
    reporter_.warning(said.keyword, "mail of any sender leaves here, forwarded mail too: the rules name no domain of the own side", "M5").help =
        "add  senders \"*@town.example.lg.jp\"  or a relay that leads back to it";
    return;
  }
  relay.door.senders_unsaid = true;
  for (const Relay &back : model_.relays)
    if (leads_back(back, relay)) relay.door.senders.insert(relay.door.senders.end(), back.recipients.begin(), back.recipients.end());
}

/// The number of the word said; `unsaid` where there is none.
std::size_t Checker::choice(const std::optional<Word> &said, std::initializer_list<std::string_view> offered,
                            std::size_t unsaid) {
  if (!said) return unsaid;
  const auto found = std::ranges::find(offered, said->text);
  if (found != offered.end()) return static_cast<std::size_t>(found - offered.begin());
  const std::vector<std::string_view> words(offered);
  reporter_.error(said->place, fmt::format("no such choice '{}'", clip(said->text, 40))).help =
      fmt::format("write  {}", either(words));
  return unsaid;
}

void Checker::guard_destinations(const RelaySentence &said, Relay &relay, bool outward) {
  const std::vector<Word> &patterns = said.guard.destinations;
  if (patterns.empty()) return;
  if (!outward) {
    reporter_.error(patterns.front().place, "only a relay from inside to an outside zone has destinations", "M1").help =
        "say whose mail it takes:  recipients \"*@town.example.lg.jp\"";
    return;
  }
  if (patterns.size() > max_destinations) {
    reporter_.error(patterns[max_destinations].place, fmt::format("more than {} destinations", max_destinations));
    return;
  }
  for (const Word &word : patterns) {
    std::string pattern = lower_case(word.text);
    if (is_destination(pattern)) {
      relay.guard.destinations.push_back(std::move(pattern));
      continue;
    }
    Diagnostic &error = reporter_.error(word.place, fmt::format("\"{}\" is no destination", clip(word.text, 60)), "M7");
    error.help = is_mail_domain(pattern) ? fmt::format("write  \"*@{}\"", pattern)
                                    : "write \"*@city.example.lg.jp\", \"*@*.lg.jp\" with all below, one address, "
                                      "or \"*\" for all";
  }
  if (!said.recipients.empty()) return; // these say which mails come this way, those which go on
  auto [entry, fresh] = recipients_.try_emplace({relay.from, "*"}, patterns.front().place);
  if (!fresh) {
    Diagnostic &error = reporter_.error(patterns.front().place, "a second relay with destinations from this zone");
    error.related.push_back({entry->second, "first here"});
    error.help = "say which mails take this one:  recipients \"*@pref.example.lg.jp\"";
  }
  relay.recipients.emplace_back("*");
}

std::shared_ptr<const DomainList> Checker::domain_list(const RefuseItem &item) {
  const bool free_mail = item.list.text == "free-mail";
  if (!item.file) {
    static const auto mail = std::make_shared<const DomainList>(read_domain_list(built_in_free_mail()).list);
    static const auto storage = std::make_shared<const DomainList>(read_domain_list(built_in_network_storage()).list);
    return free_mail ? mail : storage;
  }
  const SourceFile *source = file_named(*item.file, fmt::format("refuse {} \"/etc/sekisho/{}.txt\"", item.list.text,
                                                                item.list.text), "M7");
  if (!source) return std::make_shared<const DomainList>();
  const auto file = static_cast<std::uint32_t>(source - sources_.data());
  auto [entry, fresh] = lists_.try_emplace(file);
  if (!fresh) return entry->second;
  ReadDomains read = read_domain_list(source->text);
  for (const DomainFinding &finding : read.findings)
    reporter_.error({file, finding.line, finding.first_column, finding.last_column},
                    fmt::format("'{}' is no domain", clip(finding.text, 60)), "M7").help =
        "one domain a line, in ASCII:  example.com";
  if (read.findings.empty() && read.list.size() == 0)
    reporter_.warning(item.file->place, "this list is empty: it refuses nothing", "M7");
  return entry->second = std::make_shared<const DomainList>(std::move(read.list));
}

/// One of the files that were read with the rules; null: an error was told.
const SourceFile *Checker::file_named(const Word &path, std::string example, std::string requirement) {
  if (!is_whole_path(path.text)) {
    reporter_.error(path.place, "this is not the whole path of a file", std::move(requirement)).help =
        "write  " + std::move(example);
    return nullptr;
  }
  const auto found = std::ranges::find_if(
      sources_, [&](const SourceFile &source) { return source.is_note && source.name == path.text; });
  if (found != sources_.end() && found->unread.empty()) return &*found;
  reporter_.error(path.place, found == sources_.end() ? "this file was not read" : found->unread, std::move(requirement)).help =
      "the file must be there when the rules are read";
  return nullptr;
}

void Checker::guard_mass(const GuardSentence &guard, Relay &relay) {
  if (guard.mass_never && !guard.mass.empty()) {
    Diagnostic &error = reporter_.error(*guard.mass_never, "'mass never' beside a limit", "M2");
    error.related.push_back({guard.mass.front().place, "the limit"});
    error.help = "keep one of them";
    return;
  }
  if (guard.mass_never) return;
  for (const MassItem &item : guard.mass) {
    in_range(item.mails, 1, most_mails, "1 to 10000000 mails");
    const auto word = std::ranges::find(mass_words, item.per.text);
    relay.guard.mass.push_back({static_cast<MassPer>(word - std::begin(mass_words)),
                                static_cast<std::uint32_t>(std::min(item.mails.value, most_mails)),
                                item.per_hour ? 3600u : 60u});
  }
  add_unsaid_limits(relay.guard.mass, model_.zones[relay.from].outside, model_.zones[relay.to].outside);
}

void Checker::guard_authentication(const RelaySentence &said, Relay &relay) {
  const GuardSentence &guard = said.guard;
  relay.guard.authentication =
      static_cast<Authentication>(choice(guard.authentication, {"none", "tell", "refuse"}, 0));
  if (guard.resolver) {
    Resolver resolver;
    resolver.port = guard.resolver_port ? guard.resolver_port->first : std::uint16_t{53};
    if (!resolver_address(*guard.resolver, resolver)) return;
    relay.guard.resolver = resolver;
  }
  if (!guard.authentication || !said.whole) return;
  const bool asks = relay.guard.authentication != Authentication::none;
  if (asks && !guard.resolver)
    reporter_.error(guard.authentication->place, "nobody is named who answers for the sender's domain", "X4").help =
        fmt::format("write  authentication {} resolver 10.2.0.53", guard.authentication->text);
  if (!asks && guard.resolver)
    reporter_.error(guard.resolver->place, "nothing is asked of this resolver", "X4").help =
        "write  authentication tell resolver …  or leave it out";
}

bool Checker::resolver_address(const Word &word, Resolver &resolver) {
  auto found = names_.find(word.text);
  if (found != names_.end() && found->second.what == Named::What::host) {
    const Host &host = model_.hosts[found->second.index];
    if (host.zone == no_zone) return false; // reported at the host
    resolver.address = host.address;
  } else if (std::optional<Ip> ip = parse_ip(word.text)) {
    resolver.address = *ip;
  } else {
    reporter_.error(word.place, fmt::format("'{}' is no host and no address", clip(word.text, 40))).help =
        "write an address or the name of a host";
    return false;
  }
  if (std::optional<ZoneId> zone = zone_of(model_.zones, resolver.address)) resolver.zone = *zone;
  if (resolver.zone == no_zone || !model_.zones[resolver.zone].address) {
    reporter_.error(word.place, "the gateway has no address in the resolver's zone", "X4").help =
        "name a resolver in a zone where the gateway has one";
    return false;
  }
  if (model_.zones[resolver.zone].closed) {
    reporter_.error(word.place, fmt::format("no name of a sender is asked for in zone '{}'", zone_name(resolver.zone)),
                    "Z3").help = "name a resolver outside the closed zone";
    return false;
  }
  return is_usable(word, resolver.address);
}

void Checker::guard_signing(const GuardSentence &guard, Relay &relay) {
  if (!guard.sign_domain || !guard.sign_selector || !guard.sign_key) return;
  Signing signing{lower_case(guard.sign_domain->text), lower_case(guard.sign_selector->text),
                  std::string(guard.sign_key->text)};
  if (!is_mail_domain(signing.domain))
    reporter_.error(guard.sign_domain->place, fmt::format("\"{}\" is no domain", clip(guard.sign_domain->text, 60))).help =
        "write  domain \"town.example.lg.jp\"";
  else if (!is_mail_domain(signing.selector))
    reporter_.error(guard.sign_selector->place,
                    fmt::format("\"{}\" is no selector", clip(guard.sign_selector->text, 60))).help =
        "write  selector \"s2026\": the key stands at s2026._domainkey.DOMAIN (RFC 6376 §3.1)";
  else if (!is_whole_path(signing.key_file))
    reporter_.error(guard.sign_key->place, "this is not the whole path of a file").help =
        "write  key \"/etc/sekisho/dkim.pem\"";
  else
    relay.guard.signing = std::move(signing);
}

} // namespace sekisho::rules
