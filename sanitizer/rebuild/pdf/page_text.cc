#include "sanitizer/rebuild/pdf/page_text.hh"

#include "base/utf8.hh"
#include "sanitizer/text/clean.hh"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <tuple>

namespace sekisho::rebuild {
namespace {

constexpr double descent = 0.12; // share of a character's box below its baseline
constexpr int outline = 1, invisible = 3, outline_and_clip = 5, clip = 7; // FPDF_TEXTRENDERMODE_…
constexpr int text_object = 1, image_object = 3, shading_object = 4, form_object = 5; // FPDF_PAGEOBJ_…
constexpr int most_objects = 20'000;
constexpr std::size_t most_pictures = 100;   // more are looked at as one
constexpr std::size_t most_placed = 20'000;  // characters beside which a field is looked for
constexpr std::size_t most_others = 500;     // words beside which those that the file gives for them stand
constexpr std::size_t most_of_field = 2'000; // characters of a field's in the layer
constexpr std::string_view words_of_picture = "[このページには、画像に重ねた見えない文字(読み取り結果など)を含みます]";
constexpr double line_of_field = 1200;       // 1/100 point: a field much higher has several lines

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

std::size_t characters_of(std::string_view text) {
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++characters)
    utf8_next(text, at);
  return characters;
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
    const std::optional<Box> box = whole_box(index);
    return box && has_middle(*box) ? box : std::nullopt;
  }
  /// Draws the page, so that it is known what of its text is seen; afterwards its drawing has none.  False where that
  /// cannot be done.
  bool draw(const PageSight::Draw &draw) {
    modes_.reserve(static_cast<std::size_t>(size_));
    for (int i = 0; i < size_; ++i)
      modes_.push_back(static_cast<std::int8_t>(engine_.character_mode(text_, i)));
    sight_ = PageSight::of(engine_, page_, draw);
    return sight_.has_value();
  }
  /// Whether nobody sees it.
  bool is_hidden(int index) {
    const std::optional<Box> box = whole_box(index);
    if (box && (box->right < 0 || box->left > width_ || box->top < 0 || box->bottom > height_)) return true;
    if (sight_) return is_out_of_sight(index);
    return engine_.reads_modes && engine_.character_mode(text_, index) == invisible && !is_on(pictures(), source_box(index));
  }
  /// Whether some that is not seen itself was taken for the words of a picture.
  bool has_words_of_picture() const { return has_words_of_picture_; }
  std::optional<Box> place(const pdfium::Rectangle &r) const {
    const std::optional<Box> box = on_page(Box{r.left, r.bottom, r.right, r.top});
    return box && has_middle(*box) ? box : std::nullopt;
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
  /// Where a character of level text stands on its line.
  std::optional<Point> base(int index) const {
    double x = 0, y = 0;
    if (heading(index) != Heading::right || !engine_.character_origin(text_, index, &x, &y)) return std::nullopt;
    return on_page(x, y);
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
  bool has_middle(const Box &box) const {
    return box.middle() >= 0 && box.middle() <= width_ && box.centre() >= 0 && box.centre() <= height_;
  }
  std::optional<Box> whole_box(int index) const {
    Box box = source_box(index);
    for (double *side : {&box.left, &box.bottom, &box.right, &box.top})
      *side = std::clamp(*side, -most, most); // further away is beside the page all the same
    return on_page(box);
  }
  bool is_out_of_sight(int index) {
    const Box box = source_box(index);
    const PageSight::Place place{box.left, box.bottom, box.right, box.top};
    const int mode = modes_[static_cast<std::size_t>(index)];
    const bool painted = mode != invisible && mode != clip;
    if (painted && sight_->shows_text(place)) return false;
    if (mode == clip && is_on(clipped(), box) && sight_->shows_edges(place)) return false; // painted through its letters
    if (is_on(painted ? scans() : pictures(), box) && sight_->shows_more(place)) {
      has_words_of_picture_ = true;
      return false;
    }
    return !painted || !sight_->could_show(place, colour(index, mode));
  }
  std::array<unsigned, 3> colour(int index, int mode) const {
    std::array<unsigned, 3> rgb{};
    unsigned alpha = 0;
    const auto read = mode == outline || mode == outline_and_clip ? engine_.character_outline : engine_.character_colour;
    (void)read(text_, index, &rgb[0], &rgb[1], &rgb[2], &alpha);
    return rgb;
  }
  static bool is_on(const std::vector<Box> &pictures, const Box &box) {
    return std::ranges::any_of(pictures, [&](const Box &picture) {
      return box.middle() >= picture.left && box.middle() <= picture.right && box.centre() >= picture.bottom &&
             box.centre() <= picture.top;
    });
  }
  const std::vector<Box> &pictures() {
    if (!pictures_) find_pictures();
    return *pictures_;
  }
  /// Pictures over at least half of the page: text may lie behind.
  const std::vector<Box> &scans() {
    if (!pictures_) find_pictures();
    return scans_;
  }
  /// What is drawn through a clip, other than text.
  const std::vector<Box> &clipped() {
    if (!pictures_) find_pictures();
    return clipped_;
  }
  /// In the page's own coordinates; what holds others counts as one.
  void find_pictures() {
    std::vector<Box> &pictures = pictures_.emplace();
    const double half = double{engine_.page_width(page_)} * engine_.page_height(page_) / 2;
    const int count = engine_.count_objects(page_);
    if (count > most_objects) {
      pictures = {Box{-most, -most, most, most}};
      return;
    }
    for (int i = 0; i < count; ++i) {
      pdfium::PageObject object = engine_.page_object(page_, i);
      const int type = object ? engine_.object_type(object) : 0;
      float left = 0, bottom = 0, right = 0, top = 0;
      if (!object || !engine_.object_bounds(object, &left, &bottom, &right, &top)) continue;
      const Box box{left, bottom, right, top};
      pdfium::ClipPath through = type == text_object || clipped_.size() == most_pictures ? nullptr : engine_.clip_path(object);
      if (through && engine_.count_clip_paths(through) >= 0) clipped_.push_back(box); // none where text alone cuts
      if (type != image_object && type != shading_object && type != form_object) continue;
      if (type == image_object && box.width() * box.height() >= half && scans_.size() < most_pictures) scans_.push_back(box);
      if (pictures.size() < most_pictures)
        pictures.push_back(box);
      else
        pictures.back().add(box);
    }
  }
  std::optional<Point> on_page(double x, double y) const {
    int device_x = 0, device_y = 0;
    if (!(std::abs(x) <= most && std::abs(y) <= most) ||
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

  static constexpr double most = 1e6;

  const pdfium::Engine &engine_;
  pdfium::Page page_;
  pdfium::Text text_;
  int width_, height_;
  int size_;
  std::optional<std::vector<Box>> pictures_; // once they are asked for
  std::vector<Box> scans_, clipped_;
  std::vector<std::int8_t> modes_; // of the characters, once the page was drawn
  std::optional<PageSight> sight_;
  bool has_words_of_picture_ = false;
};

/// Beside which character or run of a line something stands.
struct Spot {
  std::size_t index = 0;
  bool before = false;
};

/// A field follows the nearest at its left; a box to be ticked stands before what is close at its right.
std::optional<Spot> spot_of(const Box &place, bool is_ticked, const std::vector<Box> &things) {
  std::optional<Spot> left, right;
  for (std::size_t i = 0; i < things.size(); ++i) {
    const Box &thing = things[i];
    const double size = thing.height();
    if (place.height() > 3 * size || std::abs(thing.centre() - place.centre()) > place.height() / 2) continue;
    if (thing.right <= place.left + size / 2 && (!left || thing.right >= things[left->index].right))
      left = Spot{i, false};
    if (is_ticked && thing.left >= place.right - size / 2 && thing.left <= place.right + 2 * size &&
        (!right || thing.left < things[right->index].left))
      right = Spot{i, true};
  }
  return right ? right : left;
}

bool is_tick(const PageAnnotations::Shown &one) {
  return one.text == "☑" || one.text == "☐";
}

std::string in_one_line(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
  return text;
}

/// What comes in somewhere, and in which order there: behind what stands before it, then before what stands behind it.
template <class What> struct Insertion {
  std::size_t at = 0;
  bool before = false;
  double left = 0;
  What what;
};
template <class What> void put_in_order(std::vector<Insertion<What>> &all) {
  const auto key = [](const Insertion<What> &one) { return std::tuple(one.at, one.before, one.left); };
  std::ranges::stable_sort(all, [&](const auto &a, const auto &b) { return key(a) < key(b); });
}

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
    const std::size_t characters = characters_of(text);
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

/// As one line, in the middle of one that is no higher than three; over no more than its width.
std::optional<TextRun> run_of(const PageAnnotations::Shown &one, const Box &place, const TextPage &page) {
  text::Findings findings;
  TextRun run;
  run.text = text::clean_line(in_one_line(one.text), findings);
  std::size_t end = 0, characters = 0;
  for (; end < run.text.size() && characters < most_of_field; ++characters)
    utf8_next(run.text, end);
  run.text.resize(end);
  if (characters == 0) return {};
  const auto within = [](double value, int least, int most) {
    return static_cast<std::uint32_t>(std::clamp<double>(std::round(value), least, most));
  };
  const bool several_lines = place.height() > 3 * line_of_field;
  const double height = std::min(place.height(), line_of_field);
  run.height = within(height, 1, page.height());
  run.advance = within(std::min(place.width() / static_cast<double>(characters), height), 1, page.width());
  run.x = within(place.left, 0, page.width());
  const double below = several_lines ? place.top - height : place.centre() - height / 2;
  run.y = within(below + descent * height, 0, page.height());
  return run;
}

std::vector<TextRun> with_annotations(std::vector<TextRun> runs, const PageAnnotations &annotations,
                                      const TextPage &page) {
  std::vector<Box> boxes;
  for (const TextRun &run : runs) {
    const double x = run.x, y = run.y, height = run.height;
    const bool level = run.way == TextRun::Way::right;
    boxes.push_back(level ? Box{x, y, x + run.advance * static_cast<double>(characters_of(run.text)), y + height}
                          : Box{x, y, x, y}); // beside a column nothing is looked for
  }
  std::vector<Insertion<TextRun>> fields;
  for (const PageAnnotations::Shown &one : annotations.shown) {
    const std::optional<Box> place = page.place(one.place);
    std::optional<TextRun> run = place ? run_of(one, *place, page) : std::nullopt;
    if (!run) continue;
    const std::optional<Spot> spot = spot_of(*place, is_tick(one), boxes);
    const bool before = spot && spot->before;
    if (spot) run->y = runs[spot->index].y;
    fields.push_back({!spot ? runs.size() : spot->index + (before ? 0 : 1), before, place->left, std::move(*run)});
  }
  put_in_order(fields);
  std::vector<TextRun> all;
  const auto put = [&](TextRun run, bool is_apart) {
    if (is_apart && !all.empty() && all.back().y == run.y && !all.back().text.ends_with(' ')) all.back().text += ' ';
    all.push_back(std::move(run));
  };
  auto field = fields.begin();
  for (std::size_t i = 0; i <= runs.size(); ++i) {
    const bool any = field != fields.end() && field->at == i;
    for (; field != fields.end() && field->at == i; ++field)
      put(std::move(field->what), true);
    if (i < runs.size()) put(std::move(runs[i]), any);
  }
  return all;
}

/// The text of a page with the place of each character that has one.
class PlainText {
public:
  explicit PlainText(TextPage &page) : page_(page) {}

  void read() {
    bool dropped = false; // and nothing seen behind it
    for (int index = 0; index < page_.size();) {
      const int here = index;
      const char32_t c = page_.character(index);
      if (c == 0x02) last_.reset(); // a word divided at the line's end goes on
      if (c == 0 || c == '\r' || c == 0x02) continue;
      const bool is_space = c <= ' ' || c == 0xa0 || c == 0x3000;
      if (!is_space && page_.is_hidden(here)) {
        hidden_ = dropped = true;
        continue;
      }
      if (is_space && dropped && begins_line()) continue;
      dropped = dropped && is_space;
      if (is_space) {
        utf8_append(between_, c);
        continue;
      }
      const std::optional<Box> box = page_.box(here);
      go_on_at(box, page_.base(here), c);
      const std::size_t begin = text_.size();
      utf8_append(text_, c);
      if (!box || boxes_.size() == most_placed) continue;
      boxes_.push_back(*box);
      ends_.push_back({begin, text_.size()});
    }
    text_ += between_;
  }
  void put(const PageAnnotations &annotations, const std::vector<OtherWords> &others) {
    std::vector<Insertion<std::string>> fields;
    std::string behind;
    for (const OtherWords &other : others) {
      const std::optional<Box> place = others.size() > most_others ? std::nullopt : page_.place(other.place);
      const std::optional<std::size_t> at = place ? end_of_words(*place) : std::nullopt;
      const std::string words = " [= " + in_one_line(other.said) + ']';
      if (at)
        fields.push_back({*at, false, 0, words});
      else
        behind += '\n' + in_one_line(other.drawn) + words;
    }
    for (const PageAnnotations::Shown &one : annotations.shown) {
      const std::optional<Box> place = page_.place(one.place);
      const std::optional<Spot> spot = place ? spot_of(*place, is_tick(one), boxes_) : std::nullopt;
      if (!spot)
        behind += '\n' + on_its_own(one);
      else if (spot->before)
        fields.push_back({ends_[spot->index].begin, true, place->left, in_one_line(with_value(one)) + ' '});
      else
        fields.push_back({ends_[spot->index].end, false, place->left, ' ' + in_one_line(with_value(one))});
    }
    put_in_order(fields);
    std::string all;
    std::size_t done = 0;
    for (const Insertion<std::string> &field : fields) {
      all += std::string_view(text_).substr(done, field.at - done);
      done = field.at;
      all += field.what;
      const bool goes_on = done < text_.size() && static_cast<unsigned char>(text_[done]) > ' ';
      if (goes_on && !all.ends_with(' ')) all += ' ';
    }
    text_ = all + text_.substr(done) + behind;
    for (const std::string &remark : annotations.remarks)
      text_ += "\n[注釈: " + in_one_line(remark) + "]";
  }
  PlainPage take() {
    if (page_.has_words_of_picture()) text_ = std::string(words_of_picture) + '\n' + text_;
    return {.text = std::move(text_), .hidden = hidden_};
  }

private:
  struct Place {
    Box box;
    Point base;
    char32_t character;
  };
  bool begins_line() const { return between_.empty() ? text_.empty() || text_.ends_with('\n') : between_.ends_with('\n'); }

  static bool is_digit_of(const Place &place) { return place.character >= '0' && place.character <= '9'; }
  void go_on_at(const std::optional<Box> &box, const std::optional<Point> &base, char32_t c) {
    std::optional<Place> place;
    if (box && base) place = Place{*box, *base, c};
    text_ += last_ && place ? between(*last_, *place) : between_;
    between_.clear();
    last_ = place;
  }
  /// The engine breaks lines beside single characters, and leaves rows of them in one line.  Its order stays, and its
  /// lines where text goes downwards or to the left, and around small print beside a line.
  std::string between(const Place &last, const Place &next) const {
    const bool broken = between_.find('\n') != between_.npos;
    const double size = std::max(last.box.height(), next.box.height()), drop = std::abs(next.base.y - last.base.y);
    const double gap = next.box.left - last.box.right;
    if (drop >= size / 2) {
      const bool beside = !similar(last.box.height(), next.box.height()) && drop < size;
      const bool column = is_wide(last.character) && is_wide(next.character) && std::abs(last.box.middle() - next.box.middle()) < 0.3 * size &&
                          std::abs(last.box.bottom - next.box.top) < 0.3 * size;
      return broken || beside || column ? between_ : "\n";
    }
    if (next.box.left < last.box.left - size) return between_;
    const bool spelt = !broken && characters_of(between_) > 1; // blanks of the page itself
    if (gap > 2 * size && !spelt) return "\t";
    const bool raised = drop > size / 10 && is_digit_of(last) && is_digit_of(next);
    if (raised && (between_.empty() || broken)) return " "; // 100 with the note 1 is not 1001
    return !broken ? between_ : gap > 0.15 * size ? " " : "";
  }

  /// Behind the last character in `place`.
  std::optional<std::size_t> end_of_words(const Box &place) const {
    for (std::size_t i = boxes_.size(); i-- > 0;)
      if (boxes_[i].middle() >= place.left && boxes_[i].middle() <= place.right && boxes_[i].centre() >= place.bottom - boxes_[i].height() / 4 &&
          boxes_[i].centre() <= place.top + boxes_[i].height() / 4)
        return ends_[i].end;
    return {};
  }
  static std::string with_value(const PageAnnotations::Shown &one) {
    return one.value.empty() ? one.text : one.text + " [= " + one.value + ']';
  }
  static std::string on_its_own(const PageAnnotations::Shown &one) {
    if (one.name.empty()) {
      std::string text = with_value(one);
      std::replace(text.begin(), text.end(), '\r', '\n');
      return text;
    }
    return is_tick(one) ? one.text + ' ' + one.name : one.name + ": " + in_one_line(with_value(one));
  }

  struct Range {
    std::size_t begin, end;
  };
  TextPage &page_;
  std::string text_;
  std::string between_; // what the engine has behind the last character
  std::optional<Place> last_;
  std::vector<Box> boxes_;
  std::vector<Range> ends_; // of the same characters
  bool hidden_ = false;
};

} // namespace

std::vector<TextRun> read_text(const pdfium::Engine &engine, pdfium::Page page, double width, double height,
                               const PageAnnotations &annotations, bool *hidden) {
  if (!engine.reads_text || !page) return {};
  TextPage text(engine, page, width, height);
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
    } else if (text.is_hidden(here)) {
      runs.end();
      if (hidden) *hidden = true;
    } else if (const std::optional<Box> box = text.box(here)) {
      runs.add(c, *box, text.heading(here));
    } else {
      runs.end();
    }
  }
  if (annotations.shown.empty()) return runs.take();
  return with_annotations(runs.take(), annotations, text);
}

std::optional<PlainPage> plain_text_of(const pdfium::Engine &engine, pdfium::Page page, const PageAnnotations &annotations,
                                       const std::vector<OtherWords> &others, const PageSight::Draw &draw, bool layers) {
  if (!engine.reads_text || !page) return PlainPage{};
  const auto side = [](float points) { return points > 1 ? std::min<double>(points, 14400) : 1.0; };
  const bool layers_off = layers && take_off_layers(engine, page, draw);
  TextPage text(engine, page, side(engine.page_width(page)), side(engine.page_height(page)));
  if (engine.compares_text && text.size() > 0 && !text.draw(draw)) return {};
  PlainText plain(text);
  plain.read();
  plain.put(annotations, others);
  PlainPage result = plain.take();
  result.hidden = result.hidden || layers_off || annotations.hidden;
  result.remarks = !annotations.remarks.empty();
  result.cut = annotations.cut;
  result.ambiguous = annotations.ambiguous || !others.empty();
  result.pictures = annotations.pictures;
  result.undrawn = std::ranges::any_of(annotations.undrawn, [&](const auto &one) { return one.shown >= annotations.shown.size(); });
  return result;
}

} // namespace sekisho::rebuild
