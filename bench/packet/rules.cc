// Established flows, and new ones, at a hundred to a hundred thousand rules.
#include "bench/packet/established.hh"
#include "bench/packet/figures.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::bench {
namespace {

constexpr std::array<std::size_t, 4> rule_counts = {100, 1'000, 10'000, 100'000};
constexpr std::size_t kinds_of_new_flows = 4096;

/// Every frame opens a flow; the table is new each time.
class NewFlows {
public:
  NewFlows(port::Dpdk &dpdk, std::size_t rules)
      : town_(rules), policy_(policy_of(town_.text())), rig_(dpdk), source_(dpdk.port(0)) {}

  /// Opens `flows`, or as many as it can in `seconds`.
  Sample measure(std::string_view name, std::size_t flows, double seconds) {
    rig_.renew(flows + flows / 4, policy_, &source_, nullptr);
    std::vector<Octets> frames;
    for (const Flow &flow : town_.flows(kinds_of_new_flows, 7)) {
      FrameSpec spec = spec_of(flow, 0, rig_.port(0).mac(), flag::syn);
      frames.push_back(make_frame(spec));
    }
    source_.prepare(std::move(frames));
    std::size_t opened = 0;
    Seconds begin = Seconds::now();
    Seconds time;
    do {
      for (int i = 0; i < 16; ++i)
        opened += rig_.turn();
      time = Seconds::now() - begin;
    } while (opened < flows && time.processor < seconds);
    rig_.take_events();
    if (rig_.dropped() > 0) fmt::print(stderr, "{}: dropped{}\n", name, rig_.reasons());
    return {static_cast<double>(rig_.path().flow_count()) / time.processor / 1e6, time.share()};
  }

private:
  Town town_;
  std::shared_ptr<const path::Policy> policy_;
  Rig rig_;
  Fresh source_;
};

} // namespace

void measure_rules(Session &session, port::Dpdk &dpdk) {
  auto name_of = [](std::size_t rules) { return "packet/rules-" + short_number(rules); };
  if (std::ranges::none_of(rule_counts, [&](auto rules) { return session.wants(name_of(rules)); }))
    return;
  Established few(dpdk, rule_counts[0]);
  for (std::size_t rules : rule_counts) {
    std::string name = name_of(rules);
    if (!session.wants(name)) continue;
    Established many(dpdk, rules);
    few.rig.path_ns(session.seconds() / 2);
    many.rig.path_ns(session.seconds() / 2);
    session.run({.name = name,
                 .unit = "ns/packet",
                 .measure = [&] { return many.ns(name, session.seconds()); },
                 .reference = "100 rules",
                 .measure_reference = [&] { return few.ns(name, session.seconds()); }});
  }
}

void measure_opening(Session &session, port::Dpdk &dpdk) {
  auto name_of = [](std::size_t rules) {
    return rules == 10'000 ? std::string("packet/new-flows")
                           : "packet/new-flows-" + short_number(rules) + "-rules";
  };
  if (std::ranges::none_of(rule_counts, [&](auto rules) { return session.wants(name_of(rules)); }))
    return;
  std::size_t flows = session.is_quick() ? 200'000 : 1'000'000;
  NewFlows few(dpdk, rule_counts[0]);
  for (std::size_t rules : rule_counts) {
    std::string name = name_of(rules);
    if (!session.wants(name)) continue;
    NewFlows many(dpdk, rules);
    session.run({.name = name,
                 .unit = "M flows/s",
                 .measure = [&] { return many.measure(name, flows, session.seconds()); },
                 .reference = "100 rules",
                 .measure_reference = [&] { return few.measure(name, flows, session.seconds()); }});
  }
}

} // namespace sekisho::bench
