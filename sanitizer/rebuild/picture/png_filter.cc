#include "sanitizer/rebuild/picture/png_filter.hh"

#include <algorithm>
#include <array>
#include <emmintrin.h>
#include <vector>

namespace sekisho::rebuild {
namespace {

enum Filter : unsigned { none, sub, up, average, paeth };
constexpr std::size_t filter_count = 5, block = 16;

__m128i load(const std::uint8_t *from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i *>(from));
}

__m128i distance(__m128i a, __m128i b) { // of 16-bit numbers
  const __m128i difference = _mm_sub_epi16(a, b);
  return _mm_max_epi16(difference, _mm_sub_epi16(_mm_setzero_si128(), difference));
}

__m128i choose(__m128i mask, __m128i yes, __m128i no) {
  return _mm_or_si128(_mm_and_si128(mask, yes), _mm_andnot_si128(mask, no));
}

__m128i paeth_of_words(__m128i a, __m128i b, __m128i c) { // §9.4
  const __m128i pa = distance(b, c), pb = distance(a, c);
  const __m128i pc = distance(_mm_add_epi16(a, b), _mm_add_epi16(c, c));
  const __m128i smallest = _mm_min_epi16(pc, _mm_min_epi16(pa, pb));
  return choose(_mm_cmpeq_epi16(smallest, pa), a, choose(_mm_cmpeq_epi16(smallest, pb), b, c));
}

template <Filter filter> __m128i guess(__m128i a, __m128i b, __m128i c) {
  const __m128i zero = _mm_setzero_si128();
  if constexpr (filter == sub) return a;
  if constexpr (filter == up) return b;
  if constexpr (filter == average) // rounded down, where the instruction rounds up
    return _mm_sub_epi8(_mm_avg_epu8(a, b), _mm_and_si128(_mm_xor_si128(a, b), _mm_set1_epi8(1)));
  if constexpr (filter == paeth)
    return _mm_packus_epi16(paeth_of_words(_mm_unpacklo_epi8(a, zero), _mm_unpacklo_epi8(b, zero),
                                           _mm_unpacklo_epi8(c, zero)),
                            paeth_of_words(_mm_unpackhi_epi8(a, zero), _mm_unpackhi_epi8(b, zero),
                                           _mm_unpackhi_epi8(c, zero)));
  return zero;
}

/// A row between zeros, so that what lies left of it and behind it can be read.
class PaddedRow {
public:
  explicit PaddedRow(std::size_t size) : octets_(size + 2 * block) {}
  const std::uint8_t *first() const { return octets_.data() + block; }
  void set(const std::uint8_t *row, std::size_t size) {
    std::copy_n(row, size, octets_.data() + block);
  }

private:
  std::vector<std::uint8_t> octets_;
};

class RowFilter {
public:
  RowFilter(std::size_t size, std::size_t channels)
      : size_(size), channels_(channels), row_(size), above_(size) {
    std::fill_n(last_.begin(), size % block, std::uint8_t{0xff});
  }

  /// Writes up to 16 octets too many.
  void filter(const std::uint8_t *row, std::uint8_t *out) {
    row_.set(row, size_);
    const std::array<std::uint64_t, filter_count> sums = costs();
    const auto best = std::min_element(sums.begin(), sums.end()) - sums.begin();
    out[0] = static_cast<std::uint8_t>(best);
    switch (best) {
    case none: write<none>(out + 1); break;
    case sub: write<sub>(out + 1); break;
    case up: write<up>(out + 1); break;
    case average: write<average>(out + 1); break;
    default: write<paeth>(out + 1); break;
    }
    std::swap(row_, above_);
  }

private:
  template <Filter filter> __m128i difference(std::size_t at) const {
    const std::uint8_t *row = row_.first() + at, *above = above_.first() + at;
    return _mm_sub_epi8(load(row),
                        guess<filter>(load(row - channels_), load(above), load(above - channels_)));
  }

  static __m128i sum_of(__m128i differences) {
    const __m128i zero = _mm_setzero_si128();
    return _mm_sad_epu8(_mm_min_epu8(differences, _mm_sub_epi8(zero, differences)), zero);
  }

  std::array<std::uint64_t, filter_count> costs() const {
    __m128i sums[filter_count] = {};
    const auto add = [&](std::size_t at, __m128i mask) {
      const auto masked = [&](__m128i differences) {
        return sum_of(_mm_and_si128(differences, mask));
      };
      sums[none] = _mm_add_epi64(sums[none], masked(difference<none>(at)));
      sums[sub] = _mm_add_epi64(sums[sub], masked(difference<sub>(at)));
      sums[up] = _mm_add_epi64(sums[up], masked(difference<up>(at)));
      sums[average] = _mm_add_epi64(sums[average], masked(difference<average>(at)));
      sums[paeth] = _mm_add_epi64(sums[paeth], masked(difference<paeth>(at)));
    };
    std::size_t at = 0;
    for (; at + block <= size_; at += block)
      add(at, _mm_set1_epi8(-1));
    if (at < size_) add(at, load(last_.data()));
    std::array<std::uint64_t, filter_count> costs;
    for (std::size_t i = 0; i < filter_count; ++i) {
      alignas(16) std::array<std::uint64_t, 2> halves;
      _mm_store_si128(reinterpret_cast<__m128i *>(halves.data()), sums[i]);
      costs[i] = halves[0] + halves[1];
    }
    return costs;
  }

  template <Filter filter> void write(std::uint8_t *out) const {
    for (std::size_t at = 0; at < size_; at += block)
      _mm_storeu_si128(reinterpret_cast<__m128i *>(out + at), difference<filter>(at));
  }

  std::size_t size_, channels_;
  PaddedRow row_, above_;
  std::array<std::uint8_t, block> last_{}; // which octets of the last block are in the row
};

} // namespace

Scratch filter_rows(const Pixels &pixels) {
  const std::size_t size = pixels.row_size();
  Scratch filtered((size + 1) * pixels.height + block);
  if (!filtered) return filtered;
  RowFilter filter(size, pixels.channels);
  for (std::uint32_t y = 0; y < pixels.height; ++y)
    filter.filter(pixels.row(y), filtered.octets() + (size + 1) * y);
  return filtered;
}

} // namespace sekisho::rebuild
