#include "sanitizer/rebuild/office/ooxml_filter.hh"

#include "sanitizer/rebuild/office/ooxml_validations.hh"
#include "sanitizer/text/field_words.hh"

#include <algorithm>
#include <charconv>
#include <map>
#include <unordered_map>

namespace sekisho::rebuild::ooxml {
namespace {

unsigned number_of(std::string_view digits) {
  unsigned number = 0;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

/// VML's is CSS, which has had ways to fetch and to run.
bool is_calm_style(std::string_view style) {
  const std::string text = upper(style);
  for (const std::string_view word : {"URL(", "BEHAVIOR", "EXPRESSION(", "BINDING", "\\", "/*"})
    if (text.find(word) != std::string::npos) return false;
  return true;
}

std::string without_spaces(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; });
  return text;
}

/// Of VML.
bool is_unseen_style(std::string_view style) {
  const std::string text = without_spaces(upper(style));
  return text.find("VISIBILITY:HIDDEN") != text.npos || text.find("DISPLAY:NONE") != text.npos;
}

/// "AB12" is column 28.
unsigned column_of(std::string_view cell) {
  unsigned column = 0;
  for (const char c : upper(cell)) {
    if (c < 'A' || c > 'Z' || column > 100'000) break;
    column = column * 26 + static_cast<unsigned>(c - 'A' + 1);
  }
  return column;
}

std::uint64_t row_of(std::string_view cell) {
  constexpr std::uint64_t most = 1'048'576; // where readers end what says more
  cell.remove_prefix(std::min(cell.find_first_of("0123456789"), cell.size()));
  std::uint64_t row = 0;
  const std::errc error = std::from_chars(cell.data(), cell.data() + cell.size(), row).ec;
  return error == std::errc::result_out_of_range ? most : std::min(row, most);
}

/// Of "A1:B9".
std::uint64_t cells_in(std::string range) {
  constexpr unsigned most_columns = 16'384;
  std::erase(range, '$');
  const std::size_t colon = range.find(':');
  if (colon == range.npos) return 1;
  const std::string first = range.substr(0, colon), last = range.substr(colon + 1);
  const auto [left, right] = std::minmax({std::min(column_of(first), most_columns), std::min(column_of(last), most_columns)});
  const auto [top, bottom] = std::minmax({row_of(first), row_of(last)});
  return (right - left + 1) * (bottom - top + 1);
}

/// So small that it is not drawn: a width in characters, a height in points.
bool is_nothing(std::string_view said) {
  if (said.starts_with('+')) said.remove_prefix(1);
  double size = 1;
  const std::from_chars_result result = std::from_chars(said.data(), said.data() + said.size(), size);
  return result.ec == std::errc() && size < 0.05;
}

/// "1" and "+01" are the same note.
std::string number_of_note(std::string_view said) {
  if (said.starts_with('+')) said.remove_prefix(1);
  long long number = 0;
  std::from_chars(said.data(), said.data() + said.size(), number);
  return std::to_string(number);
}

/// "B2", "$A$1", a column or a row.
bool is_cell(std::string_view text) {
  std::size_t letters = 0, digits = 0;
  for (const char c : text) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (letter && digits > 0) return false;
    letters += letter;
    digits += c >= '0' && c <= '9';
    if (!letter && c != '$' && !(c >= '0' && c <= '9')) return false;
  }
  return letters + digits > 0 && letters <= 3 && digits <= 7;
}

/// A place in the workbook as links name it, "Sheet1!A1:B2" or a name, and nothing that a reader could take for an
/// address.
bool is_place(std::string_view place) {
  if (has_escape(place)) return false;
  if (place.starts_with('#')) place.remove_prefix(1);
  const std::size_t mark = place.rfind('!');
  if (mark != std::string_view::npos) {
    std::string_view sheet = place.substr(0, mark);
    if (sheet.size() > 2 && sheet.starts_with('\'') && sheet.ends_with('\''))
      sheet = sheet.substr(1, sheet.size() - 2);
    if (sheet.empty() || sheet.find_first_of("[]*?:/\\|\"<>#") != std::string_view::npos) return false;
    place.remove_prefix(mark + 1);
  }
  if (place.find_first_of("[]*?/\\|\"<>#'&@%=") != std::string_view::npos) return false;
  const std::size_t colon = place.find(':');
  return colon == std::string_view::npos ||
         (is_cell(place.substr(0, colon)) && is_cell(place.substr(colon + 1)));
}

/// Of its words; empty where the field is none.
std::string text_of_button(std::string_view code) {
  std::string text;
  for (const char c : text::words_of_button(code))
    text += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  return text.empty() ? text : "<w:t xml:space=\"preserve\">" + text + "</w:t>";
}

class Filter final : public XmlFilter<Names> {
public:
  Filter(std::string_view xml, const PartKind &kind, const std::vector<Relation> &relations,
         Document &document, std::size_t most)
      : XmlFilter(xml, document, most), kind_(kind), document_(document), all_relations_(relations) {
    const auto has = [xml](std::string_view word) { return xml.find(word) != xml.npos; };
    if (kind.relation == "worksheet") has_more_behind_ = has("conditionalFormatting") || has("tablePart") || has("picture ");
    if (kind.relation == "slide") has_more_behind_ = has("overrideClrMapping");
    for (const Relation &relation : relations)
      relations_.emplace(relation.old_id, &relation);
    for (const Ns ns : namespaces_of(kind))
      declared_[static_cast<std::size_t>(ns)] = true;
    if (document.for_words) declared_[static_cast<std::size_t>(Ns::m)] = true;
  }

private:
  static constexpr const char *without_words = " "; // of a choice that is not taken
  static constexpr std::size_t most_compared = 1 << 20, most_bound = 256;
  static constexpr std::ptrdiff_t most_looked_into = 4;
  static constexpr const char *hidden = "hidden"; // of a paragraph, by its style
  enum Use : std::uint8_t { dropped, written, relation, process_content };
  enum class CellType : std::uint8_t { other, shared_string, own_string };
  static constexpr std::uint64_t most_array_cells = std::uint64_t{1} << 24; // of the document
  struct Shape {
    std::size_t start;
    bool has_looks = false;
    ShapeLooks looks = {};
  };
  static constexpr std::size_t most_strings = std::size_t{1} << 26;

  bool is_root(const Element &element) const override { return element.name == kind_.root; }

  AttributeUse find_use(std::string_view raw, Ns element) const override {
    const std::size_t colon = raw.find(':');
    const std::string_view local = local_of(raw);
    if (colon == std::string_view::npos) {
      const bool plain = element != Ns::w && element != Ns::m;
      return plain && raw != "xmlns" && is_listed_attribute(element, raw)
                 ? AttributeUse{written, std::string(raw)}
                 : AttributeUse{};
    }
    const Ns ns = resolve(raw.substr(0, colon));
    const std::string name = std::string(prefix_of(ns)) + ':' + std::string(local);
    if (ns == Ns::r) return {relation, name};
    if (ns == Ns::mc && local == "ProcessContent") return {process_content, {}};
    if (ns == Ns::xml)
      return local == "space" || local == "lang" ? AttributeUse{written, name} : AttributeUse{};
    const bool own = (ns == Ns::w || ns == Ns::m) && ns == element;
    const bool vml = (ns == Ns::o || ns == Ns::v) && (element == Ns::v || element == Ns::o);
    return (own || vml) && is_listed_attribute(ns, local) ? AttributeUse{written, name}
                                                          : AttributeUse{};
  }

