#include "gateway/path/reassembly.hh"
#include "gateway/port/memory.hh"
#include "tests/support/fragments.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace sekisho {
namespace {

using namespace test;
using path::Reassembly;
using Outcome = Reassembly::Outcome;

/// The table, its pool and what it lost; whatever is complete or refused is given back at once.
class Table {
public:
  explicit Table(const path::ReassemblyLimits &limits = {})
      : reassembly(limits, {1, 2, 3, 4, 5, 6, 7, 8}, pool,
                   [this](const path::DatagramKey &, Reason reason, std::span<const port::Frame> frames) {
                     lost.emplace_back(reason, frames.size());
                   }) {}
  ~Table() { EXPECT_EQ(pool.outstanding(), reassembly.frames()) << "a frame was lost or kept"; }

  struct Seen {
    Outcome outcome;
    Reason reason;
    std::vector<Buffer> frames; // when complete
    std::size_t data_length;
  };

  Seen add(const Buffer &octets, rules::ZoneId zone = 0, path::Side side = path::Side::port) {
    wire::Headers headers;
    EXPECT_EQ(wire::parse(octets, headers), Reason::ip_fragment);
    port::Frame frame;
    EXPECT_TRUE(pool.allocate(frame));
    std::ranges::copy(octets, frame.data);
    pool.set_length(frame, static_cast<std::uint32_t>(octets.size()));
    Reassembly::Result result = reassembly.add({zone, side, &headers, frame}, now);
    Seen seen{result.outcome, result.reason, {}, result.data_length};
    for (const port::Frame &each : result.frames) seen.frames.push_back(to_buffer(each.bytes()));
    if (result.outcome == Outcome::complete) pool.release(result.frames);
    if (result.outcome == Outcome::refused) pool.release({&frame, 1});
    EXPECT_EQ((result.outcome == Outcome::refused), (result.reason != Reason::none));
    EXPECT_EQ(pool.outstanding(), reassembly.frames());
    return seen;
  }
  Outcome outcome(const Buffer &octets) { return add(octets).outcome; }
  Reason reason(const Buffer &octets) { return add(octets).reason; }

