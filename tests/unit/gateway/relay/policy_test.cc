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

TEST(Policy, TheOwnSideOfMailFromOutside) { // M11
  Policy policy(rules_of("recipients \"*@town.example.lg.jp\", \"*@xn--r8jz45g.jp\", \"info@shared.example\""));
  const auto is_own = [&](const char *address) { return policy.is_own_side(*policy.relay_named("in"), address); };
  for (const char *own : {"Mayor@TOWN.example.lg.jp", "宛@例え.jp", "info@shared.example"}) EXPECT_TRUE(is_own(own)) << own;
  for (const char *other : {"a@shared.example", "a@partner.example", "a@sub.town.example.lg.jp", ""}) EXPECT_FALSE(is_own(other)) << other;
}

TEST(Policy, WhatLeavesIsOfTheOwnSide) { // M1, M5: a server inside that sends on by itself leaves the sender as he is
  const auto answer = [](std::string_view recipients, std::string from) {
    Policy policy(rules_of("recipients " + std::string(recipients)));
    return policy.route("lgwan", 2526, *parse_ip("10.2.0.9"), {std::move(from), "b@partner.example", nullptr}, 1'795'000'000).reason;
  };
  const std::string_view own = "\"*@town.example.lg.jp\", \"info@shared.example\"";
  for (const char *from : {"Taro@TOWN.example.lg.jp", "info@shared.example", ""}) EXPECT_EQ(answer(own, from), Reason::none) << from;
  for (const char *from : {"you@supplier.example", "x@shared.example"}) EXPECT_EQ(answer(own, from), Reason::sender_unlisted) << from;
  EXPECT_EQ(answer("\"info@shared.example\"", "you@supplier.example"), Reason::none) << "no domain of the own side is known";
}

// RFC 5890: two spellings of one domain; rules have the A-labels.
TEST(Policy, ADomainIsOneInULabelsAndInALabels) {
  Policy policy(rules_of("recipients \"*@xn--r8jz45g.jp\"  senders \"*@xn--fiqs8s.example\""));
  const auto answer = [&](const std::string &zone, std::uint16_t port, const char *client, std::string from, std::string to) {
    return policy.route(zone, port, *parse_ip(client), {std::move(from), std::move(to), nullptr}, 1'795'000'000).reason;
  };
  const auto inward = [&](std::string from, std::string to) { return answer("internet", 25, "10.3.0.9", std::move(from), std::move(to)); };
  for (const char *to : {"b@例え.jp", "宛@例え.jp", "B@XN--R8JZ45G.jp"}) {
    EXPECT_EQ(inward("a@中国.example", to), Reason::none) << to;
    EXPECT_EQ(inward("a@xn--fiqs8s.example", to), Reason::none) << to;
    EXPECT_EQ(inward("a@日本.example", to), Reason::sender_unlisted) << to;
  }
  EXPECT_EQ(inward("a@中国.example", "b@例え.example"), Reason::relay_denied);
  EXPECT_EQ(inward("a@中国.example", "b@\xe3\x80\x82.jp"), Reason::relay_denied) << "no name at all";
}

TEST(Policy, NoListIsPassedByInOtherLetters) { // M7
  const rules::SourceFile source{"test.rules", R"(
zone lgwan { port "l"  network 10.2.0.0/24  address 10.2.0.1 }
zone internet { port "i"  network 10.3.0.0/24  address 10.3.0.1  outside }
relay mail out from lgwan to internet {
    destinations "*"  refuse free-mail  next-hop 10.3.0.25  for "x"  owner "y"  approved "z"
})"};
  const std::vector<rules::SourceFile> sources = {source};
  Policy policy(rules::compile(sources, 1'795'000'000).rules);
  const auto answer = [&](std::string to) {
    return policy.route("lgwan", 25, *parse_ip("10.2.0.9"), {"a@town.example", std::move(to), nullptr}, 1'795'000'000).reason;
  };
  EXPECT_EQ(answer("b@例え.jp"), Reason::none) << "an answer to a sender";
  EXPECT_EQ(answer("b@gmail.com"), Reason::free_mail);
  for (const std::string at_home : {"protonmail.ch", "hotmail.de", "outlook.fr", "live.co.uk", "yahoo.com.br", "gmx.fr", "zoho.eu"})
    EXPECT_EQ(answer("b@" + at_home), Reason::free_mail) << at_home;
  EXPECT_EQ(answer("b@ｇｍａｉｌ.ｃｏｍ"), Reason::free_mail);
  EXPECT_EQ(answer("b@gmail。com"), Reason::free_mail);
}

} // namespace
} // namespace sekisho::relay
