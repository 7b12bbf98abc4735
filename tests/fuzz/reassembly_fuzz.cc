/* Target function: path::Reassembly::add, sweep, forget.
 */
// Against an obvious model: a list of datagrams in order of age, each a list of pieces.
#include "base/check.hh"
#include "gateway/path/reassembly.hh"
#include "gateway/port/memory.hh"
#include "tests/support/fragments.hh"

#include <algorithm>
#include <list>

namespace {

using namespace sekisho;
using path::Reassembly;
using Outcome = Reassembly::Outcome;

constexpr path::ReassemblyLimits limits{
    .datagrams = 8, .source_datagrams = 3, .frames = 16, .fragments = 5, .seconds = 4};
constexpr std::size_t zone_datagrams = 6, zone_frames = 12;

struct Step {
  unsigned zone, source, id, begin, end, variant; // begin and end in octets
  bool is_last, is_ipv6;
};

struct Model {
  struct Piece {
    unsigned begin, end, variant;
  };
  struct Datagram {
    unsigned zone, source, id;
    bool is_ipv6;
    std::uint32_t born;
    Reason lost = Reason::none;
    unsigned end = 0;
    std::vector<Piece> pieces;
  };
  std::list<Datagram> datagrams;

  template <typename Want> std::size_t count(Want want) const {
    return static_cast<std::size_t>(std::count_if(datagrams.begin(), datagrams.end(), want));
  }
  std::size_t frames(int zone) const {
    std::size_t sum = 0;
    for (const Datagram &each : datagrams)
      if (zone < 0 || each.zone == static_cast<unsigned>(zone)) sum += each.pieces.size();
    return sum;
  }
  void sweep(std::uint32_t now, std::size_t most) {
    while (most-- > 0 && !datagrams.empty() && now - datagrams.front().born >= limits.seconds)
      datagrams.pop_front();
  }
  void forget(unsigned zones) {
    datagrams.remove_if([&](const Datagram &each) { return zones >> each.zone & 1; });
  }
  Reason reason_for(const Datagram &datagram, const Step &step) const {
    if (datagram.lost != Reason::none) return datagram.lost;
    for (const Piece &piece : datagram.pieces)
      if (piece.begin == step.begin && piece.end == step.end && piece.variant == step.variant)
        return Reason::fragment_duplicate;
    for (const Piece &piece : datagram.pieces)
      if (piece.begin < step.end && step.begin < piece.end) return Reason::fragment_overlap;
    if (datagram.end != 0 && (step.is_last || step.end > datagram.end))
      return Reason::fragment_malformed;
    for (const Piece &piece : datagram.pieces)
      if (step.is_last && piece.end > step.end) return Reason::fragment_malformed;
    if (datagram.pieces.size() == limits.fragments) return Reason::fragment_too_many;
    if (frames(-1) == limits.frames || frames(static_cast<int>(step.zone)) >= zone_frames)
      return Reason::fragment_table_full;
    return Reason::none;
  }
  Reason open(const Step &step, std::uint32_t now) {
    if (datagrams.size() == limits.datagrams ||
        count([&](const Datagram &each) { return each.zone == step.zone; }) >= zone_datagrams)
      return Reason::fragment_table_full;
    auto is_of_source = [&](const Datagram &each) {
      return each.zone == step.zone && each.source == step.source && each.is_ipv6 == step.is_ipv6;
    };
    if (count(is_of_source) >= limits.source_datagrams) return Reason::fragment_source_limit;
    datagrams.push_back({step.zone, step.source, step.id, step.is_ipv6, now, Reason::none, 0, {}});
    return Reason::none;
  }
  /// `complete`: the number of frames of a datagram that this step completes, else 0.
  Reason add(const Step &step, std::uint32_t now, std::size_t &complete) {
    complete = 0;
    sweep(now, 4);
    auto is_it = [&](const Datagram &each) {
      return each.zone == step.zone && each.source == step.source && each.id == step.id &&
             each.is_ipv6 == step.is_ipv6;
    };
    auto at = std::find_if(datagrams.begin(), datagrams.end(), is_it);
    if (at != datagrams.end() && now - at->born >= limits.seconds) at = datagrams.erase(at), at = datagrams.end();
    bool is_new = at == datagrams.end();
    if (is_new) {
      if (Reason reason = open(step, now); reason != Reason::none) return reason;
      at = std::prev(datagrams.end());
    }
    Reason reason = reason_for(*at, step);
    if (reason == Reason::fragment_duplicate) return reason;
    if (reason == Reason::fragment_table_full) {
      if (is_new) datagrams.erase(at);
      return reason;
    }
    if (reason != Reason::none) {
      at->lost = reason;
      at->pieces.clear();
      return reason;
    }
    at->pieces.push_back({step.begin, step.end, step.variant});
    if (step.is_last) at->end = step.end;
    unsigned octets = 0;
    for (const Piece &piece : at->pieces) octets += piece.end - piece.begin;
    if (at->end != 0 && octets == at->end) {
      complete = at->pieces.size();
      datagrams.erase(at);
    }
    return Reason::none;
  }
};

/// The frame of a step; its data say which variant it is.
Buffer frame_of(const Step &step) {
  static const Ip sources[2][2] = {{test::ip("10.1.0.11"), test::ip("10.1.0.12")},
                                   {test::ip("2001:db8::11"), test::ip("2001:db8::12")}};
  static const Ip targets[2] = {test::ip("10.2.0.40"), test::ip("2001:db8:2::40")};
  static const test::PacketBuilder base;
  test::PacketBuilder packet = base;
  packet.from = sources[step.is_ipv6][step.source];
  packet.to = targets[step.is_ipv6];
  packet.protocol = 200; // none whose header would be read
  Buffer data(128, static_cast<std::byte>(step.variant + 1));
  test::Cut cut{step.begin, step.end, !step.is_last, step.id + 1};
  return step.is_ipv6 ? test::fragment6(packet, data, cut) : test::fragment4(packet, data, cut);
}

struct World {
  port::HeapPool pool{32, 512};
  std::size_t lost = 0;
  Reassembly table{limits, {9, 8, 7, 6, 5, 4, 3, 2}, pool,
                   [this](const path::DatagramKey &, Reason reason, std::span<const port::Frame> frames) {
                     CHECK(reason != Reason::none && !frames.empty());
                     lost += frames.size();
                   }};
  Model model;
  std::uint32_t now = 1000;

