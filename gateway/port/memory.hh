// Ports in memory, for tests, captures and benches.
#pragma once

#include "gateway/port/port.hh"

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace sekisho::port {

/// Buffers on the heap, made once; counts what is out, so that a test sees a lost or doubled frame.
class HeapPool : public FramePool {
public:
  HeapPool(std::size_t frames, std::uint32_t capacity);
  bool allocate(Frame &frame) override;
  void set_length(Frame &frame, std::uint32_t length) override { frame.length = length; }
  void strip_front(Frame &frame, std::uint32_t octets) override;
  bool grow_front(Frame &frame, std::uint32_t octets) override;
  void release(std::span<const Frame> frames) override;
  std::uint32_t capacity() const override { return capacity_; }
  std::size_t outstanding() const { return frames_ - free_.size(); }

private:
  std::size_t stride() const { return frame_headroom + capacity_; }
  std::size_t frames_;
  std::uint32_t capacity_;
  std::unique_ptr<std::byte[]> memory_;
  std::vector<std::byte *> free_;
  std::vector<bool> out_;
};

/// What was fed is received; what is transmitted is kept in sent().
class MemoryPort : public Port {
public:
  MemoryPort(std::string name, const Mac &mac, FramePool &pool)
      : name_(std::move(name)), mac_(mac), pool_(pool) {}

  void feed(Bytes frame) { waiting_.push_back(to_buffer(frame)); }
  std::vector<Buffer> &sent() { return sent_; }
  /// Frames beyond this many in sent() are not taken.
  void set_room(std::size_t frames) { room_ = frames; }

  std::size_t receive(std::span<Frame> burst) override;
  std::size_t transmit(std::span<const Frame> frames) override;
  const Mac &mac() const override { return mac_; }
  std::string_view name() const override { return name_; }

private:
  std::string name_;
  Mac mac_;
  FramePool &pool_;
  std::deque<Buffer> waiting_;
  std::vector<Buffer> sent_;
  std::size_t room_ = SIZE_MAX;
};

/// Nothing comes in; what goes out is gone.
class NullPort : public Port {
public:
  NullPort(std::string name, const Mac &mac, FramePool &pool)
      : name_(std::move(name)), mac_(mac), pool_(pool) {}
  std::size_t receive(std::span<Frame>) override { return 0; }
  std::size_t transmit(std::span<const Frame> frames) override {
    pool_.release(frames);
    return frames.size();
  }
  const Mac &mac() const override { return mac_; }
  std::string_view name() const override { return name_; }

private:
  std::string name_;
  Mac mac_;
  FramePool &pool_;
};

} // namespace sekisho::port
