// The character set of a name that says none.
#pragma once

#include "sanitizer/text/charset.hh"

namespace sekisho::text {

/// `octets` of a file's name that is no UTF-8, of which `windows` is the reading in Shift_JIS: that, or the one in EUC-JP
/// where it reads better.  Each reads as half-width katakana in the other.
Decoded decode_japanese_name(Bytes octets, Decoded windows);

} // namespace sekisho::text
