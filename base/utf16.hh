// UTF-16 where nothing says that it is.
#pragma once

#include "base/bytes.hh"

#include <optional>

namespace sekisho {

/// How text reads that is plainly UTF-16 without a mark at its beginning; nothing for all else.  A text of octets
/// has no NUL: one without any is none.
enum class Utf16 : bool { little, big };
std::optional<Utf16> unmarked_utf16(Bytes octets);

/// Of the two octets at `at`.
inline char16_t utf16_unit(Bytes octets, std::size_t at, Utf16 order) {
  const auto first = static_cast<unsigned char>(octets[at]), second = static_cast<unsigned char>(octets[at + 1]);
  return static_cast<char16_t>(order == Utf16::little ? second << 8 | first : first << 8 | second);
}

} // namespace sekisho
