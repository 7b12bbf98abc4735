// On a veth pair in a network namespace of its own: what the peer sends is what the port receives.
#include "gateway/port/packet_socket.hh"

#include "gateway/port/memory.hh"
#include "tests/support/packets.hh"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>

#include <cstdlib>

namespace sekisho::port {
namespace {

using test::PacketBuilder, test::ip;

Buffer tagged(Bytes frame, std::uint16_t type, std::uint16_t vid) {
  ByteWriter out;
  out.put_bytes(frame.first(12));
  out.put_u16(type);
  out.put_u16(vid);
  out.put_bytes(frame.subspan(12));
  return out.take();
}

class PacketSocketTest : public testing::Test {
protected:
  void SetUp() override {
    if (::geteuid() != 0 || ::unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs root";
    if (std::system("sysctl -qw net.ipv6.conf.default.disable_ipv6=1; "
                    "ip link add wire0 type veth peer name peer0 && ip link set peer0 mtu 9000 up") != 0)
      GTEST_SKIP() << "no veth here";
    peer = UniqueFd(::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_ALL)));
    place.sll_family = AF_PACKET;
    place.sll_protocol = htons(ETH_P_ALL);
    place.sll_ifindex = static_cast<int>(::if_nametoindex("peer0"));
    ASSERT_EQ(::bind(peer.get(), reinterpret_cast<sockaddr *>(&place), sizeof place), 0);
  }
  void TearDown() override { EXPECT_EQ(pool.outstanding(), 0u); }

  void open(std::size_t cores, std::uint32_t mtu = 1500) {
    std::vector<FramePool *> pools(cores, &pool);
    auto opened = PacketSocket::open("wire0", mtu, pools);
    ASSERT_TRUE(opened) << opened.error().what;
    ports = std::move(*opened);
    for (auto &port : ports) receive(*port); // what stands there already
  }
  void send(const Buffer &frame) {
    ASSERT_EQ(::send(peer.get(), frame.data(), frame.size(), 0), static_cast<ssize_t>(frame.size()));
  }
  std::vector<Buffer> receive(Port &port) {
    std::vector<Buffer> all;
    std::array<Frame, 64> burst;
    while (std::size_t count = port.receive(burst)) {
      for (const Frame &frame : std::span(burst).first(count)) all.push_back(to_buffer(frame.bytes()));
      pool.release(std::span(burst).first(count));
    }
    return all;
  }
  std::vector<Buffer> heard_by_peer() {
    std::vector<Buffer> all;
    Buffer octets(10000);
    for (ssize_t size; (size = ::recv(peer.get(), octets.data(), octets.size(), 0)) > 0;)
      all.emplace_back(octets.begin(), octets.begin() + size);
    return all;
  }

  HeapPool pool{4096, 9300};
  UniqueFd peer;
  sockaddr_ll place{};
  std::vector<std::unique_ptr<PacketSocket>> ports;
  Buffer plain = PacketBuilder{}.ipv4();
};

TEST_F(PacketSocketTest, ReceivesAndSendsFramesAsTheyAre) {
  open(1);
  std::vector<Buffer> frames = {plain, tagged(plain, 0x8100, 0x6065), tagged(plain, 0x88a8, 200),
                                tagged(tagged(plain, 0x8100, 101), 0x88a8, 200)};
  for (const Buffer &frame : frames) send(frame);
  EXPECT_EQ(receive(*ports[0]), frames);

  std::array<Frame, 2> leaving;
  for (Frame &frame : leaving) {
    ASSERT_TRUE(pool.allocate(frame));
    std::ranges::copy(plain, frame.data);
    pool.set_length(frame, static_cast<std::uint32_t>(plain.size()));
  }
  heard_by_peer();
  EXPECT_EQ(ports[0]->transmit(leaving), 2u);
  EXPECT_EQ(heard_by_peer(), (std::vector<Buffer>{plain, plain}));
  EXPECT_TRUE(receive(*ports[0]).empty()); // not what it sent itself
}

TEST_F(PacketSocketTest, FragmentsStayFragments) {
  open(1);
  Buffer first = plain, second = plain;
  test::set_u16(first, 20, 0x2000);  // more to come
  test::set_u16(second, 20, 0x0005); // the rest
  send(first);
  send(second);
  EXPECT_EQ(receive(*ports[0]), (std::vector<Buffer>{first, second}));
}

TEST_F(PacketSocketTest, CarriesJumboFrames) {
  open(1, 9000);
  PacketBuilder big;
  std::string data(8900, 'x');
  big.data = data;
  send(big.ipv4());
  EXPECT_EQ(receive(*ports[0]), std::vector<Buffer>(1, big.ipv4()));
}

TEST_F(PacketSocketTest, EveryCoreGetsItsOwn) {
  open(3);
  Owners owners(3);
  for (int host = 1; host < 60; ++host) {
    PacketBuilder packet;
    packet.from = ip("10.1.0." + std::to_string(host));
    PacketBuilder v6 = packet;
    v6.from = ip("2001:db8::" + std::to_string(host));
    v6.to = ip("2001:db8:1::9");
    for (const Buffer &frame : {packet.ipv4(), tagged(packet.ipv4(), 0x8100, 7), v6.ipv6(),
                                tagged(tagged(packet.ipv4(), 0x8100, 7), 0x88a8, 8),
                                tagged(tagged(v6.ipv6(), 0x8100, 7), 0x8100, 8)}) {
      send(frame);
      for (std::size_t core = 0; core < 3; ++core)
        EXPECT_EQ(receive(*ports[core]).size(), core == owners.of(frame) ? 1u : 0u) << host;
    }
  }
}

TEST_F(PacketSocketTest, ManyFramesGoRoundTheRing) {
  open(1);
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < 50; ++i) send(plain);
    EXPECT_EQ(receive(*ports[0]).size(), 50u);
  }
}

TEST_F(PacketSocketTest, SaysWhatIsNotThere) {
  std::vector<FramePool *> pools(1, &pool);
  EXPECT_FALSE(PacketSocket::open("nowhere", 1500, pools));
  auto too_long = PacketSocket::open("wire0", 70000, pools);
  ASSERT_FALSE(too_long);
  EXPECT_NE(too_long.error().what.find("maxmtu"), std::string::npos);
}

} // namespace
} // namespace sekisho::port
