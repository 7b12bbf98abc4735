// The strict re-reader of whole mails.  It shares no code with sanitizer/mime and knows only what
// our writer writes: a mail is taken line by line, and the first octet outside the grammar ends it.
//
//   mail       = fields single-body / fields multipart
//   fields     = 1*(name ": " value CRLF *(SP value CRLF))   each name once, of the allow-list;
//                                                            fields for programs that answer: listed values
//   multipart  = 1*("--" boundary CRLF part) "--" boundary "--" CRLF
//   part       = Content-Type, Content-Transfer-Encoding, Content-Disposition, CRLF, base64 lines
//
// The mail's own text may be ISO-2022-JP instead, in base64 or as it is; then so are words of the header.
#include "base/clock.hh"
#include "base/cpu.hh"
#include "base/utf8.hh"
#include "base/vectors.hh"
#include "sanitizer/verify/characters.hh"
#include "sanitizer/verify/iso2022jp.hh"
#include "sanitizer/verify/odf_kind.hh"
#include "sanitizer/verify/verify.hh"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

namespace sekisho::verify {
namespace {

constexpr std::size_t max_line = 998;       // octets without CRLF, RFC 5322 §2.1.1
constexpr std::size_t max_field = 64 << 10; // octets of one unfolded field
constexpr std::size_t base64_line = 76;     // RFC 2045 §6.8
constexpr std::string_view text_type = "text/plain; charset=utf-8";
constexpr std::string_view jis_text_type = "text/plain; charset=iso-2022-jp";
constexpr std::string_view boundary_start = "=_sekisho_";
constexpr std::size_t boundary_digits = 32;

constexpr std::string_view mail_fields[] = {"From",
                                            "To",
                                            "Cc",
                                            "Reply-To",
                                            "Subject",
                                            "Date",
                                            "Message-ID",
                                            "In-Reply-To",
                                            "References",
                                            "Auto-Submitted",
                                            "Precedence",
                                            "X-Auto-Response-Suppress",
                                            "List-Id",
                                            "MIME-Version",
                                            "Content-Type",
                                            "X-Sekisho-Receipt",
                                            "Content-Transfer-Encoding"};
constexpr std::string_view part_fields[] = {"Content-Type", "Content-Transfer-Encoding",
                                            "Content-Disposition"};

// What the fields about answers of machines may say.
constexpr std::string_view submitted_values[] = {"no", "auto-generated", "auto-replied"};
constexpr std::string_view precedence_values[] = {"list", "bulk", "junk"};
constexpr std::string_view suppressed[] = {"DR", "RN", "NRN", "OOF", "AutoReply", "All", "None"};
constexpr std::size_t max_list_id = 255; // octets without the brackets

struct FileType {
  std::string_view type;
  job::Kind kind;
};
constexpr FileType file_types[] = {
    {"application/pdf", job::Kind::pdf},
    {"image/jpeg", job::Kind::jpeg},
    {"image/png", job::Kind::png},
    {"image/gif", job::Kind::gif},
    {"image/tiff", job::Kind::tiff},
    {"application/zip", job::Kind::zip},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
     job::Kind::ooxml_word},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", job::Kind::ooxml_sheet},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation",
     job::Kind::ooxml_slides},
    {"application/vnd.oasis.opendocument.text", job::Kind::odf},
    {"application/vnd.oasis.opendocument.spreadsheet", job::Kind::odf},
    {"application/vnd.oasis.opendocument.presentation", job::Kind::odf},
    {"application/vnd.oasis.opendocument.graphics", job::Kind::odf},
};

struct Field {
  std::string_view name;
  std::string value; // unfolded: line ends taken out, the folding space kept
};

/// Lines that end in CRLF and hold printable ASCII only.
class Lines {
public:
  explicit Lines(std::string_view text) : text_(text) {}
  bool at_end() const { return position_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[position_]; }
  bool sees(std::string_view text) const { return text_.substr(position_).starts_with(text); }
  /// Nothing: no CRLF, too long, or an octet outside 0x20–0x7e.
  std::optional<std::string_view> next() {
    std::optional<std::string_view> line = next_of_any();
    if (!line) return {};
    for (char c : *line)
      if (c < 0x20 || c > 0x7e) return {};
    return line;
  }
  /// The same without a look at its octets: they must be looked at by who takes it.
  std::optional<std::string_view> next_of_any() {
    std::size_t end = text_.find('\r', position_);
    if (end == std::string_view::npos || end + 1 >= text_.size() || text_[end + 1] != '\n')
      return {};
    std::string_view line = text_.substr(position_, end - position_);
    if (line.size() > max_line) return {};
    position_ = end + 2;
    return line;
  }

private:
  std::string_view text_;
  std::size_t position_ = 0;
};

