// The text of a page as the engine finds it, with its places, for the invisible layer.
#pragma once

#include "sanitizer/rebuild/pdf/pdfium.hh"
#include "sanitizer/rebuild/pdf/text_layer.hh"

namespace sekisho::rebuild {

/// `width`, `height`: of the page as shown, in points.  Empty where the engine finds no text.
///
/// What the layer does not promise: that its text is what the picture shows.  The original may map
/// its glyphs to other characters, or carry text in white or behind a picture; that text is still
/// only text here, cleaned like a mail's.  Nor does it promise order across columns (the engine's
/// is kept), exact places inside a run, or text upside down or at an angle as one line.
std::vector<TextRun> read_text(const pdfium::Engine &engine, pdfium::Page page, double width,
                               double height);

/// All characters as plain text, lines as the engine sees them; not cleaned.
std::string plain_text_of(const pdfium::Engine &engine, pdfium::Page page);

} // namespace sekisho::rebuild
