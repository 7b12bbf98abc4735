#include "sanitizer/rebuild/pdf/page_sight.hh"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace sekisho::rebuild {
namespace {

constexpr double pixels_of_point = 100 / 72.0;
constexpr double most_pixels = 4e6;
constexpr int least_difference = 12; // of 255: thin letters are drawn in part of their colour
constexpr unsigned least_contrast = 17;  // as in HTML
constexpr unsigned least_alpha = 13;     // of 255
constexpr int most_depth = 16;
constexpr int most_objects = 500'000; // forms' objects included
constexpr int most_segments = 64;     // of a clip; rectangles have five
constexpr int text_object = 1, form_object = 5; // FPDF_PAGEOBJ_…
constexpr int invisible = 3, clip = 7;          // FPDF_TEXTRENDERMODE_…
constexpr int most_rounds = 8, most_layer_texts = 20'000, most_marks = 64;
constexpr std::size_t most_looks = 200'000'000; // at pixels

bool differs(const std::uint8_t *a, const std::uint8_t *b) {
  const auto apart = [](int one, int other) { return std::abs(one - other) >= least_difference; };
  return apart(a[0], b[0]) || apart(a[1], b[1]) || apart(a[2], b[2]);
}

std::optional<Pixels> sheet_for(const pdfium::Engine &engine, pdfium::Page page) {
  const double width = engine.page_width(page), height = engine.page_height(page);
  if (!(width > 0 && height > 0 && width < 1e6 && height < 1e6)) return {};
  const double scale = std::min(pixels_of_point, std::sqrt(most_pixels / (width * height)));
  const auto side = [&](double points) { return static_cast<std::uint32_t>(std::clamp(points * scale, 1.0, 30000.0)); };
  Pixels pixels;
  pixels.width = side(width);
  pixels.height = side(height);
  pixels.channels = 4;
  pixels.memory = Scratch(pixels.row_size() * pixels.height);
  return pixels.memory ? std::optional(std::move(pixels)) : std::nullopt;
}

/// Makes text invisible.  False where there is too much of it.
class TextOff {
public:
  explicit TextOff(const pdfium::Engine &engine) : engine_(engine) {}

  bool page(pdfium::Page page) {
    return all(engine_.count_objects(page), [&](int i) { return engine_.page_object(page, i); }, 0);
  }

private:
  template <class Get> bool all(int count, Get get, int depth) {
    if (count > left_) return false;
    left_ -= std::max(count, 0);
    for (int i = 0; i < count; ++i)
      if (pdfium::PageObject object = get(i); object && !one(object, depth)) return false;
    return true;
  }
  bool one(pdfium::PageObject object, int depth) {
    const int type = engine_.object_type(object);
    if (type == text_object) engine_.set_text_mode(object, invisible);
    if (type != form_object) return true;
    return depth < most_depth &&
           all(engine_.count_form_objects(object),
               [&](int i) { return engine_.form_object(object, static_cast<unsigned long>(i)); }, depth + 1);
  }

