#include "sanitizer/text/flowed.hh"

#include <algorithm>

namespace sekisho::text {

std::string unflowed(std::string_view text, bool delsp) {
  std::string result;
  result.reserve(text.size());
  std::size_t open_depth = 0;
  bool open = false; // the last line written goes on
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));

    const std::size_t depth = std::min(line.find_first_not_of('>'), line.size());
    line.remove_prefix(depth);
    if (line.starts_with(' ')) line.remove_prefix(1); // stuffed, §4.4
    const bool signature = line == "-- ";             // §4.3
    if (open && (depth != open_depth || signature)) {
      result += '\n';
      open = false;
    }
    if (!open) {
      result.append(depth, '>');
      if (depth > 0) result += ' ';
    }
    open = line.ends_with(' ') && !signature;
    open_depth = depth;
    if (open && delsp) line.remove_suffix(1);
    result += line;
    if (!open) result += '\n';
  }
  if (open) result += '\n';
  return result;
}

} // namespace sekisho::text
