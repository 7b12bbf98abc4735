// Known IPv6 flows pass by the quick way: whatever comes, it must do what the closer look does.
#include "gateway/wire/nd.hh"
#include "tests/support/gateway.hh"

#include <random>

namespace sekisho {
namespace {

using namespace test;
namespace flag = wire::tcp_flag;

constexpr std::string_view without_udp = R"(
zone a { port "m"  network 2001:db8:1::/64  address 2001:db8:1::1  closed }
zone b { port "l"  network 2001:db8:2::/64  address 2001:db8:2::1  mtu 1300 }
zone c { port "i"  network 2001:db8:3::/64  address 2001:db8:3::1 }
host one { zone a  address 2001:db8:1::11  mac 02:00:5e:10:00:01 }
host two { zone b  address 2001:db8:2::40  mac 02:00:5e:10:00:02 }
permit tcp port 443 from one to two
    for "x"  owner "y"  approved "z"  until 2027-03-31
)";
const std::string rules_text = std::string(without_udp) + R"(permit udp from b to c
    for "x"  owner "y"  approved "z"  until 2027-03-31
)";

const std::array<Mac, 3> doors = {mac("02:00:5e:00:00:01"), mac("02:00:5e:00:00:02"), mac("02:00:5e:00:00:03")};

struct Arrival {
  rules::ZoneId zone = 0;
  Buffer frame;
  bool vlan_stripped = false;
};

/// A burst from one zone; what became of each.
std::vector<Fate> run(Gateway &gateway, const std::vector<Arrival> &arrivals) {
  port::MemoryPort &port = gateway.ports[arrivals[0].zone];
  for (const Arrival &arrival : arrivals) port.feed(arrival.frame);
  std::vector<port::Frame> burst(arrivals.size());
  EXPECT_EQ(port.receive(burst), arrivals.size());
  for (std::size_t i = 0; i < burst.size(); ++i) burst[i].vlan_stripped = arrivals[i].vlan_stripped;
  auto fates = gateway.path.run(arrivals[0].zone, Side::port, burst, gateway.now);
  return {fates.begin(), fates.end()};
}

/// Two conversations, tcp of one with two and udp of two with a host of c that nobody lists.
class Traffic {
public:
  std::uint32_t below(std::uint32_t end) { return random_() % end; }
  bool once_in(std::uint32_t turns) { return below(turns) == 0; }

