// What a document does not show of a picture is cut off for good; private to rebuild.
#pragma once

#include "sanitizer/job/job.hh"
#include "sanitizer/rebuild/picture/pixels.hh"

namespace sekisho::rebuild {

/// What stays of a picture, in pixels; never nothing.
struct CutBox {
  std::uint32_t left = 0, top = 0, width = 0, height = 0;
};
CutBox box_of(const job::Cut &cut, std::uint32_t width, std::uint32_t height, Density density = {});

void cut_off(Pixels &pixels, const job::Cut &cut);

} // namespace sekisho::rebuild
