// GIF89a with a palette, delays, frames and nothing else; private to rebuild.
#pragma once

#include "sanitizer/rebuild/picture/pixels.hh"

#include <array>
#include <optional>

namespace sekisho::rebuild {

/// Red, green, blue in the lower 24 bits; at most 256 of them.
using Palette = std::vector<std::uint32_t>;

struct GifFrame {
  std::uint16_t left = 0, top = 0, width = 0, height = 0; // inside the canvas
  std::uint16_t delay = 0;                                // hundredths of a second
  std::uint8_t disposal = 0;                              // 0–3, GIF89a §23
  std::optional<std::uint8_t> transparent;                // an index
  Palette palette;                                        // empty: the animation's
  Scratch indices; // width × height, below the palette's size
};

struct Animation {
  std::uint16_t width = 0, height = 0;
  Palette palette;                    // of the frames without their own; empty when there are none
  std::optional<std::uint16_t> loops; // 0: for ever; nothing: once
  std::vector<GifFrame> frames;
};

Buffer write_gif(const Animation &animation);

/// The one form of palettes: colours that no pixel has are dropped, each colour stands once, in
/// order of its value.  Neither order, doubles nor unused entries can carry anything.
void make_palettes_canonical(Animation &animation);

} // namespace sekisho::rebuild
