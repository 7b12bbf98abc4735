// "a=b; c=d" as DKIM and DMARC write it (RFC 6376 §3.2).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sekisho::guard {

/// Values without white space at their ends.  Nothing: not such a list, or a tag twice.
std::optional<std::map<std::string, std::string>> read_tags(std::string_view text);

/// The value of a tag; `otherwise` where it is not there.
std::string tag(const std::map<std::string, std::string> &tags, const std::string &name, std::string_view otherwise = {});

/// All white space out.
std::string squeezed(std::string_view text);

} // namespace sekisho::guard
