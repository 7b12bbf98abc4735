// The pictures of bench-image, the same each time.
#pragma once

#include "base/bytes.hh"

namespace sekisho::bench {

Buffer slide_png();               // 1920 x 1080: a gradient, boxes, letters, a small photo
Buffer photo_png();               // 1920 x 1080
Buffer moving_gif();              // 480 x 360, 48 frames of 256 colours, dithered
Buffer fax_pages(unsigned pages); // A4 at 300 dpi, two tones, Group 4, lines of letters

} // namespace sekisho::bench
