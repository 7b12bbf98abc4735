#include "base/utf8.hh"

#include "base/everyday.hh"

namespace sekisho {

char32_t utf8_next(std::string_view text, std::size_t &position) {
  auto octet = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  unsigned char first = octet(position++);
  if (first < 0x80) return first;
  if (first < 0xc2 || first > 0xf4) return utf8_invalid;

  // RFC 3629 §4: the second octet's range depends on the first.
  unsigned char low = 0x80, high = 0xbf;
  if (first == 0xe0) low = 0xa0;
  if (first == 0xed) high = 0x9f;
  if (first == 0xf0) low = 0x90;
  if (first == 0xf4) high = 0x8f;
  int more = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
  char32_t code_point = first & (0x3f >> more);
  for (; more > 0; more--) {
    if (position == text.size() || octet(position) < low || octet(position) > high)
      return utf8_invalid;
    code_point = code_point << 6 | (octet(position++) & 0x3f);
    low = 0x80;
    high = 0xbf;
  }
  return code_point;
}

bool utf8_valid(std::string_view text) {
  for (std::size_t position = 0;;) {
    position += utf8_everyday(text.substr(position));
    for (unsigned others = 0; others < 8; ++others) { // they come in groups
      if (position == text.size()) return true;
      if (utf8_next(text, position) == utf8_invalid) return false;
    }
  }
}

void utf8_append(std::string &text, char32_t code_point) {
  if (code_point > 0x10ffff || (code_point >= 0xd800 && code_point <= 0xdfff)) code_point = 0xfffd;
  auto put = [&](char32_t octet) { text += static_cast<char>(octet); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xc0 | code_point >> 6);
    put(0x80 | (code_point & 0x3f));
  } else if (code_point < 0x10000) {
    put(0xe0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3f));
    put(0x80 | (code_point & 0x3f));
  } else {
    put(0xf0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3f));
    put(0x80 | (code_point >> 6 & 0x3f));
    put(0x80 | (code_point & 0x3f));
  }
}

} // namespace sekisho
