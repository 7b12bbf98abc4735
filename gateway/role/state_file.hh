// Small files of the state folder: replaced whole or not at all, also through a power cut.
#pragma once

#include "base/result.hh"

#include <optional>
#include <string>

namespace sekisho::role {

/// Written beside, flushed, renamed over `path`, the folder flushed.
Result<void> replace_file(const std::string &path, std::string_view text, unsigned mode);
/// Nothing when it is not there.  Errors: it is there and cannot be read, or has more than `limit` octets.
Result<std::optional<std::string>> read_state_file(const std::string &path, std::size_t limit);
/// It is gone afterwards, also after a power cut.
Result<void> remove_file(const std::string &path);

} // namespace sekisho::role
