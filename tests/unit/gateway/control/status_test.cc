#include "gateway/control/status.hh"

#include <gtest/gtest.h>

namespace sekisho::control {
namespace {

Json base() {
  return Json::parse(R"({"roles":[{"name":"path","state":"up"},{"name":"relay","state":"down"}],
                         "zones":[{"name":"lgwan","severed":true}]})");
}

TEST(Status, GathersCountersAndZones) {
  Json status = base();
  add_role(status, "path",
           R"({"flows":3,"counters":{"not-listed":2},"zones":[{"name":"lgwan","rx_packets":9,"severed":false},
               {"name":"made-up"}]})");
  EXPECT_EQ(status["counters"]["path"]["not-listed"], 2);
  EXPECT_EQ(status["path"], Json::parse(R"({"flows":3})"));
  EXPECT_EQ(status["zones"].size(), 1u);
  EXPECT_EQ(status["zones"][0]["rx_packets"], 9);
  EXPECT_EQ(status["zones"][0]["severed"], true) << "what the supervisor said stands";
}

TEST(Status, OddAnswersAreShownAsOdd) {
  for (const std::string &text :
       {std::string("x"), std::string("[]"), std::string(100'000, '['), std::string("{\"a\":")}) {
    Json status = base();
    add_role(status, "path", text);
    EXPECT_EQ(status["roles"][0]["state"], "odd");
    EXPECT_FALSE(status.contains("path"));
  }
}

TEST(Status, SilentIsNotUp) {
  Json status = base();
  add_silent_role(status, "path");
  add_silent_role(status, "relay");
  EXPECT_EQ(status["roles"][0]["state"], "silent");
  EXPECT_EQ(status["roles"][1]["state"], "down");
}

} // namespace
} // namespace sekisho::control
