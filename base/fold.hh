// Letters of the Latin, Greek and Cyrillic scripts, Roman numerals, letters in circles and wide ones, small (the simple
// case foldings of Unicode): names that differ in more are two files on every system.
#pragma once

#include <string>
#include <string_view>

namespace sekisho {

/// `utf8`: well formed; what is not is replaced.
std::string folded(std::string_view utf8);

} // namespace sekisho
