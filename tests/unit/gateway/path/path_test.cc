#include "tests/support/fragments.hh"
#include "tests/support/gateway.hh"

namespace sekisho {
namespace {

using namespace test;
namespace flag = wire::tcp_flag;

void expect_dropped(const Fate &fate, Reason reason) {
  EXPECT_EQ(fate.verdict, Verdict::drop);
  EXPECT_EQ(word_of(fate.reason), word_of(reason));
}

TEST(Path, PassesTheListedFlowBothWays) { // Z3
  Gateway gateway;
  handshake(gateway);
  EXPECT_EQ(gateway.send(mynumber, data_there().ipv4()).verdict, Verdict::pass);
  EXPECT_EQ(gateway.ports[lgwan].sent().size(), 3u);
  EXPECT_EQ(gateway.ports[mynumber].sent().size(), 1u);
  EXPECT_TRUE(gateway.ports[internet].sent().empty());
  EXPECT_EQ(gateway.path.flow_count(), 1u);
}

TEST(Path, ForwardingChangesMacsTtlAndChecksumOnly) { // RFC 791 §3.2, RFC 1812 §5.2.2, §5.3.1
  Gateway gateway;
  Buffer in = there().ipv4();
  in.resize(60, std::byte{0x55}); // padding of the frame before must not leak on
  gateway.send(mynumber, in);
  Buffer expected = in;
  expected.resize(54);
  PacketBuilder out = there();
  out.to_mac = mac("02:00:5e:10:00:02");
  out.from_mac = mac("02:00:5e:00:00:02");
  out.ttl = 63;
  ASSERT_EQ(gateway.ports[lgwan].sent().size(), 1u);
  EXPECT_EQ(gateway.ports[lgwan].sent()[0], out.ipv4());
}

TEST(Path, RefusesWhatIsNotListedByName) { // Z2–Z5
  Gateway gateway;
  auto from_mynumber = [&](auto change) {
    PacketBuilder packet = there();
    change(packet);
    return gateway.send(mynumber, packet.ipv4());
  };
  expect_dropped(from_mynumber([](auto &p) { p.to_port = 80; }), Reason::service_not_listed);
  expect_dropped(from_mynumber([](auto &p) { p.from_mac = mac("02:00:5e:10:00:66"); }),
                 Reason::mac_mismatch);
  expect_dropped(from_mynumber([](auto &p) { p.from = ip("10.1.0.12"); }), Reason::host_unknown);
  expect_dropped(from_mynumber([](auto &p) { p.to = ip("10.2.0.41"); }), Reason::zone_closed);
  expect_dropped(from_mynumber([](auto &p) { p.from = ip("10.2.0.40"); p.to = ip("10.2.0.9"); }),
                 Reason::source_not_of_zone);
  expect_dropped(from_mynumber([](auto &p) { p.to = ip("192.0.2.1"); }), Reason::no_destination_zone);
  PacketBuilder outside = mail();
  outside.to = ip("10.2.0.40");
  expect_dropped(gateway.send(internet, outside.ipv4()), Reason::zones_split);
  outside.to = ip("10.1.0.11");
  expect_dropped(gateway.send(internet, outside.ipv4()), Reason::zone_closed);
  EXPECT_EQ(gateway.path.flow_count(), 0u); // only a permitted flow makes state
  for (port::MemoryPort &port : gateway.ports) EXPECT_TRUE(port.sent().empty());
}

TEST(Path, RefusesFramesOfOthers) { // Z2
  Gateway gateway;
  PacketBuilder packet = there();
  packet.to_mac = mac("02:00:5e:00:00:99");
  expect_dropped(gateway.send(mynumber, packet.ipv4()), Reason::not_for_gateway_mac);
  packet.to_mac = mac("ff:ff:ff:ff:ff:ff");
  expect_dropped(gateway.send(mynumber, packet.ipv4()), Reason::ip_multicast);
}

TEST(Path, AStrippedVlanTagIsATag) {
  Gateway gateway;
  gateway.ports[mynumber].feed(there().ipv4());
  std::array<port::Frame, 1> burst;
  gateway.ports[mynumber].receive(burst);
  burst[0].vlan_stripped = true;
  expect_dropped(gateway.path.run(mynumber, Side::port, burst, gateway.now)[0], Reason::vlan_unlisted);
}

TEST(Path, NothingPassesWithoutRules) { // Z2
  Gateway gateway;
  handshake(gateway);
  gateway.path.adopt(nullptr);
  expect_dropped(gateway.send(mynumber, data_there().ipv4()), Reason::no_rules);
  expect_dropped(gateway.send(mynumber, there().ipv4()), Reason::no_rules);
}

TEST(Path, NeedsAHandshake) { // RFC 9293 §3.10.7
  Gateway gateway;
  expect_dropped(gateway.send(mynumber, data_there().ipv4()), Reason::not_opened);
  gateway.send(mynumber, there().ipv4());
  expect_dropped(gateway.send(mynumber, data_there().ipv4()), Reason::bad_tcp_state);
}

TEST(Path, TheAnswererOpensNothing) { // Z3: the rule says who begins
  Gateway gateway;
  PacketBuilder packet = back();
  packet.flags = flag::syn;
  expect_dropped(gateway.send(lgwan, packet.ipv4()), Reason::zone_closed);
  handshake(gateway);
  packet.flags = flag::syn;
  expect_dropped(gateway.send(lgwan, packet.ipv4()), Reason::bad_tcp_state);
}

TEST(Path, AKnownFlowIsNoCoverForSpoofing) { // Z5
  Gateway gateway;
  handshake(gateway);
  PacketBuilder packet = data_there();
  packet.from_mac = mac("02:00:5e:10:00:66");
  expect_dropped(gateway.send(mynumber, packet.ipv4()), Reason::mac_mismatch);
  packet = data_there();
  packet.to_mac = mac("02:00:5e:00:00:03");
  expect_dropped(gateway.send(internet, packet.ipv4()), Reason::source_not_of_zone);
  packet = back();
  packet.flags = flag::ack;
  packet.from_mac = mac("02:00:5e:10:00:66");
  expect_dropped(gateway.send(lgwan, packet.ipv4()), Reason::mac_mismatch);
  expect_dropped(gateway.send(mynumber, data_there().ipv4(), Side::kernel), Reason::source_not_of_zone);
}

TEST(Path, TtlIsUsedUp) { // RFC 791 §3.2
  Gateway gateway;
  PacketBuilder packet = there();
  packet.ttl = 1;
  expect_dropped(gateway.send(mynumber, packet.ipv4()), Reason::ttl_expired);
  EXPECT_EQ(gateway.path.flow_count(), 0u);
  packet.ttl = 0;
  expect_dropped(gateway.send(mynumber, packet.ipv4()), Reason::ttl_expired);
  handshake(gateway);
  packet = data_there();
  packet.ttl = 1;
  expect_dropped(gateway.send(mynumber, packet.ipv4()), Reason::ttl_expired);
}

TEST(Path, UdpAnswersPassAndTimeOut) { // RFC 4787 §4.3
  Gateway gateway;
  PacketBuilder query = there(), answer = back();
  query.protocol = answer.protocol = 17;
  query.to_port = answer.from_port = 123;
  expect_dropped(gateway.send(lgwan, answer.ipv4()), Reason::zone_closed); // before the query
  EXPECT_EQ(gateway.send(mynumber, query.ipv4()).verdict, Verdict::pass);
  EXPECT_EQ(gateway.send(lgwan, answer.ipv4()).verdict, Verdict::pass);
  gateway.wait(flow::timeout_of(flow::State::two_way) + 1);
  expect_dropped(gateway.send(lgwan, answer.ipv4()), Reason::zone_closed);
  EXPECT_EQ(gateway.path.flow_count(), 0u);
}

constexpr std::string_view open_zones_text = R"(
zone a { port "m"  network 10.1.0.0/24  address 10.1.0.1 }
zone b { port "l"  network 10.2.0.0/24  address 10.2.0.1 }
zone c { port "i"  network 10.3.0.0/24  address 10.3.0.1 }
host one { zone a  address 10.1.0.11  mac 02:00:5e:10:00:01 }
host two { zone b  address 10.2.0.40  mac 02:00:5e:10:00:02 }
permit icmp echo from one to two
    for "monitoring"  owner "it"  approved "R8-033"  until 2027-03-31
permit tcp port 443 from one to two
    for "x"  owner "y"  approved "z"  until 2027-03-31
)";

TEST(Path, EchoPassesOneWayOnly) {
  Gateway gateway;
  gateway.load(open_zones_text);
  PacketBuilder ping = there(), pong = back();
  ping.protocol = pong.protocol = 1;
  EXPECT_EQ(gateway.send(mynumber, ping.ipv4()).verdict, Verdict::pass);
  EXPECT_EQ(gateway.send(lgwan, pong.ipv4()).verdict, Verdict::drop); // a request the other way
  pong.icmp_type = 0;
  EXPECT_EQ(gateway.send(lgwan, pong.ipv4()).verdict, Verdict::pass);
  pong.icmp_id = 78;
  EXPECT_EQ(gateway.send(lgwan, pong.ipv4()).verdict, Verdict::drop); // an answer nobody asked for
}

/// An error from `about.to` about the packet `about` that it received.
Buffer icmp_error(const PacketBuilder &about, PacketBuilder from) {
  Buffer quoted = about.ipv4();
  quoted.erase(quoted.begin(), quoted.begin() + 14);
  quoted.resize(28); // RFC 792: header and 8 octets
  from.protocol = 1;
  from.icmp_type = 3;
  from.data = as_chars(quoted);
  return from.ipv4();
}

TEST(Path, ErrorsOfAKnownFlowPassWithIt) { // RFC 5508 §4.2
  Gateway gateway;
  Buffer error = icmp_error(there(), back());
  expect_dropped(gateway.send(lgwan, error), Reason::zone_closed); // no flow yet
  handshake(gateway);
  EXPECT_EQ(gateway.send(lgwan, error).verdict, Verdict::pass);
  EXPECT_EQ(gateway.path.flow_count(), 1u);
}

TEST(Path, ErrorsAreNoCover) { // Z3, Z5
  Gateway gateway;
  handshake(gateway);
  PacketBuilder about = there(), from = back();
  about.to_port = 80; // not this flow
  expect_dropped(gateway.send(lgwan, icmp_error(about, from)), Reason::zone_closed);
  from.from_mac = mac("02:00:5e:10:00:66"); // not this card
  expect_dropped(gateway.send(lgwan, icmp_error(there(), from)), Reason::mac_mismatch);
  from = back();
  from.from = ip("10.2.0.41"); // not the host it was for
  expect_dropped(gateway.send(lgwan, icmp_error(there(), from)), Reason::zone_closed);
  from = back();
  from.to_mac = mac("02:00:5e:00:00:03"); // not the zone it was for
  expect_dropped(gateway.send(internet, icmp_error(there(), from)), Reason::source_not_of_zone);
  Buffer short_one = icmp_error(there(), back());
  short_one.resize(short_one.size() - 1);
  set_u16(short_one, 16, static_cast<unsigned>(short_one.size() - 14));
  PacketBuilder::seal(short_one);
  expect_dropped(gateway.send(lgwan, short_one), Reason::zone_closed);
}

TEST(Path, ReloadKeepsPermittedFlowsAndStopsOthers) {
  Gateway gateway;
  handshake(gateway);
  std::string more = std::string(zones_text) + std::string(permit_text) +
                     "permit tcp port 80 from tax-01 to eltax\n"
                     "  for \"x\" owner \"y\" approved \"z\" until 2027-03-31\n";
  gateway.load(more);
  EXPECT_EQ(gateway.send(mynumber, data_there().ipv4()).verdict, Verdict::pass);
  EXPECT_EQ(gateway.path.flow_count(), 1u);
  gateway.load(zones_text); // the permit is gone
  expect_dropped(gateway.send(mynumber, data_there().ipv4()), Reason::zone_closed);
  EXPECT_EQ(gateway.path.flow_count(), 0u);
  gateway.load(more); // and back: the connection is forgotten all the same
  expect_dropped(gateway.send(mynumber, data_there().ipv4()), Reason::not_opened);
}

TEST(Path, AReloadedFlowIsDecidedAsItWasOpened) { // an answer must not be taken for an opening
  Gateway gateway;
  handshake(gateway);
  gateway.load(std::string(zones_text) + std::string(permit_text));
  PacketBuilder answer = back();
  answer.flags = flag::ack;
  EXPECT_EQ(gateway.send(lgwan, answer.ipv4()).verdict, Verdict::pass);
}

TEST(Path, AnExpiredRuleStopsItsFlows) { // Z7: until 2026-11-20, the end of that day in Japan
  Gateway gateway;
  PacketBuilder query = there();
  query.protocol = 17;
  query.to_port = 123;
  gateway.now.unix = noon + 12 * 3600 - 2;
  EXPECT_EQ(gateway.send(mynumber, query.ipv4()).verdict, Verdict::pass);
  gateway.wait(1);
  EXPECT_EQ(gateway.send(mynumber, query.ipv4()).verdict, Verdict::pass);
  gateway.wait(1);
  expect_dropped(gateway.send(mynumber, query.ipv4()), Reason::rule_expired);
  EXPECT_EQ(gateway.path.flow_count(), 0u);
}

TEST(Path, SeveredZonesAreSilentAndTheirFlowsForgotten) { // Z6
  Gateway gateway;
  handshake(gateway);
  gateway.path.sever(1u << lgwan);
  EXPECT_EQ(gateway.path.flow_count(), 0u);
  expect_dropped(gateway.send(mynumber, there().ipv4()), Reason::zone_severed);
  expect_dropped(gateway.send(lgwan, back().ipv4()), Reason::zone_severed);
  expect_dropped(gateway.send(lgwan, back().arp(1)), Reason::zone_severed);
  expect_dropped(gateway.send(lgwan, back().ipv4(), Side::kernel), Reason::zone_severed);
  std::size_t sent = gateway.ports[lgwan].sent().size();
  EXPECT_EQ(gateway.send(internet, mail().ipv4()).verdict, Verdict::relay); // the others go on
  gateway.path.sever(0);
  expect_dropped(gateway.send(mynumber, data_there().ipv4()), Reason::not_opened);
  EXPECT_EQ(gateway.ports[lgwan].sent().size(), sent);
  handshake(gateway);
}

TEST(Path, FlowTableFullIsARefusal) { // Z8
  Gateway gateway({.flows = 2});
  PacketBuilder packet = there();
  for (std::uint16_t port : {40000, 40001}) {
    packet.from_port = port;
    EXPECT_EQ(gateway.send(mynumber, packet.ipv4()).verdict, Verdict::pass);
  }
  packet.from_port = 40002;
  expect_dropped(gateway.send(mynumber, packet.ipv4()), Reason::flow_table_full);
  packet.from_port = 40001; // those inside go on
  EXPECT_EQ(gateway.send(mynumber, packet.ipv4()).verdict, Verdict::pass);
  gateway.wait(flow::timeout_of(flow::State::syn_sent) + 1);
  gateway.path.turn(gateway.now);
  packet.from_port = 40002;
  EXPECT_EQ(gateway.send(mynumber, packet.ipv4()).verdict, Verdict::pass);
}

TEST(Path, AFloodOfOpeningsDoesNotShutTheDoor) { // Z8
  Gateway gateway({.flows = 64});
  PacketBuilder packet = there();
  handshake(gateway);
  for (std::uint16_t port = 50000; port < 50500; ++port) {
    packet.from_port = port;
    EXPECT_EQ(gateway.send(mynumber, packet.ipv4()).verdict, Verdict::pass) << port;
    EXPECT_LE(gateway.path.flow_count(), 64u);
    gateway.now.nanoseconds += 1000;
  }
  EXPECT_EQ(gateway.send(mynumber, data_there().ipv4()).verdict, Verdict::pass); // who talks, stays
  EXPECT_EQ(gateway.path.flow_count(), 60u); // room for the next burst
}

TEST(Path, AFullTableOfTalkersIsFull) { // Z8
  Gateway gateway({.flows = 32});
  PacketBuilder opening = there(), answer = back(), end = data_there();
  answer.flags = wire::tcp_flag::syn | wire::tcp_flag::ack;
  answer.sequence = 5000;
  answer.acknowledgement = 1001;
  for (std::uint16_t port = 50000; port < 50032; ++port) {
    opening.from_port = answer.to_port = end.from_port = port;
    EXPECT_EQ(gateway.send(mynumber, opening.ipv4()).verdict, Verdict::pass);
    EXPECT_EQ(gateway.send(lgwan, answer.ipv4()).verdict, Verdict::pass);
    EXPECT_EQ(gateway.send(mynumber, end.ipv4()).verdict, Verdict::pass);
    gateway.now.nanoseconds += 2'000'000;
  }
  opening.from_port = 50032;
  expect_dropped(gateway.send(mynumber, opening.ipv4()), Reason::flow_table_full);
}

TEST(Path, WhatThePortDoesNotTakeIsCounted) {
  Gateway gateway;
  gateway.ports[lgwan].set_room(0);
  expect_dropped(gateway.send(mynumber, there().ipv4()), Reason::transmit_failed);
  EXPECT_EQ(gateway.count(mynumber, Reason::transmit_failed), 1u);
}

TEST(Path, MailGoesToTheTapAndItsAnswersComeOut) { // Z4: only the relay is there
  Gateway gateway;
  Buffer syn = mail().ipv4();
  EXPECT_EQ(gateway.send(internet, syn).verdict, Verdict::relay);
  ASSERT_EQ(gateway.taps[internet].sent().size(), 1u);
  EXPECT_EQ(gateway.taps[internet].sent()[0], syn); // unchanged
  PacketBuilder answer{.to_mac = mac("02:00:5e:30:00:50"),
                       .from_mac = mac("02:00:5e:00:00:03"),
                       .from = ip("10.3.0.1"),
                       .to = ip("10.3.0.50"),
                       .from_port = 25,
                       .to_port = 40000,
                       .flags = flag::syn | flag::ack,
                       .acknowledgement = 1001};
  EXPECT_EQ(gateway.send(internet, answer.ipv4(), Side::kernel).verdict, Verdict::relay);
  EXPECT_EQ(gateway.ports[internet].sent().size(), 1u);
  answer.to_mac = mac("02:00:5e:00:00:03"); // the same from the wire, to the gateway
  expect_dropped(gateway.send(internet, answer.ipv4()), Reason::source_not_of_zone);
  PacketBuilder other = mail();
  other.to_port = 22;
  expect_dropped(gateway.send(internet, other.ipv4()), Reason::gateway_port_closed);
  other = mail();
  other.to = ip("10.2.0.1"); // another zone's address of the gateway
  expect_dropped(gateway.send(internet, other.ipv4()), Reason::gateway_port_closed);
}

TEST(Path, TheKernelSpeaksOnlyToTheNextHop) { // Z2
  Gateway gateway;
  PacketBuilder out{.to_mac = mac("02:00:5e:20:00:25"),
                    .from_mac = mac("02:00:5e:00:00:02"),
                    .from = ip("10.2.0.1"),
                    .to = ip("10.2.0.25"),
                    .to_port = 25};
  EXPECT_EQ(gateway.send(lgwan, out.ipv4(), Side::kernel).verdict, Verdict::relay);
  EXPECT_EQ(gateway.ports[lgwan].sent().size(), 1u);
  PacketBuilder answer{.to_mac = out.from_mac, .from_mac = out.to_mac, .from = out.to, .to = out.from,
                       .from_port = 25, .to_port = 40000, .flags = flag::syn | flag::ack,
                       .acknowledgement = 1001};
  EXPECT_EQ(gateway.send(lgwan, answer.ipv4()).verdict, Verdict::relay);
  EXPECT_EQ(gateway.taps[lgwan].sent().size(), 1u);
  out.to_port = 80;
  expect_dropped(gateway.send(lgwan, out.ipv4(), Side::kernel), Reason::kernel_not_listed);
  out.to = ip("10.2.0.40");
  expect_dropped(gateway.send(lgwan, out.ipv4(), Side::kernel), Reason::kernel_not_listed);
}

TEST(Path, OnlyTheGatewaysArpReachesTheKernel) { // Z5
  Gateway gateway;
  PacketBuilder ask = there();
  ask.to = ip("10.1.0.1");
  ask.to_mac = mac("ff:ff:ff:ff:ff:ff");
  EXPECT_EQ(gateway.send(mynumber, ask.arp(1)).verdict, Verdict::relay);
  EXPECT_EQ(gateway.taps[mynumber].sent().size(), 1u);
  PacketBuilder other = ask;
  other.to = ip("10.1.0.99");
  expect_dropped(gateway.send(mynumber, other.arp(1)), Reason::arp_not_for_gateway);
  other = ask;
  other.from_mac = mac("02:00:5e:10:00:66"); // another card with the listed address
  expect_dropped(gateway.send(mynumber, other.arp(1)), Reason::arp_spoofed);
  other = ask;
  other.from = ip("10.1.0.12"); // the listed card with another address
  expect_dropped(gateway.send(mynumber, other.arp(1)), Reason::arp_spoofed);
  other = ask;
  other.from = ip("10.1.0.1"); // claims to be the gateway
  expect_dropped(gateway.send(mynumber, other.arp(1)), Reason::arp_spoofed);
  other = ask;
  other.from = ip("10.1.0.12");
  other.from_mac = mac("02:00:5e:10:00:12");
  expect_dropped(gateway.send(mynumber, other.arp(1)), Reason::host_unknown);
  other.from = ip("10.2.0.77");
  expect_dropped(gateway.send(mynumber, other.arp(1)), Reason::source_not_of_zone);
  Buffer forged = ask.arp(1);
  set_u8(forged, 27, 0x66); // the message's sender differs from the frame's
  expect_dropped(gateway.send(mynumber, forged), Reason::arp_spoofed);
  EXPECT_EQ(gateway.taps[mynumber].sent().size(), 1u);
}

TEST(Path, TheKernelsArpGoesOutOnlyAsTheGateway) {
  Gateway gateway;
  PacketBuilder ask{.to_mac = mac("ff:ff:ff:ff:ff:ff"), .from_mac = mac("02:00:5e:00:00:02"),
                    .from = ip("10.2.0.1"), .to = ip("10.2.0.25")};
  EXPECT_EQ(gateway.send(lgwan, ask.arp(1), Side::kernel).verdict, Verdict::relay);
  EXPECT_EQ(gateway.ports[lgwan].sent().size(), 1u);
  Buffer forged = ask.arp(1);
  forged[11] ^= std::byte{1}; // the frame's own address
  expect_dropped(gateway.send(lgwan, forged, Side::kernel), Reason::kernel_not_listed);
  ask.from = ip("10.3.0.1");
  expect_dropped(gateway.send(lgwan, ask.arp(1), Side::kernel), Reason::kernel_not_listed);
}

constexpr std::string_view unlisted_mac_text = R"(
zone a { port "m"  network 10.1.0.0/24  address 10.1.0.1 }
zone b { port "l"  network 10.2.0.0/24  address 10.2.0.1 }
zone c { port "i"  network 10.3.0.0/24  address 10.3.0.1 }
host one { zone a  address 10.1.0.11 }
host two { zone b  address 10.2.0.40 }
permit tcp port 443 from one to two
    for "x"  owner "y"  approved "z"  until 2027-03-31
)";

