// Path to words: its events for the record, its state for `sekisho status`.
#pragma once

#include "gateway/path/events.hh"
#include "gateway/path/policy.hh"

#include <nlohmann/json.hpp>

namespace sekisho::path {

using Json = nlohmann::ordered_json;

/// {"event":"flow-permitted", …}, {"event":"flow-ended", …} or {"event":"packet-refused", …}; members in gateway/record/event.hh.
Json to_json(const Event &event, const rules::RuleSet *rules);

/// {"role":"path", "flows", "counters":{word: n}, "zones":[{"name", "port", …, "reasons":{word: n}}]}; reasons
/// that are zero are left out.
Json status_json(const Counters &counters, const Policy &policy);

} // namespace sekisho::path
