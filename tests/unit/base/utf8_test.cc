#include "base/utf8.hh"

#include <gtest/gtest.h>

namespace sekisho {
namespace {

TEST(Utf8, ill_formed_sequences_are_refused) {
  for (const char *bad :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe3\x81", "12345678\xff"})
    EXPECT_FALSE(utf8_valid(bad)) << bad;
  for (const char *good : {"", "abc", "関所", "😀", "12345678é", "\xef\xbf\xbf"})
    EXPECT_TRUE(utf8_valid(good)) << good;
}

/// Every three octets of those that matter, at the end and before others: as they are read one by one.
TEST(Utf8, three_octets_at_once) {
  const std::string octets("\x00\x41\x7f\x80\x8f\x9f\xa0\xbf\xc0\xc2\xdf\xe0\xe1\xe3\xec\xed\xee\xef\xf0\xf4\xf5\xff", 22);
  for (char first : octets)
    for (char second : octets)
      for (char third : octets)
        for (std::string_view behind : {"", "a", "\xe3\x81\x82", "\x80"}) {
          std::string text = "\xe3\x81\x82\xe9\xbf\xbf";
          ((text += first) += second) += third;
          text += behind;
          bool valid = true;
          for (std::size_t position = 0; position < text.size();)
            valid = utf8_next(text, position) != utf8_invalid && valid;
          EXPECT_EQ(utf8_valid(text), valid) << text;
        }
}

TEST(Utf8, an_ill_formed_sequence_costs_its_longest_beginning) {
  std::string_view text = "\xe3\x81"
                          "a";
  std::size_t position = 0;
  EXPECT_EQ(utf8_next(text, position), utf8_invalid);
  EXPECT_EQ(position, 2u);
  EXPECT_EQ(utf8_next(text, position), U'a');
}

TEST(Utf8, what_is_appended_is_read_again) {
  for (char32_t c : {U'a', U'é', U'関', U'😀', char32_t{0x10ffff}}) {
    std::string text;
    utf8_append(text, c);
    std::size_t position = 0;
    EXPECT_EQ(utf8_next(text, position), c);
    EXPECT_EQ(position, text.size());
  }
  std::string text;
  utf8_append(text, 0xd800);
  EXPECT_EQ(text, "\xef\xbf\xbd");
}

} // namespace
} // namespace sekisho
