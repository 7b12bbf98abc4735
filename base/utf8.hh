// UTF-8 read strictly: no overlong forms, surrogates or values above U+10FFFF.  RFC 3629.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sekisho {

constexpr char32_t utf8_invalid = 0xffffffff;

/// The code point at `position` (which must lie inside `text`), and moves past it.  An ill-formed
/// sequence gives utf8_invalid and moves past its longest well-formed beginning, at least one
/// octet.
char32_t utf8_next(std::string_view text, std::size_t &position);
bool utf8_valid(std::string_view text);
/// `code_point`: a scalar value; anything else becomes U+FFFD.
void utf8_append(std::string &text, char32_t code_point);

} // namespace sekisho
