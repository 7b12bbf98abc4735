// The time of a burst, asked once: the path never looks at a clock itself.
#pragma once

#include "base/clock.hh"

namespace sekisho::path {

struct Now {
  std::uint64_t nanoseconds = 0; // never goes back
  UnixSeconds unix = 0;          // for the expiry of rules

  std::uint32_t seconds() const { return static_cast<std::uint32_t>(nanoseconds / 1'000'000'000); }
};

} // namespace sekisho::path
