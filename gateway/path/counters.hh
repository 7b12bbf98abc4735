// Counters: written by the one core that owns them, read by anybody.
#pragma once

#include "base/reason.hh"
#include "rules/subject.hh"

#include <array>
#include <atomic>

namespace sekisho::path {

/// One writer: a relaxed load and store, no locked instruction.
class Tally {
public:
  void add(std::uint64_t count = 1) {
    count_.store(count_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return count_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> count_{0};
};

/// Of one zone: what came in by its port or its tap, and what became of it.
struct ZoneCounters {
  Tally from_port, from_kernel; // packets
  Tally octets;                 // of both
  Tally sent;                   // packets out of its port
  std::array<Tally, 3> verdicts;           // by rules::Verdict
  std::array<Tally, reason_count> reasons; // by Reason, of the dropped ones
};

struct Counters {
  std::array<ZoneCounters, rules::max_zones> zones;
  Tally flows_opened, arp_asked, too_big_answered, events_lost;
  std::atomic<std::uint64_t> flows{0}; // at present
};

/// Adds the counters of one core to `total`, which no core writes.
void add_up(Counters &total, const Counters &one);

} // namespace sekisho::path
