// Numbers that Word writes before the paragraphs of lists (ISO/IEC 29500-1 §17.9), as text.  Private to rebuild.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sekisho::rebuild {

/// What a paragraph or its style says of its list.
struct ListPlace {
  std::string list; // w:numId as written; empty: as the style says
  std::optional<unsigned> level;
};

class ListNumbers {
public:
  /// Parts as filter() wrote them; either may be empty.  What cannot be read numbers nothing.
  void read(std::string_view numbering, std::string_view styles);

  /// Of the next paragraph in the document's order; empty where it stands in no list.  A mark without
  /// a number is "・".
  std::string next(const std::string &style, ListPlace place);

private:
  friend class NumberingPart;
  friend class StylesPart;
  static constexpr unsigned most_levels = 9;

  struct Level {
    std::string format = "decimal", text, style;
    unsigned start = 1;
    bool legal = false; // all numbers as decimals
  };
  struct Scheme { // w:abstractNum
    std::array<Level, most_levels> levels;
    std::array<std::optional<unsigned>, most_levels> counts; // of the paragraphs so far
  };
  struct List { // w:num
    std::string scheme;
    std::array<std::optional<unsigned>, most_levels> starts;
    bool used = false;
  };
  struct Style {
    std::string parent;
    ListPlace place;
  };

  ListPlace of_style(const std::string &style) const;

  std::unordered_map<std::string, Scheme> schemes_;
  std::unordered_map<std::string, List> lists_;
  std::unordered_map<std::string, Style> styles_;
};

/// Of w:ilvl; nothing where there is no such level.
std::optional<unsigned> number_of_level(std::string_view digits);
/// A number as w:numFmt `format` writes it; in digits where we do not know it or it goes no further.
std::string number_in(std::string_view format, unsigned number);

} // namespace sekisho::rebuild
