// The parser as a class; its parts are parser.cc (what all share), parse.cc (zones, hosts, sets,
// services), parse_permit.cc (permits and local sentences) and parse_relay.cc.
#pragma once

#include "rules/parse.hh"
#include "sanitizer/job/job.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sekisho::rules {

using Words = std::span<const std::string_view>;

inline constexpr std::array<std::string_view, 7> sentence_words = {
    "zone", "host", "set", "service", "permit", "local", "relay"};
inline constexpr std::array<std::string_view, 8> zone_words = {
    "port", "vlan", "network", "address", "mtu", "closed", "outside", "fragments"};
inline constexpr std::array<std::string_view, 3> host_words = {"zone", "address", "mac"};
inline constexpr std::array<std::string_view, 3> protocol_words = {"tcp", "udp", "icmp"};
inline constexpr std::array<std::string_view, 4> local_protocol_words = {"tcp", "udp", "icmp",
                                                                         "vrrp"};
inline constexpr std::array<std::string_view, 3> icmp_words = {"echo", "timestamp",
                                                               "timestamp-reply"};
inline constexpr std::array<std::string_view, 4> ledger_words = {"for", "owner", "approved",
                                                                 "until"};
inline constexpr std::array<std::string_view, 8> permit_words = {
    "for", "owner", "approved", "from", "until", "during", "limit", "log"};
inline constexpr std::array<std::string_view, 6> local_words = {"for",  "owner", "approved",
                                                                "from", "until", "during"};
inline constexpr std::array<std::string_view, 3> condition_words = {"during", "limit", "log"};
inline constexpr std::array<std::string_view, 3> log_words = {"none", "opened", "ended"};
inline constexpr std::array<std::string_view, 10> day_words = {
    "mon", "tue", "wed", "thu", "fri", "sat", "sun", "weekdays", "weekends", "daily"};
inline constexpr std::array<std::string_view, 7> guard_words = {
    "destinations", "refuse", "forwarding", "unknown-senders", "mass", "authentication", "sign"};
inline constexpr std::array<std::string_view, 7> door_words = {"accept", "senders", "proxy", "tls",
                                                               "limit",  "tarpit",  "greylist"};
inline constexpr std::array<std::string_view, 42> relay_words = {
    "recipients", "destinations", "next-hop",   "next-hop-limit", "next-hop-tls", "next-hop-login", "retry", "delay", "bounce",
    "listen",     "accept",     "senders",  "proxy",   "tls",     "limit",          "tarpit", "greylist",
    "refuse",     "forwarding", "mass",     "unknown-senders", "authentication", "sign",
    "body",       "append",     "charset", "note",
    "size",       "deadline",   "dpi",    "noise",  "scan",     "tracked", "hidden",
    "formulas",   "attachment", "hold",   "release", "for",     "owner",
    "approved",   "until"};
inline constexpr std::array<std::string_view, 7> other_words = {"from", "to",    "mail", "echo",
                                                                "vrrp", "depth", "no"};

struct Unit {
  std::string_view word;
  std::uint64_t factor;
};
using Units = std::span<const Unit>;
inline constexpr std::array<Unit, 2> sizes = {{{"MB", 1u << 20}, {"KB", 1u << 10}}};
inline constexpr std::array<Unit, 3> large_sizes = {{{"GB", 1u << 30}, {"MB", 1u << 20}, {"KB", 1u << 10}}};
inline constexpr std::array<Unit, 1> times = {{{"s", 1}}};
inline constexpr std::array<Unit, 2> ages = {{{"days", 1}, {"day", 1}}};
inline constexpr std::array<Unit, 1> plain_number = {{{"", 1}}};
inline constexpr std::array<Unit, 3> rates = {
    {{"Kbit", 1'000}, {"Mbit", 1'000'000}, {"Gbit", 1'000'000'000}}};

/// A failed expectation is reported, returns false, and the caller goes on at the next item or
/// sentence.
class Parser {
public:
  Parser(const Tokens &tokens, Sentences &sentences, Reporter &reporter,
         const std::function<void(Outline)> &each)
      : tokens_(tokens), sentences_(sentences), reporter_(reporter), each_(each) {}

