// A flood of ARP or neighbour discovery reaches neither listed flows nor the kernel, and listed hosts are still heard (Z8).
#include "gateway/wire/arp.hh"
#include "gateway/wire/nd.hh"
#include "tests/support/gateway.hh"

namespace sekisho {
namespace {

using namespace test;
using path::LinkBudget;

const Mac broadcast = mac("ff:ff:ff:ff:ff:ff"), door = mac("02:00:5e:00:00:02"), listed = mac("02:00:5e:10:00:02");

/// Somebody of lgwan says or asks something; `number` tells MACs and addresses apart.
PacketBuilder somebody(std::uint32_t number) {
  PacketBuilder packet{.to_mac = broadcast, .from_mac = mac("02:77:00:00:00:00"), .from = Ip::from_v4(0x0a024000 + number % 0x8000),
                       .to = ip("10.2.0.1")};
  for (int i = 0; i < 3; ++i) packet.from_mac.octets[5u - static_cast<unsigned>(i)] = static_cast<std::uint8_t>(number >> 8 * i);
  return packet;
}
PacketBuilder listed_host() {
  return {.to_mac = broadcast, .from_mac = listed, .from = ip("10.2.0.40"), .to = ip("10.2.0.1")};
}

constexpr std::string_view wide_zone = R"(
zone a { port "m"  network 10.1.0.0/24  address 10.1.0.1 }
zone b { port "l"  network 10.2.0.0/16  address 10.2.0.1 }
zone c { port "i"  network 10.3.0.0/24  address 10.3.0.1 }
host tax-01 { zone a  address 10.1.0.11  mac 02:00:5e:10:00:01 }
host eltax { zone b  address 10.2.0.40  mac 02:00:5e:10:00:02 }
)";

struct Flooded : Gateway {
  Flooded() { load(wide_zone); }
  /// So many requests for the gateway, each of another station; returns how many reached the kernel.
  std::size_t flood(std::size_t count = 20'000) {
    std::size_t before = taps[lgwan].sent().size();
    for (std::uint32_t i = 0; i < count; ++i) send(lgwan, somebody(i).arp(1));
    return taps[lgwan].sent().size() - before;
  }
};

TEST(LinkBudget, TheKernelHearsABoundedNumberOfStrangers) {
  Flooded gateway;
  EXPECT_EQ(gateway.flood(), LinkBudget::shared);
  EXPECT_EQ(gateway.count(lgwan, Reason::strangers_shed), 20'000 - LinkBudget::shared);
  gateway.wait(1);
  EXPECT_EQ(gateway.flood(), LinkBudget::shared); // and so every second
  EXPECT_EQ(gateway.send(internet, somebody(1).arp(1)).verdict, Verdict::drop); // not of that zone
  PacketBuilder other{.to_mac = broadcast, .from_mac = mac("02:00:5e:30:00:50"), .from = ip("10.3.0.50"), .to = ip("10.3.0.1")};
  EXPECT_EQ(gateway.send(internet, other.arp(1)).verdict, Verdict::relay); // each zone has its own
}

TEST(LinkBudget, AListedHostIsHeardAllTheSame) { // Z5
  Flooded gateway;
  for (int second = 0; second < 3; ++second, gateway.wait(1)) {
    gateway.flood();
    for (unsigned i = 0; i < LinkBudget::assured; ++i)
      EXPECT_EQ(gateway.send(lgwan, listed_host().arp(1 + i % 2)).verdict, Verdict::relay);
  }
}

TEST(LinkBudget, WhatIsMalformedCountsToo) {
  Flooded gateway;
  for (std::uint16_t operation = 3; operation < 1000; ++operation) gateway.send(lgwan, listed_host().arp(operation));
  EXPECT_EQ(gateway.count(lgwan, Reason::arp_malformed), LinkBudget::of_one);
}

TEST(LinkBudget, OneStationUsesUpItsOwnPart) {
  Flooded gateway;
  for (int i = 0; i < 5000; ++i) gateway.send(lgwan, somebody(7).arp(1)); // a loop of switches, too, repeats one frame
  EXPECT_EQ(gateway.taps[lgwan].sent().size(), LinkBudget::of_one);
  EXPECT_EQ(gateway.send(lgwan, somebody(8).arp(1)).verdict, Verdict::relay);
  gateway.taps[lgwan].sent().clear();
  for (int i = 0; i < 5000; ++i) gateway.send(lgwan, listed_host().arp(1)); // whoever says it is a listed one
  EXPECT_EQ(gateway.taps[lgwan].sent().size(), LinkBudget::of_one);
  EXPECT_EQ(gateway.send(lgwan, somebody(9).arp(1)).verdict, Verdict::relay);
}

constexpr std::string_view many_listed = R"(
zone a { port "m"  network 10.1.0.0/24  address 10.1.0.1 }
zone b { port "l"  network 10.2.0.0/16  address 10.2.0.1 }
zone c { port "i"  network 10.3.0.0/24  address 10.3.0.1 }
)";

TEST(LinkBudget, SpoofedListedBindingsLeaveEveryOtherListedHostItsPart) {
  std::string text(many_listed);
  for (int host = 0; host < 400; ++host)
    text += "host h" + std::to_string(host) + " { zone b  address 10.2.1." + std::to_string(host % 200) + "  mac 02:00:5e:20:0" +
            std::to_string(host / 200) + ":" + "0123456789abcdef"[host % 200 / 16] + "0123456789abcdef"[host % 16] + " }\n";
  // Two hosts cannot have one address: the second two hundred have others.
  for (std::size_t at = text.find("mac 02:00:5e:20:01"); at != std::string::npos; at = text.find("mac 02:00:5e:20:01", at + 1))
    text.replace(text.rfind("10.2.1.", at), 7, "10.2.2.");
  Gateway gateway;
  gateway.load(text);
  auto host = [](unsigned number) {
    PacketBuilder packet{.to_mac = broadcast, .from_mac = mac("02:00:5e:20:00:00"), .from = ip("10.2.1.0"), .to = ip("10.2.0.1")};
    packet.from_mac.octets[4] = packet.from.octets[14] = static_cast<std::uint8_t>(number / 200);
    packet.from_mac.octets[5] = static_cast<std::uint8_t>(number % 200 / 16 * 16 + number % 16);
    packet.from.octets[14] += 1;
    packet.from.octets[15] = static_cast<std::uint8_t>(number % 200);
    return packet;
  };
  for (int i = 0; i < 100; ++i)
    for (unsigned spoofed = 0; spoofed < 390; ++spoofed) gateway.send(lgwan, host(spoofed).arp(1));
  std::size_t relayed = gateway.taps[lgwan].sent().size();
  EXPECT_LE(relayed, 390 * LinkBudget::assured + LinkBudget::shared);
  unsigned heard = 0;
  for (unsigned other = 390; other < 400; ++other) heard += gateway.send(lgwan, host(other).arp(1)).verdict == Verdict::relay;
  EXPECT_GE(heard, 8u); // a few share a place with another
}

constexpr std::string_view unlisted_server = R"(
zone a { port "m"  network 10.1.0.0/24  address 10.1.0.1 }
zone b { port "l"  network 10.2.0.0/16  address 10.2.0.1 }
zone c { port "i"  network 10.3.0.0/24  address 10.3.0.1 }
host tax-01 { zone a  address 10.1.0.11  mac 02:00:5e:10:00:01 }
permit tcp port 443 from tax-01 to b
    for "x"  owner "y"  approved "z"  until 2027-03-31
)";

