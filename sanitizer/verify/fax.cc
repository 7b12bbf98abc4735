// ITU-T T.6 read code by code: no pixel is kept but those of two lines' changes.  T.6 leaves no choice
// how a line is coded, so a coding other than the prescribed one is not ours; nor are extensions,
// fill bits or anything behind the end.
#include "sanitizer/verify/fax_codes.hh"
#include "sanitizer/verify/files.hh"

#include <vector>

namespace sekisho::verify {
namespace {

/// Bits from the highest down; zeros behind the end.
class Bits {
public:
  explicit Bits(Bytes octets) : octets_(octets) {}
  unsigned peek(unsigned count) const { // at most 24
    std::uint32_t four = 0;
    for (std::size_t i = 0; i < 4; ++i)
      four = four << 8 | (at_ / 8 + i < octets_.size()
                              ? std::to_integer<std::uint32_t>(octets_[at_ / 8 + i])
                              : 0u);
    return (four << at_ % 8) >> (32 - count);
  }
  void skip(unsigned count) { at_ += count; }
  bool over() const { return at_ > octets_.size() * 8; }
  /// Less than an octet is left, all zeros.
  bool only_padding_left() const {
    return !over() && octets_.size() * 8 - at_ < 8 && (peek(8) == 0 || at_ % 8 == 0);
  }

private:
  Bytes octets_;
  std::size_t at_ = 0;
};

enum class Mode { pass, horizontal, vertical, wrong };

/// T.6 table 1.  `shift`: of a vertical mode, -3 to 3.
Mode read_mode(Bits &bits, int &shift) {
  const unsigned seven = bits.peek(7);
  const auto vertical = [&](unsigned length, int by) {
    bits.skip(length);
    shift = by;
    return Mode::vertical;
  };
  if (seven >> 6 == 1) return vertical(1, 0);
  switch (seven >> 4) {
  case 3: return vertical(3, 1);
  case 2: return vertical(3, -1);
  case 1: bits.skip(3); return Mode::horizontal;
  default: break;
  }
  if (seven >> 3 == 1) {
    bits.skip(4);
    return Mode::pass;
  }
  if (seven >> 1 == 3) return vertical(6, 2);
  if (seven >> 1 == 2) return vertical(6, -2);
  if (seven == 3) return vertical(7, 3);
  if (seven == 2) return vertical(7, -3);
  return Mode::wrong;
}

/// A run's length; `width` + 1 when there is none or it is spelt otherwise than T.6 says.
std::uint32_t read_run(Bits &bits, bool black, std::uint32_t width) {
  std::uint32_t length = 0, last = 2560;
  for (;;) {
    const FaxCode code = next_fax_code(bits.peek(13), black);
    if (code.length == 0 || bits.over()) return width + 1;
    bits.skip(code.length);
    length += code.run;
    if (length > width) return width + 1;
    if (code.run < 64) return length;
    // Longest first: 2560 as often as it goes in, then at most one other.
    if (last != 2560) return width + 1;
    last = code.run;
  }
}

/// The changes of colour in a line, the first to black; `width` behind the last, thrice.
using Line = std::vector<std::uint32_t>;

class Decoder {
public:
  Decoder(Bytes octets, std::uint32_t width) : bits_(octets), width_(width) {
    above_.assign(3, width);
  }
  bool read_line() {
    Line line;
    std::uint32_t a0 = 0;
    bool black = false, first = true; // first: a0 stands before the line
    std::size_t at = 0;               // in above_
    while (a0 < width_ || first) {
      while (at > 0 && above_[at - 1] > a0)
        --at;
      while (above_[at] < width_ && (first ? false : above_[at] <= a0))
        ++at;
      if (at % 2 != (black ? 1u : 0u)) ++at; // b1: a change to the other colour
      const std::uint32_t b1 = at < above_.size() ? above_[at] : width_;
      const std::uint32_t b2 = at + 1 < above_.size() ? above_[at + 1] : width_;
      int shift = 0;
      switch (read_mode(bits_, shift)) {
      case Mode::pass:
        if (b2 >= width_) return false; // would be a line's end, which has codes of its own
        a0 = b2;
        first = false;
        continue;
      case Mode::vertical: {
        const std::int64_t a1 = std::int64_t{b1} + shift;
        if (a1 < 0 || a1 > width_ || !is_next(a1, a0, first) || b2 < a1) return false;
        a0 = static_cast<std::uint32_t>(a1);
        line.push_back(a0);
        black = !black;
        break;
      }
      case Mode::horizontal: {
        const std::uint32_t one = read_run(bits_, black, width_), two = read_run(bits_, !black, width_);
        const std::uint64_t a1 = std::uint64_t{a0} + one, a2 = a1 + two;
        const std::uint64_t apart = a1 > b1 ? a1 - b1 : b1 - a1;
        if (a2 > width_ || apart <= 3 || b2 < a1 || !is_next(static_cast<std::int64_t>(a1), a0, first))
          return false;
        if (two == 0 && a1 != width_) return false;
        line.push_back(static_cast<std::uint32_t>(a1));
        line.push_back(static_cast<std::uint32_t>(a2));
        a0 = static_cast<std::uint32_t>(a2);
        break;
      }
      default: return false;
      }
      first = false;
      if (bits_.over()) return false;
    }
    line.insert(line.end(), 3, width_);
    above_ = std::move(line);
    return true;
  }
  bool read_end() { // EOFB, §2.4.1.1
    if (bits_.peek(24) != 0x001001) return false;
    bits_.skip(24);
    return bits_.only_padding_left();
  }

private:
  /// A change stands behind the last one; only the first of a line may stand at its very start.
  bool is_next(std::int64_t a1, std::uint32_t a0, bool first) const {
    return first ? a1 >= 0 : a1 > a0;
  }

  Bits bits_;
  std::uint32_t width_;
  Line above_;
};

} // namespace

bool is_our_fax(Bytes untrusted, std::uint32_t width, std::uint32_t height) {
  Decoder decoder(untrusted, width);
  for (std::uint32_t y = 0; y < height; ++y)
    if (!decoder.read_line()) return false;
  return decoder.read_end();
}

} // namespace sekisho::verify
