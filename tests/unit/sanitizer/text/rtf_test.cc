// RTF to text (H3): code pages, what is shown and what is not; other people's RTF with their idea
// of its words.
#include "sanitizer/text/rtf.hh"

#include "base/utf8.hh"
#include "tests/unit/sanitizer/corpus.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <iostream>
#include <map>
#include <sstream>

namespace sekisho::text {
namespace {

RtfText read(std::string_view rtf) {
  return rtf_to_text(as_bytes(rtf));
}
std::string text_of(std::string_view rtf) {
  return read(rtf).text;
}

TEST(Rtf, code_pages) {
  // Two octets, an escaped trail octet, a trail octet as a plain character.
  EXPECT_EQ(text_of(R"({\rtf1\ansi\ansicpg932 \'8a\'d6\'8f\'8a\'95\\\'83\\\'83])"), "関所表ソゾ");
  EXPECT_EQ(text_of(R"({\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset128 \'82;}})"
                    R"(\f1 \'8a\'d6\f0 \'e9})"),
            "関é");
  EXPECT_EQ(text_of(R"({\rtf1\ansi\ansicpg932{\fonttbl{\f0\fcharset0 A;}}\f0\'8a\'d6\'8f\'8a})"),
            "関所");
  EXPECT_EQ(text_of("{\\rtf1\\ansi\\ansicpg932 \x8a\xd6\\par}"), "関\n"); // not escaped
  EXPECT_EQ(text_of(R"({\rtf1\ansi{\fonttbl{\f3\fcharset204 A;}}\plain\f3\'cf\plain\'cf})"), "ПÏ");
  EXPECT_EQ(read(R"({\rtf1\ansicpg1253 \'d2})").errors, 1u);
}

TEST(Rtf, unicode) {
  EXPECT_EQ(text_of(R"({\rtf1\uc2\u38306\'8a\'d6\uc0\u25152 x})"), "関所x");
  EXPECT_EQ(text_of(R"({\rtf1{\uc2\u38306??}\u25152?})"), "関所"); // \uc ends with its group
  EXPECT_EQ(text_of(R"({\rtf1\u-10179?\u-8704?\u-3913 ?})"), "\xf0\x9f\x98\x80•");
  EXPECT_EQ(text_of(R"({\rtf1\u55357 ?x})"), "x"); // half a character
  EXPECT_EQ(text_of(R"({\rtf1\upr{abc}{\*\ud{\u38306?}}})"), "関");
}

TEST(Rtf, what_is_shown) {
  EXPECT_EQ(text_of(R"({\rtf1\trowd a\cell b\cell\row c\par{\listtext 1.\tab}d\line e\~f\-g})"),
            "a\tb\nc\n1.\td\ne\u00a0fg");
  EXPECT_EQ(
      text_of(
          R"({\rtf1{\info{\title x}}{\*\unknown y}{\stylesheet{\s0 z;}}{\colortbl;}a{\header h}})"),
      "a\nh\n");
  EXPECT_EQ(text_of(R"({\rtf1{\shp{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt box}}}\bin4 }}}}ok})"),
            "boxok");
}

TEST(Rtf, notes_headers_and_footers_stand_behind_the_text) {
  EXPECT_EQ(text_of(R"({\rtf1 sum 100{\super\chftn{\footnote\pard\plain\chftn 000 left out}} yen\par})"),
            "sum 100[1] yen\n[1] 000 left out\n");
  EXPECT_EQ(text_of(R"({\rtf1 a{\super\chftn }{\footnote \chftn  one\par two\par}b{\super *}{\footnote\ftnalt {\super *} c}.})"),
            "a[1]b*[2].\n[1] one\ntwo\n[2] * c\n");
  EXPECT_EQ(text_of(R"({\rtf1{\header HEAD{\footnote n}\par}LAST{\headerf first}{\footer FOOT\par} same line\par})"),
            "LAST same line\n[1] n\nHEAD[1]\nfirst\nFOOT\n");
  EXPECT_EQ(text_of(R"({\rtf1 a{\footer\par }{\strike b{\footnote c}d}e{\footer f)"), "a[-b[1]d-]e\n[1] c\nf\n");
  EXPECT_EQ(text_of(R"({\rtf1{\field{\*\fldinst HYPERLINK "https://a.example/"}{\fldrslt to{\footnote n}}}{\*\nothing{\footnote x}}})"),
            "to[1] <hxxps://a[.]example/>\n[1] n\n");
  const RtfText hidden = read(R"({\rtf1 a{\v{\footnote\plain b}}})");
  EXPECT_EQ(hidden.text, "a");
  EXPECT_TRUE(hidden.hidden);
}

TEST(Rtf, words_that_shapes_are) {
  const std::string shape = R"({\shp{\*\shpinst{\sp{\sn shapeType}{\sv 136}}{\sp {\sn gtextUNICODE}  {\sv DRA\u70 ?T}}{\sp{\sn gtextFont}{\sv x}}}})";
  EXPECT_EQ(text_of(R"({\rtf1 a)" + shape + R"(b\par})"), "ab\nDRAFT\n");
  EXPECT_EQ(text_of(R"({\rtf1{\header h)" + shape + R"(}a{\sv no}})"), "a\nDRAFT\nh\n");
  EXPECT_EQ(text_of(R"({\rtf1 a{\*\background)" + shape + R"(}{\sp{\sn gtextUNICODEx}{\sv no}}})"), "a");
  EXPECT_TRUE(read(R"({\rtf1{\v)" + shape + "}}").hidden);
}

TEST(Rtf, what_is_not) {
  RtfText rtf = read(R"({\rtf1 a{\v secret}\v b\v0 c{\deleted d}})");
  EXPECT_EQ(rtf.text, "ac");
  EXPECT_TRUE(rtf.hidden);
  rtf = read(R"({\rtf1{\pict\pngblip 89504e47}{\object\objemb{\*\objdata 0105}{\result shown}}})");
  EXPECT_EQ(rtf.text, "shown");
  EXPECT_TRUE(rtf.picture && rtf.active);
  rtf = read(R"({\rtf1{\*\template http://evil.example/t.dot}x})");
  EXPECT_EQ(rtf.text, "x");
  EXPECT_TRUE(rtf.remote);
}

TEST(Rtf, fields) {
  EXPECT_EQ(
      text_of(
          R"({\rtf1{\field{\*\fldinst{HYPERLINK "http://a.example/x"}}{\fldrslt{\ul bank}}}.})"),
      "bank <hxxp://a[.]example/x>.");
  EXPECT_EQ(text_of(R"({\rtf1{\field{\*\fldinst HYPERLINK \\l "b"}{\fldrslt here}}})"), "here");
  RtfText rtf = read(R"({\rtf1{\field{\*\fldinst HYPERLINK "javascript:x"}{\fldrslt j}}})");
  EXPECT_EQ(rtf.text, "j");
  EXPECT_TRUE(rtf.script);
  rtf = read(R"({\rtf1{\field{\*\fldinst  ddeauto cmd "/c calc"}{\fldrslt r}}})");
  EXPECT_EQ(rtf.text, "r");
  EXPECT_TRUE(rtf.active);
}

TEST(Rtf, fields_that_have_their_words_in_the_instruction) {
  const std::string page = R"({\rtf1\ansi\ansicpg932 )";
  EXPECT_EQ(text_of(page + R"(\'93\'9a\'95\'d9:{\field{\*\fldinst {EQ \\* jc2 \\* "Font:MS Mincho" \\* hps10 \\o\\ad(\\s\\up 9()"
                           R"(\'82\'bd\'82\'a9\'82\'cd\'82\'b5),\'8d\'82\'8b\'b4)}}}\'8b\'63\'88\'f5})"),
            "答弁:高橋(たかはし)議員");
  EXPECT_EQ(text_of(page + R"({\field{\*\fldinst EQ \\o\\ac(\u9675?,\u31192?)}{\fldrslt }}OK})"), "(秘)OK");
  EXPECT_EQ(text_of(page + R"({\field{\*\fldinst EQ \\f(1,2)}{\fldrslt half}})"), "half");
  EXPECT_EQ(text_of(page + R"(3{\field{\*\fldinst EQ \\f(1,2)}{\fldrslt }}4 10{\field{\*\fldinst EQ \\s\\up5(2)}}8})"), "3 1/2 4 10^2 8");
  EXPECT_EQ(text_of(page + R"({\field{\*\fldinst SYMBOL 254 \\f Wingdings \\s 12}{\fldrslt\f1\'fe}}x})"), "☑x");
  EXPECT_EQ(text_of(page + R"({\v{\field{\*\fldinst EQ \\o(a)}}}x})"), "x");
  EXPECT_EQ(text_of(R"({\rtf1 a\cell{\field{\*\fldinst EQ \\o(a)}{\fldrslt\row}}})"), "a\na"); // the row takes the cell's end
}

TEST(Rtf, words_of_buttons) {
  const auto field = [](const std::string &instruction, const std::string &result = "") {
    return text_of(R"({\rtf1\ansi\ansicpg932 A {\field{\*\fldinst )" + instruction + "}" + result + "}B}");
  };
  EXPECT_EQ(field("MACROBUTTON NoMacro [\\'8e\\'81\\'96\\'bc here]"), "A [氏名 here]B");
  EXPECT_EQ(field("{ macrobutton  \"My Macro\" [Click}{ here] }", "{\\fldrslt }"), "A [Click here]B");
  EXPECT_EQ(field("GOTOBUTTON mark go on"), "A go onB");
  EXPECT_EQ(field("MACROBUTTON NoMacro [x]", "{\\fldrslt shown}"), "A shownB");
  EXPECT_EQ(field("MACROBUTTON NoMacro"), "A B");
}

/// [MS-OXRTFEX] 2.1.3: what Outlook shows is the page that such RTF was made of.
TEST(Rtf, links_of_the_page_it_was_made_of) {
  const auto text = [](const std::string &body, const std::string &from = "\\fromhtml1") { return text_of("{\\rtf1\\ansi" + from + " " + body + "}"); };
  const std::string open = R"({\*\htmltag84 <a class="l" HREF='https://a.example/x?p=1&amp;q=2'>})", close = R"({\*\htmltag92 </a>})";
  EXPECT_EQ(text("see " + open + "us" + close + "."), "see us <hxxps://a[.]example/x?p=1&q=2>.");
  EXPECT_EQ(text(open + "https://a.example/x?p=1&q=2" + close), text_of(R"({\rtf1{\field{\*\fldinst HYPERLINK "https://a.example/x?p=1&q=2"}{\fldrslt https://a.example/x?p=1&q=2}}})"));
  const auto field = [](const std::string &target) { return R"(\htmlrtf {\field{\*\fldinst{HYPERLINK ")" + target + R"("}}{\fldrslt\ul \htmlrtf0 us\htmlrtf }\htmlrtf0 \htmlrtf }\htmlrtf0 )"; };
  EXPECT_EQ(text(open + field("https://a.example/x?p=1&q=2") + close), "us <hxxps://a[.]example/x?p=1&q=2>"); // once
  EXPECT_EQ(text(open + field("https://b.example/") + close), "us <hxxps://b[.]example/> <hxxps://a[.]example/x?p=1&q=2>"); // programs differ
  EXPECT_EQ(text(open + "one " + open + "two" + close + close), "one  <hxxps://a[.]example/x?p=1&q=2>two <hxxps://a[.]example/x?p=1&q=2>");
  EXPECT_EQ(text(open + "left"), "left <hxxps://a[.]example/x?p=1&q=2>");
  EXPECT_EQ(text("{\\*\\htmltag64 <abbr href=x><a name=top>}us" + close + "{\\*\\mhtmltag84 <a href=\"https://a.example\">}{\\*\\htmltag <a href=>}x" + close), "usx");
  EXPECT_EQ(text(open + "us" + close, ""), "us"); // nobody reads them there
  EXPECT_EQ(text("\\v " + open + "us" + close), "");
  const RtfText runs = read("{\\rtf1\\fromhtml1 {\\*\\htmltag <a href=\"javascript:x\">}j" + close + "}");
  EXPECT_EQ(runs.text, "j");
  EXPECT_TRUE(runs.script);
}

TEST(Rtf, forms) {
  const auto box = [](const std::string &says) {
    return R"({\field{\*\fldinst {FORMCHECKBOX }{\*\formfield{\fftype1)" + says + R"({\*\ffname name}}}}{\fldrslt }})";
  };
  EXPECT_EQ(text_of("{\\rtf1 " + box("\\ffres1\\ffdefres0") + "A " + box("\\ffres0\\ffdefres1") + "B " +
                    box("\\ffres25\\ffdefres1") + box("") + "}"),
            "☑A ☐B ☑☐");
  const auto list = [](const std::string &says) {
    return R"({\rtf1 {\field{\*\fldinst {FORMDROPDOWN}{\*\formfield{\fftype2)" + says + R"({\*\ffl no}{\*\ffl yes}}}}}})";
  };
  EXPECT_EQ(text_of(list("\\ffres1")), "yes");
  EXPECT_EQ(text_of(list("\\ffres7")), "");
  EXPECT_EQ(text_of(list("\\ffres-1")), "no");
  EXPECT_EQ(text_of(R"({\rtf1{\formfield{\fftype1\ffl x}}{\ffl y}\fftype1 z})"), "z");
}

TEST(Rtf, symbols) {
  const std::string fonts = R"({\rtf1\ansi\ansicpg932{\fonttbl{\f0 MS PGothic;}{\f1\fnil\fcharset2{\*\panose 05}Wingdings{\*\falt Symbol};}{\f2 Symbol;}})";
  EXPECT_EQ(text_of(fonts + R"({\f1\'fe} OK {\f1\u61692?} {\f1 o\u-3928?}\'fe\f1\'a8\plain n})"), "☑ OK ✓ ☐☐þ☐n");
  EXPECT_EQ(text_of(fonts + R"({\f1\u111?\u120?}\u111?})"), "☐☒o");
  EXPECT_EQ(text_of(fonts + R"(10{\f2\'b4\'b3}{\f1\'b5A}})"), "10×≥\xef\x82\xb5" "A"); // U+F0B5
  EXPECT_EQ(text_of(fonts + R"({\f1\'8a\'d6\'8f\'8a}})"), "関所"); // no symbols
}

TEST(Rtf, struck_and_raised) {
  EXPECT_EQ(text_of(R"({\rtf1 at \strike 10\'3a\b 00\strike0 13{\striked1 x\par y}z})"), "at [-10:00-]13[-x-]\n[-y-]z");
  EXPECT_EQ(text_of(R"({\rtf1 {\strike a})"), "[-a-]");
  EXPECT_EQ(text_of(R"({\rtf1 10{\super 5}, m{\super 2}, 2\super -3\nosupersub 4\par 5})"), "10^5, m2, 2^-3 4\n5");
}

TEST(Rtf, hostile) {
  EXPECT_EQ(text_of("no rtf"), "");
  EXPECT_EQ(text_of("{\\rtf1 a}behind{it}"), "a");
  for (std::string_view cut :
       {"{\\rtf1\\", "{\\rtf1\\'", "{\\rtf1\\'8", "{\\rtf1\\u", "{\\rtf1\\bin99999999 x",
        "{\\rtf1\\bin-5 x", "{\\rtf1\\u99999999999 ?x", "{\\rtf}}}}", "{\\rtf1{\\field"})
    (void)text_of(cut);
  std::string deep = "{\\rtf1 a";
  for (unsigned i = 0; i < 200'000; ++i)
    deep += "{";
  deep += "x" + std::string(200'000, '}') + "b}";
  const RtfText rtf = read(deep);
  EXPECT_EQ(rtf.text, "ab");
  EXPECT_TRUE(rtf.damaged);
  std::string fields = "{\\rtf1 ";
  for (unsigned i = 0; i < 100'000; ++i)
    fields += "{\\field{\\fldinst ";
  const std::clock_t start = std::clock();
  (void)text_of(fields);
  EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 10);
}

/// What is given to LibreOffice has an end that it can find.
TEST(Rtf, its_skeleton) {
  const auto fault = [](std::string_view rtf) { return fault_of_rtf(as_bytes(rtf)); };
  for (std::string_view whole :
       {R"({\rtf1 a})", R"({\rtf1 a}behind{it)", R"({\rtf1{\b \{\}}\'7d\par})", R"({\rtf1{\pict\bin4 }}}}}ok})",
        R"({\rtf1\bin0 }x)", R"({\rtf1\bin}x)", R"({\rtf1\bin0004}}}}})", R"({\rtf1\binary9999})"})
    EXPECT_EQ(fault(whole), Reason::none) << whole;
  for (std::string_view cut :
       {"", "no rtf", R"({\rtf1 a)", R"({\rtf1{a})", R"({\rtf1 a\})", R"({\rtf1 a\)", R"({\rtf1\b)",
        R"({\rtf1\bin4 }}}})", R"({\rtf1{\pict\bin99999999 x}})", R"({\rtf1\bin-5 x})",
        R"({\rtf1\bin0000000000000000000000000099999999 x})", R"({\rtf1\bin99999999999999999999 x})"})
    EXPECT_EQ(fault(cut), Reason::part_malformed) << cut;
  const auto nested = [&](std::size_t depth) {
    return fault("{\\rtf1" + std::string(depth - 1, '{') + "x" + std::string(depth, '}'));
  };
  EXPECT_EQ(nested(most_rtf_depth), Reason::none);
  EXPECT_EQ(nested(most_rtf_depth + 1), Reason::part_too_deep);
  EXPECT_EQ(nested(200'000), Reason::part_too_deep);
}

TEST(Rtf, other_peoples_files_have_no_fault) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  std::size_t files = 0;
  for (const auto &entry :
       std::filesystem::directory_iterator(corpus::folder() / "files/rtf/striprtf/rtf")) {
    EXPECT_EQ(fault_of_rtf(as_bytes(corpus::read(entry.path()))), Reason::none) << entry.path();
    ++files;
  }
  EXPECT_GT(files, 30u);
}

/// Words of letters and digits; what stands between them is layout.
std::map<std::string, int> words_of(std::string_view text) {
  std::map<std::string, int> words;
  std::string word;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = utf8_next(text, at);
    const bool in_word = (c < 128 && std::isalnum(static_cast<int>(c))) ||
                         (c >= 0xc0 && c < 0x2000) ||
                         (c >= 0x3041 && c != utf8_invalid && (c < 0xe000 || c > 0xfaff));
    if (in_word) utf8_append(word, c);
    if ((!in_word || at == text.size()) && !word.empty()) ++words[std::exchange(word, {})];
  }
  return words;
}

/// They show a link as text("target"), an optional hyphen as U+00AD.
std::string without_their_links(std::string text) {
  for (std::size_t at; (at = text.find("(\"")) != text.npos;)
    text.erase(at, text.find("\")", at) + 2 - at);
  for (std::size_t at; (at = text.find("\xc2\xad")) != text.npos;)
    text.erase(at, 2);
  return text;
}

TEST(Rtf, words_of_other_peoples_files) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  std::size_t compared = 0;
  for (const auto &entry :
       std::filesystem::directory_iterator(corpus::folder() / "files/rtf/striprtf/rtf")) {
    const auto wanted_file =
        corpus::folder() / "files/rtf/striprtf/text" / (entry.path().stem().string() + ".txt");
    const std::string octets = corpus::read(entry.path());
    const std::string text = text_of(octets);
    EXPECT_TRUE(utf8_valid(text)) << entry.path();
    // The expected text of one file has a second page that is not in it.
    if (!std::filesystem::exists(wanted_file) || entry.path().stem() == "encoding") continue;
    ++compared;
    std::map<std::string, int> got = words_of(text);
    for (const auto &[word, count] : words_of(without_their_links(corpus::read(wanted_file))))
      EXPECT_GE(got[word], count) << entry.path() << ": " << word;
  }
  EXPECT_GT(compared, 24u);
}

/// Braces left out do not hide where a link leads.
TEST(Rtf, what_is_left_open_ends_with_the_text) {
  const std::string closed =
      R"({\rtf1 {\field{\*\fldinst HYPERLINK "http://evil.example/"}{\fldrslt bank.example}}})";
  const std::string open = closed.substr(0, closed.size() - 3);
  const RtfText whole = rtf_to_text(as_bytes(closed)), cut = rtf_to_text(as_bytes(open));
  EXPECT_NE(whole.text.find("evil"), std::string::npos) << whole.text;
  EXPECT_NE(cut.text.find("evil"), std::string::npos) << cut.text;
  EXPECT_TRUE(cut.damaged);
}

} // namespace
} // namespace sekisho::text
