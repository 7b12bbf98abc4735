#include "gateway/relay/ages.hh"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace sekisho::relay {
namespace {

constexpr UnixSeconds day = 86'400, year = 365 * day, now = 1'800'000'000;

bool is_within(const std::vector<Ages::Span> &spans, UnixSeconds then) {
  return std::ranges::any_of(spans, [&](const Ages::Span &span) { return span.first <= then && then <= span.last; });
}

TEST(Ages, AreWhatTheClockSaysWhereItGoesOn) {
  Ages ages;
  for (UnixSeconds at = now; at < now + 90 * day; at += 3600) EXPECT_EQ(ages.look(at, at - now + 5), std::nullopt);
  EXPECT_EQ(ages.age(now, now + 90 * day), 90 * day);
  EXPECT_EQ(ages.look(now + 90 * day + 500, 90 * day + 5), std::nullopt) << "a little is set";
  EXPECT_EQ(ages.older_than(10 * day, now), (std::vector<Ages::Span>{{std::numeric_limits<UnixSeconds>::min(), now - 10 * day - 1}}));
}

TEST(Ages, AJumpForwardMakesNothingOlder) { // O2: nothing is lost
  Ages ages;
  EXPECT_EQ(ages.look(now, 100), std::nullopt);
  EXPECT_EQ(ages.look(now + 14 * year, 110), (Ages::Jump{now + 10, now + 14 * year}));
  EXPECT_EQ(ages.look(now + 14 * year + 10, 120), std::nullopt) << "told once";
  EXPECT_EQ(ages.age(now - 5 * day, now + 14 * year + 10), 5 * day + 20);
  EXPECT_FALSE(is_within(ages.older_than(90 * day, now + 14 * year), now - 5 * day));
  EXPECT_TRUE(is_within(ages.older_than(90 * day, now + 14 * year), now - 91 * day));
  // and back again: what was held meanwhile is as old as it is since then
  EXPECT_EQ(ages.look(now + 3600, 3710), (Ages::Jump{now + 14 * year + 3600, now + 3600}));
  EXPECT_EQ(ages.age(now - 5 * day, now + 3600), 5 * day + 3600);
  EXPECT_EQ(ages.age(now + 14 * year + 60, now + 2 * day), 2 * day - 3600);
  EXPECT_TRUE(is_within(ages.older_than(90 * day, now + 91 * day), now + 14 * year + 60));
  EXPECT_FALSE(is_within(ages.older_than(90 * day, now + 90 * day), now + 14 * year + 60));
}

/// The battery's clock shows local time, which is taken for UTC until a time server is heard.
TEST(Ages, HoursThatAreSetMakeNothingOlder) {
  Ages ages;
  const UnixSeconds wrong = now + 9 * 3600;
  EXPECT_EQ(ages.look(wrong, 100), std::nullopt);
  EXPECT_EQ(ages.look(now + 60, 160), (Ages::Jump{wrong + 60, now + 60}));
  EXPECT_EQ(ages.age(wrong + 30, now + 120), 60) << "accepted while the clock was wrong";
  EXPECT_EQ(ages.age(now - 3600, now + 120), 3720);
  EXPECT_EQ(ages.look(now + 180 + 5 * 3600, 280), (Ages::Jump{now + 180, now + 180 + 5 * 3600})) << "and forward";
  EXPECT_EQ(ages.age(now - 3600, now + 240 + 5 * 3600), 3840);
  Ages after; // a restart that took two hours
  ASSERT_TRUE(after.decode(ages.encode(now + 240 + 5 * 3600)));
  EXPECT_EQ(after.look(now + 240 + 7 * 3600, 7540), std::nullopt) << "they passed";
  EXPECT_EQ(after.age(now - 3600, now + 240 + 7 * 3600), 3840 + 7200);
}

TEST(Ages, AClockThatBeganAnewAndWasSetMakesNothingOlder) {
  Ages before;
  before.look(now, 1'000'000);
  Ages ages;
  ASSERT_TRUE(ages.decode(before.encode(now)));
  constexpr UnixSeconds epoch = 946'684'800; // 2000-01-01: a battery is empty
  for (int time = 1; time <= 3; ++time) {
    EXPECT_TRUE(ages.look(epoch + 5, 5)) << time;
    ASSERT_TRUE(ages.look(now + time * 3 * day, 65)) << time;
    const std::string kept = ages.encode(now + time * 3 * day);
    ages = {};
    ASSERT_TRUE(ages.decode(kept));
  }
  EXPECT_EQ(ages.age(epoch + 10, now + 10 * day), day + 55) << "held in the year 2000, before the last jump";
  EXPECT_EQ(ages.age(now - day, now + 10 * day), 11 * day);
}

TEST(Ages, WhileNobodyRanNothingBecameOlder) {
  Ages before, ages;
  before.look(now, 1'000'000);
  ASSERT_TRUE(ages.decode(before.encode(now)));
  EXPECT_EQ(ages.look(now + 20 * day, 3), (Ages::Jump{now + Ages::keep_every, now + 20 * day}));
  EXPECT_EQ(ages.age(now - day, now + 21 * day), 2 * day + Ages::keep_every);
  EXPECT_EQ(ages.age(now + Ages::keep_every, now + 21 * day), day) << "it came after the clock was kept last";
  EXPECT_FALSE(is_within(ages.older_than(10 * day, now + 21 * day), now + 60));
  EXPECT_EQ(ages.look(now + 20 * day + 60, 63), std::nullopt);
}

/// What is known of the clock stands on disk every ten minutes: what came after the last time did not become older either.
TEST(Ages, WhatCameShortlyBeforeAStopBecameNoOlder) {
  Ages ages;
  ASSERT_TRUE(ages.decode(fmt::format("seen {}\n", now)));
  ASSERT_TRUE(ages.look(now + 6 * day, 5));
  EXPECT_LT(ages.age(now + 300, now + 6 * day + 60), 1000);
  EXPECT_FALSE(is_within(ages.older_than(5 * day, now + 6 * day + 60), now + 300));
  EXPECT_TRUE(is_within(ages.older_than(5 * day, now + 6 * day), now - 6 * day));
  EXPECT_EQ(ages.age(now + day, now + 6 * day), 5 * day) << "of a clock that was set back meanwhile";
}

TEST(Ages, SpansSayWhatAgesSay) {
  std::mt19937 random(7);
  for (int round = 0; round < 100; ++round) {
    Ages ages;
    UnixSeconds wall = now, steady = 0;
    ages.look(wall, steady);
    for (int jump = 0; jump < 6; ++jump) {
      const UnixSeconds passed = static_cast<UnixSeconds>(random() % (5 * day));
      steady += passed;
      wall += passed + (static_cast<UnixSeconds>(random() % 40) - 20) * day;
      ages.look(wall, steady);
    }
    const UnixSeconds wanted = static_cast<UnixSeconds>(random() % (30 * day));
    const auto spans = ages.older_than(wanted, wall);
    for (UnixSeconds then = now - 60 * day; then < now + 150 * day; then += 977)
      ASSERT_EQ(is_within(spans, then), ages.age(then, wall) > wanted) << round << ' ' << then;
  }
}

TEST(Ages, TextOfSomethingElseIsNone) {
  Ages ages;
  for (const char *text : {"", "seen", "seen 5", "seen x\n", "seen 5 6\n", "jump 1 2\n", "seen 5\njump 1\n", "seen 5\nelse 1 2\n"})
    EXPECT_FALSE(ages.decode(text)) << text;
  ASSERT_TRUE(ages.decode("seen 5\njump 1 2\n"));
  EXPECT_EQ(ages.encode(5), "seen 5\njump 1 2\n");
}

} // namespace
} // namespace sekisho::relay
