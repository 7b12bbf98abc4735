// TIFF 6.0 of pages, one strip each, with the tags that drawing them needs; private to rebuild.
#pragma once

#include "base/bytes.hh"

#include <cstdint>
#include <vector>

namespace sekisho::rebuild {

struct TiffPage {
  enum class Coding : std::uint16_t { // tag 259
    group4 = 4,
    jpeg = 7,     // of 1 or 3 channels
    deflated = 8, // each sample less the one to its left (§14)
  };
  std::uint32_t width = 0, height = 0;
  std::uint32_t channels = 1; // 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha, premultiplied
  Coding coding = Coding::deflated;
  std::uint32_t across = 0, down = 0; // dots an inch; 0: not known
  Buffer strip;
};

/// Empty when it would be beyond what TIFF's offsets reach.
Buffer write_tiff(const std::vector<TiffPage> &pages);

} // namespace sekisho::rebuild
