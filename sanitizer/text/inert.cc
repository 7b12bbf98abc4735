#include "sanitizer/text/inert.hh"

#include "base/text.hh"

#include <algorithm>
#include <array>

namespace sekisho::text {
namespace {

constexpr std::array<std::string_view, 20> active = {
    "script", "iframe", "frame",  "frameset", "object", "embed", "applet", "svg",  "math", "html",
    "body",   "meta",   "link",   "style",    "form",   "base",  "img",    "video", "xml", "xsl"};
constexpr std::array<std::string_view, 3> script_schemes = {"javascript", "vbscript", "livescript"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_word(std::string_view text, std::string_view lower_case) {
  return std::ranges::equal(text, lower_case, {}, lower);
}

/// The letters `text` begins with.
std::string_view letters(std::string_view text) {
  return text.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(text, is_letter) -
                                                 text.begin()));
}

/// Whether what follows a '<' makes it the start of markup.
bool begins_markup(std::string_view behind) {
  if (behind.starts_with('!') || behind.starts_with('?')) return true;
  if (behind.starts_with('/')) behind.remove_prefix(1);
  std::string_view name = letters(behind);
  return std::ranges::any_of(active, [&](std::string_view word) { return is_word(name, word); });
}

/// Whether a ':' ends the name of a script scheme.
bool ends_script_scheme(std::string_view before) {
  return std::ranges::any_of(script_schemes, [&](std::string_view scheme) {
    return before.size() >= scheme.size() &&
           is_word(before.substr(before.size() - scheme.size()), scheme);
  });
}

} // namespace

std::string inert(std::string_view text, bool &found) {
  std::string result;
  result.reserve(text.size() + 16);
  std::size_t copied = 0, less = text.find('<'), colon = text.find(':');
  while (less != colon) { // both are npos at the end
    const std::size_t i = std::min(less, colon);
    const bool is_less = less < colon;
    (is_less ? less : colon) = text.find(is_less ? '<' : ':', i + 1);
    std::size_t gap = i;
    if (is_less) {
      if (!begins_markup(text.substr(i + 1))) continue;
      gap = i + 1;
    } else if (!ends_script_scheme(text.substr(copied, i - copied))) {
      continue;
    }
    result += text.substr(copied, gap - copied);
    result += ' ';
    copied = gap;
    found = true;
  }
  result += text.substr(copied);
  return result;
}

} // namespace sekisho::text
