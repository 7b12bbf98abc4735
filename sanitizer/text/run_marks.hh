// What the look of words says, for text that has none: what is struck out, a power.
#pragma once

#include <string>
#include <string_view>

namespace sekisho::text {

struct Look {
  bool struck = false, raised = false;
};

/// What is struck out stands between "[-" and "-]" like what was deleted; raised digits behind a digit
/// begin with "^", so that 10⁵ is not 105.
class RunMarks {
public:
  /// What goes before `text`, which comes next and looks like `look`.  Blanks alone change nothing.
  std::string before(std::string_view text, Look look);
  /// Where the words end in any case: a line, a cell.
  std::string_view end();

private:
  bool struck_ = false, raised_ = false;
  bool behind_digit_ = false; // the last character was one
};

} // namespace sekisho::text
