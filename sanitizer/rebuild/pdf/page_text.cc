#include "sanitizer/rebuild/pdf/page_text.hh"

#include "base/utf8.hh"
#include "sanitizer/text/clean.hh"

#include <algorithm>
#include <cmath>
#include <optional>

namespace sekisho::rebuild {
namespace {

constexpr double descent = 0.12; // share of a character's box below its baseline

enum class Heading { right, down, up, other };

struct Point {
  double x = 0, y = 0;
};

/// Mostly on the page as shown, 1/100 point, y upwards.
struct Box {
  double left = 0, bottom = 0, right = 0, top = 0;
  double width() const { return right - left; }
  double height() const { return top - bottom; }
  double middle() const { return (left + right) / 2; }
  double centre() const { return (bottom + top) / 2; }
  bool operator==(const Box &) const = default;
  void add(const Box &other) {
    left = std::min(left, other.left);
    bottom = std::min(bottom, other.bottom);
    right = std::max(right, other.right);
    top = std::max(top, other.top);
  }
};

/// Full-width characters; kept apart from others, so that a run's are about equally wide.
bool is_wide(char32_t c) {
  return (c >= 0x2e80 && c < 0xff61) || (c >= 0xffe0 && c <= 0xffe6) || c >= 0x20000;
}

/// Whether something of size `a` and something of size `b` may stand in one line.
bool similar(double a, double b) {
  return a < 1.5 * b && b < 1.5 * a;
}

class TextPage {
public:
  TextPage(const pdfium::Engine &engine, pdfium::Page page, double width, double height)
      : engine_(engine), page_(page), text_(engine.load_text(page)),
        width_(static_cast<int>(std::lround(width * 100))),
        height_(static_cast<int>(std::lround(height * 100))),
        size_(text_ ? std::max(engine.count_characters(text_), 0) : 0) {}
  TextPage(const TextPage &) = delete;
  ~TextPage() {
    if (text_) engine_.close_text(text_);
  }

  int size() const { return size_; }
  /// The character at `index`, which moves behind it: two places for a surrogate pair.
  char32_t character(int &index) const {
    const char32_t c = engine_.character(text_, index++);
    if (c < 0xd800 || c > 0xdfff || index >= size()) return c;
    const char32_t next = engine_.character(text_, index);
    if (c > 0xdbff || next < 0xdc00 || next > 0xdfff) return 0;
    ++index;
    return 0x10000 + ((c - 0xd800) << 10) + (next - 0xdc00);
  }
  /// Nothing for a character whose middle is not on the page.
  std::optional<Box> box(int index) const {
    const std::optional<Box> box = on_page(source_box(index));
    if (!box || box->middle() < 0 || box->middle() > width_ || box->centre() < 0 ||
        box->centre() > height_)
      return std::nullopt;
    return box;
  }
  /// Where the text goes at a character, seen on the page as shown.
  Heading heading(int index) const {
    double x = 0, y = 0;
    pdfium::Matrix m;
    if (!engine_.character_origin(text_, index, &x, &y) ||
        !engine_.character_matrix(text_, index, &m))
      return Heading::other;
    const double length = std::hypot(m.a, m.b);
    if (!(length > 0)) return Heading::other;
    const std::optional<Point> from = on_page(x, y);
    const std::optional<Point> to = on_page(x + 10 * m.a / length, y + 10 * m.b / length);
    if (!from || !to) return Heading::other;
    const double dx = to->x - from->x, dy = to->y - from->y;
    if (dx > 10 * std::abs(dy)) return Heading::right;
    if (-dy > 10 * std::abs(dx)) return Heading::down;
    return dy > 10 * std::abs(dx) ? Heading::up : Heading::other;
  }
  int width() const { return width_; }
  int height() const { return height_; }

private:
  /// In the page's own coordinates.  The engine knows the height of a line only where it is level;
  /// elsewhere it follows from the font's size.
  Box source_box(int index) const {
    pdfium::Matrix m;
    if (!engine_.character_matrix(text_, index, &m)) return {0, 0, NAN, NAN};
    pdfium::Rectangle r;
    if (std::abs(m.b) < 0.01 * std::abs(m.a) && engine_.character_box(text_, index, &r))
      return {std::min(r.left, r.right), std::min(r.bottom, r.top), std::max(r.left, r.right),
              std::max(r.bottom, r.top)};
    Box box;
    double x = 0, y = 0;
    if (!engine_.glyph_box(text_, index, &box.left, &box.right, &box.bottom, &box.top) ||
        !engine_.character_origin(text_, index, &x, &y))
      return {0, 0, NAN, NAN};
    if (std::abs(m.a) > 0.01 * std::abs(m.b)) return box;
    const double size = engine_.font_size(text_, index) * std::hypot(m.c, m.d);
    const double up = m.b > 0 ? -size : size; // towards the tops of letters
    box.left = std::min(x - descent * up, x + (1 - descent) * up);
    box.right = std::max(x - descent * up, x + (1 - descent) * up);
    return box;
  }
  std::optional<Point> on_page(double x, double y) const {
    constexpr double most = 1e6;
    int device_x = 0, device_y = 0;
    if (!(std::abs(x) < most && std::abs(y) < most) ||
        !engine_.page_to_device(page_, 0, 0, width_, height_, 0, x, y, &device_x, &device_y))
      return std::nullopt;
    return Point{static_cast<double>(device_x), static_cast<double>(height_) - device_y};
  }
  std::optional<Box> on_page(const Box &source) const {
    const std::optional<Point> a = on_page(source.left, source.bottom);
    const std::optional<Point> b = on_page(source.right, source.top);
    if (!a || !b) return std::nullopt;
    return Box{std::min(a->x, b->x), std::min(a->y, b->y), std::max(a->x, b->x),
               std::max(a->y, b->y)};
  }

