// What the styles of a document say of how its words look (ISO/IEC 29500-1 §17.7).  Private to rebuild.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace sekisho::rebuild {

/// "FFFFFF"; nothing where it is no plain colour.
std::optional<std::uint32_t> colour_in(std::string_view digits);
/// Of w:color; nothing where a theme or the program decides.
std::optional<std::uint32_t> colour_of_words(std::string_view value, std::string_view theme);
/// All of it.
std::optional<unsigned> number_in(std::string_view digits);

struct WordLooks {
  std::optional<std::optional<std::uint32_t>> colour = {}; // said, and known
  std::optional<unsigned> half_points = {};
  std::optional<bool> effects = {}; // by which words of any colour may be seen

  /// What it does not say itself.
  void inherit(const WordLooks &parent);
};

class StyleLooks {
public:
  /// A part as filter() wrote it; what cannot be read says nothing.
  void read(std::string_view styles);

  /// Whether words of the style are struck out; as those that it is based on say, where it does not say so itself.
  bool strikes(const std::string &style) const;
  /// All styles whose words are not shown.
  std::unordered_set<std::string> hiding() const;
  /// Whether it puts something behind words, be it only in some rows of a table.
  bool shades(const std::string &style) const;
  /// Whether what no style is said of has something behind it.
  bool shades_all() const { return shades_all_; }
  /// Whether a style of tables says how words look; empty: where a table says none.
  bool recolours(const std::string &style) const;

  /// Of a paragraph or of words; null: there is no such style.
  const WordLooks *words_of(const std::string &style) const;
  /// Of a paragraph that says no style.
  const WordLooks *words_of_paragraphs() const { return words_of(default_paragraph_); }
  /// Where no style says anything.
  const WordLooks &words_otherwise() const { return otherwise_.words; }

private:
  friend class LooksPart;
  struct Style {
    std::string parent = {};
    std::optional<bool> struck = {}, hidden = {}, shaded = {}, recolours = {};
    WordLooks words = {};
    bool is_whole = false; // has what it inherits
  };
  const Style *find(const std::string &style) const;
  void inherit();

  std::unordered_map<std::string, Style> styles_;
  Style otherwise_;
  std::string default_paragraph_, default_table_;
  bool shades_all_ = false;
};

} // namespace sekisho::rebuild
