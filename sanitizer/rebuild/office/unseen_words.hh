// Words of a document that nobody sees where they stand: of the colour of what is behind them, or of next to no size.
// Only what is certain counts.  Read from parts that filter() wrote, in which a name begins a tag wherever '<' stands
// before it.  Private to rebuild.
#pragma once

#include "sanitizer/rebuild/office/style_looks.hh"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::rebuild::ooxml {

/// What the paragraph, cells and tables around a run say of it.
struct Around {
  bool shaded = false;                      // something lies behind it, be it white
  std::optional<std::uint32_t> colour = {}; // of that, where it is known
  bool recoloured = false;                  // by a table, where it does not say itself how it looks
  const WordLooks *paragraph = nullptr;     // by the style

  /// `properties`: w:pPr, w:tcPr, w:tblPrEx or w:tblPr with its content.
  void add(std::string_view properties, const StyleLooks &styles);
};

/// `run`: w:r up to its end tag.  `is_white`: whether there is nothing but paper behind all; asked where it matters.
bool is_unseen_run(std::string_view run, const Around &around, const StyleLooks &styles, const std::function<bool()> &is_white);
/// Content of a run; empty where nothing is left but properties.
std::string content_without_words(std::string_view content);

/// What a shape itself has behind its words.
struct ShapeLooks {
  bool styled = false, filled = false;
  std::string colour = {}; // of its fill, as a tag: "<a:srgbClr val=\"FFFFFF\"/>"; empty: not known
};
/// `properties`: p:spPr with its content.
ShapeLooks looks_of_shape(std::string_view properties);
/// Whether a shape of these properties may lie behind another.
bool has_fill(std::string_view properties);

/// `run`: a:r up to its end tag; `shape`: null: it is in none.  `slide`: colours behind the shape as tags, where they are
/// known; asked where it matters.
bool is_unseen_drawn_run(std::string_view run, const ShapeLooks *shape, const std::function<std::vector<std::string>()> &slide);

/// Whether it is an element of a slide that may lie behind others.
bool paints_itself(std::string_view name);
/// Whether shapes of a layout or master may lie behind others that have no colour.
bool paints(std::string_view shapes);
/// The one colour of its own backdrop as a tag; empty where it has none or another.
std::string colour_of_backdrop(std::string_view slide);

/// What a cell may have for its value, each of its own section of a format (§18.8.31).
enum CellValue : std::uint8_t { positive = 1, negative = 2, zero = 4, words = 8, any_value = 15 };

/// By the number of a format in cellXfs: the values of which nothing is seen.
struct UnseenCells {
  std::vector<std::uint8_t> unprinted; // ";;;" has them all
  std::vector<std::uint8_t> white;     // on nothing, unless the sheet has something else behind it

  unsigned values(std::size_t format, bool may_be_white) const;
};
/// `lt1_is_white`: of the theme.
UnseenCells unseen_cells(std::string_view styles, bool lt1_is_white);

} // namespace sekisho::rebuild::ooxml