  void run();

private:
  // parser.cc
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
  std::string found() const;
  Place expected_place() const;
  bool expected(std::string_view what, std::string help = {});
  bool unknown_item(std::string_view block, Words words);
  bool repeated(const Place &second, const Place &first, std::string_view what);
  void skip_to_sentence();
  void skip_to_item(Words words);
  static Word word_of(const Token &token);
  bool value(Word &into, std::string_view what, std::string help = {});
  bool value(std::optional<Word> &into, std::string_view what, std::string help = {});
  bool quoted(std::optional<Word> &into, std::string_view keyword, std::string_view example);
  bool name(Word &into, std::string_view what);
  std::optional<std::uint64_t> number(std::string_view digits);
  bool port_number(std::string_view whole, const Place &place, std::string_view digits,
                   std::uint16_t &into);
  bool port_item(PortItem &into, bool range_allowed);
  bool amount(std::optional<RelaySentence::Amount> &into, std::string_view what, Units units);
  static std::string unit_words(Units units);
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
  bool once(bool present, const Place &first, std::string_view keyword);
  template <class T> bool once(const std::optional<T> &earlier, std::string_view keyword) {
    return once(earlier.has_value(), earlier ? earlier->place : Place{}, keyword);
  }
  bool take_comma();
  unsigned rank(Words words) const;
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
  bool unclosed(const Place &open);
  void skip_to_comma();

  // parse.cc
  bool sentence();
  bool unknown_sentence();
  bool zone(Outline &outline);
  bool zone_item(ZoneSentence &zone, Outline &item);
  bool networks(ZoneSentence &zone);
  bool host(Outline &outline);
  bool host_item(HostSentence &host, Outline &item);
  bool set(Outline &outline);
  bool service(Outline &outline);

  // parse_permit.cc
  bool service_item(std::vector<ServiceItem> &into, Words protocols, bool names_allowed);
  bool another_port();
  bool icmp_kind(Word &into);
  bool services(std::vector<ServiceItem> &into, Words protocols);
  bool permit(Outline &outline);
  bool local(Outline &outline);
  bool items(Outline &outline, Words words, std::string_view sentence, LedgerItems &ledger,
             std::unique_ptr<ConditionItems> &conditions);
  bool sentence_item(LedgerItems &ledger, std::unique_ptr<ConditionItems> &conditions);
  bool during(ConditionItems &conditions);
  bool limit(std::vector<LimitItem> &limits);
  bool per(std::string_view what);
  bool ends(std::vector<Word> &into, std::string_view keyword);
  bool ledger_item(LedgerItems &ledger);

  // parse_relay_door.cc
  bool door_item(DoorSentence &door);
  bool door_ends(std::vector<Word> &into, std::string_view keyword);
  bool senders(DoorSentence &door);
  bool tls(DoorSentence &door);
  bool door_limit(std::vector<DoorLimitItem> &limits);

  // parse_relay.cc
  bool relay(Outline &outline);
  bool relay_head(RelaySentence &relay);
  bool relay_item(RelaySentence &relay, Outline &item);
  bool recipients(RelaySentence &relay);
  bool listen(RelaySentence &relay);
  bool scan(RelaySentence &relay);
  bool append(RelaySentence &relay);
  bool attachments(RelaySentence &relay, Outline &outline);
  bool treatment_item(RelaySentence &relay, Outline &item, Words classes);

  // parse_relay_routes.cc
  std::optional<bool> routes_item(RelaySentence &relay);
  bool next_hop(RoutesSentence &routes);
  bool next_hop_limit(RoutesSentence &routes);
  bool next_hop_tls(RoutesSentence &routes);
  bool next_hop_login(RoutesSentence &routes);
  bool bounce(RoutesSentence &routes);
  // parse_relay_patience.cc
  bool retry(PatienceSentence &patience);
  bool delay(PatienceSentence &patience);
  // parse_relay_hold.cc
  bool relay_hold(HoldSentence &hold);
  bool relay_release(HoldSentence &hold);
  // parse_relay_guard.cc
  bool guard_item(GuardSentence &guard);
  bool destinations(GuardSentence &guard);
  bool refuse(GuardSentence &guard);
  bool visible_recipients(GuardSentence &guard, const Place &keyword);
  bool mass(GuardSentence &guard);
  bool authentication(GuardSentence &guard);
  bool sign(GuardSentence &guard);

  const Tokens &tokens_;
  Sentences &sentences_;
  Reporter &reporter_;
  const std::function<void(Outline)> &each_;
  std::size_t next_ = 0;
  std::size_t failures_ = 0; // items that could not be read
};

} // namespace sekisho::rules
