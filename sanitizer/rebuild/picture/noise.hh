// Against channels hidden in the lowest bits of pictures; private to rebuild.
#pragma once

#include "sanitizer/job/job.hh"
#include "sanitizer/rebuild/picture/pixels.hh"
#include "sanitizer/rebuild/rebuild.hh"

namespace sekisho::rebuild {

/// Replaces the plan's count of lowest bits by others, which the input's octets decide: the same
/// input gives the same output.  Full and no alpha, and what lies under the latter, stay.
class Noise {
public:
  Noise(const Input &input, const job::Plan &plan);
  void replace(Pixels &pixels, std::vector<Reason> &reasons);
  /// Of red, green and blue in the lower 24 bits.
  void replace(std::vector<std::uint32_t> &palette);

private:
  std::uint64_t next();
  std::uint64_t state_ = 0;
  std::uint64_t mask_ = 0; // of each octet; 0: no noise is wanted
};

} // namespace sekisho::rebuild
