// HEVC and AV1 pictures as planes; private to rebuild.
#pragma once

#include "sanitizer/rebuild/picture/heif_container.hh"

#include <array>
#include <functional>

namespace sekisho::rebuild {

struct HeifPlane {
  const std::uint8_t *octets = nullptr; // 2 a sample, the lower first, above 8 bits
  int stride = 0;
  int bits = 8;
};

struct HeifPlanes {
  std::uint32_t width = 0, height = 0;
  unsigned halved_across = 0, halved_down = 0; // of the second and third plane: 0 or 1
  bool gray = false;                           // only the first plane
  std::array<HeifPlane, 3> planes;
  HeifColours colours; // what the stream says
};

/// False when there is no whole picture in it, or one above `most_pixels`.
bool decode_heif_tile(const HeifTile &tile, std::uint64_t most_pixels,
                      const std::function<void(const HeifPlanes &)> &take);

/// Makes each decoder once, before the lockdown.
void warm_up_heif();

} // namespace sekisho::rebuild
