// Fragments and packets too big through the whole path.
#include "gateway/wire/quoted.hh"
#include "gateway/wire/transport.hh"
#include "tests/support/fragments.hh"
#include "tests/support/gateway.hh"

namespace sekisho {
namespace {

using namespace test;

constexpr std::string_view permits = R"(
permit udp port 2049 from tax-01 to eltax
    for "files"  owner "tax"  approved "R8-031"  until 2027-03-31
permit tcp port 443 from tax-01 to eltax
    for "eLTAX"  owner "tax"  approved "R8-031"  until 2027-03-31
)";

PacketBuilder udp_there() {
  PacketBuilder packet = there();
  packet.protocol = 17;
  packet.to_port = 2049;
  return packet;
}
PacketBuilder udp_back() {
  PacketBuilder packet = back();
  packet.protocol = 17;
  packet.from_port = 2049;
  return packet;
}

Buffer datagram(const PacketBuilder &packet, std::size_t size) {
  Buffer all = packet.transport();
  for (std::size_t i = all.size(); i < size; ++i) all.push_back(static_cast<std::byte>(i));
  set_u16(all, 4, static_cast<unsigned>(size));
  return all;
}

/// `count` fragments of 64 octets each, and a last one of ten.
std::vector<Buffer> fragments(const PacketBuilder &packet, std::size_t count, std::uint32_t id = 7) {
  Buffer whole = datagram(packet, 64 * count + 10);
  std::vector<Buffer> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(fragment4(packet, whole, {64 * i, 64 * i + 64, true, id}));
  all.push_back(fragment4(packet, whole, {64 * count, whole.size(), false, id}));
  return all;
}

class Fragments : public testing::Test {
public:
  Fragments() : gateway({.flows = 1000}) { gateway.load(std::string(zones_text) + std::string(permits)); }
  std::uint64_t verdicts(rules::ZoneId zone, Verdict verdict) const {
    return gateway.path.counters().zones[zone].verdicts[static_cast<std::size_t>(verdict)].value();
  }
  std::vector<Buffer> &sent(rules::ZoneId zone) { return gateway.ports[zone].sent(); }

