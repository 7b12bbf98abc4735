// Words of ODF documents (OASIS ODF 1.3 part 3).
#include "base/text.hh"
#include "sanitizer/rebuild/office/office_text.hh"
#include "sanitizer/rebuild/office/shown_value.hh"
#include "sanitizer/text/run_marks.hh"

#include <algorithm>
#include <charconv>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace sekisho::rebuild {
namespace {

constexpr std::size_t most_repeated = 1'048'576; // rows of a sheet
constexpr unsigned most_parents = 16; // of a style; they may go round

/// What styles say of the look of words, by family and name (part 3, 16.29).  Only of the parts they stand in.
class StyleLooks {
public:
  void begin(std::string_view family, std::string_view name, std::string_view parent) {
    here_ = &styles_[key(family, name)];
    *here_ = {.parent = std::string(parent)};
  }
  void end() { here_ = nullptr; }
  void say(std::string_view line, std::string_view position) {
    if (!here_) return;
    if (!line.empty()) here_->struck = line != "none";
    if (!position.empty())
      here_->raised = position.starts_with("super") ||
                      (position.find('%') != position.npos && position.find_first_of("123456789") == 0);
  }

  /// `around` as it is changed by a style or, where that says nothing, by those it is derived from; `common`: where
  /// those that are not here stand, may be null.
  text::Look look(std::string_view family, std::string_view name, text::Look around, StyleLooks *common) {
    const Style *style = find(family, name, common);
    return style ? text::Look{style->struck.value_or(around.struck), style->raised.value_or(around.raised)} : around;
  }

private:
  struct Style {
    std::optional<bool> struck = {}, raised = {};
    std::string parent = {};
    bool whole = false; // has what it is derived from
  };
  static std::string key(std::string_view family, std::string_view name) {
    return std::string(family) + '/' + std::string(name);
  }
  /// Null where there is none.
  const Style *find(std::string_view family, std::string_view name, StyleLooks *common, unsigned depth = 0) {
    const auto found = styles_.find(key(family, name));
    if (found == styles_.end()) return common ? common->find(family, name, nullptr, depth) : nullptr;
    Style &style = found->second;
    if (style.whole) return &style;
    style.whole = true;
    const bool derived = !style.parent.empty() && depth < most_parents;
    const Style *parent = derived ? find(family, style.parent, common, depth + 1) : nullptr;
    if (parent && !style.struck) style.struck = parent->struck;
    if (parent && !style.raised) style.raised = parent->raised;
    return &style;
  }

  std::unordered_map<std::string, Style> styles_;
  Style *here_ = nullptr;
};

class StyledPart : public PartWords {
protected:
  bool learn_style(std::string_view name) {
    if (name == "style:style")
      styles_.begin(value("style:family"), value("style:name"), value("style:parent-style-name"));
    if (name != "style:text-properties") return true;
    const std::string line = value("style:text-line-through-style");
    styles_.say(line.empty() ? value("style:text-line-through-type") : line, value("style:text-position"));
    return true;
  }
  void end_style(std::string_view name) {
    if (name == "style:style") styles_.end();
  }
  StyleLooks styles_;
};

/// The styles that have names of people's choosing, not those of headers beside them.
class CommonStyles : public StyledPart {
public:
  StyleLooks *looks() { return &styles_; }

private:
  bool start(std::string_view name) override {
    if (name == "office:automatic-styles" || name == "office:master-styles") return false;
    return learn_style(name);
  }
  void end(std::string_view name) override { end_style(name); }
  void text(std::string_view) override {}
};

class Reading : public StyledPart {
public:
  /// `from`: the element in which words are read; `common`: styles of another part, may be null.
  Reading(std::string_view from, std::string_view body, TextWriter &out, StyleLooks *common = nullptr)
      : from_(from), body_(body), out_(out), common_(common) {}
  /// Of master pages only these, and of them what slides show: under a heading, without what they say themselves.
  void only_masters(const std::unordered_set<std::string> &masters) {
    masters_ = &masters;
    heading_ = "マスター / master";
  }
  /// Behind the sheet, slide or document that they stand in.
  void read_charts(const Charts &charts) { charts_ = charts; }
  /// Whether all of those that were read are XML.
  bool charts_well() const { return charts_well_; }
  /// Whether some cell's words are not its value.
  bool ambiguous() const { return ambiguous_; }
  const std::unordered_set<std::string> &masters_used() const { return masters_used_; }

private:
  static bool is_cell(std::string_view name) {
    return name == "table:table-cell" || name == "table:covered-table-cell";
  }
  static bool is_paragraph(std::string_view name) {
    return name == "text:p" || name == "text:h" || name == "presentation:footer-decl";
  }
  std::size_t number(std::string_view name, std::size_t most) const {
    const std::string digits = value(name);
    std::size_t number = 1;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return std::min(number, most);
  }

