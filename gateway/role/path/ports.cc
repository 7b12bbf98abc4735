#include "gateway/role/path/ports.hh"

#include <algorithm>

namespace sekisho::role {
namespace {

/// A device of the rules, and the zones on it.
struct Wire {
  port::PortWish wish;
  std::vector<rules::ZoneId> zones;
};

std::vector<Wire> wires_of(const rules::RuleSet &rules) {
  std::vector<Wire> wires;
  for (std::size_t id = 0; id < rules.zones().size(); ++id) {
    const rules::Zone &zone = rules.zones()[id];
    std::uint32_t mtu = zone.mtu == 0 ? 1500 : zone.mtu;
    if (zone.vlan.inner != 0) mtu += 4; // devices allow for one tag
    auto same = std::ranges::find(wires, zone.port, [](const Wire &wire) { return wire.wish.port; });
    if (same == wires.end()) same = wires.insert(same, Wire{.wish = {.port = zone.port}, .zones = {}});
    same->wish.mtu = std::max(same->wish.mtu, mtu);
    same->zones.push_back(static_cast<rules::ZoneId>(id));
  }
  return wires;
}

} // namespace

Result<std::unique_ptr<ZonePorts>> ZonePorts::open(const PathConfig &config,
                                                   const rules::RuleSet &rules) {
  std::vector<Wire> wires = wires_of(rules);
  std::vector<port::PortWish> wishes;
  for (const Wire &wire : wires) wishes.push_back(wire.wish);
  Result<std::unique_ptr<port::Dpdk>> dpdk = port::Dpdk::start(
      wishes, {.eal_arguments = config.eal_arguments, .processors = config.processors});
  if (!dpdk) return fail(dpdk.error());

  auto ports = std::make_unique<ZonePorts>();
  ports->dpdk_ = std::move(*dpdk);
  ports->doors_.resize(rules.zones().size());
  for (std::size_t wire = 0; wire < wires.size(); ++wire)
    ports->share_wire(wires[wire].zones, rules, wire);
  for (std::size_t zone = 0; zone < ports->doors_.size(); ++zone)
    TRY(ports->open_tap(static_cast<rules::ZoneId>(zone),
                        zone < config.taps.size() ? config.taps[zone] : -1));
  return ports;
}

void ZonePorts::share_wire(const std::vector<rules::ZoneId> &zones, const rules::RuleSet &rules,
                           std::size_t wire) {
  auto tag_of = [&](rules::ZoneId zone) {
    const rules::VlanTag &tag = rules.zones()[zone].vlan;
    return port::VlanTag{tag.outer, tag.inner};
  };
  for (rules::ZoneId zone : zones) doors_[zone].wire = wire;
  // A zone without tag, alone on its wire, needs no trunk: tagged frames are refused by the path.
  bool is_shared = zones.size() > 1 || tag_of(zones[0]) != port::VlanTag{};
  for (std::size_t core = 0; core < dpdk_->owners().cores(); ++core) {
    port::Port &port = dpdk_->port(wire, core);
    if (!is_shared) {
      doors_[zones[0]].ports.push_back(&port);
      continue;
    }
    trunks_.push_back(std::make_unique<port::Trunk>(port, dpdk_->pool(core)));
    for (rules::ZoneId zone : zones) doors_[zone].ports.push_back(&trunks_.back()->add(tag_of(zone)));
  }
}

/// The tap of a zone speaks with the MAC of the zone's port: on the wire they are one device.
Result<void> ZonePorts::open_tap(rules::ZoneId zone, int fd) {
  std::size_t cores = dpdk_->owners().cores();
  std::vector<port::Port *> &taps = doors_[zone].taps;
  taps.assign(cores, nullptr);
  if (fd < 0) return {};
  const port::Port &wire = port(zone, 0);
  TRY(port::set_tap_mac(fd, wire.mac()));
  std::vector<port::FramePool *> pools;
  for (std::size_t core = 0; core < cores; ++core) {
    pools.push_back(&dpdk_->pool(core));
    taps_.push_back(std::make_unique<port::TapPort>("tap of " + std::string(wire.name()), wire.mac(), fd,
                                                    dpdk_->pool(core), /*reads=*/core == 0));
    taps[core] = taps_.back().get();
  }
  if (cores == 1) return {};
  exchanges_.push_back(std::make_unique<port::Exchange>(dpdk_->owners(), taps, pools, false));
  for (std::size_t core = 0; core < cores; ++core) taps[core] = &exchanges_.back()->port(core);
  return {};
}

port::Dpdk::Handed ZonePorts::handed() const {
  port::Dpdk::Handed handed = dpdk_->handed();
  for (const auto &exchange : exchanges_) {
    handed.over += exchange->handed_over();
    handed.lost += exchange->lost();
  }
  return handed;
}

} // namespace sekisho::role
