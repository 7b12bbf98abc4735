// OOXML packages of the parts, elements and attributes that rebuild may write (ISO/IEC 29500;
// ECMA-376-2), and of nothing else.
#include "sanitizer/verify/files.hh"
#include "sanitizer/verify/formulas.hh"
#include "sanitizer/verify/package.hh"
#include "sanitizer/verify/xml_walk.hh"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace sekisho::verify {
namespace {

constexpr std::uint64_t most_unpacked = std::uint64_t{2} << 30;
constexpr std::string_view open = "http://schemas.openxmlformats.org/",
                           purl = "http://purl.oclc.org/ooxml/";
constexpr std::string_view office = "application/vnd.openxmlformats-officedocument.";

struct PartRule {
  std::string_view path; // "#" for a number
  std::string_view relation, type, root;
};

// By folder "*": each of the three.
constexpr PartRule rules[] = {
    {"word/document.xml", "officeDocument", "wordprocessingml.document.main", "w:document"},
    {"word/styles.xml", "styles", "wordprocessingml.styles", "w:styles"},
    {"word/numbering.xml", "numbering", "wordprocessingml.numbering", "w:numbering"},
    {"word/settings.xml", "settings", "wordprocessingml.settings", "w:settings"},
    {"word/fontTable.xml", "fontTable", "wordprocessingml.fontTable", "w:fonts"},
    {"word/header#.xml", "header", "wordprocessingml.header", "w:hdr"},
    {"word/footer#.xml", "footer", "wordprocessingml.footer", "w:ftr"},
    {"word/footnotes.xml", "footnotes", "wordprocessingml.footnotes", "w:footnotes"},
    {"word/endnotes.xml", "endnotes", "wordprocessingml.endnotes", "w:endnotes"},
    {"word/comments.xml", "comments", "wordprocessingml.comments", "w:comments"},
    {"xl/workbook.xml", "officeDocument", "spreadsheetml.sheet.main", "workbook"},
    {"xl/worksheets/sheet#.xml", "worksheet", "spreadsheetml.worksheet", "worksheet"},
    {"xl/chartsheets/sheet#.xml", "chartsheet", "spreadsheetml.chartsheet", "chartsheet"},
    {"xl/styles.xml", "styles", "spreadsheetml.styles", "styleSheet"},
    {"xl/sharedStrings.xml", "sharedStrings", "spreadsheetml.sharedStrings", "sst"},
    {"xl/drawings/drawing#.xml", "drawing", "drawing", "xdr:wsDr"},
    {"xl/tables/table#.xml", "table", "spreadsheetml.table", "table"},
    {"xl/comments#.xml", "comments", "spreadsheetml.comments", "comments"},
    {"ppt/presentation.xml", "officeDocument", "presentationml.presentation.main",
     "p:presentation"},
    {"ppt/slides/slide#.xml", "slide", "presentationml.slide", "p:sld"},
    {"ppt/slideLayouts/slideLayout#.xml", "slideLayout", "presentationml.slideLayout",
     "p:sldLayout"},
    {"ppt/slideMasters/slideMaster#.xml", "slideMaster", "presentationml.slideMaster",
     "p:sldMaster"},
    {"ppt/notesSlides/notesSlide#.xml", "notesSlide", "presentationml.notesSlide", "p:notes"},
    {"ppt/notesMasters/notesMaster#.xml", "notesMaster", "presentationml.notesMaster",
     "p:notesMaster"},
    {"ppt/handoutMasters/handoutMaster#.xml", "handoutMaster", "presentationml.handoutMaster",
     "p:handoutMaster"},
    {"ppt/presProps.xml", "presProps", "presentationml.presProps", "p:presentationPr"},
    {"ppt/tableStyles.xml", "tableStyles", "presentationml.tableStyles", "a:tblStyleLst"},
    {"ppt/comments/comment#.xml", "comments", "presentationml.comments", "p:cmLst"},
    {"ppt/commentAuthors.xml", "commentAuthors", "presentationml.commentAuthors", "p:cmAuthorLst"},
    {"docProps/app.xml", "extended-properties", "extended-properties", "Properties"},
    {"*/theme/theme#.xml", "theme", "theme", "a:theme"},
    {"*/theme/themeOverride#.xml", "themeOverride", "themeOverride", "a:themeOverride"},
    {"*/charts/chart#.xml", "chart", "drawingml.chart", "c:chartSpace"},
    {"*/diagrams/data#.xml", "diagramData", "drawingml.diagramData", "dgm:dataModel"},
    {"*/diagrams/layout#.xml", "diagramLayout", "drawingml.diagramLayout", "dgm:layoutDef"},
    {"*/diagrams/quickStyle#.xml", "diagramQuickStyle", "drawingml.diagramStyle", "dgm:styleDef"},
    {"*/diagrams/colors#.xml", "diagramColors", "drawingml.diagramColors", "dgm:colorsDef"},
    {"*/media/image#.png", "image", "", ""},
    {"*/media/image#.jpeg", "image", "", ""},
    {"*/media/image#.gif", "image", "", ""},
    {"*/media/image#.tiff", "image", "", ""},
};

constexpr std::string_view properties =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Properties "
    "xmlns=\"http://schemas."
    "openxmlformats.org/officeDocument/2006/extended-properties\"><Application>Microsoft "
    "Excel</Application>"
    "</Properties>";

bool fits(std::string_view path, std::string_view rule) {
  for (; !rule.empty(); rule.remove_prefix(1)) {
    std::size_t taken = 0;
    if (rule.front() == '#') {
      while (taken < path.size() && path[taken] >= '0' && path[taken] <= '9')
        ++taken;
      if (taken == 0 || taken > 6 || path.front() == '0') return false;
    } else if (path.empty() || path.front() != rule.front()) {
      return false;
    } else {
      taken = 1;
    }
    path.remove_prefix(taken);
  }
  return path.empty();
}

bool is_relation(std::string_view word, const PartRule &rule) {
  return word == rule.relation ||
         (rule.relation == "extended-properties" && word == "extendedProperties");
}

const PartRule *rule_of(std::string_view path) {
  for (const PartRule &rule : rules) {
    if (!rule.path.starts_with('*')) {
      if (fits(path, rule.path)) return &rule;
      continue;
    }
    for (const std::string_view folder : {"word", "xl", "ppt"})
      if (path.starts_with(folder) && fits(path.substr(folder.size()), rule.path.substr(1)))
        return &rule;
  }
  return nullptr;
}

struct NamespaceRule {
  std::string_view prefix, transitional, strict; // behind `open` and `purl`; both may be whole
};
constexpr NamespaceRule namespaces[] = {
    {"w", "wordprocessingml/2006/main", "wordprocessingml/main"},
    {"", "spreadsheetml/2006/main", "spreadsheetml/main"},
    {"p", "presentationml/2006/main", "presentationml/main"},
    {"a", "drawingml/2006/main", "drawingml/main"},
    {"pic", "drawingml/2006/picture", "drawingml/picture"},
    {"wp", "drawingml/2006/wordprocessingDrawing", "drawingml/wordprocessingDrawing"},
    {"xdr", "drawingml/2006/spreadsheetDrawing", "drawingml/spreadsheetDrawing"},
    {"c", "drawingml/2006/chart", "drawingml/chart"},
    {"dgm", "drawingml/2006/diagram", "drawingml/diagram"},
    {"lc", "drawingml/2006/lockedCanvas", "drawingml/lockedCanvas"},
    {"m", "officeDocument/2006/math", "officeDocument/math"},
    {"r", "officeDocument/2006/relationships", "officeDocument/relationships"},
};
constexpr std::pair<std::string_view, std::string_view> whole_namespaces[] = {
    {"v", "urn:schemas-microsoft-com:vml"},
    {"o", "urn:schemas-microsoft-com:office:office"},
    {"w10", "urn:schemas-microsoft-com:office:word"},
    {"wps", "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"},
    {"wpg", "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup"},
    {"wpc", "http://schemas.microsoft.com/office/word/2010/wordprocessingCanvas"},
};

bool is_namespace(std::string_view prefix, std::string_view uri) {
  for (const NamespaceRule &rule : namespaces)
    if (rule.prefix == prefix)
      return (uri.starts_with(open) && uri.substr(open.size()) == rule.transitional) ||
             (uri.starts_with(purl) && uri.substr(purl.size()) == rule.strict);
  for (const auto &[known, whole] : whole_namespaces)
    if (known == prefix) return uri == whole;
  return false;
}

/// Names as they may be written: "w:p", "row"; attributes behind their element's prefix: "w w:val",
/// " r".
struct Names {
  std::unordered_set<std::string> elements, attributes;

