// The flows of one core: a bounded table of its own, no lock, no allocation after the start.
//
// A key has two buckets of seven places; a place is a 32-bit tag of the hash and the number of an Entry.  A
// burst is looked up in three passes, so that each cache miss is under way while the next key is prepared:
//
//   hash all → look_up() all: prefetches each bucket, then compares tags and prefetches the entry → find()
//
// Entries lie apart, one line each, and never move: an Entry * stays valid until swept.
#pragma once

#include "gateway/flow/entry.hh"
#include "gateway/flow/hash.hh"

#include <bit>
#include <emmintrin.h>
#include <vector>

namespace sekisho::flow {

class Table {
public:
  using Index = std::uint32_t;
  static constexpr Index none = 0xffffffff;

  /// `capacity`: flows; memory is 64 octets a flow, as many aside and two 64-octet buckets for seven, touched
  /// here.
  /// `portable`: with what every processor can do, for tests that compare.
  Table(std::size_t capacity, const HashKey &key, bool portable = false);
  ~Table();
  Table(const Table &) = delete;
  Table &operator=(const Table &) = delete;

  const Hasher &hasher() const { return hasher_; }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }

  /// candidate() of each.
  void look_up(std::span<const std::uint64_t> hashes, Index *candidates) const {
    look_up_(*this, hashes, candidates);
  }
  /// The first entry whose tag fits, prefetched; none when no tag does.
  Index candidate(std::uint64_t hash) const;
  /// The live entry of this key, trying `candidate` first.
  Entry *find(const Key &key, std::uint64_t hash, Index candidate) const {
    if (candidate != none) {
      Entry &entry = entries_[candidate];
      if (is_live(entry) && entry.key == key) return &entry;
    }
    return find_slowly(key, hash);
  }
  /// By Index; for the quick way, which looks at a candidate itself.
  Entry *entries() const { return entries_; }
  Entry *find(const Key &key, std::uint64_t hash) const {
    return find(key, hash, candidate(hash));
  }
  /// Its place, below capacity().
  Index index_of(const Entry &entry) const { return static_cast<Index>(&entry - entries_); }
  Aside &aside(const Entry &entry) const { return asides_[index_of(entry)]; }
  void prefetch_aside(const Entry &entry) const {
    const auto *octets = reinterpret_cast<const std::byte *>(&aside(entry));
    for (std::size_t at = 0; at < sizeof(Aside); at += 64) __builtin_prefetch(octets + at, 1);
  }
  void prefetch_ends(Index index) const {
    const Ends &ends = asides_[index].ends;
    __builtin_prefetch(&ends.source);
    __builtin_prefetch(&ends.protocol); // may lie in the next line
  }
  /// A new entry with only its key set; null when there is no room.  The key must not be there already.
  Entry *insert(const Key &key, std::uint64_t hash);
  /// Takes it out; its line is only used again after end_burst(), so that what was looked up before in the
  /// same burst can still be asked whether it is dead.
  void remove(Entry &entry);
  void end_burst();
  /// Hands the next `count` live entries' places to `visit`, once round at the most; it may remove the entry.
  /// True when it came to the end, where the next call begins anew.
  template <class Visit> bool sweep(std::size_t count, Visit visit) {
    for (; count > 0 && sweep_at_ < high_water_; --count) {
      Entry &entry = entries_[sweep_at_++];
      __builtin_prefetch(&entries_[sweep_at_ + 4]);
      if (is_live(entry)) visit(entry);
    }
    if (sweep_at_ < high_water_) return false;
    sweep_at_ = 0;
    return true;
  }
  /// Entries in use or used before: how far a sweep goes.
  std::size_t extent() const { return high_water_; }
  /// The live entry at a place below extent(), or null: for whoever lists flows a slice at a time.
  const Entry *at(std::size_t place) const {
    return is_live(entries_[place]) ? &entries_[place] : nullptr;
  }
  Entry *at(std::size_t place) { return is_live(entries_[place]) ? &entries_[place] : nullptr; }
  /// Hands every live entry to `visit`, which may remove it; for rare orders only.
  template <class Visit> void for_each(Visit visit) {
    for (Index i = 0; i < high_water_; ++i)
      if (is_live(entries_[i])) visit(entries_[i]);
    end_burst();
  }

private:
  static constexpr unsigned places = 7;
  struct alignas(64) Bucket {
    std::uint32_t tags[8];    // 0: free; [7]: how many keys of this bucket lie in their other one
    std::uint32_t indexes[8]; // [7] unused
  };
  static bool is_live(const Entry &entry) { return entry.state != State::none && !entry.dead; }
  static std::uint32_t tag_of(std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash >> 32) | 1;
  }
  std::size_t first_bucket(std::uint64_t hash) const { return hash & mask_; }
  std::size_t other_bucket(std::uint64_t hash) const {
    return (hash ^ (std::uint64_t{tag_of(hash)} * 0x9e3779b97f4a7c15 >> 17) ^ 1) & mask_;
  }
  /// Bit i set: tags[i] equals `tag`.
  static unsigned matches(const Bucket &bucket, std::uint32_t tag) {
    const __m128i wanted = _mm_set1_epi32(static_cast<int>(tag));
    const auto *tags = reinterpret_cast<const __m128i *>(bucket.tags);
    const __m128i low = _mm_cmpeq_epi32(_mm_load_si128(tags), wanted);
    const __m128i high = _mm_cmpeq_epi32(_mm_load_si128(tags + 1), wanted);
    auto mask = static_cast<unsigned>(_mm_movemask_ps(_mm_castsi128_ps(low)) |
                                      _mm_movemask_ps(_mm_castsi128_ps(high)) << 4);
    return mask & ((1u << places) - 1);
  }
  static void look_up_portable(const Table &table, std::span<const std::uint64_t> hashes, Index *candidates);
  static void look_up_avx512(const Table &table, std::span<const std::uint64_t> hashes, Index *candidates);
  void prefetch(std::span<const std::uint64_t> hashes) const {
    for (std::uint64_t hash : hashes) __builtin_prefetch(&buckets_[first_bucket(hash)]);
  }
  Entry *find_slowly(const Key &key, std::uint64_t hash) const;
  Entry *find_in(const Bucket &bucket, std::uint32_t tag, const Key &key) const;
  bool place(Bucket &bucket, std::uint32_t tag, Index index);
  bool make_room(Bucket &full);
  bool unplace(Bucket &bucket, Index index);

  Hasher hasher_;
  void (*look_up_)(const Table &, std::span<const std::uint64_t>, Index *) = look_up_portable;
  std::size_t capacity_, size_ = 0, mask_;
  std::size_t entries_bytes_, asides_bytes_, buckets_bytes_;
  Entry *entries_;
  Aside *asides_;
  Bucket *buckets_;
  std::vector<Index> free_, leaving_;
  Index high_water_ = 0, sweep_at_ = 0; // entries from high_water_ on were never used
};

inline Table::Index Table::candidate(std::uint64_t hash) const {
  const Bucket *bucket = &buckets_[first_bucket(hash)];
  unsigned found = matches(*bucket, tag_of(hash));
  if (found == 0) {
    if (bucket->tags[places] == 0) return none;
    bucket = &buckets_[other_bucket(hash)];
    found = matches(*bucket, tag_of(hash));
    if (found == 0) return none;
  }
  Index index = bucket->indexes[std::countr_zero(found)];
  __builtin_prefetch(&entries_[index], 1);
  return index;
}

} // namespace sekisho::flow
