// Times and amounts as people write and read them.
#pragma once

#include "base/clock.hh"
#include "base/result.hh"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sekisho::cli {

/// "30s", "5m", "2h", "1d"; nothing when it is not of that shape or above a hundred years.
std::optional<std::uint64_t> parse_duration(std::string_view text);

enum class OfDay : std::uint8_t { begin, end };
/// A moment: "10m" (ago, as parse_duration); "2026-11-20", the first or last second of that day in Japan; "2026-11-20T18:45" or
/// with seconds, in UTC.  With "+09:00" or "Z" at the end, there.
std::optional<UnixSeconds> parse_moment(std::string_view text, UnixSeconds now, OfDay of_day = OfDay::begin);

struct Span {
  std::optional<UnixSeconds> since, until; // both inclusive
};
/// What --since and --until say; empty: nothing.  Errors: what is wrong with them, for the person.
Result<Span> parse_span(const std::string &since, const std::string &until, UnixSeconds now);

/// "12 s", "3 min", "5 h", "8 days".
std::string short_duration(std::uint64_t seconds);
/// "950", "12.3k", "4.56M": three digits.
std::string short_number(double number);

} // namespace sekisho::cli
