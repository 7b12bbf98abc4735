#include "bench/render_office.hh"

#include "tests/unit/sanitizer/support/make_ooxml.hh"

#include <iterator>

namespace sekisho::bench {
namespace {

using support::Members;

constexpr const char *official = "application/vnd.openxmlformats-officedocument.";

std::string words(unsigned seed) {
  static constexpr const char *known[] = {
      "令和八年度",     "予算", "について", "住民税", "の",       "申告", "を",
      "受け付けます。", "窓口", "総務課",   "から",   "お知らせ", "期限", "までに"};
  std::string text;
  for (unsigned i = 0; i < 12; ++i)
    text += known[(seed * 7 + i * i * 5 + seed / 3) % std::size(known)];
  return text;
}

/// Parts: {path, type without the official prefix}.
Members::value_type content_types(const std::vector<std::pair<std::string, std::string>> &parts) {
  std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
      "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
      "<Default Extension=\"rels\" "
      "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
      "<Default Extension=\"xml\" ContentType=\"application/xml\"/>";
  for (const auto &[path, type] : parts)
    text += "<Override PartName=\"/" + path + "\" ContentType=\"" + official + type + "+xml\"/>";
  return {"[Content_Types].xml", text + "</Types>"};
}

Members::value_type root(const std::string &target) {
  return {"_rels/.rels", support::relationships({{"rId1", "officeDocument", target}})};
}

std::string docx() {
  std::string body;
  for (unsigned i = 0; i < 24; ++i)
    body += "<w:p><w:r><w:rPr><w:rFonts w:ascii=\"IPAMincho\" w:eastAsia=\"IPAMincho\"/><w:sz "
            "w:val=\"21\"/></w:rPr><w:t>" +
            words(i) + " " + std::to_string(i * 37) + "</w:t></w:r></w:p>";
  return support::make_package(
      {content_types({{"word/document.xml", "wordprocessingml.document.main"}}),
       root("word/document.xml"),
       {"word/document.xml",
        std::string("<?xml version=\"1.0\"?><w:document") + support::namespaces + "><w:body>" +
            body +
            "<w:sectPr><w:pgSz w:w=\"11906\" w:h=\"16838\"/></w:sectPr></w:body></w:document>"}});
}

std::string xlsx() {
  std::string rows;
  for (unsigned row = 1; row <= 40; ++row) {
    const std::string r = std::to_string(row);
    rows += "<row r=\"" + r + "\"><c r=\"A" + r + "\" t=\"inlineStr\"><is><t>" +
            words(row).substr(0, 30) + "</t></is></c>";
    for (char column = 'B'; column < 'G'; ++column)
      rows += std::string("<c r=\"") + column + r + "\"><v>" + std::to_string(row * 131 % 9973) +
              "</v></c>";
    rows += "</row>";
  }
  return support::make_package(
      {content_types({{"xl/workbook.xml", "spreadsheetml.sheet.main"},
                      {"xl/worksheets/sheet1.xml", "spreadsheetml.worksheet"}}),
       root("xl/workbook.xml"),
       {"xl/workbook.xml",
        std::string("<workbook") + support::sheet_namespace +
            "><sheets><sheet name=\"表\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"},
       {"xl/_rels/workbook.xml.rels",
        support::relationships({{"rId1", "worksheet", "worksheets/sheet1.xml"}})},
       {"xl/worksheets/sheet1.xml", std::string("<worksheet") + support::sheet_namespace +
                                        "><sheetData>" + rows + "</sheetData></worksheet>"}});
}

std::string slide(unsigned number) {
  std::string shapes;
  for (unsigned k = 0; k < 6; ++k)
    shapes +=
        "<p:sp><p:nvSpPr><p:cNvPr id=\"" + std::to_string(k + 2) +
        "\" name=\"s\"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm><a:off x=\"457200\" y=\"" +
        std::to_string(457200 + k * 1000000) +
        "\"/><a:ext cx=\"8000000\" cy=\"800000\"/></a:xfrm><a:prstGeom "
        "prst=\"rect\"><a:avLst/></a:prstGeom>"
        "<a:solidFill><a:srgbClr "
        "val=\"C0E0FF\"/></a:solidFill></p:spPr><p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:r>"
        "<a:rPr lang=\"ja-JP\" sz=\"1800\"/><a:t>" +
        words(number * 31 + k) + "</a:t></a:r></a:p></p:txBody></p:sp>";
  return std::string("<p:sld") + support::namespaces +
         "><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id=\"1\" "
         "name=\"\"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>" +
         shapes + "</p:spTree></p:cSld></p:sld>";
}

std::string pptx() {
  Members members;
  std::vector<std::pair<std::string, std::string>> types = {
      {"ppt/presentation.xml", "presentationml.presentation.main"}};
  std::vector<std::vector<std::string>> relations;
  std::string list;
  for (unsigned i = 1; i <= 5; ++i) {
    const std::string number = std::to_string(i), path = "slides/slide" + number + ".xml";
    types.push_back({"ppt/" + path, "presentationml.slide"});
    relations.push_back({"rId" + number, "slide", path});
    list += "<p:sldId id=\"" + std::to_string(255 + i) + "\" r:id=\"rId" + number + "\"/>";
    members.push_back({"ppt/" + path, slide(i)});
  }
  members.push_back({"ppt/presentation.xml",
                     std::string("<p:presentation") + support::namespaces + "><p:sldIdLst>" + list +
                         "</p:sldIdLst><p:sldSz cx=\"9144000\" cy=\"6858000\"/></p:presentation>"});
  members.push_back({"ppt/_rels/presentation.xml.rels", support::relationships(relations)});
  members.insert(members.begin(), {content_types(types), root("ppt/presentation.xml")});
  return support::make_package(members);
}

} // namespace

std::vector<OfficeSample> office_samples() {
  return {{"docx", docx()}, {"xlsx", xlsx()}, {"pptx", pptx()}};
}

// The first start with a new profile may only make it.
const Peer cold_office = {"", "soffice --convert-to pdf, started anew",
                          "once() { soffice \"-env:UserInstallation=file://$PWD/profile\" "
                          "--headless --convert-to pdf in.[dxp]*x; }; "
                          "rm -f in.pdf; once && [ -e in.pdf ] || once; mv in.pdf out.pdf"};

} // namespace sekisho::bench
