// Characters of a page that its picture lacks; private to rebuild.
#pragma once

#include "sanitizer/rebuild/pdf/pdfium.hh"
#include "sanitizer/rebuild/picture/pixels.hh"

namespace sekisho::rebuild {

/// Whether the engine has no glyph for a character and left a gap in `drawn` (BGRx, the whole page).  Only what is sure:
/// level text, on a plain ground, of another colour.
bool has_gaps(const pdfium::Engine &engine, pdfium::Page page, const Pixels &drawn);

} // namespace sekisho::rebuild
