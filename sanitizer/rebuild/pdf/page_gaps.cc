#include "sanitizer/rebuild/pdf/page_gaps.hh"

#include "sanitizer/rebuild/pdf/text_layer.hh"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>
#include <vector>

namespace sekisho::rebuild {
namespace {

constexpr int least_side = 6; // pixels: in less a character leaves little
constexpr int least_contrast = 64, least_alpha = 128, most_difference = 8; // of 255
constexpr std::size_t most_gaps = 64;           // that are looked into
constexpr std::size_t most_looks = 100'000'000; // at pixels
constexpr int most_objects = 20'000;
constexpr int text_object = 1;                     // FPDF_PAGEOBJ_TEXT
constexpr int least_painted = 0, most_painted = 2; // FPDF_TEXTRENDERMODE_…

struct Range {
  unsigned first, last;
};
/// Blanks, what has no width, and second halves of characters.
constexpr Range blanks[] = {{0, 0x20},         {0x7f, 0xa0},     {0xad, 0xad},     {0x115f, 0x1160}, {0x1680, 0x1680},
                            {0x2000, 0x200f},  {0x2028, 0x202f}, {0x205f, 0x206f}, {0x2800, 0x2800}, {0x3000, 0x3000},
                            {0x3164, 0x3164},  {0xdc00, 0xdfff}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0}};
bool is_drawn(unsigned c) {
  return std::ranges::none_of(blanks, [&](Range range) { return c >= range.first && c <= range.last; });
}

class Gaps {
public:
  Gaps(const pdfium::Engine &engine, pdfium::Page page, const Pixels &drawn)
      : engine_(engine), page_(page), drawn_(drawn), text_(engine.load_text(page)) {}
  Gaps(const Gaps &) = delete;
  ~Gaps() {
    if (text_) engine_.close_text(text_);
  }

  bool any() {
    if (!text_) return false;
    const int count = std::min(engine_.count_characters(text_), static_cast<int>(most_text_of_page));
    for (int i = 0; i < count && gaps_.size() < most_gaps; ++i) {
      Gap gap{character(i)};
      if (is_drawn(gap.character) && is_plain(i) && engine_.character_origin(text_, i, &gap.x, &gap.y)) gaps_.push_back(gap);
    }
    return !gaps_.empty() && any_without_glyph();
  }

private:
  struct Gap {
    unsigned character;
    double x = 0, y = 0; // of its origin
  };

  unsigned character(int index) const {
    const unsigned c = engine_.character(text_, index);
    if (c < 0xd800 || c > 0xdbff) return c;
    return 0x10000 + ((c - 0xd800) << 10) + (engine_.character(text_, index + 1) & 0x3ff);
  }

  /// Whether nothing is drawn where the character should be.
  bool is_plain(int index) {
    pdfium::Rectangle r;
    if (!engine_.character_box(text_, index, &r) || !std::isfinite(r.left + r.right + r.top + r.bottom)) return false;
    const int width = static_cast<int>(drawn_.width), height = static_cast<int>(drawn_.height);
    int x1 = 0, y1 = 0, x2 = 0, y2 = 0;
    if (!engine_.page_to_device(page_, 0, 0, width, height, 0, r.left, r.bottom, &x1, &y1) ||
        !engine_.page_to_device(page_, 0, 0, width, height, 0, r.right, r.top, &x2, &y2))
      return false;
    if (x1 > x2) std::swap(x1, x2);
    if (y1 > y2) std::swap(y1, y2);
    if (x1 < 0 || y1 < 0 || x2 > width || y2 > height || x2 - x1 < least_side || y2 - y1 < least_side) return false;
    const std::size_t size = static_cast<std::size_t>(x2 - x1) * static_cast<std::size_t>(y2 - y1);
    if (size > looks_) return false;
    looks_ -= size;
    const std::uint8_t *ground = pixel(x1, y1);
    for (int y = y1; y < y2; ++y)
      for (int x = x1; x < x2; ++x)
        for (int i = 0; i < 3; ++i)
          if (apart(pixel(x, y)[i], ground[i]) > most_difference) return false;
    return would_show(index, ground);
  }
  bool would_show(int index, const std::uint8_t *ground) const {
    pdfium::Matrix m;
    const int mode = engine_.character_mode(text_, index);
    if (mode < least_painted || mode > most_painted) return false;
    if (!engine_.character_matrix(text_, index, &m) || std::abs(m.b) > 0.01 * std::abs(m.a)) return false;
    unsigned red = 0, green = 0, blue = 0, alpha = 0;
    return engine_.character_colour(text_, index, &red, &green, &blue, &alpha) && alpha >= least_alpha &&
           std::max({apart(red, ground[2]), apart(green, ground[1]), apart(blue, ground[0])}) >= least_contrast;
  }
  static int apart(unsigned a, unsigned b) { return std::abs(static_cast<int>(a) - static_cast<int>(b)); }
  const std::uint8_t *pixel(int x, int y) const {
    return drawn_.row(static_cast<std::uint32_t>(y)) + std::size_t{4} * static_cast<std::uint32_t>(x);
  }

  /// Covered text has its glyphs, so has that of layers that are off.
  bool any_without_glyph() const {
    const int count = std::min(engine_.count_objects(page_), most_objects);
    std::size_t left = most_gaps; // each takes as long as the page's text is
    for (int i = 0; i < count && left > 0; ++i) {
      pdfium::PageObject object = engine_.page_object(page_, i);
      pdfium::Matrix m;
      if (!object || engine_.object_type(object) != text_object || !engine_.object_matrix(object, &m)) continue;
      const auto is_in = [&](const Gap &gap) { return gap.x > m.e - 0.1 && std::abs(gap.y - m.f) < 0.1; };
      if (std::ranges::none_of(gaps_, is_in)) continue;
      --left;
      if (lacks_glyph(object, is_in)) return true;
    }
    return false;
  }
  template <class IsIn> bool lacks_glyph(pdfium::PageObject object, IsIn is_in) const {
    const unsigned long size = engine_.object_text(object, text_, nullptr, 0);
    std::vector<unsigned short> units(size / 2);
    pdfium::Font font = engine_.object_font(object);
    if (!font || units.empty() || engine_.object_text(object, text_, units.data(), size) != size) return false;
    for (std::size_t i = 0; i < units.size(); ++i) {
      unsigned c = units[i];
      if (c >= 0xd800 && c < 0xdc00 && i + 1 < units.size()) c = 0x10000 + ((c - 0xd800) << 10) + (units[i + 1] & 0x3ffu);
      if (std::ranges::none_of(gaps_, [&](const Gap &gap) { return gap.character == c && is_in(gap); })) continue;
      if (c == 0xfffd) return true; // the engine knows no character either
      pdfium::GlyphPath path = engine_.glyph_path(font, c, 12);
      if (!path || engine_.count_glyph_segments(path) <= 0) return true;
    }
    return false;
  }

  const pdfium::Engine &engine_;
  pdfium::Page page_;
  const Pixels &drawn_;
  pdfium::Text text_;
  std::vector<Gap> gaps_;
  std::size_t looks_ = most_looks;
};

} // namespace

bool has_gaps(const pdfium::Engine &engine, pdfium::Page page, const Pixels &drawn) {
  return engine.reads_layers && page && Gaps(engine, page, drawn).any();
}

} // namespace sekisho::rebuild
