#include "sanitizer/text/run_marks.hh"

#include "base/utf8.hh"

#include <algorithm>

namespace sekisho::text {
namespace {

bool is_digit(char32_t c) {
  return (c >= U'0' && c <= U'9') || (c >= U'０' && c <= U'９');
}

bool is_number(std::string_view text) {
  std::size_t at = 0;
  char32_t c = utf8_next(text, at);
  const bool sign = c == U'-' || c == U'+' || c == U'−' || c == U'－' || c == U'＋';
  if (sign && at < text.size()) c = utf8_next(text, at);
  return is_digit(c);
}

char32_t last_of(std::string_view text) {
  std::size_t at = text.size() - 1;
  while (at > 0 && (text[at] & 0xc0) == 0x80 && text.size() - at < 4)
    --at;
  return utf8_next(text, at);
}

} // namespace

std::string RunMarks::before(std::string_view text, Look look) {
  if (text.find_first_not_of(' ') == std::string_view::npos) {
    behind_digit_ = behind_digit_ && text.empty();
    return {};
  }
  std::string marks;
  if (struck_ && !look.struck) marks += "-]";
  if (!struck_ && look.struck) marks += "[-";
  if (behind_digit_ && raised_ != look.raised && is_number(text)) marks += look.raised ? "^" : " ";
  struck_ = look.struck;
  raised_ = look.raised;
  behind_digit_ = is_digit(last_of(text));
  return marks;
}

std::string_view RunMarks::end() {
  const bool struck = struck_;
  *this = {};
  return struck ? "-]" : "";
}

} // namespace sekisho::text
