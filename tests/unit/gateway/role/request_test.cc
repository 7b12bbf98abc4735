#include "gateway/role/request.hh"

#include "gateway/role/channel/channel.hh"

#include <gtest/gtest.h>

namespace sekisho::role {
namespace {

TEST(Request, ZoneAndWho) {
  const Request request = read_request(R"({"zone":"lgwan","who":{"uid":0,"pid":77}})");
  EXPECT_EQ(request.zone, "lgwan");
  EXPECT_EQ(request.who.dump(), R"({"uid":0,"pid":77})");
}

TEST(Request, SecondsOnTrialAreBounded) {
  EXPECT_EQ(read_request(R"({"within":300})").within, 300u);
  EXPECT_EQ(read_request(R"({"within":99999999999})").within, 7u * 86'400);
  EXPECT_EQ(read_request(R"({"within":-5})").within, 0u);
}

TEST(Request, NothingElseIsTakenOver) {
  EXPECT_EQ(read_request(R"({"zone":7,"who":{"uid":"root","pid":[],"x":1}})").who.dump(), "{}");
  EXPECT_EQ(read_request("[]").zone, "");
  EXPECT_EQ(read_request("").who.dump(), "{}");
}

/// Control is out in front: as deep a tree as a message can hold must not end the supervisor.
TEST(Request, ATreeOfAnyDepth) {
  std::string text = R"({"who":{"uid":1,"x":)";
  constexpr std::size_t depth = 30'000;
  for (std::size_t i = 0; i < depth; ++i) text += R"({"":)";
  text += "0" + std::string(depth, '}') + "}}";
  ASSERT_LE(text.size(), max_message_text);
  EXPECT_EQ(read_request(text).who.dump(), R"({"uid":1})");
}

TEST(Channel, WhatWaitedForADeadRoleIsForgotten) {
  auto pair = make_pair();
  ASSERT_TRUE(pair);
  const Channel near(pair->first.get()), far(pair->second.get());
  EXPECT_TRUE(near.send(MessageType::severed, 1, ""));
  EXPECT_TRUE(near.send(MessageType::severed, 2, "internet"));
  far.forget();
  EXPECT_TRUE(near.send(MessageType::stop, 3));
  auto message = far.receive(0);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, MessageType::stop);
  EXPECT_FALSE(far.receive(0));
}

} // namespace
} // namespace sekisho::role