  void add(const Step &step) {
    Buffer octets = frame_of(step);
    wire::Headers headers;
    if (wire::parse(octets, headers) != Reason::ip_fragment) return;
    port::Frame frame;
    CHECK(pool.allocate(frame));
    std::ranges::copy(octets, frame.data);
    pool.set_length(frame, static_cast<std::uint32_t>(octets.size()));
    std::size_t complete = 0;
    Reason wanted = model.add(step, now, complete);
    Reassembly::Result result = table.add(
        {static_cast<rules::ZoneId>(step.zone), path::Side::port, &headers, frame}, now);
    CHECK(result.reason == wanted);
    CHECK((result.outcome == Outcome::refused) == (wanted != Reason::none));
    CHECK(result.frames.size() == complete);
    if (complete != 0) check_order(result);
    pool.release(result.frames);
    if (result.outcome == Outcome::refused) pool.release({&frame, 1});
  }
  static void check_order(const Reassembly::Result &result) {
    std::size_t at = 0;
    for (const port::Frame &frame : result.frames) {
      wire::Headers headers;
      CHECK(wire::parse(frame.bytes(), headers) == Reason::ip_fragment);
      CHECK(headers.fragment_offset == at);
      at += headers.length - headers.fragment_start;
    }
    CHECK(at == result.data_length);
  }
  void check() const {
    CHECK(table.frames() == model.frames(-1) && table.datagrams() == model.datagrams.size());
    CHECK(pool.outstanding() == table.frames());
  }
};

} // namespace

/// Three octets a step: what and whose; begin and end in eighths; the rest.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  World world;
  for (std::size_t i = 0; i + 3 <= size && i < 3000; i += 3) {
    unsigned what = data[i], where = data[i + 1], more = data[i + 2];
    if ((what & 0xf) == 0xf) {
      world.now += where & 3;
      if (more & 1) world.table.sweep(world.now, more >> 4), world.model.sweep(world.now, more >> 4);
      if (more & 2) world.table.forget(more >> 4, Reason::zone_severed), world.model.forget(more >> 4);
    } else {
      Step step{.zone = what >> 4 & 1, .source = what >> 5 & 1, .id = what & 3,
                .begin = (where & 0xf) * 8, .end = 0, .variant = more & 1,
                .is_last = (more & 2) != 0, .is_ipv6 = (what & 0x80) != 0};
      step.end = std::min(step.begin + ((where >> 4) + 1) * 8, 128u);
      if (step.is_last) step.end -= more >> 5; // its last eighth need not be full
      world.add(step);
    }
    world.check();
  }
  return 0;
}
