// The whole path at 768 to four million flows, beside a loop that receives, writes the same frames
// and sends.
#include "bench/packet/figures.hh"

#include <fmt/format.h>

namespace sekisho::bench {

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
                 .reference = "rx, frame written, tx",
                 .measure_reference = [&] { return rig.bare_ns(session.seconds() / 2); }});
  }
  if (session.wants("packet/rx-tx")) {
    std::array<Source, 2> bare{Source(dpdk.port(0)), Source(dpdk.port(1))};
    rig.renew(1024, policy_of(numbered_rules()), &bare[0], &bare[1]);
    session.run({.name = "packet/rx-tx",
                 .unit = "ns/packet",
                 .measure = [&] { return rig.bare_ns(session.seconds()); },
                 .reference = {}});
  }
}

} // namespace sekisho::bench
