// From one thread to another: bounded, without a lock.
#pragma once

#include <atomic>
#include <cstddef>
#include <vector>

namespace sekisho::path {

/// One writer, one reader; what does not fit is the writer's to count.
template <class Value> class Ring {
public:
  /// `size`: a power of two.
  explicit Ring(std::size_t size) : values_(size) {}
  bool push(const Value &value) {
    std::size_t at = written_.load(std::memory_order_relaxed);
    if (at - read_.load(std::memory_order_acquire) == values_.size()) return false;
    values_[at & (values_.size() - 1)] = value;
    written_.store(at + 1, std::memory_order_release);
    return true;
  }
  bool pop(Value &value) {
    std::size_t at = read_.load(std::memory_order_relaxed);
    if (at == written_.load(std::memory_order_acquire)) return false;
    value = values_[at & (values_.size() - 1)];
    read_.store(at + 1, std::memory_order_release);
    return true;
  }

private:
  std::vector<Value> values_;
  alignas(64) std::atomic<std::size_t> written_{0};
  alignas(64) std::atomic<std::size_t> read_{0};
};

} // namespace sekisho::path
