// Values of DSN parameters: xtext, and the address behind ORCPT.  RFC 3461 §4, RFC 6533 §3.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sekisho::smtp {

/// Printable ASCII without "+" and "=", or "+" and two upper-case hex digits for an octet.  Nothing when it is
/// none, or when it stands for anything but printable ASCII: such a word could not stand in a report.
std::optional<std::string> decode_xtext(std::string_view text);

/// UTF-8 as utf-8-addr-xtext has it, "\x{5C0F}" for 小 (RFC 6533 §3): it may go to any peer, and stand in a report.
std::string without_utf8(std::string_view unitext);

/// "rfc822;a+2Bb@c.example", or "utf-8;…", there with UTF-8 as it is where `utf8`.  An address type is an atom.
bool is_original_recipient(std::string_view value, bool utf8);

} // namespace sekisho::smtp
