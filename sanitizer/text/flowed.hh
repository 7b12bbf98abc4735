// Text whose lines flow (RFC 3676): paragraphs were cut at 72 columns for sending and are joined again.
#pragma once

#include <string>
#include <string_view>

namespace sekisho::text {

/// `text`: UTF-8, lines end in LF.  A line that ends in a space goes on in the next one of the same quotation depth;
/// with `delsp` that space was only a mark and goes.  Stuffed spaces are taken off; the line "-- " stays alone.
std::string unflowed(std::string_view text, bool delsp);

} // namespace sekisho::text
