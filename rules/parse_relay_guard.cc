// What a relay says of the mails it takes: `destinations`, `refuse`, `forwarding`, `recipients hidden`,
// `unknown-senders`, `mass`, `authentication` and `sign`.
#include "rules/parser.hh"

namespace sekisho::rules {

bool Parser::guard_item(GuardSentence &guard) {
  const std::string_view word = peek().text;
  if (word == "destinations") return destinations(guard);
  if (word == "refuse") return refuse(guard);
  if (word == "forwarding") return once(guard.forwarding, word) && value(guard.forwarding, "refuse or allow");
  if (word == "unknown-senders")
    return once(guard.unknown_senders, word) && value(guard.unknown_senders, "tell, mark or ignore");
  if (word == "mass") return mass(guard);
  if (word == "authentication") return authentication(guard);
  return sign(guard);
}

bool Parser::destinations(GuardSentence &guard) {
  Place first = guard.destinations.empty() ? Place{} : guard.destinations.front().place;
  if (!once(!guard.destinations.empty(), first, "destinations")) return false;
  do {
    std::optional<Word> pattern;
    if (!quoted(pattern, "destinations", "*@*.lg.jp")) return false;
    guard.destinations.push_back(std::move(*pattern));
  } while (take_comma());
  return true;
}

bool Parser::refuse(GuardSentence &guard) {
  constexpr std::array<std::string_view, 2> lists = {"free-mail", "network-storage"};
  Place first = guard.refuse.empty() ? Place{} : guard.refuse.front().list.place;
  if (!once(!guard.refuse.empty(), first, "refuse")) return false;
  do {
    RefuseItem item;
    if (!at_any(lists))
      return expected("'free-mail' or 'network-storage'",
                      at(Token::Type::word) ? did_you_mean(peek().text, lists) : std::string());
    item.list = word_of(take());
    for (const RefuseItem &earlier : guard.refuse)
      if (earlier.list.text == item.list.text)
        return repeated(item.list.place, earlier.list.place, item.list.text);
    if (at(Token::Type::string)) item.file = word_of(take());
    guard.refuse.push_back(std::move(item));
  } while (take_comma());
  return true;
}

/// `recipients hidden` and `recipients shown`, behind the keyword.
bool Parser::visible_recipients(GuardSentence &guard, const Place &keyword) {
  if (guard.visible) return repeated(keyword, guard.visible->place, "recipients hidden");
  guard.visible = word_of(take());
  return true;
}

bool Parser::mass(GuardSentence &guard) {
  constexpr std::array<std::string_view, 2> times = {"minute", "hour"};
  constexpr std::array<std::string_view, 4> counted = {"sender", "client", "relay", "text"};
  MassItem item;
  item.place = take().place;
  if (take_word("never")) {
    if (guard.mass_never) return repeated(previous().place, *guard.mass_never, "mass never");
    guard.mass_never = previous().place;
    return true;
  }
  std::optional<Amount> count;
  if (!amount(count, "a number", plain_number)) {
    reporter_.last().help = "write  mass 200 mails per minute per sender  or  mass never";
    return false;
  }
  if (!take_word("mails")) return expected("'mails'", "write  mass 200 mails per minute per sender");
  if (!take_word("per")) return expected("'per'", "write  mass 200 mails per minute per sender");
  if (!at_any(times)) return expected("'minute' or 'hour'");
  item.per_hour = take().text == "hour";
  if (!take_word("per")) return expected("'per'", "say whose mails:  per sender,  per client,  per relay  or  per text");
  if (!at_any(counted))
    return expected("'sender', 'client', 'relay' or 'text'",
                    at(Token::Type::word) ? did_you_mean(peek().text, counted) : std::string());
  item.per = word_of(take());
  item.mails = *count;
  item.place = join(item.place, previous().place);
  for (const MassItem &earlier : guard.mass)
    if (earlier.per.text == item.per.text && earlier.per_hour == item.per_hour) {
      Diagnostic &error = reporter_.error(item.place, "a second limit of this kind");
      error.related.push_back({earlier.place, "first here"});
      error.help = "keep one";
      return false;
    }
  guard.mass.push_back(std::move(item));
  return true;
}

bool Parser::authentication(GuardSentence &guard) {
  if (!once(guard.authentication, "authentication") ||
      !value(guard.authentication, "tell, refuse or none"))
    return false;
  if (!take_word("resolver")) return true;
  if (!value(guard.resolver, "the address or host that answers for names")) return false;
  if (!take_word("port")) return true;
  PortItem port;
  if (!port_item(port, false)) return false;
  guard.resolver_port = port;
  return true;
}

bool Parser::sign(GuardSentence &guard) {
  constexpr std::string_view help =
      "write  sign dkim domain \"town.example.lg.jp\" selector \"s2026\" key \"/etc/sekisho/dkim.pem\"";
  if (!once(guard.sign_domain, "sign")) return false;
  for (std::string_view wanted : {"dkim", "domain", "selector", "key"}) {
    if (!take_word(wanted)) return expected(fmt::format("'{}'", wanted), std::string(help));
    if (wanted == "domain" && !quoted(guard.sign_domain, "domain", "town.example.lg.jp")) return false;
    if (wanted == "selector" && !quoted(guard.sign_selector, "selector", "s2026")) return false;
    if (wanted == "key" && !quoted(guard.sign_key, "key", "/etc/sekisho/dkim.pem")) return false;
  }
  return true;
}

} // namespace sekisho::rules
