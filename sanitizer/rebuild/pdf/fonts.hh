// Fonts for documents that do not carry their own.  Mapped in the zygote; the engine is served from
// memory, since a worker cannot open a file.
#pragma once

#include "base/bytes.hh"
#include "sanitizer/rebuild/pdf/pdfium.hh"

#include <cstddef>

namespace sekisho::rebuild {

/// Maps the fonts we choose from, where they are installed.  Returns how many.
std::size_t map_fonts();
/// Whether Japanese can be drawn.
bool have_japanese_fonts();
pdfium::FontSource *font_source();
/// A TrueType file in which Japanese is as wide as it is high, and all else half of it; empty where there is none.
Bytes gothic_font();

} // namespace sekisho::rebuild
