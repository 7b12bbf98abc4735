#include "gateway/path/claims.hh"
#include "tests/support/packets.hh"

#include <gtest/gtest.h>

namespace sekisho::path {
namespace {

using test::ip, test::mac;
using Outcome = Claims::Outcome;

const Ip server = ip("10.2.0.25");
const Mac true_one = mac("02:00:5e:20:00:25"), other = mac("02:00:5e:66:66:66"),
          third = mac("02:00:5e:66:66:67");
constexpr rules::ZoneId zone = 1;
constexpr std::uint32_t start = 1000;

Outcome hear(Claims &claims, const Mac &mac, std::uint32_t now) {
  return claims.hear(zone, server, mac, std::nullopt, now).outcome;
}

TEST(Claims, TheFirstIsBelievedAndStays) { // Z5
  Claims claims(1);
  EXPECT_EQ(hear(claims, true_one, start), Outcome::believed);
  for (std::uint32_t now = start; now < start + 100; ++now) {
    EXPECT_EQ(hear(claims, other, now), Outcome::contested);
    EXPECT_EQ(hear(claims, true_one, now), Outcome::believed); // it answers when asked
  }
}

TEST(Claims, TheKnownOneIsAskedOnceASecond) {
  Claims claims(1);
  hear(claims, true_one, start);
  Claims::Answer answer = claims.hear(zone, server, other, std::nullopt, start + 1);
  EXPECT_EQ(answer.ask, true_one);
  for (int i = 0; i < 1000; ++i)
    EXPECT_FALSE(claims.hear(zone, server, i % 2 ? other : third, std::nullopt, start + 1).ask);
}

TEST(Claims, AMoveIsBelievedWhenTheKnownOneIsSilent) { // new hardware, failover
  Claims claims(1);
  hear(claims, true_one, start);
  EXPECT_EQ(hear(claims, other, start + 10), Outcome::contested);
  EXPECT_EQ(hear(claims, other, start + 11), Outcome::contested);
  EXPECT_EQ(hear(claims, other, start + 12), Outcome::contested);
  EXPECT_EQ(hear(claims, other, start + 10 + Claims::settle_after), Outcome::moved);
  EXPECT_EQ(hear(claims, other, start + 14), Outcome::believed);
  EXPECT_EQ(hear(claims, true_one, start + 14), Outcome::contested);
}

TEST(Claims, AChallengeThatWasAnsweredBeginsAnew) {
  Claims claims(1);
  hear(claims, true_one, start);
  EXPECT_EQ(hear(claims, other, start + 10), Outcome::contested);
  hear(claims, true_one, start + 11);
  EXPECT_EQ(hear(claims, other, start + 13), Outcome::contested);
  EXPECT_EQ(hear(claims, other, start + 13 + Claims::patience + 1), Outcome::contested); // long after
}

TEST(Claims, WhatIsStaleIsAnybodys) {
  Claims claims(1);
  hear(claims, true_one, start);
  EXPECT_EQ(hear(claims, other, start + Claims::stale_after), Outcome::moved);
}

TEST(Claims, AFloodCannotKeepTheQuestionFromBeingAsked) { // Z8
  Claims claims(1);
  hear(claims, true_one, start);
  auto flood = [&](std::uint32_t now) {
    for (std::uint32_t i = 0; i < 1000; ++i) {
      Ip ip = Ip::from_v4(0x0a030000 + i);
      claims.hear(zone, ip, now == start ? true_one : other, std::nullopt, now);
    }
  };
  flood(start);
  for (std::uint32_t now = start + 1; now < start + 20; ++now) {
    flood(now);
    EXPECT_EQ(hear(claims, other, now), Outcome::contested); // never asked, so never silent
  }
}

TEST(Claims, WhatIsInUseIsNotForgotten) {
  Claims claims(1);
  EXPECT_EQ(claims.hear(zone, server, other, true_one, start).outcome, Outcome::contested);
  EXPECT_EQ(claims.hear(zone, server, true_one, true_one, start).outcome, Outcome::believed);
}

TEST(Claims, TheSameAddressInAnotherZoneIsAnother) {
  Claims claims(1);
  hear(claims, true_one, start);
  EXPECT_EQ(claims.hear(2, server, other, std::nullopt, start).outcome, Outcome::believed);
}

TEST(Claims, AFloodIsBounded) { // the oldest of four gives way; nothing grows
  Claims claims(99);
  for (std::uint32_t i = 0; i < 100'000; ++i)
    claims.hear(zone, Ip::from_v4(i), true_one, std::nullopt, start + i / 1000);
  EXPECT_EQ(claims.hear(zone, Ip::from_v4(99'999), other, std::nullopt, start + 100).outcome,
            Outcome::contested);
}

} // namespace
} // namespace sekisho::path