  const pdfium::Engine &engine_;
  int left_ = most_objects;
};

/// What of a page a clip leaves; all where it is no simple one.
PageSight::Place left_by(const pdfium::Engine &engine, pdfium::ClipPath clip) {
  PageSight::Place left{-INFINITY, -INFINITY, INFINITY, INFINITY};
  const int paths = std::min(engine.count_clip_paths(clip), most_segments);
  for (int path = 0; path < paths; ++path) {
    const int segments = engine.count_clip_segments(clip, path);
    if (segments <= 0 || segments > most_segments) continue;
    PageSight::Place one{INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (int i = 0; i < segments; ++i) {
      float x = 0, y = 0;
      if (!engine.segment_point(engine.clip_segment(clip, path, i), &x, &y)) return left;
      one = {std::min<double>(one.left, x), std::min<double>(one.bottom, y), std::max<double>(one.right, x),
             std::max<double>(one.top, y)};
    }
    left = {std::max(left.left, one.left), std::max(left.bottom, one.bottom), std::min(left.right, one.right),
            std::min(left.top, one.top)};
  }
  return left;
}

PixelSums edges_of(const Pixels &pixels) {
  return {pixels.width, pixels.height, [&](std::uint32_t x, std::uint32_t y) -> std::uint32_t {
            const std::uint8_t *here = pixels.row(y) + std::size_t{x} * 4;
            return (x > 0 && differs(here, here - 4)) || (y > 0 && differs(here, here - pixels.row_size()));
          }};
}

std::optional<PixelArea> area_on(const pdfium::Engine &engine, pdfium::Page page, const Pixels &sheet,
                                 const PageSight::Place &place) {
  static constexpr double most = 1e6;
  const int width = static_cast<int>(sheet.width), height = static_cast<int>(sheet.height);
  const auto within = [](double x) { return std::clamp(x, -most, most); };
  int x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  if (std::isnan(place.left + place.right) || std::isnan(place.bottom + place.top) ||
      !engine.page_to_device(page, 0, 0, width, height, 0, within(place.left), within(place.bottom), &x1, &y1) ||
      !engine.page_to_device(page, 0, 0, width, height, 0, within(place.right), within(place.top), &x2, &y2))
    return {};
  if (std::max(x1, x2) < 0 || std::min(x1, x2) > width || std::max(y1, y2) < 0 || std::min(y1, y2) > height) return {};
  const auto from = [](int a, int b, int most) { return static_cast<std::uint32_t>(std::clamp(std::min(a, b), 0, most - 1)); };
  const auto to = [](int a, int b, int most) { return static_cast<std::uint32_t>(std::clamp(std::max(a, b), 0, most)); };
  PixelArea area{from(x1, x2, width), from(y1, y2, height), to(x1, x2, width), to(y1, y2, height)};
  area.right = std::max(area.right, area.left + 1);
  area.bottom = std::max(area.bottom, area.top + 1);
  return area;
}

/// The text that layers may hold (ISO 32000-1 §8.11): marked content, and all that is in forms.
class LayerText {
public:
  LayerText(const pdfium::Engine &engine, pdfium::Page page, const PageSight::Draw &draw)
      : engine_(engine), page_(page), draw_(draw) {}

  /// Text that could be drawn and changes nothing is of a layer that is off.  Whether there was any; it has no size now.
  bool take_off() {
    gather();
    std::optional<Pixels> with = texts_.empty() ? std::nullopt : sheet_for(engine_, page_);
    if (!with || !draw_(*with)) return false;
    bool found = false;
    for (int round = 0; round < most_rounds && !texts_.empty(); ++round) {
      const std::optional<bool> one = take_off_some(*with);
      if (!one) return found;
      found = found || *one;
    }
    return found;
  }

private:
  struct Text {
    pdfium::PageObject object;
    PageSight::Place place;
    int mode;
  };

  void gather() {
    const int count = engine_.count_objects(page_);
    for (int i = 0; i < count && left_ > 0; ++i) {
      pdfium::PageObject object = engine_.page_object(page_, i);
      const int type = object ? engine_.object_type(object) : 0;
      if (type == form_object) gather_in(object, {1, 0, 0, 1, 0, 0}, 0);
      if (type == text_object && is_of_layer(object)) gather_text(object, {1, 0, 0, 1, 0, 0});
    }
  }
  void gather_in(pdfium::PageObject form, const pdfium::Matrix &outer, int depth) {
    pdfium::Matrix inner;
    if (depth == most_depth || !engine_.object_matrix(form, &inner)) return;
    const pdfium::Matrix m{inner.a * outer.a + inner.b * outer.c,           inner.a * outer.b + inner.b * outer.d,
                           inner.c * outer.a + inner.d * outer.c,           inner.c * outer.b + inner.d * outer.d,
                           inner.e * outer.a + inner.f * outer.c + outer.e, inner.e * outer.b + inner.f * outer.d + outer.f};
    const int count = engine_.count_form_objects(form);
    for (int i = 0; i < count && left_ > 0; ++i) {
      pdfium::PageObject object = engine_.form_object(form, static_cast<unsigned long>(i));
      const int type = object ? engine_.object_type(object) : 0;
      if (type == form_object) gather_in(object, m, depth + 1);
      if (type == text_object) gather_text(object, m);
    }
  }
  void gather_text(pdfium::PageObject object, const pdfium::Matrix &m) {
    --left_;
    const int mode = engine_.text_mode(object);
    float left = 0, bottom = 0, right = 0, top = 0;
    if (mode < 0 || mode == invisible || mode == clip) return;
    if (!engine_.object_bounds(object, &left, &bottom, &right, &top)) return;
    PageSight::Place place{INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (const auto &[x, y] : {std::pair(left, bottom), {left, top}, {right, bottom}, {right, top}}) {
      const double on_x = m.a * x + m.c * y + m.e, on_y = m.b * x + m.d * y + m.f;
      place = {std::min(place.left, on_x), std::min(place.bottom, on_y), std::max(place.right, on_x),
               std::max(place.top, on_y)};
    }
    texts_.push_back({object, place, mode});
  }
  bool is_of_layer(pdfium::PageObject object) const {
    const int count = std::min(engine_.count_marks(object), most_marks);
    for (int i = 0; i < count; ++i) {
      std::array<char16_t, 3> name{};
      unsigned long size = 0;
      pdfium::Mark mark = engine_.mark(object, static_cast<unsigned long>(i));
      if (!mark || !engine_.mark_name(mark, name.data(), sizeof name, &size) || size != sizeof name) continue;
      if (name[0] == 'O' && name[1] == 'C') return true;
    }
    return false;
  }

  /// Of texts that do not stand one on the other.  Nothing where the page cannot be drawn.
  std::optional<bool> take_off_some(const Pixels &with) {
    std::vector<bool> taken(std::size_t{with.width} * with.height);
    const auto at = [&](std::uint32_t x, std::uint32_t y) { return std::size_t{y} * with.width + x; };
    std::vector<std::pair<Text, PixelArea>> these;
    std::vector<Text> others;
    for (const Text &text : texts_) {
      const std::optional<PixelArea> area = area_on(engine_, page_, with, text.place);
      if (!area) continue;
      if (any_in(*area, [&](std::uint32_t x, std::uint32_t y) { return taken[at(x, y)]; })) {
        others.push_back(text);
        continue;
      }
      (void)any_in(*area, [&](std::uint32_t x, std::uint32_t y) { return taken[at(x, y)] = true, false; });
      these.emplace_back(text, *area);
    }
    texts_ = std::move(others);
    for (const auto &[text, area] : these)
      engine_.set_text_mode(text.object, invisible);
    std::optional<Pixels> without = sheet_for(engine_, page_);
    if (!without || !draw_(*without)) return {};
    pdfium::Text words = engine_.load_text(page_);
    bool found = false;
    for (const auto &[text, area] : these) {
      const bool shows = any_in(area, [&](std::uint32_t x, std::uint32_t y) {
        return differs(with.row(y) + std::size_t{x} * 4, without->row(y) + std::size_t{x} * 4);
      });
      if (shows || !words || !has_glyph(text.object, words)) {
        engine_.set_text_mode(text.object, text.mode);
      } else {
        engine_.transform(text.object, 0, 0, 0, 0, 0, 0);
        found = true;
      }
    }
    if (words) engine_.close_text(words);
    return found;
  }
  /// True where it took too long to look: the text stays as it is then.
  template <class Is> bool any_in(const PixelArea &area, Is is) {
    const std::size_t size = std::size_t{area.right - area.left} * (area.bottom - area.top);
    if (looks_ < size) return true;
    looks_ -= size;
    for (std::uint32_t y = area.top; y < area.bottom; ++y)
      for (std::uint32_t x = area.left; x < area.right; ++x)
        if (is(x, y)) return true;
    return false;
  }
  bool has_glyph(pdfium::PageObject object, pdfium::Text words) const {
    const unsigned long size = engine_.object_text(object, words, nullptr, 0);
    std::vector<unsigned short> text(size / 2);
    pdfium::Font font = engine_.object_font(object);
    if (!font || text.empty() || engine_.object_text(object, words, text.data(), size) != size) return false;
    return std::ranges::any_of(text, [&](unsigned short unit) {
      pdfium::GlyphPath path = unit > ' ' ? engine_.glyph_path(font, unit, 12) : nullptr;
      return path && engine_.count_glyph_segments(path) > 0;
    });
  }

  const pdfium::Engine &engine_;
  pdfium::Page page_;
  const PageSight::Draw &draw_;
  std::vector<Text> texts_;
  int left_ = most_layer_texts;
  std::size_t looks_ = most_looks;
};

} // namespace

bool take_off_layers(const pdfium::Engine &engine, pdfium::Page page, const PageSight::Draw &draw) {
  return engine.reads_layers && LayerText(engine, page, draw).take_off();
}

std::optional<PageSight> PageSight::of(const pdfium::Engine &engine, pdfium::Page page, const Draw &draw) {
  std::optional<Pixels> with = sheet_for(engine, page);
  if (!with || !draw(*with)) return {};
  if (engine.count_objects(page) < 0) { // it does not say that it is a page
    PixelSums edges = edges_of(*with);
    return PageSight(engine, page, std::move(*with), std::move(edges));
  }
  std::optional<Pixels> without = sheet_for(engine, page);
  if (!without || !TextOff(engine).page(page) || !draw(*without)) return {};
  PixelSums text(with->width, with->height, [&](std::uint32_t x, std::uint32_t y) -> std::uint32_t {
    return differs(with->row(y) + std::size_t{x} * 4, without->row(y) + std::size_t{x} * 4);
  });
  return PageSight(engine, page, std::move(*without), std::move(text));
}

void PageSight::find_covers() {
  covers_.resize((std::size_t{without_.width} + 1) * (std::size_t{without_.height} + 1));
  const int count = engine_->count_objects(page_);
  for (int i = 0; i < count; ++i)
    if (pdfium::PageObject object = engine_->page_object(page_, i)) find_covers_of(object);
  for (std::uint32_t y = 0; y <= without_.height; ++y)
    for (std::uint32_t x = 0; x <= without_.width; ++x) {
      std::int32_t &here = covers_[cover_at(x, y)];
      if (x > 0) here += covers_[cover_at(x - 1, y)];
      if (y > 0) here += covers_[cover_at(x, y - 1)];
      if (x > 0 && y > 0) here -= covers_[cover_at(x - 1, y - 1)];
    }
}

void PageSight::find_covers_of(pdfium::PageObject object) {
  float left = 0, bottom = 0, right = 0, top = 0;
  if (!engine_->object_bounds(object, &left, &bottom, &right, &top)) return;
  const Place bounds{left, bottom, right, top};
  unsigned r = 0, g = 0, b = 0, alpha = 255;
  const bool faint = engine_->object_colour(object, &r, &g, &b, &alpha) && alpha < least_alpha;
  if (engine_->object_type(object) != text_object || faint) return add(area_of(bounds), 1);
  pdfium::ClipPath clip = engine_->clip_path(object);
  if (!clip || engine_->count_clip_paths(clip) <= 0) return;
  const Place room = left_by(*engine_, clip);
  const Place shown{std::max(bounds.left, room.left), std::max(bounds.bottom, room.bottom),
                    std::min(bounds.right, room.right), std::min(bounds.top, room.top)};
  add(area_of(bounds), 1);
  if (shown.left <= shown.right && shown.bottom <= shown.top) add(area_of(shown), -1);
}

void PageSight::add(const std::optional<PixelArea> &area, int covers) {
  if (!area) return;
  covers_[cover_at(area->left, area->top)] += covers;
  covers_[cover_at(area->right, area->top)] -= covers;
  covers_[cover_at(area->left, area->bottom)] -= covers;
  covers_[cover_at(area->right, area->bottom)] += covers;
}

std::optional<PixelArea> PageSight::area_of(const Place &place) const {
  return area_on(*engine_, page_, without_, place);
}

bool PageSight::shows_text(const Place &place) const {
  const std::optional<PixelArea> area = area_of(place);
  return !area || text_.in(*area) > 0;
}

bool PageSight::shows_edges(const Place &place) {
  if (!edges_) edges_ = edges_of(without_);
  const std::optional<PixelArea> area = area_of(place);
  return area && edges_->in(*area) > 0;
}

bool PageSight::shows_more(const Place &place) {
  const double about = place.top - place.bottom;
  return shows_edges({place.left - about, place.bottom - about, place.right + about, place.top + about});
}

bool PageSight::could_show(const Place &place, std::array<unsigned, 3> rgb) {
  if (covers_.empty()) find_covers();
  const std::optional<PixelArea> area = area_of(place);
  if (!area) return true;
  const std::uint32_t x = (area->left + area->right) / 2, y = (area->top + area->bottom) / 2; // of the page: it is not empty
  const std::uint8_t *ground = without_.row(y) + std::size_t{x} * 4;
  const auto contrast = [](unsigned a, unsigned b) { return a > b ? a - b : b - a; };
  return covers_[cover_at(x, y)] <= 0 && (contrast(rgb[0], ground[2]) >= least_contrast || contrast(rgb[1], ground[1]) >= least_contrast ||
                                          contrast(rgb[2], ground[0]) >= least_contrast);
}

} // namespace sekisho::rebuild
