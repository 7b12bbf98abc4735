// Formulas that may leave in a document; private to verify.  Allow-lists: functions that compute of
// what they are given, references that stay in the document.
#pragma once

#include <string_view>

namespace sekisho::verify {

/// Of OOXML (ISO/IEC 29500-1 18.17): a cell's, a name's, a rule's, a chart's.
bool is_calm_formula(std::string_view text);
/// "_x0041_": a character by its number, which some readers decode.
bool has_numbered_character(std::string_view text);

/// OpenFormula and its older form, behind the prefix.  `condition`: of a style, validation or format.
bool is_calm_open_formula(std::string_view text, bool condition = false);
/// A range or ranges of ODF's attributes.
bool is_calm_address(std::string_view text);

/// Of a link that names a place in its document: nothing that a reader may take for an address, a path or another host's.
bool leads_inside(std::string_view place);

} // namespace sekisho::verify
