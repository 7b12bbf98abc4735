#include "gateway/wire/arp.hh"
#include "tests/support/gateway.hh"

namespace sekisho {
namespace {

using namespace test;

constexpr std::string_view pair_text = R"(
host gateway-2 { zone lgwan  address 10.2.0.2  mac 02:00:5e:10:00:22 }
local vrrp from gateway-2 for "redundancy"  owner "it"  approved "R8-004"
local vrrp to lgwan for "redundancy"  owner "it"  approved "R8-005"
)";

PacketBuilder advertisement() {
  PacketBuilder packet;
  packet.from_mac = mac("02:00:5e:10:00:22");
  packet.to_mac = mac("01:00:5e:00:00:12");
  packet.from = ip("10.2.0.2");
  packet.to = ip("224.0.0.18");
  packet.protocol = 112;
  packet.ttl = 255;
  packet.data = "advertisement";
  return packet;
}

class Vrrp : public testing::Test {
protected:
  Vrrp() { gateway.load(std::string(zones_text) + std::string(permit_text) + std::string(pair_text)); }
  void expect_dropped(const PacketBuilder &packet, rules::ZoneId zone = lgwan) {
    EXPECT_EQ(gateway.send(zone, packet.ipv4()).verdict, Verdict::drop);
  }
  Buffer arp(const char *sender_mac, const char *sender, const char *target) {
    auto request = wire::arp_request(mac(sender_mac), ip(sender), ip(target));
    return to_buffer(request);
  }
  Gateway gateway;
};

TEST_F(Vrrp, ReachesTheKernelAndLeavesIt) {
  Buffer frame = advertisement().ipv4();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(gateway.send(lgwan, frame).verdict, Verdict::relay);
  EXPECT_EQ(gateway.taps[lgwan].sent(), std::vector<Buffer>(3, frame));

  PacketBuilder own = advertisement();
  own.from_mac = gateway.ports[lgwan].mac();
  own.from = ip("10.2.0.1");
  EXPECT_EQ(gateway.send(lgwan, own.ipv4(), Side::kernel).verdict, Verdict::relay);
  EXPECT_EQ(gateway.ports[lgwan].sent(), std::vector<Buffer>(1, own.ipv4()));
}

TEST_F(Vrrp, OnlyAsListedAndFromTheLink) {
  auto but = [](auto change) {
    PacketBuilder packet = advertisement();
    change(packet);
    return packet;
  };
  expect_dropped(but([](auto &p) { p.ttl = 254; })); // RFC 5798 §5.1.1.3
  expect_dropped(but([](auto &p) { p.from = ip("10.2.0.40"); }));
  expect_dropped(but([](auto &p) { p.from_mac = mac("02:00:5e:10:00:02"); }));
  expect_dropped(but([](auto &p) { p.to = ip("224.0.0.5"); }));
  expect_dropped(but([](auto &p) { p.protocol = 89; }));
  expect_dropped(but([](auto &p) { p.to_mac = mac("ff:ff:ff:ff:ff:ff"); }));
  PacketBuilder elsewhere = advertisement();
  elsewhere.from = ip("10.3.0.2");
  expect_dropped(elsewhere, internet);
  gateway.load(std::string(zones_text) + std::string(permit_text)); // not listed any more
  expect_dropped(advertisement());
  EXPECT_TRUE(gateway.taps[lgwan].sent().empty());
}

TEST_F(Vrrp, ASharedAddressIsAnsweredForWhereVrrpIsListed) {
  Buffer question = arp("02:00:5e:10:00:02", "10.2.0.40", "10.2.0.254");
  EXPECT_EQ(gateway.send(lgwan, question).verdict, Verdict::relay);
  Buffer own = arp("02:00:5e:00:00:02", "10.2.0.254", "10.2.0.254"); // gratuitous
  std::copy_n(reinterpret_cast<const std::byte *>(gateway.ports[lgwan].mac().octets.data()), 6, own.begin() + 6);
  std::copy_n(reinterpret_cast<const std::byte *>(gateway.ports[lgwan].mac().octets.data()), 6, own.begin() + 22);
  EXPECT_EQ(gateway.send(lgwan, own, Side::kernel).verdict, Verdict::relay);
  // A listed host's address is no shared one, and a zone without VRRP has none.
  EXPECT_EQ(gateway.send(lgwan, arp("02:00:5e:10:00:22", "10.2.0.2", "10.2.0.40")).reason,
            Reason::arp_not_for_gateway);
  EXPECT_EQ(gateway.send(internet, arp("02:00:5e:10:00:33", "10.3.0.9", "10.3.0.254")).reason,
            Reason::arp_not_for_gateway);
}

} // namespace
} // namespace sekisho
