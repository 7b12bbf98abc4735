// The rules of a page's <style> elements that bear on whether a text is seen and on which lines, and which of them an
// element meets.
#pragma once

#include "sanitizer/text/html_content.hh"
#include "sanitizer/text/html_style.hh"

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sekisho::text {

struct Attribute {
  std::string_view name, value; // as written; borrowed from the input
};

/// What only a part of the readers' programs does, or what is not read here, may be: it never hides.
enum class Match : std::uint8_t { no, maybe, yes };

/// An element as selectors see it.
struct Named {
  std::uint32_t name = 0; // hash_of_name()
  Match first = Match::maybe; // of its parent's children
  std::string_view classes, id;
};

constexpr std::uint32_t hash_of_name(std::string_view lower_name) {
  std::uint32_t hash = 2166136261u;
  for (char c : lower_name)
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

/// What rules speak of: elements, or what CSS puts into them before or behind their content, or before an item of a list.
enum class Place : std::uint8_t { element, before, behind, mark };

/// Words that a sheet puts somewhere.
struct Words {
  std::string text;
  bool left_out = false; // there are some that are not read, or are not seen everywhere
};

class StyleSheets {
public:
  explicit StyleSheets(Place place = Place::element) : place_(place) {}

  /// `media`: attribute of the <style>.  Linear in time; rules beyond some thousands are not kept.
  void add(std::string_view css, std::string_view media);
  bool empty() const { return rules_.empty(); }
  std::size_t size() const { return rules_.size(); }
  /// All rules are kept, and none gives lists marks of its own.
  bool is_whole() const { return is_whole_; }
  /// Quick; false: no rule speaks of it.
  bool may_meet(const Named &element) const {
    return (names_ & bit_of(element.name)) != 0 || (has_ids_ && !element.id.empty()) ||
           (has_classes_ && !element.classes.empty());
  }
  /// What `path`'s last element is to look like.  `hints`: of its tag and attributes, below all rules; `own`: of its
  /// style attribute.
  Style style_of(std::span<const Named> path, std::span<const Attribute> attributes, const Style &hints,
                 const Style &own);
  /// What is put into `path`'s last element at the place these sheets speak of, and how it looks there.
  Words words_in(std::span<const Named> path, std::span<const Attribute> attributes, Style &style);

private:
  struct AttributeTest {
    std::string name, value;
    char comparison = '\0'; // of "~=" its first character; '\0': any value
  };
  struct Compound;
  struct Test { // ":is(a, b)", ":not(a, b)"
    std::vector<Compound> any;
    bool is_not = false;
  };
  struct Compound {
    std::uint32_t name = 0; // 0: any
    std::string id;
    std::vector<std::string> classes;
    std::vector<AttributeTest> attributes;
    std::vector<Test> tests;
    bool first = false; // ":first-child"
    Match most = Match::yes;
    Place place = Place::element;
    char before = ' '; // the combinator
  };
  using Selector = std::vector<Compound>;
  struct Rule {
    Selector selector;
    std::uint32_t style = 0;  // and content
    std::uint32_t weight = 0; // specificity
    Match media = Match::yes;
  };
  struct Met {
    std::uint32_t weight, rule;
    Match match;
  };
  class SelectorReader;

  void add_rules(std::vector<Selector> selectors, const Style &style, Content content, Match media);
  void meet_all(std::span<const Named> path, std::span<const Attribute> attributes);
  void meet(std::uint32_t key, std::span<const Named> path, std::span<const Attribute> attributes);
  Match match(const Selector &selector, std::span<const Named> path, std::span<const Attribute> attributes);
  Match match(const Compound &compound, const Named &element, const std::span<const Attribute> *attributes);
  static std::uint32_t weight_of(const Compound &compound);
  static std::uint64_t bit_of(std::uint32_t name) { return std::uint64_t{1} << (name >> 26); }
  static bool meets(const AttributeTest &test, std::span<const Attribute> attributes);

  Place place_;
  std::vector<Style> styles_;
  std::vector<Content> contents_; // as many, but for elements
  std::vector<Rule> rules_;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> by_key_;
  std::vector<Met> met_;
  std::uint64_t names_ = 0; // of which rules speak, each by a bit
  bool has_ids_ = false, has_classes_ = false, is_whole_ = true;
  std::size_t work_ = 0;
};

} // namespace sekisho::text
