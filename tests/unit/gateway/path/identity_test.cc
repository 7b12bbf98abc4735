// Who is who on the path: ARP, neighbour discovery, moved addresses and devices, what the device table hears.
#include "gateway/path/devices.hh"
#include "gateway/path/limits_json.hh"
#include "gateway/wire/arp.hh"
#include "gateway/wire/nd.hh"
#include "tests/support/gateway.hh"

#include <initializer_list>

namespace sekisho {
namespace {

using namespace test;
namespace flag = wire::tcp_flag;

void expect_dropped(const Fate &fate, Reason reason) {
  EXPECT_EQ(fate.verdict, Verdict::drop);
  EXPECT_EQ(word_of(fate.reason), word_of(reason));
}

const Mac door = mac("02:00:5e:00:00:02"); // the gateway's in lgwan
const Mac listed_mac = mac("02:00:5e:10:00:02"), guest_mac = mac("02:00:5e:77:00:01"),
          evil_mac = mac("02:00:5e:66:00:66");
const Ip gateway_ip = ip("2001:db8:2::1"), listed_ip = ip("2001:db8:2::40"),
         guest_ip = ip("2001:db8:2::77"), gateway_link = ip("fe80::5eff:fe00:2");

constexpr std::string_view six_text = R"(
zone a { port "m"  network 2001:db8:1::/64  address 2001:db8:1::1  closed }
zone b { port "l"  network 2001:db8:2::/64  address 2001:db8:2::1 }
zone c { port "i"  network 2001:db8:3::/64  address 2001:db8:3::1 }
host one { zone a  address 2001:db8:1::11  mac 02:00:5e:10:00:01 }
host two { zone b  address 2001:db8:2::40  mac 02:00:5e:10:00:02 }
host three { zone c  address 2001:db8:3::77 }
permit tcp port 443 from two to three
    for "x"  owner "y"  approved "z"  until 2027-03-31
)";

/// With an IPv6 address in every zone.
struct Six : Gateway {
  explicit Six(path::PathOptions options = {.flows = 1000}) : Gateway(options) { load(six_text); }
};

Buffer solicitation(const Mac &from_mac, const Ip &from, const Ip &target) {
  auto frame = wire::neighbour_solicitation(from_mac, from, target);
  return {frame.begin(), frame.end()};
}
/// `target` is at `mac`; solicited by the gateway.
Buffer advertisement(const Mac &mac, const Ip &target, const Ip &to = gateway_ip) {
  auto frame = wire::neighbour_advertisement(mac, target, door, to);
  return {frame.begin(), frame.end()};
}
/// An ICMPv6 message between the stations of the link, its checksum right.
Buffer link_message(const Mac &from_mac, const Ip &from, const Ip &to, std::uint8_t type) {
  PacketBuilder packet{.to_mac = wire::group_mac(to), .from_mac = from_mac, .from = from, .to = to,
                       .protocol = 58, .ttl = 255, .icmp_type = type, .icmp_id = 0};
  return packet.ipv6();
}

TEST(Nd, TheGatewaysAddressIsAskedForAndAnsweredByTheKernel) { // RFC 4861 §7.2.3
  Six gateway;
  EXPECT_EQ(gateway.send(lgwan, solicitation(listed_mac, listed_ip, gateway_ip)).verdict, Verdict::relay);
  ASSERT_EQ(gateway.taps[lgwan].sent().size(), 1u);
  EXPECT_EQ(gateway.send(lgwan, solicitation(guest_mac, guest_ip, gateway_ip)).verdict, Verdict::relay);
  EXPECT_EQ(gateway.send(lgwan, solicitation(guest_mac, ip("fe80::77"), gateway_ip)).verdict, Verdict::relay);
  EXPECT_EQ(gateway.send(lgwan, solicitation(guest_mac, guest_ip, gateway_link)).verdict, Verdict::relay);
  // The kernel's answer leaves, as the gateway only.
  auto answer = wire::neighbour_advertisement(door, gateway_ip, listed_mac, listed_ip);
  EXPECT_EQ(gateway.send(lgwan, {answer.data(), answer.size()}, Side::kernel).verdict, Verdict::relay);
  EXPECT_EQ(gateway.ports[lgwan].sent().size(), 1u);
  answer = wire::neighbour_advertisement(door, guest_ip, listed_mac, listed_ip);
  expect_dropped(gateway.send(lgwan, {answer.data(), answer.size()}, Side::kernel), Reason::kernel_not_listed);
}

TEST(Nd, OthersAreNotAskedForHere) { // Z2
  Six gateway;
  expect_dropped(gateway.send(lgwan, solicitation(listed_mac, listed_ip, guest_ip)), Reason::nd_not_for_gateway);
  EXPECT_TRUE(gateway.taps[lgwan].sent().empty());
}

TEST(Nd, WhoContradictsTheListIsDropped) { // Z5
  Six gateway;
  struct Case {
    Mac mac;
    Ip ip;
    Reason reason;
  };
  for (const Case &one : std::initializer_list<Case>{
           {evil_mac, listed_ip, Reason::nd_spoofed},                // another card with the listed address
           {listed_mac, guest_ip, Reason::nd_spoofed},               // the listed card with another address
           {evil_mac, gateway_ip, Reason::nd_spoofed},               // would be the gateway
           {evil_mac, gateway_link, Reason::nd_spoofed},
           {door, guest_ip, Reason::nd_spoofed},                     // with the gateway's card
           {evil_mac, ip("2001:db8:3::5"), Reason::source_not_of_zone},
           {mac("02:00:5e:10:00:01"), guest_ip, Reason::device_moved}}) { // listed in another zone
    expect_dropped(gateway.send(lgwan, solicitation(one.mac, one.ip, gateway_ip)), one.reason);
    expect_dropped(gateway.send(lgwan, advertisement(one.mac, one.ip, Ip{})), one.reason);
  }
  EXPECT_TRUE(gateway.taps[lgwan].sent().empty());
}

TEST(Nd, AClosedZoneHearsListedHostsOnly) { // Z3, Z5
  Six gateway;
  const Ip address = ip("2001:db8:1::1");
  Mac one = mac("02:00:5e:10:00:01");
  EXPECT_EQ(gateway.send(mynumber, solicitation(one, ip("2001:db8:1::11"), address)).verdict, Verdict::relay);
  EXPECT_EQ(gateway.send(mynumber, solicitation(one, ip("fe80::1"), address)).verdict, Verdict::relay);
  expect_dropped(gateway.send(mynumber, solicitation(guest_mac, ip("2001:db8:1::12"), address)),
                 Reason::host_unknown);
  expect_dropped(gateway.send(mynumber, solicitation(guest_mac, ip("fe80::12"), address)), Reason::host_unknown);
}

TEST(Nd, ALinkAddressOfSomebodyElseIsSpoofed) {
  Six gateway;
  Buffer frame = solicitation(guest_mac, guest_ip, gateway_ip);
  wire::put_mac(frame.data(), 6, evil_mac); // sends for another
  expect_dropped(gateway.send(lgwan, frame), Reason::nd_spoofed);
}

TEST(Nd, TheWireIsRead) { // RFC 4861 §7.1
  Six gateway;
  Buffer frame = solicitation(guest_mac, guest_ip, gateway_ip);
  set_u8(frame, 14 + 7, 254); // crossed a router
  expect_dropped(gateway.send(lgwan, frame), Reason::nd_malformed);
  frame = solicitation(guest_mac, guest_ip, gateway_ip);
  set_u8(frame, 85, 0x55);
  expect_dropped(gateway.send(lgwan, frame), Reason::icmp_bad_checksum);
  frame = solicitation(guest_mac, guest_ip, gateway_ip);
  wire::put_mac(frame.data(), 0, mac("33:33:00:00:00:01")); // not the group it is for
  expect_dropped(gateway.send(lgwan, frame), Reason::nd_malformed);
}

TEST(Nd, RoutersRedirectsAndListenersByName) { // RFC 6105's cause
  Six gateway;
  const Ip all = ip("ff02::1"), link = ip("fe80::77");
  expect_dropped(gateway.send(lgwan, link_message(guest_mac, link, all, 134)), Reason::nd_router);
  expect_dropped(gateway.send(lgwan, link_message(guest_mac, link, ip("ff02::2"), 133)), Reason::nd_router);
  expect_dropped(gateway.send(lgwan, link_message(guest_mac, link, all, 137)), Reason::nd_redirect);
  expect_dropped(gateway.send(lgwan, link_message(guest_mac, link, ip("ff02::16"), 143)),
                 Reason::multicast_listener);
  expect_dropped(gateway.send(lgwan, link_message(door, gateway_link, ip("ff02::2"), 133), Side::kernel),
                 Reason::nd_router);
  EXPECT_TRUE(gateway.taps[lgwan].sent().empty());
  EXPECT_TRUE(gateway.ports[lgwan].sent().empty());
}

TEST(Nd, TheKernelsReportsLeave) { // RFC 4541: or a switch keeps solicitations from it
  Six gateway;
  Buffer report = link_message(door, gateway_link, ip("ff02::16"), 143);
  set_u8(report, 14 + 7, 1);
  EXPECT_EQ(gateway.send(lgwan, report, Side::kernel).verdict, Verdict::relay);
  Buffer query = link_message(door, gateway_link, ip("ff02::1"), 130);
  set_u8(query, 14 + 7, 1);
  expect_dropped(gateway.send(lgwan, query, Side::kernel), Reason::multicast_listener);
}

TEST(Nd, SomebodyAsksWhetherAnAddressIsTaken) { // RFC 4862 §5.4
  Six gateway;
  auto probe = [](const Mac &from, const Ip &target) {
    auto group = wire::solicited_node_group(target);
    PacketBuilder packet{.to_mac = wire::group_mac(group), .from_mac = from, .from = Ip{}, .to = group,
                         .protocol = 58, .ttl = 255, .icmp_type = 135, .icmp_id = 0};
    std::string rest(reinterpret_cast<const char *>(target.octets.data()), 16);
    packet.data = rest;
    Buffer frame = packet.ipv6();
    frame.erase(frame.begin() + 60, frame.begin() + 62); // the builder's sequence number of an echo
    frame.insert(frame.begin() + 60, 2, std::byte{0});
    wire::Headers headers;
    wire::parse(frame, headers);
    std::uint32_t sum = 24 + 58;
    for (std::size_t i = 22; i + 1 < frame.size(); i += 2) sum += wire::u16_at(frame.data(), i);
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    set_u16(frame, 56, ~sum & 0xffff);
    return frame;
  };
  EXPECT_EQ(gateway.send(lgwan, probe(guest_mac, gateway_ip)).verdict, Verdict::relay); // it defends itself
  expect_dropped(gateway.send(lgwan, probe(guest_mac, guest_ip)), Reason::nd_not_for_gateway);
  expect_dropped(gateway.send(mynumber, probe(guest_mac, ip("2001:db8:1::1"))), Reason::host_unknown);
  EXPECT_EQ(gateway.send(lgwan, probe(door, gateway_ip), Side::kernel).verdict, Verdict::relay);
}

PacketBuilder to_three() {
  return {.to_mac = door, .from_mac = listed_mac, .from = listed_ip, .to = ip("2001:db8:3::77")};
}

TEST(Nd, ThePathAsksAndLearnsFromTheAnswer) { // RFC 4861 §7.2.2
  Six gateway;
  expect_dropped(gateway.send(lgwan, to_three().ipv6()), Reason::neighbour_unresolved);
  ASSERT_EQ(gateway.ports[internet].sent().size(), 1u);
  Buffer question = gateway.ports[internet].sent()[0];
  wire::Headers headers;
  wire::Neighbour neighbour;
  ASSERT_EQ(wire::parse(question, headers), Reason::ip_multicast);
  ASSERT_EQ(wire::parse_neighbour(question, headers, neighbour), Reason::none);
  EXPECT_TRUE(neighbour.is_solicitation);
  EXPECT_EQ(neighbour.target, ip("2001:db8:3::77"));
  EXPECT_EQ(headers.source, ip("2001:db8:3::1"));

  auto answer = wire::neighbour_advertisement(guest_mac, ip("2001:db8:3::77"),
                                              mac("02:00:5e:00:00:03"), ip("2001:db8:3::1"));
  gateway.send(internet, {answer.data(), answer.size()});
  EXPECT_EQ(gateway.send(lgwan, to_three().ipv6()).verdict, Verdict::pass);
  EXPECT_EQ(wire::mac_at(gateway.ports[internet].sent().back().data(), 0), guest_mac);
}

// -- addresses that move ---------------------------------------------------------------------------------

constexpr std::string_view four_text = R"(
zone a { port "m"  network 10.1.0.0/24  address 10.1.0.1 }
zone b { port "l"  network 10.2.0.0/24  address 10.2.0.1 }
zone c { port "i"  network 10.3.0.0/24  address 10.3.0.1 }
host one { zone a  address 10.1.0.11 }
host two { zone b  address 10.2.0.40 }
permit tcp port 443 from one to two
    for "x"  owner "y"  approved "z"  until 2027-03-31
)";