  Names() {
#define NAMES(prefix, elements, attributes) add(#prefix, elements, attributes);
#include "sanitizer/verify/ooxml_names.def"
#undef NAMES
    add("w", "ins del moveTo moveFrom pict", "");
    for (const char *never :
         {"w:control", "w:object", "o:OLEObject", "w:altChunk", "w:attachedTemplate", "w:mailMerge",
          "p:oleObj", "p:control", "oleObjects", "externalReferences", "pivotCaches", "connections",
          "ddeLink", "a:hlinkClick", "a:audioFile", "a:videoFile", "c:externalData", "w:subDoc"})
      elements.erase(never);
  }
  static std::vector<std::string> words(std::string_view list) {
    std::vector<std::string> words;
    while (!list.empty()) {
      const std::size_t end = std::min(list.find(' '), list.size());
      if (end > 0) words.emplace_back(list.substr(0, end));
      list.remove_prefix(std::min(end + 1, list.size()));
    }
    return words;
  }
  void add(std::string prefix, std::string_view element_list, std::string_view attribute_list) {
    if (prefix == "x") prefix.clear();
    const std::string before = prefix.empty() ? "" : prefix + ":";
    for (const std::string &local : words(element_list))
      elements.insert(before + local);
    const bool qualified = prefix == "w" || prefix == "m";
    for (const std::string &local : words(attribute_list)) {
      attributes.insert(prefix + ' ' + (qualified ? before : "") + local);
      if (prefix == "o" || prefix == "v")
        for (const char *element : {"o ", "v "})
          attributes.insert(element + before + local);
    }
  }
};

const Names &names() {
  static const Names names;
  return names;
}

std::string upper_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

/// The next word of a field, quotes with it; empty at the end.
std::string_view next_word(std::string_view &rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t\n"), rest.size()));
  std::size_t size = std::min(rest.find_first_of(" \t\n\"", 1), rest.size());
  if (rest.starts_with('"')) size = std::min(rest.find('"', 1), rest.size() - 1) + 1;
  const std::string_view word = rest.substr(0, size);
  rest.remove_prefix(word.size());
  return word;
}

/// \l and one text; \o and one text; \h, \n, and \* with a word of a list.
bool is_place_inside(std::string_view switches) {
  static const std::set<std::string> shapes = {"MERGEFORMAT", "CHARFORMAT", "UPPER",
                                               "LOWER",       "FIRSTCAP",   "CAPS"};
  std::map<std::string, unsigned> times;
  while (
      !(switches = switches.substr(std::min(switches.find_first_not_of(" \t\n"), switches.size())))
           .empty()) {
    const std::string name = upper_case(std::string(next_word(switches)));
    ++times[name];
    if (name == "\\H" || name == "\\N") continue;
    std::string_view text = next_word(switches);
    if (name == "\\*") {
      if (!shapes.contains(upper_case(std::string(text)))) return false;
      continue;
    }
    if (name != "\\L" && name != "\\O") return false;
    if (text.size() > 1 && text.starts_with('"') && text.ends_with('"'))
      text = text.substr(1, text.size() - 2);
    if (text.empty() || text.find_first_of("\"\\") != std::string_view::npos) return false;
    for (const std::string_view quote : {"\u201c", "\u201d", "\u201e", "\u201f"})
      if (text.find(quote) != std::string_view::npos) return false;
    if (name == "\\L" && !leads_inside(text)) return false;
  }
  return times["\\L"] == 1 && times["\\O"] <= 1;
}

bool is_calm_field(const std::string &code) {
  static const std::set<std::string> known = {
      "PAGE",     "NUMPAGES",   "SECTIONPAGES", "SECTION",     "DATE",         "TIME",
      "TOC",      "TC",         "REF",          "PAGEREF",     "NOTEREF",      "SEQ",
      "STYLEREF", "SYMBOL",     "EQ",           "FORMTEXT",    "FORMCHECKBOX", "FORMDROPDOWN",
      "AUTONUM",  "AUTONUMLGL", "AUTONUMOUT",   "LISTNUM",     "INDEX",        "XE",
      "TOA",      "TA",         "ADVANCE",      "BIDIOUTLINE", "CITATION",     "BIBLIOGRAPHY",
      "NUMWORDS", "NUMCHARS",   "HYPERLINK"};
  const std::size_t start = code.find_first_not_of(" \t\n");
  if (start == std::string::npos) return false;
  if (code[start] == '=') return true;
  const std::size_t end = std::min(code.find_first_of(" \t\n\"\\", start), code.size());
  const std::string name = upper_case(code.substr(start, end - start));
  if (!known.contains(name)) return false;
  if (name != "HYPERLINK") return true;
  return is_place_inside(std::string_view(code).substr(end));
}

/// CSS that neither fetches nor runs.
bool is_calm_style(const std::string &style) {
  const std::string text = upper_case(style);
  for (const char *word : {"URL(", "BEHAVIOR", "EXPRESSION(", "BINDING", "\\", "/*"})
    if (text.find(word) != std::string::npos) return false;
  return true;
}

/// Where a link of a workbook leads: a sheet's name may have what no sheet may be called, an area no more than cells.
bool stays_in_workbook(const std::string &location) {
  if (has_numbered_character(location)) return false;
  const std::size_t mark = location.rfind('!');
  const std::string sheet = mark == std::string::npos ? std::string() : location.substr(0, mark);
  const std::string area = mark == std::string::npos ? location : location.substr(mark + 1);
  if (sheet.find_first_of("[]*?:/\\|\"<>", 0) != std::string::npos) return false;
  if (area.find_first_of("[]*?/\\|\"<>'&@%=") != std::string::npos) return false;
  const std::size_t colon = area.find(':');
  if (colon == std::string::npos) return true;
  unsigned letters = 0; // in a row
  for (std::size_t i = 0; i < area.size(); ++i) {
    const char c = area[i];
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    letters = letter ? letters + 1 : 0;
    const bool other = c == '$' || (c >= '0' && c <= '9') || i == colon || (c == '#' && i == 0);
    if (letters > 3 || (!letter && !other)) return false;
  }
  return colon > 0 && colon + 1 < area.size();
}

/// A name under which a workbook runs something as it opens is none.
bool is_calm_name(const std::string &name) {
  return upper_case(name).find("AUTO_") == std::string::npos && !has_numbered_character(name);
}

using Ids = std::set<std::string, std::less<>>;

class PartVisitor : public XmlVisitor {
public:
  PartVisitor(std::string_view root, const Ids &ids) : root_(root), ids_(ids) {}
  bool all_closed() const { return fields_.empty() && path_.empty(); }

