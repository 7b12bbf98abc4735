// libtiff as values; private to rebuild.
#pragma once

#include "base/result.hh"
#include "sanitizer/job/job.hh"
#include "sanitizer/rebuild/picture/pixels.hh"

#include <memory>

struct tiff;

namespace sekisho::rebuild {

/// One page as it was found.
struct TiffPicture {
  std::uint32_t width = 0, height = 0;
  Scratch two_tones;                  // rows of bits, 0 black, from the top; empty: see pixels
  Pixels pixels;                      // sRGB, upright; alpha premultiplied
  bool lossy = false;                 // was coded as JPEG
  std::uint32_t across = 0, down = 0; // dots an inch; 0: not known
};

class TiffDecoder {
public:
  TiffDecoder(Bytes untrusted, const job::Plan &plan);
  TiffDecoder(const TiffDecoder &) = delete;
  ~TiffDecoder();
  bool opened() const { return file_ != nullptr; }
  /// Errors: part_malformed, part_too_big, part_variant.
  Result<TiffPicture, Reason> read_page();
  /// Whether the page is one more form of another: a thumbnail or a mask.
  bool is_extra() const;
  bool is_last() const;
  bool go_on();

private:
  struct Source {
    Bytes bytes;
    std::uint64_t position = 0;
  };
  struct Format;
  friend struct SourceCalls;

  Format format() const;
  bool read_strips(std::uint8_t *to, std::size_t row_size, const Format &format);
  Result<void, Reason> read_samples(TiffPicture &picture, const Format &format);
  Result<void, Reason> read_anything(TiffPicture &picture, const Format &format);
  Bytes profile() const;

  Source source_;
  std::uint64_t most_pixels_;
  struct ::tiff *file_ = nullptr; // TIFF
};

} // namespace sekisho::rebuild
