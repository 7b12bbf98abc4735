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
  EXPECT_EQ(convert("<pre>a\n  b</pre>"), "a\n  b\n");
  EXPECT_EQ(convert("<h1>a</h1>b<hr>c"), "a\n\nb\n----------\nc\n");
}

TEST(Html, links_show_their_true_target_and_are_links_no_more) {
  EXPECT_EQ(convert("<a href='https://evil.example.com/x?y=1&amp;z'>bank</a>"),
            "bank <hxxps://evil[.]example[.]com/x?y=1&z>\n");
  EXPECT_EQ(convert("<a href='http://a.example/'>http://a.example</a>"), "http://a.example\n");
  EXPECT_EQ(convert("<a href='http://evil.example/'>http://bank.example/</a>"),
            "http://bank.example/ <hxxp://evil[.]example/>\n");
  EXPECT_EQ(convert("<a href='mailto:a@example.jp?cc=b'>mail</a>"), "mail <a@example.jp>\n");
  EXPECT_EQ(convert("<a href='#top'>top</a> <a>none</a>"), "top none\n");
  EXPECT_EQ(convert("<a href='ht\ntps://evil.example/'>x</a>"), "x <hxxps://evil[.]example/>\n");
  EXPECT_EQ(convert("<a href='//evil.example/'>x</a>"), "x <hxxps://evil[.]example/>\n");
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
        "<div style='max-height:0px'>x</div>a", "<span style='opacity:0'>x</span>a",
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

TEST(Html, character_references) {
  EXPECT_EQ(convert("&lt;&gt;&amp;&quot;&apos;&copy;&copy &hellip;&#x3042;&#12356;&#128;"),
            "<>&\"'©© …あい€\n");
  EXPECT_EQ(convert("&unknown; &amp &#; &#x; &#xfffffff; &#0; &#xd800; &ampx &notit;"),
            "&unknown; & &#; &#x; \xef\xbf\xbd \xef\xbf\xbd \xef\xbf\xbd &x ¬it;\n");
  EXPECT_EQ(convert("<a href='http://x.example/?a=1&copy=2'>y</a>"),
            "y <hxxp://x[.]example/?a=1&copy=2>\n");
}

TEST(Html, images_say_what_they_show) {
  EXPECT_EQ(convert("<img alt='地図' src=cid:x>"), "[画像: 地図]\n");
  EXPECT_EQ(convert("<img src=cid:x>"), "[画像]\n");
  EXPECT_EQ(convert("a<img src='http://x/1.gif'>"), "a\n");
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
                                "<span style='font-size:0'>"}) {
    std::string input;
    while (input.size() < (2u << 20))
      input += unit;
    const std::clock_t start = std::clock();
    HtmlText found = html_to_text(input);
    EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 10) << unit; // what is not linear takes minutes
    EXPECT_LT(found.text.size(), input.size() * 6 + 1000) << unit;
  }
}

} // namespace
} // namespace sekisho::text
