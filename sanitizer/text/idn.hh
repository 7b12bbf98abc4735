// Internationalized domain names as the name service has them (RFC 5891, RFC 8616).
#pragma once

#include <string>
#include <string_view>

namespace sekisho::text {

/// A-labels in place of U-labels; what is ASCII already stays as it is.  Empty: no such name can be.
std::string to_ascii_domain(std::string_view utf8_domain);
/// The address, or the domain alone, as rules name it; one whose domain no name service can have stays as it is.
std::string with_ascii_domain(std::string_view address);

} // namespace sekisho::text
