// Days and months of the index, UTC.
#pragma once

#include "base/clock.hh"

#include <ctime>
#include <optional>
#include <string>

namespace sekisho::record {

constexpr UnixSeconds day_seconds = 86'400;

inline std::uint64_t day_of(UnixSeconds time) { return time < 0 ? 0 : static_cast<std::uint64_t>(time / day_seconds); }
inline UnixSeconds start_of(std::uint64_t day) { return static_cast<UnixSeconds>(day) * day_seconds; }

struct Date {
  unsigned month; // YYYYMM
  unsigned date;  // 1 to 31
};
inline Date date_of(std::uint64_t day) {
  const std::time_t seconds = start_of(day);
  std::tm date{};
  ::gmtime_r(&seconds, &date);
  return {static_cast<unsigned>((date.tm_year + 1900) * 100 + date.tm_mon + 1), static_cast<unsigned>(date.tm_mday)};
}

/// Nothing: the month has no such day.
inline std::optional<std::uint64_t> day_of(unsigned month, unsigned date) {
  std::tm begin{};
  begin.tm_year = static_cast<int>(month / 100) - 1900;
  begin.tm_mon = static_cast<int>(month % 100) - 1;
  begin.tm_mday = static_cast<int>(date);
  const std::uint64_t day = day_of(::timegm(&begin));
  return date_of(day).date == date ? std::optional(day) : std::nullopt;
}

/// As to_rfc3339 writes it; 0 when it is none.
inline UnixSeconds time_in(const std::string &text) {
  std::tm date{};
  return ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &date) ? ::timegm(&date) : 0;
}

} // namespace sekisho::record
