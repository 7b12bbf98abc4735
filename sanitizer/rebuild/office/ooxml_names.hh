// What a rebuilt OOXML part may hold, as tables; private to rebuild.  The names themselves stand in
// sanitizer/verify/ooxml_names.def.
#pragma once

#include "sanitizer/rebuild/office/name_tables.hh"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sekisho::rebuild::ooxml {

/// Namespaces in the order of ooxml_names.def, then those that no element of a result is in.
enum class Ns : std::uint8_t {
  w,
  x,
  p,
  a,
  pic,
  wp,
  xdr,
  c,
  dgm,
  lc,
  m,
  v,
  o,
  w10,
  wps,
  wpg,
  wpc, // written
  r,
  xml, // of attributes
  mc,  // resolved away
  none,
  modern,
  extension,
  unknown, // modern: what today's Office reads; extension: whatever else is of Microsoft
};
constexpr std::size_t written_ns_count = 17;

std::string_view prefix_of(Ns ns); // empty for x: a sheet's elements have none
/// As written; Strict ISO names are taken for the transitional ones and written as they came.
std::string_view uri_of(Ns ns, bool strict);
struct KnownUri {
  Ns ns = Ns::unknown;
  bool strict = false;
};
KnownUri ns_of(std::string_view uri);

/// What is done to an element beside writing it.
enum class Special : std::uint8_t {
  none,
  drop,   // with all that is in it
  unwrap, // what is in it stays
  extensions, // dropped, told where something that is shown is among them
  // Those that the filter knows by name:
  alternate,
  choice,
  fallback,
  inserted,
  deleted,
  property_change,
  comment_mark,
  hyperlink,
  simple_field,
  vanish,
  run,
  drawn_run,
  paragraph,
  style_name,
  object,
  row_w,
  anchor,
  graphic_data,
  ole,
  salvage,
  needs_relation,
  loses_anchor,
  sheet,
  defined_name,
  cell_formula,
  other_formula,
  chart_formula,
  row_x,
  column,
  cell,
  cell_value,
  own_string,
  shared_string,
  note,
  content_control,
  binding,
  shape_properties,
  vml_shape,
  sheet_hyperlink,
  slide_root,
  slide_id,
  link_click,
  needs_child,
};

using Element = NamedElement<Ns, Special>;

/// The element `local` of `ns`; never null, one that is not listed says drop.
const Element *find_element(Ns ns, std::string_view local);
/// Whether an element of `ns` may have the attribute.
bool is_listed_attribute(Ns ns, std::string_view local);
struct Names { // for XmlFilter
  using Ns = ooxml::Ns;
  using Element = ooxml::Element;
  static const Element *find(Ns ns, std::string_view local) { return find_element(ns, local); }
  static Ns ns_of(std::string_view uri) { return ooxml::ns_of(uri).ns; }
};
/// Makes the tables; the first call is best made where memory may still be asked for.
void load_names();

} // namespace sekisho::rebuild::ooxml
