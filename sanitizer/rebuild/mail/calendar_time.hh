// Dates, times and rules of recurrence of a calendar, as a person in Japan reads them.  RFC 5545 §3.3.4, §3.3.5, §3.3.10
// Private to rebuild.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sekisho::rebuild {

/// What of "20261121T010000Z" or "20261121" says when.
struct Moment {
  std::chrono::sys_days day;
  std::optional<std::chrono::minutes> time{}; // none: all day
  bool utc = false;
};

/// Nothing where it has another form, or there is no such day or time.
std::optional<Moment> read_moment(std::string_view value);

/// What is in UTC as clocks in Japan have it; all else stays.
Moment in_japan(Moment moment);

/// "2026-11-21"
std::string date_words(std::chrono::sys_days day);

/// "2026-11-21 10:00", "2026-11-21 (終日)"
std::string moment_words(const Moment &moment);

/// The value of an RRULE as "毎月第1火曜日、4回"; nothing where it says more than how often, on which days of the week, and
/// how long.  `start`: of the event, in the time of Japan where it is known.
std::string recurrence_words(std::string_view rule, const std::optional<Moment> &start);

inline constexpr std::string_view of_japan = "(日本時間)";

} // namespace sekisho::rebuild
