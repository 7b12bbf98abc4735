#include "sanitizer/rebuild/office/unseen_words.hh"

#include "base/text.hh"
#include "base/utf8.hh"
#include "sanitizer/rebuild/office/office_text.hh"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace sekisho::rebuild::ooxml {
namespace {

// As in HTML mails (text/html_style).
constexpr unsigned least_contrast = 17;     // of 255, in one of the three
constexpr unsigned least_half_points = 5;   // 2.25 points are 3 pixels
constexpr unsigned least_hundredths = 225;

constexpr std::uint32_t white = 0xffffff;
constexpr std::string_view blanks[] = {" ", "\t", "\n", "\r", "\u00a0", "\u3000"};

/// The first element of this name up to its end tag or '/>'; empty where there is none.
std::string_view element_of(std::string_view xml, std::string_view name) {
  const std::string open = '<' + std::string(name);
  for (std::size_t at = 0; (at = xml.find(open, at)) != xml.npos; ++at) {
    const char next = at + open.size() < xml.size() ? xml[at + open.size()] : '>';
    if (next != ' ' && next != '>' && next != '/') continue;
    const std::size_t tag = xml.find('>', at);
    if (tag == xml.npos || xml[tag - 1] == '/') return xml.substr(at, tag == xml.npos ? tag : tag + 1 - at);
    const std::size_t close = xml.find("</" + std::string(name) + '>', tag);
    return xml.substr(at, close == xml.npos ? close : close - at);
  }
  return {};
}
/// Only where the element begins `xml`.
std::string_view first_element(std::string_view xml, std::string_view name) {
  return xml.starts_with('<' + std::string(name)) ? element_of(xml, name) : std::string_view{};
}
std::string_view attribute_of(std::string_view element, std::string_view name) {
  const std::string_view tag = element.substr(0, element.find('>'));
  const std::string mark = ' ' + std::string(name) + "=\"";
  const std::size_t at = tag.find(mark);
  if (at == tag.npos) return {};
  const std::string_view rest = tag.substr(at + mark.size());
  return rest.substr(0, rest.find('"'));
}
bool has_any(std::string_view xml, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return xml.find(word) != xml.npos; });
}

bool is_blank(std::string_view words) {
  for (bool found = true; found && !words.empty();) {
    const auto blank = std::ranges::find_if(blanks, [&](std::string_view one) { return words.starts_with(one); });
    found = blank != std::end(blanks);
    if (found) words.remove_prefix(blank->size());
  }
  return words.empty();
}

bool has_words(std::string_view run, std::string_view element) {
  const std::string mark = '<' + std::string(element);
  for (std::size_t at = 0; (at = run.find(mark, at)) != run.npos; ++at) {
    const std::size_t open = run.find('>', at);
    if (open == run.npos || (run[at + mark.size()] != '>' && run[at + mark.size()] != ' ')) continue;
    if (!is_blank(run.substr(open + 1, run.find('<', open) - open - 1))) return true;
  }
  return false;
}

bool is_alike(std::uint32_t one, std::uint32_t other) {
  for (const unsigned shift : {0u, 8u, 16u}) {
    const unsigned a = one >> shift & 0xff, b = other >> shift & 0xff;
    if ((a > b ? a - b : b - a) >= least_contrast) return false;
  }
  return true;
}

/// §17.3.5; nothing said: what is around goes on.
struct Shading {
  bool said = false;
  std::optional<std::uint32_t> colour = {}; // nothing: one that is not known
};
Shading shading_of(std::string_view properties) {
  const std::string_view shading = element_of(properties, "w:shd");
  if (shading.empty() || attribute_of(shading, "w:val") == "nil") return {};
  const std::string_view fill = attribute_of(shading, "w:fill"), pattern = attribute_of(shading, "w:val");
  if (pattern == "clear" && (fill.empty() || fill == "auto")) return {};
  if (pattern == "clear") return {true, colour_in(fill)};
  return {true, {}};
}