  bool start(std::string_view name, const Attributes &attributes, std::size_t depth) override {
    if (depth == 1 && name != root_) return false;
    if (judged_) return false; // nothing is in a formula or in a field's code
    if (!names().elements.contains(std::string(name))) return false;
    if (!stands_beside_code(name)) return false;
    path_.push_back(name);
    if (is_story(name)) stories_.push_back(fields_.size());
    const std::size_t colon = name.find(':');
    const std::string prefix(colon == std::string_view::npos ? std::string_view{}
                                                             : name.substr(0, colon));
    for (const auto &[attribute, value] : attributes)
      if (!is_attribute(prefix, attribute, value, depth)) return false;
    judged_ = is_judged(name);
    content_.clear();
    if (name == "w:fldSimple") return is_calm_field(value_of(attributes, "w:instr"));
    if (name == "w:fldChar") return field_mark(value_of(attributes, "w:fldCharType"));
    if (is_code(name)) return is_in_code() && is_open() && fields_.back().tracked == tracked();
    if (name == "a:graphicData")
      return value_of(attributes, "uri").find("/ole") == std::string::npos;
    if (name == "definedName" && !is_calm_name(value_of(attributes, "name"))) return false;
    if (name == "cfvo") return is_calm_formula(value_of(attributes, "val")); // whatever its type
    if (name == "w:hyperlink")
      return value_of(attributes, "r:id").empty() && leads_inside(value_of(attributes, "w:anchor"));
    if (name == "hyperlink") return stays_in_workbook(value_of(attributes, "location"));
    return true;
  }

