// What the printed pages of a document leave out though it is hidden nowhere: notes of slides, cells outside the areas
// that are printed.  Read from parts that filter() wrote.  Private to rebuild.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sekisho::rebuild {

/// Whether the notes of a slide (p:notes) say anything.
bool says_notes(std::string_view notes_slide);

/// Whether slides have such notes, or sheets cells outside their print ranges: of a content.xml.
bool is_partly_unprinted(std::string_view odf_content);

struct CellArea {
  std::size_t top, bottom, left, right; // from 0; the last ones included
  bool holds(const CellArea &other) const {
    return other.top >= top && other.bottom <= bottom && other.left >= left && other.right <= right;
  }
};
using CellAreas = std::vector<CellArea>;

struct PrintedSheet {
  std::string id;  // of its relationship
  CellAreas areas; // none: all of it
};
std::vector<PrintedSheet> printed_sheets(std::string_view workbook);
/// Whether a sheet has cells outside, with something in them.
bool has_cells_outside(std::string_view worksheet, const CellAreas &areas);

} // namespace sekisho::rebuild
