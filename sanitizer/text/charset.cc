#include "sanitizer/text/charset.hh"

#include "base/utf16.hh"
#include "base/utf8.hh"
#include "sanitizer/text/tables/tables.hh"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace sekisho::text {
namespace {

struct Label {
  std::string_view label; // lower case, without '-', '_', ' ', '.' and a leading "x" or "cs"
  Scheme scheme;
};

constexpr Label labels[] = {
    {"usascii", Scheme::ascii},
    {"ascii", Scheme::ascii},
    {"ansix341968", Scheme::ascii},
    {"iso646us", Scheme::ascii},
    {"7bit", Scheme::ascii},
    {"us", Scheme::ascii},
    {"utf8", Scheme::utf8},
    {"unicode11utf8", Scheme::utf8},
    {"utf8mac", Scheme::utf8},
    {"cp65001", Scheme::utf8},
    {"utf16", Scheme::utf16},
    {"unicode", Scheme::utf16},
    {"ucs2", Scheme::utf16},
    {"iso10646ucs2", Scheme::utf16},
    {"utf16le", Scheme::utf16le},
    {"unicodefffe", Scheme::utf16be},
    {"utf16be", Scheme::utf16be},
    {"utf32le", Scheme::utf32le},
    {"utf32be", Scheme::utf32be},
    {"utf32", Scheme::utf32be},
    {"utf7", Scheme::refused},
    {"unicode11utf7", Scheme::refused},
    {"utf7imap", Scheme::refused},
    {"iso2022jp", Scheme::iso2022jp},
    {"iso2022jp1", Scheme::iso2022jp},
    {"iso2022jp2", Scheme::iso2022jp},
    {"iso2022jp3", Scheme::iso2022jp},
    {"iso2022jp2004", Scheme::iso2022jp},
    {"iso2022jpms", Scheme::iso2022jp},
    {"cp50220", Scheme::iso2022jp},
    {"cp50221", Scheme::iso2022jp},
    {"cp50222", Scheme::iso2022jp},
    {"jis", Scheme::iso2022jp},
    {"jis7", Scheme::iso2022jp},
    {"jis8", Scheme::iso2022jp},
    {"iso2022jpext", Scheme::iso2022jp},
    {"shiftjis", Scheme::shift_jis},
    {"sjis", Scheme::shift_jis},
    {"shiftjis2004", Scheme::shift_jis_2004},
    {"shiftjisx0213", Scheme::shift_jis_2004},
    {"sjis2004", Scheme::shift_jis_2004},
    {"sjisx0213", Scheme::shift_jis_2004},
    {"cp932", Scheme::shift_jis},
    {"ms932", Scheme::shift_jis},
    {"windows31j", Scheme::shift_jis},
    {"windows932", Scheme::shift_jis},
    {"mskanji", Scheme::shift_jis},
    {"macjapanese", Scheme::shift_jis},
    {"eucjp", Scheme::euc_jp},
    {"eucjpms", Scheme::euc_jp},
    {"ujis", Scheme::euc_jp},
    {"cp51932", Scheme::euc_jp},
    {"eucpkdfmtjapanese", Scheme::euc_jp},
    {"eucjis2004", Scheme::euc_jis_2004},
    {"eucjisx0213", Scheme::euc_jis_2004},
    {"gb2312", Scheme::gb18030},
    {"gbk", Scheme::gb18030},
    {"gb18030", Scheme::gb18030},
    {"euccn", Scheme::gb18030},
    {"cp936", Scheme::gb18030},
    {"windows936", Scheme::gb18030},
    {"ms936", Scheme::gb18030},
    {"chinese", Scheme::gb18030},
    {"gb231280", Scheme::gb18030},
    {"hzgb2312", Scheme::hz},
    {"hz", Scheme::hz},
    {"big5", Scheme::big5},
    {"big5hkscs", Scheme::big5},
    {"cnbig5", Scheme::big5},
    {"cp950", Scheme::big5},
    {"windows950", Scheme::big5},
    {"euckr", Scheme::euc_kr},
    {"ksc56011987", Scheme::euc_kr},
    {"ksc5601", Scheme::euc_kr},
    {"uhc", Scheme::euc_kr},
    {"cp949", Scheme::euc_kr},
    {"ms949", Scheme::euc_kr},
    {"windows949", Scheme::euc_kr},
    {"korean", Scheme::euc_kr},
    {"iso2022kr", Scheme::iso2022kr},
};

struct SingleLabel {
  std::string_view label, table;
};

// Latin-1 means windows-1252 in practice (Encoding Standard §4.2).
constexpr SingleLabel single_labels[] = {
    {"latin1", "windows-1252"},
    {"iso88591", "windows-1252"},
    {"l1", "windows-1252"},
    {"latin2", "iso-8859-2"},
    {"latin9", "iso-8859-15"},
    {"latin5", "windows-1254"},
    {"iso88599", "windows-1254"},
    {"iso885911", "windows-874"},
    {"iso88598i", "iso-8859-8"},
    {"iso88598e", "iso-8859-8"},
    {"iso88596i", "iso-8859-6"},
    {"koi8", "koi8-r"},
    {"koi", "koi8-r"},
    {"koi8ru", "koi8-u"},
    {"mac", "macintosh"},
    {"macroman", "macintosh"},
    {"maccyrillic", "mac-cyrillic"},
    {"macukrainian", "mac-cyrillic"},
    {"arabic", "iso-8859-6"},
    {"greek", "iso-8859-7"},
    {"hebrew", "iso-8859-8"},
    {"cyrillic", "iso-8859-5"},
    {"iasgerman", "windows-1252"},
    {"ansi", "windows-1252"},
};

std::string simplified(std::string_view label) {
  std::string simple;
  for (char c : label) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) simple += c;
  }
  return simple;
}

