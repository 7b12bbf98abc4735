// The whole path at 768 to four million flows, beside a loop that receives, writes the same frames
// and sends.
#include "bench/packet/figures.hh"

#include <fmt/format.h>

namespace sekisho::bench {

namespace {

/// Received and sent, and nothing else, not even written.
Sample bare_ns(port::Dpdk &dpdk, double seconds) {
  auto turn = [&](std::size_t from) {
    std::array<port::Frame, path::burst_size> burst;
    std::size_t count = dpdk.port(from).receive(burst);
    return dpdk.port(1 - from).transmit(std::span(burst).first(count));
  };
  return count_packets(seconds, [&] { return turn(0) + turn(1); }).ns_a_packet();
}

} // namespace

std::string numbered_rules() {
  std::string sentences;
  for (const char *protocol : {"tcp", "udp"})
    sentences += fmt::format(
        "permit {} port 443 from a to b for \"bench\" owner \"bench\" approved \"1\"\n", protocol);
  return town_text(sentences);
}

std::string short_number(std::size_t number) {
  if (number >= 1'000'000) return fmt::format("{}M", number / 1'000'000);
  if (number >= 1'000) return fmt::format("{}k", number / 1'000);
  return fmt::format("{}", number);
}

void measure_flows(Session &session, port::Dpdk &dpdk) {
  Rig rig(dpdk);
  std::array<Numbered, 2> sources{Numbered(rig.port(0), 0), Numbered(rig.port(1), 1)};
  for (std::size_t flows : {768u, 10'000u, 1'000'000u, 4'000'000u}) {
    std::string name = "packet/flows-" + short_number(flows);
    if (!session.wants(name)) continue;
    rig.renew(flows + flows / 4 + 1024, policy_of(numbered_rules()), &sources[0], &sources[1]);
    for (Numbered &source : sources)
      source.prepare(flows);
    for (std::size_t number = 0; number < flows; ++number)
      rig.open(Numbered::flow(number));
    if (rig.path().flow_count() != flows)
      fmt::print(stderr, "{}: only {} flows could be opened\n", name, rig.path().flow_count());
    rig.path_ns(session.seconds()); // warms caches, table and clock rate
    session.run({.name = name,
                 .unit = "ns/packet",
                 .measure =
                     [&] {
                       Sample sample = rig.path_ns(session.seconds());
                       rig.expect_dropped(name, false);
                       return sample;
                     },
                 .reference = "rx, tx alone",
                 .measure_reference = [&] { return bare_ns(dpdk, session.seconds() / 2); }});
  }
  if (session.wants("packet/frame-written")) {
    rig.renew(1024, policy_of(numbered_rules()), &sources[0], &sources[1]);
    session.run({.name = "packet/frame-written",
                 .unit = "ns/packet",
                 .measure = [&] { return rig.bare_ns(session.seconds()); },
                 .reference = "rx, tx alone",
                 .measure_reference = [&] { return bare_ns(dpdk, session.seconds() / 2); }});
  }
}

} // namespace sekisho::bench
