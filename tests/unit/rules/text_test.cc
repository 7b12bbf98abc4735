#include "rules/text.hh"

#include "rules/calendar.hh"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace sekisho::rules {
namespace {

TEST(Text, reads_utf8_and_nothing_like_it) {
  EXPECT_EQ(first_character("a").code, U'a');
  EXPECT_EQ(first_character("税").code, U'税');
  EXPECT_EQ(first_character("税").octets, 3);
  EXPECT_EQ(first_character("\xf0\xa0\xae\xb7").code, 0x20bb7u); // 𠮷
  for (std::string_view bad :
       {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80",
        "\xf4\x90\x80\x80", "\xe7\xa8", "\xff", "\xf0\x9f\x98"}) {
    Character character = first_character(bad);
    EXPECT_FALSE(character.valid);
    EXPECT_EQ(character.octets, 1) << "the next character must not be swallowed";
  }
  EXPECT_EQ(count_characters("税務課\xff!"), 5u);
}

TEST(Text, knows_how_wide_characters_are_shown) {
  EXPECT_EQ(display_width(U'a'), 1u);
  EXPECT_EQ(display_width(U'é'), 1u);
  EXPECT_EQ(display_width(U'税'), 2u);
  EXPECT_EQ(display_width(U'ア'), 2u);
  EXPECT_EQ(display_width(U'ｱ'), 1u); // half-width katakana
  EXPECT_EQ(display_width(U'Ａ'), 2u);
  EXPECT_EQ(display_width(U'\u3099'), 0u); // combining voiced sound mark
  EXPECT_EQ(display_width(U'한'), 2u);
}

TEST(Text, tells_what_there_is_instead) {
  const std::vector<std::string_view> zones = {"office", "lgwan"};
  EXPECT_EQ(none_called("zone", "ofice", zones), "no zone is called 'ofice'; did you mean 'office'? There are: office, lgwan");
  EXPECT_EQ(none_called("zone", "moon", zones), "no zone is called 'moon'; there are: office, lgwan");
}

TEST(Text, cuts_between_characters) {
  EXPECT_EQ(clip("税務課", 3), "税務課");
  EXPECT_EQ(clip("税務課", 2), "税務…");
  EXPECT_EQ(clip("", 2), "");
}

TEST(Text, finds_the_word_that_was_meant) {
  constexpr std::array<std::string_view, 5> known = {"permit", "zone", "host", "relay", "address"};
  EXPECT_EQ(nearest("premit", known), "permit");
  EXPECT_EQ(nearest("Zone", known), "zone");
  EXPECT_EQ(nearest("adress", known), "address");
  EXPECT_EQ(nearest("relais", known), "relay");
  EXPECT_EQ(nearest("firewall", known), "");
  EXPECT_EQ(nearest("x", known), "");
  EXPECT_EQ(nearest(std::string(10'000, 'z'), known), "");
}

TEST(Calendar, a_day_ends_with_the_day_in_japan) {
  EXPECT_EQ(last_second_of("2027-03-31"), 1'806'505'199); // 2027-03-31T14:59:59Z
  EXPECT_EQ(date_of(1'806'505'199), "2027-03-31");
  EXPECT_EQ(date_of(1'806'505'200), "2027-04-01");
  EXPECT_TRUE(last_second_of("2028-02-29"));
  for (const char *bad :
       {"2027-02-29", "2027-13-01", "2027-00-10", "2027-01-32", "27-01-01", "2027/01/01",
        "2027-1-1", "20270101", "1999-12-31", "2027-01-0x", "", "+027-01-01"})
    EXPECT_FALSE(last_second_of(bad)) << bad;
}

} // namespace
} // namespace sekisho::rules
