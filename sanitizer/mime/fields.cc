#include "sanitizer/mime/fields.hh"

#include <algorithm>
#include <optional>
#include <utility>

namespace sekisho::mime {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// The length of the field name that `text` begins with, before a colon, white space before it allowed (RFC 5322 §4.5.3); nothing: no field.
std::optional<std::size_t> field_name_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && text[length] > 0x20 && text[length] < 0x7f && text[length] != ':') length++;
  std::size_t colon = length;
  while (colon < text.size() && is_blank(text[colon])) colon++;
  if (length == 0 || colon == text.size() || text[colon] != ':') return {};
  return length;
}

} // namespace

std::string_view trimmed_end(std::string_view line) {
  while (!line.empty() && (is_blank(line.back()) || line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  return line;
}

HeaderLines::Line HeaderLines::take(std::string_view line, std::string_view behind) {
  const bool is_first = std::exchange(first_, false);
  const std::string_view content = trimmed_end(line);
  const bool folds = !fields.empty() && !line.empty() && is_blank(line.front());
  if (content.empty() && !folds) return Line::empty;
  if (folds) {
    Field &field = fields.back();
    if (!cut) field.value = {field.value.data(), static_cast<std::size_t>(line.data() + line.size() - field.value.data())};
    return Line::of_header;
  }
  if (const std::optional<std::size_t> length = field_name_length(content)) {
    cut = cut || fields.size() == max_fields;
    if (!cut) fields.push_back({content.substr(0, *length), line.substr(content.find(':') + 1)});
    return Line::of_header;
  }
  if (is_first && (line.starts_with("From ") || line.starts_with(">From "))) {
    mbox = true;
    return Line::of_header;
  }
  malformed = true;
  const bool is_among_fields = !fields.empty() && field_name_length(behind);
  return is_among_fields ? Line::of_header : Line::of_body;
}

Header read_header(std::string_view untrusted_mail) {
  const char end_of_line = untrusted_mail.find('\n') == std::string_view::npos ? '\r' : '\n';
  HeaderLines lines;
  HeaderLines::Line last = HeaderLines::Line::of_header;
  std::size_t at = 0;
  while (at < untrusted_mail.size() && last == HeaderLines::Line::of_header) {
    const std::size_t end = std::min(untrusted_mail.find(end_of_line, at), untrusted_mail.size() - 1);
    const std::string_view line = untrusted_mail.substr(at, end + 1 - at);
    last = lines.take(line, untrusted_mail.substr(end + 1));
    if (last != HeaderLines::Line::of_body) at += line.size();
  }
  for (Field &field : lines.fields) {
    if (field.value.ends_with('\n')) field.value.remove_suffix(1);
    if (field.value.ends_with('\r')) field.value.remove_suffix(1);
  }
  return {std::move(lines.fields), untrusted_mail.substr(at), lines.malformed || lines.mbox || lines.cut};
}

} // namespace sekisho::mime