constexpr std::array<std::int8_t, 256> make_base64_values() {
  std::array<std::int8_t, 256> values{};
  for (int c = 0; c < 256; c++)
    values[static_cast<std::size_t>(c)] =
        static_cast<std::int8_t>(c >= 'A' && c <= 'Z'   ? c - 'A'
                                 : c >= 'a' && c <= 'z' ? c - 'a' + 26
                                 : c >= '0' && c <= '9' ? c - '0' + 52
                                 : c == '+'             ? 62
                                 : c == '/'             ? 63
                                                        : -1);
  return values;
}
constexpr std::array<std::int8_t, 256> base64_values = make_base64_values();

/// What each character of a quad adds to it, by its place; negative: not of the alphabet.
constexpr std::array<std::array<std::int32_t, 256>, 4> make_base64_places() {
  std::array<std::array<std::int32_t, 256>, 4> places{};
  for (std::size_t place = 0; place < 4; place++)
    for (std::size_t c = 0; c < 256; c++)
      places[place][c] = base64_values[c] < 0 ? -1 : base64_values[c] << (18 - 6 * place);
  return places;
}
constexpr std::array<std::array<std::int32_t, 256>, 4> base64_places = make_base64_places();

int base64_value(char c) {
  return base64_values[static_cast<unsigned char>(c)];
}

#ifdef __x86_64__
SEKISHO_AVX2_INLINE __m256i within(__m256i in, char first, char last) {
  return _mm256_and_si256(_mm256_cmpgt_epi8(in, _mm256_set1_epi8(static_cast<char>(first - 1))),
                          _mm256_cmpgt_epi8(_mm256_set1_epi8(static_cast<char>(last + 1)), in));
}
SEKISHO_AVX2_INLINE __m256i offset(__m256i where, int by) {
  return _mm256_and_si256(where, _mm256_set1_epi8(static_cast<char>(by)));
}

/// Of whole quads, 32 characters at a time while all are of the alphabet; gives how many were read.  Writes four octets
/// behind what they stand for.
__attribute__((target("avx2"))) std::size_t decode_base64_wide(std::string_view text, char *start) {
  std::size_t read = 0;
  while (read < text.size() && text.size() >= 32) {
    const std::size_t at = std::min(read, text.size() - 32); // the last ones overlap
    char *const to = start + at / 4 * 3;
    const __m256i in = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(text.data() + at));
    const __m256i upper = within(in, 'A', 'Z'), small = within(in, 'a', 'z'), digit = within(in, '0', '9');
    const __m256i plus = within(in, '+', '+'), slash = within(in, '/', '/');
    const __m256i known = _mm256_or_si256(_mm256_or_si256(upper, small), _mm256_or_si256(digit, _mm256_or_si256(plus, slash)));
    if (_mm256_movemask_epi8(known) != -1) break;
    read = at + 32;
    const __m256i offsets = _mm256_or_si256(
        _mm256_or_si256(offset(upper, -'A'), offset(small, 26 - 'a')),
        _mm256_or_si256(offset(digit, 52 - '0'), _mm256_or_si256(offset(plus, 62 - '+'), offset(slash, 63 - '/'))));
    const __m256i pairs = _mm256_maddubs_epi16(_mm256_add_epi8(in, offsets), _mm256_set1_epi16(0x0140)); // a * 64 + b
    const __m256i quads = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));                      // ab * 4096 + cd
    const __m256i octets = _mm256_shuffle_epi8(quads, _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1,
                                                                       2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
    _mm_storeu_si128(reinterpret_cast<__m128i *>(to), _mm256_castsi256_si128(octets));
    _mm_storeu_si128(reinterpret_cast<__m128i *>(to + 12), _mm256_extracti128_si256(octets, 1));
  }
  return read;
}
#else
std::size_t decode_base64_wide(std::string_view, char *) { return 0; }
#endif

