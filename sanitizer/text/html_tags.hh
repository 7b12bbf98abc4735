// The elements of HTML that mean something for a text, and the small change of reading markup.
#pragma once

#include "base/text.hh"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sekisho::text {

/// Elements that are treated alike share one: <h1> to <h6> are headings, <th> is td, <section> is
/// div.
// clang-format off
enum class Tag : std::uint8_t {
  other, a, area, base, blockquote, br, button, caption, dd, div, dt, embed, form, frame, heading, hr,
  iframe, img, input, li, link, meta, object, ol, option, p, pre, q, rows, rp, rt, script, select,
  skipped, source, struck, style, sub, sup, svg_title, table, td, textarea, title, tr, ul, raw, plaintext,
};
// clang-format on

constexpr std::size_t longest_tag = 16; // octets of a name that are looked at

/// `name` in lower case.
Tag tag_named(std::string_view name);
/// An element without content and end tag (HTML Standard §13.1.2).
bool is_void(Tag tag, std::string_view name);

inline bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}
/// `wanted` in lower case.
inline bool equals_lower(std::string_view text, std::string_view wanted) {
  return text.size() == wanted.size() &&
         std::equal(text.begin(), text.end(), wanted.begin(), [](char a, char b) { return lower(a) == b; });
}
std::string lower_without_space(std::string_view text);

/// Whether it starts with `start` (lower case) for a browser, which passes over white space and case.
bool starts_like(std::string_view text, std::string_view start);

/// Character references read; at most `limit` octets of `raw`.
std::string decode_attribute(std::string_view raw, std::size_t limit);
/// Whether a reference leads out of the mail.
bool is_remote(std::string_view target);

} // namespace sekisho::text
