// The character set of a name that says none.
#pragma once

#include "sanitizer/text/charset.hh"

namespace sekisho::text {

/// A name that is none in Shift_JIS, as `windows` says, and is one in EUC-JP.
bool is_euc_alone(Bytes octets, const Decoded &windows);
/// `octets` of a file's name that is no UTF-8, of which `windows` is the reading in Shift_JIS: that, or the one in EUC-JP
/// where it reads better.  Each reads as half-width katakana in the other, and names of these are written in Shift_JIS:
/// they stay so unless `among_euc`, another name of the same archive being in EUC-JP alone.
Decoded decode_japanese_name(Bytes octets, Decoded windows, bool among_euc);

} // namespace sekisho::text
