// Of a relay: how often and how long a mail is tried, and when its sender is told that it waits.
#include "rules/parser.hh"

namespace sekisho::rules {
namespace {

constexpr std::array<Unit, 5> waits = {{{"s", 1}, {"minutes", 60}, {"minute", 60}, {"hours", 3600}, {"hour", 3600}}};
constexpr std::array<Unit, 6> long_times = {
    {{"minutes", 60}, {"minute", 60}, {"hours", 3600}, {"hour", 3600}, {"days", 86'400}, {"day", 86'400}}};
constexpr std::string_view retry_help = "write  retry after 1 minute at least every 30 minutes for 5 days  or a part of it, in this order";

} // namespace

bool Parser::retry(PatienceSentence &patience) {
  if (!once(patience.retry.has_value(), patience.retry.value_or(Place{}), "retry")) return false;
  patience.retry = previous().place;
  const std::size_t begin = next_;
  if (take_word("after") && !amount(patience.first_wait, "a time", waits)) return false;
  if (take_word("at")) {
    if (!take_word("least")) return expected("'least'", std::string(retry_help));
    if (!take_word("every")) return expected("'every'", std::string(retry_help));
    if (!amount(patience.longest_wait, "a time", waits)) return false;
  }
  // for "…" is the relay's purpose
  if (at_word("for") && tokens_[next_ + 1].type != Token::Type::string) {
    take();
    if (!amount(patience.give_up, "a time", long_times)) return false;
  }
  if (next_ == begin) return expected("a time: 'after', 'at least every' or 'for'", std::string(retry_help));
  return !(at_word("after") || at_word("at")) || expected("'after', 'at least every' and 'for' in this order", std::string(retry_help));
}

bool Parser::delay(PatienceSentence &patience) {
  constexpr std::string_view help = "write  delay notice after 4 hours";
  if (!once(patience.delay_notice, "delay")) return false;
  if (!take_word("notice")) return expected("'notice'", std::string(help));
  if (!take_word("after")) return expected("'after'", std::string(help));
  return amount(patience.delay_notice, "a time", long_times);
}

} // namespace sekisho::rules