/// What lies behind the run.  `properties`: its own.
std::optional<std::uint32_t> colour_behind(std::string_view properties, const Around &around, const StyleLooks &styles,
                                           const std::function<bool()> &is_white) {
  const std::string_view mark = attribute_of(element_of(properties, "w:highlight"), "w:val");
  if (mark == "white") return white;
  if (!mark.empty() && mark != "none") return {};
  if (const Shading own = shading_of(properties); own.said) return own.colour;
  const std::string_view style = attribute_of(element_of(properties, "w:rStyle"), "w:val");
  if (!style.empty() && styles.shades(plain(style))) return {};
  if (around.shaded) return around.colour;
  return !styles.shades_all() && is_white() ? std::optional(white) : std::nullopt;
}

/// Of a run that has these properties.
WordLooks looks_of(std::string_view properties, const Around &around, const StyleLooks &styles) {
  WordLooks looks;
  if (const std::string_view colour = element_of(properties, "w:color"); !colour.empty())
    looks.colour = colour_of_words(attribute_of(colour, "w:val"), attribute_of(colour, "w:themeColor"));
  looks.half_points = number_in(attribute_of(element_of(properties, "w:sz"), "w:val"));
  if (has_any(properties, {"<w:outline", "<w:shadow", "<w:emboss", "<w:imprint", "<w:effect"})) looks.effects = true;
  const auto inherit = [&](const WordLooks *parent) {
    if (!parent) return;
    const bool effects = looks.effects.value_or(false) || parent->effects.value_or(false);
    looks.inherit(*parent);
    looks.effects = effects;
  };
  if (const std::string_view style = attribute_of(element_of(properties, "w:rStyle"), "w:val"); !style.empty()) inherit(styles.words_of(plain(style)));
  if (around.recoloured) return looks;
  inherit(around.paragraph);
  inherit(&styles.words_otherwise());
  return looks;
}

} // namespace

void Around::add(std::string_view properties, const StyleLooks &styles) {
  const std::string style = plain(attribute_of(element_of(properties, "w:pStyle"), "w:val"));
  const std::string table = plain(attribute_of(element_of(properties, "w:tblStyle"), "w:val"));
  if (const WordLooks *words = styles.words_of(style)) paragraph = words;
  if (!table.empty() && styles.recolours(table)) recoloured = true;
  if (styles.shades(style) || styles.shades(table)) shaded = true, colour = {};
  properties = properties.substr(0, std::min(properties.find("<w:rPr>"), properties.find("<w:pPrChange"))); // of the mark at the end, of former days
  if (const Shading shading = shading_of(properties); shading.said) shaded = true, colour = shading.colour;
}

bool is_unseen_run(std::string_view run, const Around &around, const StyleLooks &styles, const std::function<bool()> &is_white) {
  std::string_view properties = first_element(run.substr(std::min(run.find('>'), run.size() - 1) + 1), "w:rPr");
  properties = properties.substr(0, properties.find("<w:rPrChange"));
  const WordLooks looks = looks_of(properties, around, styles);
  const bool is_tiny = looks.half_points && *looks.half_points < least_half_points;
  const std::optional<std::uint32_t> colour = looks.effects.value_or(false) ? std::nullopt : looks.colour.value_or(std::nullopt);
  if ((!is_tiny && !colour) || !has_words(run, "w:t")) return false;
  if (has_any(run, {"<w:drawing", "<w:pict", "<w:object", "<w:ruby"})) return false;
  if (is_tiny) return true;
  const std::optional<std::uint32_t> behind = colour_behind(properties, around, styles, is_white);
  return behind && is_alike(*colour, *behind);
}