/// Appends what `text` stands for.  `last` tells whether padding was seen.  Only the canonical
/// form: whole quads, unused bits zero.  RFC 4648 §3.5.
bool decode_base64(std::string_view text, std::string &decoded, bool &last) {
  if (text.empty() || text.size() % 4 != 0 || last) return false;
  constexpr std::size_t overrun = 4; // of decode_base64_wide()
  const std::size_t start = decoded.size();
  decoded.resize(start + text.size() / 4 * 3 + overrun);
  char *to = decoded.data() + start;
  std::size_t i = has_avx2() ? decode_base64_wide(text, to) : 0;
  to += i / 4 * 3;
  for (; i + 4 < text.size(); i += 4) { // all but the last quad are whole
    const auto bits_of = [&](std::size_t place) {
      return base64_places[place][static_cast<unsigned char>(text[i + place])];
    };
    const std::int32_t bits = bits_of(0) | bits_of(1) | bits_of(2) | bits_of(3);
    if (bits < 0) return false;
    to[0] = static_cast<char>(bits >> 16);
    to[1] = static_cast<char>(bits >> 8);
    to[2] = static_cast<char>(bits);
    to[3] = 0; // so that it is one store
    to += 3;
  }
  decoded.resize(start + i / 4 * 3);
  for (; i < text.size(); i += 4) {
    std::string_view quad = text.substr(i, 4);
    std::size_t padding = quad[3] != '=' ? 0 : quad[2] != '=' ? 1 : 2;
    if (padding > 0 && i + 4 != text.size()) return false;
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 4; k++) {
      int value = k < 4 - padding ? base64_value(quad[k]) : 0;
      if (value < 0) return false;
      bits = bits << 6 | static_cast<std::uint32_t>(value);
    }
    if ((padding == 1 && (bits & 0xff)) || (padding == 2 && (bits & 0xffff))) return false;
    for (std::size_t k = 0; k < 3 - padding; k++)
      decoded += static_cast<char>(bits >> (16 - 8 * k) & 0xff);
    last = padding > 0;
  }
  return true;
}

bool has_only_visible(std::string_view utf8) {
  for (std::size_t position = 0; position < utf8.size();) {
    char32_t c = utf8_next(utf8, position);
    if (c == utf8_invalid || is_forbidden(c)) return false;
  }
  return true;
}

/// Every "=?" starts an encoded word of one form, =?utf-8?B?…?= or =?ISO-2022-JP?B?…?=, each whole
/// characters.  RFC 2047.
bool accept_encoded_words(std::string_view value, bool jis) {
  const std::string_view start = jis ? "=?ISO-2022-JP?B?" : "=?utf-8?B?";
  for (std::size_t at; (at = value.find("=?")) != std::string_view::npos;) {
    value.remove_prefix(at);
    if (!value.starts_with(start)) return false;
    std::size_t end = value.find("?=", start.size());
    if (end == std::string_view::npos || end + 2 > 75) return false;
    std::string decoded;
    bool last = false;
    if (!decode_base64(value.substr(start.size(), end - start.size()), decoded, last)) return false;
    if (jis ? !is_iso_2022_jp_line(decoded) : !has_only_visible(decoded)) return false;
    value.remove_prefix(end + 2);
  }
  return true;
}

std::optional<std::vector<Field>> read_fields(Lines &lines,
                                              std::span<const std::string_view> allowed) {
  std::vector<Field> fields;
  fields.reserve(allowed.size());
  for (;;) {
    std::optional<std::string_view> line = lines.next();
    if (!line) return {};
    if (line->empty()) return fields;
    if (line->front() == ' ') {
      if (fields.empty() || line->find_first_not_of(' ') == std::string_view::npos) return {};
      fields.back().value += *line;
      if (fields.back().value.size() > max_field) return {};
      continue;
    }
    std::size_t colon = line->find(": ");
    if (colon == std::string_view::npos) return {};
    Field field{line->substr(0, colon), std::string(line->substr(colon + 2))};
    if (std::find(allowed.begin(), allowed.end(), field.name) == allowed.end()) return {};
    for (const Field &other : fields)
      if (other.name == field.name) return {};
    fields.push_back(std::move(field));
  }
}

const std::string *find(const std::vector<Field> &fields, std::string_view name) {
  for (const Field &field : fields)
    if (field.name == name) return &field.value;
  return nullptr;
}

bool is(const std::vector<Field> &fields, std::string_view name, std::string_view value) {
  const std::string *found = find(fields, name);
  return found != nullptr && *found == value;
}

/// Some of the list, each once and in its order, ", " between them.
bool accept_suppressed(std::string_view value) {
  for (std::string_view answer : suppressed) {
    if (!value.starts_with(answer)) continue;
    value.remove_prefix(answer.size());
    if (value.empty()) return true;
    if (!value.starts_with(", ")) return false;
    value.remove_prefix(2);
  }
  return false;
}

