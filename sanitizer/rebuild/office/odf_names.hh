// What a rebuilt ODF part may hold, as tables; private to rebuild.  The names themselves stand in
// sanitizer/verify/odf_names.def.
#pragma once

#include "sanitizer/rebuild/office/name_tables.hh"

#include <cstdint>
#include <span>
#include <string_view>

namespace sekisho::rebuild::odf {

/// Namespaces in the order of odf_names.def, then those of formulas in attributes, then those that
/// no element of a result is in.
enum class Ns : std::uint8_t {
  office,
  style,
  text,
  table,
  draw,
  dr3d,
  presentation,
  number,
  svg,
  smil,
  fo,
  xlink,
  dc,
  meta,
  loext, // of LibreOffice
  drawooo,
  calcext,
  chart,
  of, // OpenFormula; before it oooc; ooow: of Writer's fields
  oooc,
  ooow,
  xml, // of attributes
  form,
  script,
  anim,
  none,
  extension, // of LibreOffice too
  unknown,
};
constexpr std::size_t written_ns_count = 18;
/// The root declares them.
constexpr std::size_t declared_ns_count = 21;

std::string_view prefix_of(Ns ns);
std::string_view uri_of(Ns ns);
Ns ns_of(std::string_view uri);

/// What is done to an element beside writing it.
enum class Special : std::uint8_t {
  none,
  drop,   // with all that is in it
  unwrap, // what is in it stays
  // Those that the filter knows by name:
  body,
  tracked,
  unseen,   // marks for an index, whose words are not seen where they stand
  variable, // may be set without being shown
  hidden_word,
  link,
  picture,
  chart_object,
  backdrop,
  frame,
  shape,
  layer,
  style,
  properties,
  map,
  named,
  block,
  section,
  page,
  table,
  row,
  column,
  cell,
};

using Element = NamedElement<Ns, Special>;

struct Names { // for XmlFilter
  using Ns = odf::Ns;
  using Element = odf::Element;
  static const Element *find(Ns ns, std::string_view local);
  static Ns ns_of(std::string_view uri) { return odf::ns_of(uri); }
};
/// Whether an element may have the attribute.
bool is_listed_attribute(Ns ns, std::string_view local);
/// Makes the tables; the first call is best made where memory may still be asked for.
void load_names();

} // namespace sekisho::rebuild::odf
