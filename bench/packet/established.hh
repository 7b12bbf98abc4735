// Known flows of the town, spread over its rules, and their frames.
#pragma once

#include "bench/packet/rig.hh"

namespace sekisho::bench {

/// Frames of both directions, at random.
class Established {
public:
  Established(port::Dpdk &dpdk, std::size_t rules, std::size_t flows = 4096);
  /// Throws when a packet was dropped.
  Sample ns(std::string_view name, double seconds);

  Town town;
  std::string text; // the town's rules
  Rig rig;

private:
  std::array<Listed, 2> sources_;
};

/// Frames that no rule permits: sources that no host is listed for, ports that no rule names,
/// addresses within the networks of the rules.
std::vector<Octets> refused_frames(std::size_t count, const Mac &gateway, bool are_ipv6 = false);

} // namespace sekisho::bench
