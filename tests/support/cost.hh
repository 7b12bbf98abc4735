// What work costs beside other work of the same process: a machine that is slow or busy, or looks at every access, is so
// for both.
#pragma once

#include <ctime>

namespace sekisho::test {

/// Processor seconds.
template <class Work> double cost_of(Work work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

} // namespace sekisho::test
