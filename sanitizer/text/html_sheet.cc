#include "sanitizer/text/html_sheet.hh"

#include "sanitizer/text/html_tags.hh"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace sekisho::text {
namespace {

constexpr std::size_t most_rules = 4'000, most_compounds = 16, most_tests = 8, most_depth = 4, longest_name = 64, longest_prelude = 512;
constexpr std::size_t most_blocks = 32;       // at-rules in each other
constexpr std::size_t most_work = 10'000'000; // octets of names compared for one page
constexpr std::uint32_t any_element = 0;
constexpr double narrowest = 800, widest = 2000; // pixels of a window that somebody reads mail in

std::uint32_t key_of(char kind, std::string_view lower_name) {
  return hash_of_name(std::string(1, kind).append(lower_name));
}

/// A class or id as written in a page.
std::string name_in_page(std::string_view raw) {
  std::string name = raw.find('&') == raw.npos ? std::string(raw) : decode_attribute(raw, longest_name);
  std::transform(name.begin(), name.end(), name.begin(), lower);
  return name;
}

/// At most so many octets, and no part of a character.
std::string_view start_of(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80)
    --most;
  return text.substr(0, most);
}

template <class Each> void each_class(std::string_view classes, Each each) {
  while (!classes.empty()) {
    std::size_t end = 0;
    while (end < classes.size() && !is_space(classes[end]))
      end++;
    if (end > 0) each(classes.substr(0, end));
    classes.remove_prefix(std::min(end + 1, classes.size()));
  }
}

bool is_alike(std::string_view in_page, std::string_view wanted) {
  return in_page.find('&') == in_page.npos ? equals_lower(in_page, wanted) : name_in_page(in_page) == wanted;
}

bool has_class(std::string_view classes, std::string_view wanted) {
  bool found = false;
  each_class(classes, [&](std::string_view name) { found = found || is_alike(name, wanted); });
  return found;
}

Match both(Match a, Match b) { return std::min(a, b); }

/// Of a length against every width that a reader's window may have.
Match match_width(std::string_view value, bool at_least) {
  while (value.starts_with(' '))
    value.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc()) return Match::maybe;
  const std::string_view unit(end, static_cast<std::size_t>(value.data() + value.size() - end));
  if (unit.starts_with("em") || unit.starts_with("rem")) number *= 16;
  const bool all = at_least ? number <= narrowest : number >= widest;
  const bool none = at_least ? number > widest : number < narrowest;
  return all ? Match::yes : none ? Match::no : Match::maybe;
}

/// "(max-width:600px)", without its brackets.
Match match_feature(std::string_view feature) {
  const std::size_t colon = feature.find(':');
  const std::string_view name = feature.substr(0, colon);
  const std::string_view value = colon == feature.npos ? std::string_view() : feature.substr(colon + 1);
  if (name == "min-width" || name == "min-device-width") return match_width(value, true);
  if (name == "max-width" || name == "max-device-width") return match_width(value, false);
  if (name == "prefers-color-scheme") return value.find("dark") != value.npos ? Match::no : Match::yes;
  return Match::maybe;
}

/// Of a list without its commas; lower case.
Match match_query(std::string_view query) {
  const auto trim = [&] {
    while (query.starts_with(' '))
      query.remove_prefix(1);
    while (query.ends_with(' '))
      query.remove_suffix(1);
  };
  trim();
  const bool negated = query.starts_with("not ");
  if (negated || query.starts_with("only ")) query.remove_prefix(negated ? 4 : 5);
  trim();
  const std::string_view type = query.substr(0, query.find_first_of(" ("));
  Match found = type.empty() || type == "all" || type == "screen" ? Match::yes : Match::no;
  for (std::size_t open; (open = query.find('(')) != query.npos;) {
    if (query.substr(0, open).find(" or ") != query.npos) return Match::maybe;
    const std::size_t close = std::min(query.find(')', open), query.size());
    found = both(found, match_feature(query.substr(open + 1, close - open - 1)));
    query.remove_prefix(close);
  }
  if (!negated || found == Match::maybe) return found;
  return found == Match::yes ? Match::no : Match::yes;
}

