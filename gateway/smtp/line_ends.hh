// Where lines end, looked at 64 octets at a time: every octet of every mail comes by here.
#pragma once

#include "base/bytes.hh"

#include <cstddef>
#include <string_view>

namespace sekisho::smtp {

/// How many octets of `text`, which begins at a line's start, are whole lines that end in CRLF, hold no other CR or LF,
/// do not begin with a dot and are at most `max_line` octets with their CRLF.
std::size_t plain_lines(std::string_view text, std::size_t max_line);

/// Every CR stands before an LF and every LF behind a CR: what may be written to the next hop.  No line is longer than
/// `max_line` octets with its CRLF, 64 or more.
bool has_only_crlf(Bytes mail, std::size_t max_line = static_cast<std::size_t>(-1));

} // namespace sekisho::smtp
