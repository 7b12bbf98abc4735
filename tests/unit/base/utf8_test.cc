#include "base/everyday.hh"
#include "base/utf8.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

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

bool is_everyday(char32_t c) {
  return c == '\n' || c == '\t' || (c >= 0x20 && c < 0x7f) || (c >= 0x2080 && c <= 0x313f) || (c >= 0x3180 && c <= 0x9fff) ||
         (c >= 0xff00 && c <= 0xff7f);
}

TEST(Utf8, everyday_text_ends_before_every_other_character_wherever_it_stands) {
  const std::string kana = "あ", before[] = {"", std::string(28, 'x') + kana, std::string(58, 'x') + kana + kana};
  for (char32_t c = 1; c < 0x110000; c = c == 0xd7ff ? 0xe000 : c + (c < 0x10000 ? 1 : 0x101))
    for (const std::string &start : before)
      for (const bool wide : {false, true}) {
        std::string text = start;
        utf8_append(text, c);
        const std::size_t behind = is_everyday(c) ? text.size() + 33 : start.size();
        text += std::string(33, 'y');
        ASSERT_EQ(utf8_everyday(text, wide), behind) << std::hex << static_cast<unsigned>(c) << ' ' << start.size();
      }
}

TEST(Utf8, everyday_text_is_the_same_by_vectors) {
  const std::string octets("\0\t\n ~\x7f\x80\x81\x82\x84\x85\x86\xa0\xbb\xbc\xbd\xbf\xc2\xe1\xe2\xe3\xe9\xea\xee\xef\xf0\xff", 27);
  std::uint64_t dice = 1;
  const auto roll = [&](std::size_t sides) { return (dice = dice * 6364136223846793005 + 1442695040888963407) >> 33 & (sides - 1); };
  for (unsigned round = 0; round < 200'000; ++round) {
    std::string text;
    for (std::size_t left = roll(128); left > 0; --left)
      roll(4) != 0 ? void(text += roll(2) ? "関" : "k") : void(text += octets[roll(32) % octets.size()]);
    if (roll(2)) text.resize(text.size() - std::min<std::size_t>(text.size(), roll(4)));
    ASSERT_EQ(utf8_everyday(text, true), utf8_everyday(text, false)) << round;
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