std::optional<Charset> single_octet_named(std::string_view simple) {
  std::string wanted(simple);
  for (const SingleLabel &row : single_labels)
    if (row.label == simple) wanted = simplified(row.table);
  for (std::string_view prefix : {"cp", "ms", "dos"}) // cp1252, cp437
    if (wanted.starts_with(prefix) && wanted.size() > prefix.size() && wanted[prefix.size()] <= '9')
      wanted.replace(0, prefix.size(), wanted.size() - prefix.size() == 4 ? "windows" : "ibm");
  for (std::size_t i = 0; i < tables::single_octet_count; i++)
    if (simplified(tables::single_octet[i].name) == wanted)
      return Charset{Scheme::single_octet, static_cast<std::uint8_t>(i)};
  return {};
}

bool has_escape_to_japanese(std::string_view octets) {
  for (std::size_t at = 0; (at = octets.find('\x1b', at)) != std::string_view::npos; at++) {
    std::string_view rest = octets.substr(at + 1, 2);
    if (rest == "$B" || rest == "$@" || rest == "$(" || rest == "(I") return true;
  }
  return false;
}

bool is_seven_bit(std::string_view octets) {
  std::uint64_t all = 0; // without an early end: many at a time
  for (std::uint64_t eight; octets.size() >= sizeof eight; octets.remove_prefix(sizeof eight)) {
    std::memcpy(&eight, octets.data(), sizeof eight);
    all |= eight;
  }
  for (const char c : octets)
    all |= static_cast<unsigned char>(c);
  return (all & 0x8080808080808080) == 0;
}

/// What a text is made of, as it was read.
struct Look {
  std::size_t foreign = 0;             // above ASCII, and read
  std::size_t long_ones = 0;           // of them: of three octets or more in UTF-8
  std::size_t half_width = 0, user_area = 0;
};

Look look_of(std::string_view utf8) {
  Look look;
  for (std::size_t position = 0; position < utf8.size();) {
    const char32_t c = utf8_next(utf8, position);
    if (c < 0x80 || c == 0xfffd) continue;
    look.foreign++;
    if (c >= 0x800) look.long_ones++;
    if (c >= 0xff61 && c <= 0xff9f) look.half_width++;
    if (c >= 0xe000 && c <= 0xf8ff) look.user_area++;
  }
  return look;
}