  Gateway gateway;
};

TEST_F(Fragments, LeaveTogetherAndInOrder) {
  std::vector<Buffer> all = fragments(udp_there(), 3);
  for (std::size_t i : {2u, 0u, 3u}) EXPECT_TRUE(path::is_held(gateway.send(mynumber, all[i])));
  EXPECT_TRUE(sent(lgwan).empty());
  EXPECT_EQ(gateway.path.flow_count(), 0u);
  all[1].resize(all[1].size() + 6, std::byte{0xee}); // padding stays behind
  EXPECT_EQ(gateway.send(mynumber, all[1]).verdict, Verdict::pass);
  all[1].resize(all[1].size() - 6);
  ASSERT_EQ(sent(lgwan).size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    const Buffer &frame = sent(lgwan)[i];
    wire::Headers headers;
    ASSERT_EQ(wire::parse(frame, headers), Reason::ip_fragment);
    EXPECT_EQ(headers.fragment_offset, 64 * i);
    EXPECT_EQ(headers.destination_mac, mac("02:00:5e:10:00:02"));
    EXPECT_EQ(headers.source_mac, mac("02:00:5e:00:00:02"));
    EXPECT_EQ(headers.hop_limit, 63);
    EXPECT_EQ(frame.size(), all[i].size());
    EXPECT_TRUE(std::equal(frame.begin() + 34, frame.end(), all[i].begin() + 34));
  }
  EXPECT_EQ(gateway.path.flow_count(), 1u);
  EXPECT_EQ(verdicts(mynumber, Verdict::pass), 4u);
  EXPECT_EQ(verdicts(mynumber, Verdict::drop), 0u);
}

TEST_F(Fragments, OfAKnownFlowGoBothWays) {
  for (const Buffer &frame : fragments(udp_there(), 2)) gateway.send(mynumber, frame);
  sent(lgwan).clear();
  for (const Buffer &frame : fragments(udp_back(), 5)) gateway.send(lgwan, frame);
  EXPECT_EQ(sent(mynumber).size(), 6u);
  for (const Buffer &frame : fragments(udp_there(), 2, 8)) gateway.send(mynumber, frame);
  EXPECT_EQ(sent(lgwan).size(), 3u);
  EXPECT_EQ(gateway.path.flow_count(), 1u);
}

TEST_F(Fragments, Ipv6LeaveTogetherToo) {
  gateway.load(R"(
zone mynumber { port "m"  network 2001:db8:1::/64  address 2001:db8:1::1  closed }
zone lgwan { port "l"  network 2001:db8:2::/64  address 2001:db8:2::1 }
zone internet { port "i"  network 10.3.0.0/24  address 10.3.0.1  outside }
host tax-01 { zone mynumber  address 2001:db8:1::11  mac 02:00:5e:10:00:01 }
host eltax { zone lgwan  address 2001:db8:2::40  mac 02:00:5e:10:00:02 }
permit udp port 2049 from tax-01 to eltax for "files"  owner "tax"  approved "R8-031"  until 2027-03-31
)");
  PacketBuilder packet = udp_there();
  packet.from = ip("2001:db8:1::11");
  packet.to = ip("2001:db8:2::40");
  Buffer whole = datagram(packet, 100);
  EXPECT_TRUE(path::is_held(gateway.send(mynumber, fragment6(packet, whole, {64, 100, false}))));
  EXPECT_EQ(gateway.send(mynumber, fragment6(packet, whole, {0, 64})).verdict, Verdict::pass);
  ASSERT_EQ(sent(lgwan).size(), 2u);
  wire::Headers headers;
  ASSERT_EQ(wire::parse(sent(lgwan)[1], headers), Reason::ip_fragment);
  EXPECT_EQ(headers.hop_limit, 63);
  EXPECT_EQ(headers.destination_mac, mac("02:00:5e:10:00:02"));
}

TEST_F(Fragments, OfWhatNoRuleListsAreAllDropped) {
  PacketBuilder other = udp_there();
  other.to_port = 2050;
  Fate last;
  for (const Buffer &frame : fragments(other, 3)) last = gateway.send(mynumber, frame);
  EXPECT_EQ(last.reason, Reason::service_not_listed);
  EXPECT_EQ(gateway.count(mynumber, Reason::service_not_listed), 4u);
  EXPECT_EQ(verdicts(mynumber, Verdict::drop), 4u);
  EXPECT_TRUE(sent(lgwan).empty());
  EXPECT_EQ(gateway.path.flow_count(), 0u);
}

TEST_F(Fragments, OfAnotherZonesAddressAreNotHeld) {
  PacketBuilder forged = udp_there();
  forged.from = ip("10.2.0.77");
  EXPECT_EQ(gateway.send(mynumber, fragments(forged, 2)[1]).reason, Reason::source_not_of_zone);
  PacketBuilder elsewhere = udp_there();
  elsewhere.to_mac = mac("02:00:5e:00:00:99");
  EXPECT_EQ(gateway.send(mynumber, fragments(elsewhere, 2)[1]).reason, Reason::not_for_gateway_mac);
}

TEST_F(Fragments, AreJudgedByWhatTheyAreTogether) {
  PacketBuilder packet = udp_there();
  Buffer whole = datagram(packet, 100);
  set_u16(whole, 4, 108); // the UDP length lies
  EXPECT_TRUE(path::is_held(gateway.send(mynumber, fragment4(packet, whole, {0, 64}))));
  EXPECT_EQ(gateway.send(mynumber, fragment4(packet, whole, {64, 100, false})).reason, Reason::udp_bad_length);
  EXPECT_EQ(gateway.count(mynumber, Reason::udp_bad_length), 2u);

  std::vector<Buffer> all = fragments(packet, 2, 9);
  set_u8(all[1], 22, 1); // the hops of one are used up
  PacketBuilder::seal(all[1]);
  Fate last;
  for (const Buffer &frame : all) last = gateway.send(mynumber, frame);
  EXPECT_EQ(last.reason, Reason::ttl_expired);

  PacketBuilder mac_of_another = packet;
  mac_of_another.from_mac = mac("02:00:5e:10:00:66");
  for (const Buffer &frame : fragments(mac_of_another, 2, 10)) last = gateway.send(mynumber, frame);
  EXPECT_EQ(last.reason, Reason::mac_mismatch);
}

TEST_F(Fragments, ThatNeverEndAreForgottenAndCounted) {
  std::vector<Buffer> all = fragments(udp_there(), 3);
  for (std::size_t i : {0u, 1u, 2u}) gateway.send(mynumber, all[i]);
  EXPECT_EQ(gateway.pool.outstanding(), 3u);
  gateway.wait(16);
  gateway.send(lgwan, back().ipv4()); // time goes on with any packet
  EXPECT_EQ(gateway.pool.outstanding(), 0u);
  EXPECT_EQ(gateway.count(mynumber, Reason::fragment_timeout), 3u);
  EXPECT_EQ(verdicts(mynumber, Verdict::drop), 3u);
}

TEST_F(Fragments, OfASeveredZoneAreGivenBack) {
  gateway.send(mynumber, fragments(udp_there(), 3)[0]);
  gateway.path.sever(1u << mynumber);
  EXPECT_EQ(gateway.pool.outstanding(), 0u);
  EXPECT_EQ(gateway.count(mynumber, Reason::zone_severed), 1u);
}

TEST_F(Fragments, OverlappingAreLostTogether) {
  PacketBuilder packet = udp_there();
  Buffer whole = datagram(packet, 100);
  gateway.send(mynumber, fragment4(packet, whole, {0, 64}));
  EXPECT_EQ(gateway.send(mynumber, fragment4(packet, whole, {56, 100, false})).reason, Reason::fragment_overlap);
  EXPECT_EQ(gateway.count(mynumber, Reason::fragment_overlap), 2u);
  EXPECT_EQ(gateway.send(mynumber, fragment4(packet, whole, {64, 100, false})).reason, Reason::fragment_overlap);
}

/// More fragments come to the door in one burst than a burst has places.
TEST_F(Fragments, ManyAtOnceFindTheDoor) {
  constexpr std::size_t datagrams = 4, each = 60;
  std::vector<Buffer> lasts;
  for (std::uint32_t id = 0; id < datagrams; ++id) {
    std::vector<Buffer> all = fragments(udp_there(), each - 1, id);
    for (std::size_t i = 1; i < each; ++i) gateway.send(mynumber, all[i]);
    lasts.push_back(all[0]);
  }
  EXPECT_EQ(gateway.pool.outstanding(), datagrams * (each - 1));
  for (const Buffer &frame : lasts) gateway.ports[mynumber].feed(frame);
  for (int i = 0; i < 60; ++i) gateway.ports[mynumber].feed(udp_there().ipv4());
  std::array<port::Frame, path::burst_size> burst;
  ASSERT_EQ(gateway.ports[mynumber].receive(burst), 64u);
  for (const Fate &fate : gateway.path.run(mynumber, Side::port, burst, gateway.now))
    EXPECT_EQ(fate.verdict, Verdict::pass);
  EXPECT_EQ(sent(lgwan).size(), datagrams * each + 60);
  EXPECT_EQ(verdicts(mynumber, Verdict::pass), datagrams * each + 60);
}

TEST_F(Fragments, ThatThePortDoesNotTakeAreCounted) {
  gateway.ports[lgwan].set_room(2);
  Fate last;
  for (const Buffer &frame : fragments(udp_there(), 4)) last = gateway.send(mynumber, frame);
  EXPECT_EQ(last.reason, Reason::transmit_failed);
  EXPECT_EQ(gateway.count(mynumber, Reason::transmit_failed), 3u);
  EXPECT_EQ(verdicts(mynumber, Verdict::pass), 2u);
  EXPECT_EQ(verdicts(mynumber, Verdict::drop), 3u);
}

/// The usual zones, with a sentence more about lgwan and mynumber.
std::string zones_with(std::string_view sentence) {
  std::string text = std::string(zones_text) + std::string(permits);
  for (std::string_view address : {"address 10.1.0.1", "address 10.2.0.1"}) {
    std::size_t at = text.find(address) + address.size();
    text.insert(at, "  " + std::string(sentence));
  }
  return text;
}

TEST_F(Fragments, AreDroppedWhereTheRulesTakeNone) {
  gateway.load(zones_with("fragments drop"));
  std::vector<Buffer> all = fragments(udp_there(), 2);
  for (const Buffer &frame : all) EXPECT_EQ(gateway.send(mynumber, frame).reason, Reason::ip_fragment);
  gateway.load(std::string(zones_text) + std::string(permits));
  EXPECT_TRUE(path::is_held(gateway.send(mynumber, all[1])));
  gateway.path.sever(1u << mynumber);
}

TEST_F(Fragments, TooBigForTheNextZoneAreDroppedTogether) {
  PacketBuilder packet = udp_there();
  Buffer whole = datagram(packet, 1600);
  gateway.load(zones_with("mtu 1280"));
  EXPECT_TRUE(path::is_held(gateway.send(mynumber, fragment4(packet, whole, {0, 64}))));
  EXPECT_TRUE(path::is_held(gateway.send(mynumber, fragment4(packet, whole, {1360, 1600, false}))));
  EXPECT_EQ(gateway.send(mynumber, fragment4(packet, whole, {64, 1360})).reason, Reason::too_big_to_leave);
  EXPECT_EQ(gateway.count(mynumber, Reason::too_big_to_leave), 3u);
  EXPECT_TRUE(sent(lgwan).empty());
}

TEST_F(Fragments, CountForTheRateOfTheirRule) {
  std::string text = std::string(zones_text) + std::string(permits);
  text.insert(text.find(" for \"files\"") + 1, " limit 10 packets per second ");
  gateway.load(text);
  Fate last;
  for (std::uint32_t id = 0; id < 3; ++id)
    for (const Buffer &frame : fragments(udp_there(), 4, id)) last = gateway.send(mynumber, frame);
  EXPECT_EQ(last.reason, Reason::limit_rate);
  EXPECT_EQ(sent(lgwan).size(), 10u); // two datagrams of five
}

TEST_F(Fragments, NeverCarryNeighbourDiscovery) { // RFC 6980
  PacketBuilder packet = there();
  packet.from = ip("2001:db8:1::11");
  packet.to = ip("2001:db8:1::1");
  packet.protocol = 58;
  packet.icmp_type = 136;
  gateway.load(R"(
zone mynumber { port "m"  network 2001:db8:1::/64  address 2001:db8:1::1  closed }
)");
  Buffer whole = join({packet.transport(), Buffer(24)});
  EXPECT_TRUE(path::is_held(gateway.send(mynumber, fragment6(packet, whole, {0, 16}))));
  EXPECT_EQ(gateway.send(mynumber, fragment6(packet, whole, {16, whole.size(), false})).reason,
            Reason::nd_malformed);
}

/// The frame with the right checksum of its UDP datagram or TCP segment.
Buffer summed(Buffer frame, std::size_t at) {
  wire::Headers headers;
  EXPECT_EQ(wire::parse(frame, headers), Reason::none);
  set_u16(frame, headers.transport_offset + at, 0);
  Bytes message = Bytes(frame).first(headers.length).subspan(headers.transport_offset);
  std::uint64_t sum = wire::partial_sum(message);
  if (headers.protocol != 1) sum += wire::pseudo_sum(headers, headers.protocol, message.size());
  set_u16(frame, headers.transport_offset + at, static_cast<std::uint16_t>(~wire::folded(sum)));
  return frame;
}

TEST(Checksums, OfWhatChangesAFlowMustBeRight) {
  Gateway gateway({.flows = 1000, .checksums = true});
  auto there_is = [&](const Buffer &frame) { return gateway.send(mynumber, frame).reason; };
  EXPECT_EQ(there_is(there().ipv4()), Reason::tcp_bad_checksum);
  EXPECT_EQ(gateway.path.flow_count(), 0u);
  EXPECT_EQ(there_is(summed(there().ipv4(), 16)), Reason::none);
  EXPECT_EQ(gateway.send(lgwan, back().ipv4()).reason, Reason::tcp_bad_checksum);
  EXPECT_EQ(gateway.send(lgwan, summed(back().ipv4(), 16)).reason, Reason::none);
  EXPECT_EQ(there_is(data_there().ipv4()), Reason::none); // data are the ends' business
  PacketBuilder reset = data_there();
  reset.data = {};
  reset.flags = wire::tcp_flag::rst;
  EXPECT_EQ(there_is(reset.ipv4()), Reason::tcp_bad_checksum);
  PacketBuilder udp = udp_there();
  udp.to_port = 123;
  udp.data = "time";
  Buffer frame = summed(udp.ipv4(), 6);
  set_u8(frame, frame.size() - 1, 'E');
  EXPECT_EQ(there_is(frame), Reason::udp_bad_checksum);
  EXPECT_EQ(there_is(PacketBuilder{.protocol = 1}.ipv4()), Reason::icmp_bad_checksum);
}

TEST(Checksums, OfADatagramInFragmentsToo) {
  for (unsigned error : {0u, 1u}) {
    Gateway gateway({.flows = 1000, .checksums = true});
    PacketBuilder udp = udp_there();
    udp.to_port = 123;
    std::string data(101, 'd');
    udp.data = data;
    Buffer message = to_buffer(Bytes(summed(udp.ipv4(), 6)).subspan(34));
    set_u8(message, 80, 'd' + error);
    EXPECT_TRUE(path::is_held(gateway.send(mynumber, fragment4(udp, message, {64, 72}))));
    EXPECT_TRUE(path::is_held(gateway.send(mynumber, fragment4(udp, message, {72, message.size(), false}))));
    EXPECT_EQ(gateway.send(mynumber, fragment4(udp, message, {0, 64})).reason,
              error ? Reason::udp_bad_checksum : Reason::none);
  }
}

/// A segment of a known connection, larger than the next zone takes (1500 when nothing is said).
Buffer large_segment() {
  static const std::string data(1600, 'x');
  PacketBuilder packet = data_there();
  packet.data = data;
  return packet.ipv4();
}

TEST_F(Fragments, TooBigIsAnsweredForAKnownFlow) { // RFC 1191
  EXPECT_EQ(gateway.send(mynumber, large_segment()).reason, Reason::not_opened);
  EXPECT_TRUE(sent(mynumber).empty());
  handshake(gateway);
  sent(mynumber).clear();
  EXPECT_EQ(gateway.send(mynumber, large_segment()).reason, Reason::too_big_to_leave);
  ASSERT_EQ(sent(mynumber).size(), 1u);
  wire::Headers error, quoted;
  const Buffer &frame = sent(mynumber)[0];
  ASSERT_EQ(wire::parse(frame, error), Reason::none);
  EXPECT_EQ(wire::check_transport_checksum(frame, error), Reason::none);
  EXPECT_EQ(error.source, ip("10.1.0.1"));
  EXPECT_EQ(error.destination, ip("10.1.0.11"));
  EXPECT_EQ(error.destination_mac, mac("02:00:5e:10:00:01"));
  EXPECT_EQ(error.icmp_type, 3);
  EXPECT_EQ(error.icmp_code, 4);
  EXPECT_EQ(wire::u16_at(frame.data(), 40), 1500);
  ASSERT_TRUE(wire::parse_quoted(error, Bytes(frame).subspan(34), quoted));
  EXPECT_EQ(quoted.destination_port, 443);
}

/// The first packet of a listed flow too: whoever begins with a large datagram would else never learn.
TEST_F(Fragments, TooBigIsAnsweredForAListedFirstPacket) {
  static const std::string data(1600, 'x');
  PacketBuilder packet = udp_there();
  packet.data = data;
  EXPECT_EQ(gateway.send(mynumber, packet.ipv4()).reason, Reason::too_big_to_leave);
  EXPECT_EQ(sent(mynumber).size(), 1u);
  EXPECT_EQ(gateway.path.flow_count(), 0u);
  packet.to_port = 2050;
  EXPECT_EQ(gateway.send(mynumber, packet.ipv4()).reason, Reason::service_not_listed);
  EXPECT_EQ(sent(mynumber).size(), 1u);
}

TEST_F(Fragments, TheMtuIsThatOfTheZoneItLeavesTo) {
  gateway.load(zones_with("mtu 1900"));
  handshake(gateway);
  EXPECT_EQ(gateway.send(mynumber, large_segment()).verdict, Verdict::pass); // a jumbo frame
  gateway.load(zones_with("mtu 1300"));
  sent(mynumber).clear();
  EXPECT_EQ(gateway.send(mynumber, large_segment()).reason, Reason::too_big_to_leave);
  ASSERT_EQ(sent(mynumber).size(), 1u);
  EXPECT_EQ(wire::u16_at(sent(mynumber)[0].data(), 40), 1300);
}

TEST_F(Fragments, TooBigIsAnsweredNowAndThenOnly) {
  handshake(gateway);
  sent(mynumber).clear();
  for (int i = 0; i < 1000; ++i) gateway.send(mynumber, large_segment());
  EXPECT_EQ(sent(mynumber).size(), 100u);
  EXPECT_EQ(gateway.path.counters().too_big_answered.value(), 100u);
  gateway.wait(1);
  gateway.send(mynumber, large_segment());
  EXPECT_EQ(sent(mynumber).size(), 101u);
}

TEST_F(Fragments, WhatMayBeFragmentedIsNot) {
  handshake(gateway);
  sent(mynumber).clear();
  Buffer frame = large_segment();
  set_u16(frame, 20, 0);
  PacketBuilder::seal(frame);
  EXPECT_EQ(gateway.send(mynumber, frame).reason, Reason::too_big_to_leave);
  EXPECT_TRUE(sent(mynumber).empty());
}

} // namespace
} // namespace sekisho
