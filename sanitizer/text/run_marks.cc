#include "sanitizer/text/run_marks.hh"

#include "base/utf8.hh"

#include <algorithm>

namespace sekisho::text {
namespace {

bool is_number(std::string_view text) {
  std::size_t at = 0;
  char32_t c = utf8_next(text, at);
  const bool sign = c == U'-' || c == U'+' || c == U'−' || c == U'－' || c == U'＋';
  if (sign && at < text.size()) c = utf8_next(text, at);
  return is_digit_of_number(c);
}

char32_t last_of(std::string_view text) {
  std::size_t at = text.size() - 1;
  while (at > 0 && (text[at] & 0xc0) == 0x80 && text.size() - at < 4)
    --at;
  return utf8_next(text, at);
}

} // namespace

bool is_digit_of_number(char32_t c) {
  return (c >= U'0' && c <= U'9') || (c >= U'０' && c <= U'９');
}

bool ends_in_digit(std::string_view text) {
  return !text.empty() && is_digit_of_number(last_of(text));
}

std::string RunMarks::before(std::string_view text, Look look) {
  if (text.find_first_not_of(' ') == std::string_view::npos) {
    behind_digit_ = behind_digit_ && text.empty();
    return {};
  }
  std::string marks;
  if (last_.struck && !look.struck) marks += "-]";
  if (!last_.struck && look.struck) marks += "[-";
  const bool runs_on = behind_digit_ && is_number(text);
  if (runs_on && last_.raised != look.raised)
    marks += look.raised ? "^" : " ";
  else if (runs_on && (last_.apart || look.apart))
    marks += ' ';
  last_ = look;
  behind_digit_ = ends_in_digit(text);
  return marks;
}

std::string_view RunMarks::end() {
  const bool struck = last_.struck;
  *this = {};
  return struck ? "-]" : "";
}

} // namespace sekisho::text
