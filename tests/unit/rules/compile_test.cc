#include "rules/compile.hh"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace sekisho::rules {
namespace {

constexpr UnixSeconds now = 1'795'000'000; // 2026-11-18

std::string read_example(const std::string &name) {
  std::ifstream file(std::string(SEKISHO_SOURCE) + "/rules/examples/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Compile, the_three_zone_example_gives_the_policy_it_says) {
  std::vector<SourceFile> sources = {
      {"rules/three-zones.rules", read_example("three-zones.rules")}};
  Compiled compiled = compile(sources, now);
  ASSERT_TRUE(compiled.rules) << render(compiled.diagnostics, sources, false);
  EXPECT_TRUE(compiled.diagnostics.empty()) << render(compiled.diagnostics, sources, false);
  const RuleSet &rules = *compiled.rules;
  ASSERT_EQ(rules.zones().size(), 3u);
  EXPECT_TRUE(rules.zones()[0].closed);
  EXPECT_TRUE(rules.zones()[2].outside);
  ASSERT_EQ(rules.permits().size(), 1u);
  EXPECT_EQ(rules.permits()[0].ledger.owner, "税務課");
  ASSERT_EQ(rules.relays().size(), 1u);
  const Relay &relay = rules.relays()[0];
  EXPECT_EQ(relay.name, "inbound");
  EXPECT_EQ(to_string(relay.next_hop), "10.2.0.25");
  EXPECT_EQ(relay.plan.treatment(job::KindClass::pdf), job::Treatment::render);
  EXPECT_EQ(relay.plan.treatment(job::KindClass::encrypted), job::Treatment::hold);
  EXPECT_EQ(relay.plan.treatment(job::KindClass::office), job::Treatment::strip);
  EXPECT_EQ(rules.hash().size(), 64u);
}

} // namespace
} // namespace sekisho::rules
