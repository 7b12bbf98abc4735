#include "base/fold.hh"

#include "base/utf8.hh"

#include <algorithm>
#include <array>

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

char32_t small(char32_t c) {
  const auto row = std::ranges::find_if(capitals, [c](const Capitals &row) { return c <= row.last; });
  const bool capital = row != capitals.end() && c >= row->first && (c - row->first) % row->step == 0;
  return capital ? c + row->distance : c;
}

} // namespace

std::string folded(std::string_view utf8) {
  std::string result;
  result.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();)
    utf8_append(result, small(utf8_next(utf8, at)));
  return result;
}

} // namespace sekisho
