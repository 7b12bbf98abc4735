// Any octets as each kind of header field: the results are what the writer may take, or nothing.
#include "base/bytes.hh"
#include "base/check.hh"
#include "base/utf8.hh"
#include "sanitizer/mime/address.hh"
#include "sanitizer/mime/automatic.hh"
#include "sanitizer/mime/header.hh"
#include "sanitizer/text/clean.hh"
#include "sanitizer/verify/verify.hh"

namespace {

using namespace sekisho;

/// What is taken of such a field the strict reader takes, and once more it is the same.
void check_automatic(std::string_view field) {
  std::vector<mime::Field> fields;
  for (std::string_view name : {"Auto-Submitted", "Precedence", "X-Auto-Response-Suppress", "List-Id"})
    fields.push_back({name, field});
  std::string mail = "From: a@example.jp\r\nX-Sekisho-Receipt: 1\r\nMIME-Version: 1.0\r\n"
                     "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n";
  for (const mime::AutomaticField &found : mime::read_automatic(fields)) {
    CHECK(mime::automatic_value({found.name, found.value}) == found.value);
    (mail += found.name) += ": " + found.value + "\r\n";
  }
  CHECK(verify::accept_mail(as_bytes(mail + "\r\nYQ0K\r\n")).has_value());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::string_view field = as_chars(std::as_bytes(std::span(data, size)));
  for (const mime::Mailbox &mailbox : mime::parse_addresses(field, 500)) {
    CHECK(mailbox.address.empty() || mime::is_address(mailbox.address));
    text::Findings findings;
    CHECK(text::clean_line(mailbox.name, findings) == mailbox.name);
  }
  for (const std::string &id : mime::parse_message_ids(field, 20))
    CHECK(mime::is_message_id(id));
  check_automatic(field);
  const std::string date = mime::canonical_date(field);
  CHECK(date.empty() || mime::canonical_date(date) == date);
  CHECK(utf8_valid(mime::decode_text(field)));
  const mime::Parameterized value = mime::parse_parameterized(field);
  for (const mime::Parameter &parameter : value.parameters) {
    CHECK(utf8_valid(parameter.value));
    text::Findings findings;
    const std::string name = text::clean_file_name(parameter.value, findings);
    CHECK(name.size() <= text::most_file_name + 1 && name.find_first_of("/\\") == std::string::npos);
  }
  return 0;
}
