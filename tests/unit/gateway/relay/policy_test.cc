#include "gateway/relay/policy.hh"

#include "rules/compile.hh"

#include <gtest/gtest.h>

namespace sekisho::relay {
namespace {

std::shared_ptr<const rules::RuleSet> rules_of(std::string_view inbound) {
  const rules::SourceFile source{"test.rules", R"(
zone lgwan { port "l"  network 10.2.0.0/24  address 10.2.0.1 }
zone internet { port "i"  network 10.3.0.0/24  address 10.3.0.1  outside }
relay mail out from lgwan to internet {
    destinations "*"  recipients "*@partner.example"  next-hop 10.3.0.25  listen port 2526  for "x"  owner "y"  approved "z"
}
relay mail in from internet to lgwan {
    next-hop 10.2.0.25  for "x"  owner "y"  approved "z" )" + std::string(inbound) + "\n}\n"};
  const std::vector<rules::SourceFile> sources = {source};
  rules::Compiled compiled = rules::compile(sources, 1'795'000'000);
  EXPECT_TRUE(compiled.rules) << rules::render(compiled.diagnostics, sources, false);
  return compiled.rules;
}

TEST(Policy, APostmasterWithoutADomain) { // RFC 5321 §4.5.1
  Policy policy(rules_of("recipients \"info@a.example\", \"*@town.example.lg.jp\", \"*@Gate.example\""));
  EXPECT_EQ(policy.postmaster("internet", 25, "GATE.example"), "postmaster@gate.example");
  EXPECT_EQ(policy.postmaster("internet", 25, "other.example"), "postmaster@town.example.lg.jp");
  EXPECT_EQ(policy.postmaster("internet", 2525, "other.example"), "") << "nobody listens there";
  EXPECT_EQ(policy.postmaster("lgwan", 2526, "gate.example"), "") << "what is said inside is not asked of people outside";
  policy.set_rules(rules_of("recipients \"info@a.example\""));
  EXPECT_EQ(policy.postmaster("internet", 25, "gate.example"), "");
}

TEST(Policy, ABalancerHandsInNoMailOfItsOwnUnlessItIsListed) {
  const auto answer = [](std::string_view items, const char *client) {
    Policy policy(rules_of("recipients \"*@town.example.lg.jp\" " + std::string(items)));
    return policy.route("internet", 25, *parse_ip(client), {"a@x.example", "b@town.example.lg.jp", nullptr}, 1'795'000'000).reason;
  };
  EXPECT_EQ(answer("proxy from 10.3.0.7", "10.3.0.7"), Reason::client_unlisted);
  EXPECT_EQ(answer("proxy from 10.3.0.7", "192.0.2.1"), Reason::none); // whom it names
  EXPECT_EQ(answer("proxy from 10.3.0.7  accept from 10.3.0.8", "10.3.0.7"), Reason::client_unlisted);
  EXPECT_EQ(answer("proxy from 10.3.0.7  accept from 10.3.0.7", "10.3.0.7"), Reason::none);
}

} // namespace
} // namespace sekisho::relay
