#include "sanitizer/rebuild/office/style_looks.hh"

#include "sanitizer/rebuild/office/office_text.hh"

namespace sekisho::rebuild {
namespace {

constexpr unsigned most_parents = 16;

} // namespace

/// styles.xml
class LooksPart : public PartWords {
public:
  explicit LooksPart(StyleLooks &looks) : looks_(looks) {}

private:
  bool start(std::string_view name) override {
    if (name == "w:style") {
      const std::string type = value("w:type");
      style_ = type == "paragraph" || type == "character" ? &looks_.styles_[value("w:styleId")] : nullptr;
    }
    if (name == "w:pPr" || name.starts_with("w:tbl") || name == "w:rPrChange") return false;
    if (!style_) return true;
    if (name == "w:basedOn") style_->parent = value("w:val");
    if (name == "w:strike" || name == "w:dstrike") style_->struck = style_->struck.value_or(false) || is_on(value("w:val"));
    if (name == "w:vanish" || name == "w:specVanish") style_->hidden = style_->hidden.value_or(false) || is_on(value("w:val"));
    return true;
  }
  void end(std::string_view name) override {
    if (name == "w:style") style_ = nullptr;
  }
  void text(std::string_view) override {}

  StyleLooks &looks_;
  StyleLooks::Style *style_ = nullptr;
};

/// w:shd of styles.xml, wherever in a style
class ShadesPart : public PartWords {
public:
  explicit ShadesPart(StyleLooks &looks) : looks_(looks) {}

private:
  bool start(std::string_view name) override {
    if (name == "w:style") {
      style_ = &looks_.styles_[value("w:styleId")];
      is_default_ = is_on(value("w:default")) && !value("w:default").empty();
    }
    if (name == "w:basedOn" && style_) style_->parent = value("w:val"); // of tables too
    if (name != "w:shd" || value("w:val") == "nil") return true;
    const std::string fill = value("w:fill");
    if (value("w:val") == "clear" && (fill.empty() || fill == "auto" || fill == "FFFFFF")) return true;
    if (style_) style_->shaded = true;
    if (!style_ || is_default_) looks_.shades_all_ = true;
    return true;
  }
  void end(std::string_view name) override {
    if (name == "w:style") style_ = nullptr;
  }
  void text(std::string_view) override {}

  StyleLooks &looks_;
  StyleLooks::Style *style_ = nullptr;
  bool is_default_ = false;
};

void StyleLooks::read(std::string_view styles) {
  if (styles.empty()) return;
  (void)LooksPart(*this).read(styles);
  (void)ShadesPart(*this).read(styles);
}

bool StyleLooks::says(const std::string &style, std::optional<bool> Style::*what) const {
  const std::string *name = &style;
  for (unsigned steps = 0; steps < most_parents; ++steps) {
    const auto found = styles_.find(*name);
    if (found == styles_.end()) return false;
    if (const std::optional<bool> &said = found->second.*what) return *said;
    name = &found->second.parent;
  }
  return false;
}

bool StyleLooks::strikes(const std::string &style) const {
  return says(style, &Style::struck);
}

std::unordered_set<std::string> StyleLooks::that_say(std::optional<bool> Style::*what) const {
  std::unordered_set<std::string> all;
  for (const auto &[name, style] : styles_)
    if (says(name, what)) all.insert(name);
  return all;
}
std::unordered_set<std::string> StyleLooks::hiding() const {
  return that_say(&Style::hidden);
}
std::unordered_set<std::string> StyleLooks::shading() const {
  return that_say(&Style::shaded);
}

} // namespace sekisho::rebuild
