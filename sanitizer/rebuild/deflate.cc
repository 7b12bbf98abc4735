#include "sanitizer/rebuild/deflate.hh"

#include <libdeflate.h>

#include <memory>

namespace sekisho::rebuild {

Buffer deflate(Bytes bytes, int level) {
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(level), &libdeflate_free_compressor);
  if (!compressor) return {};
  Buffer packed(libdeflate_zlib_compress_bound(compressor.get(), bytes.size()));
  packed.resize(libdeflate_zlib_compress(compressor.get(), bytes.data(), bytes.size(),
                                         packed.data(), packed.size()));
  return packed;
}

} // namespace sekisho::rebuild
