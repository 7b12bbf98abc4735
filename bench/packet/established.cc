#include "bench/packet/established.hh"

namespace sekisho::bench {

Established::Established(port::Dpdk &dpdk, std::size_t rules, std::size_t count)
    : town(rules), text(town.text()),
      rig(dpdk), sources_{Listed(dpdk.port(0)), Listed(dpdk.port(1))} {
  rig.renew(4 * count, policy_of(text), &sources_[0], &sources_[1]);
  std::vector<Flow> flows = town.flows(count);
  rig.open_all(flows);
  for (unsigned zone : {0u, 1u}) {
    std::vector<Octets> frames;
    for (const Flow &flow : flows)
      frames.push_back(make_frame(spec_of(flow, zone, rig.port(zone).mac())));
    sources_[zone].prepare(frames, Listed::Order::random);
  }
}

Sample Established::ns(std::string_view name, double seconds) {
  Sample sample = rig.path_ns(seconds);
  rig.expect_dropped(name, false);
  return sample;
}

std::vector<Octets> refused_frames(std::size_t count, const Mac &gateway, bool are_ipv6) {
  Random random(11);
  std::vector<Octets> frames;
  while (frames.size() < count) {
    Flow flow{.source = static_cast<unsigned>(random.below(hosts)),
              .destination = static_cast<unsigned>(random.below(hosts)),
              .source_port = static_cast<std::uint16_t>(1024 + random.below(64000)),
              .destination_port = static_cast<std::uint16_t>(50000 + random.below(15000)),
              .protocol = !are_ipv6 && random.below(2) ? protocol::tcp : protocol::udp,
              .is_ipv6 = are_ipv6};
    FrameSpec spec = spec_of(flow, 0, gateway, flag::syn);
    spec.size = 64;
    auto last = static_cast<std::uint8_t>(64 + random.below(190)); // hosts are .16 to .31
    spec.source.octets[15] = last;
    spec.source_mac.octets[4] = last;
    frames.push_back(make_frame(spec));
  }
  return frames;
}

} // namespace sekisho::bench
