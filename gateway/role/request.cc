#include "gateway/role/request.hh"

#include <cstdint>

namespace sekisho::role {

Request read_request(const std::string &untrusted) {
  using Json = nlohmann::ordered_json;
  Request request{{}, Json::object()};
  const Json told = Json::parse(untrusted, nullptr, false);
  if (!told.is_object()) return request;
  if (auto zone = told.find("zone"); zone != told.end() && zone->is_string()) request.zone = *zone;
  auto who = told.find("who");
  if (who == told.end() || !who->is_object()) return request;
  for (const char *name : {"uid", "pid"})
    if (auto number = who->find(name); number != who->end() && number->is_number_integer())
      request.who[name] = number->get<std::int64_t>();
  return request;
}

} // namespace sekisho::role
