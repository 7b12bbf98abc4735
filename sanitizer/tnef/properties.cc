#include "sanitizer/tnef/properties.hh"

#include "sanitizer/text/charset.hh"

namespace sekisho::tnef {
namespace {

constexpr std::uint16_t several = 0x1000;
constexpr std::uint32_t named_by_number = 0, named_by_text = 1;
constexpr std::size_t set_size = 16;

/// Octets of a value of fixed size, padding included; 0: it says its size itself.
std::size_t fixed_size(std::uint16_t type) {
  switch (type) {
  case 0x0001: // null
  case 0x0002: // integer 16
  case 0x0003:
  case 0x0004: // float 32
  case 0x000a: // error
  case 0x000b: return 4;
  case 0x0005: // float 64
  case 0x0006: // currency
  case 0x0007: // application time
  case 0x0014: // integer 64
  case 0x0040: return 8;
  case 0x0048: return 16; // GUID
  default: return 0;
  }
}

bool says_its_size(std::uint16_t type) {
  return type == 0x000d || type == 0x001e || type == 0x001f || type == 0x0102;
}

Bytes take_padded(ByteReader &reader, std::size_t size) {
  const Bytes value = reader.take(size);
  // The padding of the last value is left out by some.
  reader.skip(std::min((4 - size % 4) % 4, reader.remaining()));
  return value;
}

void read_name(ByteReader &reader, Property &property) {
  const Bytes set = reader.take(set_size);
  const std::uint32_t kind = reader.read_u32_le(), number = reader.read_u32_le();
  if (kind == named_by_text) (void)take_padded(reader, number);
  if (kind != named_by_number) return;
  property.name_set = set;
  property.name_number = number;
}

/// The first value; the others are passed over.
Bytes read_value(ByteReader &reader, std::uint16_t type) {
  const bool is_several = (type & several) != 0;
  const auto single = static_cast<std::uint16_t>(type & ~several);
  const std::size_t fixed = fixed_size(single);
  if (fixed == 0 && !says_its_size(single)) {
    reader.skip(reader.remaining() + 1); // its length cannot be known: the reader has failed
    return {};
  }
  std::uint32_t count = is_several || fixed == 0 ? reader.read_u32_le() : 1;
  Bytes first;
  for (bool any = false; count > 0 && !reader.failed(); --count, any = true) {
    const Bytes value = take_padded(reader, fixed != 0 ? fixed : reader.read_u32_le());
    if (!any) first = value;
  }
  return first;
}

} // namespace

std::vector<Property> read_properties(Bytes untrusted, bool &whole) {
  ByteReader reader(untrusted);
  std::vector<Property> properties;
  for (std::uint32_t count = reader.read_u32_le(); count > 0; --count) {
    Property property;
    const std::uint16_t type = reader.read_u16_le();
    property.id = reader.read_u16_le();
    if (property.id >= first_named) read_name(reader, property);
    property.value = read_value(reader, type);
    property.type = static_cast<std::uint16_t>(type & ~several);
    if (reader.failed()) {
      whole = false;
      break;
    }
    if (property.id < first_named || !property.name_set.empty()) properties.push_back(property);
  }
  return properties;
}

std::string text_of(Bytes octets, unsigned code_page) {
  octets = octets.first(std::min(as_chars(octets).find('\0'), octets.size()));
  if (code_page == 0) return text::decode_labelled(octets, "").text;
  return text::decode(text::charset_of_code_page(code_page), octets).text;
}

std::string Property::text(unsigned code_page) const {
  if (is(PropertyType::string8)) return text_of(value, code_page);
  if (!is(PropertyType::string)) return {};
  std::string text = text::decode({text::Scheme::utf16le}, value).text;
  text.resize(std::min(text.find('\0'), text.size()));
  return text;
}

} // namespace sekisho::tnef
