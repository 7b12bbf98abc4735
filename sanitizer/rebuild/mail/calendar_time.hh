// Dates, times and rules of recurrence of a calendar, as a person in Japan reads them.  RFC 5545 §3.3.4, §3.3.5, §3.3.10
// Private to rebuild.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
/// The same of a time of clocks that are so far ahead of UTC.
Moment in_japan(Moment moment, std::chrono::minutes ahead);
inline constexpr std::chrono::minutes japan_ahead = std::chrono::hours(9);

/// The clocks of a place, as a calendar tells of them.  RFC 5545 §3.6.5
class Zone {
public:
  /// Of one STANDARD or DAYLIGHT the values of TZOFFSETTO, of DTSTART or RDATE, and of RRULE, which may be empty.
  void add(std::string_view offset, std::string_view start, std::string_view rule);
  bool is_said() const { return !changes_.empty(); }
  /// Of UTC, at a time of these clocks; nothing where that is not said.
  std::optional<std::chrono::minutes> ahead_at(const Moment &local) const;
  /// All that are said, as "UTC+01:00, UTC+02:00".
  std::string offsets() const;

private:
  struct Change {
    std::chrono::minutes ahead, first; // since when, by its clocks from 1970 on
    std::chrono::month month{};        // of each year from then on; 0: only then
    std::optional<std::chrono::weekday> week_day{};
    int ordinal = 0;        // of it in the month, from its end where negative; 0: from `day` on
    std::chrono::day day{}; // of the month
    std::optional<std::chrono::sys_days> until{};

    bool yearly() const { return month.ok(); }
  };
  static std::optional<Change> read(std::string_view offset, std::string_view start, std::string_view rule);
  static std::chrono::sys_days day_in(const Change &change, std::chrono::year year);
  static std::optional<std::chrono::minutes> last_of(const Change &change, const Moment &local);

  std::vector<Change> changes_;
  bool unread_ = false;
};

/// "2026-11-21"
std::string date_words(std::chrono::sys_days day);

/// "2026-11-21 10:00", "2026-11-21 (終日)"
std::string moment_words(const Moment &moment);

/// The value of an RRULE as "毎月第1火曜日、4回"; nothing where it says more than how often, on which days of the week, and
/// how long.  `start`: of the event, in the time of Japan where it is known; `is_next_day`: Japan
/// has the day after the rule's.
std::string recurrence_words(std::string_view rule, const std::optional<Moment> &start, bool is_next_day);

inline constexpr std::string_view of_japan = "(日本時間)";

} // namespace sekisho::rebuild
