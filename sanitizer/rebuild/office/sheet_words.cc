// Words and numbers of workbooks (ISO/IEC 29500-1 §18).
#include "base/text.hh"
#include "base/utf8.hh"
#include "sanitizer/rebuild/office/number_words.hh"
#include "sanitizer/rebuild/office/office_text.hh"
#include "sanitizer/rebuild/plain_text.hh"
#include "sanitizer/text/run_marks.hh"

#include <fmt/format.h>
#include <unordered_set>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

namespace sekisho::rebuild {
namespace {

/// ISO/IEC 29500-1 §22.9.2.19: "_x000D_" is a character that XML cannot hold, "_x005F_" the underscore before what only looks so.
std::string without_escapes(std::string_view text) {
  constexpr std::size_t size = 7;
  const auto code_at = [&](std::size_t at) -> std::optional<char32_t> {
    std::uint32_t code = 0;
    const std::string_view escape = text.substr(std::min(at, text.size()), size);
    if (escape.size() != size || !escape.starts_with("_x") || escape[6] != '_') return {};
    const auto [end, error] = std::from_chars(escape.data() + 2, escape.data() + 6, code, 16);
    return error == std::errc() && end == escape.data() + 6 ? std::optional(char32_t{code}) : std::nullopt;
  };
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    std::optional<char32_t> code = text[at] == '_' ? code_at(at) : std::nullopt;
    std::size_t taken = size;
    if (code && *code >= 0xd800 && *code < 0xdc00)
      if (const std::optional<char32_t> low = code_at(at + size); low && *low >= 0xdc00 && *low < 0xe000) {
        code = 0x10000 + ((*code - 0xd800) << 10) + (*low - 0xdc00);
        taken = 2 * size;
      }
    if (code && ((*code >= 0xd800 && *code < 0xe000) || *code == 0xfffe || *code == 0xffff)) code.reset();
    if (!code) {
      plain += text[at++];
      continue;
    }
    at += taken;
    if (*code == '\r' && text.substr(at).starts_with('\n')) continue;
    utf8_append(plain, *code < ' ' ? U' ' : *code);
  }
  return plain;
}

/// A string of runs, without its reading (§18.4).
class RichString {
public:
  /// False: nothing in the element is read.
  bool start(std::string_view name, const std::string &value) {
    if (name == "rPh") return false;
    if (name == "r") look_ = {};
    if (name == "strike") look_.struck = is_on(value);
    if (name == "vertAlign") look_.raised = value == "superscript";
    return true;
  }
  void put(std::string_view escaped) {
    const std::string text = without_escapes(escaped);
    text_ += marks_.before(text, look_);
    text_ += text;
  }
  std::string take() {
    text_ += marks_.end();
    look_ = {};
    return std::exchange(text_, {});
  }

private:
  text::Look look_;
  text::RunMarks marks_;
  std::string text_;
};

/// The strings that cells share.
class SharedStrings : public PartWords {
public:
  std::vector<std::string> strings;

private:
  bool start(std::string_view name) override {
    in_text_ = name == "t";
    return string_.start(name, value("val"));
  }
  void end(std::string_view name) override {
    in_text_ = false;
    if (name == "si") strings.push_back(string_.take());
  }
  void text(std::string_view text) override {
    if (in_text_) string_.put(text);
  }
  RichString string_;
  bool in_text_ = false;
};

/// The last three count beyond a day, an hour, a minute.
enum class Shown : std::uint8_t { number, date, time, hours, minutes, seconds };

Shown shown_as(std::string_view code) {
  bool quoted = false, has_hours = false, has_days = false, has_months = false;
  for (std::size_t at = 0; at < code.size(); ++at) {
    const char c = code[at];
    if (c == '"') quoted = !quoted;
    if (c == '\\' || c == '_' || c == '*') ++at;
    if (quoted || c == '\\') continue;
    if (c == '[') { // a colour, a locale, or elapsed time
      const std::size_t end = std::min(code.find(']', at), code.size());
      const std::string_view inside = code.substr(at + 1, end - at - 1);
      if (!inside.empty() && inside.find_first_not_of("hHmMsS") == std::string_view::npos)
        return inside.find_first_of("hH") != inside.npos   ? Shown::hours
               : inside.find_first_of("mM") != inside.npos ? Shown::minutes
                                                           : Shown::seconds;
      at = end;
    } else if (std::string_view("hHsS").find(c) != std::string_view::npos) {
      has_hours = true;
    } else if (c == 'm' || c == 'M') {
      has_months = true; // or minutes
    } else if (code.substr(at).starts_with("a/p")) { // of the day
      at += 2;
    } else if (std::string_view("yYdDga").find(c) != std::string_view::npos) {
      has_days = true;
    } else if (c == 'G') { // "General", "G/標準"
      break;
    }
  }
  if (has_days || (has_months && !has_hours)) return Shown::date;
  return has_hours ? Shown::time : Shown::number;
}

/// Formats built in (§18.8.30), those of Japanese systems among them.
Shown shown_as(unsigned built_in) {
  if (built_in == 46) return Shown::hours;
  const bool time = (built_in >= 18 && built_in <= 21) || built_in == 32 || built_in == 33 || built_in == 45 ||
                    built_in == 47;
  if (time) return Shown::time;
  const bool date = (built_in >= 14 && built_in <= 22) || (built_in >= 27 && built_in <= 36) ||
                    (built_in >= 50 && built_in <= 58);
  return date ? Shown::date : Shown::number;
}

/// Numbers among the formats built in; which currency is meant is not said.
std::string_view code_of(unsigned built_in) {
  switch (built_in) {
  case 1: return "0";
  case 2: return "0.00";
  case 3:
  case 5:
  case 6:
  case 37:
  case 38:
  case 41:
  case 42: return "#,##0";
  case 4:
  case 7:
  case 8:
  case 39:
  case 40:
  case 43:
  case 44: return "#,##0.00";
  case 9: return "0%";
  case 10: return "0.00%";
  default: return "General";
  }
}

struct CellFormat {
  Shown shown = Shown::number;
  NumberFormat number = {};
};

/// What the styles of cells make of a number.
class CellStyles : public PartWords {
public:
  const CellFormat &format(std::string_view style) const {
    static const CellFormat none;
    unsigned index = 0;
    std::from_chars(style.data(), style.data() + style.size(), index);
    return index < cells_.size() ? *cells_[index] : none;
  }
  bool is_struck(std::string_view style) const {
    unsigned index = 0;
    std::from_chars(style.data(), style.data() + style.size(), index);
    return index < fonts_of_cells_.size() && fonts_of_cells_[index] < struck_.size() && struck_[fonts_of_cells_[index]];
  }

private:
  bool start(std::string_view name) override {
    if (name == "cellXfs") in_cells_ = true;
    if (name == "fonts") in_fonts_ = true;
    if (name == "font" && in_fonts_) struck_.push_back(false);
    if (name == "strike" && in_fonts_ && !struck_.empty()) struck_.back() = is_on(value("val"));
    if (name == "numFmt") {
      const std::string code = value("formatCode");
      formats_[number("numFmtId")] = {shown_as(code), NumberFormat(code)};
    }
    if (name == "xf" && in_cells_) {
      const unsigned id = number("numFmtId");
      const auto [format, is_new] = formats_.try_emplace(id);
      if (is_new) format->second = {shown_as(id), NumberFormat(code_of(id))};
      cells_.push_back(&format->second);
      fonts_of_cells_.push_back(number("fontId"));
    }
    return true;
  }
  void end(std::string_view name) override {
    if (name == "cellXfs") in_cells_ = false;
    if (name == "fonts") in_fonts_ = false;
  }
  void text(std::string_view) override {}

