#include "sanitizer/text/clean.hh"

#include "base/utf8.hh"
#include "sanitizer/verify/verify.hh"

#include <gtest/gtest.h>

namespace sekisho::text {
namespace {

TEST(Clean, line_ends_become_one_kind) {
  Findings findings;
  EXPECT_EQ(clean("a\r\nb\rc\nd\ve\ff\u0085g\u2028h", findings), "a\nb\nc\nd\ne\nf\ng\nh");
  EXPECT_FALSE(findings.control);
}

TEST(Clean, what_is_not_seen_is_shown_or_taken_out) {
  struct Case {
    std::string_view in, out;
  };
  for (auto [in, out] : std::initializer_list<Case>{{{"a\0b", 3}, "ab"},
                                                    {"\x1b[31mred", "[31mred"},
                                                    {"a\u202eb", "a[U+202E]b"},
                                                    {"a\u2066b\u2069", "a[U+2066]b[U+2069]"},
                                                    {"a\u200b\u200b\u200cb", "a[U+200B]b"},
                                                    {"\U000e0041\U000e0042", "[U+E0041]"},
                                                    {"a\ufe00\ufe01\U000e0100b", "a\ufe00b"},
                                                    {"\U000e0100 \ufe0fb", " b"},
                                                    {"a\u00ad\ufe00\u00ad\ufe01\ufeff\U000e0100b", "a\ufe00b"},
                                                    {" \u009b\ufe00b", " b"},
                                                    {"a\u2028\ufe00b\u0085\ufe01", "a\nb\n"},
                                                    {"a\u009bb", "ab"}}) {
    Findings findings;
    EXPECT_EQ(clean(in, findings), out);
    EXPECT_TRUE(findings.control) << out;
  }
  Findings findings;
  EXPECT_EQ(clean("葛\U000e0100 1\ufe0f\u20e3", findings), "葛\U000e0100 1\ufe0f\u20e3");
  EXPECT_EQ(clean("👨\u200d👩 soft\u00adhyphen \ufeff", findings), "👨\u200d👩 softhyphen ");
  EXPECT_FALSE(findings.control);
}

TEST(Clean, private_and_unreadable_characters_are_marked) {
  Findings findings;
  EXPECT_EQ(clean("a\ue001b", findings), "a〓b");
  EXPECT_TRUE(findings.unreadable);
  findings = {};
  EXPECT_EQ(clean("a\xff", findings), "a\xef\xbf\xbd");
  EXPECT_TRUE(findings.unreadable);
}

const std::string kanji = "関所を通る者は誰でも"; // as long as vectors, twice

TEST(Clean, every_character_comes_out_as_verify_wants_it) {
  for (char32_t c = 0; c <= 0x10ffff; c++) {
    std::string text = "a";
    utf8_append(text, c);
    text += "b";
    Findings findings;
    ASSERT_TRUE(verify::Verifier::accept_text(Untrusted(clean(text, findings)))) << std::hex << +c;
    std::string among_kanji = kanji + kanji;
    utf8_append(among_kanji, c);
    among_kanji += kanji + kanji;
    ASSERT_TRUE(verify::Verifier::accept_text(Untrusted(clean(among_kanji, findings)))) << std::hex << +c;
    ASSERT_EQ(verify::Verifier::accept_text(Untrusted(among_kanji)).has_value(),
              verify::Verifier::accept_text(Untrusted(text)).has_value())
        << std::hex << +c;
  }
}

TEST(Clean, what_is_no_utf8_is_seen_among_kanji) {
  for (int first = 0x80; first < 0x100; first++)
    for (int second = 0; second < 0x100; second += 5)
      for (int third : {0x0a, 0x41, 0x7f, 0x80, 0xa4, 0xbf, 0xc0, 0xe3, 0xff}) {
        std::string text = kanji + kanji;
        for (int octet : {first, second, third})
          text += static_cast<char>(octet);
        text += kanji + kanji;
        Findings findings;
        ASSERT_TRUE(verify::Verifier::accept_text(Untrusted(clean(text, findings)))) << text;
        ASSERT_FALSE(!utf8_valid(text) && verify::Verifier::accept_text(Untrusted(text))) << text;
      }
}

TEST(Clean, lines) {
  Findings findings;
  EXPECT_EQ(clean_line("  a \r\n\t b\n", findings), "a b");
  EXPECT_EQ(clean_line("件名\r\nBcc: x", findings), "件名 Bcc: x");
}

TEST(Clean, file_names_name_a_file_here) {
  struct Case {
    std::string_view in, out;
  };
  for (auto [in, out] :
       std::initializer_list<Case>{{"../../etc/passwd", "passwd"},
                                   {"C:\\a\\b.txt", "b.txt"},
                                   {"/etc/passwd", "passwd"},
                                   {"a/../b", "b"},
                                   {"令和8/11/26 Q&A.txt", "令和8_11_26 Q&A.txt"},
                                   {"R&D 達成率50% - don't!.xlsx", "R&D 達成率50% - don't!.xlsx"},
                                   {"$(x)`y`;z", "_(x)_y__z"},
                                   {"..", ""},
                                   {".bashrc", "bashrc"},
                                   {"a:b|c?.txt", "a_b_c_.txt"},
                                   {"con.txt", "_con.txt"},
                                   {"LPT1", "_LPT1"},
                                   {"con .txt", "_con .txt"},
                                   {"COM\u00b9.txt", "_COM\u00b9.txt"},
                                   {"lpt\u00b3", "_lpt\u00b3"},
                                   {"COM\u00bc", "COM\u00bc"},
                                   {"a.{20D04FE0-3AEA}", "a._20D04FE0-3AEA}"},
                                   {"{a}.txt", "{a}.txt"},
                                   {"a.txt. .", "a.txt"},
                                   {"見積書\u202efdp.exe", "見積書[U+202E]fdp.exe"},
                                   {"", ""},
                                   {"a\nb.txt", "a b.txt"}}) {
    Findings findings;
    EXPECT_EQ(clean_file_name(in, findings), out) << in;
  }
  Findings findings;
  std::string long_name;
  for (int i = 0; i < 200; i++)
    long_name += "長";
  std::string cut = clean_file_name(long_name + ".xlsx", findings);
  EXPECT_LE(cut.size(), most_file_name);
  EXPECT_GT(cut.size(), most_file_name - 6);
  EXPECT_TRUE(cut.ends_with("長.xlsx"));
  EXPECT_TRUE(utf8_valid(cut));
  EXPECT_EQ(clean_file_name("令和" + long_name + "別紙1.txt", findings, 40), "令和長長長…長長長別紙1.txt");
  EXPECT_EQ(clean_file_name(std::string(300, 'x') + "12", findings, 20), "xxxxxxxxx…xxxxxx12");
  EXPECT_EQ(shortened("a.txt", 5), "a.txt");
  EXPECT_EQ(shortened("ab長長長.txt", 14), "ab…長.txt");
}

TEST(Clean, extensions) {
  EXPECT_EQ(extension_of("a.tar.GZ"), "gz");
  EXPECT_EQ(extension_of("a"), "");
  EXPECT_EQ(extension_of(".a"), "");
  EXPECT_EQ(stem_of("a.b.pdf"), "a.b");
}

} // namespace
} // namespace sekisho::text