TEST(Path, AsksForUnlistedMacsAndLearnsFromTheAnswer) { // RFC 826
  Gateway gateway;
  gateway.load(unlisted_mac_text);
  expect_dropped(gateway.send(mynumber, there().ipv4()), Reason::neighbour_unresolved);
  ASSERT_EQ(gateway.ports[lgwan].sent().size(), 1u); // the question, once a second
  EXPECT_EQ(gateway.ports[lgwan].sent()[0].size(), wire::Headers{}.length + 42u);
  expect_dropped(gateway.send(mynumber, there().ipv4()), Reason::neighbour_unresolved);
  EXPECT_EQ(gateway.ports[lgwan].sent().size(), 1u);

  PacketBuilder answer = back();
  answer.to = ip("10.2.0.1");
  answer.from_mac = mac("02:00:5e:77:00:01");
  EXPECT_EQ(gateway.send(lgwan, answer.arp(2)).verdict, Verdict::relay);
  EXPECT_EQ(gateway.send(mynumber, there().ipv4()).verdict, Verdict::pass);
  const Buffer &sent = gateway.ports[lgwan].sent().back();
  EXPECT_EQ(wire::mac_at(sent.data(), 0), mac("02:00:5e:77:00:01"));
}

TEST(Path, ArpNobodyWaitsForTeachesNothing) {
  Gateway gateway;
  gateway.load(unlisted_mac_text);
  PacketBuilder answer = back();
  answer.to = ip("10.2.0.1");
  gateway.send(lgwan, answer.arp(2));
  expect_dropped(gateway.send(mynumber, there().ipv4()), Reason::neighbour_unresolved);
}

