#include "sanitizer/text/html_output.hh"

#include "base/find.hh"
#include "base/text.hh"
#include "base/utf8.hh"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

namespace sekisho::text {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

constexpr std::string_view no_break = "\u00a0";

bool is_no_break(std::string_view text, std::size_t at) {
  return text[at] == no_break[0] && at + 1 < text.size() && text[at + 1] == no_break[1];
}

/// The end of the word at `position`.
std::size_t word_end(std::string_view text, std::size_t position) {
  for (std::uint64_t eight; text.size() - position >= sizeof eight; position += sizeof eight) {
    std::memcpy(&eight, text.data() + position, sizeof eight);
    if (has_blank_or_control(eight) || has_octet(eight, 0xc2)) break;
  }
  while (position < text.size() && !is_space(text[position]) && !is_no_break(text, position))
    position++;
  return position;
}

/// Wide in East Asian writing (UAX #11), but Hangul, which has blanks.
bool is_wide(char32_t c) {
  if (c < 0x2e80 || (c >= 0x3130 && c < 0x3190)) return false;
  return c < 0xa4d0 || (c >= 0xf900 && c < 0xfb00) || (c >= 0xfe30 && c < 0xfe50) || (c > 0xff00 && c < 0xffa0) ||
         (c >= 0xffe0 && c < 0xffe7) || (c >= 0x1b000 && c < 0x1b300) || (c >= 0x20000 && c < 0x3fffe);
}

bool begins_wide(std::string_view word) {
  std::size_t at = 0;
  return !word.empty() && static_cast<unsigned char>(word.front()) >= 0xe2 && is_wide(utf8_next(word, at));
}

bool ends_wide(std::string_view text) {
  std::size_t start = text.size();
  while (start > 0 && text.size() - start < 4 && (text[--start] & 0xc0) == 0x80)
    ;
  return begins_wide(text.substr(start));
}

/// A number or its sign, or a single letter: "th" and "TM" are read as they stand.
bool is_exponent(std::string_view word) {
  const bool is_sign = word.front() == '-' || word.front() == '+' || word.starts_with("\u2212");
  return is_digit(word.front()) || is_sign || (word.size() == 1 && is_letter_or_digit(word.front()));
}

} // namespace

void HtmlOutput::shift(char mark) {
  shift_ = mark;
  is_shifted_ = false;
}

void HtmlOutput::end_shift() {
  shift_ = is_shifted_ ? ' ' : '\0';
}

/// Of "3^1/", where lowered digits follow: it was no power.
void HtmlOutput::end_as_fraction() {
  const std::string_view slash = text_.ends_with('/') ? "/" : text_.ends_with("\u2044") ? "\u2044" : "";
  if (slash.empty() || is_apart()) return;
  std::size_t mark = text_.size() - slash.size();
  while (mark > 0 && is_digit(text_[mark - 1]))
    --mark;
  if (mark > 0 && mark < text_.size() - slash.size() && text_[mark - 1] == '^') text_[mark - 1] = ' ';
}

/// Whether what comes does not stand right behind what is written.
bool HtmlOutput::is_apart() const {
  return text_.empty() || at_line_start_ || pending_space_ != Space::none || pending_cell_ || pending_line_ends_ > 0 || !blanks_.empty();
}

void HtmlOutput::before_letters(std::string_view word) {
  if (shift_ == '\0') return before_word(word);
  if (shift_ == '_') end_as_fraction();
  const char before = is_apart() ? ' ' : text_.back();
  const bool is_marked = shift_ == '^'   ? (is_letter_or_digit(before) || before == ')') && is_exponent(word)
                         : shift_ == '_' ? is_digit(before) && is_digit(word.front())
                                         : is_letter_or_digit(before) && is_letter_or_digit(word.front());
  before_word(word);
  if (is_marked) text_ += shift_;
  is_shifted_ = is_marked && shift_ != ' ';
  shift_ = '\0';
}

void HtmlOutput::close_mark(std::string_view words) {
  if (pending_mark_.empty()) text_ += words;
  pending_mark_ = {};
}

void HtmlOutput::end_lines() {
  for (; !text_.empty() && pending_line_ends_ > 0; pending_line_ends_--) {
    text_ += '\n';
    if (pending_line_ends_ == 1) continue;
    for (unsigned i = 0; i < std::min(quote_marks(), quotes_before_); i++)
      text_ += i == 0 ? ">" : " >";
  }
  at_line_start_ = true;
}

