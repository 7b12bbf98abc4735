#pragma once

#include <string_view>

namespace sekisho::record {

/// Calls visit(line, offset) for every whole line.
template <class Visit> void each_line(std::string_view text, Visit visit) {
  std::size_t offset = 0;
  while (offset < text.size()) {
    const std::size_t end = text.find('\n', offset);
    if (end == std::string_view::npos) return;
    visit(text.substr(offset, end - offset), offset);
    offset = end + 1;
  }
}

} // namespace sekisho::record
