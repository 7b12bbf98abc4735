// PNG (ISO/IEC 15948) with IHDR, pHYs where the size in print is known, IDAT and IEND, for few colours PLTE and tRNS, and nothing else;
// private to rebuild.
#pragma once

#include "sanitizer/rebuild/picture/pixels.hh"

namespace sekisho::rebuild {

/// Empty when there is no memory or the picture is beyond what one chunk holds.
Buffer write_png(const Pixels &pixels);

} // namespace sekisho::rebuild
