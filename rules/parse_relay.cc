// Mail relays.
#include "rules/parser.hh"

namespace sekisho::rules {

bool Parser::relay(Outline &outline) {
  outline.kind = Outline::Kind::relay;
  RelaySentence relay;
  relay.keyword = take().place;
  if (!relay_head(relay)) return outline.head_end = next_, false;
  std::size_t failures = failures_;
  bool good =
      block(outline, relay_words, {}, [&](Outline &item) { return relay_item(relay, item); });
  relay.whole = good && failures == failures_;
  sentences_.relays.push_back(std::move(relay));
  return good;
}

bool Parser::relay_head(RelaySentence &relay) {
  constexpr std::array<std::string_view, 1> offered = {"mail"};
  if (!take_word("mail"))
    return expected("'mail'", at(Token::Type::word)
                                  ? did_you_mean(peek().text, offered, "this version relays mail")
                                  : "this version relays mail");
  if (!at_word("from") && at(Token::Type::word)) {
    Word given;
    if (!name(given, "relay")) return false;
    relay.name = std::move(given);
  }
  if (!take_word("from")) return expected("'from'");
  if (!value(relay.from, "the name of a zone")) return false;
  if (!take_word("to")) return expected("'to'");
  return value(relay.to, "the name of a zone");
}

bool Parser::relay_item(RelaySentence &relay, Outline &item) {
  if (!at_any(relay_words)) return unknown_item("a relay", relay_words);
  item.rank = rank(relay_words);
  if (at_any(ledger_words)) return ledger_item(relay.ledger);
  if (at_any(door_words)) return door_item(relay.door);
  if (at_any(guard_words)) return guard_item(relay.guard);
  const std::string_view word = peek().text;
  if (word == "recipients") return recipients(relay);
  if (const std::optional<bool> read = routes_item(relay)) return *read;
  if (word == "retry") return retry(relay.patience);
  if (word == "delay") return delay(relay.patience);
  if (word == "listen") return listen(relay);
  if (word == "scan") return scan(relay);
  if (word == "hold") return relay_hold(relay.hold);
  if (word == "release") return relay_release(relay.hold);
  if (word == "body") return once(relay.body, word) && value(relay.body, "a treatment");
  if (word == "append") return append(relay);
  if (word == "charset")
    return once(relay.charset, word) && value(relay.charset, "utf-8 or iso-2022-jp");
  if (word == "note") return once(relay.note, word) && quoted(relay.note, word, "/etc/sekisho/note.txt");
  if (word == "attachment") return attachments(relay, item);
  if (word == "size") return once(relay.size, word) && amount(relay.size, "a size", sizes);
  if (word == "tracked") return once(relay.tracked, word) && value(relay.tracked, "keep or remove");
  if (word == "hidden") return once(relay.hidden, word) && value(relay.hidden, "keep or remove");
  if (word == "formulas")
    return once(relay.formulas, word) && value(relay.formulas, "keep or values");
  if (word == "deadline")
    return once(relay.deadline, word) && amount(relay.deadline, "a time", times);
  if (word == "noise")
    return once(relay.noise, word) && amount(relay.noise, "a number of bits", plain_number);
  return once(relay.dpi, word) && amount(relay.dpi, "a resolution", plain_number);
}

bool Parser::recipients(RelaySentence &relay) {
  constexpr std::array<std::string_view, 2> visible = {"hidden", "shown"};
  const Token &second = tokens_[next_ + 1];
  if (second.type == Token::Type::word && std::ranges::count(visible, second.text) > 0) {
    const Place keyword = take().place;
    return visible_recipients(relay.guard, keyword);
  }
  Place first = relay.recipients.empty() ? Place{} : relay.recipients.front().place;
  if (!once(!relay.recipients.empty(), first, "recipients")) return false;
  do {
    std::optional<Word> pattern;
    if (!quoted(pattern, "recipients", "*@town.example.lg.jp")) return false;
    relay.recipients.push_back(std::move(*pattern));
  } while (take_comma());
  return true;
}

bool Parser::listen(RelaySentence &relay) {
  if (!once(relay.listen_port, "listen")) return false;
  if (!take_word("port")) return expected("'port'", "write  listen port 25");
  PortItem port;
  if (!port_item(port, false)) return false;
  relay.listen_port = port;
  return true;
}

bool Parser::scan(RelaySentence &relay) {
  if (!once(relay.scan, "scan") || !quoted(relay.scan, "scan", "/run/clamav/clamd.ctl")) return false;
  if (!take_word("definitions")) return true;
  return amount(relay.definitions, "an age", ages);
}

bool Parser::append(RelaySentence &relay) {
  if (!once(relay.append.has_value(), relay.append.value_or(Place{}), "append")) return false;
  if (!take_word("text")) return expected("'text'", "write  append text");
  relay.append = previous().place;
  return true;
}

bool Parser::attachments(RelaySentence &relay, Outline &outline) {
  outline.kind = Outline::Kind::attachment;
  Place first = relay.attachments.empty() ? Place{} : relay.attachments.front().kind_class.place;
  if (!once(!relay.attachments.empty(), first, "attachment")) return false;
  std::vector<std::string_view> classes;
  for (std::size_t i = 0; i < job::kind_class_count; ++i)
    classes.push_back(job::word_of(static_cast<job::KindClass>(i)));
  return block(outline, classes, relay_words,
               [&](Outline &item) { return treatment_item(relay, item, classes); });
}

bool Parser::treatment_item(RelaySentence &relay, Outline &item, Words classes) {
  if (!at_any(classes)) return unknown_item("an attachment block", classes);
  item.rank =
      rank(classes) == 0 ? static_cast<unsigned>(classes.size()) : rank(classes); // any last
  // `pdf image render`: several classes, one treatment.  After a class, `text` is the treatment.
  std::vector<Word> named;
  do {
    named.push_back(word_of(take()));
  } while (at_any(classes) && !at_word("text"));
  Word treatment;
  if (!value(treatment, "a treatment")) return false;
  std::optional<Amount> depth; // archive unpack depth 3
  if (take_word("depth") && !amount(depth, "a depth", plain_number)) return false;
  for (Word &kind_class : named) {
    for (const TreatmentItem &earlier : relay.attachments)
      if (earlier.kind_class.text == kind_class.text)
        return repeated(kind_class.place, earlier.kind_class.place, kind_class.text);
    relay.attachments.push_back({std::move(kind_class), treatment, depth});
  }
  return true;
}

} // namespace sekisho::rules
