// The coded data of a baseline scan (ITU-T T.81 §F.2.2), followed code by code without computing a
// pixel: it must hold exactly the blocks of the frame, padded with ones, and then the end of the
// image.  So there is no octet in it that does not stand for a pixel.
#pragma once

#include "base/bytes.hh"

#include <array>
#include <cstdint>
#include <vector>

namespace sekisho::verify {

class JpegScan {
public:
  /// A Huffman table; `table_class` 0 DC, 1 AC; `counts`: of codes by length 1–16.
  bool define(unsigned table_class, unsigned number, Bytes counts, Bytes values);
  bool add_component(unsigned name, unsigned horizontal, unsigned vertical);
  bool choose_tables(unsigned component, unsigned name, unsigned dc, unsigned ac);
  /// `rest`: all octets after the scan's header.
  bool is_exactly(Bytes rest, std::uint32_t width, std::uint32_t height) const;

private:
  struct Code {
    std::uint8_t length = 0; // 0: no such code
    std::uint8_t symbol = 0;
  };
  /// Coefficients whose codes are whole within some bits.
  struct Run {
    std::uint8_t bits = 0; // of the codes and their values; 0: none
    std::uint8_t step = 0; // places in the block
    bool ends = false;     // the last is the end of the block
  };
  struct Table {
    std::vector<Code> all; // by the next 16 bits; empty: not defined
    std::vector<Run> runs; // by the next run_bits, of an AC table
    bool empty() const { return all.empty(); }
  };
  static constexpr unsigned run_bits = 11;
  struct Component {
    unsigned name = 0, horizontal = 1, vertical = 1, dc = 0, ac = 0;
  };
  class Bits;

  static std::vector<Run> runs_of(const std::vector<Code> &all);
  bool skip_block(Bits &bits, const Component &component) const;
  bool skip_blocks(Bits &bits, std::uint32_t width, std::uint32_t height) const;

  std::array<std::array<Table, 2>, 2> tables_;
  std::vector<Component> components_;
};

} // namespace sekisho::verify
