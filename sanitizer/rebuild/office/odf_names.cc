#include "sanitizer/rebuild/office/odf_names.hh"

namespace sekisho::rebuild::odf {
namespace {

struct NamesRow {
  std::string_view prefix, elements, attributes;
};
constexpr std::array<NamesRow, written_ns_count> names = {{
#define NAMES(prefix, elements, attributes) {#prefix, elements, attributes},
#include "sanitizer/verify/odf_names.def"
#undef NAMES
}};

struct UriRow {
  Ns ns;
  std::string_view prefix, uri;
};
#define OASIS "urn:oasis:names:tc:opendocument:xmlns:"
constexpr UriRow uris[] = {
    {Ns::office, "office", OASIS "office:1.0"},
    {Ns::style, "style", OASIS "style:1.0"},
    {Ns::text, "text", OASIS "text:1.0"},
    {Ns::table, "table", OASIS "table:1.0"},
    {Ns::draw, "draw", OASIS "drawing:1.0"},
    {Ns::dr3d, "dr3d", OASIS "dr3d:1.0"},
    {Ns::presentation, "presentation", OASIS "presentation:1.0"},
    {Ns::number, "number", OASIS "datastyle:1.0"},
    {Ns::svg, "svg", OASIS "svg-compatible:1.0"},
    {Ns::smil, "smil", OASIS "smil-compatible:1.0"},
    {Ns::fo, "fo", OASIS "xsl-fo-compatible:1.0"},
    {Ns::xlink, "xlink", "http://www.w3.org/1999/xlink"},
    {Ns::dc, "dc", "http://purl.org/dc/elements/1.1/"},
    {Ns::meta, "meta", OASIS "meta:1.0"},
    {Ns::loext, "loext", "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0"},
    {Ns::drawooo, "drawooo", "http://openoffice.org/2010/draw"},
    {Ns::calcext, "calcext",
     "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"},
    {Ns::chart, "chart", OASIS "chart:1.0"},
    {Ns::of, "of", OASIS "of:1.2"},
    {Ns::oooc, "oooc", "http://openoffice.org/2004/calc"},
    {Ns::ooow, "ooow", "http://openoffice.org/2004/writer"},
    {Ns::xml, "xml", "http://www.w3.org/XML/1998/namespace"},
    {Ns::form, "form", OASIS "form:1.0"},
    {Ns::form, "xforms", "http://www.w3.org/2002/xforms"},
    {Ns::script, "script", OASIS "script:1.0"},
    {Ns::anim, "anim", OASIS "animation:1.0"},
};
#undef OASIS
constexpr std::string_view extensions[] = {
    "urn:org:documentfoundation:", "urn:openoffice:names:experimental:", "http://openoffice.org/"};

using Table = NameTables<Element>;

// In this order; a later row wins.
constexpr Table::SpecialRow specials[] = {
    // programs (part 3, 3.12 and 14.4); empty lists of them stand in most documents
    {Ns::office, "scripts event-listeners", Special::unwrap},
    {Ns::office, "script", Special::drop, Reason::office_macro},
    {Ns::script, "event-listener", Special::drop, Reason::office_macro},
    {Ns::text, "script", Special::drop, Reason::office_macro},
    {Ns::text, "execute-macro", Special::unwrap, Reason::office_macro},
    {Ns::table, "error-macro", Special::drop, Reason::office_macro},
    {Ns::presentation, "event-listener", Special::drop, Reason::office_link_to_text},
    // objects, players, forms
    {Ns::draw, "object-ole plugin applet param control", Special::drop,
     Reason::office_embedded},
    {Ns::draw, "floating-frame", Special::drop, Reason::office_external},
    {Ns::draw, "image-map", Special::drop, Reason::office_link_to_text},
    {Ns::presentation, "sound", Special::drop, Reason::office_embedded},
    {Ns::office, "forms", Special::unwrap},
    {Ns::office, "binary-data", Special::drop, Reason::office_embedded},
    {Ns::svg, "font-face-src definition-src", Special::drop, Reason::office_embedded},
    // other files and programs
    {Ns::office, "dde-source", Special::drop, Reason::office_dde},
    {Ns::text, "dde-connection-decls", Special::unwrap},
    {Ns::text, "dde-connection-decl", Special::drop, Reason::office_dde},
    {Ns::text, "dde-connection", Special::unwrap, Reason::office_dde},
    {Ns::table, "dde-links", Special::drop, Reason::office_dde},
    {Ns::text, "section-source alphabetical-index-auto-mark-file", Special::drop,
     Reason::office_external},
    {Ns::text, "database-display database-name database-row-number", Special::unwrap,
     Reason::office_external},
    {Ns::text, "database-next database-row-select", Special::drop, Reason::office_external},
    {Ns::table,
     "table-source cell-range-source database-source-query database-source-sql "
     "database-source-table",
     Special::drop, Reason::office_external},
    {Ns::table, "data-pilot-tables", Special::drop, Reason::office_data},
    {Ns::office, "server-map", Special::drop},
    {Ns::table, "consolidation scenario detective", Special::drop},
    {Ns::presentation, "settings", Special::drop},
    // fields that would ask who reads, or the properties that are gone: what they show stays
    {Ns::text,
     "author-initials author-name creation-date creation-time creator description editing-cycles "
     "editing-duration file-name initial-creator keywords modification-date modification-time "
     "print-date print-time printed-by subject template-name title user-defined sender-city "
     "sender-company sender-country sender-email sender-fax sender-firstname sender-initials "
     "sender-lastname sender-phone-private sender-phone-work sender-position sender-postal-code "
     "sender-state-or-province sender-street sender-title character-count word-count "
     "paragraph-count object-count image-count table-count table-formula conditional-text meta "
     "meta-field drop-down",
     Special::unwrap},
    // by rule
    {Ns::text, "tracked-changes change change-start change-end", Special::tracked},
    {Ns::table, "tracked-changes", Special::tracked},
    {Ns::office, "annotation annotation-end", Special::tracked},
    {Ns::text, "hidden-text hidden-paragraph", Special::hidden_word},
    {Ns::text, "alphabetical-index-mark toc-mark user-index-mark", Special::unseen},
    {Ns::text, "variable-set", Special::variable},
    {Ns::text, "p h span", Special::block},
    {Ns::text, "section", Special::section},
    {Ns::draw, "page", Special::page},
    {Ns::table, "table", Special::table},
    {Ns::table, "table-row", Special::row},
    {Ns::table, "table-column", Special::column},
    {Ns::table, "table-cell covered-table-cell", Special::cell},
    {Ns::style, "style", Special::style},
    {Ns::style, "text-properties table-properties drawing-page-properties graphic-properties", Special::properties},
    // by value
    {Ns::office, "text spreadsheet presentation drawing", Special::body},
    {Ns::office, "chart database image", Special::body},
    {Ns::text, "a", Special::link},
    {Ns::draw, "a", Special::link},
    {Ns::draw, "image fill-image", Special::picture},
    {Ns::draw, "object", Special::chart_object},
    {Ns::style, "background-image", Special::backdrop},
    {Ns::text, "list-level-style-image", Special::backdrop},
    {Ns::draw, "frame", Special::frame},
    {Ns::draw,
     "caption circle connector custom-shape ellipse g line measure page-thumbnail path polygon polyline rect "
     "regular-polygon",
     Special::shape},
    {Ns::dr3d, "scene", Special::shape},
    {Ns::draw, "layer", Special::layer},
    {Ns::style, "map", Special::map},
    {Ns::calcext, "condition color-scale-entry formatting-entry", Special::map},
    {Ns::table, "named-range named-expression", Special::named},
};

Table make_tables() {
  Table table;
  for (std::size_t i = 0; i < written_ns_count; ++i)
    table.list(static_cast<Ns>(i), names[i].prefix, names[i].elements, names[i].attributes);
  for (const Table::SpecialRow &row : specials)
    table.treat(row, prefix_of(row.ns));
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

std::string_view uri_of(Ns ns) {
  for (const UriRow &row : uris)
    if (row.ns == ns) return row.uri;
  return {};
}

Ns ns_of(std::string_view uri) {
  for (const UriRow &row : uris)
    if (row.uri == uri) return row.ns;
  for (const std::string_view extension : extensions)
    if (uri.starts_with(extension)) return Ns::extension;
  return uri.empty() ? Ns::none : Ns::unknown;
}

const Element *Names::find(Ns ns, std::string_view local) {
  return tables().find(ns, local);
}

bool is_listed_attribute(Ns ns, std::string_view local) {
  return tables().has_attribute(ns, local);
}

void load_names() {
  (void)tables();
}

} // namespace sekisho::rebuild::odf
