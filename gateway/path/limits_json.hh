// The limits that count something, for `sekisho status --json`.
#pragma once

#include "gateway/path/policy.hh"

#include <nlohmann/json.hpp>

namespace sekisho::path {

/// {"three-zones.rules:14": {"connections": 3, "refused": 17}, …}: rules in force whose limits hold connections
/// or have refused something; "refused" counts flows and packets.
nlohmann::ordered_json limits_json(const Limits &limits, const Policy &policy);

} // namespace sekisho::path
