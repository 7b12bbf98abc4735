// The keyed hash of the flow table: who does not know the key cannot choose flows that share a bucket.
#pragma once

#include "gateway/flow/key.hh"

#include <array>
#include <span>

namespace sekisho::flow {

using HashKey = std::array<std::uint64_t, 8>;

/// From the kernel's random numbers; ends the process when there are none.
HashKey random_hash_key();

/// AES rounds where the processor has them, one key at a time or four, else SipHash-2-4 (Aumasson, Bernstein 2012).  The digest
/// of an IPv6 flow absorbs its octets as Pelican does (Daemen, Rijmen 2005): four rounds a block.
class Hasher {
public:
  /// `portable`: one key at a time, for tests that compare.  Keys are the same with and without.
  explicit Hasher(const HashKey &key, bool portable = false);
  /// hashes[i] of keys[i]; a burst at a time, so that the choice of method is made once.
  void hash(std::span<const Key> keys, std::uint64_t *hashes) const {
    method_(key_, keys, hashes);
  }
  std::uint64_t hash(const Key &key) const {
    std::uint64_t result;
    hash({&key, 1}, &result);
    return result;
  }
  /// The key of a flow of any family; `source_is_high` says which of its ends the source is.
  Key key_of(const Ends &ends, bool &source_is_high) const;
  /// Of IPv6; `ports` as make_key4() has them.
  Key key6_of(const Ip &source, const Ip &destination, std::uint32_t ports, std::uint8_t protocol,
              bool &source_is_high) const;

private:
  /// What an IPv6 key is a digest of: the lower and the higher address in two words each, ports and protocol; by value, so
  /// that it stays in registers.
  using Digest = Key (*)(const HashKey &key, std::uint64_t low_front, std::uint64_t low_back, std::uint64_t high_front,
                         std::uint64_t high_back, std::uint64_t rest);

  HashKey key_;
  void (*method_)(const HashKey &, std::span<const Key>, std::uint64_t *);
  Digest digest_;
};

/// The portable method, for its test vectors.
std::uint64_t sip_hash(std::uint64_t key0, std::uint64_t key1, std::span<const std::byte> octets);

} // namespace sekisho::flow
