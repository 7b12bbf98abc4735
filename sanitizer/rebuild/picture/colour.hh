// Colours as sRGB (IEC 61966-2-1), whatever the file calls its numbers; private to rebuild.
#pragma once

#include "sanitizer/rebuild/picture/pixels.hh"

#include <array>

namespace sekisho::rebuild {

/// By the ICC profile (ISO 15076-1), alpha untouched.  A profile that cannot be used, or that is
/// sRGB to within one step, changes nothing.
void to_srgb(Pixels &pixels, Bytes untrusted_profile);

/// Four inks a pixel, 0 for none, to RGB, by the profile or, without one that can be used, by
/// multiplying.  Without memory when there is none.
Pixels inks_to_srgb(const Pixels &cmyk, Bytes untrusted_profile);

/// What PNG's gAMA and cHRM say (§11.3.3).
struct Tone {
  double exponent = 0;           // of the picture: 1/2.2 is usual
  std::array<double, 8> xy = {}; // white, red, green, blue; all 0: those of sRGB
};
void to_srgb(Pixels &pixels, const Tone &tone);

/// Makes once what every transformation needs, before the lockdown.
void warm_up_colours();

} // namespace sekisho::rebuild
