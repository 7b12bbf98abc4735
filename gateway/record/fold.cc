#include "gateway/record/fold.hh"

#include "base/utf8.hh"

namespace sekisho::record {
namespace {

// U+FF61 to U+FF9F in their order
constexpr std::u32string_view wide_katakana = U"。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホ"
                                              U"マミムメモヤユヨラリルレロワン゛゜";
static_assert(wide_katakana.size() == 0xff9f - 0xff61 + 1);

bool is_blank(char32_t c) { return c <= 0x20 || c == 0x3000 || c == 0xa0; }
bool is_voiced_mark(char32_t c) { return c == U'゛' || c == 0x3099; }
bool is_half_voiced_mark(char32_t c) { return c == U'゜' || c == 0x309a; }

/// The letter with the mark, or 0.  Hiragana stand 0x60 before katakana, a voiced letter behind its plain one.
char32_t joined(char32_t letter, char32_t mark) {
  const char32_t katakana = letter >= 0x3041 && letter <= 0x3096 ? letter + 0x60 : letter;
  const bool is_h = katakana >= U'ハ' && katakana <= U'ホ' && (katakana - U'ハ') % 3 == 0;
  if (is_half_voiced_mark(mark)) return is_h ? letter + 2 : 0;
  if (!is_voiced_mark(mark)) return 0;
  if (katakana == U'ウ') return letter + (U'ヴ' - U'ウ');
  constexpr std::u32string_view plain = U"カキクケコサシスセソタチツテト";
  return is_h || plain.find(katakana) != std::u32string_view::npos ? letter + 1 : 0;
}

} // namespace

std::u32string fold(std::string_view subject) {
  std::u32string characters;
  for (std::size_t position = 0; position < subject.size() && characters.size() < most_subject;) {
    char32_t c = utf8_next(subject, position);
    if (c >= 0xff01 && c <= 0xff5e) c -= 0xfee0;
    if (c >= 0xff61 && c <= 0xff9f) c = wide_katakana[c - 0xff61];
    if (is_blank(c)) continue;
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
    if (const char32_t one = characters.empty() ? 0 : joined(characters.back(), c)) characters.back() = one;
    else characters.push_back(c);
  }
  return characters;
}

} // namespace sekisho::record
