// Hours, days and what they change.
#include "rules/calendar.hh"
#include "rules/compile.hh"
#include "rules/describe.hh"
#include "rules/prove.hh"
#include "tests/unit/rules/allocations.hh"

#include <gtest/gtest.h>

#include <limits>

namespace sekisho::rules {
namespace {

constexpr UnixSeconds friday = 1'795'100'400; // 2026-11-20 00:00 in Japan
constexpr UnixSeconds day = 86'400, hour = 3'600;
constexpr UnixSeconds never = std::numeric_limits<UnixSeconds>::max();

std::shared_ptr<const RuleSet> policy(const std::string &rest) {
  std::vector<SourceFile> sources = {
      {"rules", "zone lgwan { port \"b\"  network 10.2.0.0/24  address 10.2.0.1 }\n"
                "zone asp { port \"d\"  network 10.4.0.0/24  address 10.4.0.1 }\n" +
                    rest}};
  Compiled compiled = compile(sources, friday);
  EXPECT_TRUE(compiled.rules) << render(compiled.diagnostics, sources, false);
  return compiled.rules;
}

PacketSubject packet(std::uint16_t port) {
  PacketSubject subject;
  subject.from = 0;
  subject.source = *parse_ip("10.2.0.9");
  subject.destination = *parse_ip("10.4.0.9");
  subject.protocol = protocol::tcp;
  subject.destination_port = port;
  return subject;
}

TEST(Schedule, covers_its_hours_and_not_the_second_after) {
  Schedule office{weekdays, 8 * 60 + 30, 17 * 60 + 15};
  EXPECT_FALSE(office.covers(friday + 8 * hour + 1'799));
  EXPECT_TRUE(office.covers(friday + 8 * hour + 1'800));
  EXPECT_TRUE(office.covers(friday + 17 * hour + 899));
  EXPECT_FALSE(office.covers(friday + 17 * hour + 900));
  EXPECT_FALSE(office.covers(friday + day + 12 * hour)) << "a Saturday";
  EXPECT_EQ(office.next_change(friday), friday + 8 * hour + 1'800);
  EXPECT_EQ(office.next_change(friday + 8 * hour + 1'800), friday + 17 * hour + 900);
  EXPECT_EQ(office.next_change(friday + 17 * hour + 900), friday + 3 * day + 8 * hour + 1'800);
}

TEST(Schedule, over_midnight_belongs_to_the_day_it_begins) {
  Schedule night{1 << 4, 22 * 60, 6 * 60}; // Friday
  EXPECT_FALSE(night.covers(friday + 5 * hour)) << "that would be Thursday's night";
  EXPECT_TRUE(night.covers(friday + 22 * hour));
  EXPECT_TRUE(night.covers(friday + 30 * hour - 1));
  EXPECT_FALSE(night.covers(friday + 30 * hour));
  EXPECT_EQ(night.next_change(friday + 22 * hour), friday + 30 * hour);
  EXPECT_EQ(night.next_change(friday + 30 * hour), friday + 7 * day + 22 * hour);
  EXPECT_EQ(words_of(night), "fri 22:00-06:00");
  EXPECT_EQ((Schedule{every_day, 0, 1440}).covers(friday - 1), true);
}

TEST(NextChange, is_the_second_a_verdict_changes) {
  auto rules = policy("permit tcp port 80 from lgwan to asp for \"a\" owner \"b\" approved \"c\"\n"
                      "  from 2026-11-21 until 2026-11-22\n"
                      "permit tcp port 81 from lgwan to asp for \"a\" owner \"b\" approved \"c\"\n"
                      "  during fri 08:30-17:15\n");
  EXPECT_EQ(rules->next_change(friday), friday + 8 * hour + 1'800);
  EXPECT_EQ(rules->next_change(friday + 18 * hour), friday + day);
  EXPECT_EQ(rules->next_change(friday + day), friday + 3 * day);
  EXPECT_EQ(rules->decide(packet(80), friday + day - 1).reason, Reason::rule_not_now);
  EXPECT_EQ(rules->decide(packet(80), friday + day).verdict, Verdict::pass);
  EXPECT_EQ(rules->decide(packet(80), friday + 3 * day - 1).verdict, Verdict::pass);
  EXPECT_EQ(rules->decide(packet(80), friday + 3 * day).reason, Reason::rule_expired);
  EXPECT_EQ(policy("")->next_change(friday), never);
}

TEST(Order, the_first_written_in_force_answers) {
  const std::string flow =
      "permit tcp port 80 from lgwan to asp for \"a\" owner \"b\" approved \"c\" ";
  auto rules =
      policy(flow + "during fri 08:00-09:00 limit 5 connections\n" + flow + "until 2026-11-20\n" +
             "permit tcp from 10.2.0.9 to 10.4.0.9 for \"a\" owner \"b\" approved \"c\"\n");
  EXPECT_EQ(rules->decide(packet(80), friday + 8 * hour).rule, 0u);
  EXPECT_EQ(rules->permit_of(0)->limits.connections, 5u);
  EXPECT_EQ(rules->decide(packet(80), friday + 9 * hour).rule, 1u);
  EXPECT_EQ(rules->decide(packet(80), friday + day).rule, 2u);
  EXPECT_EQ(rules->permit_of(3), nullptr);
}

/// Zones with tags, sets, many sentences: the same as written out.
TEST(Model, keeps_what_was_said) {
  auto rules = policy(
      "zone dmz { port \"t\" vlan 200.101 network 10.5.0.0/24 address 10.5.0.1 mtu 9000 fragments "
      "drop }\n"
      "host admin { zone lgwan address 10.2.0.40 }\n"
      "permit tcp port 80 from lgwan to asp for \"a\" owner \"b\" approved \"c\" log ended\n"
      "  limit 1 connections limit 2 connections per source limit 3 new per second\n"
      "  limit 4 new per second per source limit 5 packets per second limit 6 Mbit per second\n"
      "local tcp port 22 from admin for \"a\" owner \"b\" approved \"c\"\n");
  const Zone &zone = rules->zones()[2];
  EXPECT_EQ(zone.vlan, (VlanTag{200, 101}));
  EXPECT_EQ(zone.mtu, 9000);
  EXPECT_TRUE(zone.drop_fragments);
  EXPECT_EQ(rules->permits()[0].limits, (Limits{1, 2, 3, 4, 5, 6'000'000}));
  EXPECT_EQ(rules->permits()[0].log, FlowLog::ended);
  ASSERT_EQ(rules->locals().size(), 1u);
  EXPECT_EQ(sentence_of(*rules, rules->locals()[0].rule), "local tcp port 22 from admin");
  EXPECT_EQ(conditions_of(*rules, 0),
            "limit 1 connections  limit 2 connections per source  limit 3 new per second  "
            "limit 4 new per second per source  limit 5 packets per second  limit 6 Mbit per "
            "second  log ended");
}

TEST(Explain, tells_of_other_times) {
  auto rules = policy("permit tcp port 80 from lgwan to asp for \"a\" owner \"b\" approved \"c\"\n"
                      "  until 2026-11-20 during fri 08:30-17:15 limit 10 connections\n");
  Explanation told = explain(*rules, "tcp from 10.2.0.9 to 10.4.0.9:80", friday);
  EXPECT_NE(told.text.find("during fri 08:30-17:15  limit 10 connections"), std::string::npos)
      << told.text;
  EXPECT_NE(told.text.find("from 2026-11-20 08:30  pass, rules:3\n"
                           "  from 2026-11-20 17:15  drop: rule-not-now, rules:3\n"
                           "  from 2026-11-21 00:00  drop: rule-expired, rules:3\n"),
            std::string::npos)
      << told.text;
}

TEST(Prove, counts_what_can_pass_later_and_not_what_has_ended) {
  auto rules = policy("permit tcp port 80 from lgwan to 10.4.0.9 for \"a\" owner \"b\" approved "
                      "\"c\" from 2027-01-01\n"
                      "permit tcp port 81 from lgwan to 10.4.0.8 for \"a\" owner \"b\" approved "
                      "\"c\" until 2026-11-19\n");
  EXPECT_TRUE(prove(*rules, "lgwan -> asp", friday).passes);
  EXPECT_TRUE(prove(*rules, "10.2.0.128/25->10.4.0.9", friday).passes);
  Proof ended = prove(*rules, "lgwan -> 10.4.0.8", friday);
  EXPECT_TRUE(ended.understood);
  EXPECT_FALSE(ended.passes);
  EXPECT_NE(ended.text.find("expired: these pass nothing any more\n  rules:4"), std::string::npos)
      << ended.text;
  EXPECT_FALSE(prove(*rules, "asp -> lgwan", friday).passes);
  for (const char *bad : {"", "->", "lgwan", "lgwan ->", "-> asp", "gateway -> gateway",
                          "lgwan -> 192.0.2.1", "x\x1b -> asp"}) {
    Proof proof = prove(*rules, bad, friday);
    EXPECT_FALSE(proof.understood) << bad;
    EXPECT_EQ(proof.text.find('\x1b'), std::string::npos);
  }
}

TEST(Classifier, takes_no_memory_to_answer) {
  std::string text = "set many { 10.2.0.2, 10.2.0.3, 10.2.0.4, 10.2.0.5, 10.2.0.8/29 }\n";
  for (int i = 0; i < 50; ++i)
    text += "permit tcp port " + std::to_string(i + 1) + "-" + std::to_string(100 + i) +
            " from many to asp for \"a\" owner \"b\" approved \"c\" during daily 0" +
            std::to_string(i % 10) + ":00-12:00\n";
  auto rules = policy(text);
  std::size_t before = allocations(), passed = 0;
  for (std::uint16_t port = 1; port < 200; ++port)
    passed += rules->decide(packet(port), friday + 9 * hour).verdict == Verdict::pass;
  EXPECT_EQ(rules->next_change(friday), friday + hour);
  EXPECT_EQ(allocations(), before);
  EXPECT_EQ(passed, 149u);
}

} // namespace
} // namespace sekisho::rules