void HtmlOutput::start_line() {
  for (unsigned i = 0; i < quote_marks(); i++)
    text_ += "> ";
  quotes_before_ = quote_marks();
  if (first_word_ == none) first_word_ = text_.size();
  text_ += item_;
  item_.clear();
  if (blanks_.empty()) pending_space_ = Space::none;
}

/// CSS Text Level 3 §4.1.3: the end of a line between wide letters is nothing.
void HtmlOutput::put_space(std::string_view word) {
  const Space space = std::exchange(pending_space_, Space::none);
  if (space == Space::line_end && begins_wide(word) && ends_wide(text_)) return;
  text_ += ' ';
}

void HtmlOutput::before_word(std::string_view word) {
  if (pending_line_ends_ > 0) end_lines();
  if (at_line_start_) {
    start_line();
    at_line_start_ = pending_cell_ = false;
  }
  if (pending_cell_) {
    text_ += " | ";
    pending_cell_ = false;
    forget_blanks();
  }
  if (!blanks_.empty()) text_ += std::exchange(blanks_, {});
  if (pending_space_ != Space::none) put_space(word);
  pending_line_ends_ = 0;
  if (first_word_ == none) first_word_ = text_.size();
  text_ += pending_mark_;
  pending_mark_ = {};
  if (link_start_ == none) link_start_ = text_.size();
}

void HtmlOutput::item(std::string mark) {
  end_item();
  block(1);
  item_ = std::move(mark);
}

void HtmlOutput::end_item() {
  if (!item_.empty()) before_word({});
}

/// A space that could have been collapsed stands between words, or behind a blank.
void HtmlOutput::keep_blanks(std::string_view blanks) {
  const bool is_at_start = (at_line_start_ || pending_line_ends_ > 0) && blanks_.empty();
  if (pending_space_ != Space::none && !is_at_start) blanks_ += ' ';
  pending_space_ = Space::none;
  blanks_ += blanks;
}

void HtmlOutput::forget_blanks() {
  pending_space_ = Space::none;
  blanks_.clear();
}

void HtmlOutput::space() {
  pending_space_ = Space::edge;
}

void HtmlOutput::cell() {
  pending_cell_ = !at_line_start_ || pending_cell_;
  forget_blanks();
}

void HtmlOutput::put_text(std::string_view text) {
  std::size_t position = 0;
  while (position < text.size()) {
    if (is_space(text[position])) {
      const bool is_line_end = text[position] == '\n' || text[position] == '\r';
      pending_space_ = std::max(pending_space_, is_line_end ? Space::line_end : Space::blank);
      position++;
      continue;
    }
    if (is_no_break(text, position)) {
      keep_blanks(" ");
      position += no_break.size();
      continue;
    }
    const std::size_t end = word_end(text, position);
    before_letters(text.substr(position, end - position));
    text_.append(text, position, end - position);
    position = end;
  }
}

void HtmlOutput::put_lines(std::string_view text) {
  for (;;) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    put_text(text.substr(0, end));
    if (end == text.size()) return;
    line_break();
    text.remove_prefix(end + 1);
  }
}

void HtmlOutput::put_preformatted(std::string_view text) {
  if (text == no_break) text = " ";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    constexpr std::string_view blank = " \t\r\f";
    const std::size_t start = std::min(line.find_first_not_of(blank), line.size());
    if (start > 0) keep_blanks(line.substr(0, start));
    if (start < line.size()) {
      const std::string_view words = line.substr(start, line.find_last_not_of(blank) + 1 - start);
      before_letters(words);
      text_ += words;
      blanks_ = line.substr(start + words.size());
    }
    if (end == text.size()) return;
    line_break();
    text.remove_prefix(end + 1);
  }
}

void HtmlOutput::put_word(std::string_view word) {
  before_word(word);
  text_ += word;
}

void HtmlOutput::line_break() {
  end_item();
  pending_line_ends_ = std::min(pending_line_ends_ + 1, max_line_ends);
  pending_cell_ = false;
  forget_blanks();
}

void HtmlOutput::block(unsigned line_ends) {
  const bool is_empty_line = pending_line_ends_ > 0 && !blanks_.empty();
  forget_blanks();
  if (text_.empty()) return;
  if (is_empty_line) line_break();
  pending_line_ends_ = std::max(pending_line_ends_, line_ends);
  pending_cell_ = false;
}

void HtmlOutput::quote(bool deeper) {
  block(1);
  if (deeper)
    quotes_++;
  else if (quotes_ > 0)
    quotes_--;
}

std::string HtmlOutput::take() {
  if (!text_.empty()) text_ += '\n';
  return std::move(text_);
}

} // namespace sekisho::text
