// Octets of any character set that mail uses, to UTF-8 (H1).  Own decoders over constant tables; no
// state outside the call.
#pragma once

#include "base/bytes.hh"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sekisho::text {

enum class Scheme : std::uint8_t {
  ascii,
  utf8,
  utf16,
  utf16le,
  utf16be,
  utf32le,
  utf32be,
  iso2022jp,
  shift_jis,
  shift_jis_2004,
  euc_jp,
  euc_jis_2004,
  gb18030,
  hz,
  big5,
  euc_kr,
  iso2022kr,
  single_octet,
  refused, // UTF-7 and what else hides markup in ASCII
};

struct Charset {
  Scheme scheme = Scheme::ascii;
  std::uint8_t table = 0; // of tables::single_octet
};

/// By label as mails write it, any case: "ISO-2022-JP", "x-sjis", "cp932", "ks_c_5601-1987".
std::optional<Charset> charset_named(std::string_view label);

/// By the number that Windows and MAPI give it; one that the tables do not have is read as 1252.
Charset charset_of_code_page(unsigned page);

/// `text` is valid UTF-8 of any characters (control characters too: see clean.hh).
struct Decoded {
  std::string text;
  std::size_t errors = 0; // octets or sequences that stand for nothing; each one U+FFFD
};

/// Japanese sets as the Encoding Standard reads them, CP932 with the NEC and IBM extensions,
/// ISO-2022-JP with half-width katakana, JIS X 0212, JIS X 0213, shift-out katakana and a lost return to
/// ASCII at a line's end.
Decoded decode(Charset charset, Bytes octets);

/// As decode(), but the label may be missing or wrong: where it does not fit the octets, the set
/// that fits best is taken.
Decoded decode_labelled(Bytes octets, std::string_view label);

} // namespace sekisho::text
