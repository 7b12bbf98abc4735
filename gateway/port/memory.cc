#include "gateway/port/memory.hh"

#include "base/check.hh"

#include <algorithm>

namespace sekisho::port {

HeapPool::HeapPool(std::size_t frames, std::uint32_t capacity)
    : frames_(frames), capacity_(capacity), memory_(new std::byte[frames * capacity]),
      out_(frames, false) {
  for (std::size_t i = frames; i-- > 0;) free_.push_back(&memory_[i * capacity]);
}

bool HeapPool::allocate(Frame &frame) {
  if (free_.empty()) return false;
  frame = {.data = free_.back(), .handle = free_.back()};
  free_.pop_back();
  out_[static_cast<std::size_t>(frame.data - memory_.get()) / capacity_] = true;
  return true;
}

void HeapPool::release(std::span<const Frame> frames) {
  for (const Frame &frame : frames) {
    auto *buffer = static_cast<std::byte *>(frame.handle);
    std::size_t index = static_cast<std::size_t>(buffer - memory_.get()) / capacity_;
    CHECK(index < frames_ && out_[index]); // released twice, or not ours
    out_[index] = false;
    free_.push_back(buffer);
  }
}

std::size_t MemoryPort::receive(std::span<Frame> burst) {
  std::size_t count = 0;
  while (count < burst.size() && !waiting_.empty() && pool_.allocate(burst[count])) {
    const Buffer &octets = waiting_.front();
    CHECK(octets.size() <= pool_.capacity());
    std::copy(octets.begin(), octets.end(), burst[count].data);
    pool_.set_length(burst[count], static_cast<std::uint32_t>(octets.size()));
    waiting_.pop_front();
    ++count;
  }
  return count;
}

std::size_t MemoryPort::transmit(std::span<const Frame> frames) {
  std::size_t taken = std::min(frames.size(), room_ - std::min(room_, sent_.size()));
  for (const Frame &frame : frames.first(taken)) sent_.push_back(to_buffer(frame.bytes()));
  pool_.release(frames);
  return taken;
}

} // namespace sekisho::port
