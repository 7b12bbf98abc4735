// Rows under headings, aligned by what a terminal shows: a Japanese character is two cells wide.
#pragma once

#include "gateway/cli/colour.hh"

#include <string>
#include <vector>

namespace sekisho::cli {

/// Whether the person reads Japanese: LC_ALL, LC_MESSAGES or LANG begins with "ja".
bool wants_japanese();
/// The one the person reads.
inline std::string_view in_words(std::string_view english, std::string_view japanese) {
  return wants_japanese() ? japanese : english;
}

struct Column {
  std::string_view english, japanese;
  bool is_number = false; // to the right
};

class Table {
public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// As many cells as columns; made safe for a terminal here.
  void add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  /// Headings and rows, a line feed behind each.  The last column is not padded.
  std::string text(const Colours &colours) const;

private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// Cells on a terminal.
std::size_t width_of(std::string_view text);
/// In so many cells, with … for what does not fit.
std::string at_most(std::size_t cells, std::string text);

} // namespace sekisho::cli
