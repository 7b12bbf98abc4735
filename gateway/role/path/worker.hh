// One forwarding core: its path, its thread's loop, and the slot through which orders reach it.
#pragma once

#include "gateway/path/path.hh"

#include <atomic>

namespace sekisho::role {

/// What the attendant changes on a core, between two of its turns.
struct Order {
  std::shared_ptr<const path::Policy> policy; // in: the new one, out: the old one
  bool brings_policy = false;
  std::uint32_t severed = 0;
};

/// Written by the attendant's thread and by this core's own; nothing else is shared between them but the
/// counters (one writes, one reads) and the ring of events.
class Worker {
public:
  struct Options {
    path::PathOptions path;
    bool may_sleep = true; // no card: spinning on the kernel gains nothing
    bool keeps_evidence = false; // somebody takes it
  };
  Worker(const Options &options, port::FramePool &pool);

  /// Before the first turn only; after it, the core's alone.
  path::Path &path() { return path_; }
  const path::Counters &counters() const { return path_.counters(); }
  path::EventRing &events() { return events_; }
  path::Evidence &evidence() { return evidence_; }

  /// Until stop(), on the calling thread.
  void forward();
  void stop() { stopped_.store(true, std::memory_order_relaxed); }
  /// forward() is over: nothing is counted any more.
  bool has_ended() const { return ended_.load(std::memory_order_acquire); }

  /// From the attendant: hands the order over without waiting; `order` stays until has_taken().
  void give(Order &order) { order_.store(&order, std::memory_order_release); }
  bool has_taken() const { return order_.load(std::memory_order_acquire) == nullptr; }

  /// The same for a list of its flows, which it goes on with between its turns; stays until has_surveyed().
  void survey(path::Survey &survey) { survey_.store(&survey, std::memory_order_release); }
  bool has_surveyed() const { return survey_.load(std::memory_order_acquire) == nullptr; }

private:
  void take_order();
  bool go_on_with_survey();

  Options options_;
  path::EventRing events_;
  path::Evidence evidence_;
  path::Path path_;
  alignas(64) std::atomic<Order *> order_{nullptr};
  std::atomic<path::Survey *> survey_{nullptr};
  std::atomic<bool> stopped_{false}, ended_{false};
};

} // namespace sekisho::role
