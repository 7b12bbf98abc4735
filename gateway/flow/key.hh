// The key of a flow: the same for both directions.
#pragma once

#include "base/address.hh"

#include <cstring>

namespace sekisho::flow {

/// Both ends, in the order of make_key.  ICMP echo has its identifier as both ports.
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

/// Sets `source_is_high` when the source is the second end of the key: by any order that is total and the
/// same every time.  Addresses come in no order, so a branch here would be guessed wrong every other packet;
/// and the key is written in words, because it is read in words.
inline Key make_key(const End &source, const End &destination, std::uint8_t protocol,
                    bool &source_is_high) {
  auto [s0, s1] = source.ip.words();
  auto [d0, d1] = destination.ip.words();
  source_is_high = static_cast<bool>(
      (s1 > d1) | ((s1 == d1) & ((s0 > d0) | ((s0 == d0) & (source.port > destination.port)))));
  std::uint64_t swap = -std::uint64_t{source_is_high};
  std::uint64_t difference0 = (s0 ^ d0) & swap, difference1 = (s1 ^ d1) & swap;
  std::uint64_t swapped_ports = (source.port ^ destination.port) & swap;
  std::uint64_t low_port = source.port ^ swapped_ports, high_port = destination.port ^ swapped_ports;
  std::uint64_t words[5] = {s0 ^ difference0, s1 ^ difference1, d0 ^ difference0, d1 ^ difference1,
                            low_port | high_port << 16 | std::uint64_t{protocol} << 32};
  Key key;
  std::memcpy(&key, words, sizeof key);
  return key;
}

} // namespace sekisho::flow
