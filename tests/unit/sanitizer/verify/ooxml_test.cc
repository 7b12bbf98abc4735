// What may leave as a document: forged ones are refused, whatever made them.
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/verify/verify.hh"
#include "sanitizer/zip/unpack.hh"
#include "tests/unit/sanitizer/support/make_ooxml.hh"

#include <gtest/gtest.h>

namespace sekisho::verify {
namespace {

using support::Members;

/// What rebuild makes of a small document, as members.
Members honest() {
  const std::string input = support::make_docx(
      "<w:p><w:r><w:fldChar "
      "w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:fldChar "
      "w:fldCharType=\"end\"/></w:r></w:p>",
      {{"word/styles.xml", std::string("<w:styles") + support::namespaces + "/>"},
       {"word/_rels/document.xml.rels",
        support::relationships({{"rId1", "styles", "styles.xml"}})}});
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
      {document, "<w:p>", "<w:p><w:fldSimple w:instr=\"DDE x\"/>"},
      {document, "PAGE", "DDEAUTO"},
      {document, "PAGE", "HYPERLINK \"http://x\""},
      {document, "</w:instrText>", "</w:instrText><w:fldChar w:fldCharType=\"begin\"/>"},
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
