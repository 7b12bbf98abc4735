#include "gateway/port/device.hh"
#include "gateway/port/memory.hh"
#include "gateway/port/pcap_file.hh"
#include "gateway/port/tap.hh"

#include <gtest/gtest.h>

#include <unistd.h>

#include <fstream>

namespace sekisho::port {
namespace {

Device device(std::string_view text) { return read_device(text, 3).value(); }

TEST(Device, KnowsItsKindByItsName) {
  EXPECT_EQ(device("0000:05:00.0").kind, Device::Kind::card);
  EXPECT_EQ(device("05:00.1").name, "0000:05:00.1");
  EXPECT_EQ(device("gw-lgwan").vdev, ""); // packet sockets, not a device of DPDK
  EXPECT_EQ(device("af_xdp:eth1").vdev, "net_af_xdp3,iface=eth1,busy_budget=0");
  EXPECT_EQ(device("null:").vdev, "net_null3");
  EXPECT_EQ(device("pcap:/tmp/x.pcap").vdev, "net_pcap3,rx_pcap=/tmp/x.pcap");
  EXPECT_EQ(device("0000.05.00.0").kind, Device::Kind::kernel_interface); // only looks like one
  EXPECT_TRUE(device("eth0").is_of_kernel());
  EXPECT_FALSE(device("0000:05:00.0").is_of_kernel());
}

TEST(Device, BringsNoArgumentsOfItsOwn) {
  for (std::string_view text : {"", "eth0,framesz=1", "eth0 --vdev=x", "af_xdp:", "af_xdp:a,b", "pcap:",
                                "pcap:a,b", "a-name-that-is-too-long", "net_null0,copy=1", "eth/0", "0000:05:00.8", "0000:0g:00.0"})
    EXPECT_FALSE(read_device(text, 0)) << text;
}

bool has(const std::vector<std::string> &words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

TEST(Eal, ArgumentsAreCompleted) {
  std::vector<std::string> words = complete_eal_arguments({}, {device("gw-a"), device("null:")}, true, 1);
  EXPECT_EQ(words, (std::vector<std::string>{"--vdev", "net_null3", "--no-pci", "--no-telemetry",
                                             "--in-memory", "--lcores", "0@1", "--log-level=5"}));
  words = complete_eal_arguments({"-l", "1", "--in-memory", "--no-pci"}, {device("gw-a")}, true, 0);
  EXPECT_EQ(std::count(words.begin(), words.end(), "--no-pci"), 1);
  EXPECT_FALSE(has(words, "--lcores"));
  words = complete_eal_arguments({}, {device("0000:05:00.0")}, true, 0);
  EXPECT_FALSE(has(words, "--no-pci"));
  EXPECT_TRUE(has(words, "0000:05:00.0"));
}

TEST(Eal, GoesOnWithoutHugePages) {
  std::vector<std::string> words =
      complete_eal_arguments({"--in-memory", "-m", "128", "--no-pci"}, {device("gw-a")}, false, 0);
  EXPECT_TRUE(has(words, "--no-huge"));
  EXPECT_FALSE(has(words, "--in-memory")); // the two do not go together
  EXPECT_FALSE(has(words, "128"));
}

TEST(HeapPool, SeesAFrameReleasedTwice) {
  HeapPool pool(2, 64);
  Frame frame;
  ASSERT_TRUE(pool.allocate(frame));
  EXPECT_EQ(pool.outstanding(), 1u);
  pool.release({&frame, 1});
  EXPECT_DEATH(pool.release({&frame, 1}), "check failed");
}

TEST(HeapPool, IsBounded) {
  HeapPool pool(1, 64);
  Frame one, two;
  ASSERT_TRUE(pool.allocate(one));
  EXPECT_FALSE(pool.allocate(two));
  pool.release({&one, 1});
}

class Capture : public testing::Test {
protected:
  void TearDown() override { ::unlink(path_.c_str()); }
  void write(const std::string &octets) { std::ofstream(path_, std::ios::binary) << octets; }
  std::string path_ = testing::TempDir() + "sekisho-" + std::to_string(::getpid()) + ".pcap";
};

std::string u32(std::uint32_t value) {
  return {static_cast<char>(value), static_cast<char>(value >> 8), static_cast<char>(value >> 16),
          static_cast<char>(value >> 24)};
}
std::string header(std::uint32_t magic, std::uint32_t link) {
  return u32(magic) + u32(0x00040002) + u32(0) + u32(0) + u32(65535) + u32(link);
}
std::string packet(std::uint32_t seconds, std::uint32_t fraction, const std::string &octets, std::uint32_t original) {
  return u32(seconds) + u32(fraction) + u32(static_cast<std::uint32_t>(octets.size())) + u32(original) + octets;
}

TEST_F(Capture, ReadsMicrosecondsNanosecondsAndSnappedPackets) {
  for (auto [magic, factor] : {std::pair{0xa1b2c3d4u, 1000u}, {0xa1b23c4du, 1u}}) {
    write(header(magic, 1) + packet(100, 5, "abcdef", 1500) + packet(101, 0, "", 60));
    Result<PcapFile> file = PcapFile::open(path_);
    ASSERT_TRUE(file);
    EXPECT_TRUE(file->is_ethernet());
    PcapFile::Packet read;
    ASSERT_EQ(file->next(read), PcapFile::Next::packet);
    EXPECT_EQ(as_chars(read.bytes), "abcdef");
    EXPECT_EQ(read.nanoseconds, 100'000'000'000u + 5 * factor);
    ASSERT_EQ(file->next(read), PcapFile::Next::packet);
    EXPECT_TRUE(read.bytes.empty());
    EXPECT_EQ(file->next(read), PcapFile::Next::end);
  }
}

TEST_F(Capture, SaysWhenItIsCutOff) {
  std::string whole = header(0xa1b2c3d4, 1) + packet(100, 0, "abcdef", 6) + packet(101, 0, "ghijkl", 6);
  write(whole.substr(0, whole.size() - 3));
  Result<PcapFile> file = PcapFile::open(path_);
  ASSERT_TRUE(file);
  PcapFile::Packet read;
  EXPECT_EQ(file->next(read), PcapFile::Next::packet);
  EXPECT_EQ(file->next(read), PcapFile::Next::broken);
  EXPECT_FALSE(file->error().empty());
  for (std::size_t size : {0, 3, 10, 23}) {
    write(whole.substr(0, size));
    EXPECT_FALSE(PcapFile::open(path_)) << size;
  }
  EXPECT_FALSE(PcapFile::open(path_ + ".absent"));
}

TEST_F(Capture, NamesOtherLinks) {
  write(header(0xa1b2c3d4, 101) + packet(1, 0, "abcdef", 6));
  Result<PcapFile> file = PcapFile::open(path_);
  ASSERT_TRUE(file);
  EXPECT_FALSE(file->is_ethernet());
  EXPECT_EQ(file->link_type(), "RAW");
}

TEST_F(Capture, OddTimesAreTimes) {
  write(header(0xa1b2c3d4, 1) + packet(0xffffffff, 0xffffffff, "a", 1));
  Result<PcapFile> file = PcapFile::open(path_);
  ASSERT_TRUE(file);
  PcapFile::Packet read;
  ASSERT_EQ(file->next(read), PcapFile::Next::packet);
  EXPECT_LE(read.nanoseconds, 9'000'000'001'000'000'000u);
}

TEST(Tap, CarriesFramesBothWays) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  std::string name = "sktest" + std::to_string(::getpid() % 100000);
  Mac mac{{0x02, 0, 0, 0, 0, 7}};
  Result<UniqueFd> tap = make_tap({.name = name, .mac = mac, .address = parse_ip("198.51.100.1"), .prefix = 126});
  if (!tap) GTEST_SKIP() << tap.error().what; // no /dev/net/tun here
  EXPECT_EQ(*mac_of_interface(name), mac);
  EXPECT_TRUE(set_tap_mac(tap->get(), Mac{{0x02, 0, 0, 0, 0, 8}}));
  EXPECT_EQ(mac_of_interface(name)->octets[5], 8);
  std::ifstream disabled("/proc/sys/net/ipv6/conf/" + name + "/disable_ipv6");
  int value = 1;
  disabled >> value;
  EXPECT_EQ(value, 1); // an unlisted protocol has no address here

  HeapPool pool(4, 2048);
  TapPort port(name, mac, tap->get(), pool);
  std::array<Frame, 4> burst;
  while (port.receive(burst) > 0) pool.release(std::span(burst).first(1)); // what the kernel says at first
  Frame frame;
  ASSERT_TRUE(pool.allocate(frame));
  std::fill_n(frame.data, 60, std::byte{0});
  pool.set_length(frame, 60);
  EXPECT_EQ(port.transmit({&frame, 1}), 1u);
  EXPECT_EQ(pool.outstanding(), 0u);
}

TEST(Tap, RefusesABadName) {
  EXPECT_FALSE(make_tap({.name = "a-name-that-is-too-long", .mac = {}, .address = {}}));
  EXPECT_FALSE(mac_of_interface("no-such-if"));
  EXPECT_FALSE(keep_kernel_off("no-such-if"));
}

} // namespace
} // namespace sekisho::port