  bool text(std::string_view text) override {
    if (is_in_code() && !is_code(path_.back()) &&
        text.find_first_not_of(" \t\n") != std::string_view::npos)
      return false;
    if (judged_) content_ += unescaped(text);
    return true;
  }

  bool end(std::string_view name) override {
    path_.pop_back();
    if (is_in_code() && is_of_table(name)) return false;
    if (is_story(name)) {
      if (fields_.size() != stories_.back()) return false;
      stories_.pop_back();
    }
    if (!judged_ || !is_judged(name)) return true;
    judged_ = false;
    if (is_code(name)) {
      fields_.back().code += content_;
      (name == "w:instrText" ? fields_.back().inserted : fields_.back().deleted) = true;
      return true;
    }
    return is_calm_formula(content_);
  }

private:
  struct Field {
    std::vector<std::string_view> tracked; // what its first mark stands in
    std::string code = {};
    bool in_code = true, inserted = false, deleted = false;
  };

  static bool is_code(std::string_view name) {
    return name == "w:instrText" || name == "w:delInstrText";
  }
  static bool is_of_table(std::string_view name) { return name == "w:tbl" || name == "w:tr" || name == "w:tc"; }
  /// What no field leads out of.
  static bool is_story(std::string_view name) {
    return name == "w:txbxContent" || name == "w:footnote" || name == "w:endnote" ||
           name == "w:comment";
  }
  bool is_in_code() const { return !fields_.empty() && fields_.back().in_code; }
  bool is_open() const { return fields_.size() > (stories_.empty() ? 0 : stories_.back()); }

