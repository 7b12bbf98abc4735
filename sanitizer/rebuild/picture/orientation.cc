#include "sanitizer/rebuild/picture/orientation.hh"

#include <utility>

namespace sekisho::rebuild {
namespace {

constexpr std::uint16_t orientation_tag = 0x0112, short_type = 3;

/// TIFF 6.0 integers in the order that the header names.
class TiffReader {
public:
  TiffReader(Bytes bytes, bool little) : reader_(bytes), little_(little) {}
  std::uint16_t read_u16() { return little_ ? reader_.read_u16_le() : reader_.read_u16(); }
  std::uint32_t read_u32() { return little_ ? reader_.read_u32_le() : reader_.read_u32(); }
  void skip(std::size_t count) { reader_.skip(count); }
  bool failed() const { return reader_.failed(); }

private:
  ByteReader reader_;
  bool little_;
};

} // namespace

int exif_orientation(Bytes untrusted) {
  constexpr std::string_view mark("Exif\0\0", 6), little("II*\0", 4), big("MM\0*", 4);
  const bool marked = as_chars(untrusted).starts_with(mark);
  const Bytes tiff = untrusted.subspan(marked ? mark.size() : 0);
  if (tiff.size() < 8) return 0;
  if (!as_chars(tiff).starts_with(little) && !as_chars(tiff).starts_with(big)) return 0;
  TiffReader reader(tiff, tiff[0] == std::byte{'I'});
  reader.skip(4);
  reader.skip(reader.read_u32() - 8u); // from the beginning of the header; wraps to a failing skip
  const unsigned entries = reader.read_u16();
  for (unsigned i = 0; i < entries && !reader.failed(); ++i) {
    const std::uint16_t tag = reader.read_u16(), type = reader.read_u16();
    const std::uint32_t count = reader.read_u32();
    const std::uint16_t value = reader.read_u16();
    reader.skip(2);
    if (tag == orientation_tag)
      return type == short_type && count == 1 && value >= 1 && value <= 8 && !reader.failed()
                 ? value
                 : 0;
  }
  return 0;
}

Pixels turn_upright(Pixels pixels, int orientation) {
  if (orientation <= 1 || orientation > 8) return pixels;
  const bool swapped = orientation >= 5; // rows become columns
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Pixels turned{swapped ? pixels.height : pixels.width, swapped ? pixels.width : pixels.height,
                pixels.channels, Scratch(pixels.memory.size()), pixels.density};
  if (swapped) std::swap(turned.density.across, turned.density.down);
  if (!turned.memory) return turned;
  for (std::uint32_t y = 0; y < turned.height; ++y)
    for (std::uint32_t x = 0; x < turned.width; ++x) {
      std::uint32_t from_x = swapped ? y : x, from_y = swapped ? x : y;
      if (from_right) from_x = pixels.width - 1 - from_x;
      if (from_bottom) from_y = pixels.height - 1 - from_y;
      const std::uint8_t *from = pixels.row(from_y) + std::size_t{from_x} * pixels.channels;
      std::uint8_t *to = turned.row(y) + std::size_t{x} * pixels.channels;
      for (unsigned c = 0; c < pixels.channels; ++c)
        to[c] = from[c];
    }
  return turned;
}

} // namespace sekisho::rebuild
