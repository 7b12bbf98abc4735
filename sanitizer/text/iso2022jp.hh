// UTF-8 to ISO-2022-JP, for those who must have it (RFC 1468).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sekisho::text {

/// ASCII and JIS X 0208 alone: no NEC or IBM extensions.  Half-width katakana become full-width ones,
/// voiced marks join their letters, U+00A0 becomes a space, and where Windows and everybody else mean
/// the same character by two code points (U+FF5E and U+301C, U+FF0D and U+2212, U+2225 and U+2016 …)
/// either is written.  Each line and the whole end in ASCII.  Nothing: there are characters that it
/// does not have.  `utf8`: as verify::accept_text wants it.
std::optional<std::string> to_iso_2022_jp(std::string_view utf8);

} // namespace sekisho::text
