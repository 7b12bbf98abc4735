// Words of a document that nobody sees where they stand: of the colour of what is behind them, or of next to no size.
// Only what is certain counts.  Read from parts that filter() wrote, in which a name begins a tag wherever '<' stands
// before it.  Private to rebuild.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace sekisho::rebuild::ooxml {

/// What may lie behind words of a document, beside what the text itself says.
struct PageLooks {
  bool white = false;                           // nothing but paper
  std::unordered_set<std::string> shaded_styles; // whose words have something behind them
};

/// `run`: w:r up to its end tag.  `around`: content of the paragraphs, cells and tables that it stands in, innermost
/// first.  `page`: asked where it matters.
bool is_unseen_run(std::string_view run, const std::vector<std::string_view> &around,
                   const std::function<const PageLooks &()> &page);

/// `run`: a:r up to its end tag; `shape`: content of the p:sp that it is in, so far.  `slide`: the colour behind the shape
/// as a tag, "<a:srgbClr val=\"FFFFFF\"/>", where it is known; asked where it matters.
bool is_unseen_drawn_run(std::string_view run, std::string_view shape,
                         const std::function<std::vector<std::string>()> &slide);

/// Whether shapes of a slide, layout or master (a part of its p:cSld) may lie behind others that have no colour.
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