  const Relation *relation_of(std::string_view raw_id) const {
    const auto found = relations_.find(raw_id);
    return found == relations_.end() ? nullptr : found->second;
  }

  struct Relations {
    bool any = false, all_known = true;
    const Relation *known = nullptr;
  };
  Relations relations_here(const Element &element) {
    Relations here;
    for (const XmlScanner::Attribute &attribute : scanner_.attributes()) {
      if (use_of(attribute.name, element.ns).kind != relation) continue;
      here.any = true;
      const Relation *found = relation_of(attribute.value);
      here.known = found ? found : here.known;
      here.all_known = here.all_known && found;
    }
    return here;
  }

  Frame *nearest(Special special) {
    for (std::size_t i = frames_.size(); i-- > 0;)
      if (frames_[i].written && frames_[i].element->special == special) return &frames_[i];
    return nullptr;
  }
  void poison(Special special) {
    if (Frame *frame = nearest(special)) frame->poisoned = true;
  }

  Verdict decide(const Element &element) override {
    if (frames_.size() == 1 && validations_at_ == 0 && !is_before_links(element.name)) validations_at_ = out_.size();
    const bool resolved = element.ns == Ns::mc || element.special == Special::unwrap;
    if (!resolved && !declared_[static_cast<std::size_t>(element.ns)]) return unlisted(element);
    if (parent() && is_code(*parent()->element)) return drop_for(Reason::office_unlisted);
    switch (element.special) {
    case Special::none:
    case Special::drawn_run:
    case Special::anchor:
    case Special::salvage:
    case Special::paragraph:
    case Special::row_w:
    case Special::needs_child:
    case Special::other_formula:
    case Special::chart_formula:
      return element.name == "cfvo" ? threshold() : Verdict::write;
    case Special::drop: return drop_for(element.reason);
    case Special::unwrap: return Verdict::unwrap;
    case Special::extensions:
      if (frames_.size() == 1) take_validations();
      return drop_watching(Watch::elements);
    case Special::alternate:
    case Special::choice:
    case Special::fallback: return alternative(element);
    case Special::inserted:
      if (document_.keeps_tracked()) return Verdict::write;
      return parent_is("w:rPr") || parent_is("w:trPr") || parent_is("w:numPr") ? Verdict::skip
                                                                               : Verdict::unwrap;
    case Special::deleted:
      if (document_.keeps_tracked()) return Verdict::write;
      if (parent_is("w:trPr")) poison(Special::row_w);
      return Verdict::skip;
    case Special::property_change:
    case Special::comment_mark: return document_.keeps_tracked() ? Verdict::write : Verdict::skip;
    case Special::hyperlink: return hyperlink(element);
    case Special::simple_field: return simple_field();
    case Special::vanish: return vanish();
    case Special::run: return run_of_words();
    case Special::style_name: return style_name(element);
    case Special::object: document_.note(Reason::office_embedded); return Verdict::write;
    case Special::graphic_data: return graphic_data();
    case Special::ole: {
      const Frame *frame = nearest(Special::anchor);
      document_.note(Reason::office_embedded);
      return frame && frame->poisoned ? Verdict::unwrap : Verdict::skip;
    }
    case Special::needs_relation:
      return relations_here(element).known ? Verdict::write : Verdict::skip;
    case Special::loses_anchor: {
      const Relations here = relations_here(element);
      if (!here.any || here.all_known) return Verdict::write;
      poison(Special::anchor);
      return Verdict::skip;
    }
    case Special::sheet: return sheet(element);
    case Special::defined_name: return defined_name();
    case Special::cell_formula: return cell_formula();
    case Special::row_x:
      column_ = 0;
      return (is_true(value_of("hidden")) || is_nothing(value_of("ht"))) && !document_.keeps_hidden() ? Verdict::skip
                                                                                                      : Verdict::write;
    case Special::column: return column();
    case Special::cell: return cell();
    case Special::cell_value: return is_in_cell() && has_own_string_ ? drop_for(Reason::office_unlisted) : Verdict::write;
    case Special::own_string: return own_string();
    case Special::shared_string: ++shared_strings_; return Verdict::write;
    case Special::note: return note();
    case Special::shape_properties: judge_shape(); return Verdict::write;
    case Special::content_control: return Verdict::write;
    case Special::binding: learn_binding(); return drop_for(element.reason);
    case Special::vml_shape: return is_unseen_style(plain(raw_of("style"))) && !document_.keeps_hidden() ? Verdict::skip
                                                                                                        : Verdict::write;
    case Special::sheet_hyperlink:
      return sheet_hyperlink(element);
    case Special::slide_root:
      if (const std::string show = value_of("show"); !show.empty() && !is_true(show))
        (void)document_.keeps_hidden();
      return Verdict::write;
    case Special::slide_id: return relations_here(element).known ? Verdict::write : Verdict::skip;
    case Special::link_click: return drop_for(reason_of_click(value_of("action")));
    }
    return Verdict::skip;
  }

  /// What newer programs add goes without a word where it says nothing: each has its fallback (ISO/IEC 29500-3 §9).
  Verdict unlisted(const Element &element) {
    if (is_to_be_processed(scanner_.name())) return Verdict::unwrap;
    if (!is_newer(element.ns)) return drop_for(Reason::office_unlisted);
    if (document_.for_words && local_of(scanner_.name()) == "m" && parent_is("a:p")) return Verdict::unwrap; // a formula
    const bool place = parent() && parent()->element->ns == Ns::wp; // whose older form stands beside it
    if (parent_is("w:rPr") && !is_of_glyphs(local_of(scanner_.name()))) { // words of some other look
      if (Frame *run = run_here()) run->chosen = true;
      if (document_.for_looks) out_ += "<w:effect/>";
    }
    return drop_watching(place ? Watch::nothing : Watch::words);
  }
  /// Which forms of a letter are taken, not how they look.
  static bool is_of_glyphs(std::string_view local) {
    constexpr std::string_view names[] = {"ligatures", "numForm", "numSpacing", "stylisticSets", "cntxtAlts"};
    return std::ranges::find(names, local) != std::end(names);
  }
  /// What a sheet or a chart shows, and only newer programs say: a data bar has an older form beside it.
  bool is_missed(std::string_view local) const override {
    if (local == "cfRule")
      return std::ranges::none_of(scanner_.attributes(), [](const XmlScanner::Attribute &attribute) {
        return attribute.name == "type" && attribute.value == "dataBar";
      });
    return local == "sparkline" || local == "datalabelsRange";
  }

