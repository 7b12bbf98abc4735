#include "gateway/wire/chain.hh"
#include "tests/support/fragments.hh"

#include <gtest/gtest.h>

#include <memory>

namespace sekisho {
namespace {

using namespace test;

const PacketBuilder six{.from = ip("2001:db8:1::11"), .to = ip("2001:db8:2::40"), .data = "hello"};
const PacketBuilder four{.data = "hello"};

Reason parse(const Buffer &frame, wire::Headers *into = nullptr) {
  wire::Headers headers;
  auto exact = std::make_unique<std::byte[]>(frame.size());
  std::copy(frame.begin(), frame.end(), exact.get());
  Reason reason = wire::parse({exact.get(), frame.size()}, headers);
  if (into) *into = headers;
  return reason;
}

/// A header of the TLV kind (or any other of that shape) of eight octets a `content` of six.
Buffer header(unsigned next, std::initializer_list<unsigned> content) {
  return join({octets({next, static_cast<unsigned>((content.size() + 2) / 8 - 1)}), octets(content)});
}
const Buffer pad6(unsigned next) { return header(next, {1, 4, 0, 0, 0, 0}); }
Buffer tcp() { return six.transport(); }

Reason chained(std::uint8_t first, std::initializer_list<Bytes> pieces, wire::Headers *into = nullptr) {
  return parse(ipv6_frame(six, first, join(pieces)), into);
}

TEST(Chain, IsWalkedToTheTransportHeader) { // RFC 8200 §4.1
  wire::Headers headers;
  Buffer authentication = join({octets({60, 4}), Buffer(22)}); // (4 + 2) * 4 octets, RFC 4302 §2.2
  ASSERT_EQ(chained(0, {pad6(60), pad6(51), authentication, pad6(6), tcp()}, &headers), Reason::none);
  EXPECT_EQ(headers.protocol, 6);
  EXPECT_EQ(headers.destination_port, 443);
  EXPECT_EQ(headers.transport_offset, 54 + 8 + 8 + 24 + 8);
  EXPECT_EQ(headers.length, 54u + 48 + 25);
}

TEST(Chain, EndsAtWhatIsNoExtension) {
  wire::Headers headers;
  EXPECT_EQ(chained(60, {pad6(59)}, &headers), Reason::none); // no next header, §4.7
  EXPECT_EQ(headers.protocol, 59);
  EXPECT_EQ(chained(60, {pad6(50), Buffer(16)}, &headers), Reason::none); // ESP
  EXPECT_EQ(headers.protocol, 50);
  for (unsigned next : {135u, 139u, 140u, 253u, 254u})
    EXPECT_EQ(chained(60, {pad6(next), pad6(6), tcp()}), Reason::ip_extension_header) << next;
}

TEST(Chain, RefusesRouting) { // RFC 5095
  EXPECT_EQ(chained(43, {header(6, {0, 1, 0, 0, 0, 0}), tcp()}), Reason::ip6_routing_type_0);
  EXPECT_EQ(chained(43, {header(6, {0, 0, 0, 0, 0, 0}), tcp()}), Reason::ip6_routing_type_0);
  for (unsigned type : {2u, 3u, 4u, 99u})
    EXPECT_EQ(chained(43, {header(6, {type, 0, 0, 0, 0, 0}), tcp()}), Reason::ip6_routing) << type;
}

TEST(Chain, RefusesHeadersOutOfOrder) { // RFC 8200 §4.1
  Buffer whole = octets({6, 0, 0, 0, 0, 0, 0, 1});
  EXPECT_EQ(chained(60, {pad6(0), pad6(6), tcp()}), Reason::ip6_header_misplaced);
  EXPECT_EQ(chained(0, {pad6(0), pad6(6), tcp()}), Reason::ip6_header_misplaced);
  EXPECT_EQ(chained(60, {pad6(60), pad6(6), tcp()}), Reason::ip6_header_misplaced);
  EXPECT_EQ(chained(51, {octets({51, 0, 0, 0, 0, 0, 0, 0}), octets({6, 0, 0, 0, 0, 0, 0, 0}), tcp()}),
            Reason::ip6_header_misplaced);
  EXPECT_EQ(chained(44, {octets({44, 0, 0, 1, 0, 0, 0, 1}), whole, tcp()}), Reason::ip6_header_misplaced);
  EXPECT_EQ(chained(51, {octets({44, 0, 0, 0, 0, 0, 0, 0}), whole, tcp()}), Reason::ip6_header_misplaced);
}

TEST(Chain, RefusesWhatRunsOver) {
  EXPECT_EQ(chained(60, {octets({6, 0, 1, 4, 0, 0, 0})}), Reason::ip6_chain_truncated);
  EXPECT_EQ(chained(60, {octets({6, 1, 1, 4, 0, 0, 0, 0})}), Reason::ip6_chain_truncated);
  EXPECT_EQ(chained(44, {octets({6, 0, 0, 1})}), Reason::ip6_chain_truncated);
  EXPECT_EQ(chained(51, {octets({6, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})}), Reason::ip6_chain_truncated);
}

TEST(Chain, RefusesWhatIsTooLong) {
  Buffer long_one = join({octets({6, 63, 1, 255}), Buffer(255), octets({1, 251}), Buffer(251)});
  EXPECT_EQ(chained(60, {long_one, tcp()}), Reason::none); // 512 octets
  Buffer longer = join({octets({6, 64, 1, 255}), Buffer(255), octets({1, 255}), Buffer(255), octets({1, 2}), Buffer(2)});
  EXPECT_EQ(chained(60, {longer, tcp()}), Reason::ip6_chain_too_long);
  EXPECT_EQ(chained(60, {join({octets({6, 1}), Buffer(14)}), tcp()}), Reason::none); // 14 times Pad1
  EXPECT_EQ(chained(60, {join({octets({6, 2}), Buffer(22)}), tcp()}), Reason::ip6_chain_too_long);
}

TEST(Chain, RefusesOptionsByKind) { // RFC 8200 §4.2
  EXPECT_EQ(chained(0, {header(6, {0x05, 2, 0, 0, 0, 0}), tcp()}), Reason::none); // router alert: skip
  EXPECT_EQ(chained(60, {header(6, {0x1e, 4, 1, 2, 3, 4}), tcp()}), Reason::none); // unknown, skip
  for (unsigned type : {0x5eu, 0x9eu, 0xdeu, 0xc9u /* home address */})
    EXPECT_EQ(chained(60, {header(6, {type, 4, 0, 0, 0, 0}), tcp()}), Reason::ip6_option_unlisted) << type;
  EXPECT_EQ(chained(0, {header(6, {0xc2, 4, 0, 1, 0, 0}), tcp()}), Reason::ip6_jumbo);
  EXPECT_EQ(chained(60, {header(6, {1, 5, 0, 0, 0, 0}), tcp()}), Reason::ip6_option_malformed);
  EXPECT_EQ(chained(60, {header(6, {0x1e, 5, 0, 0, 0, 0}), tcp()}), Reason::ip6_option_malformed);
  EXPECT_EQ(chained(60, {header(6, {0, 0, 0, 0, 0, 1}), tcp()}), Reason::ip6_option_malformed);
  EXPECT_EQ(chained(60, {header(6, {1, 4, 0, 0, 'h', 'i'}), tcp()}), Reason::ip6_option_malformed);
}

TEST(Chain, NamesAJumbogram) { // RFC 2675 §3: payload length 0
  Buffer jumbo = ipv6_frame(six, 0, join({header(6, {0xc2, 4, 0, 1, 0, 0}), tcp()}));
  set_u16(jumbo, 18, 0);
  EXPECT_EQ(parse(jumbo), Reason::ip6_jumbo);
  Buffer none = ipv6_frame(six, 0, join({pad6(6), tcp()}));
  set_u16(none, 18, 0);
  EXPECT_EQ(parse(none), Reason::ip6_chain_truncated);
}

TEST(Chain, EveryPrefixIsRefusedByName) {
  Buffer frame = ipv6_frame(six, 0, join({pad6(60), pad6(6), tcp()}));
  for (std::size_t size = 0; size < frame.size(); ++size) {
    Buffer prefix(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_NE(parse(prefix), Reason::none) << size;
    if (size < 54) continue;
    set_u16(prefix, 18, static_cast<unsigned>(size) - 54);
    bool is_whole = size >= 54 + 16 + 20;
    EXPECT_EQ(parse(prefix) == Reason::none, is_whole) << size;
  }
}

TEST(Fragment, FieldsAreRead) {
  wire::Headers headers;
  Buffer message = four.transport();
  ASSERT_EQ(parse(fragment4(four, message, {0, 24}), &headers), Reason::ip_fragment);
  EXPECT_TRUE(headers.is_fragment && headers.more_fragments && !headers.dont_fragment);
  EXPECT_EQ(headers.fragment_id, 0x1234u);
  EXPECT_EQ(headers.destination_port, 443); // of the first one the transport header is read
  EXPECT_EQ(headers.tcp_flags, wire::tcp_flag::syn);
  EXPECT_EQ(headers.fragment_start, 34);
  EXPECT_EQ(headers.length - headers.fragment_start, 24u);
  ASSERT_EQ(parse(fragment4(four, message, {24, 25, false}), &headers), Reason::ip_fragment);
  EXPECT_FALSE(headers.more_fragments);
  EXPECT_EQ(headers.fragment_offset, 24);
  EXPECT_EQ(headers.destination_port, 0);

  ASSERT_EQ(parse(fragment6(six, tcp(), {0, 24, true, 0xdeadbeef}), &headers), Reason::ip_fragment);
  EXPECT_EQ(headers.fragment_id, 0xdeadbeefu);
  EXPECT_EQ(headers.fragment_start, 62);
  EXPECT_EQ(headers.destination_port, 443);
  ASSERT_EQ(parse(fragment6(six, tcp(), {24, 25, false}), &headers), Reason::ip_fragment);
  EXPECT_EQ(headers.fragment_offset, 24);
  EXPECT_EQ(headers.length - headers.fragment_start, 1u);
}

TEST(Fragment, MayCarryOptionsBehindItsHeader) {
  wire::Headers headers;
  Buffer message = join({pad6(6), tcp()});
  PacketBuilder options = six;
  options.protocol = 60;
  ASSERT_EQ(parse(fragment6(options, message, {0, 32}), &headers), Reason::ip_fragment);
  EXPECT_EQ(headers.protocol, 6);
  EXPECT_EQ(headers.transport_offset, 70);
  EXPECT_EQ(headers.fragment_start, 62);
  EXPECT_EQ(parse(fragment6(options, message, {0, 24}), &headers), Reason::fragment_tiny); // RFC 7112
  PacketBuilder longer = six;
  longer.protocol = 60;
  EXPECT_EQ(parse(fragment6(longer, join({octets({6, 1}), Buffer(14), tcp()}), {0, 8}), &headers),
            Reason::fragment_tiny);
}

TEST(Fragment, RefusesWhatContradictsItself) {
  Buffer message(65600, std::byte{0});
  Buffer segment = four.transport();
  std::copy(segment.begin(), segment.end(), message.begin());
  EXPECT_EQ(parse(fragment4(four, message, {24, 24})), Reason::fragment_malformed);
  EXPECT_EQ(parse(fragment4(four, message, {24, 35})), Reason::fragment_malformed); // not of eighths
  EXPECT_EQ(parse(fragment4(four, message, {24, 35, false})), Reason::ip_fragment);
  EXPECT_EQ(parse(fragment4(four, message, {65512, 65515, false})), Reason::ip_fragment); // 65535 in all
  EXPECT_EQ(parse(fragment4(four, message, {65512, 65516, false})), Reason::fragment_too_long);
  Buffer whole = fragment4(four, message, {24, 32});
  set_u16(whole, 20, 0x6003); // don't fragment
  PacketBuilder::seal(whole);
  EXPECT_EQ(parse(whole), Reason::fragment_malformed);

  EXPECT_EQ(parse(fragment6(six, message, {24, 24})), Reason::fragment_malformed);
  EXPECT_EQ(parse(fragment6(six, message, {24, 35})), Reason::fragment_malformed);
  EXPECT_EQ(parse(fragment6(six, message, {65528, 65535, false})), Reason::ip_fragment);
  EXPECT_EQ(parse(fragment6(six, message, {65528, 65536, false})), Reason::fragment_too_long);
  EXPECT_EQ(parse(fragment6(six, tcp(), {0, 25, false})), Reason::ip6_atomic_fragment);
  EXPECT_EQ(parse(ipv6_frame(six, 60, join({pad6(44), fragment_header(6, {65520, 0, false}), Buffer(8)}))),
            Reason::fragment_too_long); // the options count too
}

TEST(Fragment, FirstHoldsTheWholeHeaderAndNothingLiesOverIt) { // RFC 1858, RFC 7112
  Buffer message = four.transport();
  EXPECT_EQ(parse(fragment4(four, message, {0, 16})), Reason::fragment_tiny);
  EXPECT_EQ(parse(fragment4(four, message, {8, 24})), Reason::fragment_tiny);
  EXPECT_EQ(parse(fragment4(four, message, {16, 24})), Reason::fragment_tiny);
  Buffer options = message;
  set_u8(options, 12, 7 << 4);
  EXPECT_EQ(parse(fragment4(four, options, {0, 24})), Reason::fragment_tiny);
  PacketBuilder udp = four;
  udp.protocol = 17;
  EXPECT_EQ(parse(fragment4(udp, udp.transport(), {0, 8})), Reason::ip_fragment);
  EXPECT_EQ(parse(fragment4(udp, udp.transport(), {8, 13, false})), Reason::ip_fragment);
  EXPECT_EQ(parse(fragment6(six, tcp(), {0, 16})), Reason::fragment_tiny);
  EXPECT_EQ(parse(fragment6(six, tcp(), {8, 16})), Reason::fragment_tiny);
  PacketBuilder odd = four;
  odd.flags = 0;
  EXPECT_EQ(parse(fragment4(odd, odd.transport(), {0, 24})), Reason::tcp_bad_flags);
}

TEST(Fragment, OfAGroupOrAForgedSourceIsNamedSo) {
  PacketBuilder group = four;
  group.to = ip("224.0.0.1");
  EXPECT_EQ(parse(fragment4(group, group.transport(), {0, 24})), Reason::ip_multicast);
  EXPECT_EQ(parse(fragment4(group, group.transport(), {24, 24})), Reason::fragment_malformed);
  PacketBuilder forged = four;
  forged.from = ip("127.0.0.1");
  EXPECT_EQ(parse(fragment4(forged, forged.transport(), {0, 24})), Reason::ip_bad_source);
}

TEST(Fragment, ReassembledIsParsedAsAWhole) {
  wire::Headers headers;
  PacketBuilder udp = four;
  udp.protocol = 17;
  udp.data = "0123456789abcdef";
  Buffer first = fragment4(udp, udp.transport(), {0, 16});
  EXPECT_EQ(wire::parse_reassembled(first, 24, headers), Reason::none);
  EXPECT_EQ(wire::parse_reassembled(first, 25, headers), Reason::udp_bad_length);
  EXPECT_EQ(wire::parse_reassembled(first, 8, headers), Reason::fragment_malformed);
  EXPECT_EQ(wire::parse_reassembled(fragment4(udp, udp.transport(), {16, 24, false}), 24, headers),
            Reason::fragment_malformed);
  EXPECT_EQ(wire::parse_reassembled(udp.ipv4(), 24, headers), Reason::fragment_malformed);
  ASSERT_EQ(wire::parse_reassembled(fragment4(four, four.transport(), {0, 24}), 1025, headers), Reason::none);
  EXPECT_EQ(headers.tcp_length, 1005);
  PacketBuilder udp6 = six;
  udp6.protocol = 17;
  Buffer message = join({pad6(17), udp6.transport()});
  udp6.protocol = 60;
  EXPECT_EQ(wire::parse_reassembled(fragment6(udp6, message, {0, 16}), message.size(), headers), Reason::none);
  EXPECT_EQ(wire::parse_reassembled(fragment6(udp6, message, {0, 16}), message.size() + 8, headers),
            Reason::udp_bad_length);
}

} // namespace
} // namespace sekisho
