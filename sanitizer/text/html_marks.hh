// Marks of the items of lists (HTML Standard §4.4.5, CSS Counter Styles Level 3).  Private to text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sekisho::text {

enum class Marks : std::uint8_t {
  usual, // as the list has them
  none,
  bullet,
  written, // words of the style's own
  decimal,
  leading_zero,
  lower_alpha,
  upper_alpha,
  lower_roman,
  upper_roman,
  lower_greek,
  katakana,
  hiragana,
  katakana_iroha,
  hiragana_iroha,
  kanji,        // 十二
  kanji_digits, // 一二
};

/// A word of list-style (lower case); usual where it is none of these.
Marks marks_named(std::string_view word);
/// The type of an <ol>.
Marks marks_of_type(std::string_view type);

/// As it stands before an item, with what sets it apart.
std::string list_mark(Marks marks, int number);

} // namespace sekisho::text
