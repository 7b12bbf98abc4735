// The words of office documents, read from parts that filter() wrote: names are ours then, and what
// the plan takes out is out.  Private to rebuild.
#pragma once

#include "base/result.hh"
#include "sanitizer/rebuild/office/ooxml_filter.hh"
#include "sanitizer/rebuild/office/vml_labels.hh"
#include "sanitizer/rebuild/office/xml_scanner.hh"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sekisho::rebuild {

struct Words {
  std::string text;
  bool marked = false; // a cell that a spreadsheet would run has an apostrophe
  bool field_empty = false; // some field's result is not there, and nothing else says its words
  bool field_undrawn = false; // nor does LibreOffice make them
  bool ambiguous = false; // of a cell the words and its value are two things; both are there
};

/// Lines, and tables with a TAB between cells.  What is in a cell is one line.
class TextWriter {
public:
  explicit TextWriter(std::size_t most) : most_(most) {}

  void put(std::string_view text); // line ends and TABs in it are spaces
  void line_break();
  void end_paragraph() { line_break(); }
  void tab();
  /// A line of its own, an empty one before it.
  void heading(std::string_view text);

  void open_cell();
  /// Empty cells at the end of a row, and empty rows, say nothing.  `otherwise`: where nothing was
  /// put.
  void close_cell(std::size_t times = 1, std::string_view otherwise = {});
  void close_row(std::size_t times = 1);
  /// A row that gets its place among those like it by order_rows(); until then nothing else is put.
  void close_row_of(std::uint32_t number);
  void order_rows();
  /// Whether so many octets could still be put; if not, there is no text.
  bool has_room(std::size_t octets);
  bool in_cell() const { return cells_open_ > 0; }
  /// In a sheet: a cell, or what else a spreadsheet would take for one, gets an apostrophe before it where it would be
  /// run, as in CSV.
  void guard_formulas() { guards_ = true; }

  void note_field(bool empty, bool undrawn) { field_empty_ = field_empty_ || empty, field_undrawn_ = field_undrawn_ || undrawn; }

  /// Errors: part-too-big.
  Result<Words, Reason> take();

private:
  struct Row {
    std::uint32_t number = 0;
    std::size_t start = 0, size = 0; // in out_
  };

  void end_field();

  std::size_t most_;
  std::string out_, row_;
  std::vector<Row> rows_; // to be put in order
  std::size_t cell_start_ = 0, gap_ = 0;
  std::size_t field_start_ = 0; // of what stands in no cell, behind a line end or TAB
  unsigned cells_open_ = 0;
  bool row_has_cell_ = false, guards_ = false, marked_ = false, too_big_ = false, field_empty_ = false, field_undrawn_ = false;
};

/// A part read in one pass; whoever derives looks at names as our writer writes them.
class PartWords {
public:
  virtual ~PartWords() = default;
  /// False where it is not XML.
  bool read(std::string_view xml);

protected:
  /// False: nothing in it is read, and no end() comes.
  virtual bool start(std::string_view name) = 0;
  virtual void end(std::string_view name) = 0;
  virtual void text(std::string_view text) = 0;
  /// Of the element that starts; empty where it is not there.
  std::string value(std::string_view name) const;

private:
  XmlScanner *scanner_ = nullptr;
};

/// What controls of forms show beside their labels, "☑" say, by the number of their shape.
using ControlMarks = std::unordered_map<std::string, std::string_view>;

struct WrittenPart {
  const ooxml::PartKind *kind = nullptr;
  std::string xml; // empty: a picture
  std::vector<ooxml::Relation> relations;
  ControlMarks controls = {}; // of a sheet
  std::vector<VmlLabel> labels = {}; // of it; a drawing may have them too
};

/// `parts`: the main part first; relations count in them.  Errors: part-too-big (above `most`
/// octets), part-malformed.
Result<Words, Reason> ooxml_words(ooxml::Family family, const std::vector<WrittenPart> &parts,
                                  std::size_t most);
/// Of a workbook, into `out`.
bool workbook_words(const std::vector<WrittenPart> &parts, TextWriter &out);
/// Of its shapes; false where it is not XML.
bool drawing_words(std::string_view xml, TextWriter &out, const ControlMarks &controls = {});
/// Its titles, and a table of its numbers; false where it is not XML.
bool chart_words(std::string_view xml, TextWriter &out);
/// A number as a cell of this format shows it; `stored` where it is none.
std::string words_of_number(const std::string &stored, const std::string &code, bool from_1904);
using Charts = std::unordered_map<std::string, std::string_view>; // parts by what names them, "./Object 1"
/// `body`: element of the body.
Result<Words, Reason> odf_words(std::string_view body, std::string_view content,
                                std::string_view styles, const Charts &charts, std::size_t most);

/// Whether a header or footer, without its fields, says no more than "Page 1 of 2".
bool only_counts_pages(std::string_view words);

/// Of a property that is there: no value says yes.
inline bool is_on(const std::string &value) { return value.empty() || ooxml::is_true(value); }

} // namespace sekisho::rebuild
