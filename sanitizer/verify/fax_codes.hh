// The run codes of ITU-T T.4 (tables 2, 3a and 3b), as printed there; private to verify.
#pragma once

#include <cstdint>

namespace sekisho::verify {

struct FaxCode {
  std::uint8_t length = 0; // bits; 0: no such code
  std::uint16_t run = 0;   // below 64: the run ends here
};

/// What `bits` (the next 13) begin with.
FaxCode next_fax_code(unsigned bits, bool black);

} // namespace sekisho::verify
