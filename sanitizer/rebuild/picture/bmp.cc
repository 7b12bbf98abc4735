// Windows and OS/2 bitmaps ([MS-WMF] §2.2.2.3, §2.2.2.9; wingdi.h BITMAPV5HEADER) to pixels; they
// leave as PNG.  No library for them alone is in Debian, and they are simple.
#include "sanitizer/rebuild/behind.hh"
#include "sanitizer/rebuild/picture/colour.hh"
#include "sanitizer/rebuild/picture/cut.hh"
#include "sanitizer/rebuild/picture/noise.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/rebuild/picture/still.hh"

#include <algorithm>
#include <array>
#include <bit>

namespace sekisho::rebuild {
namespace {

enum Coding : std::uint32_t { plain = 0, rle8 = 1, rle4 = 2, fields = 3, alpha_fields = 6 };
constexpr std::uint32_t embedded_profile = 0x4d424544; // "MBED"

/// Bits of a pixel that make one sample.
struct Field {
  std::uint32_t mask = 0;
  std::uint8_t of(std::uint32_t pixel) const {
    if (mask == 0) return 0;
    const auto shift = static_cast<unsigned>(std::countr_zero(mask));
    const std::uint64_t most = mask >> shift, value = (pixel & mask) >> shift;
    return static_cast<std::uint8_t>((value * 255 + most / 2) / most);
  }
  bool is_one_run() const {
    return mask == 0 || std::has_single_bit((std::uint64_t{mask} >> std::countr_zero(mask)) + 1);
  }
};

struct Header {
  std::uint32_t width = 0, height = 0;
  bool from_top = false;
  unsigned bits = 0; // a pixel
  std::uint32_t coding = plain;
  std::array<Field, 4> samples = {}; // red, green, blue, alpha
  std::vector<std::array<std::uint8_t, 3>> palette;
  Bytes pixels, behind, profile;
};

class BmpReader {
public:
  explicit BmpReader(Bytes untrusted) : bytes_(untrusted), reader_(untrusted) {}

  Result<Header, Reason> read_header() {
    reader_.skip(10);
    const std::uint32_t pixels_at = reader_.read_u32_le();
    size_ = reader_.read_u32_le();
    size_ == 12 ? read_core() : read_info();
    if (reader_.failed() || header_.width == 0 || header_.height == 0 ||
        header_.width > 0x7fffffff || header_.height > 0x7fffffff)
      return fail(Reason::part_malformed);
    if (!is_known()) return fail(Reason::part_variant);
    read_palette();
    if (reader_.failed() || pixels_at < reader_.position() || pixels_at > bytes_.size())
      return fail(Reason::part_malformed);
    header_.pixels = bytes_.subspan(pixels_at);
    return std::move(header_);
  }

private:
  void read_core() {
    header_.width = reader_.read_u16_le(), header_.height = reader_.read_u16_le();
    reader_.skip(2);
    header_.bits = reader_.read_u16_le();
    entry_ = 3;
  }

  void read_info() {
    const std::size_t start = reader_.position() - 4;
    header_.width = reader_.read_u32_le();
    const auto height = static_cast<std::int32_t>(reader_.read_u32_le());
    header_.from_top = height < 0;
    header_.height =
        height < 0 ? 0u - static_cast<std::uint32_t>(height) : static_cast<std::uint32_t>(height);
    reader_.skip(2);
    header_.bits = reader_.read_u16_le();
    if (size_ >= 40) {
      header_.coding = reader_.read_u32_le();
      reader_.skip(12);
      colours_ = reader_.read_u32_le();
      reader_.skip(4);
    }
    const bool own_fields = header_.coding == fields || header_.coding == alpha_fields;
    const unsigned count = size_ >= 56 || header_.coding == alpha_fields ? 4 : 3;
    if (own_fields && size_ != 64)
      for (unsigned i = 0; i < count; ++i)
        header_.samples[i].mask = reader_.read_u32_le();
    else if (header_.bits == 16)
      header_.samples = {{{0x7c00}, {0x3e0}, {0x1f}, {0}}};
    else
      header_.samples = {{{0xff0000}, {0xff00}, {0xff}, {0}}};
    if (size_ >= 108) read_profile(start);
    if (start + size_ > reader_.position()) reader_.skip(start + size_ - reader_.position());
  }

