// H3: a document is written anew from what is listed; everything with power stays behind and is
// named.
#include "sanitizer/rebuild/office/office_code.hh"
#include "sanitizer/rebuild/picture/png_writer.hh"
#include "sanitizer/verify/formulas.hh"
#include "tests/support/cost.hh"
#include "tests/unit/sanitizer/corpus.hh"
#include "tests/unit/sanitizer/support/make_ooxml.hh"
#include "tests/unit/sanitizer/support/treat_office.hh"

#include <gtest/gtest.h>

#include <random>

namespace sekisho::rebuild {
namespace {

using support::all_of;
using support::make_docx;
using support::make_package;
using support::make_xlsx;
using support::Members;
using support::plan;
using support::relationships;
using support::run;
using support::says;

std::string paragraph(const std::string &text) {
  return "<w:p><w:r><w:t>" + text + "</w:t></w:r></w:p>";
}

TEST(Ooxml, text_stays_and_is_escaped_anew) {
  const std::string all =
      all_of(run(make_docx(paragraph("議事録 &amp; &lt;予算&gt; &#x8868;<![CDATA[<&]]>") +
                           "<!-- note --><?run this?>")));
  EXPECT_HAS(all, "<w:t>議事録 &amp; &lt;予算&gt; 表&lt;&amp;</w:t>");
  EXPECT_LACKS(all, "note");
  EXPECT_LACKS(all, "run this");
}

TEST(Ooxml, macros) {
  const std::string docm =
      make_docx(paragraph("text"), {{"word/vbaProject.bin", "Sub AutoOpen()"},
                                    {"word/_rels/document.xml.rels",
                                     relationships({{"rId1", "vbaProject", "vbaProject.bin"}})}});
  const job::Outcome outcome = run(docm);
  EXPECT_EQ(outcome.output_kind, job::Kind::ooxml_word);
  EXPECT_TRUE(says(outcome, Reason::office_rebuilt));
  EXPECT_TRUE(says(outcome, Reason::office_macro));
  EXPECT_LACKS(all_of(outcome), "vba");
  EXPECT_LACKS(all_of(outcome), "AutoOpen");
}

TEST(Ooxml, outside_templates_and_links) {
  const job::Outcome outcome = run(make_docx(
      "<w:p><w:hyperlink r:id=\"rId2\"><w:r><w:t>here</w:t></w:r></w:hyperlink></w:p>",
      {{"word/settings.xml",
        std::string("<w:settings") + support::namespaces +
            "><w:attachedTemplate r:id=\"rId1\"/><w:zoom w:percent=\"100\"/></w:settings>"},
       {"word/_rels/settings.xml.rels",
        relationships({{"rId1", "attachedTemplate", "http://evil.example/a.dotm", "External"}})},
       {"word/_rels/document.xml.rels",
        relationships({{"rId1", "settings", "settings.xml"},
                       {"rId2", "hyperlink", "http://evil.example/", "External"},
                       {"rId3", "image", "http://evil.example/x.png", "External"},
                       {"rId4", "frame", "file://host/share", "External"}})}}));
  const std::string all = all_of(outcome);
  EXPECT_HAS(all, ">here<");
  EXPECT_HAS(all, "<w:zoom w:percent=\"100\"/>");
  for (const char *gone : {"evil", "External", "attachedTemplate", "hyperlink", "file:"})
    EXPECT_LACKS(all, gone);
  EXPECT_TRUE(says(outcome, Reason::office_external));
  EXPECT_TRUE(says(outcome, Reason::office_link_to_text));
}

std::string field(const std::string &code, const std::string &shown) {
  return "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>" + code +
         "<w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>" + shown +
         "</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>";
}

std::string code(const std::string &text) {
  return "<w:r><w:instrText>" + text + "</w:instrText></w:r>";
}

TEST(Ooxml, fields) {
  const job::Outcome outcome = run(make_docx(
      field(code(" PAGE "), "7") +
      field(code("DDEA") + "<w:del><w:r><w:delInstrText>x</w:delInstrText></w:r></w:del>" +
                code("UTO c:\\\\cmd.exe /k calc"),
            "8") +
      field(code(" QUOTE ") + field(code("DDE x y"), "9") + code("z"), "10") +
      field(code(" HYPERLINK \\l \"_Toc1\" "), "11") +
      field(code(" HYPERLINK \"http://evil.example\" \\l \"x\" "), "12") +
      "<w:p><w:fldSimple w:instr=\"INCLUDEPICTURE "
      "http://evil.example/x\"><w:r><w:t>13</w:t></w:r></w:fldSimple></w:p>" +
      "<w:p>" + code("DDE stray") + "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>" +
      code("DDE open") + "</w:p>"));
  const std::string all = all_of(outcome);
  for (const char *stays :
       {" PAGE ", ">7<", ">8<", ">10<", "HYPERLINK \\l", ">11<", ">12<", ">13<"})
    EXPECT_HAS(all, stays);
  for (const char *gone : {"DDE", "UTO", "cmd.exe", "evil", "QUOTE", "stray", "INCLUDE"})
    EXPECT_LACKS(all, gone);
  EXPECT_TRUE(says(outcome, Reason::office_dde));
}

std::string mark(const std::string &type) {
  return "<w:r><w:fldChar w:fldCharType=\"" + type + "\"/></w:r>";
}

std::string shown(const std::string &text) {
  return "<w:r><w:t>" + text + "</w:t></w:r>";
}

TEST(Ooxml, only_instructions_are_code) {
  const job::Outcome outcome = run(make_docx(
      field(shown(" HYPERLINK ") + code("PAGE") + shown(" \"http://evil.example/\" "), "1") +
      field(shown(" DDEAUTO c:\\\\cmd.exe ") + code(" PAGE "), "2") +
      field(code(" PAGE ") + "<w:r><w:tab/></w:r>", "3") +
      field(code(" PAGE ") + "<w:r><w:lastRenderedPageBreak/></w:r>", "4") +
      field("<m:oMath xmlns:m=\"http://schemas.openxmlformats.org/officeDocument/2006/math\"><m:r>"
            "<m:t>DATE</m:t></m:r></m:oMath>" +
                code(" TIME "),
            "5") +
      field(code(" SEQ <w:t>evil</w:t>"), "6") + "<w:p><w:instrText>DDE evil</w:instrText></w:p>" +
      field(code(" NUMPAGES "), "7")));
  const std::string all = all_of(outcome);
  for (const char *stays :
       {">1<", ">2<", ">3<", " PAGE ", ">4<", ">5<", " SEQ ", ">6<", " NUMPAGES ", ">7<"})
    EXPECT_HAS(all, stays);
  for (const char *gone : {"HYPERLINK", "evil", "DDE", "cmd.exe", " TIME "})
    EXPECT_LACKS(all, gone);
  EXPECT_EQ(all.find(" PAGE "), all.rfind(" PAGE "));
}

/// Templates ask so for what is to be filled in; a field of Word's shows a part of its code.
TEST(Ooxml, words_of_a_button_stay) {
  const auto button = [](const std::string &codes) {
    return run(make_docx("<w:p>" + mark("begin") + code(codes) + mark("end") + shown("end") + "</w:p>"));
  };
  const job::Outcome prompt = button(" MACROBUTTON  NoMacro [name &amp; &lt;address&gt;] ");
  EXPECT_HAS(all_of(prompt), "<w:t xml:space=\"preserve\">[name &amp; &lt;address&gt;]</w:t>");
  EXPECT_LACKS(all_of(prompt), "NoMacro");
  EXPECT_FALSE(says(prompt, Reason::office_macro));
  const job::Outcome macro = button(" MACROBUTTON Evil press");
  EXPECT_HAS(all_of(macro), ">press<");
  EXPECT_LACKS(all_of(macro), "Evil");
  EXPECT_TRUE(says(macro, Reason::office_macro));
  EXPECT_LACKS(all_of(button(" DDE a press ")), "press");
  const std::string codes = code(" MACROBUTTON NoMacro [name] ") + mark("separate");
  EXPECT_HAS(all_of(run(make_docx("<w:p>" + mark("begin") + codes + mark("end") + "</w:p>"))), ">[name]<");
  EXPECT_LACKS(all_of(run(make_docx("<w:p>" + mark("begin") + codes + shown("result") + mark("end") + "</w:p>"))), "[name]");
  const auto simple = [](const std::string &result) {
    return all_of(run(make_docx("<w:p><w:fldSimple w:instr=\" MACROBUTTON NoMacro [a &amp;amp; b] \">" + result + "</w:fldSimple></w:p>")));
  };
  EXPECT_HAS(simple(""), "<w:p><w:r><w:t xml:space=\"preserve\">[a &amp;amp; b]</w:t></w:r></w:p>");
  EXPECT_LACKS(simple(shown("result")), "[a");
}

/// What an index lists is not seen where it is marked.
TEST(Ooxml, marks_for_an_index_are_hidden_text) {
  job::Plan removing = plan();
  removing.hidden = job::Beside::remove;
  for (const std::string name : {"XE", "tc", "TA"}) {
    const std::string marks = make_docx("<w:p>" + shown("seen") + mark("begin") + code(" " + name + " \"payload\" ") + mark("end") +
                                        "<w:fldSimple w:instr=\" " + name + " payload \"/></w:p>");
    const job::Outcome kept = run(marks), removed = run(marks, removing);
    EXPECT_HAS(all_of(kept), "payload");
    EXPECT_TRUE(says(kept, Reason::office_hidden));
    EXPECT_LACKS(all_of(removed), "payload");
    EXPECT_HAS(all_of(removed), "seen");
    EXPECT_TRUE(says(removed, Reason::office_hidden_removed));
  }
}

/// { = {MERGEFIELD price} * {MERGEFIELD count} } shows 3000, not 100, 30 and 3000.
TEST(Ooxml, results_of_fields_in_a_code_are_not_shown) {
  const auto inside = [](const std::string &codes, const std::string &result) {
    return mark("begin") + codes + mark("separate") + shown(result) + mark("end");
  };
  const std::string deep = inside(code(" = ") + inside(code(" PAGE "), "100") + code(" * ") +
                                      inside(code(" IF ") + inside(code(" NUMPAGES "), "30") + code(" = 1 "), "31"),
                                  "3000");
  const job::Outcome outcome = run(make_docx("<w:p>" + shown("sum") + deep + shown("yen") + inside(code(" PAGE "), "7") + "</w:p>"));
  const std::string all = all_of(outcome);
  for (const char *stays : {">sum<", ">3000<", ">yen<", " PAGE ", ">7<"})
    EXPECT_HAS(all, stays);
  for (const char *gone : {">100<", ">30<", ">31<", "NUMPAGES"})
    EXPECT_LACKS(all, gone);
}

/// Rows and cells are tracked by marks inside them: once the changes are accepted, another code is left.
TEST(Ooxml, no_code_leads_into_a_table) {
  const auto row = [](const std::string &mark, const std::string &text) {
    return "<w:tr>" + mark + "<w:tc><w:p>" + text + "</w:p></w:tc></w:tr>";
  };
  job::Plan keeping = plan();
  keeping.tracked = job::Beside::keep;
  const job::Outcome outcome = run(make_docx("<w:p>" + mark("begin") + "</w:p><w:tbl>" +
                                       row("<w:trPr><w:del w:id=\"1\"/></w:trPr>", code(" PAGE ")) +
                                       row("", code(" DDEAUTO c: x ") + mark("separate") + mark("end")) + "</w:tbl>"), keeping);
  EXPECT_LACKS(all_of(outcome), "DDE");
  EXPECT_LACKS(all_of(outcome), "fldChar");
  const job::Outcome out_of_it = run(make_docx("<w:tbl>" + row("", mark("begin") + code(" PAGE ")) + "</w:tbl><w:p>" +
                                               code(" DDEAUTO c: x ") + mark("separate") + mark("end") + "</w:p>"), keeping);
  EXPECT_EQ(out_of_it.status, job::Status::clean);
  EXPECT_LACKS(all_of(out_of_it), "fldChar");
}

/// Small, and once more than half a gigabyte.
TEST(Ooxml, fields_nested_into_code_cost_no_more_than_their_text) {
  std::string text = "<w:p>";
  for (int i = 0; i < 60; ++i) text += mark("begin");
  for (int i = 0; i < 20'000; ++i) text += code("x");
  const job::Outcome outcome = run(make_docx(text + "</w:p>"));
  EXPECT_LACKS(all_of(outcome), "fldChar");
}

TEST(Ooxml, links_inside) {
  for (const char *calm : {"HYPERLINK \\l \"a\"", "HYPERLINK \\l _Toc1 \\h",
                           "HYPERLINK \\l \"a\" \\o \"tip\" \\h \\* MERGEFORMAT"})
    EXPECT_EQ(judge_field(calm), Reason::none) << calm;
  for (const char *link :
       {"HYPERLINK \\l \"a\" \\* \"vnd.sun.star.script:a\"", "HYPERLINK \\l \"a\" \\* file:/a",
        "HYPERLINK \\l \"a\" \\l \"b\"", "HYPERLINK \\l", "HYPERLINK \\l \"a", "HYPERLINK \\l \"\"",
        "HYPERLINK \\l \\h", "HYPERLINK \\l \"a\\\" \"", "HYPERLINK \\l \"a\" \\*",
        "HYPERLINK \\l \"a\" b", "HYPERLINK \\l \"a\u201d http://x \""})
    EXPECT_EQ(judge_field(link), Reason::office_link_to_text) << link;
}

// What says it leads inside, and does not.
TEST(OfficeCode, places) {
  for (const char *inside : {"a", "_Toc123", "#表紙", "1.2 概要: 目的/方法|outline", "Table1|table", "Sheet1.A1", "#$Sheet1.$A$1:B2",
                             "'My sheet'.A1:Sheet2.C4", "100%", "%E8%A1%A8", "h.abc=1"})
    EXPECT_TRUE(is_place_inside(inside)) << inside;
  for (const char *outside :
       {"http://evil.example", "#http://evil.example/", "##http:evil", "# \thttp:evil", "http%3A//evil", "%2568ttp://evil",
        "%252525252568ttp", "file:///x", "C:evil", "//evil/x", "/etc/passwd", "\\\\evil\\x", "mailto:a@evil", "tel:123", "java\nscript:x",
        "a\x01", "%0ahttp:x", "ms-word:ofe|u|x", "A1:evil", "x.y:A1"})
    EXPECT_FALSE(is_place_inside(outside)) << outside;
}

TEST(Ooxml, links_that_only_say_they_are_inside) {
  const job::Outcome outcome = run(make_docx(
      "<w:p><w:hyperlink w:anchor=\"http://evil.example/\"><w:r><w:t>1</w:t></w:r></w:hyperlink>"
      "<w:hyperlink w:anchor=\"#file:///evil\"><w:r><w:t>2</w:t></w:r></w:hyperlink>"
      "<w:hyperlink w:anchor=\"_Toc1\"><w:r><w:t>3</w:t></w:r></w:hyperlink></w:p>" +
      field(code(" HYPERLINK \\l \"http://evil.example/\" "), "4") +
      "<w:p><w:fldSimple w:instr=\"HYPERLINK \\l //evil/x\"><w:r><w:t>5</w:t></w:r></w:fldSimple></w:p>"));
  const std::string all = all_of(outcome);
  for (const char *stays : {">1<", ">2<", ">3<", ">4<", ">5<", "w:anchor=\"_Toc1\""})
    EXPECT_HAS(all, stays);
  EXPECT_LACKS(all, "evil");
  EXPECT_TRUE(says(outcome, Reason::part_external_link));
  EXPECT_FALSE(says(outcome, Reason::office_link_to_text));
  EXPECT_TRUE(says(run(make_xlsx({"<sheetData/><hyperlinks><hyperlink ref=\"A1\" location=\"http://evil/\"/></hyperlinks>"})),
                   Reason::part_external_link));
}

TEST(Ooxml, fields_changed_by_what_is_tracked) {
  const auto changed = [](const char *change, const std::string &inside) {
    return std::string("<w:") + change + ">" + inside + "</w:" + change + ">";
  };
  const std::string deleted = "<w:r><w:delInstrText> PAGE </w:delInstrText></w:r>";
  job::Plan keeping = plan();
  keeping.tracked = job::Beside::keep;
  const std::string all = all_of(run(
      make_docx(field(changed("del", deleted) + changed("ins", code(" DDE evil ")), "1") +
                field(changed("moveFrom", code(" TIME ")) + changed("moveTo", code(" DDE ")), "2") +
                field(code(" HYPERLINK \\l a") + changed("ins", code("b")), "3") +
                changed("ins", mark("begin") + code(" DATE ") + mark("end"))),
      keeping));
  for (const char *stays : {">1<", ">2<", ">3<", " DATE "})
    EXPECT_HAS(all, stays);
  for (const char *gone : {"PAGE", "DDE", "TIME", "HYPERLINK"})
    EXPECT_LACKS(all, gone);
}

TEST(Ooxml, fields_in_text_boxes) {
  const auto box = [](const std::string &inside) {
    return "<w:p><w:r><w:pict><v:shape xmlns:v=\"urn:schemas-microsoft-com:vml\"><v:textbox>"
           "<w:txbxContent>" +
           inside + "</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>";
  };
  const job::Outcome outcome = run(make_docx(
      box(field(code(" HYPERLINK \"http://evil.example/\" "), "1")) +
      box(field(code(" PAGE "), "2")) + box("<w:p>" + mark("begin") + code("DATE") + "</w:p>") +
      "<w:p>" + mark("end") + "</w:p>" + "<w:p>" + mark("begin") + code(" TIME ") + "</w:p>" +
      box(paragraph("4")) + "<w:p>" + mark("end") + "</w:p>"));
  EXPECT_EQ(outcome.output_kind, job::Kind::ooxml_word);
  const std::string all = all_of(outcome);
  for (const char *stays : {">1<", " PAGE ", ">2<"})
    EXPECT_HAS(all, stays);
  for (const char *gone : {"HYPERLINK", "evil", "DATE", "TIME", ">4<"})
    EXPECT_LACKS(all, gone);
}

/// Elements of fields in any order: what the filter leaves, the verifier takes.
class AnyFields {
public:
  explicit AnyFields(unsigned seed) : random_(seed) {}
  std::string body() {
    std::string xml;
    for (unsigned i = 0, count = 1 + pick(4); i < count; ++i)
      xml += node(0);
    return "<w:p>" + xml + "</w:p>";
  }

private:
  unsigned pick(unsigned count) { return static_cast<unsigned>(random_() % count); }
  std::string any(std::initializer_list<const char *> of) { return of.begin()[pick(static_cast<unsigned>(of.size()))]; }
  std::string inside(unsigned depth) {
    std::string xml;
    for (unsigned i = 0, count = depth > 4 ? 0 : pick(4); i < count; ++i)
      xml += node(depth + 1);
    return xml;
  }
  std::string instr() {
    return any({"PAGE", " DATE ", "DDE x y", "", "&#13;PAGE", "PAGE&#13;", "&#9;PAGE", "\nPAGE", "&#160;PAGE", "PAGE&#160;", "=1", "= 1",
                "PAGE\\x", "\\PAGE", "&quot;PAGE&quot;", "page", "HYPERLINK \\l a", "HYPERLINK\\l a", "HYPERLINK \\l &quot;a&quot; \\h", "HYPERLINK \\l a&#13;",
                "HYPERLINK&#13; \\l a", "HYPERLINK \\l &quot;&quot;", "HYPERLINK \\l &quot;a", "HYPERLINK http://e", "REF a", "&#8203;PAGE", "TOC \\o",
                "HYPERLINK \\l a \\* MERGEFORMAT", "HYPERLINK \\l a\\h", "HYPERLINK \\l a \\o b \\o c", "HYPERLINK \\l &quot; &quot;", "HYPERLINK \\l #", "PAGE<"});
  }
  std::string run() {
    std::string xml;
    for (unsigned i = 0, count = 1 + pick(3); i < count; ++i)
      xml += any({"<w:t>x</w:t>", "<w:tab/>", "<w:fldChar w:fldCharType=\"begin\"/>", "<w:fldChar w:fldCharType=\"separate\"/>",
                  "<w:fldChar w:fldCharType=\"end\"/>", "<w:instrText>PAGE</w:instrText>", "<w:instrText> DDE </w:instrText>",
                  "<w:delInstrText>PAGE</w:delInstrText>", "<w:fldSimple w:instr=\"PAGE\"/>", "<w:fldChar w:fldCharType=\" begin\"/>",
                  "<w:fldChar/>", "<w:fldChar w:fldCharType=\"begin\"><w:fldData>AA==</w:fldData></w:fldChar>", "<w:rPr/>", "<w:lastRenderedPageBreak/>"});
    return "<w:r>" + xml + "</w:r>";
  }
  std::string node(unsigned depth) {
    switch (pick(14)) {
    case 0:
    case 1:
    case 2: return run();
    case 3:
    case 4: return "<w:fldSimple w:instr=\"" + instr() + "\">" + inside(depth) + "</w:fldSimple>";
    case 5: return "<w:ins>" + inside(depth) + "</w:ins>";
    case 6: return "<w:del>" + inside(depth) + "</w:del>";
    case 7: return "<w:hyperlink w:anchor=\"a\">" + inside(depth) + "</w:hyperlink>";
    case 8: return "<w:r><w:pict><v:shape><v:textbox><w:txbxContent><w:p>" + inside(depth) + "</w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>";
    case 9: return "<w:fldSimple>" + inside(depth) + "</w:fldSimple>";
    case 10: return "<w:smartTag>" + inside(depth) + "</w:smartTag>";
    case 11: return "<w:fldSimple w:instr=\"PAGE\"><w:fldData>AA==</w:fldData>" + inside(depth) + "</w:fldSimple>";
    case 12: return "<w:moveTo>" + inside(depth) + "</w:moveTo>";
    default: return "<w:tbl><w:tr><w:tc><w:p>" + inside(depth) + "</w:p></w:tc></w:tr></w:tbl>";
    }
  }
  std::minstd_rand random_;
};

TEST(Ooxml, fields_of_any_sort) {
  job::Plan keeping = plan();
  keeping.tracked = job::Beside::keep;
  std::string shortest(100'000, 'x');
  std::size_t clean = 0;
  for (unsigned seed = 1; seed < 3000; ++seed) {
    const std::string body = AnyFields(seed).body(), docx = make_docx(body);
    job::Job job;
    job.plan = seed % 2 ? keeping : plan();
    job.bytes = as_bytes(docx);
    const job::Outcome outcome = file(job);
    if (outcome.status != job::Status::clean) continue;
    ++clean;
    if (body.size() < shortest.size() && !verify::Verifier::accept(outcome.output_kind, Untrusted(outcome.output)))
      shortest = body;
  }
  EXPECT_EQ(shortest.size(), 100'000u) << shortest;
  EXPECT_GT(clean, 1500u);
}

TEST(Ooxml, fields_nested_too_deep) {
  const auto nested = [](unsigned count) {
    std::string all;
    for (unsigned i = 0; i < count; ++i)
      all += mark("begin") + code(" PAGE ") + mark("separate");
    for (unsigned i = 0; i < count; ++i)
      all += mark("end");
    return run(make_docx("<w:p>" + all + "</w:p>"));
  };
  EXPECT_EQ(nested(64).output_kind, job::Kind::ooxml_word);
  EXPECT_NE(nested(65).output_kind, job::Kind::ooxml_word);
}

TEST(Ooxml, embedded_objects_and_controls) {
  const job::Outcome outcome =
      run(make_docx("<w:p><w:r><w:object><v:shape id=\"s\"><v:imagedata "
                    "r:id=\"rId2\"/></v:shape><o:OLEObject Type=\"Embed\" "
                    "ProgID=\"Package\" r:id=\"rId1\"/></w:object></w:r><w:r><w:control "
                    "r:id=\"rId3\"/></w:r></w:p><w:altChunk r:id=\"rId4\"/>",
                    {{"word/embeddings/oleObject1.bin", "MZ"},
                     {"word/activeX/activeX1.xml", "<x/>"},
                     {"word/chunk.html", "<script>"},
                     {"word/_rels/document.xml.rels",
                      relationships({{"rId1", "oleObject", "embeddings/oleObject1.bin"},
                                     {"rId3", "control", "activeX/activeX1.xml"},
                                     {"rId4", "aFChunk", "chunk.html"}})}}));
  const std::string all = all_of(outcome);
  for (const char *gone :
       {"OLEObject", "oleObject", "Package", "control", "activeX", "altChunk", "script", "MZ"})
    EXPECT_LACKS(all, gone);
  EXPECT_TRUE(says(outcome, Reason::office_embedded));
}

TEST(Ooxml, tracked_changes_by_rule) {
  const std::string docx =
      make_docx("<w:p><w:ins w:author=\"A\"><w:r><w:t>new</w:t></w:r></w:ins><w:del "
                "w:author=\"A\"><w:r><w:delText>old</w:delText></w:r></w:del>"
                "<w:commentRangeStart w:id=\"1\"/></w:p><w:tbl><w:tr><w:trPr><w:del "
                "w:id=\"1\"/></w:trPr><w:tc>" +
                paragraph("row") + "</w:tc></w:tr></w:tbl>");
  const job::Outcome removed = run(docx);
  EXPECT_HAS(all_of(removed), "new");
  for (const char *gone : {"old", "row", "author", "comment"})
    EXPECT_LACKS(all_of(removed), gone);
  EXPECT_TRUE(says(removed, Reason::office_tracked_removed));
  job::Plan keeping = plan();
  keeping.tracked = job::Beside::keep;
  const job::Outcome kept = run(docx, keeping);
  for (const char *stays : {"new", "old", "row", "w:author=\"A\""})
    EXPECT_HAS(all_of(kept), stays);
  EXPECT_TRUE(says(kept, Reason::office_tracked));
}

TEST(Ooxml, hidden_by_rule) {
  const std::string docx =
      make_docx("<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r></w:p>");
  EXPECT_HAS(all_of(run(docx)), "secret");
  EXPECT_TRUE(says(run(docx), Reason::office_hidden));
  job::Plan removing = plan();
  removing.hidden = job::Beside::remove;
  EXPECT_LACKS(all_of(run(docx, removing)), "secret");
  const std::string cells =
      "<cols><col min=\"2\" max=\"2\" hidden=\"1\"/></cols><sheetData><row r=\"1\"><c "
      "r=\"A1\"><v>1001</v></c><c r=\"B1\"><v>1002</v></c></row>"
      "<row r=\"2\" hidden=\"1\"><c r=\"A2\"><v>1003</v></c></row></sheetData>";
  const std::string xlsx =
      make_xlsx({cells, "<sheetData><row r=\"1\"><c r=\"A1\"><v>1004</v></c></row></sheetData>"},
                "", " state=\"veryHidden\"");
  for (const char *cell : {"1001", "1002", "1003", "1004"})
    EXPECT_HAS(all_of(run(xlsx)), cell);
  const std::string all = all_of(run(xlsx, removing));
  EXPECT_HAS(all, "1001");
  for (const char *cell : {"1002", "1003", "1004"})
    EXPECT_LACKS(all, cell);
}

job::Plan removing_hidden() {
  job::Plan removing = plan();
  removing.hidden = job::Beside::remove;
  return removing;
}

TEST(Ooxml, nothing_of_what_is_hidden_is_left_elsewhere) {
  const std::string shown =
      "<cols><col min=\"3\" max=\"3\" width=\"0\" customWidth=\"1\"/></cols><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>2</v></c>"
      "<c r=\"C1\" t=\"s\"><v>3</v></c></row><row r=\"2\" hidden=\"1\"><c r=\"A2\" t=\"s\"><v>0</v></c></row>"
      "<row r=\"3\" ht=\"0\" customHeight=\"1\"><c r=\"A3\"><v>1003</v></c></row></sheetData>";
  const std::string drawn = "<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>1</v></c></row></sheetData><drawing r:id=\"d\"/>";
  const std::string drawing =
      "<xdr:wsDr xmlns:xdr=\"http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing\" xmlns:a=\"http://schemas.openxmlformats.org/"
      "drawingml/2006/main\"><xdr:twoCellAnchor><xdr:sp><xdr:txBody><a:p><a:r><a:t>secret box</a:t></a:r></a:p></xdr:txBody></xdr:sp>"
      "</xdr:twoCellAnchor></xdr:wsDr>";
  const std::string strings = std::string("<sst") + support::sheet_namespace +
                              "><si><t>secret row</t></si><si><r><t>secret sheet</t></r></si><si><t>shown</t></si><si><t>secret column</t></si></sst>";
  const std::string names = "<definedNames><definedName name=\"Secret\" hidden=\"1\">\"secret name\"</definedName>"
                            "<definedName name=\"_xlnm._FilterDatabase\" localSheetId=\"0\" hidden=\"1\">表1!$A$1:$B$2</definedName>"
                            "<definedName name=\"_xlfn.X\" hidden=\"1\">\"secret too\"</definedName></definedNames>";
  const std::string xlsx = make_xlsx({shown, drawn}, names, " state=\"hidden\"",
                                     {{"xl/sharedStrings.xml", strings},
                                      {"xl/drawings/d.xml", drawing},
                                      {"xl/worksheets/_rels/sheet2.xml.rels", relationships({{"d", "drawing", "../drawings/d.xml"}})}},
                                     {{"x", "sharedStrings", "sharedStrings.xml"}});
  const std::string kept = all_of(run(xlsx));
  for (const char *stays : {"secret row", "secret sheet", "secret column", "secret box", "secret name", "secret too", "1003"})
    EXPECT_HAS(kept, stays);
  const job::Outcome outcome = run(xlsx, removing_hidden());
  const std::string all = all_of(outcome);
  EXPECT_HAS(all, "<si><t/></si><si><t/></si><si><t>shown</t></si><si><t/></si>");
  EXPECT_HAS(all, "_FilterDatabase");
  for (const char *gone : {"secret", "1003", "xl/drawings"})
    EXPECT_LACKS(all, gone);
  EXPECT_TRUE(says(outcome, Reason::office_hidden_removed));
}

TEST(Ooxml, charts_on_hidden_sheets_of_their_own_go) {
  const std::string xlsx = make_package(
      {{"[Content_Types].xml", "<Types/>"},
       {"_rels/.rels", relationships({{"rId1", "officeDocument", "xl/workbook.xml"}})},
       {"xl/workbook.xml", std::string("<workbook") + support::sheet_namespace + "><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"s1\"/>"
                               "<sheet name=\"b\" sheetId=\"2\" state=\"hidden\" r:id=\"s2\"/></sheets></workbook>"},
       {"xl/_rels/workbook.xml.rels", relationships({{"s1", "worksheet", "a.xml"}, {"s2", "chartsheet", "b.xml"}})},
       {"xl/a.xml", std::string("<worksheet") + support::sheet_namespace + "><sheetData/></worksheet>"},
       {"xl/b.xml", std::string("<chartsheet") + support::sheet_namespace + "><drawing r:id=\"d\"/></chartsheet>"},
       {"xl/_rels/b.xml.rels", relationships({{"d", "drawing", "d.xml"}})},
       {"xl/d.xml", "<xdr:wsDr xmlns:xdr=\"http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing\"/>"}});
  EXPECT_HAS(all_of(run(xlsx)), "xl/chartsheets/sheet1.xml");
  const std::string all = all_of(run(xlsx, removing_hidden()));
  EXPECT_LACKS(all, "chartsheet");
  EXPECT_LACKS(all, "drawing1.xml");
  EXPECT_HAS(all, "xl/worksheets/sheet2.xml");
}

/// ISO/IEC 29500-1 §18.18.11
TEST(Ooxml, a_cell_says_one_thing) {
  const std::string both = "<v>900</v><is><t>100</t></is>";
  const auto cell = [&](const std::string &type, const std::string &inside) {
    return all_of(run(make_xlsx({"<sheetData><row r=\"1\"><c r=\"A1\"" + type + ">" + inside + "</c></row></sheetData>"})));
  };
  for (const char *type : {"", " t=\"str\"", " t=\"n\""}) {
    EXPECT_HAS(cell(type, both), "><v>900</v></c>");
    EXPECT_LACKS(cell(type, "<is><t>100</t></is>"), "100");
  }
  for (const std::string &inside : {both, std::string("<is><t>100</t></is><v>900</v>")})
    EXPECT_HAS(cell(" t=\"inline&#83;tr\"", inside), "><is><t>100</t></is></c>");
  EXPECT_HAS(cell(" t=\"inlineStr\"", "<v>900</v>"), "><v>900</v></c>");
  EXPECT_TRUE(says(run(make_xlsx({"<sheetData><row><c>" + both + "</c></row></sheetData>"})), Reason::office_unlisted));
}

/// A part is there because something that is shown leads to it, not because a relationship names it.
TEST(Ooxml, parts_that_nothing_shows_stay_behind) {
  const std::string word = support::namespaces;
  const auto notes = [&](const char *root, const char *note) {
    const std::string name = std::string("w:") + note;
    return "<w:" + std::string(root) + word + "><" + name + " w:type=\"separator\" w:id=\"-1\">" + paragraph("line") + "</" + name + "><" + name +
           " w:id=\"1\">" + paragraph("secret") + "</" + name + "><" + name + " w:id=\"+02\">" + paragraph("hidden") + "</" + name + "><" + name +
           " w:id=\"3\">" + paragraph("shown") + "</" + name + "></w:" + root + ">";
  };
  const std::string docx = make_docx(
      "<w:p><w:r><w:t>a</w:t></w:r><w:del w:id=\"1\"><w:r><w:footnoteReference w:id=\"1\"/><w:endnoteReference w:id=\"1\"/>"
      "<w:drawing><a:blip r:embed=\"p\"/></w:drawing></w:r></w:del><w:r><w:rPr><w:vanish/></w:rPr><w:footnoteReference w:id=\"2\"/>"
      "<w:endnoteReference w:id=\"2\"/></w:r><w:r><w:footnoteReference w:id=\"3\"/><w:endnoteReference w:id=\"3\"/></w:r></w:p>"
      "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"h\"/></w:sectPr>",
      {{"word/footnotes.xml", notes("footnotes", "footnote")},
       {"word/endnotes.xml", notes("endnotes", "endnote")},
       {"word/media/secret.png", "no picture"},
       {"word/h.xml", "<w:hdr" + word + ">" + paragraph("head") + "</w:hdr>"},
       {"word/orphan.xml", "<w:hdr" + word + ">" + paragraph("orphan") + "</w:hdr>"},
       {"word/_rels/document.xml.rels", relationships({{"f", "footnotes", "footnotes.xml"},
                                                       {"e", "endnotes", "endnotes.xml"},
                                                       {"p", "image", "media/secret.png"},
                                                       {"h", "header", "h.xml"},
                                                       {"o", "header", "orphan.xml"}})}});
  const std::string all = all_of(run(docx, removing_hidden()));
  for (const char *gone : {"secret", "hidden", "orphan", "media", "image", "header2"})
    EXPECT_LACKS(all, gone);
  for (const char *stays : {"line", "head", "w:footnote w:id=\"3\"", "w:endnote w:id=\"3\""})
    EXPECT_HAS(all, stays);
  EXPECT_TRUE(says(run(docx), Reason::office_hidden_removed));
  EXPECT_HAS(all_of(run(docx)), "w:footnote w:id=\"+02\"");
  const std::string text = " r:id=&quot;rId1&quot; r:id=\"rId1\" ";
  EXPECT_LACKS(all_of(run(make_docx(paragraph(text) + "<w:bookmarkStart w:id=\"1\" w:name=\" r:id=&quot;rId1&quot;\"/>",
                                    {{"word/o.xml", "<w:hdr" + word + ">" + paragraph("orphan") + "</w:hdr>"},
                                     {"word/_rels/document.xml.rels", relationships({{"o", "header", "o.xml"}})}}))),
               "orphan");
}

TEST(Ooxml, sheets_and_slides_in_no_list_stay_behind) {
  const std::string sheet = std::string("<worksheet") + support::sheet_namespace + "><sheetData><row><c><v>1003</v></c></row></sheetData></worksheet>";
  const job::Outcome book = run(make_xlsx({"<sheetData/>"}, "", "", {{"xl/orphan.xml", sheet}}, {{"o", "worksheet", "orphan.xml"}}));
  EXPECT_LACKS(all_of(book), "1003");
  EXPECT_TRUE(says(book, Reason::office_hidden_removed));
  EXPECT_FALSE(says(run(make_xlsx({"<sheetData/>"})), Reason::office_hidden_removed));
  const auto slide = [](const std::string &text) {
    return std::string("<p:sld") + support::namespaces + "><p:cSld><p:spTree><p:sp><p:txBody><a:p><a:r><a:t>" + text +
           "</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>";
  };
  const job::Outcome slides = run(make_package(
      {{"[Content_Types].xml", ""},
       {"_rels/.rels", relationships({{"rId1", "officeDocument", "ppt/presentation.xml"}})},
       {"ppt/presentation.xml", "<p:presentation" + std::string(support::namespaces) +
                                    "><p:sldIdLst><p:sldId id=\"1\" r:id=\"a\"/></p:sldIdLst></p:presentation>"},
       {"ppt/_rels/presentation.xml.rels", relationships({{"a", "slide", "slides/a.xml"}, {"b", "slide", "slides/b.xml"}})},
       {"ppt/slides/a.xml", slide("listed")},
       {"ppt/slides/b.xml", slide("orphan")},
       {"ppt/slides/_rels/a.xml.rels", relationships({{"n", "notesSlide", "../n.xml"}, {"b", "slide", "b.xml"}})},
       {"ppt/n.xml", "<p:notes" + std::string(support::namespaces) + "/>"},
       {"ppt/_rels/n.xml.rels", relationships({{"a", "slide", "slides/a.xml"}, {"b", "slide", "slides/b.xml"}})}}));
  EXPECT_HAS(all_of(slides), "listed");
  EXPECT_HAS(all_of(slides), "Target=\"../slides/slide1.xml\"");
  EXPECT_LACKS(all_of(slides), "orphan");
  EXPECT_LACKS(all_of(slides), "slide2.xml");
  EXPECT_TRUE(says(slides, Reason::office_hidden_removed));
}

/// Parts of another kind, whose relationship ends in the same word.
TEST(Ooxml, remarks_of_newer_programs_do_not_refuse_a_document) {
  std::string relation = relationships({{"c", "comments", "../comments/c.xml"}});
  const std::string older = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  relation.replace(relation.find(older), older.size(), "http://schemas.microsoft.com/office/2018/10/relationships");
  job::Plan keeping = plan();
  keeping.tracked = job::Beside::keep;
  const job::Outcome outcome = run(
      make_package({{"[Content_Types].xml", ""},
                    {"_rels/.rels", relationships({{"rId1", "officeDocument", "ppt/presentation.xml"}})},
                    {"ppt/presentation.xml", "<p:presentation" + std::string(support::namespaces) +
                                                 "><p:sldIdLst><p:sldId id=\"1\" r:id=\"a\"/></p:sldIdLst></p:presentation>"},
                    {"ppt/_rels/presentation.xml.rels", relationships({{"a", "slide", "slides/a.xml"}})},
                    {"ppt/slides/a.xml", "<p:sld" + std::string(support::namespaces) + "/>"},
                    {"ppt/slides/_rels/a.xml.rels", relation},
                    {"ppt/comments/c.xml", "<p188:cmLst xmlns:p188=\"http://schemas.microsoft.com/office/powerpoint/2018/8/main\"/>"}}),
      keeping);
  EXPECT_EQ(outcome.status, job::Status::clean);
  EXPECT_TRUE(says(outcome, Reason::office_tracked_removed));
}

TEST(Ooxml, hidden_shapes) {
  const auto told = [](const std::string &octets, const char *secret) {
    EXPECT_HAS(all_of(run(octets)), secret);
    EXPECT_TRUE(says(run(octets), Reason::office_hidden));
    const job::Outcome removed = run(octets, removing_hidden());
    EXPECT_LACKS(all_of(removed), secret);
    EXPECT_TRUE(says(removed, Reason::office_hidden_removed));
    return all_of(removed);
  };
  const auto slide = [](const std::string &shapes) {
    return make_package({{"[Content_Types].xml", ""},
                         {"_rels/.rels", relationships({{"rId1", "officeDocument", "ppt/presentation.xml"}})},
                         {"ppt/presentation.xml", "<p:presentation" + std::string(support::namespaces) +
                                                      "><p:sldIdLst><p:sldId id=\"1\" r:id=\"a\"/></p:sldIdLst></p:presentation>"},
                         {"ppt/_rels/presentation.xml.rels", relationships({{"a", "slide", "slides/a.xml"}})},
                         {"ppt/slides/a.xml", "<p:sld" + std::string(support::namespaces) + "><p:cSld><p:spTree>" + shapes +
                                                  "</p:spTree></p:cSld></p:sld>"}});
  };
  const std::string secret = "<p:txBody><a:p><a:r><a:t>secret</a:t></a:r></a:p></p:txBody>";
  const std::string shape = "<p:sp><p:nvSpPr><p:cNvPr id=\"9\" name=\"n\"/></p:nvSpPr>", seen = shape + "<p:spPr/></p:sp>";
  EXPECT_HAS(told(slide(seen + "<p:sp><p:nvSpPr><p:cNvPr id=\"8\" name=\"n\" hidden=\"1\"/></p:nvSpPr>" + secret + "</p:sp>"), "secret"), seen);
  EXPECT_HAS(told(slide(seen + "<p:grpSp><p:nvGrpSpPr><p:cNvPr id=\"8\" name=\"n\" hidden=\"true\"/></p:nvGrpSpPr>" + shape + secret + "</p:sp></p:grpSp>"),
                  "secret"),
             seen);
  EXPECT_HAS(told(slide(seen + "<p:pic><p:nvPicPr><p:cNvPr id=\"8\" name=\"secret\" hidden=\"1\"/></p:nvPicPr></p:pic>"), "secret"), seen);
  EXPECT_HAS(told(slide(seen + "<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id=\"8\" name=\"secret\" hidden=\"1\"/></p:nvGraphicFramePr></p:graphicFrame>"),
                  "secret"),
             seen);
  const std::string box = "<w:txbxContent>" + paragraph("secret") + "</w:txbxContent>";
  const auto drawn = [&](const std::string &properties, const std::string &inner) {
    return make_docx("<w:p><w:r><w:t>seen</w:t><w:drawing><wp:inline xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/"
                     "wordprocessingDrawing\"><wp:docPr id=\"1\" name=\"x\"" + properties + "/><a:graphic><a:graphicData uri=\"http://schemas."
                     "microsoft.com/office/word/2010/wordprocessingShape\"><wps:wsp><wps:cNvPr id=\"2\" name=\"y\"" + inner +
                     "/><wps:txbx>" + box + "</wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>");
  };
  EXPECT_HAS(told(drawn(" hidden=\"1\"", ""), "secret"), "<w:t>seen</w:t></w:r>");
  EXPECT_HAS(told(drawn("", " hidden=\"1\""), "secret"), "<w:t>seen</w:t></w:r>");
  for (const char *style : {"width:1pt;Visibility : hidden", "visibility:&#104;idden"})
    told(make_docx("<w:p><w:r><w:pict><v:shape style=\"" + std::string(style) + "\"><v:textbox>" + box + "</v:textbox></v:shape></w:pict></w:r></w:p>"),
         "secret");
}

void expect_unseen(const std::string &octets) {
  EXPECT_TRUE(says(run(octets), Reason::office_hidden)) << all_of(run(octets));
  EXPECT_HAS(all_of(run(octets)), "secret");
  EXPECT_TRUE(says(run(octets, removing_hidden()), Reason::office_hidden_removed));
  EXPECT_LACKS(all_of(run(octets, removing_hidden())), "secret");
}
void expect_seen(const std::string &octets) {
  EXPECT_FALSE(says(run(octets, removing_hidden()), Reason::office_hidden_removed)) << all_of(run(octets));
  EXPECT_HAS(all_of(run(octets, removing_hidden())), "secret");
}

// As in HTML, of which the reader sees as little.
TEST(Ooxml, words_of_the_colour_of_the_paper) {
  const auto run_of = [](const std::string &properties) { return "<w:r><w:rPr>" + properties + "</w:rPr><w:t>secret</w:t></w:r>"; };
  const std::string white = "<w:color w:val=\"FFFFFF\"/>", dark = "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"000080\"/>";
  const auto text = [&](const std::string &properties, const std::string &of_paragraph = "") {
    return "<w:p>" + of_paragraph + run_of(properties) + shown("seen") + "</w:p>";
  };
  const auto table = [&](const std::string &of_table, const std::string &of_cell, const std::string &properties) {
    return "<w:tbl>" + of_table + "<w:tr><w:tc>" + of_cell + text(properties) + "</w:tc></w:tr></w:tbl>";
  };
  for (const std::string &body :
       {text(white), text("<w:color w:val=\"fefefe\"/>"), text("<w:color w:val=\"FFFFFF\" w:themeColor=\"background1\"/>"), text("<w:sz w:val=\"2\"/>"),
        text("<w:color w:val=\"000080\"/>" + dark), text("<w:color w:val=\"000080\"/>", "<w:pPr>" + dark + "</w:pPr>"),
        text(white, "<w:pPr><w:shd w:val=\"clear\" w:fill=\"FFFFFF\"/><w:rPr>" + dark + "</w:rPr></w:pPr>"), table("", "", white),
        table("<w:tblPr><w:tblStyle w:val=\"plain\"/></w:tblPr>", "<w:tcPr>" + dark + "</w:tcPr>", "<w:color w:val=\"000081\"/>")})
    expect_unseen(make_docx(body));
  const auto styled = [&](const std::string &body) {
    return make_docx(body, {{"word/styles.xml", std::string("<w:styles") + support::namespaces +
                                                    "><w:style w:type=\"table\" w:styleId=\"dark\"><w:tblStylePr w:type=\"firstRow\"><w:tcPr>" + dark +
                                                    "</w:tcPr></w:tblStylePr></w:style><w:style w:type=\"table\" w:styleId=\"darker\"><w:basedOn "
                                                    "w:val=\"dark\"/></w:style><w:style w:type=\"paragraph\" w:styleId=\"banner\"><w:pPr>" + dark +
                                                    "</w:pPr></w:style></w:styles>"},
                            {"word/_rels/document.xml.rels", relationships({{"rId1", "styles", "styles.xml"}})}});
  };
  expect_unseen(styled(text(white)));
  expect_unseen(styled(table("<w:tblPr><w:tblStyle w:val=\"other\"/></w:tblPr>", "", white)));
  expect_seen(styled(table("<w:tblPr><w:tblStyle w:val=\"darker\"/></w:tblPr>", "", white)));
  expect_seen(styled(text(white, "<w:pPr><w:pStyle w:val=\"banner\"/></w:pPr>")));
  const std::string box = "<w:p><w:r><w:pict><v:rect fillcolor=\"#000080\"><v:textbox><w:txbxContent>" + text(white) +
                          "</w:txbxContent></v:textbox></v:rect></w:pict></w:r></w:p>";
  for (const std::string &body :
       {text(white + dark), text(white + "<w:highlight w:val=\"black\"/>"), text(white, "<w:pPr>" + dark + "</w:pPr>"),
        text(white, "<w:pPr><w:shd w:val=\"pct50\" w:fill=\"FFFFFF\"/></w:pPr>"), table("", "<w:tcPr>" + dark + "</w:tcPr>", white),
        table("<w:tblPr>" + dark + "</w:tblPr>", "", white), box, box + text(white), text("<w:color w:val=\"EEEEEE\"/>"), text("<w:color w:val=\"auto\"/>"),
        text(white + "<w:outline/>"), text(white + "<w:shadow/>"), text(white + "<w:emboss/>"), text(white + "<w:imprint/>"),
        text(white + "<w:effect w:val=\"shimmer\"/>"), text(white + "<w14:textOutline w14:w=\"9\"/>"), text("<w:sz w:val=\"5\"/>"), text("<w:color w:val=\"000000\"/>"),
        "<w:p><w:r><w:rPr>" + white + "</w:rPr><w:t xml:space=\"preserve\"> 　</w:t></w:r>" + shown("secret") + "</w:p>",
        "<w:p><w:r><w:rPr>" + white + "</w:rPr><w:ruby><w:rubyBase>" + shown("secret") + "</w:rubyBase></w:ruby></w:r></w:p>",
        text(white) + "<w:p><w:r><w:drawing><wp:anchor xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" behindDoc=\"1\"/>"
                      "</w:drawing></w:r></w:p>"})
    expect_seen(make_docx(body));
  expect_unseen(make_docx(text(white + "<w14:ligatures w14:val=\"all\"/>")));
  std::string long_properties;
  while (long_properties.size() < 10'000)
    long_properties += "<w:noProof/>";
  expect_unseen(make_docx(text(long_properties + white)));
  expect_unseen(make_docx(text(white, "<w:pPr>" + long_properties + "</w:pPr>")));
  expect_seen(make_docx(text(white, "<w:pPr>" + long_properties + dark + "</w:pPr>")));
  expect_seen(make_package({{"[Content_Types].xml", ""},
                            {"_rels/.rels", relationships({{"rId1", "officeDocument", "word/document.xml"}})},
                            {"word/document.xml", "<w:document" + std::string(support::namespaces) + "><w:background w:color=\"000080\"/><w:body>" + text(white) + "</w:body></w:document>"}}));
  expect_seen(make_docx(text(white) + "<w:sectPr><w:headerReference r:id=\"rId1\"/></w:sectPr>", {{"word/header.xml", std::string("<w:hdr") + support::namespaces + "><w:p><w:r><w:pict><v:rect/></w:pict></w:r></w:p></w:hdr>"},
                                      {"word/_rels/document.xml.rels", relationships({{"rId1", "header", "header.xml"}})}}));
}

TEST(Ooxml, words_of_the_colour_of_the_paper_by_their_style) {
  const std::string white = "<w:color w:val=\"FFFFFF\"/>", black = "<w:color w:val=\"000000\"/>", dark = "<w:shd w:val=\"clear\" w:fill=\"000080\"/>";
  const auto style = [](const std::string &type, const std::string &id, const std::string &properties, const std::string &more = "") {
    return "<w:style w:type=\"" + type + "\" w:styleId=\"" + id + "\"" + more + ">" + properties + "</w:style>";
  };
  const auto words = [](const std::string &properties) { return "<w:rPr>" + properties + "</w:rPr>"; };
  const auto with = [&](const std::string &styles, const std::string &of_run = "", const std::string &of_paragraph = "") {
    return make_docx("<w:p><w:pPr>" + of_paragraph + "</w:pPr><w:r>" + words(of_run) + "<w:t>secret</w:t></w:r></w:p>",
                     {{"word/styles.xml", std::string("<w:styles") + support::namespaces + ">" + styles + "</w:styles>"},
                      {"word/_rels/document.xml.rels", relationships({{"rId1", "styles", "styles.xml"}})}});
  };
  const std::string p = "<w:pStyle w:val=\"p\"/>", c = "<w:rStyle w:val=\"c\"/>";
  const std::string otherwise = "<w:docDefaults><w:rPrDefault>" + words(white) + "</w:rPrDefault></w:docDefaults>";
  std::string line = style("paragraph", "0", words(white)); // of more than programs make
  for (int i = 1; i <= 40; ++i)
    line += style("paragraph", i == 40 ? "p" : std::to_string(i), "<w:basedOn w:val=\"" + std::to_string(i - 1) + "\"/>");
  for (const std::string &document :
       {with(style("paragraph", "p", words(white)), "", p), with(style("character", "c", words(white)), c), with(style("character", "c", words("<w:sz w:val=\"2\"/>")), c),
        with(style("paragraph", "p", words(white), " w:default=\"1\"")), with(otherwise), with(line, "", p),
        with(style("paragraph", "p", words(black)) + style("character", "c", words(white)), c, p), with(style("paragraph", "p", words(dark + white)), "<w:highlight w:val=\"white\"/>", p),
        with(style("paragraph", "p", words(white + "<w14:ligatures w14:val=\"all\"/>")), "", p), with(style("paragraph", "p", words(white + "<w:outline w:val=\"0\"/>")), "", p)})
    expect_unseen(document);
  const auto in_table = [&](const std::string &of_table) {
    const std::string cell = "<w:tbl><w:tblPr><w:tblStyle w:val=\"t\"/></w:tblPr><w:tr><w:tc><w:p><w:r><w:t>secret</w:t></w:r></w:p></w:tc></w:tr></w:tbl>";
    return make_docx(cell, {{"word/styles.xml", std::string("<w:styles") + support::namespaces + ">" + otherwise + style("table", "t", of_table) + "</w:styles>"},
                            {"word/_rels/document.xml.rels", relationships({{"rId1", "styles", "styles.xml"}})}});
  };
  expect_unseen(in_table(""));
  for (const std::string &document :
       {with(style("paragraph", "p", words(white)), black, p), with(style("paragraph", "p", words(white))), with(style("character", "c", words(white)), c + dark),
        with(style("paragraph", "p", words(white) + "<w:pPr>" + dark + "</w:pPr>"), "", p), with(style("paragraph", "p", words(white + "<w:outline/>")), "", p),
        with(style("paragraph", "p", words(white + "<w14:textOutline w14:w=\"9\"/>")), "", p), with(style("character", "c", words(white + dark)), c),
        with(style("character", "c", words(white + "<w:highlight w:val=\"black\"/>")), c), with(otherwise + style("paragraph", "p", words(black)), "", p),
        with(style("paragraph", "p", words(white + "<w:sz w:val=\"2\"/>")), black + "<w:sz w:val=\"20\"/>", p),
        with(style("paragraph", "p", words(dark)), white, p), in_table(words(black)), in_table("<w:tblStylePr w:type=\"firstRow\">" + words(black) + "</w:tblStylePr>")})
    expect_seen(document);
}

/// The field would have no end, and what is behind it would be its result.
TEST(Ooxml, of_a_run_that_nobody_sees_only_words_go) {
  const auto unseen = [](const std::string &content) { return "<w:r><w:rPr><w:color w:val=\"FFFFFF\"/></w:rPr>" + content + "</w:r>"; };
  const std::string field = "<w:p>" + mark("begin") + code(" PAGE ") +
                            unseen("<w:fldChar w:fldCharType=\"separate\"/><w:t>secret</w:t><w:fldChar w:fldCharType=\"end\"/>") + shown("100") + "</w:p>";
  expect_unseen(make_docx(field));
  const std::string all = all_of(run(make_docx(field), removing_hidden()));
  EXPECT_HAS(all, "<w:fldChar w:fldCharType=\"separate\"/><w:fldChar w:fldCharType=\"end\"/></w:r>");
  EXPECT_HAS(all, "100");
  EXPECT_HAS(all_of(run(make_docx("<w:p>" + unseen("<w:tab/><w:t>secret</w:t><w:br/><w:t>secret</w:t><w:t/>") + "</w:p>"), removing_hidden())), "</w:rPr><w:tab/><w:br/><w:t/></w:r>");
  EXPECT_LACKS(all_of(run(make_docx("<w:p>" + unseen("<w:t>secret</w:t>") + "</w:p>"), removing_hidden())), "<w:r>");
}

TEST(Ooxml, numbers_of_which_nothing_is_seen) {
  const auto cell = [](const std::string &code, const std::string &content, const std::string &type = "n", const std::string &font = "") {
    const std::string styles = "<styleSheet" + std::string(support::sheet_namespace) + "><numFmts><numFmt numFmtId=\"170\" formatCode=\"" + code +
                               "\"/></numFmts><fonts><font>" + font + "</font></fonts><fills><fill><patternFill patternType=\"none\"/></fill></fills>"
                               "<cellXfs><xf/><xf numFmtId=\"170\" fontId=\"0\" fillId=\"0\"/></cellXfs></styleSheet>";
    return make_xlsx({"<sheetData><row r=\"1\"><c r=\"A1\" s=\"1\" t=\"" + type + "\">" + content + "</c></row></sheetData>"}, "", "", {{"xl/styles.xml", styles}},
                     {{"y", "styles", "styles.xml"}});
  };
  const std::string number = "<v>900</v>", debt = "<v>-900</v>", nothing = "<v>0</v>", text = "<is><t>secret</t></is>", quote = "&quot;";
  const std::string empty = quote + quote, blank = quote + " 　" + quote, white_font = "<color rgb=\"FFFFFFFF\"/>";
  const auto tells = [&](const std::string &octets) { return says(run(octets), Reason::office_hidden); };
  for (const std::string &code : {std::string(";;"), empty + ";" + empty + ";" + empty, std::string(";;;@"), blank + ";" + blank + ";" + blank, std::string("[White]General"),
                                  std::string("[白]General"), std::string("[Color2]0"), std::string("**;**;**;**"), std::string("_*;;;"), std::string("\\ ;0"), std::string("[&gt;100]" + empty + ";"),
                                  std::string("[$-411];0"), std::string("[DBNum1];0")}) {
    EXPECT_TRUE(tells(cell(code, number))) << code;
    EXPECT_LACKS(all_of(run(cell(code, number), removing_hidden())), "900");
  }
  for (const std::string &code : {std::string("0;;"), std::string("0"), std::string("General"), std::string(), std::string("[Red]0"), std::string("@"), quote + "済" + quote, std::string("\\x;"),
                                  std::string("[$¥-411];0"), std::string("[h];0"), std::string("[&gt;1000]" + empty + ";0"), std::string("[Color7]0"), std::string(";;;;0")})
    EXPECT_FALSE(tells(cell(code, number))) << code;
  EXPECT_TRUE(tells(cell("0;;", debt)));
  EXPECT_TRUE(tells(cell("0;;", nothing)));
  EXPECT_FALSE(tells(cell(";0", debt)));
  EXPECT_FALSE(tells(cell(";;0", nothing)));
  EXPECT_TRUE(tells(cell(";;;", "<v>1</v>", "b")));
  EXPECT_FALSE(tells(cell(";;", "<v>1</v>", "b")));
  EXPECT_FALSE(tells(cell(";;;@", text, "inlineStr")));
  EXPECT_FALSE(tells(cell(";;", text, "inlineStr")));
  EXPECT_TRUE(tells(cell("0;0;0;", text, "inlineStr")));
  EXPECT_TRUE(tells(cell("0;0;0;[White]@", text, "inlineStr")));
  EXPECT_FALSE(tells(cell("[White]0", text, "inlineStr")));
  EXPECT_TRUE(tells(cell("0", number, "n", white_font)));
  EXPECT_FALSE(tells(cell("[Red]0", number, "n", white_font)));
  EXPECT_FALSE(tells(cell("[Red]0", text, "inlineStr", white_font)));
  EXPECT_FALSE(tells(cell("0;[Red]0", debt, "n", white_font)));
}

TEST(Ooxml, cells_of_which_nothing_is_seen) {
  const auto book = [](const std::string &behind = "", const std::string &lt1 = "<a:lt1><a:sysClr val=\"window\"/></a:lt1>") {
    return [=](const std::string &format) {
      const std::string cells = "<sheetData><row r=\"1\"><c r=\"A1\" s=\"" + format + "\" t=\"s\"><v>0</v></c><c r=\"B1\"><v>17</v></c></row></sheetData>";
      const std::string styles =
          "<styleSheet" + std::string(support::sheet_namespace) + "><numFmts><numFmt numFmtId=\"170\" formatCode=\";;;\"/><numFmt numFmtId=\"171\" "
          "formatCode=\"0;;\"/></numFmts><fonts><font/><font><color rgb=\"FFFFFFFF\"/></font><font><color theme=\"0\"/></font><font><color rgb=\"FF000080\"/>"
          "</font></fonts><fills><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill><fill><patternFill "
          "patternType=\"solid\"><fgColor rgb=\"FF000080\"/></patternFill></fill></fills><cellXfs><xf fontId=\"0\"/><xf fontId=\"1\" fillId=\"0\"/>"
          "<xf fontId=\"2\" fillId=\"0\"/><xf fontId=\"3\" fillId=\"2\"/><xf numFmtId=\"170\"/><xf numFmtId=\"171\"/><xf fontId=\"1\" fillId=\"1\"/>"
          "<xf fontId=\"1\" fillId=\"2\"/></cellXfs></styleSheet>";
      return make_xlsx({cells + behind}, "", "",
                       {{"xl/styles.xml", styles},
                        {"xl/theme.xml", "<a:theme" + std::string(support::namespaces) + ">" + lt1 + "</a:theme>"},
                        {"xl/sharedStrings.xml", "<sst" + std::string(support::sheet_namespace) + "><si><t>secret</t></si></sst>"}},
                       {{"y", "styles", "styles.xml"}, {"t", "theme", "theme.xml"}, {"z", "sharedStrings", "sharedStrings.xml"}});
    };
  };
  for (const char *format : {"1", "2", "3", "4"})
    expect_unseen(book()(format));
  for (const char *format : {"0", "5", "6", "7"})
    expect_seen(book()(format));
  const std::string conditions = "<conditionalFormatting sqref=\"A1\"><cfRule type=\"expression\" priority=\"1\"><formula>1</formula></cfRule></conditionalFormatting>";
  expect_seen(book(conditions)("1"));
  expect_unseen(book(conditions)("4"));
  expect_seen(book("<tableParts><tablePart r:id=\"z\"/></tableParts>")("1"));
  expect_seen(book("", "<a:lt1><a:srgbClr val=\"202020\"/></a:lt1>")("2"));
}

TEST(Ooxml, words_of_the_colour_of_their_slide) {
  const std::string master_colour = "<p:bg><p:bgRef idx=\"1001\"><a:schemeClr val=\"bg1\"/></p:bgRef></p:bg>";
  const auto slides = [&](const std::string &shapes, const std::string &backdrop = "", const std::string &of_layout = "", const std::string &more = "") {
    const std::string names = support::namespaces;
    const auto shapes_of = [](const std::string &what) { return "<p:cSld>" + what + "</p:cSld>"; };
    return make_package(
        {{"[Content_Types].xml", ""},
         {"_rels/.rels", relationships({{"rId1", "officeDocument", "ppt/presentation.xml"}})},
         {"ppt/presentation.xml", "<p:presentation" + names + "><p:sldIdLst><p:sldId id=\"1\" r:id=\"a\"/></p:sldIdLst></p:presentation>"},
         {"ppt/_rels/presentation.xml.rels", relationships({{"a", "slide", "slides/a.xml"}})},
         {"ppt/slides/a.xml", "<p:sld" + names + ">" + shapes_of(backdrop + "<p:spTree>" + shapes + "</p:spTree>") + more + "</p:sld>"},
         {"ppt/slides/_rels/a.xml.rels", relationships({{"l", "slideLayout", "../l.xml"}})},
         {"ppt/l.xml", "<p:sldLayout" + names + ">" + shapes_of("<p:spTree>" + of_layout + "</p:spTree>") + "</p:sldLayout>"},
         {"ppt/_rels/l.xml.rels", relationships({{"m", "slideMaster", "m.xml"}})},
         {"ppt/m.xml", "<p:sldMaster" + names + ">" + shapes_of(master_colour + "<p:spTree/>") + "<p:clrMap bg1=\"lt1\"/></p:sldMaster>"},
         {"ppt/_rels/m.xml.rels", relationships({{"t", "theme", "t.xml"}})},
         {"ppt/t.xml", "<a:theme" + names + "><a:lt1><a:srgbClr val=\"FFFFFF\"/></a:lt1></a:theme>"}});
  };
  const auto shape = [](const std::string &properties, const std::string &of_words) {
    return "<p:sp><p:spPr>" + properties + "</p:spPr><p:txBody><a:p><a:r><a:rPr" + of_words + "</a:rPr><a:t>secret</a:t></a:r></a:p></p:txBody></p:sp>";
  };
  const auto fill = [](const std::string &colour) { return "<a:solidFill>" + colour + "</a:solidFill>"; };
  const std::string white = "<a:srgbClr val=\"FFFFFF\"/>", paper = "<a:schemeClr val=\"bg1\"/>", blue = "<a:srgbClr val=\"000080\"/>";
  const std::string blue_backdrop = "<p:bg><p:bgPr>" + fill(blue) + "<a:effectLst/></p:bgPr></p:bg>";
  for (const std::string &slide :
       {slides(shape("", ">" + fill(white))), slides(shape("<a:noFill/>", ">" + fill(paper))), slides(shape(fill(blue), ">" + fill(blue))),
        slides(shape("<a:ln>" + fill(blue) + "</a:ln>", ">" + fill(paper))), slides(shape("", " sz=\"100\">")), slides(shape("", ">" + fill(blue)), blue_backdrop)})
    expect_unseen(slide);
  for (const std::string &slide :
       {slides(shape(fill(blue), ">" + fill(white))), slides(shape("", ">" + fill(white)), blue_backdrop), slides(shape("", ">" + fill(blue))),
        slides("<p:pic/>" + shape("", ">" + fill(white))), slides("<p:sp><p:spPr>" + fill(blue) + "</p:spPr></p:sp>" + shape("", ">" + fill(white))),
        slides(shape("", ">" + fill(white)), "", "<p:sp><p:spPr>" + fill(blue) + "</p:spPr></p:sp>"), slides(shape("", ">" + fill(white)), "", "<p:pic/>"),
        slides(shape("", "><a:ln>" + fill(blue) + "</a:ln>" + fill(white))), slides(shape("", ">" + fill(white) + "<a:highlight>" + blue + "</a:highlight>")),
        slides("<p:grpSp>" + shape(fill(blue), ">" + fill(white)) + shape("", ">" + fill(white)) + "</p:grpSp>"),
        slides("<p:sp><p:style/><p:txBody><a:p><a:r><a:rPr>" + fill(white) + "</a:rPr><a:t>secret</a:t></a:r></a:p></p:txBody></p:sp>"),
        slides("<p:sp><p:style/></p:sp>" + shape("", ">" + fill(white))), slides(shape("", ">" + fill("<a:schemeClr val=\"bg1\"><a:lumMod val=\"50000\"/></a:schemeClr>"))),
        slides(shape("", ">" + fill(white)), "", "", "<p:clrMapOvr><a:overrideClrMapping bg1=\"dk1\"/></p:clrMapOvr>"), slides(shape("", " sz=\"1000\">"))})
    expect_seen(slide);
}

TEST(Ooxml, words_on_a_slide_cost_no_more_than_their_text) {
  const auto cost = [&](const std::string &colour, bool one_shape) {
    const std::string words = "<a:r><a:rPr><a:solidFill><a:" + colour + "/></a:solidFill></a:rPr><a:t>x</a:t></a:r>", open = "<p:sp><p:spPr/><p:txBody><a:p>",
                      close = "</a:p></p:txBody></p:sp>";
    std::string shapes = open;
    for (int i = 0; i < 20'000; ++i)
      shapes += one_shape || i == 0 ? words : close + open + words;
    const std::string pptx = make_package({{"[Content_Types].xml", ""},
                                           {"_rels/.rels", relationships({{"rId1", "officeDocument", "ppt/presentation.xml"}})},
                                           {"ppt/presentation.xml", "<p:presentation" + std::string(support::namespaces) + "><p:sldIdLst><p:sldId id=\"1\" r:id=\"a\"/></p:sldIdLst></p:presentation>"},
                                           {"ppt/_rels/presentation.xml.rels", relationships({{"a", "slide", "slides/a.xml"}})},
                                           {"ppt/slides/a.xml", "<p:sld" + std::string(support::namespaces) + "><p:cSld><p:spTree>" + shapes + close + "</p:spTree></p:cSld></p:sld>"}});
    return test::cost_of([&] { EXPECT_EQ(run(pptx).status, job::Status::clean); });
  };
  for (const bool one_shape : {true, false})
    EXPECT_LT(cost("srgbClr val=\"FF0000\"", one_shape), 8 * cost("sysClr val=\"window\"", one_shape)); // what is behind, looked for from the first on: hundreds
}

TEST(Ooxml, words_deep_in_tables_cost_no_more_than_others) {
  const auto cost = [](const std::string &colour) {
    std::string properties = "<w:tcPr>", open, close;
    while (properties.size() < 6000)
      properties += "<w:noWrap/>";
    for (int i = 0; i < 70; ++i)
      open += "<w:tbl><w:tr><w:tc>" + properties + "</w:tcPr>", close += "</w:tc></w:tr></w:tbl>";
    for (int i = 0; i < 5'000; ++i)
      open += "<w:p><w:r><w:rPr><w:color w:val=\"" + colour + "\"/></w:rPr><w:t>x</w:t></w:r></w:p>";
    const std::string docx = make_docx(open + close);
    return test::cost_of([&] { EXPECT_EQ(run(docx).status, job::Status::clean); });
  };
  EXPECT_LT(cost("FF0000"), 8 * cost("auto")); // properties of each level read for each: a hundred
}

/// §17.5.2.6: a program that opens the document shows the data.
TEST(Ooxml, controls_that_are_bound_to_other_words) {
  const auto bound = [](const std::string &path, const std::string &shown, const std::string &more = "<w:text/>",
                        const std::string &store = "{0000000A-0000-0000-0000-000000000000}") {
    return run(make_docx("<w:sdt><w:sdtPr><w:dataBinding w:xpath=\"" + path + "\" w:storeItemID=\"" + store + "\"/>" + more +
                             "</w:sdtPr><w:sdtContent>" + paragraph(shown) + "</w:sdtContent></w:sdt>",
                         {{"customXml/item1.xml", "<r xmlns:x=\"y\"><o>x</o><v>1</v><v a=\"at\"><x:w>900 yen</x:w></v><e/></r>"},
                          {"customXml/props.xml", "<ds:datastoreItem ds:itemID=\"{0000000a-0000-0000-0000-000000000000}\" xmlns:ds=\"http://schemas."
                                                  "openxmlformats.org/officeDocument/2006/customXml\"/>"},
                          {"customXml/_rels/item1.xml.rels", relationships({{"a", "customXmlProps", "props.xml"}})},
                          {"word/_rels/document.xml.rels", relationships({{"a", "customXml", "../customXml/item1.xml"}})}}));
  };
  for (const char *path : {"/r[1]/v[2]/x:w[1]", "/r/v[2]", "/z:r/v[2]/w"}) {
    EXPECT_TRUE(says(bound(path, "100 yen"), Reason::part_ambiguous)) << path;
    EXPECT_FALSE(says(bound(path, "900yen"), Reason::part_ambiguous)) << path;
  }
  EXPECT_TRUE(says(bound("/r/v[2]/@a", "100 yen"), Reason::part_ambiguous));
  EXPECT_FALSE(says(bound("/r/v[2]/@a", "at"), Reason::part_ambiguous));
  for (const char *nowhere : {"/r/v[3]", "/r/x", "r/v", "/r/v[last()]", "/r/v[2", "//v", "", "/r/v[2]/@b"})
    EXPECT_FALSE(says(bound(nowhere, "100 yen"), Reason::part_ambiguous)) << nowhere;
  EXPECT_FALSE(says(bound("/r/v", "100 yen", "<w:date/>"), Reason::part_ambiguous)); // shown in other words
  EXPECT_FALSE(says(bound("/r/v", "100 yen", "<w:text/>", "{0000000B-0000-0000-0000-000000000000}"), Reason::part_ambiguous));
  EXPECT_TRUE(says(bound("/r/e", "click here"), Reason::part_ambiguous));
  EXPECT_FALSE(says(bound("/r/e", "click here", "<w:showingPlcHdr/><w:text/>"), Reason::part_ambiguous));
  EXPECT_TRUE(says(bound("/r/v", "100 yen"), Reason::office_data));
}

/// What only newer programs show on a sheet or in a chart, and what stands in parts that are not kept.
TEST(Ooxml, what_is_shown_and_lost_is_told) {
  const auto extension = [](const std::string &inside) {
    return run(make_xlsx({"<sheetData/><extLst><ext xmlns:x14=\"http://schemas.microsoft.com/office/spreadsheetml/2009/9/main\">" + inside +
                          "</ext></extLst>"}));
  };
  for (const char *shown : {"<x14:sparklineGroups><x14:sparkline/></x14:sparklineGroups>", "<x14:dataValidations><x14:dataValidation/></x14:dataValidations>",
                            "<x14:cfRule type=\"iconSet\"/>"})
    EXPECT_TRUE(says(extension(shown), Reason::office_unlisted)) << shown;
  for (const char *older : {"<x14:cfRule type=\"dataBar\"/>", "<x14:id>{1}</x14:id>", ""})
    EXPECT_FALSE(says(extension(older), Reason::office_unlisted)) << older;
  EXPECT_TRUE(says(run(make_xlsx({"<sheetData/><legacyDrawingHF r:id=\"r\"/>"})), Reason::office_unlisted));
  const auto vml = [](const std::string &type) {
    return run(make_xlsx({"<sheetData/><legacyDrawing r:id=\"v\"/>"}, "", "",
                         {{"xl/worksheets/_rels/sheet1.xml.rels", relationships({{"v", "vmlDrawing", "../v.vml"}})},
                          {"xl/v.vml", "<xml xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><x:ClientData ObjectType=\"" + type + "\"/></xml>"}}));
  };
  EXPECT_TRUE(says(vml("Checkbox"), Reason::office_embedded));
  EXPECT_FALSE(says(vml("Note"), Reason::office_embedded));
}

/// [MS-XLSX] 2.3.2.1: where the list stands on another sheet.
TEST(Ooxml, validations_of_excel_2010_are_kept_as_plain_ones) {
  const auto sheet = [](const std::string &before, const std::string &validation) {
    return run(make_xlsx({"<sheetData/>" + before + "<pageMargins left=\"1\" right=\"1\" top=\"1\" bottom=\"1\" header=\"1\" footer=\"1\"/><extLst>"
                          "<ext xmlns:x14=\"http://schemas.microsoft.com/office/spreadsheetml/2009/9/main\" uri=\"{CCE6A557-97BC-4B89-ADB6-D9C93CAAB3DF}\">"
                          "<x14:dataValidations xmlns:xm=\"http://schemas.microsoft.com/office/excel/2006/main\" count=\"1\"><x14:dataValidation " +
                              validation + "</x14:dataValidation></x14:dataValidations></ext></extLst>",
                          "<sheetData/>"}));
  };
  const std::string list = "type=\"list\" allowBlank=\"1\" xr:uid=\"{1}\" onclick=\"x\" error=\"a&amp;b\"><x14:formula1><xm:f>マスタ!$A$1:$A$9</xm:f></x14:formula1>"
                           "<xm:sqref>B2:B9 D2</xm:sqref>";
  const std::string plain = "<dataValidation type=\"list\" allowBlank=\"1\" error=\"a&amp;b\" sqref=\"B2:B9 D2\"><formula1>マスタ!$A$1:$A$9</formula1>"
                            "</dataValidation></dataValidations><pageMargins ";
  const job::Outcome alone = sheet("", list);
  EXPECT_NE(all_of(alone).find("<sheetData/><dataValidations>" + plain), std::string::npos) << all_of(alone);
  EXPECT_FALSE(says(alone, Reason::office_unlisted));
  const std::string other = "<dataValidation type=\"whole\" sqref=\"A1\"><formula1>1</formula1></dataValidation>";
  const std::string both = all_of(sheet("<dataValidations count=\"1\">" + other + "</dataValidations>", list));
  EXPECT_NE(both.find("<sheetData/><dataValidations>" + other + plain), std::string::npos) << both;
  const auto is_lost = [&](const std::string &validation, Reason reason) {
    const job::Outcome outcome = sheet("", validation);
    return says(outcome, reason) && all_of(outcome).find("<dataValidation") == std::string::npos;
  };
  EXPECT_TRUE(is_lost("><x14:formula1><xm:f>[1]Sheet1!$A$1</xm:f></x14:formula1><xm:sqref>A1</xm:sqref>", Reason::office_external));
  EXPECT_TRUE(is_lost("><x14:formula1><xm:f>cmd|'/c calc'!A1</xm:f></x14:formula1><xm:sqref>A1</xm:sqref>", Reason::office_dde));
  for (const char *place : {"", "<xm:sqref>A1\"/&gt;</xm:sqref>", "<xm:sqref>&bad;</xm:sqref>"})
    EXPECT_TRUE(is_lost(std::string("type=\"list\"><x14:formula1><xm:f>1</xm:f></x14:formula1>") + place, Reason::office_unlisted)) << place;
}

TEST(Ooxml, many_hidden_columns_over_each_other) {
  job::Plan removing = plan();
  removing.hidden = job::Beside::remove;
  const auto sheet = [](unsigned columns, unsigned cells) {
    std::string text = "<cols><col min=\"7\" max=\"9\" hidden=\"1\"/>";
    for (unsigned i = 0; i < columns; ++i)
      text += "<col min=\"" + std::to_string(i % 2 == 0 ? 3 : 2) + "\" max=\"4\" hidden=\"1\"/>";
    text += "</cols><sheetData><row>";
    for (unsigned i = 0; i < cells; ++i)
      text += "<c><v>" + std::to_string(1001 + i) + "</v></c>";
    return text + "</row></sheetData>";
  };
  const std::string all = all_of(run(make_xlsx({sheet(3, 10)}), removing));
  for (unsigned cell = 1001; cell <= 1010; ++cell) {
    const bool hidden = (cell >= 1002 && cell <= 1004) || (cell >= 1007 && cell <= 1009);
    EXPECT_EQ(all.find("<v>" + std::to_string(cell)) == all.npos, hidden) << cell;
  }
  const auto cost = [&](unsigned columns) {
    const std::string xlsx = make_xlsx({sheet(columns, 100'000)});
    return test::cost_of([&] { EXPECT_EQ(run(xlsx, removing).status, job::Status::clean); });
  };
  EXPECT_LT(cost(100'000), 8 * cost(1)); // each cell asked of each column: hundreds
}

TEST(Ooxml, hidden_in_other_words) {
  job::Plan removing = plan();
  removing.hidden = job::Beside::remove;
  const auto run_of = [](const std::string &vanish) {
    return "<w:p><w:r><w:rPr><w:vanish " + vanish + "/></w:rPr><w:t>secret</w:t></w:r></w:p>";
  };
  for (const char *vanish : {"w:val=\"&#49;\"", "r:val=\"0\" w:val=\"1\"", "w:val=\"true \"",
                             "r:val=\"0\"", "w:val=\"On\"", "w:val=\"\""})
    EXPECT_LACKS(all_of(run(make_docx(run_of(vanish)), removing)), "secret") << vanish;
  EXPECT_HAS(all_of(run(make_docx(run_of("w:val=\"&#48;\"")), removing)), "secret");
  const std::string cells =
      "<cols><col min=\"+&#50;\" max=\" 2\" hidden=\"t&#114;ue\"/></cols><sheetData><row r=\"1\">"
      "<c r=\"A1\"><v>1001</v></c><c r=\"&#66;1\"><v>1002</v></c></row><row r=\"2\" "
      "hidden=\"&#49;\"><c r=\"A2\"><v>1003</v></c></row><row><c><v>1005</v></c><c><v>1006</v></c>"
      "<c r=\"b3\"><v>1007</v></c></row></sheetData>";
  const std::string all = all_of(run(
      make_xlsx({cells, "<sheetData><row r=\"1\"><c r=\"A1\"><v>1004</v></c></row></sheetData>"},
                "", " state=\"very&#72;idden\""),
      removing));
  for (const char *cell : {"1001", "1005"})
    EXPECT_HAS(all, cell);
  for (const char *cell : {"1002", "1003", "1004", "1006", "1007"})
    EXPECT_LACKS(all, cell);
}

TEST(Ooxml, links_of_sheets_lead_to_sheets) {
  const auto with_link = [](const std::string &location) {
    return all_of(run(make_xlsx({"<sheetData/><hyperlinks><hyperlink ref=\"A1\" location=\"" + location +
                                 "\" display=\"shown\"/></hyperlinks>"})));
  };
  for (const char *inside : {"Sheet1!A1", "#Sheet1!$A$1:B20", "'町 税&apos;!A1'!A1", "total", "Sheet1!A:C", "a.b_c"})
    EXPECT_HAS(with_link(inside), "<hyperlink ");
  for (const char *outside :
       {"http://evil.example/", "&#104;ttp:evil.example", "#http://evil.example", "mailto:a@evil.example", "javascript:alert(1)",
        "\\\\evil\\a", "[evil.xlsx]Sheet1!A1", "'[evil.xlsx]S'!A1", "file:evil!A1", "evil|x!A1", "'http://evil/'!A1", "C:evil"}) {
    EXPECT_LACKS(with_link(outside), "<hyperlink");
    EXPECT_LACKS(with_link(outside), "evil");
  }
}

TEST(Ooxml, code_in_other_words) {
  const std::string all = all_of(run(make_docx(
      "<w:p><w:fldSimple r:instr=\"PAGE\" w:instr=\"HYPERLINK &quot;http://evil/&quot;\"><w:r><w:t>"
      "1</w:t></w:r></w:fldSimple></w:p>")));
  EXPECT_HAS(all, ">1<");
  EXPECT_LACKS(all, "evil");
  EXPECT_LACKS(all_of(run(make_xlsx({"<sheetData/>"},
                                    "<definedNames><definedName name=\"EvilName\" "
                                    "xlm=\"&#49;\">Sheet1!$A$1</definedName></definedNames>"))),
               "EvilName");
}

TEST(Ooxml, styles_of_shapes) {
  const auto shape = [](const std::string &style) {
    return all_of(run(make_docx("<w:p><w:r><w:pict><v:rect xmlns:v=\"urn:schemas-microsoft-com:"
                                "vml\" id=\"kept\" style=\"" +
                                style + "\"/></w:pict></w:r></w:p>")));
  };
  EXPECT_HAS(shape("width:10pt"), "style=\"width:10pt\"");
  for (const char *style : {"behavior:url(http://evil/)", "background:&#85;RL('evil')",
                            "width:Expression(evil)", "beh\\61vior:evil", "u/**/rl(evil)"}) {
    EXPECT_HAS(shape(style), "id=\"kept\"");
    EXPECT_LACKS(shape(style), "style=") << style;
  }
}

TEST(Ooxml, namespaces_by_the_hundred) {
  const auto nested = [](unsigned count) {
    std::string start, end;
    for (unsigned i = 0; i < count; ++i) {
      start += "<w:p";
      for (unsigned k = 0; k < 100; ++k)
        start += " xmlns:p" + std::to_string(i * 100 + k) + "=\"urn:e\"";
      start += ">";
      end += "</w:p>";
    }
    return run(make_docx(start + end)).output_kind;
  };
  EXPECT_EQ(nested(2), job::Kind::ooxml_word);
  EXPECT_NE(nested(3), job::Kind::ooxml_word);
}

TEST(Ooxml, formulas) {
  const auto cell = [](const std::string &formula) {
    return "<c r=\"A1\"><f>" + formula + "</f><v>5</v></c>";
  };
  const std::string xlsx = make_xlsx(
      {"<sheetData><row r=\"1\">" + cell("SUM(B1:B2)") +
       cell("WEBSERVICE(\"http://evil.example\")") + cell("cmd|'/c calc'!A0") +
       cell("[1]Sheet1!A1") + cell("'file:///x/[a.xls]S'!A1") + cell("GoodName+1") +
       cell("EvilName+1") + cell("_xlfn.XLOOKUP(1,A:A,B:B)") +
       "<c r=\"A2\"><f t=\"shared\" ref=\"A2:A3\" si=\"0\">CALL(1)</f><v>5</v></c><c r=\"A3\"><f "
       "t=\"shared\" si=\"0\"/><v>5</v></c>"
       "</row></sheetData><conditionalFormatting sqref=\"A1\"><cfRule "
       "type=\"expression\"><formula>RTD(1)</formula></cfRule></conditionalFormatting>"},
      "<definedNames><definedName name=\"GoodName\">Sheet1!$A$1</definedName><definedName "
      "name=\"EvilName\">EXEC(\"calc\")</definedName>"
      "<definedName name=\"_xlnm.Auto_Open\">Macro1!$A$1</definedName></definedNames>");
  const job::Outcome outcome = run(xlsx);
  const std::string all = all_of(outcome);
  for (const char *stays : {"SUM(B1:B2)", "GoodName+1", "_xlfn.XLOOKUP", "<v>5</v>"})
    EXPECT_HAS(all, stays);
  for (const char *gone : {"WEBSERVICE", "evil", "cmd", "[1]", "file:", "EvilName", "EXEC",
                           "Auto_Open", "CALL", "shared", "RTD", "conditionalFormatting"})
    EXPECT_LACKS(all, gone);
  EXPECT_TRUE(says(outcome, Reason::office_dde));
  EXPECT_TRUE(says(outcome, Reason::office_formula_to_value));
  job::Plan values = plan();
  values.formulas = job::Formulas::values;
  EXPECT_LACKS(all_of(run(xlsx, values)), "<f");
  EXPECT_FALSE(says(run(xlsx, values), Reason::office_field_empty));
  const std::string without_value = make_xlsx({"<sheetData><row r=\"1\"><c r=\"A1\"><v>5</v></c><c r=\"B1\"><f>[1]S!A1</f></c></row></sheetData>"});
  EXPECT_TRUE(says(run(without_value, values), Reason::office_field_empty));
  EXPECT_TRUE(says(run(without_value), Reason::office_field_empty));
  job::Job pages; // LibreOffice makes a value
  pages.plan = values;
  pages.bytes = as_bytes(without_value);
  const Result<std::vector<Reason>, Reason> unseen = ooxml_unseen(pages);
  ASSERT_TRUE(unseen);
  EXPECT_EQ(std::ranges::count(*unseen, Reason::office_field_empty), 0);
}

/// H3: one formula for more cells than programs can build.
TEST(Ooxml, a_bomb_of_one_formula_is_refused) {
  const auto rebuilt = [](const std::string &formulas) { return run(make_xlsx({"<sheetData><row r=\"1\">" + formulas + "</row></sheetData>"})); };
  const auto array = [](const std::string &range, const std::string &type = "array") {
    return "<c r=\"A1\"><f t=\"" + type + "\" ref=\"" + range + "\">1</f><v>1</v></c>";
  };
  for (const std::string range : {"A1:XFD1048576", "$XFD$1048576:$A$1", "A1:ZZZZ99999999999999999999999", "a1:xfd1025"})
    EXPECT_EQ(rebuilt(array(range)).reason, Reason::part_too_big) << range;
  EXPECT_EQ(rebuilt(array("A1:J1048576") + array("A1:J1048576")).reason, Reason::part_too_big);
  for (const std::string range : {"A1:P1048576", "A1", "B2:A1", ""})
    EXPECT_HAS(all_of(rebuilt(array(range))), "t=\"array\"") << range;
  EXPECT_EQ(rebuilt(array("A1:XFD1048576", "shared")).status, job::Status::clean); // which cells have it they say themselves
}

TEST(Ooxml, formulas_that_hide_a_call) {
  const std::string reach = "HYPERLINK(\"http://evil.example\")";
  std::string cells;
  for (const std::string &formula :
       {std::string("_xlfn.WEBSERVICE (\"http://evil.example\")"),
        std::string("DDE\n(\"evil\",\"x\",\"A1\")"), std::string("DDE&#13;(\"evil\",\"x\",\"A1\")"),
        std::string("INDIRECT(\"'http://evil.example'#$S.A1\")"),
        std::string("_xlfn.MAP(A2,_xleta.WEBSERVICE)"), std::string("'\\\\evil\\b.xlsx'!Name"),
        "<i val=\"&quot;\"/>" + reach + "<i val=\"&quot;\"/>", "A1'+" + reach + "+'",
        "X[']+" + reach + "+Y[']+1]]"})
    cells += "<c r=\"A1\"><f>" + formula + "</f><v>5</v></c>";
  const std::string threshold =
      "<conditionalFormatting><cfRule type=\"dataBar\"><dataBar><cfvo type=\"num\" x:val=\"0\" "
      "xmlns:x=\"urn:x\" val=\"DDE(&quot;evil&quot;)\"/><cfvo type=\"max\"/></dataBar></cfRule>"
      "</conditionalFormatting>";
  const std::string calm =
      "<conditionalFormatting><cfRule type=\"colorScale\"><colorScale><cfvo type=\"num\" "
      "val=\"$E$1\"/><cfvo type=\"percent\" val=\"50\"/></colorScale></cfRule>"
      "</conditionalFormatting>";
  const job::Outcome outcome = run(make_xlsx(
      {"<sheetData><row r=\"1\">" + cells + "</row></sheetData>" + threshold + calm +
       "<conditionalFormatting><cfRule type=\"expression\"><formula>WEBSERVICE (\"evil\")</formula>"
       "</cfRule></conditionalFormatting><dataValidations><dataValidation type=\"list\"><formula1>"
       "WEBSERVICE\t(\"evil\")</formula1></dataValidation></dataValidations>"},
      "<definedNames><definedName name=\"n\">_xlfn.WEBSERVICE "
      "(\"evil\")</definedName></definedNames>"));
  const std::string all = all_of(outcome);
  for (const char *gone : {"evil", "<f>", "WEBSERVICE", "INDIRECT", "dataBar", "expression",
                           "<dataValidation ", "definedName "})
    EXPECT_LACKS(all, gone);
  for (const char *stays : {"<v>5</v>", "val=\"$E$1\"", "val=\"50\""})
    EXPECT_HAS(all, stays);
}

TEST(Ooxml, nothing_is_in_the_code_of_a_field) {
  const job::Outcome outcome = run(make_docx(
      "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText> PAGE "
      "<w:t>evil</w:t></w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>"));
  EXPECT_HAS(all_of(outcome), "<w:instrText> PAGE </w:instrText>");
  EXPECT_TRUE(says(outcome, Reason::office_unlisted));
}

/// Without it LibreOffice does not believe the words that a function which it does not know has given.
TEST(Ooxml, a_workbook_says_that_it_is_of_excel) {
  EXPECT_HAS(all_of(run(make_xlsx({"<sheetData/>"}))), "<Application>Microsoft Excel</Application>");
  EXPECT_LACKS(all_of(run(make_docx(""))), "docProps");
}

TEST(Ooxml, data_behind_a_workbook) {
  const job::Outcome outcome = run(make_xlsx(
      {"<sheetData/><pageSetup r:id=\"rId1\" orientation=\"landscape\"/>"},
      "<externalReferences><externalReference r:id=\"e1\"/></externalReferences><pivotCaches/>", "",
      {{"xl/externalLinks/externalLink1.xml",
        "<externalLink><ddeLink ddeService=\"cmd\"/></externalLink>"},
       {"xl/connections.xml", "<connections/>"},
       {"xl/pivotCache/d.xml", "<x/>"},
       {"customXml/item1.xml", "<secret/>"},
       {"xl/worksheets/_rels/sheet1.xml.rels",
        relationships({{"rId1", "printerSettings", "../printerSettings/p.bin"}})},
       {"xl/printerSettings/p.bin", "\\\\server\\printer"}},
      {{"e1", "externalLink", "externalLinks/externalLink1.xml"},
       {"c1", "connections", "connections.xml"},
       {"p1", "pivotCacheDefinition", "pivotCache/d.xml"},
       {"x1", "customXml", "../customXml/item1.xml"}}));
  const std::string all = all_of(outcome);
  EXPECT_HAS(all, "orientation=\"landscape\"");
  for (const char *gone : {"external", "dde", "connection", "pivot", "secret", "printer", "server"})
    EXPECT_LACKS(all, gone);
  EXPECT_TRUE(says(outcome, Reason::office_dde));
  EXPECT_TRUE(says(outcome, Reason::office_external));
  EXPECT_TRUE(says(outcome, Reason::office_data));
}

/// [MS-XLSX] 2.3.6.1: Excel's "picture in cell".
TEST(Ooxml, pictures_in_cells) {
  const std::string cell = "<sheetData><row r=\"1\"><c r=\"A1\" t=\"e\" vm=\"1\"><v>#VALUE!</v></c></row></sheetData>";
  for (const char *type : {"http://schemas.microsoft.com/office/2022/10/relationships/richValueRel",
                           "http://schemas.microsoft.com/office/2020/07/relationships/rdRichValueWebImage"}) {
    const std::string relation = "<Relationship Id=\"v\" Type=\"" + std::string(type) + "\" Target=\"richData/rel.xml\"/><Relationship Id=\"s1\"";
    std::string rows = relationships({{"s1", "worksheet", "worksheets/sheet1.xml"}});
    rows.replace(rows.find("<Relationship Id=\"s1\""), std::string("<Relationship Id=\"s1\"").size(), relation);
    const std::string xlsx = make_package(
        {{"[Content_Types].xml", "<Types/>"},
         {"_rels/.rels", relationships({{"rId1", "officeDocument", "xl/workbook.xml"}})},
         {"xl/workbook.xml", std::string("<workbook") + support::sheet_namespace + "><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"s1\"/></sheets></workbook>"},
         {"xl/_rels/workbook.xml.rels", rows},
         {"xl/richData/rel.xml", "<richValueRels/>"},
         {"xl/worksheets/sheet1.xml", std::string("<worksheet") + support::sheet_namespace + ">" + cell + "</worksheet>"}});
    EXPECT_TRUE(says(run(xlsx), Reason::office_picture_removed)) << type;
  }
}

TEST(Ooxml, many_relations_and_references_to_them) {
  std::vector<std::vector<std::string>> relations;
  for (unsigned i = 0; i < 4900; ++i)
    relations.push_back({std::to_string(i).insert(0, 1, 'r'), "image", "media/x.png"});
  const auto cost = [&](std::string_view id) {
    std::string drawings;
    for (unsigned i = 0; i < 100'000; ++i)
      drawings.append("<a:blip r:embed=\"").append(id).append("\"/>");
    const std::string docx = make_docx("<w:p><w:r><w:drawing>" + drawings + "</w:drawing></w:r></w:p>",
                                       {{"word/media/x.png", "no picture"},
                                        {"word/_rels/document.xml.rels", relationships(relations)}});
    return test::cost_of([&] { EXPECT_EQ(run(docx).status, job::Status::clean); });
  };
  EXPECT_LT(cost("r4899"), 4 * cost("r0")); // looked for from the first on: a hundred
}

TEST(Ooxml, what_only_newer_programs_show_is_told) {
  const auto choice = [](const std::string &fallback) {
    return run(make_docx(paragraph("kept") + "<mc:AlternateContent><mc:Choice Requires=\"w14\">" +
                         paragraph("unknown<w14:new/>") + "</mc:Choice>" + fallback + "</mc:AlternateContent>"));
  };
  for (const char *nothing : {"", "<mc:Fallback/>"}) {
    const job::Outcome outcome = choice(nothing);
    EXPECT_TRUE(says(outcome, Reason::office_unlisted)) << nothing;
    EXPECT_LACKS(all_of(outcome), "unknown");
  }
  EXPECT_FALSE(says(choice("<mc:Fallback>" + paragraph("instead") + "</mc:Fallback>"), Reason::office_unlisted));
}

TEST(Ooxml, descriptions_that_tell_where_a_file_lies) {
  const auto slide = [](const std::string &shape) {
    return support::make_package({{"[Content_Types].xml", ""},
                         {"_rels/.rels", relationships({{"rId1", "officeDocument", "ppt/presentation.xml"}})},
                         {"ppt/presentation.xml", "<p:presentation" + std::string(support::namespaces) +
                                                      "><p:sldIdLst><p:sldId id=\"1\" r:id=\"a\"/></p:sldIdLst></p:presentation>"},
                         {"ppt/_rels/presentation.xml.rels", relationships({{"a", "slide", "slides/a.xml"}})},
                         {"ppt/slides/a.xml", "<p:sld" + std::string(support::namespaces) + "><p:cSld><p:spTree>" + shape +
                                                  "</p:spTree></p:cSld></p:sld>"}});
  };
  const auto shape = [](const std::string &attributes, const std::string &inside = "") {
    return "<p:sp><p:nvSpPr><p:cNvPr id=\"2\" " + attributes + ">" + inside + "</p:cNvPr><p:cNvSpPr/><p:nvPr/></p:nvSpPr></p:sp>";
  };
  job::Outcome outcome = run(slide(shape("name=\"C:\\a.png\" descr=\"alt C:\\Users\\taro\" title=\"&#x5c;&#x5c;server\\x\"")));
  EXPECT_HAS(all_of(outcome), "<p:cNvPr id=\"2\" name=\"\"/>");
  EXPECT_TRUE(says(outcome, Reason::office_data));
  outcome = run(slide(shape("name=\"図 1\" descr=\"町の地図\" title=\"A: b\"")));
  EXPECT_HAS(all_of(outcome), "<p:cNvPr id=\"2\" name=\"図 1\" descr=\"町の地図\" title=\"A: b\"/>");
  EXPECT_FALSE(says(outcome, Reason::office_data));
  outcome = run(make_docx("<w:p><w:r><w:pict><v:shape alt=\"C:\\a.png\" style=\"width:1pt\"/></w:pict></w:r></w:p>"));
  EXPECT_LACKS(all_of(outcome), "a.png");

  // A click that starts something is no mere link.
  outcome = run(slide(shape("name=\"s\"", "<a:hlinkClick r:id=\"\" action=\"ppaction://macro?name=evil\"/>")));
  EXPECT_LACKS(all_of(outcome), "evil");
  EXPECT_TRUE(says(outcome, Reason::office_macro));
  EXPECT_FALSE(says(outcome, Reason::office_link_to_text));
  EXPECT_TRUE(says(run(slide(shape("name=\"s\"", "<a:hlinkClick r:id=\"x\" action=\"PPAction://Program\"/>"))), Reason::office_macro));
  outcome = run(slide(shape("name=\"s\"", "<a:hlinkClick r:id=\"\" action=\"ppaction://hlinkshowjump?jump=nextslide\"/>")));
  EXPECT_FALSE(says(outcome, Reason::office_macro));
  EXPECT_TRUE(says(outcome, Reason::office_link_to_text));
}

TEST(Ooxml, alternatives) {
  const std::string all = all_of(run(make_docx(
      "<w:p><w:r><mc:AlternateContent><mc:Choice "
      "Requires=\"w14\"><w:t>unknown</w:t><w14:new/></mc:Choice><mc:Choice "
      "Requires=\"wps\"><w:t>shape</w:t></mc:Choice>"
      "<mc:Fallback><w:t>fallback</w:t></mc:Fallback></mc:AlternateContent></w:r></w:p>")));
  EXPECT_HAS(all, "shape");
  EXPECT_LACKS(all, "unknown");
  EXPECT_LACKS(all, "fallback");
  EXPECT_LACKS(all, "AlternateContent");
}

/// Office shows what stands for the newest program, so we must; where we cannot, the difference is told.
TEST(Ooxml, alternatives_that_say_two_things) {
  const auto both = [](const std::string &requires_, const std::string &newer, const std::string &older) {
    return run(make_docx("<w:p><w:r><mc:AlternateContent><mc:Choice xmlns:x=\"http://schemas.microsoft.com/x\" Requires=\"" + requires_ +
                         "\">" + newer + "</mc:Choice><mc:Fallback>" + older + "</mc:Fallback></mc:AlternateContent></w:r></w:p>"));
  };
  const std::string hundred = "<w:t>100 yen</w:t>", million = "<w:t>900 yen</w:t>", unlisted = "<w14:new/>";
  const job::Outcome taken = both("w14", hundred, million);
  EXPECT_HAS(all_of(taken), "100 yen");
  EXPECT_LACKS(all_of(taken), "900 yen");
  EXPECT_FALSE(says(taken, Reason::part_ambiguous));
  const job::Outcome left = both("w14", hundred + unlisted, million);
  EXPECT_HAS(all_of(left), "900 yen");
  EXPECT_TRUE(says(left, Reason::part_ambiguous));
  EXPECT_FALSE(says(both("w14", "<w:t>100</w:t><w:t> yen</w:t>" + unlisted, hundred), Reason::part_ambiguous));
  EXPECT_FALSE(says(both("w14", hundred + unlisted, ""), Reason::part_ambiguous)); // of formulas there is a picture
  EXPECT_TRUE(says(both("w14", unlisted, "<w:t>not available</w:t>"), Reason::office_unlisted));
  EXPECT_HAS(all_of(both("x", hundred, million)), "900 yen"); // which no program knows
}

/// ISO/IEC 29500-3 §9.4
TEST(Ooxml, elements_whose_content_is_processed) {
  const auto with = [](const std::string &attributes) {
    return run(make_package({{"[Content_Types].xml", "<Types/>"},
                             {"_rels/.rels", relationships({{"rId1", "officeDocument", "word/document.xml"}})},
                             {"word/document.xml", std::string("<w:document") + support::namespaces +
                                                       " xmlns:x=\"http://schemas.microsoft.com/x\" mc:Ignorable=\"x\"" + attributes +
                                                       "><w:body><x:a>" + paragraph("wrapped") + "</x:a><x:b> </x:b></w:body></w:document>"}}));
  };
  for (const char *named : {" mc:ProcessContent=\"x:a\"", " mc:ProcessContent=\"x:b x:*\""}) {
    EXPECT_HAS(all_of(with(named)), "wrapped");
    EXPECT_FALSE(says(with(named), Reason::office_unlisted));
  }
  EXPECT_LACKS(all_of(with("")), "wrapped");
  EXPECT_TRUE(says(with(""), Reason::office_unlisted)); // a word goes
}

TEST(Ooxml, pictures_are_treated_elsewhere_or_a_grey_field) {
  const std::string docx = make_docx(
      "<w:p><w:r><w:drawing><a:blip r:embed=\"rId1\"/></w:drawing></w:r></w:p>",
      {{"word/media/x.png", "\x89PNG\r\n\x1a\n broken, with <script>"},
       {"word/_rels/document.xml.rels", relationships({{"rId1", "image", "media/x.png"}})}});
  const job::Outcome outcome = run(docx);
  EXPECT_HAS(all_of(outcome), "r:embed=\"rId1\"");
  EXPECT_HAS(all_of(outcome), "word/media/image1.png");
  EXPECT_LACKS(all_of(outcome), "script");
  EXPECT_TRUE(says(outcome, Reason::office_picture_removed));
}

/// Each pixel says where it stands.
std::string make_picture(std::uint32_t width, std::uint32_t height) {
  Pixels pixels{width, height, 1, Scratch(std::size_t{width} * height)};
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x)
      pixels.row(y)[x] = static_cast<std::uint8_t>(x + 16 * y);
  return std::string(as_chars(write_png(pixels)));
}

/// ISO/IEC 29500-1 §20.1.8.55: what lies outside the rectangle can be brought back by whoever has the document.
TEST(Ooxml, parts_of_pictures_that_are_not_shown) {
  const auto with = [](const std::string &body) {
    return make_docx("<w:p><w:r><w:drawing>" + body + "</w:drawing></w:r></w:p>",
                     {{"word/media/x.png", make_picture(16, 10)},
                      {"word/_rels/document.xml.rels", relationships({{"rId1", "image", "media/x.png"}})}});
  };
  const auto crop = [](const std::string &sides) {
    return "<pic:blipFill xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><a:blip r:embed=\"rId1\"><a:lum/></a:blip><a:srcRect " + sides + "/></pic:blipFill>";
  };
  const auto size_of = [](const job::Outcome &outcome) {
    const std::string all = all_of(outcome);
    const std::string_view head = std::string_view(all).substr(all.find("IHDR") + 4);
    return std::pair(int{head[3]}, int{head[7]});
  };
  using Size = std::pair<int, int>;
  const job::Plan removing = removing_hidden();
  const std::string half = with(crop("l=\"25000\" r=\"25%\" b=\"10000\""));
  EXPECT_TRUE(says(run(half), Reason::office_hidden));
  EXPECT_HAS(all_of(run(half)), "<a:srcRect l=\"25000\" r=\"25%\" b=\"10000\"/>");
  EXPECT_EQ(size_of(run(half)), Size(16, 10));
  EXPECT_TRUE(says(run(half, removing), Reason::office_hidden_removed));
  EXPECT_HAS(all_of(run(half, removing)), "<a:srcRect/>");
  EXPECT_EQ(size_of(run(half, removing)), Size(8, 9));
  // What one use shows is not hidden; each still shows its own.
  const std::string two = with(crop("l=\"50000\"") + crop("l=\"25000\" r=\"50000\""));
  EXPECT_EQ(size_of(run(two, removing)), Size(12, 10));
  EXPECT_HAS(all_of(run(two, removing)), "<a:srcRect l=\"33333\"/>");
  EXPECT_HAS(all_of(run(two, removing)), "<a:srcRect r=\"66667\"/>");
  for (const std::string &whole : {crop("l=\"50000\"") + "<a:blip r:embed=\"rId1\"/>", crop("l=\"50000\"") + crop("r=\"50000\""),
                                   crop("l=\"-5000\" t=\"90\""), crop("l=\"60000\" r=\"60000\""), crop("")}) {
    EXPECT_FALSE(says(run(with(whole), removing), Reason::office_hidden_removed)) << whole;
    EXPECT_EQ(size_of(run(with(whole), removing)), Size(16, 10));
  }
  const std::string vml = with("<v:shape><v:imagedata r:id=\"rId1\" gain=\"2\" croptop=\"32768f\" cropright=\".25\"/></v:shape>");
  EXPECT_TRUE(says(run(vml), Reason::office_hidden));
  EXPECT_EQ(size_of(run(vml, removing)), Size(12, 5));
  const std::string other_sides = with("<v:shape><v:imagedata r:id=\"rId1\" cropleft=\".25\" cropbottom=\"6553.6f\"/></v:shape>");
  EXPECT_EQ(size_of(run(other_sides, removing)), Size(12, 9));
  EXPECT_LACKS(all_of(run(vml, removing)), "crop");
  EXPECT_HAS(all_of(run(vml, removing)), "<v:imagedata r:id=\"rId1\" gain=\"2\"/>");
}

/// A document with so many pictures.
std::string make_album(const std::vector<std::string> &pictures) {
  std::string body;
  Members more;
  std::vector<std::vector<std::string>> relations;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const std::string number = std::to_string(i + 1), name = "media/image" + number + ".png";
    body += "<w:p><w:r><w:drawing><a:blip r:embed=\"rId" + number + "\"/></w:drawing></w:r></w:p>";
    more.push_back({"word/" + name, pictures[i]});
    relations.push_back({"rId" + number, "image", name});
  }
  more.push_back({"word/_rels/document.xml.rels", relationships(relations)});
  return make_docx(body, more);
}

TEST(Ooxml, one_budget_of_pixels_for_all_pictures) {
  Pixels pixels;
  pixels.width = pixels.height = 10;
  pixels.channels = 1;
  pixels.memory = Scratch(100);
  std::memset(pixels.row(0), 0x55, 100);
  const std::string picture(as_chars(write_png(pixels)));
  job::Plan small = plan();
  small.max_pixels = 100; // 20 times that in all
  std::size_t decoded = 0;
  const auto treat = [&](const std::vector<std::string> &pictures) {
    const std::string docx = make_album(pictures);
    job::Job job;
    job.plan = small;
    job.bytes = as_bytes(docx);
    decoded = 0;
    return file(job, [&](const job::Job &inside) {
      ++decoded;
      return file(inside);
    });
  };
  const job::Outcome enough = treat(std::vector(20, picture));
  EXPECT_EQ(decoded, 20u);
  EXPECT_FALSE(says(enough, Reason::part_too_big));
  const job::Outcome more = treat(std::vector(25, picture));
  EXPECT_EQ(more.status, job::Status::clean);
  EXPECT_EQ(decoded, 20u);
  EXPECT_TRUE(says(more, Reason::part_too_big));
  EXPECT_TRUE(says(more, Reason::office_picture_removed));
  // What fails may have cost as much as the largest; what no decoder saw has cost nothing.
  const job::Outcome broken = treat(std::vector(25, picture.substr(0, picture.size() - 20)));
  EXPECT_EQ(decoded, 20u);
  EXPECT_TRUE(says(broken, Reason::part_too_big));
  const job::Outcome drawings = treat(std::vector<std::string>(25, "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"));
  EXPECT_EQ(decoded, 25u);
  EXPECT_FALSE(says(drawings, Reason::part_too_big));
  small.max_parts = 5;
  EXPECT_TRUE(says(treat(std::vector(6, picture)), Reason::part_too_deep));
}

TEST(Ooxml, refused_by_name) {
  const auto document = [](const std::string &xml) {
    return make_package(
        {{"[Content_Types].xml", ""},
         {"_rels/.rels", relationships({{"rId1", "officeDocument", "word/document.xml"}})},
         {"word/document.xml", xml}});
  };
  const std::string root = std::string("<w:document") + support::namespaces + ">";
  EXPECT_EQ(run(document("<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>" + root +
                         "&b;</w:document>"))
                .reason,
            Reason::xml_doctype);
  EXPECT_EQ(
      run(document("<!DOCTYPE x SYSTEM \"file:///etc/passwd\">" + root + "</w:document>")).reason,
      Reason::xml_doctype);
  EXPECT_EQ(run(document(root + "&undefined;</w:document>")).reason, Reason::part_malformed);
  EXPECT_EQ(run(document(root + "<w:body>")).reason, Reason::part_malformed);
  EXPECT_EQ(run(document(root + "<w:body w:a=\"1\" w:a=\"2\"/></w:document>")).reason,
            Reason::part_malformed);
  std::string deep = root;
  for (int i = 0; i < 400; ++i)
    deep += "<w:p>";
  EXPECT_EQ(run(document(deep)).reason, Reason::part_too_deep);
  std::string twice = make_docx(paragraph("a"), {{"WORD/document.xml", "<x/>"}});
  EXPECT_EQ(run(twice).reason, Reason::zip_duplicate);
}

// LibreOffice may take all its time over what is not whole: what our reader cannot read never gets there.
TEST(Ooxml, what_is_malformed_is_not_given_to_libreoffice) {
  job::Plan render = plan();
  render.treatments[static_cast<std::size_t>(job::KindClass::office)] = job::Treatment::render;
  const auto document = [](const std::string &xml) {
    return make_package(
        {{"[Content_Types].xml", ""},
         {"_rels/.rels", relationships({{"rId1", "officeDocument", "word/document.xml"}})},
         {"word/document.xml", xml}});
  };
  const std::string root = std::string("<w:document") + support::namespaces + ">";
  const std::string body = root + "<w:body/></w:document>";
  EXPECT_EQ(run(document(body), render).reason, Reason::part_engine_missing);
  EXPECT_EQ(run(document(body.substr(0, body.size() - 3)), render).reason, Reason::part_malformed);
  EXPECT_EQ(run(document("<!DOCTYPE x>" + body), render).reason, Reason::xml_doctype);
  EXPECT_EQ(run(make_docx("", {{"WORD/document.xml", "<x/>"}}), render).reason, Reason::zip_duplicate);
  EXPECT_EQ(run(make_docx("", {{"word/_rels/document.xml.rels",
                                relationships({{"rId1", "styles", "styles.xml"}})},
                               {"word/styles.xml", "<w:styles>"}}),
                render)
                .reason,
            Reason::part_malformed);
  EXPECT_EQ(run("{\\rtf1 a}", render).reason, Reason::part_engine_missing);
  EXPECT_EQ(run("{\\rtf1{\\pict\\bin99999999 x}}", render).reason, Reason::part_malformed);
  // Asked to rebuild it, we draw a workbook in octets and what has another root, both whole.
  for (const std::string main : {"<not closed", "", "octets", "<w:x>", "\x83"})
    EXPECT_EQ(run(document(main)).reason, Reason::part_malformed) << main;
  for (const std::string &main : {std::string("\x83\x01\x00", 3), std::string("<x/>")})
    EXPECT_EQ(run(document(main)).reason, Reason::part_engine_missing) << main;
}

// Its pages do not show them: whoever gets the PDF is told.
TEST(Ooxml, what_the_pages_do_not_show_is_told) {
  job::Plan render = plan();
  render.treatments[static_cast<std::size_t>(job::KindClass::office)] = job::Treatment::render;
  render.hidden = render.tracked = job::Beside::remove;
  const auto told = [&](const std::string &octets) {
    std::vector<Reason> reasons = run(octets, render).report.parts.front().reasons;
    std::erase(reasons, Reason::part_engine_missing);
    return reasons;
  };
  EXPECT_EQ(told(make_docx(paragraph("a"))), std::vector<Reason>());
  EXPECT_EQ(told(make_docx("<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>a</w:t></w:r></w:p>")),
            std::vector<Reason>({Reason::office_hidden_removed}));
  EXPECT_EQ(told(make_docx("<w:p><w:del><w:r><w:delText>a</w:delText></w:r></w:del></w:p>")),
            std::vector<Reason>({Reason::office_tracked}));
  EXPECT_EQ(told(make_docx("", {{"word/_rels/document.xml.rels",
                                 relationships({{"rId1", "oleObject", "embeddings/a.bin"}})},
                                {"word/embeddings/a.bin", "x"}})),
            std::vector<Reason>({Reason::office_embedded}));
  EXPECT_EQ(told("{\\rtf1 a{\\v secret}{\\object\\objemb{\\*\\objdata 00}}}"),
            std::vector<Reason>({Reason::part_active_content, Reason::part_hidden_content}));
}

/// What is told of one that is drawn.
std::vector<Reason> told_when_drawn(const std::string &octets) {
  job::Plan render = plan();
  render.treatments[static_cast<std::size_t>(job::KindClass::office)] = job::Treatment::render;
  std::vector<Reason> reasons = run(octets, render).report.parts.front().reasons;
  std::erase(reasons, Reason::part_engine_missing);
  return reasons;
}

TEST(Ooxml, fields_that_are_not_drawn_are_told) {
  const auto told = [](const std::string &code, const std::string &result = "") {
    return told_when_drawn(make_docx("<w:p>" + mark("begin") + "<w:r><w:instrText>" + code + "</w:instrText></w:r>" + mark("separate") + result + mark("end") + "</w:p>"));
  };
  const std::vector<Reason> empty = {Reason::office_field_empty};
  EXPECT_EQ(told("IF 1 = 1 \"a\" \"b\""), empty);
  EXPECT_EQ(told("EQ \\o\\ac(○,1)"), empty); // LibreOffice draws nothing
  EXPECT_EQ(told("IF 1 = 1 \"a\" \"b\"", shown("a")), std::vector<Reason>());
  for (const char *code : {"EQ \\* jc2 \\o\\ad(\\s\\up 9(a),b)", "REF bm", "DATE", "PAGE"})
    EXPECT_EQ(told(code), std::vector<Reason>()) << code;
}

TEST(Ooxml, cells_outside_the_print_area_are_told) {
  const std::string cells = "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row><c><v>2</v></c><c/>"
                            "<c r=\"D2\"><v>3</v></c></row><row r=\"9\"><c s=\"1\"/></row></sheetData>";
  const auto told = [&](const std::string &areas, const std::string &sheet = "0") {
    return told_when_drawn(make_xlsx({cells, "<sheetData/>"},
                                     "<definedNames><definedName name=\"_xlnm.Print_Area\" localSheetId=\"" + sheet + "\">" +
                                         areas + "</definedName></definedNames>"));
  };
  const std::vector<Reason> outside = {Reason::office_not_printed};
  EXPECT_EQ(told_when_drawn(make_xlsx({cells})), std::vector<Reason>());
  for (const char *area : {"表1!$A$1:$D$2", "表1!$A:$D", "表1!$1:$2", "'表1'!$A$1:$A$2,'表1'!$D$2", "表1!$A$1:$Z$99"})
    EXPECT_EQ(told(area), std::vector<Reason>()) << area;
  for (const char *area : {"表1!$A$1:$C$2", "表1!$A$1", "表1!$B:$D", "'表1'!$A$1:$A$2,'表1'!$D$1"})
    EXPECT_EQ(told(area), outside) << area;
  EXPECT_EQ(told("表2!$A$1", "1"), std::vector<Reason>()); // another sheet's
}

TEST(Ooxml, notes_of_slides_that_are_drawn_are_told) {
  const auto told = [](const std::string &notes) {
    const std::string names = support::namespaces;
    return told_when_drawn(make_package(
        {{"[Content_Types].xml", "<Types/>"},
         {"_rels/.rels", relationships({{"rId1", "officeDocument", "ppt/presentation.xml"}})},
         {"ppt/presentation.xml", "<p:presentation" + names + "><p:sldIdLst><p:sldId id=\"256\" r:id=\"a\"/></p:sldIdLst></p:presentation>"},
         {"ppt/_rels/presentation.xml.rels", relationships({{"a", "slide", "slides/slide1.xml"}})},
         {"ppt/slides/slide1.xml", "<p:sld" + names + "><p:cSld><p:spTree/></p:cSld></p:sld>"},
         {"ppt/slides/_rels/slide1.xml.rels", relationships({{"n", "notesSlide", "../notesSlides/n.xml"}})},
         {"ppt/notesSlides/n.xml", "<p:notes" + names + "><p:cSld><p:spTree><p:sp><p:txBody><a:p>" + notes +
                                       "</a:p></p:txBody></p:sp></p:spTree></p:cSld></p:notes>"}}));
  };
  EXPECT_EQ(told("<a:r><a:t>say this</a:t></a:r>"), std::vector<Reason>({Reason::office_not_printed}));
  EXPECT_EQ(told("<a:r><a:t> </a:t></a:r><a:fld id=\"x\" type=\"slidenum\"><a:t>1</a:t></a:fld>"), std::vector<Reason>());
}

TEST(Ooxml, every_cut_and_change_is_clean_or_has_a_reason) {
  const std::string whole = make_docx(field(code(" PAGE "), "7") + paragraph("text"));
  for (std::size_t size = 0; size < whole.size(); size += 3)
    EXPECT_NE(run(whole.substr(0, size)).status, job::Status::clean);
  const std::string body =
      field(code(" PAGE "), "7") + "<w:tbl><w:tr><w:trPr><w:del/></w:trPr></w:tr></w:tbl>";
  for (std::size_t at = 0; at < body.size(); ++at)
    for (const char octet : {'<', '>', '&', '"', '\0', ' '}) {
      std::string other = body;
      other[at] = octet;
      const job::Outcome outcome = run(make_docx(other)); // verified there
      EXPECT_EQ(outcome.status == job::Status::clean, outcome.reason == Reason::none);
    }
}

TEST(OfficeCode, paths_in_descriptions) {
  for (const char *path : {"C:\\Users\\taro\\a.png", "alt d:\\x", "c:/x", "\\\\server\\share\\a.png", "File:///c:/a.png", "(file:a)", "図 C:\\"})
    EXPECT_TRUE(tells_path(path)) << path;
  for (const char *words : {"", "地図", "http://a.example/", "profile: x", "比 1:2", "A: b", "C:", "a\\b", "\\\\", "\\\\ x", "注:/"})
    EXPECT_FALSE(tells_path(words)) << words;
}

TEST(OfficeCode, formulas) {
  const LostNames lost = {"LOST"};
  for (const char *calm :
       {"1+1", "SUM(A1:B2)", "\"|\"&A1", "'O''Brien'!A1", "Table1[[#This Row],[a|b]]",
        "IF(A1=\"WEBSERVICE(\",1,2)", "表!A1", "SUM (A1)", "'First:Last'!A1", "Info!A1+Image!A1",
        "#REF!+表!#REF!", "_xlfn.BYROW(A1:B2,_xleta.SUM)", "Table1[Amount (USD)]*2",
        "\"a\"\"b\"&A1", "SUM('My sheet'!A1:B2,'a (2)'!A1)", "IFERROR(A1/#N/A,\"//\")",
        "Cell!A1+Info[a]", "_xlfn.LAMBDA(_xlpm.cell,_xlpm.cell+1)", "Table1[Info (kg)]", "getting+Cells"})
    EXPECT_EQ(judge_formula(calm, lost), Reason::none) << calm;
  for (const char *never : {"webservice(1)",
                            "=_xlfn.WEBSERVICE(1)",
                            "Excel.Sheet.8|x!y",
                            "'a|b'!c",
                            "[1]A!B",
                            "Lost",
                            "lost*2",
                            "MyMacro()",
                            "'[x]y'!A1",
                            "'open",
                            "WEBSERVICE (1)",
                            "DDE\n(1)",
                            "DDE\t\r\n (1)",
                            "INDIRECT(A1)",
                            "MyMacro (1)",
                            "MAP(A1,_xleta.WEBSERVICE)",
                            "MAP(A1,_xlfn.RTD)",
                            "_xludf.x",
                            "MAP(A1,CALL)",
                            "MAP(A1,CELL)",
                            "REDUCE(0,A1:A3,Info)",
                            "_xlfn.BYROW(A1:B2,cubekpimember)",
                            "_xlfn.MAP(A1,PY)",
                            "_xlfn.MAP(A1,_xlfn._xlws.PY)",
                            "MAP(A1,_xll.Evil)",
                            "_xlfn.SCAN(0,A1:A3,GET.WORKBOOK)",
                            "_xlfn.LET(_xlpm.f,_xldudf_X,1)",
                            "GETPIVOTDATA",
                            "CUBESETCOUNT",
                            "'\\\\evil\\b.xlsx'!Name",
                            "'http://x/b.xlsx'!N",
                            "'C:b.xlsx'!N",
                            "'b.ods'#$S.A1",
                            "b.ods#$S.A1",
                            "\\\\evil\\b.xlsx!N",
                            "http://x!N",
                            "A1'+CALL(1)+'",
                            "#REF!'+CALL(1)+'",
                            "{1;'}+CALL(1)+{'}",
                            "'a''+CALL(1)+'",
                            "X[']+CALL(1)+Y[']+1]]",
                            "X['']+CALL(1)+Y['']",
                            "_[a+CALL(1)+_]",
                            "X[\"]&\"+CALL(1)+\"&Y[\"]",
                            "X[1]S!A1",
                            "A1\"+CALL(1)+\"",
                            "A1]"})
    EXPECT_NE(judge_formula(never, lost), Reason::none) << never;
}

/// Two codes that share nothing: what one lets stay, the other lets leave.
TEST(OfficeCode, what_stays_may_leave) {
  const char *pieces[] = {"SUM", "CELL", "cell", "Info", "cell-content", "cell-content-is-between", "content", "_xlfn.", "_xleta.", "_xlws.",
                          "_xludf.", "_xll.", "COM.MICROSOFT.", "LEGACY.", "ORG.OPENOFFICE.", "WEBSERVICE", "DDE", "CUBEVALUE", "GET.", "PY",
                          "A1", "$B$2", ":", "!", "(", ")", "(", ")", "[", "]", "[.A1]", "[.B1:.C2]", "'S'", "'S 1'!A1", "\"t\"", "\"", "'", "#",
                          "#REF!", "#N/A", "|", "{", "}", ";", ",", "+", "-", "-", "/", "//", "://", "\\", " ", "\t", "1", "5.5", "Table1[a]",
                          "Table1[a (x)]", "[#This Row]", "x", ".", "_", "表", "=", "&", "<", "true"};
  std::minstd_rand random(7);
  for (unsigned i = 0; i < 200'000; ++i) {
    std::string formula;
    for (unsigned left = 1 + static_cast<unsigned>(random() % 6); left > 0; --left)
      formula += pieces[random() % std::size(pieces)];
    EXPECT_TRUE(judge_formula(formula, {}) != Reason::none || verify::is_calm_formula(formula)) << formula;
    for (const bool condition : {false, true})
      EXPECT_TRUE(judge_open_formula(formula, condition) != Reason::none || verify::is_calm_open_formula(formula, condition))
          << formula << condition;
    EXPECT_TRUE(!is_inside_address(formula) || verify::is_calm_address(formula)) << formula;
    EXPECT_TRUE(!is_place_inside(formula) || verify::leads_inside(formula)) << formula;
    if (HasFailure()) return;
  }
}

TEST(OoxmlCorpus, all_verified_or_named) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  std::size_t clean = 0, refused = 0;
  for (const char *folder : {"files/office/poi", "files/ja"})
    for (const auto &entry :
         std::filesystem::recursive_directory_iterator(corpus::folder() / folder)) {
      const std::string extension = entry.path().extension();
      if (extension.size() != 5 || (extension.back() != 'x' && extension.back() != 'm')) continue;
      const std::string octets = corpus::read(entry.path());
      if (!octets.starts_with("PK") || octets.size() > 100'000) continue;
      const job::Outcome outcome = run(octets);
      outcome.status == job::Status::clean ? ++clean : ++refused;
      if (outcome.status == job::Status::clean) {
        for (const char *gone : {"vbaProject", "TargetMode", "oleObject", "activeX", "externalLink",
                                 "DDEAUTO", "attachedTemplate", "<!DOCTYPE"})
          EXPECT_LACKS(all_of(outcome), gone) << entry.path();
      }
    }
  EXPECT_GT(clean, 150u);
  EXPECT_LT(refused, 20u);
}

} // namespace
} // namespace sekisho::rebuild