Match match_media(std::string_view list) {
  Match found = Match::no;
  for (;;) {
    const std::size_t comma = std::min(list.find(','), list.size());
    found = std::max(found, match_query(list.substr(0, comma)));
    if (comma == list.size()) return found;
    list.remove_prefix(comma + 1);
  }
}

/// An at-rule with a block: whether the rules in it count.
Match match_at_rule(std::string_view prelude) {
  const std::size_t end = std::min(prelude.find_first_of(" ("), prelude.size());
  const std::string_view name = prelude.substr(0, end), rest = prelude.substr(end);
  if (name == "media") return match_media(rest);
  if (name == "layer") return Match::yes;
  if (name == "supports") return rest.find("not") == rest.npos ? Match::yes : Match::maybe;
  return name == "scope" || name == "container" || name == "document" ? Match::maybe : Match::no;
}

} // namespace

/// A list of selectors up to its '{' (Selectors Level 4 §4).  What is not read may match.
class StyleSheets::SelectorReader {
public:
  /// `css` stands on the first character.
  explicit SelectorReader(CssReader &css, std::size_t depth = 0) : css_(css), depth_(depth) {}

  /// False at the end of the sheet, or where a ';' or '}' says that this is no rule.
  bool read() {
    do {
      if (css_.is('{')) {
        end_selector();
        return true;
      }
      if (css_.is('}')) return false;
      take();
    } while (css_.next());
    return false;
  }
  /// Up to the ')' of arguments.
  void read_arguments() {
    while (css_.next() && !css_.is(')'))
      take();
    end_selector();
  }
  std::vector<Selector> take_all() { return std::move(selectors_); }

private:
  void take() {
    if (css_.is_space()) return end_compound(' ');
    if (css_.literal()) return add_letter();
    switch (css_.c()) {
    case ',': return end_selector();
    case '>':
    case '+':
    case '~': return end_compound(css_.c());
    case '.': return start(Part::class_name);
    case '#': return start(Part::id);
    case '*': return start(Part::any);
    case '[': return attribute();
    case ':': return pseudo();
    case '(': return arguments();
    case '|':
    case '&': compound().most = both(compound().most, Match::maybe); return;
    default: return add_letter();
    }
  }

  enum class Part : std::uint8_t { none, any, element, class_name, id, pseudo };

  Compound &compound() {
    if (!open_) {
      open_ = true;
      if (selector_.size() < most_compounds) selector_.emplace_back();
      else selector_.back().most = Match::maybe; // of more than are kept
      selector_.back().before = before_;
      before_ = ' ';
    }
    return selector_.back();
  }

  void start(Part part) {
    end_name();
    part_ = part;
    (void)compound();
  }

  void add_letter() {
    (void)compound();
    if (part_ == Part::none) part_ = Part::element;
    if (name_.size() < longest_name) name_ += css_.c();
  }

  void end_name() {
    if (part_ == Part::element) compound().name = hash_of_name(name_.substr(0, longest_tag));
    if (part_ == Part::id) compound().id = name_;
    if (part_ == Part::class_name && compound().classes.size() < most_tests) compound().classes.push_back(name_);
    if (part_ == Part::pseudo) end_pseudo();
    name_.clear();
    part_ = Part::none;
  }

  void end_compound(char combinator) {
    end_name();
    if (combinator != ' ') before_ = combinator;
    open_ = false;
  }

  void end_selector() {
    end_compound(' ');
    if (!selector_.empty() && selectors_.size() < most_rules) selectors_.push_back(std::move(selector_));
    selector_.clear();
    before_ = ' ';
  }

