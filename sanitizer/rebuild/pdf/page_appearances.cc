#include "sanitizer/rebuild/pdf/page_appearances.hh"

#include "base/text.hh"
#include "base/utf8.hh"
#include "sanitizer/rebuild/pdf/fonts.hh"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>

namespace sekisho::rebuild {
namespace {

constexpr std::size_t most_drawn = 10'000; // characters and corners of a page
constexpr int line_to = 0, curve_to = 1; // FPDF_SEGMENT_…

/// Numbers before an operator.
void put(std::string &content, std::initializer_list<double> numbers, std::string_view operation) {
  constexpr double most = 1e6;
  for (const double number : numbers) {
    char text[40];
    std::snprintf(text, sizeof text, "%.3f ", std::isfinite(number) ? std::clamp(number, -most, most) : 0.0);
    content += text;
  }
  content.append(operation).append("\n");
}

struct Colour {
  double red = 0, green = 0, blue = 0;
  bool operator==(const Colour &) const = default;
  bool is_light() const { return red + green + blue > 2; }
};
constexpr Colour black;

Colour colour_of(const pdfium::Engine &engine, pdfium::Annotation annotation, int which) {
  unsigned red = 0, green = 0, blue = 0, alpha = 0;
  if (!engine.annotation_colour(annotation, which, &red, &green, &blue, &alpha)) return black;
  return {red / 255.0, green / 255.0, blue / 255.0};
}

/// What is under it is to be seen, which an appearance of ours cannot say.
bool is_seen_through(const pdfium::Engine &engine, pdfium::Annotation annotation) {
  float opacity = 1;
  return engine.annotation_number(annotation, "CA", &opacity) && !(opacity >= 1);
}

/// The DA of a box of text: "0 0 1 rg /Helv 9 Tf".
struct Look {
  double size = 12;
  Colour colour;
};

Look look_in(std::string_view text) {
  Look look;
  std::vector<double> numbers;
  while (!(text = trimmed(text)).empty()) {
    const std::string word(text.substr(0, text.find_first_of(" \t\r\n")));
    text.remove_prefix(word.size());
    char *end = nullptr;
    const double number = std::strtod(word.c_str(), &end);
    if (end == word.c_str() + word.size() && std::isfinite(number)) {
      numbers.push_back(number);
      continue;
    }
    const std::size_t count = numbers.size();
    if (word == "Tf" && count > 0 && numbers.back() > 0) look.size = std::clamp(numbers.back(), 2.0, 300.0);
    if (word == "g" && count > 0) look.colour = {numbers.back(), numbers.back(), numbers.back()};
    if (word == "rg" && count > 2) look.colour = {numbers[count - 3], numbers[count - 2], numbers[count - 1]};
    if (word == "k" && count > 3) {
      const double key = 1 - numbers[count - 1];
      look.colour = {(1 - numbers[count - 4]) * key, (1 - numbers[count - 3]) * key, (1 - numbers[count - 2]) * key};
    }
    numbers.clear();
  }
  return look;
}

bool is_blank(char32_t c) { return c <= ' ' || c == 0xa0 || c == 0x3000; }
/// As wide as our font has it, in its size.
double width_of(char32_t c) { return c < 0x100 || (c >= 0xff61 && c <= 0xff9f) ? 0.5 : 1; }
double width_of(std::u32string_view line) {
  double width = 0;
  for (const char32_t c : line) width += width_of(c);
  return width;
}

/// Broken where a line would be wider, if it can be behind a blank.
std::vector<std::u32string> lines_of(std::string_view text, double width) {
  std::vector<std::u32string> lines(1);
  double so_far = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = utf8_next(text, at);
    if (c == '\n' || c == '\r') {
      if (c == '\r' && text.substr(at).starts_with('\n')) ++at;
      lines.emplace_back();
      so_far = 0;
      continue;
    }
    std::u32string &line = lines.back() += c;
    so_far += width_of(c);
    if (line.size() < 2 || is_blank(c) || so_far <= width) continue;
    const std::size_t blank = line.find_last_of(U' ');
    const std::size_t end = c < 0x100 && blank != line.npos ? blank + 1 : line.size() - 1;
    std::u32string rest = line.substr(end);
    line.resize(end);
    so_far = width_of(rest);
    lines.push_back(std::move(rest));
  }
  return lines;
}

} // namespace

Appearances::~Appearances() {
  if (font_) engine_.close_font(font_);
}

void Appearances::give(pdfium::Page page, PageAnnotations &annotations) {
  if (!engine_.draws_annotations) return;
  room_ = most_drawn;
  std::erase_if(annotations.undrawn, [&](const PageAnnotations::Undrawn &one) {
    pdfium::Annotation annotation = engine_.annotation(page, one.index);
    if (!annotation) return false;
    content_.clear();
    const bool has_text = one.shown < annotations.shown.size();
    const bool whole = has_text ? put_text(annotation, one.look, annotations.shown[one.shown]) : put_lines(annotation, one.type);
    if (!content_.empty()) {
      const std::vector<unsigned short> wide(content_.c_str(), content_.c_str() + content_.size() + 1);
      engine_.set_appearance(annotation, 0, wide.data());
    }
    engine_.close_annotation(annotation);
    return whole;
  });
}

