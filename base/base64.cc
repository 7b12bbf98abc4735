#include "base/base64.hh"

#include "base/cpu.hh"
#include "base/vectors.hh"

#include <array>
#include <cstdint>
#include <cstring>

namespace sekisho {
namespace {

/// The two characters of each twelve bits.
constexpr std::array<std::array<char, 2>, 4096> make_base64_pairs() {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::array<char, 2>, 4096> pairs{};
  for (std::size_t i = 0; i < pairs.size(); i++)
    pairs[i] = {alphabet[i >> 6], alphabet[i & 0x3f]};
  return pairs;
}
constexpr std::array<std::array<char, 2>, 4096> base64_pairs = make_base64_pairs();

constexpr std::size_t base64_size(std::size_t octets) { return (octets + 2) / 3 * 4; }

#ifdef __x86_64__
/// 24 octets at a time, of which four more must be there to be read; gives how many were written from.
__attribute__((target("avx2"))) std::size_t put_base64_wide(char *to, const char *from, std::size_t size) {
  const __m256i spread = _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10, 1, 0, 2, 1, 4, 3, 5, 4, 7, 6,
                                          8, 7, 10, 9, 11, 10);
  // From a value to its character: 'A' on, 'a' on (of which 0 stands for all), ten digits, '+', '/'.
  const __m256i offsets = _mm256_setr_epi8(71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 65, 0, 0, 71, -4, -4, -4,
                                           -4, -4, -4, -4, -4, -4, -4, -19, -16, 65, 0, 0);
  std::size_t at = 0;
  for (; at + 28 <= size; at += 24, to += 32) {
    const __m256i in = _mm256_shuffle_epi8(
        _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i *>(from + at))),
                                _mm_loadu_si128(reinterpret_cast<const __m128i *>(from + at + 12)), 1),
        spread);
    const __m256i even = _mm256_mulhi_epu16(_mm256_and_si256(in, _mm256_set1_epi32(0x0fc0fc00)), _mm256_set1_epi32(0x04000040));
    const __m256i odd = _mm256_mullo_epi16(_mm256_and_si256(in, _mm256_set1_epi32(0x003f03f0)), _mm256_set1_epi32(0x01000010));
    const __m256i values = _mm256_or_si256(even, odd);
    const __m256i is_upper = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), values);
    const __m256i group = _mm256_or_si256(_mm256_subs_epu8(values, _mm256_set1_epi8(51)),
                                          _mm256_and_si256(is_upper, _mm256_set1_epi8(13)));
    _mm256_storeu_si256(reinterpret_cast<__m256i *>(to), _mm256_add_epi8(values, _mm256_shuffle_epi8(offsets, group)));
  }
  return at;
}
#else
std::size_t put_base64_wide(char *, const char *, std::size_t) { return 0; }
#endif
const bool is_wide = has_avx2();

/// Gives the end of what was written.
char *put_base64(char *to, std::string_view octets) {
  auto octet = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(octets[i])); };
  const auto put_quad = [&](std::uint32_t bits) {
    std::memcpy(to, base64_pairs[bits >> 12].data(), 2);
    std::memcpy(to + 2, base64_pairs[bits & 0xfff].data(), 2);
    to += 4;
  };
  std::size_t at = is_wide ? put_base64_wide(to, octets.data(), octets.size()) : 0;
  to += at / 3 * 4;
  for (; at + 4 <= octets.size(); at += 3)
    put_quad((octet(at) << 24 | octet(at + 1) << 16 | octet(at + 2) << 8 | octet(at + 3)) >> 8); // one load
  for (; at + 3 <= octets.size(); at += 3)
    put_quad(octet(at) << 16 | octet(at + 1) << 8 | octet(at + 2));
  if (at == octets.size()) return to;
  const bool two = octets.size() - at == 2;
  std::uint32_t bits = octet(at) << 16 | (two ? octet(at + 1) << 8 : 0);
  std::memcpy(to, base64_pairs[bits >> 12].data(), 2);
  to[2] = two ? base64_pairs[bits & 0xfff][0] : '=';
  to[3] = '=';
  return to + 4;
}

} // namespace

void append_base64(std::string &out, std::string_view octets) {
  const std::size_t start = out.size();
  out.resize(start + base64_size(octets.size()));
  put_base64(out.data() + start, octets);
}

void append_base64_lines(std::string &out, std::string_view octets) {
  constexpr std::size_t octets_a_line = 57; // 76 characters, RFC 2045 §6.8
  const std::size_t start = out.size(), lines = (octets.size() + octets_a_line - 1) / octets_a_line;
  out.resize(start + base64_size(octets.size()) + lines * 2);
  char *to = out.data() + start;
  for (std::size_t i = 0; i < octets.size(); i += octets_a_line) {
    to = put_base64(to, octets.substr(i, octets_a_line));
    *to++ = '\r';
    *to++ = '\n';
  }
}

std::string base64(std::string_view octets) {
  std::string text;
  append_base64(text, octets);
  return text;
}

} // namespace sekisho
