// One part of an ODF package, written anew from the elements and attributes that are listed;
// private to rebuild.
#pragma once

#include "sanitizer/rebuild/office/odf_names.hh"
#include "sanitizer/rebuild/office/xml_filter.hh"

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace sekisho::rebuild::odf {

/// Where a picture stands in the new package.
struct PicturePlace {
  std::string path;      // empty: nowhere
  bool replaced = false; // by a grey field
};

/// Of styles: what they hide.
struct StyleHides {
  std::string parent;
  std::optional<job::Cut> clip = {}; // of the picture in a frame
  enum class Says : std::uint8_t { nothing, shows, hides } says = Says::nothing;
};
using Styles = std::unordered_map<std::string, StyleHides>; // "family/name"

/// What is known of the whole document while its parts are rewritten.
struct Document : Findings {
  using Findings::Findings;

  std::string body;       // element of the body, "office:text"
  bool for_words = false; // only its words are read
  std::uint64_t held = 0; // octets of cells that hold something and of spaces, as often as they are said
  Styles common_styles; // of styles.xml, which comes first
  std::unordered_set<std::string> hidden_layers;
  /// A picture by its reference, treated when it is first asked for.
  std::function<PicturePlace(const std::string &href, const job::Cut &clip)> place_picture;
  /// An embedded chart by its reference: the folder in the new package, or empty where it is none that is kept.
  std::function<std::string(const std::string &href)> place_chart;
};

enum class PartKind : std::uint8_t { styles, content, chart };

/// The part anew, in UTF-8, with an XML declaration.  Errors: part-malformed, xml-doctype,
/// too-deep, part-too-big (above `most` octets), part-ambiguous (another body than the document's).
Result<std::string, Reason> filter(std::string_view xml, PartKind kind, Document &document,
                                   std::size_t most);

} // namespace sekisho::rebuild::odf
