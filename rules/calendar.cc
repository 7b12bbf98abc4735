#include "rules/calendar.hh"

#include "rules/ruleset.hh"

#include <fmt/format.h>

#include <charconv>

namespace sekisho::rules {
namespace {
constexpr UnixSeconds day = 86'400;
constexpr UnixSeconds japan = 9 * 3'600; // ahead of UTC, no summer time
} // namespace

std::optional<UnixSeconds> last_second_of(std::string_view date) {
  if (date.size() != 10 || date[4] != '-' || date[7] != '-') return std::nullopt;
  auto number = [&](std::size_t at, std::size_t length) {
    unsigned value = 0;
    const char *first = date.data() + at;
    auto [end, error] = std::from_chars(first, first + length, value);
    return error == std::errc{} && end == first + length ? value : 0;
  };
  std::chrono::year_month_day parts{std::chrono::year(static_cast<int>(number(0, 4))),
                                    std::chrono::month(number(5, 2)),
                                    std::chrono::day(number(8, 2))};
  if (!parts.ok() || number(0, 4) < 2000 || number(0, 4) > 2999) return std::nullopt;
  UnixSeconds days = std::chrono::sys_days(parts).time_since_epoch().count();
  return (days + 1) * day - japan - 1;
}

bool Schedule::covers(UnixSeconds time) const {
  UnixSeconds local = time + japan;
  UnixSeconds number = (local >= 0 ? local : local - day + 1) / day; // of the day since 1970
  auto minute = static_cast<std::uint16_t>((local - number * day) / 60);
  unsigned weekday = static_cast<unsigned>(((number + 3) % 7 + 7) % 7); // 1970-01-01: Thursday
  auto is_listed = [this](unsigned of_week) { return (days >> of_week & 1) != 0; };
  if (from_minute < to_minute)
    return is_listed(weekday) && from_minute <= minute && minute < to_minute;
  return (is_listed(weekday) && from_minute <= minute) ||
         (is_listed((weekday + 6) % 7) && minute < to_minute);
}

std::string date_of(UnixSeconds time) {
  std::chrono::sys_seconds local{std::chrono::seconds(time + japan)};
  std::chrono::year_month_day parts{std::chrono::floor<std::chrono::days>(local)};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(parts.year()),
                     static_cast<unsigned>(parts.month()), static_cast<unsigned>(parts.day()));
}

} // namespace sekisho::rules
