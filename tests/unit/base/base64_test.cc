#include "base/base64.hh"

#include <gtest/gtest.h>

namespace sekisho {
namespace {

TEST(Base64, TheVectorsOfTheRfc) { // RFC 4648 §10
  constexpr std::pair<std::string_view, std::string_view> vectors[] = {
      {"", ""},          {"f", "Zg=="},      {"fo", "Zm8="},         {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}, {"\xff\xfe\xfd", "//79"}};
  for (const auto &[octets, text] : vectors) EXPECT_EQ(base64(octets), text);
}

TEST(Base64, LinesOf76Characters) { // RFC 2045 §6.8
  std::string text = "x";
  append_base64_lines(text, std::string(58, 'a'));
  EXPECT_EQ(text, "x" + base64(std::string(57, 'a')) + "\r\nYQ==\r\n");
  EXPECT_EQ(text.find('\r'), 77u);
}

} // namespace
} // namespace sekisho
