// Small OOXML packages for tests.
#pragma once

#include "sanitizer/zip/writer.hh"

#include <string>
#include <utility>
#include <vector>

namespace sekisho::support {

using Members = std::vector<std::pair<std::string, std::string>>;

inline std::string make_package(const Members &members) {
  zip::Writer writer;
  for (const auto &[name, contents] : members)
    writer.add(name, as_bytes(contents));
  return std::string(as_chars(writer.finish()));
}

inline std::string relationships(const std::vector<std::vector<std::string>> &rows) {
  std::string xml =
      "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">";
  for (const auto &row : rows) { // id, last step of the type, target, External
    xml += "<Relationship Id=\"" + row[0] +
           "\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/" +
           row[1] + "\" Target=\"" + row[2] + "\"" +
           (row.size() > 3 ? " TargetMode=\"" + row[3] + "\"" : "") + "/>";
  }
  return xml + "</Relationships>";
}

constexpr const char *namespaces =
    " xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\""
    " xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\""
    " xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\""
    " xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\""
    " xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\""
    " xmlns:wps=\"http://schemas.microsoft.com/office/word/2010/wordprocessingShape\""
    " xmlns:w14=\"http://schemas.microsoft.com/office/word/2010/wordml\""
    " xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\"";
constexpr const char *sheet_namespace =
    " xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""
    " xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";

/// `body` inside w:body.
inline std::string make_docx(const std::string &body, Members more = {}) {
  more.insert(
      more.begin(),
      {{"[Content_Types].xml", "<Types><Override ContentType=\"application/vnd.openxmlformats-"
                               "officedocument.wordprocessingml.document.main+xml\"/></Types>"},
       {"_rels/.rels", relationships({{"rId1", "officeDocument", "word/document.xml"}})},
       {"word/document.xml", std::string("<?xml version=\"1.0\"?><w:document") + namespaces +
                                 "><w:body>" + body + "</w:body></w:document>"}});
  return make_package(more);
}

/// One sheet for each text of `sheets` (what is inside <worksheet>); `workbook` goes behind
/// <sheets>.
inline std::string make_xlsx(const std::vector<std::string> &sheets,
                             const std::string &workbook = "", const std::string &state = "",
                             Members more = {},
                             std::vector<std::vector<std::string>> relations = {}) {
  std::string list;
  for (std::size_t i = 0; i < sheets.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    list += "<sheet name=\"表" + number + "\" sheetId=\"" + number + "\" r:id=\"s" + number + "\"" +
            (i == 0 ? "" : state) + "/>";
    relations.push_back({"s" + number, "worksheet", "worksheets/sheet" + number + ".xml"});
    more.push_back(
        {"xl/worksheets/sheet" + number + ".xml",
         std::string("<worksheet") + sheet_namespace + ">" + sheets[i] + "</worksheet>"});
  }
  more.insert(more.begin(),
              {{"[Content_Types].xml", "<Types/>"},
               {"_rels/.rels", relationships({{"rId1", "officeDocument", "xl/workbook.xml"}})},
               {"xl/workbook.xml", std::string("<workbook") + sheet_namespace + "><sheets>" + list +
                                       "</sheets>" + workbook + "</workbook>"},
               {"xl/_rels/workbook.xml.rels", relationships(relations)}});
  return make_package(more);
}

} // namespace sekisho::support