/// In brackets a dot-atom-text (RFC 5322 §3.2.3) in which no encoded word starts.
bool accept_list_id(std::string_view value) {
  if (!value.starts_with('<') || !value.ends_with('>') || value.size() > max_list_id + 2) return false;
  char before = '<';
  for (char c : value.substr(1)) {
    const bool at_edge = before == '<' || before == '.';
    if (c == '>') return !at_edge && value.find('>') + 1 == value.size();
    if ((c == '.' && at_edge) || (c == '?' && before == '=')) return false;
    if (c <= ' ' || c >= 0x7f || std::string_view("()<[]:;@\\,\"").find(c) != std::string_view::npos) return false;
    before = c;
  }
  return false;
}

bool accept_automatic(const std::vector<Field> &fields) {
  const auto says_one_of = [&](std::string_view name, std::span<const std::string_view> values) {
    const std::string *value = find(fields, name);
    return !value || std::ranges::find(values, *value) != values.end();
  };
  const std::string *suppress = find(fields, "X-Auto-Response-Suppress");
  const std::string *list = find(fields, "List-Id");
  return says_one_of("Auto-Submitted", submitted_values) && says_one_of("Precedence", precedence_values) &&
         (!suppress || accept_suppressed(*suppress)) && (!list || accept_list_id(*list));
}

/// inline, or attachment with a file name: one quoted ASCII name, or RFC 2231 pieces in order.
bool accept_disposition(std::string_view value) {
  if (value == "inline") return true;
  constexpr std::string_view start = "attachment; filename";
  if (!value.starts_with(start)) return false;
  value.remove_prefix(start.size());
  auto is_safe = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '_' || c == '.';
  };
  if (value.starts_with("=\"")) {
    if (value.size() < 4 || value.back() != '"' || value[2] == '.') return false;
    std::string_view name = value.substr(2, value.size() - 3);
    return std::all_of(name.begin(), name.end(), [&](char c) { return is_safe(c) || c == ' '; });
  }

  std::string name;
  for (unsigned piece = 0;; piece++) {
    std::string head = std::to_string(piece);
    head = '*' + head + "*=";
    if (piece == 0) head += "utf-8''";
    if (!value.starts_with(head)) return false;
    value.remove_prefix(head.size());
    std::size_t end = std::min(value.find(';'), value.size());
    std::string_view octets = value.substr(0, end);
    for (std::size_t i = 0; i < octets.size(); i++) {
      if (octets[i] != '%') {
        if (!is_safe(octets[i])) return false;
        name += octets[i];
        continue;
      }
      unsigned octet = 0;
      for (std::size_t k = i + 1; k <= i + 2; k++) {
        std::size_t digit = k < octets.size() ? std::string_view("0123456789ABCDEF").find(octets[k])
                                              : std::string_view::npos;
        if (digit == std::string_view::npos) return false;
        octet = octet * 16 + static_cast<unsigned>(digit);
      }
      name += static_cast<char>(octet);
      i += 2;
    }
    if (end == value.size()) break;
    value.remove_prefix(end);
    if (!value.starts_with("; filename")) return false;
    value.remove_prefix(std::string_view("; filename").size());
  }
  if (name.empty() || name.front() == '.' || !has_only_visible(name)) return false;
  return name.find_first_of("/\\:*?\"<>|") == std::string::npos;
}

/// Base64 lines up to the boundary (or the end where there is none); all but the last are full.
std::optional<std::string> read_body(Lines &lines, std::string_view boundary) {
  std::string decoded;
  bool last = false;
  bool short_line = false;
  while (!lines.at_end()) {
    if (!boundary.empty() && lines.peek() == '-') break;
    std::optional<std::string_view> line = lines.next_of_any(); // decode_base64 takes its alphabet only
    if (!line || short_line || line->size() > base64_line) return {};
    short_line = line->size() < base64_line;
    if (!decode_base64(*line, decoded, last)) return {};
  }
  return decoded;
}

/// Canonical line ends (RFC 2049 §4): CR only before LF, LF only after CR.  Gives each line with its LF
/// alone to `take`, which may refuse it.
template <class Take> bool take_lines(std::string_view rest, Take take) {
  for (std::size_t end; (end = rest.find('\n')) != rest.npos; rest.remove_prefix(end + 1)) {
    if (end == 0 || rest[end - 1] != '\r' || rest.find('\r') != end - 1) return false;
    if (!take(rest.substr(0, end - 1), true)) return false;
  }
  return rest.find('\r') == rest.npos && take(rest, false);
}

bool accept_text_body(std::string_view body) {
  return take_lines(body, [](std::string_view line, bool) { return is_clean_text(line); });
}

bool accept_jis_body(std::string_view body) {
  return take_lines(body, [](std::string_view line, bool) { return is_iso_2022_jp_line(line); });
}

