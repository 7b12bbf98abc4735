#include "rules/relay_patience.hh"

#include <gtest/gtest.h>

#include <limits>

namespace sekisho::rules {
namespace {

TEST(Patience, WaitsGrowUpToTheLongest) {
  const PatienceRule usual;
  std::vector<std::uint64_t> waits;
  for (std::uint64_t attempts = 1; attempts <= 8; ++attempts) waits.push_back(wait_after(usual, attempts));
  EXPECT_EQ(waits, (std::vector<std::uint64_t>{5, 15, 45, 135, 405, 1215, 3600, 3600}));
  EXPECT_EQ(wait_after(usual, std::numeric_limits<std::uint64_t>::max()), 3600u);
  EXPECT_EQ(wait_after({.first_wait = 60, .longest_wait = 60}, 3), 60u);
}

} // namespace
} // namespace sekisho::rules
