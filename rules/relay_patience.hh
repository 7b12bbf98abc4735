// Of a relay: how often a mail that its next hop does not take is tried again, for how long, and when its sender hears of it.
#pragma once

#include <cstdint>

namespace sekisho::rules {

/// Seconds.  Each wait is three times the one before, up to the longest.
struct PatienceRule {
  std::uint64_t first_wait = 5;         // between the first attempt and the second
  std::uint64_t longest_wait = 3600;
  std::uint64_t give_up = 5 * 86'400;   // since it was accepted; then it is undeliverable
  std::uint64_t delay_notice = 0;       // since it was accepted; 0: nobody is told of a delay
  bool operator==(const PatienceRule &) const = default;
};

/// The wait behind that many attempts, 1 or more.
std::uint64_t wait_after(const PatienceRule &rule, std::uint64_t attempts);

} // namespace sekisho::rules
