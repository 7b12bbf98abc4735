#include "gateway/port/trunk.hh"

#include "gateway/port/memory.hh"
#include "tests/support/packets.hh"

#include <gtest/gtest.h>

#include <algorithm>

namespace sekisho::port {
namespace {

using test::PacketBuilder;

struct Tag {
  std::uint16_t type, control;
};
Buffer tagged(Bytes frame, std::initializer_list<Tag> tags) {
  ByteWriter out;
  out.put_bytes(frame.first(12));
  for (const Tag &tag : tags) {
    out.put_u16(tag.type);
    out.put_u16(tag.control);
  }
  out.put_bytes(frame.subspan(12));
  return out.take();
}

using Buffers = std::vector<Buffer>;

class TrunkTest : public testing::Test {
protected:
  ~TrunkTest() override { EXPECT_EQ(pool.outstanding(), 0u) << "a frame was kept"; }

  Buffers receive(Port &port) {
    Buffers all;
    std::array<Frame, 64> burst;
    std::size_t count = port.receive(burst);
    for (const Frame &frame : std::span(burst).first(count)) all.push_back(to_buffer(frame.bytes()));
    pool.release(std::span(burst).first(count));
    return all;
  }
  void send(Port &port, const Buffer &octets, std::size_t times = 1) {
    std::vector<Frame> frames(times);
    for (Frame &frame : frames) {
      ASSERT_TRUE(pool.allocate(frame));
      std::ranges::copy(octets, frame.data);
      pool.set_length(frame, static_cast<std::uint32_t>(octets.size()));
    }
    sent = port.transmit(frames);
  }

  HeapPool pool{2048, 2048};
  Mac mac = test::mac("02:00:5e:00:00:01");
  MemoryPort wire{"wire", mac, pool};
  Trunk trunk{wire, pool};
  Buffer plain = PacketBuilder{}.ipv4();
  std::size_t sent = 0;
};

TEST_F(TrunkTest, TakesTheTagOffAndPutsItOn) {
  Port &a = trunk.add({.outer = 101}), &b = trunk.add({.outer = 102});
  wire.feed(tagged(plain, {{0x8100, 101}}));
  wire.feed(tagged(plain, {{0x8100, 0xe000 | 102}})); // priority 7
  EXPECT_EQ(receive(a), Buffers{plain});
  EXPECT_EQ(receive(b), Buffers{plain});
  send(b, plain);
  EXPECT_EQ(wire.sent(), Buffers{tagged(plain, {{0x8100, 102}})});
  EXPECT_EQ(b.mac(), mac);
}

TEST_F(TrunkTest, KnowsTwoTags) { // 802.1ad, and the same with 8100 outside
  Port &one = trunk.add({.outer = 200}), &two = trunk.add({.outer = 200, .inner = 101});
  wire.feed(tagged(plain, {{0x88a8, 200}, {0x8100, 101}}));
  wire.feed(tagged(plain, {{0x8100, 200}, {0x8100, 101}}));
  EXPECT_EQ(receive(two), (Buffers{plain, plain}));
  EXPECT_TRUE(receive(one).empty());
  send(two, plain);
  EXPECT_EQ(wire.sent(), Buffers{tagged(plain, {{0x88a8, 200}, {0x8100, 101}})});
}

TEST_F(TrunkTest, AnInnerTagThatIsNotListedStays) { // VLAN hopping
  Port &one = trunk.add({.outer = 200});
  wire.feed(tagged(plain, {{0x8100, 200}, {0x8100, 101}}));
  EXPECT_EQ(receive(one), Buffers{tagged(plain, {{0x8100, 101}})});
}

TEST_F(TrunkTest, UnlistedTagsStay) {
  Port &untagged = trunk.add({}), &a = trunk.add({.outer = 101});
  Buffers strays = {tagged(plain, {{0x8100, 100}}), tagged(plain, {{0x88a8, 101}}),
                                tagged(plain, {{0x8100, 0}}),
                                tagged(plain, {{0x8100, 0}, {0x8100, 101}})};
  for (const Buffer &stray : strays) wire.feed(stray);
  EXPECT_TRUE(receive(a).empty());
  EXPECT_EQ(receive(untagged), strays);
}

TEST_F(TrunkTest, AnUntaggedFrameIsNobodysWhereAllHaveTags) {
  Port &a = trunk.add({.outer = 101});
  wire.feed(plain);
  EXPECT_EQ(receive(a), Buffers{tagged(plain, {{0x8100, 0}})});
}

TEST_F(TrunkTest, AnUntaggedFrameIsTheUntaggedZones) {
  Port &a = trunk.add({.outer = 101}), &untagged = trunk.add({});
  wire.feed(plain);
  EXPECT_TRUE(receive(a).empty());
  EXPECT_EQ(receive(untagged), Buffers{plain});
  send(untagged, plain);
  EXPECT_EQ(wire.sent(), Buffers{plain});
}

TEST_F(TrunkTest, ShortFramesAreHandedOnAsTheyAre) {
  Port &a = trunk.add({.outer = 101});
  Buffer frame = tagged(plain, {{0x8100, 101}, {0x8100, 7}});
  for (std::size_t length = 0; length < 22; ++length) {
    wire.feed(Bytes(frame).first(length));
    Buffers got = receive(a);
    ASSERT_EQ(got.size(), 1u) << length;
    EXPECT_LE(got[0].size(), length + 4) << length;
  }
}

TEST_F(TrunkTest, AZoneThatIsNotServedStopsTheWireAndLosesNothing) {
  Port &a = trunk.add({.outer = 101}), &b = trunk.add({.outer = 102});
  for (int i = 0; i < 1000; ++i) wire.feed(tagged(plain, {{0x8100, 102}}));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(receive(a).empty()); // fills what waits for b, not more
  std::size_t total = 0;
  for (int i = 0; i < 100; ++i) total += receive(b).size();
  EXPECT_EQ(total, 1000u);
}

TEST_F(TrunkTest, WhatDoesNotGoOutIsReleased) {
  Port &a = trunk.add({.outer = 101});
  wire.set_room(100);
  send(a, plain, 150);
  EXPECT_EQ(sent, 100u);
  EXPECT_EQ(wire.sent().size(), 100u);
}

} // namespace
} // namespace sekisho::port
