#include "base/utf8.hh"

#include <cstdint>
#include <cstring>

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

/// Moves past characters of three octets: U+1000–U+CFFF and U+E000–U+FFFF, which are every row of their forms.
static void skip_three_octets(std::string_view text, std::size_t &position) {
  auto octet = [&](std::size_t at) { return std::uint32_t{static_cast<unsigned char>(text[at])}; };
  for (; text.size() - position >= 4; position += 3) {
    const std::uint32_t word = octet(position) | octet(position + 1) << 8 | octet(position + 2) << 16 |
                               octet(position + 3) << 24; // one load
    const std::uint32_t row = word & 0x0f;
    if ((word & 0x00c0c0f0) != 0x008080e0 || row == 0x0 || row == 0xd) return;
  }
}

bool utf8_valid(std::string_view text) {
  std::size_t position = 0;
  while (position < text.size()) {
    skip_three_octets(text, position);
    if (position == text.size()) break;
    std::uint64_t eight;
    if (text.size() - position >= sizeof eight) {
      std::memcpy(&eight, text.data() + position, sizeof eight);
      if ((eight & 0x8080808080808080) == 0) {
        position += sizeof eight;
        continue;
      }
    }
    if (utf8_next(text, position) == utf8_invalid) return false;
  }
  return true;
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
