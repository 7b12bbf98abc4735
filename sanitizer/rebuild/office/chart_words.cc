// Titles of charts and of their axes, labels that somebody wrote, and the numbers that are drawn, as the file keeps them beside
// their formulas (ISO/IEC 29500-1 §21.2.2.211, §21.2.2.24, §21.2.2.232).
#include "sanitizer/rebuild/office/office_text.hh"

#include <charconv>
#include <map>
#include <set>
#include <utility>

namespace sekisho::rebuild {
namespace {

constexpr std::size_t most_series = 256, most_points = 20'000; // of a chart
constexpr std::size_t most_code = 1000, most_levels = 4096;    // octets: of a format, of a place with those around it

using Points = std::map<std::uint32_t, std::string>; // by their index

struct Series {
  Points name = {}, places = {}, values = {}, sizes = {};
};

class ChartWords : public PartWords {
public:
  explicit ChartWords(TextWriter &out) : out_(out) {}

  /// A row for each place, a column for each series; series of other places have a table of their own.
  void put_numbers() {
    for (auto first = series_.begin(); first != series_.end();) {
      auto last = first + 1;
      while (last != series_.end() && (last->places.empty() || last->places == first->places)) ++last;
      put_table(first, last);
      first = last;
    }
    if (!cut_) return;
    out_.put("…");
    out_.end_paragraph();
  }

private:
  using At = std::vector<Series>::const_iterator;

  bool start(std::string_view name) override {
    in_title_ = in_title_ || name == "c:title";
    if (name == "a:p" || name == "a:br") between_ = !words_.empty();
    in_text_ = name == "a:t" || (in_title_ && name == "c:v"); // its own words, or those of a cell
    start_points(name);
    return name != "c:txPr";
  }
  void end(std::string_view name) override {
    if (name == "c:v" && points_) end_point();
    in_text_ = in_value_ = in_code_ = false;
    if (name == "c:title") in_title_ = false;
    if (is_beside(name)) --beside_;
    if (name == "c:ser" || points_of(name)) points_ = nullptr;
    if ((name != "c:title" && name != "c:rich") || words_.empty()) return;
    out_.put(words_);
    out_.end_paragraph();
    words_.clear();
    between_ = false;
  }
  void text(std::string_view text) override {
    if (in_value_) value_ += text;
    if (in_code_) code_ += text;
    if (!in_text_) return;
    if (between_) words_ += ' ';
    between_ = false;
    words_ += text;
  }

  // What a series has, and nothing of what is drawn beside it.

  static bool is_beside(std::string_view name) {
    return name == "c:dLbls" || name == "c:trendline" || name == "c:errBars" || name == "c:title";
  }
  Points *points_of(std::string_view name) {
    if (series_.empty() || beside_ > 0) return nullptr;
    Series &series = series_.back();
    if (name == "c:tx") return &series.name;
    if (name == "c:cat" || name == "c:xVal") return &series.places;
    if (name == "c:val" || name == "c:yVal") return &series.values;
    return name == "c:bubbleSize" ? &series.sizes : nullptr;
  }
  void start_points(std::string_view name) {
    if (name == "c:date1904") from_1904_ = is_on(value("val"));
    if (is_beside(name)) ++beside_;
    if (name == "c:ser") {
      points_ = nullptr;
      cut_ = cut_ || series_.size() >= most_series;
      if (!cut_) series_.emplace_back();
    }
    if (Points *const points = cut_ ? nullptr : points_of(name)) points_ = points;
    if (name == "c:numCache" || name == "c:numLit" || name == "c:strCache" || name == "c:strLit") {
      is_number_ = name.starts_with("c:num");
      code_.clear();
    }
    if (name == "c:pt") {
      index_ = 0;
      const std::string digits = value("idx");
      std::from_chars(digits.data(), digits.data() + digits.size(), index_);
      code_of_point_ = value("formatCode");
    }
    in_code_ = points_ && name == "c:formatCode";
    in_value_ = points_ && name == "c:v";
    if (in_value_) value_.clear();
  }
  void end_point() {
    if (value_.empty()) return;
    cut_ = cut_ || ++count_ > most_points;
    if (cut_) return;
    const std::string &code = code_of_point_.empty() ? code_ : code_of_point_;
    const std::string words = is_number_ && code.size() < most_code ? words_of_number(value_, code, from_1904_) : value_;
    std::string &point = (*points_)[index_];
    cut_ = !point.empty() && point.size() + words.size() > most_levels;
    if (!cut_) point = point.empty() ? words : words + ' ' + point; // levels of places come from the inside
  }

  void put_cell(const Points &points, std::uint32_t index) {
    const auto point = points.find(index);
    out_.open_cell();
    if (point != points.end()) out_.put(point->second);
    out_.close_cell();
  }
  static std::string all(const Points &points) {
    std::string words;
    for (const auto &[index, one] : points)
      words += (words.empty() ? "" : " ") + one;
    return words;
  }
  void put_table(At first, At last) {
    const bool has_places = !first->places.empty();
    std::set<std::uint32_t> rows;
    for (const auto &[index, place] : first->places)
      rows.insert(index);
    if (has_places) put_cell({}, 0);
    for (At one = first; one != last; ++one) {
      for (const auto &[index, value] : one->values)
        rows.insert(index);
      for (const Points *column : {&one->values, &one->sizes}) {
        if (column == &one->sizes && column->empty()) continue;
        out_.open_cell();
        if (column == &one->values) out_.put(all(one->name));
        out_.close_cell();
      }
    }
    out_.close_row();
    for (const std::uint32_t index : rows) {
      if (has_places) put_cell(first->places, index);
      for (At one = first; one != last; ++one) {
        put_cell(one->values, index);
        if (!one->sizes.empty()) put_cell(one->sizes, index);
      }
      out_.close_row();
    }
  }

  TextWriter &out_;
  std::string words_;
  bool in_title_ = false, in_text_ = false, between_ = false;
  std::vector<Series> series_;
  Points *points_ = nullptr; // those that are being read
  unsigned beside_ = 0;
  std::uint32_t index_ = 0;
  std::size_t count_ = 0;
  std::string value_, code_, code_of_point_;
  bool in_value_ = false, in_code_ = false, is_number_ = false, from_1904_ = false, cut_ = false;
};

} // namespace

bool chart_words(std::string_view xml, TextWriter &out) {
  ChartWords words(out);
  if (!words.read(xml)) return false;
  words.put_numbers();
  return true;
}

} // namespace sekisho::rebuild
