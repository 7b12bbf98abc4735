// The header of a mail as it came, field by field and octet by octet: what authentication hashes and what tells
// a forwarded mail.  Nothing is decoded here.  Everything is borrowed from the mail.
#pragma once

#include "base/bytes.hh"
#include "base/text.hh"

#include <string>
#include <string_view>
#include <vector>

namespace sekisho::guard {

struct Field {
  std::string_view name;  // as written, without the colon
  std::string_view value; // behind the colon, folds included, without the last line end
  std::string_view whole; // name to last line end, without it
};

struct Message {
  std::vector<Field> fields;
  std::string_view body; // behind the empty line; empty where there is none
  bool unclear = false;  // other programs may read other fields, or another body
};

/// What the sanitizer reads too (sanitizer/mime/fields.hh): what is judged is what will be shown.  Linear.
Message read_message(Bytes untrusted_mail);

/// The first field of that name, any case; null: none.
const Field *find(const Message &message, std::string_view name);
std::size_t count(const Message &message, std::string_view name);

/// Behind the last '@', lower case, without a dot at the end; empty: none.
std::string domain_of(std::string_view address);

/// Whom a reader is shown as sender, and in which field of the mail that stands.
struct Author {
  std::string_view field; // From; Sender, where From names nobody; empty: neither does
  std::string address;    // empty: the field is there twice, names several, or names none that can be written
};
Author author_of(const Message &message);

} // namespace sekisho::guard
