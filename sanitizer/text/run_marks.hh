// What the look of words says, for text that has none: what is struck out, a power.
#pragma once

#include <string>
#include <string_view>

namespace sekisho::text {

struct Look {
  bool struck = false, raised = false;
  bool apart = false; // a fraction, say: it does not run into digits beside it
};

struct WordsWithLook {
  std::string text;
  Look look = {};
};

/// ASCII and full-width ones.
bool is_digit_of_number(char32_t c);
/// UTF-8.
bool ends_in_digit(std::string_view text);

/// What is struck out stands between "[-" and "-]" like what was deleted; raised digits behind a digit
/// begin with "^", so that 10⁵ is not 105; 3½ is "3 1/2".
class RunMarks {
public:
  /// What goes before `text`, which comes next and looks like `look`.  Blanks alone change nothing.
  std::string before(std::string_view text, Look look);
  /// Where the words end in any case: a line, a cell.
  std::string_view end();
  /// Of the words that came last.
  Look last() const { return last_; }

private:
  Look last_;
  bool behind_digit_ = false; // the last character was one
};

} // namespace sekisho::text
