// One part of an OOXML package, written anew from the elements and attributes that are listed;
// private to rebuild.
#pragma once

#include "base/result.hh"
#include "sanitizer/rebuild/office/office_code.hh"
#include "sanitizer/rebuild/office/ooxml_parts.hh"
#include "sanitizer/rebuild/office/unseen_words.hh"
#include "sanitizer/rebuild/office/xml_filter.hh"

#include <functional>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace sekisho::rebuild::ooxml {

struct Relation;

/// What is known of the whole document while its parts are rewritten.
struct Document : Findings {
  using Findings::Findings;

  bool for_words = false;   // only its words are read
  bool strict = false;      // in the namespaces of ISO Strict
  bool sheets_lost = false; // numbers of sheets no longer hold
  std::uint64_t array_cells = 0; // for which a few formulas stand, and which programs build
  LostNames lost_names;
  std::unordered_set<std::string> hidden_styles; // of words that go
  std::unordered_set<std::string> hidden_sheets; // new ids of relationships of the workbook
  /// What a binding of a content control leads to in the data behind the document; nothing where that is not known.
  std::function<std::optional<std::string>(const std::string &path, const std::string &store)> bound;
  bool for_looks = false;              // of styles, only how their words look: effects of newer programs are written as w:effect
  const StyleLooks *styles = nullptr;  // of a text
  // What lies behind its words; each is asked where there may be some that nobody sees.
  std::function<bool()> has_white_pages;
  /// Behind the shapes of a slide that has these relations and says nothing itself.
  std::function<std::vector<std::string>(const std::vector<Relation> &slide)> backdrop;
  std::function<const UnseenCells &()> unseen_cells;
  std::vector<bool> strings_used;                // shared strings that cells show
  std::unordered_set<std::string> notes_used;    // of footnotes and endnotes: see note_references
};

/// A relationship that stays.
struct Relation {
  std::string old_id, id;
  std::size_t part = 0; // of the package
};

/// Whatever a reader could take for yes.
bool is_true(std::string_view value);

/// The part anew, in UTF-8, with an XML declaration.  Errors: part-malformed, xml-doctype,
/// too-deep, part-too-big (above `most` octets).
Result<std::string, Reason> filter(std::string_view xml, const PartKind &kind,
                                   const std::vector<Relation> &relations, Document &document,
                                   std::size_t most);

/// Ids of relationships that attributes of a part which filter() wrote name; borrowed from it.
std::unordered_set<std::string_view> relations_named(std::string_view xml);
/// Adds what a part which filter() wrote refers to: "w:footnote 1".
void note_references(std::string_view xml, std::unordered_set<std::string> &notes);

/// Takes fields that may not stay out of a part that filter() wrote; what they last showed stays.
Result<std::string, Reason> filter_fields(std::string xml, Document &document);

} // namespace sekisho::rebuild::ooxml
