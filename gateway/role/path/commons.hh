// What the forwarding cores have in common besides the wire: the limits, the word of the neighbours, and the
// device table they tell of what they see.
#pragma once

#include "gateway/path/devices.hh"
#include "gateway/path/path.hh"

namespace sekisho::role {

class Commons {
public:
  explicit Commons(std::size_t cores);

  /// `options` with this core's part of it.  Outlives the paths.
  path::PathOptions options_of(std::size_t core, path::PathOptions options);

  /// The attendant's only.
  path::Devices &devices() { return devices_; }
  const path::Devices &devices() const { return devices_; }
  /// Takes what the cores have seen; returns what is to be recorded.
  std::vector<path::DeviceEvent> watch(UnixSeconds now);

  /// Any thread may take its snapshot.
  const path::Limits &limits() const { return limits_; }

private:
  path::Limits limits_;
  path::Devices devices_;
  std::vector<std::unique_ptr<path::SightingRing>> sightings_;  // one a core
  std::vector<std::unique_ptr<path::AcquaintanceRing>> heard_; // one for each core but the first
};

} // namespace sekisho::role
