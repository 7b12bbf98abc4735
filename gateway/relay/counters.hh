// What `sekisho status` counts for this role.
#pragma once

#include "base/reason.hh"

#include <array>
#include <cstdint>

namespace sekisho::relay {

struct Counters {
  std::array<std::uint64_t, reason_count> reasons{};
  std::uint64_t accepted = 0, clean = 0, delivered = 0, held = 0, deferred = 0, connections = 0;
  void count(Reason reason) { ++reasons[static_cast<std::size_t>(reason)]; }
};

} // namespace sekisho::relay
