// `hold for 90 days at most 10 GB` and `release original by "USER"` of a relay.
#include "rules/parser.hh"

namespace sekisho::rules {

bool Parser::relay_hold(HoldSentence &hold) {
  if (!once(hold.place.has_value(), hold.place.value_or(Place{}), "hold")) return false;
  hold.place = previous().place;
  const bool has_days = take_word("for");
  if (has_days && !amount(hold.days, "a time", ages)) return false;
  const bool has_most = take_word("at");
  if (has_most && !take_word("most")) return expected("'most'", "write  hold at most 10 GB");
  if (has_most && !amount(hold.most, "a size", large_sizes)) return false;
  if (has_days || has_most) return true;
  return expected("'for' or 'at most'", "write  hold for 90 days at most 10 GB");
}

bool Parser::relay_release(HoldSentence &hold) {
  Place first = hold.original_by.empty() ? Place{} : hold.original_by.front().place;
  if (!once(!hold.original_by.empty(), first, "release")) return false;
  constexpr const char *help = "write  release original by \"tanaka\"";
  if (!take_word("original")) return expected("'original'", help);
  if (!take_word("by")) return expected("'by'", help);
  do {
    std::optional<Word> user;
    if (!quoted(user, "by", "tanaka")) return false;
    hold.original_by.push_back(std::move(*user));
  } while (take_comma());
  return true;
}

} // namespace sekisho::rules
