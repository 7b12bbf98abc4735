#include "gateway/role/path/worker.hh"

#include <thread>

namespace sekisho::role {
namespace {

/// Ports of the kernel are not worth a spinning core: the longer nothing comes, the longer the naps.
void rest(unsigned empty_turns) {
  if (empty_turns < 32) return;
  std::this_thread::sleep_for(std::chrono::microseconds(empty_turns < 2000 ? 50 : 500));
}

} // namespace

Worker::Worker(const Options &options, port::FramePool &pool)
    : options_(options), path_(options.path, pool, &events_) {}

void Worker::take_order() {
  Order *order = order_.load(std::memory_order_acquire);
  if (!order) return;
  if (order->brings_policy) order->policy = path_.adopt(std::move(order->policy));
  path_.sever(order->severed);
  order_.store(nullptr, std::memory_order_release);
}

void Worker::forward() {
  unsigned empty_turns = 0;
  for (unsigned turn = 0; !stopped_.load(std::memory_order_relaxed); ++turn) {
    take_order();
    path::Now now{.nanoseconds = monotonic_ns(), .unix = unix_now()};
    // A tap costs a system call.
    bool with_taps = options_.may_sleep || empty_turns > 0 || turn % 16 == 0;
    empty_turns = path_.turn(now, with_taps) > 0 ? 0 : empty_turns + 1;
    if (options_.may_sleep) rest(empty_turns);
  }
}

} // namespace sekisho::role