/// 10.2.0.40 is at `mac`, said to the gateway in answer or by itself (as its own target).
Buffer says_two(const Mac &mac, std::uint16_t operation = 2, bool gratuitous = false) {
  PacketBuilder packet{.to_mac = gratuitous ? test::mac("ff:ff:ff:ff:ff:ff") : door, .from_mac = mac,
                       .from = ip("10.2.0.40"), .to = ip(gratuitous ? "10.2.0.40" : "10.2.0.1")};
  return packet.arp(operation);
}

Mac next_hop(Gateway &gateway) {
  gateway.ports[lgwan].sent().clear();
  PacketBuilder packet = there();
  packet.from_port = static_cast<std::uint16_t>(1000 + gateway.now.seconds());
  EXPECT_EQ(gateway.send(mynumber, packet.ipv4()).verdict, Verdict::pass);
  return wire::mac_at(gateway.ports[lgwan].sent().back().data(), 0);
}

TEST(Claims, APoisonerIsRefusedWhileTheTrueOneAnswers) { // Z5
  Gateway gateway;
  gateway.load(four_text);
  gateway.send(mynumber, there().ipv4()); // asks
  gateway.send(lgwan, says_two(guest_mac));
  EXPECT_EQ(next_hop(gateway), guest_mac);
  for (int second = 0; second < 30; ++second) {
    gateway.wait(1);
    gateway.ports[lgwan].sent().clear();
    std::size_t to_kernel = gateway.taps[lgwan].sent().size();
    for (std::uint16_t operation : {1, 2}) {
      expect_dropped(gateway.send(lgwan, says_two(evil_mac, operation)), Reason::neighbour_moved);
      expect_dropped(gateway.send(lgwan, says_two(evil_mac, operation, true)), Reason::neighbour_moved);
    }
    EXPECT_EQ(gateway.taps[lgwan].sent().size(), to_kernel); // nor is the kernel told
    ASSERT_EQ(gateway.ports[lgwan].sent().size(), 1u); // the known one is asked, alone, once a second
    EXPECT_EQ(wire::mac_at(gateway.ports[lgwan].sent()[0].data(), 0), guest_mac);
    EXPECT_EQ(gateway.send(lgwan, says_two(guest_mac)).verdict, Verdict::relay);
    EXPECT_EQ(next_hop(gateway), guest_mac);
  }
}

