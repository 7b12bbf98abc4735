// From the forwarding core to the attendant: a flood costs a comparison, and is counted.
#include "gateway/path/evidence.hh"

#include <gtest/gtest.h>

namespace sekisho::path {
namespace {

constexpr std::uint64_t second = 1'000'000'000;
Now at(std::uint64_t seconds) { return {.nanoseconds = seconds * second, .unix = 1'800'000'000}; }

const Buffer frame(1500, std::byte{0x5a});

TEST(Evidence, AFloodIsThinnedAndCounted) {
  Evidence evidence;
  for (int i = 0; i < 100'000; ++i)
    evidence.offer(Reason::not_listed, 1, false, 7, frame, at(100));
  RefusedPacket packet;
  unsigned kept = 0;
  while (evidence.take(packet)) ++kept;
  EXPECT_EQ(kept, Evidence::at_once);
  EXPECT_EQ(packet.length, 1500u);
  EXPECT_EQ(packet.kept, RefusedPacket::max_kept);
  EXPECT_EQ(packet.rule, 7u);

  evidence.offer(Reason::not_listed, 1, false, 7, frame, at(101));
  ASSERT_TRUE(evidence.take(packet));
  EXPECT_EQ(packet.left_out, 100'000 - Evidence::at_once);
  EXPECT_FALSE(evidence.take(packet));
}

TEST(Evidence, ReasonsAndZonesDoNotShareABudget) {
  Evidence evidence;
  RefusedPacket packet;
  for (int i = 0; i < 1000; ++i) evidence.offer(Reason::not_listed, 1, false, 7, frame, at(100));
  while (evidence.take(packet)) {}
  evidence.offer(Reason::not_listed, 2, false, 7, frame, at(100));
  EXPECT_TRUE(evidence.take(packet));
  evidence.offer(Reason::mac_mismatch, 1, true, 7, Bytes(frame).first(14), at(100));
  ASSERT_TRUE(evidence.take(packet));
  EXPECT_EQ(packet.kept, 14u);
  EXPECT_TRUE(packet.from_kernel);
}

TEST(Evidence, WhatWasLeftOutIsToldWithoutAnotherPacket) {
  Evidence evidence;
  RefusedPacket packet;
  for (int i = 0; i < 1000; ++i) evidence.offer(Reason::not_listed, 3, false, 7, frame, at(100));
  while (evidence.take(packet)) {}
  evidence.tidy(at(100));
  evidence.tidy(at(100 + Evidence::tell_after));
  ASSERT_TRUE(evidence.take(packet));
  EXPECT_EQ(packet.length, 0u);
  EXPECT_EQ(packet.zone, 3);
  EXPECT_EQ(packet.left_out, 1000 - Evidence::at_once);
  evidence.tidy(at(100 + 2 * Evidence::tell_after));
  EXPECT_FALSE(evidence.take(packet)) << "told once";
}

TEST(Evidence, NobodyTakesThem) {
  Evidence evidence;
  std::uint64_t offered = 0;
  for (std::uint64_t s = 1; s < 200; ++s)
    for (std::size_t reason = 1; reason < reason_count; ++reason, ++offered)
      evidence.offer(static_cast<Reason>(reason), 0, false, rules::no_rule, frame, at(s));
  RefusedPacket packet;
  std::uint64_t told = 0;
  for (std::uint64_t s = 200; s < 300; s += Evidence::tell_after) {
    while (evidence.take(packet)) told += packet.left_out + (packet.length > 0);
    evidence.tidy(at(s));
  }
  EXPECT_EQ(told, offered) << "none is lost from the count";
}

} // namespace
} // namespace sekisho::path
