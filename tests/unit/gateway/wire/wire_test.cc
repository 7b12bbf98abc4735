#include "gateway/wire/arp.hh"
#include "gateway/wire/headers.hh"
#include "tests/support/packets.hh"

#include <gtest/gtest.h>

#include <random>

namespace sekisho {
namespace {

using namespace test;
namespace flag = wire::tcp_flag;

/// In a heap block of its own size, so that AddressSanitizer sees a read beyond the frame.
Reason parse(const Buffer &frame, wire::Headers *into = nullptr) {
  wire::Headers headers;
  auto exact = std::make_unique<std::byte[]>(frame.size());
  std::copy(frame.begin(), frame.end(), exact.get());
  Reason reason = wire::parse({exact.get(), frame.size()}, headers);
  if (into) *into = headers;
  return reason;
}

Buffer cut(Buffer frame, std::size_t size) {
  frame.resize(size);
  return frame;
}
Buffer with_u8(Buffer frame, std::size_t at, unsigned value, bool seal = true) {
  set_u8(frame, at, value);
  if (seal) PacketBuilder::seal(frame);
  return frame;
}
Buffer with_u16(Buffer frame, std::size_t at, unsigned value, bool seal = true) {
  set_u16(frame, at, value);
  if (seal) PacketBuilder::seal(frame);
  return frame;
}
Reason with_flags(std::uint8_t flags) { return parse(PacketBuilder{.flags = flags}.ipv4()); }
Reason from_to(const char *from, const char *to) {
  return parse(PacketBuilder{.from = ip(from), .to = ip(to)}.ipv4());
}
Reason from_to6(const char *from, const char *to) {
  return parse(PacketBuilder{.from = ip(from), .to = ip(to)}.ipv6());
}

TEST(Wire, ReadsAWholeTcpPacket) {
  wire::Headers headers;
  PacketBuilder packet{.sequence = 0x01020304, .acknowledgement = 0x05060708, .data = "hello"};
  packet.flags = flag::ack | flag::psh;
  ASSERT_EQ(parse(packet.ipv4(), &headers), Reason::none);
  EXPECT_EQ(headers.source_mac, packet.from_mac);
  EXPECT_EQ(headers.destination_mac, packet.to_mac);
  EXPECT_EQ(headers.source, packet.from);
  EXPECT_EQ(headers.destination, packet.to);
  EXPECT_EQ(headers.source_port, 40000);
  EXPECT_EQ(headers.destination_port, 443);
  EXPECT_EQ(headers.tcp_flags, flag::ack | flag::psh);
  EXPECT_EQ(headers.tcp_sequence, 0x01020304u);
  EXPECT_EQ(headers.tcp_acknowledgement, 0x05060708u);
  EXPECT_EQ(headers.hop_limit, 64);
  EXPECT_EQ(headers.transport_offset, 34);
  EXPECT_EQ(headers.length, packet.ipv4().size());
}

TEST(Wire, TrimsEthernetPadding) {
  wire::Headers headers;
  Buffer frame = PacketBuilder{.protocol = 17}.ipv4();
  frame.resize(60, std::byte{0xee}); // what a card sends of a short one
  ASSERT_EQ(parse(frame, &headers), Reason::none);
  EXPECT_EQ(headers.length, 42u);
}

TEST(Wire, RefusesOddEthernet) {
  Buffer good = PacketBuilder{}.ipv4();
  EXPECT_EQ(parse({}), Reason::frame_truncated);
  EXPECT_EQ(parse(cut(good, 13)), Reason::frame_truncated);
  EXPECT_EQ(parse(with_u16(good, 12, 0x8100, false)), Reason::vlan_unlisted);
  EXPECT_EQ(parse(with_u16(good, 12, 0x88a8, false)), Reason::vlan_unlisted);
  EXPECT_EQ(parse(with_u16(good, 12, 0x88cc, false)), Reason::ethertype_unlisted);
  EXPECT_EQ(parse(with_u16(good, 12, 46, false)), Reason::ethertype_unlisted); // 802.3 length: LLC
  EXPECT_EQ(parse(with_u8(good, 6, 0x03, false)), Reason::source_mac_group);
}

TEST(Wire, RefusesMalformedIpv4) { // RFC 791 §3.1
  Buffer good = PacketBuilder{.data = "0123456789"}.ipv4();
  EXPECT_EQ(parse(cut(good, 33)), Reason::ip_truncated);
  EXPECT_EQ(parse(with_u8(good, 14, 0x65)), Reason::ip_bad_version);
  EXPECT_EQ(parse(with_u8(good, 14, 0x44)), Reason::ip_bad_header_length);
  EXPECT_EQ(parse(cut(with_u8(good, 14, 0x4f), 60)), Reason::ip_truncated);
  EXPECT_EQ(parse(with_u16(good, 16, 51)), Reason::ip_bad_length); // beyond the frame
  EXPECT_EQ(parse(with_u16(good, 16, 19)), Reason::ip_bad_length); // below the header
  EXPECT_EQ(parse(with_u16(good, 24, 0x1234, false)), Reason::ip_bad_checksum);
  EXPECT_EQ(parse(cut(with_u16(with_u8(good, 14, 0x46), 16, 20), 38)), Reason::ip_bad_length);
}

/// The good packet with options before its segment, the header grown by them.
Reason with_options(std::initializer_list<unsigned> options) {
  Buffer frame = PacketBuilder{}.ipv4();
  Buffer octets;
  for (unsigned option : options) octets.push_back(static_cast<std::byte>(option));
  frame.insert(frame.begin() + 34, octets.begin(), octets.end());
  set_u8(frame, 14, 0x45 + static_cast<unsigned>(octets.size()) / 4);
  set_u16(frame, 16, static_cast<unsigned>(frame.size()) - 14);
  PacketBuilder::seal(frame);
  return parse(frame);
}

TEST(Wire, RefusesIpv4OptionsByKind) { // RFC 791 §3.1, RFC 7126
  EXPECT_EQ(with_options({1, 1, 1, 0}), Reason::ip_options);
  EXPECT_EQ(with_options({0x94, 4, 0, 0}), Reason::ip_options); // router alert
  EXPECT_EQ(with_options({0x83, 7, 4, 10, 3, 0, 50, 0}), Reason::ip_source_route);
  EXPECT_EQ(with_options({1, 0x89, 7, 4, 10, 3, 0, 50}), Reason::ip_source_route);
  EXPECT_EQ(with_options({0, 0x83, 7, 4}), Reason::ip_options); // behind the end
  EXPECT_EQ(with_options({0x94, 5, 0, 0}), Reason::ip_option_malformed);
  EXPECT_EQ(with_options({0x94, 1, 0, 0}), Reason::ip_option_malformed);
  EXPECT_EQ(with_options({1, 1, 1, 0x94}), Reason::ip_option_malformed);
}

TEST(Wire, RefusesImpossibleIpv4Addresses) { // RFC 1122 §3.2.1.3
  for (const char *source : {"0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "240.0.0.1",
                             "255.255.255.255", "10.2.0.40"})
    EXPECT_EQ(from_to(source, "10.2.0.40"), Reason::ip_bad_source) << source;
  EXPECT_EQ(from_to("10.1.0.11", "224.0.0.251"), Reason::ip_multicast);
  EXPECT_EQ(from_to("10.1.0.11", "255.255.255.255"), Reason::ip_multicast);
}

TEST(Wire, ReadsIpv6) {
  wire::Headers headers;
  PacketBuilder packet{.from = ip("2001:db8:1::11"), .to = ip("2001:db8:2::40")};
  ASSERT_EQ(parse(packet.ipv6(), &headers), Reason::none);
  EXPECT_EQ(headers.source, packet.from);
  EXPECT_EQ(headers.destination_port, 443);
  EXPECT_EQ(headers.transport_offset, 54);
}

TEST(Wire, RefusesMalformedIpv6) { // RFC 8200 §3, §4
  Buffer good = PacketBuilder{.from = ip("2001:db8:1::11"), .to = ip("2001:db8:2::40")}.ipv6();
  EXPECT_EQ(parse(cut(good, 53)), Reason::ip_truncated);
  EXPECT_EQ(parse(with_u8(good, 14, 0x45, false)), Reason::ip_bad_version);
  EXPECT_EQ(parse(with_u16(good, 18, 21, false)), Reason::ip_bad_length);
  for (unsigned extension : {135, 139, 140, 253, 254})
    EXPECT_EQ(parse(with_u8(good, 20, extension, false)), Reason::ip_extension_header) << extension;
}

TEST(Wire, RefusesImpossibleIpv6Addresses) {
  for (const char *source : {"::", "::1", "ff02::1", "2001:db8::40"})
    EXPECT_EQ(from_to6(source, "2001:db8::40"), Reason::ip_bad_source) << source;
  EXPECT_EQ(from_to6("2001:db8::1", "ff02::1"), Reason::ip_multicast);
  EXPECT_EQ(from_to6("2001:db8::1", "::1"), Reason::no_destination_zone);
}

TEST(Wire, DoesNotTakeMappedIpv6ForIpv4) { // RFC 4291 §2.5.5.2; Z5
  EXPECT_EQ(from_to6("::ffff:10.1.0.11", "2001:db8::40"), Reason::ip_bad_source);
  EXPECT_EQ(from_to6("2001:db8::1", "::ffff:10.2.0.40"), Reason::no_destination_zone);
}

TEST(Wire, RefusesMalformedTcp) { // RFC 9293 §3.1
  Buffer good = PacketBuilder{}.ipv4();
  EXPECT_EQ(parse(with_u16(good, 16, 39)), Reason::tcp_truncated);
  EXPECT_EQ(parse(with_u8(good, 46, 4 << 4)), Reason::tcp_truncated);
  EXPECT_EQ(parse(with_u8(good, 46, 6 << 4)), Reason::tcp_truncated); // header beyond the segment
  EXPECT_EQ(parse(PacketBuilder{.from_port = 0}.ipv4()), Reason::port_zero);
  EXPECT_EQ(parse(PacketBuilder{.to_port = 0}.ipv4()), Reason::port_zero);
}

TEST(Wire, RefusesFlagsNoStackSends) { // scans by null, FIN, Xmas, SYN+FIN
  for (std::uint8_t odd : {0, +flag::fin, flag::fin | flag::psh | flag::urg, +flag::psh, +flag::urg,
                           flag::syn | flag::fin, flag::syn | flag::rst, flag::rst | flag::fin,
                           flag::syn | flag::ack | flag::fin, flag::syn | flag::ack | flag::rst, 0x3f})
    EXPECT_EQ(with_flags(odd), Reason::tcp_bad_flags) << int(odd);
  for (std::uint8_t sane : {+flag::syn, flag::syn | flag::ack, +flag::ack, flag::ack | flag::fin,
                            flag::ack | flag::psh, flag::ack | flag::urg, +flag::rst,
                            flag::rst | flag::ack, flag::fin | flag::psh | flag::ack})
    EXPECT_EQ(with_flags(sane), Reason::none) << int(sane);
  EXPECT_EQ(with_flags(flag::syn | 0xc0), Reason::none); // ECN set-up, RFC 3168 §6.1.1
}

TEST(Wire, RefusesMalformedUdp) { // RFC 768
  Buffer good = PacketBuilder{.protocol = 17, .data = "query"}.ipv4();
  EXPECT_EQ(parse(good), Reason::none);
  EXPECT_EQ(parse(with_u16(good, 16, 27)), Reason::udp_truncated);
  EXPECT_EQ(parse(with_u16(good, 38, 14, false)), Reason::udp_bad_length);
  EXPECT_EQ(parse(with_u16(good, 38, 12, false)), Reason::udp_bad_length); // hidden octets behind it
  EXPECT_EQ(parse(PacketBuilder{.protocol = 17, .to_port = 0}.ipv4()), Reason::port_zero);
}

TEST(Wire, ReadsAndRefusesIcmp) { // RFC 792
  wire::Headers headers;
  Buffer good = PacketBuilder{.protocol = 1}.ipv4();
  ASSERT_EQ(parse(good, &headers), Reason::none);
  EXPECT_EQ(headers.icmp_type, 8);
  EXPECT_EQ(headers.icmp_id, 77);
  EXPECT_EQ(parse(with_u16(good, 16, 27)), Reason::icmp_truncated);
  EXPECT_EQ(parse(PacketBuilder{.protocol = 1, .icmp_type = 5}.ipv4()), Reason::icmp_redirect);
  EXPECT_EQ(parse(PacketBuilder{.protocol = 58}.ipv4()), Reason::icmp_malformed);
  PacketBuilder six{.from = ip("2001:db8::1"), .to = ip("2001:db8::2"), .protocol = 58};
  for (auto [type, reason] : {std::pair{128, Reason::none}, {133, Reason::nd_router}, {134, Reason::nd_router},
                              {135, Reason::none}, {136, Reason::none}, {137, Reason::nd_redirect}}) {
    six.icmp_type = static_cast<std::uint8_t>(type);
    EXPECT_EQ(parse(six.ipv6()), reason) << type;
  }
  six.protocol = 1;
  EXPECT_EQ(parse(six.ipv6()), Reason::icmp_malformed);
}

TEST(Wire, ReadsWhatGoesToAGroup) { // who lists it decides about it
  wire::Headers headers;
  EXPECT_EQ(parse(PacketBuilder{.to = ip("224.0.0.251"), .protocol = 17, .to_port = 5353}.ipv4(), &headers),
            Reason::ip_multicast);
  EXPECT_EQ(headers.destination_port, 5353);
  PacketBuilder six{.from = ip("::"), .to = ip("ff02::16"), .protocol = 58, .icmp_type = 143};
  EXPECT_EQ(parse(six.ipv6(), &headers), Reason::ip_multicast);
  EXPECT_EQ(headers.icmp_type, 143);
  six.protocol = 17;
  EXPECT_EQ(parse(six.ipv6()), Reason::ip_bad_source);
}

TEST(Wire, EveryPrefixOfAFrameIsRefusedByName) {
  for (const Buffer &frame : {PacketBuilder{.data = "data"}.ipv4(), PacketBuilder{.protocol = 17}.ipv4(),
                              PacketBuilder{.from = ip("2001:db8::1"), .to = ip("2001:db8::2")}.ipv6()})
    for (std::size_t size = 0; size < frame.size(); ++size)
      EXPECT_NE(parse(cut(frame, size)), Reason::none) << size;
}

TEST(Wire, ArpIsReadStrictly) { // RFC 826
  PacketBuilder packet{.to = ip("10.1.0.1")};
  Buffer frame = packet.arp(1);
  wire::Arp arp;
  ASSERT_EQ(wire::parse_arp(Bytes(frame).subspan(14), arp), Reason::none);
  EXPECT_TRUE(arp.is_request);
  EXPECT_EQ(arp.sender, packet.from);
  EXPECT_EQ(arp.target, packet.to);
  EXPECT_EQ(arp.sender_mac, packet.from_mac);
  auto refuses = [&](std::size_t at, unsigned value) {
    return wire::parse_arp(Bytes(with_u8(frame, at, value, false)).subspan(14), arp) == Reason::arp_malformed;
  };
  EXPECT_TRUE(refuses(15, 6));  // hardware
  EXPECT_TRUE(refuses(16, 9));  // protocol
  EXPECT_TRUE(refuses(18, 8));  // hardware length
  EXPECT_TRUE(refuses(19, 16)); // protocol length
  EXPECT_TRUE(refuses(21, 3));  // operation: reverse ARP
  for (std::size_t size = 14; size < 42; ++size)
    EXPECT_EQ(wire::parse_arp(Bytes(frame).first(size).subspan(14), arp), Reason::arp_malformed);
}

TEST(Wire, ArpRequestIsReadBack) {
  auto frame = wire::arp_request(mac("02:00:5e:00:00:02"), ip("10.2.0.1"), ip("10.2.0.25"));
  wire::Headers headers;
  wire::Arp arp;
  ASSERT_EQ(wire::parse(frame, headers), Reason::none);
  ASSERT_EQ(wire::parse_arp(Bytes(frame).subspan(14), arp), Reason::none);
  EXPECT_TRUE(arp.is_request);
  EXPECT_EQ(arp.sender_mac, mac("02:00:5e:00:00:02"));
  EXPECT_EQ(arp.sender, ip("10.2.0.1"));
  EXPECT_EQ(arp.target, ip("10.2.0.25"));
  EXPECT_TRUE(headers.destination_mac.is_group());
}

/// RFC 1624: the update must equal the sum from the start, for every header.  Differential.
TEST(Wire, ChecksumUpdateEqualsRecomputation) {
  std::mt19937 random(1624);
  for (int round = 0; round < 200'000; ++round) {
    Buffer header(20);
    for (std::byte &octet : header) octet = static_cast<std::byte>(random());
    if (round % 7 == 0) std::fill(header.begin() + 12, header.end(), std::byte{0});
    set_u16(header, 10, 0);
    std::uint16_t checksum = static_cast<std::uint16_t>(~wire::internet_sum(header));
    std::uint16_t before = wire::u16_at(header.data(), 8);
    std::uint16_t after = static_cast<std::uint16_t>(before - 0x100);
    set_u16(header, 8, after);
    std::uint16_t updated = wire::updated_checksum(checksum, before, after);
    set_u16(header, 10, updated);
    ASSERT_EQ(wire::internet_sum(header), 0xffff) << "round " << round;
  }
}

} // namespace
} // namespace sekisho