TEST(Path, ABurstIsJudgedInOrder) { // a SYN and what follows it in one burst; misses become hits
  Gateway gateway;
  PacketBuilder third = data_there();
  gateway.ports[mynumber].feed(there().ipv4());
  gateway.ports[mynumber].feed(there().ipv4());
  third.flags = flag::ack;
  gateway.ports[mynumber].feed(third.ipv4()); // too early: no SYN+ACK yet
  gateway.path.turn(gateway.now);
  EXPECT_EQ(gateway.path.flow_count(), 1u);
  EXPECT_EQ(gateway.ports[lgwan].sent().size(), 2u);
  EXPECT_EQ(gateway.count(mynumber, Reason::bad_tcp_state), 1u);
}

TEST(Path, CountsEveryPacketOnce) {
  Gateway gateway;
  handshake(gateway);
  for (int i = 0; i < 100; ++i) {
    PacketBuilder packet = there();
    packet.to_port = static_cast<std::uint16_t>(1000 + i);
    gateway.ports[mynumber].feed(packet.ipv4());
  }
  while (gateway.path.turn(gateway.now) > 0) {}
  const path::ZoneCounters &zone = gateway.path.counters().zones[mynumber];
  EXPECT_EQ(zone.from_port.value(), 102u);
  EXPECT_EQ(zone.verdicts[0].value() + zone.verdicts[1].value() + zone.verdicts[2].value(), 102u);
  EXPECT_EQ(gateway.count(mynumber, Reason::service_not_listed), 100u);
}

