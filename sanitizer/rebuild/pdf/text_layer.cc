#include "sanitizer/rebuild/pdf/text_layer.hh"

#include "base/utf8.hh"

#include <algorithm>
#include <fmt/format.h>

namespace sekisho::rebuild {
namespace {

constexpr char16_t first_private = 0xe000, geta = 0x3013; // 〓: a character that has no room
constexpr std::size_t most_private = 6400;
constexpr std::size_t most_in_block = 100; // of a CMap, Adobe Technical Note 5014

std::string turn_of(const TextRun &run) {
  switch (run.way) {
  case TextRun::Way::down: return fmt::format("0 -{} {} 0", run.advance, run.height);
  case TextRun::Way::up: return fmt::format("0 {} -{} 0", run.advance, run.height);
  default: return fmt::format("{} 0 0 {}", run.advance, run.height);
  }
}

} // namespace

char16_t TextLayer::code_of(char32_t c) {
  if (c < 0x10000) return static_cast<char16_t>(c);
  if (const auto known = codes_.find(c); known != codes_.end()) return known->second;
  if (supplementary_.size() == most_private) return geta;
  const char16_t code = static_cast<char16_t>(first_private + supplementary_.size());
  supplementary_.push_back(c);
  codes_.emplace(c, code);
  return code;
}

std::string TextLayer::codes_of(std::string_view text, std::size_t &room) {
  std::string hex;
  for (std::size_t at = 0; at < text.size() && room > 0; --room, ++written_) {
    const char32_t c = utf8_next(text, at);
    hex += fmt::format("{:04x}", static_cast<unsigned>(code_of(c == utf8_invalid ? geta : c)));
  }
  return hex;
}

std::string TextLayer::draw(const std::vector<TextRun> &runs) {
  std::size_t room = std::min(most_text_of_page, most_text_of_document - written_);
  std::string drawing;
  for (const TextRun &run : runs) {
    if (room == 0) break;
    const std::string hex = codes_of(run.text, room);
    if (hex.empty()) continue;
    drawing += fmt::format("{} {} {} Tm <{}> Tj\n", turn_of(run), run.x, run.y, hex);
  }
  if (drawing.empty()) return {};
  return "0.01 0 0 0.01 0 0 cm\nBT /T 1 Tf 3 Tr\n" + drawing + "ET\n";
}

std::string TextLayer::to_unicode() const {
  std::string map = "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
                    "/CIDSystemInfo <</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n"
                    "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
                    "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
                    "2 beginbfrange\n<0000> <d7ff> <0000>\n<f900> <ffff> <f900>\nendbfrange\n";
  for (std::size_t i = 0; i < supplementary_.size(); ++i) {
    const unsigned above = static_cast<unsigned>(supplementary_[i]) - 0x10000;
    if (i % most_in_block == 0)
      map += fmt::format("{} beginbfchar\n", std::min(most_in_block, supplementary_.size() - i));
    map += fmt::format("<{:04x}> <{:04x}{:04x}>\n", first_private + i, 0xd800 + (above >> 10),
                       0xdc00 + (above & 0x3ff));
    if (i % most_in_block == most_in_block - 1 || i + 1 == supplementary_.size())
      map += "endbfchar\n";
  }
  return map + "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n";
}

} // namespace sekisho::rebuild
