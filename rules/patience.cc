#include "rules/relay_patience.hh"

#include <algorithm>

namespace sekisho::rules {

std::uint64_t wait_after(const PatienceRule &rule, std::uint64_t attempts) {
  std::uint64_t wait = rule.first_wait;
  for (std::uint64_t n = 1; n < attempts && wait < rule.longest_wait; ++n) wait *= 3;
  return std::min(wait, rule.longest_wait);
}

} // namespace sekisho::rules