TEST(Claims, AMovedOneIsBelievedWhenTheOldOneIsSilent) { // a new card in the same host
  Gateway gateway;
  gateway.load(four_text);
  gateway.send(mynumber, there().ipv4());
  gateway.send(lgwan, says_two(guest_mac));
  for (std::uint32_t second = 0; second < path::Claims::settle_after; ++second) {
    expect_dropped(gateway.send(lgwan, says_two(evil_mac)), Reason::neighbour_moved);
    EXPECT_EQ(next_hop(gateway), guest_mac);
    gateway.wait(1);
  }
  EXPECT_EQ(gateway.send(lgwan, says_two(evil_mac)).verdict, Verdict::relay);
  EXPECT_EQ(next_hop(gateway), evil_mac);
}

TEST(Claims, TheSameForNeighbourDiscovery) { // Z5
  Six gateway;
  EXPECT_EQ(gateway.send(lgwan, advertisement(guest_mac, guest_ip)).verdict, Verdict::relay);
  gateway.ports[lgwan].sent().clear();
  expect_dropped(gateway.send(lgwan, advertisement(evil_mac, guest_ip)), Reason::neighbour_moved);
  expect_dropped(gateway.send(lgwan, advertisement(evil_mac, guest_ip, Ip{})), Reason::neighbour_moved);
  expect_dropped(gateway.send(lgwan, solicitation(evil_mac, guest_ip, gateway_ip)), Reason::neighbour_moved);
  ASSERT_EQ(gateway.ports[lgwan].sent().size(), 1u);
  EXPECT_EQ(wire::mac_at(gateway.ports[lgwan].sent()[0].data(), 0), guest_mac);
}

