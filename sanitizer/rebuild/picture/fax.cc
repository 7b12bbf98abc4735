#include "sanitizer/rebuild/picture/fax.hh"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <vector>

namespace sekisho::rebuild {
namespace {

struct Code {
  std::uint16_t bits;
  std::uint8_t length;
};

// ITU-T T.4 tables 2 and 3a: runs of 0–63, then of 64, 128 … 1728.
constexpr std::array<Code, 91> white = {{
    {53, 8}, {7, 6}, {7, 4}, {8, 4}, {11, 4}, {12, 4}, {14, 4}, {15, 4}, {19, 5}, {20, 5},
    {7, 5}, {8, 5}, {8, 6}, {3, 6}, {52, 6}, {53, 6}, {42, 6}, {43, 6}, {39, 7}, {12, 7},
    {8, 7}, {23, 7}, {3, 7}, {4, 7}, {40, 7}, {43, 7}, {19, 7}, {36, 7}, {24, 7}, {2, 8},
    {3, 8}, {26, 8}, {27, 8}, {18, 8}, {19, 8}, {20, 8}, {21, 8}, {22, 8}, {23, 8}, {40, 8},
    {41, 8}, {42, 8}, {43, 8}, {44, 8}, {45, 8}, {4, 8}, {5, 8}, {10, 8}, {11, 8}, {82, 8},
    {83, 8}, {84, 8}, {85, 8}, {36, 8}, {37, 8}, {88, 8}, {89, 8}, {90, 8}, {91, 8}, {74, 8},
    {75, 8}, {50, 8}, {51, 8}, {52, 8}, {27, 5}, {18, 5}, {23, 6}, {55, 7}, {54, 8}, {55, 8},
    {100, 8}, {101, 8}, {104, 8}, {103, 8}, {204, 9}, {205, 9}, {210, 9}, {211, 9}, {212, 9},
    {213, 9}, {214, 9}, {215, 9}, {216, 9}, {217, 9}, {218, 9}, {219, 9}, {152, 9}, {153, 9},
    {154, 9}, {24, 6}, {155, 9},
}};
constexpr std::array<Code, 91> black = {{
    {55, 10}, {2, 3}, {3, 2}, {2, 2}, {3, 3}, {3, 4}, {2, 4}, {3, 5}, {5, 6}, {4, 6}, {4, 7},
    {5, 7}, {7, 7}, {4, 8}, {7, 8}, {24, 9}, {23, 10}, {24, 10}, {8, 10}, {103, 11}, {104, 11},
    {108, 11}, {55, 11}, {40, 11}, {23, 11}, {24, 11}, {202, 12}, {203, 12}, {204, 12},
    {205, 12}, {104, 12}, {105, 12}, {106, 12}, {107, 12}, {210, 12}, {211, 12}, {212, 12},
    {213, 12}, {214, 12}, {215, 12}, {108, 12}, {109, 12}, {218, 12}, {219, 12}, {84, 12},
    {85, 12}, {86, 12}, {87, 12}, {100, 12}, {101, 12}, {82, 12}, {83, 12}, {36, 12}, {55, 12},
    {56, 12}, {39, 12}, {40, 12}, {88, 12}, {89, 12}, {43, 12}, {44, 12}, {90, 12}, {102, 12},
    {103, 12}, {15, 10}, {200, 12}, {201, 12}, {91, 12}, {51, 12}, {52, 12}, {53, 12},
    {108, 13}, {109, 13}, {74, 13}, {75, 13}, {76, 13}, {77, 13}, {114, 13}, {115, 13},
    {116, 13}, {117, 13}, {118, 13}, {119, 13}, {82, 13}, {83, 13}, {84, 13}, {85, 13},
    {90, 13}, {91, 13}, {100, 13}, {101, 13},
}};
// Table 3b: 1792, 1856 … 2560.
constexpr std::array<Code, 13> longer = {{
    {8, 11}, {12, 11}, {13, 11}, {18, 12}, {19, 12}, {20, 12}, {21, 12}, {22, 12}, {23, 12},
    {28, 12}, {29, 12}, {30, 12}, {31, 12},
}};
// T.6 table 1.
constexpr Code pass{1, 4}, horizontal{1, 3};
constexpr std::array<Code, 7> vertical = {{{2, 7}, {2, 6}, {2, 3}, {1, 1}, {3, 3}, {3, 6}, {3, 7}}};
constexpr Code end_of_line{1, 12};

class BitWriter {
public:
  explicit BitWriter(Buffer &octets) : octets_(octets) {}
  void put(Code code) {
    pending_ = pending_ << code.length | code.bits;
    count_ += code.length;
    for (; count_ >= 8; count_ -= 8)
      octets_.push_back(static_cast<std::byte>(pending_ >> (count_ - 8)));
  }
  void finish() {
    if (count_ > 0) octets_.push_back(static_cast<std::byte>(pending_ << (8 - count_)));
  }

private:
  Buffer &octets_;
  std::uint64_t pending_ = 0;
  unsigned count_ = 0;
};

void put_run(BitWriter &writer, std::uint32_t length, bool is_black) {
  for (; length >= 2560 + 64; length -= 2560)
    writer.put(longer.back());
  const std::array<Code, 91> &codes = is_black ? black : white;
  if (length >= 1792) writer.put(longer[length / 64 - 28]);
  else if (length >= 64) writer.put(codes[63 + length / 64]);
  writer.put(codes[length % 64]);
}

/// The places where the colour changes, the first to black; then `width` thrice.
void find_changes(const std::byte *row, std::uint32_t width, std::vector<std::uint32_t> &changes) {
  changes.clear();
  std::uint64_t before = 0; // the colour of the last pixel: all ones for black
  for (std::uint32_t at = 0; at < width; at += 64) {
    const std::uint32_t here = std::min(width - at, 64u), octets = (here + 7) / 8;
    std::array<std::uint8_t, 8> padded{};
    std::memcpy(padded.data(), row + at / 8, octets);
    std::uint64_t pixels = 0;
    for (std::uint8_t octet : padded)
      pixels = pixels << 8 | octet;
    pixels = ~pixels;
    if (here < 64) { // goes on in its last colour
      const std::uint64_t rest = ~std::uint64_t{0} >> here;
      const bool last = pixels >> (64 - here) & 1;
      pixels = last ? pixels | rest : pixels & ~rest;
    }
    std::uint64_t turns = pixels ^ (pixels >> 1 | before << 63);
    for (; turns != 0; turns &= ~(std::uint64_t{1} << 63 >> std::countl_zero(turns)))
      changes.push_back(at + static_cast<std::uint32_t>(std::countl_zero(turns)));
    before = pixels & 1;
  }
  changes.insert(changes.end(), 3, width);
}

/// T.6 §2.2.
void put_row(BitWriter &writer, const std::vector<std::uint32_t> &above,
             const std::vector<std::uint32_t> &line, std::uint32_t width) {
  std::int64_t a0 = -1;
  std::size_t next = 0, over = 0; // a1 in line; b1 in above
  while (a0 < std::int64_t{width}) {
    while (over > 0 && above[over - 1] > a0)
      --over;
    while (above[over] < width && above[over] <= a0)
      ++over;
    if (over % 2 != next % 2) ++over;
    const std::int64_t a1 = line[next], b1 = above[over], b2 = above[std::min(over + 1, above.size() - 1)];
    if (b2 < a1) {
      writer.put(pass);
      a0 = b2;
    } else if (std::abs(a1 - b1) <= 3) {
      writer.put(vertical[static_cast<std::size_t>(a1 - b1 + 3)]);
      a0 = a1;
      ++next;
    } else {
      const std::int64_t a2 = line[next + 1];
      writer.put(horizontal);
      const bool is_black = next % 2 == 1;
      put_run(writer, static_cast<std::uint32_t>(a1 - std::max<std::int64_t>(a0, 0)), is_black);
      put_run(writer, static_cast<std::uint32_t>(a2 - a1), !is_black);
      a0 = a2;
      next += 2;
    }
    next = std::min(next, line.size() - 1);
  }
}

} // namespace

Buffer encode_group4(Bytes rows, std::uint32_t width, std::uint32_t height) {
  const std::size_t row_size = (std::size_t{width} + 7) / 8;
  Buffer coded;
  BitWriter writer(coded);
  std::vector<std::uint32_t> above(3, width), line;
  for (std::uint32_t y = 0; y < height; ++y) {
    find_changes(rows.data() + row_size * y, width, line);
    put_row(writer, above, line, width);
    std::swap(above, line);
  }
  writer.put(end_of_line);
  writer.put(end_of_line);
  writer.finish();
  return coded;
}

} // namespace sekisho::rebuild