  /// §18.3.1.99: the validations' own place in a sheet is behind these.
  static bool is_before_links(std::string_view name) {
    constexpr std::string_view names[] = {"sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData",
                                          "sheetCalcPr", "sheetProtection", "autoFilter", "sortState", "mergeCells",
                                          "phoneticPr", "conditionalFormatting", "dataValidations"};
    return std::ranges::find(names, name) != std::end(names);
  }
  /// Behind those that the sheet has in their own place.
  void take_validations() {
    const std::string all = plain_validations(scanner_, document_);
    if (all.empty()) return;
    constexpr std::string_view begin = "<dataValidations", end = "</dataValidations>";
    const std::string_view before = std::string_view(out_).substr(0, validations_at_);
    if (!before.ends_with(end)) {
      out_.insert(validations_at_, std::string(begin) + '>' + all + std::string(end));
      return;
    }
    const std::size_t tag = before.rfind(begin) + begin.size(), close = before.find('>', tag);
    out_.insert(validations_at_ - end.size(), all);
    out_.erase(tag, close - tag); // their count, and where their prompt stands
  }

  static bool is_newer(Ns ns) { return ns == Ns::modern || ns == Ns::extension; }
  bool is_to_be_processed(std::string_view name) const {
    if (processed_.empty()) return false;
    const std::string all = std::string(name.substr(0, name.find(':') + 1)) + '*';
    return processed_.contains(std::string(name)) || processed_.contains(all);
  }

  /// What has a formula or a field's code for its text, and nothing else in it.
  static bool is_code(const Element &element) {
    return is_formula(element.special) || element.name == "w:instrText" ||
           element.name == "w:delInstrText";
  }
  static bool is_formula(Special special) {
    return special == Special::cell_formula || special == Special::other_formula ||
           special == Special::chart_formula || special == Special::defined_name;
  }

  bool relations_any(const Element &element) { return relations_here(element).any; }

  /// ISO/IEC 29500-3: the first choice whose namespaces we write, or which has nothing else in it, else the fallback.
  Verdict alternative(const Element &element) {
    if (element.special == Special::alternate) return Verdict::unwrap;
    Frame *alternatives = parent();
    if (!alternatives || alternatives->element->special != Special::alternate ||
        alternatives->chosen)
      return Verdict::skip;
    const bool choice = element.special == Special::choice;
    if (choice && !is_understood(value_of("Requires"))) {
      alternatives->poisoned = true;
      if (!is_modern(value_of("Requires")) || is_nested_too_deep()) return Verdict::skip;
      const Ahead ahead = look_ahead();
      const bool of_control = kind_.relation == "drawing"; // whose older form is not kept either
      if (ahead.words.empty() || !ahead.listed || of_control) {
        if (alternatives->note.empty()) alternatives->note = ahead.words.empty() ? std::string(without_words) : ahead.words;
        return Verdict::skip;
      }
    }
    if (!choice && !alternatives->note.empty()) compare(alternatives->note, look_ahead().words);
    alternatives->chosen = true;
    return Verdict::unwrap;
  }
  bool is_nested_too_deep() const {
    return std::ranges::count(frames_, Special::alternate, [](const Frame &frame) { return frame.element->special; }) >
           most_looked_into;
  }
  /// What a newer program shows, and what we show in its place.
  void compare(const std::string &newer, const std::string &older) {
    if (older.empty() || newer == older) return; // a picture of it, often
    document_.note(newer == without_words ? Reason::office_unlisted : Reason::part_ambiguous);
  }

  struct Ahead {
    std::string words; // without spaces, no more than enough to compare
    bool listed = true;
  };
  /// Into the element that starts.
  Ahead look_ahead() const {
    Ahead ahead;
    XmlScanner scanner = scanner_;
    std::vector<std::pair<std::string_view, Ns>> inside; // bindings
    const std::size_t depth = scanner.depth();
    bool in_words = false;
    for (XmlScanner::Event event; (event = scanner.next()) != XmlScanner::Event::bad;) {
      if (event == XmlScanner::Event::done || (event == XmlScanner::Event::end && scanner.depth() < depth)) break;
      if (event == XmlScanner::Event::text && in_words && ahead.words.size() < most_compared)
        ahead.words += without_spaces(scanner.is_cdata() ? std::string(scanner.text()) : plain(scanner.text()));
      in_words = event == XmlScanner::Event::start && local_of(scanner.name()) == "t";
      if (event != XmlScanner::Event::start) continue;
      for (const XmlScanner::Attribute &attribute : scanner.attributes())
        if (attribute.name.starts_with("xmlns:")) inside.emplace_back(attribute.name.substr(6), ns_of(attribute.value).ns);
      const std::string_view prefix = scanner.name().substr(0, scanner.name().size() - local_of(scanner.name()).size());
      const auto bound = std::ranges::find(inside.rbegin(), inside.rend(), prefix.substr(0, prefix.find(':')),
                                           &std::pair<std::string_view, Ns>::first);
      const Ns ns = bound != inside.rend() ? bound->second : resolve(prefix.substr(0, prefix.find(':')));
      ahead.listed = ahead.listed && declared_[static_cast<std::size_t>(ns)] && inside.size() < most_bound;
    }
    return ahead;
  }
  bool is_modern(std::string_view prefixes) const {
    bool all = true;
    each_word(prefixes, [&](std::string_view prefix) {
      const Ns ns = resolve(prefix);
      all = all && (ns == Ns::modern || declared_[static_cast<std::size_t>(ns)]);
    });
    return all;
  }
  void left(const Frame &frame) override {
    const bool nothing = out_.size() == frame.start;
    if (frame.element->special == Special::alternate && frame.poisoned && nothing)
      document_.note(Reason::office_unlisted); // what a newer program shows, and has nothing else for
    if (frame.element->special != Special::simple_field) return;
    if (nothing && !buttons_.back().empty()) out_ += "<w:r>" + buttons_.back() + "</w:r>";
    buttons_.pop_back();
  }
  bool is_understood(std::string_view prefixes) const {
    // A control of a form on a sheet, whose label is text and has no fallback; a formula, whose fallback is a picture.
    if (document_.for_words && prefixes == "a14") return true;
    bool any = false;
    while (!prefixes.empty()) {
      const std::size_t end = std::min(prefixes.find(' '), prefixes.size());
      if (end > 0) {
        any = true;
        if (!declared_[static_cast<std::size_t>(resolve(prefixes.substr(0, end)))]) return false;
      }
      prefixes.remove_prefix(std::min(end + 1, prefixes.size()));
    }
    return any;
  }

  Verdict hyperlink(const Element &element) {
    const std::string place = value_of("w:anchor");
    const bool says_inside = !relations_any(element) && !place.empty();
    if (says_inside && is_place_inside(place)) return Verdict::write;
    document_.note(says_inside ? Reason::part_external_link : Reason::office_link_to_text);
    return Verdict::unwrap;
  }

  /// ECMA-376-1 §21.1.2.3.5
  static Reason reason_of_click(std::string_view action) {
    const std::string what = upper(action);
    const bool runs = what.starts_with("PPACTION://PROGRAM") || what.starts_with("PPACTION://MACRO");
    return runs ? Reason::office_macro : Reason::office_link_to_text;
  }

