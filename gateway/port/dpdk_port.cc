#include "gateway/port/dpdk_port.hh"

#include <rte_ethdev.h>
#include <rte_ether.h>

namespace sekisho::port {
namespace {

/// A frame in pieces is joined, a tag that the device took off is put back; what cannot be is no whole frame.
void mend(Frame &frame) {
  rte_mbuf *mbuf = mbuf_of(frame);
  bool is_whole = mbuf->nb_segs == 1 || rte_pktmbuf_linearize(mbuf) == 0;
  if (is_whole && mbuf->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) is_whole = rte_vlan_insert(&mbuf) == 0;
  frame.data = rte_pktmbuf_mtod(mbuf, std::byte *);
  frame.length = is_whole ? mbuf->data_len : 0;
}

} // namespace

std::size_t DpdkPort::receive(std::span<Frame> burst) {
  if (receive_queue_ == no_queue) return 0;
  std::array<rte_mbuf *, max_burst> mbufs;
  auto wanted = static_cast<std::uint16_t>(std::min(burst.size(), max_burst));
  std::uint16_t count = rte_eth_rx_burst(id_, receive_queue_, mbufs.data(), wanted);
  std::uint64_t odd = 0;
  for (std::uint16_t i = 0; i < count; ++i) {
    rte_mbuf *mbuf = mbufs[i];
    burst[i] = {.data = rte_pktmbuf_mtod(mbuf, std::byte *),
                .length = mbuf->data_len,
                .handle = mbuf};
    odd |= (mbuf->nb_segs ^ 1u) | (mbuf->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED);
  }
  if (odd != 0) [[unlikely]]
    for (Frame &frame : burst.first(count)) mend(frame);
  return count;
}

std::uint16_t DpdkPort::send(rte_mbuf **mbufs, std::size_t count) {
  if (!lock_) [[likely]]
    return rte_eth_tx_burst(id_, send_queue_, mbufs, static_cast<std::uint16_t>(count));
  while (lock_->test_and_set(std::memory_order_acquire)) __builtin_ia32_pause();
  std::uint16_t sent = rte_eth_tx_burst(id_, send_queue_, mbufs, static_cast<std::uint16_t>(count));
  lock_->clear(std::memory_order_release);
  return sent;
}

std::size_t DpdkPort::transmit(std::span<const Frame> frames) {
  std::size_t total = 0;
  while (total < frames.size()) {
    std::array<rte_mbuf *, max_burst> mbufs;
    std::size_t count = std::min(frames.size() - total, max_burst);
    for (std::size_t i = 0; i < count; ++i) mbufs[i] = mbuf_of(frames[total + i]);
    std::uint16_t sent = send(mbufs.data(), count);
    total += sent;
    if (sent < count) break;
  }
  if (total < frames.size()) pool_.release(frames.subspan(total));
  return total;
}

} // namespace sekisho::port