TEST(Path, AFloodOfRefusalsIsANumberInTheRecord) { // Z8, L1
  Gateway gateway;
  for (int i = 0; i < 5000; ++i) {
    PacketBuilder packet = there();
    packet.to_port = static_cast<std::uint16_t>(1000 + i);
    gateway.send(mynumber, packet.ipv4());
  }
  gateway.wait(2);
  gateway.path.turn(gateway.now);
  std::vector<path::Event> events = gateway.noted();
  EXPECT_LE(events.size(), 2 * path::Refusals::detailed);
  std::uint64_t total = 0;
  for (const path::Event &event : events) {
    EXPECT_EQ(event.reason, Reason::service_not_listed);
    total += event.count;
  }
  EXPECT_EQ(total, 5000u);
  EXPECT_EQ(gateway.path.counters().events_lost.value(), 0u);
}

using MakeStranger = Buffer (*)(std::size_t);

/// To a port that is not listed.
Buffer stranger(std::size_t i) {
  PacketBuilder packet = there();
  packet.to_port = static_cast<std::uint16_t>(1000 + i);
  return packet.ipv4();
}

/// A burst as full as can be: seven of eight packets are of no flow.
void take_full_burst(Gateway &gateway, MakeStranger make = stranger) {
  for (std::size_t i = 0; i < path::burst_size; ++i)
    gateway.ports[mynumber].feed(i % 8 == 0 ? data_there().ipv4() : make(i));
  gateway.now.nanoseconds += path::Patience::halve_after;
  gateway.path.turn(gateway.now);
}

