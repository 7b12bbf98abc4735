#include "sanitizer/rebuild/office/odf_filter.hh"

#include "sanitizer/rebuild/office/office_code.hh"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sekisho::rebuild::odf {
namespace {

constexpr std::string_view blank = "blank"; // a frame's note: its content stays out
constexpr std::string_view has_chart = "chart"; // a frame's note
constexpr std::size_t most_parents = 32;    // of a style

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> ends) {
  for (const std::string_view end : ends)
    if (name.ends_with(end)) return true;
  return false;
}

/// "rect(0cm, 1.5cm, 0cm, auto)": from the top, right, bottom and left; what is too narrow to be seen is nothing.
job::Cut clip_of(std::string_view rectangle) {
  constexpr std::string_view start = "rect(";
  constexpr double too_narrow = 200, most = 1e9; // micrometres
  struct Unit {
    std::string_view name;
    double micrometres;
  };
  constexpr Unit units[] = {{"cm", 10'000}, {"mm", 1000}, {"in", 25'400}, {"pt", 25'400.0 / 72}, {"pc", 25'400.0 / 6}, {"px", 25'400.0 / 96}};
  job::Cut cut{.in_print = true};
  if (!rectangle.starts_with(start)) return {};
  rectangle.remove_prefix(start.size());
  for (std::uint32_t *side : {&cut.top, &cut.right, &cut.bottom, &cut.left}) {
    rectangle.remove_prefix(std::min(rectangle.find_first_not_of(" ,\t\r\n"), rectangle.size()));
    const std::string_view said = rectangle.substr(0, rectangle.find_first_of(" ,)\t\r\n"));
    rectangle.remove_prefix(said.size());
    double number = 0;
    (void)std::from_chars(said.data(), said.data() + said.size(), number);
    for (const Unit &unit : units)
      if (said.ends_with(unit.name)) *side = static_cast<std::uint32_t>(std::clamp(number * unit.micrometres, 0.0, most));
  }
  const bool seen = std::max({cut.left, cut.top, cut.right, cut.bottom}) >= too_narrow;
  return seen ? cut : job::Cut();
}

class Filter final : public XmlFilter<Names> {
public:
  Filter(std::string_view xml, PartKind kind, Document &document, std::size_t most)
      : XmlFilter(xml, document, most), kind_(kind), document_(document) {}

  Styles take_common_styles() { return std::move(common_styles_); }

private:
  enum Use : std::uint8_t { dropped, written, formula, field_formula, condition, address, href, word };

  /// A table while it is walked: its hidden columns, and where in it we are.
  struct Table {
    std::vector<std::pair<unsigned, unsigned>> hidden_columns; // first, behind the last
    unsigned columns = 0, cells = 0;
    bool emptied = false;
  };
  struct GreyPicture {
    std::size_t depth, start, end;
  };

  bool is_root(const Element &element) const override {
    return element.name ==
           (kind_ == PartKind::styles ? "office:document-styles" : "office:document-content");
  }

  void declare() override {
    for (std::size_t i = 0; i < declared_ns_count; ++i) {
      const Ns ns = static_cast<Ns>(i);
      out_ += " xmlns:";
      out_ += prefix_of(ns);
      out_ += "=\"";
      out_ += uri_of(ns);
      out_ += '"';
    }
  }

  AttributeUse find_use(std::string_view raw, Ns) const override {
    const std::size_t colon = raw.find(':');
    if (colon == std::string_view::npos || raw.starts_with("xmlns:")) return {};
    const Ns ns = resolve(raw.substr(0, colon));
    const std::string_view local = local_of(raw);
    const std::string name = std::string(prefix_of(ns)) + ':' + std::string(local);
    if (ns == Ns::xml)
      return local == "id" || local == "space" || local == "lang" ? AttributeUse{written, name}
                                                                  : AttributeUse{};
    if (!is_listed_attribute(ns, local)) return {};
    return {use_of_listed(ns, local), name};
  }
  static Use use_of_listed(Ns ns, std::string_view local) {
    if (ns == Ns::xlink && local == "href") return href;
    if (ns == Ns::table && (local == "formula" || local == "expression")) return formula;
    if (ns == Ns::text && (local == "formula" || local == "condition")) return field_formula;
    if ((ns == Ns::table || ns == Ns::style) && local == "condition") return condition;
    if (ns == Ns::calcext && local == "value") return condition;
    if (ns == Ns::chart && local == "class") return word;
    const bool range = (ns == Ns::table || ns == Ns::calcext || ns == Ns::chart) &&
                       ends_with_any(local, {"address", "range", "ranges"});
    return range || (ns == Ns::style && local == "base-cell-address") ? address : written;
  }

  /// Of the attribute that is written under this name; empty where it is not there.
  std::string_view value(std::string_view name) {
    for (const XmlScanner::Attribute &attribute : scanner_.attributes())
      if (use_of(attribute.name, Ns::none).name == name) return attribute.value;
    return {};
  }

  /// As a reader takes it.
  std::string said(std::string_view name) { return trimmed(plain(value(name))); }

  /// What is in an element of theirs stays.
  static bool is_extension(Ns ns) {
    return ns == Ns::extension || ns == Ns::loext || ns == Ns::drawooo || ns == Ns::calcext;
  }

  Verdict decide(const Element &element) override {
    if (is_extension(element.ns) && !element.listed) return Verdict::unwrap;
    if (element.ns == Ns::form) return drop_for(Reason::office_embedded);
    if (element.ns == Ns::script) return drop_for(Reason::office_macro);
    if (parent() && parent()->note == blank) return Verdict::skip;
    // A chart is its own part; shapes in it would name ranges in words, and pictures beside it.
    const bool is_chart = kind_ == PartKind::chart;
    if (is_chart ? element.ns == Ns::draw : element.ns == Ns::chart)
      return drop_for(parent_is("table:table-cell") ? Reason::none : Reason::office_unlisted);
    if (parent() && parent()->element->special == Special::chart_object) return Verdict::skip;
    const Reason reason = element.reason;
    switch (element.special) {
    case Special::none:
    case Special::style:
    case Special::backdrop: return Verdict::write;
    case Special::frame:
    case Special::shape: return is_unseen_shape() ? by_rule() : Verdict::write;
    case Special::layer:
      if (is_unseen()) document_.hidden_layers.insert(said("draw:name"));
      return Verdict::write;
    case Special::drop: return drop_for(reason);
    case Special::unwrap:
      if (reason != Reason::none) document_.note(reason);
      return Verdict::unwrap;
    case Special::body:
      return element.name == (is_chart ? "office:chart" : document_.body) ? Verdict::write
                                                                          : refuse(Reason::part_ambiguous);
    case Special::tracked: return document_.keeps_tracked() ? Verdict::write : Verdict::skip;
    case Special::unseen: return by_rule();
    case Special::variable: return said("text:display") == "none" ? by_rule() : Verdict::write;
    case Special::hidden_word: return hidden_word(element);
    case Special::link: return link();
    case Special::picture: return picture();
    case Special::chart_object: return chart_object();
    case Special::properties: learn_properties(element); return Verdict::write;
    case Special::map: {
      const bool calc = element.ns == Ns::calcext;
      return calm(value(calc ? "calcext:value" : "style:condition"), true) ? Verdict::write
                                                                           : Verdict::skip;
    }
    case Special::named:
      return calm(value("table:expression"), false) &&
                     calm_address(value("table:cell-range-address"))
                 ? Verdict::write
                 : Verdict::skip;
    case Special::block:
      return shown(element.name == "text:span" ? "text" : "paragraph", value("text:style-name"));
    case Special::section: {
      const std::string display = said("text:display");
      return display == "none" || display == "condition" ? by_rule() : Verdict::write;
    }
    case Special::page: return shown("drawing-page", value("draw:style-name"));
    case Special::table: return table();
    case Special::row: return row();
    case Special::column: return column();
    case Special::cell: return cell();
    }
    return Verdict::skip;
  }

  // What is hidden

  Verdict by_rule() { return document_.keeps_hidden() ? Verdict::write : Verdict::skip; }
  Verdict shown(std::string_view family, std::string_view raw_style) {
    return hides(family, raw_style) ? by_rule() : Verdict::write;
  }

  /// Part 3, 19.149: on no screen.
  bool is_unseen() {
    const std::string display = said("draw:display");
    return display == "none" || display == "printer";
  }
  bool is_unseen_shape() {
    return is_unseen() || (!document_.hidden_layers.empty() && document_.hidden_layers.contains(said("draw:layer")));
  }

  static const StyleHides *find_style(const Styles &styles, const std::string &key) {
    const auto found = styles.find(key);
    return found == styles.end() ? nullptr : &found->second;
  }
  /// The style, or the nearest of those that it is based on, of which `says` is true; null: none.
  template <class Says> const StyleHides *style_that(std::string_view family, std::string_view raw_style, Says says) const {
    const std::string start = std::string(family) + '/';
    std::string name = plain(raw_style);
    for (std::size_t i = 0; i < most_parents && !name.empty(); ++i) {
      const StyleHides *style = find_style(own_styles_, start + name);
      if (!style) style = find_style(document_.common_styles, start + name);
      if (!style) style = find_style(common_styles_, start + name);
      if (!style) return nullptr;
      if (says(*style)) return style;
      name = style->parent;
    }
    return nullptr;
  }
  bool hides(std::string_view family, std::string_view raw_style) const {
    const StyleHides *style = style_that(family, raw_style, [](const StyleHides &one) { return one.says != StyleHides::Says::nothing; });
    return style && style->says == StyleHides::Says::hides;
  }
  /// Of the picture in the frame that starts.
  job::Cut clip_here() {
    const auto says = [](const StyleHides &style) { return style.clip.has_value(); };
    const StyleHides *style = style_that("graphic", value("draw:style-name"), says);
    if (!style) style = style_that("presentation", value("presentation:style-name"), says);
    return style ? style->clip.value_or(job::Cut()) : job::Cut();
  }

  Styles &styles_here() {
    for (const Frame &frame : frames_)
      if (frame.element->name == "office:styles") return common_styles_;
    return own_styles_;
  }
  void learn_style() {
    style_here_ = plain(value("style:family")) + '/' + plain(value("style:name"));
    styles_here()[style_here_].parent = plain(value("style:parent-style-name"));
  }
  void learn_properties(const Element &element) {
    if (!parent_is("style:style")) return;
    if (element.name == "style:graphic-properties") return learn_clip();
    const bool text = element.name == "style:text-properties";
    const bool sheet = element.name == "style:table-properties";
    const std::string says = said(text    ? "text:display"
                                  : sheet ? "table:display"
                                          : "presentation:visibility");
    if (says.empty()) return;
    const bool hides = text ? says == "none" : sheet ? says == "false" : says == "hidden";
    styles_here()[style_here_].says = hides ? StyleHides::Says::hides : StyleHides::Says::shows;
  }

  void learn_clip() {
    const std::string clip = said("fo:clip");
    if (!clip.empty()) styles_here()[style_here_].clip = clip_of(clip);
  }

  Verdict hidden_word(const Element &element) {
    if (said("text:is-hidden") != "true" || document_.keeps_hidden()) return Verdict::write;
    if (element.name == "text:hidden-paragraph")
      for (std::size_t i = frames_.size(); i-- > 0;)
        if (frames_[i].written && frames_[i].element->special == Special::block) {
          frames_[i].poisoned = true;
          if (frames_[i].element->name != "text:span") break;
        }
    return Verdict::skip;
  }

  // Tables

  Table *table_here() { return tables_.empty() ? nullptr : &tables_.back(); }

  Verdict table() {
    Table table;
    table.emptied =
        hides("table", value("table:style-name")) && !document_.keeps_hidden(); // its place stays
    tables_.push_back(std::move(table));
    return Verdict::write;
  }
  bool is_hidden_here() {
    const std::string visibility = said("table:visibility");
    return visibility == "collapse" || visibility == "filter";
  }
  Verdict row() {
    if (Table *table = table_here()) table->cells = 0;
    return is_hidden_here() ? by_rule() : Verdict::write;
  }
  Verdict column() {
    Table *table = table_here();
    const bool hidden = is_hidden_here() && !document_.keeps_hidden();
    if (!table) return Verdict::write;
    const unsigned first = table->columns;
    table->columns = behind(first);
    auto &ranges = table->hidden_columns;
    if (hidden && !ranges.empty() && ranges.back().second == first)
      ranges.back().second = table->columns;
    else if (hidden)
      ranges.push_back({first, table->columns});
    return Verdict::write;
  }
  Verdict cell() {
    blank_cell_ = false;
    Table *table = table_here();
    if (!table) return Verdict::write;
    const unsigned first = table->cells;
    table->cells = behind(first);
    const auto &ranges = table->hidden_columns; // in their order
    const auto later = std::upper_bound(ranges.begin(), ranges.end(), first,
                                        [](unsigned wanted, const auto &range) { return wanted < range.first; });
    blank_cell_ = later != ranges.begin() && table->cells <= std::prev(later)->second;
    return Verdict::write;
  }
  /// The column behind what stands at `first` and is said so many times.
  unsigned behind(unsigned first) { return std::min(first + times("table:number-columns-repeated"), most_times); }
  /// How often what starts stands there.
  unsigned times(std::string_view attribute, unsigned most = most_times) {
    std::string digits = said(attribute);
    if (digits.starts_with('+')) digits.erase(0, 1);
    unsigned number = 1;
    const bool above = std::from_chars(digits.data(), digits.data() + digits.size(), number).ec == std::errc::result_out_of_range;
    return above ? most : std::clamp(number, 1u, most);
  }

  // What a few octets say many times: programs build it all.

  void hold(std::uint64_t octets) { document_.held = std::min(document_.held + octets, most_held); }
  void begin_repeat(const Element &element) {
    const bool row = element.special == Special::row;
    if (element.name == "text:s") hold(times("text:c", ~0u));
    if (element.name == "chart:data-point") hold(times("chart:repeated", ~0u));
    if (element.special == Special::cell) // of a formula for all of them
      hold(least_cell * (std::uint64_t{times("table:number-matrix-columns-spanned")} * times("table:number-matrix-rows-spanned") - 1));
    if (row || element.special == Special::cell)
      repeats_.push_back({times(row ? "table:number-rows-repeated" : "table:number-columns-repeated"), document_.held});
  }
  void end_repeat(const Frame &frame) {
    const Repeat repeat = repeats_.back();
    repeats_.pop_back();
    if (frame.element->special == Special::cell) hold(octets_of_cell(frame));
    hold((document_.held - repeat.held) * (repeat.times - 1));
  }
  /// Nothing of a cell without a value and words: sheets end in a million of them.
  std::size_t octets_of_cell(const Frame &frame) const {
    const std::string_view all = std::string_view(out_).substr(frame.start), content = std::string_view(out_).substr(frame.content);
    const std::string_view tag = all.substr(0, all.size() - content.size());
    if (content.empty() && tag.find(" office:") == tag.npos && tag.find(" table:formula=") == tag.npos) return 0;
    std::size_t in_tags = 0;
    for (std::size_t at = 0; (at = content.find('<', at)) != content.npos;) {
      const std::size_t end = content.find('>', at);
      in_tags += end + 1 - at;
      at = end + 1;
    }
    return least_cell + content.size() - in_tags;
  }

  // What leads out

  Verdict link() {
    const std::string target = plain(value("xlink:href"));
    const bool says_inside = target.starts_with('#');
    if (says_inside && is_place_inside(target)) return Verdict::write;
    document_.note(says_inside ? Reason::part_external_link : Reason::office_link_to_text);
    return Verdict::unwrap;
  }

  PicturePlace place_of(std::string_view raw) {
    if (raw.empty() || !document_.place_picture || kind_ == PartKind::chart) return {};
    const job::Cut clip = parent_is("draw:frame") && !clips_.empty() ? clips_.back() : job::Cut();
    return document_.place_picture(plain(raw), clip);
  }
  Verdict picture() {
    const bool beside_chart = parent_is("draw:frame") && parent()->note == has_chart; // its likeness
    if (beside_chart) return Verdict::skip;
    place_ = place_of(value("xlink:href"));
    return place_.path.empty() ? Verdict::skip : Verdict::write;
  }

  Verdict chart_object() {
    chart_ = document_.place_chart ? document_.place_chart(plain(value("xlink:href"))) : std::string();
    return chart_.empty() ? drop_for(Reason::office_embedded) : Verdict::write;
  }

  bool calm(std::string_view raw, bool condition) {
    const std::string text = plain(raw);
    const std::size_t prefix = prefix_size(text);
    const Reason reason = judge_open_formula(std::string_view(text).substr(prefix), condition);
    if (reason != Reason::none) document_.note(reason);
    return reason == Reason::none;
  }
  bool calm_address(std::string_view raw) {
    if (is_inside_address(plain(raw))) return true;
    document_.note(Reason::office_external);
    return false;
  }

  /// Octets of "of:=", "oooc:" and the like, of whatever prefix the document gives them.
  static std::size_t prefix_size(std::string_view formula) {
    const std::size_t colon = formula.find(':');
    if (colon == std::string_view::npos) return 0;
    const std::string_view before = formula.substr(0, colon);
    return before.find_first_of("=([{\"' \t") == std::string_view::npos ? colon + 1 : 0;
  }

  /// The formula under the prefix that we declare; empty where it must not stay.
  std::string formula_anew(std::string_view raw, Use use) {
    const std::string text = plain(raw);
    const std::size_t prefix = prefix_size(text);
    const std::string_view body = std::string_view(text).substr(prefix);
    const Ns ns = prefix == 0 ? Ns::none : resolve(std::string_view(text).substr(0, prefix - 1));
    const bool fields = ns == Ns::ooow || (use == field_formula && ns == Ns::none);
    if (fields ? !is_calm_field_formula(body)
               : (ns != Ns::of && ns != Ns::oooc && ns != Ns::none) || use == field_formula)
      return {};
    if (!fields && !calm(raw, use == condition)) return {};
    return (ns == Ns::none ? std::string() : std::string(prefix_of(ns)) + ':') + std::string(body);
  }

  bool write_formula(const std::string &name, std::string_view raw, Use use) {
    const bool values = document_.plan.formulas == job::Formulas::values && !document_.for_words;
    const std::string anew = use == formula && values && name == "table:formula"
                                 ? std::string()
                                 : formula_anew(raw, use);
    if (anew.empty()) {
      if (use == formula) document_.note(Reason::office_formula_to_value);
      lost_formula_ = lost_formula_ || (name == "table:formula" && !has_value());
      return true;
    }
    return put_plain(name, anew);
  }

  /// The cell that starts, beside its words: a text of no words is a value.
  bool has_value() {
    const std::string type = said("office:value-type");
    const bool of_number = type == "float" || type == "percentage" || type == "currency";
    return type == "string" || (!type.empty() && !value(of_number ? "office:value" : "office:" + type + "-value").empty());
  }

  bool put_plain(std::string_view name, std::string_view value) {
    std::string escaped;
    for (const char c : value)
      escaped += c == '&' ? "&amp;" : c == '<' ? "&lt;" : std::string(1, c);
    return put_attribute(name, escaped);
  }

  bool write_href(const std::string &name, std::string_view raw, const Element &element) {
    if (element.special == Special::link) return put_attribute(name, raw);
    if (element.special == Special::chart_object) return put_plain(name, "./" + chart_);
    if (element.name == "chart:chart") // whose data: its own, or those of the document around it
      return (raw != "." && raw != "..") || put_attribute(name, raw);
    if (element.special == Special::backdrop) place_ = place_of(raw);
    const bool shows = element.special == Special::backdrop || element.special == Special::picture;
    return !shows || place_.path.empty() || put_plain(name, place_.path);
  }

  bool write_attribute(const XmlScanner::Attribute &attribute, const Element &element) override {
    const AttributeUse &use = use_of(attribute.name, Ns::none);
    if (element.special == Special::cell && blank_cell_ && !use.name.starts_with("table:number-"))
      return true;
    const bool cut_for_good = use.name == "fo:clip" && document_.plan.hidden == job::Beside::remove;
    if (cut_for_good && clip_of(trimmed(plain(attribute.value)))) return true;
    switch (static_cast<Use>(use.kind)) {
    case dropped: return true;
    case written: return put_attribute(use.name, attribute.value);
    case formula:
    case field_formula:
    case condition: return write_formula(use.name, attribute.value, static_cast<Use>(use.kind));
    case address: return !calm_address(attribute.value) || put_attribute(use.name, attribute.value);
    case href: return write_href(use.name, attribute.value, element);
    case word: return !is_word(attribute.value) || put_attribute(use.name, attribute.value);
    }
    return true;
  }

  /// "chart:bar", "major": no name of somebody else's service.
  static bool is_word(std::string_view raw) {
    constexpr std::string_view own = "chart:";
    if (raw.starts_with(own)) raw.remove_prefix(own.size());
    return raw.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string_view::npos;
  }

  void opened(Frame &frame) override {
    const Special special = frame.element->special;
    begin_repeat(*frame.element);
    if (special == Special::style) learn_style();
    if (special == Special::cell && blank_cell_) frame.note = blank;
    if (special == Special::cell) frame.chosen = std::exchange(lost_formula_, false);
    if (special == Special::table && tables_.back().emptied) frame.note = blank;
    if (special == Special::picture) frame.chosen = place_.replaced;
    if (special == Special::frame) clips_.push_back(clip_here());
  }

  bool end(Frame &frame) override {
    const Special special = frame.element->special;
    if (frame.note == blank) out_.resize(frame.content);
    if (special == Special::cell && frame.chosen && std::string_view(out_).substr(frame.content).find("</") == std::string_view::npos)
      document_.note(Reason::office_field_empty);
    const bool describes = frame.element->name == "svg:desc" || frame.element->name == "svg:title";
    if (describes && tells_path(plain(std::string_view(out_).substr(frame.content)))) {
      document_.note(Reason::office_data);
      frame.poisoned = true;
    }
    if (special == Special::row || special == Special::cell) end_repeat(frame);
    if (special == Special::table) end_table();
    if (special == Special::frame) clips_.pop_back();
    if (special == Special::frame) drop_grey_pictures(frame.chosen);
    if (frame.poisoned || (special == Special::frame && !frame.has_child)) {
      out_.resize(frame.start);
      return false;
    }
    finish(frame);
    if (special == Special::chart_object && parent_is("draw:frame")) {
      parent()->chosen = true;
      parent()->note = has_chart;
    }
    if (special == Special::picture && parent_is("draw:frame")) {
      if (frame.chosen)
        grey_.push_back({frames_.size(), frame.start, out_.size()});
      else
        parent()->chosen = true;
    }
    return true;
  }

  void end_table() {
    if (tables_.back().emptied)
      out_ += "<table:table-column/><table:table-row><table:table-cell/></table:table-row>";
    tables_.pop_back();
  }

  /// `frames_` is what is around the frame that ends; where it has another picture to show, the
  /// grey ones go.
  void drop_grey_pictures(bool has_picture) {
    for (; !grey_.empty() && grey_.back().depth > frames_.size(); grey_.pop_back())
      if (has_picture) out_.erase(grey_.back().start, grey_.back().end - grey_.back().start);
  }

  static constexpr unsigned most_times = 1u << 20; // rows of a sheet, which is more than it has of all else
  static constexpr std::size_t least_cell = 16;         // octets: no format has shorter ones
  static constexpr std::uint64_t most_held = std::uint64_t{1} << 40;
  struct Repeat {
    unsigned times;
    std::uint64_t held; // before it
  };

  PartKind kind_;
  Document &document_;
  std::vector<Repeat> repeats_; // those that are open
  Styles own_styles_, common_styles_;
  std::string style_here_;
  std::vector<Table> tables_;
  bool blank_cell_ = false, lost_formula_ = false;
  PicturePlace place_;
  std::string chart_;
  std::vector<GreyPicture> grey_;
  std::vector<job::Cut> clips_; // of the frames that are open
};

} // namespace

Result<std::string, Reason> filter(std::string_view xml, PartKind kind, Document &document,
                                   std::size_t most) {
  Filter filter(xml, kind, document, most);
  Result<std::string, Reason> anew = filter.run();
  if (anew && kind == PartKind::styles) document.common_styles = filter.take_common_styles();
  return anew;
}

} // namespace sekisho::rebuild::odf
