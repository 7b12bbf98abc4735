// Text pages are gray with few tones: 4 bits and deflate are half of JPEG's size and without its
// ringing. Forms and sheets have few colours: a palette.  Photographs and scans: JPEG.
#include "sanitizer/rebuild/page_picture.hh"

#include "sanitizer/rebuild/deflate.hh"
#include "sanitizer/rebuild/jpeg_encoder.hh"

#include <algorithm>
#include <array>
#include <cstring>

namespace sekisho::rebuild {
namespace {

constexpr int level = 6, quality = 85;
constexpr double text_share =
    0.8; // of nearly black or white pixels, above which a gray page is text

std::uint32_t pixel_at(const std::uint8_t *row, std::uint32_t x) {
  std::uint32_t pixel;
  std::memcpy(&pixel, row + std::size_t{x} * 4, 4);
  return pixel & 0xffffff;
}

bool is_gray(const Pixels &page) {
  for (std::uint32_t y = 0; y < page.height; ++y) {
    std::uint32_t differs = 0;
    for (std::uint32_t x = 0; x < page.width; ++x) {
      const std::uint32_t pixel = pixel_at(page.row(y), x);
      differs |= (pixel ^ pixel >> 8) & 0xffff;
    }
    if (differs != 0) return false;
  }
  return true;
}

/// At most 256 colours, numbered in order of appearance.
class Palette {
public:
  /// 256 or more when there are too many.
  unsigned index_of(std::uint32_t colour) {
    if (colour == last_colour_) return last_index_;
    unsigned slot = (colour * 2654435761u) >> 22;
    while (slots_[slot].used && slots_[slot].colour != colour)
      slot = (slot + 1) % slots_.size();
    if (!slots_[slot].used) {
      if (colours_.size() == 256) return 256;
      slots_[slot] = {true, static_cast<std::uint8_t>(colours_.size()), colour};
      colours_.push_back(colour);
    }
    last_colour_ = colour;
    return last_index_ = slots_[slot].index;
  }
  std::size_t size() const { return colours_.size(); }
  Buffer triples() const {
    Buffer octets;
    for (std::uint32_t colour : colours_)
      for (unsigned shift : {16u, 8u, 0u})
        octets.push_back(static_cast<std::byte>(colour >> shift & 0xff));
    return octets;
  }

private:
  struct Slot {
    bool used = false;
    std::uint8_t index = 0;
    std::uint32_t colour = 0;
  };
  std::array<Slot, 1024> slots_{};
  std::vector<std::uint32_t> colours_;
  std::uint32_t last_colour_ = 0xffffffff;
  unsigned last_index_ = 256;
};

/// Samples of 8 bits packed to `bits`, rows beginning at an octet (ISO 32000-1 §8.9.5.2).
Buffer pack(const Scratch &samples, const Pixels &page, unsigned bits) {
  const unsigned per_octet = 8 / bits;
  const std::size_t row_size = (page.width + per_octet - 1) / per_octet;
  Buffer packed(row_size * page.height);
  for (std::uint32_t y = 0; y < page.height; ++y) {
    const std::uint8_t *from = samples.octets() + std::size_t{y} * page.width;
    std::byte *to = packed.data() + row_size * y;
    for (std::uint32_t x = 0; x < page.width; ++x)
      to[x / per_octet] |= static_cast<std::byte>(from[x] << (8 - bits - x % per_octet * bits));
  }
  return packed;
}

PagePicture picture_of(const Pixels &page, PagePicture::Coding coding, unsigned bits) {
  PagePicture picture;
  picture.width = page.width;
  picture.height = page.height;
  picture.coding = coding;
  picture.bits = bits;
  return picture;
}

Result<PagePicture, Reason> as_flate(PagePicture picture, const Scratch &samples,
                                     const Pixels &page) {
  const unsigned bits = picture.bits;
  const Bytes octets{samples.data(), std::size_t{page.width} * page.height};
  picture.data = deflate(bits == 8 ? octets : Bytes(pack(samples, page, bits)), level);
  if (picture.data.empty()) return fail(Reason::part_too_big);
  return picture;
}

Result<PagePicture, Reason> as_jpeg(PagePicture picture, const JpegSource &source) {
  Result<Buffer, Reason> encoded = encode_jpeg(source, quality);
  if (!encoded) return fail(encoded.error());
  picture.data = std::move(*encoded);
  return picture;
}

Result<PagePicture, Reason> encode_gray(const Pixels &page) {
  Scratch samples(std::size_t{page.width} * page.height);
  if (!samples) return fail(Reason::part_too_big);
  std::array<std::size_t, 256> tones{};
  std::uint8_t *to = samples.octets();
  for (std::uint32_t y = 0; y < page.height; ++y) {
    const std::uint8_t *row = page.row(y);
    for (std::uint32_t x = 0; x < page.width; ++x)
      ++tones[*to++ = row[std::size_t{x} * 4]];
  }
  const std::size_t all = samples.size();
  std::size_t extreme = 0;
  for (unsigned tone = 0; tone < 256; ++tone)
    if (tone <= 16 || tone >= 239) extreme += tones[tone];
  if (static_cast<double>(extreme) < text_share * static_cast<double>(all))
    return as_jpeg(
        picture_of(page, PagePicture::Coding::gray_jpeg, 8),
        {samples.octets(), page.width, page.width, page.height, JpegSource::Format::gray});
  const bool two_tones = tones[0] + tones[255] == all;
  const unsigned bits = two_tones ? 1 : 4, most = (1u << bits) - 1;
  std::array<std::uint8_t, 256> level_of{};
  for (unsigned tone = 0; tone < 256; ++tone)
    level_of[tone] = static_cast<std::uint8_t>((tone * most + 127) / 255);
  for (std::size_t i = 0; i < all; ++i)
    samples.octets()[i] = level_of[samples.octets()[i]];
  return as_flate(picture_of(page, PagePicture::Coding::gray_flate, bits), samples, page);
}

/// Whether the page has few colours; `samples` gets their numbers.
bool find_palette(const Pixels &page, Palette &palette, Scratch &samples) {
  std::uint8_t *to = samples.octets();
  for (std::uint32_t y = 0; y < page.height; ++y) {
    const std::uint8_t *row = page.row(y);
    for (std::uint32_t x = 0; x < page.width; ++x) {
      const unsigned index = palette.index_of(pixel_at(row, x));
      if (index > 255) return false;
      *to++ = static_cast<std::uint8_t>(index);
    }
  }
  return true;
}

} // namespace

Result<PagePicture, Reason> encode_page(const Pixels &page) {
  if (is_gray(page)) return encode_gray(page);
  Palette palette;
  Scratch samples(std::size_t{page.width} * page.height);
  if (!samples) return fail(Reason::part_too_big);
  if (find_palette(page, palette, samples)) {
    PagePicture picture =
        picture_of(page, PagePicture::Coding::palette_flate, palette.size() <= 16 ? 4 : 8);
    picture.palette = palette.triples();
    return as_flate(std::move(picture), samples, page);
  }
  return as_jpeg(
      picture_of(page, PagePicture::Coding::rgb_jpeg, 8),
      {page.memory.octets(), page.row_size(), page.width, page.height, JpegSource::Format::bgrx});
}

} // namespace sekisho::rebuild
