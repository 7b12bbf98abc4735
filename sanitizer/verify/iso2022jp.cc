#include "sanitizer/verify/iso2022jp.hh"

#include <array>

namespace sekisho::verify {
namespace {

struct Cells {
  unsigned row, first, last;
};
/// JIS X 0208:1990, rows 16 to 46 and 48 to 83 aside, which are full.
constexpr std::array<Cells, 19> cells = {{{1, 1, 94},  {2, 1, 14},  {2, 26, 33}, {2, 42, 48}, {2, 60, 74},
                                          {2, 82, 89}, {2, 94, 94}, {3, 16, 25}, {3, 33, 58}, {3, 65, 90},
                                          {4, 1, 83},  {5, 1, 86},  {6, 1, 24},  {6, 33, 56}, {7, 1, 33},
                                          {7, 49, 81}, {8, 1, 32},  {47, 1, 51}, {84, 1, 6}}};

bool is_assigned(unsigned row, unsigned cell) {
  if (cell < 1 || cell > 94) return false;
  if ((row >= 16 && row <= 46) || (row >= 48 && row <= 83)) return true;
  for (const Cells &some : cells)
    if (some.row == row && cell >= some.first && cell <= some.last) return true;
  return false;
}

} // namespace

bool is_iso_2022_jp_line(std::string_view line) {
  while (!line.empty()) {
    if (!line.starts_with("\x1b$B")) {
      const char c = line.front();
      if ((c < 0x20 || c > 0x7e) && c != '\t') return false;
      line.remove_prefix(1);
      continue;
    }
    line.remove_prefix(3);
    std::size_t characters = 0;
    for (; !line.starts_with("\x1b(B"); line.remove_prefix(2), ++characters) {
      if (line.size() < 2) return false;
      const unsigned row = static_cast<unsigned char>(line[0]) - 0x20u;
      const unsigned cell = static_cast<unsigned char>(line[1]) - 0x20u;
      if (!is_assigned(row, cell)) return false;
    }
    line.remove_prefix(3);
    if (characters == 0 || line.starts_with("\x1b")) return false;
  }
  return true;
}

} // namespace sekisho::verify
