// Under attack: what is refused, and what is kept of the listed flows while a 10 Gbit/s port is
// full.
#include "bench/packet/established.hh"
#include "bench/packet/figures.hh"
#include "bench/packet/offered.hh"
#include "gateway/wire/arp.hh"

#include <fmt/format.h>

namespace sekisho::bench {
namespace {

constexpr std::size_t rules_of_town = 1'000, known_flows = 4096, flood_frames = 4096;
/// 10 Gbit/s of 64 octets, FCS, preamble and gap: IEEE 802.3.
constexpr double line_mpps = 10e3 / (8 * (64 + 4 + 20));
constexpr double listed_share = 0.1;

/// Counts what is sent out of it, but for SYNs: the listed flows are open already.
class Sink : public Silent {
public:
  using Silent::Silent;
  std::size_t transmit(std::span<const port::Frame> frames) override {
    for (const port::Frame &frame : frames) {
      bool is_tcp = std::to_integer<std::uint8_t>(frame.data[23]) == protocol::tcp;
      listed_ += !is_tcp || !(std::to_integer<std::uint8_t>(frame.data[47]) & flag::syn);
    }
    return port_.transmit(frames);
  }
  std::uint64_t listed() const { return listed_; }

private:
  std::uint64_t listed_ = 0;
};

/// Percent of the listed packets that were offered and sent on.
class Kept {
public:
  Kept(port::Dpdk &dpdk, std::size_t table_of_flows, double mpps)
      : mpps_(mpps), town_(rules_of_town), rig_(dpdk), source_(dpdk.port(0)), sink_(dpdk.port(1)) {
    rig_.renew(table_of_flows, policy_of(town_.text()), &source_, &sink_, true);
    std::vector<Flow> flows = town_.flows(known_flows);
    rig_.open_all(flows);
    for (const Flow &flow : flows)
      listed_.push_back(make_frame(spec_of(flow, 0, rig_.port(0).mac())));
  }

  /// `flood`: beside them, at the whole rate.  Empty: the listed ones alone, at the same rate as
  /// with it.
  Sample percent(double seconds, const std::vector<Octets> &flood, bool with_fresh_ports = false) {
    double share = flood.empty() ? 1 : listed_share;
    source_.prepare(listed_, flood, mpps_ * (flood.empty() ? listed_share : 1), share,
                    with_fresh_ports);
    count_packets(seconds / 4, [&] { return rig_.turn(); });
    source_.restart();
    std::uint64_t before = sink_.listed();
    Count count = count_packets(seconds, [&] { return rig_.turn(); });
    rig_.take_events();
    double kept = 100.0 * static_cast<double>(sink_.listed() - before) /
                  static_cast<double>(std::max<std::uint64_t>(source_.listed_came(), 1));
    return {std::min(kept, 100.0), count.time.share()};
  }
  /// Frames that open flows, which the rules permit.
  std::vector<Octets> opening_frames() {
    std::vector<Octets> frames;
    for (const Flow &flow : town_.flows(flood_frames, 5))
      if (flow.protocol == protocol::tcp)
        frames.push_back(make_frame(spec_of(flow, 0, rig_.port(0).mac(), flag::syn)));
    return frames;
  }
  Rig &rig() { return rig_; }

private:
  double mpps_; // flood and listed together
  Town town_;
  Rig rig_;
  Offered source_;
  Sink sink_;
  std::vector<Octets> listed_;
};

/// ARP requests for the gateway of zone a, each by another station that is not listed.
std::vector<Octets> arp_frames(std::size_t count) {
  Random random(13);
  std::vector<Octets> frames;
  for (std::size_t i = 0; i < count; ++i) {
    Mac mac{{0x02, 0x77, 0, static_cast<std::uint8_t>(i >> 16), static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}};
    auto sender = static_cast<std::uint32_t>(0x0a018000 + random.below(0x7fff));
    auto frame = wire::arp_request(mac, Ip::from_v4(sender), Ip::from_v4(0x0a010001));
    frames.emplace_back(frame.begin(), frame.end()).resize(64);
  }
  return frames;
}

void measure_refused(Session &session, port::Dpdk &dpdk) {
  if (!session.wants("packet/refused")) return;
  Rig rig(dpdk);
  Listed source(dpdk.port(0));
  rig.renew(16384, policy_of(Town(10'000).text()), &source, nullptr);
  source.prepare(refused_frames(flood_frames, rig.port(0).mac()), Listed::Order::random);
  session.run({.name = "packet/refused",
               .unit = "ns/packet",
               .measure =
                   [&] {
                     Sample sample = rig.path_ns(session.seconds());
                     rig.expect_dropped("packet/refused", true);
                     return sample;
                   },
               .reference = "rx, frame written, tx",
               .measure_reference = [&] { return rig.bare_ns(session.seconds() / 2); }});
}

/// What the mixture costs when as much comes as can be taken.
void measure_flood_mix(Session &session, port::Dpdk &dpdk) {
  if (!session.wants("packet/flood-mix")) return;
  Town town(rules_of_town);
  Rig rig(dpdk);
  Listed source(dpdk.port(0));
  rig.renew(4 * known_flows, policy_of(town.text()), &source, nullptr);
  std::vector<Flow> flows = town.flows(known_flows / 10);
  rig.open_all(flows);
  std::vector<Octets> frames = refused_frames(9 * flows.size(), rig.port(0).mac());
  for (const Flow &flow : flows)
    frames.push_back(make_frame(spec_of(flow, 0, rig.port(0).mac())));
  source.prepare(frames, Listed::Order::random);
  session.run({.name = "packet/flood-mix",
               .unit = "ns/packet",
               .measure = [&] { return rig.path_ns(session.seconds()); },
               .reference = "rx, frame written, tx",
               .measure_reference = [&] { return rig.bare_ns(session.seconds() / 2); }});
}

} // namespace

void measure_flood(Session &session, port::Dpdk &dpdk) {
  measure_refused(session, dpdk);
  measure_flood_mix(session, dpdk);
  const double seconds = 2 * session.seconds();
  // syn: the rules permit them, the table of flows is full within a moment
  enum class Of { ipv4, ipv6, syn, arp };
  struct Case {
    const char *name;
    double mpps;
    Of flood;
  };
  for (const Case &one : {Case{"packet/flood-listed-kept", line_mpps, Of::ipv4},
                          Case{"packet/flood-listed-kept-1g", line_mpps / 10, Of::ipv4},
                          Case{"packet/ipv6-flood-listed-kept", line_mpps, Of::ipv6},
                          Case{"packet/arp-flood-listed-kept", line_mpps, Of::arp},
                          Case{"packet/syn-flood-listed-kept", line_mpps, Of::syn},
                          Case{"packet/syn-flood-listed-kept-1g", line_mpps / 10, Of::syn}}) {
    if (!session.wants(one.name)) continue;
    Kept kept(dpdk, 4 * known_flows, one.mpps);
    const bool opens = one.flood == Of::syn;
    std::vector<Octets> flood =
        opens                  ? kept.opening_frames()
        : one.flood == Of::arp ? arp_frames(flood_frames)
                               : refused_frames(flood_frames, kept.rig().port(0).mac(), one.flood == Of::ipv6);
    session.run({.name = one.name,
                 .unit = "percent",
                 .measure = [&] { return kept.percent(seconds, flood, opens); },
                 .reference = "without the flood",
                 .measure_reference = [&] { return kept.percent(seconds / 2, {}); }});
  }
}

} // namespace sekisho::bench
