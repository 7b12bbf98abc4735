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

Neighbours::Index Neighbours::find(rules::ZoneId zone, const Ip &ip) const {
  if (places_.empty()) return none;
  for (std::size_t at = hash_of(zone, ip);; ++at) {
    Index index = places_[at & (places_.size() - 1)];
    if (index == none) return none;
    if (entries_[index].zone == zone && entries_[index].ip == ip) return index;
  }
}

Neighbours::Index Neighbours::add(const Neighbour &neighbour) {
  Index index = static_cast<Index>(entries_.size());
  entries_.push_back(neighbour);
  std::size_t at = hash_of(neighbour.zone, neighbour.ip);
  while (places_[at & (places_.size() - 1)] != none) ++at;
  places_[at & (places_.size() - 1)] = index;
  return index;
}

void Neighbours::rebuild(std::vector<Neighbour> entries) {
  entries_.clear();
  entries_.reserve(pinned_ + max_learnt);
  places_.assign(std::bit_ceil(2 * (pinned_ + max_learnt)), none);
  for (const Neighbour &neighbour : entries)
    if (find(neighbour.zone, neighbour.ip) == none) add(neighbour);
}

void Neighbours::adopt(const rules::RuleSet *rules) {
  std::vector<Neighbour> entries;
  if (rules) {
    for (const rules::Host &host : rules->hosts())
      if (host.mac && entries.size() + max_learnt < none)
        entries.push_back({.ip = host.address,
                           .mac = *host.mac,
                           .zone = host.zone,
                           .pinned = true,
                           .known = true});
    pinned_ = entries.size();
    for (const Neighbour &old : entries_)
      if (!old.pinned) entries.push_back(old);
  } else {
    pinned_ = 0;
  }
  rebuild(std::move(entries)); // the first of two wins: the pinned one
}

Neighbours::Index Neighbours::resolve(rules::ZoneId zone, const Ip &ip) {
  Index index = find(zone, ip);
  if (index != none || entries_.size() >= pinned_ + max_learnt) return index;
  Neighbour wanted;
  wanted.ip = ip;
  wanted.zone = zone;
  return add(wanted);
}

std::optional<Mac> Neighbours::mac_in_use(rules::ZoneId zone, const Ip &ip,
                                          std::uint32_t now) const {
  Index index = find(zone, ip);
  if (index == none || !is_usable(index, now)) return std::nullopt;
  return entries_[index].mac;
}

void Neighbours::learn(rules::ZoneId zone, const Ip &ip, const Mac &mac, std::uint32_t now,
                       bool has_moved) {
  Index index = find(zone, ip);
  if (index == none || entries_[index].pinned) return;
  if (is_usable(index, now) && entries_[index].mac != mac && !has_moved) return;
  if (entries_[index].mac != mac) ++changes_;
  entries_[index].mac = mac;
  entries_[index].known = true;
  entries_[index].confirmed_at = now;
}

bool Neighbours::tidy(std::uint32_t now) {
  if (now == tidied_at_ || entries_.size() < pinned_ + max_learnt) return false;
  tidied_at_ = now;
  std::vector<Neighbour> kept = entries_;
  std::erase_if(kept, [&](const Neighbour &entry) {
    if (entry.pinned) return false;
    return entry.known ? now - entry.confirmed_at >= forget_after
                       : now - entry.asked_at >= give_up_after;
  });
  bool shrank = kept.size() < entries_.size();
  if (shrank) rebuild(std::move(kept));
  return shrank;
}

} // namespace sekisho::path
