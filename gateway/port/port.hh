// Port: where frames come from and go to.  A card, a capture, memory or the kernel side: the path cannot
// tell.  This folder alone includes rte_*.
#pragma once

#include "base/address.hh"
#include "base/bytes.hh"

#include <span>
#include <string_view>

namespace sekisho::port {

/// One Ethernet frame without FCS, in a buffer of the FramePool that `handle` belongs to.  Whoever holds it
/// hands it on exactly once: to Port::transmit or FramePool::release.  Its buffer reaches at least frame_reach
/// octets beyond `data`, whatever `length` says: so much may be read before anybody has looked.
struct Frame {
  std::byte *data = nullptr;
  std::uint32_t length = 0;
  bool vlan_stripped = false; // the port took a VLAN tag off: the octets do not show it (no port of ours does)
  void *handle = nullptr;

  Bytes bytes() const { return {data, length}; }
};

constexpr std::uint32_t frame_reach = 64;

/// Octets free before a frame in every buffer: room for two VLAN tags, and some.
constexpr std::uint32_t frame_headroom = 64;

/// The buffers that all ports of one path share, so that a frame crosses ports without a copy.
class FramePool {
public:
  virtual ~FramePool() = default;
  /// An empty frame with room for capacity() octets; false when there is none left.
  virtual bool allocate(Frame &frame) = 0;
  /// Tells the buffer how long the frame in it has become (after allocate).
  virtual void set_length(Frame &frame, std::uint32_t length) = 0;
  /// Takes `octets` off the front; the frame has at least so many.
  virtual void strip_front(Frame &frame, std::uint32_t octets) = 0;
  /// Makes room for `octets` more in front, undefined at first; false when there is none.
  virtual bool grow_front(Frame &frame, std::uint32_t octets) = 0;
  virtual void release(std::span<const Frame> frames) = 0;
  virtual std::uint32_t capacity() const = 0;
};

class Port {
public:
  virtual ~Port() = default;
  /// Fills `burst` from the front, never waits; returns how many.
  virtual std::size_t receive(std::span<Frame> burst) = 0;
  /// Takes all frames; those that did not go out are released.  Returns how many went out: always the
  /// first ones.
  virtual std::size_t transmit(std::span<const Frame> frames) = 0;
  virtual const Mac &mac() const = 0;
  virtual std::string_view name() const = 0;
};

} // namespace sekisho::port