  unsigned number(std::string_view name) const {
    const std::string digits = value(name);
    unsigned number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
  }

  std::map<unsigned, CellFormat> formats_; // those that stay where they are
  std::vector<const CellFormat *> cells_;
  std::vector<unsigned> fonts_of_cells_;
  std::vector<bool> struck_; // by font
  bool in_cells_ = false, in_fonts_ = false;
};

/// "26:30", with seconds where there are any.
std::string in_hours(long seconds) {
  std::string time = fmt::format("{}:{:02}", seconds / 3600, seconds / 60 % 60);
  return seconds % 60 == 0 ? time : fmt::format("{}:{:02}", time, seconds % 60);
}

/// A serial number of days (§18.17.4.1): "2026-11-26", "18:30:00", or both.
std::string in_words(double serial, Shown shown, bool from_1904) {
  const long all = std::lround(serial * 86400), seconds = all % 86400;
  long day = all / 86400;
  // A sum of hours whose format is that of a time of day.
  const bool is_sum = shown == Shown::time && day >= 1 && day < 366;
  if (shown == Shown::hours || is_sum) return in_hours(all);
  if (shown == Shown::minutes) return fmt::format("{}分{:02}秒", all / 60, all % 60);
  if (shown == Shown::seconds) return fmt::format("{}秒", all);
  const std::string time =
      fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (day == 0 && (!from_1904 || shown == Shown::time)) return time;
  if (from_1904)
    day += 1462;
  else if (day < 60)
    ++day; // 1900 has a day too many
  // Days since 0000-03-01 to the civil date.
  const long since = day - 25569 + 719468;
  const long era = since / 146097, of_era = since - era * 146097;
  const long year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const long of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const long month = (5 * of_year + 2) / 153;
  const long civil = month < 10 ? month + 3 : month - 9;
  const std::string date = fmt::format("{:04}-{:02}-{:02}", era * 400 + year_of_era + (civil <= 2),
                                       civil, of_year - (153 * month + 2) / 5 + 1);
  return seconds == 0 ? date : date + ' ' + time;
}

std::string number_shown(const std::string &stored, const CellFormat &format, bool from_1904) {
  double number = 0;
  const auto [end, error] = std::from_chars(stored.data(), stored.data() + stored.size(), number);
  if (error != std::errc() || end != stored.data() + stored.size()) return stored;
  if (format.shown != Shown::number)
    return number >= 0 && number < 3'000'000 ? in_words(number, format.shown, from_1904) : stored;
  std::string words = format.number.words(number);
  return words.empty() || starts_formula(words) ? in_shown_digits(stored, number) : words;
}

/// What people wrote into a header or footer (§18.3.1.39): without its codes, and nothing where it only counts pages.
std::string header_words(std::string_view code) {
  std::string words;
  for (std::size_t at = 0; at < code.size(); ++at) {
    if (code[at] != '&' || ++at == code.size()) {
      if (at < code.size()) words += code[at];
      continue;
    }
    const char c = code[at];
    if (c == '&') words += c;
    if (c == 'L' || c == 'C' || c == 'R') words += ' ';
    if (c == '"') at = std::min(code.find('"', at + 1), code.size());
    if (c == 'K') at += 6; // a colour
    if (c >= '0' && c <= '9') at = std::min(code.find_first_not_of("0123456789", at), code.size()) - 1;
  }
  return only_counts_pages(words) ? std::string() : words;
}

class SheetWords : public PartWords {
public:
  SheetWords(TextWriter &out, const SharedStrings &shared, const CellStyles &styles, bool from_1904)
      : out_(out), shared_(shared), styles_(styles), from_1904_(from_1904) {}

private:
  bool start(std::string_view name) override {
    in_value_ = name == "v";
    in_text_ = name == "t";
    in_formula_ = name == "f";
    in_header_ = is_header(name);
    header_.clear();
    has_value_ = has_value_ || in_value_ || name == "is";
    has_formula_ = has_formula_ || in_formula_;
    if (name == "row") start_row();
    if (name == "c") start_cell();
    return name == "c" || string_.start(name, value("val"));
  }
  void end(std::string_view name) override {
    in_value_ = in_text_ = in_formula_ = in_header_ = false;
    if (is_header(name)) put_header();
    if (name == "c") end_cell();
    if (name == "row") end_row();
  }
  void text(std::string_view text) override {
    if (in_value_) value_ += text;
    if (in_formula_) formula_ += text;
    if (in_text_) string_.put(text);
    if (in_header_) header_ += text;
  }

