// What an ODF package calls itself: its first member, stored, says it (OASIS ODF 1.3 part 2, 3.3).
#pragma once

#include "base/bytes.hh"

#include <string_view>

namespace sekisho::verify {

struct OdfKind {
  std::string_view media_type, ending, body; // of file names, with its dot; element of the body
};

inline constexpr OdfKind odf_kinds[] = {
    {"application/vnd.oasis.opendocument.text", ".odt", "office:text"},
    {"application/vnd.oasis.opendocument.spreadsheet", ".ods", "office:spreadsheet"},
    {"application/vnd.oasis.opendocument.presentation", ".odp", "office:presentation"},
    {"application/vnd.oasis.opendocument.graphics", ".odg", "office:drawing"},
};

/// Of a package that our writer wrote; null for anything else.
inline const OdfKind *odf_kind(Bytes package) {
  constexpr std::size_t name_at = 30, says_at = name_at + 8;
  const std::string_view octets = as_chars(package);
  if (octets.size() < says_at || octets.substr(name_at, 8) != "mimetype") return nullptr;
  for (const OdfKind &kind : odf_kinds)
    if (octets.substr(says_at).starts_with(kind.media_type) &&
        octets.substr(says_at + kind.media_type.size(), 2) == "PK")
      return &kind;
  return nullptr;
}

} // namespace sekisho::verify
