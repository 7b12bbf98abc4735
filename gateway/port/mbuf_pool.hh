// DPDK's buffers as a FramePool.
#pragma once

#include "gateway/port/port.hh"

#include <rte_mbuf.h>

#include <algorithm>
#include <array>

namespace sekisho::port {

inline rte_mbuf *mbuf_of(const Frame &frame) { return static_cast<rte_mbuf *>(frame.handle); }

class MbufPool : public FramePool {
public:
  explicit MbufPool(rte_mempool *pool) : pool_(pool) {}
  rte_mempool *get() const { return pool_; }

  bool allocate(Frame &frame) override {
    rte_mbuf *mbuf = rte_pktmbuf_alloc(pool_);
    if (!mbuf) return false;
    frame = {.data = rte_pktmbuf_mtod(mbuf, std::byte *), .handle = mbuf};
    return true;
  }
  void set_length(Frame &frame, std::uint32_t length) override {
    frame.length = length;
    rte_mbuf *mbuf = mbuf_of(frame);
    mbuf->data_len = static_cast<std::uint16_t>(length);
    mbuf->pkt_len = length;
  }
  void strip_front(Frame &frame, std::uint32_t octets) override {
    frame.data += octets;
    frame.length -= octets;
    rte_pktmbuf_adj(mbuf_of(frame), static_cast<std::uint16_t>(octets));
  }
  bool grow_front(Frame &frame, std::uint32_t octets) override {
    if (!rte_pktmbuf_prepend(mbuf_of(frame), static_cast<std::uint16_t>(octets))) return false;
    frame.data -= octets;
    frame.length += octets;
    return true;
  }
  void release(std::span<const Frame> frames) override {
    constexpr std::size_t at_once = 64;
    std::array<rte_mbuf *, at_once> mbufs;
    for (std::size_t at = 0; at < frames.size(); at += at_once) {
      std::size_t count = std::min(frames.size() - at, at_once);
      for (std::size_t i = 0; i < count; ++i) mbufs[i] = mbuf_of(frames[at + i]);
      rte_pktmbuf_free_bulk(mbufs.data(), static_cast<unsigned>(count));
    }
  }
  std::uint32_t capacity() const override {
    return rte_pktmbuf_data_room_size(pool_) - RTE_PKTMBUF_HEADROOM;
  }

private:
  rte_mempool *pool_;
};
static_assert(frame_headroom <= RTE_PKTMBUF_HEADROOM);

} // namespace sekisho::port
