// Lists of flows: handed over while the table changes, chosen, sorted and bounded.
#include "gateway/path/survey.hh"

#include "rules/compile.hh"

#include <gtest/gtest.h>

#include <set>
#include <thread>

namespace sekisho::path {
namespace {

using Json = FlowList::Json;

std::shared_ptr<const rules::RuleSet> town() {
  std::vector<rules::SourceFile> sources = {
      {"town.rules", "zone a { port \"p0\" network 10.1.0.0/16 address 10.1.0.1 }\n"
                     "zone b { port \"p1\" network 10.2.0.0/16 address 10.2.0.1 }\n"
                     "host tax { zone a address 10.1.0.11 mac 02:00:5e:10:00:01 }\n"
                     "permit tcp port 80 from a to b for \"x\" owner \"y\" approved \"z\"\n"}};
  return rules::compile(sources, 0).rules;
}

FlowRow row(std::uint32_t number, std::uint64_t octets) {
  FlowRow row;
  row.ends = {Ip::from_v4(0x0a010000 + number), *parse_ip("10.2.0.40"), 40000, 80, rules::protocol::tcp};
  row.from = 0, row.to = 1;
  row.state = flow::State::established;
  row.rule = 0;
  row.packets = 1, row.octets = octets, row.age = number;
  return row;
}

TEST(FlowList, TheLargestAreShownAllAreSummedUp) {
  auto rules = town();
  Result<FlowList> list = FlowList::make(FlowList::Kind::flows, R"({"limit":3})", *rules);
  ASSERT_TRUE(list);
  for (std::uint32_t i = 1; i <= 1000; ++i) list->add(row(i, (i * 7919) % 1000));
  Json answer = list->take(*rules);
  EXPECT_EQ(answer["total"], 1000);
  EXPECT_EQ(answer["octets"], 499'500);
  ASSERT_EQ(answer["flows"].size(), 3u);
  EXPECT_EQ(answer["flows"][0]["octets"], 999);
  EXPECT_EQ(answer["flows"][2]["octets"], 997);
  EXPECT_EQ(answer["flows"][0]["rule"], "town.rules:4");
  EXPECT_EQ(answer["flows"][0]["from"], "a");
  EXPECT_EQ(answer["flows"][0]["state"], "established");
}

TEST(FlowList, Chosen) {
  auto rules = town();
  auto total = [&](const char *choice) {
    Result<FlowList> list = FlowList::make(FlowList::Kind::flows, choice, *rules);
    if (!list) return -1;
    FlowRow other = row(12, 5);
    other.rule = rules::no_rule;
    for (const FlowRow &one : {row(11, 5), other}) list->add(one);
    return list->take(*rules)["total"].get<int>();
  };
  EXPECT_EQ(total("{}"), 2);
  EXPECT_EQ(total(R"({"zone":"b"})"), 2);
  EXPECT_EQ(total(R"({"host":"tax"})"), 1);
  EXPECT_EQ(total(R"({"host":"10.1.0.12"})"), 1);
  EXPECT_EQ(total(R"({"host":"10.2.0.40"})"), 2);
  EXPECT_EQ(total(R"({"rule":"town.rules:4"})"), 1);
  EXPECT_EQ(total(R"({"zone":"moon"})"), -1);
  EXPECT_EQ(total(R"({"host":"moon"})"), -1);
  EXPECT_EQ(total(R"({"rule":"town.rules:5"})"), -1);
  EXPECT_EQ(total(R"({"sort":"name"})"), -1);
  EXPECT_EQ(total(R"({"limit":-1})"), 2);
  EXPECT_EQ(total("[]"), -1);
  EXPECT_EQ(total(""), -1);
}

TEST(FlowList, Hosts) {
  auto rules = town();
  Result<FlowList> list = FlowList::make(FlowList::Kind::hosts, R"({"limit":2})", *rules);
  ASSERT_TRUE(list);
  for (std::uint32_t i = 1; i <= 20; ++i) list->add(row(i, i));
  Json answer = list->take(*rules);
  EXPECT_EQ(answer["total"], 21);
  ASSERT_EQ(answer["hosts"].size(), 2u);
  EXPECT_EQ(answer["hosts"][0]["address"], "10.2.0.40");
  EXPECT_EQ(answer["hosts"][0]["flows"], 20);
  EXPECT_EQ(answer["hosts"][1]["octets"], 20);
}

TEST(FlowList, InventedHostsAreBounded) {
  auto rules = town();
  Result<FlowList> list = FlowList::make(FlowList::Kind::hosts, "{}", *rules);
  ASSERT_TRUE(list);
  for (std::uint32_t i = 0; i < FlowList::most_hosts + 1000; ++i) list->add(row(i, 1));
  Json answer = list->take(*rules);
  EXPECT_EQ(answer["total"], FlowList::most_hosts);
  EXPECT_GT(answer["beyond"].get<int>(), 900);
}

/// The core goes on with its work, which takes flows out and puts others in, while the list is made.
TEST(Survey, EveryFlowThatStaysIsToldOnce) {
  flow::Table table(100'000, flow::random_hash_key());
  auto add = [&](std::uint32_t number) {
    bool swapped;
    flow::Key key = flow::make_key4(__builtin_bswap32(0x0a010000 + number), __builtin_bswap32(0x0a020028), 1, 6, swapped);
    flow::Entry *entry = table.insert(key, table.hasher().hash(key));
    ASSERT_TRUE(entry);
    entry->state = flow::State::established;
    table.aside(*entry).ends = row(number, 1).ends;
    table.end_burst();
  };
  constexpr std::uint32_t stay = 50'000;
  for (std::uint32_t i = 0; i < stay; ++i) add(i);
  Survey survey;
  std::multiset<Ip> told;
  std::atomic<bool> is_through{false};
  std::thread attendant([&] {
    for (FlowRow row;;) {
      bool was_through = is_through;
      while (survey.take(row)) told.insert(row.ends.source);
      if (was_through) return;
    }
  });
  auto row_of = [&](const flow::Entry &entry) {
    FlowRow row;
    row.ends = table.aside(entry).ends;
    return row;
  };
  std::uint32_t next = stay;
  while (!survey.go_on(table, row_of)) // which may end before the attendant has read at all
    if (next < stay + 1000) add(next++);
  is_through = true;
  attendant.join();
  for (std::uint32_t i = 0; i < stay; ++i) EXPECT_EQ(told.count(Ip::from_v4(0x0a010000 + i)), 1u) << i;
}

} // namespace
} // namespace sekisho::path
