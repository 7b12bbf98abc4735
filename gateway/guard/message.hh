// The header of a mail as it came, field by field and octet by octet: what authentication hashes and what tells
// a forwarded mail.  Nothing is decoded here.  Everything is borrowed from the mail.
#pragma once

#include "base/bytes.hh"
#include "base/text.hh"

#include <string>
#include <string_view>
#include <vector>

namespace sekisho::guard {

constexpr std::size_t max_fields = 2000; // read of one header

struct Field {
  std::string_view name;  // as written, without the colon
  std::string_view value; // behind the colon, folds included, without the last line end
  std::string_view whole; // name to last line end, without it
};

struct Message {
  std::vector<Field> fields;
  std::string_view body; // behind the empty line; empty where there is none
};

/// RFC 5322 §2.2.  Linear.  A line that is no field ends the header, as every reader does it.
Message read_message(Bytes untrusted_mail);

/// The first field of that name, any case; null: none.
const Field *find(const Message &message, std::string_view name);
std::size_t count(const Message &message, std::string_view name);

/// Behind the last '@', lower case, without a dot at the end; empty: none.
std::string domain_of(std::string_view address);

/// The one address a reader is shown as sender; empty where From is missing, there twice, or names several.
std::string author_of(const Message &message);

} // namespace sekisho::guard
