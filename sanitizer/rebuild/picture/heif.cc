// HEIF and AVIF to pixels: the boxes by our own reader, HEVC by libde265, AV1 by dav1d, each
// without threads.  The primary picture leaves as JPEG.
#include "sanitizer/rebuild/picture/colour.hh"
#include "sanitizer/rebuild/picture/cut.hh"
#include "sanitizer/rebuild/picture/heif_container.hh"
#include "sanitizer/rebuild/picture/heif_decoders.hh"
#include "sanitizer/rebuild/picture/noise.hh"
#include "sanitizer/rebuild/picture/orientation.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/rebuild/picture/still.hh"

#include <algorithm>
#include <array>

namespace sekisho::rebuild {
namespace {

/// ITU-T H.273 table 4: weights of red and blue.
std::array<double, 2> weights_of(unsigned matrix) {
  switch (matrix) {
  case 1: return {0.2126, 0.0722};
  case 9:
  case 10: return {0.2627, 0.0593};
  default: return {0.299, 0.114};
  }
}

std::uint8_t clamped(int value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0, 255));
}

/// YCbCr to RGB in 16.16 fixed point (H.273 equations 32–40).
class ToRgb {
public:
  explicit ToRgb(const HeifColours &colours) : colours_(colours) {
    const auto [red, blue] = weights_of(colours.matrix);
    const double luma = colours.full_range ? 1 : 255.0 / 219,
                 chroma = colours.full_range ? 1 : 255.0 / 224;
    const double green = 1 - red - blue;
    luma_ = fixed(luma);
    red_by_cr_ = fixed(chroma * 2 * (1 - red));
    blue_by_cb_ = fixed(chroma * 2 * (1 - blue));
    green_by_cr_ = fixed(chroma * 2 * (1 - red) * red / green);
    green_by_cb_ = fixed(chroma * 2 * (1 - blue) * blue / green);
  }
  void convert(int y, int cb, int cr, std::uint8_t *out) const {
    if (colours_.matrix == 0) { // the planes are green, blue, red
      out[0] = clamped(cr), out[1] = clamped(y), out[2] = clamped(cb);
      return;
    }
    const int light = (y - (colours_.full_range ? 0 : 16)) * luma_ + (1 << 15);
    cb -= 128, cr -= 128;
    out[0] = clamped((light + cr * red_by_cr_) >> 16);
    out[1] = clamped((light - cr * green_by_cr_ - cb * green_by_cb_) >> 16);
    out[2] = clamped((light + cb * blue_by_cb_) >> 16);
  }

private:
  static int fixed(double value) { return static_cast<int>(value * 65536 + 0.5); }
  HeifColours colours_;
  int luma_, red_by_cr_, blue_by_cb_, green_by_cr_, green_by_cb_;
};

int sample(const HeifPlane &plane, std::uint32_t x, std::uint32_t y) {
  const std::uint8_t *row =
      plane.octets + std::ptrdiff_t{plane.stride} * static_cast<std::ptrdiff_t>(y);
  if (plane.bits <= 8) return row[x];
  return (row[2 * x] | row[2 * x + 1] << 8) >> (plane.bits - 8);
}

/// What of the tile lies inside the picture.
void put_tile(const HeifPlanes &tile, const HeifColours &said, std::uint32_t left,
              std::uint32_t top, Pixels &pixels) {
  const ToRgb to_rgb(said.known ? said : tile.colours);
  const std::uint32_t right = std::min(left + tile.width, pixels.width);
  const std::uint32_t bottom = std::min(top + tile.height, pixels.height);
  for (std::uint32_t y = top; y < bottom; ++y)
    for (std::uint32_t x = left; x < right; ++x) {
      const std::uint32_t cx = (x - left) >> tile.halved_across, cy = (y - top) >> tile.halved_down;
      const int luma = sample(tile.planes[0], x - left, y - top);
      const int cb = tile.gray ? 128 : sample(tile.planes[1], cx, cy);
      const int cr = tile.gray ? 128 : sample(tile.planes[2], cx, cy);
      to_rgb.convert(luma, cb, cr, pixels.row(y) + std::size_t{x} * 3);
    }
}

} // namespace

Result<Rebuilt, Reason> heif(const Input &input, const job::Plan &plan, const job::Cut &cut) {
  Result<HeifPicture, Reason> picture = read_heif(input.untrusted_value());
  if (!picture) return fail(picture.error());
  Pixels pixels{picture->width, picture->height, 3, {}};
  if (std::uint64_t{pixels.width} * pixels.height > plan.max_pixels)
    return fail(Reason::part_too_big);
  pixels.memory = Scratch(pixels.row_size() * pixels.height);
  if (!pixels.memory) return fail(Reason::part_too_big);
  std::uint32_t wide = 0, high = 0; // of every tile but those at the edges
  for (std::size_t i = 0; i < picture->tiles.size(); ++i) {
    const auto column = static_cast<std::uint32_t>(i % picture->columns);
    const auto row = static_cast<std::uint32_t>(i / picture->columns);
    bool right = true;
    const bool decoded =
        decode_heif_tile(picture->tiles[i], plan.max_pixels, [&](const HeifPlanes &planes) {
          if (i == 0) {
            wide = planes.width, high = planes.height;
            right = fit(*picture, wide, high);
          }
          right = right && planes.width == wide && planes.height == high;
          if (right && std::uint64_t{column} * wide < pixels.width &&
              std::uint64_t{row} * high < pixels.height)
            put_tile(planes, picture->colours, column * wide, row * high, pixels);
        });
    if (!decoded || !right) return fail(Reason::part_malformed);
  }
  std::vector<Reason> reasons{Reason::part_reencoded};
  if (picture->others) reasons.push_back(Reason::part_first_picture_only);
  to_srgb(pixels, picture->profile);
  for (int turn : picture->turns) {
    pixels = turn_upright(std::move(pixels), turn);
    if (!pixels.memory) return fail(Reason::part_too_big);
  }
  cut_off(pixels, cut);
  Noise(input, plan).replace(pixels, reasons);
  return still(pixels, true, std::move(reasons));
}

} // namespace sekisho::rebuild