  void pseudo() {
    if (part_ == Part::pseudo && name_.empty()) {
      is_double_ = true; // "::before" and the like: no element
      return;
    }
    start(Part::pseudo);
  }
  void end_pseudo() {
    if (name_ == "before" || name_ == "after" || name_ == "marker") {
      compound().place = name_ == "before" ? Place::before : name_ == "after" ? Place::behind : Place::mark;
      is_double_ = false;
      return;
    }
    if (std::exchange(is_double_, false)) compound().most = Match::no;
    if (name_ == "first-child") {
      compound().first = true;
      return;
    }
    for (const std::string_view never : {"hover", "active", "focus", "focus-within", "visited", "target", "checked",
                                         "first-line", "first-letter", "selection"})
      if (name_ == never) compound().most = Match::no;
    compound().most = both(compound().most, Match::maybe);
  }
  /// ":not(…)" and the like.
  void arguments() {
    const bool is_not = name_ == "not";
    if (part_ != Part::pseudo || is_double_ || (!is_not && name_ != "is") || depth_ == most_depth || compound().tests.size() == most_tests)
      return skip_arguments();
    SelectorReader reader(css_, depth_ + 1);
    reader.read_arguments();
    Test test{{}, is_not};
    for (Selector &selector : reader.take_all()) {
      if (selector.size() > 1) selector.back().most = both(selector.back().most, Match::maybe);
      test.any.push_back(std::move(selector.back()));
    }
    if (test.any.empty()) compound().most = both(compound().most, Match::maybe);
    compound().tests.push_back(std::move(test));
    name_.clear();
    part_ = Part::none;
  }
  void skip_arguments() {
    for (std::size_t depth = 1; depth > 0 && css_.next();) {
      if (css_.is('(')) depth++;
      if (css_.is(')')) depth--;
    }
  }

  /// "[name op 'value']"
  void attribute() {
    end_name();
    AttributeTest test;
    bool in_value = false;
    while (css_.next() && !css_.is(']')) {
      if (css_.is_space()) continue;
      if (!css_.literal() && std::string_view("=~|^$*").find(css_.c()) != std::string_view::npos && !in_value) {
        test.comparison = test.comparison == '\0' ? css_.c() : test.comparison;
        in_value = css_.is('=');
      } else if (css_.literal() && (css_.c() == '"' || css_.c() == '\'')) {
        test.value = css_.string();
      } else {
        std::string &piece = in_value ? test.value : test.name;
        if (piece.size() < longest_name) piece += css_.c();
      }
    }
    if (compound().attributes.size() < most_tests) compound().attributes.push_back(std::move(test));
    else compound().most = both(compound().most, Match::maybe);
  }

  CssReader &css_;
  std::vector<Selector> selectors_;
  Selector selector_;
  std::string name_;
  Part part_ = Part::none;
  char before_ = ' ';
  std::size_t depth_;
  bool open_ = false, is_double_ = false;
};

void StyleSheets::add(std::string_view css_text, std::string_view media) {
  std::vector<Match> blocks = {Match::yes};
  if (!media.empty()) {
    std::string words = decode_attribute(media, longest_prelude);
    std::transform(words.begin(), words.end(), words.begin(), lower);
    blocks[0] = match_media(words);
  }
  if (blocks[0] == Match::no) return;
  std::string rules(css_text);
  for (const std::string_view mark : {"<!--", "-->"}) // CSS Syntax §4.3.1: nothing, and old pages have them
    for (std::size_t at = 0; (at = rules.find(mark, at)) != rules.npos;)
      std::fill_n(rules.begin() + static_cast<std::ptrdiff_t>(at), mark.size(), ' ');
  CssReader css(rules);
  std::string prelude;
  while (css.next()) {
    if (css.is_space() || css.is(';')) continue;
    if (css.is('}')) {
      if (blocks.size() > 1) blocks.pop_back();
      continue;
    }
    if (css.is('@')) {
      prelude.clear();
      while (css.next() && !css.is('{') && !css.is(';'))
        if (prelude.size() < longest_prelude) prelude += css.is_space() ? ' ' : css.c();
      if (!css.is('{')) continue;
      is_whole_ = is_whole_ && !prelude.starts_with("counter-style"); // signs before the items of a list
      const Match counts = both(blocks.back(), match_at_rule(prelude));
      if (counts == Match::no || blocks.size() > most_blocks)
        css.skip_block();
      else
        blocks.push_back(counts);
      continue;
    }
    SelectorReader selectors(css);
    if (!selectors.read()) continue;
    Style style;
    Content content;
    if (place_ != Place::element) content = read_content(css);
    read_declarations(css, style);
    if (style.set != 0 || content.is_set) add_rules(selectors.take_all(), style, std::move(content), blocks.back());
  }
}

