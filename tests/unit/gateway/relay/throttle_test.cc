// Peers that wait for their 250 while much is under way: in the order they came, and never for ever.
#include "gateway/relay/throttle.hh"

#include <gtest/gtest.h>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;

class ThrottleTest : public testing::Test {
protected:
  void arrive(int peer) {
    start(loop_, [](ThrottleTest &self, int peer) -> Task<void> {
      co_await self.throttle_.wait();
      self.told_.push_back(peer);
    }(*this, peer));
  }
  void run(std::chrono::milliseconds time = 0ms) {
    loop_.restart();
    loop_.poll();
    loop_.run_for(time);
  }

  net::io_context loop_;
  Throttle throttle_{loop_, 2};
  std::vector<int> told_;
};

TEST_F(ThrottleTest, nobody_waits_while_little_is_under_way) {
  throttle_.begin();
  throttle_.begin();
  arrive(1);
  run();
  EXPECT_EQ(told_, std::vector{1});
  EXPECT_EQ(throttle_.in_line(), 0u);
}

TEST_F(ThrottleTest, one_is_told_for_each_mail_that_goes) {
  for (int i = 0; i < 4; ++i) throttle_.begin();
  for (int peer = 1; peer <= 3; ++peer) arrive(peer);
  run();
  EXPECT_EQ(told_, std::vector<int>());
  EXPECT_EQ(throttle_.in_line(), 3u);
  throttle_.end();
  throttle_.end();
  run();
  EXPECT_EQ(told_, (std::vector{1, 2}));
  arrive(4); // little is under way now, yet another came before
  run();
  EXPECT_EQ(told_, (std::vector{1, 2}));
  throttle_.end();
  throttle_.end();
  run();
  EXPECT_EQ(told_, (std::vector{1, 2, 3, 4}));
  EXPECT_EQ(throttle_.working(), 0u);
}

TEST_F(ThrottleTest, a_long_queue_becomes_short_again) {
  for (int i = 0; i < 10; ++i) throttle_.begin();
  for (int peer = 1; peer <= 4; ++peer) arrive(peer);
  run();
  for (int i = 0; i < 4; ++i) throttle_.end();
  run();
  EXPECT_EQ(told_, (std::vector{1, 2}));
  for (int i = 0; i < 3; ++i) throttle_.end(); // it is shorter
  run();
  EXPECT_EQ(told_.size(), 4u);
}

TEST_F(ThrottleTest, where_nothing_moves_they_are_told_all_the_same) {
  for (int i = 0; i < 3; ++i) throttle_.begin();
  arrive(1);
  run(5ms);
  EXPECT_EQ(told_, std::vector<int>());
  run(2000ms); // ends with the last wait
  EXPECT_EQ(told_, std::vector{1});
  EXPECT_EQ(throttle_.in_line(), 0u);
}

} // namespace
} // namespace sekisho::relay
