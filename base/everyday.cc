#include "base/everyday.hh"

#include "base/vectors.hh"

#include <algorithm>
#include <cstdint>

namespace sekisho {
namespace {

std::uint32_t octet_at(const char *at) {
  return static_cast<unsigned char>(*at);
}

/// Of at most three octets from `at` on that begin one everyday character; 0: none does.
std::size_t everyday_character(const char *at, const char *end) {
  const std::uint32_t first = octet_at(at);
  if (first < 0x80) return (first >= 0x20 && first < 0x7f) || first == '\n' || first == '\t' ? 1 : 0;
  if (end - at < 3 || (octet_at(at + 1) & 0xc0) != 0x80 || (octet_at(at + 2) & 0xc0) != 0x80) return 0;
  const std::uint32_t second = octet_at(at + 1);
  if (first == 0xe2) return second >= 0x82 ? 3 : 0;
  if (first == 0xe3) return second != 0x85 ? 3 : 0;
  if (first == 0xef) return second == 0xbc || second == 0xbd ? 3 : 0;
  return first >= 0xe4 && first <= 0xe9 ? 3 : 0;
}

#ifdef __x86_64__
SEKISHO_AVX2_INLINE __m256i is(__m256i in, char octet) {
  return _mm256_cmpeq_epi8(in, _mm256_set1_epi8(octet));
}
SEKISHO_AVX2_INLINE __m256i is_above(__m256i in, char octet) { // as signed numbers
  return _mm256_cmpgt_epi8(in, _mm256_set1_epi8(octet));
}
SEKISHO_AVX2_INLINE __m256i is_lead(__m256i in) {
  return _mm256_or_si256(_mm256_andnot_si256(is_above(in, '\xe9'), is_above(in, '\xe1')), is(in, '\xef'));
}
SEKISHO_AVX2_INLINE __m256i is_pair(__m256i before, char lead, __m256i is_trail) {
  return _mm256_and_si256(is(before, lead), is_trail);
}

/// A bit for each of 32 octets, the first lowest: what is not everyday, or not where it belongs.  `before`, `before_that`:
/// the octet before each, and the one before that.
SEKISHO_AVX2_INLINE std::uint32_t wrong_octets(__m256i in, __m256i before, __m256i before_that) {
  const __m256i is_ascii = _mm256_or_si256(_mm256_andnot_si256(is(in, '\x7f'), is_above(in, '\x1f')),
                                           _mm256_or_si256(is(in, '\n'), is(in, '\t')));
  const __m256i is_first = _mm256_or_si256(is_ascii, is_lead(in));
  const __m256i is_inside = _mm256_or_si256(is_lead(before), is_lead(before_that));
  const __m256i even = _mm256_and_si256(in, _mm256_set1_epi8('\xfe')), is_80_81 = is(even, '\x80'), is_bc_bd = is(even, '\xbc');
  const __m256i is_other = _mm256_or_si256(_mm256_or_si256(is_pair(before, '\xe2', is_80_81), is_pair(before, '\xe3', is(in, '\x85'))),
                                           _mm256_andnot_si256(is_bc_bd, is(before, '\xef')));
  // Each is either a first octet or, where one is due, 0x80–0xbf.
  const __m256i is_good = _mm256_or_si256(_mm256_andnot_si256(is_inside, is_first),
                                          _mm256_andnot_si256(is_above(in, '\xbf'), is_inside));
  return ~static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_andnot_si256(is_other, is_good)));
}

SEKISHO_AVX2_INLINE __m256i load(const char *from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from));
}

/// The end of whole characters before `end`, up to which all octets are everyday.
std::size_t whole_characters(const char *text, std::size_t end) {
  for (std::size_t back = 1; back <= 2 && back <= end; ++back)
    if (octet_at(text + end - back) >= 0xc0) return end - back;
  return end;
}

/// Of at least 34 octets.
__attribute__((target("avx2"))) std::size_t everyday_wide(const char *text, std::size_t size) {
  const __m256i first = load(text), shifted = _mm256_permute2x128_si256(first, first, 0x08); // half of it, behind zeros
  std::uint32_t wrong = wrong_octets(first, _mm256_alignr_epi8(first, shifted, 15), _mm256_alignr_epi8(first, shifted, 14));
  std::size_t at = 0;
  while (wrong == 0) {
    if (at + 32 == size) return whole_characters(text, size);
    at = std::min(at + 32, size - 32); // the last ones overlap
    wrong = wrong_octets(load(text + at), load(text + at - 1), load(text + at - 2));
  }
  return whole_characters(text, at + static_cast<std::size_t>(__builtin_ctz(wrong)));
}
#else
std::size_t everyday_wide(const char *, std::size_t) { return 0; }
#endif

} // namespace

std::size_t utf8_everyday(std::string_view text, bool wide) {
  if (wide && text.size() >= 34) return everyday_wide(text.data(), text.size());
  const char *at = text.data(), *const end = at + text.size();
  for (std::size_t length; at != end && (length = everyday_character(at, end)) > 0;)
    at += length;
  return static_cast<std::size_t>(at - text.data());
}

} // namespace sekisho
