// What a relay says of its hold.
#include "rules/checker.hh"

#include <fmt/format.h>

namespace sekisho::rules {
namespace {

constexpr std::uint64_t most_days = 3650;
constexpr std::uint64_t least_octets = 1u << 20, most_octets = 100ull << 40;
constexpr std::size_t most_users = 50;

/// As useradd(8) takes it.
bool is_user(std::string_view name) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  return !name.empty() && name.size() <= 32 && name.front() != '-' && name.front() != '.' &&
         name.find_first_not_of(allowed) == std::string_view::npos;
}

} // namespace

void Checker::relay_hold(const HoldSentence &said, Relay &relay) {
  if (said.days) {
    in_range(*said.days, 1, most_days, "1 to 3650 days");
    relay.hold.days = static_cast<std::uint32_t>(std::min(said.days->value, most_days));
  }
  if (said.most) {
    in_range(*said.most, least_octets, most_octets, "1 MB to 102400 GB");
    relay.hold.most_octets = std::min(said.most->value, most_octets);
  }
  if (said.original_by.size() > most_users)
    reporter_.error(said.original_by[most_users].place, fmt::format("more than {} users", most_users), "X5");
  for (const Word &user : said.original_by) {
    if (!is_user(user.text))
      reporter_.error(user.place, fmt::format("\"{}\" is no user of this machine", clip(user.text, 40)), "X5").help =
          "name each person who may pass an original by the login name";
    else if (relay.hold.may_release_original(user.text))
      reporter_.error(user.place, fmt::format("\"{}\" is named twice", user.text));
    else
      relay.hold.original_by.emplace_back(user.text);
  }
}

} // namespace sekisho::rules
