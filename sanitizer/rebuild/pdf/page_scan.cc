#include "sanitizer/rebuild/pdf/page_scan.hh"

#include "sanitizer/rebuild/picture/fax.hh"
#include "sanitizer/rebuild/picture/jpeg_encoder.hh"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace sekisho::rebuild {
namespace {

constexpr int quality = 85;
constexpr int most_objects = 20'000;
constexpr int text_object = 1, image_object = 3; // FPDF_PAGEOBJ_TEXT, _IMAGE
constexpr int invisible = 3;                     // FPDF_TEXTRENDERMODE_INVISIBLE
constexpr int device_gray = 1, device_rgb = 2;   // FPDF_COLORSPACE_…
constexpr std::uint64_t most_bits = 36'000'000;  // pixels of two tones: A4 at 600 dpi
constexpr double most_off = 2;                   // pixels between the picture's edge and the page's

/// The one thing on the page that can be seen; null when it is not one picture.
pdfium::PageObject only_picture(const pdfium::Engine &engine, pdfium::Page page) {
  const int count = engine.count_objects(page);
  if (count < 1 || count > most_objects) return nullptr;
  pdfium::PageObject picture = nullptr;
  for (int i = 0; i < count; ++i) {
    pdfium::PageObject object = engine.page_object(page, i);
    const int type = object ? engine.object_type(object) : 0;
    if (type == text_object && engine.text_mode(object) == invisible) continue;
    if (type != image_object || picture) return nullptr;
    picture = object;
  }
  return picture;
}

bool is_plain(const pdfium::Engine &engine, pdfium::PageObject picture) {
  if (engine.has_transparency(picture)) return false;
  pdfium::ClipPath clip = engine.clip_path(picture);
  return !clip || engine.count_clip_paths(clip) <= 0;
}

bool is_jpeg(const pdfium::Engine &engine, pdfium::PageObject picture) {
  char name[16] = {};
  return engine.count_filters(picture) == 1 &&
         engine.image_filter(picture, 0, name, sizeof name) <= sizeof name &&
         std::string_view(name) == "DCTDecode";
}

bool fills_page(const pdfium::Engine &engine, pdfium::Page page, pdfium::PageObject picture,
                int width, int height) {
  pdfium::Matrix m;
  if (!engine.object_matrix(picture, &m) || m.b != 0 || m.c != 0 || !(m.a > 0) || !(m.d > 0))
    return false;
  const auto near = [&](double x, double y, int wanted_x, int wanted_y) {
    int at_x = 0, at_y = 0;
    return std::abs(x) < 1e6 && std::abs(y) < 1e6 &&
           engine.page_to_device(page, 0, 0, width, height, 0, x, y, &at_x, &at_y) &&
           std::abs(at_x - wanted_x) <= most_off && std::abs(at_y - wanted_y) <= most_off;
  };
  const double left = m.e, bottom = m.f, right = left + m.a, top = bottom + m.d;
  return near(left, bottom, 0, height) && near(right, top, width, 0);
}

Buffer coded_data(const pdfium::Engine &engine, pdfium::PageObject picture) {
  Buffer data(engine.image_data(picture, nullptr, 0));
  if (engine.image_data(picture, data.data(), data.size()) != data.size()) data.clear();
  return data;
}

std::optional<PagePicture> recoded(const pdfium::Engine &engine, pdfium::PageObject object,
                                   const pdfium::ImageAbout &about, std::uint32_t width) {
  Result<RecodedJpeg, Reason> jpeg =
      recode_jpeg(coded_data(engine, object), about.width, about.height, width, quality);
  if (!jpeg || about.colour_space != (jpeg->gray ? device_gray : device_rgb)) return std::nullopt;
  PagePicture picture;
  picture.width = jpeg->width;
  picture.height = jpeg->height;
  picture.coding = jpeg->gray ? PagePicture::Coding::gray_jpeg : PagePicture::Coding::rgb_jpeg;
  picture.data = std::move(jpeg->data);
  return picture;
}

/// Gray octets, all black or white, as one bit a pixel; empty when there is another tone.
Buffer bits_of(const std::uint8_t *first_row, std::size_t stride, std::uint32_t width,
               std::uint32_t height) {
  const std::size_t row_size = (std::size_t{width} + 7) / 8;
  Buffer rows(row_size * height);
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x) {
      const std::uint8_t tone = first_row[stride * y + x];
      if (tone != 0 && tone != 255) return {};
      rows[row_size * y + x / 8] |= static_cast<std::byte>((tone & 1) << (7 - x % 8));
    }
  return rows;
}

std::optional<PagePicture> two_tones(const pdfium::Engine &engine, pdfium::PageObject object,
                                     const pdfium::ImageAbout &about) {
  pdfium::Bitmap bitmap = engine.image_bitmap(object);
  if (!bitmap) return std::nullopt;
  PagePicture picture;
  picture.width = static_cast<std::uint32_t>(std::max(engine.bitmap_width(bitmap), 0));
  picture.height = static_cast<std::uint32_t>(std::max(engine.bitmap_height(bitmap), 0));
  picture.coding = PagePicture::Coding::group4;
  picture.bits = 1;
  Buffer rows;
  if (engine.bitmap_format(bitmap) == pdfium::format_gray && picture.width == about.width &&
      picture.height == about.height)
    rows = bits_of(static_cast<const std::uint8_t *>(engine.bitmap_buffer(bitmap)),
                   static_cast<std::size_t>(engine.bitmap_stride(bitmap)), about.width,
                   about.height);
  engine.destroy_bitmap(bitmap);
  if (rows.empty()) return std::nullopt;
  picture.data = encode_group4(rows, picture.width, picture.height);
  return picture;
}

} // namespace

std::optional<PagePicture> scanned_page(const pdfium::Engine &engine, pdfium::Page page,
                                        std::uint32_t width, std::uint32_t height,
                                        std::uint32_t most_pixels) {
  if (!engine.reads_pictures || !page) return std::nullopt;
  if (engine.annotation_count(page) != 0 || engine.rotation(page) != 0) return std::nullopt;
  pdfium::PageObject object = only_picture(engine, page);
  if (!object || !is_plain(engine, object)) return std::nullopt;
  if (!fills_page(engine, page, object, static_cast<int>(width), static_cast<int>(height)))
    return std::nullopt;
  pdfium::ImageAbout about;
  if (!engine.image_about(object, page, &about) || about.width == 0 || about.height == 0 ||
      std::uint64_t{about.width} * about.height > most_pixels)
    return std::nullopt;
  if (is_jpeg(engine, object)) return recoded(engine, object, about, width);
  const bool bits = about.bits_per_pixel == 1 && about.colour_space == device_gray;
  return bits && std::uint64_t{about.width} * about.height <= most_bits
             ? two_tones(engine, object, about)
             : std::nullopt;
}

} // namespace sekisho::rebuild
