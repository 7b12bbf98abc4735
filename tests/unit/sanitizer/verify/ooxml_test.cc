// What may leave as a document: forged ones are refused, whatever made them.
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/verify/verify.hh"
#include "sanitizer/verify/xml_walk.hh"
#include "sanitizer/zip/unpack.hh"
#include "tests/unit/sanitizer/support/make_ooxml.hh"

#include <gtest/gtest.h>

namespace sekisho::verify {
namespace {

using support::Members;

Members members_of(const std::string &input) {
  job::Job job;
  job.bytes = as_bytes(input);
  const Result<rebuild::Rebuilt, Reason> rebuilt = rebuild::ooxml_document(job, {});
  if (!rebuilt) return {};
  Members members;
  const zip::Archive archive = zip::read(rebuilt->bytes);
  zip::Unpacker unpacker;
  for (const zip::Member &member : archive.members)
    members.push_back({member.name, std::string(as_chars(*unpacker.unpack(member)))});
  return members;
}

/// What rebuild makes of a small document, as members.
Members honest() {
  const std::string input = support::make_docx(
      "<w:p><w:r><w:fldChar "
      "w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:fldChar "
      "w:fldCharType=\"end\"/></w:r></w:p>",
      {{"word/styles.xml", std::string("<w:styles") + support::namespaces + "/>"},
       {"word/_rels/document.xml.rels",
        support::relationships({{"rId1", "styles", "styles.xml"}})}});
  return members_of(input);
}

bool accepted(const std::string &octets) {
  return Verifier::accept(job::Kind::ooxml_word, Untrusted(to_buffer(octets))).has_value();
}

/// `to` in place of `from` in the member.
bool accepted_with(const std::string &name, const std::string &from, const std::string &to) {
  Members members = honest();
  for (auto &[member, contents] : members)
    if (member == name) {
      const std::size_t at = contents.find(from);
      EXPECT_NE(at, std::string::npos) << from;
      contents.replace(at, from.size(), to);
    }
  return accepted(support::make_package(members));
}

TEST(VerifyOoxml, honest_and_forged_members) {
  const std::string document = "word/document.xml", rels = "word/_rels/document.xml.rels",
                    types = "[Content_Types].xml";
  ASSERT_TRUE(accepted(support::make_package(honest())));
  EXPECT_TRUE(accepted_with(document, "<w:p>", "<w:p><w:r><w:t>more</w:t></w:r>"));
  const std::vector<std::array<std::string, 3>> forged = {
      {document, "<w:p>", "<!-- x --><w:p>"},
      {document, "<w:p>", "<!DOCTYPE x><w:p>"},
      {document, "<w:p>", "<w:p><w:object/>"},
      {document, "<w:p>", "<w:p><w:control/>"},
      {document, "<w:p>", "<w:p onload=\"x\">"},
      {document, "<w:p>", "<w:p xmlns:x=\"y\">"},
      {document, "<w:p>", "<w:p><w:hyperlink r:id=\"rId9\"/>"},
      {document, "<w:p>", "<w:p>&a;"},
      {document, "<w:p>", "<w:p><w:hyperlink w:anchor=\"http://x\"/>"},
      {document, "<w:p>", "<w:p><w:fldSimple w:instr=\"DDE x\"/>"},
      {document, "PAGE", "DDEAUTO"},
      {document, "PAGE", "HYPERLINK \"http://x\""},
      {document, "</w:instrText>", "</w:instrText><w:fldChar w:fldCharType=\"begin\"/>"},
      {document, "<w:r><w:instrText>", "<w:r><w:t> HYPERLINK </w:t></w:r><w:r><w:instrText>"},
      {document, "<w:r><w:instrText>", "<w:r><w:tab/></w:r><w:r><w:instrText>"},
      {document, "PAGE", "PAGE<w:t>x</w:t>"},
      {document, "<w:r><w:instrText>PAGE</w:instrText></w:r>", "<w:instrText>PAGE</w:instrText>"},
      {document, "<w:r><w:instrText>",
       "<w:del><w:r><w:delInstrText>PAGE</w:delInstrText></w:r>"
       "</w:del><w:r><w:instrText>"},
      {document, "<w:r><w:instrText>PAGE</w:instrText></w:r>",
       "<w:ins><w:r><w:instrText>PAGE</w:instrText></w:r></w:ins>"},
      {document, "<w:p>",
       "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>"
       "DATE</w:instrText></w:r><w:r><w:pict><v:shape><v:textbox>"
       "<w:txbxContent/></v:textbox></v:shape></w:pict></w:r><w:r><w:fldChar "
       "w:fldCharType=\"end\"/></w:r>"},
      {document, "<w:r><w:instrText>", "<w:tbl><w:tr><w:trPr><w:del/></w:trPr></w:tr></w:tbl><w:r><w:instrText>"},
      {document, "standalone=\"yes\"", "standalone=\"no\""},
      {rels, "Target=\"styles.xml\"", "Target=\"http://x/\" TargetMode=\"External\""},
      {rels, "Target=\"styles.xml\"", "Target=\"../../styles.xml\""},
      {rels, "/styles\"", "/vbaProject\""},
      {rels, "/styles\"", "/settings\""},
      {types, "wordprocessingml.document.main", "wordprocessingml.template.main"},
      {types, "</Types>",
       "<Default Extension=\"bin\" ContentType=\"application/vnd.ms-office.vbaProject\"/></Types>"},
  };
  for (const auto &[name, from, to] : forged)
    EXPECT_FALSE(accepted_with(name, from, to)) << name << ": " << to;
}

/// A workbook of which one formula is `formula`, in XML; rebuild had no hand in it.
bool accepts_formula(const std::string &place, const std::string &formula) {
  static const Members workbook = members_of(support::make_xlsx(
      {"<sheetData><row r=\"1\"><c r=\"A1\"><f>1+11</f></c></row></sheetData>"
       "<conditionalFormatting sqref=\"A1\"><cfRule type=\"expression\"><formula>1+12</formula>"
       "</cfRule><cfRule type=\"dataBar\"><dataBar><cfvo type=\"num\" "
       "val=\"15\"/></dataBar></cfRule>"
       "</conditionalFormatting><dataValidations><dataValidation sqref=\"B1\"><formula1>1+13"
       "</formula1></dataValidation></dataValidations>"},
      "<definedNames><definedName name=\"n\">1+14</definedName></definedNames>"));
  Members members = workbook;
  std::size_t found = 0;
  for (auto &[name, contents] : members)
    if (const std::size_t at = contents.find(place); at != std::string::npos) {
      contents.replace(at, place.size(), formula);
      ++found;
    }
  EXPECT_EQ(found, 1u) << place;
  return Verifier::accept(job::Kind::ooxml_sheet,
                          Untrusted(to_buffer(support::make_package(members))))
      .has_value();
}

TEST(VerifyOoxml, links_of_sheets) {
  const auto accepts = [](const std::string &location) {
    return accepts_formula("<dataValidations>", "<hyperlinks><hyperlink ref=\"A1\" location=\"" + location +
                                                    "\"/></hyperlinks><dataValidations>");
  };
  for (const char *inside : {"Sheet1!A1", "#Sheet1!$A$1:B20", "'a ''b'''!A1", "total"})
    EXPECT_TRUE(accepts(inside)) << inside;
  for (const char *outside : {"http://x", "&#104;ttp:x", "#http://x", "mailto:a", "javascript:alert(1)", "\\\\x\\a",
                              "[x.xlsx]S!A1", "'http://x/'!A1", "a|b!A1", "file:x!A1", "http_x003A__x002F__x002F_x"})
    EXPECT_FALSE(accepts(outside)) << outside;
}

TEST(VerifyOoxml, names_that_run_and_characters_by_number) {
  const auto accepts = [](const std::string &name) { return accepts_formula("name=\"n\"", "name=\"" + name + "\""); };
  for (const char *calm : {"total", "_xlnm.Print_Area", "a_x1", "_x12_", "_xlfn.x"}) EXPECT_TRUE(accepts(calm)) << calm;
  for (const char *runs : {"Auto_Open", "_xlnm.AUTO_CLOSE", "_x0041_uto_Open", "a_X00e9_"}) EXPECT_FALSE(accepts(runs)) << runs;
  EXPECT_FALSE(accepts_formula("1+11", "&quot;a_x0022_&amp;WEBSERVICE(1)&amp;_x0022_b&quot;"));
  EXPECT_FALSE(accepts_formula("1+11", std::string(40'000, '(') + "1" + std::string(40'000, ')')));
}

TEST(VerifyOoxml, formulas_wherever_they_are) {
  const std::string places[] = {"1+11", "1+12", "1+13", "1+14", "\"15\""};
  for (const std::string &place : places) {
    const std::string quote = place.substr(0, place[0] == '"'); // of an attribute
    for (const char *calm : {"SUM (A1:B2)", "_xlfn.BYROW(A1:B2,_xleta.SUM)", "'My (2) sheet'!A1",
                             "Table1[[#This Row],[a]]", "Info!A1", "Table1[Amount (USD)]",
                             "IF(A1=&quot;DDE (&quot;,1,#N/A)", "16"})
      EXPECT_TRUE(accepts_formula(place, quote + calm + quote)) << place << calm;
    for (const char *never : {"_xlfn.WEBSERVICE (1)",
                              "HYPERLINK&#9;(1)",
                              "DDE&#10;(1)",
                              "DDE&#13;(1)",
                              "MyMacro(1)",
                              "DDE　(1)",
                              "INDIRECT(A1)",
                              "MAP(A1,_xleta.WEBSERVICE)",
                              "MAP(A1,_xlfn.RTD)",
                              "_xludf.x",
                              "MAP(A1,CALL)",
                              "MAP(A1,Cell)",
                              "MAP(A1,INFO)",
                              "MAP(A1,CUBEKPIMEMBER)",
                              "MAP(A1,PY)",
                              "MAP(A1,_xll.x)",
                              "MAP(A1,GET.WORKBOOK)",
                              "'\\\\evil\\b.xlsx'!Name",
                              "'http://x/b.xlsx'!N",
                              "'C:b.xlsx'!N",
                              "'b.ods'#$S.A1",
                              "b.ods#$S.A1",
                              "\\\\evil\\b.xlsx!N",
                              "A1'+CALL(1)+'",
                              "'a&quot;'!A1+CALL(1)",
                              "{1;'}+CALL(1)+{'}",
                              "X[']+CALL(1)+Y[']+1]]",
                              "_[a+CALL(1)+_]",
                              "[1]S!A1",
                              "X[1]S!A1",
                              "a|b!c",
                              "X[&quot;]&amp;&quot;+CALL(1)+&quot;&amp;Y[&quot;]",
                              "A1&quot;+CALL(1)+&quot;",
                              "'a",
                              "&quot;a"})
      EXPECT_FALSE(accepts_formula(place, quote + never + quote)) << place << never;
  }
  const std::string child = "<i val=\"&quot;\"/>";
  EXPECT_FALSE(accepts_formula("1+11", child + "CALL(1)" + child));
  EXPECT_FALSE(accepts_formula("1+11", "1+11" + child));
  EXPECT_FALSE(accepted_with("word/document.xml", "PAGE", "PAGE<w:t>x</w:t>"));
}

TEST(VerifyOoxml, links_inside) {
  const std::string document = "word/document.xml";
  for (const char *calm :
       {"HYPERLINK \\l \"a\"", "HYPERLINK \\l _Toc1 \\h", "HYPERLINK \\h \\l \"a\" \\* MERGEFORMAT",
        "HYPERLINK \\l \"a\" \\o \"tip\""})
    EXPECT_TRUE(accepted_with(document, "PAGE", calm)) << calm;
  for (const char *link :
       {"HYPERLINK \\l \"a\" \\* \"vnd.sun.star.script:L.M.m?language=Basic\"",
        "HYPERLINK \\l \"a\" \\* file:/a", "HYPERLINK \\l \"a\" \"file:/a\"", "HYPERLINK \\h",
        "HYPERLINK \\l \"a\" \\l \"b\"", "HYPERLINK \\l \"a", "HYPERLINK \\l",
        "HYPERLINK \\l \"http://x\"", "HYPERLINK \\l #file:x", "HYPERLINK \\l \"a\\\" \"", "HYPERLINK \\l \"a\" \\t \"b\""})
    EXPECT_FALSE(accepted_with(document, "PAGE", link)) << link;
}

TEST(VerifyOoxml, styles_of_shapes) {
  for (const char *style : {"behavior:url(http://x/)", "a:URL(b)", "width:expression(x)", "a\\62"})
    EXPECT_FALSE(accepted_with("word/document.xml", "<w:p>",
                               std::string("<w:p><v:rect style=\"") + style + "\"/>"))
        << style;
  EXPECT_TRUE(accepted_with("word/document.xml", "<w:p>", "<w:p><v:rect style=\"width:1pt\"/>"));
}

struct AllTaken : XmlVisitor {
  bool start(std::string_view, const Attributes &, std::size_t) override { return true; }
  bool text(std::string_view) override { return true; }
  bool end(std::string_view) override { return true; }
};

TEST(VerifyOoxml, attributes_and_time) {
  const auto walked = [](unsigned attributes, Deadline deadline) {
    std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<a";
    for (unsigned i = 0; i < attributes; ++i)
      xml += " b" + std::to_string(i) + "=\"\"";
    AllTaken visitor;
    return walk_xml(as_bytes(xml + "/>"), visitor, deadline);
  };
  EXPECT_TRUE(walked(128, no_deadline));
  EXPECT_FALSE(walked(129, no_deadline));
  EXPECT_FALSE(walked(1, 1));
  const std::string whole = support::make_package(honest());
  const auto late =
      Verifier::accept(job::Kind::ooxml_word, Untrusted(to_buffer(whole)), Deadline{1});
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error(), Reason::part_timeout);
}

TEST(VerifyOoxml, members_too_many_or_too_few) {
  for (const char *name :
       {"word/vbaProject.bin", "word/media/image1.bin", "word/embeddings/a.docx", "a.exe",
        "word/document2.xml", "word/media/image1.png", "customXml/item1.xml"}) {
    Members members = honest();
    members.push_back({name, "x"});
    EXPECT_FALSE(accepted(support::make_package(members))) << name;
  }
  for (std::size_t i = 0; i < honest().size(); ++i) {
    Members members = honest();
    if (members[i].first == "word/_rels/document.xml.rels")
      continue; // nothing in the document asks for one
    members.erase(members.begin() + static_cast<long>(i));
    EXPECT_FALSE(accepted(support::make_package(members))) << i;
  }
}

TEST(VerifyOoxml, every_octet_of_the_zip_counts) {
  const std::string whole = support::make_package(honest());
  for (std::size_t at = 0; at < whole.size(); at += 5) {
    std::string other = whole;
    other[at] = static_cast<char>(other[at] ^ 1);
    EXPECT_FALSE(accepted(other)) << at;
  }
  EXPECT_FALSE(accepted(whole + "x"));
  EXPECT_FALSE(accepted("x" + whole));
}

} // namespace
} // namespace sekisho::verify
