// RFC 1468, and the tables of the Encoding Standard (encoding_rs test data).
#include "base/utf8.hh"
#include "sanitizer/text/charset.hh"
#include "sanitizer/text/iso2022jp.hh"
#include "tests/unit/sanitizer/corpus.hh"

#include <gtest/gtest.h>

#include <sstream>

namespace sekisho::text {
namespace {

std::string encoded(std::string_view utf8) { return to_iso_2022_jp(utf8).value_or("(not)"); }

/// As our decoder reads it, which knows it from elsewhere.
std::string again(std::string_view utf8) {
  return decode({Scheme::iso2022jp, 0}, as_bytes(to_iso_2022_jp(utf8).value_or("(not)"))).text;
}

TEST(Iso2022Jp, lines_end_in_ascii) {
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("hello\n"), "hello\n");
  EXPECT_EQ(encoded("日本a\n語"), "\x1b$BF|K\\\x1b(Ba\n\x1b$B8l\x1b(B");
  EXPECT_EQ(encoded("日\n\n"), "\x1b$BF|\x1b(B\n\n");
  EXPECT_EQ(encoded("a\\b~"), "a\\b~");
}

TEST(Iso2022Jp, half_width_katakana_become_wide) {
  EXPECT_EQ(again("ｱｲｳﾞｶﾞﾊﾟﾝﾞ｡｢｣､･ｰ"), "アイヴガパン゛。「」、・ー");
  EXPECT_EQ(again("ﾞﾟ"), "゛゜");
  EXPECT_EQ(again("か\u3099は\u309aア\u3099"), "がぱア゛"); // as macOS writes it
}

TEST(Iso2022Jp, one_character_with_two_code_points) {
  const struct {
    const char *one, *other;
    const char *octets;
  } cases[] = {{"\u301c", "\uff5e", "!A"}, {"\u2212", "\uff0d", "!]"}, {"\u2016", "\u2225", "!B"},
               {"\u2014", "\u2015", "!="}, {"\u00a2", "\uffe0", "!q"}, {"\u00a3", "\uffe1", "!r"},
               {"\u00ac", "\uffe2", "\"L"}, {"\u00a5", "\uffe5", "!o"}, {"\u203e", "\uffe3", "!1"}};
  for (const auto &c : cases) {
    const std::string wanted = std::string("\x1b$B") + c.octets + "\x1b(B";
    EXPECT_EQ(encoded(c.one), wanted) << c.one;
    EXPECT_EQ(encoded(c.other), wanted) << c.other;
  }
  EXPECT_EQ(encoded("a\u00a0b"), "a b");
  EXPECT_EQ(encoded("\uff3c"), "\x1b$B!@\x1b(B"); // the full-width backslash
}

TEST(Iso2022Jp, what_it_does_not_have) {
  for (const char *utf8 : {"①", "㈱", "Ⅳ", "髙", "﨑", "🙂", "é", "한", "ヷ", "𠮷", "\u30f8", "\ufffd"})
    EXPECT_FALSE(to_iso_2022_jp(utf8)) << utf8;
  EXPECT_FALSE(to_iso_2022_jp("日本①"));
}

TEST(Iso2022Jp, as_the_encoding_standard_has_it) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  const std::filesystem::path folder = corpus::folder() / "mail/charset";
  std::istringstream characters(corpus::read(folder / "iso_2022_jp_out.txt")),
      wanted(corpus::read(folder / "iso_2022_jp_out_ref.txt"));
  std::size_t same = 0, extensions = 0;
  for (std::string character, octets;
       std::getline(characters, character) && std::getline(wanted, octets);) {
    const std::optional<std::string> got = to_iso_2022_jp(character);
    const bool is_extension = octets.starts_with("\x1b$B") && octets.size() > 4 &&
                              (octets[3] == 0x2d || octets[3] > 0x74); // rows 13 and 85 on
    if (is_extension) {
      EXPECT_FALSE(got) << character;
      ++extensions;
    } else if (octets.starts_with("\x1b$B")) {
      EXPECT_EQ(got, octets) << character;
      ++same;
    }
  }
  EXPECT_GE(same, 6879u); // all of JIS X 0208, and what has a second code point
  EXPECT_GT(extensions, 100u);
}

} // namespace
} // namespace sekisho::text
