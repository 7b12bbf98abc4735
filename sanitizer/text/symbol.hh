// Fonts whose letters are pictures: what their marks are in Unicode.
#pragma once

#include <cstdint>
#include <string_view>

namespace sekisho::text {

enum class SymbolFont : std::uint8_t { none, wingdings, wingdings2, webdings, symbol };

/// `name`: of a font, as documents write it.
SymbolFont symbol_font(std::string_view name);

/// `code`: an octet, or the same at U+F000.  The character that is shown; 0 where we do not know it.
char32_t symbol_character(SymbolFont font, char32_t code);

} // namespace sekisho::text
