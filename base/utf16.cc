#include "base/utf16.hh"

#include <algorithm>
#include <cstring>

namespace sekisho {
namespace {

constexpr std::size_t looked_at = 64u << 10, fewest = 8; // octets

/// What texts are mostly made of: ASCII, punctuation, kana, wide forms.
bool is_everyday(char16_t c) {
  return (c >= ' ' && c < 0x7f) || c == '\t' || c == '\n' || c == '\r' || (c >= 0x3000 && c < 0x3100) || (c >= 0xff01 && c < 0xffa0);
}

/// Other letters and signs.
bool is_plain(char16_t c) {
  return c == '\f' || (c >= 0xa0 && c < 0x0530) || (c >= 0x2000 && c < 0x2800) || (c >= 0x3100 && c < 0x4dc0) || (c >= 0x4e00 && c < 0xa000) ||
         (c >= 0xac00 && c < 0xd7a4) || (c >= 0xf900 && c < 0xfb00) || (c >= 0xfe00 && c < 0xfe70) || (c >= 0xffa0 && c < 0xfff0);
}

bool reads_well(Bytes octets, Utf16 order) {
  std::size_t everyday = 0;
  const std::size_t end = std::min(octets.size(), looked_at);
  for (std::size_t at = 0; at + 1 < end; at += 2) {
    const char16_t c = utf16_unit(octets, at, order);
    if (c >= 0xd800 && c < 0xdc00) {
      if (at + 3 >= end) break;
      const char16_t low = utf16_unit(octets, at + 2, order);
      if (low < 0xdc00 || low > 0xdfff) return false;
      at += 2;
    } else if (is_everyday(c)) {
      ++everyday;
    } else if (!is_plain(c)) {
      return false;
    }
  }
  return everyday * 4 >= end / 2; // a quarter
}

} // namespace

std::optional<Utf16> unmarked_utf16(Bytes octets) {
  if (octets.size() < fewest || octets.size() % 2 != 0 ||
      std::memchr(octets.data(), 0, std::min(octets.size(), looked_at)) == nullptr)
    return {};
  const bool little = reads_well(octets, Utf16::little), big = reads_well(octets, Utf16::big);
  if (little == big) return {};
  return little ? Utf16::little : Utf16::big;
}

} // namespace sekisho
