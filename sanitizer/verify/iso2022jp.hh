// ISO-2022-JP as it may leave us; private to verify.
#pragma once

#include <string_view>

namespace sekisho::verify {

/// One line: printable ASCII, TAB, and characters that JIS X 0208 has, between ESC $ B and ESC ( B, neither twice
/// in a row; it begins and ends in ASCII.  RFC 1468.
bool is_iso_2022_jp_line(std::string_view line);

} // namespace sekisho::verify