void StyleSheets::add_rules(std::vector<Selector> selectors, const Style &style, Content content, Match media) {
  const bool is_of_mark = std::ranges::any_of(selectors, [](const Selector &selector) { return selector.back().place == Place::mark; });
  is_whole_ = is_whole_ && !(is_of_mark && (content.left_out || !content.pieces.empty()));
  std::erase_if(selectors, [&](const Selector &selector) { return selector.back().place != place_; });
  is_whole_ = is_whole_ && rules_.size() + selectors.size() <= most_rules;
  if (selectors.empty() || rules_.size() + selectors.size() > most_rules) return;
  styles_.push_back(style);
  if (place_ != Place::element) contents_.push_back(std::move(content));
  for (Selector &selector : selectors) {
    Rule rule{std::move(selector), static_cast<std::uint32_t>(styles_.size() - 1), 0, media};
    bool never = false;
    for (const Compound &compound : rule.selector) {
      never = never || compound.most == Match::no;
      rule.weight += weight_of(compound);
    }
    if (never) continue;
    const Compound &last = rule.selector.back();
    const std::uint32_t key = !last.id.empty()        ? key_of('#', last.id)
                              : !last.classes.empty() ? key_of('.', last.classes.front())
                                                      : last.name;
    const bool by_name = last.id.empty() && last.classes.empty();
    has_ids_ = has_ids_ || !last.id.empty();
    has_classes_ = has_classes_ || !last.classes.empty();
    if (by_name) names_ |= last.name == any_element ? ~std::uint64_t{0} : bit_of(last.name);
    by_key_[key].push_back(static_cast<std::uint32_t>(rules_.size()));
    rules_.push_back(std::move(rule));
  }
}

/// Selectors Level 4 §17.
std::uint32_t StyleSheets::weight_of(const Compound &compound) {
  std::uint32_t weight = compound.id.empty() ? 0 : 1 << 20;
  weight += static_cast<std::uint32_t>(compound.classes.size() + compound.attributes.size() + compound.first) << 10;
  weight += compound.name != any_element;
  for (const Test &test : compound.tests) {
    std::uint32_t most = 0;
    for (const Compound &one : test.any)
      most = std::max(most, weight_of(one));
    weight += most;
  }
  return weight;
}

bool StyleSheets::meets(const AttributeTest &test, std::span<const Attribute> attributes) {
  for (const Attribute &attribute : attributes) {
    if (!equals_lower(attribute.name, test.name)) continue;
    if (test.comparison == '\0') return true;
    const std::string value = name_in_page(attribute.value.substr(0, longest_prelude));
    const std::string_view wanted = test.value;
    switch (test.comparison) {
    case '=': return value == wanted;
    case '~': return has_class(value, wanted);
    case '|': return value == wanted || value.starts_with(std::string(wanted) + '-');
    case '^': return !wanted.empty() && value.starts_with(wanted);
    case '$': return !wanted.empty() && value.ends_with(wanted);
    default: return !wanted.empty() && value.find(wanted) != value.npos;
    }
  }
  return false;
}

/// `attributes`: of an ancestor they are not known.
Match StyleSheets::match(const Compound &compound, const Named &element, const std::span<const Attribute> *attributes) {
  work_ += 1 + element.id.size() + compound.classes.size() * (1 + element.classes.size());
  if (compound.name != any_element && compound.name != element.name) return Match::no;
  if (!compound.id.empty() && !is_alike(element.id, compound.id)) return Match::no;
  for (const std::string &wanted : compound.classes)
    if (!has_class(element.classes, wanted)) return Match::no;
  Match found = compound.most;
  if (compound.first) found = both(found, element.first);
  if (!compound.attributes.empty() && !attributes) found = both(found, Match::maybe);
  if (attributes) {
    work_ += compound.attributes.size() * longest_prelude;
    for (const AttributeTest &test : compound.attributes)
      if (!meets(test, *attributes)) return Match::no;
  }
  for (const Test &test : compound.tests) {
    Match any = Match::no;
    for (const Compound &one : test.any)
      any = std::max(any, match(one, element, attributes));
    if (test.is_not && any != Match::maybe) any = any == Match::yes ? Match::no : Match::yes;
    found = both(found, any);
  }
  return found;
}

