#include "gateway/path/limits.hh"
#include "tests/support/packets.hh"

#include <gtest/gtest.h>

#include <thread>

namespace sekisho::path {
namespace {

using test::ip;

constexpr std::uint64_t second = 1'000'000'000;
constexpr std::uint64_t start = 1000 * second;
constexpr RuleIdentity one = 0x1111, other = 0x2222;

rules::Permit permit_with(const rules::Limits &limits) {
  rules::Permit permit;
  permit.limits = limits;
  return permit;
}

Ip host(std::uint32_t number) { return Ip::from_v4(0x0a000000 + number); }

TEST(Limits, ARuleWithoutLimitsHoldsNothing) {
  Limits limits;
  Limits::Admission admission = limits.admit(permit_with({}), one, ip("10.1.0.11"), start);
  EXPECT_EQ(admission.reason, Reason::none);
  EXPECT_FALSE(admission.slot.is_held());
  limits.release(admission.slot);
  EXPECT_TRUE(limits.snapshot().empty());
}

TEST(Limits, ConnectionsAtOnceOfARule) { // Z8
  Limits limits;
  rules::Permit permit = permit_with({.connections = 2});
  Limits::Admission first = limits.admit(permit, one, host(1), start);
  EXPECT_EQ(limits.admit(permit, one, host(2), start).reason, Reason::none);
  EXPECT_EQ(limits.admit(permit, one, host(3), start).reason, Reason::limit_connections);
  EXPECT_EQ(limits.admit(permit, other, host(3), start).reason, Reason::none); // another rule's own
  limits.release(first.slot);
  EXPECT_EQ(limits.admit(permit, one, host(3), start).reason, Reason::none);
}

TEST(Limits, ConnectionsAtOnceOfASource) { // Z8
  Limits limits;
  rules::Permit permit = permit_with({.connections = 3, .source_connections = 1});
  Limits::Admission first = limits.admit(permit, one, host(1), start);
  EXPECT_EQ(first.reason, Reason::none);
  EXPECT_EQ(limits.admit(permit, one, host(1), start).reason, Reason::limit_source_connections);
  EXPECT_EQ(limits.admit(permit, one, host(2), start).reason, Reason::none);
  limits.release(first.slot);
  EXPECT_EQ(limits.admit(permit, one, host(1), start).reason, Reason::none);
}

TEST(Limits, NewOnesASecond) { // Z8: a burst of one second, then the rate
  Limits limits;
  rules::Permit permit = permit_with({.new_per_second = 10});
  auto open = [&](std::uint64_t at) {
    Limits::Admission admission = limits.admit(permit, one, host(1), at);
    limits.release(admission.slot);
    return admission.reason;
  };
  for (int i = 0; i < 10; ++i) EXPECT_EQ(open(start), Reason::none);
  EXPECT_EQ(open(start), Reason::limit_new);
  EXPECT_EQ(open(start + second / 10 - 1), Reason::limit_new);
  EXPECT_EQ(open(start + second / 10), Reason::none);
  EXPECT_EQ(open(start + second / 10), Reason::limit_new);
  int more = 0;
  for (std::uint64_t at = start + second; at < start + 11 * second; at += second / 100)
    more += open(at) == Reason::none;
  EXPECT_NEAR(more, 100 + 9, 2); // ten seconds at the rate, and what the pause before had saved up
}

TEST(Limits, NewOnesASecondOfASourceLeaveTheOthersAlone) { // Z8
  Limits limits;
  rules::Permit permit = permit_with({.new_per_second = 100, .source_new_per_second = 5});
  for (int i = 0; i < 1000; ++i) limits.admit(permit, one, host(1), start);
  EXPECT_EQ(limits.admit(permit, one, host(1), start).reason, Reason::limit_source_new);
  for (std::uint32_t i = 2; i < 21; ++i) // what was refused to one was not taken from the rule
    for (int n = 0; n < 5; ++n)
      EXPECT_EQ(limits.admit(permit, one, host(i), start).reason, Reason::none);
  EXPECT_EQ(limits.admit(permit, one, host(99), start).reason, Reason::limit_new);
}

TEST(Limits, PacketsASecond) { // Z8
  Limits limits;
  rules::Permit permit = permit_with({.packets_per_second = 1000});
  LimitSlot slot = limits.admit(permit, one, host(1), start).slot;
  LimitSlot same_rule = limits.admit(permit, one, host(2), start).slot;
  ASSERT_TRUE(slot.is_paced());
  int passed = 0;
  for (int i = 0; i < 1500; ++i)
    passed += limits.allow_packet(i % 2 ? slot : same_rule, true, 1500, start) == Reason::none;
  EXPECT_EQ(passed, 1000);
  EXPECT_EQ(limits.allow_packet(slot, true, 64, start + second / 1000), Reason::none);
  EXPECT_EQ(limits.allow_packet(slot, true, 64, start + second / 1000), Reason::limit_rate);
}

TEST(Limits, AnswersHaveTheirOwnRate) { // or a flood of questions would leave none answered
  Limits limits;
  LimitSlot slot = limits.admit(permit_with({.packets_per_second = 10}), one, host(1), start).slot;
  for (int i = 0; i < 100; ++i) limits.allow_packet(slot, true, 64, start);
  EXPECT_EQ(limits.allow_packet(slot, true, 64, start), Reason::limit_rate);
  EXPECT_EQ(limits.allow_packet(slot, false, 64, start), Reason::none);
}

TEST(Limits, AConnectionThatIsOverCountsNoMore) {
  Limits limits({.rules = 8, .sources = 8, .hash_key = 1});
  rules::Permit permit = permit_with({.connections = 1, .source_connections = 1});
  LimitSlot slot = limits.end_connection(limits.admit(permit, one, host(1), start).slot);
  slot = limits.end_connection(slot); // once
  EXPECT_EQ(limits.snapshot().size(), 0u);
  LimitSlot next = limits.admit(permit, one, host(1), start).slot;
  EXPECT_TRUE(next.is_held());
  EXPECT_EQ(limits.admit(permit, one, host(1), start).reason, Reason::limit_source_connections);
  for (RuleIdentity rule = 100; rule < 200; ++rule) // its place is kept while the flow lingers
    limits.admit(permit, rule, host(1), start);
  limits.release(next);
  EXPECT_EQ(limits.admit(permit, one, host(1), start).reason, Reason::none);
  limits.release(slot);
}

TEST(Limits, BitsASecond) { // Z8
  Limits limits;
  rules::Permit permit = permit_with({.packets_per_second = 1u << 30, .bits_per_second = 8'000'000});
  LimitSlot slot = limits.admit(permit, one, host(1), start).slot;
  std::uint64_t octets = 0;
  for (std::uint64_t at = start; at < start + 10 * second; at += 100'000) // 15 Mbyte/s offered
    if (limits.allow_packet(slot, true, 1500, at) == Reason::none) octets += 1500;
  EXPECT_NEAR(static_cast<double>(octets), 11e6, 0.1e6); // 1 Mbyte/s and the burst
}

TEST(Limits, HighRatesAreExact) {
  Limits limits;
  rules::Permit permit = permit_with({.bits_per_second = 100'000'000'000});
  LimitSlot slot = limits.admit(permit, one, host(1), start).slot;
  std::uint64_t passed = 0;
  for (std::uint64_t i = 0; i < 20'000'000; ++i) // 64-octet frames within 10 ms: the burst has room for more
    if (limits.allow_packet(slot, true, 640, start + i / 2) == Reason::none) ++passed;
  // 12.5e9 octets of burst and 10 ms more of them
  EXPECT_NEAR(static_cast<double>(passed) * 640, 12.5e9 + 0.125e9, 0.02e9);
}

TEST(Limits, ASingleBigPacketPassesASlowRule) {
  Limits limits;
  rules::Permit permit = permit_with({.bits_per_second = 8000});
  LimitSlot slot = limits.admit(permit, one, host(1), start).slot;
  EXPECT_EQ(limits.allow_packet(slot, true, 9000, start), Reason::none);
  EXPECT_EQ(limits.allow_packet(slot, true, 60, start), Reason::limit_rate);
  EXPECT_EQ(limits.allow_packet(slot, true, 60, start + second), Reason::none);
}

TEST(Limits, CountsSurviveAReload) {
  Limits limits;
  rules::Permit permit = permit_with({.connections = 1, .source_connections = 1});
  LimitSlot slot = limits.admit(permit, one, host(1), start).slot;
  EXPECT_EQ(limits.admit(permit, one, host(2), start).reason, Reason::limit_connections);
  EXPECT_EQ(limits.carry_over(slot, permit, one, host(1), start).slot, slot); // the same sentence
  EXPECT_EQ(limits.admit(permit, one, host(2), start).reason, Reason::limit_connections);
  slot = limits.carry_over(slot, permit, other, host(1), start).slot; // another one
  EXPECT_EQ(limits.admit(permit, one, host(2), start).reason, Reason::none);
  EXPECT_EQ(limits.admit(permit, other, host(2), start).reason, Reason::limit_connections);
  slot = limits.carry_over(slot, permit_with({}), other, host(1), start).slot; // without limits now
  EXPECT_FALSE(slot.is_held());
  EXPECT_EQ(limits.admit(permit, other, host(2), start).reason, Reason::none);
}

TEST(Limits, AnOpenFlowIsCarriedOverALowerLimit) {
  Limits limits;
  rules::Permit wide = permit_with({.connections = 9}), narrow = permit_with({.connections = 1});
  std::array<LimitSlot, 3> slots;
  for (LimitSlot &slot : slots) slot = limits.admit(wide, one, host(1), start).slot;
  for (LimitSlot &slot : slots) slot = limits.carry_over(slot, narrow, other, host(1), start).slot;
  for (LimitSlot slot : slots) EXPECT_TRUE(slot.is_held());
  EXPECT_EQ(limits.admit(narrow, other, host(1), start).reason, Reason::limit_connections);
  for (LimitSlot slot : slots) limits.release(slot);
  EXPECT_EQ(limits.admit(narrow, other, host(1), start).reason, Reason::none);
}

TEST(Limits, AFloodOfSourcesIsRefusedByNameAndForgotten) { // Z8
  Limits limits({.rules = 16, .sources = 1024, .hash_key = 42});
  rules::Permit permit = permit_with({.source_connections = 3});
  LimitSlot before = limits.admit(permit, one, host(1), start).slot;
  std::vector<LimitSlot> held;
  int full = 0;
  for (std::uint32_t i = 2; i < 10'000; ++i) {
    Limits::Admission admission = limits.admit(permit, one, host(i), start);
    if (admission.reason == Reason::none) held.push_back(admission.slot);
    full += admission.reason == Reason::limit_table_full;
  }
  EXPECT_GT(held.size(), 900u); // two buckets each: nearly every place is used
  EXPECT_LE(held.size(), 1023u);
  EXPECT_EQ(full + held.size(), 9998u);
  EXPECT_EQ(limits.admit(permit, one, host(1), start).reason, Reason::none); // who was there goes on
  for (LimitSlot slot : held) limits.release(slot);
  limits.release(before);
  EXPECT_EQ(limits.sources_in_use(start), 1u);
  EXPECT_EQ(limits.admit(permit, one, host(77'777), start).reason, Reason::none);
}

TEST(Limits, SourcesThatOnlyOpenAreForgottenAfterASecond) {
  Limits limits({.rules = 16, .sources = 64, .hash_key = 42});
  rules::Permit permit = permit_with({.source_new_per_second = 5});
  for (std::uint64_t round = 0; round < 3; ++round) {
    std::uint64_t now = start + round * second;
    int taken = 0;
    for (std::uint32_t i = 0; i < 1000; ++i) {
      Limits::Admission admission = limits.admit(permit, one, host(i), now);
      limits.release(admission.slot);
      taken += admission.reason == Reason::none;
    }
    EXPECT_GT(taken, 50);
    EXPECT_LE(taken, 64);
  }
}

TEST(Limits, TooManyLimitedRulesAreRefusedByName) {
  Limits limits({.rules = 8, .sources = 8, .hash_key = 1});
  rules::Permit permit = permit_with({.connections = 1});
  int full = 0;
  for (RuleIdentity rule = 1; rule <= 100; ++rule)
    full += limits.admit(permit, rule, host(1), start).reason == Reason::limit_table_full;
  EXPECT_EQ(full, 100 - 8);
  EXPECT_EQ(limits.carry_over({}, permit, 200, host(1), start).reason, Reason::limit_table_full);
}

TEST(Limits, TheSnapshotNamesWhatCounts) {
  Limits limits;
  rules::Permit permit = permit_with({.connections = 2});
  for (int i = 0; i < 5; ++i) limits.admit(permit, one, host(1), start);
  ASSERT_EQ(limits.snapshot().size(), 1u);
  EXPECT_EQ(limits.snapshot()[0].rule, one);
  EXPECT_EQ(limits.snapshot()[0].connections, 2u);
  EXPECT_EQ(limits.snapshot()[0].refused, 3u);
}

TEST(Limits, TwoCoresNeverPassMoreThanTheRuleSays) { // under TSan too
  Limits limits({.rules = 16, .sources = 256, .hash_key = 7});
  rules::Permit permit = permit_with(
      {.connections = 50, .source_connections = 8, .packets_per_second = 5000});
  std::atomic<std::uint64_t> packets{0}, most{0}, open{0};
  auto core = [&](std::uint32_t seed) {
    std::vector<LimitSlot> mine;
    for (std::uint32_t i = 0; i < 20'000; ++i) {
      seed = seed * 1664525 + 1013904223;
      if (seed >> 31) {
        Limits::Admission admission = limits.admit(permit, one, host(seed >> 20 & 15), start);
        if (admission.reason == Reason::none) {
          mine.push_back(admission.slot);
          std::uint64_t now = ++open, seen = most;
          while (now > seen && !most.compare_exchange_weak(seen, now)) {}
        }
      } else if (!mine.empty()) {
        --open;
        limits.release(mine.back());
        mine.pop_back();
      }
      if (!mine.empty() && limits.allow_packet(mine.back(), true, 64, start) == Reason::none) ++packets;
    }
    open -= mine.size();
    for (LimitSlot slot : mine) limits.release(slot);
  };
  std::thread left(core, 1), right(core, 2);
  left.join();
  right.join();
  EXPECT_EQ(packets, 5000u);
  EXPECT_LE(most, 50u);
  EXPECT_EQ(limits.snapshot()[0].connections, 0u);
}

} // namespace
} // namespace sekisho::path
