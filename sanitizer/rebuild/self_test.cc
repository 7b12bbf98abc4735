#include "sanitizer/rebuild/self_test.hh"

#include "sanitizer/rebuild/pdf/pdfium.hh"

#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <vector>

namespace sekisho::rebuild {
namespace {

constexpr int side = 200; // points and pixels

/// One page that says 関所 in the font `face`, which the file does not carry.
std::string test_page(const char *face) {
  const std::string drawing = "BT /F 90 Tf 10 60 Td <8ad68f8a> Tj ET"; // Shift_JIS
  const std::vector<std::string> objects = {
      "<</Type/Catalog/Pages 2 0 R>>",
      "<</Type/Pages/Count 1/Kids[3 0 R]>>",
      fmt::format("<</Type/Page/Parent 2 0 R/MediaBox[0 0 {} {}]/Contents 4 0 R"
                  "/Resources<</Font<</F 5 0 R>>>>>>",
                  side, side),
      fmt::format("<</Length {}>>\nstream\n{}\nendstream", drawing.size(), drawing),
      fmt::format("<</Type/Font/Subtype/Type0/BaseFont/{}/Encoding/90ms-RKSJ-H"
                  "/DescendantFonts[6 0 R]>>",
                  face),
      fmt::format("<</Type/Font/Subtype/CIDFontType2/BaseFont/{}/DW 1000/FontDescriptor 7 0 R"
                  "/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>>>",
                  face),
      fmt::format("<</Type/FontDescriptor/FontName/{}/Flags 4/FontBBox[0 -137 1000 859]"
                  "/ItalicAngle 0/Ascent 859/Descent -137/CapHeight 709/StemV 80>>",
                  face),
  };
  std::string file = "%PDF-1.4\n", table;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    table += fmt::format("{:010} 00000 n \n", file.size());
    file += fmt::format("{} 0 obj\n{}\nendobj\n", i + 1, objects[i]);
  }
  const std::size_t start = file.size();
  return file + fmt::format("xref\n0 {}\n0000000000 65535 f \n{}trailer\n<</Size {}/Root 1 0 R>>\n"
                            "startxref\n{}\n%%EOF\n",
                            objects.size() + 1, table, objects.size() + 1, start);
}

/// Share of dark pixels, 0–1.
double darkness(const pdfium::Engine &engine, const std::string &file) {
  pdfium::Document document = engine.open(file.data(), static_cast<int>(file.size()), nullptr);
  if (!document) return 0;
  double share = 0;
  if (pdfium::Page page = engine.load_page(document, 0)) {
    std::vector<std::uint32_t> pixels(side * side);
    pdfium::Bitmap bitmap =
        engine.make_bitmap(side, side, pdfium::format_bgrx, pixels.data(), side * 4);
    engine.fill(bitmap, 0, 0, side, side, 0xffffffff);
    engine.draw(bitmap, page, 0, 0, side, side, 0, 0);
    engine.destroy_bitmap(bitmap);
    for (std::uint32_t pixel : pixels)
      share += (pixel & 0xff) < 128 ? 1.0 / (side * side) : 0;
    engine.close_page(page);
  }
  engine.close(document);
  return share;
}

} // namespace

bool draws_japanese_page() {
  const pdfium::Engine *engine = pdfium::engine();
  if (!engine) return false;
  for (const char *face : {"MS-Mincho", "MS-Gothic"}) {
    const double share = darkness(*engine, test_page(face));
    if (share < 0.01 || share > 0.6) return false;
  }
  return true;
}

} // namespace sekisho::rebuild
