// Rules compiled and swapped without pause beside the forwarding core.
#include "bench/packet/established.hh"
#include "bench/packet/figures.hh"

#include <fmt/format.h>

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

namespace sekisho::bench {
namespace {

constexpr std::size_t rules_reloaded = 10'000;

/// The thread that compiles.  All calls but for its own thread's come from the forwarding one.
class Reloader {
public:
  explicit Reloader(const std::string &text) : text_(text), thread_([this] { work(); }) {}
  ~Reloader() {
    ended_ = true;
    thread_.join();
  }
  Reloader(const Reloader &) = delete;
  Reloader &operator=(const Reloader &) = delete;

  void start() { running_ = true; }
  void stop(path::Path &path) {
    running_ = false;
    while (busy_)
      take(path);
  }
  /// Between two turns, as the path role does it.  True: there were new rules; whether the path has them now is
  /// `adopts`'s to say.
  bool take(path::Path &path, bool adopts = true) {
    std::shared_ptr<const path::Policy> *offer = offer_.load(std::memory_order_acquire);
    if (!offer) return false;
    if (adopts) *offer = path.adopt(std::move(*offer));
    swaps_ += adopts;
    offer_.store(nullptr, std::memory_order_release);
    return true;
  }
  std::uint64_t swaps() const { return swaps_; }

private:
  void work() {
    pin(1);
    while (!ended_) {
      busy_ = running_.load();
      if (!busy_) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        continue;
      }
      std::shared_ptr<const path::Policy> policy = policy_of(text_);
      offer_.store(&policy, std::memory_order_release);
      while (offer_.load(std::memory_order_acquire))
        std::this_thread::sleep_for(std::chrono::microseconds(50));
    } // the former policy is freed here
  }

  const std::string &text_;
  std::atomic<bool> running_{false}, busy_{false}, ended_{false};
  std::atomic<std::shared_ptr<const path::Policy> *> offer_{nullptr};
  std::uint64_t swaps_ = 0;
  std::thread thread_;
};

/// How often this thread lost its processor so far.
long switches() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nivcsw + usage.ru_nvcsw;
}

constexpr double late_us = 100;

/// How long turns took; those in which the scheduler took the processor away do not count.
struct Delays {
  double worst_us = 0; // of those soon after new rules came
  double late_a_second = 0; // of all, longer than late_us
  double share = 1;
};
/// `turn` says whether new rules came.
template <class Turn> Delays delays_of(double seconds, Turn turn) {
  constexpr unsigned soon = 200; // turns: all known flows have come by
  Delays delays;
  std::uint64_t late = 0;
  unsigned since_new = soon;
  long before = switches();
  Seconds begin = Seconds::now(), time;
  std::uint64_t since = monotonic_ns();
  do {
    for (int i = 0; i < 500; ++i) {
      since_new = turn() ? 0 : since_new + 1;
      std::uint64_t at = monotonic_ns();
      long after = switches();
      double us = static_cast<double>(at - since) / 1e3;
      if (after == before) {
        if (since_new < soon) delays.worst_us = std::max(delays.worst_us, us);
        late += us > late_us;
      }
      before = after;
      since = monotonic_ns();
    }
    time = Seconds::now() - begin;
  } while (time.processor < seconds);
  delays.late_a_second = static_cast<double>(late) / time.processor;
  delays.share = time.share();
  return delays;
}

/// How often this processor was told by another to forget addresses, which interrupts it: memory was given back.
std::uint64_t shootdowns() {
  std::ifstream interrupts("/proc/interrupts");
  for (std::string line; std::getline(interrupts, line);) {
    std::istringstream words(line);
    std::string name;
    if (!(words >> name) || name != "TLB:") continue;
    std::uint64_t count = 0;
    for (int cpu = ::sched_getcpu(); cpu >= 0; --cpu) words >> count;
    return count;
  }
  return 0;
}

void measure_rate(Session &session, Established &known, Reloader &reloader) {
  path::Path &path = known.rig.path();
  std::uint64_t swaps_before = reloader.swaps();
  double seconds = 2 * session.seconds(); // some swaps in every round
  auto mpps = [&] {
    return count_packets(seconds,
                         [&] {
                           reloader.take(path);
                           return known.rig.turn();
                         })
        .mpps();
  };
  session.run({.name = "packet/reload-rate",
               .unit = "Mpps",
               .measure =
                   [&] {
                     reloader.start();
                     Sample sample = mpps();
                     reloader.stop(path);
                     return sample;
                   },
               .reference = "at rest",
               .measure_reference = mpps});
  if (reloader.swaps() == swaps_before)
    fmt::print(stderr, "packet/reload-rate: no rules were swapped, the figure says nothing\n");
}

/// Beside a core that compiles without end, whose rules are taken or, for the reference, thrown away: what is more
/// with the first is the swap's.
void measure_delays(Session &session, Established &known, Reloader &reloader, const char *name, const char *unit,
                    double Delays::*what) {
  if (!session.wants(name)) return;
  path::Path &path = known.rig.path();
  std::uint64_t told = 0;
  auto measure = [&](bool adopts) {
    std::uint64_t before = shootdowns();
    reloader.start();
    Delays delays = delays_of(4 * session.seconds(), [&] {
      bool is_new = reloader.take(path, adopts);
      known.rig.turn();
      return is_new;
    });
    reloader.stop(path);
    if (adopts) told += shootdowns() - before;
    return Sample{delays.*what, delays.share};
  };
  session.run({.name = name,
               .unit = unit,
               .measure = [&] { return measure(true); },
               .reference = "compiled, not taken",
               .measure_reference = [&] { return measure(false); },
               .more = [&](double) { return Json{{"tlb_shootdowns", told}}; }});
}

} // namespace

void measure_reload(Session &session, port::Dpdk &dpdk) {
  bool wants_rate = session.wants("packet/reload-rate");
  bool wants_delays =
      session.wants("packet/reload-worst-burst") || session.wants("packet/reload-late-bursts");
  if (!wants_rate && !wants_delays) return;
  if (std::thread::hardware_concurrency() < 2) {
    fmt::print(stderr, "packet/reload-*: left out, a second processor is missing\n");
    return;
  }
  Established known(dpdk, rules_reloaded);
  Reloader reloader(known.text);
  known.rig.path_ns(session.seconds() / 2);
  if (wants_rate) measure_rate(session, known, reloader);
  measure_delays(session, known, reloader, "packet/reload-worst-burst", "us", &Delays::worst_us);
  measure_delays(session, known, reloader, "packet/reload-late-bursts", "a second", &Delays::late_a_second);
}

} // namespace sekisho::bench
