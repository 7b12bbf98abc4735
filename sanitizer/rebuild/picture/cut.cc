#include "sanitizer/rebuild/picture/cut.hh"

#include <algorithm>
#include <cstring>

namespace sekisho::rebuild {
namespace {

constexpr double dots_of_screens = 96; // an inch, where the picture does not say

/// The first pixel that stays, and how many, of `size`.
struct Stretch {
  std::uint32_t first, count;
};
Stretch stretch_of(std::uint32_t before, std::uint32_t behind, bool in_print, std::uint32_t size, unsigned dots) {
  const double unit = in_print ? (dots == 0 ? dots_of_screens : dots) / 25'400 : size / 1e6;
  const auto pixels = [&](std::uint32_t units) {
    return static_cast<std::uint32_t>(std::min<double>(units * unit + 1e-6, size - 1));
  };
  const std::uint32_t first = pixels(before);
  return {first, size - first - std::min(pixels(behind), size - first - 1)};
}

} // namespace

CutBox box_of(const job::Cut &cut, std::uint32_t width, std::uint32_t height, Density density) {
  const Stretch across = stretch_of(cut.left, cut.right, cut.in_print, width, density.across);
  const Stretch down = stretch_of(cut.top, cut.bottom, cut.in_print, height, density.down);
  return {across.first, down.first, across.count, down.count};
}

void cut_off(Pixels &pixels, const job::Cut &cut) {
  if (!cut) return;
  const CutBox box = box_of(cut, pixels.width, pixels.height, pixels.density);
  const std::size_t row_size = std::size_t{box.width} * pixels.channels;
  for (std::uint32_t y = 0; y < box.height; ++y)
    std::memmove(pixels.memory.octets() + y * row_size,
                 pixels.row(box.top + y) + std::size_t{box.left} * pixels.channels, row_size);
  pixels.width = box.width, pixels.height = box.height;
}

} // namespace sekisho::rebuild