TEST(LinkBudget, WhoWasAskedIsHeard) {
  Flooded gateway;
  gateway.load(unlisted_server);
  EXPECT_EQ(gateway.send(mynumber, there().ipv4()).reason, Reason::neighbour_unresolved); // and asks
  gateway.flood();
  PacketBuilder answer{.to_mac = door, .from_mac = listed, .from = ip("10.2.0.40"), .to = ip("10.2.0.1")};
  EXPECT_EQ(gateway.send(lgwan, answer.arp(2)).verdict, Verdict::relay);
  EXPECT_EQ(gateway.send(mynumber, there().ipv4()).verdict, Verdict::pass);
  gateway.wait(5);
  gateway.flood(); // from now on it is in use as a next hop
  EXPECT_EQ(gateway.send(lgwan, answer.arp(2)).verdict, Verdict::relay);
}

TEST(LinkBudget, WhoTheKernelAskedIsHeard) {
  Flooded gateway;
  PacketBuilder question{.to_mac = broadcast, .from_mac = door, .from = ip("10.2.0.1"), .to = ip("10.2.0.60")};
  PacketBuilder answer{.to_mac = door, .from_mac = mac("02:00:5e:77:00:01"), .from = ip("10.2.0.60"), .to = ip("10.2.0.1")};
  gateway.flood();
  EXPECT_EQ(gateway.send(lgwan, answer.arp(2)).reason, Reason::strangers_shed);
  EXPECT_EQ(gateway.send(lgwan, question.arp(1), Side::kernel).verdict, Verdict::relay);
  EXPECT_EQ(gateway.send(lgwan, answer.arp(2)).verdict, Verdict::relay);
}

