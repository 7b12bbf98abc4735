#include "sanitizer/mime/transfer.hh"

#include "base/cpu.hh"
#include "base/text.hh"
#include "base/vectors.hh"
#include "sanitizer/text/charset.hh"

#include <algorithm>
#include <array>
#include <cstring>

namespace sekisho::mime {
namespace {

constexpr std::uint8_t not_base64 = 0xff, padding = 0xfe;
constexpr std::uint32_t bad_quad = 1u << 24; // any bit above the 24 of a quad

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

/// What each octet of a quad adds to it, by its place.
constexpr std::array<std::array<std::uint32_t, 256>, 4> make_quad_values() {
  std::array<std::array<std::uint32_t, 256>, 4> values{};
  for (std::size_t place = 0; place < 4; place++)
    for (std::size_t octet = 0; octet < 256; octet++)
      values[place][octet] = base64_values[octet] >= padding
                                 ? bad_quad
                                 : static_cast<std::uint32_t>(base64_values[octet])
                                       << (18 - 6 * place);
  return values;
}
constexpr std::array<std::array<std::uint32_t, 256>, 4> quad_values = make_quad_values();

/// Whole quads of the alphabet from the beginning on, three octets each; how many octets were read.
std::size_t decode_quads(const unsigned char *from, std::size_t size, std::byte *&written) {
  std::byte *to = written;
  std::size_t at = 0;
  for (; at + 4 <= size; at += 4) {
    std::uint32_t quad = quad_values[0][from[at]] | quad_values[1][from[at + 1]] |
                         quad_values[2][from[at + 2]] | quad_values[3][from[at + 3]];
    if (quad >= bad_quad) break;
    to[0] = static_cast<std::byte>(quad >> 16);
    to[1] = static_cast<std::byte>(quad >> 8);
    to[2] = static_cast<std::byte>(quad);
    to += 3;
  }
  written = to;
  return at;
}

#ifdef __x86_64__
/// A bit for each of 32 octets, the first lowest: not in the alphabet.  Each octet's upper half tells by how much it
/// lies off its value, both halves together whether it is in the alphabet.
SEKISHO_AVX2_INLINE std::uint32_t outside_alphabet(__m256i in) {
  const __m256i low_bits = _mm256_setr_epi8(
      0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a,
      0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a);
  const __m256i high_bits = _mm256_setr_epi8(
      0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10,
      0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
  const __m256i nibble = _mm256_set1_epi8(0x0f);
  const __m256i high = _mm256_and_si256(_mm256_srli_epi32(in, 4), nibble);
  const __m256i wrong = _mm256_and_si256(_mm256_shuffle_epi8(low_bits, _mm256_and_si256(in, nibble)),
                                         _mm256_shuffle_epi8(high_bits, high));
  return ~static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(wrong, _mm256_setzero_si256())));
}

/// 24 octets of eight quads, and eight more that mean nothing.
SEKISHO_AVX2_INLINE void write_quads(__m256i in, std::byte *to) {
  const __m256i offsets = _mm256_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 19, 4, -65,
                                           -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
  const __m256i high = _mm256_and_si256(_mm256_srli_epi32(in, 4), _mm256_set1_epi8(0x0f));
  const __m256i is_slash = _mm256_cmpeq_epi8(in, _mm256_set1_epi8('/'));
  in = _mm256_add_epi8(in, _mm256_shuffle_epi8(offsets, _mm256_add_epi8(is_slash, high)));
  const __m256i pairs = _mm256_maddubs_epi16(in, _mm256_set1_epi32(0x01400140));
  const __m256i quads = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));
  const __m256i packed = _mm256_shuffle_epi8(
      quads, _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1, 2, 1, 0, 6, 5, 4, 10, 9, 8, 14,
                              13, 12, -1, -1, -1, -1));
  _mm256_storeu_si256(reinterpret_cast<__m256i *>(to),
                      _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7)));
}

