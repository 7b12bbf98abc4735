// What the path role opens while it is still root: the ports of the zones and their taps.
#pragma once

#include "gateway/port/dpdk.hh"
#include "gateway/port/tap.hh"
#include "gateway/role/roles.hh"
#include "rules/ruleset.hh"

namespace sekisho::role {

struct Taps {
  std::vector<std::unique_ptr<port::TapPort>> ports; // null where the zone has none
};

Result<std::unique_ptr<port::Dpdk>> open_ports(const PathConfig &config, const rules::RuleSet &rules);

/// The tap of a zone speaks with the MAC of the zone's port: on the wire they are one device.
Result<Taps> open_taps(const PathConfig &config, port::Dpdk &dpdk);

} // namespace sekisho::role