/// The mail's own text, in base64 or, of ISO-2022-JP, as it is.  Up to the boundary, or the end where
/// there is none.
bool accept_own_text(Lines &lines, const std::vector<Field> &fields, std::string_view boundary) {
  const bool jis = is(fields, "Content-Type", jis_text_type);
  if (!jis && !is(fields, "Content-Type", text_type)) return false;
  if (jis && is(fields, "Content-Transfer-Encoding", "7bit")) {
    while (!lines.at_end()) {
      if (!boundary.empty() && lines.sees("--") && lines.sees("--" + std::string(boundary))) break;
      const std::optional<std::string_view> line = lines.next_of_any();
      if (!line || !is_iso_2022_jp_line(*line)) return false;
    }
    return true;
  }
  if (!is(fields, "Content-Transfer-Encoding", "base64")) return false;
  std::optional<std::string> body = read_body(lines, boundary);
  return body && (jis ? accept_jis_body(*body) : accept_text_body(*body));
}

bool accept_file(const std::vector<Field> &fields, const std::string &body, Deadline deadline) {
  const std::string *type = find(fields, "Content-Type");
  const std::string *disposition = find(fields, "Content-Disposition");
  if (!type || !disposition || !is(fields, "Content-Transfer-Encoding", "base64")) return false;
  if (*disposition == "inline" || !accept_disposition(*disposition)) return false;
  if (*type == text_type) return accept_text_body(body);
  for (const FileType &known : file_types)
    if (*type == known.type) {
      if (known.kind == job::Kind::odf) {
        const OdfKind *odf = odf_kind(as_bytes(body));
        if (!odf || odf->media_type != *type) return false;
      }
      return Verifier::accept(known.kind, Untrusted(to_buffer(std::string_view(body))), deadline)
          .has_value();
    }
  return false;
}

std::optional<std::string> boundary_of(std::string_view type) {
  constexpr std::string_view start = "multipart/mixed; boundary=\"";
  if (!type.starts_with(start) || !type.ends_with('"')) return {};
  std::string_view boundary = type.substr(start.size(), type.size() - start.size() - 1);
  if (!boundary.starts_with(boundary_start)) return {};
  std::string_view digits = boundary.substr(boundary_start.size());
  if (digits.size() != boundary_digits) return {};
  for (char c : digits)
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return {};
  return std::string(boundary);
}

bool accept_multipart(Lines &lines, const std::string &boundary, bool &jis, Deadline deadline) {
  const std::string open = "--" + boundary, close = open + "--";
  std::optional<std::string_view> line = lines.next();
  if (!line || *line != open) return false;
  for (bool first = true;; first = false) {
    std::optional<std::vector<Field>> fields = read_fields(lines, part_fields);
    if (!fields) return false;
    if (first) {
      jis = is(*fields, "Content-Type", jis_text_type);
      if (!is(*fields, "Content-Disposition", "inline") || !accept_own_text(lines, *fields, boundary))
        return false;
    } else {
      std::optional<std::string> body = read_body(lines, boundary);
      if (!body || monotonic_ns() >= deadline) return false;
      if (!accept_file(*fields, std::move(*body), deadline)) return false;
    }
    line = lines.next();
    if (!line) return false;
    if (*line == close) return lines.at_end();
    if (*line != open) return false;
  }
}

bool accept_whole(std::string_view mail, Deadline deadline) {
  Lines lines(mail);
  std::optional<std::vector<Field>> fields = read_fields(lines, mail_fields);
  if (!fields) return false;
  if (!find(*fields, "From") || !find(*fields, "X-Sekisho-Receipt")) return false;
  if (!is(*fields, "MIME-Version", "1.0") || !accept_automatic(*fields)) return false;
  const std::string *type = find(*fields, "Content-Type");
  if (!type) return false;
  bool jis = *type == jis_text_type;
  if (const std::optional<std::string> boundary = boundary_of(*type)) {
    if (find(*fields, "Content-Transfer-Encoding")) return false;
    if (!accept_multipart(lines, *boundary, jis, deadline)) return false;
  } else if (!accept_own_text(lines, *fields, "")) {
    return false;
  }
  return std::ranges::all_of(
      *fields, [&](const Field &field) { return accept_encoded_words(field.value, jis); });
}

} // namespace

Result<void, Reason> accept_mail(Bytes mail, Deadline deadline) {
  if (!accept_whole(as_chars(mail), deadline)) return fail(Reason::job_verify_failed);
  return {};
}

} // namespace sekisho::verify
