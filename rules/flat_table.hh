// Open addressing for tables that are built once and then only read: one cache line a question.
#pragma once

#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

namespace sekisho::rules {

/// splitmix64's finaliser.  Keys come from the rule file, so no secret is needed: a packet can ask
/// an unlucky question, but not make one.
inline std::uint64_t mix(std::uint64_t value) {
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
  value = (value ^ value >> 27) * 0x94d049bb133111ebu;
  return value ^ value >> 31;
}

/// `Slot` has `hash()`, `is(key)` and `is_empty()`; a value-initialised one is empty.
template <class Slot> class FlatTable {
public:
  /// Room for `count` slots at half load.
  void reserve(std::size_t count) {
    slots_.assign(std::bit_ceil(2 * count + 2), Slot{});
    mask_ = slots_.size() - 1;
  }
  void insert(const Slot &slot) {
    std::size_t at = slot.hash() & mask_;
    while (!slots_[at].is_empty())
      at = (at + 1) & mask_;
    slots_[at] = slot;
  }
  template <class Key> const Slot *find(const Key &key, std::uint64_t hash) const {
    if (slots_.empty()) return nullptr;
    for (std::size_t at = hash & mask_; !slots_[at].is_empty(); at = (at + 1) & mask_)
      if (slots_[at].is(key)) return &slots_[at];
    return nullptr;
  }
  void prefetch(std::uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & mask_]);
  }

private:
  std::vector<Slot> slots_;
  std::size_t mask_ = 0;
};

} // namespace sekisho::rules
