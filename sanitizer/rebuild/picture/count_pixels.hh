// How many pixels a picture that we wrote has, over all its frames or pages: what it cost.  Private to rebuild.
#pragma once

#include "base/bytes.hh"
#include "sanitizer/job/job.hh"

namespace sekisho::rebuild {

/// `kind`: png, jpeg, gif or tiff as our writers write them.  At least 1; where it cannot be read, as many as a picture may
/// have (`most`).
std::uint64_t count_pixels(job::Kind kind, Bytes untrusted, std::uint64_t most);

} // namespace sekisho::rebuild
