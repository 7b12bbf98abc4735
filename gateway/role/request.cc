#include "gateway/role/request.hh"

#include "base/json_members.hh"

#include <algorithm>
#include <charconv>

namespace sekisho::role {

namespace {

constexpr std::uint64_t max_within = 7 * 86'400;

} // namespace

Request read_request(const std::string &untrusted) {
  using Json = nlohmann::ordered_json;
  Request request{{}, 0, Json::object()};
  const Json told = Json::parse(untrusted, nullptr, false);
  if (!told.is_object()) return request;
  request.zone = text_in(told, "zone");
  request.within = std::min(number_in(told, "within"), max_within);
  auto who = told.find("who");
  if (who == told.end() || !who->is_object()) return request;
  for (const char *name : {"uid", "pid"})
    if (auto number = who->find(name); number != who->end() && number->is_number_integer())
      request.who[name] = number->get<std::int64_t>();
  return request;
}

std::int64_t read_uid(std::string_view untrusted) {
  std::uint32_t uid = 0;
  const auto [end, error] = std::from_chars(untrusted.data(), untrusted.data() + untrusted.size(), uid);
  return error == std::errc{} && end == untrusted.data() + untrusted.size() ? std::int64_t{uid} : -1;
}

} // namespace sekisho::role
