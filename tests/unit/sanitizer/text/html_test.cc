#include "sanitizer/text/html.hh"

#include <gtest/gtest.h>

#include <ctime>

namespace sekisho::text {
namespace {

std::string convert(std::string_view html) {
  return html_to_text(html).text;
}

TEST(Html, paragraphs_lists_tables_quotations) {
  EXPECT_EQ(convert("<p>a\n b</p><p>c<br>d"), "a b\n\nc\nd\n");
  EXPECT_EQ(convert("<ul><li>a<li>b</ul><ol><li>c<li>d</ol>"), "- a\n- b\n1. c\n2. d\n");
  EXPECT_EQ(convert("<table><tr><td>a<td>b<tr><th>c</table>x"), "a | b\nc\nx\n");
  EXPECT_EQ(convert("a<blockquote>b<blockquote>c</blockquote></blockquote>d"),
            "a\n> b\n> > c\nd\n");
  EXPECT_EQ(convert("a<blockquote><p>b<blockquote><p>c<p>d</blockquote><p>e</blockquote><p>f"),
            "a\n\n> b\n>\n> > c\n> >\n> > d\n>\n> e\n\nf\n");
  EXPECT_EQ(convert("<pre>a\n  b</pre>"), "a\n  b\n");
  EXPECT_EQ(convert("<h1>a</h1>b<hr>c"), "a\n\nb\n----------\nc\n");
}

TEST(Html, lines_that_a_style_keeps_are_kept) {
  for (const char *value : {"pre", "pre-wrap", "Break-Spaces"})
    EXPECT_EQ(convert("<div style='white-space:" + std::string(value) + "'>a \n  b<b>\tc</b>\r\n\r\n\r\nd &nbsp; e\n</div>f"),
              "a\n  b\tc\n\nd   e\nf\n")
        << value;
  EXPECT_EQ(convert("<style>.x{white-space:pre-line}</style><p class=x>a  \n  b  c<p>d\ne"), "a\nb c\n\nd e\n");
  EXPECT_EQ(convert("<pre>a\nb<i style='white-space:normal'>\nc</i>\nd</pre>e\nf"), "a\nb c\nd\n\ne f\n");
  EXPECT_EQ(convert("<div style='white-space:pre'>a\n  <p>b</p>\n  <p>c"), "a\n\nb\n\nc\n");
  EXPECT_EQ(convert("<div style='white-space:pre'>a<p style='white-space:inherit'>b\nc"), "a\n\nb\nc\n");
}

TEST(Html, each_no_break_space_stays) {
  EXPECT_EQ(convert("<div>&nbsp;&nbsp; a&nbsp; &nbsp;b\u00a0\u00a0c &nbsp;&nbsp; </div>d&nbsp;<br>\u00a0e&copy;\u00a9f"),
            "   a   b  c\nd\n e\u00a9\u00a9f\n");
  EXPECT_EQ(convert("&nbsp;<p>&nbsp;a<blockquote> &nbsp; b"), " a\n\n>   b\n");
  EXPECT_EQ(convert("<table><tr><td>&nbsp; a<td>&nbsp;&nbsp;5&nbsp;<td>&nbsp;<td>x</table>"), "  a | 5 | x\n");
  EXPECT_EQ(convert("1&nbsp;<sup>2</sup>"), "1 2\n");
}

TEST(Html, a_line_end_between_wide_letters_is_no_blank) {
  EXPECT_EQ(convert("次のとおり\nご回答を\r\n  お願いします。 \n（総務課）\n<b>\n𠮷田</b> 様"), "次のとおりご回答をお願いします。（総務課）𠮷田 様\n");
  EXPECT_EQ(convert("件名\nRE\n一 二\t三\n가\n나\n四&nbsp;\n五\n①\n六"), "件名 RE 一 二 三 가 나 四  五 ① 六\n");
  EXPECT_EQ(convert("<div>ｱ\nア</div>\n<div>イ<img src=cid:x>\nウ"), "ｱア\nイ[画像] ウ\n");
}

TEST(Html, a_paragraph_without_margins_is_a_line) {
  EXPECT_EQ(convert("<p style='margin:0'>a</p><p style='margin:0cm 0cm .0001pt'>b<p style='margin:auto 9px 5px'>c<p>d"), "a\nb\nc\n\nd\n");
  EXPECT_EQ(convert("<style>p.MsoNormal,li.x{margin:0mm;margin-bottom:.0001pt}</style><p class=MsoNormal>a</p>\n"
                    "<p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>b<p class=MsoNormal>c"),
            "a\n\nb\nc\n");
  EXPECT_EQ(convert("<style> P {margin-top:0;margin-bottom:0;} </style><p>a</p><p><br></p><p>b</p><pre style='margin:0'>c</pre><p>d"),
            "a\n\nb\nc\nd\n");
  for (const char *apart : {"margin:0 0 8pt", "margin-top:0", "margin:0;padding:0 0 10px", "margin:0 0 1em 0", "margin:0;margin-bottom:1em",
                            "margin:0;padding-bottom:8px", "margin:inherit", "margin:0;margin:1em"})
    EXPECT_EQ(convert("<p style='" + std::string(apart) + "'>a</p><div>b"), "a\n\nb\n") << apart;
  EXPECT_EQ(convert("<style>@media (max-width:9px){p{margin:0}}</style><p>a<p>b</p>c</p>d"), "a\n\nb\n\nc\n\nd\n");
}

TEST(Html, a_block_of_no_break_spaces_is_an_empty_line) {
  EXPECT_EQ(convert("&nbsp;<div>&nbsp;</div><div>a</div><div>&nbsp;</div><div>b&nbsp;</div><div>c</div><div>\u00a0 &nbsp;</div><div>&nbsp;</div>d"),
            "a\n\nb\nc\n\nd\n");
  EXPECT_EQ(convert("<p>a</p><p>&nbsp;</p><p>b"), "a\n\nb\n");
}

TEST(Html, the_mark_of_an_item_stands_before_its_first_word) {
  EXPECT_EQ(convert("a<ol><li><div>b</div></li><li>\n<p style='margin:0'>c</p><div>d</div></ol>"), "a\n1. b\n2. c\nd\n");
  EXPECT_EQ(convert("<ul><li><p>a</p><li><p>b</ul>"), "- a\n\n- b\n");
  EXPECT_EQ(convert("<ol><li></li><li><br>a<li><ul><li>b</ul></ol>"), "1. \n2. \na\n3. \n  - b\n");
  EXPECT_EQ(convert("<ul><li><a href='http://a.example/'>a.example</a><li><blockquote>b</blockquote><li>&nbsp;<s>c</s></ul>"),
            "- a.example\n> - b\n-  [取消: c]\n");
  EXPECT_EQ(convert("<table><tr><td><ul><li>a<li>b</ul><td>c<tr><td>d<td>e</table>"), "- a / - b | c\nd | e\n");
}

TEST(Html, lists_in_lists_are_indented_and_some_have_no_marks) {
  EXPECT_EQ(convert("<ul><li>a<ol><li>b<ul><li>c</ul><li>d</ol><li>e</ul>"), "- a\n  1. b\n    - c\n  2. d\n- e\n");
  EXPECT_EQ(convert("<ul style='list-style:none'><li>a<ul><li>b</ul><li style='list-style:disc'>c</ul>"), "a\n- b\n- c\n");
  EXPECT_EQ(convert("<style>ol{list-style:none outside}li.x{list-style-type:decimal}</style><ol><li>a<li class=x>b"), "a\n2. b\n");
  EXPECT_EQ(convert("<li>a"), "- a\n");
}

TEST(Html, what_a_style_sets_apart_is_apart) {
  for (const char *display : {"block", "list-item", "table-row", "flex", "GRID"})
    EXPECT_EQ(convert("a<span style='display:" + std::string(display) + "'>b</span><span>c</span>d"), "a\nb\ncd\n") << display;
  for (const char *display : {"inline-block", "table-cell", "inline-flex"})
    EXPECT_EQ(convert("<style>b{display:" + std::string(display) + "}</style><b>一</b>\n<b>二</b><b>三</b><i>四</i>"), "一 二 三 四\n") << display;
  EXPECT_EQ(convert("<a style='display:block' href='http://x.example/'>a</a><img style='display:block' alt=b>c<b style='display:inline'>d"),
            "a <hxxp://x[.]example/>\n[画像: b]\ncd\n");
  EXPECT_EQ(convert("a<b style='display:none'></b>b<style>@media (max-width:9px){i{display:block}}</style><i>c"), "abc\n");
}

TEST(Html, numbers_of_lists) {
  EXPECT_EQ(convert("<ol start=5><li>a<li value=9>b<li>c</ol>"), "5. a\n9. b\n10. c\n");
  EXPECT_EQ(convert("<ol type=a start=26><li>a<li>b</ol><ol type=I start=9><li>c</ol><ol type=i><li>d<li value=1994>e</ol>"),
            "z. a\naa. b\nIX. c\ni. d\nmcmxciv. e\n");
  EXPECT_EQ(convert("<ol type=A start=0><li>a<li>b</ol><ol start=x><li value=' +'>c</ol><ol start=-1><li>d</ol>"),
            "0. a\nA. b\n1. c\n-1. d\n");
  EXPECT_EQ(convert("<ol start=99999999999><li>a</ol><ol start=2147483647><li>b<li>c</ol>"), "1. a\n1000000. b\n1000001. c\n");
}

// HTML Standard §4.4.5.
TEST(Html, lists_that_count_down) {
  EXPECT_EQ(convert("<ol reversed><li>a<li>b<ol reversed><li>c<li>d</ol><li>e</ol>"), "3. a\n2. b\n  2. c\n  1. d\n1. e\n");
  EXPECT_EQ(convert("<ol reversed start=9><li>a<li value=3>b<li>c</ol>"), "9. a\n3. b\n2. c\n");
  EXPECT_EQ(convert("<ol reversed><LI>a<link><lix><ul><li>b</ul><li>c"), "2. a\n  - b\n1. c\n");
}

// CSS Counter Styles Level 3 §6.
TEST(Html, numbers_of_lists_as_styles_write_them) {
  const auto marks = [](const std::string &style, const std::string &start) {
    std::string text = convert("<ol start=" + start + " style='list-style:" + style + "'><li>x<li>y</ol>");
    return text.substr(0, text.size() - 1);
  };
  EXPECT_EQ(marks("katakana", "1"), "ア、x\nイ、y");
  EXPECT_EQ(marks("inside hiragana", "48"), "ん、x\nああ、y");
  EXPECT_EQ(marks("katakana-iroha", "1"), "イ、x\nロ、y");
  EXPECT_EQ(marks("hiragana-iroha", "2"), "ろ、x\nは、y");
  EXPECT_EQ(marks("cjk-ideographic", "9"), "九、x\n十、y");
  EXPECT_EQ(marks("japanese-informal", "1110"), "千百十、x\n千百十一、y");
  EXPECT_EQ(marks("japanese-informal", "9999"), "九千九百九十九、x\n一〇〇〇〇、y");
  EXPECT_EQ(marks("cjk-decimal", "29"), "二九、x\n三〇、y");
  EXPECT_EQ(marks("UPPER-ALPHA", "26"), "Z. x\nAA. y");
  EXPECT_EQ(marks("lower-greek", "24"), "ω. x\nαα. y");
  EXPECT_EQ(marks("upper-roman", "0"), "0. x\nI. y");
  EXPECT_EQ(marks("decimal-leading-zero", "9"), "09. x\n10. y");
  EXPECT_EQ(marks("square", "1"), "- x\n- y");
  EXPECT_EQ(marks("none", "1"), "x\ny");
  EXPECT_EQ(convert("<style>ul{list-style-type:decimal}</style><ul><li>a<li>b<ol type=a><li>c</ol></ul>"), "1. a\n2. b\n  a. c\n");
}

// HTML Standard §15.3.8 and CSS 2.2 §17.2.
TEST(Html, the_foot_of_a_table_stands_at_its_foot) {
  EXPECT_EQ(convert("<table><thead><tr><th>品<th>円<tfoot><tr><td>計<td>30</tfoot><tbody><tr><td>a<td>10<tr><td>b<td>20</table>x"),
            "品 | 円\na | 10\nb | 20\n計 | 30\nx\n");
  EXPECT_EQ(convert("<table><tfoot><tr><td>1</tfoot><tr><td><table><TFOOT><tr><td>2</TFOOT><tr><td>3</table></table>"), "3\n2\n1\n");
  EXPECT_EQ(convert("<table><tfoot><tr><td>1</tfoot><tfoot><tr><td>2</tfoot><tr><td>3"), "2\n3\n1\n") << "the first alone, and no end";
  EXPECT_EQ(convert("<table><tfoot><tr><td>1<!-- </tfoot>2 --><tr><td>3</table>4"), "2 -->\n3\n1\n4\n") << "a broken one loses nothing";
  EXPECT_EQ(convert("<table><tfoot><tr><td>1</table>2"), "1\n2\n");
  EXPECT_EQ(convert("<tfoot>1</tfoot>2"), "12\n");
  EXPECT_EQ(convert("<table><tr><td>1<tfoot><tr><td>2</table>3<table><TFOOT><tr><td>4</TFOOT><tr><td>5</table>6"), "1\n2\n3\n5\n4\n6\n") << "HTML has no need of its end";
  EXPECT_EQ(convert("<table><tfoot><tr><td>1</table><p>2</p></tfoot><p>3"), "1\n\n2\n\n3\n");
  EXPECT_EQ(convert("<table><tfoot><tr><td>1<Tbody><tr><td>2<tfoot><tr><td>3</tfoot></table>4"), "1\n2\n3\n4\n");
  EXPECT_EQ(convert("<table><tfoot><tr><td>1</tfootx>2</tfoot><tr><td>3</table>4"), "3\n12\n4\n");
}

TEST(Html, deep_quotations_end_where_they_do) {
  std::string deep, out;
  for (unsigned i = 0; i < 10; ++i)
    deep += "<blockquote>";
  out = convert(deep + "a</blockquote></blockquote></blockquote>b</blockquote>c");
  EXPECT_EQ(out, "> > > > > > > > a\n> > > > > > > b\n> > > > > > c\n");
}

TEST(Html, letters_above_and_below_the_line) {
  EXPECT_EQ(convert("10<sup>3</sup>m, 1<sup>1</sup>/<sub>2</sub>, x<sup>n</sup>y, 10<sup>&minus;3</sup>"),
            "10^3 m, 1 1/2, x^n y, 10^\u22123\n");
  EXPECT_EQ(convert("H<sub>2</sub>O, 10<sub>2</sub>, 21<sup>st</sup> A<sup>TM</sup>"), "H2O, 10_2, 21st ATM\n");
  EXPECT_EQ(convert("市民税<sup>1</sup> 円<sup>※</sup> 5 <sup>3</sup><sup></sup>8"), "市民税1 円※ 5 38\n");
  EXPECT_EQ(convert("<pre>10<sup>3</sup>\n2</pre>"), "10^3\n2\n");
}

TEST(Html, struck_text_is_marked) {
  EXPECT_EQ(convert("受付 <s>10時</s> 13時 <del><strike>a</strike> b</del>c"), "受付 [取消: 10時] 13時 [取消: a b]c\n");
  EXPECT_EQ(convert("<span style='text-decoration:line-through'>無料 <b>会</b></span> 500円"), "[取消: 無料 会] 500円\n");
  EXPECT_EQ(convert("<style>.x{text-decoration-line:underline line-through}</style><p class=x>a</p><u>b</u>"), "[取消: a]\n\nb\n");
  EXPECT_EQ(convert("<s></s>a<s> </s>b<s style='display:none'>c</s><a style='text-decoration:none'>d</a><s>"), "a bd\n");
  EXPECT_EQ(convert("<del><p>a<p>b</del>c"), "[取消: a\n\nb]\n\nc\n");
}

TEST(Html, what_strikes_out_goes_on_in_the_next_paragraph) {
  EXPECT_EQ(convert("<p><strike>a<p>b</strike>c"), "[取消: a]\n\n[取消: b]c\n");
  EXPECT_EQ(convert("<p><s>a</p><p>b"), "[取消: a]\n\n[取消: b]\n") << "never ended";
  EXPECT_EQ(convert("<p><s>a</p></s><p>b"), "[取消: a]\n\nb\n");
  EXPECT_EQ(convert("<s style='text-decoration:none'>a</s><p style='text-decoration:line-through;text-decoration:none'>b"), "a\n\nb\n");
  EXPECT_EQ(convert("<p style='text-decoration:line-through'>a<span style='text-decoration:none'>b</span>"), "[取消: ab]\n");
}

TEST(Html, powers_and_fractions) {
  EXPECT_EQ(convert("3<sup>1</sup>/<sub>2</sub>m 3<sup>1</sup>&frasl;<sub>2</sub> <sup>1</sup>/<sub>2</sub> H<sub>2</sub>O"),
            "3 1/2m 3 1\u20442 1/2 H2O\n");
  EXPECT_EQ(convert("10<span style='vertical-align:super'>5</span>円 10<span style='vertical-align:baseline'>5</span>"), "10^5円 105\n");
}

TEST(Html, what_stands_in_a_form) {
  EXPECT_EQ(convert("<input type=checkbox checked>出席 <input type=CheckBox>欠席 <input type=radio name=a checked>A <input type=radio>B"),
            "☑出席 ☐欠席 ◉A ○B\n");
  EXPECT_EQ(convert("数<input value='12'>名<input type=hidden value=x><input type=password value=y><input type=submit value=送信>"), "数 12 名\n");
  EXPECT_EQ(convert("<select><option>一<option selected>二</select>"), "○ 一\n◉ 二\n");
}

TEST(Html, letters_that_are_pictures) {
  EXPECT_EQ(convert("<span style='font-family:Wingdings'>&#254;</span>同意<font face=\"Wingdings\">o</font>否<span style='font-family:Wingdings'>"
                    "<span style='font-family:Arial,sans-serif'>o</span></span>"),
            "☑同意☐否o\n");
}

TEST(Html, cells_keep_their_columns) {
  EXPECT_EQ(convert("<table><tr><td rowspan=2>1日<td>税務<td>福祉<tr><td>水道<td>教育<tr><td>a<td>b<td>c</table>"),
            "1日 | 税務 | 福祉\n〃 | 水道 | 教育\na | b | c\n");
  EXPECT_EQ(convert("<table><tr><td>a<td rowspan=0>b<tr><td>c<tr><td>d</table>"), "a | b\nc | 〃\nd | 〃\n");
  EXPECT_EQ(convert("<table><tr><td rowspan=2 colspan=2>a<td>b<tr><td>c</table>"), "a | b\n〃 | c\n");
  EXPECT_EQ(convert("<table><tr><td rowspan=3><img src=cid:a alt=''><td>a<tr><td rowspan=2><p>b<p>c<tr><td>d</table>"),
            "[画像] | a\n\nb\n\nc\n\nd\n") << "what is layout is not spoken of again";
  EXPECT_EQ(convert("<table><tr><td rowspan=2><table><tr><td>a<td>b</table><td>c<tr><td>d</table>"), "a | b\nc\nd\n");
}

TEST(Html, places_without_words_are_places) {
  EXPECT_EQ(convert("<table><tr><th>項目<th>4月<th>5月<th>6月<tr><td>歳入<td><td>5<td>6<tr><td><td>1<td> <td>3<tr><td>歳出<td>&nbsp;<td>7<td></table>"),
            "項目 | 4月 | 5月 | 6月\n歳入 | | 5 | 6\n| 1 | | 3\n歳出 | | 7\n");
  EXPECT_EQ(convert("<table><tr><td colspan=2>見出し<td>C<tr><td>1<td>2<td>3</table>"), "見出し | | C\n1 | 2 | 3\n");
  EXPECT_EQ(convert("<table><tr><td width=9><td>a<td><td>b<tr><td><td>c<td><td>d</table>"), "a | b\nc | d\n") << "empty in all rows";
  EXPECT_EQ(convert("<table><tr><td rowspan=2>10:00<br>11:00<td>a<tr><td>b</table>"), "10:00 / 11:00 | a\n〃 | b\n");
  EXPECT_EQ(convert("<table><tr><td><p>日時</p><td><p>1日</p><p>2日</p><tr><td><p>所<td><p>x</table>y"), "日時 | 1日 / 2日\n所 | x\n\ny\n");
  EXPECT_EQ(convert("<blockquote><table><tr><td><p>日時<td><p>1日<tr><td>所<td>x</table></blockquote>"), "> 日時 | 1日\n> 所 | x\n");
  EXPECT_EQ(convert("<table><thead><tr><th rowspan=3>a<th>b<tbody><tr><td>c<td>d</table>"), "a | b\nc | d\n") << "not beyond its group";
  EXPECT_EQ(convert("<table><tr><td rowspan=2>" + std::string(40, 'x') + "関所" + "<td>a<tr><td>b</table>"),
            std::string(40, 'x') + "関所 | a\n〃 | b\n");
  const std::string words = "長い文。" + std::string(300, 'x');
  EXPECT_EQ(convert("<table><tr><td>a<td><td>b<tr><td><td>" + words + "<td></table>"), "a | b\n" + words + "\n") << "layout";
  EXPECT_EQ(convert("<table><tr><td style='text-decoration:line-through'>5<td>6<tr style='text-decoration:line-through'><td><td>7</table>"),
            "[取消: 5] | 6\n| [取消: 7]\n");
  EXPECT_EQ(convert("<table><tr><td>a<td><a href='https://x.example/'>b</a><tr><td><td>c</table>"), "a | b <hxxps://x[.]example/>\n| c\n");
}

TEST(Html, a_table_that_becomes_shorter_in_a_cell_of_another) {
  std::string rows;
  for (unsigned i = 0; i < 9; ++i)
    rows += "<tr><td><p>a</p><td><p>b</p>";
  EXPECT_EQ(convert("<table><tr><td>x<table>" + rows + "</table><td>y</table>").substr(0, 12), "x\n\na | b\na |");
}

TEST(Html, cells_that_reach_far_make_no_flood) {
  std::string html = "<table><tr>";
  for (unsigned i = 0; i < 64; ++i)
    html += "<td rowspan=0>a";
  for (unsigned i = 0; i < 1000; ++i)
    html += "<tr>";
  std::string tables;
  for (unsigned i = 0; i < 100; ++i)
    tables += html + "</table>";
  EXPECT_LT(convert(tables).size(), tables.size());
}

TEST(Html, ruby_stands_in_one_pair_of_brackets) {
  EXPECT_EQ(convert("<ruby>髙橋<rp>(</rp><rt>たかはし</rt><rp>)</rp></ruby>様"), "髙橋(たかはし)様\n");
  EXPECT_EQ(convert("<ruby>漢<rp>（<rt>かん<rp>）<rt>じ</ruby>a"), "漢(かん)(じ)a\n");
  EXPECT_FALSE(html_to_text("<ruby>漢<rp>（</rp><rt>かん</ruby>").hidden);
  EXPECT_TRUE(html_to_text("<ruby>漢<rp>pay now</rp><rt>かん</ruby>").hidden);
}

TEST(Html, links_show_their_true_target_and_are_links_no_more) {
  EXPECT_EQ(convert("<a href='https://evil.example.com/x?y=1&amp;z'>bank</a>"),
            "bank <hxxps://evil[.]example[.]com/x?y=1&z>\n");
  EXPECT_EQ(convert("<a href='http://a.example/'>http://a.example</a>"), "http://a.example\n");
  EXPECT_EQ(convert("<a href='http://evil.example/'>http://bank.example/</a>"),
            "http://bank.example/ <hxxp://evil[.]example/>\n");
  EXPECT_EQ(convert("<a href='mailto:a@example.jp?cc=b'>mail</a>"), "mail <a@example.jp?cc=b>\n");
  EXPECT_EQ(convert("<a href='#top'>top</a> <a>none</a>"), "top none\n");
  EXPECT_EQ(convert("<a href='ht\ntps://evil.example/'>x</a>"), "x <hxxps://evil[.]example/>\n");
  EXPECT_EQ(convert("<a href='//evil.example/'>x</a>"), "x <hxxps://evil[.]example/>\n");
}

/// How a link with these words is shown.
std::string shown_target(const std::string &href, const std::string &words = "x") {
  const std::string text = convert("<a href=\"" + href + "\">" + words + "</a>");
  return text.substr(words.size(), text.size() - words.size() - 1);
}

TEST(Html, what_windows_would_log_in_at_is_no_link_any_more) {
  EXPECT_EQ(shown_target("\\\\server\\share"), " <[\\\\]server\\share>");
  EXPECT_EQ(shown_target("\\\\10.1.2.3\\s"), " <[\\\\]10[.]1[.]2[.]3\\s>");
  EXPECT_EQ(shown_target("search-ms:query=x&crumb=location:\\\\server\\s"), " <search-ms[:]query=x&crumb=location:[\\\\]server\\s>");
}

TEST(Html, the_host_of_a_link_is_shown_however_long_what_stands_before_it) {
  for (const std::size_t length : {240u, 9000u}) {
    const std::string letters(length, 'a');
    EXPECT_EQ(shown_target("https://www.town.example.lg.jp:" + letters + "@evil.example.com/login"), " <hxxps://…@evil[.]example[.]com/login>");
    EXPECT_EQ(shown_target("mailto:" + letters + "@evil.example"), " <…@evil.example>");
    EXPECT_EQ(shown_target("mailto:a@x.example," + letters + "@evil.example"), " <a@x.example,…@evil.example>");
    EXPECT_EQ(shown_target("https:" + std::string(length, '/') + "evil.example/"), " <hxxps://evil[.]example/>");
  }
  const std::string label(300, '-');
  EXPECT_EQ(shown_target("https://www.town.example.lg.jp" + label + ".evil.example.com/login"),
            " <hxxps://www[.]town[.]example[.]lg[.]jp" + label + "[.]evil[.]example[.]com/login>");
  const std::string deep = shown_target("https://" + std::string(3000, 'a') + "%E3%81%82あ.evil.example/login");
  EXPECT_TRUE(deep.ends_with("aaa%E3%81%82あ[.]evil[.]example/login>") && deep.starts_with(" <hxxps://…a")) << deep;
  EXPECT_LT(deep.size(), 1100u);
  EXPECT_EQ(shown_target("https://a@b@evil.example\\@x.example/"), " <hxxps://a@b@evil[.]example\\@x.example/>");
  EXPECT_EQ(shown_target("https:evil.example"), " <hxxps://evil[.]example>");
}

TEST(Html, a_long_target_is_cut_behind_its_host_and_says_so) {
  const std::string start = "https://x.example/", shown_start = " <hxxps://x[.]example/";
  EXPECT_EQ(shown_target(start + std::string(1900, 'b')), shown_start + std::string(1900, 'b') + ">");
  EXPECT_EQ(shown_target(start + std::string(3000, 'b')), shown_start + std::string(2000 - 20, 'b') + "…(+1020)>");
  EXPECT_EQ(shown_target(start + std::string(1979, 'b') + "あああ"), shown_start + std::string(1979, 'b') + "…(+9)>");
  std::string many, one = "<a href='mailto:";
  for (unsigned i = 0; i < 1000; ++i)
    one += "a@x.example,";
  for (unsigned i = 0; i < 1000; ++i)
    many += one + "'>x</a> ";
  EXPECT_LT(convert(many).size(), many.size());
}

TEST(Html, blanks_inside_a_target_are_part_of_it) {
  EXPECT_EQ(shown_target(" \r\nhttps://x.example/共有 資料/見\t積\n 書.pdf "), " <hxxps://x[.]example/共有%20資料/見積%20書.pdf>");
  EXPECT_EQ(shown_target("https://x.example/a&#1;b&#127;"), " <hxxps://x[.]example/a%01b%7F>");
}

TEST(Html, an_address_is_told_unless_the_words_name_it_whole) {
  EXPECT_EQ(shown_target("mailto:taro@example.co", "taro@example.com"), " <taro@example.co>");
  EXPECT_EQ(shown_target("mailto:taro@example.co", "taro@example.co.jp"), " <taro@example.co>");
  EXPECT_EQ(shown_target("mailto:o@example.jp", "taro@example.jp"), " <o@example.jp>");
  EXPECT_EQ(shown_target("mailto:taro@example.jp", "担当taro@example.jpまで"), "");
  EXPECT_EQ(shown_target("mailto:taro@example.jp", "mail taro@example.jp."), "");
}

TEST(Html, targets_of_all_schemes_are_shown_and_are_links_no_more) {
  EXPECT_EQ(shown_target("ms-word:ofe|u|https://evil.example/x.docm"), " <ms-word[:]ofe|u|https[:]//evil.example/x.docm>");
  EXPECT_EQ(shown_target("search-ms:query=x&crumb=location:\\\\evil.example"), " <search-ms[:]query=x&crumb=location:[\\\\]evil.example>");
  EXPECT_EQ(shown_target("zoommtg://zoom.example/join?confno=1"), " <zoommtg[:]//zoom[.]example/join?confno=1>");
  EXPECT_EQ(shown_target("webcal://x.example/c.ics"), " <webcal[:]//x[.]example/c.ics>");
  EXPECT_EQ(shown_target("FTP:\\\\a@evil.example\\x"), " <FTP[:]//a@evil[.]example\\x>");
  EXPECT_EQ(shown_target("file:///C:/x"), " <file[:]///C:/x>");
  EXPECT_EQ(shown_target("\\\\evil.example\\x"), " <[\\\\]evil[.]example\\x>");
  EXPECT_EQ(shown_target("https://x.example/?u=http://y.example"), " <hxxps://x[.]example/?u=http[:]//y.example>");
  EXPECT_EQ(shown_target("webcal://x.example", "https://x.example"), " <webcal[:]//x[.]example>");
  for (const char *nowhere : {"cid:a@b", "about:blank", "x-apple-data-detectors://1", "#top", "mailto:", "mailto:?", "tel:", ""})
    EXPECT_EQ(shown_target(nowhere), "") << nowhere;
}

// RFC 6068 §2: who else gets the mail, and what it says.
TEST(Html, what_a_link_puts_into_a_mail_is_shown) {
  EXPECT_EQ(shown_target("mailto:?to=a%40x.example&amp;bcc=b@\u0435xample.com"), " <mailto[:]?to=a@x.example&bcc=b@\u0435xample.com(xn--xample-2of.com)>");
  EXPECT_EQ(shown_target("mailto:a@x.example?CC=b@y.example,c@z.example&amp;body=http%3A//w.example%0d%0a%E6%8C%AF%E8%BE%BC&amp;y", "a@x.example"),
            " <a@x.example?CC=b@y.example,c@z.example&body=http[:]//w.example%0d%0a振込&y>");
  EXPECT_EQ(shown_target("mailto:a@x.example?", "a@x.example"), "");
  EXPECT_EQ(shown_target("mailto:a@x.example?&amp;&amp;=&amp;%&amp;subject=%e6%"), " <a@x.example?&&=&%&subject=%e6%>");
  const std::string words(3000, 'a');
  EXPECT_EQ(shown_target("mailto:?body=" + words + "&amp;cc=a@x.example"), " <mailto[:]?body=" + words.substr(1000) + "…(+1000)…(+15)>");
  EXPECT_EQ(shown_target("mailto:?cc=" + words + "@x.example&amp;" + words), " <mailto[:]?cc=…@x.example&" + words.substr(0, 63) + "…(+2937)>");
}

TEST(Html, relative_links_of_a_page_without_a_base_are_shown_as_such) {
  EXPECT_EQ(shown_target("a/b.html"), " <相対: a/b.html>");
  EXPECT_EQ(shown_target("/login?u=http://y.example"), " <相対: /login?u=http[:]//y.example>");
  EXPECT_EQ(shown_target("?x"), " <相対: ?x>");
  EXPECT_EQ(shown_target("a.html", "a.html"), "");
}

TEST(Html, a_host_that_could_be_taken_for_another_is_told_in_ascii_too) {
  const std::string alike = "https://\u0435xample.com"; // Cyrillic
  EXPECT_EQ(shown_target(alike + "/pay", "https://example.com/pay"), " <hxxps://\u0435xample[.]com(xn--xample-2of[.]com)/pay>");
  EXPECT_EQ(shown_target(alike + ":443/pay", alike + ":443/pay"), " <hxxps://\u0435xample[.]com(xn--xample-2of[.]com):443/pay>");
  EXPECT_EQ(shown_target("https://%D0%B5x%61mple.com/"), " <hxxps://\u0435xample[.]com(xn--xample-2of[.]com)/>");
  EXPECT_EQ(shown_target("mailto:a@\u0435xample.com", "a@\u0435xample.com"), " <a@\u0435xample.com(xn--xample-2of.com)>");
  EXPECT_EQ(shown_target("https://\u03bf.example/"), " <hxxps://\u03bf[.]example(xn--0xa[.]example)/>");
  EXPECT_EQ(shown_target("https://town.example.jpノlogin.x.example/"),
            " <hxxps://town[.]example[.]jpノlogin[.]x[.]example(town[.]example[.]xn--jplogin-u04f[.]x[.]example)/>");
  EXPECT_EQ(shown_target("https://ｅxample.com。x.example/"), " <hxxps://example[.]com[.]x[.]example/>");
  EXPECT_EQ(shown_target("https://x.example\u3000/"), " <hxxps://x[.]example\u3000(x[.]example%E3%80%80)/>"); // none can be called so
  for (const char *japanese : {"例え.jp", "データセンター東京.example", "見本町a〆〇.jp"})
    EXPECT_EQ(shown_target("https://" + std::string(japanese) + "/", "https://" + std::string(japanese)), "") << japanese;
  EXPECT_EQ(shown_target("https://例え.jp/"), " <hxxps://例え[.]jp/>");
}

TEST(Html, names_in_other_letters_cost_little_however_many) {
  std::string many;
  for (unsigned i = 0; i < 1200; ++i)
    many += "<a href='//\u0430" + std::to_string(i) + "'>x</a> ";
  const std::string text = convert(many);
  EXPECT_TRUE(text.ends_with(" x <hxxps://\u04301199(%D0%B01199)>\n")) << text.substr(text.size() - 80);
}

TEST(Html, relative_links_lead_on_from_the_base) {
  const auto shown = [](const std::string &base, const std::string &href) {
    return convert("<base href='" + base + "'><a href='" + href + "'>https://town.example/</a>").substr(21);
  };
  EXPECT_EQ(shown("https://evil.example/", "login"), " <hxxps://evil[.]example/login>\n");
  EXPECT_EQ(shown("https://evil.example", "login?a"), " <hxxps://evil[.]example/login?a>\n");
  EXPECT_EQ(shown("https://evil.example/a/b?c/d", "e"), " <hxxps://evil[.]example/a/e>\n");
  EXPECT_EQ(shown("https://evil.example/a/b?c/d", "/e"), " <hxxps://evil[.]example/e>\n");
  EXPECT_EQ(shown("https://evil.example/a/b?c/d", "?e"), " <hxxps://evil[.]example/a/b?e>\n");
  EXPECT_EQ(shown("https://evil.example/a/b?c/d", ""), " <hxxps://evil[.]example/a/b>\n");
  EXPECT_EQ(shown("https://evil.example/a", "#b"), " <hxxps://evil[.]example/a#b>\n");
  EXPECT_EQ(shown("https://evil.example/a", "https:town.example"), " <hxxps://evil[.]example/town.example>\n");
  EXPECT_EQ(shown("https://evil.example/a", "https:/town.example"), " <hxxps://evil[.]example/town.example>\n");
  EXPECT_EQ(shown("http://evil.example/a", "https:x.example"), " <hxxps://x[.]example>\n");
  EXPECT_EQ(shown("http://evil.example/a", "//x.example/b"), " <hxxp://x[.]example/b>\n");
  EXPECT_EQ(shown("//town.example/a/", "./"), " <hxxps://town[.]example/a/./>\n");
  EXPECT_EQ(shown("https://town.example/a", "/"), "\n");
  EXPECT_EQ(shown("https:\\\\a@evil.example\\b\\c", "d"), " <hxxps://a@evil[.]example\\b\\d>\n");
  EXPECT_EQ(shown("https://" + std::string(9000, 'a') + "@evil.example/b", "c"), " <hxxps://…@evil[.]example/c>\n");
  EXPECT_EQ(shown("https://town.example/a", "\\\\evil.example\\b"), " <[\\\\]evil[.]example\\b>\n");
  EXPECT_EQ(shown("javascript:x", "y"), " <相対: y>\n");
  EXPECT_EQ(shown("/a/", "y"), " <相対: y>\n");
  EXPECT_EQ(convert("<a href=b>a</a> <base href='//x.example/'><base href='//y.example/'><a href=d>c</a>"),
            "a <hxxps://x[.]example/b> c <hxxps://x[.]example/d>\n");
  EXPECT_EQ(convert("<div hidden><base href='//x.example/'></div><a href=b>a</a>"), "a <hxxps://x[.]example/b>\n");
}

TEST(Html, a_long_base_of_many_links_is_shown_as_often_as_is_bearable) {
  std::string many = "<base href='https://x.example/" + std::string(3000, 'a') + "'>";
  for (unsigned i = 0; i < 100'000; ++i)
    many += "<a href='?b'>c</a>";
  const std::string text = convert(many);
  EXPECT_LT(text.size(), 20'000'000u);
  EXPECT_TRUE(text.ends_with("c <hxxps://…/?b>\n")) << text.substr(text.size() - 80);
}

TEST(Html, the_areas_of_a_picture_are_shown_as_links) {
  EXPECT_EQ(convert("a<map><area href='https://x.example/1' alt='地図'><area href='//x.example/2'><area alt='n' nohref></map>b"),
            "a 地図 <hxxps://x[.]example/1> [画像] <hxxps://x[.]example/2> b\n");
  const HtmlText hidden = html_to_text("<map hidden><area href='https://x.example/1' alt='地図'></map>");
  EXPECT_TRUE(hidden.hidden && hidden.text.empty()) << hidden.text;
  EXPECT_EQ(convert("<svg><a xlink:href='https://x.example/'><text>svg</text></a></svg>"), "svg <hxxps://x[.]example/>\n");
}

TEST(Html, a_number_of_a_telephone_is_not_said_twice) {
  for (const char *said : {"<a href='tel:0312345678'>TEL 03-1234-5678</a>", "<a href='tel:03-1234-5678'>０３（１２３４）５６７８</a>",
                           "<a href='tel:+81-3-1234-5678'>03 1234 5678</a>", "<a href='tel:0312345678'>+81 (0)3 1234 5678</a>"})
    EXPECT_EQ(convert(said).find('<'), std::string::npos) << said;
  EXPECT_EQ(convert("<a href='tel:0990-12-3456'>0312345678</a>"), "0312345678 <0990-12-3456>\n");
  EXPECT_EQ(convert("<a href='tel:*21*03123'>2103123</a> <a href='tel:+1-03'>03</a>"), "2103123 <*21*03123> 03 <+1-03>\n");
  EXPECT_EQ(convert("<a href='tel:+81-00-1'>01</a> <a href='tel:++'>+</a>"), "01 <+81-00-1> + <++>\n");
}

TEST(Html, active_content_is_left_out_and_named) {
  HtmlText script = html_to_text("a<script>if (1<2) '</p>'</script>b<SCRIPT>c</sCrIpT >d");
  EXPECT_EQ(script.text, "abd\n");
  EXPECT_TRUE(script.script);
  EXPECT_TRUE(html_to_text("<p onclick=x>a").script);
  EXPECT_TRUE(html_to_text("<a href=' java\tscript:x'>a</a>").script);
  EXPECT_TRUE(html_to_text("<meta http-equiv=Refresh content='0;url=//x'>").active);
  EXPECT_TRUE(html_to_text("<form action=x><input></form>").active);
  EXPECT_TRUE(html_to_text("<iframe src=x>a</iframe>").active);
  EXPECT_TRUE(html_to_text("<object data=x>").active);
  EXPECT_FALSE(html_to_text("<p>plain <b>text</b></p>").active);
  EXPECT_FALSE(html_to_text("<p>plain <b>text</b></p>").script);
}

TEST(Html, remote_content_is_named) {
  for (const char *remote :
       {"<img src='http://x/p.gif'>", "<img src=//x/p.gif>", "<td background='https://x/'>",
        "<link rel=stylesheet href='http://x'>", "<style>@import url(http://x)</style>",
        "<p style=\"background:url('http://x')\">", "<img src='HTTP&#58;//x'>",
        "<img src='\\\\server\\share'>"})
    EXPECT_TRUE(html_to_text(remote).remote) << remote;
  for (const char *local : {"<img src='cid:a'>", "<a href='http://x'>a</a>", "<img src='data:,x'>"})
    EXPECT_FALSE(html_to_text(local).remote) << local;
}

TEST(Html, hidden_text_is_left_out_and_named) {
  for (const char *hidden :
       {"<div style='display:none'>x</div>a", "<div style='DISPLAY : None'>x<p>y</div>a",
        "<span style='font-size:0'>x</span>a", "<span style='font-size:0.0px;'>x</span>a",
        "<p hidden>x</p>a", "<span style='visibility:hidden'>x</span>a",
        "<div style='max-height:0px;overflow:hidden'>x</div>a", "<span style='opacity:0'>x</span>a",
        "<div style='dis&#112;lay:none'>x</div>a"}) {
    HtmlText found = html_to_text(hidden);
    EXPECT_EQ(found.text, "a\n") << hidden;
    EXPECT_TRUE(found.hidden) << hidden;
  }
  for (const char *shown :
       {"<span style='font-size:0.9em'>a</span>", "<span style='opacity:0.5'>a</span>",
        "<div style='display:none'></div>a", "<div style='display:none'>\n</div>a"}) {
    HtmlText found = html_to_text(shown);
    EXPECT_EQ(found.text, "a\n") << shown;
    EXPECT_FALSE(found.hidden) << shown;
  }
}

/// Its text alone, and whether some was hidden.
std::string seen(std::string_view html) {
  HtmlText found = html_to_text(html);
  while (found.text.ends_with('\n'))
    found.text.pop_back();
  return (found.hidden ? "hidden|" : "|") + found.text;
}

// H1: as programs that read mail lay it out, whoever wrote it (CSS Cascade Level 4, Selectors Level 4).
TEST(Html, what_a_rule_of_a_sheet_hides_is_left_out_and_named) {
  for (const char *rule :
       {".x{display:none}", "p.x{visibility:hidden}", "#i{font-size:0}", "p{opacity:0}", "P , .other{display:NONE}",
        "*.x{display:none}", ".x{color:#fff}", ".x{color:rgb(250 250 250)}", ".x{color:transparent}",
        ".x{background:#000;color:black}", ".x{max-height:0;overflow:clip}", ".x{height:0;overflow:hidden}",
        ".x{position:absolute;width:1px;height:1px;overflow:hidden}", ".x{text-indent:-9999px}",
        ".x{position:absolute;left:-9999px}", ".x{font:0/0 a}", ".x{font-size:1px}", ".x{filter:alpha(opacity=0)}",
        ".x{position:absolute;clip:rect(0 0 0 0)}", ".x{transform:scale(0)}", ".x{clip-path:inset(50%)}",
        ".x{font-size:calc(0px)}", ".x{font-size:1e-9em}", "div .x{display:none}", "body div>p{display:none}",
        "div p.y.x{display:none}", "[class~=x]{display:none}", "p[class='Y x']{display:none}",
        ".x{-webkit-text-fill-color:transparent}", ".x{letter-spacing:-9999px}", ".x{clip-path:inset(0 100% 0 0)}",
        ".x{clip-path:polygon(0 0,0 0,0 0)}", ".x{-webkit-clip-path:ellipse(0 0)}", ".x{transform:scale(1,0)}",
        ".x{transform:translate(1px) rotateX(90deg)}", ".x{transform:matrix(0,0,0,0,9,9)}", ".x{scale:0 1}",
        "div{opacity:.3}.x{opacity:.3}", ".x:not(.z){display:none}", "p:not(.z,#j,[title]):is(.y,div){display:none}",
        "div>:first-child{display:none}", ".x:not(:hover){display:none}", "div:not(.x)>.x:not(:not(p)){display:none}",
        ".y:is(#i){display:none}.x.y{display:block}"}) {
    const std::string sheet = "<style>" + std::string(rule) + "</style>";
    EXPECT_EQ(seen(sheet + "<body><div><p class='Y x' id=i>h</p></div>a"), "hidden|a") << rule;
    EXPECT_EQ(seen("<body><div><p class='Y x' id=i>h</p></div>a" + sheet), "hidden|a") << rule; // behind what it hides
  }
}

TEST(Html, rules_are_read_as_css_is) {
  for (const char *rule :
       {".x{dis\\70lay:none}", ".\\78 {display:none}", ".x{display:/**/none}", "/*}*/.x{display:none!important}",
        "<!-- .x{display:none} -->", ".x{;;display : none ;}", ".x{content:'}';display:none}",
        "@font-face{src:url(a)}.x{display:none}", "@import 'a';.x{display:none}", "@media screen{.x{display:none}}",
        "@media only screen and (min-width:1px){.x{display:none}}", "@supports (display:block){.x{display:none}}",
        "@layer a{@media all{.x{display:none}}}", ".y{display:block}.x{display:none}", ".x:hover{display:block}.x{display:none}",
        ".x{display:none!important}#i{display:block}", ".x{display:none", "@media print{.q{color:red}}.x{display:none}",
        ".x{background:url('data:a;b');display:none}", ".x{a:{b};display:none}"})
    EXPECT_EQ(seen("<style>" + std::string(rule) + "</style><p class=x id=i>h</p>a"), "hidden|a") << rule;
}

TEST(Html, what_a_reader_sees_stays) {
  for (const char *rule :
       {".xx{display:none}", ".X-y{display:none}", "div{display:none}", ".x p{display:none}", "@media print{.x{display:none}}",
        "@media (max-width:600px){.x{display:none!important}}", "@media (prefers-color-scheme:dark){.x{color:#fff}}",
        ".x{display:none}.x{display:block}", ".x{display:none}#i{display:block}", ".x{display:none}.y{display:block!important}",
        ".x{color:#fff;background:#004080}", ".x{color:#fff;background:url(cid:a)}", ".x::before{display:none}",
        ".x:hover{display:none}", ".y{background:navy}.x{color:white}", ".x{color:#999}", ".x{height:0}", ".x{max-height:0}",
        ".x+.x{display:none}", "[data-ogsc] .x{color:#fff}", ".x:not(.z){background:#222}.x{color:#fff}",
        ".x{-webkit-text-fill-color:#fff;background-clip:text;background:red}", ".x{color:transparent;-webkit-background-clip:text;background:red}",
        ".x{color:#fff;-webkit-text-fill-color:black}", ".x{letter-spacing:-1px}", ".x{clip-path:inset(0 50% 0 0)}",
        ".x{clip-path:polygon(0 0,0 9px,9px 0)}", ".x{transform:scale(1,.5)}", ".x{transform:rotateX(45deg)}", ".x{scale:2}",
        "div{opacity:.6}.x{opacity:.6}", ".x:not(.y){display:none}", "p:is(.z,div){display:none}", ".x:first-child{display:none}",
        "p:not(div .x){display:none}", "div:not([title])>.x{display:none}", ".x:not(:last-child){display:none}",
        ".x:not(){display:none}", ".x:is(.y{display:none}", ".x:not(.z)::before{display:none}",
        ".x{left:-9999px}", "@keyframes x{from{opacity:0}}", "@unknown{.x{display:none}}", ".x;.x{display:none}"})
    EXPECT_EQ(seen("<style>" + std::string(rule) + "</style><p class='x y' id=i>a</p>"), "|a") << rule;
  EXPECT_EQ(seen("<style>.x{display:none}</style><p class=x style='display:block'>a"), "|a");
  EXPECT_EQ(seen("<style media=print>.x{display:none}</style><p class=x>a"), "|a");
  EXPECT_EQ(seen("<table bgcolor='#003366'><td><font color=white>a</font>"), "|a");
  EXPECT_EQ(seen("<div style='color:#fff'><a href='#b'>a</a>"), "|a"); // links have their own colour
  EXPECT_EQ(seen("<body bgcolor=black><a href='#b'>a</a>"), "|a");
  EXPECT_EQ(seen("<body bgcolor=black>b<a href='http://x.example/'><img src='http://y'></a>"), "hidden|[画像] <hxxp://x[.]example/>");
  EXPECT_EQ(seen("<p style='font-size:1.8'>a"), "|a"); // no length
  EXPECT_EQ(seen("<div background='cid:c' style='color:#fff'>a"), "|a");
}

TEST(Html, what_letters_of_no_size_hold_may_be_seen) {
  EXPECT_EQ(seen("<td style='font-size:0px'>b<div style='font-size:13px'>a</div></td>"), "hidden|a");
  EXPECT_EQ(seen("<div style='font-size:0'><p style='font-size:2em'>b</p></div>a"), "hidden|a");
  EXPECT_EQ(seen("<div style='visibility:hidden'>b<p style='visibility:visible'>a</p></div>"), "hidden|a");
  EXPECT_EQ(seen("<td style='font-size:0'><a href='http://x.example/'><img src='cid:a' alt=b></a>"),
            "|[画像: b] <hxxp://x[.]example/>");
  EXPECT_EQ(seen("<div style='font-size:0'><a href='http://x.example/'>b</a></div>a"), "hidden|a");
  EXPECT_EQ(seen("<div style='display:none'><p style='display:block;font-size:9pt'>b</p></div>a"), "hidden|a");
}

// CSS Generated Content Level 3: programs that read mail show it.
TEST(Html, words_that_only_a_sheet_has_are_shown) {
  const auto seen_with = [](const std::string &rules) { return seen("<style>" + rules + "</style><p class=x title='T &amp; u' id=i>a<b>c</b></p>d"); };
  EXPECT_EQ(seen_with(".x::before{content:'振込先: A銀行 '}"), "|振込先: A銀行 ac\n\nd");
  EXPECT_EQ(seen_with("p.x:AFTER , .z::before{color:red;content : \"\\5186\\20 Y\\\" }\"!important}"), "|ac円 Y\" }\n\nd");
  EXPECT_EQ(seen_with("#i:before{content:attr(TITLE) ' - ' url(x) / 'aloud'}"), "|T & u - ac\n\nd");
  EXPECT_EQ(seen_with(".x b::before{content:'1';display:block}b::after{content:'2';display:inline-block}"), "|a\n1\nc 2\n\nd");
  EXPECT_EQ(seen_with(".x::before{content:'1'}.x::before{content:'2'}p::before{content:'3'!important}"), "|3ac\n\nd");
  EXPECT_EQ(seen_with(".x::before{content:'1'}.x::before{content:none}.x::after{content:'';display:table}.x{content:'4'}"), "|ac\n\nd");
  EXPECT_EQ(seen_with(".x::before{content:'\\f0e0'}.x::after{content:'\ue000'}"), "|ac\n\nd") << "pictures of a font";
  EXPECT_EQ(seen("<ul><li>a<li>b</ul>c<style>li::before{content:'※'}ul::after{content:'end'}</style>"), "|- ※a\n- ※b\nend\nc");
  EXPECT_EQ(seen("<style>.x{font-size:0;color:transparent}.x:after{content:'1円';font-size:12pt;color:#000}</style>a<b class=x></b>c"), "|a1円c");
  EXPECT_EQ(seen("<style>i{visibility:hidden}i::before{content:'1';visibility:visible}</style>a<i>2</i>c"), "hidden|a1c");
  for (const char *name : {"CoNTeNT", "c\\6fntent", "\\63 ontent"})
    EXPECT_EQ(seen("<style>p::before{" + std::string(name) + ":'1'}</style><p>a"), "|1a") << name;
}

TEST(Html, words_of_a_sheet_that_are_not_shown_are_told) {
  for (const char *rule :
       {".x::before{content:counter(y)}", ".x::before{content:'1';display:none}", ".x::before{content:'1';color:white}",
        "@media (max-width:900px){.x::before{content:'1'}}", "*+.x::after{content:var(--y)}", "p{font-size:9pt}p i{font-size:0}i::after{content:'1'}",
        "li::marker{content:'1'}", "@counter-style x{symbols:'1'}", "@COUNTER-style x{symbols:'1'}"})
    EXPECT_EQ(seen("<style>" + std::string(rule) + "</style><p class=x>a<i></i>"), "hidden|a") << rule;
  EXPECT_EQ(seen("<style>.x::before{content:'1'}</style><p class=x hidden>a"), "hidden|");
  for (const char *value : {"list-style-type:\"1\"", "list-style:inside '1'", "list-style-type:symbols(\"1\" \"2\")"})
    EXPECT_EQ(seen("<style>ul{" + std::string(value) + "}</style><ul><li>a</ul>"), "hidden|- a") << value;
  EXPECT_EQ(seen("<style>.y::before,.x:not(.z){display:none}</style>a<p class=x>b"), "hidden|a");
  std::string long_text, pieces;
  for (unsigned i = 0; i < 1000; ++i)
    long_text += "あ";
  for (unsigned i = 0; i < 17; ++i)
    pieces += " '" + std::to_string(i % 10) + "'";
  const std::string filler(4000, '.');
  EXPECT_EQ(seen("<style>p::before{content:'" + long_text + "'}</style><p>b"), "hidden|" + long_text.substr(0, 334 * 3) + "b");
  EXPECT_EQ(seen("<style>p::before{content:attr(a)}</style><p a='" + long_text + "'>b"), "hidden|" + long_text.substr(0, 170 * 3) + "b");
  EXPECT_EQ(seen("<style>p::before{content:" + pieces + "}</style><p>b"), "hidden|0123456789012345b");
  EXPECT_EQ(seen("<style>p::before{content:'1' url(https://x.example/" + filler + ")}</style><p>b").substr(0, 6), "|1b") << "a picture";
  for (const char *rule : {".x::before{content:''}", "li::marker{content:none;color:red}", "@media print{.x::before{content:'1'}}", ".x:hover::before{content:'1'}",
                           ".x::first-line{content:'1'}", ".y::before{content:'1'}"})
    EXPECT_EQ(seen("<style>" + std::string(rule) + "</style><p class=x>a"), "|a") << rule;
  std::string many, rules = "<style>p::before{content:'" + std::string(900, 'y') + "'}</style>";
  for (unsigned i = 0; i < 1000; ++i)
    many += "<p>a";
  const HtmlText found = html_to_text(rules + many);
  EXPECT_LT(found.text.size(), 2 * many.size() + 2 * rules.size() + 1000);
  EXPECT_TRUE(found.hidden);
}

TEST(Html, no_markup_remains_however_it_is_broken) {
  EXPECT_EQ(convert("a<!-- b --!>c<!-->d<!--->e<!-- -- > f -->g"), "acdeg\n");
  EXPECT_EQ(convert("a<!-- never closed <p>b"), "a\n");
  EXPECT_EQ(convert("a<b title='>'>b</b><c d=\"</c>\">e"), "abe\n");
  EXPECT_EQ(convert("a<p"), "a\n");
  EXPECT_EQ(convert("1 < 2 <3 </ x> <?php x ?> <![CDATA[y]]>z"), "1 < 2 <3 z\n");
  EXPECT_EQ(convert("<textarea><b>&lt;</b></textarea>"), "<b><</b>\n");
  EXPECT_EQ(convert("<title>t</title><style>s</style><noframes>n</noframes>a"), "a\n");
  EXPECT_EQ(convert("<script>a<!--<script></script>b"), "b\n");
}

/// What Outlook alone hides it shows in another form, which for all others is a comment: the usual button of newsletters.
TEST(Html, what_outlook_alone_hides_is_shown) {
  EXPECT_EQ(convert("<!--[if mso]><v:roundrect href='https://x.example/'>apply</v:roundrect><![endif]-->"
                    "<a href='https://x.example/' style='display:inline-block;mso-hide:all'>apply</a>"),
            "apply <hxxps://x[.]example/>\n");
}

TEST(Html, white_words_with_a_shadow_are_seen) {
  EXPECT_EQ(convert("<p style='color:#fff;text-shadow:0 0 4px #000'>seen <b>too</b> <i style='text-shadow:none'>not</i>"), "seen too\n");
}

TEST(Html, words_moved_far_away_are_not_seen) {
  for (const char *far : {"translateX(-9999px)", "translate(-9999px, 0)", "translate3d(0,-200em,0)", "scale(0)"})
    EXPECT_EQ(convert("a<p style='transform:" + std::string(far) + "'>b</p>"), "a\n") << far;
  EXPECT_EQ(convert("a<p style='transform:translateX(-9px)'>b</p>"), "a\n\nb\n");
}

/// Most targets are shown by a shorter way: with a base on the page, none is.
TEST(Html, plain_targets_are_shown_as_all_others) {
  for (const std::string target : {"https://a.example", "http://a-1.example/", "https://a.example/x.y?z=1&https=2#b", "https://a.example?q", "https://a..b/",
                                   "https://a.example/r?u=https://b.example/c.d", "https://a.example:80/", "https://u@a.example/", "https:///a.example",
                                   "https://", "http:/a.example", "https://a.example\\@b.example/", "HTTPS://A.example/"}) {
    const std::string link = "<a href='" + target + "'>x</a> <a href='" + target + "'>" + target + "</a>";
    EXPECT_EQ(convert(link), convert("<base href='https://base.example/'>" + link)) << target;
  }
}

/// RFC 2392: screenshots that a mail brings along are told apart by their files.
TEST(Html, pictures_that_the_mail_brings) {
  const PictureNames names = {{"a@b", "image001.png"}};
  EXPECT_EQ(html_to_text("<img src='cid:a@b'> <img src='CID:a&#64;b' alt='graph'> <img src=cid:c> <img src='cid:a@b' alt='image001.png'>", names).text,
            "[画像: image001.png] [画像: graph (image001.png)] [画像] [画像: image001.png]\n");
  EXPECT_EQ(html_to_text("<img src='https://x.example/a@b'><img>", names).text, "");
}

TEST(Html, character_references) {
  EXPECT_EQ(convert("&lt;&gt;&amp;&quot;&apos;&copy;&copy &hellip;&#x3042;&#12356;&#128;"),
            "<>&\"'©© …あい€\n");
  EXPECT_EQ(convert("a&emsp;b&empty;&ensp;c"), "a\u2003b\u2205\u2002c\n");
  EXPECT_EQ(convert("&unknown; &amp &#; &#x; &#xfffffff; &#0; &#xd800; &ampx &notit;"),
            "&unknown; & &#; &#x; \xef\xbf\xbd \xef\xbf\xbd \xef\xbf\xbd &x ¬it;\n");
  EXPECT_EQ(convert("<a href='http://x.example/?a=1&copy=2'>y</a>"),
            "y <hxxp://x[.]example/?a=1&copy=2>\n");
  EXPECT_EQ(convert("<a href='https&colon;&sol;&sol;x&period;example&UnderBar;&lbrack;'>y</a>"), "y <hxxps://x[.]example_[>\n");
  EXPECT_EQ(convert("&square;&check;&phone;&nvlt;&CounterClockwiseContourIntegral;&square &CounterClockwiseContourIntegrals;&notit;"),
            "□✓☎<\u20d2∳&square &CounterClockwiseContourIntegrals;¬it;\n");
}

TEST(Html, images_say_what_they_show) {
  EXPECT_EQ(convert("<img alt='地図' src=cid:x>"), "[画像: 地図]\n");
  EXPECT_EQ(convert("<img src=cid:x>"), "[画像]\n");
  EXPECT_EQ(convert("a<img src='http://x/1.gif'>"), "a\n");
  EXPECT_EQ(convert("<a href='//x'><img src='http://y'></a> <a href='//x'><img src='http://y'>a</a><img src='http://y'>"),
            "[画像] <hxxps://x> a <hxxps://x>\n");
  for (const char *unseen : {"alt=''", "width=1", "height='3'", "style='width:0'"})
    EXPECT_EQ(convert("<a href='//x'><img src='http://y' " + std::string(unseen) + "></a>"), "<hxxps://x>\n") << unseen;
}

TEST(Html, declared_charset) {
  EXPECT_EQ(html_declared_charset("<meta charset=Shift_JIS>"), "shift_jis");
  EXPECT_EQ(html_declared_charset("<meta http-equiv=a content='text/html; charset=euc-jp'>"),
            "euc-jp");
  EXPECT_EQ(html_declared_charset("<p>charset=x</p>"), "");
}

/// Ten times the input may take little more than ten times the time.
TEST(Html, attacks_stay_linear) {
  for (std::string_view unit : {"<div>",
                                "<p>",
                                "<a href=x>",
                                "<li>",
                                "<!--",
                                "<table><tr><td>",
                                "<b a='",
                                "</p>",
                                "&",
                                "<",
                                "<script>",
                                "<blockquote>",
                                "<x y=1 ",
                                "<ol><li>",
                                "<textarea>",
                                "</",
                                "<!-- -",
                                "<a href='",
                                "&#1111111111",
                                "<div style='",
                                "<img alt='&amp;",
                                "<title></",
                                "<span style='font-size:0'>",
                                "<style>.x{display:none}</style><p class=x>",
                                "<style>p p p p p p>p{color:red}</style><p>",
                                "<p class='a a a a a a a a'>",
                                "<style>a{",
                                "<style>/*",
                                "<style>@media{@media{",
                                "<style>[",
                                "<s>a",
                                "<ul><li>",
                                "<li><p style='margin:0'>&nbsp;",
                                "<pre>\n&nbsp;",
                                "<b style='display:block;white-space:pre'>a\n\n",
                                "&nbsp;",
                                "あ\n",
                                "<a href='tel:03'>03",
                                "1<sup>2",
                                "<ruby><rp>",
                                "<tr><td rowspan=9 colspan=99>a",
                                "<table><tr><td rowspan=0>a<tr>",
                                "<style>*::after{content:'",
                                "<ol reversed><li>",
                                "<table><tfoot><!--</tfoot></table>",
                                "<table><tfoot>",
                                "<table><tfoot>a</tfoot>",
                                "<style>p::before{content:'x'}</style><p>",
                                "<b style='a:(\\"}) {
    std::string input;
    while (input.size() < (2u << 20))
      input += unit;
    const std::clock_t start = std::clock();
    HtmlText found = html_to_text("<style>.a .a>.a,p.a .b,*[class]{font-size:0}</style>" + input);
    EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 10) << unit; // what is not linear takes minutes
    EXPECT_LT(found.text.size(), input.size() * 6 + 1000) << unit;
  }
}

} // namespace
} // namespace sekisho::text
