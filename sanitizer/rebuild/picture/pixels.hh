// A picture in memory, rows from the top, no padding.
#pragma once

#include "base/bytes.hh"

#include <cstdint>
#include <sys/mman.h>
#include <utility>

namespace sekisho::rebuild {

/// Large scratch memory straight from the system: zeroed, in huge pages where there are any (a
/// fresh worker pays mostly for page faults).  Empty when there is no memory.
class Scratch {
public:
  Scratch() = default;
  explicit Scratch(std::size_t size) {
    void *memory =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    ::madvise(memory, size, MADV_HUGEPAGE);
    memory_ = static_cast<std::byte *>(memory);
    size_ = size;
  }
  Scratch(Scratch &&other) noexcept
      : memory_(std::exchange(other.memory_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Scratch &operator=(Scratch &&other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Scratch() {
    if (memory_ != nullptr) ::munmap(memory_, size_);
  }
  explicit operator bool() const { return memory_ != nullptr; }
  std::size_t size() const { return size_; }
  std::byte *data() { return memory_; }
  const std::byte *data() const { return memory_; }
  std::uint8_t *octets() { return reinterpret_cast<std::uint8_t *>(memory_); }
  const std::uint8_t *octets() const { return reinterpret_cast<const std::uint8_t *>(memory_); }

private:
  std::byte *memory_ = nullptr;
  std::size_t size_ = 0;
};

/// How large a picture is in print; 0: not known.
struct Density {
  static constexpr std::uint32_t least = 10, most = 4800; // of what is believed
  std::uint16_t across = 0, down = 0; // dots an inch

  /// `a_unit`: dots; `units`: of which an inch has so many.  Unknown where it is beyond belief.
  static Density of(double across_a_unit, double down_a_unit, double units) {
    const double across = across_a_unit * units + 0.5, down = down_a_unit * units + 0.5;
    if (!(across >= least && across < most + 1 && down >= least && down < most + 1)) return {};
    return {static_cast<std::uint16_t>(across), static_cast<std::uint16_t>(down)};
  }
};

struct Pixels {
  std::uint32_t width = 0, height = 0;
  std::uint32_t channels = 0; // 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha; 8 bits each
  Scratch memory;
  Density density{};
  std::size_t row_size() const { return std::size_t{width} * channels; }
  const std::uint8_t *row(std::uint32_t y) const { return memory.octets() + y * row_size(); }
  std::uint8_t *row(std::uint32_t y) { return memory.octets() + y * row_size(); }
};

} // namespace sekisho::rebuild
