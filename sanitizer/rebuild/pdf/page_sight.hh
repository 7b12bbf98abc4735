// What of a page's text its drawing shows: it is drawn with its text and without; private to rebuild.
#pragma once

#include "sanitizer/rebuild/pdf/pdfium.hh"
#include "sanitizer/rebuild/picture/pixels.hh"

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace sekisho::rebuild {

/// At least one pixel.
struct PixelArea {
  std::uint32_t left, top, right, bottom;
};

/// Sums over rectangles of pixels, each in four looks.
class PixelSums {
public:
  /// `value(x, y)`: of a pixel.
  template <class Value> PixelSums(std::uint32_t width, std::uint32_t height, Value value)
      : row_(std::size_t{width} + 1), sums_(row_ * (std::size_t{height} + 1)) {
    for (std::uint32_t y = 0; y < height; ++y) {
      std::uint32_t *sum = &sums_[(y + 1) * row_ + 1], of_row = 0;
      for (std::uint32_t x = 0; x < width; ++x, ++sum) {
        of_row += value(x, y);
        *sum = of_row + sum[-static_cast<std::ptrdiff_t>(row_)];
      }
    }
  }
  std::uint32_t in(const PixelArea &area) const {
    return at(area.right, area.bottom) - at(area.left, area.bottom) - at(area.right, area.top) + at(area.left, area.top);
  }

private:
  std::uint32_t at(std::uint32_t x, std::uint32_t y) const { return sums_[y * row_ + x]; }
  std::size_t row_;
  std::vector<std::uint32_t> sums_; // over all that is above and at the left
};

class PageSight {
public:
  using Draw = std::function<bool(Pixels &)>; // BGRx; with all that is on the page
  /// Afterwards the page's text is gone from its drawing, until it is loaded anew.  Nothing where it cannot be drawn.
  static std::optional<PageSight> of(const pdfium::Engine &engine, pdfium::Page page, const Draw &draw);

  /// In the page's own coordinates.
  struct Place {
    double left = 0, bottom = 0, right = 0, top = 0;
  };
  /// Whether the page looks otherwise for the text that is there; where text cannot be taken off, whether anything shows.
  bool shows_text(const Place &place) const;
  /// Whether something without text is to be seen there.
  bool shows_edges(const Place &place);
  /// There or close by.
  bool shows_more(const Place &place);
  /// Whether text of this colour would have been seen there: nothing covers it, cuts it off or is of its colour.  What
  /// is not seen all the same is what the engine has no glyph for.
  bool could_show(const Place &place, std::array<unsigned, 3> rgb);

private:
  PageSight(const pdfium::Engine &engine, pdfium::Page page, Pixels &&without, PixelSums &&text)
      : engine_(&engine), page_(page), without_(std::move(without)), text_(std::move(text)) {}
  void find_covers();
  void find_covers_of(pdfium::PageObject object);
  void add(const std::optional<PixelArea> &area, int covers);
  std::size_t cover_at(std::uint32_t x, std::uint32_t y) const { return y * (std::size_t{without_.width} + 1) + x; }
  std::optional<PixelArea> area_of(const Place &place) const;

  const pdfium::Engine *engine_;
  pdfium::Page page_;
  Pixels without_; // text
  PixelSums text_;
  std::optional<PixelSums> edges_;   // once they are asked for
  std::vector<std::int32_t> covers_; // of each pixel, once they are asked for: what covers it or keeps text from it
};

/// The text of layers that are off (ISO 32000-1 §8.11) is taken off the page, until it is loaded anew.  Whether there was
/// any.  Before the page's text is loaded.
bool take_off_layers(const pdfium::Engine &engine, pdfium::Page page, const PageSight::Draw &draw);

} // namespace sekisho::rebuild
