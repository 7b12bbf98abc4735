// The named character references of HTML (HTML Standard §13.5), written by entities.py.
#pragma once

#include <span>
#include <string_view>

namespace sekisho::text {

struct NamedCharacter {
  std::string_view name; // without & and ;
  std::string_view text; // UTF-8, one or two characters
  bool without_semicolon; // it also works so
};

extern const std::span<const NamedCharacter> named_characters; // by name, in octet order

} // namespace sekisho::text
