// Words that stand in a style sheet alone: the `content` of ::before and ::after (CSS Generated Content Level 3 §1.2).
// Private to text.
#pragma once

#include "sanitizer/text/css.hh"

#include <string>
#include <vector>

namespace sekisho::text {

struct Content {
  struct Piece {
    std::string text; // or the name of the attribute that holds it
    bool is_attribute = false;
  };
  std::vector<Piece> pieces; // signs of private use, which are pictures of their fonts, left out
  bool is_set = false, important = false;
  bool left_out = false; // there is more than strings and attributes
};

/// Of the declarations up to the '}' that ends them.
Content read_content(CssReader css);

} // namespace sekisho::text
