// libjpeg-turbo as values; private to rebuild.
#pragma once

#include "base/result.hh"
#include "sanitizer/job/job.hh"
#include "sanitizer/rebuild/picture/pixels.hh"

namespace sekisho::rebuild {

struct JpegSource {
  const std::uint8_t *first_row = nullptr;
  std::size_t stride = 0; // octets from row to row
  std::uint32_t width = 0, height = 0;
  enum class Format { gray, rgb, bgrx, bgrx_gray } format = Format::rgb;
  Density density{};
};

/// Baseline, no marker beyond what decoding needs but JFIF.  Errors: part_malformed.
Result<Buffer, Reason> encode_jpeg(const JpegSource &source, int quality);

/// A JPEG of one or three components decoded and encoded anew, at the least size of eighths that is
/// `least_width` wide, never larger than it is.
struct RecodedJpeg {
  std::uint32_t width = 0, height = 0; // of the new one
  bool gray = false;
  Buffer data;
};
/// `width`, `height`: what it must have.  Errors: part_malformed, also for colours that are neither
/// gray nor YCbCr.
Result<RecodedJpeg, Reason> recode_jpeg(Bytes untrusted, std::uint32_t width, std::uint32_t height,
                                        std::uint32_t least_width, int quality);

} // namespace sekisho::rebuild
