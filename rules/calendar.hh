// Days of the rule file: a rule ends with its last day in Japan.
#pragma once

#include "base/clock.hh"
#include "rules/ruleset.hh"

#include <optional>
#include <string>
#include <string_view>

namespace sekisho::rules {

/// "2027-03-31" to the last second of that day at UTC+9; years 2000 to 2999.
std::optional<UnixSeconds> last_second_of(std::string_view date);

/// "2027-03-31" from the first second of that day at UTC+9.
std::optional<UnixSeconds> first_second_of(std::string_view date);

constexpr std::uint8_t weekdays = 0b0011111, weekend = 0b1100000, every_day = 0b1111111;
/// "weekdays 08:30-17:15", "mon, wed 22:00-06:00"
std::string words_of(const Schedule &schedule);
/// "08:30-17:15" as minutes of the day; the second at most 24:00.
std::optional<std::pair<std::uint16_t, std::uint16_t>> read_hours(std::string_view text);

/// The day in Japan, "2027-03-31".
std::string date_of(UnixSeconds time);
/// The minute in Japan, "2027-03-31 08:30".
std::string minute_of(UnixSeconds time);

} // namespace sekisho::rules
