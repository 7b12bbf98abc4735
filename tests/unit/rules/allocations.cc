// Apart from the tests, so that the compiler does not look through these operators.
#include "tests/unit/rules/allocations.hh"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<std::size_t> count{0};
}

namespace sekisho {
std::size_t allocations() {
  return count;
}
} // namespace sekisho

void *operator new(std::size_t size) {
  ++count;
  if (void *memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void *operator new(std::size_t size, const std::nothrow_t &) noexcept {
  ++count;
  return std::malloc(size);
}
void operator delete(void *memory) noexcept {
  std::free(memory);
}
void operator delete(void *memory, std::size_t) noexcept {
  std::free(memory);
}
