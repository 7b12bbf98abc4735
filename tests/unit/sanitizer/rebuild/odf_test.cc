// H3: an ODF document is written anew from what is listed; everything with power stays behind and
// is named.
#include "sanitizer/rebuild/office/office_code.hh"
#include "sanitizer/rebuild/part_words.hh"
#include "sanitizer/rebuild/picture/png_writer.hh"
#include "tests/support/cost.hh"
#include "tests/unit/sanitizer/corpus.hh"
#include "tests/unit/sanitizer/support/make_odf.hh"
#include "tests/unit/sanitizer/support/treat_office.hh"

#include <map>

namespace sekisho::rebuild {
namespace {

using support::all_of;
using support::make_odf;
using support::make_odp;
using support::make_ods;
using support::make_odt;
using support::odf_content;
using support::plan;
using support::run;
using support::says;

const std::string png = "\x89PNG\r\n\x1a\n broken, with <script>";

std::string paragraph(const std::string &text) {
  return "<text:p>" + text + "</text:p>";
}

TEST(Odf, descriptions_that_tell_where_a_file_lies) {
  const auto described = [](const std::string &title, const std::string &description) {
    return run(make_odp("<draw:page><draw:frame><draw:text-box><text:p>題</text:p></draw:text-box><svg:title>" + title + "</svg:title><svg:desc>" +
                        description + "</svg:desc></draw:frame></draw:page>"));
  };
  job::Outcome outcome = described("C:\\Users\\taro\\a.png", "file:///home/taro");
  EXPECT_LACKS(all_of(outcome), "taro");
  EXPECT_HAS(all_of(outcome), "題");
  EXPECT_TRUE(says(outcome, Reason::office_data));
  outcome = described("地図", "町の&lt;地図&gt;");
  EXPECT_HAS(all_of(outcome), "<svg:title>地図</svg:title><svg:desc>町の&lt;地図&gt;</svg:desc>");
  EXPECT_FALSE(says(outcome, Reason::office_data));
}

TEST(Odf, text_stays_and_is_escaped_anew) {
  const job::Outcome outcome = run(
      make_odt(paragraph("議事録 &amp; &lt;予算&gt; &#x8868;<![CDATA[<&]]><text:s text:c=\"3\"/>") +
               "<!-- note --><?run this?>"));
  EXPECT_EQ(outcome.output_kind, job::Kind::odf);
  const std::string all = all_of(outcome);
  EXPECT_HAS(all, "<text:p>議事録 &amp; &lt;予算&gt; 表&lt;&amp;<text:s text:c=\"3\"/></text:p>");
  EXPECT_LACKS(all, "note");
  EXPECT_LACKS(all, "run this");
  EXPECT_TRUE(says(outcome, Reason::office_rebuilt));
}

TEST(Odf, its_kind_is_said_first_and_stored) {
  const auto first = [](const std::string &octets) {
    return std::string(as_chars(run(octets).output).substr(30, 64));
  };
  EXPECT_TRUE(first(make_odt("")).starts_with("mimetypeapplication/vnd.oasis.opendocument.textPK"));
  // A template becomes a document.
  const std::string ott =
      make_odf("text", odf_content("text", ""),
               {{"mimetype", "application/vnd.oasis.opendocument.text-template"}});
  EXPECT_TRUE(first(ott).starts_with("mimetypeapplication/vnd.oasis.opendocument.textPK"));
  const Buffer sheet = run(make_ods("")).output;
  EXPECT_EQ(output_name("a.ots", job::Kind::odf, "1", sheet), "a.ods");
  EXPECT_EQ(output_name("", job::Kind::odf, "1", sheet), "part-1.ods");
}

TEST(Odf, only_listed_members) {
  const job::Outcome outcome = run(make_odt(paragraph("text"), "",
                                            {{"Basic/Standard/Module1.xml", "Sub AutoOpen"},
                                             {"Scripts/python/x.py", "evil"},
                                             {"settings.xml", "<config>printer</config>"},
                                             {"meta.xml", "<meta>author</meta>"},
                                             {"manifest.rdf", "<rdf/>"},
                                             {"Thumbnails/thumbnail.png", png},
                                             {"Configurations2/accelerator/current.xml", "<evil/>"},
                                             {"Object 1/content.xml", "<evil/>"},
                                             {"META-INF/documentsignatures.xml", "<s/>"},
                                             {"Pictures/unused.png", png},
                                             {"a.exe", "MZ"}}));
  const std::string all = all_of(outcome);
  for (const char *gone : {"Basic", "AutoOpen", "Scripts", "evil", "printer", "author", "rdf",
                           "Thumbnails", "Object", "signatures", "Pictures", "exe"})
    EXPECT_LACKS(all, gone);
  EXPECT_TRUE(says(outcome, Reason::office_macro));
  EXPECT_TRUE(says(outcome, Reason::part_signature));
}

TEST(Odf, macros_and_events) {
  const std::string event =
      "<office:event-listeners><script:event-listener script:language=\"ooo:script\" "
      "script:event-name=\"dom:load\" "
      "xlink:href=\"vnd.sun.star.script:Standard.M.Run?language=Basic\"/>"
      "<presentation:event-listener "
      "presentation:action=\"execute-macro\"/></office:event-listeners>";
  const job::Outcome outcome = run(make_odf(
      "text",
      odf_content(
          "text",
          "<draw:frame draw:name=\"f\">" + event + "<draw:text-box>" + paragraph("box") +
              "</draw:text-box></draw:frame>" +
              paragraph("<text:execute-macro>run me</text:execute-macro><text:script "
                        "script:language=\"JavaScript\">alert(1)</text:script>"),
          "",
          "<office:scripts>" + event +
              "<office:script script:language=\"x\">evil()</office:script></office:scripts>")));
  const std::string all = all_of(outcome);
  EXPECT_HAS(all, "box");
  EXPECT_HAS(all, ">run me<");
  for (const char *gone : {"script", "event", "macro", "vnd.sun", "alert", "evil"})
    EXPECT_LACKS(all, gone);
  EXPECT_TRUE(says(outcome, Reason::office_macro));
  // Empty lists of scripts and forms stand in every document and are worth no word.
  EXPECT_EQ(run(make_odf("text", odf_content("text", "<office:forms/>", "", "<office:scripts/>")))
                .report.parts[0]
                .reasons.size(),
            1u);
}

TEST(Odf, objects_and_forms) {
  const job::Outcome outcome = run(make_odt(
      "<office:forms><form:form form:name=\"F\" form:datasource=\"jdbc:evil\"><form:text/>"
      "</form:form></office:forms>"
      "<draw:frame><draw:object xlink:href=\"./Object 1\"/><draw:image "
      "xlink:href=\"./ObjectReplacements/Object%201\"/></draw:frame>"
      "<draw:frame draw:name=\"gone\"><draw:object-ole xlink:href=\"./Object 2\"/></draw:frame>"
      "<draw:frame><draw:plugin xlink:href=\"Media/x.mp4\"/></draw:frame>"
      "<draw:frame><draw:applet draw:code=\"Evil\"/></draw:frame>"
      "<draw:frame><draw:floating-frame xlink:href=\"http://evil.example\"/></draw:frame>"
      "<draw:control draw:control=\"c\"/>",
      "", {{"ObjectReplacements/Object 1", png}, {"Object 1/content.xml", "<x/>"}}));
  const std::string all = all_of(outcome);
  EXPECT_HAS(all, "<draw:image xlink:href=\"Pictures/image1.png\"/>");
  for (const char *gone : {"form:", "jdbc", "Object", "gone", "plugin", "applet", "Evil", "evil",
                           "floating", "control", "script"})
    EXPECT_LACKS(all, gone);
  EXPECT_TRUE(says(outcome, Reason::office_embedded));
  EXPECT_TRUE(says(outcome, Reason::office_external));
  EXPECT_TRUE(says(outcome, Reason::office_picture_removed));
}

TEST(Odf, data_exchange_and_linked_contents) {
  const job::Outcome outcome = run(make_odt(
      "<text:dde-connection-decls><text:dde-connection-decl office:name=\"d\" "
      "office:dde-application=\"cmd\" office:dde-topic=\"/c calc\" office:dde-item=\"x\"/>"
      "</text:dde-connection-decls>" +
      paragraph("<text:dde-connection text:connection-name=\"d\">shown</text:dde-connection>") +
      "<text:section text:name=\"s\"><text:section-source "
      "xlink:href=\"http://evil.example/a.odt\"/>" +
      paragraph("inside") +
      "</text:section><text:section text:name=\"t\"><office:dde-source "
      "office:dde-application=\"cmd\"/></text:section>" +
      paragraph(
          "<text:database-display text:database-name=\"evil\">field</text:database-display>")));
  const std::string all = all_of(outcome);
  for (const char *stays : {"shown", "inside", ">field<"})
    EXPECT_HAS(all, stays);
  for (const char *gone : {"dde", "cmd", "/c calc", "evil", "section-source", "database"})
    EXPECT_LACKS(all, gone);
  EXPECT_TRUE(says(outcome, Reason::office_dde));
  EXPECT_TRUE(says(outcome, Reason::office_external));
}

std::string cell(const std::string &attributes, const std::string &shown = "5") {
  return "<table:table-cell " + attributes + " office:value-type=\"float\" office:value=\"" +
         shown + "\">" + paragraph(shown) + "</table:table-cell>";
}
std::string sheet(const std::string &rows, const std::string &attributes = "table:name=\"S\"") {
  return "<table:table " + attributes + ">" + rows + "</table:table>";
}
std::string row(const std::string &cells) {
  return "<table:table-row>" + cells + "</table:table-row>";
}

/// H3: a few octets that programs build millions of cells of.
TEST(Odf, a_bomb_of_repeated_cells_is_refused) {
  const auto cell = [](const std::string &times, const std::string &more) { return "<table:table-cell table:number-columns-repeated=\"" + times + "\"" + more + "</table:table-cell>"; };
  const auto rows = [](const std::string &times, const std::string &cells) { return "<table:table-row table:number-rows-repeated=\"" + times + "\">" + cells + "</table:table-row>"; };
  const std::string one = "><text:p>1</text:p>", value = " office:value-type=\"float\" office:value=\"1\">", empty = " table:style-name=\"c\">";
  const auto reason = [](const std::string &body) { return run(make_ods(sheet(body))).reason; };
  for (const std::string &filled : {one, value, std::string(" table:formula=\"of:=1\">"), empty + "<text:p/>"})
    EXPECT_EQ(reason(rows("1000000", cell("16384", filled))), Reason::part_too_big) << filled;
  EXPECT_EQ(reason(rows("99999999999", cell("+16384", one))), Reason::part_too_big);
  std::string many;
  for (int i = 0; i < 1000; ++i) many += rows("1048576", cell("1", value));
  EXPECT_EQ(reason(many), Reason::part_too_big);
  EXPECT_EQ(reason(rows("1", cell("16384", "><text:p>" + std::string(20'000, 'x') + "</text:p>"))), Reason::part_too_big);
  EXPECT_EQ(reason(rows("1000000", cell("16384", "><text:p><text:s text:c=\"1000\"/></text:p>"))), Reason::part_too_big);
  EXPECT_EQ(reason(row("<table:table-cell table:formula=\"of:=1\" table:number-matrix-columns-spanned=\"16384\" table:number-matrix-rows-spanned=\"1048576\"/>")), Reason::part_too_big);
  EXPECT_EQ(run(make_odt("<text:p><text:s text:c=\"2000000000\"/></text:p>")).reason, Reason::part_too_big);

  EXPECT_HAS(all_of(run(make_ods(sheet(rows("1", cell("3", value) + cell("16381", empty)) + rows("1048575", cell("16384", empty)))))), "number-rows-repeated=\"1048575\"");
  EXPECT_HAS(all_of(run(make_ods(sheet(rows("1048576", cell("8", value)))))), "number-columns-repeated=\"8\"");
}

std::string chart_frame(const std::string &href) {
  return "<draw:frame><draw:object draw:notify-on-update-of-ranges=\"'file:///evil'#S.A1\" xlink:href=\"" + href +
         "\"><text:p>evil inside</text:p></draw:object><draw:image xlink:href=\"./ObjectReplacements/x\"/></draw:frame>";
}

TEST(Odf, charts_are_built_anew) {
  const std::string chart = odf_content(
      "chart",
      "<chart:chart xlink:href=\"..\" chart:class=\"chart:bar\" chart:style-name=\"c\" chart:onload=\"evil\"><chart:title><text:p>売上"
      "<text:a xlink:href=\"http://evil/\">x</text:a></text:p></chart:title><chart:plot-area loext:external-data=\"http://evil/\" "
      "table:cell-range-address=\"S.A1:S.B2\"><chart:axis chart:dimension=\"x\"><chart:categories "
      "table:cell-range-address=\"'file:///evil'#$S.A1\"/></chart:axis><chart:series chart:class=\"ooo:evil.Service\" "
      "chart:values-cell-range-address=\"S.B1:S.B2\" chart:label-cell-address=\"'file:///evil'#S.A1\"><chart:symbol-image "
      "xlink:href=\"Pictures/evil.png\"/></chart:series></chart:plot-area><table:table table:name=\"local-table\"><table:table-row>"
      "<table:table-cell table:formula=\"of:=DDE(&quot;evil&quot;)\" office:value=\"5\"><draw:g><svg:desc>'file:///evil'#S.A1</svg:desc></draw:g>"
      "</table:table-cell></table:table-row></table:table><draw:frame><draw:object xlink:href=\"./Object 1\"/><draw:image "
      "xlink:href=\"Pictures/a\"/></draw:frame></chart:chart>",
      "<style:style style:name=\"c\" style:family=\"chart\"><style:chart-properties chart:stacked=\"true\"/></style:style>");
  const job::Outcome outcome =
      run(make_ods(sheet(row("<table:table-cell>" + chart_frame("./Object 7") + chart_frame("Object 7/") + chart_frame("./Object 8") +
                             chart_frame("./Object 9") + chart_frame("http://evil/Object 7") + chart_frame("") + "</table:table-cell>")) +
                       "<chart:chart xlink:href=\"..\"/>",
                   "",
                   {{"Object 7/content.xml", chart},
                    {"Object 7/styles.xml", "evil"},
                    {"Object 8/content.xml", odf_content("text", "evil")},
                    {"Object 9/content.xml", chart.substr(0, chart.size() - 5)},
                    {"ObjectReplacements/x", png},
                    {"Pictures/a", png}}));
  const std::string all = all_of(outcome);
  for (const char *stays :
       {"<draw:object xlink:href=\"./Object 1\"/></draw:frame>", "Object 1/content.xml\n", "manifest:full-path=\"Object 1/\"",
        "xlink:href=\"..\" chart:class=\"chart:bar\"", "売上x", "table:cell-range-address=\"S.A1:S.B2\"", "<chart:categories/>",
        "<chart:series chart:values-cell-range-address=\"S.B1:S.B2\"/>", "<style:chart-properties chart:stacked=\"true\"/>", "office:value=\"5\""})
    EXPECT_HAS(all, stays);
  for (const char *gone : {"Object 2", "DDE", "svg:desc", "styles.xml", "evil/", "evil.", "evil'", "evil inside", "onload", "symbol-image"})
    EXPECT_LACKS(all, gone);
  EXPECT_TRUE(says(outcome, Reason::office_embedded));
  // One chart under two names stands once; what is no chart is shown as its picture.
  EXPECT_EQ(all.find("<office:chart>"), all.rfind("<office:chart>"));
}

TEST(Odf, sheets_that_reach_out) {
  const job::Outcome outcome = run(make_ods(
      sheet("<table:table-source xlink:href=\"http://evil.example/a.ods\"/>" +
            row("<table:table-cell><table:cell-range-source table:name=\"x\" "
                "xlink:href=\"file://evil/a.ods\"/>" +
                paragraph("7") + "</table:table-cell>")) +
      "<table:named-expressions><table:named-range table:name=\"Good\" "
      "table:cell-range-address=\"$S.$A$1\"/><table:named-range table:name=\"Bad\" "
      "table:cell-range-address=\"'file:///evil.ods'#$S.$A$1\"/><table:named-expression "
      "table:name=\"Worse\" "
      "table:expression=\"of:=DDE(&quot;cmd&quot;;&quot;x&quot;;&quot;y&quot;)\"/>"
      "</table:named-expressions><table:database-ranges><table:database-range "
      "table:target-range-address=\"S.A1:S.B2\"><table:database-source-sql "
      "table:database-name=\"evil\" table:sql-statement=\"SELECT\"/></table:database-range>"
      "</table:database-ranges><table:data-pilot-tables><table:data-pilot-table "
      "table:name=\"pilot\"/></table:data-pilot-tables><table:dde-links><table:dde-link>"
      "<office:dde-source office:dde-application=\"cmd\"/></table:dde-link></table:dde-links>"));
  const std::string all = all_of(outcome);
  for (const char *stays : {"<text:p>7<", "Good", "S.A1:S.B2"})
    EXPECT_HAS(all, stays);
  for (const char *gone :
       {"evil", "source", "Bad", "Worse", "DDE", "cmd", "SELECT", "pilot", "dde", "file:"})
    EXPECT_LACKS(all, gone);
  for (const Reason reason : {Reason::office_external, Reason::office_dde, Reason::office_data})
    EXPECT_TRUE(says(outcome, reason)) << word_of(reason);
}

TEST(Odf, formulas) {
  const auto formula = [](const std::string &text) {
    return cell("table:formula=\"" + text + "\"");
  };
  const std::string ods = make_ods(sheet(row(
      formula("of:=SUM([.B1:.B2];&quot;|&quot;)") +
      formula("of:=WEBSERVICE(&quot;http://evil.example&quot;)") +
      formula("of:=hyperlink (&quot;http://evil.example&quot;)") +
      formula("of:=DDE(&quot;soffice&quot;;&quot;evil&quot;;&quot;x&quot;)") +
      formula("of:=['file:///evil.ods'#$S.A1]") + formula("of:=COM.SUN.STAR.EVIL(1)") +
      formula("of:=cmd|'/c evil'!A0") + formula("strange:=EVIL([.A1])") + formula("of:={1;2|3;4}") +
      formula("ooow:ooow+COM.MICROSOFT.WEBSERVICE(&quot;http://evil.example&quot;)") + formula("ooow:ooow+info (&quot;evil&quot;)") +
      formula("of:=DDE&#10;(&quot;evil&quot;)") + formula("of:=INDIRECT(&quot;evil&quot;)") +
      formula("of:=[S'x.A1]&amp;DDE(&quot;evil&quot;)&amp;[S'x.A1]") +
      formula("of:=[$'O''Brien # 1'.A1]+[.#REF!]") + formula("of:=COM.MICROSOFT.CONCAT([.A1])"))));
  const job::Outcome outcome = run(ods);
  const std::string all = all_of(outcome);
  for (const char *stays : {"of:=SUM([.B1:.B2];&quot;|&quot;)", "of:={1;2|3;4}", "O''Brien # 1",
                            "COM.MICROSOFT.CONCAT", "office:value=\"5\""})
    EXPECT_HAS(all, stays);
  for (const char *gone : {"WEBSERVICE", "hyperlink", "DDE", "evil", "EVIL", "cmd"})
    EXPECT_LACKS(all, gone);
  EXPECT_TRUE(says(outcome, Reason::office_dde));
  EXPECT_TRUE(says(outcome, Reason::office_external));
  EXPECT_TRUE(says(outcome, Reason::office_formula_to_value));
  job::Plan values = plan();
  values.formulas = job::Formulas::values;
  EXPECT_LACKS(all_of(run(ods, values)), "formula");
  EXPECT_HAS(all_of(run(ods, values)), "office:value=\"5\"");
  EXPECT_FALSE(says(run(ods, values), Reason::office_field_empty));
  const std::string without_value = make_ods(sheet(row("<table:table-cell table:formula=\"of:=SUM([.B1:.B2])\" office:value-type=\"float\"/>")));
  EXPECT_TRUE(says(run(without_value, values), Reason::office_field_empty));
  EXPECT_FALSE(says(run(without_value), Reason::office_field_empty));
}

TEST(Odf, conditions) {
  const std::string style = "<style:style style:name=\"c\" style:family=\"table-cell\">"
                            "<style:map style:condition=\"cell-content()&gt;=5\" "
                            "style:apply-style-name=\"d\"/><style:map "
                            "style:condition=\"is-true-formula(WEBSERVICE(1))\" "
                            "style:apply-style-name=\"evil\"/></style:style>";
  const job::Outcome outcome =
      run(make_ods("<table:content-validations><table:content-validation table:name=\"v\" "
                   "table:condition=\"of:cell-content-is-in-list(&quot;a&quot;;&quot;b&quot;)\"><"
                   "table:error-macro "
                   "table:execute=\"true\"/></table:content-validation><table:content-validation "
                   "table:name=\"w\" "
                   "table:condition=\"of:is-true-formula(DDE(1))\"/></table:content-validations>",
                   style));
  const std::string all = all_of(outcome);
  const std::string added = all_of(run(make_ods(
      "<calcext:conditional-formats><calcext:conditional-format "
      "calcext:target-range-address=\"S.A1\"><calcext:condition "
      "calcext:value=\"formula-is([.A1]&gt;1)\" calcext:apply-style-name=\"d\"/><calcext:condition "
      "calcext:value=\"formula-is(WEBSERVICE(1))\"/></calcext:conditional-format>"
      "</calcext:conditional-formats>")));
  EXPECT_HAS(added, "calcext:value=\"formula-is([.A1]&gt;1)\"");
  EXPECT_LACKS(added, "WEBSERVICE");
  EXPECT_HAS(all, "cell-content-is-in-list");
  EXPECT_HAS(all, "cell-content()&gt;=5");
  for (const char *gone : {"WEBSERVICE", "evil", "DDE", "macro"})
    EXPECT_LACKS(all, gone);
}

TEST(Odf, links_become_text) {
  const job::Outcome outcome = run(make_odt(
      paragraph("<text:a xlink:href=\"http://evil.example/\">here</text:a><text:a "
                "xlink:href=\"#chapter\">inside</text:a>") +
      "<draw:a xlink:href=\"file://evil/x\"><draw:frame><draw:text-box>" + paragraph("box") +
      "</draw:text-box></draw:frame></draw:a>"
      "<draw:frame><draw:text-box/><draw:image-map><draw:area-rectangle "
      "xlink:href=\"http://evil.example/\"/></draw:image-map></draw:frame>"));
  const std::string all = all_of(outcome);
  for (const char *stays : {"here", "xlink:href=\"#chapter\"", "box"})
    EXPECT_HAS(all, stays);
  EXPECT_LACKS(all, "evil");
  EXPECT_LACKS(all, "area");
  EXPECT_TRUE(says(outcome, Reason::office_link_to_text));
  EXPECT_FALSE(says(outcome, Reason::part_external_link));
  const job::Outcome said = run(make_odt(paragraph(
      "<text:a xlink:href=\"#http://evil.example/\">1</text:a><text:a xlink:href=\"#Sheet1.A1:B2\">2</text:a>"
      "<text:a xlink:href=\"# file:%2f%2fevil/\">3</text:a><text:a xlink:href=\"#1.概要: a/b|outline\">4</text:a>")));
  EXPECT_LACKS(all_of(said), "evil");
  for (const char *stays : {"1<", "#Sheet1.A1:B2", "3<", "a/b|outline"})
    EXPECT_HAS(all_of(said), stays);
  EXPECT_TRUE(says(said, Reason::part_external_link));
}

TEST(Odf, pictures_come_from_the_package_alone) {
  const std::string image = "<draw:image xlink:href=\"";
  const job::Outcome outcome = run(make_odt(
      "<draw:frame>" + image + "http://evil.example/x.png\"/></draw:frame><draw:frame>" + image +
          "../../evil.png\"/></draw:frame><draw:frame>" + image +
          "Pictures/a.png\"/></draw:frame><draw:frame><draw:image><office:binary-data>AAAA"
          "</office:binary-data></draw:image></draw:frame>",
      "<style:style style:name=\"p\" style:family=\"paragraph\"><style:paragraph-properties>"
      "<style:background-image xlink:href=\"http://evil.example/y\"/><style:background-image "
      "xlink:href=\"Pictures/a.png\"/></style:paragraph-properties></style:style>"
      "<style:font-face style:name=\"F\"><svg:font-face-src><svg:font-face-uri "
      "xlink:href=\"http://evil.example/f\"/></svg:font-face-src></style:font-face>",
      {{"Pictures/a.png", png}}));
  const std::string all = all_of(outcome);
  EXPECT_HAS(all, "<draw:image xlink:href=\"Pictures/image1.png\"/>");
  EXPECT_HAS(all, "<style:background-image xlink:href=\"Pictures/image1.png\"/>");
  EXPECT_HAS(all, "<style:background-image/>");
  for (const char *gone : {"evil", "AAAA", "image2", "script"})
    EXPECT_LACKS(all, gone);
  EXPECT_TRUE(says(outcome, Reason::office_external));
  EXPECT_TRUE(says(outcome, Reason::office_picture_removed));
}

/// OpenDocument 1.3 part 3, 20.185: lengths of the picture as it is printed.
TEST(Odf, parts_of_pictures_that_are_not_shown) {
  Pixels pixels{96, 48, 1, Scratch(96 * 48)};
  pixels.density = {96, 96};
  const std::string picture(as_chars(write_png(pixels)));
  const auto with = [&](const std::string &clip, const std::string &frames = "<draw:frame draw:style-name=\"fr1\"><draw:image xlink:href=\"Pictures/a.png\"/></draw:frame>") {
    return make_odt(frames, "<style:style style:name=\"g\" style:family=\"graphic\"><style:graphic-properties fo:clip=\"" + clip +
                                "\"/></style:style><style:style style:name=\"fr1\" style:family=\"graphic\" style:parent-style-name=\"g\"/>",
                    {{"Pictures/a.png", picture}});
  };
  const auto widths = [](const std::string &all) {
    std::vector<int> widths;
    for (std::size_t at = 0; (at = all.find("IHDR", at)) != all.npos; ++at)
      widths.push_back(all[at + 7]);
    return widths;
  };
  job::Plan removing = plan();
  removing.hidden = job::Beside::remove;
  const std::string half = with("rect(0cm, 0.25in, 0cm, 0.25in)");
  EXPECT_TRUE(says(run(half), Reason::office_hidden));
  EXPECT_HAS(all_of(run(half)), "fo:clip");
  EXPECT_EQ(widths(all_of(run(half))), std::vector({96}));
  EXPECT_TRUE(says(run(half, removing), Reason::office_hidden_removed));
  EXPECT_LACKS(all_of(run(half, removing)), "fo:clip");
  EXPECT_EQ(widths(all_of(run(half, removing))), std::vector({48}));
  // Each use has its own picture.
  const std::string both = with("rect(auto 0in 0in 0.5in)", "<draw:frame draw:style-name=\"fr1\"><draw:image xlink:href=\"Pictures/a.png\"/></draw:frame>"
                                                         "<draw:frame><draw:image xlink:href=\"Pictures/a.png\"/></draw:frame>");
  EXPECT_EQ(widths(all_of(run(both, removing))), std::vector({48, 96}));
  const std::string on_slide = support::make_odp("<draw:page><draw:frame presentation:style-name=\"s\"><draw:image xlink:href=\"Pictures/a.png\"/></draw:frame></draw:page>",
                                                 "<style:style style:name=\"s\" style:family=\"presentation\"><style:graphic-properties fo:clip=\"rect(0in 0.5in 0in 0in)\"/></style:style>",
                                                 {{"Pictures/a.png", picture}});
  EXPECT_EQ(widths(all_of(run(on_slide, removing))), std::vector({48}));
  for (const char *whole : {"auto", "rect(0cm, 0cm, 0cm, 0cm)", "rect(0.001cm, 0cm, 0cm, -1cm)"})
    EXPECT_FALSE(says(run(with(whole), removing), Reason::office_hidden_removed)) << whole;
}

TEST(Odf, a_grey_field_only_where_there_is_no_other_picture) {
  const std::string good =
      std::string(as_chars(run(make_odt("<draw:frame><draw:image xlink:href=\"Pictures/a\"/>"
                                        "</draw:frame>",
                                        "", {{"Pictures/a", png}}))
                               .output));
  const zip::Archive archive = zip::read(as_bytes(good));
  zip::Unpacker unpacker; // the grey field itself is a picture that can be built anew
  const std::string grey(as_chars(*unpacker.unpack(*archive.find("Pictures/image1.png"))));
  const std::string all = all_of(run(
      make_odt("<draw:frame><draw:image xlink:href=\"Pictures/a.svg\"/><draw:image "
               "xlink:href=\"Pictures/b.png\"/></draw:frame>",
               "", {{"Pictures/a.svg", "<svg onload=\"evil()\"/>"}, {"Pictures/b.png", grey}})));
  EXPECT_HAS(all, "<draw:frame><draw:image xlink:href=\"Pictures/image2.png\"/></draw:frame>");
}

TEST(Odf, tracked_changes_by_rule) {
  const std::string odt = make_odt(
      "<text:tracked-changes><text:changed-region xml:id=\"c1\" text:id=\"c1\"><text:deletion>"
      "<office:change-info><dc:creator>Someone</dc:creator></office:change-info>" +
      paragraph("old") + "</text:deletion></text:changed-region></text:tracked-changes>" +
      paragraph("a<text:change text:change-id=\"c1\"/><text:change-start "
                "text:change-id=\"c2\"/>new<text:change-end text:change-id=\"c2\"/>") +
      paragraph("b<office:annotation><dc:creator>Someone</dc:creator>" + paragraph("remark") +
                "</office:annotation>"));
  const job::Outcome removed = run(odt);
  EXPECT_HAS(all_of(removed), "<text:p>anew</text:p><text:p>b</text:p>");
  for (const char *gone : {"old", "Someone", "change", "remark"})
    EXPECT_LACKS(all_of(removed), gone);
  EXPECT_TRUE(says(removed, Reason::office_tracked_removed));
  job::Plan keeping = plan();
  keeping.tracked = job::Beside::keep;
  const job::Outcome kept = run(odt, keeping);
  for (const char *stays : {"old", "Someone", "text:change-start", "remark"})
    EXPECT_HAS(all_of(kept), stays);
  EXPECT_TRUE(says(kept, Reason::office_tracked));
}

TEST(Odf, hidden_text_by_rule) {
  const std::string styles =
      "<style:style style:name=\"T1\" style:family=\"text\"><style:text-properties "
      "text:display=\"none\"/></style:style><style:style style:name=\"T2\" style:family=\"text\" "
      "style:parent-style-name=\"T1\"/><style:style style:name=\"T3\" style:family=\"text\" "
      "style:parent-style-name=\"T1\"><style:text-properties text:display=\"true\"/></style:style>";
  const std::string odt = make_odt(
      paragraph("seen<text:span text:style-name=\"T2\">secret1</text:span><text:span "
                "text:style-name=\"T3\">shown</text:span>") +
          "<text:section text:name=\"s\" text:display=\"none\">" + paragraph("secret2") +
          "</text:section>" +
          paragraph("secret3<text:hidden-paragraph text:condition=\"ooow:1==1\" "
                    "text:is-hidden=\"true\"/>") +
          paragraph("<text:span text:style-name=\"common\">secret4</text:span>"),
      styles,
      {{"styles.xml", std::string("<office:document-styles") + support::odf_namespaces +
                          "><office:styles><style:style style:name=\"common\" "
                          "style:family=\"text\"><style:text-properties text:display=\"none\"/>"
                          "</style:style></office:styles></office:document-styles>"}});
  for (const char *stays : {"seen", "shown", "secret1", "secret2", "secret3", "secret4"})
    EXPECT_HAS(all_of(run(odt)), stays);
  EXPECT_TRUE(says(run(odt), Reason::office_hidden));
  job::Plan removing = plan();
  removing.hidden = job::Beside::remove;
  const std::string all = all_of(run(odt, removing));
  EXPECT_HAS(all, "seen");
  EXPECT_HAS(all, "shown");
  EXPECT_LACKS(all, "secret");
  EXPECT_TRUE(says(run(odt, removing), Reason::office_hidden_removed));
}

/// Of an index, and of a variable that is set without being shown.
TEST(Odf, words_not_seen_where_they_stand) {
  job::Plan removing = plan();
  removing.hidden = job::Beside::remove;
  for (const std::string unseen : {"<text:alphabetical-index-mark text:string-value=\"secret\"/>", "<text:toc-mark text:string-value=\"secret\" text:outline-level=\"1\"/>",
                                   "<text:variable-set text:name=\"v\" text:display=\"none\" office:value-type=\"string\">secret</text:variable-set>"}) {
    const std::string odt = make_odt(paragraph("seen" + unseen));
    EXPECT_HAS(all_of(run(odt)), "secret");
    EXPECT_TRUE(says(run(odt), Reason::office_hidden)) << unseen;
    EXPECT_LACKS(all_of(run(odt, removing)), "secret");
    EXPECT_TRUE(says(run(odt, removing), Reason::office_hidden_removed)) << unseen;
  }
  const std::string shown = make_odt(paragraph("<text:variable-set text:name=\"v\" office:value-type=\"string\">seen</text:variable-set>"));
  EXPECT_HAS(all_of(run(shown, removing)), "seen");
  EXPECT_FALSE(says(run(shown), Reason::office_hidden));
}

TEST(Odf, hidden_in_other_words) {
  const std::string ods = make_ods(
      sheet("<table:table-column table:number-columns-repeated=\"&#50;\"/><table:table-column "
            "table:visibility=\" coll&#97;pse\"/>" +
            row(cell("", "1001") + cell("", "1002") + cell("", "1003")) +
            "<table:table-row table:visibility=\"&#99;ollapse\">" + cell("", "1004") +
            "</table:table-row>"),
      "");
  job::Plan removing = plan();
  removing.hidden = job::Beside::remove;
  const std::string all = all_of(run(ods, removing));
  for (const char *stays : {"1001", "1002"})
    EXPECT_HAS(all, stays);
  for (const char *gone : {"1003", "1004"})
    EXPECT_LACKS(all, gone);
}

TEST(Odf, many_hidden_columns) {
  job::Plan removing = plan();
  removing.hidden = job::Beside::remove;
  const auto many = [](unsigned columns, unsigned cells) {
    std::string text;
    for (unsigned i = 0; i < columns; ++i)
      text += i % 2 == 0 ? "<table:table-column/>" : "<table:table-column table:visibility=\"collapse\"/>";
    std::string of_row;
    for (unsigned i = 0; i < cells; ++i)
      of_row += cell("", std::to_string(1001 + i));
    return make_ods(sheet(text + row(of_row)), "");
  };
  const std::string all = all_of(run(many(8, 10), removing));
  for (unsigned i = 0; i < 10; ++i)
    EXPECT_EQ(all.find(std::to_string(1001 + i)) == all.npos, i < 8 && i % 2 == 1) << i;
  const auto cost = [&](unsigned columns) {
    const std::string ods = many(columns, 100'000);
    return test::cost_of([&] { EXPECT_EQ(run(ods, removing).status, job::Status::clean); });
  };
  EXPECT_LT(cost(100'000), 8 * cost(1)); // each cell asked of each column: hundreds
  // A column that claims to be as many as can be counted does not move those behind it to the first.
  const std::string around = all_of(run(
      make_ods(sheet("<table:table-column table:number-columns-repeated=\"4294967295\"/><table:table-column/>"
                     "<table:table-column table:visibility=\"collapse\"/>" +
                     row(cell("", "1001"))), ""), removing));
  EXPECT_HAS(around, "1001");
}

TEST(Odf, hidden_sheets_rows_columns_and_slides_by_rule) {
  const std::string styles =
      "<style:style style:name=\"ta\" style:family=\"table\"><style:table-properties "
      "table:display=\"false\"/></style:style>";
  const std::string ods = make_ods(
      sheet("<table:table-column table:number-columns-repeated=\"2\"/><table:table-column "
            "table:visibility=\"collapse\"/><table:table-column "
            "table:visibility=\"filter\"/><table:table-column/>" +
            row(cell("", "1001") + cell("", "1002") +
                cell("table:number-columns-repeated=\"2\"", "1003") + cell("", "1004")) +
            row("<table:table-cell/><table:table-cell/><table:table-cell>1008</table:table-cell>") +
            "<table:table-row table:visibility=\"collapse\">" + cell("", "1005") +
            "</table:table-row>") +
          sheet("1009" + row(cell("", "1006") + "1007"),
                "table:name=\"H\" table:style-name=\"ta\""),
      styles);
  job::Plan removing = plan();
  removing.hidden = job::Beside::remove;
  const std::string all = all_of(run(ods, removing));
  for (const char *stays : {"1001", "1002", "1004", "table:name=\"H\""})
    EXPECT_HAS(all, stays);
  for (const char *gone : {"1003", "1005", "1006", "1007", "1008", "1009"})
    EXPECT_LACKS(all, gone);
  EXPECT_HAS(all_of(run(ods)), "1006");

  const std::string odp = make_odp(
      "<draw:page draw:name=\"one\"/><draw:page draw:name=\"two\" draw:style-name=\"dp\"/>",
      "<style:style style:name=\"dp\" style:family=\"drawing-page\"><style:drawing-page-properties "
      "presentation:visibility=\"hidden\"/></style:style>");
  EXPECT_HAS(all_of(run(odp)), "two");
  EXPECT_TRUE(says(run(odp), Reason::office_hidden));
  EXPECT_HAS(all_of(run(odp, removing)), "one");
  EXPECT_LACKS(all_of(run(odp, removing)), "two");
}

TEST(Odf, hidden_shapes_and_layers) {
  job::Plan removing = plan();
  removing.hidden = job::Beside::remove;
  const std::string styles = std::string("<office:document-styles") + support::odf_namespaces +
                             "><office:master-styles><draw:layer-set><draw:layer draw:name=\"layout\"/><draw:layer draw:name=\"a\" "
                             "draw:display=\"none\"/><draw:layer draw:name=\"b\" draw:display=\"printer\"/></draw:layer-set></office:master-styles>"
                             "</office:document-styles>";
  const auto slides = [&](const std::string &attributes) {
    const std::string text = "<draw:text-box><text:p>secret</text:p></draw:text-box>";
    return support::make_odf("presentation",
                             support::odf_content("presentation", "<draw:page><draw:frame draw:layer=\"layout\"><draw:text-box><text:p>seen</text:p>"
                                                                  "</draw:text-box></draw:frame><draw:frame " + attributes + ">" + text +
                                                                      "</draw:frame><draw:g><draw:rect " + attributes +
                                                                      "><text:p>secret</text:p></draw:rect></draw:g></draw:page>"),
                             {{"styles.xml", styles}});
  };
  for (const char *hidden : {"draw:layer=\"a\"", "draw:layer=\" &#98;\"", "draw:display=\"none\"", "draw:display=\"printer\""}) {
    EXPECT_HAS(all_of(run(slides(hidden))), "secret");
    EXPECT_TRUE(says(run(slides(hidden)), Reason::office_hidden)) << hidden;
    const job::Outcome removed = run(slides(hidden), removing);
    EXPECT_LACKS(all_of(removed), "secret");
    EXPECT_HAS(all_of(removed), "seen");
    EXPECT_TRUE(says(removed, Reason::office_hidden_removed));
  }
  for (const char *shown : {"draw:layer=\"layout\"", "draw:display=\"always\"", "draw:display=\"screen\"", ""}) {
    EXPECT_HAS(all_of(run(slides(shown), removing)), "secret");
    EXPECT_FALSE(says(run(slides(shown), removing), Reason::office_hidden_removed)) << shown;
  }
}

TEST(Odf, strangers) {
  const job::Outcome outcome = run(make_odt(
      "<x:evil>text</x:evil><loext:content-control><text:p>kept</text:p></loext:content-control>"
      "<text:p x:onload=\"evil\" text:unheard=\"evil\" onload=\"evil\" "
      "draw:engine=\"evil\">p</text:p>"
      "<text:p><text:author-name>Kanko</text:author-name></text:p>"));
  const std::string all = all_of(outcome);
  EXPECT_HAS(all, "<text:p>kept</text:p><text:p>p</text:p><text:p>Kanko</text:p>");
  for (const char *gone : {"evil", "content-control", "author"})
    EXPECT_LACKS(all, gone);
  EXPECT_TRUE(says(outcome, Reason::office_unlisted));
}

std::string quoted_printable(const std::string &octets) {
  std::string out;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    char coded[8];
    std::snprintf(coded, sizeof coded, "=%02X%s", static_cast<unsigned char>(octets[i]),
                  i % 24 == 23 ? "=\r\n" : "");
    out += coded;
  }
  return out;
}

TEST(Odf, in_a_mail_under_its_own_type) {
  const std::string mail =
      "From: a@example.jp\r\nTo: b@example.jp\r\nMIME-Version: 1.0\r\nContent-Type: "
      "multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n\r\nhello\r\n--b\r\nContent-Type: "
      "application/octet-stream\r\nContent-Disposition: attachment; filename=\"a.ots\"\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n\r\n" +
      quoted_printable(make_ods("")) + "\r\n--b--\r\n";
  job::Job job;
  job.what = job::What::mail;
  job.receipt = "T-1";
  job.plan = plan();
  job.bytes = as_bytes(mail);
  const job::Outcome outcome =
      rebuild::mail(job, [](const job::Job &inside) { return rebuild::file(inside); });
  ASSERT_EQ(outcome.status, job::Status::clean) << word_of(outcome.reason);
  std::string written(as_chars(outcome.output));
  EXPECT_HAS(written, "filename=\"a.ods\"");
  EXPECT_TRUE(verify::accept_mail(as_bytes(written)));
  const std::string type = "application/vnd.oasis.opendocument.spreadsheet";
  const std::size_t at = written.find(type);
  ASSERT_NE(at, std::string::npos);
  EXPECT_FALSE(verify::accept_mail(
      as_bytes(written.replace(at, type.size(), "application/vnd.oasis.opendocument.text"))));
}

TEST(Odf, refused_by_name) {
  const auto reason = [](const std::string &octets) { return run(octets).reason; };
  const std::string content = odf_content("text", "");
  EXPECT_EQ(reason(make_odf("text", "<!DOCTYPE x [<!ENTITY a \"aaaa\">]>" +
                                        content.substr(content.find("<office")))),
            Reason::xml_doctype);
  EXPECT_EQ(reason(make_odf("text", content.substr(0, content.size() - 3))),
            Reason::part_malformed);
  EXPECT_EQ(reason(make_odt("<text:p xmlns:t=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" "
                            "text:style-name=\"a\" t:style-name=\"b\"/>")),
            Reason::part_malformed);
  EXPECT_EQ(reason(make_odf("text", odf_content("spreadsheet", ""))), Reason::part_ambiguous);
  EXPECT_EQ(reason(make_odf("text-master", content)), Reason::part_office_not_rebuilt);
  EXPECT_EQ(reason(make_odf("base", content)), Reason::part_office_not_rebuilt);
  EXPECT_EQ(reason(make_odf("text", odf_content("text", std::string(300, 'x').replace(
                                                            0, 0,
                                                            [] {
                                                              std::string deep;
                                                              for (int i = 0; i < 300; ++i)
                                                                deep += "<text:p>";
                                                              return deep;
                                                            }())))),
            Reason::part_too_deep);
  // The kind alone would say so for a whole file; here what stands inside is asked.
  const std::string locked = make_odf(
      "text", content,
      {{"META-INF/manifest.xml",
        "<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\">"
        "<manifest:file-entry manifest:full-path=\"content.xml\"><manifest:encryption-data/>"
        "</manifest:file-entry></manifest:manifest>"}});
  job::Job job;
  job.bytes = as_bytes(locked);
  EXPECT_EQ(odf_document(job, {}).error(), Reason::part_encrypted);
  EXPECT_EQ(reason(locked), Reason::part_encrypted);
}

TEST(Odf, what_is_malformed_is_not_given_to_libreoffice) {
  job::Plan render = support::plan();
  render.treatments[static_cast<std::size_t>(job::KindClass::office)] = job::Treatment::render;
  const std::string content = odf_content("text", "");
  EXPECT_EQ(run(make_odf("text", content), render).reason, Reason::part_engine_missing);
  EXPECT_EQ(run(make_odf("base", content), render).reason, Reason::part_engine_missing);
  EXPECT_EQ(run(make_odf("text", content.substr(0, content.size() - 3)), render).reason,
            Reason::part_malformed);
  EXPECT_EQ(run(make_odf("text", "<!DOCTYPE x>" + content), render).reason, Reason::xml_doctype);
}

TEST(Odf, what_the_pages_do_not_show_is_told) {
  job::Plan render = support::plan();
  render.treatments[static_cast<std::size_t>(job::KindClass::office)] = job::Treatment::render;
  const auto told = [&](const std::string &octets) {
    std::vector<Reason> reasons = run(octets, render).report.parts.front().reasons;
    std::erase(reasons, Reason::part_engine_missing);
    return reasons;
  };
  EXPECT_EQ(told(make_odt(paragraph("a"))), std::vector<Reason>());
  EXPECT_EQ(told(make_odt("<text:section text:name=\"s\" text:display=\"none\">" + paragraph("a") + "</text:section>")),
            std::vector<Reason>({Reason::office_hidden_removed}));
  EXPECT_EQ(told(make_odf("text", odf_content("text", ""), {{"Basic/Standard/Module1.xml", "x"}})),
            std::vector<Reason>({Reason::part_macro}));
  const std::vector<Reason> nothing, unprinted = {Reason::office_not_printed};
  const auto slide = [&](const std::string &notes) {
    return told(make_odp("<draw:page><presentation:notes>" + notes + "</presentation:notes></draw:page>"));
  };
  EXPECT_EQ(slide("<draw:frame><draw:text-box>" + paragraph("say this") + "</draw:text-box></draw:frame>"), unprinted);
  EXPECT_EQ(slide("<draw:frame><draw:text-box>" + paragraph("<text:page-number>1</text:page-number>") +
                  "</draw:text-box></draw:frame>"),
            nothing);
  const auto sheet = [&](const std::string &attributes) { // A1, D2 and D3
    const std::string cell = "<table:table-cell office:value-type=\"string\">" + paragraph("a") + "</table:table-cell>";
    return told(make_ods("<table:table table:name=\"s\"" + attributes + "><table:table-row>" + cell +
                         "</table:table-row><table:table-row table:number-rows-repeated=\"2\">"
                         "<table:table-cell table:number-columns-repeated=\"3\"/>" +
                         cell + "</table:table-row></table:table>"));
  };
  EXPECT_EQ(sheet(""), nothing);
  EXPECT_EQ(sheet(" table:print-ranges=\"s.A1:s.D3\""), nothing);
  EXPECT_EQ(sheet(" table:print-ranges=\"'a b'.A1 s.D2:s.D3\""), nothing);
  EXPECT_EQ(sheet(" table:print-ranges=\"s.A1:s.D2\""), unprinted);
  EXPECT_EQ(sheet(" table:print-ranges=\"s.A1:s.C9\""), unprinted);
  EXPECT_EQ(sheet(" table:print=\"false\""), unprinted);
}

TEST(Odf, every_cut_and_change_is_clean_or_has_a_reason) {
  const std::string whole = make_odt(paragraph("text"));
  for (std::size_t size = 0; size < whole.size(); size += 3)
    EXPECT_NE(run(whole.substr(0, size)).status, job::Status::clean);
  const std::string body = sheet(row(cell("table:formula=\"of:=SUM([.A1:.B1])\"")));
  for (std::size_t at = 0; at < body.size(); ++at)
    for (const char octet : {'<', '>', '&', '"', '\'', '|', '#', ' '}) {
      std::string other = body;
      other[at] = octet;
      const job::Outcome outcome = run(make_ods(other)); // verified there
      EXPECT_EQ(outcome.status == job::Status::clean, outcome.reason == Reason::none);
    }
}

TEST(OfficeCode, open_formulas) {
  for (const char *calm :
       {"=1+1", "=SUM([.A1:.B2])", "=[$'a#b'.A1]", "=IF([.A1]=\"DDE(\";1;2)", "={1;2|3;4}",
        "=[.#REF!]", "=[#REF!.A1]", "=[.$#REF!$1]", "=[.A#REF!]", "=[$'S 1'.A1:$'O''B'.B2]",
        "=[S.$$'a name']", "='label a'+1", "=SUM\n([.A1])", "=\"a\"\"b\"&[.A1]", "=#N/A",
        "=LEGACY.NORMSDIST([.A1])", "=MULTIPLE.OPERATIONS([.A1];[.B1];[.C1])"})
    EXPECT_EQ(judge_open_formula(calm), Reason::none) << calm;
  for (const char *never : {"=DDE(1)",
                            "=dde (1)",
                            "=['file:///a'#$S.A1]",
                            "=[http://x/a.ods#S.A1]",
                            "='file:///a'#$S.A1",
                            "=a|b!c",
                            "={1|2}|3",
                            "=[.A1",
                            "=\"open",
                            "=MyMacro()",
                            "=is-true-formula(1)",
                            "=http://x",
                            "=DDE\n(1)",
                            "=COM.MICROSOFT.WEBSERVICE\r(1)",
                            "=DDE\t (1)",
                            "=INDIRECT([.A1])",
                            "=COM.MICROSOFT.WEBSERVICE",
                            "=[e.ods#REF!.A1]",
                            "=[file:e.ods#REF!.A1]",
                            "=[S'x.A1]&DDE(1)&[S'x.A1]",
                            "=[.A1']+DDE(1)+['.A1]",
                            "='a'''+DDE(1)+''",
                            "=[$S'.A1]+DDE(1)+[$S'.A1]",
                            "={1;'}+DDE(1)+{'}",
                            "=A1'+DDE(1)+'",
                            "=[S.$'].A1]",
                            "=['a]+DDE(1)+['.A1]",
                            "=A1\"+DDE(1)+\"",
                            "=1]"})
    EXPECT_NE(judge_open_formula(never), Reason::none) << never;
  std::string lost = "=[.A";
  for (int i = 0; i < 300'000; ++i)
    lost += "#REF!"; // at once, however many
  EXPECT_NE(judge_open_formula(lost + "]"), Reason::none);
  EXPECT_EQ(judge_open_formula("cell-content-is-between(1;5)", true), Reason::none);
  EXPECT_NE(judge_open_formula("is-true-formula(DDE(1))", true), Reason::none);
}

TEST(OdfCorpus, all_verified_or_named) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  std::map<std::string, int> outcomes;
  for (const auto &entry : std::filesystem::recursive_directory_iterator(
           corpus::folder() / "files/office/odftoolkit")) {
    if (!entry.is_regular_file() || entry.path().extension().string().substr(0, 2) != ".o")
      continue;
    const job::Outcome outcome = run(corpus::read(entry.path()));
    ++outcomes[outcome.status == job::Status::clean ? "clean"
                                                    : std::string(word_of(outcome.reason))];
    if (outcome.status != job::Status::clean) continue;
    const std::string all = all_of(outcome);
    for (const char *gone : {"Basic/", "script:", "draw:object-ole", "form:", "://evil", "dde-",
                             "<!DOCTYPE", "settings.xml"})
      EXPECT_LACKS(all, gone) << entry.path();
  }
  for (const auto &[word, count] : outcomes)
    std::printf("%s: %d\n", word.c_str(), count);
  EXPECT_GE(outcomes["clean"], 50);
}

} // namespace
} // namespace sekisho::rebuild