  /// BITMAPV5HEADER: bV5CSType at 56, bV5ProfileData and bV5ProfileSize at 112.
  void read_profile(std::size_t start) {
    if (size_ < 124 || bytes_.size() < start + 124) return;
    ByteReader type(bytes_.subspan(start + 56)), place(bytes_.subspan(start + 112));
    const std::size_t offset = place.read_u32_le(), size = place.read_u32_le();
    if (type.read_u32_le() != embedded_profile || offset > bytes_.size() - start) return;
    const Bytes from = bytes_.subspan(start + offset);
    header_.profile = from.first(std::min(from.size(), size));
  }

  bool is_known() const {
    const unsigned bits = header_.bits;
    switch (header_.coding) {
    case plain:
      return bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16 || bits == 24 ||
             bits == 32;
    case rle8: return bits == 8 && size_ >= 40 && size_ != 64 && !header_.from_top;
    case rle4: return bits == 4 && size_ >= 40 && size_ != 64 && !header_.from_top;
    case fields:
    case alpha_fields:
      return size_ != 64 && (bits == 16 || bits == 32) &&
             std::all_of(header_.samples.begin(), header_.samples.end(),
                         [](const Field &field) { return field.is_one_run(); });
    default: return false; // JPEG and PNG inside, which only printers know
    }
  }

  void read_palette() {
    if (header_.bits > 8) return; // colours for a palette display, if any
    const std::uint32_t most = 1u << header_.bits;
    const std::uint32_t count = colours_ == 0 || colours_ > most ? most : colours_;
    for (std::uint32_t i = 0; i < count; ++i) {
      const Bytes entry = reader_.take(entry_);
      if (reader_.failed()) return;
      header_.palette.push_back({std::to_integer<std::uint8_t>(entry[2]),
                                 std::to_integer<std::uint8_t>(entry[1]),
                                 std::to_integer<std::uint8_t>(entry[0])});
    }
  }

  Bytes bytes_;
  ByteReader reader_;
  Header header_;
  std::uint32_t size_ = 0, colours_ = 0;
  std::size_t entry_ = 4; // octets of a palette entry
};

class BmpPixels {
public:
  BmpPixels(const Header &header, Pixels &pixels) : header_(header), pixels_(pixels) {}

  /// The octets behind, or why not.
  Result<Bytes, Reason> read() {
    const bool packed = header_.coding == rle8 || header_.coding == rle4;
    // runs of 255 pixels take two octets: what claims far more is made to cost memory
    const std::uint64_t most = (1u << 20) + 256 * std::uint64_t{header_.pixels.size()};
    if (packed && std::uint64_t{header_.width} * header_.height > most) return fail(Reason::part_malformed);
    if (!(packed ? read_packed() : read_rows())) return fail(Reason::part_malformed);
    return header_.pixels.subspan(used_);
  }

private:
  std::uint8_t *row(std::uint32_t y) {
    return pixels_.row(header_.from_top ? y : pixels_.height - 1 - y);
  }

  bool put(std::uint8_t *to, std::size_t index) {
    if (index >= header_.palette.size()) return false;
    std::copy_n(header_.palette[index].begin(), 3, to);
    return true;
  }

  bool read_rows() {
    const std::size_t size = (std::size_t{header_.width} * header_.bits + 31) / 32 * 4;
    if (header_.pixels.size() / size < header_.height) return false;
    for (std::uint32_t y = 0; y < header_.height; ++y)
      if (!read_row(header_.pixels.subspan(size * y, size), row(y))) return false;
    used_ = size * header_.height;
    return true;
  }

  bool read_row(Bytes from, std::uint8_t *to) {
    const unsigned bits = header_.bits;
    for (std::uint32_t x = 0; x < header_.width; ++x, to += pixels_.channels) {
      const std::byte *octets = from.data() + std::size_t{x} * bits / 8;
      if (bits <= 8) {
        const unsigned shift = 8 - bits - x * bits % 8;
        if (!put(to, std::to_integer<unsigned>(*octets) >> shift & ((1u << bits) - 1)))
          return false;
        continue;
      }
      std::uint32_t pixel = 0;
      for (unsigned i = bits / 8; i-- > 0;)
        pixel = pixel << 8 | std::to_integer<std::uint32_t>(octets[i]);
      for (unsigned c = 0; c < pixels_.channels; ++c)
        to[c] = header_.samples[c].of(pixel);
    }
    return true;
  }

