// Who is at a door, how much each sends, and who must come again: all within bounds.
#include "gateway/relay/clients.hh"
#include "gateway/relay/greylist.hh"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;

Ip ip(std::string_view text) { return parse_ip(text).value(); }

TEST(Nets, OfAnAddress) {
  EXPECT_EQ(to_string(net_of(ip("192.0.2.77"))), "192.0.2.0");
  EXPECT_EQ(to_string(source_of(ip("192.0.2.77"))), "192.0.2.77");
  EXPECT_EQ(net_of(ip("2001:db8:1:2:3:4:5:6")), ip("2001:db8:1:2::"));
  EXPECT_EQ(source_of(ip("2001:db8:1:2:3:4:5:6")), ip("2001:db8:1:2::"));
}

TEST(Connections, LimitsOfEach) { // Z8
  Connections connections;
  const ConnectionLimits limits{6, 2, 3};
  EXPECT_EQ(connections.enter(ip("192.0.2.1"), limits), Reason::none);
  EXPECT_EQ(connections.enter(ip("192.0.2.1"), limits), Reason::none);
  EXPECT_EQ(connections.enter(ip("192.0.2.1"), limits), Reason::too_many_connections); // of the source
  EXPECT_EQ(connections.enter(ip("192.0.2.2"), limits), Reason::none);
  EXPECT_EQ(connections.enter(ip("192.0.2.3"), limits), Reason::too_many_connections); // of the net
  EXPECT_EQ(connections.enter(ip("192.0.3.1"), limits), Reason::none);
  EXPECT_EQ(connections.enter(ip("2001:db8::1"), limits), Reason::none);
  EXPECT_EQ(connections.enter(ip("2001:db8::2"), limits), Reason::none);
  EXPECT_EQ(connections.enter(ip("198.51.100.1"), limits), Reason::too_many_connections); // of all
  connections.leave(ip("192.0.2.2"));
  EXPECT_EQ(connections.enter(ip("192.0.2.3"), limits), Reason::none);
  EXPECT_EQ(connections.count(), 6u);
}

TEST(Connections, ANetOfIpv6IsOneSource) { // Z8: whoever has a /64 has as many addresses as he likes
  Connections connections;
  const ConnectionLimits limits{10, 1, 10};
  EXPECT_EQ(connections.enter(ip("2001:db8::1"), limits), Reason::none);
  EXPECT_EQ(connections.enter(ip("2001:db8::2"), limits), Reason::too_many_connections);
  connections.leave(ip("2001:db8::1"));
  EXPECT_EQ(connections.enter(ip("2001:db8::2"), limits), Reason::none);
}

TEST(Rates, ABucketAMinute) { // Z8
  Rates rates;
  const Rates::Time start{};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(rates.take(ip("192.0.2.1"), 3, start), Reason::none);
  EXPECT_EQ(rates.take(ip("192.0.2.1"), 3, start), Reason::client_too_fast);
  EXPECT_EQ(rates.take(ip("192.0.2.2"), 3, start), Reason::none);
  EXPECT_EQ(rates.take(ip("192.0.2.1"), 3, start + 19s), Reason::client_too_fast);
  EXPECT_EQ(rates.take(ip("192.0.2.1"), 3, start + 21s), Reason::none);
  EXPECT_EQ(rates.take(ip("192.0.2.1"), 3, start + 21s), Reason::client_too_fast);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(rates.take(ip("192.0.2.1"), 3, start + 1h), Reason::none);
  EXPECT_EQ(rates.take(ip("192.0.2.1"), 3, start + 1h), Reason::client_too_fast);
  EXPECT_EQ(rates.take(ip("192.0.2.1"), 0, start + 1h), Reason::none); // no limit
  EXPECT_EQ(rates.take(ip("2001:db8::1"), 1, start), Reason::none);
  EXPECT_EQ(rates.take(ip("2001:db8::2"), 1, start), Reason::client_too_fast); // one /64 is one source
}

TEST(Rates, StayWithinTheirRoom) {
  Rates rates;
  const Rates::Time start{};
  for (std::uint32_t i = 0; i < Rates::most_sources; ++i)
    ASSERT_EQ(rates.take(Ip::from_v4(0x0a000000 + i), 5, start + 1h), Reason::none);
  EXPECT_EQ(rates.take(ip("192.0.2.1"), 5, start + 1h), Reason::client_too_fast); // a newcomer waits, the known go on
  EXPECT_EQ(rates.take(ip("10.0.0.1"), 5, start + 1h), Reason::none);
  EXPECT_EQ(rates.take(ip("192.0.2.1"), 5, start + 1h + 61s), Reason::none);
  EXPECT_LE(rates.sources(), Rates::most_sources);
}

constexpr UnixSeconds begin = 1'795'000'000;
constexpr UnixSeconds day = 86'400;

