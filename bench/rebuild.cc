// bench-rebuild: a document rebuilt, octets in to octets out in this process, beside libzip, a
// libxml2 tree and zlib at level 6 that keep the same elements and attributes.  Milliseconds: below
// 1 is faster.
//
//   bench-rebuild [--json] [--quick]
#include "base/clock.hh"
#include "bench/words.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "tests/unit/sanitizer/support/make_ooxml.hh"

#include <fmt/format.h>
#include <libxml/parser.h>
#include <zip.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <set>

namespace sekisho::bench {
namespace {

using support::Members;
using support::relationships;

struct Sample {
  std::string name, octets;
};

std::string words(unsigned seed) {
  static constexpr const char *known[] = {
      "令和八年度",     "予算", "について", "住民税", "の",       "申告", "を",
      "受け付けます。", "窓口", "総務課",   "から",   "お知らせ", "期限", "までに"};
  std::string text;
  for (unsigned i = 0; i < 12; ++i)
    text += known[(seed * 7 + i * i * 5 + seed / 3) % std::size(known)];
  return text;
}

Sample docx() {
  std::string body;
  for (unsigned i = 0; i < 4000; ++i)
    body += "<w:p w:rsidR=\"00" + std::to_string(i) +
            "\"><w:pPr><w:pStyle w:val=\"a3\"/><w:jc w:val=\"both\"/></w:pPr><w:r><w:rPr>"
            "<w:rFonts w:ascii=\"MS Mincho\" w:eastAsia=\"MS Mincho\" w:hint=\"eastAsia\"/><w:sz "
            "w:val=\"21\"/></w:rPr><w:t>" +
            words(i) + "</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\"> " +
            std::to_string(i * 37) + " </w:t></w:r></w:p>";
  return {"docx", support::make_docx(body)};
}

Sample xlsx() {
  std::string rows;
  for (unsigned row = 1; row <= 6000; ++row) {
    const std::string r = std::to_string(row);
    rows += "<row r=\"" + r + "\" spans=\"1:8\" x14ac:dyDescent=\"0.2\">";
    for (char column = 'A'; column < 'I'; ++column)
      rows += std::string("<c r=\"") + column + r + "\" s=\"" + std::to_string(row % 5) + "\"" +
              (column == 'H' ? "><f>SUM(A" + r + ":G" + r + ")</f>" : ">") + "<v>" +
              std::to_string(row * 131 % 9973) + "</v></c>";
    rows += "</row>";
  }
  return {"xlsx", support::make_xlsx({"<sheetData>" + rows + "</sheetData>"})};
}

Sample pptx() {
  Members members = {
      {"[Content_Types].xml", "<Types/>"},
      {"_rels/.rels", relationships({{"rId1", "officeDocument", "ppt/presentation.xml"}})}};
  std::vector<std::vector<std::string>> relations;
  std::string list;
  for (unsigned i = 1; i <= 60; ++i) {
    const std::string number = std::to_string(i);
    relations.push_back({"rId" + number, "slide", "slides/slide" + number + ".xml"});
    list += "<p:sldId id=\"" + std::to_string(255 + i) + "\" r:id=\"rId" + number + "\"/>";
    std::string shapes;
    for (unsigned k = 0; k < 25; ++k)
      shapes +=
          "<p:sp><p:nvSpPr><p:cNvPr id=\"" + std::to_string(k + 2) +
          "\" name=\"正方形\"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm><a:off x=\"" +
          std::to_string(k * 10007) +
          "\" y=\"914400\"/><a:ext cx=\"914400\" cy=\"457200\"/></a:xfrm><a:prstGeom "
          "prst=\"rect\"><a:avLst/></a:prstGeom>"
          "<a:solidFill><a:schemeClr val=\"accent1\"/></a:solidFill></p:spPr><p:txBody><a:bodyPr "
          "wrap=\"square\"/><a:lstStyle/><a:p><a:r><a:rPr lang=\"ja-JP\" sz=\"1800\"/><a:t>" +
          words(i * 31 + k) + "</a:t></a:r></a:p></p:txBody></p:sp>";
    members.push_back({"ppt/slides/slide" + number + ".xml",
                       std::string("<p:sld") + support::namespaces + "><p:cSld><p:spTree>" +
                           shapes + "</p:spTree></p:cSld></p:sld>"});
  }
  members.push_back({"ppt/presentation.xml", std::string("<p:presentation") + support::namespaces +
                                                 "><p:sldIdLst>" + list +
                                                 "</p:sldIdLst></p:presentation>"});
  members.push_back({"ppt/_rels/presentation.xml.rels", relationships(relations)});
  return {"pptx", support::make_package(members)};
}

// -- the reference
// -----------------------------------------------------------------------------------

std::set<std::string> words_of(std::string_view list) {
  std::set<std::string> words;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    words.emplace(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return words;
}

struct List {
  std::set<std::string> elements, attributes;
  List() {
#define NAMES(prefix, e, a)                                                                        \
  elements.merge(words_of(e));                                                                     \
  attributes.merge(words_of(a));
#include "sanitizer/verify/ooxml_names.def"
#undef NAMES
    for (const char *more : {"Types", "Override", "Default", "Relationships", "Relationship"})
      elements.insert(more);
    for (const char *more : {"Id", "Type", "Target", "ContentType", "PartName", "Extension"})
      attributes.insert(more);
  }
};

void keep_listed(xmlNode *node, const List &list) {
  while (node) {
    xmlNode *next = node->next;
    if (node->type == XML_ELEMENT_NODE) {
      if (!list.elements.contains(reinterpret_cast<const char *>(node->name))) {
        xmlUnlinkNode(node);
        xmlFreeNode(node);
      } else {
        for (xmlAttr *attribute = node->properties; attribute;) {
          xmlAttr *following = attribute->next;
          if (!list.attributes.contains(reinterpret_cast<const char *>(attribute->name)))
            xmlRemoveProp(attribute);
          attribute = following;
        }
        keep_listed(node->children, list);
      }
    } else if (node->type != XML_TEXT_NODE && node->type != XML_CDATA_SECTION_NODE) {
      xmlUnlinkNode(node);
      xmlFreeNode(node);
    }
    node = next;
  }
}

struct Xml {
  xmlChar *octets = nullptr;
  int size = 0;
};

bool by_libraries(const std::string &octets, const List &list) {
  zip_error_t error;
  zip_source_t *source = zip_source_buffer_create(octets.data(), octets.size(), 0, &error);
  zip_t *in = zip_open_from_source(source, ZIP_RDONLY, &error);
  zip_source_t *sink = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_source_keep(sink);
  zip_t *out = zip_open_from_source(sink, ZIP_CREATE | ZIP_TRUNCATE, &error);
  if (!in || !out) return false;
  for (zip_int64_t i = 0, count = zip_get_num_entries(in, 0); i < count; ++i) {
    zip_stat_t stat;
    if (zip_stat_index(in, static_cast<zip_uint64_t>(i), 0, &stat) != 0) return false;
    std::string text(stat.size, '\0');
    zip_file_t *file = zip_fopen_index(in, static_cast<zip_uint64_t>(i), 0);
    if (!file || zip_fread(file, text.data(), text.size()) < 0) return false;
    zip_fclose(file);
    xmlDoc *document =
        xmlReadMemory(text.data(), static_cast<int>(text.size()), "part", nullptr,
                      XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    Xml xml;
    if (document) {
      keep_listed(xmlDocGetRootElement(document), list);
      xmlDocDumpMemory(document, &xml.octets, &xml.size);
      xmlFreeDoc(document);
    }
    zip_source_t *part = zip_source_buffer(out, xml.octets, static_cast<zip_uint64_t>(xml.size), 1);
    const zip_int64_t index = zip_file_add(out, stat.name, part, 0);
    zip_set_file_compression(out, static_cast<zip_uint64_t>(index), ZIP_CM_DEFLATE, 6);
  }
  const bool written = zip_close(out) == 0;
  zip_source_free(sink);
  zip_discard(in);
  return written;
}

double milliseconds(const std::function<bool()> &work) {
  const std::uint64_t start = monotonic_ns();
  if (!work()) std::exit((fmt::print(stderr, "bench-rebuild: a sample did not come out\n"), 1));
  return static_cast<double>(monotonic_ns() - start) / 1e6;
}

bool rebuild_it(const std::string &octets) {
  job::Job job;
  job.bytes = as_bytes(octets);
  return rebuild::ooxml_document(job, {}).has_value();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int run(const Words &words) {
  const List list;
  std::string figures;
  for (const Sample &sample : {docx(), xlsx(), pptx()}) {
    if (!words.want("rebuild/" + sample.name)) continue;
    std::vector<double> ours, theirs;
    rebuild_it(sample.octets);
    for (int round = 0; round < (words.quick ? 5 : 15); ++round) {
      ours.push_back(milliseconds([&] { return rebuild_it(sample.octets); }));
      theirs.push_back(milliseconds([&] { return by_libraries(sample.octets, list); }));
    }
    const double value = median(ours), reference = median(theirs);
    figures += fmt::format(
        "{}{{\"name\": \"rebuild/{}\", \"value\": {:.3f}, \"unit\": \"ms\", \"min\": {:.3f}, "
        "\"max\": {:.3f}, \"runs\": {}, \"reference\": \"libzip + libxml2 DOM + zlib 6\", "
        "\"reference_value\": {:.3f}, \"ratio\": {:.3f}}}",
        figures.empty() ? "" : ",\n  ", sample.name, value,
        *std::min_element(ours.begin(), ours.end()), *std::max_element(ours.begin(), ours.end()),
        ours.size(), reference, value / reference);
    if (!words.json)
      fmt::print("rebuild/{:6} {:8.2f} ms   reference {:8.2f} ms   ratio {:.2f}\n", sample.name,
                 value, reference, value / reference);
  }
  if (words.json) fmt::print("{{\"figures\": [{}]}}\n", figures);
  return figures.empty() ? 1 : 0;
}

} // namespace
} // namespace sekisho::bench

int main(int count, char **arguments) {
  return sekisho::bench::run(sekisho::bench::read_words(count, arguments));
}
