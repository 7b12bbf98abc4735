#include "rules/parse.hh"

#include "rules/calendar.hh"
#include "sanitizer/job/job.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace sekisho::rules {
namespace {

using Words = std::span<const std::string_view>;

constexpr std::array<std::string_view, 7> sentence_words = {"zone",   "host",  "set",  "service",
                                                            "permit", "local", "relay"};
constexpr std::array<std::string_view, 8> zone_words = {"port", "vlan",   "network", "address",
                                                        "mtu",  "closed", "outside", "fragments"};
constexpr std::array<std::string_view, 3> host_words = {"zone", "address", "mac"};
constexpr std::array<std::string_view, 3> protocol_words = {"tcp", "udp", "icmp"};
constexpr std::array<std::string_view, 4> local_protocol_words = {"tcp", "udp", "icmp", "vrrp"};
constexpr std::array<std::string_view, 3> icmp_words = {"echo", "timestamp", "timestamp-reply"};
constexpr std::array<std::string_view, 4> ledger_words = {"for", "owner", "approved", "until"};
constexpr std::array<std::string_view, 8> permit_words = {"for",   "owner",  "approved", "from",
                                                          "until", "during", "limit",    "log"};
constexpr std::array<std::string_view, 6> local_words = {"for",  "owner", "approved",
                                                         "from", "until", "during"};
constexpr std::array<std::string_view, 3> condition_words = {"during", "limit", "log"};
constexpr std::array<std::string_view, 3> log_words = {"none", "opened", "ended"};
constexpr std::array<std::string_view, 10> day_words = {
    "mon", "tue", "wed", "thu", "fri", "sat", "sun", "weekdays", "weekends", "daily"};
constexpr std::array<std::string_view, 12> relay_words = {
    "recipients", "next-hop",   "listen", "body",  "size",     "deadline",
    "dpi",        "attachment", "for",    "owner", "approved", "until"};
constexpr std::array<std::string_view, 7> other_words = {"from", "to",    "mail", "echo",
                                                         "vrrp", "depth", "no"};

struct Unit {
  std::string_view word;
  std::uint64_t factor;
};
using Units = std::span<const Unit>;
constexpr std::array<Unit, 2> sizes = {{{"MB", 1u << 20}, {"KB", 1u << 10}}};
constexpr std::array<Unit, 1> times = {{{"s", 1}}};
constexpr std::array<Unit, 1> plain_number = {{{"", 1}}};
constexpr std::array<Unit, 3> rates = {
    {{"Kbit", 1'000}, {"Mbit", 1'000'000}, {"Gbit", 1'000'000'000}}};

/// A failed expectation is reported, returns false, and the caller goes on at the next item or
/// sentence.
class Parser {
public:
  Parser(const Tokens &tokens, Sentences &sentences, Reporter &reporter,
         const std::function<void(Outline)> &each)
      : tokens_(tokens), sentences_(sentences), reporter_(reporter), each_(each) {}

  void run() {
    while (!at(Token::Type::end) && !reporter_.full()) {
      if (!sentence()) skip_to_sentence();
    }
  }

private:
  // -- looking at tokens
  // ---------------------------------------------------------------------------
  const Token &peek() const { return tokens_[next_]; }
  const Token &previous() const { return tokens_[next_ > 0 ? next_ - 1 : 0]; }
  bool at(Token::Type type) const { return peek().type == type; }
  bool at_word(std::string_view text) const { return at(Token::Type::word) && peek().text == text; }
  bool at_any(Words words) const {
    return at(Token::Type::word) &&
           std::find(words.begin(), words.end(), peek().text) != words.end();
  }
  /// A sentence starts in the first column; this is what recovers from a brace left open.
  bool at_sentence() const {
    return peek().place.first_column == 1 && at_any(sentence_words) && starts_line();
  }
  bool starts_line() const {
    return next_ == 0 || tokens_[next_ - 1].place.line != peek().place.line;
  }
  const Token &take() {
    const Token &token = peek();
    if (token.type != Token::Type::end) ++next_;
    return token;
  }
  bool take_word(std::string_view text) {
    if (!at_word(text)) return false;
    take();
    return true;
  }

