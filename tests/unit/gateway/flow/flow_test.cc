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

const Hasher hasher(fixed_key);

Key key_of(const Ends &ends) {
  bool source_is_high;
  return hasher.key_of(ends, source_is_high);
}
Key key_of(std::uint32_t number) {
  return key_of({Ip::from_v4(0x0a010000 + (number >> 12)), ip("10.2.0.40"),
                 static_cast<std::uint16_t>(number & 0xfff), 443, 6});
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
  for (Ends ends : {Ends{ip("10.1.0.11"), ip("10.2.0.40"), 40000, 443, 6},
                    Ends{ip("10.1.0.11"), ip("10.2.0.40"), 443, 443, 6},
                    Ends{ip("2001:db8::1"), ip("2001:db8:2::1"), 40000, 443, 6}}) {
    bool there, back;
    EXPECT_EQ(hasher.key_of(ends, there), hasher.key_of(ends.turned(), back));
    EXPECT_NE(there, back);
  }
}

TEST(Key, DiffersInEveryMember) {
  for (Ends ends : {Ends{ip("10.1.0.11"), ip("10.2.0.40"), 40000, 443, 6},
                    Ends{ip("2001:db8::1"), ip("2001:db8:2::1"), 40000, 443, 6}}) {
    Key key = key_of(ends);
    auto differs = [&](auto change) {
      Ends other = ends;
      change(other);
      return !(key_of(other) == key);
    };
    EXPECT_TRUE(differs([](Ends &e) { e.protocol = 17; }));
    EXPECT_TRUE(differs([](Ends &e) { e.source_port = 40001; }));
    EXPECT_TRUE(differs([](Ends &e) { e.destination_port = 444; }));
    EXPECT_TRUE(differs([](Ends &e) { e.source.octets[15] ^= 1; }));
    EXPECT_TRUE(differs([](Ends &e) { e.destination.octets[14] ^= 1; }));
    EXPECT_TRUE(differs([](Ends &e) { std::swap(e.source_port, e.destination_port); }));
  }
}

TEST(Key, OfTheTwoFamiliesAreNeverTheSame) {
  EXPECT_TRUE(key_of({ip("10.1.0.11"), ip("10.2.0.40"), 1, 2, 6}).is_v4());
  EXPECT_FALSE(key_of({ip("2001:db8::1"), ip("2001:db8::2"), 1, 2, 6}).is_v4());
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
  Hasher other({1, 2, 3, 4, 5, 6, 7, 9});
  Key key = key_of(1);
  EXPECT_NE(hasher.hash(key), other.hash(key));
  for (std::size_t at = 0; at < sizeof(Key); ++at) {
    Key changed = key;
    reinterpret_cast<std::uint8_t *>(&changed)[at] ^= 0x10;
    EXPECT_NE(hasher.hash(key), hasher.hash(changed)) << at;
  }
}

TEST(Hash, IsTheSameOneByOneAndFourAtATime) {
  const Hasher portable(fixed_key, true);
  std::vector<Key> keys;
  for (std::uint32_t i = 0; i < 67; ++i) {
    std::vector<std::uint64_t> one(i), four(i);
    portable.hash(keys, one.data());
    hasher.hash(keys, four.data());
    EXPECT_EQ(one, four);
    keys.push_back(key_of(i));
  }
}

