// IPv4 addresses to numbers, that of the narrowest network around each: four loads and no branch, so that many
// questions wait together.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace sekisho::rules {

/// The first sixteen bits lead through one table, the next eight through a page of 256 places, four and four more
/// through a line of sixteen.  An address alone in its /16 takes 1.1 kilobytes, one alone in its /24 128 octets.
class Trie4 {
public:
  Trie4() : top_(std::size_t{1} << 16), lines_(page_lines) {}
  /// `network` has zeros beyond its `bits`; what lies around it was added before.  `value`: from 1, below 2^31.
  void add(std::uint32_t network, unsigned bits, std::uint32_t value);
  /// 0: in no network.
  std::uint32_t at(std::uint32_t address) const {
    std::uint32_t place = top_[address >> 16];
    place = behind(place, address >> 8 & 0xff);
    place = behind(place, address >> 4 & 0xf);
    return behind(place, address & 0xf);
  }

private:
  static constexpr std::uint32_t inner = 1u << 31; // leads on to places from this one, else a value
  struct alignas(64) Line : std::array<std::uint32_t, 16> {};
  static constexpr std::size_t page_lines = 16;

  std::uint32_t &at_place(std::size_t place) { return lines_[place / 16][place % 16]; }
  /// What stands at `digit` where `place` leads to, or `place` where that is a value: then a place of the first
  /// page is read in vain.
  std::uint32_t behind(std::uint32_t place, std::uint32_t digit) const {
    const auto is_inner = static_cast<std::uint32_t>(static_cast<std::int32_t>(place) >> 31); // all ones or none
    const std::uint32_t next = lines_.data()->data()[(place & is_inner & ~inner) + digit];
    return is_inner != 0 ? next : place;
  }

  std::vector<std::uint32_t> top_;
  std::vector<Line> lines_;
};

} // namespace sekisho::rules