std::string content_without_words(std::string_view content) {
  constexpr std::string_view mark = "<w:t", end = "</w:t>";
  std::string rest;
  std::size_t kept = 0;
  for (std::size_t at = 0; (at = content.find(mark, at)) != content.npos; at = kept) {
    const char next = content[at + mark.size()];
    const std::size_t tag = content.find('>', at);
    const bool has_words = (next == '>' || next == ' ') && content[tag - 1] != '/';
    rest.append(content, kept, (has_words ? at : tag + 1) - kept);
    kept = has_words ? content.find(end, tag) + end.size() : tag + 1;
  }
  rest.append(content, kept);
  const std::string_view properties = first_element(rest, "w:rPr"), more = std::string_view(rest).substr(properties.size());
  return more.empty() || more == "</w:rPr>" ? std::string() : rest;
}

namespace {

/// The colour of a fill as a tag, "<a:schemeClr val=\"bg1\"/>"; empty where it is more than that.
std::string_view plain_colour(std::string_view fill) {
  const std::size_t tag = fill.find('>');
  if (tag == fill.npos) return {};
  fill.remove_prefix(tag + 1);
  if (!fill.starts_with("<a:srgbClr ") && !fill.starts_with("<a:schemeClr ")) return {};
  const std::string_view colour = fill.substr(0, fill.find('>') + 1);
  return colour.ends_with("/>") ? colour : std::string_view{};
}
std::string without_line(std::string_view properties) {
  std::string rest(properties);
  const std::string_view line = element_of(properties, "a:ln");
  if (!line.empty()) rest.erase(static_cast<std::size_t>(line.data() - properties.data()), line.size());
  return rest;
}

} // namespace

ShapeLooks looks_of_shape(std::string_view properties) {
  const std::string own = without_line(properties);
  const std::string_view fill = element_of(own, "a:solidFill");
  const bool filled = !fill.empty() || has_any(own, {"<a:gradFill", "<a:blipFill", "<a:pattFill", "<a:grpFill"});
  return {false, filled, std::string(plain_colour(fill))};
}

bool is_unseen_drawn_run(std::string_view run, const ShapeLooks *shape, const std::function<std::vector<std::string>()> &slide) {
  const std::string_view properties = first_element(run.substr(std::min(run.find('>'), run.size() - 1) + 1), "a:rPr");
  if (properties.empty() || !has_words(run, "a:t")) return false;
  if (const auto size = number_in(attribute_of(properties, "sz")); size && *size < least_hundredths) return true;
  if (has_any(properties, {"<a:ln", "<a:effectLst>", "<a:effectDag", "<a:highlight"})) return false;
  const std::string_view words = plain_colour(element_of(properties, "a:solidFill"));
  if (words.empty() || !shape || shape->styled) return false;
  if (shape->filled) return shape->colour == words;
  const std::vector<std::string> behind = slide();
  return std::ranges::find(behind, words) != behind.end();
}

bool has_fill(std::string_view properties) {
  return has_any(properties, {"<a:solidFill", "<a:gradFill", "<a:blipFill", "<a:pattFill", "<a:grpFill"});
}
bool paints_itself(std::string_view name) {
  constexpr std::string_view names[] = {"p:pic", "p:graphicFrame", "p:cxnSp", "p:style"};
  return std::ranges::find(names, name) != std::end(names);
}
bool paints(std::string_view shapes) {
  if (has_any(shapes, {"<p:pic", "<p:graphicFrame", "<p:cxnSp", "<p:style>"})) return true;
  constexpr std::string_view mark = "<p:spPr", end = "</p:spPr>";
  for (std::size_t at = 0; (at = shapes.find(mark, at)) != shapes.npos;) {
    const std::size_t tag = std::min(shapes.find('>', at), shapes.size() - 1);
    const bool is_empty = shapes[tag - 1] == '/';
    const std::size_t close = is_empty ? tag : std::min(shapes.find(end, tag), shapes.size());
    if (has_fill(shapes.substr(at, close - at))) return true;
    at = close;
  }
  return false;
}

std::string colour_of_backdrop(std::string_view slide) {
  const std::string_view backdrop = element_of(slide, "p:bg"), reference = element_of(backdrop, "p:bgRef");
  if (attribute_of(reference, "idx") == "1001") return std::string(plain_colour(reference)); // the first of a theme is plain
  const std::string_view properties = element_of(backdrop, "p:bgPr");
  return std::string(plain_colour(element_of(properties, "a:solidFill")));
}

