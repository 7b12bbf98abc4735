// Header fields: unfolding, encoded words (RFC 2047), parameters (RFC 2045 §5.1, RFC 2231).
// Tolerant in reading; the results are UTF-8 but not yet cleaned (sanitizer/text/clean.hh).
#pragma once

#include "base/text.hh"

#include <string>
#include <string_view>
#include <vector>

namespace sekisho::mime {

/// One field as it stands in the mail; both borrowed from it.
struct Field {
  std::string_view name;
  std::string_view value; // behind the colon, folds included
};

/// The first field of that name, any case; nullptr when there is none.
const Field *find_field(const std::vector<Field> &fields, std::string_view name);
std::size_t count_fields(const std::vector<Field> &fields, std::string_view name);
using sekisho::equals_ignoring_case;

/// Line ends taken out; white space at both ends taken off.  Reads its first `most` octets.
std::string unfold(std::string_view value, std::size_t most = 64 << 10);

/// Unfolded and all encoded words read, wherever they stand.  Neighbours of one charset are joined
/// before they are read, since many programs cut inside a character.  Octets above 0x7f are read as
/// what they seem to be.
std::string decode_text(std::string_view value);

/// Raw Japanese may hold octets that look like quotation marks, backslashes or parentheses: takes all of ISO-2022-JP up to
/// its return to ASCII, and where the value is no UTF-8 (`foreign`) two octets that may be a kanji of Shift_JIS.
bool take_raw_japanese(std::string_view value, std::size_t &position, bool foreign, std::string &taken);

struct Parameter {
  std::string name;  // lower case, without the marks of RFC 2231
  std::string value; // UTF-8
};

/// A value with parameters: Content-Type, Content-Disposition.
struct Parameterized {
  std::string value; // lower case: "text/plain", "attachment"
  std::vector<Parameter> parameters;
  bool ambiguous = false; // one name twice, or with and without RFC 2231 and another value (of a file: extension)
  const std::string *find(std::string_view name) const;
};
Parameterized parse_parameterized(std::string_view value);

} // namespace sekisho::mime