  // Rows and cells say where they stand (§18.3.1.4, §18.3.1.73), or follow one another.

  void start_row() {
    const std::uint32_t said = number_in(value("r"));
    row_said_ = said != 0;
    row_ = row_said_ ? said : row_ + 1;
    column_ = 0;
    cells_.clear();
    words_.clear();
  }
  void start_cell() {
    type_ = value("t");
    style_ = value("s");
    value_.clear();
    formula_.clear();
    has_value_ = has_formula_ = false;
    const std::string place = value("r");
    std::size_t letters = 0;
    std::uint32_t said = 0;
    for (; letters < place.size() && place[letters] >= 'A' && place[letters] <= 'Z' && said <= most_columns; ++letters)
      said = said * 26 + static_cast<std::uint32_t>(place[letters] - 'A' + 1);
    column_ = said != 0 && said <= most_columns ? said : column_ + 1;
    if (row_said_) return;
    if (const std::uint32_t row = number_in(std::string_view(place).substr(letters)); row != 0) row_ = row;
  }
  void end_cell() {
    const std::string string = string_.take(); // of no other cell do programs read it
    if (type_ == "inlineStr") value_ = string;
    std::string words = shown();
    if (words.empty() && has_formula_ && !(has_value_ && type_ == "str")) { // whose value may be no words
      out_.note_field(true, false);
      if (!formula_.empty()) words.append("=").append(formula_);
    }
    if (words.empty()) return;
    if (styles_.is_struck(style_)) words = "[-" + words + "-]";
    if (!out_.has_room(words_.size() + words.size())) return;
    cells_.push_back({column_, words_.size(), words.size()});
    words_ += words;
  }
  void end_row() {
    std::stable_sort(cells_.begin(), cells_.end(), [](const Cell &a, const Cell &b) { return a.column < b.column; });
    std::uint32_t column = 0;
    for (auto cell = cells_.begin(); cell != cells_.end();) {
      out_.open_cell();
      out_.close_cell(cell->column - column - 1);
      column = cell->column;
      out_.open_cell();
      for (; cell != cells_.end() && cell->column == column; ++cell) {
        out_.put(std::string_view(words_).substr(cell->start, cell->size));
        out_.line_break(); // where two say that they stand there
      }
      out_.close_cell();
    }
    out_.close_row_of(row_);
  }
  static std::uint32_t number_in(std::string_view digits) {
    std::uint32_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
  }

