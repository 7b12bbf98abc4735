// The device table as JSON: for `sekisho devices`, for the record, and over a restart.
#include "gateway/path/devices.hh"

#include "base/json_members.hh"

#include <algorithm>

namespace sekisho::path {
namespace {

using Json = nlohmann::ordered_json;
using Kind = DeviceEvent::Kind;

constexpr std::array kinds = {Kind::appeared, Kind::unknown, Kind::moved, Kind::changed,
                              Kind::contradicts, Kind::flood};
constexpr std::array<std::string_view, 4> standings = {"seen", "refused", "heard", "permitted"};

std::string zone_name(rules::ZoneId zone, const rules::RuleSet &rules) {
  return zone < rules.zones().size() ? rules.zones()[zone].name : std::string();
}

Json address_of(const Ip &ip) { return ip == Ip{} ? Json(nullptr) : Json(to_string(ip)); }
Json reason_of(Reason reason) {
  return reason == Reason::none ? Json(nullptr) : Json(word_of(reason));
}

/// All but the time, which the record writes otherwise.
Json members_of(const DeviceEvent &event, const rules::RuleSet &rules) {
  Json json{{"event", word_of(event.kind)}};
  if (event.kind != Kind::flood) {
    json["zone"] = zone_name(event.zone, rules);
    if (event.kind == Kind::moved) json["from"] = zone_name(event.from, rules);
    json["address"] = address_of(event.ip);
    json["reason"] = reason_of(event.reason);
  }
  json["count"] = event.count;
  return json;
}

// -- reading back: a file that somebody may have changed -----------------------------------------------

std::int64_t number(const Json &object, const char *name) { return std::max<std::int64_t>(0, integer_in(object, name)); }
std::vector<Json> list(const Json &object, const char *name, std::size_t most) {
  auto found = object.find(name);
  std::vector<Json> items;
  if (found == object.end() || !found->is_array()) return items;
  for (const Json &item : *found)
    if (item.is_object() && items.size() < most) items.push_back(item);
  return items;
}
Ip address(const Json &object) { return parse_ip(text_in(object, "address")).value_or(Ip{}); }

bool read_event(const Json &json, const rules::RuleSet &rules, DeviceEvent &event) {
  auto kind = std::ranges::find(kinds, text_in(json, "event"), [](Kind kind) { return word_of(kind); });
  if (kind == kinds.end()) return false;
  event.kind = *kind;
  event.zone = rules.zone_named(text_in(json, "zone")).value_or(rules::no_zone);
  event.from = rules.zone_named(text_in(json, "from")).value_or(rules::no_zone);
  event.ip = address(json);
  event.reason = reason_from_word(text_in(json, "reason")).value_or(Reason::none);
  event.count = static_cast<std::uint64_t>(number(json, "count"));
  event.time = number(json, "at");
  return true;
}

bool read_row(const Json &json, const rules::RuleSet &rules, DeviceRow &row) {
  std::optional<Mac> mac = parse_mac(text_in(json, "mac"));
  std::optional<rules::ZoneId> zone = rules.zone_named(text_in(json, "zone"));
  auto standing = std::ranges::find(standings, text_in(json, "standing"));
  row.first_seen = number(json, "first_seen");
  if (!mac || mac->is_group() || !zone || standing == standings.end() || row.first_seen == 0)
    return false;
  row.mac = *mac;
  row.zone = *zone;
  row.standing = static_cast<Standing>(standing - standings.begin());
  row.last_seen = std::max(row.first_seen, number(json, "last_seen"));
  row.trusted_at = number(json, "trusted_at");
  row.seen = static_cast<std::uint64_t>(number(json, "seen"));
  row.refused = static_cast<std::uint64_t>(number(json, "refused"));
  row.reason = reason_from_word(text_in(json, "reason")).value_or(Reason::none);
  row.change_count = static_cast<std::uint64_t>(number(json, "change_count"));
  for (const Json &item : list(json, "addresses", Devices::max_addresses))
    if (Ip ip = address(item); ip != Ip{})
      row.addresses.push_back({ip, number(item, "first_seen"), number(item, "last_seen")});
  for (const Json &item : list(json, "changes", Devices::max_changes)) {
    DeviceEvent event{.mac = row.mac, .ip = {}};
    if (read_event(item, rules, event)) row.changes.push_back(event);
  }
  return true;
}

} // namespace

Json to_json(const DeviceRow &row, const rules::RuleSet &rules) {
  Json addresses = Json::array(), changes = Json::array();
  for (const DeviceAddress &one : row.addresses)
    addresses.push_back({{"address", to_string(one.ip)},
                         {"first_seen", one.first_seen},
                         {"last_seen", one.last_seen}});
  for (const DeviceEvent &event : row.changes) {
    Json change = members_of(event, rules);
    change["at"] = event.time;
    changes.push_back(std::move(change));
  }
  return {{"mac", to_string(row.mac)},
          {"zone", zone_name(row.zone, rules)},
          {"host", row.host.empty() ? Json(nullptr) : Json(row.host)},
          {"standing", standings[static_cast<std::size_t>(row.standing)]},
          {"first_seen", row.first_seen},
          {"last_seen", row.last_seen},
          {"trusted_at", row.trusted_at},
          {"seen", row.seen},
          {"refused", row.refused},
          {"reason", reason_of(row.reason)},
          {"addresses", std::move(addresses)},
          {"changes", std::move(changes)},
          {"change_count", row.change_count}};
}

Json to_json(const DeviceEvent &event, const rules::RuleSet &rules) {
  Json json = members_of(event, rules);
  json["at"] = to_rfc3339(event.time);
  if (event.kind != Kind::flood) json["mac"] = to_string(event.mac);
  return json;
}

Json Devices::to_json(const rules::RuleSet &rules, std::optional<rules::ZoneId> of_zone) const {
  Json rows = Json::array();
  for (const DeviceRow &row : snapshot())
    if (row.first_seen != 0 && (!of_zone || row.zone == *of_zone)) rows.push_back(path::to_json(row, rules));
  return {{"devices", std::move(rows)}};
}

Result<void> Devices::from_json(const Json &untrusted, const rules::RuleSet &rules) {
  auto rows = untrusted.is_object() ? untrusted.find("devices") : untrusted.end();
  if (!untrusted.is_object() || rows == untrusted.end() || !rows->is_array())
    return fail("the device table is damaged; it begins anew");
  for (const Json &json : *rows) {
    DeviceRow row;
    if (json.is_object() && read_row(json, rules, row)) restore(std::move(row));
  }
  return {};
}

} // namespace sekisho::path
