#include "gateway/spool/crc32c.hh"

#include <isa-l/crc.h>

#include <algorithm>

namespace sekisho::spool {

std::uint32_t crc32c(Bytes bytes, std::uint32_t crc) {
  constexpr std::size_t most = 1u << 30; // it counts in an int
  crc = ~crc;
  while (!bytes.empty()) {
    const Bytes piece = bytes.first(std::min(bytes.size(), most));
    // it reads only; its own signature does not say so
    auto *octets = reinterpret_cast<unsigned char *>(const_cast<std::byte *>(piece.data()));
    crc = crc32_iscsi(octets, static_cast<int>(piece.size()), crc);
    bytes = bytes.subspan(piece.size());
  }
  return ~crc;
}

} // namespace sekisho::spool
