// What one-line cases cannot say: time, memory, and two ways to the same decision.
#include "rules/calendar.hh"
#include "rules/compile.hh"
#include "rules/describe.hh"
#include "tests/unit/rules/allocations.hh"

#include <gtest/gtest.h>

namespace sekisho::rules {
namespace {

constexpr UnixSeconds now = 1'795'180'000;

const std::string zones = R"(
zone mynumber { port "a"  network 10.1.0.0/24  address 10.1.0.1 }
zone lgwan { port "b"  network 10.2.0.0/24  address 10.2.0.1 }
zone asp { port "d"  network 10.4.0.0/24  address 10.4.0.1 }
zone internet { port "c"  network 10.3.0.0/24  address 10.3.0.1 }
host tax-01 { zone mynumber  address 10.1.0.11  mac 02:00:5e:10:00:01 }
host eltax { zone lgwan  address 10.2.0.40  mac 02:00:5e:10:00:02 }
)";

std::shared_ptr<const RuleSet> policy(const std::string &rest) {
  std::vector<SourceFile> sources = {{"some/where/rules", zones + rest}};
  Compiled compiled = compile(sources, now);
  EXPECT_TRUE(compiled.rules) << render(compiled.diagnostics, sources, false);
  return compiled.rules;
}

PacketSubject packet(const RuleSet &rules, const char *from, const char *source,
                     const char *destination, std::uint16_t port) {
  PacketSubject subject;
  subject.from = *rules.zone_named(from);
  subject.source = *parse_ip(source);
  subject.destination = *parse_ip(destination);
  subject.protocol = protocol::tcp;
  subject.source_port = 40000;
  subject.destination_port = port;
  if (const Host *host = rules.host_at(subject.source); host && host->mac)
    subject.source_mac = *host->mac;
  return subject;
}

TEST(Policy, a_permit_lasts_to_the_last_second_of_its_day) {
  auto rules = policy("permit tcp port 443 from tax-01 to eltax\n"
                      "  for \"a\" owner \"b\" approved \"c\" until 2027-03-31\n");
  PacketSubject subject = packet(*rules, "mynumber", "10.1.0.11", "10.2.0.40", 443);
  UnixSeconds end = *last_second_of("2027-03-31");
  EXPECT_EQ(rules->decide(subject, end).verdict, Verdict::pass);
  Decision late = rules->decide(subject, end + 1);
  EXPECT_EQ(late.verdict, Verdict::drop);
  EXPECT_EQ(late.reason, Reason::rule_expired);
  EXPECT_EQ(rules->labels()[late.rule], "rules:8");
}

TEST(Policy, a_relay_ends_at_the_door_and_at_the_next_hop) {
  auto rules = policy(
      "relay mail in from internet to lgwan { recipients \"*@a.example\" next-hop 10.2.0.25\n"
      "  for \"a\" owner \"b\" approved \"c\" until 2027-03-31 }\n");
  UnixSeconds end = *last_second_of("2027-03-31");
  PacketSubject in = packet(*rules, "internet", "10.3.0.9", "10.3.0.1", 25);
  PacketSubject out = packet(*rules, "lgwan", "10.2.0.1", "10.2.0.25", 25);
  out.from_kernel = true;
  for (const PacketSubject &subject : {in, out}) {
    EXPECT_EQ(rules->decide(subject, end).verdict, Verdict::relay);
    EXPECT_EQ(rules->decide(subject, end).reason, Reason::none);
    EXPECT_EQ(rules->decide(subject, end + 1).reason, Reason::rule_expired);
  }
  const Relay *relay = nullptr;
  EXPECT_EQ(rules->relay_for(in.from, "x@a.example", end, &relay), Reason::none);
  EXPECT_EQ(relay, &rules->relays()[0]);
  EXPECT_EQ(rules->relay_for(in.from, "x@a.example", end + 1, &relay), Reason::mail_rule_expired);
  EXPECT_EQ(rules->relay_for(in.from, "x@b.example", end, &relay), Reason::relay_denied);
  EXPECT_EQ(relay, nullptr);
}

TEST(Policy, the_kernel_may_not_borrow_an_address) {
  auto rules = policy(
      "relay mail in from internet to lgwan { recipients \"*@a.example\" next-hop 10.2.0.25\n"
      "  for \"a\" owner \"b\" approved \"c\" }\n");
  PacketSubject out = packet(*rules, "lgwan", "10.3.0.1", "10.2.0.25", 25);
  out.from_kernel = true;
  EXPECT_EQ(rules->decide(out, now).reason, Reason::kernel_not_listed);
  out.source = *parse_ip("10.2.0.1");
  EXPECT_EQ(rules->decide(out, now).verdict, Verdict::relay);
  out.from = *rules->zone_named("asp");
  EXPECT_EQ(rules->decide(out, now).reason, Reason::kernel_not_listed);
}

TEST(Policy, the_more_exact_recipient_chooses_the_relay) {
  auto rules = policy(
      "relay mail all from internet to lgwan { recipients \"*@a.example\" next-hop 10.2.0.25\n"
      "  for \"a\" owner \"b\" approved \"c\" }\n"
      "relay mail one from internet to asp { recipients \"boss@a.example\" next-hop 10.4.0.25 "
      "listen port 26\n"
      "  for \"a\" owner \"b\" approved \"c\" }\n");
  const Relay *relay = nullptr;
  ZoneId internet = *rules->zone_named("internet");
  EXPECT_EQ(rules->relay_for(internet, "Boss@A.example", now, &relay), Reason::none);
  EXPECT_EQ(relay->name, "one");
  EXPECT_EQ(rules->relay_for(internet, "staff@a.example", now, &relay), Reason::none);
  EXPECT_EQ(relay->name, "all");
}

TEST(Policy, an_empty_or_odd_subject_is_dropped) {
  auto rules = policy("");
  EXPECT_EQ(rules->decide({}, now).verdict, Verdict::drop);
  PacketSubject subject = packet(*rules, "lgwan", "10.2.0.9", "10.4.0.9", 443);
  subject.from = 15;
  EXPECT_EQ(rules->decide(subject, now).verdict, Verdict::drop);
  EXPECT_EQ(Decision{}.verdict, Verdict::drop);
}

/// The hash table and the list must agree: the same sentences, once as hosts, once as a network.
TEST(Policy, exact_and_listed_permits_decide_alike) {
  const std::string ledger = " for \"a\" owner \"b\" approved \"c\"\n";
  auto exact =
      policy(std::string("permit tcp port 80, 443 from 10.2.0.9, 10.2.0.10 to 10.4.0.9") + ledger);
  auto listed =
      policy(std::string(
                 "permit tcp port 80-80, 443, 443-443 from 10.2.0.9/32, 10.2.0.10 to 10.4.0.8/31") +
             ledger);
  for (const char *source : {"10.2.0.8", "10.2.0.9", "10.2.0.10", "10.2.0.11"})
    for (std::uint16_t port :
         {std::uint16_t{79}, std::uint16_t{80}, std::uint16_t{443}, std::uint16_t{444}}) {
      PacketSubject subject = packet(*exact, "lgwan", source, "10.4.0.9", port);
      Decision one = exact->decide(subject, now), other = listed->decide(subject, now);
      EXPECT_EQ(one.verdict, other.verdict) << source << " " << port;
      EXPECT_EQ(one.reason, other.reason) << source << " " << port;
    }
}

TEST(Policy, of_two_permits_for_one_flow_the_longer_counts) {
  const std::string flow =
      "permit tcp port 443 from tax-01 to eltax for \"a\" owner \"b\" approved \"c\" ";
  for (const std::string &text : {flow + "until 2026-12-01\n" + flow + "until 2027-12-01\n",
                                  flow + "until 2027-12-01\n" + flow + "until 2026-12-01\n"}) {
    auto rules = policy(text);
    PacketSubject subject = packet(*rules, "mynumber", "10.1.0.11", "10.2.0.40", 443);
    EXPECT_EQ(rules->decide(subject, *last_second_of("2027-12-01")).verdict, Verdict::pass);
    EXPECT_EQ(rules->decide(subject, *last_second_of("2027-12-02")).reason, Reason::rule_expired);
  }
}

TEST(Policy, deciding_takes_no_memory) {
  auto rules = policy(
      "permit tcp port 443 from tax-01 to eltax\n"
      "  for \"a\" owner \"b\" approved \"c\" until 2027-03-31\n"
      "permit tcp port 1-1000 from lgwan to asp for \"a\" owner \"b\" approved \"c\"\n"
      "relay mail in from internet to lgwan { recipients \"*@a.example\" next-hop 10.2.0.25\n"
      "  for \"a\" owner \"b\" approved \"c\" }\n");
  std::vector<PacketSubject> subjects = {packet(*rules, "mynumber", "10.1.0.11", "10.2.0.40", 443),
                                         packet(*rules, "mynumber", "10.1.0.12", "10.2.0.40", 443),
                                         packet(*rules, "lgwan", "10.2.0.9", "10.4.0.9", 1000),
                                         packet(*rules, "lgwan", "10.2.0.9", "10.4.0.9", 1001),
                                         packet(*rules, "internet", "10.3.0.9", "10.3.0.1", 25),
                                         packet(*rules, "internet", "10.3.0.9", "10.1.0.11", 25)};
  std::size_t before = allocations(), passed = 0;
  for (const PacketSubject &subject : subjects)
    passed += rules->decide(subject, now).verdict != Verdict::drop;
  std::array<Decision, 6> decisions;
  rules->decide(subjects, now, decisions.data());
  EXPECT_EQ(allocations(), before);
  EXPECT_EQ(passed, 3u);
}

TEST(Policy, the_hash_names_the_policy_not_its_looks) {
  const std::string permit =
      "permit tcp port 443 from tax-01 to eltax for \"a\" owner \"b\" approved \"c\" ";
  std::string hash = policy(permit + "until 2027-03-31\n")->hash();
  EXPECT_EQ(policy("# a comment\n\n" + permit + "\n   until   2027-03-31 # more\n")->hash(), hash);
  EXPECT_NE(policy(permit + "until 2027-04-01\n")->hash(), hash);
  EXPECT_NE(policy("")->hash(), hash);
}

TEST(Describe, says_a_rule_as_it_was_written) {
  auto rules = policy("permit udp port 53, 8000-8010 from lgwan, eltax to 10.4.0.0/25\n"
                      "  for \"a\" owner \"b\" approved \"c\" until 2027-03-31\n");
  EXPECT_EQ(sentence_of(*rules, 0),
            "permit udp port 53, 8000-8010 from lgwan, eltax to 10.4.0.0/25");
  EXPECT_EQ(describe(*ledger_of(*rules, 0)),
            "for \"a\"  owner \"b\"  approved \"c\"  until 2027-03-31");
  EXPECT_EQ(ledger_of(*rules, no_rule), nullptr);
  EXPECT_EQ(sentence_of(*rules, no_rule), "");
}

TEST(Explain, points_at_what_it_does_not_understand) {
  auto rules = policy("");
  for (const char *bad : {"",
                          "   ",
                          "hello",
                          "tcp",
                          "tcp from",
                          "tcp from mynumber",
                          "tcp from 10.1.0.11 to",
                          "tcp to 10.2.0.40:1",
                          "tcp from 10.1.0.11 to 10.2.0.40",
                          "tcp from 10.1.0.11:0 to 10.2.0.40:1",
                          "tcp from 10.1.0.11 to 10.2.0.40:70000",
                          "tcp from 10.1.0.11 mac to 10.2.0.40:1",
                          "tcp from 10.1.0.11 mac 02:00 to 10.2.0.40:1",
                          "tcp from 10.1.0.11 to 10.2.0.40:1 please",
                          "tcp from nobody to eltax:1",
                          "tcp from 192.0.2.1 to eltax:1",
                          "tcp from tax-01 to asp 10.2.0.40:1",
                          "tcp from [::1 to eltax:1",
                          "mail",
                          "mail from",
                          "mail from internet",
                          "mail from internet to",
                          "mail from internet to nobody",
                          "mail from nowhere to a@b.example",
                          "tcp from gateway to 192.0.2.1:25",
                          "tcp from tax-01 to [2001:db8::1]:443"}) {
    Explanation told = explain(*rules, bad, now);
    EXPECT_FALSE(told.understood) << bad;
    EXPECT_NE(told.text.find('^'), std::string::npos) << bad;
    EXPECT_EQ(told.decision.verdict, Verdict::drop);
  }
  EXPECT_FALSE(explain(*rules, std::string(100'000, 'x'), now).understood);
  Explanation told = explain(*rules, "tcp from taxi-01 to eltax:443", now);
  EXPECT_NE(told.text.find(
                "did you mean 'tax-01'?\n  tcp from taxi-01 to eltax:443\n           ^^^^^^^\n"),
            std::string::npos)
      << told.text;
}

} // namespace
} // namespace sekisho::rules
