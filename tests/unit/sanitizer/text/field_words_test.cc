// H3: what a field shows that has no result, and marks that fonts draw.
#include "sanitizer/text/field_words.hh"
#include "sanitizer/text/symbol.hh"

#include <gtest/gtest.h>

#include <ctime>
#include <utility>

namespace sekisho::text {
namespace {

TEST(FieldWords, equations) {
  const std::pair<const char *, const char *> fields[] = {
      {R"( EQ \* jc2 \* "Font:ＭＳ 明朝" \* hps10 \o\ad(\s\up 9(たかはし),高橋) )", "高橋(たかはし)"},
      {R"(eq \* jc2\o \ad(\s\up 9(ほん),本) \* MERGEFORMAT)", "本(ほん)"},
      {R"(EQ \o\ac(○,秘))", "(秘)"},
      {R"(EQ \o(a,b))", "ab"},
      {R"(EQ x=\f(1,2))", "x=1/2"},
      {R"(EQ \f(a+b;\r(3,x)))", "(a+b)/(3√(x))"},
      {R"(EQ \r(2))", "√(2)"},
      {R"(EQ 10\s\up8(5))", "10^5"},
      {R"(EQ 10\s\up8(5)3)", "10^5 3"},
      {R"(EQ 2\s\up8(-\f(1,2)))", "2^(-1/2)"},
      {R"(EQ 3\f(1,2)個、2\f(a,3)4\f(5,6)7)", "3 1/2個、2a/3 4 5/6 7"},
      {R"(EQ ３\f(１,２))", "３ １/２"},
      {R"(EQ \f(\f(1,2)3,4))", "(1/2 3)/4"},
      {R"(EQ 2\r(3,x)\r(5))", "2 3√(x)√(5)"},
      {R"(EQ \b\bc\[(a,b))", "(a b)"},
      {R"(EQ \x(合計\,計))", "合計,計"},
      {R"(EQ \i\su(1,5,3))", "1 5 3"},
      {R"(EQ f(x, y))", "f(x, y)"},
      {R"(EQ \d \fo10 \li() x)", "x"},
      {R"(EQ \o\ad(\s\up 9(ま,間)", "ま 間"}, // nothing is closed
      {R"(EQ \)", ""},
      {R"(EQ \*)", ""},
      {R"(EQ)", ""},
      {R"(EQUAL \o(a))", ""},
      {R"(PAGE \* MERGEFORMAT)", ""}};
  for (const auto &[instruction, words] : fields)
    EXPECT_EQ(field_words(instruction).text, words) << instruction;
}

TEST(FieldWords, how_they_stand_beside_digits) {
  EXPECT_TRUE(field_words(R"(EQ \f(1,2))").look.apart);
  EXPECT_FALSE(field_words(R"(EQ \f(1,2))").look.raised);
  EXPECT_TRUE(field_words(R"(EQ \s\up5(2))").look.raised);
  EXPECT_FALSE(field_words(R"(EQ \s\do5(2))").look.raised);
  EXPECT_FALSE(field_words(R"(EQ \o\ad(\s\up 9(1),2))").look.raised);
  EXPECT_FALSE(field_words(R"(EQ \o(1,2))").look.apart);
}

TEST(FieldWords, symbols) {
  EXPECT_EQ(field_words(R"(SYMBOL 254 \f Wingdings \s 12)").text, "☑");
  EXPECT_EQ(field_words(R"(SYMBOL 0xA8 \f "Wingdings")").text, "☐");
  EXPECT_EQ(field_words(R"(SYMBOL 9745 \u)").text, "☑");
  EXPECT_EQ(field_words(R"(SYMBOL 181 \f Wingdings)").text, "\xef\x82\xb5"); // U+F0B5
  EXPECT_EQ(field_words("SYMBOL 99999999999").text, "");
  EXPECT_EQ(symbol_character(SymbolFont::wingdings, 0xf083), U'③');
  EXPECT_EQ(symbol_character(SymbolFont::wingdings2, 0x6a), U'①');
  EXPECT_EQ(symbol_character(SymbolFont::symbol, 0xb4), U'×');
  EXPECT_EQ(symbol_character(SymbolFont::none, 0xfe), U'\0');
  EXPECT_EQ(symbol_font(" WINGDINGS 2 "), SymbolFont::wingdings2);
  EXPECT_EQ(symbol_font("Wingdings Neu"), SymbolFont::none);
}

TEST(FieldWords, hostile) {
  const std::clock_t start = std::clock();
  for (const std::string_view piece : {"\\o(", "(", "\\", "\\f(,", "\\* ", "\\s\\up 9(1", "\"", ")", "\\s\\up1 "}) {
    std::string code = "EQ ";
    while (code.size() < 100'000)
      code += piece;
    EXPECT_LE(field_words(code).text.size(), 2 * most_instruction) << piece;
  }
  EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 2);
}

} // namespace
} // namespace sekisho::text
