#include "sanitizer/text/japanese_name.hh"

#include "base/utf8.hh"

#include <utility>

namespace sekisho::text {
namespace {

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

/// Nothing but half-width letters beside ASCII.
bool is_half_width_word(std::string_view text) {
  for (std::size_t at = 0; at < text.size();)
    if (const char32_t c = utf8_next(text, at); c > 0x7f && !is_half_width_letter(c)) return false;
  return true;
}

} // namespace

bool is_euc_alone(Bytes octets, const Decoded &windows) {
  return windows.errors > 0 && !utf8_valid(as_chars(octets)) && decode({Scheme::euc_jp}, octets).errors == 0;
}

Decoded decode_japanese_name(Bytes octets, Decoded windows, bool among_euc) {
  if (windows.errors == 0 && !among_euc && is_half_width_word(windows.text)) return windows;
  Decoded unix = decode({Scheme::euc_jp}, octets);
  if (unix.errors > 0) return windows;
  const bool better = windows.errors > 0 || oddities(unix.text) < oddities(windows.text);
  return better ? std::move(unix) : std::move(windows);
}

} // namespace sekisho::text