  Verdict sheet_hyperlink(const Element &element) {
    if (relations_any(element)) return drop_for(Reason::office_link_to_text);
    const std::string place = value_of("location");
    if (!is_place_inside(place)) return drop_for(Reason::part_external_link);
    return is_place(place) ? Verdict::write : drop_for(Reason::office_link_to_text);
  }

  Verdict simple_field() {
    const std::string code = plain(raw_of("w:instr"));
    const Reason reason = judge_field(code); // all of it, as it is written
    if (reason == Reason::none) return is_unseen_field(code) && !document_.keeps_hidden() ? Verdict::skip : Verdict::write;
    document_.note(reason);
    buttons_.push_back(text_of_button(code));
    return Verdict::unwrap;
  }

  /// Whose properties are being read; null: no run's.
  Frame *run_here() {
    const std::size_t depth = frames_.size();
    const bool is_run = depth >= 2 && frames_[depth - 1].element->name == "w:rPr" &&
                        frames_[depth - 2].element->special == Special::run;
    return is_run ? &frames_[depth - 2] : nullptr;
  }

  Verdict vanish() {
    const std::string value = value_of("w:val");
    Frame *run = run_here();
    if (!value.empty() && !is_true(value)) {
      if (run) run->poisoned = false; // whatever its style says
      return Verdict::write;
    }
    if (document_.keeps_hidden()) return Verdict::write;
    if (run) run->poisoned = true;
    return Verdict::skip;
  }

  Verdict run_of_words() {
    const Frame *paragraph = nearest(Special::paragraph);
    return paragraph && paragraph->note == hidden && !document_.keeps_hidden() ? Verdict::skip : Verdict::write;
  }

  Verdict style_name(const Element &element) {
    if (document_.hidden_styles.empty() || !document_.hidden_styles.contains(value_of("w:val"))) return Verdict::write;
    Frame *run = run_here(), *paragraph = nearest(Special::paragraph);
    if (element.name == "w:rStyle" && run) run->poisoned = !document_.keeps_hidden();
    if (element.name == "w:pStyle" && parent_is("w:pPr") && paragraph) paragraph->note = hidden;
    return Verdict::write;
  }

  Verdict graphic_data() {
    const std::string uri = value_of("uri");
    for (const std::string_view kept :
         {"/picture", "/chart", "/diagram", "/table", "/lockedCanvas", "/wordprocessingShape",
          "/wordprocessingGroup", "/wordprocessingCanvas"})
      if (uri.ends_with(kept)) return Verdict::write;
    document_.note(uri.ends_with("/ole") ? Reason::office_embedded : Reason::office_unlisted);
    Frame *frame = nearest(Special::anchor);
    if (!frame) return Verdict::skip;
    frame->poisoned = true;
    return Verdict::write;
  }

  Verdict sheet(const Element &element) {
    const Relation *relation = relations_here(element).known;
    if (!relation) return Verdict::skip;
    const std::string state = value_of("state");
    if (!state.empty() && state != "visible" && !document_.keeps_hidden())
      document_.hidden_sheets.insert(relation->id);
    return Verdict::write;
  }

  /// Excel keeps names of its own that no list shows.
  static bool is_of_excel(std::string_view name) { return name.starts_with("_XLNM.") || name.starts_with("_XLFN."); }

  Verdict defined_name() {
    const std::string name = upper(value_of("name"));
    is_hidden_name_ = is_true(value_of("hidden"));
    if (is_hidden_name_ && !is_of_excel(name) && !document_.keeps_hidden()) {
      document_.lost_names.insert(name);
      return Verdict::skip;
    }
    const bool runs = is_true(value_of("function")) || is_true(value_of("xlm")) ||
                      is_true(value_of("vbProcedure")) || name.find("AUTO_") != std::string::npos || has_escape(name);
    if (!runs && !(document_.sheets_lost && !value_of("localSheetId").empty()))
      return Verdict::write;
    if (runs) document_.note(Reason::office_macro);
    document_.lost_names.insert(name);
    return Verdict::skip;
  }

  /// ISO/IEC 29500-1 §18.18.11: by its type a cell shows its value or a string of its own.
  Verdict cell() {
    if (is_in_hidden_column()) return Verdict::skip;
    const std::string_view raw = raw_of("t");
    const std::string said = raw.size() < 2 ? std::string(raw) : trimmed(plain(raw));
    cell_type_ = said == "s" ? CellType::shared_string : said == "inlineStr" ? CellType::own_string : CellType::other;
    value_ = 0;
    has_own_string_ = lost_formula_ = false;
    is_text_ = cell_type_ != CellType::other || said == "str";
    is_number_ = said.empty() || said == "n";
    unseen_values_ = unseen_values_of(raw_of("s"));
    return Verdict::write;
  }
  /// Those that its format shows nothing of.
  unsigned unseen_values_of(std::string_view style) const {
    if (style.empty() || !document_.unseen_cells) return 0;
    return document_.unseen_cells().values(number_of(style), !has_more_behind_);
  }
  bool is_unseen_cell(std::string_view content) const {
    if (unseen_values_ == 0 || content.find("</") == content.npos) return false;
    if (is_text_) return (unseen_values_ & CellValue::words) != 0;
    constexpr std::string_view mark = "<v>";
    const std::size_t at = content.find(mark);
    double number = 0;
    const std::string value = at == content.npos || !is_number_ ? std::string() : trimmed(plain(content.substr(at + mark.size(), content.find('<', at + 1) - at - mark.size())));
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (value.empty() || error != std::errc() || number != number) return unseen_values_ == CellValue::any_value;
    return (unseen_values_ & (number > 0 ? CellValue::positive : number < 0 ? CellValue::negative : CellValue::zero)) != 0;
  }
  /// Words that are there, and that nobody sees.
  bool is_unseen(const Frame &frame) {
    const std::string_view written = std::string_view(out_).substr(frame.start);
    switch (frame.element->special) {
    case Special::cell: return is_unseen_cell(written.substr(frame.content - frame.start));
    case Special::run: return !frame.chosen && document_.styles && is_unseen_run(written, around(), *document_.styles, document_.has_white_pages);
    case Special::drawn_run:
      return is_unseen_drawn_run(written, shapes_.empty() ? nullptr : &shapes_.back().looks, [this] { return colours_behind(shapes_.back().start); });
    default: return false;
    }
  }
  /// The frame goes, or its words.
  bool lose_unseen(const Frame &frame) {
    const bool of_run = frame.element->special == Special::run; // what else is in it is of a field, perhaps
    const std::string rest = of_run ? content_without_words(std::string_view(out_).substr(frame.content)) : std::string();
    if (rest.empty()) return take_back(frame.start), false;
    out_.replace(frame.content, out_.npos, rest);
    finish(frame);
    return true;
  }
  void take_back(std::size_t start) {
    out_.resize(start);
    if (painted_at_ >= start) painted_at_ = nothing_painted;
  }

