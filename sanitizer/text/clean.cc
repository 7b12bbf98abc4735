#include "sanitizer/text/clean.hh"

#include "base/everyday.hh"
#include "base/utf8.hh"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <iterator>

namespace sekisho::text {
namespace {

enum class Class : std::uint8_t {
  plain,
  line_end,
  control,
  direction,
  zero_width,
  silent,
  variation,
  private_use
};

bool is_variation(char32_t c) { // which form of the character before it, UTS #37
  return (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0100 && c <= 0xe01ef);
}

bool is_bidi(char32_t c) { // UAX #9 §2
  return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

bool is_zero_width(char32_t c) {
  switch (c) {
  case 0x034f:
  case 0x115f:
  case 0x1160:
  case 0x17b4:
  case 0x17b5:
  case 0x180e:
  case 0x200b:
  case 0x200c:
  case 0x200d:
  case 0x3164:
  case 0xffa0: return true;
  default:
    return (c >= 0x2060 && c <= 0x2065) || (c >= 0x206a && c <= 0x206f) ||
           (c >= 0xfff0 && c <= 0xfffb) || (c >= 0x1bca0 && c <= 0x1bca3) ||
           (c >= 0x1d173 && c <= 0x1d17a) || (c >= 0xe0000 && c <= 0xe00ff);
  }
}

Class class_of(char32_t c) {
  if (c == '\t') return Class::plain;
  if ((c >= 0x0a && c <= 0x0d) || c == 0x85 || c == 0x2028 || c == 0x2029) return Class::line_end;
  if (c < 0x20 || (c >= 0x7f && c <= 0x9f)) return Class::control;
  if (c < 0x034f) return c == 0xad ? Class::silent : Class::plain; // soft hyphen
  if (c == 0xfeff) return Class::silent;
  if (is_bidi(c)) return Class::direction;
  if (is_zero_width(c)) return Class::zero_width;
  if (is_variation(c)) return Class::variation;
  if ((c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef))
    return Class::control; // noncharacters
  if ((c >= 0xe000 && c <= 0xf8ff) || c >= 0xf0000) return Class::private_use;
  return Class::plain;
}

/// Characters that a zero-width joiner rightly joins: emoji, and scripts that shape letters.
bool is_joined(char32_t c) {
  return (c >= 0x2600 && c <= 0x27bf) || (c >= 0x1f000 && c <= 0x1faff) || c == 0xfe0f ||
         (c >= 0x0600 && c <= 0x0dff);
}

class Cleaner {
public:
  Cleaner(std::string_view utf8, Findings &findings, Carrier carrier)
      : in_(utf8), findings_(findings), carrier_(carrier) {
    out_.reserve(utf8.size() + utf8.size() / 8);
  }

  std::string run() {
    while (position_ < in_.size()) {
      if (take_plain_run()) continue;
      if (in_[position_] == '\r' && position_ + 1 < in_.size() && in_[position_ + 1] == '\n') {
        position_++; // the line end is the LF
        continue;
      }
      char32_t c = utf8_next(in_, position_);
      if (c == utf8_invalid) c = 0xfffd;
      take(c);
      const Class kind = class_of(c);
      if (kind == Class::control || kind == Class::silent) continue; // they leave nothing behind
      previous_ = kind == Class::line_end ? U'\n' : c;
    }
    return std::move(out_);
  }

private:
  bool take_plain_run() {
    const std::string_view run = in_.substr(position_, utf8_everyday(in_.substr(position_)));
    if (run.empty()) return false;
    out_ += run;
    position_ += run.size();
    std::size_t last = position_ - 1;
    while ((in_[last] & 0xc0) == 0x80)
      last--;
    previous_ = utf8_next(in_, last);
    return true;
  }

  void take(char32_t c) {
    switch (class_of(c)) {
    case Class::plain:
      if (c == 0xfffd) findings_.unreadable = true;
      return utf8_append(out_, c);
    case Class::line_end:
      if (c == '\r' && position_ < in_.size() && in_[position_] == '\n') position_++;
      out_ += '\n';
      return;
    case Class::control: findings_.control = true; return;
    case Class::silent: return;
    case Class::direction: return show(c);
    case Class::zero_width:
      if (c == 0x200d && is_joined(previous_) && is_joined(peek())) return utf8_append(out_, c);
      if (c == 0x200c && is_joined(previous_)) return utf8_append(out_, c);
      if (is_zero_width(previous_)) return;
      return show(c);
    case Class::variation: // one a character; a row of them is octets in hiding
      if (previous_ > ' ' && !is_variation(previous_)) return utf8_append(out_, c);
      findings_.control = true;
      return;
    case Class::private_use:
      if (std::string_view emoji = carrier_emoji(c, carrier_); !emoji.empty()) {
        out_ += emoji;
        return;
      }
      findings_.unreadable = true;
      out_ += "〓";
      return;
    }
  }

  char32_t peek() const {
    std::size_t position = position_;
    return position < in_.size() ? utf8_next(in_, position) : 0;
  }

  void show(char32_t c) {
    findings_.control = true;
    char text[16];
    std::snprintf(text, sizeof text, "[U+%04X]", static_cast<unsigned>(c));
    out_ += text;
  }

  std::string_view in_;
  std::size_t position_ = 0;
  Findings &findings_;
  Carrier carrier_;
  std::string out_;
  char32_t previous_ = 0;
};

std::size_t last_dot(std::string_view name) {
  std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || name.size() - dot > 12) return name.size();
  return dot;
}

/// A path of Unix or Windows; 令和8/11/26 is a date.
bool is_path(std::string_view name) {
  return name.starts_with('/') || name.find('\\') != name.npos || name.find("./") != name.npos || name.find("/.") != name.npos;
}

bool is_device_name(std::string_view stem) { // of Windows, with any extension
  constexpr std::array<std::string_view, 4> names = {"con", "prn", "aux", "nul"};
  stem = stem.substr(0, stem.find('.'));
  while (stem.ends_with(' ')) // Windows passes over them
    stem.remove_suffix(1);
  std::string lower;
  for (char c : stem)
    lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (std::find(names.begin(), names.end(), lower) != names.end()) return true;
  if (!lower.starts_with("com") && !lower.starts_with("lpt")) return false;
  const std::string number = lower.substr(3);
  return (number.size() == 1 && number[0] >= '0' && number[0] <= '9') || number == "\u00b9" ||
         number == "\u00b2" || number == "\u00b3"; // Windows takes them for digits
}

} // namespace

std::string clean(std::string_view utf8, Findings &findings, Carrier carrier) {
  return Cleaner(utf8, findings, carrier).run();
}

std::string clean_line(std::string_view utf8, Findings &findings) {
  std::string cleaned = clean(utf8, findings);
  std::string line;
  bool space = false;
  for (char c : cleaned) {
    if (c == ' ' || c == '\n' || c == '\t') {
      space = !line.empty();
      continue;
    }
    if (space) line += ' ';
    space = false;
    line += c;
  }
  return line;
}

std::string clean_file_name(std::string_view utf8, Findings &findings, std::size_t most) {
  std::string line = clean_line(utf8, findings);
  if (is_path(line)) line.erase(0, line.find_last_of("/\\") + 1);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return std::string_view("/:*?\"<>|;`$").find(c) != std::string_view::npos; }, '_');
  // A folder "name.{GUID}" opens as what the GUID names.
  for (std::size_t at = 0; (at = line.find(".{", at)) != std::string::npos;)
    line[at + 1] = '_';
  std::size_t first = line.find_first_not_of(". ");
  if (first == std::string::npos) return {};
  line.erase(0, first);
  line.erase(line.find_last_not_of(". ") + 1);
  line = shortened(line, most);
  if (is_device_name(stem_of(line))) line.insert(line.begin(), '_');
  return line;
}

std::string shortened(std::string_view file_name, std::size_t most) {
  if (file_name.size() <= most) return std::string(file_name);
  constexpr std::string_view gap = "…";
  const auto is_within = [&](std::size_t at) { return (file_name[at] & 0xc0) == 0x80; }; // a character
  const std::size_t dot = last_dot(file_name), kept = most - gap.size() - (file_name.size() - dot);
  std::size_t front = kept - kept / 2, back = dot - kept / 2;
  while (front > 0 && is_within(front))
    front--;
  while (back < dot && is_within(back))
    back++;
  return std::string(file_name.substr(0, front)).append(gap).append(file_name.substr(back));
}

std::string extension_of(std::string_view file_name) {
  std::size_t dot = last_dot(file_name);
  std::string extension;
  for (char c : file_name.substr(std::min(dot + 1, file_name.size())))
    extension += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return extension;
}

std::string_view stem_of(std::string_view file_name) {
  return file_name.substr(0, last_dot(file_name));
}

} // namespace sekisho::text
