#include "sanitizer/text/html_output.hh"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace sekisho::text {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

/// The end of the word at `position`.
std::size_t word_end(std::string_view text, std::size_t position) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  for (std::uint64_t eight; text.size() - position >= sizeof eight; position += sizeof eight) {
    std::memcpy(&eight, text.data() + position, sizeof eight);
    if ((eight - 0x21 * ones) & ~eight & 0x80 * ones) break; // an octet below 0x21
  }
  while (position < text.size() && !is_space(text[position]))
    position++;
  return position;
}

} // namespace

void HtmlOutput::before_word() {
  if (pending_line_ends_ > 0) {
    for (; !text_.empty() && pending_line_ends_ > 0; pending_line_ends_--) {
      text_ += '\n';
      if (pending_line_ends_ > 1) text_.append(quotes_, '>');
    }
    at_line_start_ = true;
  }
  if (at_line_start_)
    for (unsigned i = 0; i < quotes_; i++)
      text_ += "> ";
  else if (pending_cell_)
    text_ += " | ";
  else if (pending_space_)
    text_ += ' ';
  at_line_start_ = pending_space_ = pending_cell_ = false;
  pending_line_ends_ = 0;
}

void HtmlOutput::put_text(std::string_view text) {
  std::size_t position = 0;
  while (position < text.size()) {
    if (is_space(text[position])) {
      pending_space_ = true;
      position++;
      continue;
    }
    const std::size_t end = word_end(text, position);
    before_word();
    text_.append(text, position, end - position);
    position = end;
  }
}

void HtmlOutput::put_preformatted(std::string_view text) {
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) {
      before_word();
      text_.append(text, 0, end);
    }
    if (end == text.size()) return;
    line_break();
    text.remove_prefix(end + 1);
  }
}

void HtmlOutput::put_word(std::string_view word) {
  before_word();
  text_ += word;
}

void HtmlOutput::line_break() {
  pending_line_ends_ = std::min(pending_line_ends_ + 1, max_line_ends);
  pending_space_ = pending_cell_ = false;
}

void HtmlOutput::block(unsigned line_ends) {
  if (text_.empty()) return;
  pending_line_ends_ = std::max(pending_line_ends_, line_ends);
  pending_space_ = pending_cell_ = false;
}

void HtmlOutput::quote(bool deeper) {
  block(1);
  if (deeper)
    quotes_ = std::min(quotes_ + 1, max_quotes);
  else if (quotes_ > 0)
    quotes_--;
}

std::string HtmlOutput::take() {
  if (!text_.empty()) text_ += '\n';
  return std::move(text_);
}

} // namespace sekisho::text
