// The parts that a rebuilt OOXML package may have, and what becomes of a relationship; private to
// rebuild.
#pragma once

#include "sanitizer/job/job.hh"
#include "sanitizer/rebuild/office/ooxml_names.hh"

namespace sekisho::rebuild::ooxml {

enum class Family : std::uint8_t { word, sheet, slides };

struct PartKind {
  Family family;
  std::string_view relation; // last step of the relationship's type
  std::string_view root;     // element as written; empty: a picture
  std::string_view path;     // in the new package, without number and ".xml"
  bool numbered;             // there may be several
  std::string_view
      content_type; // without "application/vnd.openxmlformats-officedocument." and "+xml"
};

/// Null where no such part is kept.
const PartKind *find_part_kind(Family family, std::string_view relation);
const PartKind &main_part(Family family);
/// The family whose main part begins so; nothing for anything else.
std::optional<Family> family_of(std::string_view root);
std::string content_type_of(const PartKind &kind);
job::Kind kind_of(Family family);

/// What is said of a relationship that is not kept; Reason::none: nothing.
Reason reason_without(std::string_view relation);

/// How a part comes to be shown where another has a relationship to it.
enum class Lead : std::uint8_t {
  none,    // it does not
  named,   // an attribute of the other names the relationship
  implied, // it is there
};
Lead lead_of(const PartKind &from, const PartKind &to);

/// Namespaces that the root of such a part declares, in this order.
std::span<const Ns> namespaces_of(const PartKind &kind);

} // namespace sekisho::rebuild::ooxml