TEST(Greylist, WaitsOnceThenKnows) { // RFC 6647 §2.3
  Greylist list;
  const auto ask = [&](const char *client, const char *from, const char *to, UnixSeconds now) {
    return list.ask(ip(client), from, to, 300, now);
  };
  EXPECT_EQ(ask("192.0.2.1", "a@x.example", "b@t.example", begin), Reason::greylisted);
  EXPECT_EQ(ask("192.0.2.1", "a@x.example", "b@t.example", begin + 299), Reason::greylisted);
  EXPECT_EQ(ask("192.0.2.1", "c@x.example", "b@t.example", begin + 300), Reason::greylisted);
  EXPECT_EQ(ask("192.0.2.1", "a@x.example", "c@t.example", begin + 300), Reason::greylisted);
  EXPECT_EQ(ask("192.0.3.1", "a@x.example", "b@t.example", begin + 300), Reason::greylisted);
  EXPECT_EQ(ask("192.0.2.9", "A@X.example", "B@t.example", begin + 300), Reason::none); // of the same net
  EXPECT_EQ(ask("192.0.2.1", "a@x.example", "b@t.example", begin + 35 * day), Reason::none);
  EXPECT_EQ(ask("192.0.2.1", "a@x.example", "b@t.example", begin + 70 * day), Reason::none); // from each use anew
  EXPECT_EQ(ask("192.0.2.1", "a@x.example", "b@t.example", begin + 107 * day), Reason::greylisted);
  EXPECT_EQ(ask("192.0.2.1", "c@x.example", "b@t.example", begin + 3 * day), Reason::greylisted); // came too late
  EXPECT_EQ(ask("192.0.2.1", "", "b@t.example", begin), Reason::greylisted); // bounces too
}

TEST(Greylist, AClockThatStoodInTheFutureKeepsNobodyWaiting) {
  Greylist list;
  const auto ask = [&](UnixSeconds now) { return list.ask(ip("192.0.2.1"), "a@x.example", "b@t.example", 300, now); };
  EXPECT_EQ(ask(begin + 3650 * day), Reason::greylisted);
  EXPECT_EQ(ask(begin), Reason::greylisted);
  EXPECT_EQ(ask(begin + 299), Reason::greylisted);
  EXPECT_EQ(ask(begin + 300), Reason::none);
  EXPECT_EQ(ask(begin - 10), Reason::none);
}

TEST(Greylist, AFloodKeepsItsSizeAndTheKnown) {
  Greylist list;
  std::size_t known = 0;
  for (int i = 0; i < 500; ++i) {
    (void)list.ask(ip("192.0.2.1"), fmt::format("a{}@x.example", i), "b@t.example", 10, begin);
    (void)list.ask(ip("192.0.2.1"), fmt::format("a{}@x.example", i), "b@t.example", 10, begin + 20);
  }
  for (int i = 0; i < 150'000; ++i)
    (void)list.ask(Ip::from_v4(0x0a000000 + static_cast<std::uint32_t>(i) * 256), "x@y.example", "b@t.example", 10, begin + 30);
  EXPECT_LE(list.count(), Greylist::places);
  for (int i = 0; i < 500; ++i)
    known += list.ask(ip("192.0.2.1"), fmt::format("a{}@x.example", i), "b@t.example", 10, begin + 40) == Reason::none;
  EXPECT_EQ(known, 500u);
}

TEST(Greylist, WhoTriesManyNamesPushesOutMostlyHisOwn) {
  Greylist list;
  const auto ask = [&](int i, UnixSeconds now) {
    return list.ask(Ip::from_v4(0x0b000000 + static_cast<std::uint32_t>(i) * 256), "a@x.example", "b@t.example", 10, now);
  };
  for (int i = 0; i < 500; ++i) EXPECT_EQ(ask(i, begin), Reason::greylisted);
  for (int i = 0; i < 150'000; ++i) (void)list.ask(ip("192.0.2.66"), fmt::format("a{}@y.example", i), "b@t.example", 10, begin + 1);
  int have_waited = 0;
  for (int i = 0; i < 500; ++i) have_waited += ask(i, begin + 20) == Reason::none;
  EXPECT_GT(have_waited, 400);
}

TEST(Greylist, SurvivesARestart) {
  Greylist list;
  (void)list.ask(ip("192.0.2.1"), "a@x.example", "b@t.example", 10, begin);
  EXPECT_EQ(list.ask(ip("192.0.2.1"), "a@x.example", "b@t.example", 10, begin + 11), Reason::none);
  (void)list.ask(ip("192.0.2.1"), "c@x.example", "b@t.example", 10, begin + 11);
  EXPECT_TRUE(list.has_changed());
  Buffer octets = list.encode();
  Greylist other;
  ASSERT_TRUE(other.decode(octets));
  EXPECT_EQ(other.count(), 2u);
  EXPECT_EQ(other.ask(ip("192.0.2.1"), "a@x.example", "b@t.example", 10, begin + 12), Reason::none);
  EXPECT_EQ(other.ask(ip("192.0.2.1"), "c@x.example", "b@t.example", 10, begin + 12), Reason::greylisted);
  for (std::size_t size = 0; size < octets.size(); ++size) EXPECT_FALSE(Greylist().decode(Bytes(octets).first(size)));
  for (std::size_t i = 0; i < octets.size(); ++i) {
    octets[i] ^= std::byte{1};
    EXPECT_FALSE(Greylist().decode(octets)) << i;
    octets[i] ^= std::byte{1};
  }
}

} // namespace
} // namespace sekisho::relay