  bool start(std::string_view name) override {
    if (name == from_) reading_ = true;
    if (!reading_) return learn_style(name);
    if (name.ends_with("-source") || name == "table:content-validations" || name == "svg:title" ||
        name == "svg:desc" || name == "dc:date" || name == "meta:date-string" ||
        name == "meta:creator-initials" || name == "table:tracked-changes" ||
        name == "office:change-info" || name == "presentation:date-time-decl" ||
        name == "presentation:header-decl" || (masters_ && !is_on_slides(name)))
      return false;
    if (is_paragraph(name)) {
      if (paragraphs_++ > 0 && note_goes_on_) out_.put(" ");
      note_goes_on_ = false;
      after_space_ = true;
    }
    if (is_aside(name)) ++asides_;
    if (has_look(name)) looks_.push_back(look_of(name));
    if (name == "text:s" || name == "text:tab") after_space_ = false;
    if (name == "text:line-break") after_space_ = true;
    if (name == "text:s") out_.put(std::string(number("text:c", 1000), ' '));
    if (name == "text:tab") out_.tab();
    if (name == "text:line-break") out_.line_break();
    if (name == "text:list-item") list_item_ = true;
    if (is_paragraph(name) && list_item_) {
      out_.put("- ");
      list_item_ = false;
    }
    if (name == "text:note") out_.put("[");
    if (name == "text:note-body") out_.put(": ");
    if (name == "text:ruby-text") out_.put("(");
    if (name == "office:annotation") out_.put("[* ");
    if (name == "dc:creator") ++paragraphs_;
    if (name == "text:deletion") out_.put("[-");
    if (name == "text:change-start") out_.put("[+");
    start_page(name);
    start_table(name);
    if (name == "draw:object") charts_here_.push_back(value("xlink:href"));
    return true;
  }

  // Looks, by the names of styles that stand before the words.

  static bool has_look(std::string_view name) { return name == "text:span" || is_paragraph(name) || is_cell(name); }
  text::Look look_of(std::string_view name) {
    const bool cell = is_cell(name);
    const std::string_view family = cell ? "table-cell" : name == "text:span" ? "text" : "paragraph";
    return styles_.look(family, value(cell ? "table:style-name" : "text:style-name"),
                        looks_.empty() ? text::Look{} : looks_.back(), common_);
  }

  /// Of what a master page holds.
  bool is_on_slides(std::string_view name) const {
    if (name == "style:master-page") return masters_->contains(value("style:name"));
    if (name == "presentation:notes" || name == "style:handout-master" || name == "text:page-number") return false;
    const std::string holds_place = value("presentation:class");
    return holds_place.empty() || holds_place == "header" || holds_place == "footer" || holds_place == "date-time" ||
           holds_place == "page-number";
  }

