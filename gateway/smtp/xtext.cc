#include "gateway/smtp/xtext.hh"

#include "base/utf8.hh"
#include "gateway/smtp/address.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::smtp {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; // lower case is none, RFC 3461 §4
}

bool is_printable(char c) { return c >= 0x20 && c <= 0x7e; }

bool is_atom(std::string_view text) {
  static constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
  });
}

bool equal_word(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b; });
}

/// RFC 6533 §3: UTF-8 as it is, or as \x{10FFFF}.
bool is_unitext(std::string_view text) {
  return !text.empty() && is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
  });
}

} // namespace

std::optional<std::string> decode_xtext(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '=' || c == ' ') {
      return std::nullopt;
    }
    if (!is_printable(c)) return std::nullopt;
    decoded += c;
  }
  return decoded;
}

std::string without_utf8(std::string_view unitext) {
  std::string plain;
  for (std::size_t at = 0; at < unitext.size();) {
    const char32_t c = utf8_next(unitext, at);
    if (c < 0x80) plain += static_cast<char>(c);
    else plain += fmt::format("\\x{{{:X}}}", static_cast<std::uint32_t>(c));
  }
  return plain;
}

bool is_original_recipient(std::string_view value, bool utf8) {
  const std::size_t sign = value.find(';');
  if (sign == std::string_view::npos || !is_atom(value.substr(0, sign))) return false;
  const std::string_view address = value.substr(sign + 1);
  if (utf8 && equal_word(value.substr(0, sign), "utf-8")) return is_unitext(address);
  const auto decoded = decode_xtext(address);
  return decoded && !decoded->empty();
}

} // namespace sekisho::smtp
