// The key of a flow: the same for both directions.
#pragma once

#include "base/address.hh"

#include <cstring>

namespace sekisho::flow {

/// Both ends, the lower (address, port) first.  ICMP echo has its identifier as both ports.
struct Key {
  Ip low, high;
  std::uint16_t low_port = 0, high_port = 0;
  std::uint8_t protocol = 0;
  std::uint8_t zero[3] = {}; // so that a key compares and hashes as 40 octets

  bool operator==(const Key &other) const { return std::memcmp(this, &other, sizeof *this) == 0; }
};
static_assert(sizeof(Key) == 40 && std::is_trivially_copyable_v<Key>);

struct End {
  Ip ip;
  std::uint16_t port = 0;
};

/// Sets `source_is_high` when the source is the second end of the key.
inline Key make_key(const End &source, const End &destination, std::uint8_t protocol,
                    bool &source_is_high) {
  int order = std::memcmp(&source.ip, &destination.ip, sizeof(Ip));
  source_is_high = order > 0 || (order == 0 && source.port > destination.port);
  const End &low = source_is_high ? destination : source;
  const End &high = source_is_high ? source : destination;
  return {.low = low.ip,
          .high = high.ip,
          .low_port = low.port,
          .high_port = high.port,
          .protocol = protocol};
}

} // namespace sekisho::flow
