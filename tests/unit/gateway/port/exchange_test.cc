#include "gateway/port/exchange.hh"

#include "gateway/port/memory.hh"
#include "tests/support/packets.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

namespace sekisho::port {
namespace {

using test::PacketBuilder, test::ip;

Buffer packet(const char *from, const char *to, std::uint8_t protocol = 6) {
  PacketBuilder builder;
  builder.from = ip(from);
  builder.to = ip(to);
  builder.protocol = protocol;
  builder.icmp_type = 0;
  return builder.ipv4();
}

/// An ICMP error of a third host that quotes the first 28 octets of `about`.
Buffer error_about(const Buffer &about, const char *from, const char *to) {
  PacketBuilder builder;
  builder.from = ip(from);
  builder.to = ip(to);
  builder.protocol = 1;
  builder.icmp_type = 3;
  std::string quoted(as_chars(Bytes(about).subspan(14, 28)));
  builder.data = quoted;
  return builder.ipv4();
}

Buffer tagged(Bytes frame, std::uint16_t vid) {
  ByteWriter out;
  out.put_bytes(frame.first(12));
  out.put_u16(0x8100);
  out.put_u16(vid);
  out.put_bytes(frame.subspan(12));
  return out.take();
}

TEST(RssHash, IsToeplitzWithTheRepeatedKey) {
  // Bit by bit as a card does it: the reference of Microsoft's definition, here with our key.
  std::array<std::byte, 40> key;
  for (std::size_t i = 0; i < key.size(); ++i)
    key[i] = static_cast<std::byte>(i % 2 ? rss_key_word & 0xff : rss_key_word >> 8);
  std::array<std::byte, 32> addresses;
  for (std::size_t i = 0; i < addresses.size(); ++i) addresses[i] = static_cast<std::byte>(i * 37 + 11);
  for (std::size_t octets : {8, 32}) {
    std::uint32_t hash = 0;
    for (std::size_t bit = 0; bit < octets * 8; ++bit) {
      if (!(std::to_integer<unsigned>(addresses[bit / 8]) >> (7 - bit % 8) & 1)) continue;
      for (std::size_t i = 0; i < 32; ++i) {
        std::size_t at = bit + i;
        unsigned of_key = std::to_integer<unsigned>(key[at / 8 % key.size()]) >> (7 - at % 8) & 1;
        hash ^= of_key << (31 - i);
      }
    }
    EXPECT_EQ(hash & 0xffff, rss_hash(addresses.data(), octets)) << octets;
    EXPECT_EQ(hash >> 16, rss_hash(addresses.data(), octets)) << octets;
  }
}

TEST(Owners, BothDirectionsTagsAndErrorsAreOneCores) {
  Owners owners(5);
  std::set<int> seen;
  for (int host = 1; host < 100; ++host) {
    std::string there = "10.1.0." + std::to_string(host);
    Buffer request = packet(there.c_str(), "10.2.0.40"), reply = packet("10.2.0.40", there.c_str());
    int owner = owners.of(request);
    seen.insert(owner);
    EXPECT_EQ(owners.of(reply), owner);
    EXPECT_EQ(owners.of(tagged(request, 7)), owner);
    EXPECT_EQ(owners.of(tagged(tagged(request, 7), 8)), owner);
    EXPECT_EQ(owners.of(error_about(request, "192.0.2.1", there.c_str())), owner);
  }
  EXPECT_EQ(seen.size(), 5u); // all are used
}

TEST(Owners, WhatHasNoAddressesIsTheFirstCores) {
  Owners owners(7);
  Buffer frame = packet("10.1.0.77", "10.2.0.41");
  for (std::size_t length = 0; length < 34; ++length) EXPECT_EQ(owners.of(Bytes(frame).first(length)), 0);
  EXPECT_EQ(owners.of(PacketBuilder{}.ethernet(0x0806)), 0);
  EXPECT_EQ(owners.of(tagged(tagged(tagged(frame, 1), 2), 3)), 0);
}

TEST(Owners, ATruncatedErrorIsJudgedByItsOwnAddresses) {
  Owners owners(16);
  Buffer request = packet("10.1.0.11", "10.2.0.40");
  Buffer error = error_about(request, "192.0.2.1", "10.1.0.11");
  Buffer other = packet("192.0.2.1", "10.1.0.11", 17);
  EXPECT_EQ(owners.of(Bytes(error).first(14 + 20 + 8 + 19)), owners.of(other));
}

class ExchangeTest : public testing::Test {
protected:
  ~ExchangeTest() override { EXPECT_EQ(pool.outstanding(), 0u) << "a frame was kept"; }
  std::vector<Buffer> receive(Port &port) {
    std::vector<Buffer> all;
    std::array<Frame, 64> burst;
    while (std::size_t count = port.receive(burst)) {
      for (const Frame &frame : std::span(burst).first(count)) all.push_back(to_buffer(frame.bytes()));
      pool.release(std::span(burst).first(count));
    }
    return all;
  }

