// What the styles of a document say of how its words look (ISO/IEC 29500-1 §17.7).  Private to rebuild.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace sekisho::rebuild {

class StyleLooks {
public:
  /// A part as filter() wrote it; what cannot be read says nothing.
  void read(std::string_view styles);

  /// Whether words of the style are struck out; as those that it is based on say, where it does not say so itself.
  bool strikes(const std::string &style) const;
  /// All styles whose words are not shown.
  std::unordered_set<std::string> hiding() const;
  /// All that put something behind words, be it only in some rows of a table.
  std::unordered_set<std::string> shading() const;
  /// Whether what no style is said of has something behind it.
  bool shades_all() const { return shades_all_; }

private:
  friend class LooksPart;
  friend class ShadesPart;
  struct Style {
    std::string parent;
    std::optional<bool> struck, hidden, shaded;
  };
  std::unordered_set<std::string> that_say(std::optional<bool> Style::*what) const;
  bool says(const std::string &style, std::optional<bool> Style::*what) const;

  std::unordered_map<std::string, Style> styles_;
  bool shades_all_ = false;
};

} // namespace sekisho::rebuild