TEST(Path, ACrowdIsJudgedWhole) { // Z8
  Gateway gateway;
  handshake(gateway);
  for (unsigned i = 0; i < path::Patience::crowd; ++i) take_full_burst(gateway);
  EXPECT_EQ(gateway.count(mynumber, Reason::service_not_listed), path::Patience::crowd * 56);
  EXPECT_EQ(gateway.count(mynumber, Reason::strangers_shed), 0u);
}

TEST(Path, WhenMoreComesThanCanBeJudgedKnownFlowsGoFirst) { // Z8
  Gateway gateway;
  handshake(gateway);
  std::size_t sent_before = gateway.ports[lgwan].sent().size();
  constexpr std::size_t bursts = 100;
  for (std::size_t i = 0; i < bursts; ++i) take_full_burst(gateway);
  EXPECT_EQ(gateway.ports[lgwan].sent().size() - sent_before, bursts * 8);
  std::uint64_t judged = gateway.count(mynumber, Reason::service_not_listed);
  std::uint64_t shed = gateway.count(mynumber, Reason::strangers_shed);
  EXPECT_EQ(judged + shed, bursts * 56);
  EXPECT_GT(shed, bursts * 56 / 2);
  EXPECT_GE(judged, bursts); // nobody is shut out for good
  for (std::size_t i = 0; i < path::burst_size; ++i) { // it is over
    gateway.now.nanoseconds += path::Patience::grow_after;
    gateway.path.turn(gateway.now);
  }
  take_full_burst(gateway);
  EXPECT_EQ(gateway.count(mynumber, Reason::strangers_shed), shed);
}

