// The independent readers of the files that rebuild writes; private to verify.  They share no code
// with rebuild: PDF by hand, deflate by zlib where rebuild uses libdeflate, pictures walked by
// hand.
#pragma once

#include "base/bytes.hh"
#include "sanitizer/job/job.hh"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace sekisho::verify {

constexpr std::uint64_t most_pixels = 400'000'000; // of one picture, whatever the plan allowed

bool is_our_png(Bytes untrusted);
bool is_our_gif(Bytes untrusted);
bool is_our_tiff(Bytes untrusted);
/// `kind`: ooxml_word, ooxml_sheet or ooxml_slides.  `deadline`: monotonic_ns() at which to give
/// up.
bool is_our_ooxml(job::Kind kind, Bytes untrusted, std::uint64_t deadline);
/// A text, sheet, presentation or drawing (odf.cc).
bool is_our_odf(Bytes untrusted, std::uint64_t deadline);
/// A zip of files of the kinds that accept() takes.
bool is_our_archive(Bytes untrusted, std::uint64_t deadline);

struct JpegShape {
  std::uint32_t width = 0, height = 0;
  unsigned components = 0; // 1 or 3
};
/// Nothing when it is not a JPEG of the markers that our encoder writes.
std::optional<JpegShape> our_jpeg(Bytes untrusted);

/// Whether `untrusted` is one picture of two tones in ITU-T T.6 coding (Group 4) of exactly so many
/// pixels, each coded in the one way that T.6 prescribes, and the end-of-block code.
bool is_our_fax(Bytes untrusted, std::uint32_t width, std::uint32_t height);

/// Whether `untrusted` is one zlib stream that unpacks to exactly `size` octets.  `row_size` > 0:
/// every row of that many octets must begin with an octet of at most `most_first`.
bool unpacks_to(Bytes untrusted, std::uint64_t size, std::size_t row_size = 0,
                unsigned most_first = 0);

/// What one zlib stream unpacks to; nothing when it is not exactly one or unpacks to more than
/// `most` octets.
std::optional<Buffer> unpacked(Bytes untrusted, std::size_t most);

} // namespace sekisho::verify
