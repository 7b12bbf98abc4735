// What the machine offers, and what to type where it does not: huge pages, drivers, interfaces.
#pragma once

#include "base/result.hh"
#include "gateway/port/device.hh"

namespace sekisho::port {

class Machine {
public:
  /// `root`: a folder with another /sys, /dev and /proc, for tests.
  explicit Machine(std::string root = "") : root_(std::move(root)) {}

  /// Octets in huge pages that nobody holds.
  std::uint64_t free_huge_octets() const;
  /// The NUMA node of a processor; 0 where the kernel knows none.
  int node_of_processor(unsigned processor) const;
  /// Receive queues of an interface; 1 where it does not say.
  std::size_t receive_queues(const std::string &interface) const;

  /// A card can be opened: it is there, is a network card, is bound to a driver that DPDK uses, and VFIO works.
  Result<void> check_card(const std::string &address) const;
  /// Why a card that passed check_card is no port all the same.
  std::string why_no_port(const std::string &address) const;
  Result<void> check_interface(const std::string &name) const;
  /// Huge pages for `octets`, which a card needs.
  Result<void> check_memory(std::uint64_t octets) const;
  /// "echo 512 > …", so that `octets` more are free.
  std::string huge_page_command(std::uint64_t octets) const;
  /// What would make these forwarding cores faster; empty where nothing does.
  std::string advice_for(const std::vector<unsigned> &processors) const;
  /// Each exists, once, at most as many as a path can have.
  Result<void> check_processors(const std::vector<unsigned> &processors) const;

private:
  std::string path(const std::string &absolute) const { return root_ + absolute; }
  std::string root_;
};

} // namespace sekisho::port