  HeapPool pool{4096, 2048};
  Owners owners{3};
  MemoryPort queues[3] = {{"a", {}, pool}, {"b", {}, pool}, {"c", {}, pool}};
  std::array<Port *, 3> own{&queues[0], &queues[1], &queues[2]};
  std::array<FramePool *, 3> pools{&pool, &pool, &pool};
};

TEST_F(ExchangeTest, EveryFrameReachesItsOwner) {
  Exchange exchange(owners, own, pools, /*trusts_card=*/false);
  std::vector<std::string> expected[3];
  for (int i = 0; i < 300; ++i) {
    Buffer frame = packet(("10.1.0." + std::to_string(i % 200 + 1)).c_str(), "10.2.0.40");
    expected[owners.of(frame)].emplace_back(as_chars(frame));
    queues[i % 3].feed(frame);
  }
  std::vector<std::string> got[3];
  for (int turn = 0; turn < 4; ++turn)
    for (std::size_t core = 0; core < 3; ++core)
      for (const Buffer &frame : receive(exchange.port(core))) got[core].emplace_back(as_chars(frame));
  for (std::size_t core = 0; core < 3; ++core) {
    std::ranges::sort(got[core]);
    std::ranges::sort(expected[core]);
    EXPECT_EQ(got[core], expected[core]) << core;
  }
  EXPECT_GT(exchange.handed_over(), 100u);
  EXPECT_EQ(exchange.lost(), 0u);
}

TEST_F(ExchangeTest, AFullRingLosesAndCounts) {
  Exchange exchange(owners, own, pools, false);
  Buffer frame = packet("10.1.0.11", "10.2.0.40");
  std::size_t owner = owners.of(frame), other = (owner + 1) % 3;
  for (std::size_t i = 0; i < FrameRing::size + 100; ++i) queues[other].feed(frame);
  for (int turn = 0; turn < 20; ++turn) EXPECT_TRUE(receive(exchange.port(other)).empty());
  EXPECT_EQ(exchange.lost(), 100u);
  EXPECT_EQ(receive(exchange.port(owner)).size(), FrameRing::size);
}

TEST_F(ExchangeTest, ACardThatSpreadsOtherwiseIsFoundOut) {
  Exchange exchange(owners, own, pools, /*trusts_card=*/true);
  Buffer frame = packet("10.1.0.11", "10.2.0.40");
  std::size_t owner = owners.of(frame), other = (owner + 1) % 3;
  queues[owner].feed(frame);
  EXPECT_EQ(receive(exchange.port(owner)).size(), 1u);
  EXPECT_FALSE(exchange.is_distrusted());
  for (int i = 0; i < 10; ++i) queues[other].feed(frame);
  EXPECT_TRUE(receive(exchange.port(other)).empty());
  EXPECT_TRUE(exchange.is_distrusted());
  EXPECT_EQ(receive(exchange.port(owner)).size(), 10u);
}

TEST_F(ExchangeTest, ErrorsAreLookedForEvenOnATrustedCard) {
  Exchange exchange(owners, own, pools, true);
  Buffer request = packet("10.1.0.11", "10.2.0.40");
  Buffer error = error_about(request, "192.0.2.1", "10.1.0.11");
  std::size_t owner = owners.of(request), other = (owner + 1) % 3;
  queues[other].feed(error);
  EXPECT_TRUE(receive(exchange.port(other)).empty());
  EXPECT_EQ(receive(exchange.port(owner)), std::vector<Buffer>(1, error));
}

TEST(FrameRing, KeepsOrderBetweenTwoThreads) {
  FrameRing ring;
  constexpr std::uint32_t frames = 200'000;
  std::thread writer([&] {
    for (std::uint32_t next = 0; next < frames;) {
      std::array<Frame, 7> some;
      std::size_t count = std::min<std::size_t>(some.size(), frames - next);
      for (std::size_t i = 0; i < count; ++i) some[i].length = next + static_cast<std::uint32_t>(i);
      next += static_cast<std::uint32_t>(ring.push(std::span(some).first(count)));
    }
  });
  std::uint32_t expected = 0;
  while (expected < frames) {
    std::array<Frame, 64> some;
    std::size_t count = ring.pop(some);
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(some[i].length, expected++);
    if (count == 0) std::this_thread::yield();
  }
  writer.join();
}

} // namespace
} // namespace sekisho::port
