// Of a relay: how long and how much is kept of what was held or taken, and who may pass an original (H2, X5).
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::rules {

struct HoldRule {
  std::uint32_t days = 0;               // 0: until a person deletes it
  std::uint64_t most_octets = 0;        // 0: no limit of the relay's own
  std::vector<std::string> original_by; // users; nobody where there are none
  bool may_release_original(std::string_view user) const {
    return !user.empty() && std::ranges::find(original_by, user) != original_by.end();
  }
};

} // namespace sekisho::rules
