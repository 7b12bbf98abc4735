// For tables that somebody could aim at: who does not know the key cannot choose what shares a place.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace sekisho::path {

/// Its upper half is the better one.
inline std::uint64_t keyed_hash(std::uint64_t key, std::initializer_list<std::uint64_t> words) {
  std::uint64_t hash = key;
  for (std::uint64_t word : words) {
    hash = (hash ^ word ^ hash >> 31) * (key | 1);
    hash = (hash ^ hash >> 29) * 0x9e3779b97f4a7c15;
  }
  return hash;
}

} // namespace sekisho::path