  const Around &around() const {
    static const Around nothing;
    return around_.empty() ? nothing : around_.back();
  }
  static bool is_level(std::string_view name) {
    return name == "w:p" || name == "w:tc" || name == "w:tr" || name == "w:tbl" || name == "w:txbxContent";
  }
  void open_level(std::string_view name) {
    Around inside = around();
    if (name == "w:p") inside.paragraph = document_.styles->words_of_paragraphs();
    if (name == "w:tbl" && document_.styles->recolours({})) inside.recoloured = true;
    if (name == "w:txbxContent") inside = {true}; // of a shape, whatever its colour
    around_.push_back(std::move(inside));
  }
  /// Properties count where they stand first.
  void end_properties(const Frame &frame) {
    const std::string_view name = frame.element->name;
    const bool of_level = name == "w:pPr" || name == "w:tcPr" || name == "w:tblPrEx" || name == "w:tblPr";
    if (of_level && parent() && is_level(parent()->element->name) && frame.start == parent()->content)
      around_.back().add(std::string_view(out_).substr(frame.start), *document_.styles);
  }

  void open_shape(const Frame &frame) {
    const std::string_view name = frame.element->name;
    if (name == "p:sp") shapes_.push_back({frame.start});
    if (name == "p:style" && !shapes_.empty()) shapes_.back().looks.styled = true;
    if (paints_itself(name)) painted_at_ = std::min(painted_at_, frame.start);
  }
  void end_shape(const Frame &frame) {
    const std::string_view name = frame.element->name, written = std::string_view(out_).substr(frame.start);
    if (name == "p:sp") shapes_.pop_back();
    if (name == "p:bg" && out_.size() > frame.content) {
      const std::string colour = colour_of_backdrop(written);
      behind_slide_ = colour.empty() ? std::vector<std::string>() : std::vector{colour};
    }
    if (name != "p:spPr") return;
    if (parent_is("p:sp") && !shapes_.back().has_looks) {
      const bool styled = shapes_.back().looks.styled;
      shapes_.back() = {shapes_.back().start, true, looks_of_shape(written)};
      shapes_.back().looks.styled = styled;
    }
    if (has_fill(written)) painted_at_ = std::min(painted_at_, frame.start);
  }
  /// Of what a slide has before a shape.
  std::vector<std::string> colours_behind(std::size_t shape) {
    if (kind_.relation != "slide" || has_more_behind_ || !document_.backdrop || painted_at_ < shape) return {};
    if (!behind_slide_) behind_slide_ = document_.backdrop(all_relations_);
    return *behind_slide_;
  }
  Verdict own_string() {
    if (!is_in_cell()) return Verdict::write;
    if (cell_type_ != CellType::own_string) return drop_for(Reason::office_unlisted);
    has_own_string_ = true;
    if (value_ == 0) return Verdict::write;
    out_.resize(value_); // the value before it, which is not shown
    value_ = 0;
    document_.note(Reason::office_unlisted);
    return Verdict::write;
  }
  bool is_in_cell() { return parent() && parent()->element->special == Special::cell; }
  void end_value(const Frame &frame) {
    if (!is_in_cell() || cell_type_ == CellType::other) return;
    if (cell_type_ == CellType::own_string) return void(value_ = frame.start);
    const std::size_t index = number_of(trimmed(plain(std::string_view(out_).substr(frame.content))));
    std::vector<bool> &used = document_.strings_used;
    if (index >= most_strings || ((unseen_values_ & CellValue::words) != 0 && document_.plan.hidden == job::Beside::remove)) return;
    if (index >= used.size()) used.resize(index + 1);
    used[index] = true;
  }
  /// Nothing shows it: it was of a hidden cell, or of none.
  void end_shared_string(const Frame &frame) {
    const std::vector<bool> &used = document_.strings_used;
    const std::size_t index = shared_strings_ - 1;
    if (document_.plan.hidden == job::Beside::keep || (index < used.size() && used[index])) return;
    if (out_.size() == frame.content) return;
    document_.note(Reason::office_hidden_removed);
    out_.resize(frame.content);
    out_ += "<t/>";
  }

  /// Of footnotes and endnotes; elsewhere an element of this name is a mere reference.
  Verdict note() {
    const bool here = kind_.relation == "footnotes" || kind_.relation == "endnotes";
    const std::string type = value_of("w:type");
    if (!here || (!type.empty() && type != "normal")) return Verdict::write;
    const std::string name = (kind_.relation == "footnotes" ? "w:footnote " : "w:endnote ");
    return document_.notes_used.contains(name + number_of_note(value_of("w:id"))) ? Verdict::write
                                                                                 : drop_for(Reason::office_hidden_removed);
  }

  /// §17.5.2.6: what a program shows when it has read the data anew.
  void learn_binding() {
    Frame *control = nearest(Special::content_control);
    if (!control || !document_.bound) return;
    std::string path, store; // which are written nowhere
    for (const XmlScanner::Attribute &attribute : scanner_.attributes()) {
      if (local_of(attribute.name) == "xpath") path = trimmed(plain(attribute.value));
      if (local_of(attribute.name) == "storeItemID") store = trimmed(plain(attribute.value));
    }
    const std::optional<std::string> value = document_.bound(path, store);
    if (!value) return;
    control->chosen = true;
    control->note = without_spaces(*value);
  }
  /// Of one of plain text: others show their data in other words.
  void compare_with_data(const Frame &control) {
    const std::string_view all = std::string_view(out_).substr(control.start);
    const std::string_view properties = all.substr(0, all.find("</w:sdtPr>"));
    if (properties.find("<w:text") == properties.npos) return;
    std::string shown;
    XmlScanner scanner(all);
    bool in_words = false;
    for (XmlScanner::Event event; (event = scanner.next()) != XmlScanner::Event::done && event != XmlScanner::Event::bad;) {
      if (event == XmlScanner::Event::text && in_words) shown += without_spaces(plain(scanner.text()));
      in_words = event == XmlScanner::Event::start && scanner.name() == "w:t";
    }
    if (control.note.empty() && properties.find("<w:showingPlcHdr") != properties.npos) return;
    if (shown != control.note) document_.note(Reason::part_ambiguous);
  }

  Verdict cell_formula() {
    shared_ = value_of("t") == "shared" ? value_of("si") : std::string();
    const bool lost = !shared_.empty() && lost_shared_.contains(shared_);
    const bool values = document_.plan.formulas == job::Formulas::values && !document_.for_words;
    if (!values && value_of("t") == "array") document_.array_cells += cells_in(value_of("ref"));
    if (document_.array_cells > most_array_cells) return refuse(Reason::part_too_big);
    if (!values && !lost && value_of("t") != "dataTable") return Verdict::write;
    lost_formula_ = true;
    return drop_for(Reason::office_formula_to_value);
  }
  /// Of a cell that lost its formula: a text of no words is a value.
  static bool has_value(std::string_view tag, std::string_view content) {
    const bool is_text = tag.find(" t=\"str\"") != tag.npos;
    return content.find(is_text ? "<v" : "<v>") != content.npos || content.find("<is") != content.npos;
  }

