// Internationalized domain names as the name service has them (RFC 5891, RFC 8616).
#pragma once

#include <string>
#include <string_view>

namespace sekisho::guard {

/// A-labels in place of U-labels; what is ASCII already stays as it is.  Empty: no such name can be.
std::string to_ascii_domain(std::string_view utf8_domain);

} // namespace sekisho::guard
