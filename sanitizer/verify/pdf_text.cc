#include "sanitizer/verify/pdf_text.hh"

#include "base/utf8.hh"
#include "sanitizer/verify/characters.hh"

#include <algorithm>
#include <charconv>
#include <set>

namespace sekisho::verify {
namespace {

constexpr std::size_t most_of_page = 20'000, most_of_document = 2'000'000; // characters
constexpr std::uint32_t first_private = 0xe000, past_private = 0xf900;
constexpr std::size_t most_in_block = 100;

std::uint32_t hex_value(std::string_view digits) {
  std::uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}

void want_at_most(Scanner &scanner, std::uint64_t value, std::uint64_t most) {
  if (value > most) scanner.fail();
}

/// "<d842dfb7>": a surrogate pair.
char32_t read_pair(Scanner &scanner) {
  scanner.want("<");
  const std::uint32_t high = hex_value(scanner.hex(4)), low = hex_value(scanner.hex(4));
  scanner.want(">\n");
  if (high < 0xd800 || high > 0xdbff || low < 0xdc00 || low > 0xdfff) scanner.fail();
  return scanner.failed() ? 0 : 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

} // namespace

bool PdfText::is_allowed(std::uint32_t code) {
  if (++on_page_ > most_of_page || ++in_document_ > most_of_document) return false;
  if (code >= 0xd800 && code < first_private) return false; // surrogates
  if (code < first_private || code >= past_private) return !is_forbidden(code);
  if (code - first_private > supplementary_) return false;
  if (code - first_private == supplementary_) ++supplementary_;
  return true;
}

void PdfText::keep_line(std::uint64_t line, std::uint64_t height, bool upright) {
  const std::uint64_t between = line > line_ ? line - line_ : line_ - line;
  const bool goes_on = !at_start_ && upright == upright_ && between <= height / 2;
  if (!goes_on && !kept_.empty()) kept_ += at_start_ ? U"\n\n" : U"\n";
  if (!goes_on) line_ = line;
  upright_ = upright;
  at_start_ = false;
}

std::string PdfText::kept() const {
  std::string text;
  for (char32_t c : kept_) {
    if (c >= first_private && c < past_private)
      c = c - first_private < characters_.size() ? characters_[c - first_private] : U'〓';
    utf8_append(text, c);
  }
  return text;
}

void PdfText::read_run(Scanner &scanner, std::uint64_t width, std::uint64_t height) {
  const bool down = scanner.sees("0 -"), up = !down && scanner.sees("0 ");
  const std::uint64_t side = std::max(width, height);
  scanner.want(down ? "0 -" : up ? "0 " : "");
  want_at_most(scanner, scanner.number(), side);
  scanner.want(down ? " " : up ? " -" : " 0 0 ");
  const std::uint64_t second = scanner.number(); // of an upright run its height
  want_at_most(scanner, second, side);
  scanner.want(down || up ? " 0 " : " ");
  const std::uint64_t x = scanner.coordinate();
  want_at_most(scanner, x, width);
  scanner.want(" ");
  const std::uint64_t y = scanner.coordinate();
  want_at_most(scanner, y, height);
  scanner.want(" Tm <");
  if (keep_) keep_line(down || up ? x : y, second, !down && !up);
  do {
    const std::string_view code = scanner.hex(4);
    if (scanner.failed() || !is_allowed(hex_value(code))) return scanner.fail();
    if (keep_) kept_ += static_cast<char32_t>(hex_value(code));
  } while (!scanner.sees(">"));
  scanner.want("> Tj\n");
}

void PdfText::read(Scanner &scanner, std::uint64_t width, std::uint64_t height) {
  on_page_ = 0;
  at_start_ = true;
  scanner.want("0.01 0 0 0.01 0 0 cm\nBT /T 1 Tf 3 Tr\n");
  do
    read_run(scanner, width, height);
  while (!scanner.failed() && !scanner.sees("ET\n"));
  scanner.want("ET\n");
}

void PdfText::read_map(Scanner &scanner) {
  scanner.want("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
               "/CIDSystemInfo <</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n"
               "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
               "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
               "2 beginbfrange\n<0000> <d7ff> <0000>\n<f900> <ffff> <f900>\nendbfrange\n");
  std::set<char32_t> characters;
  for (std::size_t i = 0; i < supplementary_ && !scanner.failed(); ++i) {
    if (i % most_in_block == 0) {
      scanner.want_number(std::min(most_in_block, supplementary_ - i));
      scanner.want(" beginbfchar\n");
    }
    scanner.want("<");
    if (hex_value(scanner.hex(4)) != first_private + i) scanner.fail();
    scanner.want("> ");
    const char32_t c = read_pair(scanner);
    if (is_forbidden(c) || c >= 0xf0000 || !characters.insert(c).second) scanner.fail();
    characters_.push_back(c);
    if (i % most_in_block == most_in_block - 1 || i + 1 == supplementary_)
      scanner.want("endbfchar\n");
  }
  scanner.want("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
}

} // namespace sekisho::verify
