#include "sanitizer/text/enriched.hh"

#include <gtest/gtest.h>

namespace sekisho::text {
namespace {

TEST(Enriched, commands_go_and_the_words_stay) {
  EXPECT_EQ(unenriched("<fontfamily><param>Osaka</param>お世話になります。</fontfamily>\n\n1行目\n\n2行目 a<<b c>d\n\n\n段落\n"),
            "お世話になります。\n1行目\n2行目 a<b c>d\n\n段落");
  EXPECT_EQ(unenriched("<bold>太字</bold>\r\n\r\n段落<<x>"), "太字\n段落<x>");
  EXPECT_EQ(unenriched("two\nwords, 二\n行"), "two words, 二行");
  EXPECT_EQ(unenriched("<nofill>a\nb</nofill>\nc"), "a\nb c");
  EXPECT_EQ(unenriched("a < b, <a b>, <taro@example.jp>, <x"), "a < b, <a b>, <taro@example.jp>, <x");
  EXPECT_EQ(unenriched("<<script>x"), "<script>x"); // as any text is cleaned
  EXPECT_EQ(unrichtext("<bold>a</bold><nl>b <lt>c<comment>x</comment>\nd"), "a\nb <c d");
  EXPECT_EQ(unenriched("<color><param>red</PARAM>x <param>never closed"), "x never closed");
}

} // namespace
} // namespace sekisho::text
