// The key of a flow: the same for both directions.
#pragma once

#include "base/address.hh"

#include <cstring>

namespace sekisho::flow {

/// Both ends, the lower one first (by is_above).  ICMP echo has its identifier as both ports.
struct Key {
  Ip low, high;
  std::uint16_t low_port = 0, high_port = 0;
  std::uint8_t protocol = 0;
  std::uint8_t zero[3] = {}; // so that a key compares and hashes as 40 octets

  /// Without a branch or a call: the path compares one for every packet.
  bool operator==(const Key &other) const {
    std::uint64_t mine[5], theirs[5], difference = 0;
    std::memcpy(mine, this, sizeof mine);
    std::memcpy(theirs, &other, sizeof theirs);
    for (int i = 0; i < 5; ++i) difference |= mine[i] ^ theirs[i];
    return difference == 0;
  }
};
static_assert(sizeof(Key) == 40 && std::is_trivially_copyable_v<Key>);

struct End {
  Ip ip;
  std::uint16_t port = 0;
};

/// Whether (a, port_a) is above (b, port_b); any order does that is total and the same every time.
inline bool is_above(const End &a, const End &b) {
  std::uint64_t one[2], other[2];
  std::memcpy(one, &a.ip, sizeof one);
  std::memcpy(other, &b.ip, sizeof other);
  if (one[1] != other[1]) return one[1] > other[1]; // where IPv4 addresses differ
  if (one[0] != other[0]) return one[0] > other[0];
  return a.port > b.port;
}

/// Sets `source_is_high` when the source is the second end of the key.
inline Key make_key(const End &source, const End &destination, std::uint8_t protocol,
                    bool &source_is_high) {
  source_is_high = is_above(source, destination);
  const End &low = source_is_high ? destination : source;
  const End &high = source_is_high ? source : destination;
  return {.low = low.ip,
          .high = high.ip,
          .low_port = low.port,
          .high_port = high.port,
          .protocol = protocol};
}

} // namespace sekisho::flow