  /// Where the code of a field is being read, a run holds nothing else.
  bool stands_beside_code(std::string_view name) const {
    const std::string_view parent = path_.empty() ? std::string_view() : path_.back();
    const bool of_field = name == "w:fldChar" || is_code(name);
    if (is_code(parent) || (of_field && parent != "w:r")) return false;
    if (!is_in_code() || name == "w:rPr" || of_field) return true;
    if (is_of_table(name)) return false; // it may be tracked by a mark inside
    return name != "w:fldSimple" && (parent != "w:r" || name == "w:lastRenderedPageBreak");
  }

  std::vector<std::string_view> tracked() const {
    std::vector<std::string_view> found;
    for (const std::string_view name : {"w:ins", "w:del", "w:moveFrom", "w:moveTo"})
      if (std::find(path_.begin(), path_.end(), name) != path_.end()) found.push_back(name);
    return found;
  }

  static bool is_judged(std::string_view name) {
    return name == "f" || name == "c:f" || name == "definedName" || name == "formula" ||
           name == "formula1" || name == "formula2" || name == "calculatedColumnFormula" ||
           name == "totalsRowFormula" || is_code(name);
  }

  static std::string value_of(const Attributes &attributes, std::string_view name) {
    for (const auto &[attribute, value] : attributes)
      if (attribute == name) return unescaped(value);
    return {};
  }

  bool is_attribute(const std::string &element_prefix, std::string_view name,
                    std::string_view value, std::size_t depth) const {
    if (name.starts_with("xmlns"))
      return depth == 1 &&
             (name == "xmlns" ? is_namespace("", value)
                              : name.size() > 6 && is_namespace(name.substr(6), value));
    if (name.starts_with("r:")) return ids_.contains(value);
    if (name == "xml:space" || name == "xml:lang") return true;
    if (name == "style" && element_prefix == "v" && !is_calm_style(unescaped(value))) return false;
    return names().attributes.contains(element_prefix + ' ' + std::string(name));
  }

