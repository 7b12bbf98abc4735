// What may leave as an ODF document: forged ones are refused, whatever made them.
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/verify/verify.hh"
#include "sanitizer/zip/unpack.hh"
#include "tests/unit/sanitizer/support/make_odf.hh"

#include <gtest/gtest.h>

#include <array>

namespace sekisho::verify {
namespace {

using support::Members;

/// What rebuild makes of a small document, as members.
Members honest() {
  const std::string input = support::make_odt(
      "<text:p><text:a xlink:href=\"#x\">a</text:a></text:p><draw:frame><draw:image "
      "xlink:href=\"Pictures/a\"/></draw:frame><draw:frame><draw:object xlink:href=\"./Object 1\"/></draw:frame><table:table><table:table-row><table:table-cell "
      "table:formula=\"of:=SUM([.A1])\"/></table:table-row></table:table>",
      "",
      {{"Pictures/a", "x"},
       {"Object 1/content.xml",
        support::odf_content("chart", "<chart:chart xlink:href=\"..\" chart:class=\"chart:bar\"><chart:series "
                                      "chart:values-cell-range-address=\"S.A1\"/></chart:chart>")},
       {"styles.xml", std::string("<office:document-styles") + support::odf_namespaces + "/>"}});
  job::Job job;
  job.bytes = as_bytes(input);
  const Result<rebuild::Rebuilt, Reason> rebuilt = rebuild::odf_document(job, {});
  if (!rebuilt) return {};
  Members members;
  const zip::Archive archive = zip::read(rebuilt->bytes);
  zip::Unpacker unpacker;
  for (const zip::Member &member : archive.members)
    members.push_back({member.name, std::string(as_chars(*unpacker.unpack(member)))});
  return members;
}

std::string packed(const Members &members) {
  zip::Writer writer;
  for (const auto &[name, contents] : members)
    if (name == "mimetype")
      writer.add_stored(name, as_bytes(contents));
    else
      writer.add(name, as_bytes(contents));
  return std::string(as_chars(writer.finish()));
}

bool accepted(const Members &members) {
  return Verifier::accept(job::Kind::odf, Untrusted(to_buffer(packed(members)))).has_value();
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
  return accepted(members);
}

TEST(VerifyOdf, honest_and_forged_members) {
  const std::string content = "content.xml", chart = "Object 1/content.xml", manifest = "META-INF/manifest.xml";
  ASSERT_EQ(honest().size(), 6u);
  ASSERT_TRUE(accepted(honest()));
  EXPECT_TRUE(accepted_with(content, "<text:p>", "<text:p>more<text:s/>"));
  const std::string sum = "of:=SUM([.A1])";
  for (const char *calm :
       {"of:=SUM&#10;([$'S 1'.A1:$'O''B'.B2];[#REF!.A1])", "of:={1;2|3;4}+[S.$$'a name']",
        "ooow:sum (&lt;A1:A3&gt;) + 2", "ooow:name == &quot;x&quot;", "of:=SUM(1;[.A#REF!])", "of:=LEGACY.NORMSDIST('label a')+#N/A"})
    EXPECT_TRUE(accepted_with(content, sum, calm)) << calm;
  const std::vector<std::array<std::string, 3>> forged = {
      {content, "<text:p>", "<!-- x --><text:p>"},
      {content, "<text:p>", "<!DOCTYPE x><text:p>"},
      {content, "<text:p>", "<office:event-listeners/><text:p>"},
      {content, "<text:p>", "<office:forms/><text:p>"},
      {content, "<text:p>", "<draw:object xlink:href=\"Pictures/image1.png\"/><text:p>"},
      {content, "<text:p>", "<draw:floating-frame/><text:p>"},
      {content, "<text:p>", "<text:section-source/><text:p>"},
      {content, "<text:p>", "<text:p text:onload=\"x\">"},
      {content, "<text:p>", "<text:p onload=\"x\">"},
      {content, "<text:p>", "<text:p xmlns:x=\"y\">"},
      {content, "<text:p>", "<text:p xlink:href=\"#x\">"},
      {content, "<text:p>", "<x:p/><text:p>"},
      {content, "<text:p>", "<office:spreadsheet/><text:p>"},
      {content, "<text:p>", "<text:p>&a;"},
      {content, "\"#x\"", "\"http://x/\""},
      {content, "\"#x\"", "\"#http://x/\""},
      {content, "\"#x\"", "\"#%66ile:x\""},
      {content, sum, "of:=MAP([.A1];COM.MICROSOFT.CUBEKPIMEMBER)"},
      {content, sum, "of:=MAP([.A1];INFO)"},
      {content, sum, "of:=cell-content-is-between(1;2)"},
      {content, "\"Pictures/image1.png\"", "\"http://x/y.png\""},
      {content, "\"Pictures/image1.png\"", "\"Pictures/image2.png\""},
      {content, "\"Pictures/image1.png\"", "\"content.xml\""},
      {content, "urn:oasis:names:tc:opendocument:xmlns:office:1.0", "urn:other"},
      {content, sum, "of:=DDE([.A1])"},
      {content, sum, "of:=1 and dde ([.A1])"},
      {content, sum, "of:=DDE&#10;([.A1])"},
      {content, sum, "of:=DDE&#13;([.A1])"},
      {content, sum, "of:=DDE　([.A1])"},
      {content, sum, "of:=COM.MICROSOFT.WEBSERVICE&#9;([.A1])"},
      {content, sum, "of:=INDIRECT([.A1])"},
      {content, sum, "of:=MyMacro([.A1])"},
      {content, sum, "of:=MAP([.A1];WEBSERVICE)"},
      {content, sum, "of:=[S'x.A1]&amp;DDE(1)&amp;[S'x.A1]"},
      {content, sum, "of:=[.A1']+DDE(1)+['.A1]"},
      {content, sum, "of:=['a]+DDE(1)+['.A1]"},
      {content, sum, "of:='a'''+DDE(1)+''"},
      {content, sum, "of:={1;'}+DDE(1)+{'}"},
      {content, sum, "of:=A1&quot;+DDE(1)+&quot;"},
      {content, sum, "of:=[e.ods#REF!.A1]"},
      {content, sum, "of:=COM.SUN.STAR.X([.A1])"},
      {content, sum, "of:=['file:///x'#$S.A1]"},
      {content, sum, "of:=[x.ods#S.A1]"},
      {content, sum, "of:=cmd|x!A1"},
      {content, sum, "msoxl:=SUM(A1)"},
      {content, sum, "ooow:[x]"},
      {content, sum, "ooow:ooow+COM.MICROSOFT.WEBSERVICE(&quot;http://x/&quot;)"},
      {content, sum, "ooow:ooow+INDIRECT (&quot;x&quot;)"},
      {content, sum, "ooow:(sum(1)+info&#10;(2))"},
      {content, "table:formula=\"" + sum, "table:cell-range-address=\"'file:///x'#S.A1"},
      {content, "standalone=\"yes\"", "standalone=\"no\""},
      {content, "<draw:object xlink:href=\"./Object 1\"/>", "<draw:object/>"},
      {content, "./Object 1", "./Object 2"},
      {content, "./Object 1", "./Object 01"},
      {content, "./Object 1", "http://x/Object 1"},
      {content, "./Object 1", "./Pictures"},
      {content, "./Object 1\"/>", "./Object 1\"><text:p/></draw:object>"},
      {content, "<text:p>", "<chart:chart/><text:p>"},
      {chart, "\"..\"", "\"http://x/\""},
      {chart, "\"chart:bar\"", "\"ooo:x.y\""},
      {chart, "S.A1", "'file:///x'#S.A1"},
      {chart, "<chart:series", "<draw:frame><draw:object xlink:href=\"./Object 1\"/></draw:frame><chart:series"},
      {chart, "<chart:series", "<draw:g><svg:desc>S.A1</svg:desc></draw:g><chart:series"},
      {chart, "office:chart", "office:text"},
      {manifest, "opendocument.chart", "opendocument.text"},
      {"mimetype", "text", "spreadsheet"},
      {"mimetype", "text", "text-template"},
      {manifest, "content.xml", "other.xml"},
      {manifest, "image/png", "image/svg+xml"},
      {manifest, "</manifest:manifest>",
       "<manifest:file-entry manifest:full-path=\"x\" manifest:media-type=\"y\"/>"
       "</manifest:manifest>"},
      {manifest, "manifest:media-type=\"text/xml\"/>",
       "manifest:media-type=\"text/xml\"><manifest:encryption-data/></manifest:file-entry>"},
      {"Pictures/image1.png", "IHDR", "IHDX"},
  };
  for (const auto &[name, from, to] : forged)
    EXPECT_FALSE(accepted_with(name, from, to)) << name << ": " << to;
}

TEST(VerifyOdf, members_too_many_or_too_few) {
  for (const char *name : {"Basic/x.xml", "Pictures/image2.png", "Pictures/x.svg", "settings.xml",
                           "meta.xml", "Object 1/content.xml", "a.exe", "manifest.rdf"})
    for (const std::size_t at : {1u, 3u}) {
      Members members = honest();
      members.insert(members.begin() + static_cast<long>(at), {name, "x"});
      EXPECT_FALSE(accepted(members)) << name;
    }
  for (std::size_t i = 0; i < honest().size(); ++i) {
    Members members = honest();
    members.erase(members.begin() + static_cast<long>(i));
    EXPECT_FALSE(accepted(members)) << i;
  }
  Members turned = honest();
  std::swap(turned[0], turned[1]);
  EXPECT_FALSE(accepted(turned));
}

TEST(VerifyOdf, every_octet_of_the_zip_counts) {
  const std::string whole = packed(honest());
  const auto accepts = [](const std::string &octets) {
    return Verifier::accept(job::Kind::odf, Untrusted(to_buffer(octets))).has_value();
  };
  EXPECT_TRUE(accepts(whole));
  for (std::size_t at = 0; at < whole.size(); at += 5) {
    std::string other = whole;
    other[at] = static_cast<char>(other[at] ^ 1);
    EXPECT_FALSE(accepts(other)) << at;
  }
  EXPECT_FALSE(accepts(whole + "x"));
}

TEST(VerifyOdf, time) {
  const auto late =
      Verifier::accept(job::Kind::odf, Untrusted(to_buffer(packed(honest()))), Deadline{1});
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error(), Reason::part_timeout);
}

} // namespace
} // namespace sekisho::verify
