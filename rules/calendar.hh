// Days of the rule file: a rule ends with its last day in Japan.
#pragma once

#include "base/clock.hh"

#include <optional>
#include <string>
#include <string_view>

namespace sekisho::rules {

/// "2027-03-31" to the last second of that day at UTC+9; years 2000 to 2999.
std::optional<UnixSeconds> last_second_of(std::string_view date);

/// The day in Japan, "2027-03-31".
std::string date_of(UnixSeconds time);

} // namespace sekisho::rules
