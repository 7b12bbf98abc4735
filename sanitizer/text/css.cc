#include "sanitizer/text/css.hh"

#include "sanitizer/text/html_tags.hh"

#include <algorithm>

namespace sekisho::text {
namespace {

constexpr std::size_t longest_string = 256; // of which anything is kept

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

} // namespace

bool CssReader::is_space() const {
  return !literal_ && text::is_space(c_);
}

bool CssReader::next() {
  if (at_ >= css_.size()) return false;
  literal_ = false;
  c_ = lower(css_[at_++]);
  if (c_ == '/' && at_ < css_.size() && css_[at_] == '*') {
    const std::size_t end = css_.find("*/", at_ + 1);
    at_ = end == css_.npos ? css_.size() : end + 2;
    c_ = ' ';
  } else if (c_ == '\\') {
    read_escape();
  } else if (c_ == '"' || c_ == '\'') {
    read_string(c_);
  }
  return true;
}

/// §4.3.7.  What is no ASCII is no letter of any word looked for.
void CssReader::read_escape() {
  literal_ = true;
  std::uint32_t code = 0;
  unsigned digits = 0;
  for (; digits < 6 && at_ < css_.size() && hex_digit(css_[at_]) >= 0; digits++)
    code = code * 16 + static_cast<std::uint32_t>(hex_digit(css_[at_++]));
  if (digits == 0) {
    c_ = at_ < css_.size() ? lower(css_[at_++]) : '?';
    return;
  }
  c_ = code > 0 && code < 0x80 ? lower(static_cast<char>(code)) : '?';
  if (at_ < css_.size() && text::is_space(css_[at_])) at_++;
}

void CssReader::read_string(char quote) {
  string_.clear();
  const std::size_t start = at_;
  while (at_ < css_.size() && css_[at_] != quote && css_[at_] != '\n') {
    c_ = lower(css_[at_++]);
    if (c_ == '\\') read_escape();
    if (string_.size() < longest_string) string_ += c_;
  }
  written_ = css_.substr(start, at_ - start);
  if (at_ < css_.size()) at_++;
  c_ = quote;
  literal_ = true;
}

bool CssReader::take_plain_name(std::string_view &name) {
  std::size_t start = at_;
  while (start < css_.size() && text::is_space(css_[start]))
    start++;
  std::size_t end = start;
  while (end < css_.size() && (is_letter(css_[end]) || css_[end] == '-'))
    end++;
  if (end == start || end == css_.size() || css_[end] != ':') return false;
  name = css_.substr(start, end - start);
  at_ = end + 1;
  return true;
}

bool CssReader::take_plain_value(std::string_view &value) {
  std::size_t end = at_;
  while (end < css_.size() && css_[end] != ';') {
    const char c = css_[end];
    constexpr std::string_view marks = " -.#,%!";
    if (!is_letter(c) && !(c >= '0' && c <= '9') && marks.find(c) == marks.npos) return false;
    end++;
  }
  value = css_.substr(at_, end - at_);
  at_ = std::min(end + 1, css_.size());
  return true;
}

void CssReader::skip_block() {
  for (std::size_t depth = 1; depth > 0 && next();) {
    if (is('{')) depth++;
    if (is('}')) depth--;
  }
}

} // namespace sekisho::text
