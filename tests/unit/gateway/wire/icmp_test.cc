#include "gateway/wire/nd.hh"
#include "gateway/wire/quoted.hh"
#include "gateway/wire/transport.hh"
#include "tests/support/fragments.hh"

#include <gtest/gtest.h>

namespace sekisho {
namespace {

using namespace test;

const Mac gateway_mac = mac("02:00:5e:00:00:01"), host_mac = mac("02:00:5e:10:00:01");
const Ip gateway = ip("2001:db8:1::1"), host = ip("2001:db8:1::11");

Buffer buffer(Bytes frame) { return to_buffer(frame); }

/// Writes the right checksum of an ICMPv6 message without extension headers.
Buffer sealed(Buffer frame) {
  set_u16(frame, 56, 0);
  wire::Headers headers;
  (void)wire::parse(frame, headers);
  std::uint64_t sum = wire::partial_sum(Bytes(frame).subspan(54)) +
                      wire::pseudo_sum(headers, 58, frame.size() - 54);
  set_u16(frame, 56, static_cast<std::uint16_t>(~wire::folded(sum)));
  return frame;
}
Buffer with(Buffer frame, std::size_t at, unsigned value) {
  set_u8(frame, at, value);
  return sealed(frame);
}

Reason neighbour_of(const Buffer &frame, wire::Neighbour &neighbour) {
  wire::Headers headers;
  Reason reason = wire::parse(frame, headers);
  if (reason != Reason::none && reason != Reason::ip_multicast) return reason;
  EXPECT_TRUE(wire::is_neighbour_message(headers));
  return wire::parse_neighbour(frame, headers, neighbour);
}
Reason neighbour_of(const Buffer &frame) {
  wire::Neighbour neighbour;
  return neighbour_of(frame, neighbour);
}

TEST(Neighbour, SolicitationIsReadBack) {
  wire::Neighbour asked;
  wire::Headers headers;
  Buffer frame = buffer(wire::neighbour_solicitation(gateway_mac, gateway, host));
  ASSERT_EQ(wire::parse(frame, headers), Reason::ip_multicast);
  EXPECT_EQ(headers.destination, ip("ff02::1:ff00:11"));
  EXPECT_EQ(headers.destination_mac, mac("33:33:ff:00:00:11"));
  ASSERT_EQ(neighbour_of(frame, asked), Reason::none);
  EXPECT_TRUE(asked.is_solicitation);
  EXPECT_EQ(asked.target, host);
  EXPECT_EQ(asked.link_address, gateway_mac);
  frame = buffer(wire::neighbour_solicitation(gateway_mac, gateway, host, host_mac));
  ASSERT_EQ(wire::parse(frame, headers), Reason::none);
  EXPECT_EQ(headers.destination_mac, host_mac);
  EXPECT_EQ(headers.destination, host);
  EXPECT_EQ(neighbour_of(frame), Reason::none);
}

TEST(Neighbour, AdvertisementIsReadBack) {
  wire::Neighbour said;
  Buffer frame = buffer(wire::neighbour_advertisement(gateway_mac, gateway, host_mac, host));
  ASSERT_EQ(neighbour_of(frame, said), Reason::none);
  EXPECT_FALSE(said.is_solicitation);
  EXPECT_TRUE(said.is_solicited && said.is_override && said.is_router);
  EXPECT_EQ(said.target, gateway);
  EXPECT_EQ(said.link_address, gateway_mac);
  frame = buffer(wire::neighbour_advertisement(gateway_mac, gateway, host_mac, ip("::")));
  ASSERT_EQ(neighbour_of(frame, said), Reason::none);
  EXPECT_FALSE(said.is_solicited);
  set_u8(frame, 58, 0x40); // solicited, but to all nodes
  EXPECT_EQ(neighbour_of(sealed(frame)), Reason::nd_malformed);
}

TEST(Neighbour, IsReadStrictly) { // RFC 4861 §7.1
  Buffer good = buffer(wire::neighbour_solicitation(gateway_mac, gateway, host));
  EXPECT_EQ(neighbour_of(with(good, 21, 254)), Reason::nd_malformed); // crossed a router
  EXPECT_EQ(neighbour_of(with(good, 55, 1)), Reason::nd_malformed);   // code
  EXPECT_EQ(neighbour_of(with(good, 62, 0xff)), Reason::nd_malformed); // a group as target
  EXPECT_EQ(neighbour_of(with(good, 79, 0)), Reason::nd_malformed);    // empty option
  EXPECT_EQ(neighbour_of(with(good, 79, 2)), Reason::nd_malformed);    // option runs over
  EXPECT_EQ(neighbour_of(with(good, 80, 0x33)), Reason::nd_malformed); // a group's MAC
  EXPECT_EQ(neighbour_of(with(good, 78, 14)), Reason::nd_malformed);   // no address of its own, §4.3
  EXPECT_EQ(neighbour_of(with(good, 53, 0x12)), Reason::nd_malformed); // another one's group
  Buffer bad = good;
  set_u8(bad, 57, std::to_integer<unsigned>(bad[57]) ^ 1);
  EXPECT_EQ(neighbour_of(bad), Reason::icmp_bad_checksum);
  for (std::size_t size = 62; size < good.size(); ++size) {
    Buffer cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    set_u16(cut, 18, static_cast<unsigned>(size) - 54);
    EXPECT_EQ(neighbour_of(sealed(cut)), Reason::nd_malformed) << size;
  }
}

TEST(Neighbour, SaysOneAddressAndFromSomewhere) {
  Buffer twice = buffer(wire::neighbour_solicitation(gateway_mac, gateway, host));
  Buffer option(twice.end() - 8, twice.end());
  twice.insert(twice.end(), option.begin(), option.end());
  set_u16(twice, 18, 40);
  EXPECT_EQ(neighbour_of(sealed(twice)), Reason::nd_malformed);
  Buffer nobodys = buffer(wire::neighbour_advertisement(gateway_mac, gateway, host_mac, ip("::")));
  std::fill_n(nobodys.begin() + 22, 16, std::byte{0}); // its source
  EXPECT_EQ(neighbour_of(sealed(nobodys)), Reason::nd_malformed);
}

TEST(Neighbour, ProbeComesFromNobody) { // RFC 4862 §5.4.2
  Buffer probe = buffer(wire::neighbour_solicitation(host_mac, ip("::"), host));
  EXPECT_EQ(neighbour_of(probe), Reason::nd_malformed); // with an address of its own
  probe.resize(78);
  set_u16(probe, 18, 24);
  EXPECT_EQ(neighbour_of(sealed(probe)), Reason::none);
  EXPECT_EQ(neighbour_of(with(probe, 53, 0x12)), Reason::nd_malformed);
}

TEST(Neighbour, BehindExtensionHeadersIsRefused) { // RFC 6980
  Buffer good = buffer(wire::neighbour_solicitation(gateway_mac, gateway, host));
  PacketBuilder packet{.from = gateway, .to = ip("ff02::1:ff00:11"), .ttl = 255};
  Buffer chained =
      ipv6_frame(packet, 60, join({octets({58, 0, 1, 4, 0, 0, 0, 0}), Bytes(good).subspan(54)}));
  EXPECT_EQ(neighbour_of(chained), Reason::nd_malformed);
}

/// Random messages: verify against the sum from the start, octet by octet.
TEST(TransportChecksum, IsVerified) {
  auto right = [](Buffer frame, std::size_t at) {
    wire::Headers headers;
    EXPECT_EQ(wire::parse(frame, headers), Reason::none);
    std::uint64_t sum = wire::partial_sum(Bytes(frame).subspan(headers.transport_offset));
    if (headers.protocol != 1)
      sum += wire::pseudo_sum(headers, headers.protocol, frame.size() - headers.transport_offset);
    set_u16(frame, headers.transport_offset + at, static_cast<std::uint16_t>(~wire::folded(sum)));
    frame.resize(frame.size() + 3, std::byte{0x5a}); // padding does not count
    return frame;
  };
  auto check = [](const Buffer &frame) {
    wire::Headers headers;
    EXPECT_EQ(wire::parse(frame, headers), Reason::none);
    return wire::check_transport_checksum(frame, headers);
  };
  struct Case {
    std::uint8_t protocol;
    std::size_t at;
    Reason wrong;
  };
  for (const Case &one : {Case{6, 16, Reason::tcp_bad_checksum}, {17, 6, Reason::udp_bad_checksum},
                          {1, 2, Reason::icmp_bad_checksum}, {58, 2, Reason::icmp_bad_checksum}}) {
    for (std::string_view data : {"", "o", "even", "a longer one of odd length..."}) {
      PacketBuilder packet{.protocol = one.protocol, .data = data};
      PacketBuilder packet6 = packet;
      packet6.from = host;
      packet6.to = gateway;
      packet6.icmp_type = 128;
      for (bool six : {false, true}) {
        if (six ? one.protocol == 1 : one.protocol == 58) continue;
        Buffer frame = right(six ? packet6.ipv6() : packet.ipv4(), one.at);
        EXPECT_EQ(check(frame), Reason::none) << int(one.protocol);
        for (std::size_t at = 34; at < frame.size() - 3; ++at) {
          Buffer changed = frame;
          set_u8(changed, at, std::to_integer<unsigned>(changed[at]) ^ 0x10);
          wire::Headers headers;
          bool is_same_way = wire::parse(changed, headers) == Reason::none &&
                             headers.source == (six ? host : packet.from) &&
                             headers.destination == (six ? gateway : packet.to);
          Reason reason = is_same_way ? wire::check_transport_checksum(changed, headers) : one.wrong;
          EXPECT_EQ(reason, one.wrong) << at;
        }
      }
    }
  }
  PacketBuilder none{.protocol = 17, .data = "x"};
  EXPECT_EQ(check(none.ipv4()), Reason::none); // RFC 768: 0 is none
  none.from = host;
  none.to = gateway;
  EXPECT_EQ(check(none.ipv6()), Reason::udp_no_checksum);
}

/// An error of `from` about the packet whose IP packet is `quote`.
bool quoted_by(std::uint8_t protocol, Bytes quote, wire::Headers &quoted) {
  wire::Headers error;
  error.network = protocol == 1 ? wire::Network::ipv4 : wire::Network::ipv6;
  error.protocol = protocol;
  return wire::parse_quoted(error, join({Buffer(8), quote}), quoted);
}

TEST(Quoted, IsReadThroughExtensionHeaders) {
  PacketBuilder packet{.from = host, .to = ip("2001:db8:2::40")};
  wire::Headers quoted;
  Buffer pad = octets({6, 0, 1, 4, 0, 0, 0, 0});
  Buffer frame = ipv6_frame(packet, 60, join({pad, packet.transport()}));
  ASSERT_TRUE(quoted_by(58, Bytes(frame).subspan(14, 40 + 8 + 8), quoted));
  EXPECT_EQ(quoted.protocol, 6);
  EXPECT_EQ(quoted.source_port, 40000);
  EXPECT_EQ(quoted.destination_port, 443);
  EXPECT_FALSE(quoted_by(58, Bytes(frame).subspan(14, 40 + 8 + 7), quoted));
  EXPECT_FALSE(quoted_by(58, Bytes(frame).subspan(14, 40 + 7), quoted));
  Buffer first = fragment6(packet, packet.transport(), {0, 16});
  EXPECT_TRUE(quoted_by(58, Bytes(first).subspan(14), quoted));
  Buffer later = fragment6(packet, packet.transport(), {8, 20, false});
  EXPECT_FALSE(quoted_by(58, Bytes(later).subspan(14), quoted)); // whose ports are not there
}

TEST(TooBig, IsAnErrorAboutThePacket) { // RFC 1191 §4, RFC 4443 §3.2
  std::string data(1400, 'x');
  PacketBuilder packet{.data = data};
  for (bool six : {false, true}) {
    if (six) packet.from = host, packet.to = ip("2001:db8:2::40");
    Buffer frame = six ? packet.ipv6() : packet.ipv4();
    wire::Headers headers, error, quoted;
    ASSERT_EQ(wire::parse(frame, headers), Reason::none);
    EXPECT_TRUE(headers.dont_fragment);
    wire::ErrorFrame room;
    Ip from = six ? gateway : ip("10.1.0.1");
    std::size_t size = wire::make_too_big(frame, headers, {gateway_mac, from, 1400}, room);
    ASSERT_EQ(size, six ? 14 + 1280u : 14 + 576u);
    Buffer made = buffer(Bytes(room).first(size));
    ASSERT_EQ(wire::parse(made, error), Reason::none);
    EXPECT_EQ(wire::check_transport_checksum(made, error), Reason::none);
    EXPECT_EQ(error.destination, packet.from);
    EXPECT_EQ(error.source, from);
    EXPECT_EQ(error.destination_mac, packet.from_mac);
    EXPECT_EQ(error.icmp_type, six ? 2 : 3);
    EXPECT_EQ(error.icmp_code, six ? 0 : 4);
    EXPECT_EQ(wire::u16_at(made.data(), six ? 60u : 40u), 1400);
    ASSERT_TRUE(wire::is_icmp_error(error));
    ASSERT_TRUE(wire::parse_quoted(error, Bytes(made).subspan(error.transport_offset), quoted));
    EXPECT_EQ(quoted.source, packet.from);
    EXPECT_EQ(quoted.destination_port, 443);
  }
}

TEST(TooBig, IsNotMadeAboutErrorsGroupsOrLaterFragments) {
  wire::ErrorFrame room;
  auto made = [&](const Buffer &frame, const char *from) {
    wire::Headers headers;
    (void)wire::parse(frame, headers);
    return wire::make_too_big(frame, headers, {gateway_mac, ip(from), 1400}, room) > 0;
  };
  PacketBuilder packet{.protocol = 1};
  EXPECT_TRUE(made(packet.ipv4(), "10.1.0.1"));
  EXPECT_FALSE(made(packet.ipv4(), "2001:db8::1"));
  packet.icmp_type = 3;
  EXPECT_FALSE(made(packet.ipv4(), "10.1.0.1"));
  packet.protocol = 6;
  packet.to_mac = mac("ff:ff:ff:ff:ff:ff");
  EXPECT_FALSE(made(packet.ipv4(), "10.1.0.1"));
  packet.to_mac = gateway_mac;
  EXPECT_FALSE(made(fragment4(packet, Buffer(64), {24, 32}), "10.1.0.1"));
}

} // namespace
} // namespace sekisho
