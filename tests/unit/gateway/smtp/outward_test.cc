#include "gateway/smtp/outward.hh"

#include <gtest/gtest.h>

namespace sekisho::smtp {
namespace {

TEST(Outward, LinesEndInCrlfAndAreNotTooLong) { // RFC 5321 §2.3.8, §4.5.3.1.6
  const auto good = [](const std::string &text) { return shape_of(as_bytes(text)).good; };
  EXPECT_TRUE(good(""));
  EXPECT_TRUE(good("Subject: x\r\n\r\n.\r\n"));
  EXPECT_TRUE(good(std::string(998, 'x') + "\r\n"));
  EXPECT_FALSE(good(std::string(999, 'x') + "\r\n"));
  for (const char *bad : {"a\n", "a\r", "a", "\n", "a\r\r\n", "a\n\r\n", "a\r\nb\r", "a\r\n.\n", "a\r\n\n.\r\n"})
    EXPECT_FALSE(good(bad)) << bad;
  EXPECT_FALSE(good(std::string("a\0b\r\n", 5)));
}

TEST(Outward, EightBit) {
  EXPECT_FALSE(shape_of(as_bytes("abc\r\n")).eight_bit);
  EXPECT_TRUE(shape_of(as_bytes("ab\xc3\xa9\r\n")).eight_bit);
}

TEST(Outward, Paths) {
  EXPECT_TRUE(is_path_safe("\"a b\"@c.example"));
  EXPECT_FALSE(is_path_safe("a@c.example>\r\nRCPT TO:<evil@x.example"));
  EXPECT_FALSE(is_path_safe("a\x7f@c"));
  EXPECT_TRUE(is_path_safe("\"<a> \\\"b\\\\\"@c.example"));
  EXPECT_TRUE(is_path_safe("太郎@例え.jp"));
  EXPECT_TRUE(is_path_safe(""));
  for (const char *bad : {"x@gmail.com> orcpt=rfc822;x.lg.example", "x@gmail.com>", "<x@a.example", "x@a.example b", "x\"@a.example",
                          "\"a\\\"@a.example", "\"a\"b\" >\"@c", "a\\@c", "\"a\\\r\"@c", "\"a\\"})
    EXPECT_FALSE(is_path_safe(bad)) << bad;
}

} // namespace
} // namespace sekisho::smtp