  /// A threshold of a conditional format may be a formula, whatever its type says.
  Verdict threshold() {
    const Reason reason = judge_formula(value_of("val"), document_.lost_names);
    if (reason == Reason::none) return Verdict::write;
    document_.note(reason);
    for (std::size_t i = frames_.size(); i-- > 0;)
      if (frames_[i].element->name == "cfRule") frames_[i].poisoned = true;
    return Verdict::skip;
  }

  /// §20.1.2.2.8: the whole of one that is hidden, on its own or in a group.
  void judge_shape() {
    if (!is_true(value_of("hidden"))) return;
    const bool of_control = kind_.relation == "drawing" && // they are hidden in favour of their older form
                            std::ranges::any_of(frames_, [](const Frame &frame) {
                              return frame.element->special == Special::choice;
                            });
    std::size_t shape = frames_.size();
    while (shape > 0 && is_of_properties(*frames_[shape - 1].element)) --shape;
    if (of_control || shape < 2 || frames_[shape - 1].element->name == "p:spTree" || document_.keeps_hidden()) return;
    for (std::size_t i = shape; i-- > 1;) {
      if (frames_[i].written) frames_[i].poisoned = true, frames_[i].note = hidden;
      if (!is_nothing_else(*frames_[i - 1].element)) break;
    }
  }
  /// Around a shape.
  static bool is_nothing_else(const Element &element) {
    constexpr std::string_view names[] = {"a:graphic", "a:graphicData", "wp:inline", "wp:anchor"};
    return element.special == Special::anchor || element.ns == Ns::mc ||
           std::ranges::find(names, element.name) != std::end(names);
  }
  /// "p:nvSpPr"
  static bool is_of_properties(const Element &element) {
    const std::string_view local = local_of(element.name);
    return local.starts_with("nv") && local.ends_with("Pr");
  }

  Verdict column() {
    const bool hidden = is_true(value_of("hidden")) || is_nothing(value_of("width"));
    if (!hidden || document_.keeps_hidden()) return Verdict::write;
    if (had_cell_) return refuse(Reason::part_malformed); // they would stand before it
    hidden_columns_.push_back({number_of(value_of("min")), number_of(value_of("max"))});
    return Verdict::write;
  }
  /// By their first column; each with the last of all up to it.
  void order_hidden_columns() {
    std::sort(hidden_columns_.begin(), hidden_columns_.end());
    for (std::size_t i = 1; i < hidden_columns_.size(); ++i)
      hidden_columns_[i].second = std::max(hidden_columns_[i].second, hidden_columns_[i - 1].second);
  }
  bool is_in_hidden_column() {
    if (!had_cell_) order_hidden_columns();
    had_cell_ = true;
    if (hidden_columns_.empty()) return false;
    const unsigned said = column_of(value_of("r"));
    const unsigned column = column_ = said != 0 ? said : column_ + 1;
    const auto behind = std::upper_bound(hidden_columns_.begin(), hidden_columns_.end(), column,
                                         [](unsigned wanted, const auto &range) { return wanted < range.first; });
    return behind != hidden_columns_.begin() && column <= std::prev(behind)->second;
  }

  void opened(Frame &frame) override {
    if (frame.element->special == Special::cell_formula) frame.note = shared_;
    if (document_.styles && is_level(frame.element->name)) open_level(frame.element->name);
    if (frame.element->ns == Ns::p) open_shape(frame);
    if (frame.element->special == Special::defined_name) frame.chosen = is_hidden_name_;
  }

  void declare() override {
    for (const Ns ns : namespaces_of(kind_)) {
      out_ += prefix_of(ns).empty() ? " xmlns" : " xmlns:";
      out_ += prefix_of(ns);
      out_ += "=\"";
      out_ += uri_of(ns, document_.strict);
      out_ += '"';
    }
  }

  bool write_attribute(const XmlScanner::Attribute &attribute, const Element &element) override {
    const AttributeUse &use = use_of(attribute.name, element.ns);
    if (use.kind == dropped) return true;
    if (use.kind == process_content) {
      each_word(plain(attribute.value), [&](std::string_view name) { processed_.emplace(name); });
      return true;
    }
    if (document_.sheets_lost && (use.name == "activeTab" || use.name == "firstSheet")) return true;
    if (use.name == "style" && element.ns == Ns::v && !is_calm_style(plain(attribute.value))) {
      document_.note(Reason::office_external);
      return true;
    }
    if (element.ns != Ns::x && is_description(use.name) && tells_path(plain(attribute.value))) {
      document_.note(Reason::office_data);
      return use.name != "name" || put_attribute(use.name, ""); // which there must be
    }
    if (use.kind != relation) return put_attribute(use.name, attribute.value);
    const Relation *known = relation_of(attribute.value);
    return !known || put_attribute(use.name, known->id);
  }

  /// What programs fill with the path of a picture.
  static bool is_description(std::string_view name) {
    return name == "descr" || name == "title" || name == "alt" || name == "o:title" || name == "name";
  }

  bool end(Frame &frame) override {
    const Special special = frame.element->special;
    judge_content(frame, special);
    if (document_.styles && is_level(frame.element->name)) around_.pop_back();
    if (document_.styles) end_properties(frame);
    if (frame.element->ns == Ns::p) end_shape(frame);
    if (special == Special::shared_string) end_shared_string(frame);
    if (special == Special::cell_value) end_value(frame);
    if (special == Special::content_control && frame.chosen) compare_with_data(frame);
    if (!frame.poisoned && is_unseen(frame) && !document_.keeps_hidden()) return lose_unseen(frame);
    if (frame.poisoned && frame.note == hidden && special != Special::paragraph) {
      take_back(frame.start);
      salvaged_.clear();
      return false;
    }
    if (special == Special::salvage && !frame.poisoned) finish(frame);
    if (special == Special::salvage && nearest(Special::anchor) &&
        nearest(Special::anchor)->poisoned) {
      salvaged_ = out_.substr(frame.start);
      return true;
    }
    if (special == Special::salvage) return true;
    if (frame.poisoned || (special == Special::needs_child && !frame.has_child)) {
      take_back(frame.start);
      if (frame.element->name != "p:graphicFrame") return false;
      if (!salvaged_.empty()) painted_at_ = std::min(painted_at_, frame.start);
      out_ += salvaged_;
      salvaged_.clear();
      return true;
    }
    finish(frame);
    return true;
  }

  /// Formulas and names, once they have been read.
  void judge_content(Frame &frame, Special special) {
    const std::string_view written = std::string_view(out_).substr(frame.start);
    const std::size_t tag = frame.content - frame.start;
    if (special == Special::cell && lost_formula_ && !has_value(written.substr(0, tag), written.substr(tag)))
      document_.note(Reason::office_field_empty);
    if (!is_formula(special)) return;
    const std::string text = plain(std::string_view(out_).substr(frame.content));
    if (special == Special::defined_name && frame.chosen && text.find('"') != text.npos && !document_.keeps_hidden())
      return lose_name(frame); // words, which are none of Excel's own
    const Reason reason = judge_formula(text, document_.lost_names);
    if (reason == Reason::none) return;
    document_.note(reason);
    switch (special) {
    case Special::cell_formula:
      document_.note(Reason::office_formula_to_value);
      lost_formula_ = true;
      if (!frame.note.empty()) lost_shared_.insert(frame.note);
      frame.poisoned = true;
      break;
    case Special::chart_formula:
      out_.resize(frame.content);
      out_ += "#REF!";
      break;
    case Special::defined_name: lose_name(frame); break;
    default: // formula of a rule or a validation
      frame.poisoned = true;
      if (parent_is("cfRule") || parent_is("dataValidation")) parent()->poisoned = true;
    }
  }

