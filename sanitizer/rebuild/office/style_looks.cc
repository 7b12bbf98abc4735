#include "sanitizer/rebuild/office/style_looks.hh"

#include "sanitizer/rebuild/office/office_text.hh"

#include <algorithm>
#include <charconv>
#include <vector>

namespace sekisho::rebuild {
namespace {

template <class What> void take(std::optional<What> &own, const std::optional<What> &parent) {
  if (!own) own = parent;
}

} // namespace

std::optional<std::uint32_t> colour_in(std::string_view digits) {
  std::uint32_t colour = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), colour, 16);
  if (digits.size() != 6 || error != std::errc() || end != digits.data() + digits.size()) return {};
  return colour;
}
std::optional<std::uint32_t> colour_of_words(std::string_view value, std::string_view theme) {
  return theme.empty() || theme == "background1" || theme == "light1" ? colour_in(value) : std::nullopt;
}

std::optional<unsigned> number_in(std::string_view digits) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size() ? std::optional(number) : std::nullopt;
}

void WordLooks::inherit(const WordLooks &parent) {
  take(colour, parent.colour);
  take(half_points, parent.half_points);
  take(effects, parent.effects);
}

/// styles.xml
class LooksPart : public PartWords {
public:
  explicit LooksPart(StyleLooks &looks) : looks_(looks) {}

private:
  bool start(std::string_view name) override {
    if (name == "w:rPrChange") return false;
    if (name == "w:style") start_style();
    if (name == "w:docDefaults") style_ = &looks_.otherwise_, of_words_ = true;
    aside_ += is_aside(name);
    if (is_behind(name)) start_shading();
    if (!style_) return true;
    if (name == "w:basedOn") style_->parent = value("w:val");
    if (!of_words_ && (name == "w:color" || name == "w:sz")) style_->recolours = true;
    if (of_words_ && aside_ == 0) start_property(name);
    return true;
  }
  void end(std::string_view name) override {
    aside_ -= is_aside(name);
    if (name == "w:style" || name == "w:docDefaults") style_ = nullptr, is_default_ = false;
  }
  void text(std::string_view) override {}

  /// Says nothing of the words of a style themselves.
  static bool is_aside(std::string_view name) { return name == "w:pPr" || name.starts_with("w:tbl"); }

  void start_style() {
    const std::string type = value("w:type"), id = value("w:styleId"), is_default = value("w:default");
    style_ = &looks_.styles_[id];
    of_words_ = type == "paragraph" || type == "character";
    is_default_ = is_on(is_default) && !is_default.empty();
    if (is_default_ && type == "paragraph") looks_.default_paragraph_ = id;
    if (is_default_ && type == "table") looks_.default_table_ = id;
  }
  bool is_behind(std::string_view name) const {
    const std::string what = name == "w:shd" || name == "w:highlight" ? value("w:val") : std::string();
    if (name == "w:highlight") return what != "none";
    if (name != "w:shd" || what == "nil") return false;
    const std::string fill = value("w:fill");
    return what != "clear" || !(fill.empty() || fill == "auto" || fill == "FFFFFF");
  }
  void start_shading() {
    if (style_) style_->shaded = true;
    if (!style_ || style_ == &looks_.otherwise_ || is_default_) looks_.shades_all_ = true;
  }
  void start_property(std::string_view name) {
    constexpr std::string_view effects[] = {"w:outline", "w:shadow", "w:emboss", "w:imprint", "w:effect"};
    const auto add = [this](std::optional<bool> &what) { what = what.value_or(false) || is_on(value("w:val")); };
    if (name == "w:strike" || name == "w:dstrike") add(style_->struck);
    if (name == "w:vanish" || name == "w:specVanish") add(style_->hidden);
    if (std::ranges::find(effects, name) != std::end(effects)) add(style_->words.effects);
    if (name == "w:color") style_->words.colour = colour_of_words(value("w:val"), value("w:themeColor"));
    if (name == "w:sz") style_->words.half_points = number_in(value("w:val"));
  }

  StyleLooks &looks_;
  StyleLooks::Style *style_ = nullptr;
  bool of_words_ = false, is_default_ = false;
  unsigned aside_ = 0;
};

void StyleLooks::read(std::string_view styles) {
  if (styles.empty()) return;
  (void)LooksPart(*this).read(styles);
  inherit();
}

void StyleLooks::inherit() {
  for (auto &[name, style] : styles_)
    style.is_whole = false;
  std::vector<Style *> line; // up to one that is whole; in a circle each is taken once
  for (auto &[name, style] : styles_) {
    for (auto one = styles_.find(name); one != styles_.end() && !one->second.is_whole; one = styles_.find(one->second.parent)) {
      one->second.is_whole = true;
      line.push_back(&one->second);
    }
    for (; !line.empty(); line.pop_back()) {
      Style &own = *line.back();
      const Style *parent = find(own.parent);
      if (!parent) continue;
      take(own.struck, parent->struck);
      take(own.hidden, parent->hidden);
      take(own.shaded, parent->shaded);
      take(own.recolours, parent->recolours);
      own.words.inherit(parent->words);
    }
  }
}

const StyleLooks::Style *StyleLooks::find(const std::string &style) const {
  const auto found = styles_.find(style);
  return found == styles_.end() ? nullptr : &found->second;
}

bool StyleLooks::strikes(const std::string &style) const {
  const Style *found = find(style);
  return found && found->struck.value_or(false);
}
bool StyleLooks::shades(const std::string &style) const {
  const Style *found = find(style);
  return found && found->shaded.value_or(false);
}
bool StyleLooks::recolours(const std::string &style) const {
  const Style *found = find(style.empty() ? default_table_ : style);
  return found && found->recolours.value_or(false);
}
const WordLooks *StyleLooks::words_of(const std::string &style) const {
  const Style *found = find(style);
  return found ? &found->words : nullptr;
}

std::unordered_set<std::string> StyleLooks::hiding() const {
  std::unordered_set<std::string> all;
  for (const auto &[name, style] : styles_)
    if (style.hidden.value_or(false)) all.insert(name);
  return all;
}

} // namespace sekisho::rebuild
