// CRC-32C (Castagnoli), RFC 3720 §12.1 and appendix B.4.
#pragma once

#include "base/bytes.hh"

namespace sekisho::spool {

/// Continues from `crc` (0 to begin): crc32c(b, crc32c(a)) is that of a and b together.
std::uint32_t crc32c(Bytes bytes, std::uint32_t crc = 0);

} // namespace sekisho::spool
