#include "rules/trie4.hh"

#include <algorithm>

namespace sekisho::rules {

void Trie4::add(std::uint32_t network, unsigned bits, std::uint32_t value) {
  constexpr unsigned ends[] = {16, 24, 28, 32}; // of the bits that a table, page or line has looked at
  std::size_t from = 0;                         // where the present page or line begins
  for (std::size_t level = 0;; ++level) {
    const unsigned begin = level == 0 ? 0 : ends[level - 1], width = ends[level] - begin;
    const std::size_t digit = network >> (32 - ends[level]) & ((1u << width) - 1);
    auto place = [&](std::size_t at) -> std::uint32_t & { return level == 0 ? top_[at] : at_place(from + at); };
    if (bits <= ends[level]) {
      for (std::size_t at = digit; at < digit + (std::size_t{1} << (ends[level] - bits)); ++at) place(at) = value;
      return;
    }
    if (std::uint32_t around = place(digit); (around & inner) == 0) {
      Line filled;
      filled.fill(around);
      place(digit) = inner | static_cast<std::uint32_t>(16 * lines_.size());
      lines_.resize(lines_.size() + (level == 0 ? page_lines : 1), filled);
    }
    from = place(digit) & ~inner;
  }
}

} // namespace sekisho::rules