  void lose_name(Frame &frame) {
    frame.poisoned = true;
    const std::string_view tag =
        std::string_view(out_).substr(frame.start, frame.content - frame.start);
    const std::size_t at = tag.find(" name=\"");
    if (at == std::string_view::npos) return;
    const std::string_view rest = tag.substr(at + 7);
    document_.lost_names.insert(upper(plain(rest.substr(0, rest.find('"')))));
  }

  const PartKind &kind_;
  std::unordered_map<std::string_view, const Relation *> relations_;
  Document &document_;
  const std::vector<Relation> &all_relations_;
  bool has_more_behind_ = false; // words than their own properties say
  std::array<bool, 32> declared_{};
  std::string salvaged_, shared_;
  std::vector<std::string> buttons_; // words of the simple fields that are open
  std::unordered_set<std::string> processed_; // what goes, and its content stays
  std::unordered_set<std::string> lost_shared_;
  std::vector<std::pair<unsigned, unsigned>> hidden_columns_;
  unsigned column_ = 0; // of the last cell
  bool had_cell_ = false;
  CellType cell_type_ = CellType::other; // of the one that is open
  bool has_own_string_ = false, is_text_ = false, is_number_ = false, lost_formula_ = false;
  unsigned unseen_values_ = 0;
  std::vector<Around> around_;  // of the paragraphs, cells and tables that are open
  std::vector<Shape> shapes_;   // that are open
  static constexpr std::size_t nothing_painted = std::string::npos;
  std::size_t painted_at_ = nothing_painted; // the first that may lie behind a shape of the slide
  std::optional<std::vector<std::string>> behind_slide_;
  std::size_t value_ = 0; // where its value begins; 0: it has none
  std::size_t shared_strings_ = 0;
  bool is_hidden_name_ = false;
  std::size_t validations_at_ = 0; // where they may stand in what is written; 0: not yet
};

/// Fields of a part that filter() wrote, with the ranges of octets that must go.
class Fields {
public:
  explicit Fields(std::string_view xml) : scanner_(xml) {}

  /// Reason::none, or why not.
  Reason run(Document &document) {
    for (;;) {
      switch (scanner_.next()) {
      case XmlScanner::Event::start:
        if (is_within_mark() && is_of_fields(scanner_.name())) return Reason::part_malformed;
        start();
        if (open_.size() > most_nested) return Reason::part_too_deep;
        break;
      case XmlScanner::Event::end: end(document); break;
      case XmlScanner::Event::text: text(); break;
      case XmlScanner::Event::done: close_down_to(0, document); return Reason::none;
      case XmlScanner::Event::bad: return scanner_.reason();
      }
    }
  }

  std::string without(std::string xml) {
    std::sort(gone_.begin(), gone_.end());
    std::string out;
    std::size_t at = 0;
    for (const auto &[first, last] : gone_) {
      if (first < at) continue; // inside one that goes already
      out.append(xml, at, first - at);
      if (const auto words = instead_.find(first); words != instead_.end()) out += words->second;
      at = last;
    }
    return out.append(xml, at);
  }
  bool has_gone() const { return !gone_.empty(); }

private:
  static constexpr std::size_t most_nested = 64;
  static constexpr std::string_view tracks[] = {"w:ins", "w:del", "w:moveFrom", "w:moveTo"};

  using Range = std::pair<std::size_t, std::size_t>;
  struct Field {
    std::string code;
    unsigned tracked = 0;                  // what its first mark stands in
    std::size_t deleted = 0, inserted = 0; // pieces of code
    bool in_code = true, odd = false;
    bool said = false;             // its result has words
    std::size_t code_at = 0;       // where its code begins
    std::vector<Range> parts = {}; // what goes where the field goes
  };
  /// A run, and the child of it that is being read: in a text box there are runs again.
  struct Run {
    std::size_t depth, child = 0, start = 0;
    std::string_view mark = {}; // of w:fldChar
    bool code = false, marks = false, belongs = false, stray = false;
  };
  /// What no field leads out of.
  struct Story {
    std::size_t depth, fields;
  };

  static bool is_code(std::string_view name) {
    return name == "w:instrText" || name == "w:delInstrText";
  }
  static bool is_of_fields(std::string_view name) {
    return name == "w:r" || name == "w:fldChar" || is_code(name);
  }
  /// Tables may have rows and cells that are tracked by marks inside: no code of a field leads in or out.
  static bool is_of_table(std::string_view name) { return name == "w:tbl" || name == "w:tr" || name == "w:tc"; }
  static bool is_story(std::string_view name) {
    return name == "w:txbxContent" || name == "w:footnote" || name == "w:endnote" ||
           name == "w:comment";
  }
  bool is_in_code_text() const { return !runs_.empty() && runs_.back().code; }
  bool is_within_mark() const {
    return loose_depth_ != 0 || (!runs_.empty() && (runs_.back().code || runs_.back().marks));
  }
  bool in_code() const { return !open_.empty() && open_.back().in_code; }
  bool is_open() const { return open_.size() > (stories_.empty() ? 0 : stories_.back().fields); }
  unsigned tracked() const {
    unsigned bits = 0;
    for (std::size_t i = 0; i < std::size(tracks); ++i)
      bits |= inside_[i] > 0 ? 1u << i : 0;
    return bits;
  }
  void count_tracked(std::string_view name, std::size_t more) {
    for (std::size_t i = 0; i < std::size(tracks); ++i)
      if (name == tracks[i]) inside_[i] += more;
  }

  void start() {
    const std::string_view name = scanner_.name();
    const std::size_t depth = scanner_.depth();
    count_tracked(name, 1);
    if (in_code() && is_of_table(name)) open_.back().odd = true;
    const bool in_run = !runs_.empty() && runs_.back().depth + 1 == depth;
    if (in_run && name != "w:rPr") {
      start_child(runs_.back(), name);
    } else if (name == "w:fldChar" || is_code(name)) {
      if (in_code()) open_.back().odd = true;
      if (loose_depth_ == 0) loose_depth_ = depth, loose_start_ = scanner_.position();
    } else if (in_code() && (name == "w:fldSimple" || is_in_code_text())) {
      open_.back().odd = true;
    }
    if (name == "w:r") runs_.push_back({depth});
    if (is_story(name)) stories_.push_back({depth, open_.size()});
  }

