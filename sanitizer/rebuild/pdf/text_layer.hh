// The text behind a page's picture: what is searched, copied and read aloud, never what is seen.
// One font without glyphs, whose two-octet codes are UTF-16 as far as that goes; a character above
// U+FFFF gets the next code of the private area, which clean text does not use.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::rebuild {

/// Characters at even distances; lengths in 1/100 point, from the page's lower left corner.
struct TextRun {
  std::string text; // UTF-8, clean
  enum class Way { right, down, up } way = Way::right;
  std::uint32_t x = 0, y = 0; // where the first character's baseline begins
  std::uint32_t advance = 1;  // a character
  std::uint32_t height = 1;   // across the line
};

constexpr std::size_t most_text_of_page = 20'000, most_text_of_document = 2'000'000; // characters

/// For one document.
class TextLayer {
public:
  /// Operators of the runs; empty when there are none.  What is over the limits is left out.
  std::string draw(const std::vector<TextRun> &runs);
  /// The font's ToUnicode map (ISO 32000-1 §9.10.3) for everything drawn so far.
  std::string to_unicode() const;

private:
  std::string codes_of(std::string_view text, std::size_t &room);
  char16_t code_of(char32_t c);

  std::map<char32_t, char16_t> codes_; // of characters above U+FFFF
  std::vector<char32_t> supplementary_;
  std::size_t written_ = 0;
};

} // namespace sekisho::rebuild
