#include "sanitizer/mime/cms.hh"

#include <algorithm>
#include <array>
#include <optional>

namespace sekisho::mime {
namespace {

constexpr unsigned max_depth = 8; // of constructed strings inside each other

// Object identifiers 1.2.840.113549.1.7.x (PKCS #7) and …1.9.16.1.23 (authenticated and enveloped).
constexpr std::array<std::uint8_t, 8> pkcs7 = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07};
constexpr std::array<std::uint8_t, 11> auth_enveloped = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
                                                         0x01, 0x09, 0x10, 0x01, 0x17};
constexpr std::uint8_t sequence = 0x30, explicit_0 = 0xa0, object_identifier = 0x06,
                       octet_string = 0x04, constructed_octets = 0x24;

struct Element {
  std::uint8_t tag = 0;
  Bytes content;           // to the end of what holds it where the length is indefinite
  bool indefinite = false; // ends with two zero octets
  std::size_t size = 0;    // header and content; of an indefinite one the header only
};

std::optional<Element> read_element(Bytes bytes) {
  ByteReader reader(bytes);
  Element element;
  element.tag = reader.read_u8();
  std::uint8_t first = reader.read_u8();
  std::size_t length = first;
  if (first == 0x80) {
    element.indefinite = true;
  } else if (first > 0x80) {
    if (first > 0x84) return {};
    length = 0;
    for (unsigned i = first & 0x7f; i > 0; i--)
      length = length << 8 | reader.read_u8();
  }
  if (reader.failed()) return {};
  if (element.indefinite) {
    element.size = reader.position();
    element.content = reader.rest();
    return element;
  }
  // A mail cut short still says what it is: take what there is.
  element.content = reader.take(std::min(length, reader.remaining()));
  element.size = reader.position();
  return element;
}

bool equals(Bytes bytes, std::span<const std::uint8_t> wanted) {
  return std::ranges::equal(std::as_bytes(wanted), bytes);
}

/// ContentInfo: SEQUENCE { contentType, [0] content }.  Gives the inside of [0].
std::optional<Bytes> read_content_info(Bytes object, Bytes &type) {
  std::optional<Element> outer = read_element(object);
  if (!outer || outer->tag != sequence) return {};
  std::optional<Element> oid = read_element(outer->content);
  if (!oid || oid->tag != object_identifier || oid->indefinite) return {};
  type = oid->content;
  std::optional<Element> content = read_element(outer->content.subspan(oid->size));
  if (!content || content->tag != explicit_0) return Bytes{};
  return content->content;
}

/// Octets of an OCTET STRING in one piece or many.  Returns how far it read.
std::size_t append_octets(Bytes bytes, unsigned depth, Buffer &octets) {
  std::optional<Element> element = read_element(bytes);
  if (!element || depth > max_depth) return 0;
  if (element->tag == octet_string && !element->indefinite) {
    octets.insert(octets.end(), element->content.begin(), element->content.end());
    return element->size;
  }
  if (element->tag != constructed_octets) return 0;
  Bytes rest = element->content;
  while (!rest.empty()) {
    if (element->indefinite && rest.size() >= 2 && rest[0] == std::byte{0} &&
        rest[1] == std::byte{0})
      return bytes.size() - rest.size() + 2;
    std::size_t read = append_octets(rest, depth + 1, octets);
    if (read == 0) break;
    rest = rest.subspan(read);
  }
  return bytes.size() - rest.size();
}

} // namespace

CmsType cms_type(Bytes object) {
  Bytes type;
  if (!read_content_info(object, type)) return CmsType::none;
  if (equals(type, auth_enveloped)) return CmsType::enveloped;
  if (type.size() != pkcs7.size() + 1 || !equals(type.first(pkcs7.size()), pkcs7))
    return CmsType::other;
  switch (std::to_integer<unsigned>(type.back())) {
  case 2: return CmsType::signed_data;
  case 3:
  case 4:
  case 6: return CmsType::enveloped;
  default: return CmsType::other;
  }
}

Buffer cms_signed_content(Bytes object) {
  Bytes type;
  std::optional<Bytes> inside = read_content_info(object, type);
  if (!inside || cms_type(object) != CmsType::signed_data) return {};
  std::optional<Element> signed_data = read_element(*inside);
  if (!signed_data || signed_data->tag != sequence) return {};
  // SignedData: version, digestAlgorithms, encapContentInfo { eContentType, [0] eContent }.
  Bytes rest = signed_data->content;
  for (unsigned i = 0; i < 2; i++) {
    std::optional<Element> skipped = read_element(rest);
    if (!skipped || skipped->indefinite) return {};
    rest = rest.subspan(skipped->size);
  }
  Bytes content_type;
  std::optional<Bytes> content = read_content_info(rest, content_type);
  Buffer octets;
  if (content) append_octets(*content, 0, octets);
  return octets;
}

} // namespace sekisho::mime
