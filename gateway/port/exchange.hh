// Several cores at one wire (or tap): each gets a Port of its own, and what another core owns is handed over
// through a ring of its own for every pair of cores, so that nothing is locked.
//
// Where a card spreads its frames by the same hash (Owners), only what it may have put elsewhere is looked at:
// ICMP errors, what is not TCP or UDP.  One frame of every burst is looked at all the same; a card that spreads
// otherwise is found out and not trusted any more.
#pragma once

#include "gateway/port/owner.hh"
#include "gateway/port/port.hh"

#include <atomic>
#include <memory>
#include <vector>

namespace sekisho::port {

/// Frames from one core to another; one writer, one reader.
class FrameRing {
public:
  static constexpr std::size_t size = 512; // eight bursts
  /// Returns how many fitted: always the first ones.
  std::size_t push(std::span<const Frame> frames);
  std::size_t pop(std::span<Frame> frames);

private:
  std::array<Frame, size> frames_;
  alignas(64) std::atomic<std::size_t> written_{0};
  alignas(64) std::atomic<std::size_t> read_{0};
};

class Exchange {
public:
  /// `own`: one a core, what it receives from and sends by; `pools`: one a core.  Borrowed.
  /// `trusts_card`: a card put flows where Owners says.
  Exchange(const Owners &owners, std::span<Port *const> own, std::span<FramePool *const> pools,
           bool trusts_card);
  ~Exchange();

  /// That core's, for its thread alone.
  Port &port(std::size_t core);

  /// Frames handed over, and those for which a ring had no room.  Of all cores; for any thread.
  std::uint64_t handed_over() const;
  std::uint64_t lost() const;
  /// A card was found to spread otherwise.
  bool is_distrusted() const;

private:
  class Lane;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

} // namespace sekisho::port
