// Pixels to the file that leaves, for formats that do not leave as themselves; private to rebuild.
#pragma once

#include "sanitizer/rebuild/picture/pixels.hh"
#include "sanitizer/rebuild/rebuild.hh"

namespace sekisho::rebuild {

constexpr int picture_quality = 90; // of JPEG

/// PNG, or JPEG when the original was coded with loss and nothing shines through.
/// `reasons`: why it was treated.  Colours that nobody sees, under an alpha of 0, become black.
Result<Rebuilt, Reason> still(Pixels &pixels, bool lossy, std::vector<Reason> reasons);

} // namespace sekisho::rebuild