  static bool is_header(std::string_view name) {
    return name != "headerFooter" && (name.ends_with("Header") || name.ends_with("Footer"));
  }
  void put_header() {
    out_.order_rows();
    out_.put(sekisho::trimmed(header_words(without_escapes(header_))));
    out_.end_paragraph();
  }

  std::string in_format(const std::string &text) const {
    const std::string words = text.empty() ? std::string() : styles_.format(style_).number.words_of_text(text);
    return words.empty() || starts_formula(words) ? text : words;
  }
  std::string shown() const {
    if (type_ == "s") {
      std::size_t index = 0;
      const auto [end, error] =
          std::from_chars(value_.data(), value_.data() + value_.size(), index);
      return error == std::errc() && index < shared_.strings.size() ? in_format(shared_.strings[index]) : "";
    }
    if (type_ == "str") return in_format(without_escapes(value_));
    if (type_ == "inlineStr") return in_format(value_);
    if (type_ == "b") return value_ == "0" ? "FALSE" : "TRUE";
    return !type_.empty() && type_ != "n" ? value_ : number_shown(value_, styles_.format(style_), from_1904_);
  }

  static constexpr std::uint32_t most_columns = 16'384;
  struct Cell {
    std::uint32_t column = 0;
    std::size_t start = 0, size = 0; // of its words, in words_
  };

