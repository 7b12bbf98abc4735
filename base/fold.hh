// Letters of the Latin, Greek and Cyrillic scripts, Roman numerals, letters in circles and wide ones, small (the simple
// case foldings of Unicode), and kana with their voicing mark as one character, as Windows writes them, where macOS writes two:
// names that differ in more are two files on every system, but for accents of other scripts that stand alone.
#pragma once

#include <string>
#include <string_view>

namespace sekisho {

/// `utf8`: well formed; what is not is replaced.
std::string folded(std::string_view utf8);

} // namespace sekisho
