#include "gateway/flow/table.hh"
#include "gateway/wire/headers.hh"
#include "tests/support/packets.hh"

#include <gtest/gtest.h>

#include <random>
#include <unordered_map>

namespace sekisho::flow {
namespace {

using namespace test;
namespace flag = wire::tcp_flag;

constexpr HashKey fixed_key = {1, 2, 3, 4, 5, 6, 7, 8};

Key key_of(std::uint32_t number) {
  bool source_is_high;
  return make_key({Ip::from_v4(0x0a010000 + (number >> 12)), static_cast<std::uint16_t>(number & 0xfff)},
                  {ip("10.2.0.40"), 443}, 6, source_is_high);
}

Entry *insert(Table &table, const Key &key, State state = State::established, std::uint32_t now = 0) {
  Entry *entry = table.insert(key, table.hasher().hash(key));
  if (entry) {
    entry->state = state;
    entry->last_seen = now;
  }
  return entry;
}
Entry *find(Table &table, const Key &key) { return table.find(key, table.hasher().hash(key)); }

TEST(Key, IsTheSameBothWays) {
  End a{ip("10.1.0.11"), 40000}, b{ip("10.2.0.40"), 443};
  bool there, back;
  EXPECT_EQ(make_key(a, b, 6, there), make_key(b, a, 6, back));
  EXPECT_NE(there, back);
  End same{a.ip, 443};
  EXPECT_EQ(make_key(a, same, 6, there), make_key(same, a, 6, back));
  EXPECT_NE(there, back);
}

TEST(Key, DiffersInEveryMember) {
  bool ignored;
  End a{ip("10.1.0.11"), 40000}, b{ip("10.2.0.40"), 443};
  Key key = make_key(a, b, 6, ignored);
  EXPECT_FALSE(key == make_key(a, b, 17, ignored));
  EXPECT_FALSE(key == make_key({a.ip, 40001}, b, 6, ignored));
  EXPECT_FALSE(key == make_key(a, {b.ip, 444}, 6, ignored));
  EXPECT_FALSE(key == make_key({a.ip, 443}, {b.ip, 40000}, 6, ignored)); // ports the other way round
}

TEST(Hash, SipHashVectors) { // the paper's: key 00…0f, messages 00, 00 01, …
  std::array<std::byte, 64> octets;
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::byte>(i);
  constexpr std::uint64_t key0 = 0x0706050403020100, key1 = 0x0f0e0d0c0b0a0908;
  EXPECT_EQ(sip_hash(key0, key1, std::span(octets).first(0)), 0x726fdb47dd0e0e31u);
  EXPECT_EQ(sip_hash(key0, key1, std::span(octets).first(1)), 0x74f839c593dc67fdu);
  EXPECT_EQ(sip_hash(key0, key1, std::span(octets).first(15)), 0xa129ca6149be45e5u);
}

TEST(Hash, DependsOnKeyAndEveryOctet) {
  Hasher hasher(fixed_key), other({1, 2, 3, 4, 5, 6, 7, 9});
  Key key = key_of(1);
  EXPECT_NE(hasher.hash(key), other.hash(key));
  for (std::size_t at = 0; at < sizeof(Key); ++at) {
    Key changed = key;
    reinterpret_cast<std::uint8_t *>(&changed)[at] ^= 0x10;
    EXPECT_NE(hasher.hash(key), hasher.hash(changed)) << at;
  }
}

TEST(Table, FindsWhatItHoldsAndNothingElse) {
  Table table(1000, fixed_key);
  for (std::uint32_t i = 0; i < 1000; ++i) ASSERT_NE(insert(table, key_of(i)), nullptr) << i;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    Entry *entry = find(table, key_of(i));
    ASSERT_NE(entry, nullptr) << i;
    EXPECT_EQ(entry->key, key_of(i));
  }
  for (std::uint32_t i = 1000; i < 5000; ++i) EXPECT_EQ(find(table, key_of(i)), nullptr);
}

TEST(Table, IsBounded) { // Z8
  Table table(100, fixed_key);
  for (std::uint32_t i = 0; i < 100; ++i) ASSERT_NE(insert(table, key_of(i)), nullptr);
  EXPECT_EQ(insert(table, key_of(100)), nullptr);
  EXPECT_EQ(table.size(), 100u);
  table.remove(*find(table, key_of(3)));
  table.end_burst();
  EXPECT_NE(insert(table, key_of(100)), nullptr);
}

TEST(Table, AnEntryIsNotUsedAgainWithinItsBurst) {
  Table table(1, fixed_key);
  Entry *entry = insert(table, key_of(1));
  table.remove(*entry);
  EXPECT_EQ(find(table, key_of(1)), nullptr);
  EXPECT_TRUE(entry->dead);
  EXPECT_EQ(insert(table, key_of(2)), nullptr); // its line is still promised to this burst
  table.end_burst();
  EXPECT_NE(insert(table, key_of(2)), nullptr);
}

TEST(Table, SweepTakesOnlyWhatIsOver) {
  Table table(10, fixed_key);
  insert(table, key_of(1), State::one_way, 100);
  insert(table, key_of(2), State::established, 100);
  table.sweep(20, 100 + timeout_of(State::one_way));
  EXPECT_EQ(table.size(), 2u);
  table.sweep(20, 101 + timeout_of(State::one_way));
  table.end_burst();
  EXPECT_EQ(table.size(), 1u);
  EXPECT_EQ(find(table, key_of(1)), nullptr);
  EXPECT_NE(find(table, key_of(2)), nullptr);
}

/// Against std::unordered_map, with removals, so that second buckets and their counts are exercised.
TEST(Table, BehavesAsAMap) {
  constexpr std::uint32_t keys = 6000, capacity = 4000;
  Table table(capacity, fixed_key);
  std::unordered_map<std::uint32_t, Entry *> model;
  std::mt19937 random(7);
  for (int round = 0; round < 300'000; ++round) {
    std::uint32_t number = random() % keys;
    Entry *found = find(table, key_of(number));
    auto expected = model.find(number);
    ASSERT_EQ(found, expected == model.end() ? nullptr : expected->second) << round;
    if (found && random() % 2) {
      table.remove(*found);
      model.erase(number);
    } else if (!found && random() % 2) {
      if (Entry *entry = insert(table, key_of(number))) model[number] = entry;
      else ASSERT_EQ(model.size(), capacity);
    }
    if (round % 64 == 0) table.end_burst();
    ASSERT_EQ(table.size(), model.size());
  }
}

struct Connection {
  State state = State::syn_sent;
  std::uint32_t acknowledged[2] = {};
  Fit opener(std::uint8_t flags, std::uint32_t sequence = 0, std::uint32_t acknowledgement = 0) {
    return step_tcp(state, acknowledged, {true, flags, sequence, acknowledgement});
  }
  Fit answerer(std::uint8_t flags, std::uint32_t sequence = 0, std::uint32_t acknowledgement = 0) {
    return step_tcp(state, acknowledged, {false, flags, sequence, acknowledgement});
  }
};

Connection established() {
  Connection connection;
  EXPECT_EQ(connection.answerer(flag::syn | flag::ack, 5000, 1001), Fit::fits);
  EXPECT_EQ(connection.opener(flag::ack, 1001, 5001), Fit::fits);
  EXPECT_EQ(connection.state, State::established);
  return connection;
}

TEST(Tcp, LivesItsWholeLife) { // RFC 9293 §3.3.2
  Connection connection = established();
  EXPECT_EQ(connection.opener(flag::ack | flag::psh, 1001, 5001), Fit::fits);
  EXPECT_EQ(connection.answerer(flag::ack, 5001, 1100), Fit::fits);
  EXPECT_EQ(connection.opener(flag::ack | flag::fin, 1100, 5001), Fit::fits);
  EXPECT_EQ(connection.state, State::opener_done);
  EXPECT_EQ(connection.answerer(flag::ack, 5001, 1101), Fit::fits); // half-closed: may still send
  EXPECT_EQ(connection.answerer(flag::ack | flag::fin, 5001, 1101), Fit::fits);
  EXPECT_EQ(connection.state, State::closing);
  EXPECT_EQ(connection.opener(flag::ack, 1101, 5002), Fit::fits);
  EXPECT_EQ(connection.opener(flag::syn, 9000), Fit::reopens);
}

TEST(Tcp, RefusesWhatDoesNotFit) {
  Connection fresh;
  EXPECT_EQ(fresh.opener(flag::ack), Fit::misfits); // no handshake yet
  EXPECT_EQ(fresh.opener(flag::syn | flag::ack), Fit::misfits);
  EXPECT_EQ(fresh.answerer(flag::syn), Fit::misfits);
  EXPECT_EQ(fresh.answerer(flag::fin | flag::ack), Fit::misfits);
  EXPECT_EQ(fresh.state, State::syn_sent);
  Connection half;
  half.answerer(flag::syn | flag::ack, 5000, 1001);
  EXPECT_EQ(half.answerer(flag::ack), Fit::misfits); // data before the handshake is done
  Connection open = established();
  EXPECT_EQ(open.answerer(flag::syn), Fit::misfits);
  EXPECT_EQ(open.opener(flag::syn | flag::ack), Fit::misfits);
  EXPECT_EQ(open.state, State::established);
}

TEST(Tcp, AfterResetOnlyASynOfTheOpenerGoesOn) {
  Connection connection = established();
  EXPECT_EQ(connection.answerer(flag::rst, 5001), Fit::fits);
  EXPECT_EQ(connection.state, State::closed);
  EXPECT_EQ(connection.opener(flag::ack, 1001, 5001), Fit::misfits);
  EXPECT_EQ(connection.answerer(flag::ack, 5001, 1001), Fit::misfits);
  EXPECT_EQ(connection.answerer(flag::syn), Fit::misfits);
  EXPECT_EQ(connection.opener(flag::syn, 7000), Fit::reopens);
}

TEST(Tcp, AGuessedResetEndsNothing) { // RFC 5961 §3
  Connection connection = established();
  connection.answerer(flag::ack, 5001, 1001);
  EXPECT_EQ(connection.opener(flag::rst, 1001 - 1), Fit::fits);
  EXPECT_EQ(connection.state, State::established);
  EXPECT_EQ(connection.opener(flag::rst, 1001 + 70'000), Fit::fits);
  EXPECT_EQ(connection.state, State::established);
  EXPECT_EQ(connection.opener(flag::rst, 1001), Fit::fits);
  EXPECT_EQ(connection.state, State::closed);
}

} // namespace
} // namespace sekisho::flow