  void start_child(Run &run, std::string_view name) {
    run = {run.depth, scanner_.depth(), scanner_.position()};
    run.code = is_code(name);
    run.marks = name == "w:fldChar";
    if (run.marks)
      for (const XmlScanner::Attribute &attribute : scanner_.attributes())
        if (attribute.name == "w:fldCharType") run.mark = attribute.value;
    if (run.mark == "begin") {
      if (in_code()) open_.back().odd = true; // nested into its code
      open_.push_back({{}, tracked()});
    }
    const bool fits =
        run.code || run.mark == "separate" ? in_code() : run.mark == "begin" || run.mark == "end";
    const bool of_field = run.marks || run.code;
    run.stray = of_field && !(is_open() && fits);
    if (run.stray || open_.empty()) return;
    Field &field = open_.back();
    run.belongs = of_field || field.in_code;
    if (!run.belongs) return;
    const bool fitting = of_field ? field.tracked == tracked() : name == "w:lastRenderedPageBreak";
    field.odd = field.odd || !fitting;
    if (run.code && field.code_at == 0) field.code_at = run.start;
    if (run.code) ++(name == "w:instrText" ? field.inserted : field.deleted);
  }

  void text() {
    if (!in_code() && !open_.empty() && scanner_.text().find_first_not_of(" \t\r\n") != std::string_view::npos) open_.back().said = true;
    if (!in_code()) return;
    const bool code = is_in_code_text() && !runs_.back().stray && loose_depth_ == 0;
    const std::string text =
        scanner_.is_cdata() ? std::string(scanner_.text()) : plain(scanner_.text());
    if (code)
      open_.back().code += text;
    else if (text.find_first_not_of(" \t\r\n") != std::string::npos)
      open_.back().odd = true; // it would be read as code
  }

  void end(Document &document) {
    const std::size_t depth = scanner_.depth() + 1;
    const std::size_t end = scanner_.end_position();
    count_tracked(scanner_.name(), std::size_t{0} - 1);
    if (in_code() && is_of_table(scanner_.name())) open_.back().odd = true;
    if (loose_depth_ == depth) {
      gone_.push_back({loose_start_, end});
      loose_depth_ = 0;
    }
    if (!stories_.empty() && stories_.back().depth == depth) {
      close_down_to(stories_.back().fields, document);
      stories_.pop_back();
    }
    if (!runs_.empty() && runs_.back().depth == depth) runs_.pop_back();
    if (!runs_.empty() && runs_.back().child == depth) end_child(runs_.back(), end, document);
  }

  void end_child(Run &run, std::size_t end, Document &document) {
    const Range range = {run.start, end};
    if (run.stray) gone_.push_back(range);
    if (run.belongs && !open_.empty()) open_.back().parts.push_back(range);
    // What stands in a field's code, results of fields in it too, goes with the outermost of the fields around it, which is odd.
    const auto outermost = std::ranges::find(open_, true, &Field::in_code);
    if (outermost != open_.end() && outermost != open_.end() - 1) outermost->parts.push_back(range);
    if (run.belongs && run.mark == "separate") open_.back().in_code = false;
    if (run.belongs && run.mark == "end") close(document);
    run = {run.depth};
  }

  void close_down_to(std::size_t count, Document &document) {
    while (open_.size() > count) {
      open_.back().odd = true;
      close(document);
    }
  }

  void close(Document &document) {
    const Field field = std::move(open_.back());
    open_.pop_back();
    if (!open_.empty() && field.said) open_.back().said = true;
    const bool mixed = field.deleted > 0 && field.inserted > 0;
    Reason reason = judge_field(field.code);
    if ((field.odd || mixed) && reason == Reason::none) reason = Reason::office_unlisted;
    if (reason == Reason::none && (!is_unseen_field(field.code) || document.keeps_hidden())) return;
    if (reason != Reason::none) document.note(reason);
    if (reason != Reason::none && !field.said && field.deleted == 0 && text::needs_result(field.code)) document.note(Reason::office_field_empty);
    gone_.insert(gone_.end(), field.parts.begin(), field.parts.end());
    const bool shows_code = !field.said && !field.odd && field.deleted == 0;
    if (const std::string words = shows_code ? text_of_button(field.code) : ""; !words.empty()) instead_.emplace(field.code_at, words);
  }

  XmlScanner scanner_;
  std::vector<Field> open_;
  std::vector<Run> runs_;
  std::vector<Story> stories_;
  std::vector<Range> gone_;
  std::map<std::size_t, std::string> instead_; // of one that goes, by its beginning
  std::array<std::size_t, std::size(tracks)> inside_{};
  std::size_t loose_depth_ = 0, loose_start_ = 0; // a mark or code outside a run
};

} // namespace

bool is_true(std::string_view value) {
  const std::string word = upper(value);
  return !word.empty() && word != "0" && word != "FALSE" && word != "OFF" && word != "F";
}

Result<std::string, Reason> filter(std::string_view xml, const PartKind &kind,
                                   const std::vector<Relation> &relations, Document &document,
                                   std::size_t most) {
  Result<std::string, Reason> written = Filter(xml, kind, relations, document, most).run();
  if (!written || kind.family != Family::word || kind.root.substr(0, 2) != "w:") return written;
  return filter_fields(std::move(*written), document);
}

std::unordered_set<std::string_view> relations_named(std::string_view xml) {
  std::unordered_set<std::string_view> ids;
  constexpr std::string_view mark = " r:";
  bool in_tag = false;
  for (std::size_t at = 0, hit; (hit = xml.find(mark, at)) != std::string_view::npos; at = hit + mark.size()) {
    const std::string_view between = xml.substr(at, hit - at); // '<' and '>' stand around tags only
    const std::size_t last = between.find_last_of("<>");
    if (last != std::string_view::npos) in_tag = between[last] == '<';
    const std::size_t open = xml.find('"', hit);
    if (!in_tag || open == std::string_view::npos) continue;
    ids.insert(xml.substr(open + 1, xml.find('"', open + 1) - open - 1));
  }
  return ids;
}

void note_references(std::string_view xml, std::unordered_set<std::string> &notes) {
  for (const std::string_view name : {"w:footnote", "w:endnote"}) {
    const std::string mark = '<' + std::string(name) + "Reference ";
    for (std::size_t at = 0; (at = xml.find(mark, at)) != std::string_view::npos; at += mark.size()) {
      const std::string_view tag = xml.substr(at, xml.find('>', at) - at);
      const std::size_t id = tag.find(" w:id=\"");
      if (id != std::string_view::npos) notes.insert(std::string(name) + ' ' + number_of_note(tag.substr(id + 7)));
    }
  }
}

Result<std::string, Reason> filter_fields(std::string xml, Document &document) {
  if (xml.find("<w:fldChar") == std::string::npos &&
      xml.find("<w:instrText") == std::string::npos &&
      xml.find("<w:delInstrText") == std::string::npos)
    return xml;
  Fields fields(xml);
  if (const Reason reason = fields.run(document); reason != Reason::none) return fail(reason);
  return fields.has_gone() ? fields.without(std::move(xml)) : std::move(xml);
}

} // namespace sekisho::rebuild::ooxml
