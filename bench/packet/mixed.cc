// Other traffic than small IPv4 packets.
#include "bench/packet/established.hh"
#include "bench/packet/figures.hh"

#include <fmt/format.h>

namespace sekisho::bench {
namespace {

constexpr std::size_t rules_of_town = 1'000, known_flows = 4096, datagrams = 1024;

/// Frames of known flows; from zone b only where there are answers.
struct Mixture {
  Mixture(port::Dpdk &dpdk, const std::string &rules, const std::vector<Flow> &flows,
          bool with_answers = true)
      : rig(dpdk), sources{Listed(dpdk.port(0)), Listed(dpdk.port(1))} {
    rig.renew(4 * known_flows, policy_of(rules), &sources[0], with_answers ? &sources[1] : nullptr);
    rig.open_all(flows);
  }
  void measure(Session &session, const std::string &name) {
    rig.path_ns(session.seconds() / 4);
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
  Rig rig;
  std::array<Listed, 2> sources;
};

/// Seven small, four middling, one full frame (without FCS): 64, 594 and 1518 octets on the wire.
void measure_imix(Session &session, port::Dpdk &dpdk) {
  constexpr std::array<std::size_t, 12> sizes = {64,   64, 590, 64, 64, 590,
                                                 1514, 64, 590, 64, 64, 590};
  Town town(rules_of_town);
  std::vector<Flow> flows = town.flows(known_flows);
  Mixture mixture(dpdk, town.text(), flows);
  for (unsigned zone : {0u, 1u}) {
    std::vector<Octets> frames;
    for (std::size_t i = 0; i < flows.size(); ++i) {
      FrameSpec spec = spec_of(flows[i], zone, mixture.rig.port(zone).mac());
      spec.size = sizes[i % sizes.size()];
      frames.push_back(make_frame(spec));
    }
    mixture.sources[zone].prepare(frames, Listed::Order::given);
  }
  mixture.measure(session, "packet/imix");
}

void measure_ipv6(Session &session, port::Dpdk &dpdk) {
  std::vector<Flow> flows = Town(rules_of_town).flows(known_flows);
  for (Flow &flow : flows)
    flow.is_ipv6 = true, flow.destination_port = 443;
  Mixture mixture(dpdk, numbered_rules(), flows);
  for (unsigned zone : {0u, 1u}) {
    std::vector<Octets> frames;
    for (const Flow &flow : flows)
      frames.push_back(make_frame(spec_of(flow, zone, mixture.rig.port(zone).mac())));
    mixture.sources[zone].prepare(frames, Listed::Order::random);
  }
  mixture.measure(session, "packet/ipv6");
}

/// Datagrams of 590 octets in two pieces each.
void measure_fragments(Session &session, port::Dpdk &dpdk) {
  Town town(rules_of_town);
  std::vector<Flow> flows;
  for (const Flow &flow : town.flows(known_flows))
    if (flow.protocol == protocol::udp && flows.size() < datagrams) flows.push_back(flow);
  Mixture mixture(dpdk, town.text(), flows, false);
  std::vector<Octets> frames;
  for (std::size_t i = 0; i < flows.size(); ++i) {
    FrameSpec spec = spec_of(flows[i], 0, mixture.rig.port(0).mac());
    spec.size = 590;
    for (Octets &piece : fragments_of(make_frame(spec), static_cast<std::uint16_t>(i + 1)))
      frames.push_back(std::move(piece));
  }
  mixture.sources[0].prepare(frames, Listed::Order::given);
  mixture.measure(session, "packet/fragments");
}

} // namespace

void measure_mixed(Session &session, port::Dpdk &dpdk) {
  if (session.wants("packet/imix")) measure_imix(session, dpdk);
  if (session.wants("packet/ipv6")) measure_ipv6(session, dpdk);
  if (session.wants("packet/fragments")) measure_fragments(session, dpdk);
}

} // namespace sekisho::bench
