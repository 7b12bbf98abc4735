// GIF89a: header, palettes in their one form, at most one loop count, frames of control, descriptor
// and codes, trailer.  No comment, text or other application data; the codes of a frame stand for
// exactly its pixels, and a table is thrown away only when it is full.
#include "sanitizer/verify/files.hh"

#include <array>
#include <string_view>

namespace sekisho::verify {
namespace {

using namespace std::string_view_literals;

constexpr unsigned most_codes = 4096;

/// Entries of a palette of 2^bits colours: rising, then zeros only.  0 when it is none of ours.
std::size_t read_palette(ByteReader &reader, unsigned bits) {
  const std::size_t size = std::size_t{1} << bits;
  std::int64_t before = -1;
  bool over = false;
  for (std::size_t i = 0; i < size; ++i) {
    const Bytes entry = reader.take(3);
    if (reader.failed()) return 0;
    const std::int64_t colour = std::to_integer<std::int64_t>(entry[0]) << 16 |
                                std::to_integer<std::int64_t>(entry[1]) << 8 |
                                std::to_integer<std::int64_t>(entry[2]);
    if (over ? colour != 0 : colour <= before && colour != 0) return 0;
    over = over || colour <= before;
    before = colour;
  }
  return size;
}

/// The codes of one frame out of its blocks, the lowest bit first.
class GifCodes {
public:
  explicit GifCodes(ByteReader &reader) : reader_(reader) {}
  unsigned next(unsigned width) {
    while (count_ < width) {
      if (left_ == 0 && !begin_block()) return most_codes;
      bits_ |= std::uint32_t{reader_.read_u8()} << count_;
      count_ += 8;
      --left_;
    }
    const unsigned code = bits_ & ((1u << width) - 1);
    bits_ >>= width;
    count_ -= width;
    return code;
  }
  /// Nothing but the zeros of the last octet, and the end of the blocks.
  bool ends_here() { return bits_ == 0 && count_ < 8 && left_ == 0 && reader_.read_u8() == 0; }

private:
  bool begin_block() { // all but the last are full
    if (size_ != 0 && size_ != 255) return false;
    size_ = left_ = reader_.read_u8();
    return left_ != 0 && !reader_.failed();
  }
  ByteReader &reader_;
  std::uint32_t bits_ = 0;
  unsigned count_ = 0, left_ = 0, size_ = 0;
};

/// Appendix F.  Only how many pixels each code stands for matters here, and that no pixel has a
/// colour that is not in the palette.
bool stands_for(ByteReader &reader, std::uint64_t pixels, std::size_t colours) {
  const unsigned root_bits = reader.read_u8();
  if (root_bits < 2 || root_bits > 8) return false;
  const bool fits = root_bits == 2 ? colours <= 4 : colours == std::size_t{1} << root_bits;
  if (!fits) return false;
  const unsigned clear = 1u << root_bits, end = clear + 1;
  std::array<std::uint64_t, most_codes> length;
  length.fill(1);
  GifCodes codes(reader);
  unsigned width = root_bits + 1, next = end + 1, before = 0;
  if (codes.next(width) != clear) return false;
  bool first = true; // since the table is new
  for (std::uint64_t seen = 0;;) {
    const unsigned code = codes.next(width);
    if (code == end) return !first && seen == pixels && codes.ends_here();
    if (code == clear) {
      if (first || next != most_codes) return false;
      width = root_bits + 1, next = end + 1, first = true;
      continue;
    }
    if (next == most_codes || (first ? code > clear : code > next)) return false;
    if (code < clear && code >= colours) return false;
    if (!first) length[next] = length[before] + 1;
    seen += length[code];
    if (seen > pixels) return false;
    if (!first && ++next == 1u << width && width < 12) ++width;
    before = code, first = false;
  }
}

class GifFile {
public:
  explicit GifFile(Bytes untrusted) : reader_(untrusted) {}

  bool is_ours() {
    if (!read_header()) return false;
    unsigned frames = 0;
    bool looping = false;
    for (;;) {
      const std::uint8_t mark = reader_.read_u8();
      if (mark == 0x3b) return reader_.at_end() && !reader_.failed() && frames > looping;
      if (mark != 0x21) return false;
      const std::uint8_t label = reader_.read_u8();
      if (label == 0xff && frames == 0 && !looping) {
        if (!read_loops()) return false;
        looping = true;
      } else if (label != 0xf9 || !read_frame()) {
        return false;
      }
      frames += label == 0xf9;
    }
  }

private:
  bool read_header() { // §17, §18
    if (as_chars(reader_.take(6)) != "GIF89a"sv) return false;
    width_ = reader_.read_u16_le(), height_ = reader_.read_u16_le();
    const unsigned flags = reader_.read_u8();
    if (reader_.read_u16_le() != 0 || (flags & 0x78) != 0x70) return false;
    if (width_ == 0 || height_ == 0 || std::uint64_t{width_} * height_ > most_pixels) return false;
    if ((flags & 0x80) == 0) return (flags & 7) == 0;
    shared_ = read_palette(reader_, (flags & 7) + 1);
    return shared_ != 0;
  }

  bool read_loops() {
    if (as_chars(reader_.take(14)) != "\x0bNETSCAPE2.0\x03\x01"sv) return false;
    reader_.skip(2);
    return reader_.read_u8() == 0 && !reader_.failed();
  }

  bool read_frame() { // §23, §20
    if (reader_.read_u8() != 4) return false;
    const unsigned control = reader_.read_u8();
    reader_.skip(2); // delay
    const unsigned transparent = reader_.read_u8();
    if ((control & 0xf2) != 0 || reader_.read_u8() != 0 || reader_.read_u8() != 0x2c) return false;
    const unsigned left = reader_.read_u16_le(), top = reader_.read_u16_le();
    const unsigned width = reader_.read_u16_le(), height = reader_.read_u16_le();
    const unsigned flags = reader_.read_u8();
    if (width == 0 || height == 0 || left + width > width_ || top + height > height_) return false;
    if ((flags & 0x80) == 0 ? flags != 0 : (flags & 0x78) != 0) return false;
    const std::size_t colours = flags == 0 ? shared_ : read_palette(reader_, (flags & 7) + 1);
    if ((control & 1) != 0 ? transparent >= colours : transparent != 0) return false;
    pixels_ += std::uint64_t{width} * height;
    return pixels_ <= most_pixels && stands_for(reader_, std::uint64_t{width} * height, colours);
  }

  ByteReader reader_;
  unsigned width_ = 0, height_ = 0;
  std::size_t shared_ = 0; // colours of the shared palette; 0 when there is none
  std::uint64_t pixels_ = 0;
};

} // namespace

bool is_our_gif(Bytes untrusted) {
  return GifFile(untrusted).is_ours();
}

} // namespace sekisho::verify
