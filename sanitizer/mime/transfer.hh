// Transfer encodings, read the way mail is really written.  RFC 2045 §6.
#pragma once

#include "base/bytes.hh"

#include <optional>
#include <string>
#include <string_view>

namespace sekisho::mime {

enum class Encoding : std::uint8_t { identity, base64, quoted_printable, uuencode, unknown };

/// By the word of Content-Transfer-Encoding, any case.  The name of a character set says that there is none.
Encoding encoding_named(std::string_view word);

/// Octets outside the alphabet are passed over; padding in the middle starts anew; an incomplete
/// end gives what whole octets it has.
Buffer decode_base64(Bytes octets);
/// Whether letters stand behind padding: others stop there.
bool goes_on_behind_padding(Bytes base64);
/// An '=' that starts nothing stays.  White space at the end of a line goes.
Buffer decode_quoted_printable(Bytes octets);

/// One uuencoded file (POSIX): where it stood and what it holds.
struct UuFile {
  std::size_t start = 0, end = 0; // in the text: from "begin" to behind the line "end"
  std::string_view name;          // as written, borrowed
  Buffer content;
};
/// The first file at or behind `position`; nothing when there is none.
std::optional<UuFile> find_uuencoded(std::string_view text, std::size_t position);

/// By the encoding; uuencode gives the first file, unknown the octets as they are.
Buffer decode_transfer(Encoding encoding, Bytes octets);

} // namespace sekisho::mime
