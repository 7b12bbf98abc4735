// The references of bench-image: a picture decoded and encoded again, memory to memory.
#pragma once

#include "base/bytes.hh"

namespace sekisho::bench {

/// Octets of the result, 0 when it failed.
std::size_t libpng_again(Bytes png);

/// False in a build without libvips; then vips_again always fails.
bool have_vips();
/// `load`, `save`: options as vips writes them.  One thread, no cache.
std::size_t vips_again(Bytes picture, const char *load, const char *save);

} // namespace sekisho::bench
