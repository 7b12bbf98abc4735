// The filters of PNG §9, chosen row by row; private to rebuild.
#pragma once

#include "sanitizer/rebuild/picture/pixels.hh"

namespace sekisho::rebuild {

/// Each row behind the number of its filter: the one whose differences, taken as signed, have the
/// smallest sum (§12.8).  Some room is left at the end: the rows are (row size + 1) × height
/// octets. Without memory when there is none.
Scratch filter_rows(const Pixels &pixels);

} // namespace sekisho::rebuild
