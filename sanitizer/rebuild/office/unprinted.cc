#include "sanitizer/rebuild/office/unprinted.hh"

#include "sanitizer/rebuild/office/office_text.hh"

#include <algorithm>
#include <charconv>
#include <limits>

namespace sekisho::rebuild {
namespace {

constexpr std::size_t everything = std::numeric_limits<std::size_t>::max() / 2;
constexpr std::size_t most_areas = 256, most_sheets = 10'000;

bool has_letters(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") != text.npos;
}

/// Text outside the fields that a page fills in.
class Notes : public PartWords {
public:
  bool found = false;

private:
  bool start(std::string_view name) override {
    in_text_ = name == "a:t";
    return name != "a:fld";
  }
  void end(std::string_view) override { in_text_ = false; }
  void text(std::string_view text) override { found = found || (in_text_ && has_letters(text)); }
  bool in_text_ = false;
};

/// "$B$7", "B", "7"; what is not said leaves its ends as they are.
void read_cell(std::string_view text, std::size_t &row, std::size_t &column) {
  constexpr std::size_t most = 10'000'000;
  std::size_t letters = 0, digits = 0;
  for (const char c : text) {
    const auto letter = static_cast<unsigned>((c & ~0x20) - 'A'), digit = static_cast<unsigned>(c - '0');
    if (letter < 26) letters = std::min(letters * 26 + letter + 1, most);
    if (digit < 10) digits = std::min(digits * 10 + digit, most);
  }
  if (letters > 0) column = letters - 1;
  if (digits > 0) row = digits - 1;
}

/// Of "'A sheet'!$A$1:$B$7", or with "." where ODF has it; also of "$A$1".
CellArea area_of(std::string_view range, char mark) {
  const auto cell_of = [&](std::string_view end) {
    const std::size_t at = end.rfind(mark);
    return at == end.npos ? end : end.substr(at + 1);
  };
  std::size_t colon = range.npos;
  for (std::size_t i = 0, quotes = 0; i < range.size() && colon == range.npos; ++i) {
    quotes += range[i] == '\'';
    if (range[i] == ':' && quotes % 2 == 0) colon = i;
  }
  const std::string_view first = cell_of(range.substr(0, colon));
  const std::string_view last = colon == range.npos ? first : cell_of(range.substr(colon + 1));
  CellArea area{0, everything, 0, everything};
  read_cell(first, area.top, area.left);
  read_cell(last, area.bottom, area.right);
  return area;
}

CellAreas areas_of(std::string_view ranges, char between, char mark) {
  CellAreas areas;
  std::size_t start = 0;
  for (std::size_t i = 0, quotes = 0; i <= ranges.size() && areas.size() < most_areas; ++i) {
    if (i < ranges.size() && ranges[i] == '\'') ++quotes;
    if (i < ranges.size() && (ranges[i] != between || quotes % 2 != 0)) continue;
    const std::string_view range = ranges.substr(start, i - start);
    start = i + 1;
    if (range.find('#') == range.npos && has_letters(range)) areas.push_back(area_of(range, mark)); // "#REF!"
  }
  return areas;
}

bool is_inside(const CellArea &cells, const CellAreas &areas) {
  return std::any_of(areas.begin(), areas.end(), [&](const CellArea &area) { return area.holds(cells); });
}

class Workbook : public PartWords {
public:
  std::vector<PrintedSheet> sheets;

private:
  bool start(std::string_view name) override {
    if (name == "sheet" && sheets.size() < most_sheets) sheets.push_back({value("r:id"), {}});
    in_name_ = name == "definedName" && value("name") == "_xlnm.Print_Area";
    if (in_name_) sheet_ = value("localSheetId");
    ranges_.clear();
    return true;
  }
  void end(std::string_view) override {
    std::size_t sheet = 0;
    const auto [end, error] = std::from_chars(sheet_.data(), sheet_.data() + sheet_.size(), sheet);
    if (in_name_ && error == std::errc() && sheet < sheets.size()) sheets[sheet].areas = areas_of(ranges_, ',', '!');
    in_name_ = false;
  }
  void text(std::string_view text) override {
    if (in_name_) ranges_ += text;
  }
  bool in_name_ = false;
  std::string sheet_, ranges_;
};

class Sheet : public PartWords {
public:
  explicit Sheet(const CellAreas &areas) : areas_(areas) {}
  bool outside = false;

private:
  bool start(std::string_view name) override {
    if (name == "row") {
      row_ = next_row_;
      next_column_ = 0;
      read_cell(value("r"), row_, column_);
      next_row_ = row_ + 1;
    } else if (name == "c") {
      column_ = next_column_;
      read_cell(value("r"), row_, column_);
      next_column_ = column_ + 1;
    } else if (name == "v" || name == "is") {
      outside = outside || !is_inside({row_, row_, column_, column_}, areas_);
    }
    return true;
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}
  const CellAreas &areas_;
  std::size_t row_ = 0, column_ = 0, next_row_ = 0, next_column_ = 0;
};

class Content : public PartWords {
public:
  bool unprinted = false;

private:
  bool start(std::string_view name) override {
    if (name == "presentation:notes") in_notes_ = true;
    if (name == "text:page-number") return false;
    if (name == "table:table" && ++tables_ == 1) start_sheet();
    if (tables_ != 1) return true;
    if (name == "table:table-row") {
      row_ = next_row_;
      next_row_ = row_ + repeated("table:number-rows-repeated");
      column_ = 0;
    } else if (name == "table:table-cell" || name == "table:covered-table-cell") {
      const std::size_t columns = repeated("table:number-columns-repeated");
      cell_ = {row_, next_row_ - 1, column_, column_ + columns - 1};
      column_ += columns;
      if (!value("office:value-type").empty()) look_at_cell();
    }
    return true;
  }
  void end(std::string_view name) override {
    if (name == "presentation:notes") in_notes_ = false;
    if (name == "table:table") --tables_;
  }
  void text(std::string_view text) override { unprinted = unprinted || (in_notes_ && has_letters(text)); }

  void start_sheet() {
    next_row_ = 0;
    areas_ = areas_of(value("table:print-ranges"), ' ', '.');
    printed_ = value("table:print") != "false";
  }
  void look_at_cell() {
    unprinted = unprinted || (areas_.empty() ? !printed_ : !is_inside(cell_, areas_));
  }
  std::size_t repeated(std::string_view name) const {
    const std::string digits = value(name);
    std::size_t number = 1;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return std::clamp<std::size_t>(number, 1, 10'000'000);
  }

  CellAreas areas_;
  CellArea cell_{};
  std::size_t row_ = 0, next_row_ = 0, column_ = 0;
  int tables_ = 0;
  bool in_notes_ = false, printed_ = true;
};

} // namespace

bool says_notes(std::string_view notes_slide) {
  Notes notes;
  return notes.read(notes_slide) && notes.found;
}

bool is_partly_unprinted(std::string_view odf_content) {
  Content content;
  return content.read(odf_content) && content.unprinted;
}

std::vector<PrintedSheet> printed_sheets(std::string_view workbook) {
  Workbook read;
  if (!read.read(workbook)) return {};
  return std::move(read.sheets);
}

bool has_cells_outside(std::string_view worksheet, const CellAreas &areas) {
  Sheet sheet(areas);
  return !areas.empty() && sheet.read(worksheet) && sheet.outside;
}

} // namespace sekisho::rebuild
