// Base64 (RFC 4648 §4), written.  Read it is where it comes from outside: sanitizer/mime/transfer.
#pragma once

#include <string>
#include <string_view>

namespace sekisho {

std::string base64(std::string_view octets);
void append_base64(std::string &out, std::string_view octets);
/// Lines of 76 characters, each with CRLF.  RFC 2045 §6.8.
void append_base64_lines(std::string &out, std::string_view octets);

} // namespace sekisho
