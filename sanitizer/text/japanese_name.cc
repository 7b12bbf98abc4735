#include "sanitizer/text/japanese_name.hh"

#include "base/utf8.hh"

#include <algorithm>

namespace sekisho::text {
namespace {

constexpr char32_t half_width_u = 0xff73, half_width_ka = 0xff76, half_width_to = 0xff84, half_width_ha = 0xff8a,
                   half_width_ho = 0xff8e, voiced = 0xff9e, half_voiced = 0xff9f, long_vowel = 0xff70;

bool is_half_width(char32_t c) { return c >= 0xff61 && c <= 0xff9f; }
bool is_half_width_letter(char32_t c) { return c >= 0xff66 && c <= 0xff9f; }
bool is_of_user(char32_t c) { return c >= 0xe000 && c <= 0xf8ff; }

std::size_t oddities(std::string_view text) {
  std::size_t odd = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = utf8_next(text, at);
    odd += is_half_width(c) || is_of_user(c);
  }
  return odd;
}

/// Nothing but half-width letters beside ASCII, with a sound mark or long vowel where a word can have one: データ.
bool is_half_width_word(std::string_view text) {
  bool marked = false;
  char32_t before = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = utf8_next(text, at);
    if (c > 0x7f && !is_half_width_letter(c)) return false;
    const bool of_ha = before >= half_width_ha && before <= half_width_ho;
    marked = marked || (c == voiced && (of_ha || before == half_width_u || (before >= half_width_ka && before <= half_width_to))) ||
             (c == half_voiced && of_ha) || (c == long_vowel && is_half_width_letter(before));
    before = c;
  }
  return marked;
}

} // namespace

Decoded decode_japanese_name(Bytes octets, Decoded windows) {
  Decoded unix = decode({Scheme::euc_jp}, octets);
  if (unix.errors > 0 || (windows.errors == 0 && is_half_width_word(windows.text))) return windows;
  const bool better = windows.errors > 0 || oddities(unix.text) < oddities(windows.text);
  return better ? std::move(unix) : std::move(windows);
}

} // namespace sekisho::text