  PacketBuilder packet(rules::ZoneId zone, bool is_tcp) {
    PacketBuilder packet;
    packet.to_mac = doors[zone];
    packet.protocol = is_tcp ? 6 : 17;
    packet.from = zone == mynumber ? one_ : zone == lgwan ? two_ : three_;
    packet.to = zone == lgwan ? (is_tcp ? one_ : three_) : two_;
    packet.from_mac = zone == mynumber ? mac("02:00:5e:10:00:01") : zone == lgwan ? mac("02:00:5e:10:00:02") : mac("02:00:5e:33:00:77");
    packet.from_port = is_tcp ? (zone == mynumber ? 40000 : 443) : (zone == lgwan ? 5000 : 53);
    packet.to_port = is_tcp ? (zone == mynumber ? 443 : 40000) : (zone == lgwan ? 53 : 5000);
    packet.flags = flag::ack;
    std::uint32_t mine = zone == mynumber ? 1000 : 5000, theirs = zone == mynumber ? 5000 : 1000;
    packet.sequence = mine + (once_in(8) ? below(200'000) : below(1000)) - (once_in(8) ? below(200'000) : 0);
    packet.acknowledgement = theirs + 1 + (once_in(8) ? below(200'000) : 0);
    return packet;
  }

  Arrival arrival(rules::ZoneId zone) {
    static const std::string filling(1400, 'x');
    bool is_tcp = zone == mynumber || (zone == lgwan && once_in(2));
    PacketBuilder one = packet(zone, is_tcp);
    one.data = std::string_view(filling).substr(0, once_in(8) ? below(1400) : below(64));
    if (once_in(16)) one.flags = static_cast<std::uint8_t>(below(64));
    if (once_in(16)) one.ttl = static_cast<std::uint8_t>(below(3));
    if (once_in(16)) one.from_port = static_cast<std::uint16_t>(below(3));
    if (once_in(16)) one.from.octets[below(16)] ^= static_cast<std::uint8_t>(1u << below(8));
    if (once_in(16)) one.to.octets[below(16)] ^= static_cast<std::uint8_t>(1u << below(8));
    if (once_in(16)) one.from_mac.octets[below(6)] ^= static_cast<std::uint8_t>(1u << below(8));
    if (once_in(16)) one.to_mac.octets[below(6)] ^= static_cast<std::uint8_t>(1u << below(8));
    if (once_in(64)) one.from = ip("::ffff:10.1.0.11"), one.to = ip("::ffff:10.2.0.40");
    Arrival result{.zone = zone, .frame = one.ipv6(), .vlan_stripped = once_in(64)};
    if (once_in(4)) spoil(result.frame);
    if (once_in(8)) result.frame.resize(result.frame.size() + below(32), std::byte{0x55}); // padding
    return result;
  }

private:
  void spoil(Buffer &frame) {
    switch (below(7)) {
    case 0: frame.resize(below(static_cast<std::uint32_t>(frame.size()))); break;
    case 1: set_u16(frame, 18, below(100)); break;                                    // length
    case 2: set_u8(frame, 20, below(2) ? 0 : below(256)); break;                      // next header
    case 3: set_u16(frame, 58, below(100)); break;                                    // UDP length
    case 4: if (frame.size() > 66) set_u8(frame, 66, below(256)); break;              // TCP offset
    case 5: set_u8(frame, 14, below(256)); break;                                     // version
    default: set_u8(frame, below(static_cast<std::uint32_t>(std::min<std::size_t>(frame.size(), 74))), below(256)); break;
    }
  }

  std::mt19937 random_{20261127};
  Ip one_ = ip("2001:db8:1::11"), two_ = ip("2001:db8:2::40"), three_ = ip("2001:db8:3::77");
};

void open_flows(Gateway &gateway) {
  Traffic traffic;
  auto hello = wire::neighbour_advertisement(mac("02:00:5e:33:00:77"), ip("2001:db8:3::77"), doors[internet], ip("2001:db8:3::1"));
  gateway.send(lgwan, traffic.packet(lgwan, false).ipv6()); // asks for the neighbour
  gateway.send(internet, hello);
  PacketBuilder syn = traffic.packet(mynumber, true), answer = traffic.packet(lgwan, true), ack = syn;
  syn.flags = flag::syn, syn.sequence = 1000, answer.flags = flag::syn | flag::ack, answer.sequence = 5000;
  answer.acknowledgement = 1001, ack.sequence = 1001, ack.acknowledgement = 5001;
  EXPECT_EQ(gateway.send(mynumber, syn.ipv6()).verdict, Verdict::pass);
  EXPECT_EQ(gateway.send(lgwan, answer.ipv6()).verdict, Verdict::pass);
  EXPECT_EQ(gateway.send(mynumber, ack.ipv6()).verdict, Verdict::pass);
  EXPECT_EQ(gateway.send(lgwan, traffic.packet(lgwan, false).ipv6()).verdict, Verdict::pass);
  EXPECT_EQ(gateway.send(internet, traffic.packet(internet, false).ipv6()).verdict, Verdict::pass);
}

TEST(Ipv6Quick, DoesWhatTheCloserLookDoes) {
  Gateway quick, portable{{.flows = 1000, .portable = true}}, close{{.flows = 1000, .quick = false}};
  const std::array<Gateway *, 3> all = {&quick, &portable, &close};
  for (Gateway *gateway : all) {
    gateway->load(rules_text);
    open_flows(*gateway);
  }
  Traffic traffic;
  std::size_t passed = 0, dropped = 0;
  for (int round = 0; round < 3000 && !::testing::Test::HasFailure(); ++round) {
    std::vector<Arrival> arrivals;
    auto zone = static_cast<rules::ZoneId>(traffic.below(3));
    for (std::size_t count = 1 + traffic.below(path::burst_size); count > 0; --count) arrivals.push_back(traffic.arrival(zone));
    if (round % 500 == 250) for (Gateway *gateway : all) gateway->load(without_udp);
    if (round % 500 == 260) for (Gateway *gateway : all) gateway->load(rules_text);
    if (round % 100 == 99) // reset or ended, or long ago: anew
      for (Gateway *gateway : all) gateway->path.end_flows(), gateway->wait(700), open_flows(*gateway);
    std::vector<Fate> fates = run(quick, arrivals), fates_portable = run(portable, arrivals), fates_close = run(close, arrivals);
    for (std::size_t i = 0; i < fates.size(); ++i) {
      EXPECT_EQ(word_of(fates[i].reason), word_of(fates_close[i].reason)) << round << ' ' << i;
      EXPECT_TRUE(fates[i].verdict == fates_close[i].verdict && fates[i].rule == fates_close[i].rule && fates[i].out == fates_close[i].out);
      EXPECT_TRUE(fates[i].reason == fates_portable[i].reason && fates[i].out == fates_portable[i].out);
      (fates[i].verdict == Verdict::pass ? passed : dropped) += 1;
    }
    for (rules::ZoneId out = 0; out < 3; ++out) {
      EXPECT_EQ(quick.ports[out].sent(), close.ports[out].sent()) << round;
      EXPECT_EQ(portable.ports[out].sent(), close.ports[out].sent()) << round;
      for (Gateway *gateway : all) gateway->ports[out].sent().clear(), gateway->taps[out].sent().clear();
    }
    EXPECT_EQ(quick.path.flow_count(), close.path.flow_count());
  }
  EXPECT_GT(passed, 20'000u);
  EXPECT_GT(dropped, 10'000u);
  for (rules::ZoneId zone = 0; zone < 3; ++zone)
    for (std::size_t reason = 0; reason < reason_count; ++reason)
      EXPECT_EQ(quick.count(zone, static_cast<Reason>(reason)), close.count(zone, static_cast<Reason>(reason)));
}

TEST(Ipv6Quick, AFullPortIsToldWithTheEndsOfTheFlow) { // L1
  Gateway gateway;
  gateway.load(rules_text);
  open_flows(gateway);
  gateway.wait(2);
  gateway.path.turn(gateway.now);
  gateway.noted();
  gateway.ports[mynumber].set_room(0);
  PacketBuilder answer = Traffic().packet(lgwan, true);
  answer.sequence = 5001, answer.acknowledgement = 1001, answer.data = "abcdefghijklmnop";
  EXPECT_EQ(gateway.send(lgwan, answer.ipv6()).reason, Reason::transmit_failed);
  gateway.wait(2);
  gateway.path.turn(gateway.now);
  std::vector<path::Event> events = gateway.noted();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].source, ip("2001:db8:2::40"));
  EXPECT_EQ(events[0].destination, ip("2001:db8:1::11"));
  EXPECT_EQ(events[0].destination_port, 40000);
}

} // namespace
} // namespace sekisho
