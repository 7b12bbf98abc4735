// libjpeg-turbo as values; private to rebuild.
#pragma once

#include "base/result.hh"
#include "sanitizer/job/job.hh"
#include "sanitizer/rebuild/pixels.hh"

namespace sekisho::rebuild {

struct JpegSource {
  const std::uint8_t *first_row = nullptr;
  std::size_t stride = 0; // octets from row to row
  std::uint32_t width = 0, height = 0;
  enum class Format { gray, rgb, bgrx } format = Format::rgb;
};

/// Baseline, no marker beyond what decoding needs but JFIF.  Errors: part_malformed.
Result<Buffer, Reason> encode_jpeg(const JpegSource &source, int quality);

} // namespace sekisho::rebuild
