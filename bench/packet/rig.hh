// A path between two zones on net_null ports.
#pragma once

#include "bench/packet/measure.hh"
#include "bench/packet/source.hh"
#include "gateway/path/path.hh"
#include "gateway/port/dpdk.hh"

#include <optional>

namespace sekisho::bench {

class Rig {
public:
  /// Its ports are `first` and the one after.
  explicit Rig(port::Dpdk &dpdk, std::size_t first = 0);

  /// A new path with room for `flows`; what comes in by the zones' ports (null: nothing).  `known_first`: as
  /// sekishod has it; where bursts are always full, packets of no flow would not be judged.
  void renew(std::size_t flows, std::shared_ptr<const path::Policy> policy, port::Port *from_a,
             port::Port *from_b, bool known_first = false);
  void open(const Flow &flow);
  /// Throws when not all could be opened: then the figure is none.
  void open_all(const std::vector<Flow> &flows);

  port::Port &port(unsigned zone) { return dpdk_.port(first_ + zone); }
  /// The MACs that frames are addressed to.
  std::array<Mac, 2> gateways() { return {sources_[0]->mac(), sources_[1]->mac()}; }
  path::Path &path() { return *path_; }
  std::size_t turn();
  /// The two ports' frames received and sent on, and nothing else.
  std::size_t turn_without_path();
  /// What the record would have taken.
  void take_events();

  Sample path_ns(double seconds);
  Sample bare_ns(double seconds);
  /// Packets dropped so far, but for those for which the port had no room.
  std::uint64_t dropped() const;
  std::string reasons() const;
  /// Throws when the last path_ns() dropped a packet (`wanted` false) or passed one (true).
  void expect_dropped(std::string_view name, bool wanted);

private:
  port::Dpdk &dpdk_;
  std::size_t first_;
  std::array<Silent, 2> silent_;
  std::array<port::Port *, 2> sources_{};
  std::shared_ptr<const path::Policy> policy_;
  path::EventRing events_;
  std::unique_ptr<path::Path> path_;
  std::uint64_t dropped_before_ = 0, passed_before_ = 0;
  std::uint64_t passed() const;
};

path::Now now();

} // namespace sekisho::bench
