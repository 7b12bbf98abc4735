// Whether the words of a spreadsheet's cell say its value.  Private to rebuild.
#pragma once

#include <string_view>

namespace sekisho::rebuild {

/// ODF keeps both, and programs show the value (part 3, 19.387).  `type`: of office:value-type.  Rounded numbers, dates
/// in parts, of other calendars' years or by their weekday say it; what cannot be told does not.
bool shows_value(std::string_view type, std::string_view value, std::string_view words);

} // namespace sekisho::rebuild
