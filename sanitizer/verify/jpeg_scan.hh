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
  struct Table {
    std::vector<Code> all;     // by the next 16 bits; empty: not defined
    std::vector<Code> shorter; // by the next 10, for codes that are no longer
    bool empty() const { return all.empty(); }
    Code operator[](unsigned next16) const {
      const Code code = shorter[next16 >> 6];
      return code.length != 0 ? code : all[next16];
    }
  };
  struct Component {
    unsigned name = 0, horizontal = 1, vertical = 1, dc = 0, ac = 0;
  };
  class Bits;

  bool skip_block(Bits &bits, const Component &component) const;
  bool skip_blocks(Bits &bits, std::uint32_t width, std::uint32_t height) const;

  std::array<std::array<Table, 2>, 2> tables_;
  std::vector<Component> components_;
};

} // namespace sekisho::verify
