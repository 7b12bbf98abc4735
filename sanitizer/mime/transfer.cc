#include "sanitizer/mime/transfer.hh"

#include <algorithm>
#include <array>

namespace sekisho::mime {
namespace {

constexpr std::uint8_t not_base64 = 0xff, padding = 0xfe;

constexpr std::array<std::uint8_t, 256> make_base64_values() {
  std::array<std::uint8_t, 256> values{};
  for (std::uint8_t &value : values)
    value = not_base64;
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); i++)
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  values['='] = padding;
  return values;
}
constexpr std::array<std::uint8_t, 256> base64_values = make_base64_values();

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string_view line_at(std::string_view text, std::size_t start, std::size_t &next) {
  std::size_t end = text.find('\n', start);
  next = end == std::string_view::npos ? text.size() : end + 1;
  if (end == std::string_view::npos) end = text.size();
  if (end > start && text[end - 1] == '\r') end--;
  return text.substr(start, end - start);
}

/// "begin 644 name": the name, or nothing.
std::optional<std::string_view> uu_name(std::string_view line) {
  if (!line.starts_with("begin ")) return {};
  line.remove_prefix(6);
  std::size_t digits = 0;
  while (digits < line.size() && line[digits] >= '0' && line[digits] <= '7')
    digits++;
  if (digits < 3 || digits > 4 || digits >= line.size() || line[digits] != ' ') return {};
  line.remove_prefix(digits + 1);
  return line;
}

/// Appends one line's octets; false when it is no line of uuencode.
bool decode_uu_line(std::string_view line, Buffer &content) {
  auto value = [](char c) { return static_cast<unsigned>(c - 0x20) & 0x3f; };
  for (char c : line)
    if (c < 0x20 || c > 0x60) return false;
  unsigned count = value(line[0]);
  std::size_t quads = (count + 2) / 3;
  if (line.size() > 1 + quads * 4 + 2) return false; // one or two octets of checksum are seen
  for (std::size_t quad = 0; quad < quads; quad++) {
    unsigned bits = 0;
    for (std::size_t k = 0; k < 4; k++) {
      std::size_t at = 1 + quad * 4 + k;
      bits = bits << 6 | (at < line.size() ? value(line[at]) : 0); // trailing spaces get lost
    }
    for (unsigned k = 0; k < 3 && quad * 3 + k < count; k++)
      content.push_back(static_cast<std::byte>(bits >> (16 - 8 * k) & 0xff));
  }
  return true;
}

} // namespace

Encoding encoding_named(std::string_view word) {
  std::string lower;
  for (char c : word)
    if (c > ' ') lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (lower.empty() || lower == "7bit" || lower == "8bit" || lower == "binary" ||
      lower == "7-bit" || lower == "8-bit")
    return Encoding::identity;
  if (lower == "base64") return Encoding::base64;
  if (lower == "quoted-printable") return Encoding::quoted_printable;
  if (lower == "x-uuencode" || lower == "uuencode" || lower == "x-uue") return Encoding::uuencode;
  return Encoding::unknown;
}

Buffer decode_base64(Bytes octets) {
  Buffer decoded(octets.size() / 4 * 3 + 3);
  std::size_t written = 0;
  std::uint32_t bits = 0;
  unsigned count = 0;
  auto flush = [&] { // the whole octets of an incomplete quad
    for (unsigned left = count * 6; left >= 8; left -= 8)
      decoded[written++] = static_cast<std::byte>(bits >> (left - 8) & 0xff);
    bits = count = 0;
  };
  for (std::byte octet : octets) {
    std::uint8_t value = base64_values[std::to_integer<std::uint8_t>(octet)];
    if (value == not_base64) continue;
    if (value == padding) {
      flush();
      continue;
    }
    bits = bits << 6 | value;
    if (++count == 4) {
      decoded[written++] = static_cast<std::byte>(bits >> 16 & 0xff);
      decoded[written++] = static_cast<std::byte>(bits >> 8 & 0xff);
      decoded[written++] = static_cast<std::byte>(bits & 0xff);
      bits = count = 0;
    }
  }
  flush();
  decoded.resize(written);
  return decoded;
}

Buffer decode_quoted_printable(Bytes octets) {
  std::string_view text = as_chars(octets);
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t position = 0; position < text.size();) {
    std::size_t next;
    std::string_view line = line_at(text, position, next);
    bool has_end = next > position + line.size();
    position = next;
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t'))
      line.remove_suffix(1);
    bool soft = line.ends_with('=');
    if (soft) line.remove_suffix(1);
    for (std::size_t i = 0; i < line.size(); i++) {
      int high = line[i] == '=' && i + 2 < line.size() ? hex_digit(line[i + 1]) : -1;
      int low = high >= 0 ? hex_digit(line[i + 2]) : -1;
      if (low < 0) {
        decoded += line[i];
        continue;
      }
      decoded += static_cast<char>(high << 4 | low);
      i += 2;
    }
    if (!soft && has_end) decoded += "\r\n";
  }
  return to_buffer(decoded);
}

std::optional<UuFile> find_uuencoded(std::string_view text, std::size_t position) {
  while (position < text.size()) {
    std::size_t start = text.find("begin ", position);
    if (start == std::string_view::npos) return {};
    position = start + 6;
    if (start > 0 && text[start - 1] != '\n') continue;
    std::size_t next;
    std::optional<std::string_view> name = uu_name(line_at(text, start, next));
    if (!name) continue;

    UuFile file;
    file.start = start;
    file.name = *name;
    std::size_t lines = 0;
    while (next < text.size()) {
      std::size_t after;
      std::string_view line = line_at(text, next, after);
      if (line == "end") {
        file.end = after;
        return file;
      }
      if (!line.empty() && !decode_uu_line(line, file.content)) break;
      next = after;
      lines++;
    }
    if (lines > 0 && !file.content.empty()) { // no "end": what was read is a file all the same
      file.end = next;
      return file;
    }
    position = next;
  }
  return {};
}

Buffer decode_transfer(Encoding encoding, Bytes octets) {
  switch (encoding) {
  case Encoding::base64: return decode_base64(octets);
  case Encoding::quoted_printable: return decode_quoted_printable(octets);
  case Encoding::uuencode: {
    std::optional<UuFile> file = find_uuencoded(as_chars(octets), 0);
    return file ? std::move(file->content) : to_buffer(octets);
  }
  case Encoding::identity:
  case Encoding::unknown: break;
  }
  return to_buffer(octets);
}

} // namespace sekisho::mime