/// The same, 32 octets at a time and over the ends of lines that come after whole quads.  Writes up to 32 octets behind
/// what it counts.
SEKISHO_AVX2 std::size_t decode_lines(const unsigned char *from, std::size_t size, std::byte *&written) {
  struct End { // of a line, in the 32 octets that hold it
    std::uint32_t outside = 0;
    std::size_t written = 0, read = 0;
  };
  std::byte *to = written;
  End last; // lines are as long as the one before: what is known need not be waited for
  std::size_t at = 0;
  while (at + 32 <= size) {
    const __m256i in = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from + at));
    const std::uint32_t outside = outside_alphabet(in);
    write_quads(in, to);
    if (outside == 0) {
      at += 32;
      to += 24;
      continue;
    }
    const bool known = outside == last.outside;
    const std::size_t quads = known ? last.read : static_cast<std::size_t>(__builtin_ctz(outside)) & ~std::size_t{3};
    const unsigned char *const end = from + at + quads;
    const std::size_t line_end = end[0] == '\n' ? 1 : end[0] == '\r' && end[1] == '\n' ? 2 : 0;
    if (!known) last = {outside, quads / 4 * 3, quads};
    at += last.read + line_end;
    to += last.written;
    if (line_end == 0) break;
  }
  written = to;
  return at;
}

/// Rows of =XX, five at a time while that goes; gives where it ended.  Writes up to 3 octets behind what it counts.
SEKISHO_AVX2 const char *decode_marked(const char *from, const char *end, char *&written) {
  const __m128i is_mark = _mm_setr_epi8(-1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, 0);
  const __m128i digits = _mm_setr_epi8(1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 1, 1, 1, 1, 1, 1);
  char *to = written;
  for (; end - from >= 16; from += 15, to += 5) {
    const __m128i in = _mm_loadu_si128(reinterpret_cast<const __m128i *>(from));
    const __m128i marks = _mm_cmpeq_epi8(in, _mm_set1_epi8('='));
    const __m128i hex = _mm_shuffle_epi8(in, digits);
    const __m128i number = _mm_sub_epi8(hex, _mm_set1_epi8('0'));
    const __m128i letter = _mm_sub_epi8(_mm_or_si128(hex, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
    const __m128i is_number = _mm_cmpeq_epi8(_mm_min_epu8(number, _mm_set1_epi8(9)), number);
    const __m128i is_letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(5)), letter);
    if (!_mm_testc_si128(marks, is_mark) || !_mm_testc_si128(_mm_or_si128(is_number, is_letter), _mm_set1_epi8(-1))) break;
    const __m128i values = _mm_blendv_epi8(_mm_add_epi8(letter, _mm_set1_epi8(10)), number, is_number);
    const __m128i octets = _mm_maddubs_epi16(values, _mm_set1_epi16(0x0110));
    _mm_storel_epi64(reinterpret_cast<__m128i *>(to), _mm_packus_epi16(octets, octets));
  }
  written = to;
  return from;
}
#else
std::size_t decode_lines(const unsigned char *, std::size_t, std::byte *&) { return 0; }
const char *decode_marked(const char *from, const char *, char *&) { return from; }
#endif
const bool is_wide = has_avx2();

constexpr std::array<std::int8_t, 256> make_hex_digits() {
  std::array<std::int8_t, 256> digits{};
  for (std::int8_t &digit : digits)
    digit = -1;
  for (std::int8_t i = 0; i < 16; i++) {
    digits[static_cast<unsigned char>("0123456789ABCDEF"[i])] = i;
    digits[static_cast<unsigned char>("0123456789abcdef"[i])] = i;
  }
  return digits;
}
constexpr std::array<std::int8_t, 256> hex_digits = make_hex_digits();

int hex_digit(char c) {
  return hex_digits[static_cast<unsigned char>(c)];
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
    if (c > ' ' && c != '-' && c != '_') lower += sekisho::lower(c);
  // Not only the words of RFC 2045: what programs write who mean that there is none.
  constexpr std::string_view none[] = {"", "7bit", "8bit", "binary", "7bits", "8bits", "none", "text", "plain", "text/plain", "text/html"};
  if (std::ranges::find(none, lower) != std::end(none) || text::charset_named(word)) return Encoding::identity;
  if (lower == "base64") return Encoding::base64;
  if (lower == "quotedprintable") return Encoding::quoted_printable;
  if (lower == "xuuencode" || lower == "uuencode" || lower == "xuue") return Encoding::uuencode;
  return Encoding::unknown;
}