  // -- complaining
  // ---------------------------------------------------------------------------------
  std::string found() const {
    switch (peek().type) {
    case Token::Type::end: return "the end of the file";
    case Token::Type::string: return "a string";
    default: return fmt::format("'{}'", clip(peek().text, 40));
    }
  }
  /// After a missing word the place is behind the word before, on its line, not at some later line.
  Place expected_place() const {
    if (next_ > 0 && (at(Token::Type::end) || starts_line())) return previous().place;
    return peek().place;
  }
  bool expected(std::string_view what, std::string help = {}) {
    if (at(Token::Type::bad)) { // the lexer has complained
      take();
      return false;
    }
    bool behind = next_ > 0 && (at(Token::Type::end) || starts_line());
    std::string message =
        behind ? fmt::format("expected {} after '{}'", what, clip(previous().text, 40))
               : fmt::format("expected {}, found {}", what, found());
    reporter_.error(expected_place(), std::move(message)).help = std::move(help);
    return false;
  }
  bool unknown_item(std::string_view block, Words words) {
    if (at(Token::Type::bad)) return false;
    std::string help =
        did_you_mean(peek().text, words, fmt::format("here may stand: {}", either(words)));
    reporter_.error(peek().place, fmt::format("{} is not a word of {}", found(), block)).help =
        std::move(help);
    return false;
  }
  bool repeated(const Place &second, const Place &first, std::string_view what) {
    Diagnostic &error = reporter_.error(second, fmt::format("second '{}'", what));
    error.related.push_back({first, "first here"});
    error.help = "keep one";
    return false;
  }

  // -- recovery
  // --------------------------------------------------------------------------------------
  void skip_to_sentence() {
    unsigned depth = 0;
    while (!at(Token::Type::end) && !at_sentence()) {
      if (depth == 0 && starts_line() && at_any(sentence_words) && !at_word("zone")) return;
      if (at(Token::Type::open)) ++depth;
      if (at(Token::Type::close) && depth > 0) --depth;
      take();
    }
  }
  /// To the next item of a block, its end, or the next sentence; skips nested braces whole.
  void skip_to_item(Words words) {
    unsigned depth = 0;
    while (!at(Token::Type::end) && !at_sentence()) {
      if (depth == 0 && (at(Token::Type::close) || at_any(words))) return;
      if (at(Token::Type::open)) ++depth;
      if (at(Token::Type::close)) --depth;
      take();
    }
  }

  // -- values
  // ----------------------------------------------------------------------------------------
  static Word word_of(const Token &token) { return {token.text, token.place}; }

  bool value(Word &into, std::string_view what, std::string help = {}) {
    if (!at(Token::Type::word) || at_sentence()) return expected(what, std::move(help));
    into = word_of(take());
    return true;
  }
  bool value(std::optional<Word> &into, std::string_view what, std::string help = {}) {
    Word word;
    if (!value(word, what, std::move(help))) return false;
    into = std::move(word);
    return true;
  }
  bool quoted(std::optional<Word> &into, std::string_view keyword, std::string_view example) {
    if (!at(Token::Type::string))
      return expected(fmt::format("a text between \" and \""),
                      fmt::format("write  {} \"{}\"", keyword, example));
    into = word_of(take());
    return true;
  }

  bool name(Word &into, std::string_view what) {
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

  std::optional<std::uint64_t> number(std::string_view digits) {
    std::uint64_t number = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty())
      return std::nullopt;
    return number;
  }

