// Elements and attributes that a part may have, looked up by namespace and local name; what OOXML
// and ODF share.  Private to rebuild.
#pragma once

#include "base/reason.hh"

#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace sekisho::rebuild {

/// `Ns` has an `unknown`, `Special` a `none` and a `drop`.
template <class NsType, class SpecialType> struct NamedElement {
  using Ns = NsType;
  using Special = SpecialType;
  std::string name; // as written
  Ns ns = Ns::unknown;
  Special special = Special::drop;
  Reason reason = Reason::none; // of a dropped one; none: not worth a word
  bool listed = false;          // may be written as it is
};

template <class Take> void each_word(std::string_view words, Take take) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (end > 0) take(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
}

template <class Element> class NameTables {
public:
  using Ns = typename Element::Ns;
  using Special = typename Element::Special;

  struct SpecialRow {
    Ns ns;
    std::string_view locals;
    Special special;
    Reason reason = Reason::none;
  };

  NameTables() {
    for (std::size_t i = 0; i < strangers_.size(); ++i) {
      strangers_[i].ns = static_cast<Ns>(i);
      strangers_[i].reason = Reason::office_unlisted;
    }
  }

  /// What may be written.
  void list(Ns ns, std::string_view prefix, std::string_view elements,
            std::string_view attributes) {
    each_word(elements, [&](std::string_view local) {
      Element &element = named(ns, prefix, local);
      element.special = Special::none;
      element.listed = true;
    });
    each_word(attributes, [&](std::string_view local) { attributes_.insert(key(ns, local)); });
  }
  /// What is done beside that, in turn.
  void treat(const SpecialRow &row, std::string_view prefix) {
    each_word(row.locals, [&](std::string_view local) {
      Element &element = named(row.ns, prefix, local);
      element.special = row.special;
      element.reason = row.reason;
    });
  }
  void rename(Ns ns, std::string_view local, std::string_view name) {
    elements_[key(ns, local)].name = name;
  }

  /// Never null; one that is not listed says drop.
  const Element *find(Ns ns, std::string_view local) const {
    const auto found = elements_.find(key(ns, local));
    return found != elements_.end() ? &found->second : &strangers_[static_cast<std::size_t>(ns)];
  }
  bool has_attribute(Ns ns, std::string_view local) const {
    return attributes_.contains(key(ns, local));
  }

private:
  static std::string key(Ns ns, std::string_view local) {
    std::string key(1, static_cast<char>(ns));
    return key.append(local);
  }
  Element &named(Ns ns, std::string_view prefix, std::string_view local) {
    Element &element = elements_[key(ns, local)];
    if (!element.name.empty()) return element;
    element.ns = ns;
    element.name = prefix;
    if (!element.name.empty()) element.name += ':';
    element.name += local;
    return element;
  }

  std::unordered_map<std::string, Element> elements_;
  std::unordered_set<std::string> attributes_;
  std::array<Element, 32> strangers_; // by namespace
};

} // namespace sekisho::rebuild
