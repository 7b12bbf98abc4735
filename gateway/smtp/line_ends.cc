#include "gateway/smtp/line_ends.hh"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sekisho::smtp {
namespace {

constexpr std::size_t block = 64;

/// Bit i: octet i is one.
struct Marks {
  std::uint64_t cr = 0, lf = 0, dot = 0;
};

#if defined(__SSE2__)
std::uint64_t where(const __m128i (&octets)[4], char wanted) {
  const __m128i all = _mm_set1_epi8(wanted);
  std::uint64_t found = 0;
  for (int i = 0; i < 4; ++i) {
    const auto here = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(octets[i], all)));
    found |= std::uint64_t{here} << (16 * i);
  }
  return found;
}

Marks marks_of(const char *at) {
  __m128i octets[4];
  for (int i = 0; i < 4; ++i) octets[i] = _mm_loadu_si128(reinterpret_cast<const __m128i *>(at + 16 * i));
  return {where(octets, '\r'), where(octets, '\n'), where(octets, '.')};
}
#else
Marks marks_of(const char *at) {
  Marks marks;
  for (std::size_t i = 0; i < block; ++i) {
    marks.cr |= std::uint64_t{at[i] == '\r'} << i;
    marks.lf |= std::uint64_t{at[i] == '\n'} << i;
    marks.dot |= std::uint64_t{at[i] == '.'} << i;
  }
  return marks;
}
#endif

/// The blocks of a text, the last one filled up with NUL.
class Blocks {
public:
  explicit Blocks(std::string_view text) : text_(text) {}
  bool more() const { return at_ < text_.size(); }
  std::size_t offset() const { return at_; }
  Marks next() {
    const std::string_view rest = text_.substr(at_);
    at_ += block;
    if (rest.size() >= block) return marks_of(rest.data());
    std::array<char, block> last{};
    std::memcpy(last.data(), rest.data(), rest.size());
    return marks_of(last.data());
  }

private:
  std::string_view text_;
  std::size_t at_ = 0;
};

} // namespace

std::size_t plain_lines(std::string_view text, std::size_t max_line) {
  std::size_t end = 0;
  std::uint64_t is_behind_cr = 0, is_start = 1; // of the next block's first octet
  if (max_line < block) return 0;               // lines within a block are not measured
  for (Blocks blocks(text); blocks.more();) {
    const std::size_t offset = blocks.offset();
    const Marks marks = blocks.next();
    const std::uint64_t wanted = marks.cr << 1 | is_behind_cr, starts = marks.lf << 1 | is_start;
    const std::uint64_t odd = (marks.lf ^ wanted) | (starts & marks.dot);
    const std::uint64_t before = odd ? (odd & -odd) - 1 : ~std::uint64_t{};
    const std::uint64_t ends = marks.lf & before;
    if (ends && offset + static_cast<std::size_t>(std::countr_zero(ends)) + 1 - end > max_line) return end;
    if (ends) end = offset + static_cast<std::size_t>(std::bit_width(ends));
    if (odd) return end;
    is_behind_cr = marks.cr >> (block - 1);
    is_start = marks.lf >> (block - 1);
  }
  return end;
}

bool has_only_crlf(Bytes mail) {
  std::uint64_t is_behind_cr = 0;
  for (Blocks blocks(as_chars(mail)); blocks.more();) {
    const Marks marks = blocks.next();
    if (marks.lf != (marks.cr << 1 | is_behind_cr)) return false;
    is_behind_cr = marks.cr >> (block - 1);
  }
  return is_behind_cr == 0;
}

} // namespace sekisho::smtp
