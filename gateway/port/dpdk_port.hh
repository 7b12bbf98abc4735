// One core's queues of a DPDK device as a Port.
#pragma once

#include "base/result.hh"
#include "gateway/port/mbuf_pool.hh"
#include "gateway/port/owner.hh"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace sekisho::port {

/// A device that is started: its queues, and whether its card spreads flows as Owners does.
struct StartedDevice {
  std::uint16_t id = 0;
  Mac mac;
  std::uint16_t receive_queues = 1, send_queues = 1;
  bool spreads_by_owner = false;
};

struct DeviceSettings {
  std::uint32_t mtu = 1500;
  std::size_t receive_queues = 0; // 0: one a core, or as many as there are
  const Owners *owners = nullptr;
  std::vector<rte_mempool *> pools; // one a core
  bool has_one_pool = true;
};

/// Configures and starts the device called `name`: one queue a core as far as it has them, RSS on addresses by
/// the symmetric key, no VLAN stripping, no checksum work (the path checks for itself, on every kind of port
/// alike), all multicast.  Errors say what to do.
Result<StartedDevice> start_device(const std::string &name, const std::string &where,
                                   const DeviceSettings &settings);

/// A sending queue that several cores share.
using SendLock = std::atomic_flag;

class DpdkPort : public Port {
public:
  static constexpr std::uint16_t no_queue = 0xffff;

  /// `lock`: null where the sending queue is this core's alone.
  DpdkPort(std::string name, const StartedDevice &device, std::uint16_t receive_queue,
           std::uint16_t send_queue, SendLock *lock, FramePool &pool)
      : name_(std::move(name)), id_(device.id), receive_queue_(receive_queue),
        send_queue_(send_queue), lock_(lock), mac_(device.mac), pool_(pool) {}

  std::size_t receive(std::span<Frame> burst) override;
  std::size_t transmit(std::span<const Frame> frames) override;
  const Mac &mac() const override { return mac_; }
  std::string_view name() const override { return name_; }

private:
  static constexpr std::size_t max_burst = 64;

  std::uint16_t send(rte_mbuf **mbufs, std::size_t count);

  std::string name_;
  std::uint16_t id_, receive_queue_, send_queue_;
  SendLock *lock_;
  Mac mac_;
  FramePool &pool_;
};

} // namespace sekisho::port