  /// Nothing is nested into a field's code, and every field has one that stays in the document and
  /// is not changed by what is tracked.
  bool field_mark(const std::string &mark) {
    if (mark == "begin") {
      if (is_in_code() || fields_.size() >= most_nested) return false;
      fields_.push_back({tracked()});
      return true;
    }
    if (!is_open() || fields_.back().tracked != tracked()) return false;
    if (mark == "separate") return std::exchange(fields_.back().in_code, false);
    if (mark != "end") return false;
    const Field field = std::move(fields_.back());
    fields_.pop_back();
    return is_calm_field(field.code) && !(field.inserted && field.deleted);
  }

  static constexpr std::size_t most_nested = 64;

  std::string_view root_;
  const Ids &ids_;
  std::vector<std::string_view> path_;
  std::vector<std::size_t> stories_; // fields that were open before each
  std::string content_;
  bool judged_ = false;
  std::vector<Field> fields_;
};

class RelationshipVisitor : public XmlVisitor {
public:
  /// `folder`: of the source part, with a slash at its end.
  RelationshipVisitor(std::string folder, const std::set<std::string_view> &members)
      : folder_(std::move(folder)), members_(members) {}
  const Ids &ids() const { return ids_; }
  const std::vector<std::string> &targets() const { return targets_; }

  bool start(std::string_view name, const Attributes &attributes, std::size_t depth) override {
    if (depth == 1)
      return name == "Relationships" && attributes.size() == 1 && attributes[0].first == "xmlns" &&
             attributes[0].second == "http://schemas.openxmlformats.org/package/2006/relationships";
    if (depth != 2 || name != "Relationship" || attributes.size() != 3 ||
        attributes[0].first != "Id" || attributes[1].first != "Type" ||
        attributes[2].first != "Target")
      return false;
    const std::optional<std::string> target = resolve(attributes[2].second);
    if (!target || !members_.contains(*target)) return false;
    const PartRule *rule = rule_of(*target);
    const std::string_view type = attributes[1].second;
    const std::size_t slash = type.rfind('/');
    if (!rule || slash == std::string_view::npos || !is_relation(type.substr(slash + 1), *rule))
      return false;
    if (!is_namespace("r", type.substr(0, slash))) return false;
    targets_.push_back(*target);
    return ids_.insert(std::string(attributes[0].second)).second;
  }
  bool text(std::string_view) override { return false; }
  bool end(std::string_view) override { return true; }

private:
  std::optional<std::string> resolve(std::string_view target) const {
    std::string folder = folder_;
    while (target.starts_with("../")) {
      target.remove_prefix(3);
      if (folder.empty()) return {};
      folder.pop_back();
      folder.resize(folder.rfind('/') == std::string::npos ? 0 : folder.rfind('/') + 1);
    }
    return folder + std::string(target);
  }

  std::string folder_;
  const std::set<std::string_view> &members_;
  Ids ids_;
  std::vector<std::string> targets_;
};

class TypesVisitor : public XmlVisitor {
public:
  const std::map<std::string, std::string> &types() const { return types_; }

