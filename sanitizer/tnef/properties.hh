// MAPI properties as TNEF holds them; private to tnef.  [MS-OXTNEF] §2.1.3.4, [MS-OXCDATA] §2.11.
#pragma once

#include "base/bytes.hh"

#include <string>
#include <vector>

namespace sekisho::tnef {

enum class PropertyType : std::uint16_t {
  integer32 = 0x0003,
  boolean = 0x000b,
  object = 0x000d,
  string8 = 0x001e,
  string = 0x001f, // UTF-16LE
  time = 0x0040,
  binary = 0x0102,
};

constexpr std::uint16_t first_named = 0x8000; // from here on an id says nothing

/// Of several values the first.
struct Property {
  std::uint16_t id = 0;
  std::uint16_t type = 0;
  Bytes value;                   // borrowed
  Bytes name_set;                // borrowed, 16 octets; empty where it has no name
  std::uint32_t name_number = 0; // which of that set

  bool is(PropertyType wanted) const { return type == static_cast<std::uint16_t>(wanted); }
  bool is_text() const { return is(PropertyType::string8) || is(PropertyType::string); }
  /// Of a text, to UTF-8, up to the first NUL.
  std::string text(unsigned code_page) const;
  std::uint32_t number() const { return ByteReader(value).read_u32_le(); }
};

/// As far as they can be read; `whole` is set to false where that is not all.  Those whose name is a text are passed
/// over.
std::vector<Property> read_properties(Bytes untrusted, bool &whole);

/// `octets` of a Windows code page (0: unknown) to UTF-8, up to the first NUL.
std::string text_of(Bytes octets, unsigned code_page);

} // namespace sekisho::tnef
