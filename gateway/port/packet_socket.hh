// A kernel interface as a Port: one AF_PACKET socket a core.
//
// DPDK's own net_af_packet joins every socket to a fanout group that reassembles fragments in the kernel
// (PACKET_FANOUT_FLAG_DEFRAG) and writes every service tag back as a customer's; a gateway must see what is on
// the wire.  Received frames are copied from a ring shared with the kernel, without a system call; sent ones
// are copied by one system call a burst.
#pragma once

#include "base/result.hh"
#include "base/unique_fd.hh"
#include "gateway/port/owner.hh"
#include "gateway/port/port.hh"

#include <memory>
#include <string>
#include <vector>

namespace sekisho::port {

class PacketSocket : public Port {
public:
  /// One port a core, in their order; frames are spread by Owners::of, errors and ARP aside.  Brings the
  /// interface up and its MTU to at least `mtu`.  Needs root here, nothing later.
  static Result<std::vector<std::unique_ptr<PacketSocket>>> open(
      const std::string &interface, std::uint32_t mtu, std::span<FramePool *const> pools);
  ~PacketSocket() override;
  PacketSocket(const PacketSocket &) = delete;
  PacketSocket &operator=(const PacketSocket &) = delete;

  std::size_t receive(std::span<Frame> burst) override;
  std::size_t transmit(std::span<const Frame> frames) override;
  const Mac &mac() const override { return mac_; }
  std::string_view name() const override { return name_; }

private:
  PacketSocket(std::string name, const Mac &mac, FramePool &pool)
      : name_(std::move(name)), mac_(mac), pool_(pool) {}
  Result<void> start(int interface, std::uint32_t mtu);
  Result<void> make_ring(std::uint32_t mtu);
  std::size_t send(std::span<const Frame> frames);

  std::string name_;
  Mac mac_;
  FramePool &pool_;
  UniqueFd socket_;
  std::byte *ring_ = nullptr;
  std::size_t ring_size_ = 0;                             // octets
  std::uint32_t frame_size_ = 0, frame_count_ = 0, at_ = 0; // of the ring
};

} // namespace sekisho::port
