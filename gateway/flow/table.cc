#include "gateway/flow/table.hh"

#include "base/check.hh"
#include "base/cpu.hh"
#include "base/vectors.hh"

#include <sys/mman.h>

namespace sekisho::flow {
namespace {

/// Zeroed, touched now and on huge pages where there are any: no page fault later.
void *map_memory(std::size_t bytes) {
  void *memory =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(memory != MAP_FAILED);
  ::madvise(memory, bytes, MADV_HUGEPAGE);
  std::memset(memory, 0, bytes);
  return memory;
}

} // namespace

Table::Table(std::size_t capacity, const HashKey &key, bool portable)
    : hasher_(key, portable), capacity_(capacity), mask_(std::bit_ceil(capacity / 4 + 2) - 1),
      entries_bytes_((capacity + 8) * sizeof(Entry)), // a sweep prefetches beyond the last
      asides_bytes_(capacity * sizeof(Aside)), buckets_bytes_((mask_ + 1) * sizeof(Bucket)),
      entries_(static_cast<Entry *>(map_memory(entries_bytes_))),
      asides_(static_cast<Aside *>(map_memory(asides_bytes_))),
      buckets_(static_cast<Bucket *>(map_memory(buckets_bytes_))) {
  free_.reserve(capacity);
  leaving_.reserve(capacity);
#if defined(__x86_64__)
  if (!portable && has_avx512()) look_up_ = look_up_avx512;
#endif
}

Table::~Table() {
  ::munmap(entries_, entries_bytes_);
  ::munmap(asides_, asides_bytes_);
  ::munmap(buckets_, buckets_bytes_);
}

void Table::look_up_portable(const Table &table, std::span<const std::uint64_t> hashes, Index *candidates) {
  table.prefetch(hashes);
  for (std::size_t i = 0; i < hashes.size(); ++i) candidates[i] = table.candidate(hashes[i]);
}

#if defined(__x86_64__)
/// All tags of a bucket in one comparison.
__attribute__((target("avx512f,avx512vl,bmi,bmi2"))) void
Table::look_up_avx512(const Table &table, std::span<const std::uint64_t> hashes, Index *candidates) {
  table.prefetch(hashes);
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    const Bucket &bucket = table.buckets_[table.first_bucket(hashes[i])];
    const __m256i tag = _mm256_set1_epi32(static_cast<int>(tag_of(hashes[i])));
    unsigned found = _mm256_cmpeq_epi32_mask(_mm256_load_si256(reinterpret_cast<const __m256i *>(bucket.tags)), tag);
    found &= (1u << places) - 1;
    if (found == 0) [[unlikely]] {
      candidates[i] = table.candidate(hashes[i]);
      continue;
    }
    candidates[i] = bucket.indexes[std::countr_zero(found)];
    __builtin_prefetch(&table.entries_[candidates[i]], 1);
  }
}
#endif

Entry *Table::find_slowly(const Key &key, std::uint64_t hash) const {
  const Bucket &first = buckets_[first_bucket(hash)];
  if (Entry *entry = find_in(first, tag_of(hash), key)) return entry;
  if (first.tags[places] == 0) return nullptr;
  return find_in(buckets_[other_bucket(hash)], tag_of(hash), key);
}

Entry *Table::find_in(const Bucket &bucket, std::uint32_t tag, const Key &key) const {
  for (unsigned found = matches(bucket, tag); found != 0; found &= found - 1) {
    Entry &entry = entries_[bucket.indexes[std::countr_zero(found)]];
    if (!entry.dead && entry.key == key) return &entry;
  }
  return nullptr;
}

bool Table::place(Bucket &bucket, std::uint32_t tag, Index index) {
  for (unsigned i = 0; i < places; ++i) {
    if (bucket.tags[i] != 0) continue;
    bucket.tags[i] = tag;
    bucket.indexes[i] = index;
    return true;
  }
  return false;
}

bool Table::unplace(Bucket &bucket, Index index) {
  for (unsigned i = 0; i < places; ++i) {
    if (bucket.tags[i] == 0 || bucket.indexes[i] != index) continue;
    bucket.tags[i] = 0;
    return true;
  }
  return false;
}

/// Moves one key of a full bucket to its other bucket.  False when all of those are full too: at four keys a
/// bucket on average, that does not happen to an honest hash.
bool Table::make_room(Bucket &full) {
  for (unsigned i = 0; i < places; ++i) {
    std::uint64_t hash = hasher_.hash(entries_[full.indexes[i]].key);
    Bucket &first = buckets_[first_bucket(hash)], &other = buckets_[other_bucket(hash)];
    Bucket &target = &full == &first ? other : first;
    if (&target == &full || !place(target, full.tags[i], full.indexes[i])) continue;
    full.tags[i] = 0;
    if (&target == &other) ++first.tags[places];
    else --first.tags[places];
    return true;
  }
  return false;
}

Entry *Table::insert(const Key &key, std::uint64_t hash) {
  if (size_ == capacity_ || (free_.empty() && high_water_ == capacity_)) return nullptr;
  Index index = free_.empty() ? high_water_ : free_.back();
  Bucket &first = buckets_[first_bucket(hash)], &other = buckets_[other_bucket(hash)];
  if (!place(first, tag_of(hash), index)) {
    if (place(other, tag_of(hash), index))
      ++first.tags[places];
    else if (!make_room(first) || !place(first, tag_of(hash), index))
      return nullptr;
  }
  if (free_.empty())
    ++high_water_;
  else
    free_.pop_back();
  ++size_;
  Entry &entry = entries_[index];
  entry = Entry{};
  entry.key = key;
  asides_[index] = Aside{};
  return &entry;
}

void Table::remove(Entry &entry) {
  std::uint64_t hash = hasher_.hash(entry.key);
  auto index = static_cast<Index>(&entry - entries_);
  Bucket &first = buckets_[first_bucket(hash)];
  if (!unplace(first, index)) {
    CHECK(unplace(buckets_[other_bucket(hash)], index));
    --first.tags[places];
  }
  entry.dead = 1;
  --size_;
  leaving_.push_back(index);
}

void Table::end_burst() {
  for (Index index : leaving_) {
    entries_[index].state = State::none;
    free_.push_back(index);
  }
  leaving_.clear();
}

} // namespace sekisho::flow
