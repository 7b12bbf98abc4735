// A drawn page as the smallest coding that still looks the same; private to rebuild.
#pragma once

#include "base/reason.hh"
#include "base/result.hh"
#include "sanitizer/rebuild/pdf/pdf_writer.hh"
#include "sanitizer/rebuild/picture/pixels.hh"

namespace sekisho::rebuild {

/// `bgrx`: rows of 4 octets a pixel.  Errors: part_too_big (no memory, or sides that JPEG cannot
/// have).
Result<PagePicture, Reason> encode_page(const Pixels &bgrx);

} // namespace sekisho::rebuild
