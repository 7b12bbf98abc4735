// What all sentences share: looking at tokens, complaining, recovering, reading values.
#include "rules/parser.hh"

#include <charconv>

namespace sekisho::rules {

std::string Parser::found() const {
  switch (peek().type) {
  case Token::Type::end: return "the end of the file";
  case Token::Type::string: return "a string";
  default: return fmt::format("'{}'", clip(peek().text, 40));
  }
}

/// After a missing word the place is behind the word before, on its line, not at some later line.
Place Parser::expected_place() const {
  if (next_ > 0 && (at(Token::Type::end) || starts_line())) return previous().place;
  return peek().place;
}

bool Parser::expected(std::string_view what, std::string help) {
  if (at(Token::Type::bad)) { // the lexer has complained
    take();
    return false;
  }
  bool behind = next_ > 0 && (at(Token::Type::end) || starts_line());
  std::string message = behind
                            ? fmt::format("expected {} after '{}'", what, clip(previous().text, 40))
                            : fmt::format("expected {}, found {}", what, found());
  reporter_.error(expected_place(), std::move(message)).help = std::move(help);
  return false;
}

bool Parser::unknown_item(std::string_view block, Words words) {
  if (at(Token::Type::bad)) return false;
  std::string help =
      did_you_mean(peek().text, words, fmt::format("here may stand: {}", either(words)));
  reporter_.error(peek().place, fmt::format("{} is not a word of {}", found(), block)).help =
      std::move(help);
  return false;
}

bool Parser::repeated(const Place &second, const Place &first, std::string_view what) {
  Diagnostic &error = reporter_.error(second, fmt::format("second '{}'", what));
  error.related.push_back({first, "first here"});
  error.help = "keep one";
  return false;
}

void Parser::skip_to_sentence() {
  unsigned depth = 0;
  while (!at(Token::Type::end) && !at_sentence()) {
    if (depth == 0 && starts_line() && at_any(sentence_words) && !at_word("zone")) return;
    if (at(Token::Type::open)) ++depth;
    if (at(Token::Type::close) && depth > 0) --depth;
    take();
  }
}

/// To the next item of a block, its end, or the next sentence; skips nested braces whole.
void Parser::skip_to_item(Words words) {
  unsigned depth = 0;
  while (!at(Token::Type::end) && !at_sentence()) {
    if (depth == 0 && (at(Token::Type::close) || at_any(words))) return;
    if (at(Token::Type::open)) ++depth;
    if (at(Token::Type::close)) --depth;
    take();
  }
}

Word Parser::word_of(const Token &token) {
  return {token.text, token.place};
}

bool Parser::value(Word &into, std::string_view what, std::string help) {
  if (!at(Token::Type::word) || at_sentence()) return expected(what, std::move(help));
  into = word_of(take());
  return true;
}

bool Parser::value(std::optional<Word> &into, std::string_view what, std::string help) {
  Word word;
  if (!value(word, what, std::move(help))) return false;
  into = std::move(word);
  return true;
}

bool Parser::quoted(std::optional<Word> &into, std::string_view keyword, std::string_view example) {
  if (!at(Token::Type::string))
    return expected(fmt::format("a text between \" and \""),
                    fmt::format("write  {} \"{}\"", keyword, example));
  into = word_of(take());
  return true;
}

bool Parser::name(Word &into, std::string_view what) {
  if (!value(into, fmt::format("the name of the {}", what))) return false;
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  const std::string_view text = into.text;
  bool letter_first = (text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z');
  if (is_keyword(text)) {
    reporter_.error(into.place, fmt::format("'{}' is a word of the language", text)).help =
        fmt::format("choose another name for the {}", what);
    return false;
  }
  if (!letter_first || text.find_first_not_of(allowed) != std::string_view::npos ||
      text.size() > 63) {
    reporter_.error(into.place, fmt::format("'{}' cannot be a name", clip(text, 40))).help =
        "a name is a letter, then letters, digits, '-' and '_', 63 at most";
    return false;
  }
  return true;
}

std::optional<std::uint64_t> Parser::number(std::string_view digits) {
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty())
    return std::nullopt;
  return number;
}

bool Parser::port_number(std::string_view whole, const Place &place, std::string_view digits,
                         std::uint16_t &into) {
  std::optional<std::uint64_t> port = number(digits);
  if (!port || *port == 0 || *port > 65535) {
    reporter_.error(place, fmt::format("'{}' is no port", clip(whole, 40))).help =
        "a port is a number from 1 to 65535, a range is 8000-8010";
    return false;
  }
  into = static_cast<std::uint16_t>(*port);
  return true;
}

bool Parser::port_item(PortItem &into, bool range_allowed) {
  Word word;
  if (!value(word, "a port number")) return false;
  std::string joined; // 8000 - 8010
  if (at_word("-") && range_allowed) {
    take();
    Word last;
    if (!value(last, "the last port of the range")) return false;
    joined = fmt::format("{}-{}", word.text, last.text);
    word.place = join(word.place, last.place);
  }
  std::string_view text = joined.empty() ? word.text : std::string_view(joined);
  into.place = word.place;
  std::size_t dash = range_allowed ? text.find('-') : std::string_view::npos;
  if (!port_number(text, word.place, text.substr(0, dash), into.first)) return false;
  into.last = into.first;
  if (dash == std::string_view::npos) return true;
  if (!port_number(text, word.place, text.substr(dash + 1), into.last)) return false;
  if (into.first <= into.last) return true;
  reporter_.error(word.place, "a port range runs backwards").help =
      fmt::format("write {}-{}", into.last, into.first);
  return false;
}

/// `20 MB`, `20MB`: the number, then one of the units.
bool Parser::amount(std::optional<RelaySentence::Amount> &into, std::string_view what,
                    Units units) {
  Word word;
  if (!value(word, what)) return false;
  std::string whole(word.text);
  std::size_t digits = std::min(whole.find_first_not_of("0123456789"), whole.size());
  std::optional<std::uint64_t> count = number(std::string_view(whole).substr(0, digits));
  std::string unit = whole.substr(digits);
  if (unit.empty() && !units[0].word.empty()) {
    Word written;
    if (!value(written, fmt::format("a unit ({})", unit_words(units)))) return false;
    unit = written.text;
    word.place = join(word.place, written.place);
    whole += " " + unit;
  }
  for (const auto &[unit_word, factor] : units) {
    if (unit != unit_word || !count || *count > 1'000'000'000) continue;
    into = {*count * factor, word.place};
    return true;
  }
  if (count.value_or(0) > 1'000'000'000 || digits > 18) {
    reporter_.error(word.place, fmt::format("'{}' is too much", clip(whole, 40))).help =
        "the number is 1000000000 at most";
    return false;
  }
  reporter_.error(word.place, fmt::format("'{}' is not {}", clip(whole, 40), what)).help =
      units[0].word.empty() ? std::string("write a whole number")
                            : fmt::format("a whole number and a unit: {}", unit_words(units));
  return false;
}

std::string Parser::unit_words(Units units) {
  std::vector<std::string_view> words;
  for (const Unit &unit : units)
    words.push_back(unit.word);
  return either(words);
}

/// Takes the keyword of an item; false and reported if it stood before.
bool Parser::once(bool present, const Place &first, std::string_view keyword) {
  const Token &token = take();
  if (!present) return true;
  return repeated(token.place, first, keyword);
}

bool Parser::take_comma() {
  if (!at(Token::Type::comma)) return false;
  take();
  return true;
}

unsigned Parser::rank(Words words) const {
  return static_cast<unsigned>(std::find(words.begin(), words.end(), peek().text) - words.begin());
}

bool Parser::unclosed(const Place &open) {
  ++failures_;
  reporter_.error(open, "'{' is never closed").help = "add the missing '}'";
  return true; // the sentence ends here all the same
}

void Parser::skip_to_comma() {
  while (!at(Token::Type::end) && !at(Token::Type::comma) && !at(Token::Type::close) &&
         !at_sentence())
    take();
}

} // namespace sekisho::rules
