#include "gateway/path/limits_json.hh"

#include <algorithm>

namespace sekisho::path {

nlohmann::ordered_json limits_json(const Limits &limits, const Policy &policy) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  std::vector<Limits::Row> rows = limits.snapshot();
  if (rows.empty()) return json;
  const rules::RuleSet &rules = policy.rules();
  for (const rules::Permit &permit : rules.permits()) {
    if (!permit.limits.any() || permit.rule >= rules.labels().size()) continue;
    auto row = std::ranges::find(rows, policy.identity_of(permit), &Limits::Row::rule);
    if (row != rows.end())
      json[rules.labels()[permit.rule]] = {{"connections", row->connections}, {"refused", row->refused}};
  }
  return json;
}

} // namespace sekisho::path
