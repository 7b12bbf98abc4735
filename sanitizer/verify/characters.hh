// The characters that clean text may hold.
#pragma once

#include <string_view>

namespace sekisho::verify {

/// Control characters (TAB and LF too), bidirectional controls, invisible characters and line ends,
/// noncharacters, tags.
bool is_forbidden(char32_t code_point);

/// UTF-8 without any of those but TAB and LF.
bool is_clean_text(std::string_view text);

} // namespace sekisho::verify
