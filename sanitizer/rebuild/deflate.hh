// zlib streams (RFC 1950) by libdeflate; private to rebuild.
#pragma once

#include "base/bytes.hh"

namespace sekisho::rebuild {

/// Deterministic for the same input and level (1–12).  Empty when there is no memory.
Buffer deflate(Bytes bytes, int level);

} // namespace sekisho::rebuild
