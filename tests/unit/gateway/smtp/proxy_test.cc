// The PROXY protocol as HAProxy's doc/proxy-protocol.txt has it.
#include "gateway/smtp/proxy.hh"

#include <gtest/gtest.h>

namespace sekisho::smtp {
namespace {

using State = ProxyReader::State;

/// Whole and octet by octet: the same.
std::string outcome(std::string_view text) {
  ProxyReader whole, pieces;
  const std::size_t taken = whole.feed(as_bytes(text));
  std::size_t by_one = 0;
  for (char c : text) by_one += pieces.feed(as_bytes(std::string_view(&c, 1)));
  EXPECT_EQ(taken, by_one) << text;
  EXPECT_EQ(whole.state(), pieces.state()) << text;
  EXPECT_EQ(whole.client(), pieces.client()) << text;
  if (whole.state() == State::reading) return "reading";
  if (whole.state() == State::broken) return "broken";
  return (whole.client() ? to_string(*whole.client()) : "itself") + (taken < text.size() ? " rest" : "");
}

TEST(Proxy, Text) {
  EXPECT_EQ(outcome("PROXY TCP4 192.0.2.1 198.51.100.2 40000 25\r\n"), "192.0.2.1");
  EXPECT_EQ(outcome("PROXY TCP4 192.0.2.1 198.51.100.2 0 65535\r\nEHLO x\r\n"), "192.0.2.1 rest");
  EXPECT_EQ(outcome("PROXY TCP6 2001:db8::1 2001:db8::2 40000 25\r\n"), "2001:db8::1");
  EXPECT_EQ(outcome("PROXY TCP6 ::ffff:203.0.113.9 ::1 1234 25\r\n"), "203.0.113.9"); // as in the binary form
  EXPECT_EQ(outcome("PROXY UNKNOWN\r\n"), "itself");
  EXPECT_EQ(outcome("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"), "itself");
  EXPECT_EQ(outcome("PROXY TCP4 192.0.2.1 198.51.100.2 40000 25\r"), "reading");
  EXPECT_EQ(outcome(""), "reading");
}

TEST(Proxy, TextThatIsNone) {
  for (std::string_view text :
       {"EHLO client.example\r\n", "PROXY\r\n", "proxy TCP4 192.0.2.1 198.51.100.2 40000 25\r\n", "PROXY TCP4\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 40000 25\n", "PROXY TCP4 192.0.2.1 198.51.100.2 40000\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 40000 25 \r\n", "PROXY TCP4  192.0.2.1 198.51.100.2 40000 25\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 40000 65536\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 040 25\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 +1 25\r\n", "PROXY TCP4 192.0.2.256 198.51.100.2 1 25\r\n",
        "PROXY TCP4 2001:db8::1 2001:db8::2 1 25\r\n", "PROXY TCP6 192.0.2.1 198.51.100.2 1 25\r\n",
        "PROXY TCP4 ::ffff:192.0.2.1 198.51.100.2 1 25\r\n", "PROXY UDP4 192.0.2.1 198.51.100.2 1 25\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 1 25\rX", "\r\n\r\nQUIT"})
    EXPECT_EQ(outcome(text), "broken") << text;
  EXPECT_EQ(outcome("PROXY UNKNOWN " + std::string(120, 'x') + "\r\n"), "broken"); // 107 at most
}

std::string binary(unsigned char command, unsigned char family, std::string_view rest) {
  std::string text("\r\n\r\n\0\r\nQUIT\n", 12);
  text += static_cast<char>(command);
  text += static_cast<char>(family);
  text += static_cast<char>(rest.size() >> 8);
  text += static_cast<char>(rest.size() & 255);
  return text + std::string(rest);
}

const std::string v4("\xc0\x00\x02\x01\xc6\x33\x64\x02\x9c\x40\x00\x19", 12);
const std::string v6("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\x9c\x40\0\x19", 36);

TEST(Proxy, Binary) {
  EXPECT_EQ(outcome(binary(0x21, 0x11, v4)), "192.0.2.1");
  EXPECT_EQ(outcome(binary(0x21, 0x21, v6) + "x"), "2001:db8::1 rest");
  EXPECT_EQ(outcome(binary(0x21, 0x21, std::string("\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\x00\x02\x01", 16) + v6.substr(16))), "192.0.2.1");
  EXPECT_EQ(outcome(binary(0x21, 0x11, v4 + std::string("\x04\0\x02xx", 5))), "192.0.2.1"); // a NOOP field
  EXPECT_EQ(outcome(binary(0x20, 0x00, "")), "itself");                                     // LOCAL
  EXPECT_EQ(outcome(binary(0x20, 0x11, v4)), "itself");
  EXPECT_EQ(outcome(binary(0x21, 0x00, "")), "itself"); // UNSPEC
  EXPECT_EQ(outcome(binary(0x21, 0x11, v4).substr(0, 20)), "reading");
}

TEST(Proxy, BinaryThatIsNone) {
  EXPECT_EQ(outcome(binary(0x11, 0x11, v4)), "broken"); // another version
  EXPECT_EQ(outcome(binary(0x22, 0x11, v4)), "broken"); // another command
  EXPECT_EQ(outcome(binary(0x21, 0x12, v4)), "broken"); // UDP
  EXPECT_EQ(outcome(binary(0x21, 0x31, std::string(216, 'x'))), "broken"); // a unix socket
  EXPECT_EQ(outcome(binary(0x21, 0x11, v4.substr(0, 11))), "broken");
  EXPECT_EQ(outcome(binary(0x21, 0x21, v4)), "broken");
  EXPECT_EQ(outcome(binary(0x21, 0x11, v4 + std::string("\x04\0\x03xx", 5))), "broken");
  EXPECT_EQ(outcome(binary(0x21, 0x11, v4 + std::string(2000, 'x'))), "broken"); // longer than any honest one
}

} // namespace
} // namespace sekisho::smtp
