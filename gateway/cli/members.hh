// Members of what the daemon answers: hostile enough to be asked for with care.
#pragma once

#include "base/json_members.hh"
#include "gateway/control/protocol.hh"

#include <string>

namespace sekisho::cli {

/// The same for whoever reads JSON, and nothing that would act on a terminal where it is shown: such characters are written as \uXXXX.
std::string to_text(const control::Json &json);

} // namespace sekisho::cli