namespace {

/// How the values of a cell look by its format (§18.8.31).
struct NumberLooks {
  explicit NumberLooks(std::string_view code) {
    if (code.empty()) return; // General
    const std::vector<Section> sections = sections_of(code);
    if (sections.size() > 4) return;
    const bool of_words = sections.size() == 4 || sections.back().words;
    const std::size_t numbers = sections.size() - of_words;
    if (of_words) take(3, sections.back());
    if (!of_words && sections.size() == 1 && sections[0].colour) colours[3].emplace(); // of which no reader is certain
    const bool by_sign = std::ranges::none_of(sections, &Section::condition);
    const bool has_none = std::ranges::none_of(sections.begin(), sections.begin() + static_cast<std::ptrdiff_t>(numbers), &Section::shows);
    for (std::size_t i = 0; i < 3 && numbers > 0; ++i) {
      if (by_sign || has_none) take(i, sections[i < numbers ? i : 0]);
      if (!by_sign) colours[i].emplace();
    }
  }

  std::uint8_t nothing = 0;                                              // values of which nothing is shown
  std::array<std::optional<std::optional<std::uint32_t>>, 4> colours = {}; // said, and known

private:
  struct Section {
    bool shows = false, words = false, condition = false;
    std::optional<std::optional<std::uint32_t>> colour = {};
  };

  void take(std::size_t value, const Section &section) {
    if (!section.shows) nothing |= static_cast<std::uint8_t>(1u << value);
    colours[value] = section.colour;
  }
  static std::vector<Section> sections_of(std::string_view code) {
    std::vector<Section> sections(1);
    const auto next = [&](std::size_t &at) {
      const std::size_t begin = at;
      if (at < code.size()) utf8_next(code, at);
      return code.substr(begin, at - begin);
    };
    for (std::size_t at = 0; at < code.size();) {
      const std::string_view sign = next(at);
      Section &section = sections.back();
      if (sign == ";") {
        sections.emplace_back();
      } else if (sign == "_" || sign == "*") {
        (void)next(at); // a gap as wide as it; what fills the cell in place of the number
      } else if (sign == "\\" || sign == "!") {
        section.shows = !is_blank(next(at)) || section.shows;
      } else if (sign == "\"" || sign == "[") {
        const std::string_view inside = code.substr(at, code.find(sign == "[" ? ']' : '"', at) - at);
        at = std::min(at + inside.size() + 1, code.size());
        if (sign == "[")
          read_bracket(inside, section);
        else
          section.shows = !is_blank(inside) || section.shows;
      } else {
        section.words = section.words || sign == "@";
        section.shows = !is_blank(sign) || section.shows;
      }
    }
    return sections;
  }
  static void read_bracket(std::string_view inside, Section &section) {
    struct Colour {
      std::string_view name, japanese;
      std::uint32_t colour;
    };
    constexpr Colour colours[] = {{"Black", "黒", 0}, {"White", "白", white}, {"Red", "赤", 0xff0000}, {"Green", "緑", 0x00ff00}, {"Blue", "青", 0x0000ff},
                                  {"Yellow", "黄", 0xffff00}, {"Magenta", "紫", 0xff00ff}, {"Cyan", "水", 0x00ffff}, {"Color1", "色1", 0}, {"Color2", "色2", white}};
    for (const Colour &one : colours)
      if (equals_ignoring_case(inside, one.name) || inside == one.japanese) return section.colour.emplace(one.colour), void();
    const std::string_view start = inside.substr(0, 5);
    if (equals_ignoring_case(start, "color") || inside.starts_with("色")) return section.colour.emplace(), void();
    if (inside.starts_with('<') || inside.starts_with('>') || inside.starts_with('=')) return void(section.condition = true);
    const bool is_place = inside.starts_with('$') && is_blank(inside.substr(1, inside.find('-') - 1));
    if (!is_place && !equals_ignoring_case(start, "dbnum")) section.shows = true; // hours, a currency
  }
};

/// Fonts and fills of cells (§18.8).
class StyleSheet : public PartWords {
public:
  explicit StyleSheet(bool lt1_is_white) : lt1_is_white_(lt1_is_white) {}
  UnseenCells found;

private:
  struct Fill {
    bool none = true;
    std::optional<std::uint32_t> colour = {};
  };

