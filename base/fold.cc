#include "base/fold.hh"

#include "base/utf8.hh"

#include <algorithm>
#include <array>
#include <string_view>

namespace sekisho {
namespace {

/// Every `step`-th character from `first` is a capital; its small letter is `distance` further.
struct Capitals {
  char32_t first, last, step, distance;
};
constexpr auto capitals = std::to_array<Capitals>({
    {0x41, 0x5a, 1, 32},       {0xc0, 0xd6, 1, 32},     {0xd8, 0xde, 1, 32},     {0x100, 0x12e, 2, 1},
    {0x132, 0x136, 2, 1},      {0x139, 0x147, 2, 1},    {0x14a, 0x176, 2, 1},    {0x179, 0x17d, 2, 1},
    {0x391, 0x3a1, 1, 32},     {0x3a3, 0x3ab, 1, 32},   {0x400, 0x40f, 1, 80},   {0x410, 0x42f, 1, 32},
    {0x460, 0x480, 2, 1},      {0x48a, 0x4be, 2, 1},    {0x4d0, 0x52e, 2, 1},    {0x1e00, 0x1e94, 2, 1},
    {0x1ea0, 0x1efe, 2, 1},    {0x2160, 0x216f, 1, 16}, {0x24b6, 0x24cf, 1, 26}, {0xff21, 0xff3a, 1, 32},
});

constexpr char32_t voiced_mark = 0x3099, semi_voiced_mark = 0x309a, to_katakana = 0x60;
constexpr std::u32string_view voiced = U"かきくけこさしすせそたちつてとはひふへほゝ"; // the next character is the same, voiced
constexpr std::u32string_view semi_voiced = U"はひふへほ";                         // the one behind that, half so
constexpr std::u32string_view others = U"うゔウヴワヷヰヸヱヹヲヺ";

/// 0: there is no such character.
char32_t composed(char32_t kana, char32_t mark) {
  const auto listed = [kana](std::u32string_view hiragana) {
    return hiragana.find(kana) != hiragana.npos || hiragana.find(kana - to_katakana) != hiragana.npos;
  };
  if (mark == semi_voiced_mark) return listed(semi_voiced) ? kana + 2 : 0;
  if (mark != voiced_mark) return 0;
  if (listed(voiced)) return kana + 1;
  for (std::size_t i = 0; i < others.size(); i += 2)
    if (others[i] == kana) return others[i + 1];
  return 0;
}

char32_t small(char32_t c) {
  const auto row = std::ranges::find_if(capitals, [c](const Capitals &row) { return c <= row.last; });
  const bool capital = row != capitals.end() && c >= row->first && (c - row->first) % row->step == 0;
  return capital ? c + row->distance : c;
}

} // namespace

std::string folded(std::string_view utf8) {
  std::string result;
  result.reserve(utf8.size());
  char32_t last = 0;
  std::size_t begin = 0; // of the last one
  for (std::size_t at = 0; at < utf8.size();) {
    char32_t next = small(utf8_next(utf8, at));
    if (const char32_t one = composed(last, next)) {
      result.resize(begin);
      next = one;
    }
    begin = result.size();
    utf8_append(result, last = next);
  }
  return result;
}

} // namespace sekisho