  /// Runs, literal runs, jumps; what they leave out is the first colour.
  bool read_packed() {
    for (std::uint32_t y = 0; y < header_.height; ++y)
      for (std::uint32_t x = 0; x < header_.width; ++x)
        if (!put(row(y) + std::size_t{x} * 3, 0)) return false;
    ByteReader reader(header_.pixels);
    std::uint32_t x = 0, y = 0;
    while (!reader.failed()) {
      const unsigned count = reader.read_u8(), second = reader.read_u8();
      if (count > 0) {
        if (!put_run(x, y, count, [&](unsigned i) { return nibble(second, i); })) return false;
        continue;
      }
      if (second == 0) {
        x = 0, ++y;
      } else if (second == 1) {
        used_ = reader.position();
        return !reader.failed();
      } else if (second == 2) {
        x += reader.read_u8();
        y += reader.read_u8();
      } else {
        const std::size_t octets = header_.bits == 8 ? second : (second + 1) / 2;
        const Bytes run = reader.take(octets);
        reader.skip(octets % 2);
        if (reader.failed() || !put_run(x, y, second, [&](unsigned i) {
              return header_.bits == 8 ? std::to_integer<unsigned>(run[i])
                                       : nibble(std::to_integer<unsigned>(run[i / 2]), i);
            }))
          return false;
      }
    }
    return false; // without its end mark
  }

  unsigned nibble(unsigned octet, unsigned i) const {
    return header_.bits == 8 ? octet : i % 2 == 0 ? octet >> 4 : octet & 15;
  }

  template <class Index>
  bool put_run(std::uint32_t &x, std::uint32_t y, unsigned count, Index index) {
    if (y >= header_.height || x > header_.width || count > header_.width - x) return false;
    for (unsigned i = 0; i < count; ++i, ++x)
      if (!put(row(y) + std::size_t{x} * 3, index(i))) return false;
    return true;
  }

  const Header &header_;
  Pixels &pixels_;
  std::size_t used_ = 0; // octets of the pixels
};

/// A fourth sample that is nought everywhere was not meant.
void drop_empty_alpha(Pixels &pixels) {
  std::uint8_t *octets = pixels.memory.octets();
  const std::size_t count = std::size_t{pixels.width} * pixels.height;
  for (std::size_t i = 0; i < count; ++i)
    if (octets[i * 4 + 3] != 0) return;
  for (std::size_t i = 0; i < count; ++i)
    octets[i * 4 + 3] = 255;
}

} // namespace

Result<Rebuilt, Reason> bmp(const Input &input, const job::Plan &plan, const job::Cut &cut) {
  Result<Header, Reason> header = BmpReader(input.untrusted_value()).read_header();
  if (!header) return fail(header.error());
  Pixels pixels{header->width, header->height, header->samples[3].mask != 0 ? 4u : 3u, {}};
  if (std::uint64_t{pixels.width} * pixels.height > plan.max_pixels)
    return fail(Reason::part_too_big);
  pixels.memory = Scratch(pixels.row_size() * pixels.height);
  if (!pixels.memory) return fail(Reason::part_too_big);
  Result<Bytes, Reason> behind = BmpPixels(*header, pixels).read();
  if (!behind) return fail(behind.error());
  if (!header->profile.empty()) behind = Bytes{}; // stands there
  Result<std::vector<Reason>, Reason> reasons = reencoded(*behind);
  if (!reasons) return fail(reasons.error());
  if (pixels.channels == 4) drop_empty_alpha(pixels);
  to_srgb(pixels, header->profile);
  cut_off(pixels, cut);
  Noise(input, plan).replace(pixels, *reasons);
  return still(pixels, false, std::move(*reasons));
}

} // namespace sekisho::rebuild
