#include "sanitizer/rebuild/office/ooxml_parts.hh"

#include <algorithm>

namespace sekisho::rebuild::ooxml {
namespace {

constexpr PartKind kinds[] = {
    {Family::word, "officeDocument", "w:document", "word/document", false,
     "wordprocessingml.document.main"},
    {Family::word, "styles", "w:styles", "word/styles", false, "wordprocessingml.styles"},
    {Family::word, "numbering", "w:numbering", "word/numbering", false,
     "wordprocessingml.numbering"},
    {Family::word, "settings", "w:settings", "word/settings", false, "wordprocessingml.settings"},
    {Family::word, "fontTable", "w:fonts", "word/fontTable", false, "wordprocessingml.fontTable"},
    {Family::word, "header", "w:hdr", "word/header", true, "wordprocessingml.header"},
    {Family::word, "footer", "w:ftr", "word/footer", true, "wordprocessingml.footer"},
    {Family::word, "footnotes", "w:footnotes", "word/footnotes", false,
     "wordprocessingml.footnotes"},
    {Family::word, "endnotes", "w:endnotes", "word/endnotes", false, "wordprocessingml.endnotes"},
    {Family::word, "comments", "w:comments", "word/comments", false, "wordprocessingml.comments"},
    {Family::sheet, "officeDocument", "workbook", "xl/workbook", false, "spreadsheetml.sheet.main"},
    {Family::sheet, "worksheet", "worksheet", "xl/worksheets/sheet", true,
     "spreadsheetml.worksheet"},
    {Family::sheet, "chartsheet", "chartsheet", "xl/chartsheets/sheet", true,
     "spreadsheetml.chartsheet"},
    {Family::sheet, "styles", "styleSheet", "xl/styles", false, "spreadsheetml.styles"},
    {Family::sheet, "sharedStrings", "sst", "xl/sharedStrings", false,
     "spreadsheetml.sharedStrings"},
    {Family::sheet, "drawing", "xdr:wsDr", "xl/drawings/drawing", true, "drawing"},
    {Family::sheet, "table", "table", "xl/tables/table", true, "spreadsheetml.table"},
    {Family::sheet, "comments", "comments", "xl/comments", true, "spreadsheetml.comments"},
    {Family::slides, "officeDocument", "p:presentation", "ppt/presentation", false,
     "presentationml.presentation.main"},
    {Family::slides, "slide", "p:sld", "ppt/slides/slide", true, "presentationml.slide"},
    {Family::slides, "slideLayout", "p:sldLayout", "ppt/slideLayouts/slideLayout", true,
     "presentationml.slideLayout"},
    {Family::slides, "slideMaster", "p:sldMaster", "ppt/slideMasters/slideMaster", true,
     "presentationml.slideMaster"},
    {Family::slides, "notesSlide", "p:notes", "ppt/notesSlides/notesSlide", true,
     "presentationml.notesSlide"},
    {Family::slides, "notesMaster", "p:notesMaster", "ppt/notesMasters/notesMaster", true,
     "presentationml.notesMaster"},
    {Family::slides, "handoutMaster", "p:handoutMaster", "ppt/handoutMasters/handoutMaster", true,
     "presentationml.handoutMaster"},
    {Family::slides, "presProps", "p:presentationPr", "ppt/presProps", false,
     "presentationml.presProps"},
    {Family::slides, "tableStyles", "a:tblStyleLst", "ppt/tableStyles", false,
     "presentationml.tableStyles"},
    {Family::slides, "comments", "p:cmLst", "ppt/comments/comment", true,
     "presentationml.comments"},
    {Family::slides, "commentAuthors", "p:cmAuthorLst", "ppt/commentAuthors", false,
     "presentationml.commentAuthors"},
#define IN_EACH(family, folder)                                                                    \
  {family, "theme", "a:theme", folder "/theme/theme", true, "theme"},                              \
      {family, "themeOverride", "a:themeOverride", folder "/theme/themeOverride",                  \
       true,   "themeOverride"},                                                                   \
      {family, "chart", "c:chartSpace", folder "/charts/chart", true, "drawingml.chart"},          \
      {family, "diagramData",          "dgm:dataModel", folder "/diagrams/data",                   \
       true,   "drawingml.diagramData"},                                                           \
      {family, "diagramLayout",          "dgm:layoutDef", folder "/diagrams/layout",               \
       true,   "drawingml.diagramLayout"},                                                         \
      {family, "diagramQuickStyle",     "dgm:styleDef", folder "/diagrams/quickStyle",             \
       true,   "drawingml.diagramStyle"},                                                          \
      {family, "diagramColors",          "dgm:colorsDef", folder "/diagrams/colors",               \
       true,   "drawingml.diagramColors"},                                                         \
  {                                                                                                \
    family, "image", "", folder "/media/image", true, ""                                           \
  }
    IN_EACH(Family::word, "word"),
    IN_EACH(Family::sheet, "xl"),
    IN_EACH(Family::slides, "ppt"),
#undef IN_EACH
};

struct LostRow {
  std::string_view relations;
  Reason reason;
};
constexpr LostRow lost[] = {
    {"vbaProject vbaProjectSignature wordVbaData xlMacrosheet xlIntlMacrosheet extensibility "
     "userCustomization "
     "attachedToolbars keyMapCustomizations dialogsheet",
     Reason::office_macro},
    {"oleObject package control activeXControlBinary ctrlProp aFChunk font audio video media "
     "webextension "
     "webextensiontaskpanes contentPart ink",
     Reason::office_embedded},
    {"attachedTemplate externalLink externalLinkPath externalLinkLongPath externalLinkStartup "
     "xlExternalLinkPath "
     "connections queryTable subDocument frame mailMergeSource mailMergeHeaderSource "
     "mailMergeRecipientData "
     "recipientData transform",
     Reason::office_external},
    {"customXml customXmlProps customXmlMappings printerSettings pivotCacheDefinition "
     "pivotCacheRecords pivotTable "
     "slicer slicerCache timeline timelineCache xmlMaps tableSingleCells custom-properties "
     "customProperty tags "
     "glossaryDocument metadata revisionHeaders revisionLog usernames",
     Reason::office_data},
    {"richValueRel rdRichValueWebImage", Reason::office_picture_removed}, // in a cell
    {"signature origin", Reason::part_signature},
    {"core-properties extended-properties extendedProperties metadata/core-properties thumbnail "
     "calcChain sheetMetadata "
     "viewProps webSettings stylesWithEffects vmlDrawing chartStyle chartColorStyle "
     "chartUserShapes themeOverrideImage "
     "diagramDrawing person threadedComment commentsExtended commentsIds commentsExtensible people "
     "revisionInfo "
     "rdRichValue rdRichValueStructure rdRichValueTypes volatileDependencies changesInfo "
     "recoveryLog hdphoto",
     Reason::none},
};

struct LeadRow {
  std::string_view from, named, implied;
};
constexpr LeadRow leads[] = {
    {"officeDocument", "header footer worksheet chartsheet slide slideMaster notesMaster handoutMaster",
     "styles numbering settings fontTable footnotes endnotes comments sharedStrings presProps tableStyles theme "
     "commentAuthors"},
    {"worksheet", "drawing table", "comments"},
    {"chartsheet", "drawing", ""},
    {"slide", "", "slideLayout notesSlide comments"},
    {"slideLayout", "", "slideMaster"},
    {"slideMaster", "slideLayout", "theme"},
    {"notesSlide", "", "notesMaster"},
    {"notesMaster", "", "theme"},
    {"handoutMaster", "", "theme"},
};
constexpr std::string_view named_by_any =
    "image chart diagramData diagramLayout diagramQuickStyle diagramColors";

bool has_word(std::string_view list, std::string_view word) {
  for (std::size_t at = 0; (at = list.find(word, at)) != std::string_view::npos; ++at)
    if ((at == 0 || list[at - 1] == ' ') &&
        (at + word.size() == list.size() || list[at + word.size()] == ' '))
      return true;
  return false;
}

constexpr Ns word_namespaces[] = {Ns::w,  Ns::r, Ns::m, Ns::wp,  Ns::a,   Ns::pic, Ns::c,  Ns::dgm,
                                  Ns::lc, Ns::v, Ns::o, Ns::w10, Ns::wps, Ns::wpg, Ns::wpc};
constexpr Ns sheet_namespaces[] = {Ns::x, Ns::r};
constexpr Ns drawing_namespaces[] = {Ns::xdr, Ns::a, Ns::r, Ns::c, Ns::dgm};
constexpr Ns slide_namespaces[] = {Ns::p, Ns::a, Ns::r, Ns::c, Ns::dgm};
constexpr Ns chart_namespaces[] = {Ns::c, Ns::a, Ns::r};
constexpr Ns diagram_namespaces[] = {Ns::dgm, Ns::a, Ns::r};
constexpr Ns theme_namespaces[] = {Ns::a, Ns::r};

} // namespace

const PartKind *find_part_kind(Family family, std::string_view relation) {
  const auto found = std::find_if(std::begin(kinds), std::end(kinds), [&](const PartKind &kind) {
    return kind.family == family && kind.relation == relation;
  });
  return found == std::end(kinds) ? nullptr : found;
}

const PartKind &main_part(Family family) {
  return *find_part_kind(family, "officeDocument");
}

std::optional<Family> family_of(std::string_view root) {
  for (const Family family : {Family::word, Family::sheet, Family::slides})
    if (main_part(family).root == root) return family;
  return {};
}

std::string content_type_of(const PartKind &kind) {
  return "application/vnd.openxmlformats-officedocument." + std::string(kind.content_type) + "+xml";
}

job::Kind kind_of(Family family) {
  switch (family) {
  case Family::word: return job::Kind::ooxml_word;
  case Family::sheet: return job::Kind::ooxml_sheet;
  default: return job::Kind::ooxml_slides;
  }
}

Reason reason_without(std::string_view relation) {
  for (const LostRow &row : lost)
    if (has_word(row.relations, relation)) return row.reason;
  return Reason::office_unlisted;
}

Lead lead_of(const PartKind &from, const PartKind &to) {
  if (has_word(named_by_any, to.relation)) return Lead::named;
  if (to.relation == "themeOverride") return Lead::implied;
  for (const LeadRow &row : leads) {
    if (row.from != from.relation) continue;
    if (has_word(row.implied, to.relation)) return Lead::implied;
    if (has_word(row.named, to.relation)) return Lead::named;
  }
  return Lead::none;
}

std::span<const Ns> namespaces_of(const PartKind &kind) {
  const std::string_view prefix = kind.root.substr(0, kind.root.find(':'));
  if (prefix == "w") return word_namespaces;
  if (prefix == "xdr") return drawing_namespaces;
  if (prefix == "p") return slide_namespaces;
  if (prefix == "c") return chart_namespaces;
  if (prefix == "dgm") return diagram_namespaces;
  if (prefix == "a") return theme_namespaces;
  return sheet_namespaces;
}

} // namespace sekisho::rebuild::ooxml
