#include "sanitizer/verify/jpeg_scan.hh"

#include <algorithm>
#include <cstring>

namespace sekisho::verify {
namespace {

constexpr unsigned dc_class = 0, ac_class = 1;
constexpr unsigned most_dc_bits = 11, most_ac_bits = 10; // §F.1.2, 8-bit baseline

/// Without the zeros stuffed after 0xff; nothing when a marker stands inside or EOI is not the very
/// end.
bool unstuff(Bytes rest, std::vector<std::uint8_t> &plain) {
  if (rest.size() < 2 || !as_chars(rest).ends_with("\xff\xd9")) return false;
  rest = rest.first(rest.size() - 2);
  plain.reserve(rest.size() + 4);
  const auto *at = reinterpret_cast<const std::uint8_t *>(rest.data()), *end = at + rest.size();
  while (at < end) {
    const void *marker = std::memchr(at, 0xff, static_cast<std::size_t>(end - at));
    const auto *stop = marker ? static_cast<const std::uint8_t *>(marker) + 1 : end;
    plain.insert(plain.end(), at, stop);
    at = stop;
    if (marker && (at == end || *at++ != 0)) return false;
  }
  return true;
}

std::uint32_t rounded_up(std::uint32_t value, std::uint32_t unit) {
  return (value + unit - 1) / unit;
}

} // namespace

/// Bits from the highest down.
class JpegScan::Bits {
public:
  explicit Bits(std::vector<std::uint8_t> octets)
      : octets_(std::move(octets)), end_(octets_.size() * 8) {
    octets_.insert(octets_.end(), 8, 0);
  }
  bool over() const { return at_ > end_; }
  /// The next bits, from the highest down: 57 or more, zeros behind the end.  Only where it is not over.
  std::uint64_t peek() const {
    std::uint64_t eight;
    std::memcpy(&eight, octets_.data() + at_ / 8, sizeof eight);
    return __builtin_bswap64(eight) << at_ % 8;
  }
  void skip(unsigned count) { at_ += count; }
  /// Less than an octet is left, all ones (§F.1.2.3).
  bool only_padding_left() const {
    if (over() || end_ - at_ > 7) return false;
    const unsigned left = static_cast<unsigned>(end_ - at_), mask = (1u << left) - 1;
    return left == 0 || (octets_[end_ / 8 - 1] & mask) == mask;
  }

private:
  std::vector<std::uint8_t> octets_;
  std::size_t end_;
  std::size_t at_ = 0;
};

// §C.2: codes of one length are consecutive numbers, in order of their symbols.
bool JpegScan::define(unsigned table_class, unsigned number, Bytes counts, Bytes values) {
  Table table;
  table.all.resize(1 << 16);
  std::size_t next = 0, from = 0;
  for (unsigned length = 1; length <= 16; ++length)
    for (unsigned i = 0; i < std::to_integer<unsigned>(counts[length - 1]); ++i) {
      const std::size_t span = std::size_t{1} << (16 - length);
      if (from + span > table.all.size() || next >= values.size()) return false;
      const auto symbol = std::to_integer<std::uint8_t>(values[next++]);
      const Code code{static_cast<std::uint8_t>(length), symbol};
      std::fill_n(table.all.begin() + static_cast<std::ptrdiff_t>(from), span, code);
      from += span;
    }
  if (!tables_[table_class][number].empty()) return false; // our encoder says each once
  if (table_class == ac_class) table.runs = runs_of(table.all);
  tables_[table_class][number] = std::move(table);
  return next == values.size();
}

bool JpegScan::add_component(unsigned name, unsigned horizontal, unsigned vertical) {
  if (horizontal < 1 || horizontal > 4 || vertical < 1 || vertical > 4) return false;
  components_.push_back({name, horizontal, vertical, 0, 0});
  return true;
}

bool JpegScan::choose_tables(unsigned component, unsigned name, unsigned dc, unsigned ac) {
  if (component >= components_.size() || components_[component].name != name) return false;
  if (dc > 1 || ac > 1 || tables_[dc_class][dc].empty() || tables_[ac_class][ac].empty())
    return false;
  components_[component].dc = dc;
  components_[component].ac = ac;
  return true;
}

/// What one symbol says (§F.1.2.2.1): value bits in the lower half, zeros before it in the upper.
static bool is_end_of_block(unsigned symbol) { return symbol == 0x00; }
static bool is_coefficient(unsigned symbol) {
  const unsigned zeros = symbol >> 4, size = symbol & 15;
  return size == 0 ? zeros == 15 : size <= most_ac_bits;
}

std::vector<JpegScan::Run> JpegScan::runs_of(const std::vector<Code> &all) {
  std::vector<Run> runs(1 << run_bits);
  for (unsigned next = 0; next < runs.size(); ++next) {
    Run &run = runs[next];
    while (!run.ends && run.bits < run_bits) {
      const Code code = all[next << (16 - run_bits) << run.bits & 0xffff];
      const bool is_end = is_end_of_block(code.symbol);
      if (code.length == 0 || code.length > run_bits - run.bits || !(is_end || is_coefficient(code.symbol))) break;
      run.bits = static_cast<std::uint8_t>(run.bits + code.length + (code.symbol & 15));
      if (!is_end) run.step = static_cast<std::uint8_t>(run.step + (code.symbol >> 4) + 1);
      run.ends = is_end;
    }
  }
  return runs;
}

bool JpegScan::skip_block(Bits &bits, const Component &component) const {
  constexpr unsigned most_at_once = 16 + most_ac_bits; // bits; a run's last code is whole within run_bits
  static_assert(run_bits <= 16);
  std::uint64_t next = bits.peek();
  unsigned used = 0; // of `next`
  const auto skip = [&](unsigned count) {
    next <<= count;
    used += count;
  };
  const Code dc = tables_[dc_class][component.dc].all[next >> 48];
  if (dc.length == 0 || dc.symbol > most_dc_bits) return false;
  skip(dc.length + dc.symbol);
  const Table &table = tables_[ac_class][component.ac];
  for (unsigned k = 1; k < 64;) {
    if (used > 57 - most_at_once) {
      bits.skip(used);
      if (bits.over()) return false;
      next = bits.peek();
      used = 0;
    }
    const Run run = table.runs[next >> (64 - run_bits)];
    if (run.bits > 0 && k + run.step < 64) { // else the block may end within the run
      skip(run.bits);
      k += run.step;
      if (run.ends) break;
      continue;
    }
    const Code ac = table.all[next >> 48];
    if (ac.length == 0) return false;
    skip(ac.length + (ac.symbol & 15u));
    if (is_end_of_block(ac.symbol)) break;
    if (!is_coefficient(ac.symbol)) return false;
    k += (ac.symbol >> 4) + 1u;
    if (k > 64) return false;
  }
  bits.skip(used);
  return !bits.over();
}

// §A.2: one component alone counts its own blocks, several are woven together in units.
bool JpegScan::skip_blocks(Bits &bits, std::uint32_t width, std::uint32_t height) const {
  unsigned horizontal = 1, vertical = 1;
  const bool woven = components_.size() > 1;
  for (const Component &component : components_) {
    if (woven) horizontal = std::max(horizontal, component.horizontal);
    if (woven) vertical = std::max(vertical, component.vertical);
  }
  const std::uint64_t units =
      std::uint64_t{rounded_up(width, 8 * horizontal)} * rounded_up(height, 8 * vertical);
  for (std::uint64_t unit = 0; unit < units; ++unit)
    for (const Component &component : components_) {
      const unsigned blocks = woven ? component.horizontal * component.vertical : 1;
      for (unsigned block = 0; block < blocks; ++block)
        if (!skip_block(bits, component)) return false;
    }
  return true;
}

bool JpegScan::is_exactly(Bytes rest, std::uint32_t width, std::uint32_t height) const {
  std::vector<std::uint8_t> plain;
  if (!unstuff(rest, plain)) return false;
  Bits bits(std::move(plain));
  return skip_blocks(bits, width, height) && bits.only_padding_left();
}

} // namespace sekisho::verify
