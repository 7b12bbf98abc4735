#include "gateway/relay/refusals.hh"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace sekisho::relay {
namespace {

using Json = nlohmann::json;

class RefusalsTest : public testing::Test {
protected:
  /// The event, or null.
  Json refuse(const std::string &from, std::vector<std::string> to, const std::string &client = "192.0.2.1",
              Reason reason = Reason::relay_denied) {
    const std::string event = refusals_.add({"inbound", client, "client.example"}, {reason, from, std::move(to)});
    return event.empty() ? Json() : Json::parse(event);
  }
  std::vector<Json> sums() {
    std::vector<Json> sums;
    for (const std::string &text : refusals_.take_sums()) sums.push_back(Json::parse(text));
    return sums;
  }
  Refusals refusals_;
};

TEST_F(RefusalsTest, EverySenderAndRecipientIsNamed) { // L11
  EXPECT_EQ(refuse("a@x.example", {"one@y.example"})["recipient"], "one@y.example");
  EXPECT_EQ(refuse("b@x.example", {"one@y.example"})["sender"], "b@x.example");
  for (const char *to : {"two@y.example", "three@y.example", "two@y.example"}) EXPECT_EQ(refuse("a@x.example", {to}), Json());
  EXPECT_EQ(refuse("b@x.example", {"four@y.example"}), Json());
  const auto told = sums();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0]["sender"], "a@x.example");
  EXPECT_EQ(told[0]["times"], 3);
  EXPECT_EQ(told[0]["recipients"], Json::array({"two@y.example", "three@y.example"}));
  EXPECT_EQ(told[1]["recipient"], "four@y.example");
  EXPECT_FALSE(told[1].contains("times")) << "one alone";
  EXPECT_TRUE(sums().empty());
  EXPECT_NE(refuse("a@x.example", {"two@y.example"}), Json()) << "at once again";
}

TEST_F(RefusalsTest, AWholeMailIsToldWithAllItsRecipients) {
  EXPECT_EQ(refuse("a@x.example", {"one@y.example", "two@y.example"})["recipients"], Json::array({"one@y.example", "two@y.example"}));
  EXPECT_EQ(refuse("b@x.example", {})["recipient"], "");
}

TEST_F(RefusalsTest, AFloodOfSendersIsANumber) {
  std::size_t at_once = 0;
  for (int i = 0; i < 500; ++i) at_once += refuse(fmt::format("s{}@x.example", i), {"one@y.example"}) != Json();
  EXPECT_EQ(at_once, Refusals::most_of_client + 1);
  EXPECT_NE(refuse("s1@x.example", {"one@y.example"}, "192.0.2.2"), Json()) << "another client is told of all the same";
  const auto told = sums();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]["times"], 500 - Refusals::most_of_client - 1);
  EXPECT_EQ(told[0]["senders_left_out"], 500 - Refusals::most_of_client - 2);
  EXPECT_EQ(told[0]["sender"], "s499@x.example");
  EXPECT_EQ(told[0]["client"], "192.0.2.1");
}

TEST_F(RefusalsTest, AHarvestOfRecipientsIsBounded) {
  for (int i = 0; i < 500; ++i) refuse("a@x.example", {fmt::format("r{}@y.example", i)});
  const auto told = sums();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]["times"], 499);
  EXPECT_EQ(told[0]["recipients"].size(), Refusals::most_recipients);
  EXPECT_EQ(told[0]["recipients_left_out"], 499 - Refusals::most_recipients);
}

TEST_F(RefusalsTest, AFloodOfClientsIsBounded) {
  std::size_t lines = 0, octets = 0;
  const std::string domain = "@" + std::string(200, 'd') + ".example";
  for (int client = 0; client < 3000; ++client)
    for (int i = 0; i < 30; ++i) {
      const Json event = refuse("a@x.example", {fmt::format("r{}{}", i, domain)}, fmt::format("10.0.{}.{}", client / 256, client % 256));
      lines += event != Json();
    }
  for (const std::string &sum : refusals_.take_sums()) octets += sum.size(), ++lines;
  EXPECT_LE(lines, 2 * (Refusals::most_sums + 1));
  EXPECT_LE(octets, Refusals::most_octets + 500 * (Refusals::most_sums + 1));
}

} // namespace
} // namespace sekisho::relay
