#include "sanitizer/office/samples.hh"

#include "sanitizer/zip/writer.hh"

namespace sekisho::office {
namespace {

#define OFFICIAL "http://schemas.openxmlformats.org/"
#define DOCUMENT OFFICIAL "officeDocument/2006/relationships"

struct Member {
  std::string name, contents;
};

/// `main`: path of the main part; `kind`: what comes behind "…officedocument." in its media type.
Sample package(const std::string &ending, const std::string &main, const std::string &kind,
               const std::vector<Member> &members) {
  zip::Writer writer;
  const auto add = [&writer](const std::string &name, const std::string &text) {
    writer.add(name, as_bytes("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + text));
  };
  add("[Content_Types].xml",
      "<Types xmlns=\"" OFFICIAL "package/2006/content-types\"><Default Extension=\"rels\" "
      "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default "
      "Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/" +
          main + "\" ContentType=\"application/vnd.openxmlformats-officedocument." + kind +
          ".main+xml\"/></Types>");
  add("_rels/.rels", "<Relationships xmlns=\"" OFFICIAL "package/2006/relationships\">"
                     "<Relationship Id=\"r\" Type=\"" DOCUMENT "/officeDocument\" Target=\"" +
                         main + "\"/></Relationships>");
  for (const Member &member : members)
    add(member.name, member.contents);
  return {ending, writer.finish()};
}

std::string relation(const std::string &type, const std::string &target) {
  return "<Relationships xmlns=\"" OFFICIAL "package/2006/relationships\"><Relationship Id=\"r\" "
         "Type=\"" DOCUMENT "/" +
         type + "\" Target=\"" + target + "\"/></Relationships>";
}

Sample text() {
  std::string body;
  for (const char *fonts :
       {"w:ascii=\"Century\" w:eastAsia=\"ＭＳ 明朝\"", "w:ascii=\"Arial\" w:eastAsia=\"ＭＳ ゴシック\"",
        "w:ascii=\"Times New Roman\" w:eastAsia=\"MS Mincho\"",
        "w:ascii=\"Calibri\" w:eastAsia=\"游明朝\"", "w:ascii=\"IPAMincho\" w:eastAsia=\"IPAGothic\""})
    body += std::string("<w:p><w:r><w:rPr><w:rFonts ") + fonts +
            "/><w:b/></w:rPr><w:t>関所 Sekisho 0123</w:t></w:r></w:p>";
  body += "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>表</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p/>";
  return package(".docx", "word/document.xml", "wordprocessingml.document",
                 {{"word/document.xml",
                   "<w:document xmlns:w=\"" OFFICIAL "wordprocessingml/2006/main\"><w:body>" +
                       body + "</w:body></w:document>"}});
}

Sample sheet() {
  const std::string space =
      " xmlns=\"" OFFICIAL "spreadsheetml/2006/main\" xmlns:r=\"" DOCUMENT "\"";
  return package(
      ".xlsx", "xl/workbook.xml", "spreadsheetml.sheet",
      {{"xl/workbook.xml", "<workbook" + space +
                               "><sheets><sheet name=\"表\" sheetId=\"1\" "
                               "r:id=\"r\"/></sheets></workbook>"},
       {"xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/sheet1.xml")},
       {"xl/worksheets/sheet1.xml",
        "<worksheet" + space +
            "><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>関所 Sekisho</t></is></c>"
            "<c r=\"B1\"><f>1+1</f><v>2</v></c></row></sheetData></worksheet>"}});
}

Sample slide() {
  const std::string space = " xmlns:p=\"" OFFICIAL "presentationml/2006/main\" xmlns:a=\"" OFFICIAL
                            "drawingml/2006/main\" xmlns:r=\"" DOCUMENT "\"";
  return package(
      ".pptx", "ppt/presentation.xml", "presentationml.presentation",
      {{"ppt/presentation.xml", "<p:presentation" + space +
                                    "><p:sldIdLst><p:sldId id=\"256\" r:id=\"r\"/></p:sldIdLst>"
                                    "<p:sldSz cx=\"9144000\" cy=\"6858000\"/></p:presentation>"},
       {"ppt/_rels/presentation.xml.rels", relation("slide", "slides/slide1.xml")},
       {"ppt/slides/slide1.xml",
        "<p:sld" + space +
            "><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id=\"1\" name=\"\"/><p:cNvGrpSpPr/><p:nvPr/>"
            "</p:nvGrpSpPr><p:grpSpPr/><p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"s\"/><p:cNvSpPr/>"
            "<p:nvPr/></p:nvSpPr><p:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"4000000\" "
            "cy=\"800000\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom><a:solidFill>"
            "<a:srgbClr val=\"C0E0FF\"/></a:solidFill></p:spPr><p:txBody><a:bodyPr/><a:lstStyle/>"
            "<a:p><a:r><a:rPr lang=\"ja-JP\" sz=\"1800\"/><a:t>関所 Sekisho</a:t></a:r></a:p>"
            "</p:txBody></p:sp></p:spTree></p:cSld></p:sld>"}});
}

#undef DOCUMENT
#undef OFFICIAL

} // namespace

std::vector<Sample> samples() {
  return {text(), sheet(), slide()};
}

} // namespace sekisho::office
