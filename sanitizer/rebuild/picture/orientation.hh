// Exif 2.32 §4.6.4 tag 0x0112: how the camera was held.  The only datum of Exif that changes what
// one sees.
#pragma once

#include "sanitizer/rebuild/picture/pixels.hh"

namespace sekisho::rebuild {

/// 1–8, or 0 when it says nothing understandable.  With or without the mark "Exif" of JPEG.
int exif_orientation(Bytes untrusted);
/// Turned and mirrored so that the first row is the top; without memory when there is none.
Pixels turn_upright(Pixels pixels, int orientation);

} // namespace sekisho::rebuild
