// Tables of data: their columns are kept, where HTML leaves places empty or lets a cell reach over several.  What makes a
// page's layout, long cells, pictures, tables in tables, is left as it was written.  Private to text.
#pragma once

#include "sanitizer/text/html_output.hh"

#include <bitset>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::text {

class HtmlTable {
public:
  static constexpr unsigned max_columns = 64;

  void begin_row();
  void begin_cell(unsigned columns, unsigned rows);
  /// `text`: what was written since its beginning, which stands at `start` of the output.
  void end_cell(std::string_view text, std::size_t start);
  void end_row();
  /// <thead>, <tbody>: cells of rows above end here.
  void end_group() { reaching_.clear(); }
  void holds_table() { is_layout_ = true; }

  /// At the table's end: its rows are written anew, " | " for each place that other rows have too, "〃" where a cell reaches
  /// down from above.  `budget`: how many of both, taken off it.  Linear in what was written of the table.
  void write_columns(HtmlOutput &out, unsigned &budget);

private:
  static constexpr std::size_t above = static_cast<std::size_t>(-1);
  struct Piece { // what a reader sees at one place
    unsigned column;
    std::size_t start, end; // in the output; `above`: of a cell in a row above
  };
  struct Reaching {
    unsigned rows = 0; // into which the cell still reaches
    bool seen = false; // it holds something
  };
  using Row = std::vector<Piece>;

  void pass_reaching();
  std::string written_anew(const Row &row, std::string_view written, std::size_t start) const;

  std::vector<Row> rows_;
  std::vector<Reaching> reaching_, of_row_; // by column: from rows above; from this one on
  std::bitset<max_columns> used_;
  unsigned column_ = 0, width_ = 1, height_ = 1;
  std::size_t pieces_ = 0, rows_of_several_ = 0;
  bool is_layout_ = false, in_row_ = false;
};

} // namespace sekisho::text