  bool port_number(std::string_view whole, const Place &place, std::string_view digits,
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

  bool port_item(PortItem &into, bool range_allowed) {
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
  bool amount(std::optional<RelaySentence::Amount> &into, std::string_view what, Units units) {
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
    reporter_.error(word.place, fmt::format("'{}' is not {}", clip(whole, 40), what)).help =
        units[0].word.empty() ? std::string("write a whole number")
                              : fmt::format("a whole number and a unit: {}", unit_words(units));
    return false;
  }
  static std::string unit_words(Units units) {
    std::vector<std::string_view> words;
    for (const Unit &unit : units)
      words.push_back(unit.word);
    return either(words);
  }

  // -- sentences
  // -------------------------------------------------------------------------------------
  bool sentence() {
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

  bool unknown_sentence() {
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

  /// `{` item… `}`.  `item(outline)` reads one; a failed one is skipped.  A word of the `outer`
  /// block shows that this one should have ended.
  template <class Item> bool block(Outline &outline, Words words, Words outer, Item item) {
    outline.head_end = next_;
    if (!at(Token::Type::open)) return expected("'{'");
    Place open = take().place;
    while (!at(Token::Type::close)) {
      if (at(Token::Type::end) || at_sentence() || (at_any(outer) && !at_any(words))) {
        ++failures_;
        reporter_.error(open, "'{' is never closed").help = "add the missing '}'";
        return true; // the sentence ends here all the same
      }
      if (reporter_.full()) return false;
      Outline child;
      child.first = next_;
      bool good = item(child);
      if (!good) {
        ++failures_;
        if (next_ == child.first) take(); // always moves
        skip_to_item(words);
      }
      child.last = next_;
      if (child.kind == Outline::Kind::item) child.head_end = child.last;
      outline.items.push_back(std::move(child));
    }
    take();
    return true;
  }

  /// Takes the keyword of an item; false and reported if it stood before.
  bool once(bool present, const Place &first, std::string_view keyword) {
    const Token &token = take();
    if (!present) return true;
    return repeated(token.place, first, keyword);
  }
  template <class T> bool once(const std::optional<T> &earlier, std::string_view keyword) {
    return once(earlier.has_value(), earlier ? earlier->place : Place{}, keyword);
  }

  bool zone(Outline &outline) {
    outline.kind = Outline::Kind::zone;
    take();
    ZoneSentence zone;
    bool good = name(zone.name, "zone") || at(Token::Type::open);
    std::size_t failures = failures_;
    good = good &&
           block(outline, zone_words, {}, [&](Outline &item) { return zone_item(zone, item); });
    zone.whole = good && failures == failures_;
    sentences_.zones.push_back(std::move(zone));
    return good;
  }

  bool zone_item(ZoneSentence &zone, Outline &item) {
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
  bool networks(ZoneSentence &zone) {
    do {
      Word network;
      if (!value(network, "a network", "write it as 10.1.0.0/24")) return false;
      zone.networks.push_back(std::move(network));
    } while (take_comma());
    return true;
  }
  bool take_comma() {
    if (!at(Token::Type::comma)) return false;
    take();
    return true;
  }

  bool host(Outline &outline) {
    outline.kind = Outline::Kind::host;
    take();
    HostSentence host;
    bool good = name(host.name, "host") || at(Token::Type::open);
    std::size_t failures = failures_;
    good = good &&
           block(outline, host_words, {}, [&](Outline &item) { return host_item(host, item); });
    host.whole = good && failures == failures_;
    sentences_.hosts.push_back(std::move(host));
    return good;
  }

  bool host_item(HostSentence &host, Outline &item) {
    if (!at_any(host_words)) return unknown_item("a host", host_words);
    item.rank = rank(host_words);
    const std::string_view word = peek().text;
    if (word == "zone") return once(host.zone, word) && value(host.zone, "the name of a zone");
    if (word == "address") return once(host.address, word) && value(host.address, "an address");
    return once(host.mac, word) &&
           value(host.mac, "a MAC address", "write it as 02:00:5e:10:00:01");
  }

  unsigned rank(Words words) const {
    return static_cast<unsigned>(std::find(words.begin(), words.end(), peek().text) -
                                 words.begin());
  }

  /// `{` item `,` item … `}`
  template <class Item> bool list(Outline &outline, std::string_view what, Item item) {
    outline.kind = Outline::Kind::list;
    outline.head_end = next_;
    if (!at(Token::Type::open)) return expected("'{'");
    Place open = take().place;
    do {
      if (reporter_.full()) return false;
      Outline child;
      child.first = next_;
      if (at(Token::Type::close)) return expected(what);
      if (at(Token::Type::end) || at_sentence()) return unclosed(open);
      if (!item()) {
        ++failures_;
        skip_to_comma();
      }
      child.head_end = next_;
      child.last = at(Token::Type::comma) ? next_ + 1 : next_;
      outline.items.push_back(std::move(child));
    } while (take_comma());
    if (at(Token::Type::end) || at_sentence()) return unclosed(open);
    if (!at(Token::Type::close)) return expected("',' or '}'");
    take();
    return true;
  }
  bool unclosed(const Place &open) {
    ++failures_;
    reporter_.error(open, "'{' is never closed").help = "add the missing '}'";
    return true; // the sentence ends here all the same
  }
  void skip_to_comma() {
    while (!at(Token::Type::end) && !at(Token::Type::comma) && !at(Token::Type::close) &&
           !at_sentence())
      take();
  }

  bool set(Outline &outline) {
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

  bool service(Outline &outline) {
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

  /// `tcp port 80, 443`, `icmp echo` or, in permits, the name of a service.
  bool service_item(std::vector<ServiceItem> &into, Words protocols, bool names_allowed) {
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
  bool another_port() {
    if (!at(Token::Type::comma)) return false;
    const Token &behind = tokens_[next_ + 1];
    bool is_port =
        behind.type == Token::Type::word && behind.text[0] >= '0' && behind.text[0] <= '9';
    return is_port && take_comma();
  }

  bool icmp_kind(Word &into) {
    if (at_any(icmp_words)) {
      into = word_of(take());
      return true;
    }
    std::string otherwise = "write echo (ping), timestamp or timestamp-reply; errors of permitted "
                            "flows pass by themselves";
    return expected("'echo'", at(Token::Type::word)
                                  ? did_you_mean(peek().text, icmp_words, otherwise)
                                  : otherwise);
  }

  bool services(std::vector<ServiceItem> &into, Words protocols) {
    do {
      if (!service_item(into, protocols, true)) return false;
    } while (take_comma());
    return true;
  }

  bool permit(Outline &outline) {
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

  bool local(Outline &outline) {
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
  bool items(Outline &outline, Words words, std::string_view sentence, LedgerItems &ledger,
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

  bool sentence_item(LedgerItems &ledger, std::unique_ptr<ConditionItems> &conditions) {
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
  bool during(ConditionItems &conditions) {
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
  bool limit(std::vector<LimitItem> &limits) {
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
  bool per(std::string_view what) {
    if (at_word("per") && tokens_[next_ + 1].text == what) {
      take();
      take();
      return true;
    }
    return expected(fmt::format("'per {}'", what));
  }

  /// `from A, B` or `to A, B`.
  bool ends(std::vector<Word> &into, std::string_view keyword) {
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

  bool ledger_item(LedgerItems &ledger) {
    const std::string_view word = peek().text;
    if (word == "for")
      return once(ledger.purpose, word) && quoted(ledger.purpose, word, "what it is for");
    if (word == "owner") return once(ledger.owner, word) && quoted(ledger.owner, word, "税務課");
    if (word == "approved")
      return once(ledger.approved, word) && quoted(ledger.approved, word, "R8-031");
    return once(ledger.until, word) && value(ledger.until, "a date", "write it as 2027-03-31");
  }

  bool relay(Outline &outline) {
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

  bool relay_head(RelaySentence &relay) {
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

  bool relay_item(RelaySentence &relay, Outline &item) {
    if (!at_any(relay_words)) return unknown_item("a relay", relay_words);
    item.rank = rank(relay_words);
    if (at_any(ledger_words)) return ledger_item(relay.ledger);
    const std::string_view word = peek().text;
    if (word == "recipients") return recipients(relay);
    if (word == "next-hop") return next_hop(relay);
    if (word == "listen") return listen(relay);
    if (word == "body") return once(relay.body, word) && value(relay.body, "a treatment");
    if (word == "attachment") return attachments(relay, item);
    if (word == "size") return once(relay.size, word) && amount(relay.size, "a size", sizes);
    if (word == "deadline")
      return once(relay.deadline, word) && amount(relay.deadline, "a time", times);
    return once(relay.dpi, word) && amount(relay.dpi, "a resolution", plain_number);
  }

  bool recipients(RelaySentence &relay) {
    Place first = relay.recipients.empty() ? Place{} : relay.recipients.front().place;
    if (!once(!relay.recipients.empty(), first, "recipients")) return false;
    do {
      std::optional<Word> pattern;
      if (!quoted(pattern, "recipients", "*@town.example.lg.jp")) return false;
      relay.recipients.push_back(std::move(*pattern));
    } while (take_comma());
    return true;
  }

  bool next_hop(RelaySentence &relay) {
    if (!once(relay.next_hop, "next-hop")) return false;
    if (!value(relay.next_hop, "the address or host that takes the mail")) return false;
    if (!take_word("port")) return true;
    PortItem port;
    if (!port_item(port, false)) return false;
    relay.next_hop_port = port;
    return true;
  }

  bool listen(RelaySentence &relay) {
    if (!once(relay.listen_port, "listen")) return false;
    if (!take_word("port")) return expected("'port'", "write  listen port 25");
    PortItem port;
    if (!port_item(port, false)) return false;
    relay.listen_port = port;
    return true;
  }

  bool attachments(RelaySentence &relay, Outline &outline) {
    outline.kind = Outline::Kind::attachment;
    Place first = relay.attachments.empty() ? Place{} : relay.attachments.front().kind_class.place;
    if (!once(!relay.attachments.empty(), first, "attachment")) return false;
    std::vector<std::string_view> classes;
    for (std::size_t i = 0; i < job::kind_class_count; ++i)
      classes.push_back(job::word_of(static_cast<job::KindClass>(i)));
    return block(outline, classes, relay_words,
                 [&](Outline &item) { return treatment_item(relay, item, classes); });
  }

  bool treatment_item(RelaySentence &relay, Outline &item, Words classes) {
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
    if (take_word("depth")) { // archive unpack depth 3
      std::optional<RelaySentence::Amount> depth;
      if (!amount(depth, "a depth", plain_number)) return false;
    }
    for (Word &kind_class : named) {
      for (const TreatmentItem &earlier : relay.attachments)
        if (earlier.kind_class.text == kind_class.text)
          return repeated(kind_class.place, earlier.kind_class.place, kind_class.text);
      relay.attachments.push_back({std::move(kind_class), treatment});
    }
    return true;
  }

  const Tokens &tokens_;
  Sentences &sentences_;
  Reporter &reporter_;
  const std::function<void(Outline)> &each_;
  std::size_t next_ = 0;
  std::size_t failures_ = 0; // items that could not be read
};

} // namespace

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
