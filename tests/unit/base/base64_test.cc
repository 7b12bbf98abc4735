#include "base/base64.hh"

#include <gtest/gtest.h>

#include <cstdint>

namespace sekisho {
namespace {

TEST(Base64, TheVectorsOfTheRfc) { // RFC 4648 §10
  constexpr std::pair<std::string_view, std::string_view> vectors[] = {
      {"", ""},          {"f", "Zg=="},      {"fo", "Zm8="},         {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}, {"\xff\xfe\xfd", "//79"}};
  for (const auto &[octets, text] : vectors) EXPECT_EQ(base64(octets), text);
}

TEST(Base64, EveryLengthAndEveryPlace) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string octets, expected; // one by one, of what is long enough for vectors
  for (unsigned round = 0; round < 400; ++round) {
    octets += static_cast<char>(round * round * 37 + (round >> 3));
    expected.clear();
    for (std::size_t at = 0; at < octets.size(); at += 3) {
      std::uint32_t bits = 0;
      for (std::size_t i = 0; i < 3; ++i)
        bits = bits << 8 | (at + i < octets.size() ? static_cast<unsigned char>(octets[at + i]) : 0u);
      for (std::size_t i = 0; i < 4; ++i)
        expected += at + i > octets.size() ? '=' : alphabet[bits >> (18 - 6 * i) & 0x3f];
    }
    ASSERT_EQ(base64(octets), expected) << octets.size();
  }
}

TEST(Base64, LinesOf76Characters) { // RFC 2045 §6.8
  std::string text = "x";
  append_base64_lines(text, std::string(58, 'a'));
  EXPECT_EQ(text, "x" + base64(std::string(57, 'a')) + "\r\nYQ==\r\n");
  EXPECT_EQ(text.find('\r'), 77u);
}

} // namespace
} // namespace sekisho