  port::HeapPool pool{5000, 2048};
  std::vector<std::pair<Reason, std::size_t>> lost;
  std::uint32_t now = 100;
  Reassembly reassembly;
};

Buffer message(std::size_t size) {
  PacketBuilder udp{.protocol = 17};
  Buffer all = udp.transport();
  for (std::size_t i = all.size(); i < size; ++i) all.push_back(static_cast<std::byte>(i * 7));
  set_u16(all, 4, static_cast<unsigned>(size));
  return all;
}
const Buffer whole = message(100);

/// Octets [from, to) of the datagram; the last one when it ends it.
Buffer piece(std::size_t from, std::size_t to, std::uint32_t id = 1, const PacketBuilder &packet = {.protocol = 17}) {
  return fragment4(packet, whole, {from, to, to != whole.size(), id});
}
Buffer piece6(std::size_t from, std::size_t to, std::uint32_t id = 1) {
  PacketBuilder packet{.from = ip("2001:db8:1::11"), .to = ip("2001:db8:2::40"), .protocol = 17};
  return fragment6(packet, whole, {from, to, to != whole.size(), id});
}

TEST(Reassembly, CompletesInAnyOrder) {
  Table table;
  std::vector<std::pair<std::size_t, std::size_t>> cuts = {{0, 24}, {24, 32}, {32, 88}, {88, 100}};
  std::vector<std::size_t> order = {0, 1, 2, 3};
  std::uint32_t id = 0;
  do {
    for (auto *make : {+[](std::size_t from, std::size_t to, std::uint32_t i) { return piece(from, to, i); },
                       +[](std::size_t from, std::size_t to, std::uint32_t i) { return piece6(from, to, i); }}) {
      ++id;
      for (std::size_t i = 0; i < 3; ++i)
        EXPECT_EQ(table.outcome(make(cuts[order[i]].first, cuts[order[i]].second, id)), Outcome::held);
      Table::Seen last = table.add(make(cuts[order[3]].first, cuts[order[3]].second, id));
      ASSERT_EQ(last.outcome, Outcome::complete);
      EXPECT_EQ(last.data_length, 100u);
      ASSERT_EQ(last.frames.size(), 4u);
      for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(last.frames[i], make(cuts[i].first, cuts[i].second, id));
    }
  } while (std::ranges::next_permutation(order).found);
  EXPECT_EQ(table.reassembly.datagrams(), 0u);
  EXPECT_TRUE(table.lost.empty());
}

TEST(Reassembly, OverlapLosesTheWholeDatagramForItsTime) { // RFC 5722
  for (auto [from, to] : {std::pair{16, 32}, {24, 40}, {16, 24}, {32, 56}, {8, 64}, {24, 32}}) {
    Table table;
    EXPECT_EQ(table.outcome(piece(0, 24)), Outcome::held);
    EXPECT_EQ(table.outcome(piece(24, 48)), Outcome::held);
    EXPECT_EQ(table.reason(piece(static_cast<std::size_t>(from), static_cast<std::size_t>(to))),
              Reason::fragment_overlap) << from;
    EXPECT_EQ(table.lost, (std::vector{std::pair{Reason::fragment_overlap, std::size_t{2}}}));
    EXPECT_EQ(table.reassembly.frames(), 0u);
    EXPECT_EQ(table.reason(piece(48, 100)), Reason::fragment_overlap);
    EXPECT_EQ(table.reason(piece(0, 24)), Reason::fragment_overlap);
    table.now += 15;
    EXPECT_EQ(table.outcome(piece(0, 24)), Outcome::held);
  }
}

TEST(Reassembly, OtherOctetsInTheSamePlaceAreAnOverlap) {
  Table table;
  EXPECT_EQ(table.outcome(piece(24, 48)), Outcome::held);
  Buffer other = piece(24, 48);
  set_u8(other, 34 + 10, 0);
  EXPECT_EQ(table.reason(other), Reason::fragment_overlap);
}

TEST(Reassembly, ExactCopiesAreDroppedByName) {
  Table table;
  EXPECT_EQ(table.outcome(piece(0, 48)), Outcome::held);
  EXPECT_EQ(table.reason(piece(0, 48)), Reason::fragment_duplicate);
  EXPECT_EQ(table.outcome(piece(88, 100)), Outcome::held);
  EXPECT_EQ(table.reason(piece(88, 100)), Reason::fragment_duplicate);
  EXPECT_EQ(table.outcome(piece(48, 88)), Outcome::complete);
}

TEST(Reassembly, ThereIsOneEnd) {
  Table behind;
  EXPECT_EQ(behind.outcome(piece(88, 100)), Outcome::held);
  PacketBuilder udp{.protocol = 17};
  EXPECT_EQ(behind.reason(fragment4(udp, message(200), {104, 112, true, 1})), Reason::fragment_malformed);
  EXPECT_EQ(behind.reason(piece(0, 88)), Reason::fragment_malformed);

  Table second;
  EXPECT_EQ(second.outcome(piece(88, 100)), Outcome::held);
  EXPECT_EQ(second.reason(fragment4(udp, message(50), {40, 50, false, 1})), Reason::fragment_malformed);

  Table before;
  EXPECT_EQ(before.outcome(fragment4(udp, message(200), {104, 112, true, 1})), Outcome::held);
  EXPECT_EQ(before.reason(piece(88, 100)), Reason::fragment_malformed);
}

TEST(Reassembly, AnotherSenderOrDatagramIsAnother) {
  Table table;
  PacketBuilder packet{.protocol = 17};
  EXPECT_EQ(table.add(piece(0, 48)).outcome, Outcome::held);
  PacketBuilder mac_of_another = packet;
  mac_of_another.from_mac = mac("02:00:5e:10:00:66");
  PacketBuilder other_source = packet, other_destination = packet, other_protocol = packet;
  other_source.from = ip("10.1.0.12");
  other_destination.to = ip("10.2.0.41");
  other_protocol.protocol = 132;
  for (const PacketBuilder &other : {mac_of_another, other_source, other_destination, other_protocol})
    EXPECT_EQ(table.add(piece(48, 100, 1, other)).outcome, Outcome::held);
  EXPECT_EQ(table.add(piece(48, 100, 2)).outcome, Outcome::held);
  EXPECT_EQ(table.add(piece(48, 100), 1).outcome, Outcome::held);
  EXPECT_EQ(table.add(piece(48, 100), 0, path::Side::kernel).outcome, Outcome::held);
  EXPECT_EQ(table.add(piece6(48, 100)).outcome, Outcome::held);
  EXPECT_EQ(table.add(piece(48, 100)).outcome, Outcome::complete);
  EXPECT_EQ(table.reassembly.datagrams(), 8u);
}

TEST(Reassembly, TimeEndsWhatNeverEnds) {
  Table table;
  EXPECT_EQ(table.outcome(piece(0, 24, 1)), Outcome::held);
  table.now += 14;
  EXPECT_EQ(table.outcome(piece(24, 32, 1)), Outcome::held); // another fragment gains no time
  EXPECT_EQ(table.outcome(piece(0, 24, 2)), Outcome::held);
  table.now += 1;
  table.reassembly.sweep(table.now, 10);
  EXPECT_EQ(table.lost, (std::vector{std::pair{Reason::fragment_timeout, std::size_t{2}}}));
  EXPECT_EQ(table.reassembly.datagrams(), 1u);
  EXPECT_EQ(table.outcome(piece(32, 100, 1)), Outcome::held); // of another datagram now
  EXPECT_EQ(table.outcome(piece(24, 100, 2)), Outcome::complete);
}

TEST(Reassembly, TheSweeperTakesALittleAtATime) {
  Table table;
  for (std::uint32_t id = 0; id < 20; ++id) table.add(piece(0, 24, id));
  table.now += 15;
  table.reassembly.sweep(table.now, 3);
  EXPECT_EQ(table.reassembly.datagrams(), 17u);
  EXPECT_EQ(table.outcome(piece(24, 100, 19)), Outcome::held); // its time is over all the same
  EXPECT_EQ(table.reassembly.datagrams(), 13u);
  while (table.reassembly.datagrams() > 1) table.reassembly.sweep(table.now, 3);
  EXPECT_EQ(table.pool.outstanding(), 1u);
}

TEST(Reassembly, FragmentsOfADatagramAreBounded) {
  Table table({.fragments = 4});
  for (std::size_t from : {0u, 8u, 16u, 24u}) EXPECT_EQ(table.outcome(piece(from, from + 8)), Outcome::held);
  EXPECT_EQ(table.reason(piece(32, 40)), Reason::fragment_too_many);
  EXPECT_EQ(table.reason(piece(40, 100)), Reason::fragment_too_many);
  EXPECT_EQ(table.reassembly.frames(), 0u);
}

TEST(Reassembly, DatagramsOfASourceAreBounded) {
  Table table({.source_datagrams = 3});
  for (std::uint32_t id : {1, 2, 3}) EXPECT_EQ(table.outcome(piece(0, 24, id)), Outcome::held);
  EXPECT_EQ(table.reason(piece(0, 24, 4)), Reason::fragment_source_limit);
  PacketBuilder other{.from = ip("10.1.0.12"), .protocol = 17};
  EXPECT_EQ(table.outcome(piece(0, 24, 4, other)), Outcome::held);
  EXPECT_EQ(table.outcome(piece(24, 100, 2)), Outcome::complete);
  EXPECT_EQ(table.outcome(piece(0, 24, 4)), Outcome::held);
}

TEST(Reassembly, AZoneLeavesRoomForTheOthers) {
  Table table({.datagrams = 8});
  for (std::uint32_t id = 0; id < 6; ++id) EXPECT_EQ(table.outcome(piece(0, 24, id)), Outcome::held);
  EXPECT_EQ(table.reason(piece(0, 24, 6)), Reason::fragment_table_full);
  EXPECT_EQ(table.add(piece(0, 24, 6), 1).outcome, Outcome::held);
  EXPECT_EQ(table.add(piece(0, 24, 7), 1).outcome, Outcome::held);
  EXPECT_EQ(table.add(piece(0, 24, 8), 1).reason, Reason::fragment_table_full);
}

TEST(Reassembly, FramesAreBounded) {
  Table table({.frames = 4});
  for (std::size_t from : {0u, 8u, 16u}) EXPECT_EQ(table.outcome(piece(from, from + 8)), Outcome::held);
  EXPECT_EQ(table.reason(piece(24, 32)), Reason::fragment_table_full); // not lost: it may come again
  EXPECT_EQ(table.reason(piece(0, 24, 2)), Reason::fragment_table_full);
  EXPECT_EQ(table.reassembly.datagrams(), 1u);
  EXPECT_EQ(table.add(piece(0, 24, 2), 1).outcome, Outcome::held);
  table.now += 15;
  table.reassembly.sweep(table.now, 10);
  EXPECT_EQ(table.outcome(piece(0, 24, 3)), Outcome::held);
}

TEST(Reassembly, ASeveredZoneIsForgotten) {
  Table table;
  table.add(piece(0, 24, 1), 0);
  table.add(piece(0, 24, 1), 1);
  table.add(piece(24, 32, 1), 0);
  table.reassembly.forget(1u << 0, Reason::zone_severed);
  EXPECT_EQ(table.lost, (std::vector{std::pair{Reason::zone_severed, std::size_t{2}}}));
  EXPECT_EQ(table.add(piece(24, 100, 1), 1).outcome, Outcome::complete);
}

TEST(Reassembly, GivesBackWhatItHoldsAtItsEnd) {
  port::HeapPool pool{10, 2048};
  {
    Reassembly reassembly({}, {}, pool, nullptr);
    for (std::size_t from : {0u, 24u}) {
      Buffer octets = piece(from, from + 24);
      wire::Headers headers;
      ASSERT_EQ(wire::parse(octets, headers), Reason::ip_fragment);
      port::Frame frame;
      ASSERT_TRUE(pool.allocate(frame));
      std::ranges::copy(octets, frame.data);
      EXPECT_EQ(reassembly.add({0, path::Side::port, &headers, frame}, 1).outcome, Outcome::held);
    }
    EXPECT_EQ(pool.outstanding(), 2u);
  }
  EXPECT_EQ(pool.outstanding(), 0u);
}

/// Random cuts in random order with random copies, thefts of places and waits, against a plain model: a map from
/// octet to the fragment that brought it.
TEST(Reassembly, AgreesWithAnObviousModel) {
  std::mt19937 random(5722);
  auto below = [&](std::size_t limit) { return random() % limit; };
  Table table;
  struct Model {
    std::array<int, 104> octet_of{};
    bool is_lost = false;
  };
  for (std::uint32_t id = 0; id < 3000; ++id) {
    Model model;
    bool is_over = false;
    for (int step = 1; step < 40 && !is_over; ++step) {
      std::size_t from = below(13) * 8;
      std::size_t to = std::min<std::size_t>(from + (1 + below(5)) * 8, 100);
      if (from > 96 || (from == 0 && to < 8)) continue;
      if (to <= from || (to != 100 && to % 8 != 0)) continue;
      bool is_held = true;
      for (std::size_t i = from; i < to; ++i) is_held &= model.octet_of[i] != 0 && model.octet_of[i] == model.octet_of[from];
      bool is_copy = is_held && (from == 0 || model.octet_of[from - 1] != model.octet_of[from]) &&
                     (to == 100 || model.octet_of[to] != model.octet_of[from]);
      bool overlaps = std::any_of(&model.octet_of[from], &model.octet_of[to], [](int owner) { return owner != 0; });
      Table::Seen seen = table.add(piece(from, to, id));
      if (model.is_lost) {
        ASSERT_EQ(seen.reason, Reason::fragment_overlap);
      } else if (is_copy) {
        ASSERT_EQ(seen.reason, Reason::fragment_duplicate);
      } else if (overlaps) {
        ASSERT_EQ(seen.reason, Reason::fragment_overlap);
        model.is_lost = true;
      } else {
        std::fill(&model.octet_of[from], &model.octet_of[to], step);
        bool is_whole = std::none_of(&model.octet_of[0], &model.octet_of[100], [](int owner) { return owner == 0; });
        ASSERT_EQ(seen.outcome, is_whole ? Outcome::complete : Outcome::held);
        is_over = is_whole;
      }
    }
    if (id % 50 == 0) table.now += 15;
    table.reassembly.sweep(table.now, 1000);
  }
}

} // namespace
} // namespace sekisho
