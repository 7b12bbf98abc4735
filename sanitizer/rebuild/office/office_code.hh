// What a formula or field code of a document may say; private to rebuild.  Allow-lists: whatever is
// not known to stay inside the document goes, and its last result stays.
#pragma once

#include "base/reason.hh"

#include <string>
#include <string_view>
#include <unordered_set>

namespace sekisho::rebuild {

/// Defined names that were taken out, in upper case.
using LostNames = std::unordered_set<std::string>;
std::string upper(std::string_view ascii);

/// Reason::none where the formula (without "=") calls known functions only and refers to nothing
/// outside; else what is said of it: office-dde, office-external or office-macro.
Reason judge_formula(std::string_view formula, const LostNames &lost);
/// A character written by its number, _x0041_ (ECMA-376 Part 1 §22.9.2.19): readers differ in whether they decode it.
bool has_escape(std::string_view text);

/// The same of ODF (OpenFormula, ODF 1.3 part 4; the older form of OpenOffice.org), without its prefix
/// and "=".  `condition`: of a style or a validation, whose own words are known too (part 3, 19.476,
/// 19.604).
Reason judge_open_formula(std::string_view formula, bool condition = false);
/// A range or list of ranges as ODF writes it in attributes; false where it leads to another file.
bool is_inside_address(std::string_view address);
/// A formula or condition of a text field ("ooow:"): fields, table cells, numbers and texts only.
bool is_calm_field_formula(std::string_view formula);

/// Whether a link that says it leads to a place in its document (a bookmark, a heading, cells; with or without '#') does:
/// false where a reader may take it for an address, a path or another host's, also by numbered octets (%2F).
bool is_place_inside(std::string_view place);
/// "%2F" as the octet, once.
std::string percent_decoded(std::string_view text);

/// Whether a description (alternative text) tells where a file lies: "C:\Users\…", "\\server\…", "file:…".
bool tells_path(std::string_view description);

/// A field code (ISO/IEC 29500-1 §17.16) with its arguments.
Reason judge_field(std::string_view code);
/// Marks for an index or a table of contents: their words are not seen where they stand (ISO/IEC 29500-1 §17.16.5.79, XE; TC; TA).
bool is_unseen_field(std::string_view code);

} // namespace sekisho::rebuild
