// Where one of two octets, or a pair, comes first, in text that has them often: without the call that memchr() is.
#pragma once

#include "base/vectors.hh"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sekisho {

/// Whether one of eight octets is below 0x21: a blank or a control character.
constexpr bool has_blank_or_control(std::uint64_t eight) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  return ((eight - 0x21 * ones) & ~eight & 0x80 * ones) != 0;
}

/// Whether one of eight octets is this one.
constexpr bool has_octet(std::uint64_t eight, unsigned char octet) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  const std::uint64_t other = eight ^ octet * ones; // a 0 where one is
  return ((other - ones) & ~other & 0x80 * ones) != 0;
}

/// The place of the first `one` or `other` from `position` on; the text's size if there is none.
inline std::size_t find_either(std::string_view text, std::size_t position, char one, char other) {
#if defined(__x86_64__) // which has vectors of 16 octets
  const __m128i ones = _mm_set1_epi8(one), others = _mm_set1_epi8(other);
  for (; position + 16 <= text.size(); position += 16) {
    const __m128i in = _mm_loadu_si128(reinterpret_cast<const __m128i *>(text.data() + position));
    const int found = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(in, ones), _mm_cmpeq_epi8(in, others)));
    if (found != 0) return position + static_cast<std::size_t>(__builtin_ctz(static_cast<unsigned>(found)));
  }
#endif
  while (position < text.size() && text[position] != one && text[position] != other)
    ++position;
  return position;
}

/// The place of the first `first` with `one` or `other` behind it, from `position` on; the text's size if there is none.
inline std::size_t find_pair(std::string_view text, std::size_t position, char first, char one, char other) {
#if defined(__x86_64__)
  const __m128i firsts = _mm_set1_epi8(first), ones = _mm_set1_epi8(one), others = _mm_set1_epi8(other);
  for (; position + 17 <= text.size(); position += 16) {
    const __m128i in = _mm_loadu_si128(reinterpret_cast<const __m128i *>(text.data() + position));
    const __m128i behind = _mm_loadu_si128(reinterpret_cast<const __m128i *>(text.data() + position + 1));
    const __m128i is_second = _mm_or_si128(_mm_cmpeq_epi8(behind, ones), _mm_cmpeq_epi8(behind, others));
    const int found = _mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(in, firsts), is_second));
    if (found != 0) return position + static_cast<std::size_t>(__builtin_ctz(static_cast<unsigned>(found)));
  }
#endif
  for (; position + 1 < text.size(); ++position)
    if (text[position] == first && (text[position + 1] == one || text[position + 1] == other)) return position;
  return text.size();
}

} // namespace sekisho
