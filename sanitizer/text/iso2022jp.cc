#include "sanitizer/text/iso2022jp.hh"

#include "base/utf8.hh"
#include "sanitizer/text/tables/tables.hh"

#include <array>
#include <memory>

namespace sekisho::text {
namespace {

constexpr std::string_view to_ascii = "\x1b(B", to_jis = "\x1b$B"; // RFC 1468: JIS X 0208-1983
constexpr std::uint16_t none = 0;

struct Pair {
  char16_t one, other;
};
/// What CP932, from which the table is made, maps otherwise than JIS X 0208 itself does.
constexpr std::array<Pair, 9> same = {{{0x301c, 0xff5e},  // wave dash
                                       {0x2212, 0xff0d},  // minus
                                       {0x2016, 0x2225},  // double vertical line
                                       {0x2014, 0x2015},  // dash
                                       {0x00a2, 0xffe0},  // cent
                                       {0x00a3, 0xffe1},  // pound
                                       {0x00ac, 0xffe2},  // not
                                       {0x00a5, 0xffe5},  // yen
                                       {0x203e, 0xffe3}}}; // overline

/// Places in JIS X 0208, both octets 0x21–0x7e, by code point.
using Places = std::array<std::uint16_t, 0x10000>;

std::unique_ptr<const Places> make_places() {
  auto places = std::make_unique<Places>();
  for (unsigned row = 1; row <= 84; ++row) {
    if (row > 8 && row < 16) continue; // NEC's
    for (unsigned cell = 1; cell <= 94; ++cell)
      if (const std::uint16_t c = tables::jis0208[(row - 1) * 94 + cell - 1]; c != 0)
        (*places)[c] = static_cast<std::uint16_t>((row + 0x20) << 8 | (cell + 0x20));
  }
  for (const Pair &pair : same) {
    if ((*places)[pair.one] == none) (*places)[pair.one] = (*places)[pair.other];
    if ((*places)[pair.other] == none) (*places)[pair.other] = (*places)[pair.one];
  }
  return places;
}

const Places &places() {
  static const std::unique_ptr<const Places> made = make_places();
  return *made;
}

/// U+FF61–U+FF9F.
constexpr std::u16string_view wide_kana = u"。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソ"
                                          u"タチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜";
static_assert(wide_kana.size() == 63);

enum class Mark { none, voiced, half_voiced };

Mark mark_of(char32_t c) {
  if (c == 0xff9e || c == 0x3099) return Mark::voiced;
  if (c == 0xff9f || c == 0x309a) return Mark::half_voiced;
  return Mark::none;
}

/// The letter with its mark, or 0 where there is none.  Hiragana stand 0x60 before katakana.
char32_t with_mark(char32_t kana, Mark mark) {
  constexpr std::u16string_view voiced = u"カキクケコサシスセソタチツテト", half = u"ハヒフヘホ";
  const bool hiragana = kana >= 0x3041 && kana <= 0x3096;
  const auto katakana = static_cast<char16_t>(hiragana ? kana + 0x60 : kana);
  if (kana > 0x30ff || mark == Mark::none) return 0;
  if (katakana == u'ウ' && mark == Mark::voiced && !hiragana) return U'ヴ';
  if (half.find(katakana) != half.npos) return kana + (mark == Mark::voiced ? 1 : 2);
  return mark == Mark::voiced && voiced.find(katakana) != voiced.npos ? kana + 1 : 0;
}

char32_t widened(char32_t c) {
  return c >= 0xff61 && c <= 0xff9f ? wide_kana[c - 0xff61] : c;
}

/// The next character as it will be written, its mark taken along.
char32_t next_character(std::string_view utf8, std::size_t &position) {
  const char32_t first = utf8_next(utf8, position);
  const char32_t c = first == 0x3099 ? U'゛' : first == 0x309a ? U'゜' : widened(first);
  if (c < 0x3041 || c > 0x30ff || position == utf8.size()) return c;
  std::size_t behind = position;
  const char32_t joined = with_mark(c, mark_of(utf8_next(utf8, behind)));
  if (joined == 0) return c;
  position = behind;
  return joined;
}

} // namespace

std::optional<std::string> to_iso_2022_jp(std::string_view utf8) {
  const Places &jis = places();
  std::string text;
  text.reserve(utf8.size() + utf8.size() / 8);
  bool in_jis = false;
  const auto leave_jis = [&] {
    if (in_jis) text += to_ascii;
    in_jis = false;
  };
  for (std::size_t position = 0; position < utf8.size();) {
    if (const char c = utf8[position]; (c & 0x80) == 0) {
      leave_jis();
      text += c;
      ++position;
      continue;
    }
    const char32_t c = next_character(utf8, position);
    if (c == 0xa0) {
      leave_jis();
      text += ' ';
      continue;
    }
    const std::uint16_t place = c < jis.size() ? jis[c] : none;
    if (place == none) return std::nullopt;
    if (!in_jis) text += to_jis;
    in_jis = true;
    text += static_cast<char>(place >> 8);
    text += static_cast<char>(place & 0xff);
  }
  leave_jis();
  return text;
}

} // namespace sekisho::text
