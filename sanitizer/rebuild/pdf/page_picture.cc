// Text pages are gray with few tones: 4 bits and deflate are half of JPEG's size and without its
// ringing.  Forms and sheets have few colours: a palette.  Two tones: Group 4.  Photographs and
// scans: JPEG.
#include "sanitizer/rebuild/pdf/page_picture.hh"

#include "sanitizer/rebuild/deflate.hh"
#include "sanitizer/rebuild/picture/fax.hh"
#include "sanitizer/rebuild/picture/jpeg_encoder.hh"

#include <algorithm>
#include <array>
#include <cstring>
#include <emmintrin.h>

namespace sekisho::rebuild {
namespace {

constexpr int palette_level = 6, quality = 85;
constexpr int gray_level = 1; // of libdeflate: on text 2 % larger than 6 in little more than half the time
constexpr double text_share =
    0.8; // of nearly black or white pixels, above which a gray page is text

std::uint32_t pixel_at(const std::uint8_t *row, std::uint32_t x) {
  std::uint32_t pixel;
  std::memcpy(&pixel, row + std::size_t{x} * 4, 4);
  return pixel & 0xffffff;
}

/// A page seen as 16 tones, and what that loses.
struct Tones {
  bool gray = true;        // no pixel of another colour
  bool two = true;         // only black and white
  bool white = true;       // nothing else
  std::size_t extreme = 0; // pixels that are nearly black or nearly white
  Buffer packed;           // 4 bits a pixel
};

/// 16 pixels at once: their first channel, where `differs` gathers whether the others are another.
__m128i gray_of(const std::uint8_t *pixels, __m128i &differs) {
  const __m128i low = _mm_set1_epi32(0xff), three = _mm_set1_epi32(0xffff);
  __m128i part[4];
  for (int i = 0; i < 4; ++i) {
    const __m128i four = _mm_loadu_si128(reinterpret_cast<const __m128i *>(pixels) + i);
    differs = _mm_or_si128(
        differs, _mm_and_si128(_mm_xor_si128(four, _mm_srli_epi32(four, 8)), three));
    part[i] = _mm_and_si128(four, low);
  }
  return _mm_packus_epi16(_mm_packs_epi32(part[0], part[1]), _mm_packs_epi32(part[2], part[3]));
}

/// The nearest of 16 tones, (255 / 17 = 15), two an octet; in the lower 8 octets.
__m128i sixteenths(__m128i gray) {
  const __m128i zero = _mm_setzero_si128(), half = _mm_set1_epi16(8);
  const __m128i by = _mm_set1_epi16(3856); // 65536 / 17, rounded up
  const __m128i low = _mm_mulhi_epu16(_mm_add_epi16(_mm_unpacklo_epi8(gray, zero), half), by);
  const __m128i high = _mm_mulhi_epu16(_mm_add_epi16(_mm_unpackhi_epi8(gray, zero), half), by);
  const __m128i each = _mm_packus_epi16(low, high);
  const __m128i pairs = _mm_or_si128(_mm_slli_epi16(each, 4), _mm_srli_epi16(each, 8));
  return _mm_packus_epi16(_mm_and_si128(pairs, _mm_set1_epi16(0xff)), zero);
}

class ToneReader {
public:
  explicit ToneReader(Tones &tones) : tones_(tones) {}
  void read(const std::uint8_t *row, std::uint32_t width, std::byte *to) {
    std::uint32_t x = 0;
    for (; x + 16 <= width; x += 16)
      _mm_storel_epi64(reinterpret_cast<__m128i *>(to + x / 2),
                       take(gray_of(row + std::size_t{x} * 4, differs_)));
    if (x == width) return;
    std::array<std::uint8_t, 64> last; // white behind the row's end
    last.fill(0xff);
    std::memcpy(last.data(), row + std::size_t{x} * 4, std::size_t{width - x} * 4);
    std::array<std::byte, 16> packed;
    _mm_storeu_si128(reinterpret_cast<__m128i *>(packed.data()),
                     take(gray_of(last.data(), differs_)));
    std::memcpy(to + x / 2, packed.data(), (width - x + 1) / 2);
    tones_.extreme -= 16 - (width - x);
  }
  /// Of all rows so far.
  void sum_up() {
    alignas(16) std::array<std::uint64_t, 2> sums;
    _mm_store_si128(reinterpret_cast<__m128i *>(sums.data()), extreme_);
    tones_.extreme += sums[0] + sums[1];
    extreme_ = _mm_setzero_si128();
    tones_.gray = all_zero(_mm_and_si128(differs_, _mm_set1_epi32(0xffff)));
    tones_.two = all_zero(between_);
    tones_.white = all_zero(not_white_);
  }

private:
  static bool all_zero(__m128i value) {
    return _mm_movemask_epi8(_mm_cmpeq_epi8(value, _mm_setzero_si128())) == 0xffff;
  }
  __m128i take(__m128i gray) {
    const __m128i dark = _mm_set1_epi8(16), light = _mm_set1_epi8(static_cast<char>(239));
    const __m128i is_extreme = _mm_or_si128(_mm_cmpeq_epi8(_mm_max_epu8(gray, dark), dark),
                                            _mm_cmpeq_epi8(_mm_min_epu8(gray, light), light));
    extreme_ = _mm_add_epi64(extreme_, _mm_sad_epu8(_mm_and_si128(is_extreme, _mm_set1_epi8(1)),
                                                    _mm_setzero_si128()));
    const __m128i is_either = _mm_or_si128(_mm_cmpeq_epi8(gray, _mm_setzero_si128()),
                                           _mm_cmpeq_epi8(gray, _mm_set1_epi8(-1)));
    not_white_ = _mm_or_si128(not_white_, _mm_xor_si128(gray, _mm_set1_epi8(-1)));
    between_ = _mm_or_si128(between_, _mm_andnot_si128(is_either, _mm_set1_epi8(-1)));
    return sixteenths(gray);
  }