/// Whatever they are made of: each needs a closer look, which costs most.
TEST(Path, NoKindOfStrangerIsExemptFromThat) { // Z8
  const MakeStranger kinds[] = {
      [](std::size_t i) {
        PacketBuilder packet = there();
        packet.from = ip("2001:db8::1");
        packet.to = ip("2001:db8::2");
        packet.to_port = static_cast<std::uint16_t>(1000 + i);
        return packet.ipv6();
      },
      [](std::size_t i) {
        PacketBuilder packet = there();
        packet.protocol = rules::protocol::icmp;
        packet.icmp_id = static_cast<std::uint16_t>(1000 + i);
        return packet.ipv4();
      },
      [](std::size_t i) {
        const Buffer message(64);
        return fragment4(there(), message, {.from = 32, .to = 64, .more = true, .id = static_cast<std::uint32_t>(1000 + i)});
      },
      [](std::size_t) { // malformed
        Buffer frame = there().ipv4();
        set_u8(frame, 14, 0x65);
        return frame;
      },
      [](std::size_t) { // somebody else's
        PacketBuilder packet = there();
        packet.to_mac = mac("02:00:5e:00:00:99");
        packet.protocol = rules::protocol::icmp;
        return packet.ipv4();
      },
      [](std::size_t i) { // a router solicitation
        PacketBuilder packet = there();
        packet.to_mac = mac("33:33:00:00:00:02"), packet.from_mac.octets[5] = static_cast<std::uint8_t>(i);
        packet.from = ip("fe80::1"), packet.to = ip("ff02::2");
        packet.protocol = rules::protocol::icmp6, packet.icmp_type = 133, packet.ttl = 255;
        return packet.ipv6();
      },
  };
  for (MakeStranger make : kinds) {
    Gateway gateway;
    handshake(gateway);
    std::size_t sent_before = gateway.ports[lgwan].sent().size();
    constexpr std::size_t bursts = 100;
    for (std::size_t i = 0; i < bursts; ++i) take_full_burst(gateway, make);
    EXPECT_EQ(gateway.ports[lgwan].sent().size() - sent_before, bursts * 8);
    std::uint64_t shed = gateway.count(mynumber, Reason::strangers_shed);
    EXPECT_GT(shed, bursts * 56 / 2);
    EXPECT_LE(shed, bursts * 55);
    gateway.wait(60); // fragments that were kept are let go
    gateway.path.turn(gateway.now);
  }
}

