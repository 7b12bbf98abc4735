#include "gateway/path/neighbours.hh"

#include <algorithm>
#include <bit>

namespace sekisho::path {
namespace {

constexpr std::uint32_t give_up_after = 10; // seconds without an answer

/// Only pinned entries and those a permitted flow asked for are in the table: nothing to protect by a key.
std::size_t hash_of(rules::ZoneId zone, const Ip &ip) {
  std::uint64_t low, high;
  std::memcpy(&low, ip.octets.data(), 8);
  std::memcpy(&high, ip.octets.data() + 8, 8);
  // A product carries upwards only, and hosts differ in their last octets: those come to the low end first.
  std::uint64_t mixed = (__builtin_bswap64(low) + zone) * 0x9e3779b97f4a7c15 ^
                        __builtin_bswap64(high) * 0xc2b2ae3d27d4eb4f;
  return mixed >> 32;
}

} // namespace

Neighbours::Index Neighbours::find(const Table &table, rules::ZoneId zone, const Ip &ip) {
  if (table.places.empty()) return none;
  for (std::size_t at = hash_of(zone, ip);; ++at) {
    Index index = table.places[at & (table.places.size() - 1)];
    if (index == none) return none;
    if (table.entries[index].zone == zone && table.entries[index].ip == ip) return index;
  }
}

Neighbours::Index Neighbours::add(Table &table, const Neighbour &neighbour) {
  Index index = static_cast<Index>(table.entries.size());
  table.entries.push_back(neighbour);
  std::size_t at = hash_of(neighbour.zone, neighbour.ip);
  while (table.places[at & (table.places.size() - 1)] != none) ++at;
  table.places[at & (table.places.size() - 1)] = index;
  return index;
}

Neighbours::Table Neighbours::table_of(const rules::RuleSet &rules) {
  Table table;
  const auto has_mac = [](const rules::Host &host) { return host.mac.has_value(); };
  const auto listed = static_cast<std::size_t>(std::ranges::count_if(rules.hosts(), has_mac));
  const std::size_t most = std::min(listed, none - max_learnt);
  table.entries.reserve(most + max_learnt);
  table.places.assign(std::bit_ceil(2 * (most + max_learnt)), none);
  for (const rules::Host &host : rules.hosts())
    if (host.mac && table.entries.size() < most && find(table, host.zone, host.address) == none)
      add(table, {.ip = host.address, .mac = *host.mac, .zone = host.zone, .pinned = true, .known = true});
  table.pinned = table.entries.size();
  return table;
}

void Neighbours::adopt(Table &prepared) {
  std::swap(table_, prepared);
  table_.is_used = prepared.is_used = true;
  if (table_.places.empty()) return; // no rules: nobody is asked for
  for (std::size_t i = prepared.pinned; i < prepared.entries.size(); ++i) {
    const Neighbour &learnt = prepared.entries[i];
    if (find(learnt.zone, learnt.ip) == none) add(table_, learnt);
  }
}

Neighbours::Index Neighbours::resolve(rules::ZoneId zone, const Ip &ip) {
  Index index = find(zone, ip);
  if (index != none || table_.places.empty() || table_.entries.size() >= table_.pinned + max_learnt) return index;
  Neighbour wanted;
  wanted.ip = ip;
  wanted.zone = zone;
  return add(table_, wanted);
}

std::optional<Mac> Neighbours::mac_in_use(rules::ZoneId zone, const Ip &ip,
                                          std::uint32_t now) const {
  Index index = find(zone, ip);
  if (index == none || !is_usable(index, now)) return std::nullopt;
  return table_.entries[index].mac;
}

void Neighbours::learn(rules::ZoneId zone, const Ip &ip, const Mac &mac, std::uint32_t now,
                       bool has_moved) {
  Index index = find(zone, ip);
  if (index == none || table_.entries[index].pinned) return;
  if (is_usable(index, now) && table_.entries[index].mac != mac && !has_moved) return;
  if (table_.entries[index].mac != mac) ++changes_;
  table_.entries[index].mac = mac;
  table_.entries[index].known = true;
  table_.entries[index].confirmed_at = now;
}

bool Neighbours::tidy(std::uint32_t now) {
  if (now == tidied_at_ || table_.entries.size() < table_.pinned + max_learnt) return false;
  tidied_at_ = now;
  std::vector<Neighbour> kept = table_.entries;
  std::erase_if(kept, [&](const Neighbour &entry) {
    if (entry.pinned) return false;
    return entry.known ? now - entry.confirmed_at >= forget_after
                       : now - entry.asked_at >= give_up_after;
  });
  bool shrank = kept.size() < table_.entries.size();
  if (shrank) keep(kept);
  return shrank;
}

void Neighbours::keep(const std::vector<Neighbour> &entries) {
  table_.entries.clear();
  std::ranges::fill(table_.places, none);
  for (const Neighbour &neighbour : entries) add(table_, neighbour);
}

} // namespace sekisho::path
