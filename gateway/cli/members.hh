// Members of what the daemon answers: hostile enough to be asked for with care.
#pragma once

#include "base/json_members.hh"
#include "gateway/control/protocol.hh"

#include <string>

namespace sekisho::cli {

inline std::string to_text(const control::Json &json) {
  return json.dump(2, ' ', false, control::Json::error_handler_t::replace);
}

} // namespace sekisho::cli
