#include "sanitizer/rebuild/picture/count_pixels.hh"

#include <algorithm>

namespace sekisho::rebuild {
namespace {

std::uint64_t of_png(ByteReader in) { // its header is first
  in.skip(16);
  const std::uint64_t width = in.read_u32();
  return width * in.read_u32();
}

std::uint64_t of_jpeg(ByteReader in) {
  in.skip(2);
  while (!in.failed() && !in.at_end()) {
    const unsigned marker = in.read_u16(), size = in.read_u16();
    const bool frame = marker >= 0xffc0 && marker <= 0xffc2;
    if (frame) {
      in.skip(1);
      const std::uint64_t height = in.read_u16();
      return height * in.read_u16();
    }
    in.skip(size - std::min(size, 2u));
  }
  return 0;
}

void skip_gif_blocks(ByteReader &in) {
  while (const unsigned size = in.read_u8())
    in.skip(size);
}
void skip_gif_colours(ByteReader &in, unsigned flags) {
  if (flags & 0x80) in.skip(std::size_t{3} << ((flags & 7) + 1));
}

std::uint64_t of_gif(ByteReader in) {
  in.skip(10);
  const unsigned flags = in.read_u8();
  in.skip(2);
  skip_gif_colours(in, flags);
  std::uint64_t pixels = 0;
  while (!in.failed() && !in.at_end()) {
    const unsigned what = in.read_u8();
    if (what == 0x3b) break;
    if (what == 0x2c) {
      in.skip(4);
      const std::uint64_t width = in.read_u16_le();
      pixels += width * in.read_u16_le();
      skip_gif_colours(in, in.read_u8());
    }
    in.skip(1); // a label, or the size of codes
    skip_gif_blocks(in);
  }
  return pixels;
}

std::uint64_t of_tiff(Bytes all) {
  constexpr unsigned most_pages = 100'000; // a circle of them would have no end
  ByteReader header(all);
  header.skip(4);
  std::uint64_t pixels = 0;
  std::size_t at = header.read_u32_le();
  for (unsigned page = 0; at != 0; ++page) {
    if (header.failed() || at > all.size() || page == most_pages) return 0;
    ByteReader in(all.subspan(at));
    std::uint64_t width = 0, height = 0;
    for (unsigned left = in.read_u16_le(); left > 0 && !in.failed(); --left) {
      const unsigned tag = in.read_u16_le(), type = in.read_u16_le();
      in.skip(4);
      std::uint32_t value = in.read_u32_le();
      if (type == 3) value &= 0xffff;
      if (tag == 256) width = value;
      if (tag == 257) height = value;
    }
    at = in.read_u32_le();
    if (in.failed()) return 0;
    pixels += width * height;
  }
  return pixels;
}

} // namespace

std::uint64_t count_pixels(job::Kind kind, Bytes untrusted, std::uint64_t most) {
  const std::uint64_t pixels = kind == job::Kind::png    ? of_png(ByteReader(untrusted))
                               : kind == job::Kind::jpeg ? of_jpeg(ByteReader(untrusted))
                               : kind == job::Kind::gif  ? of_gif(ByteReader(untrusted))
                                                         : of_tiff(untrusted);
  return pixels == 0 ? std::max<std::uint64_t>(most, 1) : pixels;
}

} // namespace sekisho::rebuild
