#include "sanitizer/text/flowed.hh"

#include "sanitizer/text/charset.hh"
#include "sanitizer/text/clean.hh"
#include "sanitizer/text/emoji.hh"

#include <gtest/gtest.h>

namespace sekisho::text {
namespace {

TEST(Flowed, paragraphs_are_joined_RFC_3676) {
  EXPECT_EQ(unflowed("a \nb\nc\n", false), "a b\nc\n");
  EXPECT_EQ(unflowed("会議の \nお知らせ\n", true), "会議のお知らせ\n");
  EXPECT_EQ(unflowed("> a \n> b\n>> c \nd\n", false), "> a b\n>> c \nd\n");
  EXPECT_EQ(unflowed("a \n-- \nname \nx", false), "a \n-- \nname x\n");
  EXPECT_EQ(unflowed(" From\n >x\n", false), "From\n>x\n"); // stuffed
  EXPECT_EQ(unflowed("", false), "");
  EXPECT_EQ(unflowed("a ", false), "a \n");
}

std::string emoji(std::string_view utf8, Carrier carrier, bool &unreadable) {
  Findings findings;
  std::string text = clean(utf8, findings, carrier);
  unreadable = findings.unreadable;
  return text;
}

// UAX #44, EmojiSources.txt: U+2600 is docomo F89F, au F660, SoftBank F98B.
TEST(Emoji, of_the_carriers) {
  bool unreadable = false;
  EXPECT_EQ(emoji("\uE63E", Carrier::docomo, unreadable), "☀");
  EXPECT_EQ(emoji("\uE488", Carrier::au, unreadable), "☀");
  EXPECT_EQ(emoji("\uE04A", Carrier::softbank, unreadable), "☀"); // its own Unicode place
  EXPECT_FALSE(unreadable);
  EXPECT_EQ(emoji("\uE63E", Carrier::unknown, unreadable), "☀"); // nobody else has it
  EXPECT_FALSE(unreadable);
  EXPECT_EQ(emoji("\uE04A", Carrier::unknown, unreadable), "〓"); // anybody's gaiji
  EXPECT_TRUE(unreadable);
  EXPECT_EQ(emoji("\uF8FF", Carrier::docomo, unreadable), "〓");
}

TEST(Emoji, of_au_in_mail) { // JIS row 85 cell 27 is Shift_JIS EB5A, F65A on the telephone
  bool unreadable = false;
  EXPECT_EQ(emoji(decode({Scheme::iso2022jp, 0}, as_bytes("\x1b$Bu;\x1b(B")).text, Carrier::unknown,
                  unreadable),
            emoji("\uE482", Carrier::au, unreadable));
  EXPECT_FALSE(unreadable);
  EXPECT_EQ(decode({Scheme::shift_jis, 0}, as_bytes("\xeb\x5a")).text,
            decode({Scheme::euc_jp, 0}, as_bytes("\xf5\xbb")).text);
}

TEST(Emoji, whose_mail_it_is) {
  EXPECT_EQ(carrier_of("a@docomo.ne.jp"), Carrier::docomo);
  EXPECT_EQ(carrier_of("a@t.vodafone.ne.jp"), Carrier::softbank);
  EXPECT_EQ(carrier_of("a@ezweb.ne.jp"), Carrier::au);
  EXPECT_EQ(carrier_of("a@notdocomo.ne.jp"), Carrier::unknown);
  EXPECT_EQ(carrier_of("docomo.ne.jp"), Carrier::unknown);
}

} // namespace
} // namespace sekisho::text
