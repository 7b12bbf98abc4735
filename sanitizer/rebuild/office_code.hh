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

/// A field code (ISO/IEC 29500-1 §17.16) with its arguments.
Reason judge_field(std::string_view code);

} // namespace sekisho::rebuild
