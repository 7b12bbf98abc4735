#include "sanitizer/rebuild/picture/png_reduce.hh"

#include <algorithm>
#include <array>

namespace sekisho::rebuild {
namespace {

std::uint32_t colour_at(const std::uint8_t *pixel, unsigned channels) {
  const std::uint32_t alpha = channels == 2 ? pixel[1] : channels == 4 ? pixel[3] : 0xffu;
  const std::uint32_t red = pixel[0], green = pixel[channels >= 3 ? 1 : 0];
  return alpha << 24 | red << 16 | green << 8 | pixel[channels >= 3 ? 2 : 0];
}

/// Which number a colour has, by open addressing.
class Colours {
public:
  explicit Colours(std::size_t most) : most_(most) { numbers_.fill(none); }
  /// False when it is one too many.
  bool add(std::uint32_t colour) {
    const std::size_t place = place_of(colour);
    if (numbers_[place] != none) return true;
    if (found_.size() == most_) return false;
    keys_[place] = colour;
    numbers_[place] = 0;
    found_.push_back(colour);
    return true;
  }
  void sort() {
    std::sort(found_.begin(), found_.end());
    for (std::size_t i = 0; i < found_.size(); ++i)
      numbers_[place_of(found_[i])] = static_cast<std::uint16_t>(i);
  }
  unsigned number_of(std::uint32_t colour) const { return numbers_[place_of(colour)]; }
  const std::vector<std::uint32_t> &found() const { return found_; }

private:
  static constexpr unsigned bits = 10;
  static constexpr std::uint16_t none = 0xffff;
  std::size_t place_of(std::uint32_t colour) const {
    std::size_t place = colour * 0x9e3779b1u >> (32 - bits);
    while (numbers_[place] != none && keys_[place] != colour)
      place = (place + 1) % keys_.size();
    return place;
  }
  std::size_t most_;
  std::array<std::uint32_t, 1 << bits> keys_{};
  std::array<std::uint16_t, 1 << bits> numbers_;
  std::vector<std::uint32_t> found_;
};

/// Calls with each pixel's colour, runs of the same only once.
template <class Take> bool each_colour(const Pixels &pixels, Take take) {
  const std::uint8_t *pixel = pixels.memory.octets();
  const std::size_t count = std::size_t{pixels.width} * pixels.height;
  std::uint32_t before = 0;
  for (std::size_t i = 0; i < count; ++i, pixel += pixels.channels) {
    const std::uint32_t colour = colour_at(pixel, pixels.channels);
    if (i > 0 && colour == before) continue;
    if (!take(colour)) return false;
    before = colour;
  }
  return true;
}

} // namespace

std::optional<Pixels> reduced(const Pixels &pixels) {
  const unsigned channels = pixels.channels;
  if (channels == 1) return std::nullopt;
  bool gray = true, opaque = true;
  const std::uint8_t *pixel = pixels.memory.octets();
  const std::size_t count = std::size_t{pixels.width} * pixels.height;
  for (std::size_t i = 0; i < count && (gray || opaque); ++i, pixel += channels) {
    if (channels >= 3) gray = gray && pixel[0] == pixel[1] && pixel[1] == pixel[2];
    opaque = opaque && (channels % 2 == 1 || pixel[channels - 1] == 255);
  }
  const unsigned wanted = (gray ? 1u : 3u) + (opaque ? 0u : 1u);
  if (wanted == channels) return std::nullopt;
  Pixels smaller{pixels.width, pixels.height, wanted, Scratch(count * wanted)};
  if (!smaller.memory) return std::nullopt;
  pixel = pixels.memory.octets();
  std::uint8_t *to = smaller.memory.octets();
  for (std::size_t i = 0; i < count; ++i, pixel += channels, to += wanted) {
    std::copy_n(pixel, gray ? 1 : 3, to);
    if (!opaque) to[wanted - 1] = pixel[channels - 1];
  }
  return smaller;
}

std::optional<FewColours> few_colours(const Pixels &pixels) {
  Colours colours(pixels.channels == 1 ? 16 : 256);
  if (!each_colour(pixels, [&](std::uint32_t colour) { return colours.add(colour); }))
    return std::nullopt;
  colours.sort();
  FewColours few;
  few.colours = colours.found();
  const std::size_t count = few.colours.size();
  few.bits = count <= 2 ? 1 : count <= 4 ? 2 : count <= 16 ? 4 : 8;
  const std::size_t row_size = (std::size_t{pixels.width} * few.bits + 7) / 8 + 1;
  few.rows.resize(row_size * pixels.height);
  for (std::uint32_t y = 0; y < pixels.height; ++y) {
    const std::uint8_t *pixel = pixels.row(y);
    std::byte *to = few.rows.data() + row_size * y + 1;
    std::uint32_t before = 0;
    unsigned number = 0;
    for (std::uint32_t x = 0; x < pixels.width; ++x, pixel += pixels.channels) {
      const std::uint32_t colour = colour_at(pixel, pixels.channels);
      if (x == 0 || colour != before) number = colours.number_of(colour);
      before = colour;
      const unsigned bit = x * few.bits;
      to[bit / 8] |= static_cast<std::byte>(number << (8 - few.bits - bit % 8));
    }
  }
  return few;
}

} // namespace sekisho::rebuild