TEST(Table, LooksUpTheSameInEveryWay) {
  constexpr std::uint32_t count = 3000;
  Table table(count, fixed_key), portable(count, fixed_key, true); // so full that buckets run over
  for (std::uint32_t i = 0; i < count; ++i) {
    insert(table, key_of(i));
    insert(portable, key_of(i));
  }
  for (std::uint32_t begin = 0; begin < 2 * count; begin += 61) { // the second half is not there
    std::vector<std::uint64_t> hashes;
    for (std::uint32_t i = begin; i < begin + 61; ++i) hashes.push_back(hasher.hash(key_of(i)));
    std::vector<Table::Index> one(hashes.size()), other(hashes.size());
    table.look_up(hashes, one.data());
    portable.look_up(hashes, other.data());
    EXPECT_EQ(one, other);
    for (std::size_t i = 0; i < hashes.size(); ++i) EXPECT_EQ(one[i], table.candidate(hashes[i]));
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

TEST(Table, ASweepGoesRoundASliceAtATime) {
  Table table(10, fixed_key);
  for (std::uint32_t i = 0; i < 5; ++i) insert(table, key_of(i));
  table.remove(*find(table, key_of(2)));
  table.end_burst();
  std::vector<Key> seen;
  auto look = [&](Entry &entry) {
    seen.push_back(entry.key);
    if (entry.key == key_of(3)) table.remove(entry);
  };
  EXPECT_FALSE(table.sweep(3, look));
  EXPECT_EQ(seen.size(), 2u);
  EXPECT_TRUE(table.sweep(3, look));
  EXPECT_EQ(seen.size(), 4u);
  EXPECT_EQ(table.size(), 3u);
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

/// The opener's SYN is 1000, the answerer's 5000; windows as given.
struct Connection {
  State state = State::syn_sent;
  TcpEnd tcp[2];
  Opening again;
  Segment syn = {.from_opener = true, .flags = flag::syn, .sequence = 1000, .window = 4000};

  Connection() { open_tcp(tcp, syn); }
  Fit step(const Segment &segment) { return step_tcp(state, tcp, again, segment); }
  Fit opener(std::uint8_t flags, std::uint32_t sequence = 0, std::uint32_t acknowledgement = 0,
             std::uint16_t length = 0, std::uint16_t window = 4000) {
    return step({true, flags, sequence, acknowledgement, window, length, Segment::no_scale});
  }
  Fit answerer(std::uint8_t flags, std::uint32_t sequence = 0, std::uint32_t acknowledgement = 0,
               std::uint16_t length = 0, std::uint16_t window = 4000) {
    return step({false, flags, sequence, acknowledgement, window, length, Segment::no_scale});
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
  EXPECT_EQ(connection.opener(flag::ack | flag::psh, 1001, 5001, 99), Fit::fits);
  EXPECT_EQ(connection.answerer(flag::ack, 5001, 1100), Fit::fits);
  EXPECT_EQ(connection.opener(flag::ack | flag::fin, 1100, 5001), Fit::fits);
  EXPECT_EQ(connection.state, State::opener_done);
  EXPECT_EQ(connection.answerer(flag::ack, 5001, 1101, 500), Fit::fits); // half-closed: may still send
  EXPECT_EQ(connection.answerer(flag::ack | flag::fin, 5501, 1101), Fit::fits);
  EXPECT_EQ(connection.state, State::closing);
  EXPECT_EQ(connection.opener(flag::ack, 1101, 5502), Fit::fits);
  EXPECT_EQ(connection.opener(flag::syn, 9000), Fit::reopens);
}

TEST(Tcp, RefusesWhatDoesNotFit) {
  Connection fresh;
  EXPECT_EQ(fresh.opener(flag::ack), Fit::misfits); // no handshake yet
  EXPECT_EQ(fresh.opener(flag::syn | flag::ack), Fit::misfits);
  EXPECT_EQ(fresh.answerer(flag::syn), Fit::misfits); // simultaneous open: the rule says who begins
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

TEST(Tcp, OnlyTheAnswerToTheSynOpens) { // RFC 9293 §3.10.7.3
  Connection connection;
  EXPECT_EQ(connection.answerer(flag::syn | flag::ack, 5000, 1000), Fit::out_of_window);
  EXPECT_EQ(connection.answerer(flag::syn | flag::ack, 5000, 1002), Fit::out_of_window);
  EXPECT_EQ(connection.answerer(flag::rst | flag::ack, 0, 1002), Fit::out_of_window);
  EXPECT_EQ(connection.answerer(flag::rst, 0, 0), Fit::out_of_window);
  EXPECT_EQ(connection.state, State::syn_sent);
  EXPECT_EQ(connection.answerer(flag::rst | flag::ack, 0, 1001), Fit::fits); // refused
  EXPECT_EQ(connection.state, State::closed);
}

TEST(Tcp, DataInTheSynMayBeTakenOrNot) { // RFC 7413 §4.2
  for (std::uint32_t taken : {0u, 10u}) {
    Connection connection;
    connection.syn.length = 10;
    open_tcp(connection.tcp, connection.syn);
    EXPECT_EQ(connection.answerer(flag::syn | flag::ack, 5000, 1001 + taken), Fit::fits);
    EXPECT_EQ(connection.opener(flag::ack, 1001 + taken, 5001), Fit::fits);
  }
}

TEST(Tcp, KeepsToTheWindow) { // RFC 9293 §3.10.7.4
  Connection connection = established(); // both announced 4000
  EXPECT_EQ(connection.opener(flag::ack, 1001, 5001, 4000), Fit::fits);
  EXPECT_EQ(connection.opener(flag::ack, 5001, 5001, 1), Fit::fits); // a probe of a closed window
  EXPECT_EQ(connection.opener(flag::ack, 5001, 5001, 2), Fit::out_of_window);
  EXPECT_EQ(connection.opener(flag::ack, 5003, 5001, 0), Fit::out_of_window);
  EXPECT_EQ(connection.opener(flag::ack, 1001, 5001, 10), Fit::fits); // sent again
  EXPECT_EQ(connection.opener(flag::ack, 990, 5001, 5), Fit::out_of_window); // long gone
  EXPECT_EQ(connection.opener(flag::ack, 1000, 5002), Fit::out_of_window); // acknowledges the unsent
  EXPECT_EQ(connection.answerer(flag::ack, 5001, 5002, 4000), Fit::fits);
  EXPECT_EQ(connection.opener(flag::ack, 5002, 9001, 4000), Fit::fits); // acknowledged, so there is room again
}

TEST(Tcp, KeepAliveFits) { // RFC 9293 §3.8.4
  Connection connection = established();
  EXPECT_EQ(connection.opener(flag::ack, 1000, 5001), Fit::fits);
  EXPECT_EQ(connection.opener(flag::ack, 1000, 5001, 1), Fit::fits);
}

TEST(Tcp, WindowsAreScaledWhenBothOffer) { // RFC 7323 §2
  for (bool both : {true, false}) {
    Connection connection;
    connection.syn.scale = 7;
    open_tcp(connection.tcp, connection.syn);
    EXPECT_EQ(connection.step({false, flag::syn | flag::ack, 5000, 1001, 1000, 0,
                               both ? std::uint8_t{3} : Segment::no_scale}),
              Fit::fits);
    EXPECT_EQ(connection.opener(flag::ack, 1001, 5001, 0, 1000), Fit::fits);
    // The opener announced 1000, times 2 to the 7 where scaled.
    EXPECT_EQ(connection.answerer(flag::ack, 5001, 1001, 4002),
              both ? Fit::fits : Fit::out_of_window);
    EXPECT_EQ(connection.answerer(flag::ack, 5001 + 128'000 - 100, 1001, 100),
              both ? Fit::fits : Fit::out_of_window);
    EXPECT_EQ(connection.answerer(flag::ack, 5001 + 128'000, 1001, 100), Fit::out_of_window);
  }
}

TEST(Tcp, SequenceNumbersGoRound) { // RFC 9293 §3.4
  Connection connection;
  connection.syn.sequence = 0xfffffff0;
  open_tcp(connection.tcp, connection.syn);
  EXPECT_EQ(connection.answerer(flag::syn | flag::ack, 0xffffff00, 0xfffffff1), Fit::fits);
  EXPECT_EQ(connection.opener(flag::ack, 0xfffffff1, 0xffffff01, 100), Fit::fits);
  EXPECT_EQ(connection.answerer(flag::ack, 0xffffff01, 0x55, 1000), Fit::fits);
  EXPECT_EQ(connection.opener(flag::ack, 0x55, 0xffffff01 + 1000, 10), Fit::fits);
  EXPECT_EQ(connection.opener(flag::ack, 0x80000000, 0xffffff01 + 1000, 10), Fit::out_of_window);
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

TEST(Tcp, AGuessedResetEndsNothing) { // RFC 5961 §3.2
  Connection connection = established();
  EXPECT_EQ(connection.opener(flag::rst, 1001 + 100), Fit::fits); // within: the receiver challenges it
  EXPECT_EQ(connection.state, State::established);
  EXPECT_EQ(connection.opener(flag::rst, 1001 + 4001), Fit::out_of_window);
  EXPECT_EQ(connection.opener(flag::rst, 1001 - 5000), Fit::out_of_window);
  EXPECT_EQ(connection.state, State::established);
  EXPECT_EQ(connection.opener(flag::rst, 1001), Fit::fits);
  EXPECT_EQ(connection.state, State::closed);
}

TEST(Tcp, AnOpenerThatForgotBeginsAnewIfTheAnswererForgotToo) { // RFC 9293 §3.5.1, RFC 5961 §4
  Connection connection = established();
  EXPECT_EQ(connection.opener(flag::syn, 900'000), Fit::fits);
  EXPECT_EQ(connection.state, State::established);
  EXPECT_EQ(connection.answerer(flag::ack, 5001, 1001), Fit::fits); // it has not: a challenge
  EXPECT_EQ(connection.answerer(flag::syn | flag::ack, 77'000, 1001), Fit::out_of_window);
  EXPECT_EQ(connection.answerer(flag::syn | flag::ack, 77'000, 900'001), Fit::fits); // it has
  EXPECT_EQ(connection.state, State::syn_received);
  EXPECT_EQ(connection.opener(flag::ack, 900'001, 77'001), Fit::fits);
  EXPECT_EQ(connection.opener(flag::ack, 1001, 5001), Fit::out_of_window);
}

} // namespace
} // namespace sekisho::flow
