// H3: the words of a document, and nothing else of it; what the plan hides is not among them.
#include "sanitizer/rebuild/office/list_numbers.hh"
#include "sanitizer/rebuild/office/math_words.hh"
#include "sanitizer/rebuild/office/number_words.hh"
#include "tests/support/cost.hh"
#include "tests/unit/sanitizer/corpus.hh"
#include "tests/unit/sanitizer/support/make_odf.hh"
#include "tests/unit/sanitizer/support/treat_office.hh"

#include <map>
#include <tuple>

namespace sekisho::rebuild {
namespace {

using support::make_docx;
using support::make_odp;
using support::make_ods;
using support::make_odt;
using support::make_package;
using support::make_xlsx;
using support::relationships;
using support::says;

job::Plan words_of() {
  job::Plan plan = support::plan();
  plan.treatments[static_cast<std::size_t>(job::KindClass::office)] = job::Treatment::text;
  return plan;
}

std::string words(const std::string &octets, const job::Plan &plan = words_of()) {
  const job::Outcome outcome = support::run(octets, plan);
  EXPECT_EQ(outcome.status, job::Status::clean) << word_of(outcome.reason);
  EXPECT_EQ(outcome.output_kind, job::Kind::text);
  return std::string(as_chars(outcome.output));
}

std::string paragraph(const std::string &text) {
  return "<w:p><w:pPr><w:tabs><w:tab w:val=\"left\"/></w:tabs></w:pPr><w:r><w:t>" + text +
         "</w:t></w:r></w:p>";
}
std::string cells(const std::string &first, const std::string &second) {
  return "<w:tr><w:tc>" + first + "</w:tc><w:tc>" + second + "</w:tc></w:tr>";
}

TEST(OfficeText, docx) {
  const std::string docx = make_docx(
      paragraph("住民税の&lt;お知らせ&gt;") +
          "<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t>"
          "<w:footnoteReference w:id=\"2\"/></w:r></w:p><w:tbl>" +
          cells(paragraph("甲") + paragraph("乙"), paragraph("1")) + cells("", paragraph("=2")) +
          "</w:tbl>" +
          "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>PAGE</w:instrText>"
          "</w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>7</w:t></w:r><w:r>"
          "<w:fldChar w:fldCharType=\"end\"/></w:r></w:p><w:sectPr><w:headerReference r:id=\"rId2\"/></w:sectPr>",
      {{"word/footnotes.xml",
        std::string("<w:footnotes") + support::namespaces +
            "><w:footnote w:type=\"separator\" w:id=\"0\"><w:p><w:r><w:t>line</w:t></w:r></w:p>"
            "</w:footnote><w:footnote w:id=\"2\">" +
            paragraph("脚注") + "</w:footnote></w:footnotes>"},
       {"word/header1.xml",
        std::string("<w:hdr") + support::namespaces + ">" + paragraph("頭") + "</w:hdr>"},
       {"word/vbaProject.bin", "Sub AutoOpen()"},
       {"word/_rels/document.xml.rels",
        relationships({{"rId1", "footnotes", "footnotes.xml"},
                       {"rId2", "header", "header1.xml"},
                       {"rId3", "vbaProject", "vbaProject.bin"}})}});
  EXPECT_EQ(words(docx), "住民税の<お知らせ>\na\tb\nc[2]\n甲 乙\t1\n\t=2\n7\n\n[2] 脚注\n\n頭\n");
  const job::Outcome outcome = support::run(docx, words_of());
  EXPECT_TRUE(says(outcome, Reason::part_to_text));
  EXPECT_TRUE(says(outcome, Reason::office_macro));
  EXPECT_FALSE(says(outcome, Reason::office_rebuilt));
}

/// A level of a numbering.
std::string level(unsigned number, const std::string &format, const std::string &text, const std::string &more = "") {
  return "<w:lvl w:ilvl=\"" + std::to_string(number) + "\"><w:start w:val=\"1\"/><w:numFmt w:val=\"" + format + "\"/>" +
         more + "<w:lvlText w:val=\"" + text + "\"/></w:lvl>";
}
std::string in_list(const std::string &text, const std::string &list, unsigned number = 0, const std::string &style = "") {
  return "<w:p><w:pPr>" + (style.empty() ? "" : "<w:pStyle w:val=\"" + style + "\"/>") +
         (list.empty() ? "" : "<w:numPr><w:ilvl w:val=\"" + std::to_string(number) + "\"/><w:numId w:val=\"" + list + "\"/></w:numPr>") +
         "<w:rPr><w:b/></w:rPr><w:pPrChange w:author=\"A\" w:id=\"1\"><w:pPr><w:numPr><w:numId w:val=\"2\"/></w:numPr></w:pPr>"
         "</w:pPrChange></w:pPr><w:r><w:t>" + text + "</w:t></w:r></w:p>";
}

TEST(OfficeText, docx_numbers_of_lists) { // ISO/IEC 29500-1 §17.9
  const std::string numbering =
      std::string("<w:numbering") + support::namespaces + "><w:abstractNum w:abstractNumId=\"0\">" +
      level(0, "decimalFullWidth", "第%1条") + level(1, "aiueoFullWidth", "(%2)") +
      level(2, "lowerRoman", "%1.%3", "<w:isLgl/>") +
      "</w:abstractNum><w:abstractNum w:abstractNumId=\"1\">" + level(0, "bullet", "&#xf0b7;") +
      level(1, "decimal", "%2.", "<w:pStyle w:val=\"Item\"/>") +
      "</w:abstractNum><w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num>"
      "<w:num w:numId=\"2\"><w:abstractNumId w:val=\"1\"/></w:num>"
      "<w:num w:numId=\"3\"><w:abstractNumId w:val=\"0\"/><w:lvlOverride w:ilvl=\"0\"><w:startOverride w:val=\"5\"/>"
      "</w:lvlOverride></w:num></w:numbering>";
  const std::string styles = std::string("<w:styles") + support::namespaces +
                             "><w:style w:type=\"paragraph\" w:styleId=\"Item\"><w:pPr><w:numPr><w:numId w:val=\"2\"/></w:numPr>"
                             "</w:pPr></w:style><w:style w:type=\"paragraph\" w:styleId=\"Loop\"><w:basedOn w:val=\"Loop\"/>"
                             "</w:style></w:styles>";
  const std::string body = in_list("目的", "1") + in_list("一つ", "1", 1) + in_list("二つ", "1", 1) + in_list("定義", "1") +
                           in_list("また", "1", 1) + in_list("細目", "1", 2) + in_list("点", "2") + in_list("型", "", 0, "Item") +
                           in_list("型", "", 0, "Item") + in_list("別", "3") + in_list("なし", "0") + in_list("無", "9") +
                           in_list("輪", "", 0, "Loop") + paragraph("地");
  const std::string docx = make_docx(body, {{"word/numbering.xml", numbering},
                                            {"word/styles.xml", styles},
                                            {"word/_rels/document.xml.rels",
                                             relationships({{"rId1", "numbering", "numbering.xml"},
                                                            {"rId2", "styles", "styles.xml"}})}});
  EXPECT_EQ(words(docx), "第\uff11条 目的\n(ア) 一つ\n(イ) 二つ\n第\uff12条 定義\n(ア) また\n2.i 細目\n・ 点\n1. 型\n2. 型\n第\uff15条 別\n"
                         "なし\n無\n輪\n地\n");
  EXPECT_EQ(words(make_docx(in_list("x", "1"))), "x\n"); // no numbering: no number
}

TEST(OfficeText, numbers_as_word_writes_them) {
  const std::tuple<const char *, unsigned, const char *> numbers[] = {
      {"decimal", 12, "12"},           {"decimalZero", 7, "07"},        {"upperRoman", 1999, "MCMXCIX"}, {"upperLetter", 28, "BB"},
      {"decimalEnclosedCircle", 20, "⑳"}, {"decimalEnclosedCircle", 36, "㊱"}, {"decimalEnclosedCircle", 51, "51"},
      {"iroha", 3, "ハ"},              {"aiueo", 46, "ン"},             {"aiueo", 47, "47"},             {"japaneseCounting", 10, "十"},
      {"japaneseCounting", 231, "二百三十一"}, {"japaneseLegal", 12, "拾弐"}, {"ideographDigital", 105, "一〇五"},
      {"ideographTraditional", 2, "乙"}, {"none", 3, ""},               {"cardinalText", 4, "4"},        {"upperLetter", 0, "0"}};
  for (const auto &[format, number, text] : numbers)
    EXPECT_EQ(number_in(format, number), text) << format;
}

TEST(OfficeText, is_cleaned_as_any_text) {
  const job::Outcome outcome =
      support::run(make_docx(paragraph("a&#x202e;b &lt;script&gt; javascript:x")), words_of());
  EXPECT_EQ(as_chars(outcome.output), "a[U+202E]b < script> javascript :x\n");
  EXPECT_TRUE(says(outcome, Reason::part_control_characters));
  EXPECT_TRUE(says(outcome, Reason::part_active_content));
}

TEST(OfficeText, without_any) {
  EXPECT_EQ(support::run(make_docx("<w:p/>"), words_of()).reason, Reason::part_no_text);
  EXPECT_EQ(support::run(make_odt("<text:p/>"), words_of()).reason, Reason::part_no_text);
}

TEST(OfficeText, tracked_and_hidden_by_rule) {
  const std::string docx = make_docx(
      "<w:p><w:ins w:author=\"A\"><w:r><w:t>new</w:t></w:r></w:ins><w:del w:author=\"A\"><w:r>"
      "<w:delText>old</w:delText></w:r></w:del><w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t>"
      "</w:r></w:p>");
  job::Plan plan = words_of();
  plan.hidden = job::Beside::remove;
  EXPECT_EQ(words(docx, plan), "new\n");
  EXPECT_TRUE(says(support::run(docx, plan), Reason::office_hidden_removed));
  plan.hidden = plan.tracked = job::Beside::keep;
  EXPECT_EQ(words(docx, plan), "[+new+][-old-]secret\n");
  EXPECT_TRUE(says(support::run(docx, plan), Reason::office_tracked));
}

std::string run_of(const std::string &text, const std::string &look = "") {
  return "<w:r>" + (look.empty() ? "" : "<w:rPr>" + look + "</w:rPr>") + "<w:t xml:space=\"preserve\">" + text + "</w:t></w:r>";
}
std::string mark_of_field(const std::string &type, const std::string &form = "") {
  return "<w:r><w:fldChar w:fldCharType=\"" + type + "\">" + form + "</w:fldChar></w:r>";
}
std::string field(const std::string &code, const std::string &result = "", const std::string &form = "") {
  return mark_of_field("begin", form) + "<w:r><w:instrText>" + code + "</w:instrText></w:r>" +
         (result.empty() ? "" : mark_of_field("separate") + result) + mark_of_field("end");
}
/// A document of one paragraph.
std::string words_of_paragraph(const std::string &runs) {
  return words(make_docx("<w:p>" + runs + "</w:p>"));
}

TEST(OfficeText, docx_fields_that_have_their_words_in_the_instruction) { // ISO/IEC 29500-1 §17.16.5
  EXPECT_EQ(words_of_paragraph(run_of("答弁: ") + field(" EQ \\* jc2 \\* hps10 \\o\\ad(\\s\\up 9(たかはし),高橋) ") + run_of("議員")),
            "答弁: 高橋(たかはし)議員\n");
  EXPECT_EQ(words_of_paragraph("<w:fldSimple w:instr=\"EQ \\o\\ac(○,秘)\"/>" + run_of("文書")), "(秘)文書\n");
  EXPECT_EQ(words_of_paragraph(field("EQ \\f(1,2)", run_of("半"))), "半\n");
  EXPECT_EQ(words_of_paragraph(mark_of_field("begin") + "<w:r><w:instrText>EQ \\o\\ad(\\s\\up 9(</w:instrText></w:r><w:r><w:instrText>"
                               "やまだ</w:instrText></w:r><w:r><w:instrText>),山田)</w:instrText></w:r>" + mark_of_field("end")),
            "山田(やまだ)\n");
  EXPECT_EQ(words_of_paragraph(run_of("長さ3") + field(" EQ \\f(1,2) ") + run_of("4、幅10") + field("EQ \\s\\up5(2)") + run_of("8、２") +
                               field("EQ \\f(１,２)") + run_of("m")),
            "長さ3 1/2 4、幅10^2 8、２ １/２m\n");
  EXPECT_EQ(words_of_paragraph(field("SYMBOL 254 \\f Wingdings") + field("PAGE") + run_of("x")), "☑x\n");
}

TEST(OfficeText, docx_fields_whose_words_are_not_in_the_file) {
  const auto tells = [](const std::string &runs) {
    return says(support::run(make_docx("<w:p>" + run_of("x") + runs + "</w:p>"), words_of()), Reason::office_field_empty);
  };
  for (const char *code : {" REF bm \\h ", "IF 1 = 1 \"a\" \"b\"", "=SUM(ABOVE)", "= 1 + 2", "mergefield 氏名", "QUOTE \"a\"", "DATE"})
    EXPECT_TRUE(tells(field(code))) << code;
  EXPECT_TRUE(tells("<w:fldSimple w:instr=\"REF bm\"/>"));
  EXPECT_FALSE(tells("<w:fldSimple w:instr=\"REF bm\">" + run_of("第1条") + "</w:fldSimple>"));
  for (const char *code : {"PAGE", "EQ \\o\\ac(○,秘)", "TOC", "BOOKMARKS"})
    EXPECT_FALSE(tells(field(code))) << code;
  EXPECT_FALSE(tells(field("IF 1 = 1 \"a\" \"b\"", run_of("a"))));
}

TEST(OfficeText, docx_forms) { // ISO/IEC 29500-1 §17.16.7
  const auto box = [](const std::string &says) { return field("FORMCHECKBOX", "", "<w:ffData><w:checkBox>" + says + "</w:checkBox></w:ffData>"); };
  EXPECT_EQ(words_of_paragraph(box("<w:default w:val=\"0\"/><w:checked/>") + run_of("賛成 ") + box("<w:default w:val=\"1\"/><w:checked w:val=\"0\"/>") +
                               run_of("反対 ") + box("<w:default w:val=\"1\"/>") + box("")),
            "☑賛成 ☐反対 ☑☐\n");
  const std::string list = "<w:listEntry w:val=\"男\"/><w:listEntry w:val=\"女\"/></w:ddList></w:ffData>";
  EXPECT_EQ(words_of_paragraph(run_of("性別: ") + field("FORMDROPDOWN", "", "<w:ffData><w:ddList><w:result w:val=\"1\"/>" + list)),
            "性別: 女\n");
  EXPECT_EQ(words_of_paragraph(run_of("性別: ") + field("FORMDROPDOWN", "", "<w:ffData><w:ddList><w:result w:val=\"9\"/>" + list)),
            "性別: \n");
  EXPECT_EQ(words_of_paragraph(field("FORMTEXT", run_of("髙橋"), "<w:ffData><w:textInput><w:default w:val=\"氏名\"/></w:textInput></w:ffData>")),
            "髙橋\n");
}

TEST(OfficeText, docx_symbols_and_readings) {
  const auto symbol = [](const std::string &font, const std::string &code) {
    return "<w:r><w:sym w:font=\"" + font + "\" w:char=\"" + code + "\"/></w:r>";
  };
  EXPECT_EQ(words_of_paragraph(symbol("Wingdings", "F0FE") + symbol("Wingdings", "A8") + symbol("Wingdings 2", "F050") +
                               symbol("MS Gothic", "2612") + symbol("Wingdings", "F057") + symbol("Wingdings", "")),
            "☑☐✓☒〓\n");
  EXPECT_TRUE(says(support::run(make_docx("<w:p>" + symbol("Wingdings", "F057") + "</w:p>"), words_of()), Reason::part_charset_replaced));
  const std::string wingdings = "<w:rFonts w:ascii=\"Wingdings\" w:hAnsi=\"Wingdings\"/>";
  EXPECT_EQ(words_of_paragraph(run_of("&#xf0fc;&#xfe;済", wingdings) + run_of("&#xfe;")), "✓☑済þ\n");
  EXPECT_EQ(words_of_paragraph(run_of("o 要 x不要q A", wingdings) + run_of("ox") + run_of("o&#xfe;", "<w:rFonts w:hAnsi=\"Wingdings\"/>")),
            "☐ 要 ☒不要❑ Aoxo☑\n");
  EXPECT_EQ(words_of_paragraph("<w:r><w:ruby><w:rt><w:r><w:t>たかはし</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>髙橋</w:t></w:r>"
                               "</w:rubyBase></w:ruby></w:r>" + run_of("様")),
            "髙橋(たかはし)様\n");
  EXPECT_EQ(words_of_paragraph(run_of("左") + "<w:r><w:ptab w:alignment=\"right\"/></w:r>" + run_of("右")), "左\t右\n");
}

TEST(OfficeText, docx_struck_readings) {
  const auto ruby = [](const std::string &base, const std::string &reading) {
    return "<w:r><w:ruby><w:rt>" + reading + "</w:rt><w:rubyBase>" + base + "</w:rubyBase></w:ruby></w:r>";
  };
  const std::string struck = "<w:strike/>";
  EXPECT_EQ(words_of_paragraph(ruby(run_of("高橋", struck), run_of("たかはし", struck)) + run_of("様")), "[-高橋(たかはし)-]様\n");
  EXPECT_EQ(words_of_paragraph(run_of("旧", struck) + ruby(run_of("高橋"), run_of("こうきょう", struck) + run_of("たかはし")) + run_of("様")),
            "[-旧-]高橋([-こうきょう-]たかはし)様\n");
  EXPECT_EQ(words_of_paragraph(run_of("旧", struck) + ruby(run_of("高", struck), "<w:r><w:tab/></w:r>" + run_of("たか", struck)) + run_of("氏", struck)),
            "[-旧高( たか)氏-]\n");
}

TEST(OfficeText, docx_struck_and_raised) {
  const std::string struck = "<w:strike/>", raised = "<w:vertAlign w:val=\"superscript\"/>";
  EXPECT_EQ(words_of_paragraph(run_of("開始は") + run_of("10", struck) + run_of("時", "<w:dstrike/>") + run_of("13時") +
                               run_of("です", "<w:strike w:val=\"0\"/><w:rPrChange><w:rPr><w:strike/></w:rPr></w:rPrChange>")),
            "開始は[-10時-]13時です\n");
  EXPECT_EQ(words(make_docx("<w:p>" + run_of("a", struck) + "</w:p><w:p>" + run_of("b", struck) + "</w:p>")), "[-a-]\n[-b-]\n");
  EXPECT_EQ(words_of_paragraph(run_of("10") + run_of("5", raised) + run_of("個、m") + run_of("2", raised) + run_of("、2") + run_of("-3", raised) +
                               run_of("4") + run_of("、注") + run_of("1)", raised)),
            "10^5個、m2、2^-3 4、注1)\n");
}

TEST(OfficeText, docx_formulas) { // ISO/IEC 29500-1 §22.1
  const auto r = [](const std::string &text) { return "<m:r><m:rPr><m:sty m:val=\"p\"/></m:rPr><m:t>" + text + "</m:t></m:r>"; };
  const auto in = [](const std::string &name, const std::string &content) { return "<m:" + name + ">" + content + "</m:" + name + ">"; };
  const std::map<std::string, std::string> formulas = {
      {in("f", in("fPr", "<m:ctrlPr><w:rPr><w:strike/></w:rPr></m:ctrlPr>") + in("num", r("1")) + in("den", r("2"))), "1/2"},
      {in("f", in("num", r("分子")) + in("den", r("a+b"))) + r("x"), "分子/(a+b)x"},
      {in("f", in("num", r("1")) + in("den", r("2"))) + r("3"), "1/2 3"},
      {r("3") + in("f", in("num", r("1")) + in("den", r("2"))), "3 1/2"},
      {r("３") + in("f", in("num", r("1")) + in("den", r("２"))) + r("３") + in("f", in("num", r("x")) + in("den", r("y"))), "３ 1/２ ３ x/y"},
      {r("2") + in("rad", in("deg", r("3")) + in("e", r("x"))), "2 3√(x)"},
      {in("f", in("num", r("2") + in("f", in("num", r("1")) + in("den", r("2")))) + in("den", r("3"))), "(2 1/2)/3"},
      {"<m:r><w:rPr><w:strike/></w:rPr><m:t>1</m:t></m:r>" + r("+2"), "[-1-]+2"},
      {in("f", in("num", in("f", in("num", r("1")) + in("den", r("2")))) + in("den", r("3"))), "(1/2)/3"},
      {in("sSup", in("e", r("10")) + in("sup", r("3"))), "10^3"},
      {in("sSub", in("e", r("a")) + in("sub", r("1"))) + r("+") + in("sSup", in("e", r("e")) + in("sup", r("-x"))), "a_1+e^(-x)"},
      {in("rad", in("deg", r("3")) + in("e", r("x"))) + in("rad", in("deg", "") + in("e", r("2"))), "3√(x)√(2)"},
      {in("d", in("e", r("a")) + in("e", r("b"))) + in("d", in("dPr", "<m:begChr m:val=\"[\"/><m:sepChr m:val=\",\"/><m:endChr m:val=\"\"/>") +
                                                              in("e", r("c")) + in("e", r("d"))), "(a|b)[c,d"},
      {in("nary", in("naryPr", "<m:chr m:val=\"∑\"/>") + in("sub", r("i=1")) + in("sup", r("n")) + in("e", r("i"))), "∑_(i=1)^n i"},
      {in("nary", in("sub", "") + in("sup", "") + in("e", r("x"))), "∫ x"},
      {in("func", in("fName", r("sin")) + in("e", r("x"))), "sin x"},
      {in("m", in("mr", in("e", r("1")) + in("e", r("2"))) + in("mr", in("e", r("3")) + in("e", r("4")))), "1 2; 3 4"}};
  for (const auto &[formula, line] : formulas)
    EXPECT_EQ(words_of_paragraph(run_of("計") + "<m:oMath xmlns:m=\"http://schemas.openxmlformats.org/officeDocument/2006/math\">" +
                                 formula + "</m:oMath>" + run_of("円")),
              "計" + line + "円\n");
}

TEST(OfficeText, docx_formulas_beside_digits) {
  const std::string half = "<m:oMath xmlns:m=\"http://schemas.openxmlformats.org/officeDocument/2006/math\"><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num>"
                           "<m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>";
  EXPECT_EQ(words_of_paragraph(run_of("長さ3") + half + run_of("4m、") + half + half + run_of("m")), "長さ3 1/2 4m、1/2 1/2m\n");
  EXPECT_EQ(words_of_paragraph(run_of("旧", "<w:strike/>") + half + run_of("新")), "[-旧-]1/2新\n");
}

TEST(OfficeText, docx_fields_and_formulas_of_hostile_shape) {
  const std::string math = "<m:oMath xmlns:m=\"http://schemas.openxmlformats.org/officeDocument/2006/math\">";
  EXPECT_EQ(support::run(make_docx("<w:p>" + math + "<m:r><m:t>&#4;</m:t></m:r></m:oMath></w:p>"), words_of()).reason, Reason::part_malformed);
  EXPECT_EQ(support::run(make_docx("<w:p>" + math + "<m:r><m:t>\x04</m:t></m:r></m:oMath></w:p>"), words_of()).reason, Reason::part_malformed);
  EXPECT_EQ(words(make_docx("<w:p>" + math + "<m:num/><m:den><m:dPr><m:num/><w:t>a</w:t></m:dPr></m:den><m:e><w:p>" + run_of("b") +
                            "</w:p></m:e></m:oMath></w:p>")),
            "/a b\n");
  EXPECT_EQ(words_of_paragraph("<m:f xmlns:m=\"http://schemas.openxmlformats.org/officeDocument/2006/math\"><m:num>" + run_of("c") + "</m:num></m:f>" +
                               mark_of_field("end") + "<w:r><w:ruby><w:rt><w:p>" + run_of("d") + "</w:p></w:rt></w:ruby></w:r>"),
            "c\n(d)\n");
  std::string deep, end;
  for (int i = 0; i < 100; ++i) {
    deep += "<m:f><m:num>";
    end += "</m:num><m:den/></m:f>";
  }
  EXPECT_EQ(words(make_docx("<w:p>" + math + deep + "<m:r><m:t>1</m:t></m:r>" + end + "</m:oMath></w:p>")).substr(0, 4), "((((");
}

/// ISO/IEC 29500-1 §17.7: what a style says is told as what a run says itself.
TEST(OfficeText, docx_struck_and_hidden_by_styles) {
  const auto style = [](const std::string &id, const std::string &type, const std::string &base, const std::string &look) {
    return "<w:style w:type=\"" + type + "\" w:styleId=\"" + id + "\">" + (base.empty() ? "" : "<w:basedOn w:val=\"" + base + "\"/>") +
           "<w:rPr>" + look + "</w:rPr></w:style>";
  };
  const std::string styles =
      std::string("<w:styles") + support::namespaces + ">" + style("gone", "character", "", "<w:dstrike/>") + style("goner", "character", "gone", "<w:b/>") +
      style("back", "character", "gone", "<w:dstrike w:val=\"0\"/>") + style("old", "paragraph", "older", "") + style("older", "paragraph", "old", "<w:strike/>") +
      style("secret", "character", "", "<w:vanish/>") + style("secret2", "character", "secret", "") + style("Secret", "paragraph", "", "<w:vanish/>") + "</w:styles>";
  const auto docx = [&](const std::string &body) {
    return make_docx(body, {{"word/styles.xml", styles}, {"word/_rels/document.xml.rels", relationships({{"rId2", "styles", "styles.xml"}})}});
  };
  const auto named = [](const std::string &name) { return "<w:rStyle w:val=\"" + name + "\"/>"; };
  const auto paragraph = [](const std::string &name, const std::string &runs) { return "<w:p><w:pPr><w:pStyle w:val=\"" + name + "\"/></w:pPr>" + runs + "</w:p>"; };
  EXPECT_EQ(words(docx("<w:p>" + run_of("a", named("gone")) + run_of("b") + run_of("c", named("goner")) + run_of("d", named("back")) +
                       run_of("e", named("gone") + "<w:dstrike w:val=\"0\"/>") + "</w:p>" + paragraph("old", run_of("f") + run_of("g", "<w:strike w:val=\"0\"/>")) +
                       "<w:p>" + run_of("h") + "</w:p>")),
            "[-a-]b[-c-]de\n[-f-]g\nh\n");
  const std::string hidden = docx("<w:p>" + run_of("a", named("secret")) + run_of("b", named("secret2")) + run_of("c", named("secret") + "<w:vanish w:val=\"0\"/>") +
                                  "</w:p>" + paragraph("Secret", run_of("d")) + "<w:p>" + run_of("e") + "</w:p>");
  job::Plan plan = words_of();
  plan.hidden = job::Beside::remove;
  EXPECT_EQ(words(hidden, plan), "c\n\ne\n");
  EXPECT_TRUE(says(support::run(hidden, plan), Reason::office_hidden_removed));
  plan.treatments[static_cast<std::size_t>(job::KindClass::office)] = job::Treatment::rebuild;
  const job::Outcome rebuilt = support::run(hidden, plan);
  ASSERT_EQ(rebuilt.status, job::Status::clean);
  const std::string document = support::all_of(rebuilt);
  for (const char *gone : {">a<", ">b<", ">d<"})
    EXPECT_EQ(document.find(gone), document.npos) << gone;
  EXPECT_NE(document.find(">c<"), document.npos);
  plan = words_of();
  plan.hidden = job::Beside::keep;
  EXPECT_EQ(words(hidden, plan), "abc\nd\ne\n");
}

/// Whatever its text and elements are, without the XML reader that refuses control characters.
TEST(OfficeText, a_formula_by_itself) {
  using namespace std::literals;
  MathWords math;
  EXPECT_TRUE(math.start("m:oMath", ""));
  for (const char *part : {"m:sup", "m:num"}) {
    EXPECT_TRUE(math.start(part, ""));
    math.put("\4\4\1a\4+b\2\3"sv);
    EXPECT_EQ(math.end(), "");
  }
  math.put("\4\4"sv);
  math.put("\xe3\x81"sv);
  EXPECT_TRUE(math.start("m:sub", ""));
  EXPECT_EQ(math.end(), "");
  EXPECT_EQ(math.end(), "^(\4\4\1a\4+b\2\3)(\4\4\1a\4+b\2\3)/\4\4\xe3\x81"sv);
  EXPECT_EQ(math.end(), "");
  EXPECT_FALSE(math.is_open());
}

TEST(OfficeText, xlsx) {
  const std::string sheet =
      "<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>1</v></c><c r=\"C1\" "
      "t=\"s\"><v>0</v></c></row>"
      "<row r=\"2\"><c r=\"A2\"><v>12.5</v></c><c r=\"B2\" s=\"1\"><v>46352</v></c><c r=\"C2\" "
      "s=\"2\"><v>46352.5</v></c><c r=\"D2\" s=\"3\"><v>1.5</v></c><c r=\"E2\" t=\"b\"><v>1</v></c>"
      "<c r=\"F2\" t=\"str\"><f>A1</f><v>f</v><is><t>no</t></is></c><c r=\"G2\" "
      "t=\"inlineStr\"><v>no</v><is><t>in\nline</t></is>"
      "</c><c r=\"H2\" s=\"1\"><v>59</v></c><c r=\"I2\" s=\"1\"><v>61</v></c><c r=\"J2\" "
      "s=\"4\"><v>3</v></c></row><row r=\"3\"><c r=\"A3\"/></row></sheetData>";
  const std::string xlsx = make_xlsx(
      {sheet, "<sheetData><row r=\"1\"><c r=\"A1\"><v>9</v></c></row></sheetData>"}, "",
      " state=\"hidden\"",
      {{"xl/sharedStrings.xml",
        std::string("<sst") + support::sheet_namespace +
            "><si><t>=cmd|'/c calc'!A0</t></si><si><r><t>合</t></r><r><t>計</t></r><rPh sb=\"0\" "
            "eb=\"1\"><t>ゴウ</t></rPh></si></sst>"},
       {"xl/styles.xml",
        std::string("<styleSheet") + support::sheet_namespace +
            "><numFmts><numFmt numFmtId=\"164\" "
            "formatCode=\"[$-411]ggge&quot;年&quot;m&quot;月&quot; "
            "h:mm\"/><numFmt numFmtId=\"165\" formatCode=\"[h]:mm\"/><numFmt numFmtId=\"166\" "
            "formatCode=\"0&quot;days&quot;\"/></numFmts><cellXfs><xf numFmtId=\"0\"/><xf "
            "numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"/><xf numFmtId=\"166\"/>"
            "</cellXfs></styleSheet>"}},
      {{"t1", "sharedStrings", "sharedStrings.xml"}, {"t2", "styles", "styles.xml"}});
  EXPECT_EQ(words(xlsx), "--- 表1 ---\n合計\t\t'=cmd|'/c calc'!A0\n12.5\t2026-11-26\t2026-11-26 "
                         "12:00:00\t36:00\tTRUE\tf\tin line\t1900-02-28\t1900-03-01\t3days\n\n"
                         "--- 表2 ---\n9\n");
  job::Plan plan = words_of();
  plan.hidden = job::Beside::remove;
  EXPECT_LACKS(words(xlsx, plan), "9\n");
}

/// A workbook of one sheet; `styles` inside <styleSheet>.
std::string sheet_words(const std::string &cells, const std::string &styles, const std::string &strings = "") {
  return words(make_xlsx({"<sheetData><row r=\"1\">" + cells + "</row></sheetData>"}, "", "",
                         {{"xl/styles.xml", std::string("<styleSheet") + support::sheet_namespace + ">" + styles + "</styleSheet>"},
                          {"xl/sharedStrings.xml", std::string("<sst") + support::sheet_namespace + ">" + strings + "</sst>"}},
                         {{"t1", "sharedStrings", "sharedStrings.xml"}, {"t2", "styles", "styles.xml"}}));
}

TEST(OfficeText, xlsx_rows_and_cells_where_they_say_they_stand) { // ISO/IEC 29500-1 §18.3.1.4, §18.3.1.73
  const auto shown = [](const std::string &rows) {
    const std::string all = words(make_xlsx({"<sheetData>" + rows + "</sheetData><headerFooter><oddFooter>foot</oddFooter></headerFooter>"}));
    return all.substr(13);
  };
  const auto cell = [](const std::string &place, const std::string &value) { return "<c" + (place.empty() ? "" : " r=\"" + place + "\"") + "><v>" + value + "</v></c>"; };
  EXPECT_EQ(shown("<row r=\"3\">" + cell("C3", "33") + cell("A3", "31") + cell("", "32") + "</row><row r=\"1\">" + cell("B1", "12") + "</row><row r=\"2\">" +
                  cell("A2", "21") + cell("", "22") + "</row>"),
            "\t12\n21\t22\n31\t32\t33\nfoot\n");
  EXPECT_EQ(shown("<row>" + cell("A2", "2") + "</row><row>" + cell("", "3") + "</row><row r=\"1\">" + cell("", "1") + "</row>"), "1\n2\n3\nfoot\n");
  EXPECT_EQ(shown("<row r=\"1\">" + cell("A1", "1") + cell("B1", "2") + cell("A1", "3") + "</row><row r=\"1\">" + cell("A1", "4") + "</row>"),
            "1 3\t2\n4\nfoot\n"); // what stands in one place twice is there twice
  EXPECT_EQ(shown("<row r=\"99999999999\">" + cell("ZZZZ1", "1") + cell("", "2") + "</row>"), "1\t2\nfoot\n");
}

TEST(OfficeText, xlsx_times_of_day) {
  const auto shown = [](const std::string &value, const std::string &format, const std::string &workbook) {
    const std::string xlsx = make_xlsx({"<sheetData><row r=\"1\"><c s=\"0\"><v>" + value + "</v></c></row></sheetData>"}, workbook, "",
                                       {{"xl/styles.xml", std::string("<styleSheet") + support::sheet_namespace +
                                                              "><numFmts><numFmt numFmtId=\"164\" formatCode=\"" + format +
                                                              "\"/></numFmts><cellXfs><xf numFmtId=\"164\"/></cellXfs></styleSheet>"}},
                                       {{"t2", "styles", "styles.xml"}});
    const std::string all = words(xlsx);
    return all.substr(13, all.size() - 14);
  };
  const std::string from_1904 = "<workbookPr date1904=\"1\"/>";
  EXPECT_EQ(shown("0.75", "h:mm", from_1904), "18:00:00");
  EXPECT_EQ(shown("0.75", "a/p h:mm", from_1904), "18:00:00");
  EXPECT_EQ(shown("1.25", "h:mm", from_1904), "30:00");
  EXPECT_EQ(shown("0", "yyyy/m/d", from_1904), "1904-01-01");
  EXPECT_EQ(shown("0.75", "h:mm", ""), "18:00:00");
  EXPECT_EQ(shown("0.999999999", "h:mm", ""), "24:00");
  EXPECT_EQ(shown("46351.999999999", "yyyy/m/d", ""), "2026-11-26");
}

TEST(OfficeText, xlsx_numbers_as_their_format_shows_them) {
  const std::tuple<const char *, double, const char *> numbers[] = {
      {"000-0000", 600001, "060-0001"},      {"00000", 42, "00042"},          {"0%", 0.1, "10%"},         {"0.0%", 0.085, "8.5%"},
      {"0%", 0.285, "29%"},                  {"#,##0", 1234567.5, "1,234,568"}, {"#,##0", 12, "12"},        {"#,##0", -1000, "-1,000"},
      {"#,##0\"円\"", 1000, "1,000円"},      {"[$¥-411]#,##0;[赤]-[$¥-411]#,##0", -5000, "-¥5,000"},    {"000,000", 12, "000,012"},
      {"#,##0;△ #,##0", -1000, "△ 1,000"},   {"_ * #,##0_ ;_ * -#,##0_ ;_ * \"-\"_ ;_ @_ ", 0, "-"},      {"0.00", -0.001, "0.00"},
      {"_ * #,##0_ ;_ * -#,##0_ ;_ * \"-\"_ ;_ @_ ", -1000, "-1,000"},       {"0_ ;[Red]\\-0\\ ", -3, "-3 "},
      {"[<=999]000;[<=9999]000\\-00;000\\-0000", 1234567, "123-4567"},       {"[<=999]000;[<=9999]000\\-00;000\\-0000", 12, "012"},
      {"0.0##", 1.5, "1.5"},                 {".00", 12.345, "12.35"},        {"0", 9.5, "10"},           {"0.00", 0.005, "0.01"},
      {"0.00", 1.005, "1.01"},               {"0", 999999999999999.0, "999999999999999"},               {"0.000", 1e-300, "0.000"},
      {"General\"名\"", 12, "12名"},          {"\"約\"general;\"減\"General", -1.5, "減1.5"},
      // not known, or it would hide the number
      {"General\"名\"", 1e10, ""}, {"General General", 1, ""}, {"Gen", 1, ""},
      {"General", 1, ""}, {"G/標準", 1, ""}, {"# ?/?", 0.5, ""}, {"0.00E+00", 1, ""}, {"[DBNum3][$-411]0", 8, ""}, {"@", 1, ""}, {"", 1, ""},
      {";;;", 99, ""}, {"\"済\"", 99, ""}, {"#", 0, ""}, {"0,", 5000, ""}, {"#,##0.0,\"千円\"", 5000, ""}, {"0%%", 1, ""}, {"0", 1e15, ""},
      {"[<1]0", 5, ""}, {"[", 1, ""}, {"[<x]0", 1, ""}, {"\"", 1, ""}, {"\\", 1, ""}, {"_", 1, ""}};
  for (const auto &[format, number, words] : numbers)
    EXPECT_EQ(NumberFormat(format).words(number), words) << format;
  const std::pair<std::string, std::string> stored[] = {
      {"2.2000000000000002", "2.2"},     {"7.0000000000000007E-2", "0.07"},  {"-57.289999999999999", "-57.29"}, {"1.2E-5", "1.2E-05"},
      {"12345678901234567", "12345678901234567"}, {"0012", "0012"}, {"1.5E+20", "1.5E+20"}, {"34.340833333333336", "34.3408333333333"}};
  for (const auto &[as_stored, words] : stored)
    EXPECT_EQ(in_shown_digits(as_stored, std::stod(as_stored)), words);
  EXPECT_EQ(NumberFormat("0" + std::string(2000, '0')).words(1), "");
  EXPECT_EQ(NumberFormat("@\"様\"").words_of_text("山田"), "山田様");
  EXPECT_EQ(NumberFormat("_ * #,##0_ ;_ * -#,##0_ ;_ * \"-\"_ ;_ @_ ").words_of_text("山田"), "山田");
  for (const char *silent : {"0", ";;;", "General", ""})
    EXPECT_EQ(NumberFormat(silent).words_of_text("山田"), "") << silent;
  EXPECT_EQ(sheet_words("<c s=\"0\" t=\"str\"><v>山田</v></c><c s=\"0\" t=\"inlineStr\"><is><t>森</t></is></c>",
                        "<numFmts><numFmt numFmtId=\"164\" formatCode=\"@&quot;様&quot;\"/></numFmts><cellXfs><xf numFmtId=\"164\"/></cellXfs>"),
            "--- 表1 ---\n山田様\t森様\n");
  const auto cell = [](const std::string &style, const std::string &value) {
    return sheet_words("<c s=\"" + style + "\"><v>" + value + "</v></c>",
                       "<numFmts><numFmt numFmtId=\"164\" formatCode=\"&quot;=&quot;0\"/></numFmts><cellXfs><xf numFmtId=\"164\"/>"
                       "<xf numFmtId=\"9\"/></cellXfs>");
  };
  EXPECT_EQ(cell("1", "0.1"), "--- 表1 ---\n10%\n");
  EXPECT_EQ(cell("1", "0.1x"), "--- 表1 ---\n0.1x\n");
  EXPECT_EQ(cell("0", "1"), "--- 表1 ---\n1\n"); // not as "=1"
}

TEST(OfficeText, xlsx_hours_beyond_a_day) { // ISO/IEC 29500-1 §18.8.31
  const std::map<std::string, std::string> formats = {
      {"[h]:mm", "26:30"}, {"[hhh]:mm:ss", "26:30"}, {"[$-411][mm]:ss", "1590分00秒"}, {"[m]", "1590分00秒"}, {"[ss]", "95400秒"}, {"h:mm", "26:30"},
      {"[$-F400]h:mm:ss\\ AM/PM", "26:30"}, {"yyyy/m/d h:mm", "1900-01-01 02:30:00"}, {"m&quot;月&quot;d&quot;日&quot;", "1900-01-01 02:30:00"},
      {"mmm", "1900-01-01 02:30:00"}, {"0.00", "1.10"}, {"[赤]0.0", "1.1"}, {"General", "1.10416666666667"}};
  for (const auto &[format, shown] : formats)
    EXPECT_EQ(sheet_words("<c s=\"1\"><v>1.1041666666666667</v></c>",
                          "<numFmts><numFmt numFmtId=\"164\" formatCode=\"" + format + "\"/></numFmts><cellXfs><xf/><xf numFmtId=\"164\"/></cellXfs>"),
              "--- 表1 ---\n" + shown + "\n") << format;
  const std::string built_in = "<cellXfs><xf numFmtId=\"20\"/><xf numFmtId=\"46\"/></cellXfs>";
  EXPECT_EQ(sheet_words("<c s=\"0\"><v>0.5</v></c><c s=\"0\"><v>1.5</v></c><c s=\"0\"><v>46352.5</v></c><c s=\"1\"><v>1.50001</v></c>", built_in),
            "--- 表1 ---\n12:00:00\t36:00\t2026-11-26 12:00:00\t36:00:01\n");
}

TEST(OfficeText, xlsx_struck_and_raised) {
  EXPECT_EQ(sheet_words("<c t=\"s\"><v>0</v></c><c t=\"s\" s=\"1\"><v>1</v></c><c t=\"inlineStr\"><is><r><rPr><strike val=\"1\"/></rPr><t>旧</t></r>"
                        "<r><t>新</t></r></is></c><c s=\"1\"/>",
                        "<fonts><font/><font><strike/></font></fonts><cellXfs><xf/><xf fontId=\"1\"/></cellXfs>",
                        "<si><r><rPr><strike/></rPr><t>10時</t></r><r><t>13時、10</t></r><r><rPr><vertAlign val=\"superscript\"/></rPr><t>5</t></r></si>"
                        "<si><t>=1</t></si>"),
            "--- 表1 ---\n[-10時-]13時、10^5\t[-=1-]\t[-旧-]新\n");
}

TEST(OfficeText, xlsx_escaped_characters) { // ISO/IEC 29500-1 §22.9.2.19
  EXPECT_EQ(sheet_words("<c t=\"s\"><v>0</v></c><c t=\"str\"><v>a_x0009_b</v></c><c t=\"s\"><v>1</v></c><c t=\"s\"><v>2</v></c>", "",
                        "<si><t>一行_x000D_\n二行</t></si><si><r><t>_x005F_x000D_ _x3042__xD83D__xDE00_</t></r></si><si><t>_x00_ _xD83D_ _xFFFF_ _x12G4_ _x003D_1</t></si>"),
            "--- 表1 ---\n一行 二行\ta b\t_x000D_ あ😀\t_x00_ _xD83D_ _xFFFF_ _x12G4_ =1\n");
  EXPECT_EQ(sheet_words("<c t=\"s\"><v>0</v></c>", "", "<si><t>_x003D_1</t></si>"), "--- 表1 ---\n'=1\n");
}

TEST(OfficeText, xlsx_words_in_shapes) {
  const std::string box = "<xdr:twoCellAnchor><xdr:sp textlink=\"\"><xdr:txBody><a:p><a:r><a:t>テキスト箱</a:t></a:r></a:p><a:p><a:r>"
                          "<a:rPr strike=\"sngStrike\"/><a:t>二行</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:twoCellAnchor>";
  const std::string xlsx = make_xlsx(
      {"<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></sheetData><drawing r:id=\"d\"/>", "<sheetData><row r=\"1\"><c><v>2</v></c></row></sheetData>"}, "", "",
      {{"xl/worksheets/_rels/sheet1.xml.rels", relationships({{"d", "drawing", "../drawings/drawing1.xml"}})},
       {"xl/drawings/drawing1.xml", "<xdr:wsDr xmlns:xdr=\"http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing\"" +
                                        std::string(support::namespaces) + ">" + box + "</xdr:wsDr>"}});
  EXPECT_EQ(words(xlsx), "--- 表1 ---\n1\n\nテキスト箱\n[-二行-]\n\n--- 表2 ---\n2\n");
}

TEST(OfficeText, xlsx_shapes_run_nothing_and_hide_nothing) {
  const auto shape = [](const std::string &text, const std::string &says = "") {
    return "<xdr:sp><xdr:nvSpPr><xdr:cNvPr id=\"2\" name=\"Box\"" + says + "/><xdr:cNvSpPr/></xdr:nvSpPr><xdr:txBody><a:p><a:r><a:t>" + text +
           "</a:t></a:r></a:p></xdr:txBody></xdr:sp>";
  };
  const auto anchor = [](const std::string &shapes) { return "<xdr:twoCellAnchor>" + shapes + "</xdr:twoCellAnchor>"; };
  const auto workbook = [&](const std::string &shapes) {
    return make_xlsx({"<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></sheetData><drawing r:id=\"d\"/>"}, "", "",
                     {{"xl/worksheets/_rels/sheet1.xml.rels", relationships({{"d", "drawing", "../drawings/drawing1.xml"}})},
                      {"xl/drawings/drawing1.xml", "<xdr:wsDr xmlns:xdr=\"http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing\"" +
                                                       std::string(support::namespaces) + ">" + shapes + "</xdr:wsDr>"}});
  };
  const std::string runs = workbook(anchor(shape("=HYPERLINK(\"http://evil\")")) + anchor(shape("-1")) +
                                    anchor(shape("a</a:t></a:r><a:r><a:tab/><a:t>b</a:t></a:r><a:br/><a:r><a:t>@SUM(1)")));
  EXPECT_EQ(words(runs), "--- 表1 ---\n1\n\n'=HYPERLINK(\"http://evil\")\n-1\nab\n'@SUM(1)\n");
  EXPECT_TRUE(says(support::run(runs, words_of()), Reason::part_formula_marked));
  EXPECT_FALSE(says(support::run(workbook(anchor(shape("-1"))), words_of()), Reason::part_formula_marked));

  const std::string hides = workbook(anchor(shape("seen")) + anchor(shape("the only", " hidden=\"1\"")) +
                                     anchor("<xdr:grpSp>" + shape("one") + shape("other", " hidden=\"true\"") + "</xdr:grpSp>"));
  EXPECT_EQ(words(hides), "--- 表1 ---\n1\n\nseen\nthe only\none\nother\n");
  EXPECT_TRUE(says(support::run(hides, words_of()), Reason::office_hidden));
  EXPECT_FALSE(says(support::run(runs, words_of()), Reason::office_hidden));
  job::Plan plan = words_of();
  plan.hidden = job::Beside::remove;
  EXPECT_EQ(words(hides, plan), "--- 表1 ---\n1\n\nseen\none\n");
  plan = support::plan();
  plan.hidden = job::Beside::remove;
  const job::Outcome anew = support::run(hides, plan);
  EXPECT_EQ(anew.status, job::Status::clean);
  EXPECT_LACKS(support::all_of(anew), "the only");
  EXPECT_TRUE(says(anew, Reason::office_hidden_removed));
}

TEST(OfficeText, xlsx_controls_of_forms) {
  const auto control = [](const std::string &shape, const std::string &label) {
    return "<mc:AlternateContent><mc:Choice xmlns:a14=\"http://schemas.microsoft.com/office/drawing/2010/main\" Requires=\"a14\"><xdr:twoCellAnchor>"
           "<xdr:sp><xdr:nvSpPr><xdr:cNvPr id=\"" + shape + "\" name=\"Check Box 1\" hidden=\"1\"/><xdr:cNvSpPr/></xdr:nvSpPr><xdr:txBody><a:p><a:r><a:t>" +
           label + "</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:twoCellAnchor></mc:Choice><mc:Fallback/></mc:AlternateContent>";
  };
  const auto properties = [](const std::string &says) {
    return "<formControlPr xmlns=\"http://schemas.microsoft.com/office/spreadsheetml/2009/9/main\" " + says + "/>";
  };
  const std::string xlsx = make_xlsx(
      {"<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></sheetData><drawing r:id=\"d\"/><controls><control shapeId=\"1025\" r:id=\"c1\"/>"
       "<control shapeId=\"1026\" r:id=\"c2\"/><control shapeId=\"1027\" r:id=\"c3\"/><control shapeId=\"1028\" r:id=\"none\"/></controls>"}, "", "",
      {{"xl/worksheets/_rels/sheet1.xml.rels", relationships({{"d", "drawing", "../drawings/drawing1.xml"}, {"c1", "ctrlProp", "../ctrlProps/1.xml"},
                                                              {"c2", "ctrlProp", "../ctrlProps/2.xml"}, {"c3", "ctrlProp", "../ctrlProps/3.xml"}})},
       {"xl/ctrlProps/1.xml", properties("objectType=\"CheckBox\" checked=\"Checked\" macro=\"evil\"")},
       {"xl/ctrlProps/2.xml", properties("objectType=\"CheckBox\"")},
       {"xl/ctrlProps/3.xml", properties("objectType=\"Radio\" checked=\"Checked\"")},
       {"xl/drawings/drawing1.xml", "<xdr:wsDr xmlns:xdr=\"http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing\"" +
                                        std::string(support::namespaces) + ">" + control("1025", "同意する") + control("1026", "しない") +
                                        control("1027", "男") + control("1028", "ボタン") + "</xdr:wsDr>"}});
  EXPECT_EQ(words(xlsx), "--- 表1 ---\n1\n\n☑同意する\n☐しない\n◉男\nボタン\n");
  EXPECT_TRUE(says(support::run(xlsx, words_of()), Reason::office_embedded));
  EXPECT_FALSE(says(support::run(xlsx, words_of()), Reason::office_hidden));
  EXPECT_LACKS(support::all_of(support::run(xlsx)), "同意する"); // a workbook built anew has no controls
}

/// Of controls as Excel before 2010 has them.
TEST(OfficeText, xlsx_labels_in_vml) {
  const auto shape = [](const std::string &number, const std::string &label, const std::string &data, const std::string &style = "") {
    return "<v:shape id=\"_x0000_s" + number + "\" style='position:absolute;" + style + "'><v:textbox><div style='text-align:left'><font>" + label +
           "</font></div></v:textbox><x:ClientData " + data + "</x:ClientData></v:shape>";
  };
  const std::string vml = "<xml xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:x=\"urn:schemas-microsoft-com:office:excel\">" +
                          shape("1", "同意\n する &amp; 出す", "ObjectType=\"Checkbox\"><x:Checked>1</x:Checked>") + shape("2", "男", "ObjectType=\"Radio\">") +
                          shape("3", "押す", "ObjectType=\"Button\"><x:FmlaMacro>evil</x:FmlaMacro>") + shape("4", "remark", "ObjectType=\"Note\">") +
                          shape("5", "secret", "ObjectType=\"Label\">", "visibility:hidden") + shape("6", "twice", "ObjectType=\"Label\">") +
                          "<v:shape><br></xml>";
  const std::string drawn = "<xdr:twoCellAnchor><xdr:sp><xdr:nvSpPr><xdr:cNvPr id=\"6\" name=\"L\"/><xdr:cNvSpPr/></xdr:nvSpPr><xdr:txBody><a:p><a:r><a:t>"
                            "twice</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:twoCellAnchor>";
  const std::string xlsx = make_xlsx(
      {"<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></sheetData><drawing r:id=\"d\"/><legacyDrawing r:id=\"v\"/>"}, "", "",
      {{"xl/worksheets/_rels/sheet1.xml.rels", relationships({{"d", "drawing", "../drawings/drawing1.xml"}, {"v", "vmlDrawing", "../drawings/vmlDrawing1.vml"}})},
       {"xl/drawings/vmlDrawing1.vml", vml},
       {"xl/drawings/drawing1.xml", "<xdr:wsDr xmlns:xdr=\"http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing\"" +
                                        std::string(support::namespaces) + ">" + drawn + "</xdr:wsDr>"}});
  job::Plan plan = words_of();
  plan.hidden = job::Beside::remove;
  EXPECT_EQ(words(xlsx, plan), "--- 表1 ---\n1\n\ntwice\n\n☑同意 する & 出す\n○男\n押す\n");
  EXPECT_TRUE(says(support::run(xlsx, plan), Reason::office_hidden_removed));
  plan.hidden = job::Beside::keep;
  EXPECT_NE(words(xlsx, plan).find("secret"), std::string::npos);
}

TEST(OfficeText, titles_of_charts) {
  const auto title = [](const std::string &words) { return "<c:title><c:tx>" + words + "</c:tx><c:txPr><a:p><a:r><a:t>no</a:t></a:r></a:p></c:txPr></c:title>"; };
  const auto rich = [](const std::string &words) { return "<c:rich><a:p>" + words + "</a:p></c:rich>"; };
  const auto run = [](const std::string &words) { return "<a:r><a:t>" + words + "</a:t></a:r>"; };
  const std::string chart =
      "<c:chartSpace" + std::string(support::namespaces) + " xmlns:c=\"http://schemas.openxmlformats.org/drawingml/2006/chart\"><c:chart>" +
      title(rich(run("人口の") + run("推移") + "</a:p><a:p>" + run("(令和)"))) + "<c:plotArea><c:barChart><c:ser><c:cat><c:strRef><c:strCache><c:pt idx=\"0\"><c:v>2024"
      "</c:v></c:pt></c:strCache></c:strRef></c:cat></c:ser></c:barChart><c:catAx>" + title("<c:strRef><c:f>S!A1</c:f><c:strCache><c:pt idx=\"0\"><c:v>年度</c:v></c:pt></c:strCache></c:strRef>") +
      "</c:catAx><c:valAx>" + title(rich(run("人"))) + "</c:valAx></c:plotArea></c:chart></c:chartSpace>";
  const std::string titles = "人口の推移 (令和)\n年度\n人\n2024\n";
  const std::string named = "<a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/chart\"><c:chart "
                            "xmlns:c=\"http://schemas.openxmlformats.org/drawingml/2006/chart\" r:id=\"c\"/></a:graphicData></a:graphic>";
  EXPECT_EQ(words(make_docx("<w:p>" + run_of("本文") + "<w:r><w:drawing><wp:inline xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\">" + named + "</wp:inline></w:drawing></w:r></w:p>",
                            {{"word/charts/chart1.xml", chart}, {"word/_rels/document.xml.rels", relationships({{"c", "chart", "charts/chart1.xml"}})}})),
            "本文\n\n" + titles);
  const std::string frame = "<xdr:twoCellAnchor><xdr:graphicFrame>" + named + "</xdr:graphicFrame></xdr:twoCellAnchor>";
  EXPECT_EQ(words(make_xlsx({"<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></sheetData><drawing r:id=\"d\"/>"}, "", "",
                            {{"xl/worksheets/_rels/sheet1.xml.rels", relationships({{"d", "drawing", "../drawings/drawing1.xml"}})},
                             {"xl/drawings/_rels/drawing1.xml.rels", relationships({{"c", "chart", "../charts/chart1.xml"}})},
                             {"xl/charts/chart1.xml", chart},
                             {"xl/drawings/drawing1.xml", "<xdr:wsDr xmlns:xdr=\"http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing\"" +
                                                              std::string(support::namespaces) + ">" + frame + "</xdr:wsDr>"}})),
            "--- 表1 ---\n1\n\n" + titles);
}

TEST(OfficeText, numbers_of_charts) { // ISO/IEC 29500-1 §21.2.2
  const auto shown = [](const std::string &series, const std::string &before = "") {
    const std::string chart = "<c:chartSpace xmlns:c=\"http://schemas.openxmlformats.org/drawingml/2006/chart\" xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\">" + before +
                              "<c:chart><c:plotArea><c:barChart>" + series + "</c:barChart></c:plotArea></c:chart></c:chartSpace>";
    const std::string named = "<a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/chart\"><c:chart "
                              "xmlns:c=\"http://schemas.openxmlformats.org/drawingml/2006/chart\" r:id=\"c\"/></a:graphicData></a:graphic>";
    const std::string all = words(make_docx("<w:p>" + run_of("x") + "<w:r><w:drawing><wp:inline xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\">" + named +
                                                "</wp:inline></w:drawing></w:r></w:p>",
                                            {{"word/charts/chart1.xml", chart}, {"word/_rels/document.xml.rels", relationships({{"c", "chart", "charts/chart1.xml"}})}}));
    return all.substr(std::min<std::size_t>(all.size(), 3));
  };
  const auto points = [](const std::vector<std::pair<int, std::string>> &all) {
    std::string xml;
    for (const auto &[index, value] : all)
      xml += "<c:pt idx=\"" + std::to_string(index) + "\"><c:v>" + value + "</c:v></c:pt>";
    return xml;
  };
  const auto texts = [&](const std::string &of, const std::string &all) { return "<c:" + of + "><c:strRef><c:f>S!A1</c:f><c:strCache><c:ptCount val=\"9\"/>" + all + "</c:strCache></c:strRef></c:" + of + ">"; };
  const auto numbers = [&](const std::string &of, const std::string &all, const std::string &code = "General") {
    return "<c:" + of + "><c:numRef><c:f>S!A1</c:f><c:numCache><c:formatCode>" + code + "</c:formatCode>" + all + "</c:numCache></c:numRef></c:" + of + ">";
  };
  const std::string years = texts("cat", points({{0, "令和5年"}, {1, "令和6年"}, {2, "令和7年"}}));
  const std::string label = "<c:dLbls><c:dLbl><c:idx val=\"0\"/><c:tx><c:strRef><c:strCache>" + points({{0, "no name"}}) + "</c:strCache></c:strRef></c:tx></c:dLbl></c:dLbls>";
  EXPECT_EQ(shown("<c:ser>" + texts("tx", points({{0, "男"}})) + label + years + numbers("val", points({{0, "0.125"}, {2, "0.5"}}), "0.0%") + "</c:ser><c:ser>" + texts("tx", points({{0, "女"}})) +
                  years + numbers("val", points({{0, "2.2000000000000002"}, {1, "20"}, {2, "30"}})) + "</c:ser>"),
            "\t男\t女\n令和5年\t12.5%\t2.2\n令和6年\t\t20\n令和7年\t50.0%\t30\n");
  EXPECT_EQ(shown("<c:ser>" + numbers("cat", points({{0, "46352"}}), "m/d") + numbers("val", points({{0, "1"}})) + "</c:ser>"), "2026-11-26\t1\n");
  EXPECT_EQ(shown("<c:ser>" + numbers("cat", points({{0, "0"}}), "m/d") + numbers("val", points({{0, "1"}})) + "</c:ser>", "<c:date1904 val=\"1\"/>"), "1904-01-01\t1\n");
  EXPECT_EQ(shown("<c:ser><c:cat><c:multiLvlStrRef><c:multiLvlStrCache><c:lvl>" + points({{0, "4月"}, {1, "5月"}}) + "</c:lvl><c:lvl>" + points({{0, "令和7年"}}) +
                  "</c:lvl></c:multiLvlStrCache></c:multiLvlStrRef></c:cat>" + numbers("val", points({{0, "1"}, {1, "2"}})) + "</c:ser>"),
            "令和7年 4月\t1\n5月\t2\n");
  EXPECT_EQ(shown("<c:ser><c:tx><c:v>点</c:v></c:tx>" + numbers("xVal", points({{0, "1"}})) + numbers("yVal", points({{0, "2"}})) + numbers("bubbleSize", points({{0, "3"}})) + "</c:ser><c:ser>" +
                  numbers("xVal", points({{0, "5"}})) + numbers("yVal", points({{0, "6"}})) + "</c:ser>"),
            "\t点\n1\t2\t3\n5\t6\n");
  EXPECT_EQ(shown("<c:ser>" + numbers("val", points({{7, "1"}})) + "</c:ser>"), "1\n"); // whatever index it says
  std::string many;
  for (int i = 0; i < 300; ++i) many += "<c:ser>" + numbers("val", points({{0, "1"}})) + "</c:ser>";
  EXPECT_TRUE(shown(many).ends_with("\t1\n…\n"));
  EXPECT_EQ(std::ranges::count(shown(many), '1'), 256);
  std::string long_one;
  for (int i = 0; i < 20'001; ++i) long_one += "<c:pt idx=\"0\"><c:v>1</c:v></c:pt>";
  EXPECT_TRUE(shown("<c:ser>" + numbers("val", long_one) + "</c:ser>").ends_with(" 1\n…\n"));
}

TEST(OfficeText, charts_of_odf) {
  const std::string chart = support::odf_content(
      "chart", "<chart:chart chart:class=\"chart:bar\"><chart:title><text:p>売上</text:p></chart:title><chart:plot-area><chart:axis><chart:title><text:p>年</text:p></chart:title></chart:axis>"
               "</chart:plot-area><table:table table:name=\"local-table\"><table:table-rows><table:table-row><table:table-cell><text:p/></table:table-cell><table:table-cell office:value-type=\"string\">"
               "<text:p>甲</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell office:value-type=\"string\"><text:p>2024</text:p></table:table-cell><table:table-cell "
               "office:value-type=\"float\" office:value=\"5\"><text:p>5</text:p><draw:g><svg:desc>S.B2</svg:desc></draw:g></table:table-cell></table:table-row></table:table-rows></table:table></chart:chart>");
  const std::string frame = "<draw:frame><draw:object xlink:href=\"./Object 1\"/><draw:image xlink:href=\"./ObjectReplacements/Object 1\"/></draw:frame>";
  const std::string table = "売上\n年\n\t甲\n2024\t5\n";
  const support::Members members = {{"Object 1/content.xml", chart}};
  const auto sheet = [](const std::string &name, const std::string &more) {
    return "<table:table table:name=\"" + name + "\"><table:table-row><table:table-cell><text:p>1</text:p>" + more + "</table:table-cell><table:table-cell><text:p>2</text:p></table:table-cell></table:table-row></table:table>";
  };
  EXPECT_EQ(words(make_ods(sheet("a", frame + frame) + sheet("b", ""), "", members)), "--- a ---\n1\t2\n\n" + table + "\n--- b ---\n1\t2\n");
  EXPECT_EQ(words(make_odt("<text:p>前" + frame + "</text:p><text:p>後</text:p>", "", members)), "前\n後\n\n" + table);
  EXPECT_EQ(words(make_odp("<draw:page>" + frame + "</draw:page><draw:page><draw:frame><draw:text-box><text:p>題</text:p></draw:text-box></draw:frame></draw:page>", "", members)),
            "--- 1 ---\n\n" + table + "\n--- 2 ---\n題\n");
  EXPECT_FALSE(says(support::run(make_odt("<text:p>前" + frame + "</text:p>", "", members), words_of()), Reason::office_embedded));
  EXPECT_TRUE(says(support::run(make_odt("<text:p>前" + frame + "</text:p>"), words_of()), Reason::office_embedded));
}

TEST(OfficeText, tells_marked_formulas) {
  const auto tells = [](const std::string &octets) { return says(support::run(octets, words_of()), Reason::part_formula_marked); };
  EXPECT_TRUE(tells(make_xlsx({"<sheetData><row r=\"1\"><c t=\"str\"><v>=1+1</v></c></row></sheetData>"})));
  EXPECT_FALSE(tells(make_xlsx({"<sheetData><row r=\"1\"><c><v>-1</v></c></row></sheetData>"})));
  EXPECT_TRUE(tells(make_ods("<table:table><table:table-row><table:table-cell><text:p>@SUM(1)</text:p></table:table-cell></table:table-row></table:table>")));
  EXPECT_FALSE(tells(make_docx(paragraph("=1+1"))));
}

TEST(OfficeText, formulas_whose_value_is_not_in_the_file) {
  const auto shown = [](const job::Outcome &outcome) { return std::string(as_chars(outcome.output)); };
  const auto tells = [](const job::Outcome &outcome) { return says(outcome, Reason::office_field_empty); };
  job::Plan values = words_of(); // which a text has none of, whatever is asked of other treatments
  values.formulas = job::Formulas::values;
  const auto xlsx = [&](const std::string &cells) { return support::run(make_xlsx({"<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c>" + cells + "</row></sheetData>"}), values); };
  const job::Outcome sums = xlsx("<c r=\"B1\"><f>SUM(A1:A9)</f></c><c r=\"C1\"><f>A1&amp;\"x\"</f><v></v></c>");
  EXPECT_EQ(shown(sums), "--- 表1 ---\n1\t'=SUM(A1:A9)\t'=A1&\"x\"\n");
  EXPECT_TRUE(tells(sums));
  EXPECT_TRUE(tells(xlsx("<c r=\"B1\"><f t=\"shared\" si=\"0\"/></c>"))); // whose words stand elsewhere
  EXPECT_TRUE(tells(xlsx("<c r=\"B1\"><f>[1]S!A1</f></c>")));
  for (const std::string cell : {"<c r=\"B1\" t=\"str\"><f>\"\"</f><v></v></c>", "<c r=\"B1\"><f>\"\"</f><v>2</v></c>", "<c r=\"B1\" t=\"e\"><f>[1]S!A1</f><v>#REF!</v></c>", "<c r=\"B1\"/>"})
    EXPECT_FALSE(tells(xlsx(cell))) << cell;

  const auto ods = [&](const std::string &cell) {
    return support::run(make_ods("<table:table table:name=\"a\"><table:table-row><table:table-cell><text:p>1</text:p></table:table-cell><table:table-cell " + cell +
                                 "</table:table-cell></table:table-row></table:table>"), values);
  };
  for (const std::string cell : {"table:formula=\"of:=SUM([.A1:.A9])\">", "table:formula=\"of:=SUM([.A1:.A9])\" office:value-type=\"float\"><text:p/>"}) {
    EXPECT_EQ(shown(ods(cell)), "--- a ---\n1\t'=SUM([.A1:.A9])\n");
    EXPECT_TRUE(tells(ods(cell)));
  }
  EXPECT_TRUE(tells(ods("table:formula=\"of:=['file:///x.ods'#$S.A1]\">")));
  for (const std::string cell : {"table:formula=\"of:=2\" office:value-type=\"float\" office:value=\"2\">", "table:formula=\"of:=2\"><text:p>2</text:p>",
                                 "table:formula=\"of:=&quot;&quot;\" office:value-type=\"string\">", ">"})
    EXPECT_FALSE(tells(ods(cell))) << cell;
}

TEST(OfficeText, pptx_in_the_order_of_its_slides) {
  const auto slide = [](const std::string &root, const std::string &text) {
    return "<p:" + root + std::string(support::namespaces) +
           "><p:cSld><p:spTree><p:sp><p:txBody><a:p><a:r><a:t>" + text +
           "</a:t></a:r><a:fld><a:t>7</a:t></a:fld></a:p></p:txBody></p:sp></p:spTree></p:cSld></"
           "p:" +
           root + ">";
  };
  const std::string pptx = make_package(
      {{"[Content_Types].xml", ""},
       {"_rels/.rels", relationships({{"rId1", "officeDocument", "ppt/presentation.xml"}})},
       {"ppt/presentation.xml", "<p:presentation" + std::string(support::namespaces) +
                                    "><p:sldIdLst><p:sldId id=\"1\" r:id=\"b\"/><p:sldId id=\"2\" "
                                    "r:id=\"a\"/></p:sldIdLst></p:presentation>"},
       {"ppt/_rels/presentation.xml.rels",
        relationships({{"a", "slide", "slides/a.xml"}, {"b", "slide", "slides/b.xml"}})},
       {"ppt/slides/a.xml", slide("sld", "後")},
       {"ppt/slides/b.xml", slide("sld", "先")},
       {"ppt/slides/_rels/b.xml.rels", relationships({{"n", "notesSlide", "../notes/n.xml"}})},
       {"ppt/notes/n.xml", slide("notes", "話すこと")}});
  EXPECT_EQ(words(pptx),
            "--- 1 ---\n先\n\n--- 1 (ノート / notes) ---\n話すこと\n\n--- 2 ---\n後\n");
}

TEST(OfficeText, pptx_what_layouts_and_masters_show_on_every_slide) {
  const auto part = [](const std::string &root, const std::string &shapes) {
    return "<p:" + root + std::string(support::namespaces) + "><p:cSld><p:spTree>" + shapes + "</p:spTree></p:cSld></p:" + root + ">";
  };
  const auto shape = [](const std::string &text, const std::string &place = "") {
    return "<p:sp><p:nvSpPr><p:nvPr>" + place + "</p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>" + text + "</a:t></a:r></a:p></p:txBody></p:sp>";
  };
  const std::string pptx = make_package(
      {{"[Content_Types].xml", ""},
       {"_rels/.rels", relationships({{"rId1", "officeDocument", "ppt/presentation.xml"}})},
       {"ppt/presentation.xml", "<p:presentation" + std::string(support::namespaces) +
                                    "><p:sldIdLst><p:sldId id=\"1\" r:id=\"a\"/><p:sldId id=\"2\" r:id=\"b\"/></p:sldIdLst></p:presentation>"},
       {"ppt/_rels/presentation.xml.rels", relationships({{"a", "slide", "slides/a.xml"}, {"b", "slide", "slides/b.xml"}})},
       {"ppt/slides/a.xml", part("sld", shape("一"))},
       {"ppt/slides/b.xml", part("sld", shape("二"))},
       {"ppt/slides/_rels/a.xml.rels", relationships({{"l", "slideLayout", "../layouts/l.xml"}})},
       {"ppt/slides/_rels/b.xml.rels", relationships({{"l", "slideLayout", "../layouts/l.xml"}})},
       {"ppt/layouts/l.xml", part("sldLayout", shape("題名を入力", "<p:ph type=\"title\"/>") + shape("社外秘"))},
       {"ppt/layouts/_rels/l.xml.rels", relationships({{"m", "slideMaster", "../masters/m.xml"}})},
       {"ppt/masters/m.xml", part("sldMaster", shape("町役場") + shape("日付", "<p:ph type=\"dt\"/>"))}});
  EXPECT_EQ(words(pptx), "--- 1 ---\n一\n\n--- 2 ---\n二\n\n--- レイアウト / layout ---\n社外秘\n町役場\n");
}

TEST(OfficeText, pptx_formulas) { // [MS-ODRAWXML] 2.1.5: beside them stands a picture for older programs
  const std::string slide =
      "<p:sld" + std::string(support::namespaces) +
      " xmlns:a14=\"http://schemas.microsoft.com/office/drawing/2010/main\" xmlns:m=\"http://schemas.openxmlformats.org/officeDocument/2006/math\">"
      "<p:cSld><p:spTree><mc:AlternateContent><mc:Choice Requires=\"a14\"><p:sp><p:txBody><a:p><a:r><a:t>面積は</a:t></a:r><a14:m><m:oMath><m:sSup><m:e><m:r>"
      "<a:rPr lang=\"ja-JP\"/><m:t>r</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath></a14:m><a:r><a:t>です</a:t></a:r></a:p>"
      "</p:txBody></p:sp></mc:Choice><mc:Fallback><p:sp><p:txBody><a:p><a:r><a:t> </a:t></a:r></a:p></p:txBody></p:sp></mc:Fallback></mc:AlternateContent>"
      "</p:spTree></p:cSld></p:sld>";
  EXPECT_EQ(words(make_package(
                {{"[Content_Types].xml", ""},
                 {"_rels/.rels", relationships({{"rId1", "officeDocument", "ppt/presentation.xml"}})},
                 {"ppt/presentation.xml", "<p:presentation" + std::string(support::namespaces) +
                                              "><p:sldIdLst><p:sldId id=\"1\" r:id=\"a\"/></p:sldIdLst></p:presentation>"},
                 {"ppt/_rels/presentation.xml.rels", relationships({{"a", "slide", "slides/a.xml"}})},
                 {"ppt/slides/a.xml", slide}})),
            "--- 1 ---\n面積はr^2です\n");
}

TEST(OfficeText, pptx_dates_and_looks) {
  const std::string slide =
      "<p:sld" + std::string(support::namespaces) +
      "><p:cSld><p:spTree><p:sp><p:txBody><a:p><a:r><a:t>作成 </a:t></a:r><a:fld type=\"datetime1\"><a:rPr lang=\"ja-JP\"/><a:t>2026/11/21</a:t></a:fld>"
      "<a:fld type=\"slidenum\"><a:t>7</a:t></a:fld></a:p><a:p><a:r><a:rPr strike=\"sngStrike\"/><a:t>10時</a:t></a:r><a:r>"
      "<a:rPr strike=\"noStrike\"><a:sym typeface=\"Wingdings\"/></a:rPr><a:t>&#xe0;13時</a:t></a:r><a:r><a:t>、10</a:t></a:r><a:r>"
      "<a:rPr baseline=\"30000\"/><a:t>5</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>";
  EXPECT_EQ(words(make_package(
                {{"[Content_Types].xml", ""},
                 {"_rels/.rels", relationships({{"rId1", "officeDocument", "ppt/presentation.xml"}})},
                 {"ppt/presentation.xml", "<p:presentation" + std::string(support::namespaces) +
                                              "><p:sldIdLst><p:sldId id=\"1\" r:id=\"a\"/></p:sldIdLst></p:presentation>"},
                 {"ppt/_rels/presentation.xml.rels", relationships({{"a", "slide", "slides/a.xml"}})},
                 {"ppt/slides/a.xml", slide}})),
            "--- 1 ---\n作成 2026/11/21\n[-10時-]→13時、10^5\n");
}

TEST(OfficeText, odt) {
  const std::string odt = make_odt(
      "<text:tracked-changes><text:changed-region text:id=\"c\"><text:deletion>"
      "<office:change-info><dc:creator>Someone</dc:creator></office:change-info><text:p>old</"
      "text:p>"
      "</text:deletion></text:changed-region></text:tracked-changes>"
      "<text:h>見出し</text:h> <text:p>\n  a<text:tab/>b<text:s text:c=\"2\"/>c<text:line-break/> d"
      "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>脚注</text:p>"
      "</text:note-body></text:note></text:p><text:list><text:list-item><text:p>一</text:p></"
      "text:list-item>"
      "</text:list><text:table-of-content><text:table-of-content-source><text:index-title-template>"
      "source</text:index-title-template></text:table-of-content-source></text:table-of-content>"
      "<table:table "
      "table:name=\"T\"><table:table-row><table:table-cell><text:p>x</text:p><text:p>y</text:p>"
      "</table:table-cell><table:table-cell table:number-columns-repeated=\"2\"><text:p>z</text:p>"
      "</table:table-cell></table:table-row></table:table>",
      "",
      {{"styles.xml",
        std::string("<office:document-styles") + support::odf_namespaces +
            "><office:styles><number:text "
            "xmlns:number=\"urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0\">"
            "no</number:text></office:styles><office:master-styles><style:master-page>"
            "<style:header><text:p>頭</text:p></style:header></style:master-page>"
            "</office:master-styles></office:document-styles>"}});
  EXPECT_EQ(words(odt), "見出し\na\tb  c\nd[1: 脚注]\n- 一\nx y\tz\tz\n\n頭\n");
  job::Plan keeping = words_of();
  keeping.tracked = job::Beside::keep;
  EXPECT_HAS(words(odt, keeping), "[-old");
  EXPECT_LACKS(words(odt, keeping), "Someone");
}

TEST(OfficeText, odf_struck_and_raised) { // ODF 1.3 part 3, 20.384 and 20.389
  const auto style = [](const std::string &family, const std::string &name, const std::string &says) {
    return "<style:style style:family=\"" + family + "\" style:name=\"" + name + "\"><style:text-properties " + says + "/></style:style>";
  };
  const std::string struck = "style:text-line-through-style=\"solid\"";
  const std::string styles = style("text", "T1", struck) + style("text", "T2", "style:text-position=\"super 58%\"") +
                             style("text", "T3", "style:text-line-through-style=\"none\"") + style("paragraph", "T3", struck) +
                             style("table-cell", "C1", struck);
  const auto span = [](const std::string &name, const std::string &text) {
    return "<text:span text:style-name=\"" + name + "\">" + text + "</text:span>";
  };
  EXPECT_EQ(words(make_odt("<text:p>開始は" + span("T1", "10" + span("T3", "時")) + span("T3", "13時") + "、10" + span("T2", "5") +
                               "</text:p><text:p text:style-name=\"T3\">取消</text:p><text:p>残り</text:p>", styles)),
            "開始は[-10-]時13時、10^5\n[-取消-]\n残り\n");
  const auto derived = [](const std::string &name, const std::string &parent, const std::string &says = "fo:color=\"#000000\"") {
    return "<style:style style:family=\"text\" style:name=\"" + name + "\" style:parent-style-name=\"" + parent + "\"><style:text-properties " + says +
           "/></style:style>";
  };
  const std::string common = std::string("<office:document-styles") + support::odf_namespaces + "><office:styles>" + style("text", "Old", struck) +
                             derived("Older", "Old") + derived("A", "B") + derived("B", "A") + "</office:styles><office:automatic-styles>" +
                             style("text", "T9", struck) + "</office:automatic-styles></office:document-styles>";
  EXPECT_EQ(words(make_odt("<text:p>" + span("N1", "a") + span("N2", "b") + span("N3", "c") + span("Older", "d") + span("A", "e") + span("T9", "f") +
                               span("L1", "g") + "</text:p><text:p text:style-name=\"T3\">旧" + span("T3", "新") + "旧</text:p>",
                           styles + derived("N1", "T1") + derived("N2", "N1", "style:text-line-through-style=\"none\"") + derived("N3", "Older") +
                               style("text", "L1", "style:text-line-through-type=\"single\""),
                           {{"styles.xml", common}})),
            "[-a-]b[-cd-]ef[-g-]\n[-旧-]新[-旧-]\n");
  EXPECT_EQ(words(make_ods("<table:table table:name=\"S\"><table:table-row><table:table-cell table:style-name=\"C1\"><text:p>旧</text:p>"
                           "</table:table-cell><table:table-cell><text:p>新</text:p></table:table-cell></table:table-row></table:table>", styles)),
            "--- S ---\n[-旧-]\t新\n");
  const std::string named = std::string("<office:document-styles") + support::odf_namespaces + " office:version=\"1.3\"><office:styles>" +
                             style("text", "Gone", struck) + "</office:styles></office:document-styles>";
  std::string inherited = style("text", "P1", "") + style("text", "P2", "style:text-line-through-style=\"none\"");
  for (std::size_t at = 0; (at = inherited.find("style:name", at)) != inherited.npos; at += 50)
    inherited.insert(at, "style:parent-style-name=\"Gone\" ");
  EXPECT_EQ(words(make_odt("<text:p>" + span("Gone", "a") + "b" + span("P1", "c") + span("P2", "d") + "</text:p>", inherited, {{"styles.xml", named}})),
            "[-a-]b[-c-]d\n");
}

/// Programs show what a cell's value is, whatever its words say.
TEST(OfficeText, ods_cells_whose_words_are_not_their_value) {
  const auto cell = [](const std::string &type, const std::string &value, const std::string &text) {
    const bool number = type == "float" || type == "percentage" || type == "currency";
    const std::string of = number ? "" : type + '-';
    const std::string told = words(make_ods("<table:table table:name=\"a\"><table:table-row><table:table-cell office:value-type=\"" +
                                            type + "\" office:" + of + "value=\"" + value + "\"><text:p>" + text +
                                            "</text:p></table:table-cell></table:table-row></table:table>"));
    return told.substr(10, told.size() - 11);
  };
  using Row = std::array<const char *, 3>;
  for (const Row &row : std::to_array<Row>({{"float", "9000000", "100"},
                                            {"float", "9", "9,000"},
                                            {"float", "-100", "100"},
                                            {"float", "100", "(100)"},
                                            {"float", "1.6", "1"},
                                            {"float", "5", "x"},
                                            {"float", "inf", "5"},
                                            {"date", "2027-268-01", "January"},
                                            {"currency", "1000", "¥100"},
                                            {"percentage", "0.5", "5%"},
                                            {"percentage", "0.5", "0.5%"},
                                            {"date", "2027-03-31", "2026-01-01"},
                                            {"date", "2027-03-31", "2027-03-03"},
                                            {"date", "2027-03-31", "3 Mar 2027"},
                                            {"date", "2027-03-31", "31 Apr 2027"},
                                            {"date", "2027-03-31", "木"},
                                            {"date", "2027-02-01", "2027/1/2"},
                                            {"time", "PT08H30M00S", "09:30"},
                                            {"boolean", "true", "FALSE"},
                                            {"string", "甲", "乙"}}))
    EXPECT_EQ(cell(row[0], row[1], row[2]), std::string(row[2]) + " [= " + row[1] + ']');
  for (const Row &row : std::to_array<Row>({{"float", "9000000", "9,000,000円"},
                                            {"float", "-1234.567", "△1,234.6"},
                                            {"float", "-5", "(5)"},
                                            {"float", "6000001", "〒600-0001"},
                                            {"float", "0.333333333333333", "0.333333333333333"},
                                            {"float", "123456", "1.23E+05"},
                                            {"float", "5", "第５回"},
                                            {"currency", "1000", "￥1,000"},
                                            {"percentage", "0.0526", "5.3%"},
                                            {"date", "2027-03-31", "令和9年3月31日"},
                                            {"date", "2019-05-01", "令和元年5月1日"},
                                            {"date", "2027-03-31", "R9.3.31"},
                                            {"date", "2027-03-31", "20270331"},
                                            {"date", "2027-03-31", "3月31日(水)"},
                                            {"date", "2027-03-31", "水曜日"},
                                            {"date", "2027-03-31", "Wednesday, March 31, 2027"},
                                            {"date", "2027-03-31", "31.03.27"},
                                            {"date", "2027-03-31", "31 Mar 2027"},
                                            {"date", "2027-03-31T18:05:00", "27/3/31 6:05 PM"},
                                            {"time", "PT26H30M00S", "26:30"},
                                            {"time", "PT26H30M00S", "2:30"},
                                            {"boolean", "true", "TRUE"},
                                            {"string", "甲 乙", "甲乙"}}))
    EXPECT_EQ(cell(row[0], row[1], row[2]), row[2]);
  const job::Outcome told = support::run(
      make_ods("<table:table><table:table-row><table:table-cell office:value-type=\"float\" office:value=\"9\"><text:p>1</text:p>"
               "<office:annotation><text:p>9</text:p></office:annotation></table:table-cell></table:table-row></table:table>"),
      words_of());
  EXPECT_TRUE(says(told, Reason::part_ambiguous));
}

/// What every page shows is said once.
TEST(OfficeText, headers_of_sheets) {
  const auto printed = [](const std::string &header) {
    const std::string told = words(make_xlsx({"<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></sheetData><headerFooter><oddHeader>" + header +
                                                 "</oddHeader><oddFooter>&amp;CPage &amp;P / &amp;N</oddFooter></headerFooter>",
                                              "<sheetData/><headerFooter><oddHeader>once</oddHeader></headerFooter>"}));
    EXPECT_TRUE(told.ends_with("---\nonce\n"));
    return told.substr(told.find('\n') + 1, told.find("\n\n---") - told.find('\n') - 1);
  };
  EXPECT_EQ(printed("&amp;L&amp;\"ＭＳ ゴシック,標準\"&amp;14&amp;K00FF00極秘&amp;RA&amp;&amp;B &amp;P"), "1\n極秘 A&B");
  EXPECT_EQ(printed("&amp;P/&amp;Nページ&amp;R"), "1");
}

TEST(OfficeText, headers_of_sheets_of_ods) {
  const auto printed = [](const std::string &headers) {
    return words(support::make_odf("spreadsheet", support::odf_content("spreadsheet", "<table:table table:name=\"表\"><table:table-row><table:table-cell "
                                                                                    "office:value-type=\"string\"><text:p>1</text:p></table:table-cell></table:table-row></table:table>"),
                                   {{"styles.xml", "<office:document-styles xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" "
                                                   "xmlns:style=\"urn:oasis:names:tc:opendocument:xmlns:style:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\">"
                                                   "<office:master-styles><style:master-page style:name=\"Default\">" + headers +
                                                   "</style:master-page></office:master-styles></office:document-styles>"}}));
  };
  EXPECT_EQ(printed("<style:header><style:region-left><text:p>極秘</text:p></style:region-left><style:region-right><text:p>町<text:s/>役場</text:p></style:region-right>"
                    "</style:header><style:footer><text:p>Page <text:page-number>1</text:page-number></text:p></style:footer>"),
            "--- 表 ---\n1\n\n極秘 町 役場\n");
  EXPECT_EQ(printed("<style:header><text:p><text:sheet-name>\?\?\?</text:sheet-name> (<text:title>\?\?\?</text:title>)</text:p></style:header><style:footer-left style:display=\"false\">"
                    "<text:p>消えた</text:p></style:footer-left>"),
            "--- 表 ---\n1\n");
  const auto cost = [&](const std::string &word) {
    std::string footer;
    for (int i = 0; i < 300'000; ++i)
      footer += word;
    return test::cost_of([&] { (void)printed("<style:footer><text:p>" + footer + "</text:p></style:footer>"); });
  };
  EXPECT_LT(cost("of"), 8 * cost("xf")); // each taken out of the front of the rest: hundreds
}

TEST(OfficeText, master_pages_and_footers_of_odp) {
  const auto frame = [](const std::string &text, const std::string &more = "") {
    return "<draw:frame" + more + "><draw:text-box><text:p>" + text + "</text:p></draw:text-box></draw:frame>";
  };
  const std::string styles = "<office:document-styles" + std::string(support::odf_namespaces) + "><office:master-styles><style:master-page style:name=\"D\">" +
                             frame("極秘") + frame("Click", " presentation:class=\"title\"") + frame("課名", " presentation:class=\"footer\"") +
                             frame("<text:page-number>1</text:page-number>", " presentation:class=\"page-number\"") + "<presentation:notes>" +
                             frame("note") + "</presentation:notes></style:master-page><style:master-page style:name=\"E\">" + frame("not used") +
                             "</style:master-page></office:master-styles></office:document-styles>";
  const std::string page = "<draw:page draw:master-page-name=\"D\">" + frame("題") + "</draw:page>";
  EXPECT_EQ(words(make_odp("<presentation:footer-decl presentation:name=\"f\">足</presentation:footer-decl>" + page + page, "", {{"styles.xml", styles}})),
            "足\n\n--- 1 ---\n題\n\n--- 2 ---\n題\n\n--- マスター / master ---\n極秘\n課名\n");
}

TEST(OfficeText, what_a_drop_down_of_an_odt_shows) {
  EXPECT_EQ(words(make_odt("<text:p>A<text:drop-down text:name=\"q\"><text:label text:value=\"x\"/>東</text:drop-down>B</text:p>")), "A東B\n");
}

TEST(OfficeText, ods_and_odp) {
  EXPECT_EQ(
      words(make_ods(
          "<table:table table:name=\"集計\"><table:table-row table:number-rows-repeated=\"2\">"
          "<table:table-cell table:number-columns-repeated=\"2\"/><table:table-cell "
          "office:value-type=\"float\" office:value=\"5\"/><table:table-cell><text:p>@SUM(1)"
          "</text:p></table:table-cell><table:table-cell "
          "table:number-columns-repeated=\"16000\"/></table:table-row><table:table-row "
          "table:number-rows-repeated=\"1048576\"><table:table-cell/></table:table-row>"
          "</table:table>")),
      "--- 集計 ---\n\t\t5\t'@SUM(1)\n\t\t5\t'@SUM(1)\n");
  EXPECT_EQ(words(make_odp(
                "<draw:page><draw:frame><draw:text-box><text:p>題</text:p></draw:text-box>"
                "</draw:frame><presentation:notes><draw:frame><draw:text-box><text:p>話</text:p>"
                "</draw:text-box></draw:frame></presentation:notes></draw:page>")),
            "--- 1 ---\n題\n\n--- 1 (ノート / notes) ---\n話\n");
}

TEST(OfficeText, a_bomb_of_repeated_cells_ends) {
  std::string rows;
  for (int i = 0; i < 100; ++i)
    rows += "<table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell "
            "table:number-columns-repeated=\"16384\"><text:p>much</text:p></table:table-cell>"
            "</table:table-row>";
  job::Plan plan = words_of();
  plan.max_output = 1u << 20;
  EXPECT_EQ(support::run(make_ods("<table:table>" + rows + "</table:table>"), plan).reason,
            Reason::part_too_big);
}

TEST(OfficeText, rows_that_are_said_many_times_are_all_there) {
  const std::string all = words(make_ods("<table:table table:name=\"a\"><table:table-row table:number-rows-repeated=\"20000\"><table:table-cell><text:p>x</text:p></table:table-cell>"
                                         "</table:table-row></table:table>"));
  EXPECT_EQ(std::ranges::count(all, 'x'), 20'000);
}

TEST(OfficeTextCorpus, all_clean_or_named) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  std::map<std::string, int> outcomes;
  for (const char *folder : {"files/office", "files/ja"})
    for (const auto &entry :
         std::filesystem::recursive_directory_iterator(corpus::folder() / folder)) {
      const std::string extension = entry.path().extension();
      const bool ooxml =
          extension.size() == 5 && (extension.back() == 'x' || extension.back() == 'm');
      if (!ooxml && extension.substr(0, 2) != ".o") continue;
      const std::string octets = corpus::read(entry.path());
      if (!octets.starts_with("PK") || octets.size() > 100'000) continue;
      const job::Outcome outcome = support::run(octets, words_of());
      ++outcomes[outcome.status == job::Status::clean ? "clean"
                                                      : std::string(word_of(outcome.reason))];
    }
  for (const auto &[word, count] : outcomes)
    std::printf("%s: %d\n", word.c_str(), count);
  EXPECT_GT(outcomes["clean"], 200);
}

} // namespace
} // namespace sekisho::rebuild
