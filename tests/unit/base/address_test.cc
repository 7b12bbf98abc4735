#include "base/address.hh"

#include <gtest/gtest.h>

namespace sekisho {
namespace {

TEST(Address, reads_and_writes_mac) {
  auto mac = parse_mac("02:00:5e:10:00:01");
  ASSERT_TRUE(mac);
  EXPECT_EQ(to_string(*mac), "02:00:5e:10:00:01");
  for (const char *bad : {"", "02:00:5e:10:00", "02:00:5e:10:00:0g", "02-00-5e-10-00-01",
                          "02:00:5e:10:00:01:02", "+2:00:5e:10:00:01"})
    EXPECT_FALSE(parse_mac(bad)) << bad;
}

TEST(Address, network_contains) {
  auto network = parse_network("10.1.0.0/22");
  ASSERT_TRUE(network);
  EXPECT_TRUE(network->contains(*parse_ip("10.1.3.255")));
  EXPECT_FALSE(network->contains(*parse_ip("10.1.4.0")));
  EXPECT_FALSE(network->contains(*parse_ip("2001:db8::1")));
  EXPECT_EQ(to_string(*network), "10.1.0.0/22");
  EXPECT_FALSE(parse_network("10.1.0.1/24")) << "host bits set";
  EXPECT_FALSE(parse_network("10.1.0.0/33"));
  EXPECT_TRUE(parse_network("2001:db8::/32")->contains(*parse_ip("2001:db8:1::5")));
  EXPECT_TRUE(parse_network("0.0.0.0/0")->contains(*parse_ip("192.0.2.1")));
  EXPECT_FALSE(parse_network("0.0.0.0/0")->contains(*parse_ip("2001:db8::1")));
}

} // namespace
} // namespace sekisho