/// Whether this is all there is to it.  How wide BS has a line, and what LE has at its ends, the engine does not say.
bool Appearances::put_lines(pdfium::Annotation annotation, int type) {
  std::vector<pdfium::Point> points;
  if (is_seen_through(engine_, annotation)) return false;
  if (type == pdfium::line) {
    points.resize(2);
    if (!engine_.line_ends(annotation, &points[0], &points[1])) return false;
  } else if (type == pdfium::polygon || type == pdfium::polyline) {
    points.resize(std::min<std::size_t>(engine_.vertices(annotation, nullptr, 0), room_ + 1));
    if (points.empty() || points.size() > room_ || engine_.vertices(annotation, points.data(), points.size()) != points.size()) return false;
    room_ -= points.size();
  } else {
    return false;
  }
  float horizontal = 0, vertical = 0, width = 1;
  const bool has_border = engine_.has_key(annotation, "Border") && engine_.annotation_border(annotation, &horizontal, &vertical, &width);
  const Colour line = colour_of(engine_, annotation, 0), fill = colour_of(engine_, annotation, 1);
  const bool may_be_filled = type == pdfium::polygon && engine_.has_key(annotation, "IC");
  const bool is_filled = may_be_filled && fill != black; // which may be none
  put(content_, {line.red, line.green, line.blue}, "RG");
  if (is_filled) put(content_, {fill.red, fill.green, fill.blue}, "rg");
  put(content_, {has_border ? width : 1}, "w");
  for (const pdfium::Point &point : points)
    put(content_, {point.x, point.y}, &point == &points.front() ? "m" : "l");
  const bool is_stroked = !has_border || width > 0;
  content_ += !is_stroked ? (is_filled ? "f" : "n") : type != pdfium::polygon ? "S" : is_filled ? "b" : "s";
  return may_be_filled == is_filled && std::ranges::none_of(std::array{"BS", "LE", "BE", "Cap"}, [&](const char *key) { return engine_.has_key(annotation, key) != 0; });
}

bool Appearances::put_text(pdfium::Annotation annotation, std::string_view entry, const PageAnnotations::Shown &text) {
  if (!font()) return false;
  const auto [left, right] = std::minmax(text.place.left, text.place.right);
  const auto [bottom, top] = std::minmax(text.place.bottom, text.place.top);
  Look look = look_in(entry);
  const double edge = std::min({2.0, (right - left) / 8.0, (top - bottom) / 8.0});
  const double wide = right - left - 2 * edge, high = top - bottom - 2 * edge;
  constexpr double least = 4, apart = 1.2;
  std::vector<std::u32string> lines = lines_of(text.text, wide / look.size);
  while (look.size > least && static_cast<double>(lines.size()) * look.size * apart > high + look.size * 0.2) {
    look.size = std::max(least, look.size * 0.9);
    lines = lines_of(text.text, wide / look.size);
  }
  const Colour fill = colour_of(engine_, annotation, 0);
  if (engine_.has_key(annotation, "C") && (fill != black || look.colour.is_light()) && !is_seen_through(engine_, annotation)) {
    put(content_, {fill.red, fill.green, fill.blue}, "rg");
    put(content_, {left, bottom, right - left, top - bottom}, "re f");
  }
  put(content_, {look.colour.red, look.colour.green, look.colour.blue}, "rg");
  float place = 0; // Q: left, in the middle, right
  (void)engine_.annotation_number(annotation, "Q", &place);
  bool whole = engine_.has_key(annotation, "CL") == 0;
  double y = top - edge - look.size * 0.88;
  for (const std::u32string &line : lines) {
    const double rest = wide - width_of(line) * look.size;
    double x = left + edge + (place == 1 ? rest / 2 : place == 2 ? rest : 0);
    whole = whole && y >= bottom;
    for (const char32_t c : line) {
      if (!is_blank(c)) {
        const std::string outline = room_ > 0 ? outline_of(c) : std::string();
        room_ -= room_ > 0;
        whole = whole && !outline.empty() && outline != missing_;
        content_ += "q ";
        put(content_, {look.size, 0, 0, look.size, x, y}, "cm");
        content_.append(outline).append("f Q\n");
      }
      x += width_of(c) * look.size;
    }
    y -= look.size * apart;
  }
  return whole;
}

/// In units of the font's size; empty where it has none.
std::string Appearances::outline_of(char32_t character) {
  std::string outline;
  const pdfium::GlyphPath path = engine_.glyph_path(font(), character, 1);
  const int count = path ? engine_.count_glyph_segments(path) : 0;
  unsigned points = 0; // of curves
  for (int i = 0; i < count; ++i) {
    const pdfium::PathSegment segment = engine_.glyph_segment(path, i);
    float x = 0, y = 0;
    if (!segment || !engine_.segment_point(segment, &x, &y)) return {};
    const int type = engine_.segment_type(segment);
    put(outline, {x, y}, type == line_to ? "l" : type != curve_to ? "m" : ++points % 3 == 0 ? "c" : "");
  }
  return outline;
}

pdfium::Font Appearances::font() {
  constexpr int true_type = 2;
  const Bytes file = font_ ? Bytes() : gothic_font();
  if (file.empty()) return font_;
  font_ = engine_.load_font(document_, file.data(), static_cast<unsigned>(file.size()), true_type, 1);
  if (font_) missing_ = outline_of(0);
  return font_;
}

} // namespace sekisho::rebuild
