// Two cores, each with its own ports, table and path, against one.
#include "bench/packet/figures.hh"

#include <fmt/format.h>
#include <rte_lcore.h>

#include <barrier>
#include <thread>

namespace sekisho::bench {
namespace {

constexpr std::size_t flows = 10'000;

/// A path on a pair of ports, with its traffic.
struct Core {
  Core(port::Dpdk &dpdk, std::size_t first)
      : rig(dpdk, first), sources{Numbered(rig.port(0), 0), Numbered(rig.port(1), 1)} {
    rig.renew(2 * flows, policy_of(numbered_rules()), &sources[0], &sources[1]);
    for (Numbered &source : sources)
      source.prepare(flows);
    for (std::size_t number = 0; number < flows; ++number)
      rig.open(Numbered::flow(number));
  }
  Sample mpps(double seconds) {
    return count_packets(seconds, [&] { return rig.turn(); }).mpps();
  }
  Rig rig;
  std::array<Numbered, 2> sources;
};

/// The second core's thread: it needs a number among DPDK's, for its own cache of buffers.
Sample run_second(Core &core, double seconds, std::barrier<> &together) {
  pin(1);
  bool is_known = rte_thread_register() == 0;
  if (!is_known) fmt::print(stderr, "packet/two-cores: the second core has no cache of buffers\n");
  core.mpps(seconds / 4);
  together.arrive_and_wait();
  Sample sample = core.mpps(seconds);
  if (is_known) rte_thread_unregister();
  return sample;
}

} // namespace

void measure_cores(Session &session, port::Dpdk &dpdk) {
  if (!session.wants("packet/two-cores")) return;
  if (std::thread::hardware_concurrency() < 2) {
    fmt::print(stderr, "packet/two-cores: left out, a second processor is missing\n");
    return;
  }
  Core one(dpdk, 0), two(dpdk, 2);
  one.mpps(session.seconds() / 2);
  session.run({.name = "packet/two-cores",
               .unit = "times",
               .measure =
                   [&] {
                     double seconds = session.seconds();
                     Sample alone = one.mpps(seconds), first, second;
                     std::barrier together(2);
                     std::thread beside([&] { second = run_second(two, seconds, together); });
                     one.mpps(seconds / 4);
                     together.arrive_and_wait();
                     first = one.mpps(seconds);
                     beside.join();
                     return Sample{
                         (first.value + second.value) / alone.value,
                         std::min({alone.core_share, first.core_share, second.core_share})};
                   },
               .reference = "one core",
               .measure_reference = [] { return Sample{.value = 1}; }});
}

} // namespace sekisho::bench
