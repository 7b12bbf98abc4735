#include "bench/render_samples.hh"

#include "sanitizer/rebuild/picture/jpeg_encoder.hh"
#include "sanitizer/rebuild/pdf/pdfium.hh"
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

std::string japanese_font() { // its descriptor is object 4
  return "<</Type/Font/Subtype/Type0/BaseFont/MS-Mincho/Encoding/90ms-RKSJ-H"
         "/DescendantFonts[<</Type/Font/Subtype/CIDFontType2/BaseFont/MS-Mincho/DW 1000"
         "/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>/FontDescriptor 4 0 R>>]>>";
}
constexpr const char *japanese_descriptor =
    "<</Type/FontDescriptor/FontName/MS-Mincho/Flags 4/FontBBox[0 -137 1000 859]/ItalicAngle 0"
    "/Ascent 859/Descent -137/CapHeight 709/StemV 80>>";

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

/// A photograph of sorts, RGB.
std::string picture_of_slide(std::mt19937 &random, unsigned width, unsigned height) {
  std::string rgb;
  const double a = random() % 100 / 2000.0 + 0.01, b = random() % 100 / 2000.0 + 0.01;
  for (unsigned y = 0; y < height; ++y)
    for (unsigned x = 0; x < width; ++x)
      for (double phase : {0.0, 1.3, 2.1})
        rgb += static_cast<char>(
            static_cast<unsigned>(127 + 110 * std::sin(x * a + y * b + phase)) + random() % 12);
  return rgb;
}

std::string slide(std::mt19937 &random) {
  const auto part = [&](unsigned most) { return random() % most; };
  std::string drawing = "q 960 0 0 540 0 0 cm /S0 sh Q\n/G0 gs\n";
  for (unsigned i = 0; i < 6; ++i)
    drawing += fmt::format("{:.2f} {:.2f} {:.2f} rg {} {} {} {} re f\n", part(100) / 100.0,
                           part(100) / 100.0, part(100) / 100.0, part(800), part(400),
                           100 + part(200), 60 + part(150));
  drawing += fmt::format("q {} 0 0 {} {} {} cm /S1 sh Q\n", 300, 200, part(600), part(300));
  drawing += fmt::format("/G1 gs q 360 0 0 240 {} {} cm /P Do Q\n0 g\n", 40 + part(500), 40 + part(200));
  drawing += fmt::format("BT /J 40 Tf 50 460 Td <{}> Tj ET\n", japanese_line(random, 16));
  for (unsigned line = 0; line < 6; ++line)
    drawing += fmt::format("BT /J 20 Tf 70 {} Td <{}> Tj ET\n", 390 - line * 40, japanese_line(random, 24));
  return drawing;
}

/// Gray pixels of page `index` at 300 dpi, softened, with the grain of a scanner.
std::vector<std::uint8_t> scanned(const std::string &pdf, int index, unsigned width,
                                  unsigned height) {
  const rebuild::pdfium::Engine &engine = *rebuild::pdfium::engine();
  auto document = engine.open(pdf.data(), static_cast<int>(pdf.size()), nullptr);
  auto page = engine.load_page(document, index);
  std::vector<std::uint32_t> pixels(std::size_t{width} * height);
  const int w = static_cast<int>(width), h = static_cast<int>(height);
  auto bitmap = engine.make_bitmap(w, h, rebuild::pdfium::format_bgrx, pixels.data(), w * 4);
  engine.fill(bitmap, 0, 0, w, h, 0xffffffff);
  engine.draw(bitmap, page, 0, 0, w, h, 0, 0);
  engine.destroy_bitmap(bitmap);
  engine.close_page(page);
  engine.close(document);
  std::vector<std::uint8_t> gray(pixels.size());
  std::mt19937 random(static_cast<unsigned>(index));
  for (unsigned y = 1; y + 1 < height; ++y)
    for (unsigned x = 1; x + 1 < width; ++x) {
      const std::size_t at = std::size_t{y} * width + x;
      const auto tone = [&](std::size_t place) { return pixels[place] & 0xff; };
      const unsigned soft = (4 * tone(at) + tone(at - 1) + tone(at + 1) + tone(at - width) +
                             tone(at + width)) / 8;
      gray[at] = static_cast<std::uint8_t>(soft * 225 / 255 + random() % 13 + (x + y) / 700);
    }
  return gray;
}

