#include "bench/render_samples.hh"

#include "sanitizer/rebuild/jpeg_encoder.hh"
#include "tests/unit/sanitizer/support/make_pdf.hh"

#include <cmath>
#include <fmt/format.h>
#include <random>

namespace sekisho::bench {
namespace {

using support::join_pdf;
using support::pdf_stream;

constexpr const char *catalog = "<</Type/Catalog/Pages 2 0 R>>";

/// `per_page` objects a page, the first of each the page itself, beginning at object `first`.
std::string page_tree(unsigned pages, unsigned first, unsigned per_page) {
  std::string kids;
  for (unsigned page = 0; page < pages; ++page)
    kids += fmt::format("{} 0 R ", first + page * per_page);
  return fmt::format("<</Type/Pages/Count {}/Kids[{}]>>", pages, kids);
}

std::string page(const std::string &resources, unsigned contents) {
  return fmt::format(
      "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {} 0 R/Resources<<{}>>>>", contents,
      resources);
}

/// Hiragana and common kanji in Shift_JIS, chosen by the generator.
std::string japanese_line(std::mt19937 &random, unsigned letters) {
  std::string hex;
  for (unsigned i = 0; i < letters; ++i) {
    const unsigned code = random() % 3 ? 0x829f + random() % 80 : 0x889f + random() % 90;
    hex += fmt::format("{:04x}", code);
  }
  return hex;
}

std::string text_page(std::mt19937 &random) {
  std::string drawing = "BT /J 10.5 Tf 16 TL 60 780 Td\n";
  for (unsigned line = 0; line < 42; ++line)
    drawing +=
        line % 7 == 6
            ? std::string("/L 10.5 Tf (The quick brown fox jumps over the lazy dog 0123456789) Tj "
                          "/J 10.5 Tf T*\n")
            : fmt::format("<{}> Tj T*\n", japanese_line(random, 44));
  return drawing + "ET";
}

std::vector<std::uint8_t> scanned_page(unsigned width, unsigned height, unsigned channels) {
  std::mt19937 random(7);
  std::vector<std::uint8_t> pixels(std::size_t{width} * height * channels);
  for (unsigned y = 0; y < height; ++y)
    for (unsigned x = 0; x < width; ++x) {
      const bool line = y / 12 % 3 == 1 && (x * 7919 / 5 + y / 36 * 104729) % 11 < 4;
      const double paper = 225 + 10 * std::sin(x * 0.003) + 8 * std::sin(y * 0.002);
      for (unsigned c = 0; c < channels; ++c)
        pixels[(std::size_t{y} * width + x) * channels + c] =
            static_cast<std::uint8_t>((line ? 50 : paper) + random() % 12 + c * 3);
    }
  return pixels;
}

std::string jpeg_of(unsigned width, unsigned height, bool gray) {
  const std::vector<std::uint8_t> pixels = scanned_page(width, height, gray ? 1 : 3);
  using Format = rebuild::JpegSource::Format;
  const auto jpeg = rebuild::encode_jpeg({pixels.data(), std::size_t{width} * (gray ? 1 : 3), width,
                                          height, gray ? Format::gray : Format::rgb},
                                         80);
  return std::string(as_chars(*jpeg));
}

std::string vector_page(std::mt19937 &random) {
  std::string drawing = "0.3 w\n";
  const auto coordinate = [&](unsigned limit) { return random() % (limit * 10) / 10.0; };
  for (unsigned i = 0; i < 600; ++i) {
    if (i % 6 == 0)
      drawing += fmt::format("{:.2f} {:.2f} {:.2f} rg {} {} {} {} re f\n", random() % 100 / 100.0,
                             random() % 100 / 100.0, random() % 100 / 100.0, coordinate(500),
                             coordinate(700), coordinate(80), coordinate(80));
    drawing += fmt::format("{} {} m {} {} {} {} {} {} c S\n", coordinate(595), coordinate(842),
                           coordinate(595), coordinate(842), coordinate(595), coordinate(842),
                           coordinate(595), coordinate(842));
  }
  return drawing;
}

} // namespace

std::string text_document(unsigned pages) {
  std::mt19937 random(1);
  const std::string font =
      "<</Type/Font/Subtype/Type0/BaseFont/MS-Mincho/Encoding/90ms-RKSJ-H"
      "/DescendantFonts[<</Type/Font/Subtype/CIDFontType2/BaseFont/MS-Mincho/DW 1000"
      "/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>/FontDescriptor 4 0 R>>]>>";
  std::vector<std::string> objects = {
      catalog, page_tree(pages, 5, 2), font,
      "<</Type/FontDescriptor/FontName/MS-Mincho/Flags 4/FontBBox[0 -137 1000 859]/ItalicAngle 0"
      "/Ascent 859/Descent -137/CapHeight 709/StemV 80>>"};
  for (unsigned i = 0; i < pages; ++i) {
    const auto contents = static_cast<unsigned>(objects.size()) + 2;
    objects.push_back(
        page("/Font<</J 3 0 R/L<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>", contents));
    objects.push_back(pdf_stream(text_page(random)));
  }
  return join_pdf(objects);
}

std::string scan_document(unsigned pages) {
  constexpr unsigned width = 1240, height = 1754; // A4 at 150 dpi
  const std::string jpeg = jpeg_of(width, height, true);
  std::vector<std::string> objects = {catalog, page_tree(pages, 3, 3)};
  for (unsigned i = 0; i < pages; ++i) {
    const auto contents = static_cast<unsigned>(objects.size()) + 2;
    objects.push_back(page(fmt::format("/XObject<</I {} 0 R>>", contents + 1), contents));
    objects.push_back(pdf_stream("q 595 0 0 842 0 0 cm /I Do Q"));
    objects.push_back(
        pdf_stream(jpeg, fmt::format("/Type/XObject/Subtype/Image/Width {}/Height {}"
                                     "/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/DCTDecode",
                                     width, height)));
  }
  return join_pdf(objects);
}

std::string vector_document(unsigned pages) {
  std::mt19937 random(2);
  std::vector<std::string> objects = {catalog, page_tree(pages, 3, 2)};
  for (unsigned i = 0; i < pages; ++i) {
    objects.push_back(page("", static_cast<unsigned>(objects.size()) + 2));
    objects.push_back(pdf_stream(vector_page(random)));
  }
  return join_pdf(objects);
}

std::string photo() {
  return jpeg_of(4000, 3000, false);
}

} // namespace sekisho::bench
