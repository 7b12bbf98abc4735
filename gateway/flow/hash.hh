// The keyed hash of the flow table: who does not know the key cannot choose flows that share a bucket.
#pragma once

#include "gateway/flow/key.hh"

#include <array>
#include <span>

namespace sekisho::flow {

using HashKey = std::array<std::uint64_t, 8>;

/// From the kernel's random numbers; ends the process when there are none.
HashKey random_hash_key();

/// AES rounds where the processor has them, one key at a time or four, else SipHash-2-4 (Aumasson, Bernstein 2012).
class Hasher {
public:
  /// `portable`: one key at a time, for tests that compare.
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

private:
  Key digest(const Ends &low_first) const;

  HashKey key_;
  void (*method_)(const HashKey &, std::span<const Key>, std::uint64_t *);
};

/// The portable method, for its test vectors.
std::uint64_t sip_hash(std::uint64_t key0, std::uint64_t key1, std::span<const std::byte> octets);

} // namespace sekisho::flow