std::string scanned_jpeg(const std::string &pdf, int index, unsigned width, unsigned height,
                         bool gray) {
  std::vector<std::uint8_t> pixels = scanned(pdf, index, width, height);
  if (!gray) { // the paper's tint
    std::vector<std::uint8_t> colour;
    colour.reserve(pixels.size() * 3);
    for (std::uint8_t tone : pixels)
      for (unsigned share : {255u, 248u, 228u})
        colour.push_back(static_cast<std::uint8_t>(tone * share / 255));
    pixels = std::move(colour);
  }
  using Format = rebuild::JpegSource::Format;
  const auto jpeg = rebuild::encode_jpeg({pixels.data(), std::size_t{width} * (gray ? 1 : 3), width,
                                          height, gray ? Format::gray : Format::rgb},
                                         gray ? 75 : 80);
  return std::string(as_chars(*jpeg));
}

} // namespace

std::string text_document(unsigned pages) {
  std::mt19937 random(1);
  std::vector<std::string> objects = {catalog, page_tree(pages, 5, 2), japanese_font(),
                                      japanese_descriptor};
  for (unsigned i = 0; i < pages; ++i) {
    const auto contents = static_cast<unsigned>(objects.size()) + 2;
    objects.push_back(
        page("/Font<</J 3 0 R/L<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>", contents));
    objects.push_back(pdf_stream(text_page(random)));
  }
  return join_pdf(objects);
}

std::string slides_document(unsigned pages) {
  std::mt19937 random(2);
  const std::string blend =
      "<</FunctionType 2/Domain[0 1]/C0[0.1 0.3 0.8]/C1[0.95 0.9 0.6]/N 1>>";
  std::vector<std::string> objects = {
      catalog, page_tree(pages, 6, 3), japanese_font(), japanese_descriptor,
      "<</ShadingType 2/ColorSpace/DeviceRGB/Coords[0 0 1 1]/Extend[true true]/Function" + blend + ">>"};
  for (unsigned i = 0; i < pages; ++i) {
    const auto first = static_cast<unsigned>(objects.size()) + 1;
    objects.push_back(fmt::format(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 960 540]/Contents {} 0 R/Resources<</Font<</J 3 0 R>>"
        "/XObject<</P {} 0 R>>/ExtGState<</G0<</ca 0.5>>/G1<</ca 1>>>>/Shading<</S0 5 0 R/S1"
        "<</ShadingType 3/ColorSpace/DeviceRGB/Coords[0.5 0.5 0 0.5 0.5 0.7]/Extend[true true]"
        "/Function{}>>>>>>>>",
        first + 1, first + 2, blend));
    objects.push_back(pdf_stream(slide(random)));
    objects.push_back(pdf_stream(picture_of_slide(random, 480, 320),
                                 "/Type/XObject/Subtype/Image/Width 480/Height 320"
                                 "/ColorSpace/DeviceRGB/BitsPerComponent 8"));
  }
  return join_pdf(objects);
}

std::string scan_document(unsigned pages, bool gray) {
  constexpr unsigned width = 2480, height = 3508; // A4 at 300 dpi
  const std::string source = text_document(pages);
  std::vector<std::string> objects = {catalog, page_tree(pages, 3, 3)};
  for (unsigned i = 0; i < pages; ++i) {
    const auto contents = static_cast<unsigned>(objects.size()) + 2;
    objects.push_back(page(fmt::format("/XObject<</I {} 0 R>>", contents + 1), contents));
    objects.push_back(pdf_stream("q 595 0 0 842 0 0 cm /I Do Q"));
    objects.push_back(
        pdf_stream(scanned_jpeg(source, static_cast<int>(i), width, height, gray),
                   fmt::format("/Type/XObject/Subtype/Image/Width {}/Height {}"
                               "/ColorSpace/{}/BitsPerComponent 8/Filter/DCTDecode",
                               width, height, gray ? "DeviceGray" : "DeviceRGB")));
  }
  return join_pdf(objects);
}

std::string photo() {
  return jpeg_of(4000, 3000, false);
}

} // namespace sekisho::bench
