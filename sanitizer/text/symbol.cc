#include "sanitizer/text/symbol.hh"

#include "base/text.hh"

namespace sekisho::text {
namespace {

/// Codes in a row are characters in a row.
struct Row {
  SymbolFont font;
  std::uint8_t first, last;
  char32_t character;
};

constexpr Row rows[] = {
    // boxes, ticks, crosses
    {SymbolFont::wingdings, 0x6f, 0x6f, U'☐'},
    {SymbolFont::wingdings, 0xa8, 0xa8, U'☐'},
    {SymbolFont::wingdings, 0x78, 0x78, U'☒'},
    {SymbolFont::wingdings, 0xfb, 0xfb, U'✗'},
    {SymbolFont::wingdings, 0xfc, 0xfc, U'✓'},
    {SymbolFont::wingdings, 0xfd, 0xfd, U'☒'},
    {SymbolFont::wingdings, 0xfe, 0xfe, U'☑'},
    {SymbolFont::wingdings2, 0x4f, 0x4f, U'✗'},
    {SymbolFont::wingdings2, 0x50, 0x50, U'✓'},
    {SymbolFont::wingdings2, 0x51, 0x51, U'☒'},
    {SymbolFont::wingdings2, 0x52, 0x52, U'☑'},
    {SymbolFont::wingdings2, 0x53, 0x54, U'☒'},
    {SymbolFont::wingdings2, 0xa3, 0xa3, U'☐'},
    {SymbolFont::webdings, 0x61, 0x61, U'✓'},
    {SymbolFont::webdings, 0x63, 0x63, U'☐'},
    {SymbolFont::webdings, 0x72, 0x72, U'✗'},
    // numbers
    {SymbolFont::wingdings, 0x80, 0x80, U'⓪'},
    {SymbolFont::wingdings, 0x81, 0x8a, U'①'},
    {SymbolFont::wingdings, 0x8b, 0x8b, U'⓿'},
    {SymbolFont::wingdings, 0x8c, 0x95, U'❶'},
    {SymbolFont::wingdings2, 0x69, 0x69, U'⓪'},
    {SymbolFont::wingdings2, 0x6a, 0x73, U'①'},
    {SymbolFont::wingdings2, 0x74, 0x74, U'⓿'},
    {SymbolFont::wingdings2, 0x75, 0x7e, U'❶'},
    // points and pointers
    {SymbolFont::wingdings, 0x28, 0x28, U'☎'},
    {SymbolFont::wingdings, 0x2a, 0x2a, U'✉'},
    {SymbolFont::wingdings, 0x45, 0x45, U'☜'},
    {SymbolFont::wingdings, 0x46, 0x46, U'☞'},
    {SymbolFont::wingdings, 0x4a, 0x4a, U'☺'},
    {SymbolFont::wingdings, 0x4c, 0x4c, U'☹'},
    {SymbolFont::wingdings, 0x6c, 0x6c, U'●'},
    {SymbolFont::wingdings, 0x6e, 0x6e, U'■'},
    {SymbolFont::wingdings, 0x71, 0x72, U'❑'},
    {SymbolFont::wingdings, 0x75, 0x75, U'◆'},
    {SymbolFont::wingdings, 0x76, 0x76, U'❖'},
    {SymbolFont::wingdings, 0x9f, 0x9f, U'•'},
    {SymbolFont::wingdings, 0xa1, 0xa1, U'○'},
    {SymbolFont::wingdings, 0xa4, 0xa4, U'◉'},
    {SymbolFont::wingdings, 0xa7, 0xa7, U'▪'},
    {SymbolFont::wingdings, 0xab, 0xab, U'★'},
    {SymbolFont::wingdings, 0xd8, 0xd8, U'➢'},
    {SymbolFont::wingdings, 0xdf, 0xdf, U'←'},
    {SymbolFont::wingdings, 0xe0, 0xe0, U'→'},
    {SymbolFont::wingdings, 0xe1, 0xe1, U'↑'},
    {SymbolFont::wingdings, 0xe2, 0xe2, U'↓'},
    {SymbolFont::wingdings, 0xe8, 0xe8, U'➔'},
    {SymbolFont::wingdings, 0xef, 0xef, U'⇦'},
    {SymbolFont::wingdings, 0xf0, 0xf0, U'⇨'},
    {SymbolFont::wingdings, 0xf1, 0xf1, U'⇧'},
    {SymbolFont::wingdings, 0xf2, 0xf2, U'⇩'},
    {SymbolFont::webdings, 0x33, 0x33, U'◀'},
    {SymbolFont::webdings, 0x34, 0x34, U'▶'},
    {SymbolFont::webdings, 0x35, 0x35, U'▲'},
    {SymbolFont::webdings, 0x36, 0x36, U'▼'},
    {SymbolFont::webdings, 0x67, 0x67, U'■'},
    {SymbolFont::webdings, 0x6e, 0x6e, U'●'},
    // what numbers stand beside
    {SymbolFont::symbol, 0x2d, 0x2d, U'−'},
    {SymbolFont::symbol, 0x44, 0x44, U'Δ'},
    {SymbolFont::symbol, 0x53, 0x53, U'Σ'},
    {SymbolFont::symbol, 0x57, 0x57, U'Ω'},
    {SymbolFont::symbol, 0x61, 0x62, U'α'},
    {SymbolFont::symbol, 0x64, 0x65, U'δ'},
    {SymbolFont::symbol, 0x67, 0x67, U'γ'},
    {SymbolFont::symbol, 0x6c, 0x6c, U'λ'},
    {SymbolFont::symbol, 0x6d, 0x6d, U'μ'},
    {SymbolFont::symbol, 0x70, 0x70, U'π'},
    {SymbolFont::symbol, 0x71, 0x71, U'θ'},
    {SymbolFont::symbol, 0x73, 0x73, U'σ'},
    {SymbolFont::symbol, 0xa3, 0xa3, U'≤'},
    {SymbolFont::symbol, 0xa5, 0xa5, U'∞'},
    {SymbolFont::symbol, 0xac, 0xac, U'←'},
    {SymbolFont::symbol, 0xad, 0xad, U'↑'},
    {SymbolFont::symbol, 0xae, 0xae, U'→'},
    {SymbolFont::symbol, 0xaf, 0xaf, U'↓'},
    {SymbolFont::symbol, 0xb0, 0xb1, U'°'},
    {SymbolFont::symbol, 0xb3, 0xb3, U'≥'},
    {SymbolFont::symbol, 0xb4, 0xb4, U'×'},
    {SymbolFont::symbol, 0xb7, 0xb7, U'•'},
    {SymbolFont::symbol, 0xb8, 0xb8, U'÷'},
    {SymbolFont::symbol, 0xb9, 0xb9, U'≠'},
    {SymbolFont::symbol, 0xbb, 0xbb, U'≈'},
    {SymbolFont::symbol, 0xd6, 0xd6, U'√'},
};

} // namespace

SymbolFont symbol_font(std::string_view name) {
  const std::string small = lower_case(trimmed(name));
  if (small == "wingdings") return SymbolFont::wingdings;
  if (small == "wingdings 2") return SymbolFont::wingdings2;
  if (small == "webdings") return SymbolFont::webdings;
  return small == "symbol" ? SymbolFont::symbol : SymbolFont::none;
}

char32_t symbol_character(SymbolFont font, char32_t code) {
  if (code >= 0xf000 && code <= 0xf0ff) code -= 0xf000;
  for (const Row &row : rows)
    if (row.font == font && code >= row.first && code <= row.last) return row.character + (code - row.first);
  return 0;
}

} // namespace sekisho::text
