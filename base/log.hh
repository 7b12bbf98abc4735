// One line a happening, on standard error: `2026-11-20T18:45:42Z relay: text`.  English, for the operator's
// journal; evidence goes to gateway/record, not here.
#pragma once

#include <string_view>

namespace sekisho {

/// Names this process in every line: "relay", "path" …  Call once at the start of a role.
void set_log_name(std::string_view name);
/// Control characters in `text` are written as \xNN: a peer's words cannot forge a line.
void log_info(std::string_view text);
void log_error(std::string_view text);

} // namespace sekisho