Match StyleSheets::match(const Selector &selector, std::span<const Named> path,
                         std::span<const Attribute> attributes) {
  const Compound *compound = &selector.back();
  Match found = match(*compound, path.back(), &attributes);
  std::size_t above = path.size() - 1;
  while (found != Match::no && compound != &selector.front()) {
    const char combinator = compound->before;
    if (combinator == '+' || combinator == '~') return both(found, Match::maybe); // beside it, which nobody keeps
    compound--;
    Match here = Match::no;
    while (here == Match::no && above > 0) {
      here = match(*compound, path[--above], nullptr);
      if (combinator == '>') break;
    }
    found = both(found, here);
  }
  return found;
}

void StyleSheets::meet(std::uint32_t key, std::span<const Named> path, std::span<const Attribute> attributes) {
  const auto rules = by_key_.find(key);
  if (rules == by_key_.end()) return;
  for (const std::uint32_t number : rules->second) {
    if (work_ > most_work) return;
    const Rule &rule = rules_[number];
    const Match found = both(rule.media, match(rule.selector, path, attributes));
    if (found != Match::no) met_.push_back({rule.weight, number, found});
  }
}

void StyleSheets::meet_all(std::span<const Named> path, std::span<const Attribute> attributes) {
  met_.clear();
  if (rules_.empty()) return;
  const Named &element = path.back();
  meet(any_element, path, attributes);
  meet(element.name, path, attributes);
  if (!element.id.empty()) meet(key_of('#', name_in_page(element.id)), path, attributes);
  each_class(element.classes, [&](std::string_view name) { meet(key_of('.', name_in_page(name)), path, attributes); });
  std::sort(met_.begin(), met_.end(), [](const Met &a, const Met &b) {
    return a.weight != b.weight ? a.weight < b.weight : a.rule < b.rule;
  });
}

Style StyleSheets::style_of(std::span<const Named> path, std::span<const Attribute> attributes, const Style &hints,
                            const Style &own) {
  meet_all(path, attributes);
  Style style = hints;
  const auto put_on = [&](const Style &declared, Match match, bool important) {
    const std::uint64_t which = important ? declared.important : ~declared.important;
    if (match == Match::yes) return style.put_on(declared, which);
    Style shown = declared; // what may be never hides
    shown.set &= ~shown.hides;
    shown.text = shown.behind = shown.filled = unknown_colour;
    shown.opaque = all_opaque;
    shown.box = style.box;
    style.put_on(shown, which);
  };
  for (const bool important : {false, true}) {
    for (const Met &met : met_)
      put_on(styles_[rules_[met.rule].style], met.match, important);
    put_on(own, Match::yes, important);
  }
  return style;
}

Words StyleSheets::words_in(std::span<const Named> path, std::span<const Attribute> attributes, Style &style) {
  style = style_of(path, attributes, {}, {});
  const Content *content = nullptr;
  Words words{.text = {}, .left_out = work_ > most_work};
  for (const bool important : {false, true}) {
    for (const Met &met : met_) {
      const Content &declared = contents_[rules_[met.rule].style];
      if (!declared.is_set || declared.important != important) continue;
      if (met.match == Match::yes) content = &declared;
      words.left_out = met.match == Match::yes ? declared.left_out : words.left_out || declared.left_out || !declared.pieces.empty();
    }
  }
  if (!content) return words;
  for (const Content::Piece &piece : content->pieces) {
    if (!piece.is_attribute) words.text += piece.text;
    const auto has_name = [&](const Attribute &attribute) { return equals_lower(attribute.name, piece.text); };
    const auto attribute = std::ranges::find_if(attributes, has_name);
    if (!piece.is_attribute || attribute == attributes.end()) continue;
    const std::string_view whole = attribute->value, kept = start_of(whole, longest_prelude);
    words.text += decode_attribute(kept, kept.size());
    words.left_out = words.left_out || kept.size() < whole.size();
  }
  return words;
}

} // namespace sekisho::text
