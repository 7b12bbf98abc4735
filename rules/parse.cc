// Sentences, and those that declare names: zones, hosts, sets, services.
#include "rules/parser.hh"

namespace sekisho::rules {

void Parser::run() {
  while (!at(Token::Type::end) && !reporter_.full()) {
    if (!sentence()) skip_to_sentence();
  }
}

bool Parser::sentence() {
  Outline outline;
  outline.first = next_;
  bool good = false;
  if (at_word("zone"))
    good = zone(outline);
  else if (at_word("host"))
    good = host(outline);
  else if (at_word("set"))
    good = set(outline);
  else if (at_word("service"))
    good = service(outline);
  else if (at_word("permit"))
    good = permit(outline);
  else if (at_word("local"))
    good = local(outline);
  else if (at_word("relay"))
    good = relay(outline);
  else
    return unknown_sentence();
  outline.last = next_;
  each_(std::move(outline));
  return good;
}

bool Parser::unknown_sentence() {
  if (at(Token::Type::close)) {
    reporter_.error(peek().place, "'}' without '{'").help = "remove it";
    take();
    return true;
  }
  if (at(Token::Type::bad)) return false;
  constexpr std::array<std::string_view, 4> denials = {"deny", "drop", "block", "reject"};
  if (at_any(denials)) {
    reporter_.error(peek().place, fmt::format("there is no '{}'", peek().text)).help =
        "everything is denied that no permit or relay says: leave it out";
    return false;
  }
  reporter_.error(peek().place, fmt::format("a sentence cannot begin with {}", found())).help =
      did_you_mean(peek().text, sentence_words,
                   "sentences begin with zone, host, set, service, permit, local or relay");
  return false;
}

bool Parser::zone(Outline &outline) {
  outline.kind = Outline::Kind::zone;
  take();
  ZoneSentence zone;
  bool good = name(zone.name, "zone") || at(Token::Type::open);
  std::size_t failures = failures_;
  good =
      good && block(outline, zone_words, {}, [&](Outline &item) { return zone_item(zone, item); });
  zone.whole = good && failures == failures_;
  sentences_.zones.push_back(std::move(zone));
  return good;
}

bool Parser::zone_item(ZoneSentence &zone, Outline &item) {
  if (!at_any(zone_words)) return unknown_item("a zone", zone_words);
  item.rank = rank(zone_words);
  const std::string_view word = peek().text;
  if (word == "port") return once(zone.port, word) && quoted(zone.port, word, "0000:05:00.0");
  if (word == "address")
    return once(zone.address, word) &&
           value(zone.address, "the gateway's own address in this zone");
  if (word == "network") return take(), networks(zone);
  if (word == "vlan")
    return once(zone.vlan, word) &&
           value(zone.vlan, "a VLAN number", "write  vlan 101  or, of two tags,  vlan 200.101");
  if (word == "mtu")
    return once(zone.mtu, word) && value(zone.mtu, "a number of octets", "write  mtu 9000");
  if (word == "fragments")
    return once(zone.fragments, word) &&
           value(zone.fragments, "'drop'", "without  fragments drop  they are reassembled");
  std::optional<Place> &flag = word == "closed" ? zone.closed : zone.outside;
  if (!once(flag.has_value(), flag.value_or(Place{}), word)) return false;
  flag = previous().place;
  return true;
}

/// `network A, B` and `network A network B` say the same.
bool Parser::networks(ZoneSentence &zone) {
  do {
    Word network;
    if (!value(network, "a network", "write it as 10.1.0.0/24")) return false;
    zone.networks.push_back(std::move(network));
  } while (take_comma());
  return true;
}

bool Parser::host(Outline &outline) {
  outline.kind = Outline::Kind::host;
  take();
  HostSentence host;
  bool good = name(host.name, "host") || at(Token::Type::open);
  std::size_t failures = failures_;
  good =
      good && block(outline, host_words, {}, [&](Outline &item) { return host_item(host, item); });
  host.whole = good && failures == failures_;
  sentences_.hosts.push_back(std::move(host));
  return good;
}

bool Parser::host_item(HostSentence &host, Outline &item) {
  if (!at_any(host_words)) return unknown_item("a host", host_words);
  item.rank = rank(host_words);
  const std::string_view word = peek().text;
  if (word == "zone") return once(host.zone, word) && value(host.zone, "the name of a zone");
  if (word == "address") return once(host.address, word) && value(host.address, "an address");
  return once(host.mac, word) && value(host.mac, "a MAC address", "write it as 02:00:5e:10:00:01");
}

bool Parser::set(Outline &outline) {
  outline.kind = Outline::Kind::list;
  take();
  SetSentence set;
  std::size_t failures = failures_;
  bool good = name(set.name, "set") && list(outline, "a host, a network or an address", [&] {
                Word member;
                if (!value(member, "a host, a network or an address")) return false;
                set.members.push_back(member);
                return true;
              });
  set.whole = good && failures == failures_;
  sentences_.sets.push_back(std::move(set));
  return good;
}

bool Parser::service(Outline &outline) {
  outline.kind = Outline::Kind::list;
  take();
  ServiceSentence service;
  std::size_t failures = failures_;
  bool good = name(service.name, "service") && list(outline, "a protocol", [&] {
                return service_item(service.items, protocol_words, false);
              });
  service.whole = good && failures == failures_;
  sentences_.services.push_back(std::move(service));
  return good;
}

bool is_keyword(std::string_view word) {
  auto in = [word](Words words) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  return in(sentence_words) || in(zone_words) || in(host_words) || in(protocol_words) ||
         in(relay_words) || in(condition_words) || in(other_words);
}

bool is_condition_word(std::string_view word) {
  return std::find(condition_words.begin(), condition_words.end(), word) != condition_words.end();
}

bool is_ledger_word(std::string_view word) {
  return std::find(ledger_words.begin(), ledger_words.end(), word) != ledger_words.end();
}

void parse(const Tokens &tokens, Sentences &sentences, Reporter &reporter,
           const std::function<void(Outline)> &each) {
  Parser(tokens, sentences, reporter, each).run();
}

} // namespace sekisho::rules
