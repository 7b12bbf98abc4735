// TIFF, all pages: two tones in Group 4, what was JPEG as JPEG, everything else deflated.
#include "sanitizer/rebuild/deflate.hh"
#include "sanitizer/rebuild/picture/cut.hh"
#include "sanitizer/rebuild/picture/fax.hh"
#include "sanitizer/rebuild/picture/jpeg_encoder.hh"
#include "sanitizer/rebuild/picture/noise.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/rebuild/picture/still.hh"
#include "sanitizer/rebuild/picture/tiff_decoder.hh"
#include "sanitizer/rebuild/picture/tiff_writer.hh"

#include <algorithm>

namespace sekisho::rebuild {
namespace {

constexpr std::uint64_t most_pictures = 4; // of max_pixels, over all pages
constexpr int level = 6;

bool has_two_tones(const Pixels &pixels) {
  if (pixels.channels != 1) return false;
  const std::uint8_t *octets = pixels.memory.octets();
  return std::all_of(octets, octets + pixels.row_size() * pixels.height,
                     [](std::uint8_t tone) { return tone == 0 || tone == 255; });
}

Buffer group4_of(const Pixels &pixels) {
  const std::size_t row_size = (std::size_t{pixels.width} + 7) / 8;
  Buffer rows(row_size * pixels.height);
  for (std::uint32_t y = 0; y < pixels.height; ++y)
    for (std::uint32_t x = 0; x < pixels.width; ++x)
      if (pixels.row(y)[x] != 0) rows[row_size * y + x / 8] |= std::byte(0x80 >> x % 8);
  return encode_group4(rows, pixels.width, pixels.height);
}

Buffer deflated(const Pixels &pixels) {
  const std::size_t size = pixels.row_size(), channels = pixels.channels;
  Scratch differences(size * pixels.height);
  if (!differences) return {};
  for (std::uint32_t y = 0; y < pixels.height; ++y) {
    const std::uint8_t *row = pixels.row(y);
    std::uint8_t *out = differences.octets() + size * y;
    std::copy_n(row, std::min(channels, size), out);
    for (std::size_t i = channels; i < size; ++i)
      out[i] = static_cast<std::uint8_t>(row[i] - row[i - channels]);
  }
  return deflate({differences.data(), differences.size()}, level);
}

void cut_off(TiffPicture &picture, const job::Cut &cut) {
  const CutBox box = box_of(cut, picture.width, picture.height, Density::of(picture.across, picture.down, 1));
  if (picture.two_tones) {
    const std::size_t size = (std::size_t{picture.width} + 7) / 8, new_size = (std::size_t{box.width} + 7) / 8;
    std::uint8_t *bits = picture.two_tones.octets();
    for (std::size_t y = 0; y < box.height; ++y)
      for (std::size_t x = 0, from = box.left; x < box.width; ++x, ++from) { // never before where it goes
        const bool bit = (bits[(box.top + y) * size + from / 8] >> (7 - from % 8) & 1) != 0;
        const auto mark = static_cast<std::uint8_t>(0x80 >> x % 8);
        std::uint8_t &to = bits[y * new_size + x / 8];
        to = static_cast<std::uint8_t>(bit ? to | mark : to & ~mark);
      }
  } else {
    picture.pixels.density = Density::of(picture.across, picture.down, 1);
    cut_off(picture.pixels, cut);
  }
  picture.width = box.width, picture.height = box.height;
}

/// Two tones have no lowest bits.
Result<TiffPage, Reason> page_of(TiffPicture &picture, Noise &noise, std::vector<Reason> &reasons) {
  TiffPage page{picture.width,  picture.height, 1, TiffPage::Coding::group4,
                picture.across, picture.down,   {}};
  Pixels &pixels = picture.pixels;
  if (picture.two_tones) {
    page.strip = encode_group4({picture.two_tones.data(), picture.two_tones.size()}, page.width,
                               page.height);
    return page;
  }
  if (has_two_tones(pixels)) {
    page.strip = group4_of(pixels);
    return page;
  }
  noise.replace(pixels, reasons);
  page.channels = pixels.channels;
  if (picture.lossy && pixels.channels % 2 == 1) {
    page.coding = TiffPage::Coding::jpeg;
    const auto format = pixels.channels == 1 ? JpegSource::Format::gray : JpegSource::Format::rgb;
    Result<Buffer, Reason> written =
        encode_jpeg({pixels.memory.octets(), pixels.row_size(), page.width, page.height, format},
                    picture_quality);
    if (!written) return fail(written.error());
    page.strip = std::move(*written);
    return page;
  }
  page.coding = TiffPage::Coding::deflated;
  page.strip = deflated(pixels);
  if (page.strip.empty()) return fail(Reason::part_too_big);
  return page;
}

} // namespace

Result<Rebuilt, Reason> tiff(const Input &input, const job::Plan &plan, const job::Cut &cut) {
  TiffDecoder decoder(input.untrusted_value(), plan);
  if (!decoder.opened()) return fail(Reason::part_malformed);
  Noise noise(input, plan);
  std::vector<TiffPage> pages;
  std::vector<Reason> reasons{Reason::part_reencoded};
  std::uint64_t pixels = 0, octets = 0;
  for (unsigned seen = 1;; ++seen) {
    if (seen > plan.max_pages) return fail(Reason::part_too_big);
    if (!decoder.is_extra() || (pages.empty() && decoder.is_last())) {
      Result<TiffPicture, Reason> picture = decoder.read_page();
      if (!picture) return fail(picture.error());
      if (cut) cut_off(*picture, cut);
      pixels += std::uint64_t{picture->width} * picture->height;
      if (pixels > most_pictures * plan.max_pixels) return fail(Reason::part_too_big);
      Result<TiffPage, Reason> page = page_of(*picture, noise, reasons);
      if (!page) return fail(page.error());
      octets += page->strip.size();
      if (octets > plan.max_output) return fail(Reason::part_too_big);
      pages.push_back(std::move(*page));
    }
    if (decoder.is_last()) break;
    if (!decoder.go_on()) return fail(Reason::part_malformed);
  }
  reasons.erase(std::unique(reasons.begin(), reasons.end()), reasons.end()); // once, not by page
  Buffer written = write_tiff(pages);
  if (written.empty()) return fail(Reason::part_too_big);
  return Rebuilt{job::Kind::tiff, std::move(written), std::move(reasons)};
}

} // namespace sekisho::rebuild
