// Exif 2.32 §4.6.4 tag 0x0112: how the camera was held.  The only datum of Exif that changes what
// one sees.
#pragma once

#include "sanitizer/rebuild/pixels.hh"

namespace sekisho::rebuild {

/// 1–8, or 0 when the APP1 segment says nothing understandable.
int exif_orientation(Bytes untrusted_app1);
/// Turned and mirrored so that the first row is the top; without memory when there is none.
Pixels turn_upright(Pixels pixels, int orientation);

} // namespace sekisho::rebuild