TEST(Claims, AnotherCoreTakesTheWordOfTheOneThatHeard) {
  path::AcquaintanceRing ring(64);
  Gateway first({.flows = 1000, .tell = {&ring}}), second({.flows = 1000, .listen = &ring});
  first.load(four_text);
  second.load(four_text);
  expect_dropped(second.send(mynumber, there().ipv4()), Reason::neighbour_unresolved); // asks
  EXPECT_EQ(second.ports[lgwan].sent().size(), 1u);
  first.send(lgwan, says_two(guest_mac)); // the answer reaches the first core
  second.wait(1);
  second.path.turn(second.now);
  EXPECT_EQ(next_hop(second), guest_mac);
}

// -- devices -----------------------------------------------------------------------------------------------

struct Watched {
  path::SightingRing ring{1024};
  path::Devices devices;
  Gateway gateway{{.flows = 1000, .sightings = &ring, .homes = &devices.homes()}};
  std::vector<path::DeviceEvent> events;

  explicit Watched(std::string_view text) {
    gateway.load(text);
    devices.adopt(*compile_text(text));
  }
  /// What the attendant does.
  std::vector<std::string> told() {
    events.clear();
    for (path::Sighting sighting; ring.pop(sighting);) devices.take(sighting, events);
    std::vector<std::string> words;
    for (const path::DeviceEvent &event : events) words.emplace_back(word_of(event.kind));
    return words;
  }
};
using Words = std::vector<std::string>;

