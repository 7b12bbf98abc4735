#include "sanitizer/rebuild/office/ooxml_names.hh"

#include "base/reason.hh"

#include <algorithm>
#include <array>

namespace sekisho::rebuild::ooxml {
namespace {

struct NamesRow {
  std::string_view elements, attributes;
};
constexpr std::array<NamesRow, written_ns_count> names = {{
#define NAMES(prefix, elements, attributes) {elements, attributes},
#include "sanitizer/verify/ooxml_names.def"
#undef NAMES
}};

struct UriRow {
  Ns ns;
  std::string_view prefix, transitional, strict;
};
#define OPEN "http://schemas.openxmlformats.org/"
#define PURL "http://purl.oclc.org/ooxml/"
#define MICROSOFT "http://schemas.microsoft.com/office/word/2010/"
constexpr UriRow uris[] = {
    {Ns::w, "w", OPEN "wordprocessingml/2006/main", PURL "wordprocessingml/main"},
    {Ns::x, "", OPEN "spreadsheetml/2006/main", PURL "spreadsheetml/main"},
    {Ns::p, "p", OPEN "presentationml/2006/main", PURL "presentationml/main"},
    {Ns::a, "a", OPEN "drawingml/2006/main", PURL "drawingml/main"},
    {Ns::pic, "pic", OPEN "drawingml/2006/picture", PURL "drawingml/picture"},
    {Ns::wp, "wp", OPEN "drawingml/2006/wordprocessingDrawing",
     PURL "drawingml/wordprocessingDrawing"},
    {Ns::xdr, "xdr", OPEN "drawingml/2006/spreadsheetDrawing", PURL "drawingml/spreadsheetDrawing"},
    {Ns::c, "c", OPEN "drawingml/2006/chart", PURL "drawingml/chart"},
    {Ns::dgm, "dgm", OPEN "drawingml/2006/diagram", PURL "drawingml/diagram"},
    {Ns::lc, "lc", OPEN "drawingml/2006/lockedCanvas", PURL "drawingml/lockedCanvas"},
    {Ns::m, "m", OPEN "officeDocument/2006/math", PURL "officeDocument/math"},
    {Ns::v, "v", "urn:schemas-microsoft-com:vml", ""},
    {Ns::o, "o", "urn:schemas-microsoft-com:office:office", ""},
    {Ns::w10, "w10", "urn:schemas-microsoft-com:office:word", ""},
    {Ns::wps, "wps", MICROSOFT "wordprocessingShape", ""},
    {Ns::wpg, "wpg", MICROSOFT "wordprocessingGroup", ""},
    {Ns::wpc, "wpc", MICROSOFT "wordprocessingCanvas", ""},
    {Ns::r, "r", OPEN "officeDocument/2006/relationships", PURL "officeDocument/relationships"},
    {Ns::xml, "xml", "http://www.w3.org/XML/1998/namespace", ""},
    {Ns::mc, "mc", OPEN "markup-compatibility/2006", ""},
};
#undef OPEN
#undef PURL
#undef MICROSOFT

/// Behind "http://schemas.microsoft.com/office/".
constexpr std::string_view modern[] = {
    "word/2010/wordml", "word/2012/wordml", "word/2010/wordprocessingDrawing", "word/2010/wordprocessingInk",
    "drawing/2010/main", "drawing/2014/main", "drawing/2007/8/2/chart", "drawing/2012/chart", "drawing/2014/chartex",
    "drawing/2015/9/8/chartex", "drawing/2010/chartDrawing", "drawing/2010/slicer", "drawing/2012/timeslicer",
    "drawing/2017/model3d", "powerpoint/2010/main", "powerpoint/2012/main", "spreadsheetml/2009/9/main",
    "spreadsheetml/2009/9/ac", "spreadsheetml/2010/11/main"};

using Table = NameTables<Element>;

// In this order; a later row wins.
constexpr Table::SpecialRow specials[] = {
    // Word: what goes with a word about it
    {Ns::w,
     "altChunk contentPart control movie objectEmbed objectLink embedBold embedItalic embedRegular "
     "embedBoldItalic",
     Special::drop, Reason::office_embedded},
    {Ns::w, "attachedTemplate attachedSchema mailMerge subDoc frameset saveThroughXslt",
     Special::drop, Reason::office_external},
    {Ns::w, "docVars customXmlPr fldData", Special::drop, Reason::office_data},
    {Ns::w, "sdt", Special::content_control},
    {Ns::w, "dataBinding", Special::binding, Reason::office_data},
    {Ns::w, "entryMacro exitMacro", Special::drop, Reason::office_macro},
    {Ns::w, "customXml smartTag", Special::unwrap},
    // and what goes unnamed: marks of editing sessions, caches, screen settings
    {Ns::w,
     "rsids rsid rsidRoot proofErr proofState permStart permEnd activeWritingStyle "
     "hdrShapeDefaults shapeDefaults smartTagPr smartTagType documentProtection writeProtection "
     "embedTrueTypeFonts embedSystemFonts saveSubsetFonts savePreviewPicture readModeInkLockDown "
     "removePersonalInformation removeDateAndTime doNotEmbedSmartTags saveSmartTagsAsXml personal "
     "personalCompose personalReply docParts docPart storeMappedDataAs linkStyles documentType "
     "targetScreenSz pixelsPerInch optimizeForBrowser allowPNG doNotSaveAsSingleFile "
     "doNotOrganizeInFolder doNotUseLongFileNames doNotRelyOnCSS divId scrollbar showEnvelope "
     "saveInvalidXml ignoreMixedContent alwaysMergeEmptyNamespace doNotValidateAgainstSchema "
     "showXMLTags saveXmlDataOnly useXSLTWhenSaving forceUpgrade printFormsData saveFormsData "
     "formsDesign customXmlInsRangeStart customXmlInsRangeEnd customXmlDelRangeStart "
     "customXmlDelRangeEnd customXmlMoveFromRangeStart customXmlMoveFromRangeEnd "
     "customXmlMoveToRangeStart customXmlMoveToRangeEnd",
     Special::drop},
    // tracked changes and comments (ISO/IEC 29500-1 §17.13)
    {Ns::w, "ins moveTo", Special::inserted},
    {Ns::w, "del moveFrom", Special::deleted},
    {Ns::w,
     "rPrChange pPrChange sectPrChange tblPrChange tblPrExChange tblGridChange trPrChange "
     "tcPrChange numberingChange cellIns cellDel cellMerge delText delInstrText moveFromRangeStart "
     "moveFromRangeEnd moveToRangeStart moveToRangeEnd",
     Special::property_change},
    {Ns::w, "commentRangeStart commentRangeEnd commentReference annotationRef",
     Special::comment_mark},
    {Ns::w, "hyperlink", Special::hyperlink},
    {Ns::w, "fldSimple", Special::simple_field},
    {Ns::w, "vanish specVanish", Special::vanish},
    {Ns::w, "r", Special::run},
    {Ns::a, "r", Special::drawn_run},
    {Ns::w, "p", Special::paragraph},
    {Ns::w, "pStyle rStyle", Special::style_name},
    {Ns::w, "tr", Special::row_w},
    {Ns::w, "footnote endnote", Special::note},
    {Ns::w, "object", Special::object},
    {Ns::w, "headerReference footerReference", Special::needs_relation},
    {Ns::w, "drawing", Special::anchor},
    {Ns::o, "OLEObject", Special::drop, Reason::office_embedded},
    {Ns::v, "imagedata", Special::needs_relation},
    {Ns::v, "arc curve group line oval polyline rect roundrect shape", Special::vml_shape},
    // sheets
    {Ns::x, "oleObjects controls", Special::drop, Reason::office_embedded},
    {Ns::x, "externalReferences dataConsolidate webPublishItems webPublishObjects webPublishing",
     Special::drop, Reason::office_external},
    {Ns::x, "pivotCaches customProperties xmlColumnPr", Special::drop, Reason::office_data},
    {Ns::x, "functionGroups", Special::drop, Reason::office_macro},
    {Ns::x,
     "customSheetViews customWorkbookViews legacyDrawing fileSharing "
     "fileRecoveryPr oleSize workbookProtection protectedRanges cellWatches smartTags smartTagPr "
     "smartTagTypes scenarios",
     Special::drop},
    {Ns::x, "extLst", Special::extensions},
    {Ns::x, "legacyDrawingHF", Special::drop, Reason::office_unlisted},
    {Ns::x, "sheet", Special::sheet},
    {Ns::x, "definedName", Special::defined_name},
    {Ns::x, "f", Special::cell_formula},
    {Ns::x, "formula formula1 formula2 calculatedColumnFormula totalsRowFormula",
     Special::other_formula},
    {Ns::x, "row", Special::row_x},
    {Ns::x, "col", Special::column},
    {Ns::x, "c", Special::cell},
    {Ns::x, "v", Special::cell_value},
    {Ns::x, "is", Special::own_string},
    {Ns::x, "si", Special::shared_string},
    {Ns::x, "hyperlink", Special::sheet_hyperlink},
    {Ns::x, "drawing picture tablePart", Special::needs_relation},
    {Ns::x,
     "conditionalFormatting dataValidations hyperlinks tableParts definedNames mergeCells cols "
     "ignoredErrors",
     Special::needs_child},
    // slides
    {Ns::p, "controls control embed link", Special::drop, Reason::office_embedded},
    {Ns::p, "embeddedFontLst", Special::drop, Reason::office_embedded},
    {Ns::p, "sndAc", Special::drop, Reason::office_embedded},
    {Ns::p, "custDataLst tags", Special::drop, Reason::office_data},
    {Ns::p, "timing", Special::drop, Reason::office_unlisted},
    {Ns::p,
     "extLst custShowLst photoAlbum modifyVerifier smartTags kinsoku bldLst prnPr htmlPubPr webPr "
     "ext",
     Special::drop},
    {Ns::p, "oleObj", Special::ole},
    {Ns::p, "pic", Special::salvage},
    {Ns::p, "graphicFrame", Special::anchor},
    {Ns::p, "sldId", Special::slide_id},
    {Ns::p, "sldMasterId notesMasterId handoutMasterId sldLayoutId", Special::needs_relation},
    {Ns::p, "sld", Special::slide_root},
    // drawings and charts
    {Ns::a, "audioCd audioFile videoFile quickTimeFile wavAudioFile snd", Special::drop,
     Reason::office_embedded},
    {Ns::a, "hlinkClick hlinkHover hlinkMouseOver", Special::link_click},
    {Ns::a, "extLst", Special::drop},
    {Ns::a, "graphicData", Special::graphic_data},
    {Ns::xdr, "twoCellAnchor oneCellAnchor absoluteAnchor", Special::anchor},
    {Ns::c, "externalData", Special::drop, Reason::office_embedded},
    {Ns::c, "pivotSource pivotFmts", Special::drop, Reason::office_data},
    {Ns::c, "printSettings", Special::drop},
    {Ns::c, "extLst", Special::extensions},
    {Ns::c, "userShapes", Special::drop, Reason::office_unlisted},
    {Ns::c, "chart", Special::loses_anchor}, // in a drawing; in a chart part it has no relation
    {Ns::c, "f", Special::chart_formula},
    {Ns::dgm, "extLst", Special::drop},
    {Ns::dgm, "relIds", Special::loses_anchor},
    {Ns::wp, "extLst", Special::drop},
    {Ns::wps, "extLst", Special::drop},
    {Ns::wp, "docPr", Special::shape_properties},
    {Ns::xdr, "cNvPr", Special::shape_properties},
    {Ns::p, "cNvPr", Special::shape_properties},
    {Ns::a, "cNvPr", Special::shape_properties},
    {Ns::pic, "cNvPr", Special::shape_properties},
    {Ns::wps, "cNvPr", Special::shape_properties},
    {Ns::wpg, "cNvPr", Special::shape_properties},
    {Ns::mc, "AlternateContent", Special::alternate},
    {Ns::mc, "Choice", Special::choice},
    {Ns::mc, "Fallback", Special::fallback},
};

Table make_tables() {
  Table table;
  for (std::size_t i = 0; i < written_ns_count; ++i) {
    const Ns ns = static_cast<Ns>(i);
    table.list(ns, prefix_of(ns), names[i].elements, names[i].attributes);
  }
  for (const Table::SpecialRow &row : specials)
    table.treat(row, prefix_of(row.ns));
  table.rename(Ns::w, "object", "w:pict"); // its picture stays
  return table;
}

const Table &tables() {
  static const Table tables = make_tables();
  return tables;
}

} // namespace

std::string_view prefix_of(Ns ns) {
  for (const UriRow &row : uris)
    if (row.ns == ns) return row.prefix;
  return {};
}

std::string_view uri_of(Ns ns, bool strict) {
  for (const UriRow &row : uris)
    if (row.ns == ns) return strict && !row.strict.empty() ? row.strict : row.transitional;
  return {};
}

KnownUri ns_of(std::string_view uri) {
  for (const UriRow &row : uris) {
    if (row.transitional == uri) return {row.ns, false};
    if (row.strict == uri && !uri.empty()) return {row.ns, true};
  }
  constexpr std::string_view microsoft = "http://schemas.microsoft.com/office/";
  if (uri.starts_with(microsoft) &&
      std::ranges::find(modern, uri.substr(microsoft.size())) != std::end(modern))
    return {Ns::modern, false};
  if (uri.starts_with("http://schemas.microsoft.com/")) return {Ns::extension, false};
  return {uri.empty() ? Ns::none : Ns::unknown, false};
}

const Element *find_element(Ns ns, std::string_view local) {
  return tables().find(ns, local);
}

bool is_listed_attribute(Ns ns, std::string_view local) {
  return tables().has_attribute(ns, local);
}

void load_names() {
  (void)tables();
}

} // namespace sekisho::rebuild::ooxml
