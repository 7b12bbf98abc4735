#include "gateway/guard/message.hh"

#include "sanitizer/mime/address.hh"

#include <algorithm>

namespace sekisho::guard {
namespace {

bool is_field_name(std::string_view name) { // RFC 5322 §3.6.8
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7f; });
}

/// Up to its line end, which is taken off `rest` too.
std::string_view take_line(std::string_view &rest) {
  const std::size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

} // namespace

Message read_message(Bytes untrusted_mail) {
  Message message;
  std::string_view rest = as_chars(untrusted_mail);
  while (!rest.empty()) {
    const std::string_view before = rest;
    const std::string_view first = take_line(rest);
    if (first.empty()) break; // the body is behind it
    std::size_t colon = first.find(':');
    std::string_view name = first.substr(0, std::min(colon, first.size()));
    while (!name.empty() && is_blank(name.back())) name.remove_suffix(1); // RFC 5322 §4.5.3
    if (colon == std::string_view::npos || !is_field_name(name) || message.fields.size() == max_fields) {
      rest = before;
      break;
    }
    std::string_view last = first;
    while (!rest.empty() && is_blank(rest.front())) last = take_line(rest);
    const std::string_view whole(before.data(), static_cast<std::size_t>(last.data() + last.size() - before.data()));
    message.fields.push_back({name, whole.substr(colon + 1), whole});
  }
  message.body = rest;
  return message;
}

const Field *find(const Message &message, std::string_view name) {
  const auto found = std::ranges::find_if(
      message.fields, [&](const Field &field) { return equals_ignoring_case(field.name, name); });
  return found == message.fields.end() ? nullptr : &*found;
}

std::size_t count(const Message &message, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::count_if(
      message.fields, [&](const Field &field) { return equals_ignoring_case(field.name, name); }));
}

std::string domain_of(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos) return {};
  std::string domain = lower_case(address.substr(at + 1));
  if (domain.ends_with('.')) domain.pop_back();
  return domain;
}

std::string author_of(const Message &message) {
  if (count(message, "From") != 1) return {};
  const std::vector<mime::Mailbox> mailboxes = mime::parse_addresses(find(message, "From")->value, 2);
  return mailboxes.size() == 1 ? mailboxes.front().address : std::string();
}

} // namespace sekisho::guard
