#include "rules/calendar.hh"

#include <fmt/format.h>

#include <charconv>
#include <limits>

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

namespace {
/// Of the day in Japan since 1970.
UnixSeconds day_number(UnixSeconds time) {
  UnixSeconds local = time + japan;
  return (local >= 0 ? local : local - day + 1) / day;
}
/// 0: Monday.
unsigned weekday_of(UnixSeconds day_number) {
  return static_cast<unsigned>(((day_number + 3) % 7 + 7) % 7); // 1970-01-01 was a Thursday
}
} // namespace

bool Schedule::covers(UnixSeconds time) const {
  UnixSeconds number = day_number(time);
  auto minute = static_cast<std::uint16_t>((time + japan - number * day) / 60);
  unsigned weekday = weekday_of(number);
  auto is_listed = [this](unsigned of_week) { return (days >> of_week & 1) != 0; };
  if (from_minute < to_minute)
    return is_listed(weekday) && from_minute <= minute && minute < to_minute;
  return (is_listed(weekday) && from_minute <= minute) ||
         (is_listed((weekday + 6) % 7) && minute < to_minute);
}

UnixSeconds Schedule::next_change(UnixSeconds time) const {
  UnixSeconds next = std::numeric_limits<UnixSeconds>::max();
  UnixSeconds today = day_number(time);
  for (UnixSeconds number = today - 1; number <= today + 7; ++number) {
    if ((days >> weekday_of(number) & 1) == 0) continue;
    UnixSeconds midnight = number * day - japan;
    UnixSeconds begin = midnight + from_minute * 60;
    UnixSeconds end = midnight + to_minute * 60 + (to_minute <= from_minute ? day : 0);
    for (UnixSeconds change : {begin, end})
      if (change > time) next = std::min(next, change);
  }
  return next;
}

std::optional<UnixSeconds> first_second_of(std::string_view date) {
  std::optional<UnixSeconds> last = last_second_of(date);
  return last ? std::optional(*last - day + 1) : std::nullopt;
}

std::string words_of(const Schedule &schedule) {
  constexpr std::string_view names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  std::string text;
  for (unsigned i = 0; i < 7; ++i)
    if (schedule.days >> i & 1) text += (text.empty() ? "" : ", ") + std::string(names[i]);
  if (schedule.days == every_day) text = "daily";
  if (schedule.days == weekdays) text = "weekdays";
  if (schedule.days == weekend) text = "weekends";
  auto clock = [](unsigned minute) { return fmt::format("{:02}:{:02}", minute / 60, minute % 60); };
  return fmt::format("{} {}-{}", text, clock(schedule.from_minute), clock(schedule.to_minute));
}

std::optional<std::pair<std::uint16_t, std::uint16_t>> read_hours(std::string_view text) {
  auto number = [&](std::size_t at) -> unsigned {
    auto digit = [&](std::size_t i) { return static_cast<unsigned>(text[i] - '0'); };
    return digit(at) > 9 || digit(at + 1) > 9 ? 99 : digit(at) * 10 + digit(at + 1);
  };
  if (text.size() != 11 || text[2] != ':' || text[5] != '-' || text[8] != ':') return std::nullopt;
  unsigned from = number(0) * 60 + number(3), to = number(6) * 60 + number(9);
  if (number(3) > 59 || number(9) > 59 || from >= 1440 || to > 1440) return std::nullopt;
  return std::pair(static_cast<std::uint16_t>(from), static_cast<std::uint16_t>(to));
}

std::string date_of(UnixSeconds time) {
  std::chrono::sys_seconds local{std::chrono::seconds(time + japan)};
  std::chrono::year_month_day parts{std::chrono::floor<std::chrono::days>(local)};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(parts.year()),
                     static_cast<unsigned>(parts.month()), static_cast<unsigned>(parts.day()));
}

std::string minute_of(UnixSeconds time) {
  UnixSeconds minute = (time + japan - day_number(time) * day) / 60;
  return fmt::format("{} {:02}:{:02}", date_of(time), minute / 60, minute % 60);
}

} // namespace sekisho::rules
