// Characters of rule text: UTF-8, columns on a terminal, names that look alike.
#pragma once

#include "base/text.hh"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::rules {

struct Character {
  char32_t code = 0;       // U+FFFD where the octets are not UTF-8
  std::uint8_t octets = 1; // how many it takes in the text; 1 where not valid
  bool valid = true;
};

/// The character at the start of `text`, which must not be empty.  RFC 3629: overlong forms and
/// surrogates are not valid.
Character first_character(std::string_view text);

/// Number of characters; an octet that is no UTF-8 counts as one.
std::size_t count_characters(std::string_view text);

/// Cells on a terminal: 2 for wide and full-width characters (UAX #11), 0 for combining marks.
unsigned display_width(char32_t code);

/// Changes the order in which text is shown, or is not shown at all (UAX #9, Trojan Source).
bool is_invisible_control(char32_t code);

/// The word nearest to `typed`, or empty when none is near: fewer edits than a third of its length.
std::string_view nearest(std::string_view typed, std::span<const std::string_view> known);

/// "no zone is called 'ofice'; did you mean 'office'? There are: office, lgwan"
std::string none_called(std::string_view kind, std::string_view typed, std::span<const std::string_view> known);

/// The first characters of `text`, with "…" where something was left off.
std::string clip(std::string_view text, std::size_t max_characters);

} // namespace sekisho::rules
