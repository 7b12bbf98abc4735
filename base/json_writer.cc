#include "base/json_writer.hh"

#include "base/utf8.hh"

#include <cstdio>

namespace sekisho {
namespace {

bool stands_as_it_is(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

} // namespace

void JsonWriter::quote(std::string_view text) {
  text_ += '"';
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t begin = position;
    while (position < text.size() && stands_as_it_is(text[position])) ++position;
    text_.append(text, begin, position - begin);
    if (position == text.size()) break;
    const char32_t c = utf8_next(text, position);
    if (c == '"' || c == '\\') {
      text_ += '\\';
      text_ += static_cast<char>(c);
    } else if (c < 0x20 || c == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      text_ += escape;
    } else {
      utf8_append(text_, c); // what was no character is U+FFFD
    }
  }
  text_ += '"';
}

} // namespace sekisho