  Tones &tones_;
  __m128i differs_ = _mm_setzero_si128(), between_ = _mm_setzero_si128();
  __m128i not_white_ = _mm_setzero_si128();
  __m128i extreme_ = _mm_setzero_si128();
};

/// As far as the first row that is not gray.
Tones read_tones(const Pixels &page) {
  constexpr std::uint32_t rows_at_once = 64;
  Tones tones;
  const std::size_t row_size = (std::size_t{page.width} + 1) / 2;
  tones.packed.resize(row_size * page.height);
  ToneReader reader(tones);
  for (std::uint32_t y = 0; y < page.height && tones.gray; ++y) {
    reader.read(page.row(y), page.width, tones.packed.data() + row_size * y);
    if ((y + 1) % rows_at_once == 0 || y + 1 == page.height) reader.sum_up();
  }
  return tones;
}

/// Of two tones: one bit a pixel.
Buffer halved(const Tones &tones, std::uint32_t width, std::uint32_t height) {
  const std::size_t from_size = (std::size_t{width} + 1) / 2, to_size = (std::size_t{width} + 7) / 8;
  Buffer packed(to_size * height);
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x) {
      const auto two = std::to_integer<unsigned>(tones.packed[from_size * y + x / 2]);
      const unsigned white = x % 2 == 0 ? two >> 7 : two >> 3 & 1;
      packed[to_size * y + x / 8] |= static_cast<std::byte>(white << (7 - x % 8));
    }
  return packed;
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

/// Samples of 8 bits packed to 4, rows beginning at an octet (ISO 32000-1 §8.9.5.2).
Buffer pack(const Scratch &samples, const Pixels &page) {
  const std::size_t row_size = (std::size_t{page.width} + 1) / 2;
  Buffer packed(row_size * page.height);
  for (std::uint32_t y = 0; y < page.height; ++y) {
    const std::uint8_t *from = samples.octets() + std::size_t{y} * page.width;
    std::byte *to = packed.data() + row_size * y;
    for (std::uint32_t x = 0; x < page.width; ++x)
      to[x / 2] |= static_cast<std::byte>(x % 2 == 0 ? from[x] << 4 : from[x]);
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

Result<PagePicture, Reason> as_flate(PagePicture picture, Bytes samples, int level = palette_level) {
  picture.data = deflate(samples, level);
  if (picture.data.empty()) return fail(Reason::part_too_big);
  return picture;
}

Result<PagePicture, Reason> as_jpeg(PagePicture picture, const JpegSource &source) {
  Result<Buffer, Reason> encoded = encode_jpeg(source, quality);
  if (!encoded) return fail(encoded.error());
  picture.data = std::move(*encoded);
  return picture;
}

Result<PagePicture, Reason> encode_gray(const Pixels &page, const Tones &tones) {
  const auto all = static_cast<double>(std::size_t{page.width} * page.height);
  if (static_cast<double>(tones.extreme) < text_share * all)
    return as_jpeg(picture_of(page, PagePicture::Coding::gray_jpeg, 8),
                   {page.memory.octets(), page.row_size(), page.width, page.height,
                    JpegSource::Format::bgrx_gray});
  if (!tones.two)
    return as_flate(picture_of(page, PagePicture::Coding::gray_flate, 4), tones.packed, gray_level);
  PagePicture picture = picture_of(page, PagePicture::Coding::group4, 1);
  picture.blank = tones.white;
  picture.data = encode_group4(halved(tones, page.width, page.height), page.width, page.height);
  return picture;
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
  if (const Tones tones = read_tones(page); tones.gray) return encode_gray(page, tones);
  Palette palette;
  Scratch samples(std::size_t{page.width} * page.height);
  if (!samples) return fail(Reason::part_too_big);
  if (find_palette(page, palette, samples)) {
    PagePicture picture =
        picture_of(page, PagePicture::Coding::palette_flate, palette.size() <= 16 ? 4 : 8);
    picture.palette = palette.triples();
    if (picture.bits == 4) return as_flate(std::move(picture), pack(samples, page));
    return as_flate(std::move(picture), {samples.data(), samples.size()});
  }
  return as_jpeg(
      picture_of(page, PagePicture::Coding::rgb_jpeg, 8),
      {page.memory.octets(), page.row_size(), page.width, page.height, JpegSource::Format::bgrx});
}

} // namespace sekisho::rebuild