TEST(DevicesOnThePath, AnUnlistedOneInAClosedZone) { // Z5
  Watched watched(std::string(zones_text) + std::string(permit_text));
  PacketBuilder packet = there();
  packet.from_mac = guest_mac;
  packet.from = ip("10.1.0.12");
  for (int i = 0; i < 100; ++i) expect_dropped(watched.gateway.send(mynumber, packet.ipv4()), Reason::host_unknown);
  EXPECT_EQ(watched.told(), Words{"device-unknown"});
  EXPECT_EQ(watched.events[0].ip, ip("10.1.0.12"));
}

TEST(DevicesOnThePath, AnUnlistedOneThatMovedIsRefused) { // Z5: a notebook carried from one zone to another
  Watched watched(four_text);
  PacketBuilder hello{.to_mac = mac("ff:ff:ff:ff:ff:ff"), .from_mac = guest_mac, .from = ip("10.1.0.11"),
                      .to = ip("10.1.0.1")};
  EXPECT_EQ(watched.gateway.send(mynumber, hello.arp(1)).verdict, Verdict::relay);
  EXPECT_EQ(watched.told(), Words{"device-new"});
  hello.from = ip("10.3.0.9");
  hello.to = ip("10.3.0.1");
  expect_dropped(watched.gateway.send(internet, hello.arp(1)), Reason::device_moved);
  EXPECT_EQ(watched.told(), Words{"device-moved"});
  EXPECT_EQ(watched.events[0].from, mynumber);
  EXPECT_EQ(watched.events[0].zone, internet);
}

