// Subjects as they are compared: what a person may type otherwise is the same.
#pragma once

#include <string>
#include <string_view>

namespace sekisho::record {

constexpr std::size_t most_subject = 200; // characters that are looked at

/// Blanks left out, full-width Latin as half-width, half-width katakana as full-width, a mark of voice joined with its letter,
/// Latin letters small.  The first most_subject characters of it.
std::u32string fold(std::string_view subject);

} // namespace sekisho::record
