// A set of hashes that errs on one side: what was added is always found, a few others too.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sekisho::rules {

/// Two bits of one word for each hash: one load a question.  Of hashes that were not added, one in twenty is found
/// at the most.  The upper bits of a hash are what counts.
class BitFilter {
public:
  /// Room for `count` hashes: eight to sixteen bits each.
  void reserve(std::size_t count) {
    std::size_t words = std::bit_ceil(count / 8 + 2);
    words_.assign(words, 0);
    shift_ = 64 - static_cast<unsigned>(std::countr_zero(words));
  }
  void add(std::uint64_t hash) { words_[hash >> shift_] |= bits_of(hash); }
  bool may_have(std::uint64_t hash) const {
    std::uint64_t wanted = bits_of(hash);
    return (words_[hash >> shift_] & wanted) == wanted;
  }
  void prefetch(std::uint64_t hash) const { __builtin_prefetch(&words_[hash >> shift_]); }

private:
  static std::uint64_t bits_of(std::uint64_t hash) {
    return std::uint64_t{1} << (hash >> 24 & 63) | std::uint64_t{1} << (hash >> 30 & 63);
  }
  std::vector<std::uint64_t> words_{0, 0};
  unsigned shift_ = 63; // at most 2^28 words, so that the bits of the word are not those of its place
};

} // namespace sekisho::rules
