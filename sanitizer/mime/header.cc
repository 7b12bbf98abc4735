#include "sanitizer/mime/header.hh"

#include "base/text.hh"
#include "base/utf8.hh"
#include "sanitizer/text/charset.hh"
#include "sanitizer/text/clean.hh"

#include <algorithm>
#include <utility>

namespace sekisho::mime {
namespace {

constexpr std::size_t max_parameters = 100;
constexpr unsigned max_section = 999; // of RFC 2231 §3

/// name=value as written; the value unquoted.
struct RawParameter {
  std::string name;
  std::string value;
};

std::size_t end_of_japanese(std::string_view value, std::size_t at, bool foreign) {
  const auto octet = [&](std::size_t place) { return static_cast<unsigned char>(place < value.size() ? value[place] : 0); };
  if (octet(at) != '\x1b') {
    const unsigned char lead = octet(at), trail = octet(at + 1);
    const bool is_kanji = (lead > 0x80 && lead < 0xa0) || (lead >= 0xe0 && lead < 0xfd);
    return foreign && is_kanji && trail >= 0x40 && trail != 0x7f && trail < 0xfd ? at + 2 : at;
  }
  for (std::size_t escape = at; escape < value.size(); escape = value.find('\x1b', escape + 1)) {
    const bool is_kana = octet(escape + 2) == 'I';
    if (octet(escape + 1) == '(' && !is_kana) return std::min(escape + 3, value.size());
    if (escape == at && octet(escape + 1) != '$' && octet(escape + 1) != '(') return at + 1;
  }
  return value.size();
}

/// Walks a field's value.  Knows quoted strings, comments, and raw Japanese in either: an octet of
/// ISO-2022-JP or the second one of Shift_JIS may look like a quotation mark or a backslash.
class Scanner {
public:
  explicit Scanner(std::string_view value) : in_(value), foreign_(!utf8_valid(value)) {}

  bool at_end() const { return position_ >= in_.size(); }

  enum class What : std::uint8_t { word, value, file_name };
  /// Up to the first of `stops` outside quotes and comments.  Quotes are taken off.  A parenthesis in an unquoted file name is
  /// part of it, as a backslash in a quoted one is; in a word it starts a comment, in a value behind a blank.
  std::string take_until(std::string_view stops, What what) {
    std::string taken;
    bool quoted = false;
    while (!at_end()) {
      if (take_japanese(taken)) continue;
      char c = in_[position_];
      if (c == '"') {
        take_quoted(taken, what);
        quoted = true;
      } else if (c == '(' && (what == What::word || quoted || trimmed(taken).empty() || (what == What::value && is_blank(taken.back())))) {
        skip_comment();
      } else if (stops.find(c) != std::string_view::npos) {
        break;
      } else {
        taken += c;
        position_++;
      }
    }
    return quoted ? taken : std::string(trimmed(taken));
  }
  void skip() { position_++; }
  char peek() const { return at_end() ? '\0' : in_[position_]; }

private:
  static bool is_blank(char c) { return c == ' ' || c == '\t'; }

  void take_quoted(std::string &taken, What what) {
    if (!taken.empty() && trimmed(taken).empty()) taken.clear();
    position_++;
    while (!at_end() && in_[position_] != '"') {
      if (take_japanese(taken)) continue;
      char c = in_[position_];
      if (c == '\\' && position_ + 1 < in_.size() &&
          (what != What::file_name || in_[position_ + 1] == '"' || in_[position_ + 1] == '\\'))
        c = in_[++position_];
      taken += c;
      position_++;
    }
    position_ = std::min(position_ + 1, in_.size());
  }

  bool take_japanese(std::string &taken) { return take_raw_japanese(in_, position_, foreign_, taken); }

  void skip_comment() {
    unsigned depth = 0;
    for (; !at_end(); position_++) {
      char c = in_[position_];
      if (c == '\\')
        position_++;
      else if (c == '(')
        depth++;
      else if (c == ')' && --depth == 0)
        break;
    }
    position_ = std::min(position_ + 1, in_.size());
  }

  std::string_view in_;
  bool foreign_;
  std::size_t position_ = 0;
};

std::string percent_decoded(std::string_view text) {
  auto digit = [](char c) {
    return c >= '0' && c <= '9'                 ? c - '0'
           : lower(c) >= 'a' && lower(c) <= 'f' ? lower(c) - 'a' + 10
                                                : -1;
  };
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); i++) {
    int high = text[i] == '%' && i + 2 < text.size() ? digit(text[i + 1]) : -1;
    int low = high >= 0 ? digit(text[i + 2]) : -1;
    if (low >= 0) i += 2;
    decoded += low >= 0 ? static_cast<char>(high << 4 | low) : text[i];
  }
  return decoded;
}

/// RFC 2231: "filename*1*" has the base name, section 1 and octets in percent form.
struct ExtendedName {
  std::string_view base;
  unsigned section = 0;
  bool extended = false, percent = false;
};

ExtendedName split_name(std::string_view name) {
  ExtendedName split;
  std::size_t star = name.find('*');
  split.base = name.substr(0, star);
  if (star == std::string_view::npos) return split;
  split.extended = true;
  std::string_view rest = name.substr(star + 1);
  split.percent = rest.empty() || rest.ends_with('*');
  unsigned section = 0;
  for (char c : rest)
    if (c >= '0' && c <= '9')
      section = std::min(section * 10 + static_cast<unsigned>(c - '0'), max_section + 1);
  split.section = section;
  return split;
}

