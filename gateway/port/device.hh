// What a zone's `port` stands for, in words: no DPDK here.
#pragma once

#include "base/result.hh"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::port {

/// What a zone's `port` may say, and the device it stands for:
///
///   0000:05:00.0     a card, by its PCI address (bound to vfio-pci)
///   eth1             a kernel interface, through AF_PACKET sockets (packet_socket.hh)
///   af_xdp:eth1      a kernel interface, through AF_XDP sockets
///   null:            nothing comes, everything sent is gone (measuring)
///   pcap:FILE        comes from a capture, everything sent is gone (measuring)
///   pcap-loop:FILE   the same, over and over, from memory
struct Device {
  enum class Kind : std::uint8_t { card, kernel_interface, af_xdp, null, pcap };
  Kind kind = Kind::kernel_interface;
  std::string where; // PCI address, interface, file
  std::string name;  // DPDK's name of it: "0000:05:00.0", "net_af_xdp0"; empty for a packet socket
  std::string vdev;  // the --vdev argument; empty for a card and a packet socket
  /// Whether the device polls the kernel: spinning on it gains nothing.
  bool is_of_kernel() const { return kind == Kind::kernel_interface || kind == Kind::af_xdp; }
};

/// `number` makes the device's name unique; `queues`: of an AF_XDP interface.
Result<Device> read_device(std::string_view port, std::size_t number, std::size_t queues = 1);

/// The kernel interface that a `port` stands on: "eth1" for "eth1" and for "af_xdp:eth1"; what else it says as it
/// is, which is no interface.
std::string interface_of(std::string_view port);

/// The complete command line of the environment layer: what the administrator gave, and what is missing: the
/// devices, no PCI scan without a card, no telemetry, one thread (on `processor` at first), and memory from huge
/// pages where `huge_pages`, else `memory_mib` of ordinary memory (2.5 times the cost of a packet).
std::vector<std::string> complete_eal_arguments(const std::vector<std::string> &given,
                                                const std::vector<Device> &devices, bool huge_pages,
                                                int processor, std::uint64_t memory_mib = 512);

/// The value of `-m` in the arguments, MiB; 0 where there is none.
std::uint64_t memory_of(const std::vector<std::string> &eal_arguments);

} // namespace sekisho::port
