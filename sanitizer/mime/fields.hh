// Where a header begins, what is a field in it, and where it ends.  Who judges a mail (gateway/guard) and who builds it
// anew read with this, so that both read the same.
#pragma once

#include "sanitizer/mime/header.hh"

#include <cstdint>
#include <string_view>
#include <vector>

namespace sekisho::mime {

constexpr std::size_t max_fields = 1000; // read of one header

/// Without its line end and the blanks before it.
std::string_view trimmed_end(std::string_view line);

/// Takes a header line by line.
class HeaderLines {
public:
  enum class Line : std::uint8_t { of_header, empty, of_body };
  /// `line` with its line end, and all that is behind it.  Empty: the body is behind the line.  Of body: it begins with it.
  Line take(std::string_view line, std::string_view behind);

  std::vector<Field> fields;
  bool malformed = false; // a line that is no field, passed over or taken for the beginning of the body
  bool mbox = false;      // it began with a line of a mailbox file
  bool cut = false;       // there are more than max_fields

private:
  bool first_ = true;
};

struct Header {
  std::vector<Field> fields; // values end before their last line end
  std::string_view body;     // points into the mail also where it is empty
  bool unclear = false;      // other programs may read other fields, or another body: malformed, mbox or cut
};
/// The header of a whole mail.  Linear.
Header read_header(std::string_view untrusted_mail);

} // namespace sekisho::mime
