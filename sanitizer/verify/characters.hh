// The characters that clean text may hold.
#pragma once

namespace sekisho::verify {

/// Control characters (TAB and LF too), bidirectional controls, invisible characters and line ends,
/// noncharacters, tags.
bool is_forbidden(char32_t code_point);

} // namespace sekisho::verify
