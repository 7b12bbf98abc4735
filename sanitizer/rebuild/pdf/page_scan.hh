// Scanned paper: a page that is nothing but one picture.  A JPEG is decoded at the size it is wanted
// in and encoded anew, which is cheaper than drawing it.  A picture of two tones keeps its pixels:
// at fewer its letters would not be read as well, nor be smaller.  Private to rebuild.
#pragma once

#include "sanitizer/rebuild/pdf/pdf_writer.hh"
#include "sanitizer/rebuild/pdf/pdfium.hh"

#include <optional>

namespace sekisho::rebuild {

/// `width`, `height`: pixels the page is wanted in; `most_pixels`: of a picture.  Nothing when the
/// page is anything else or has more than the picture to show (invisible text counts as nothing).
std::optional<PagePicture> scanned_page(const pdfium::Engine &engine, pdfium::Page page,
                                        std::uint32_t width, std::uint32_t height,
                                        std::uint32_t most_pixels);

} // namespace sekisho::rebuild
