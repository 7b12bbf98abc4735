// A printed page as octets, between the worker that draws and the side that writes the PDF.
#pragma once

#include "base/result.hh"
#include "sanitizer/rebuild/pdf/pdf_writer.hh"

namespace sekisho::rebuild {

Buffer encode(const PrintedPage &page);
/// The octets are hostile: every length and enumerator is checked, nothing may be left over.  What
/// picture and text hold is not looked at: sanitizer/verify does that with the written page.
Result<PrintedPage> decode_page(Bytes untrusted);

} // namespace sekisho::rebuild