  const pdfium::Engine &engine_;
  pdfium::Page page_;
  pdfium::Text text_;
  int width_, height_;
  int size_;
};

/// Gathers characters that stand one beside the other, or one below the other, into runs.
class Runs {
public:
  using Way = TextRun::Way;
  explicit Runs(const TextPage &page) : page_(page) {}

  void add(char32_t c, const Box &box, Heading heading) {
    const std::optional<Way> way = way_to(c, box, heading);
    if (!way) end();
    way_ = way.value_or(heading == Heading::down ? Way::down
                        : heading == Heading::up ? Way::up
                                                 : Way::right);
    wide_ = is_wide(c);
    heading_ = heading;
    box_ = count_ == 0 ? box : box_;
    box_.add(box);
    last_ = box;
    utf8_append(text_, c);
    ++count_;
  }
  /// The space itself belongs to the run, but not to its length.
  void space() { end(" "); }

  void end(std::string_view behind = "") {
    text::Findings findings;
    std::string text = text::clean_line(text_, findings);
    const std::size_t characters = count_;
    text_.clear();
    count_ = 0;
    if (characters == 0 || text.empty()) return;
    runs_.push_back(place(std::move(text), behind));
  }
  std::vector<TextRun> take() {
    end();
    return std::move(runs_);
  }

private:
  /// How the run goes on to a character; nothing where it does not.
  std::optional<Way> way_to(char32_t c, const Box &box, Heading heading) const {
    if (count_ == 0) return std::nullopt;
    if (box == last_) return way_; // a ligature's second letter
    if (heading != heading_ || is_wide(c) != wide_) return std::nullopt;
    const bool in_line = similar(box.height(), last_.height()) &&
                         std::abs(box.centre() - last_.centre()) < 0.3 * last_.height();
    const bool in_column = similar(box.width(), last_.width()) &&
                           std::abs(box.middle() - last_.middle()) < 0.3 * last_.width();
    const auto near = [](double gap, double size) { return std::abs(gap) < 0.3 * size; };
    switch (heading) {
    case Heading::right:
      if (way_ == Way::right && in_line && near(box.left - last_.right, last_.height()))
        return Way::right;
      if ((way_ == Way::down || count_ == 1) && wide_ && in_column && // Japanese columns
          near(last_.bottom - box.top, last_.width()))
        return Way::down;
      return std::nullopt;
    case Heading::down:
      if (in_column && near(last_.bottom - box.top, last_.width())) return Way::down;
      return std::nullopt;
    case Heading::up:
      if (in_column && near(box.bottom - last_.top, last_.width())) return Way::up;
      return std::nullopt;
    default: return std::nullopt;
    }
  }

  TextRun place(std::string text, std::string_view behind) const {
    std::size_t characters = 0;
    for (std::size_t at = 0; at < text.size(); ++characters)
      utf8_next(text, at);
    const auto within = [](double value, int least, int most) {
      return static_cast<std::uint32_t>(std::clamp<double>(std::round(value), least, most));
    };
    const bool level = way_ == Way::right;
    const double length = level ? box_.width() : box_.height();
    const double across = level ? box_.height() : box_.width();
    TextRun run;
    run.way = way_;
    run.advance = within(length / static_cast<double>(characters), 1, page_.width());
    run.height = within(across, 1, page_.height());
    const double below = descent * across; // the baseline is off the box's edge
    run.x = within(way_ == Way::down ? box_.left + below
                   : way_ == Way::up ? box_.right - below
                                     : box_.left,
                   0, page_.width());
    run.y = within(way_ == Way::down ? box_.top
                   : way_ == Way::up ? box_.bottom
                                     : box_.bottom + below,
                   0, page_.height());
    run.text = std::move(text) + std::string(behind);
    return run;
  }

  const TextPage &page_;
  std::vector<TextRun> runs_;
  std::string text_;
  std::size_t count_ = 0;
  bool wide_ = false;
  Way way_ = Way::right;
  Heading heading_ = Heading::other; // of the last character
  Box box_, last_;                   // of the run; of its last character
};

} // namespace

std::vector<TextRun> read_text(const pdfium::Engine &engine, pdfium::Page page, double width,
                               double height) {
  if (!engine.reads_text || !page) return {};
  const TextPage text(engine, page, width, height);
  Runs runs(text);
  const int end = std::min(text.size(), static_cast<int>(most_text_of_page));
  for (int index = 0; index < end;) {
    const int here = index;
    char32_t c = text.character(index);
    if (c == 0x02) c = '-'; // how the engine says that a word was divided
    if (c == ' ' || c == 0xa0 || c == 0x3000) {
      runs.space();
    } else if (c < 0x20) {
      runs.end();
    } else if (const std::optional<Box> box = text.box(here)) {
      runs.add(c, *box, text.heading(here));
    } else {
      runs.end();
    }
  }
  return runs.take();
}

std::string plain_text_of(const pdfium::Engine &engine, pdfium::Page page) {
  if (!engine.reads_text || !page) return {};
  const TextPage text(engine, page, 1, 1);
  std::string plain;
  for (int index = 0; index < text.size();) {
    const char32_t c = text.character(index);
    if (c == 0x02) continue; // a word divided at the line's end goes on
    if (c != 0 && c != '\r') utf8_append(plain, c);
  }
  return plain;
}

} // namespace sekisho::rebuild
