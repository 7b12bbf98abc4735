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

// M6: of whom recipients may see each other is what the rules list, not what a sender writes.
TEST(Compile, the_own_side_of_a_relay_is_who_hands_in_mail_and_whom_a_relay_leads_back_to) {
  const std::string zones = "zone office { port \"a\"  network 10.2.0.0/24  address 10.2.0.1 }\n"
                            "zone internet { port \"b\"  network 10.3.0.0/24  address 10.3.0.1  outside }\n";
  const auto own = [&](const std::string &out, const std::string &in) {
    const std::string ledger = "for \"a\"  owner \"b\"  approved \"c\" }\n";
    const std::string text = zones + "relay mail out from office to internet { destinations \"*\" " + out +
                             " next-hop 10.3.0.25 " + ledger + in;
    const std::vector<SourceFile> sources = {{"case", text}};
    const Compiled compiled = compile(sources, now);
    EXPECT_TRUE(compiled.rules) << render(compiled.diagnostics, sources, false);
    return compiled.rules ? compiled.rules->relays()[0].plan.own_domains : std::vector<std::string>{"?"};
  };
  const std::string back = "relay mail in from internet to office { recipients \"*@Town.example\", \"a@b.example\" "
                           "next-hop 10.2.0.25 for \"a\"  owner \"b\"  approved \"c\" }\n";
  using Domains = std::vector<std::string>;
  EXPECT_EQ(own("", ""), Domains());
  EXPECT_EQ(own("senders \"*@Town.example\", \"x@town.example\"", ""), Domains{"town.example"});
  EXPECT_EQ(own("", back), Domains{"town.example"}) << "one address makes no domain ours";
  EXPECT_EQ(own("senders \"*@school.example\", \"x@free.example\"", back), (Domains{"school.example", "town.example"}));
}

} // namespace
} // namespace sekisho::rules
