#include "gateway/smtp/line_ends.hh"

#include "base/cpu.hh"
#include "base/vectors.hh"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace sekisho::smtp {
namespace {

constexpr std::size_t block = 64;   // octets
constexpr std::size_t at_once = 64; // blocks

/// Bit i: octet i is one.
struct Marks {
  std::uint64_t cr, lf, dot;
};

void mark_one_by_one(const char *at, std::size_t blocks, Marks *marks) {
  for (; blocks > 0; --blocks, at += block, ++marks) {
    *marks = {0, 0, 0};
    for (std::size_t i = 0; i < block; ++i) {
      marks->cr |= std::uint64_t{at[i] == '\r'} << i;
      marks->lf |= std::uint64_t{at[i] == '\n'} << i;
      marks->dot |= std::uint64_t{at[i] == '.'} << i;
    }
  }
}

#if defined(__x86_64__)
SEKISHO_AVX2 inline std::uint64_t where(__m256i low, __m256i high, char wanted) {
  const __m256i all = _mm256_set1_epi8(wanted);
  const auto first = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, all)));
  const auto second = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, all)));
  return std::uint64_t{second} << 32 | first;
}

SEKISHO_AVX2 void mark_by_avx2(const char *at, std::size_t blocks, Marks *marks) {
  for (; blocks > 0; --blocks, at += block, ++marks) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(at));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(at + 32));
    *marks = {where(low, high, '\r'), where(low, high, '\n'), where(low, high, '.')};
  }
}

const bool is_wide = has_avx2();

void mark(const char *at, std::size_t blocks, Marks *marks) {
  return is_wide ? mark_by_avx2(at, blocks, marks) : mark_one_by_one(at, blocks, marks);
}
#else
void mark(const char *at, std::size_t blocks, Marks *marks) { return mark_one_by_one(at, blocks, marks); }
#endif

/// The blocks of a text, the last one filled up with NUL.
class Blocks {
public:
  explicit Blocks(std::string_view text) : text_(text) {}
  bool more() const { return next_ < known_ || read_ < text_.size(); }
  /// Of the block that next() gives.
  std::size_t offset() const { return read_ - (known_ - next_) * block; }
  const Marks &next() {
    if (next_ == known_) look_at_more();
    return marks_[next_++];
  }

private:
  void look_at_more() {
    const std::string_view rest = text_.substr(read_);
    next_ = 0;
    known_ = std::min(rest.size() / block, wanted_);
    wanted_ = std::min(2 * wanted_, at_once);
    mark(rest.data(), known_, marks_.data());
    if (known_ == 0) {
      std::array<char, block> last{};
      std::memcpy(last.data(), rest.data(), rest.size());
      mark(last.data(), known_ = 1, marks_.data());
    }
    read_ += known_ * block;
  }

  std::string_view text_;
  std::size_t read_ = 0; // with what the last block was filled up with
  std::array<Marks, at_once> marks_;
  std::size_t next_ = 0, known_ = 0; // of marks_
  std::size_t wanted_ = 1;           // few at first: the reader may stop at any
};

} // namespace

std::size_t plain_lines(std::string_view text, std::size_t max_line) {
  std::size_t end = 0;
  std::uint64_t is_behind_cr = 0, is_start = 1; // of the next block's first octet
  if (max_line < block) return 0;               // lines within a block are not measured
  for (Blocks blocks(text); blocks.more();) {
    const std::size_t offset = blocks.offset();
    const Marks &marks = blocks.next();
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

bool has_only_crlf(Bytes mail, std::size_t max_line) {
  std::size_t end = 0; // of the last line
  std::uint64_t is_behind_cr = 0;
  for (Blocks blocks(as_chars(mail)); blocks.more();) {
    const std::size_t offset = blocks.offset();
    const Marks &marks = blocks.next();
    if (marks.lf != (marks.cr << 1 | is_behind_cr)) return false;
    is_behind_cr = marks.cr >> (block - 1);
    if (!marks.lf) continue;
    if (offset + static_cast<std::size_t>(std::countr_zero(marks.lf)) + 1 - end > max_line) return false;
    end = offset + static_cast<std::size_t>(std::bit_width(marks.lf));
  }
  return is_behind_cr == 0 && mail.size() - end <= max_line;
}

} // namespace sekisho::smtp
