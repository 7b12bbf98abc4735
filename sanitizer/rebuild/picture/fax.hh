// Two tones as ITU-T T.6 (Group 4): what scanned paper is smallest in; private to rebuild.
#pragma once

#include "base/bytes.hh"

#include <cstdint>

namespace sekisho::rebuild {

/// `rows`: one bit a pixel, the highest first, 0 black, each row beginning at an octet; `width` of
/// 1 or more.  With the end-of-block code.
Buffer encode_group4(Bytes rows, std::uint32_t width, std::uint32_t height);

} // namespace sekisho::rebuild