/// New rules number the hosts anew; a flow they have not been asked about yet names nobody.
TEST(DevicesOnThePath, ASweepAfterNewRulesMistakesNobody) { // Z5
  const std::string permits(permit_text), zones(zones_text);
  const std::size_t hosts = zones.find("host ");
  const std::string one_more = zones.substr(0, hosts) +
                               "host first { zone lgwan  address 10.2.0.99  mac 02:00:5e:20:00:01 }\n" +
                               zones.substr(hosts) + permits;
  Watched watched(zones + permits);
  handshake(watched.gateway);
  unsigned seen = 0;
  for (int i = 0; i < 100; ++i) { // each sweep finds the flow as older rules left it
    watched.gateway.send(mynumber, data_there().ipv4());
    watched.gateway.load(i % 2 == 0 ? one_more : zones + permits);
    watched.gateway.now.unix += 2; // a device is told of once a second
    watched.gateway.now.nanoseconds += 2'000'000'000;
    watched.gateway.path.turn(watched.gateway.now);
    for (path::Sighting sighting; watched.ring.pop(sighting);) {
      if (sighting.ip != ip("10.2.0.40")) continue;
      EXPECT_EQ(sighting.mac, mac("02:00:5e:10:00:02"));
      ++seen;
    }
  }
  EXPECT_GT(seen, 0u);
}

TEST(DevicesOnThePath, AMovedOneOpensNothing) { // Z5
  Watched watched(four_text);
  PacketBuilder hello{.to_mac = mac("ff:ff:ff:ff:ff:ff"), .from_mac = guest_mac, .from = ip("10.3.0.9"),
                      .to = ip("10.3.0.1")};
  watched.gateway.send(internet, hello.arp(1));
  watched.told();
  PacketBuilder packet = there();
  packet.from_mac = guest_mac; // now with a permitted address of another zone
  expect_dropped(watched.gateway.send(mynumber, packet.ipv4()), Reason::device_moved);
  EXPECT_EQ(watched.gateway.path.flow_count(), 0u);
}

TEST(DevicesOnThePath, PermittedAndContradictingOnes) {
  Watched watched(std::string(zones_text) + std::string(permit_text));
  handshake(watched.gateway);
  EXPECT_EQ(watched.told(), (Words{"device-new", "device-new"})); // both ends
  PacketBuilder packet = there();
  packet.from_mac = evil_mac;
  expect_dropped(watched.gateway.send(mynumber, packet.ipv4()), Reason::mac_mismatch);
  EXPECT_EQ(watched.told(), Words{"device-contradicts"});
}

