// The quick way's stages come in two versions, for any processor and for those with AVX-512: they must say
// the same of every burst, odd frames and odd flows among them.
#include "base/cpu.hh"
#include "gateway/path/quick.hh"
#include "gateway/path/quick_avx512.hh"
#include "tests/support/packets.hh"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <memory>
#include <random>
#include <set>

#if defined(__x86_64__)
namespace sekisho::path {
namespace {

using namespace test;

constexpr std::uint32_t now = 10'000;
constexpr std::uint16_t generation = 7;
constexpr std::size_t rounds = 4000;

class Stages : public ::testing::Test {
protected:
  void SetUp() override {
    if (!has_avx512()) GTEST_SKIP() << "this processor has no AVX-512";
  }
  std::uint32_t below(std::uint32_t end) { return random_() % end; }
  bool once_in(std::uint32_t turns) { return below(turns) == 0; }

  static void sum_up_header(Buffer &frame) {
    set_u16(frame, 24, 0);
    set_u16(frame, 24, static_cast<std::uint16_t>(~wire::folded(wire::partial_sum(Bytes(frame).subspan(14, 20)))));
  }

  /// Eight hosts of two zones; every second frame has something odd.
  Buffer frame_octets() {
    PacketBuilder packet;
    std::uint32_t host = below(4), peer = below(4), there = below(2);
    packet.from = Ip::from_v4((there ? 0x0a010000 : 0xca020000) + host);
    packet.to = Ip::from_v4((there ? 0xca020000 : 0x0a010000) + peer);
    packet.from_mac.octets[5] = static_cast<std::uint8_t>(there ? host : 4 + host);
    packet.from_port = static_cast<std::uint16_t>(there ? 40000 + below(4) : 443);
    packet.to_port = static_cast<std::uint16_t>(there ? 443 : 40000 + below(4));
    packet.protocol = once_in(2) ? 6 : 17;
    packet.flags = once_in(8) ? static_cast<std::uint8_t>(below(256)) : std::uint8_t{0x10};
    packet.sequence = random_(), packet.acknowledgement = random_();
    packet.ttl = once_in(16) ? static_cast<std::uint8_t>(below(3)) : std::uint8_t{64};
    static const std::string filling(1400, 'x');
    packet.data = std::string_view(filling).substr(0, once_in(4) ? below(1400) : 18);
    Buffer frame = packet.ipv4();
    if (frame.size() < 60) frame.resize(60);
    if (once_in(16)) frame.resize(frame.size() + below(9));
    if (once_in(2)) return frame;
    switch (below(8)) {
    case 0: frame.resize(below(static_cast<std::uint32_t>(frame.size()))); break; // cut off
    case 1: set_u16(frame, 12, once_in(2) ? 0x8100 : 0x86dd); break;              // tagged, IPv6
    case 2: frame[14] = std::byte{0x46}; break;                                   // options
    case 3: set_u16(frame, 20, static_cast<std::uint16_t>(1u << below(16))); break; // flags, fragment
    case 4: set_u16(frame, 16, static_cast<std::uint16_t>(20 + below(60))); break;  // total length
    case 5: set_u16(frame, 38, static_cast<std::uint16_t>(below(60))); break;       // UDP length
    case 6: frame[46] = static_cast<std::byte>(below(256)); break;                  // TCP offset
    default: frame[below(54)] = static_cast<std::byte>(below(256)); break;
    }
    if (frame.size() >= 34 && !once_in(4)) sum_up_header(frame);
    return frame;
  }

  std::vector<port::Frame> burst() {
    std::vector<port::Frame> frames(1 + below(burst_size));
    if (once_in(2)) frames.resize(burst_size);
    for (std::size_t i = 0; i < frames.size(); ++i) {
      Buffer octets = frame_octets();
      std::ranges::copy(octets, buffers_[i].begin());
      frames[i] = {.data = buffers_[i].data(), .length = static_cast<std::uint32_t>(octets.size())};
      frames[i].vlan_stripped = once_in(64);
    }
    return frames;
  }

