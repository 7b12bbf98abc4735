// The boxes of a HEIF file (ISO/IEC 23008-12 on ISO/IEC 14496-12) that lead to its primary picture;
// private to rebuild.
#pragma once

#include "base/bytes.hh"
#include "base/reason.hh"
#include "base/result.hh"

#include <cstdint>
#include <string_view>
#include <vector>

namespace sekisho::rebuild {

enum class HeifCoding { hevc, av1 };

/// How its samples become colours (ITU-T H.273).
struct HeifColours {
  bool known = false;
  unsigned matrix = 2;
  bool full_range = false;
};

/// One coded picture.
struct HeifTile {
  HeifCoding coding = HeifCoding::hevc;
  Bytes configuration;       // of hvcC or av1C
  std::vector<Bytes> pieces; // of its octets, in order
};

struct HeifPicture {
  std::uint32_t width = 0, height = 0; // before it is turned
  std::uint32_t columns = 1, rows = 1; // of tiles, row by row from the top
  std::vector<HeifTile> tiles;
  std::vector<int> turns; // one after the other, numbered as orientations of Exif
  HeifColours colours;
  Bytes profile; // ICC; may be empty
  bool others = false; // the file shows more than this one
};

/// Everything borrowed from the file.  Errors: part_malformed; part_variant for what is composed
/// otherwise, is cut by the file itself, or has an alpha picture beside it.
Result<HeifPicture, Reason> read_heif(Bytes untrusted);

/// Whether tiles of this size cover the picture, and each has a part in it (ISO/IEC 23008-12 §6.6.2.3.1).
bool fit(const HeifPicture &picture, std::uint32_t tile_width, std::uint32_t tile_height);

} // namespace sekisho::rebuild
