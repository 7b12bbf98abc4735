// Permits and local sentences.
#include "rules/parser.hh"

#include "rules/calendar.hh"

namespace sekisho::rules {

/// `tcp port 80, 443`, `icmp echo` or, in permits, the name of a service.
bool Parser::service_item(std::vector<ServiceItem> &into, Words protocols, bool names_allowed) {
  ServiceItem item;
  bool is_protocol = at_any(protocols);
  bool is_name = names_allowed && at(Token::Type::word) && !is_keyword(peek().text) &&
                 tokens_[next_ + 1].text != "port";
  if (!is_protocol && !is_name) {
    std::string otherwise = protocols.size() == protocol_words.size()
                                ? "write tcp, udp or icmp echo"
                                : "write tcp, udp, icmp echo or vrrp";
    std::string help =
        at(Token::Type::word) ? did_you_mean(peek().text, protocols, otherwise) : otherwise;
    return expected("a protocol", std::move(help));
  }
  item.word = word_of(take());
  item.is_name = !is_protocol;
  if (is_protocol && item.word.text == "icmp") {
    if (!icmp_kind(item.kind)) return false;
  } else if (is_protocol && item.word.text != "vrrp" && take_word("port")) {
    do {
      PortItem port;
      if (!port_item(port, true)) return false;
      item.ports.push_back(port);
    } while (another_port());
  }
  into.push_back(std::move(item));
  return true;
}

/// Behind a comma stands another port, or another service.
bool Parser::another_port() {
  if (!at(Token::Type::comma)) return false;
  const Token &behind = tokens_[next_ + 1];
  bool is_port = behind.type == Token::Type::word && behind.text[0] >= '0' && behind.text[0] <= '9';
  return is_port && take_comma();
}

bool Parser::icmp_kind(Word &into) {
  if (at_any(icmp_words)) {
    into = word_of(take());
    return true;
  }
  std::string otherwise = "write echo (ping), timestamp or timestamp-reply; errors of permitted "
                          "flows pass by themselves";
  return expected("'echo'", at(Token::Type::word) ? did_you_mean(peek().text, icmp_words, otherwise)
                                                  : otherwise);
}

bool Parser::services(std::vector<ServiceItem> &into, Words protocols) {
  do {
    if (!service_item(into, protocols, true)) return false;
  } while (take_comma());
  return true;
}

bool Parser::permit(Outline &outline) {
  PermitSentence permit;
  permit.keyword = take().place;
  outline.kind = Outline::Kind::permit;
  if (!services(permit.services, protocol_words) || !ends(permit.from, "from") ||
      !ends(permit.to, "to"))
    return outline.head_end = next_, false;
  permit.whole = items(outline, permit_words, "a permit", permit.ledger, permit.conditions);
  bool good = permit.whole;
  sentences_.permits.push_back(std::move(permit));
  return good;
}

bool Parser::local(Outline &outline) {
  LocalSentence local;
  local.keyword = take().place;
  outline.kind = Outline::Kind::permit;
  bool good = services(local.services, local_protocol_words);
  local.leaves = at_word("to");
  if (!good || !ends(local.hosts, local.leaves ? "to" : "from"))
    return outline.head_end = next_, false;
  local.whole = items(outline, local_words, "a local sentence", local.ledger, local.conditions);
  good = local.whole;
  sentences_.locals.push_back(std::move(local));
  return good;
}

/// What stands behind the ends, up to the next sentence.
bool Parser::items(Outline &outline, Words words, std::string_view sentence, LedgerItems &ledger,
                   std::unique_ptr<ConditionItems> &conditions) {
  outline.head_end = next_;
  bool good = true;
  while (at_any(words)) {
    Outline item;
    item.first = next_;
    item.rank = rank(words);
    if (!sentence_item(ledger, conditions)) {
      good = false;
      while (!at(Token::Type::end) && !at_any(words) && !at_any(sentence_words))
        take();
    }
    item.last = item.head_end = next_;
    outline.items.push_back(std::move(item));
  }
  if (at(Token::Type::bad)) good = false;
  if (!good || at(Token::Type::end) || at_any(sentence_words)) return good;
  reporter_.error(peek().place, fmt::format("{} does not belong to {}", found(), sentence)).help =
      did_you_mean(peek().text, words, fmt::format("after the hosts come: {}", either(words)));
  return false;
}

bool Parser::sentence_item(LedgerItems &ledger, std::unique_ptr<ConditionItems> &conditions) {
  if (at_word("from"))
    return once(ledger.since, "from") && value(ledger.since, "a date", "write it as 2027-01-01");
  if (!at_any(condition_words)) return ledger_item(ledger);
  if (!conditions) conditions = std::make_unique<ConditionItems>();
  if (at_word("during")) return once(conditions->during, "during") && during(*conditions);
  if (at_word("limit")) return limit(conditions->limits);
  if (!once(conditions->log, "log")) return false;
  if (at_any(log_words)) {
    conditions->log = word_of(take());
    return true;
  }
  return expected("none, opened or ended", did_you_mean(peek().text, log_words));
}

/// `weekdays 08:30-17:15`, `mon, wed 22:00-06:00`
bool Parser::during(ConditionItems &conditions) {
  ScheduleItem item;
  item.place = peek().place;
  constexpr std::string_view help =
      "write  during weekdays 08:30-17:15  or  during mon, wed 22:00-06:00";
  do {
    if (!at_any(day_words))
      return expected("a day", did_you_mean(peek().text, day_words, std::string(help)));
    unsigned day = rank(day_words);
    std::uint8_t bits = day == 7   ? weekdays
                        : day == 8 ? weekend
                        : day == 9 ? every_day
                                   : static_cast<std::uint8_t>(1u << day);
    if ((item.days & bits) != 0) {
      reporter_.error(peek().place, fmt::format("'{}' is named already", peek().text)).help =
          "name each day once";
      return false;
    }
    item.days |= bits;
    take();
  } while (take_comma());
  if (!value(item.hours, "hours", std::string(help))) return false;
  item.place = join(item.place, item.hours.place);
  conditions.during = item;
  return true;
}

/// `100 connections`, `20 new per second per source`, `10 Mbit per second`
bool Parser::limit(std::vector<LimitItem> &limits) {
  using What = LimitItem::What;
  constexpr std::array<std::string_view, 3> counted = {"connections", "new", "packets"};
  LimitItem item;
  item.place = take().place;
  std::optional<RelaySentence::Amount> count;
  const std::string_view unit = tokens_[next_ + 1].text;
  bool is_count = std::find(counted.begin(), counted.end(), unit) != counted.end();
  if (!is_count) {
    item.what = What::bits;
    if (!amount(count, "a limit", rates)) {
      reporter_.last().help = "write  limit 100 connections,  limit 20 new per second,  "
                              "limit 1000 packets per second  or  limit 10 Mbit per second";
      return false;
    }
    if (!per("second")) return false;
  } else {
    if (!amount(count, "a number", plain_number)) return false;
    take();
    if (unit == "packets") item.what = What::packets;
    if (unit == "new") item.what = What::new_flows;
    if (unit != "connections" && !per("second")) return false;
    if (unit != "packets" && at_word("per")) {
      if (!per("source")) return false;
      item.what = unit == "new" ? What::source_new_flows : What::source_connections;
    }
  }
  item.value = count->value;
  item.place = join(item.place, previous().place);
  for (const LimitItem &earlier : limits)
    if (earlier.what == item.what) {
      Diagnostic &error = reporter_.error(item.place, "a second limit of this kind");
      error.related.push_back({earlier.place, "first here"});
      error.help = "keep one";
      return false;
    }
  limits.push_back(item);
  return true;
}

bool Parser::per(std::string_view what) {
  if (at_word("per") && tokens_[next_ + 1].text == what) {
    take();
    take();
    return true;
  }
  return expected(fmt::format("'per {}'", what));
}

/// `from A, B` or `to A, B`.
bool Parser::ends(std::vector<Word> &into, std::string_view keyword) {
  constexpr std::array<std::string_view, 3> possible = {"port", "from", "to"};
  if (!take_word(keyword))
    return expected(fmt::format("'{}'", keyword),
                    did_you_mean(peek().text, possible, "write  from HOST to HOST"));
  do {
    Word end;
    if (at_any(ledger_words) || at_any(condition_words))
      return expected("a host, a zone or a network");
    if (!value(end, "a host, a zone or a network")) return false;
    into.push_back(std::move(end));
  } while (take_comma());
  return true;
}

bool Parser::ledger_item(LedgerItems &ledger) {
  const std::string_view word = peek().text;
  if (word == "for")
    return once(ledger.purpose, word) && quoted(ledger.purpose, word, "what it is for");
  if (word == "owner") return once(ledger.owner, word) && quoted(ledger.owner, word, "税務課");
  if (word == "approved")
    return once(ledger.approved, word) && quoted(ledger.approved, word, "R8-031");
  return once(ledger.until, word) && value(ledger.until, "a date", "write it as 2027-03-31");
}

} // namespace sekisho::rules