TEST(LinkBudget, AFloodOfClaimsCannotSilenceWhoHasTheAddress) { // Z5: the known one is asked, and heard
  Flooded gateway;
  PacketBuilder known{.to_mac = door, .from_mac = mac("02:00:5e:77:00:01"), .from = ip("10.2.0.60"), .to = ip("10.2.0.1")};
  EXPECT_EQ(gateway.send(lgwan, known.arp(2)).verdict, Verdict::relay);
  PacketBuilder claim = known;
  claim.from_mac = mac("02:00:5e:66:00:66");
  for (int second = 0; second < 10; ++second, gateway.wait(1)) {
    EXPECT_EQ(gateway.send(lgwan, claim.arp(2)).reason, Reason::neighbour_moved);
    gateway.flood(5'000);
    EXPECT_EQ(gateway.send(lgwan, known.arp(2)).verdict, Verdict::relay) << second;
  }
}

TEST(LinkBudget, NeighbourDiscoveryToo) {
  Gateway gateway;
  gateway.load(R"(
zone a { port "m"  network 2001:db8:1::/64  address 2001:db8:1::1  closed }
zone b { port "l"  network 2001:db8:2::/64  address 2001:db8:2::1 }
zone c { port "i"  network 2001:db8:3::/64  address 2001:db8:3::1 }
host two { zone b  address 2001:db8:2::40  mac 02:00:5e:10:00:02 }
)");
  const Ip gateway_ip = ip("2001:db8:2::1");
  auto say = [&](const Mac &from_mac, const Ip &from, bool asks) {
    wire::NeighbourFrame frame = asks ? wire::neighbour_solicitation(from_mac, from, gateway_ip)
                                      : wire::neighbour_advertisement(from_mac, from, door, gateway_ip);
    return gateway.send(lgwan, frame);
  };
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    Ip from = ip("2001:db8:2::1:0");
    from.octets[14] = static_cast<std::uint8_t>(i >> 8), from.octets[15] = static_cast<std::uint8_t>(i);
    say(somebody(i).from_mac, from, i % 2);
  }
  EXPECT_EQ(gateway.taps[lgwan].sent().size(), LinkBudget::shared);
  EXPECT_EQ(say(listed, ip("2001:db8:2::40"), true).verdict, Verdict::relay);
  EXPECT_EQ(say(listed, ip("2001:db8:2::40"), false).verdict, Verdict::relay);
  EXPECT_EQ(say(listed, ip("fe80::40"), true).verdict, Verdict::relay);
  // Whoever the kernel asks is heard.
  auto question = wire::neighbour_solicitation(door, gateway_ip, ip("2001:db8:2::60"));
  EXPECT_EQ(gateway.send(lgwan, question, Side::kernel).verdict, Verdict::relay);
  EXPECT_EQ(say(mac("02:00:5e:77:00:01"), ip("2001:db8:2::60"), false).verdict, Verdict::relay);
}

TEST(LinkBudget, AFloodCostsListedFlowsNothing) {
  Gateway gateway;
  handshake(gateway);
  std::size_t before = gateway.ports[lgwan].sent().size(), bursts = 400;
  for (std::size_t burst = 0; burst < bursts; ++burst) {
    for (std::size_t i = 0; i < path::burst_size; ++i) {
      PacketBuilder stranger = somebody(static_cast<std::uint32_t>(burst * path::burst_size + i));
      stranger.to_mac = broadcast;
      gateway.ports[mynumber].feed(i % 8 == 0 ? data_there().ipv4() : stranger.arp(1));
    }
    gateway.now.nanoseconds += path::Patience::halve_after;
    gateway.path.turn(gateway.now);
  }
  EXPECT_EQ(gateway.ports[lgwan].sent().size() - before, bursts * 8);
  EXPECT_EQ(gateway.count(mynumber, Reason::strangers_shed), bursts * 56 - LinkBudget::shared);
  EXPECT_TRUE(gateway.taps[mynumber].sent().empty());
}

} // namespace
} // namespace sekisho
