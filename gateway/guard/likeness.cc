#include "gateway/guard/likeness.hh"

#include "sanitizer/mime/transfer.hh"

#include <algorithm>
#include <array>

namespace sekisho::guard {
namespace {

constexpr std::size_t most_encoded = 12 * 1024; // octets of the text as sent
constexpr std::size_t most_octets = 2048;       // of the text that make features
constexpr std::size_t shingle = 12;             // octets: four Japanese characters
constexpr std::size_t longest_tag = 400;
constexpr int most_nested = 5;

struct Text {
  std::string_view octets;
  mime::Encoding encoding = mime::Encoding::identity;
};

bool is_multipart(std::string_view type) { return lower_case(trimmed(type).substr(0, 10)) == "multipart/"; }

/// The header of the part at the start of `rest`, which is taken off.
void read_part_header(std::string_view &rest, bool &multipart, Text &text) {
  const Message part = read_message(as_bytes(rest.substr(0, 8192)));
  const Field *type = find(part, "Content-Type"), *encoding = find(part, "Content-Transfer-Encoding");
  multipart = type && is_multipart(type->value);
  text.encoding = encoding ? mime::encoding_named(trimmed(encoding->value)) : mime::Encoding::identity;
  rest.remove_prefix(static_cast<std::size_t>(part.body.data() - rest.data()));
}

/// The first text: behind the first delimiters, whatever they are called.
Text first_text(const Message &message) {
  const Field *type = find(message, "Content-Type"), *encoding = find(message, "Content-Transfer-Encoding");
  Text text;
  if (encoding) text.encoding = mime::encoding_named(trimmed(encoding->value));
  bool multipart = type && is_multipart(type->value);
  std::string_view rest = message.body;
  const bool has_parts = multipart;
  for (int depth = 0; multipart && depth < most_nested; ++depth) {
    const std::size_t line = rest.starts_with("--") ? 0 : rest.find("\n--");
    const std::size_t end = line == std::string_view::npos ? line : rest.find('\n', line + 1);
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
    read_part_header(rest, multipart, text);
  }
  text.octets = rest.substr(0, has_parts ? std::min(rest.find("\n--"), most_encoded) : most_encoded);
  return text;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string letters_of(std::string_view text) {
  std::string letters;
  for (std::size_t i = 0; i < text.size() && letters.size() < most_octets; ++i) {
    const char c = text[i];
    if (c == '<') {
      const std::size_t end = text.substr(i, longest_tag).find('>');
      if (end != std::string_view::npos) {
        i += end;
        continue;
      }
    }
    if (static_cast<unsigned char>(c) <= 0x20 || (c >= '0' && c <= '9')) continue;
    letters += lower(c);
  }
  return letters;
}

std::uint64_t mixed(std::uint64_t value) { // the finalizer of MurmurHash3
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccdULL;
  value ^= value >> 33;
  value *= 0xc4ceb9fe1a85ec53ULL;
  return value ^ value >> 33;
}

} // namespace

/// Charikar's simhash over all stretches of a few characters.
Sketch sketch_of(const Message &message) {
  const Text text = first_text(message);
  std::string letters;
  if (text.encoding == mime::Encoding::base64 || text.encoding == mime::Encoding::quoted_printable) {
    const Buffer decoded = mime::decode_transfer(text.encoding, as_bytes(text.octets));
    letters = letters_of(as_chars(decoded));
  } else {
    letters = letters_of(text.octets);
  }
  if (letters.size() < shingle) letters.resize(shingle, ' ');
  std::array<std::int32_t, 64> votes{};
  Sketch sketch;
  constexpr std::uint64_t base = 0x100000001b3ULL;
  std::uint64_t top = 1; // base to the power of the octets in front
  for (std::size_t i = 1; i < shingle; ++i) top *= base;
  std::uint64_t rolling = 0;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    if (i >= shingle) rolling -= top * static_cast<unsigned char>(letters[i - shingle]);
    rolling = rolling * base + static_cast<unsigned char>(letters[i]);
    if (i + 1 < shingle) continue;
    const std::uint64_t hash = mixed(rolling);
    for (std::size_t bit = 0; bit < 64; ++bit) votes[bit] += (hash >> bit & 1) != 0 ? 1 : -1;
    ++sketch.features;
  }
  for (std::size_t bit = 0; bit < 64; ++bit)
    if (votes[bit] > 0) sketch.bits |= std::uint64_t{1} << bit;
  return sketch;
}

} // namespace sekisho::guard
