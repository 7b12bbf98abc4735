#include "gateway/record/event.hh"

#include <gtest/gtest.h>

namespace sekisho::record {
namespace {

TEST(Event, KeepsItsMembersInOrder) {
  auto event = read_event("relay", R"({"event":"mail-held","receipt":"R1","reason":"held-by-rule"})");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->word, "mail-held");
  EXPECT_EQ(event->receipt, "R1");
  EXPECT_EQ(event->members,
            R"("event":"mail-held","role":"relay","receipt":"R1","reason":"held-by-rule")");
}

TEST(Event, CannotClaimWhatTheRecordSays) {
  auto event = read_event("path", R"({"role":"supervisor","seq":1,"time":"x","event":"flow-opened",)"
                                  R"("prev":"y","hash":"z","rule":"a:1"})");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->members, R"("event":"flow-opened","role":"path","rule":"a:1")");
}

TEST(Event, SaysNothingTwice) {
  auto event = read_event("relay", R"({"event":"mail-held","receipt":"R1","receipt":"R2","a":1})");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->members, R"("event":"mail-held","role":"relay","receipt":"R2","a":1)");
  EXPECT_EQ(event->receipt, "R2");
  event = read_event("relay", R"({"event":"a","x":{"b":1,"b":2},"event":"c"})");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->members, R"("event":"c","role":"relay","x":{"b":2})");
}

TEST(Event, ProperTextStandsAsItWasSaid) {
  auto event = read_event("relay", R"({"event":"a","x":"\u00e9",  "y":[1.50, -0, {"z":null}]})");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->members, R"("event":"a","role":"relay","x":"\u00e9",  "y":[1.50, -0, {"z":null}])");
}

TEST(Event, WhatIsReadMoreCloselyIsKeptToo) {
  std::string many = R"({"event":"a")";
  for (int i = 0; i < 100; ++i) many += ",\"n" + std::to_string(i) + "\":1";
  auto event = read_event("relay", many + "}");
  ASSERT_TRUE(event);
  EXPECT_NE(event->members.find("\"n99\":1"), std::string::npos);
  event = read_event("relay", R"({"event":"a","n":123456789012345678901234567890})");
  ASSERT_TRUE(event);
  EXPECT_NE(event->members.find("\"n\":1.2345678901"), std::string::npos);
}

TEST(Event, OnlyItsOwnReceiptCounts) {
  auto event = read_event("relay", R"({"event":"a","x":{"receipt":"R1"},"y":["receipt","R2"]})");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->receipt, "");
  event = read_event("relay", R"({"event":"a","receipt":["R1"],"z":"R2"})");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->receipt, "");
  event = read_event("relay", R"({"event":"a","x":[{}],"receipt":"R1"})");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->receipt, "R1");
  EXPECT_EQ(event->members, R"("event":"a","role":"relay","x":[{}],"receipt":"R1")");
}

TEST(Event, StaysOnOneLine) {
  auto event = read_event("relay", "{\"event\":\"mail-refused\",\n\"answer\":\"a\\nb\\u0000\"}\n");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->members.find('\n'), std::string::npos);
}

TEST(Event, HostileTextIsNoEvent) {
  for (std::string_view text : {
           R"()", R"(x)", R"([])", R"("event")", R"({})", R"({"event":1})", R"({"event":""})",
           R"({"event":"Mail"})", R"({"event":"a b"})", R"({"event":"a"} {"event":"b"})", R"({"event":"a")",
           "{\"event\":\"a\",\"x\":\"\xff\"}", "{\"event\":\"a\",\"x\":\"\n\"}"})
    EXPECT_FALSE(read_event("relay", text)) << text;
  EXPECT_FALSE(read_event("relay", R"({"event":")" + std::string(100, 'a') + R"("})"));
}

TEST(Event, NestingAndSizeAreBounded) {
  auto nested = [](int depth) {
    return R"({"event":"a","x":)" + std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']') + "}";
  };
  EXPECT_TRUE(read_event("relay", nested(max_event_depth - 1)));
  EXPECT_FALSE(read_event("relay", nested(max_event_depth)));
  EXPECT_FALSE(read_event("relay", nested(70'000)));
  EXPECT_FALSE(read_event("relay", R"({"event":"a","x":")" + std::string(max_event, 'x') + R"("})"));
  EXPECT_TRUE(read_event("relay", R"({"event":"a","x":"[[[[[[[[[[[[[[[[[[[[[[[[[[[\"[["})"));
}

TEST(Event, OddReceiptIsNotAReceipt) {
  auto event = read_event("relay", R"({"event":"mail-held","receipt":"a b"})");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->receipt, "");
  event = read_event("relay", R"({"event":"mail-held","receipt":")" + std::string(33, 'R') + R"("})");
  EXPECT_EQ(event->receipt, "");
}

} // namespace
} // namespace sekisho::record
