// How alike two mails are, in 64 bits (M2): a mass of the same text is one however each copy is addressed.
#pragma once

#include "gateway/guard/message.hh"

#include <bit>
#include <cstdint>

namespace sekisho::guard {

struct Sketch {
  std::uint64_t bits = 0;
  std::uint32_t features = 0; // that it was made of; few: only the very same text is alike
};

/// Of the beginning of the mail's first text, white space, digits and HTML tags left out.  Nothing is parsed that
/// the sanitizer's workers parse: a text that is not found gives a sketch of whatever stands there.
Sketch sketch_of(const Message &message);

constexpr bool are_alike(const Sketch &one, const Sketch &other) {
  constexpr std::uint32_t enough = 40;
  const int most = one.features >= enough && other.features >= enough ? 8 : 0;
  return std::popcount(one.bits ^ other.bits) <= most;
}

} // namespace sekisho::guard
