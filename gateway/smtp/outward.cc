#include "gateway/smtp/outward.hh"

#include "gateway/smtp/line_ends.hh"

#include <algorithm>

namespace sekisho::smtp {

Shape shape_of(Bytes text) {
  Shape shape;
  const std::string_view all = as_chars(text);
  unsigned char bits = 0;
  for (const char c : all) bits |= static_cast<unsigned char>(c);
  shape.eight_bit = (bits & 0x80) != 0;
  shape.good = has_only_crlf(text) && (all.empty() || all.ends_with("\r\n")) && all.find('\0') == std::string_view::npos;
  for (std::size_t line = 0; line < all.size() && shape.good;) {
    const std::size_t end = all.find('\n', line); // there is one: the text ends in it
    shape.good = end - line <= max_outward_line + 1;
    line = end + 1;
  }
  return shape;
}

bool is_path_safe(std::string_view address) {
  constexpr std::size_t most = 512; // more than any mailbox has, RFC 5321 §4.5.3.1
  return address.size() <= most && std::ranges::none_of(address, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
}

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return (c & 0x80) != 0; });
}

} // namespace sekisho::smtp
