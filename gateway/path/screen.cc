#include "gateway/path/screen.hh"

#include "base/cpu.hh"
#include "gateway/path/quick_avx512.hh"

#include <bit>

namespace sekisho::path {
namespace {

/// The MAC as it lies, and two octets more.
std::uint64_t mac_word(const Neighbour &neighbour) {
  static_assert(offsetof(Neighbour, mac) + sizeof(std::uint64_t) <= sizeof(Neighbour));
  return raw_at<std::uint64_t>(reinterpret_cast<const std::byte *>(&neighbour), offsetof(Neighbour, mac));
}

bool screen_one(const Surroundings &around, std::size_t i, const PlainRows &rows,
                flow::Table::Index candidate, ScreenRows &found) {
  if (candidate == flow::Table::none) return false;
  const flow::Entry &entry = around.entries[candidate];
  if (entry.key != rows.keys[i] || entry.generation != around.generation) return false;
  if (entry.dead || entry.relayed || entry.metered) return false;
  if (around.seconds - entry.last_seen > flow::timeout_of(entry.state)) return false;

  unsigned mine = rows.source_is_high[i] ^ entry.opener_is_high, theirs = mine ^ 1; // 0: the opener
  std::uint8_t zones = entry.zones();
  if ((zones >> (4 * mine) & 0xf) != around.zone) return false;
  unsigned out = zones >> (4 * theirs) & 0xf;
  if (rows.lengths[i] > around.exits.largest[out]) return false;

  Neighbours::Index sender = entry.neighbour[mine], next = entry.neighbour[theirs];
  if (sender == Neighbours::none || next == Neighbours::none) return false;
  const Neighbour &from = around.neighbours[sender], &to = around.neighbours[next];
  std::uint64_t source = rows.source_mac_front[i] | std::uint64_t{rows.source_mac_back[i]} << 32;
  if ((mac_word(from) ^ source) << 16 != 0 && from.pinned) return false;
  if (!to.pinned && !around.is_replay && !Neighbours::is_fresh(to, around.seconds)) return false;

  std::uint64_t destination = mac_word(to);
  found.fronts[i] = {static_cast<std::uint32_t>(destination),
                     static_cast<std::uint32_t>(destination >> 32 & 0xffff) | around.exits.mac_front[out],
                     around.exits.mac_back[out], rows.heads[i]};
  found.is_answerer[i] = mine;
  found.places[i] = static_cast<std::uint8_t>(2 * out);
  return true;
}

} // namespace

std::uint64_t screen(const Surroundings &around, std::uint64_t which, const PlainRows &rows,
                     const flow::Table::Index *candidates, ScreenRows &found) {
  std::uint64_t quick = 0;
  which &= rows.plain & (rows.addressed | -std::uint64_t{around.is_lenient});
  for (; which != 0; which &= which - 1) {
    auto i = static_cast<std::size_t>(std::countr_zero(which));
    if (screen_one(around, i, rows, candidates[i], found)) quick |= std::uint64_t{1} << i;
  }
  return quick;
}

QuickStages portable_stages() { return {read_plain, screen, nullptr, false}; }

QuickStages best_stages() {
#if defined(__x86_64__)
  if (has_avx512()) return {read_plain_avx512, screen_avx512, pass_avx512, true};
#endif
  return portable_stages();
}

} // namespace sekisho::path
