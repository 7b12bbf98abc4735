// As much of CSS as says whether a text is seen and on which lines: what one style declares, and what becomes of the
// elements inside it.
#pragma once

#include "sanitizer/text/css.hh"
#include "sanitizer/text/html_marks.hh"
#include "sanitizer/text/symbol.hh"

#include <cstdint>
#include <string_view>

namespace sekisho::text {

/// 0xrrggbb, or one of those below.
using Colour = std::uint32_t;
constexpr Colour unknown_colour = 0xff000000, inherited_colour = 0xfe000000, transparent = 0xfd000000;
constexpr Colour black = 0, white = 0xffffff, link_blue = 0x0000ee;

/// Unknown where it is none of those that are read.
Colour colour_of(std::string_view lower_value);

/// White space that is seen as it stands: none, line ends alone, all.
enum class Kept : std::uint8_t { none, lines, all };

/// What an element makes of itself in the text around it, by its display.
enum class Box : std::uint8_t { none, word, block };

constexpr std::uint8_t all_opaque = 255;

struct Style {
  enum Property : std::uint64_t {
    display = 1,
    content_visibility = 1 << 1,
    shadow = 1 << 2, // text-shadow: in `hides` where there is none
    opacity = 1 << 3,
    filter = 1 << 4,
    max_height = 1 << 5,
    max_width = 1 << 6,
    height = 1 << 7,
    width = 1 << 8,
    overflow = 1 << 9,
    indent = 1 << 10,
    place = 1 << 11, // left, top: far outside
    positioned = 1 << 12,
    margin = 1 << 13,
    clip = 1 << 14,
    clip_path = 1 << 15,
    transform = 1 << 16,
    visibility = 1 << 17,
    size = 1 << 18,
    relative_size = 1 << 19,
    colour = 1 << 20,
    background = 1 << 21,
    struck = 1 << 22,  // text-decoration: in `hides` where a line goes through it
    raised = 1 << 23,  // vertical-align: in `hides` where it is super
    lowered = 1 << 24, // the same, sub
    font = 1 << 25,    // font-family
    white_space = 1 << 26,
    tight_above = 1 << 27, // margin: in `hides` where there is next to none
    tight_below = 1 << 28,
    padded_above = 1 << 29, // padding: in `hides` where there is some
    padded_below = 1 << 30,
    marks = 1u << 31, // list-style: in `hides` where there are none
    fill = 1ull << 32,   // -webkit-text-fill-color (Compatibility Standard §4)
    showing = 1ull << 33, // background-clip: in `hides` where letters show what is behind them
    spacing = 1ull << 34, // letter-spacing
    scale = 1ull << 35,
  };
  std::uint64_t set = 0;       // properties that are declared
  std::uint64_t hides = 0;     // and those of them that hide
  std::uint64_t important = 0; // and those that are
  Colour text = inherited_colour, behind = inherited_colour, filled = inherited_colour;
  std::uint8_t opaque = all_opaque; // by opacity
  SymbolFont symbols = SymbolFont::none;
  Kept kept = Kept::none;
  Box box = Box::none;
  Marks marked = Marks::usual;

  /// `declared` over what is here, of the properties in `which`.
  void put_on(const Style &declared, std::uint64_t which);
};

/// Declarations up to the '}' that ends them, or the end; put on what is in `style`.
void read_declarations(CssReader &css, Style &style);

/// How an element's own text is seen.
struct Look {
  bool gone = false; // with all that is inside
  bool small = false, invisible = false, shadowed = false;
  bool shows_behind = false; // in its letters
  bool spaced = false;       // letters stand far from their places
  std::uint8_t opaque = all_opaque;
  bool struck = false, raised = false, lowered = false; // by this element itself
  bool tight_above = false, tight_below = false;        // the same
  Box box = Box::none;                                  // the same
  SymbolFont symbols = SymbolFont::none;
  Kept kept = Kept::none;
  Marks marks = Marks::usual; // as an item of a list
  Colour text = black, behind = white;
  Colour filled = inherited_colour; // in place of text

  Look inside(const Style &style) const;
  bool hides_text() const;
};

} // namespace sekisho::text
