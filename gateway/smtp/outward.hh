// What may be written to a next hop: looked at before its first octet is.
#pragma once

#include "base/bytes.hh"

#include <string_view>

namespace sekisho::smtp {

constexpr std::size_t max_outward_line = 998; // octets without CRLF, RFC 5321 §4.5.3.1.6

struct Shape {
  bool good = true;       // lines end in CRLF, no other CR or LF, none too long, no NUL
  bool eight_bit = false; // an octet outside ASCII
};
Shape shape_of(Bytes text);

/// No octet of it could end the path, or break the command line, that it stands in.
bool is_path_safe(std::string_view address);

} // namespace sekisho::smtp