  bool start(std::string_view name, const Attributes &attributes, std::size_t depth) override {
    if (depth == 1)
      return name == "Types" && attributes.size() == 1 &&
             attributes[0].second == "http://schemas.openxmlformats.org/package/2006/content-types";
    if (depth != 2 || attributes.size() != 2 || attributes[1].first != "ContentType") return false;
    if (name == "Default")
      return attributes[0].first == "Extension" &&
             is_default(attributes[0].second, attributes[1].second);
    return name == "Override" && attributes[0].first == "PartName" &&
           attributes[0].second.starts_with('/') &&
           types_.emplace(attributes[0].second.substr(1), attributes[1].second).second;
  }
  bool text(std::string_view) override { return false; }
  bool end(std::string_view) override { return true; }

private:
  static bool is_default(std::string_view extension, std::string_view type) {
    return (extension == "rels" &&
            type == "application/vnd.openxmlformats-package.relationships+xml") ||
           (extension == "xml" && type == "application/xml") ||
           (extension == "png" && type == "image/png") ||
           (extension == "jpeg" && type == "image/jpeg") ||
           (extension == "gif" && type == "image/gif") ||
           (extension == "tiff" && type == "image/tiff");
  }
  std::map<std::string, std::string> types_;
};

std::string folder_of(std::string_view path) {
  return std::string(
      path.substr(0, path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1));
}

/// "word/_rels/document.xml.rels" → "word/document.xml"; "_rels/.rels" → "".
std::optional<std::string> source_of(std::string_view path) {
  const std::size_t at = path.find("_rels/");
  if (at == std::string_view::npos || !path.ends_with(".rels")) return {};
  const std::string_view file = path.substr(at + 6, path.size() - at - 6 - 5);
  return std::string(path.substr(0, at)) + std::string(file);
}

class Reader {
public:
  Reader(std::vector<Member> members, std::uint64_t deadline)
      : members_(std::move(members)), deadline_(deadline) {}

  bool accepts(std::string_view main) {
    for (const Member &member : members_)
      if (!names_.insert(member.name).second) return false;
    if (!names_.contains(main) || members_[0].name != "[Content_Types].xml" ||
        !walk_xml(members_[0].contents, types_, deadline_))
      return false;
    for (const Member &member : members_)
      if (source_of(member.name) && !read_relationships(member)) return false;
    const bool has_properties = names_.contains("docProps/app.xml");
    std::vector<std::string> expected = {std::string(main)};
    if (has_properties) expected.push_back("docProps/app.xml");
    if (targets_of_root_ != expected) return false;
    std::size_t parts = 0;
    for (std::size_t i = 1; i < members_.size(); ++i) {
      if (source_of(members_[i].name)) continue;
      if (!reads(members_[i])) return false;
      parts += types_.types().contains(std::string(members_[i].name));
    }
    return parts == types_.types().size();
  }

private:
  bool read_relationships(const Member &member) {
    const std::string source = *source_of(member.name);
    RelationshipVisitor visitor(folder_of(source), names_);
    if (!source.empty() &&
        (!names_.contains(source) || !rule_of(source) || rule_of(source)->root.empty()))
      return false;
    if (!walk_xml(member.contents, visitor, deadline_)) return false;
    if (source.empty()) targets_of_root_ = visitor.targets();
    ids_[source] = visitor.ids();
    return true;
  }

  static bool is_picture(const Member &member) {
    if (member.name.ends_with(".png")) return is_our_png(member.contents);
    if (member.name.ends_with(".gif")) return is_our_gif(member.contents);
    if (member.name.ends_with(".tiff")) return is_our_tiff(member.contents);
    return our_jpeg(member.contents).has_value();
  }

  bool reads(const Member &member) {
    const PartRule *rule = rule_of(member.name);
    if (!rule) return false;
    if (rule->root.empty()) return is_picture(member);
    const auto type = types_.types().find(std::string(member.name));
    if (type == types_.types().end() ||
        type->second != std::string(office) + std::string(rule->type) + "+xml")
      return false;
    if (rule->root == "Properties") return as_chars(member.contents) == properties;
    PartVisitor visitor(rule->root, ids_[std::string(member.name)]);
    return walk_xml(member.contents, visitor, deadline_) && visitor.all_closed();
  }

  std::vector<Member> members_;
  std::uint64_t deadline_;
  std::set<std::string_view> names_;
  TypesVisitor types_;
  std::map<std::string, Ids> ids_;
  std::vector<std::string> targets_of_root_;
};

} // namespace

bool is_our_ooxml(job::Kind kind, Bytes untrusted, std::uint64_t deadline) {
  std::optional<std::vector<Member>> members = our_zip(untrusted, most_unpacked, deadline);
  if (!members) return false;
  const std::string_view main = kind == job::Kind::ooxml_word    ? "word/document.xml"
                                : kind == job::Kind::ooxml_sheet ? "xl/workbook.xml"
                                                                 : "ppt/presentation.xml";
  return Reader(std::move(*members), deadline).accepts(main);
}

} // namespace sekisho::verify
