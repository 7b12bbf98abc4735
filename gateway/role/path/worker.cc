#include "gateway/role/path/worker.hh"

#include <thread>

namespace sekisho::role {
namespace {

/// Ports of the kernel are not worth a spinning core: the longer nothing comes, the longer the naps.
void rest(unsigned empty_turns) {
  if (empty_turns < 32) return;
  std::this_thread::sleep_for(std::chrono::microseconds(empty_turns < 2000 ? 50 : 500));
}

path::PathOptions with(path::PathOptions options, path::Evidence *evidence) {
  options.evidence = evidence;
  return options;
}

} // namespace

Worker::Worker(const Options &options, port::FramePool &pool)
    : options_(options), path_(with(options.path, options.keeps_evidence ? &evidence_ : nullptr), pool, &events_) {}

void Worker::take_order() {
  Order *order = order_.load(std::memory_order_acquire);
  if (!order) return;
  if (order->brings_policy) order->policy = path_.adopt(std::move(order->policy));
  path_.sever(order->severed);
  order_.store(nullptr, std::memory_order_release);
}

/// True while there is one.
bool Worker::go_on_with_survey() {
  path::Survey *survey = survey_.load(std::memory_order_acquire);
  if (!survey) return false;
  if (path_.survey(*survey)) survey_.store(nullptr, std::memory_order_release);
  return true;
}

void Worker::forward() {
  unsigned empty_turns = 0;
  for (unsigned turn = 0; !stopped_.load(std::memory_order_relaxed); ++turn) {
    take_order();
    path::Now now{.nanoseconds = monotonic_ns(), .unix = unix_now()};
    // A tap costs a system call.
    bool with_taps = options_.may_sleep || empty_turns > 0 || turn % 16 == 0;
    empty_turns = path_.turn(now, with_taps) > 0 ? 0 : empty_turns + 1;
    if (go_on_with_survey()) continue;
    if (options_.may_sleep) rest(empty_turns);
  }
  path_.settle();
  ended_.store(true, std::memory_order_release);
}

} // namespace sekisho::role
