// The smallest form of a picture's samples; private to rebuild.
#pragma once

#include "sanitizer/rebuild/picture/pixels.hh"

#include <optional>

namespace sekisho::rebuild {

/// Without an alpha that is full everywhere, and gray where all colours are.  Nothing: it is as
/// small as it gets.
std::optional<Pixels> reduced(const Pixels &pixels);

/// A picture of at most 256 colours, or of at most 16 grays.
struct FewColours {
  std::vector<std::uint32_t> colours; // alpha, red, green, blue from the highest octet; rising
  unsigned bits = 8;                  // of an index: 1, 2, 4 or 8
  Buffer rows;                        // each behind its filter, which is none (§9.2)
};
std::optional<FewColours> few_colours(const Pixels &pixels);

} // namespace sekisho::rebuild