  void start_page(std::string_view name) {
    if (name == "draw:page") masters_used_.insert(value("draw:master-page-name"));
    if (body_ != "office:presentation" && body_ != "office:drawing") return;
    if (name == "draw:page") out_.heading(std::to_string(++page_));
    if (name == "presentation:notes") out_.heading(std::to_string(page_) + " (ノート / notes)");
  }

  void start_table(std::string_view name) {
    if (name == "table:table" && body_ == "office:spreadsheet" && !out_.in_cell())
      out_.heading(value("table:name"));
    if (name == "table:table-row" && !out_.in_cell())
      rows_ = number("table:number-rows-repeated", most_repeated);
    if (!is_cell(name)) return;
    if (!out_.in_cell()) {
      cells_ = number("table:number-columns-repeated", most_repeated);
      said_.clear();
      type_ = value("office:value-type");
      const bool plain = type_ == "float" || type_ == "percentage" || type_ == "currency";
      value_ = type_.empty() ? "" : value(plain ? "office:value" : "office:" + type_ + "-value");
      const std::string formula = value("table:formula"); // "of:=…"; a text of no words is a value
      const std::size_t start = formula.find('=');
      formula_ = value_.empty() && type_ != "string" ? formula.substr(start == formula.npos ? 0 : start) : "";
    }
    out_.open_cell();
  }

  bool has_words() const { return said_.find_first_not_of(" \n\t") != said_.npos; }
  /// Behind words that are not the value, which programs show, the value; the formula where there is neither.
  void end_value() {
    if (!formula_.empty() && !has_words()) {
      out_.put(formula_);
      out_.note_field(true, false);
    }
    if (body_ != "office:spreadsheet" || value_.empty() || !has_words() || shows_value(type_, value_, said_))
      return;
    out_.put("[= " + value_ + "]");
    ambiguous_ = true;
  }

  /// What stands in a cell and is not its value.
  static bool is_aside(std::string_view name) {
    return name == "office:annotation" || name == "text:ruby-text" || name == "text:note" || name.starts_with("draw:");
  }

  void put_charts() {
    for (const std::string &href : std::exchange(charts_here_, {})) {
      const auto chart = charts_.find(href);
      if (chart == charts_.end()) continue;
      out_.line_break();
      charts_well_ = Reading(from_, "office:chart", out_).read(chart->second) && charts_well_;
      charts_.erase(chart); // each is read once
    }
  }

  void end(std::string_view name) override {
    if (name == from_ || name == "draw:page" || (name == "table:table" && body_ == "office:spreadsheet" && !out_.in_cell())) put_charts();
    if (name == from_) reading_ = false;
    end_style(name);
    if (!reading_) return;
    if (is_aside(name)) --asides_;
    if (is_paragraph(name)) out_.put(marks_.end());
    if (has_look(name)) looks_.pop_back();
    if (is_paragraph(name)) {
      --paragraphs_;
      if (paragraphs_ == 0 || out_.in_cell()) out_.end_paragraph();
      note_goes_on_ = paragraphs_ > 0 && !out_.in_cell();
    }
    if (name == "text:note" || name == "office:annotation") {
      out_.put("]");
      note_goes_on_ = false;
    }
    if (name == "text:ruby-text") out_.put(")");
    if (name == "dc:creator") {
      --paragraphs_;
      out_.put(": ");
    }
    if (name == "text:deletion") {
      out_.put("-]");
      out_.line_break();
    }
    if (name == "text:change-end") out_.put("+]");
    if (is_cell(name) && asides_ == 0) end_value();
    if (is_cell(name)) out_.close_cell(cells_, value_);
    if (name == "table:table-row") out_.close_row(rows_);
  }