TEST(Path, EveryPermittedFlowIsNotedOnce) { // L1
  Gateway gateway;
  handshake(gateway);
  std::vector<path::Event> events = gateway.noted();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, path::Event::Kind::flow_permitted);
  EXPECT_EQ(events[0].zone, mynumber);
  EXPECT_EQ(events[0].to, lgwan);
  EXPECT_EQ(events[0].destination_port, 443);
}

std::string with_log(std::string_view log) {
  return std::string(zones_text) + R"(
permit tcp port 443 from tax-01 to eltax
    for "eLTAX"  owner "tax"  approved "R8-031"  until 2027-03-31  )" + std::string(log);
}

TEST(Path, ARuleSaysWhatIsRecordedOfItsFlows) { // L1
  Gateway silent;
  silent.load(with_log("log none"));
  handshake(silent);
  silent.path.sever(1);
  EXPECT_TRUE(silent.noted().empty());

  Gateway gateway;
  gateway.load(with_log("log ended"));
  handshake(gateway);
  gateway.wait(9);
  gateway.send(mynumber, data_there().ipv4());
  gateway.path.sever(1u << lgwan);
  std::vector<path::Event> events = gateway.noted();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].kind, path::Event::Kind::flow_permitted);
  const path::Event &end = events[1];
  EXPECT_EQ(end.kind, path::Event::Kind::flow_ended);
  EXPECT_EQ(end.count, 4u);
  EXPECT_EQ(end.octets, 54u * 4 + data_there().data.size());
  EXPECT_EQ(end.seconds, 9u);
  EXPECT_EQ(end.source, ip("10.1.0.11"));
  EXPECT_EQ(end.destination_port, 443);
}

