// In which zone each unlisted device belongs: written by the attendant, asked by every forwarding core before it
// opens a flow or answers a neighbour.  No lock: each entry is one word.
#pragma once

#include "base/address.hh"
#include "rules/subject.hh"

#include <array>
#include <atomic>
#include <cstring>
#include <memory>

namespace sekisho::path {

class Homes {
public:
  /// Bounded: 2048 sets of eight.  A set that is full takes no more; such devices have no home.
  Homes() : sets_(new Set[sets]) {}

  /// The zone of this device; no_zone where none is known.
  rules::ZoneId of(const Mac &mac) const {
    std::uint64_t number = number_of(mac);
    for (const Word &word : set_of(number)) {
      std::uint64_t value = word.load(std::memory_order_relaxed);
      if (value >> 16 == number && value != 0) return static_cast<rules::ZoneId>((value & 0xff) - 1);
    }
    return rules::no_zone;
  }
  /// By one thread only.  False when there is no room.
  bool put(const Mac &mac, rules::ZoneId zone) {
    std::uint64_t number = number_of(mac);
    Word *free = nullptr;
    for (Word &word : set_of(number)) {
      std::uint64_t value = word.load(std::memory_order_relaxed);
      if (value == 0 && !free) free = &word;
      if (value == 0 || value >> 16 != number) continue;
      free = &word;
      break;
    }
    if (!free) return false;
    free->store(number << 16 | (zone + 1u), std::memory_order_relaxed);
    return true;
  }
  void forget(const Mac &mac) {
    std::uint64_t number = number_of(mac);
    for (Word &word : set_of(number))
      if (std::uint64_t value = word.load(std::memory_order_relaxed);
          value != 0 && value >> 16 == number)
        word.store(0, std::memory_order_relaxed);
  }

private:
  using Word = std::atomic<std::uint64_t>; // MAC, zone + 1; 0: free
  using Set = std::array<Word, 8>;
  static constexpr std::size_t sets = 2048;

  static std::uint64_t number_of(const Mac &mac) {
    std::uint64_t number = 0;
    for (std::uint8_t octet : mac.octets) number = number << 8 | octet;
    return number;
  }
  Set &set_of(std::uint64_t number) const {
    return sets_[(number * 0x9e3779b97f4a7c15) >> 53];
  }
  std::unique_ptr<Set[]> sets_;
};

} // namespace sekisho::path
