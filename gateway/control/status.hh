// The one status object, joined from what the roles say of themselves.
#pragma once

#include "gateway/control/protocol.hh"

namespace sekisho::control {

/// `supervisor`: {"version", "policy", "rules", "roles": [{"name", "state", …}], "zones": [{"name", …}]}.
/// `role`: what the role of this name answered (gateway/role/roles.hh), hostile: its counters go to
/// "counters", its zones into "zones", the rest under its name.
void add_role(Json &supervisor, const std::string &name, const std::string &untrusted_reply);

/// What a role answered, hostile: anything but JSON of little depth is nothing.
Json parse_reply(std::string_view untrusted);

/// It should run and did not answer.
void add_silent_role(Json &supervisor, const std::string &name);

} // namespace sekisho::control
