// DPDK: the environment layer, its one buffer pool, and the ports of the zones.
#pragma once

#include "base/result.hh"
#include "gateway/port/port.hh"

#include <memory>
#include <string>
#include <vector>

namespace sekisho::port {

/// What a zone's `port` may say, and the device it stands for:
///
///   0000:05:00.0     a card, by its PCI address (bound to vfio-pci)
///   eth1             a kernel interface, through an AF_PACKET socket
///   af_xdp:eth1      a kernel interface, through an AF_XDP socket
///   null:            nothing comes, everything sent is gone (measuring)
///   pcap:FILE        comes from a capture, everything sent is gone (measuring)
///   pcap-loop:FILE   the same, over and over, from memory
struct Device {
  enum class Kind : std::uint8_t { card, kernel_interface, af_xdp, null, pcap };
  Kind kind = Kind::kernel_interface;
  std::string where;  // PCI address, interface, file
  std::string name;   // DPDK's name of it: "0000:05:00.0", "net_af_packet0"
  std::string vdev;   // the --vdev argument; empty for a card
  /// Whether the device polls the kernel: spinning on it gains nothing.
  bool is_of_kernel() const { return kind == Kind::kernel_interface || kind == Kind::af_xdp; }
};

/// `number` makes the device's name unique.
Result<Device> read_device(std::string_view port, std::size_t number);

/// The complete command line of the environment layer: what the administrator gave, and what is missing:
/// the devices, no PCI scan without a card, no telemetry, one core (on `processor` at first), and memory from huge pages where `free_huge_pages` are there, else ordinary memory (2.5 times the cost of a
/// packet).
std::vector<std::string> complete_eal_arguments(const std::vector<std::string> &given,
                                                const std::vector<Device> &devices,
                                                bool free_huge_pages, int processor);

/// Once a process; what it holds is given back at the end of the process.
class Dpdk {
public:
  /// Opens and starts one port each; needs root.  Errors: the environment layer does not start, a port is not
  /// there or does not start.
  static Result<std::unique_ptr<Dpdk>> start(const std::vector<std::string> &ports,
                                             const std::vector<std::string> &eal_arguments);
  virtual ~Dpdk() = default;

  virtual FramePool &pool() = 0;
  virtual Port &port(std::size_t number) = 0;
  virtual std::size_t port_count() const = 0;
  /// A card somewhere: worth a core that never sleeps.
  virtual bool has_card() const = 0;
  /// Frames in the pool that nobody holds.
  virtual std::size_t free_frames() const = 0;
};

} // namespace sekisho::port