/// How badly a text reads as Japanese: wrong sequences weigh most, half-width katakana and rare
/// kanji rows a little, since EUC-JP read as CP932 is full of the former.
std::size_t badness(const Decoded &decoded) {
  const Look look = look_of(decoded.text);
  return decoded.errors * 20 + look.half_width * 3 + look.user_area * 3;
}

/// A tenth of it hiragana, as of any sentence.
bool is_written_japanese(std::string_view text) {
  std::size_t all = 0, hiragana = 0;
  for (std::size_t position = 0; position < text.size(); ++all) {
    const char32_t c = utf8_next(text, position);
    if (c >= 0x3041 && c <= 0x3096) ++hiragana;
  }
  return hiragana > 0 && hiragana * 10 >= all;
}

/// The set that fits best where no label helps.  Every candidate reads the octets once.
/// `is_last_resort`: none fits, and windows-1252 reads whatever there is.
Decoded decode_unlabelled(Bytes octets, bool *is_last_resort = nullptr) {
  std::string_view chars = as_chars(octets);
  if (chars.starts_with("\xff\xfe") || chars.starts_with("\xfe\xff"))
    return decode({Scheme::utf16, 0}, octets);
  if (const std::optional<Utf16> order = unmarked_utf16(octets))
    return decode({*order == Utf16::little ? Scheme::utf16le : Scheme::utf16be, 0}, octets);
  if (has_escape_to_japanese(chars)) return decode({Scheme::iso2022jp, 0}, octets);
  if (utf8_valid(chars)) return decode({Scheme::utf8, 0}, octets);

  Decoded best = decode({Scheme::shift_jis, 0}, octets);
  std::size_t best_badness = badness(best);
  Decoded euc = decode({Scheme::euc_jp, 0}, octets);
  if (std::size_t bad = badness(euc); bad < best_badness) {
    best = std::move(euc);
    best_badness = bad;
  }
  Decoded utf8 = decode({Scheme::utf8, 0}, octets); // damaged, but still the best reading?
  const bool is_utf8 = badness(utf8) < best_badness;
  if (is_utf8 && utf8.errors * 2 <= look_of(utf8.text).long_ones) return utf8;
  if (is_utf8) best = std::move(utf8);
  if (best.errors * 8 <= octets.size() / 8) return best;
  if (is_last_resort) *is_last_resort = true;
  return decode(*charset_named("windows-1252"), octets);
}

/// Whether another set reads with hardly a fault, as damage is, what the named one reads with many, and by more than chance.
bool is_other(Scheme named, const Decoded &labelled, const Decoded &other, bool is_last_resort) {
  if (other.errors * 8 > labelled.errors) return false;
  const Look read = look_of(labelled.text);
  if (labelled.errors > read.foreign) return true; // more than damage
  if (is_last_resort || (named == Scheme::utf8 && read.long_ones >= labelled.errors)) return false;
  const Look look = look_of(other.text);
  return look.half_width * 3 <= look.foreign;
}

/// ISO-2022-JP whose ESC octets were lost on the way: "$B" starts and "(B" or "(J" ends kanji.
Decoded decode_without_escapes(std::string_view octets) {
  std::string restored;
  std::size_t position = 0;
  while (position < octets.size()) {
    std::size_t start = octets.find("$B", position);
    if (start == std::string_view::npos) break;
    std::size_t end = start + 2;
    auto ends = [&] {
      std::string_view two = octets.substr(end, 2);
      return two == "(B" || two == "(J";
    };
    while (end + 1 < octets.size() && !ends() && octets[end] > 0x20 && octets[end + 1] > 0x20)
      end += 2;
    restored += octets.substr(position, start - position);
    bool whole = end > start + 2 && ends();
    if (whole) restored += '\x1b';
    restored += octets.substr(start, end - start);
    if (whole) restored += "\x1b";
    position = end;
  }
  restored += octets.substr(position);
  return decode({Scheme::iso2022jp, 0}, as_bytes(restored));
}

} // namespace