struct Piece {
  unsigned section;
  bool percent;
  std::string_view value;
};

/// charset'language'octets, in as many pieces as there are.
std::string join_pieces(std::vector<Piece> &pieces, bool &ambiguous) {
  std::stable_sort(pieces.begin(), pieces.end(),
                   [](const Piece &a, const Piece &b) { return a.section < b.section; });
  std::string charset, octets;
  for (std::size_t i = 0; i < pieces.size(); i++) {
    std::string_view value = pieces[i].value;
    if (i > 0 && pieces[i].section == pieces[i - 1].section) ambiguous = true;
    if (i == 0 && pieces[i].percent) {
      std::size_t first = value.find('\'');
      std::size_t second = first == std::string_view::npos ? first : value.find('\'', first + 1);
      if (second != std::string_view::npos) {
        charset = value.substr(0, first);
        value.remove_prefix(second + 1);
      }
    }
    octets += pieces[i].percent ? percent_decoded(value) : std::string(value);
  }
  if (charset.empty() && octets.find("=?") != std::string::npos) return decode_text(octets);
  return text::decode_labelled(as_bytes(octets), charset).text;
}

bool is_of_file(std::string_view name) { return name == "name" || name == "filename"; }

/// Whether who knows RFC 2231 reads something else than who does not.  Of a file's name the old form is often written
/// in other letters.
bool differ(std::string_view name, const std::string &plain, const std::string &extended) {
  return is_of_file(name) ? text::extension_of(plain) != text::extension_of(extended) : plain != extended;
}

std::vector<RawParameter> read_parameters(Scanner &scanner) {
  std::vector<RawParameter> raw;
  while (!scanner.at_end() && raw.size() < max_parameters) {
    scanner.skip(); // ';'
    RawParameter parameter;
    parameter.name = lower_case(scanner.take_until("=;", Scanner::What::word));
    if (scanner.peek() == '=') {
      scanner.skip();
      const bool of_file = is_of_file(split_name(parameter.name).base);
      parameter.value = scanner.take_until(";", of_file ? Scanner::What::file_name : Scanner::What::value);
    }
    if (!parameter.name.empty()) raw.push_back(std::move(parameter));
  }
  return raw;
}

} // namespace

const Field *find_field(const std::vector<Field> &fields, std::string_view name) {
  for (const Field &field : fields)
    if (equals_ignoring_case(field.name, name)) return &field;
  return nullptr;
}

std::size_t count_fields(const std::vector<Field> &fields, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(fields.begin(), fields.end(),
                    [&](const Field &field) { return equals_ignoring_case(field.name, name); }));
}

bool take_raw_japanese(std::string_view value, std::size_t &position, bool foreign, std::string &taken) {
  const char first = value[position];
  if (first != '\x1b' && !(foreign && (first & 0x80))) return false; // most octets
  const std::size_t end = end_of_japanese(value, position, foreign);
  taken.append(value, position, end - position);
  return std::exchange(position, end) != end;
}

std::string unfold(std::string_view value, std::size_t most) {
  std::string unfolded(trimmed(value.substr(0, most)));
  std::erase_if(unfolded, [](char c) { return c == '\r' || c == '\n'; });
  return unfolded;
}

const std::string *Parameterized::find(std::string_view name) const {
  for (const Parameter &parameter : parameters)
    if (parameter.name == name) return &parameter.value;
  return nullptr;
}

Parameterized parse_parameterized(std::string_view value) {
  std::string unfolded = unfold(value);
  Scanner scanner(unfolded);
  Parameterized result;
  std::string word = lower_case(scanner.take_until(";", Scanner::What::word));
  const std::size_t equals = word.find('=');
  const std::size_t gap = word.find_first_of(" \t");
  if (equals != std::string::npos && gap < equals) { // "multipart/mixed boundary=x": a ';' was forgotten
    std::size_t start = unfolded.find_first_of(" \t");
    scanner = Scanner(std::string_view(unfolded).substr(start));
    word.resize(gap);
    result.ambiguous = true;
  }
  for (char c : word)
    if (c != ' ' && c != '\t') result.value += c;
  std::vector<RawParameter> raw = read_parameters(scanner);

  std::vector<std::string_view> bases;
  for (const RawParameter &parameter : raw) {
    const std::string_view base = split_name(parameter.name).base;
    if (std::find(bases.begin(), bases.end(), base) == bases.end()) bases.push_back(base);
  }
  for (const std::string_view base : bases) {
    std::vector<Piece> pieces;
    const RawParameter *plain = nullptr;
    for (const RawParameter &parameter : raw) {
      ExtendedName name = split_name(parameter.name);
      if (name.base != base) continue;
      if (name.extended) {
        pieces.push_back({name.section, name.percent, parameter.value});
      } else {
        if (plain && plain->value != parameter.value) result.ambiguous = true;
        if (!plain) plain = &parameter;
      }
    }
    std::string plain_value = plain ? decode_text(plain->value) : std::string();
    std::string joined = pieces.empty() ? plain_value : join_pieces(pieces, result.ambiguous);
    if (plain && !pieces.empty() && differ(base, plain_value, joined)) result.ambiguous = true;
    result.parameters.push_back({std::string(base), std::move(joined)});
  }
  return result;
}

} // namespace sekisho::mime
