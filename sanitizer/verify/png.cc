// PNG (ISO/IEC 15948): IHDR, a size in print that is believable, for few colours PLTE and tRNS in their one form, one
// IDAT, IEND, right sums, exactly the rows, nothing else.
#include "sanitizer/verify/files.hh"

#include <zlib.h>

#include <string_view>

namespace sekisho::verify {
namespace {

struct Chunk {
  std::string_view type;
  Bytes data;
  bool right = false;
};

Chunk read_chunk(ByteReader &reader) {
  Chunk chunk;
  const std::uint32_t size = reader.read_u32();
  const Bytes type = reader.take(4);
  chunk.data = reader.take(size);
  const std::uint32_t sum = reader.read_u32();
  if (reader.failed() || size > 0x7fffffff) return chunk;
  chunk.type = as_chars(type);
  uLong crc = crc32(0, reinterpret_cast<const Bytef *>(type.data()), 4);
  if (!chunk.data.empty()) // zlib takes a null pointer as "begin anew"
    crc = crc32_z(crc, reinterpret_cast<const Bytef *>(chunk.data.data()), chunk.data.size());
  chunk.right = crc == sum;
  return chunk;
}

unsigned channels_of(unsigned colour_type) { // §11.2.2, of the types we write
  switch (colour_type) {
  case 0: return 1;
  case 2: return 3;
  case 4: return 2;
  case 6: return 4;
  default: return 0;
  }
}

struct PngHeader {
  std::uint64_t width = 0, height = 0; // 0: not ours
  unsigned bits = 0;                   // a pixel
  bool few_colours = false;
  std::size_t row() const { return (width * bits + 7) / 8 + 1; }
};

PngHeader read_header(Bytes header) {
  ByteReader reader(header);
  const std::uint32_t width = reader.read_u32(), height = reader.read_u32();
  const unsigned depth = reader.read_u8(), type = reader.read_u8();
  const bool plain = reader.read_u8() == 0 && reader.read_u8() == 0 && reader.read_u8() == 0;
  if (reader.failed() || !reader.at_end() || !plain) return {};
  if (width == 0 || height == 0 || std::uint64_t{width} * height > most_pixels) return {};
  if (type == 3 && (depth == 1 || depth == 2 || depth == 4 || depth == 8))
    return {width, height, depth, true};
  const unsigned channels = channels_of(type);
  if (depth != 8 || channels == 0) return {};
  return {width, height, channels * 8, false};
}

/// 2^bits colours by their alphas and values: rising, then black only.
bool is_palette(Bytes palette, Bytes alphas, unsigned bits) {
  if (palette.size() != std::size_t{3} << bits || alphas.size() > palette.size() / 3) return false;
  ByteReader reader(palette);
  std::int64_t before = -1;
  bool over = false;
  for (std::size_t i = 0; i < palette.size() / 3; ++i) {
    const std::int64_t alpha = i < alphas.size() ? std::to_integer<std::int64_t>(alphas[i]) : 255;
    const std::int64_t value = std::int64_t{reader.read_u8()} << 16 | reader.read_u16();
    const std::int64_t colour = alpha << 24 | value;
    if (i < alphas.size() && alpha == 255) return false;
    if (over || colour <= before) {
      if (value != 0 || alpha != 255) return false;
      over = true;
    }
    before = colour;
  }
  return true;
}

/// Whole dots an inch, 10 to 4800, in the one number of dots a metre that they make (§11.3.5.3).
bool is_density(Bytes data) {
  ByteReader reader(data);
  for (unsigned side = 0; side < 2; ++side) {
    const std::uint64_t metre = reader.read_u32(), inch = (metre * 254 + 5000) / 10'000;
    if (inch < 10 || inch > 4800 || (inch * 10'000 + 127) / 254 != metre) return false;
  }
  return reader.read_u8() == 1 && reader.at_end() && !reader.failed();
}

} // namespace

bool is_our_png(Bytes untrusted) {
  ByteReader reader(untrusted);
  if (as_chars(reader.take(8)) != "\x89PNG\r\n\x1a\n") return false;
  const Chunk first = read_chunk(reader);
  if (!first.right || first.type != "IHDR") return false;
  const PngHeader header = read_header(first.data);
  if (header.width == 0) return false;
  Chunk picture = read_chunk(reader);
  if (picture.right && picture.type == "pHYs") {
    if (!is_density(picture.data)) return false;
    picture = read_chunk(reader);
  }
  if (header.few_colours) {
    const Chunk palette = picture;
    if (!palette.right || palette.type != "PLTE") return false;
    picture = read_chunk(reader);
    Bytes alphas;
    if (picture.right && picture.type == "tRNS" && !picture.data.empty()) {
      alphas = picture.data;
      picture = read_chunk(reader);
    }
    if (!is_palette(palette.data, alphas, header.bits)) return false;
  }
  const Chunk end = read_chunk(reader);
  if (reader.failed() || !reader.at_end() || !picture.right || !end.right) return false;
  if (picture.type != "IDAT" || end.type != "IEND" || !end.data.empty()) return false;
  return unpacks_to(picture.data, header.row() * header.height, header.row(),
                    header.few_colours ? 0 : 4);
}

} // namespace sekisho::verify
