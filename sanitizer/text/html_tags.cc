#include "sanitizer/text/html_tags.hh"

#include "sanitizer/text/html.hh"

#include <algorithm>
#include <array>
#include <iterator>

namespace sekisho::text {
namespace {

struct TagRow {
  std::string_view name;
  Tag tag;
};

// Sorted by name.
constexpr TagRow tags[] = {
    {"a", Tag::a},
    {"address", Tag::div},
    {"applet", Tag::object},
    {"area", Tag::area},
    {"article", Tag::div},
    {"aside", Tag::div},
    {"audio", Tag::source},
    {"base", Tag::base},
    {"blockquote", Tag::blockquote},
    {"body", Tag::div},
    {"br", Tag::br},
    {"button", Tag::button},
    {"caption", Tag::caption},
    {"center", Tag::div},
    {"dd", Tag::dd},
    {"del", Tag::struck},
    {"details", Tag::div},
    {"dir", Tag::ul},
    {"div", Tag::div},
    {"dl", Tag::div},
    {"dt", Tag::dt},
    {"embed", Tag::embed},
    {"fieldset", Tag::div},
    {"figcaption", Tag::div},
    {"figure", Tag::div},
    {"footer", Tag::div},
    {"form", Tag::form},
    {"frame", Tag::frame},
    {"h1", Tag::heading},
    {"h2", Tag::heading},
    {"h3", Tag::heading},
    {"h4", Tag::heading},
    {"h5", Tag::heading},
    {"h6", Tag::heading},
    {"header", Tag::div},
    {"hr", Tag::hr},
    {"iframe", Tag::iframe},
    {"image", Tag::img},
    {"img", Tag::img},
    {"input", Tag::input},
    {"legend", Tag::div},
    {"li", Tag::li},
    {"link", Tag::link},
    {"listing", Tag::pre},
    {"main", Tag::div},
    {"menu", Tag::ul},
    {"meta", Tag::meta},
    {"nav", Tag::div},
    {"noembed", Tag::skipped},
    {"noframes", Tag::skipped},
    {"object", Tag::object},
    {"ol", Tag::ol},
    {"option", Tag::option},
    {"p", Tag::p},
    {"plaintext", Tag::plaintext},
    {"pre", Tag::pre},
    {"q", Tag::q},
    {"rp", Tag::rp},
    {"rt", Tag::rt},
    {"s", Tag::struck},
    {"script", Tag::script},
    {"section", Tag::div},
    {"select", Tag::select},
    {"source", Tag::source},
    {"strike", Tag::struck},
    {"style", Tag::style},
    {"sub", Tag::sub},
    {"summary", Tag::div},
    {"sup", Tag::sup},
    {"table", Tag::table},
    {"tbody", Tag::rows},
    {"td", Tag::td},
    {"template", Tag::skipped},
    {"textarea", Tag::textarea},
    {"tfoot", Tag::rows},
    {"th", Tag::td},
    {"thead", Tag::rows},
    {"title", Tag::title},
    {"tr", Tag::tr},
    {"track", Tag::source},
    {"ul", Tag::ul},
    {"video", Tag::source},
    {"xmp", Tag::raw},
};

/// Where the rows of each first letter begin, and where the last ones end.
constexpr std::array<std::uint8_t, 27> make_first_rows() {
  std::array<std::uint8_t, 27> first{};
  for (std::size_t letter = 0; letter < first.size(); letter++)
    while (first[letter] < std::size(tags) &&
           static_cast<std::size_t>(tags[first[letter]].name.front() - 'a') < letter)
      first[letter]++;
  return first;
}
constexpr std::array<std::uint8_t, 27> first_rows = make_first_rows();

} // namespace

Tag tag_named(std::string_view name) {
  if (name.empty() || name.front() < 'a' || name.front() > 'z') return Tag::other;
  const auto letter = static_cast<std::size_t>(name.front() - 'a');
  for (std::size_t i = first_rows[letter]; i < first_rows[letter + 1]; i++)
    if (tags[i].name == name) return tags[i].tag;
  return Tag::other;
}

bool is_void(Tag tag, std::string_view name) {
  switch (tag) {
  case Tag::area:
  case Tag::base:
  case Tag::br:
  case Tag::embed:
  case Tag::frame:
  case Tag::hr:
  case Tag::img:
  case Tag::input:
  case Tag::link:
  case Tag::meta: return true;
  case Tag::source: return name == "source" || name == "track";
  default:
    return name == "wbr" || name == "col" || name == "param" || name == "keygen";
  }
}

std::string lower_without_space(std::string_view text) {
  std::string result;
  for (char c : text)
    if (static_cast<unsigned char>(c) > 0x20) result += lower(c);
  return result;
}

std::string decode_attribute(std::string_view raw, std::size_t limit) {
  raw = raw.substr(0, limit);
  std::string value;
  for (std::size_t position = 0;;) {
    const std::size_t mark = std::min(raw.find('&', position), raw.size());
    value += raw.substr(position, mark - position);
    if (mark == raw.size()) return value;
    position = mark + 1;
    append_character_reference(raw, position, true, value);
  }
}

bool starts_like(std::string_view text, std::string_view start) {
  std::size_t matched = 0;
  for (std::size_t i = 0; i < text.size() && matched < start.size(); i++) {
    if (static_cast<unsigned char>(text[i]) <= 0x20) continue;
    if (lower(text[i]) != start[matched++]) return false;
  }
  return matched == start.size();
}

bool is_remote(std::string_view target) {
  target = target.substr(0, 64);
  for (std::string_view start : {"http:", "https:", "ftp:", "//", "\\\\", "file:"})
    if (starts_like(target, start)) return true;
  return false;
}

} // namespace sekisho::text