  /// A few known flows, as they may be.
  void renew_flows() {
    flow::State states[] = {flow::State::established, flow::State::two_way, flow::State::one_way,
                            flow::State::syn_sent, flow::State::closed};
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      flow::Entry &entry = entries_[i] = {};
      entry.generation = once_in(16) ? generation + 1 : generation;
      entry.state = states[once_in(2) ? below(5) : below(2)];
      entry.last_seen = now - (once_in(8) ? below(20'000) : below(60));
      entry.opener_is_high = below(2);
      entry.relayed = once_in(16), entry.dead = once_in(16), entry.metered = once_in(16), entry.from_kernel = once_in(16);
      entry.from = static_cast<std::uint8_t>(once_in(4) ? below(16) : 1), entry.to = 1 + entry.from % 15;
      for (std::uint16_t &neighbour : entry.neighbour)
        neighbour = once_in(16) ? flow::no_neighbour : static_cast<std::uint16_t>(below(8));
    }
    for (std::size_t i = 0; i < neighbours_.size(); ++i) {
      Neighbour &neighbour = neighbours_[i] = {};
      neighbour.mac = PacketBuilder().from_mac;
      neighbour.mac.octets[5] = static_cast<std::uint8_t>(i);
      neighbour.zone = static_cast<rules::ZoneId>(i % 3);
      neighbour.pinned = once_in(2), neighbour.known = !once_in(4);
      neighbour.confirmed_at = now - below(600);
    }
    for (std::size_t zone = 0; zone < rules::max_zones; ++zone) {
      exits_.largest[zone] = once_in(2) ? 1514 : below(1514);
      exits_.mac_front[zone] = random_() << 16, exits_.mac_back[zone] = random_();
    }
  }

  std::mt19937 random_{20261126};
  std::array<std::array<std::byte, 2048>, burst_size> buffers_{};
  std::array<flow::Entry, 32> entries_;
  std::array<Neighbour, 8> neighbours_;
  Exits exits_;
  std::uint64_t own_mac_ = number_of(PacketBuilder().to_mac);
};

void expect_same_rows(const PlainRows &one, const PlainRows &other) {
  ASSERT_EQ(one.plain, other.plain);
  ASSERT_EQ(one.addressed, other.addressed);
  ASSERT_EQ(one.padded, other.padded);
  for (std::uint64_t plain = one.plain; plain != 0; plain &= plain - 1) {
    auto i = static_cast<std::size_t>(std::countr_zero(plain));
    EXPECT_EQ(one.keys[i], other.keys[i]);
    EXPECT_EQ(one.source_is_high[i], other.source_is_high[i]);
    EXPECT_EQ(one.lengths[i], other.lengths[i]);
    EXPECT_EQ(one.source_mac_front[i], other.source_mac_front[i]);
    EXPECT_EQ(one.source_mac_back[i], other.source_mac_back[i]);
    EXPECT_EQ(one.heads[i], other.heads[i]);
    EXPECT_EQ(one.hops[i], other.hops[i]);
    EXPECT_EQ(one.ends[i], other.ends[i]);
    EXPECT_EQ(one.acknowledgements[i], other.acknowledgements[i]);
    EXPECT_EQ(one.windows[i], other.windows[i]);
    EXPECT_EQ(one.is_mere_ack[i], other.is_mere_ack[i]);
  }
}

TEST_F(Stages, ReadTheSame) {
  std::size_t plain = 0, odd = 0;
  for (std::size_t round = 0; round < rounds && !HasFailure(); ++round) {
    std::vector<port::Frame> frames = burst();
    PlainRows portable, wide;
    read_plain(frames, own_mac_, portable);
    read_plain_avx512(frames, own_mac_, wide);
    expect_same_rows(portable, wide);
    plain += static_cast<unsigned>(std::popcount(portable.plain));
    odd += frames.size() - static_cast<unsigned>(std::popcount(portable.plain));
  }
  EXPECT_GT(plain, rounds * 8);
  EXPECT_GT(odd, rounds * 8);
}

TEST_F(Stages, ScreenTheSame) {
  std::size_t quick_ones = 0, others = 0;
  for (std::size_t round = 0; round < rounds && !HasFailure(); ++round) {
    std::vector<port::Frame> frames = burst();
    renew_flows();
    PlainRows rows;
    read_plain(frames, own_mac_, rows);
    std::array<flow::Table::Index, burst_size> candidates;
    for (std::size_t i = 0; i < burst_size; ++i) {
      candidates[i] = once_in(16) ? flow::Table::none : below(entries_.size());
      if (candidates[i] == flow::Table::none || !rows.is_plain(i)) continue;
      if (!once_in(16)) entries_[candidates[i]].key = rows.keys[i];
      else if (once_in(2)) entries_[candidates[i]].key.back ^= std::uint64_t{1} << below(64);
    }
    Surroundings around{entries_.data(), neighbours_.data(), exits_, now, generation, static_cast<rules::ZoneId>(1 + below(2)),
                        once_in(4), once_in(4)};
    std::uint64_t which = once_in(2) ? ~std::uint64_t{0} : ~std::uint64_t{0} << below(64);
    if (frames.size() < burst_size) which &= (std::uint64_t{1} << frames.size()) - 1;
    ScreenRows portable, wide;
    portable.places.fill(0xee), wide.places.fill(0xee);
    std::uint64_t quick = screen(around, which, rows, candidates.data(), portable);
    ASSERT_EQ(quick, screen_avx512(around, which, rows, candidates.data(), wide));
    EXPECT_EQ(portable.places, wide.places); // of the others nothing is touched
    for (std::uint64_t left = quick; left != 0; left &= left - 1) {
      auto i = static_cast<std::size_t>(std::countr_zero(left));
      EXPECT_EQ(portable.fronts[i], wide.fronts[i]);
      EXPECT_EQ(portable.is_answerer[i], wide.is_answerer[i]);
    }
    quick_ones += static_cast<unsigned>(std::popcount(quick));
    others += static_cast<unsigned>(std::popcount(which & rows.plain & ~quick));
  }
  EXPECT_GT(quick_ones, rounds / 2);
  EXPECT_GT(others, rounds);
}

/// What pass_one() makes of those of `which` that are the first of their flow.
Passed pass_each(std::vector<flow::Entry> &entries, std::uint32_t which, std::size_t base, const PlainRows &rows,
                 const flow::Table::Index *candidates, const ScreenRows &found, port::Frame *frames) {
  Passed passed;
  std::set<flow::Table::Index> seen;
  for (; which != 0; which &= which - 1) {
    const auto lane = static_cast<std::size_t>(std::countr_zero(which)), i = base + lane;
    if (!seen.insert(candidates[i]).second) continue;
    if (!pass_one(entries[candidates[i]], now, i, rows, found, frames[i].data)) continue;
    passed.which |= 1u << lane;
    passed.doors |= 1u << found.places[i];
    passed.octets += rows.lengths[i];
  }
  return passed;
}

TEST_F(Stages, PassTheSame) {
  std::size_t passed_ones = 0, others = 0;
  for (std::size_t round = 0; round < rounds && !HasFailure(); ++round) {
    std::vector<port::Frame> frames = burst();
    frames.resize(burst_size);
    PlainRows rows;
    read_plain(frames, own_mac_, rows);
    ScreenRows found;
    std::array<flow::Table::Index, burst_size> candidates;
    std::vector<flow::Entry> entries(64);
    const flow::State states[] = {flow::State::established, flow::State::one_way, flow::State::two_way, flow::State::closing};
    for (flow::Entry &entry : entries) {
      entry.key.back = random_();
      entry.state = states[once_in(8) ? 3 : below(3)];
      entry.dead = once_in(32);
      entry.last_seen = now - below(60);
      if (once_in(32)) while (!entry.volume.is_full()) entry.volume.add(0xffffffff);
      if (once_in(8)) entry.volume.add(0xfffffff0); // the next carries
    }
    for (std::size_t i = 0; i < burst_size; ++i) {
      candidates[i] = below(64);
      found.is_answerer[i] = below(2);
      found.places[i] = static_cast<std::uint8_t>(2 * below(rules::max_zones));
      for (std::uint32_t &word : found.fronts[i]) word = random_();
      if (once_in(2)) rows.is_mere_ack[i] = true;
      // About where the connection is, on either side of every bound.
      flow::TcpEnd &sent = entries[candidates[i]].tcp[found.is_answerer[i]],
                   &permitted = entries[candidates[i]].tcp[found.is_answerer[i] ^ 1];
      const auto about = [&](std::uint32_t value, std::uint32_t spread) { return value + below(spread) - spread / 2; };
      sent.scale = static_cast<std::uint8_t>(below(15)), permitted.scale = static_cast<std::uint8_t>(below(15));
      sent.window = static_cast<std::uint16_t>(random_()), permitted.window = static_cast<std::uint16_t>(random_());
      sent.next = about(rows.ends[i], once_in(2) ? 8 : 1u << below(31));
      sent.limit = about(rows.ends[i], once_in(2) ? 8 : 1u << below(31));
      permitted.next = about(rows.acknowledgements[i], once_in(2) ? 8 : 1u << below(31));
      permitted.limit = about(rows.acknowledgements[i], 1u << below(31));
    }
    const std::size_t base = together * below(burst_size / together);
    const auto which = static_cast<std::uint32_t>(rows.plain >> base) & (once_in(2) ? 0xffff : 0xffff >> below(16));

    std::vector<flow::Entry> wide_entries = entries;
    auto wide_buffers = std::make_unique<decltype(buffers_)>(buffers_);
    std::vector<port::Frame> wide_frames = frames;
    for (std::size_t i = 0; i < burst_size; ++i) wide_frames[i].data = (*wide_buffers)[i].data();
    const Passed one = pass_each(entries, which, base, rows, candidates.data(), found, frames.data());
    const Passed other = pass_avx512(wide_entries.data(), now, which, base, rows, candidates.data(), found, wide_frames.data());
    ASSERT_EQ(one.which, other.which);
    EXPECT_EQ(one.doors, other.doors);
    EXPECT_EQ(one.octets, other.octets);
    EXPECT_EQ(std::memcmp(entries.data(), wide_entries.data(), entries.size() * sizeof(flow::Entry)), 0);
    EXPECT_TRUE(buffers_ == *wide_buffers);
    passed_ones += static_cast<unsigned>(std::popcount(one.which));
    others += static_cast<unsigned>(std::popcount(which & ~one.which));
  }
  EXPECT_GT(passed_ones, rounds * 2);
  EXPECT_GT(others, rounds);
}

} // namespace
} // namespace sekisho::path
#endif
