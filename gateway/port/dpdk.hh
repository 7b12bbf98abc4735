// DPDK: the environment layer, its pools of buffers, and the ports, one a forwarding core each.
#pragma once

#include "gateway/port/device.hh"
#include "gateway/port/owner.hh"
#include "gateway/port/port.hh"

#include <memory>
#include <optional>

namespace sekisho::port {

struct PortWish {
  std::string port;         // as in the rules
  std::uint32_t mtu = 1500; // octets of IP
};

struct DpdkOptions {
  std::vector<std::string> eal_arguments;
  /// One forwarding core each, pinned there; empty: one, which stays where the scheduler has it.
  std::vector<unsigned> processors;
  std::size_t core_count() const { return processors.empty() ? 1 : processors.size(); }
};

/// Once a process; what it holds is given back at the end of the process.
class Dpdk {
public:
  /// Opens and starts one port each; needs root.  Errors say what is not there and what to type.
  static Result<std::unique_ptr<Dpdk>> start(const std::vector<PortWish> &ports,
                                             const DpdkOptions &options);
  /// One core, the usual MTU.
  static Result<std::unique_ptr<Dpdk>> start(const std::vector<std::string> &ports,
                                             const std::vector<std::string> &eal_arguments);
  virtual ~Dpdk() = default;

  virtual FramePool &pool(std::size_t core = 0) = 0;
  /// What `core` receives from and sends by; with several cores the port of an Exchange, so that every frame
  /// reaches the core that owns it.
  virtual Port &port(std::size_t number, std::size_t core = 0) = 0;
  virtual std::size_t port_count() const = 0;
  virtual const Owners &owners() const = 0;
  /// A card somewhere: worth cores that never sleep.
  virtual bool has_card() const = 0;
  /// Frames that a full ring between two cores lost, of all ports; how many were handed over at all; ports whose
  /// card spreads flows otherwise than asked.
  struct Handed {
    std::uint64_t over = 0, lost = 0;
    std::size_t distrusted = 0;
  };
  virtual Handed handed() const = 0;
  /// Whether that port has its link; nothing where it has no such thing.  One thread's.
  virtual std::optional<bool> link(std::size_t number) const = 0;
  /// For the thread that becomes `core`, first: its processor and its share of the pools.  Core 0 is the thread
  /// that called start().
  virtual Result<void> enter(std::size_t core) = 0;
  /// For a thread beside the cores: away from their processors, where there are others.
  virtual void stay_beside() = 0;
  /// Frames in the pools that nobody holds.
  virtual std::size_t free_frames() const = 0;
};

} // namespace sekisho::port