TEST(DevicesOnThePath, ACarriedFlowShowsItsEnds) { // the quick way tells nobody
  Watched watched(std::string(zones_text) + std::string(permit_text));
  handshake(watched.gateway);
  watched.told();
  watched.gateway.wait(60);
  PacketBuilder data = data_there();
  watched.gateway.send(mynumber, data.ipv4());
  for (int turn = 0; turn < 20; ++turn) {
    watched.gateway.now.nanoseconds += 2'000'000;
    watched.gateway.path.turn(watched.gateway.now);
    data.sequence += static_cast<std::uint32_t>(data.data.size());
    watched.gateway.send(mynumber, data.ipv4());
  }
  watched.told();
  for (const path::DeviceRow &row : watched.devices.snapshot()) EXPECT_EQ(row.last_seen, noon + 60) << row.host;
}

// -- limits --------------------------------------------------------------------------------------------------

/// The shipped kind of rules, with this limit on the flow to eltax.
std::string limited_text(std::string_view limit) {
  std::string text = std::string(zones_text) + std::string(permit_text);
  std::string_view before = "approved \"R8-031\"  until 2027-03-31\n";
  std::size_t at = text.find(before) + before.size();
  if (!limit.empty()) text.insert(at, "    limit " + std::string(limit) + "\n");
  return text;
}

struct Limited {
  Gateway gateway;

  explicit Limited(std::string_view limit) { load(limit); }
  void load(std::string_view limit, std::string_view more = "") {
    gateway.load(limited_text(limit) + std::string(more));
  }
  Fate open(std::uint16_t port) {
    PacketBuilder packet = there();
    packet.from_port = port;
    return gateway.send(mynumber, packet.ipv4());
  }
};

TEST(LimitsOnThePath, ConnectionsAtOnce) { // Z8
  Limited limited("2 connections");
  EXPECT_EQ(limited.open(1000).verdict, Verdict::pass);
  EXPECT_EQ(limited.open(1001).verdict, Verdict::pass);
  expect_dropped(limited.open(1002), Reason::limit_connections);
  EXPECT_EQ(limited.open(1001).verdict, Verdict::pass); // a repeated SYN opens nothing new
  EXPECT_EQ(limited.gateway.path.flow_count(), 2u);
  limited.gateway.wait(flow::timeout_of(flow::State::syn_sent) + 1);
  for (int i = 0; i < 5; ++i) { // swept: the places are free
    limited.gateway.now.nanoseconds += 2'000'000;
    limited.gateway.path.turn(limited.gateway.now);
  }
  EXPECT_EQ(limited.gateway.path.flow_count(), 0u);
  EXPECT_EQ(limited.open(1003).verdict, Verdict::pass);
  EXPECT_EQ(limited.open(1004).verdict, Verdict::pass);
  expect_dropped(limited.open(1005), Reason::limit_connections);
}

TEST(LimitsOnThePath, AConnectionThatIsOverLeavesItsPlace) { // Z8: though its flow lingers
  Limited limited("1 connections");
  handshake(limited.gateway);
  expect_dropped(limited.open(1002), Reason::limit_connections);
  PacketBuilder fin = data_there();
  fin.data = "";
  fin.flags = flag::fin | flag::ack;
  EXPECT_EQ(limited.gateway.send(mynumber, fin.ipv4()).verdict, Verdict::pass);
  PacketBuilder answer = back();
  answer.flags = flag::fin | flag::ack;
  answer.sequence = 5001;
  answer.acknowledgement = 1002;
  EXPECT_EQ(limited.gateway.send(lgwan, answer.ipv4()).verdict, Verdict::pass);
  EXPECT_EQ(limited.gateway.path.flow_count(), 1u);
  EXPECT_EQ(limited.open(1002).verdict, Verdict::pass);
  expect_dropped(limited.open(1003), Reason::limit_connections);
}

TEST(LimitsOnThePath, NewOnesASecond) { // Z8
  Limited limited("3 new per second per source");
  int passed = 0;
  for (std::uint16_t port = 1000; port < 1100; ++port) passed += limited.open(port).verdict == Verdict::pass;
  EXPECT_EQ(passed, 3);
  expect_dropped(limited.open(2000), Reason::limit_source_new);
  limited.gateway.wait(1);
  EXPECT_EQ(limited.open(2001).verdict, Verdict::pass);
}

