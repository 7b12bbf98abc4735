#include "gateway/control/status.hh"

namespace sekisho::control {
namespace {

constexpr int most_nested = 8;

void merge_zone(Json &zones, const Json &told) {
  if (!told.is_object() || !told.contains("name") || !zones.is_array()) return;
  for (Json &zone : zones) {
    if (!zone.is_object() || zone["name"] != told["name"]) continue;
    for (auto &[name, value] : told.items())
      if (!zone.contains(name)) zone[name] = value; // what the supervisor said stands
  }
}

void set_state(Json &supervisor, const std::string &name, const char *state) {
  if (!supervisor.contains("roles") || !supervisor["roles"].is_array()) return;
  for (Json &role : supervisor["roles"])
    if (role.is_object() && role.value("name", "") == name && role.value("state", "") == "up")
      role["state"] = state;
}

} // namespace

void add_role(Json &supervisor, const std::string &name, const std::string &untrusted_reply) {
  Json told = parse_reply(untrusted_reply);
  if (!told.is_object()) {
    set_state(supervisor, name, "odd");
    return;
  }
  if (auto counters = told.find("counters"); counters != told.end()) {
    supervisor["counters"][name] = *counters;
    told.erase("counters");
  }
  if (auto zones = told.find("zones"); zones != told.end() && zones->is_array()) {
    for (const Json &zone : *zones) merge_zone(supervisor["zones"], zone);
    told.erase("zones");
  }
  supervisor[name] = std::move(told);
}

Json parse_reply(std::string_view untrusted) {
  return is_nested_at_most(untrusted, most_nested) ? Json::parse(untrusted, nullptr, false) : Json();
}

void add_silent_role(Json &supervisor, const std::string &name) {
  set_state(supervisor, name, "silent");
}

} // namespace sekisho::control
