#include "base/utf8.hh"
#include "sanitizer/text/html.hh"
#include "sanitizer/text/tables/entities.hh"

#include <algorithm>
#include <array>

namespace sekisho::text {
namespace {

constexpr std::size_t longest_name = 31, longest_without_semicolon = 6;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

const NamedCharacter *named(std::string_view name) {
  const auto row = std::ranges::lower_bound(named_characters, name, {}, &NamedCharacter::name);
  return row != named_characters.end() && row->name == name ? &*row : nullptr;
}

// HTML Standard §13.2.5.80: numbers 0x80–0x9f are read as windows-1252.
constexpr std::array<char32_t, 32> windows1252 = {
    0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
    0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};

int digit_of(char c, bool hexadecimal) {
  if (c >= '0' && c <= '9') return c - '0';
  if (!hexadecimal) return -1;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// `position`: behind "&#".  False when no digit follows.
bool append_number(std::string_view html, std::size_t &position, std::string &out) {
  std::size_t at = position;
  bool hexadecimal = at < html.size() && (html[at] == 'x' || html[at] == 'X');
  if (hexadecimal) at++;
  std::size_t first = at;
  char32_t c = 0;
  for (int digit; at < html.size() && (digit = digit_of(html[at], hexadecimal)) >= 0; at++)
    c = std::min<char32_t>(c * (hexadecimal ? 16 : 10) + static_cast<char32_t>(digit), 0x110000);
  if (at == first) return false;
  if (at < html.size() && html[at] == ';') at++;
  if (c == 0) c = 0xfffd;
  if (c >= 0x80 && c <= 0x9f) c = windows1252[c - 0x80];
  utf8_append(out, c);
  position = at;
  return true;
}

} // namespace

void append_character_reference(std::string_view html, std::size_t &position, bool in_attribute,
                                std::string &out) {
  if (position < html.size() && html[position] == '#') {
    std::size_t at = position + 1;
    if (append_number(html, at, out)) {
      position = at;
      return;
    }
    out += '&';
    return;
  }
  std::size_t length = 0;
  while (length < longest_name && position + length < html.size() &&
         is_alphanumeric(html[position + length]))
    length++;
  std::string_view name = html.substr(position, length);
  std::size_t end = position + length;
  bool semicolon = end < html.size() && html[end] == ';';
  if (semicolon) {
    if (const NamedCharacter *row = named(name)) {
      out += row->text;
      position = end + 1;
      return;
    }
  }
  for (std::size_t shorter = std::min(length, longest_without_semicolon); shorter >= 2; shorter--) {
    const NamedCharacter *row = named(name.substr(0, shorter));
    if (!row || !row->without_semicolon) continue;
    char next = position + shorter < html.size() ? html[position + shorter] : ' ';
    if (in_attribute && (next == '=' || is_alphanumeric(next))) break;
    out += row->text;
    position += shorter;
    return;
  }
  out += '&';
}

} // namespace sekisho::text