TEST(Path, AScheduleEndsAndBeginsToTheSecond) { // Z7: noon of a Friday in Japan
  Gateway gateway;
  gateway.load(with_log("during weekdays 08:30-12:30"));
  handshake(gateway);
  gateway.wait(30 * 60 - 1);
  EXPECT_EQ(gateway.send(mynumber, data_there().ipv4()).verdict, Verdict::pass);
  gateway.wait(1);
  EXPECT_EQ(gateway.send(mynumber, data_there().ipv4()).verdict, Verdict::drop);
  EXPECT_EQ(gateway.path.flow_count(), 0u);
}

TEST(Path, AVeryLongTimeUnderTheSameRulesLosesNoCounts) { // verdicts are numbered in 16 bits
  Gateway gateway;
  auto policy = std::make_shared<const path::Policy>(compile_text(with_log("log none")));
  gateway.path.adopt(policy);
  handshake(gateway);
  for (int part = 0; part < 4; ++part) {
    for (int i = 0; i < 10'000; ++i) { // a clock that was set makes old verdicts void
      --gateway.now.unix;
      gateway.path.turn(gateway.now);
    }
    for (int i = 0; i < 10; ++i, gateway.now.nanoseconds += 1'000'000) gateway.path.turn(gateway.now);
  }
  gateway.send(mynumber, data_there().ipv4());
  gateway.path.settle();
  EXPECT_EQ(policy->total(0).packets, 4u);
}

/// A turn takes less while flows are asked about anew, so that no packet waits long for a change of rules.
TEST(Path, NewRulesMakeTurnsShort) {
  Gateway gateway;
  const auto take_all = [&gateway] { // the frames of each turn
    for (std::size_t i = 0; i < 2 * path::burst_size; ++i) {
      PacketBuilder packet = there();
      packet.from_port = static_cast<std::uint16_t>(2000 + i);
      gateway.ports[mynumber].feed(packet.ipv4());
    }
    std::vector<std::size_t> turns;
    while (std::size_t count = gateway.path.turn(gateway.now)) turns.push_back(count);
    return turns;
  };
  take_all();
  ASSERT_EQ(gateway.path.flow_count(), 2 * path::burst_size);
  EXPECT_EQ(take_all(), (std::vector<std::size_t>{path::burst_size, path::burst_size}));
  gateway.load(with_log("log opened"));
  EXPECT_EQ(take_all(), std::vector<std::size_t>(8, path::burst_size / 4));
  EXPECT_EQ(take_all(), (std::vector<std::size_t>{path::burst_size / 4, path::burst_size, path::burst_size * 3 / 4}));
}

TEST(Path, CountsOfAFlowReachTheRulesThatPermittedIt) { // over a reload, too
  Gateway gateway;
  auto first = std::make_shared<const path::Policy>(compile_text(with_log("log opened")));
  auto second = std::make_shared<const path::Policy>(compile_text(with_log("log none")));
  gateway.path.adopt(first);
  handshake(gateway);
  gateway.path.adopt(second);
  gateway.send(mynumber, data_there().ipv4());
  gateway.path.sever(1u << lgwan);
  EXPECT_EQ(first->total(0).packets, 3u);
  EXPECT_EQ(first->total(0).last_used, noon);
  EXPECT_EQ(second->total(0).packets, 1u);
  EXPECT_EQ(second->total(0).octets, 54 + data_there().data.size());
}

} // namespace
} // namespace sekisho
