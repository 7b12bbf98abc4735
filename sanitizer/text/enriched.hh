// text/enriched (RFC 1896) and the older text/richtext (RFC 1341 §7.1.3), which look like HTML and are not.
#pragma once

#include <string>
#include <string_view>

namespace sekisho::text {

/// Without its commands and what they are given; "<<" is '<', and one end of a line less stands where there are several, as
/// they are read.  `utf8`: not cleaned, nor is the result.  Linear.
std::string unenriched(std::string_view utf8);
/// The same of text/richtext, where commands end lines.
std::string unrichtext(std::string_view utf8);

} // namespace sekisho::text