  TextWriter &out_;
  const SharedStrings &shared_;
  const CellStyles &styles_;
  bool from_1904_, in_value_ = false, in_text_ = false, in_formula_ = false, in_header_ = false, row_said_ = false,
       has_value_ = false, has_formula_ = false;
  std::uint32_t row_ = 0, column_ = 0;
  RichString string_;
  std::string type_, style_, value_, formula_, header_;
  std::vector<Cell> cells_; // of the row, those that say something
  std::string words_;       // theirs
};

/// Remarks of a sheet, each behind its cell.
class Remarks : public PartWords {
public:
  explicit Remarks(TextWriter &out) : out_(out) {}

private:
  bool start(std::string_view name) override {
    if (name == "authors") return false;
    if (name == "comment") out_.put(value("ref") + ": ");
    in_text_ = name == "t";
    return string_.start(name, value("val"));
  }
  void end(std::string_view name) override {
    in_text_ = false;
    if (name != "comment") return;
    out_.put(string_.take());
    out_.end_paragraph();
  }
  void text(std::string_view text) override {
    if (in_text_) string_.put(text);
  }
  TextWriter &out_;
  RichString string_;
  bool in_text_ = false;
};

struct SheetEntry {
  std::string name, id;
};
class Workbook : public PartWords {
public:
  std::vector<SheetEntry> sheets;
  bool from_1904 = false;

private:
  bool start(std::string_view name) override {
    if (name == "sheet") sheets.push_back({without_escapes(value("name")), value("r:id")});
    if (name == "workbookPr") from_1904 = value("date1904") == "1" || value("date1904") == "true";
    return true;
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}
};

/// Numbers of the shapes that a drawing has.
class Shapes : public PartWords {
public:
  std::unordered_set<std::string> numbers;

private:
  bool start(std::string_view name) override {
    if (name == "xdr:cNvPr") numbers.insert(value("id"));
    return true;
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}
};

/// Those that no drawing of the sheet has.
bool labels_of(const WrittenPart &sheet, const std::vector<WrittenPart> &parts, TextWriter &out) {
  if (sheet.labels.empty()) return true;
  Shapes drawn;
  for (const ooxml::Relation &beside : sheet.relations)
    if (parts[beside.part].kind->relation == "drawing" && !drawn.read(parts[beside.part].xml)) return false;
  out.line_break();
  for (const VmlLabel &label : sheet.labels) {
    if (drawn.numbers.contains(label.shape)) continue;
    out.put(label.text);
    out.end_paragraph();
  }
  return true;
}

/// Text in boxes and shapes, in diagrams and charts.  `shown`: by part; each is read once, whatever names it.
bool shapes_of(const WrittenPart &sheet, const std::vector<WrittenPart> &parts, std::vector<bool> &shown,
               TextWriter &out) {
  for (const ooxml::Relation &beside : sheet.relations) {
    const WrittenPart &drawing = parts[beside.part];
    if (drawing.kind->relation != "drawing" || shown[beside.part]) continue;
    shown[beside.part] = true;
    out.line_break();
    if (!drawing_words(drawing.xml, out, sheet.controls)) return false;
    for (const ooxml::Relation &inside : drawing.relations) {
      const bool is_chart = parts[inside.part].kind->relation == "chart";
      if ((!is_chart && parts[inside.part].kind->relation != "diagramData") || shown[inside.part]) continue;
      shown[inside.part] = true;
      const std::string &xml = parts[inside.part].xml;
      if (!(is_chart ? chart_words(xml, out) : drawing_words(xml, out))) return false;
    }
  }
  return labels_of(sheet, parts, out);
}

} // namespace

std::string words_of_number(const std::string &stored, const std::string &code, bool from_1904) {
  return number_shown(stored, {shown_as(code), NumberFormat(code)}, from_1904);
}

bool workbook_words(const std::vector<WrittenPart> &parts, TextWriter &out) {
  Workbook workbook;
  SharedStrings shared;
  CellStyles styles;
  if (!workbook.read(parts[0].xml)) return false;
  for (const ooxml::Relation &relation : parts[0].relations) {
    const WrittenPart &part = parts[relation.part];
    if (part.kind->relation == "sharedStrings" && !shared.read(part.xml)) return false;
    if (part.kind->relation == "styles" && !styles.read(part.xml)) return false;
  }
  out.guard_formulas();
  std::vector<bool> shown(parts.size());
  for (const SheetEntry &entry : workbook.sheets)
    for (const ooxml::Relation &relation : parts[0].relations) {
      if (relation.id != entry.id) continue;
      const WrittenPart &sheet = parts[relation.part];
      out.heading(entry.name);
      if (!SheetWords(out, shared, styles, workbook.from_1904).read(sheet.xml)) return false;
      out.order_rows();
      if (!shapes_of(sheet, parts, shown, out)) return false;
      for (const ooxml::Relation &beside : sheet.relations)
        if (parts[beside.part].kind->relation == "comments" &&
            !Remarks(out).read(parts[beside.part].xml))
          return false;
    }
  return true;
}

} // namespace sekisho::rebuild
