// Address lists of From, To, Cc and Reply-To.  RFC 5322 §3.4, read tolerantly.
#pragma once

#include "base/clock.hh"
#include "sanitizer/mime/header.hh"

#include <string>
#include <string_view>
#include <vector>

namespace sekisho::mime {

struct Mailbox {
  std::string name; // display name, UTF-8, cleaned, may be empty
  std::string address; // local@domain, checked by is_address(), U-labels as A-labels; empty: none that can be written
};

constexpr std::size_t most_of_list = 1 << 20; // octets of a list that are read

/// At most `limit` mailboxes.  Groups give their members; "<a@b> <c@d>" without a comma is two, and who reads one of
/// them may read either.  "Yamada, Taro <a@b>" and "Office: Yamada <a@b>" without quotes are one.
std::vector<Mailbox> parse_addresses(std::string_view field_value, std::size_t limit);

/// Whom a reader is shown as the author: From or, where that names nobody, the first of Sender; and the field that says it.
struct Authors {
  std::string_view field = "From";
  std::vector<Mailbox> mailboxes;
};
Authors authors_of(const std::vector<Field> &fields, std::size_t limit);

/// ASCII, one '@', a dot-atom before it, a host name or address literal behind it (RFC 5321 §4.1.2
/// without quoted local parts).
bool is_address(std::string_view text);

/// <left@right> of printable ASCII without space, at most 250 octets.  RFC 5322 §3.6.4.
bool is_message_id(std::string_view text);
/// The ids in a field, well-formed ones only but for blanks in them, which go; of many the first, which began the thread,
/// and the last ones, `limit` in all.  Where the field has no '<', words that are ids without it.
std::vector<std::string> parse_message_ids(std::string_view field_value, std::size_t limit);

/// A date as we write it, "Fri, 20 Nov 2026 19:00:00 +0900"; empty when the field holds none.
/// RFC 5322 §3.3 with the obsolete forms of §4.3, and those of programs that write others: asctime(), 27-Nov-2026, 2026/11/27.
std::string canonical_date(std::string_view field_value);
/// "Fri, 20 Nov 2026 10:00:00 +0000".  From 1970 to the end of 9999.
std::string date_of(UnixSeconds time);

} // namespace sekisho::mime