  /// Only paragraphs, names of writers and what is in them: white space between elements says
  /// nothing.
  void text(std::string_view text) override {
    if (!reading_ || paragraphs_ == 0) return;
    std::string once; // white space in a row is one space, and none at the beginning (6.1.2)
    for (const char c : text) {
      const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
      if (!space)
        once += c;
      else if (!after_space_)
        once += ' ';
      after_space_ = space;
    }
    if (!heading_.empty() && once.find_first_not_of(' ') != once.npos) out_.heading(std::exchange(heading_, {}));
    out_.put(marks_.before(once, looks_.empty() ? text::Look{} : looks_.back()));
    out_.put(once);
    if (asides_ == 0 && out_.in_cell()) said_ += once;
  }

  std::string_view from_, body_;
  TextWriter &out_;
  bool reading_ = false, list_item_ = false, note_goes_on_ = false, after_space_ = false;
  unsigned paragraphs_ = 0, page_ = 0, asides_ = 0;
  std::size_t rows_ = 1, cells_ = 1;
  std::string type_, value_, formula_, said_; // of a cell
  bool ambiguous_ = false;
  const std::unordered_set<std::string> *masters_ = nullptr;
  std::unordered_set<std::string> masters_used_;
  std::string heading_; // before the first words
  StyleLooks *common_;
  Charts charts_;
  std::vector<std::string> charts_here_; // named, and not yet read
  bool charts_well_ = true;
  std::vector<text::Look> looks_; // of what is open
  text::RunMarks marks_;
};

/// What people wrote into headers and footers of sheets; nothing of one that only counts pages and names the sheet.
class SheetHeaders : public PartWords {
public:
  explicit SheetHeaders(TextWriter &out) : out_(out) {}

private:
  static bool is_header(std::string_view name) { return name.starts_with("style:header") || name.starts_with("style:footer"); }
  bool start(std::string_view name) override {
    if (name == "office:styles" || name == "office:automatic-styles" || name == "office:font-face-decls") return false;
    if (is_header(name)) {
      if (value("style:display") == "false") return false;
      words_.clear();
    }
    if (name == "text:p") ++paragraphs_;
    if (name == "text:p" || name == "text:s" || name == "text:tab" || name == "text:line-break") words_ += ' ';
    constexpr std::string_view fields[] = {"text:sheet-name", "text:page-number", "text:page-count", "text:title", "text:date", "text:time", "text:file-name"};
    return std::ranges::find(fields, name) == std::end(fields);
  }
  void end(std::string_view name) override {
    if (name == "text:p") --paragraphs_;
    if (!is_header(name) || only_counts_pages(words_)) return;
    out_.put(sekisho::trimmed(words_));
    out_.end_paragraph();
  }
  void text(std::string_view text) override {
    if (paragraphs_ > 0) words_ += text;
  }
  TextWriter &out_;
  std::string words_;
  unsigned paragraphs_ = 0;
};

} // namespace

Result<Words, Reason> odf_words(std::string_view body, std::string_view content,
                                std::string_view styles, const Charts &charts, std::size_t most) {
  TextWriter out(most);
  if (body == "office:spreadsheet") out.guard_formulas();
  CommonStyles common;
  if (!styles.empty() && !common.read(styles)) return fail(Reason::part_malformed);
  Reading reading("office:body", body, out, common.looks());
  reading.read_charts(charts);
  if (!reading.read(content) || !reading.charts_well()) return fail(Reason::part_malformed);
  if (body == "office:spreadsheet" && !styles.empty()) {
    out.line_break();
    if (!SheetHeaders(out).read(styles)) return fail(Reason::part_malformed);
  }
  if (body == "office:text" && !styles.empty()) { // headers and footers
    out.line_break();
    if (!Reading("office:master-styles", body, out).read(styles)) return fail(Reason::part_malformed);
  }
  if (body == "office:presentation" && !styles.empty()) {
    Reading masters("office:master-styles", body, out);
    masters.only_masters(reading.masters_used());
    if (!masters.read(styles)) return fail(Reason::part_malformed);
  }
  Result<Words, Reason> words = out.take();
  if (words) words->ambiguous = reading.ambiguous();
  return words;
}

} // namespace sekisho::rebuild
