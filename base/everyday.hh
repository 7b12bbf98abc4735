// What most of most texts is made of, passed over many octets at a time.
#pragma once

#include "base/cpu.hh"

#include <cstddef>
#include <string_view>

namespace sekisho {

/// The octets from the beginning on that are everyday text, whole characters: printed ASCII, TAB, LF, U+2080–U+9FFF but for
/// U+3140–U+317F, and U+FF00–U+FF7F.  None of them is invisible, a control or without a meaning for a reader.
/// `wide`: by vectors, where the processor has them; what comes out is the same.
std::size_t utf8_everyday(std::string_view text, bool wide = has_avx2());

} // namespace sekisho