std::optional<Charset> charset_named(std::string_view label) {
  constexpr std::size_t max_label = 64;
  std::string simple = simplified(label.substr(0, max_label));
  if (simple.empty()) return {};
  std::string_view without_prefix = simple;
  if (simple.starts_with("x")) without_prefix.remove_prefix(1);
  else if (simple.starts_with("cs")) without_prefix.remove_prefix(2);
  for (std::string_view candidate : {std::string_view(simple), without_prefix}) {
    for (const Label &row : labels)
      if (row.label == candidate) return Charset{row.scheme, 0};
    if (std::optional<Charset> single = single_octet_named(candidate)) return single;
  }
  return {};
}

Decoded decode_labelled(Bytes octets, std::string_view label) {
  std::string_view chars = as_chars(octets);
  std::optional<Charset> named = charset_named(label);
  if (named && named->scheme == Scheme::refused) {
    Decoded decoded = decode(*named, octets);
    decoded.errors++; // said in the report even where all octets are ASCII
    return decoded;
  }
  const bool is_utf32 = named && (named->scheme == Scheme::utf32le || named->scheme == Scheme::utf32be);
  if (is_utf32 && chars.starts_with(std::string_view("\xff\xfe\0\0", 4))) return decode({Scheme::utf32le, 0}, octets);

  bool seven_bit = is_seven_bit(chars);
  if (!named || named->scheme == Scheme::ascii) return decode_unlabelled(octets);
  if (seven_bit && named->scheme != Scheme::iso2022kr && has_escape_to_japanese(chars))
    named = Charset{Scheme::iso2022jp, 0};
  if (named->scheme == Scheme::iso2022jp && seven_bit &&
      chars.find('\x1b') == std::string_view::npos && chars.find("$B") != std::string_view::npos)
    return decode_without_escapes(chars);
  if (named->scheme == Scheme::iso2022jp && !seven_bit) {
    Decoded other = decode_unlabelled(octets);
    Decoded labelled = decode(*named, octets);
    return badness(other) < badness(labelled) ? std::move(other) : std::move(labelled);
  }
  if (named->scheme == Scheme::single_octet && !seven_bit && utf8_valid(chars))
    return decode({Scheme::utf8, 0}, octets);

  if (named->scheme == Scheme::utf16 && !chars.starts_with("\xff\xfe") && !chars.starts_with("\xfe\xff"))
    if (const std::optional<Utf16> order = unmarked_utf16(octets))
      named = Charset{*order == Utf16::little ? Scheme::utf16le : Scheme::utf16be};

  Decoded decoded = decode(*named, octets);
  const bool kana = named->scheme == Scheme::shift_jis && decoded.errors == 0; // EUC-JP reads as them
  const std::size_t bad = kana ? badness(decoded) : 0;
  if (decoded.errors == 0 && bad == 0) return decoded;
  bool is_last_resort = false;
  Decoded other = decode_unlabelled(octets, &is_last_resort);
  const bool better = kana ? badness(other) * 4 < bad && is_written_japanese(other.text)
                           : is_other(named->scheme, decoded, other, is_last_resort);
  return better ? std::move(other) : std::move(decoded);
}

Charset charset_of_code_page(unsigned page) {
  switch (page) {
  case 437:
  case 850:
  case 852:
  case 866: return *charset_named("ibm" + std::to_string(page));
  case 10000: return *charset_named("macintosh");
  case 20127: return {};
  case 50220:
  case 50221:
  case 50222: return {Scheme::iso2022jp};
  case 51932: return {Scheme::euc_jp};
  case 51949: return {Scheme::euc_kr};
  case 65001: return {Scheme::utf8};
  default: break;
  }
  const bool iso = page > 28590 && page < 28606;
  const std::string label = iso ? "iso-8859-" + std::to_string(page - 28590) : "windows-" + std::to_string(page);
  return charset_named(label).value_or(*charset_named("windows-1252"));
}

} // namespace sekisho::text
