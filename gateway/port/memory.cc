#include "gateway/port/memory.hh"

#include "base/check.hh"

#include <algorithm>

namespace sekisho::port {

HeapPool::HeapPool(std::size_t frames, std::uint32_t capacity)
    : frames_(frames), capacity_(capacity), memory_(new std::byte[frames * stride()]),
      out_(frames, false) {
  CHECK(capacity >= frame_reach);
  for (std::size_t i = frames; i-- > 0;) free_.push_back(&memory_[i * stride()]);
}

bool HeapPool::allocate(Frame &frame) {
  if (free_.empty()) return false;
  std::byte *buffer = free_.back();
  frame = {.data = buffer + frame_headroom, .handle = buffer};
  free_.pop_back();
  out_[static_cast<std::size_t>(buffer - memory_.get()) / stride()] = true;
  return true;
}

void HeapPool::strip_front(Frame &frame, std::uint32_t octets) {
  CHECK(octets <= frame.length);
  frame.data += octets;
  frame.length -= octets;
}

bool HeapPool::grow_front(Frame &frame, std::uint32_t octets) {
  if (frame.data - static_cast<std::byte *>(frame.handle) < std::ptrdiff_t{octets}) return false;
  frame.data -= octets;
  frame.length += octets;
  return true;
}

void HeapPool::release(std::span<const Frame> frames) {
  for (const Frame &frame : frames) {
    auto *buffer = static_cast<std::byte *>(frame.handle);
    std::size_t index = static_cast<std::size_t>(buffer - memory_.get()) / stride();
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
