// What the path role opens while it is still root: the ports of the zones and their taps, and who gets which.
#pragma once

#include "gateway/port/dpdk.hh"
#include "gateway/port/exchange.hh"
#include "gateway/port/tap.hh"
#include "gateway/port/trunk.hh"
#include "gateway/role/roles.hh"
#include "rules/ruleset.hh"

namespace sekisho::role {

/// The doors of every zone for every core.  A wire is opened once, whatever zones share it by VLAN tags.  Taps
/// are read by core 0, which hands on what other cores own; all cores write them.
class ZonePorts {
public:
  static Result<std::unique_ptr<ZonePorts>> open(const PathConfig &config,
                                                 const rules::RuleSet &rules);

  port::Port &port(rules::ZoneId zone, std::size_t core) { return *doors_[zone].ports[core]; }
  /// Null where the zone has none.
  port::Port *tap(rules::ZoneId zone, std::size_t core) { return doors_[zone].taps[core]; }
  std::size_t zone_count() const { return doors_.size(); }
  port::Dpdk &dpdk() { return *dpdk_; }
  port::Dpdk::Handed handed() const;
  /// Whether the wire of that zone has its link.
  std::optional<bool> link(rules::ZoneId zone) const { return dpdk_->link(doors_[zone].wire); }

private:
  struct Doors {
    std::vector<port::Port *> ports, taps; // by core
    std::size_t wire = 0;
  };
  void share_wire(const std::vector<rules::ZoneId> &zones, const rules::RuleSet &rules, std::size_t wire);
  Result<void> open_tap(rules::ZoneId zone, int fd);

  std::unique_ptr<port::Dpdk> dpdk_;
  std::vector<Doors> doors_; // by zone
  std::vector<std::unique_ptr<port::Trunk>> trunks_;
  std::vector<std::unique_ptr<port::TapPort>> taps_;
  std::vector<std::unique_ptr<port::Exchange>> exchanges_;
};

} // namespace sekisho::role
