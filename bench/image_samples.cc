#include "bench/image_samples.hh"

#include "sanitizer/rebuild/picture/fax.hh"
#include "sanitizer/rebuild/picture/gif_writer.hh"
#include "sanitizer/rebuild/picture/png_writer.hh"
#include "sanitizer/rebuild/picture/tiff_writer.hh"

#include <cmath>
#include <random>

namespace sekisho::bench {
namespace {

constexpr unsigned width = 1920, height = 1080;

std::uint8_t clamped(double value) {
  return static_cast<std::uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
}

/// Something like a landscape: slow waves, edges, grain.
void draw_photo(rebuild::Pixels &pixels, unsigned left, unsigned top, unsigned wide, unsigned high,
                std::mt19937 &random) {
  for (unsigned y = top; y < top + high; ++y)
    for (unsigned x = left; x < left + wide; ++x) {
      const double wave =
          60 * std::sin(x * 0.011 + 2 * std::sin(y * 0.007)) + 40 * std::sin(y * 0.023);
      const double edge = std::sin(x * 0.05) > std::sin(y * 0.031) ? 25 : 0;
      for (unsigned c = 0; c < 3; ++c)
        pixels.row(y)[x * 3 + c] = clamped(120 + wave + edge + 12 * c + random() % 9);
    }
}

/// A letter: bars of a pattern drawn from its number.
bool has_ink(unsigned letter, unsigned x, unsigned y) {
  const unsigned pattern = letter * 2654435761u;
  return (pattern >> (x / 3) & 1 && y / 3 % 3 == letter % 3) ||
         (pattern >> (8 + y / 3) & 1 && x % 9 < 2);
}

/// Letters of `size` pixels with space between, whether there is ink.
bool text_at(unsigned x, unsigned y, unsigned size) {
  const unsigned column = x / size, line = y / (size * 2);
  if (y % (size * 2) >= size || x % size >= size - 4) return false;
  const unsigned letter = (column * 7919 + line * 104729) % 977;
  return letter % 9 != 0 && has_ink(letter, x % size * 24 / size, y % size * 24 / size);
}

} // namespace

Buffer slide_png() {
  std::mt19937 random(3);
  rebuild::Pixels pixels{width, height, 3, rebuild::Scratch(std::size_t{width} * height * 3)};
  for (unsigned y = 0; y < height; ++y)
    for (unsigned x = 0; x < width; ++x) {
      std::uint8_t *pixel = pixels.row(y) + x * 3;
      const bool box = y > 200 && y < 900 && x > 120 && x < 900;
      const bool ink = box && text_at(x, y, 24);
      pixel[0] = clamped(ink ? 20 : box ? 250 : 30 + 60.0 * x / width);
      pixel[1] = clamped(ink ? 20 : box ? 250 : 60 + 80.0 * y / height);
      pixel[2] = clamped(ink ? 60 : box ? 245 : 140 + 60.0 * x / width);
    }
  draw_photo(pixels, 1000, 240, 800, 600, random);
  return rebuild::write_png(pixels);
}

Buffer photo_png() {
  std::mt19937 random(4);
  rebuild::Pixels pixels{width, height, 3, rebuild::Scratch(std::size_t{width} * height * 3)};
  draw_photo(pixels, 0, 0, width, height, random);
  return rebuild::write_png(pixels);
}

Buffer moving_gif() {
  std::mt19937 random(5);
  rebuild::Animation animation{480, 360, {}, std::uint16_t{0}, {}};
  for (std::uint32_t i = 0; i < 256; ++i) // 8 reds, 8 greens, 4 blues
    animation.palette.push_back((i >> 5) * 36 << 16 | (i >> 2 & 7) * 36 << 8 | (i & 3) * 85);
  for (unsigned frame = 0; frame < 48; ++frame) {
    rebuild::GifFrame next;
    next.width = 480, next.height = 360, next.delay = 4;
    next.indices = rebuild::Scratch(480 * 360);
    for (unsigned y = 0; y < 360; ++y)
      for (unsigned x = 0; x < 480; ++x) {
        const double wave = std::sin((x + frame * 5) * 0.02) + std::sin((y + frame * 3) * 0.017);
        const auto tone = static_cast<unsigned>((wave + 2) * 60 + random() % 24);
        next.indices.octets()[y * 480 + x] = static_cast<std::uint8_t>(
            (tone >> 5 & 7) << 5 | (tone >> 4 & 7) << 2 | (tone >> 6 & 3));
      }
    animation.frames.push_back(std::move(next));
  }
  return rebuild::write_gif(animation);
}

Buffer fax_pages(unsigned pages) {
  constexpr unsigned wide = 2480, high = 3508, row = wide / 8;
  std::vector<rebuild::TiffPage> all;
  for (unsigned page = 0; page < pages; ++page) {
    Buffer rows(std::size_t{row} * high, std::byte{0xff});
    for (unsigned y = 200; y < 3300; ++y)
      for (unsigned x = 200; x < 2280; ++x)
        if (text_at(x + page * 48, y + page * 96, 48))
          rows[y * row + x / 8] &= ~std::byte(0x80 >> x % 8);
    all.push_back({wide, high, 1, rebuild::TiffPage::Coding::group4, 300, 300,
                   rebuild::encode_group4(rows, wide, high)});
  }
  return rebuild::write_tiff(all);
}

} // namespace sekisho::bench
