#include "gateway/guard/message.hh"

#include "sanitizer/mime/address.hh"
#include "sanitizer/mime/fields.hh"

#include <algorithm>

namespace sekisho::guard {

Message read_message(Bytes untrusted_mail) {
  const mime::Header header = mime::read_header(as_chars(untrusted_mail));
  Message message{{}, header.body, header.unclear};
  message.fields.reserve(header.fields.size());
  for (const mime::Field &field : header.fields) {
    const char *end = field.value.data() + field.value.size();
    message.fields.push_back({field.name, field.value, {field.name.data(), static_cast<std::size_t>(end - field.name.data())}});
  }
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

Author author_of(const Message &message) {
  std::vector<mime::Field> fields;
  for (const Field &field : message.fields)
    if (equals_ignoring_case(field.name, "From") || equals_ignoring_case(field.name, "Sender"))
      fields.push_back({field.name, field.value});
  const mime::Authors authors = mime::authors_of(fields, 2);
  const bool is_one = authors.mailboxes.size() == 1 && count(message, "From") <= 1 && count(message, authors.field) == 1;
  const bool is_there = !authors.mailboxes.empty() || count(message, "From") > 0;
  return {is_there ? authors.field : std::string_view(), is_one ? authors.mailboxes.front().address : std::string()};
}

} // namespace sekisho::guard
