#include "gateway/role/path/commons.hh"

namespace sekisho::role {
namespace {

constexpr std::size_t sightings_waiting = 4096, words_waiting = 1024;

} // namespace

Commons::Commons(std::size_t cores) : limits_({.hash_key = flow::random_hash_key()[0]}) {
  for (std::size_t core = 0; core < cores; ++core) {
    sightings_.push_back(std::make_unique<path::SightingRing>(sightings_waiting));
    if (core > 0) heard_.push_back(std::make_unique<path::AcquaintanceRing>(words_waiting));
  }
}

/// ARP and neighbour discovery reach the first core (port::Owners), which tells the others.
path::PathOptions Commons::options_of(std::size_t core, path::PathOptions options) {
  options.limits = &limits_;
  options.sightings = sightings_[core].get();
  options.homes = &devices_.homes();
  if (core > 0) options.listen = heard_[core - 1].get();
  else
    for (const auto &ring : heard_) options.tell.push_back(ring.get());
  return options;
}

std::vector<path::DeviceEvent> Commons::watch(UnixSeconds now) {
  std::vector<path::DeviceEvent> events;
  for (const auto &ring : sightings_)
    for (path::Sighting sighting; ring->pop(sighting);) devices_.take(sighting, events);
  devices_.tidy(now, events);
  return events;
}

} // namespace sekisho::role