  bool start(std::string_view name) override {
    for (const std::string_view list : {"fonts", "fills", "cellXfs", "numFmts"})
      if (name == list) list_ = name;
    if (list_ == "numFmts" && name == "numFmt") formats_.insert_or_assign(number("numFmtId"), NumberLooks(value("formatCode")));
    if (list_ == "fonts" && name == "font") fonts_.emplace_back();
    if (list_ == "fonts" && name == "color" && !fonts_.empty()) fonts_.back() = colour();
    if (list_ == "fills" && name == "fill") fills_.push_back({false, {}});
    if (list_ == "fills" && name == "patternFill" && !fills_.empty()) pattern(value("patternType"));
    if (list_ == "fills" && name == "fgColor" && !fills_.empty() && solid_) fills_.back().colour = colour();
    if (list_ == "cellXfs" && name == "xf") cell();
    return true;
  }
  void end(std::string_view name) override {
    if (name == list_) list_ = {};
  }
  void text(std::string_view) override {}

  void pattern(const std::string &type) {
    solid_ = type == "solid";
    fills_.back().none = type.empty() || type == "none";
  }
  void cell() {
    const auto known = formats_.find(number("numFmtId"));
    const NumberLooks format = known == formats_.end() ? NumberLooks({}) : known->second;
    found.unprinted.push_back(format.nothing);
    found.white.push_back(0);
    const unsigned font = number("fontId"), fill = number("fillId");
    if (fill >= fills_.size()) return;
    const std::optional<std::uint32_t> behind = fills_[fill].none ? std::optional(white) : fills_[fill].colour;
    for (std::size_t i = 0; i < format.colours.size(); ++i) {
      const std::optional<std::uint32_t> own = font < fonts_.size() ? fonts_[font] : std::nullopt, colour = format.colours[i].value_or(own);
      if (behind && colour && is_alike(*colour, *behind)) found.white.back() |= static_cast<std::uint8_t>(1u << i);
    }
  }
  std::optional<std::uint32_t> colour() const {
    constexpr unsigned indexed_white[] = {1, 9};
    const std::string rgb = value("rgb"), tint = value("tint");
    if (!tint.empty() && tint != "0") return {};
    if (rgb.size() >= 6) return colour_in(std::string_view(rgb).substr(rgb.size() - 6));
    if (value("theme") == "0" && lt1_is_white_) return white;
    const bool is_white = !value("indexed").empty() && std::ranges::find(indexed_white, number("indexed")) != std::end(indexed_white);
    return is_white ? std::optional(white) : std::nullopt;
  }
  unsigned number(std::string_view name) const { return number_in(value(name)).value_or(0); }

  static inline const NumberLooks red_below_{"0;[Red]0"};
  bool lt1_is_white_, solid_ = false;
  std::string list_;
  std::unordered_map<unsigned, NumberLooks> formats_ = {{6, red_below_}, {8, red_below_}, {38, red_below_}, {40, red_below_}}; // §18.8.30
  std::vector<std::optional<std::uint32_t>> fonts_;
  std::vector<Fill> fills_;
};

} // namespace

unsigned UnseenCells::values(std::size_t format, bool may_be_white) const {
  if (format >= unprinted.size()) return 0;
  return unprinted[format] | (may_be_white ? white[format] : 0u);
}

UnseenCells unseen_cells(std::string_view styles, bool lt1_is_white) {
  StyleSheet sheet(lt1_is_white);
  return sheet.read(styles) ? std::move(sheet.found) : UnseenCells();
}

} // namespace sekisho::rebuild::ooxml
