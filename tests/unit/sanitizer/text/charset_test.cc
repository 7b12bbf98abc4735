#include "base/utf16.hh"
#include "sanitizer/text/charset.hh"

#include <gtest/gtest.h>

namespace sekisho::text {
namespace {

std::string read(std::string_view octets, std::string_view label) {
  return decode_labelled(as_bytes(octets), label).text;
}

TEST(Charset, labels_as_mails_write_them) {
  for (const char *label :
       {"ISO-2022-JP",  "iso-2022-jp-ms",   "x-sjis",     "Shift-JIS",      "MS_Kanji",
        "cp932",        "windows-31j",      "EUC_JP",     "utf8",           "UTF-8",
        "us-ascii",     "ks_c_5601-1987",   "gb2312",     "x-gbk",          "big5-hkscs",
        "koi8-r",       "ISO8859-15",       "latin1",     "windows-1252",   "cp1252",
        "ibm850",       "utf-16le",         "hz-gb-2312", "x-mac-cyrillic", "csISO2022JP",
        "iso-8859-8-i", "unicode-1-1-utf-7"})
    EXPECT_TRUE(charset_named(label)) << label;
  EXPECT_FALSE(charset_named("x-unknown"));
  EXPECT_FALSE(charset_named(""));
}

TEST(Charset, wrong_or_missing_labels) {
  std::string sjis = "\x93\xfa\x96\x7b\x8c\xea\x82\xcc\x95\xb6\x8f\xcd\x81\x42"; // 日本語の文章。
  std::string euc = "\xc6\xfc\xcb\xdc\xb8\xec\xa4\xce\xca\xb8\xbe\xcf\xa1\xa3";
  std::string jis = "\x1b$BF|K\\8l$NJ8>O!#\x1b(B";
  for (const char *label : {"", "us-ascii", "utf-8", "x-unknown", "iso-2022-jp"}) {
    EXPECT_EQ(read(sjis, label), "日本語の文章。") << label;
    EXPECT_EQ(read(euc, label), "日本語の文章。") << label;
  }
  for (const char *label : {"", "us-ascii", "utf-8", "iso-8859-1", "shift_jis"}) {
    EXPECT_EQ(read(jis, label), "日本語の文章。") << label;
  }
  for (const char *label : {"", "us-ascii", "utf-8", "iso-8859-1"})
    EXPECT_EQ(read("日本語", label), "日本語") << label;
  EXPECT_EQ(read("caf\xe9", "iso-8859-1"), "café");
  EXPECT_EQ(read("\xff\xfe\x42\x30", ""), "あ");
}

TEST(Charset, utf_16_without_a_mark) {
  const std::string_view big("\0T\0o\0w\0n\0 \0h\0a\0l\0l", 18);
  EXPECT_EQ(read(big, "utf-16"), "Town hall");
  using namespace std::literals;
  const auto read = [](std::string_view octets) { return decode_labelled(as_bytes(octets), "").text; };
  EXPECT_EQ(read("\x42\x30\x01\x30\xe5\x65\n\0"sv), "あ、日\n");
  EXPECT_EQ(read("\x30\x42\x30\x01\x65\xe5\0\n"sv), "あ、日\n");
  EXPECT_EQ(read("a\0b\0=\xd8\x00\xde"sv), "ab😀");
  EXPECT_EQ(read("\0a\0b\0c\0d"sv), "abcd");
  for (const std::string_view other : {"Bush hid the facts"sv, "[[!\x8c!\x8c*\x8c*]?\0"sv, "\x42\x30\x01\x30\x42\x30\x01\x30"sv, "a\0b\0c\0"sv, "a\0b\0c\0d\0e"sv, "a\0b\0\0\0d\0"sv,
                                       "a\0b\0\1\0d\0"sv, "a\0b\0\0\xd8" "d\0"sv, "\0\0\0\0\0\0\0\0"sv, "\1\2\0\3\4\5\0\6"sv, "a\0\0b\0c\0\0"sv})
    EXPECT_EQ(unmarked_utf16(as_bytes(other)), std::nullopt) << other;
  std::string kanji; // none of which is everyday, but a line's end
  for (int i = 0; i < 20; ++i) kanji += "\xe5\x65";
  EXPECT_EQ(unmarked_utf16(as_bytes(kanji + "\n\0"s)), std::nullopt);
}

/// Its second plane, a letter of two code points, and what JIS X 0208 has otherwise.
TEST(Charset, jis_x_0213) {
  const std::string words = "𠂉鷗か゚𪚲あ";
  EXPECT_EQ(read("\x1b$(P!!\x1b$(Q~e$w\x1b$(P~v\x1b$(O$\"\x1b(B", "iso-2022-jp-2004"), words);
  EXPECT_EQ(read("\x1b$(P!!\x1b$(Q~e$w\x1b$(P~v\x1b$B$\"\x1b(B", "iso-2022-jp-3"), words);
  for (const char *label : {"Shift_JIS-2004", "shift_jisx0213"})
    EXPECT_EQ(read("\xf0@\xef\xe3\x82\xf5\xfc\xf4\x82\xa0", label), words) << label;
  for (const char *label : {"EUC-JIS-2004", "euc-jisx0213"})
    EXPECT_EQ(read("\x8f\xa1\xa1\xfe\xe5\xa4\xf7\x8f\xfe\xf6\xa4\xa2", label), words) << label;
  EXPECT_EQ(decode_labelled(as_bytes("\xf2\x41"), "shift_jis-2004").errors, 0u);
  EXPECT_EQ(decode({Scheme::euc_jis_2004}, as_bytes("\x8f\xa2\xa1")).errors, 1u); // it has no such row
}

/// EUC-JP reads as Shift_JIS without an error, as half-width katakana.
TEST(Charset, euc_jp_with_the_label_of_shift_jis) {
  EXPECT_EQ(read("\xc6\xfc\xcb\xdc\xb8\xec\xa4\xce\xca\xb8\xbe\xcf\xa1\xa3", "shift_jis"), "日本語の文章。");
  EXPECT_EQ(read("\xb6\xc5\xb6\xc5 \x93\xfa\x96\x7b", "shift_jis"), "ｶﾅｶﾅ 日本");
  EXPECT_EQ(read("\xb6\xc5\xb6\xc5", "shift_jis"), "ｶﾅｶﾅ");
}

/// It costs what it was, and not the text: another set that has no fault in it is a reading only where it is likely.
TEST(Charset, damaged_octets) {
  const auto one_lost = [](std::string_view octets, std::string_view label, std::string_view words) {
    const Decoded decoded = decode_labelled(as_bytes(octets), label);
    EXPECT_EQ(decoded.text, std::string(words) + "\ufffd") << label;
    EXPECT_EQ(decoded.errors, 1u) << label;
  };
  one_lost("\xc4\xe3\xba\xc3\xff", "gb2312", "你好");
  one_lost("\xa7\x41\xa6\x6e\xa6", "big5", "你好");
  one_lost("\xc6\xfc\xcb\xdc\xb8\xec\xa4\xce\xa1", "euc-jp", "日本語の");
  one_lost("\x93\xfa\x96\x7b\x8c\xea\x82\xcc\x95", "shift_jis", "日本語の");
  one_lost("\xe4\xbb\xa4\xff", "utf-8", "令");
  one_lost("\xd0\x9f\xd1\x80\xd0\xb8\xff", "utf-8", "При");
  one_lost("\xe5\x8b\x89\xe5\xbc\xb7\xe4\xbc\x9a\xff", "", "勉強会");
  one_lost("\xcc\xeb\xdd\xf1\xff", "iso-8859-7", "Μλέρ");
  EXPECT_EQ(read("it\x92s caf\xe9", "utf-8"), "it’s café") << "nothing of it is UTF-8";
  std::string sentences;
  for (unsigned i = 0; i < 5; ++i)
    sentences += "\x93\xfa\x96\x7b\x8c\xea\x82\xcc\x95\xb6\x8f\xcd\x81\x42";
  EXPECT_EQ(read(sentences + "\xff\x93\xfa", "utf-8"), "日本語の文章。日本語の文章。日本語の文章。日本語の文章。日本語の文章。\ufffd日") << "with a wrong label, too";
  for (const char *label : {"euc-jp", "iso-8859-1", "euc-kr"})
    EXPECT_EQ(read("\x93\xfa\x96\x7b\x8c\xea\x81\x42", label), "日本語。") << label;
}

TEST(Charset, iso_2022_jp_variants) {
  EXPECT_EQ(read("\x1b(I6@E\x1b(B", "iso-2022-jp"), "ｶﾀﾅ");
  EXPECT_EQ(read("\x0e"
                 "6@E\x0f",
                 "iso-2022-jp"),
            "ｶﾀﾅ");
  EXPECT_EQ(read("\x1b$@F|\x1b(J\\\x1b(B\\", "iso-2022-jp"), "日¥\\");
  EXPECT_EQ(read("\x1b$(D0!\x1b(B", "iso-2022-jp"), "丂");
  EXPECT_EQ(read("\x1b$B-!\x1b(B", "iso-2022-jp"), "①");
  EXPECT_EQ(read("\x1b$BF|\nabc", "iso-2022-jp"), "日\nabc")
      << "a lost return to ASCII costs a line";
  EXPECT_EQ(read("$BF|K\\(B abc", "iso-2022-jp"), "日本 abc") << "escapes lost on the way";
  EXPECT_EQ(read("costs $B100 (Big)", "us-ascii"), "costs $B100 (Big)");
}

TEST(Charset, others) {
  EXPECT_EQ(read("\xc4\xe3\xba\xc3", "gb2312"), "你好");
  EXPECT_EQ(read("~{Dc:C~}", "hz-gb-2312"), "你好");
  EXPECT_EQ(read("~{\x7f!~}", "hz-gb-2312"), "~{\x7f!~}"); // DEL leads no character: this is something else
  EXPECT_EQ(read("\xa7\x41\xa6\x6e", "big5"), "你好");
  EXPECT_EQ(read("\xbe\xc8\xb3\xe7", "euc-kr"), "안녕");
  EXPECT_EQ(read("\x1b$)C\x0e>H3g\x0f", "iso-2022-kr"), "안녕");
  const Decoded del = decode(*charset_named("iso-2022-kr"), as_bytes(std::string_view("\x1b$)C\x0e\x7f>H\x7f\x7f")));
  EXPECT_EQ(del.text, "�안��"); // it leads no row of the table
  EXPECT_EQ(read("\xcf\xf0\xe8", "windows-1251"), "При");
  EXPECT_EQ(read(std::string_view("\x30\x42", 2), "utf-16be"), "あ");
  EXPECT_EQ(read("\x81\x30\x81\x30", "gb18030"), "\u0080");
}

TEST(Charset, an_ascii_octet_is_never_swallowed_by_a_broken_pair) {
  for (const char *label : {"shift_jis", "euc-jp", "big5", "euc-kr", "gb18030", "utf-8"}) {
    Decoded decoded = decode(*charset_named(label), as_bytes(std::string_view("\x85<b>")));
    EXPECT_NE(decoded.text.find("b>"), std::string::npos) << label;
    EXPECT_NE(decode(*charset_named(label), as_bytes(std::string_view("\xfd\n"))).text.find('\n'),
              std::string::npos)
        << label;
  }
}

TEST(Charset, utf_32_in_either_order) {
  constexpr std::string_view little("\xff\xfe\0\0\x42\x30\0\0", 8), big("\0\0\xfe\xff\0\0\x30\x42", 8);
  for (const char *label : {"utf-32", "utf-32be", "utf-32le"})
    EXPECT_EQ(decode_labelled(as_bytes(little), label).text, "あ") << label;
  EXPECT_EQ(decode_labelled(as_bytes(big), "utf-32").text, "あ");
}

TEST(Charset, utf_7_is_refused) {
  Decoded decoded = decode_labelled(as_bytes(std::string_view("+ADw-script+AD4-")), "utf-7");
  EXPECT_EQ(decoded.text, "+ADw-script+AD4-");
  EXPECT_GT(decoded.errors, 0u);
}

} // namespace
} // namespace sekisho::text