Buffer decode_base64(Bytes octets) {
  constexpr std::size_t overrun = 32; // of decode_lines
  Buffer decoded(octets.size() / 4 * 3 + 3 + overrun);
  std::byte *to = decoded.data();
  const auto *from = reinterpret_cast<const unsigned char *>(octets.data());
  const auto *end = from + octets.size();
  std::uint32_t bits = 0;
  unsigned count = 0;
  auto flush = [&] { // the whole octets of an incomplete quad
    for (unsigned left = count * 6; left >= 8; left -= 8)
      *to++ = static_cast<std::byte>(bits >> (left - 8) & 0xff);
    bits = count = 0;
  };
  while (from < end) {
    if (count == 0) {
      if (is_wide) from += decode_lines(from, static_cast<std::size_t>(end - from), to);
      from += decode_quads(from, static_cast<std::size_t>(end - from), to);
      if (from == end) break;
    }
    std::uint8_t value = base64_values[*from++];
    if (value == not_base64) {
      while (from < end && base64_values[*from] == not_base64)
        from++;
      continue;
    }
    if (value == padding) {
      flush();
      continue;
    }
    bits = bits << 6 | value;
    if (++count == 4) {
      *to++ = static_cast<std::byte>(bits >> 16 & 0xff);
      *to++ = static_cast<std::byte>(bits >> 8 & 0xff);
      *to++ = static_cast<std::byte>(bits & 0xff);
      bits = count = 0;
    }
  }
  flush();
  decoded.resize(static_cast<std::size_t>(to - decoded.data()));
  return decoded;
}

bool goes_on_behind_padding(Bytes base64) {
  const std::string_view text = as_chars(base64);
  const std::string_view behind = text.substr(std::min(text.find('='), text.size()));
  return std::ranges::any_of(behind, [](char c) { return base64_values[static_cast<unsigned char>(c)] < padding; });
}

namespace {

/// Up to the next '='; the octets before it are written.
const char *copy_to_mark(const char *from, const char *end, char *&to) {
  constexpr std::uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080, marks = '=' * ones;
  for (std::uint64_t eight; end - from >= 8; from += 8, to += 8) {
    std::memcpy(&eight, from, 8);
    const std::uint64_t mark = eight ^ marks; // an octet 0 where '=' was
    if ((mark - ones) & ~mark & highs) break;
    std::memcpy(to, &eight, 8);
  }
  while (from != end && *from != '=')
    *to++ = *from++;
  return from;
}

} // namespace

Buffer decode_quoted_printable(Bytes octets) {
  std::string_view text = as_chars(octets);
  constexpr std::size_t more = 2 + 3; // a line's end, which may have been LF alone; what decode_marked() writes behind it
  Buffer decoded(text.size() + more);
  char *start = reinterpret_cast<char *>(decoded.data());
  char *to = start;
  for (std::size_t position = 0; position < text.size();) {
    std::size_t next;
    std::string_view line = line_at(text, position, next);
    bool has_end = next > position + line.size();
    position = next;
    if (const auto written = static_cast<std::size_t>(to - start); decoded.size() - written < line.size() + more) {
      decoded.resize(written + written / 2 + line.size() + more);
      start = reinterpret_cast<char *>(decoded.data()), to = start + written;
    }
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t'))
      line.remove_suffix(1);
    bool soft = line.ends_with('=');
    if (soft) line.remove_suffix(1);
    const char *const end = line.data() + line.size();
    for (const char *at = line.data(); (at = copy_to_mark(at, end, to)) != end;) {
      if (is_wide && end - at >= 16) at = decode_marked(at, end, to);
      for (; end - at > 2 && *at == '='; at += 3) { // of Japanese all octets are written so
        const int octet = hex_digit(at[1]) * 16 | hex_digit(at[2]);
        if (octet < 0) break;
        *to++ = static_cast<char>(octet);
      }
      if (at != end && *at == '=') *to++ = *at++; // it starts nothing
    }
    if (!soft && has_end) {
      *to++ = '\r';
      *to++ = '\n';
    }
  }
  decoded.resize(static_cast<std::size_t>(to - start));
  return decoded;
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