TEST(LimitsOnThePath, PacketsASecondOfEveryFlowOfTheRule) { // Z8
  Limited limited("10 packets per second");
  handshake(limited.gateway); // three
  int passed = 0;
  for (int i = 0; i < 50; ++i)
    passed += limited.gateway.send(mynumber, data_there().ipv4()).verdict == Verdict::pass;
  EXPECT_EQ(passed, 8); // of ten this way; one went the other way
  expect_dropped(limited.gateway.send(mynumber, data_there().ipv4()), Reason::limit_rate);
  limited.gateway.wait(1);
  EXPECT_EQ(limited.gateway.send(mynumber, data_there().ipv4()).verdict, Verdict::pass);
}

TEST(LimitsOnThePath, NewFlowsAreNoWayRoundThePacketRate) { // Z8
  Limited limited("10 packets per second");
  int passed = 0;
  for (std::uint16_t port = 1000; port < 1100; ++port) passed += limited.open(port).verdict == Verdict::pass;
  EXPECT_EQ(passed, 10);
  EXPECT_EQ(limited.gateway.path.flow_count(), 10u);
}

TEST(LimitsOnThePath, ReloadKeepsTheCountsOfTheSameSentence) { // Z8
  Limited limited("2 connections");
  limited.open(1000);
  limited.open(1001);
  limited.load("2 connections", "\nhost another { zone lgwan  address 10.2.0.41 }\n");
  expect_dropped(limited.open(1002), Reason::limit_connections);
  limited.load("3 connections");
  EXPECT_EQ(limited.open(1000).verdict, Verdict::pass); // decided again: counted by the new sentence
  EXPECT_EQ(limited.open(1001).verdict, Verdict::pass);
  EXPECT_EQ(limited.open(1003).verdict, Verdict::pass);
  expect_dropped(limited.open(1004), Reason::limit_connections);
  limited.load("");
  EXPECT_EQ(limited.open(1000).verdict, Verdict::pass);
  EXPECT_EQ(limited.open(1004).verdict, Verdict::pass);
}

TEST(LimitsOnThePath, SeveringGivesThePlacesBack) { // Z6
  Limited limited("1 connections");
  limited.open(1000);
  limited.gateway.path.sever(1u << lgwan);
  limited.gateway.path.sever(0);
  EXPECT_EQ(limited.open(1001).verdict, Verdict::pass);
}

TEST(LimitsOnThePath, TheStatusSaysWhatIsUsedAndRefused) {
  path::Limits limits;
  Gateway gateway({.flows = 100, .limits = &limits});
  auto policy = std::make_shared<const path::Policy>(compile_text(limited_text("2 connections")));
  gateway.path.adopt(policy);
  EXPECT_EQ(path::limits_json(limits, *policy).dump(), "{}");
  for (std::uint16_t port = 1000; port < 1005; ++port) {
    PacketBuilder packet = there();
    packet.from_port = port;
    gateway.send(mynumber, packet.ipv4());
  }
  EXPECT_EQ(path::limits_json(limits, *policy).dump(), R"({"test.rules:8":{"connections":2,"refused":3}})");
}

TEST(LimitsOnThePath, AFullFlowTableHoldsNoPlace) {
  path::Limits limits;
  Gateway gateway({.flows = 1, .limits = &limits});
  gateway.load(limited_text("5 connections"));
  for (std::uint16_t port = 1000; port < 1010; ++port) {
    PacketBuilder packet = there();
    packet.from_port = port;
    gateway.send(mynumber, packet.ipv4());
  }
  EXPECT_EQ(limits.snapshot().at(0).connections, gateway.path.flow_count());
}

} // namespace
} // namespace sekisho
