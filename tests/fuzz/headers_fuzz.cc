// Any octets as each kind of header field: the results are what the writer may take, or nothing.
#include "base/bytes.hh"
#include "base/check.hh"
#include "base/utf8.hh"
#include "sanitizer/mime/address.hh"
#include "sanitizer/mime/header.hh"
#include "sanitizer/text/clean.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  using namespace sekisho;
  const std::string_view field = as_chars(std::as_bytes(std::span(data, size)));
  for (const mime::Mailbox &mailbox : mime::parse_addresses(field, 500)) {
    CHECK(mailbox.address.empty() || mime::is_address(mailbox.address));
    text::Findings findings;
    CHECK(text::clean_line(mailbox.name, findings) == mailbox.name);
  }
  for (const std::string &id : mime::parse_message_ids(field, 20))
    CHECK(mime::is_message_id(id));
  const std::string date = mime::canonical_date(field);
  CHECK(date.empty() || mime::canonical_date(date) == date);
  CHECK(utf8_valid(mime::decode_text(field)));
  const mime::Parameterized value = mime::parse_parameterized(field);
  for (const mime::Parameter &parameter : value.parameters) {
    CHECK(utf8_valid(parameter.value));
    text::Findings findings;
    const std::string name = text::clean_file_name(parameter.value, findings);
    CHECK(name.size() <= 200 && name.find_first_of("/\\") == std::string::npos);
  }
  return 0;
}
