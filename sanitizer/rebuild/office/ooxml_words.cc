// Words of documents and slides (ISO/IEC 29500-1 §17, §19, §21).
#include "base/utf8.hh"
#include "sanitizer/rebuild/office/list_numbers.hh"
#include "sanitizer/rebuild/office/math_words.hh"
#include "sanitizer/rebuild/office/office_text.hh"
#include "sanitizer/rebuild/office/style_looks.hh"
#include "sanitizer/text/field_words.hh"
#include "sanitizer/text/run_marks.hh"
#include "sanitizer/text/symbol.hh"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sekisho::rebuild {
namespace {

using ooxml::Family;
using ooxml::Relation;

/// A field while it is read; what it shows where nothing in it is text.
struct Field {
  enum class Form : std::uint8_t { none, box, list };

  bool said = false; // its result has words
  Form form = Form::none;
  bool ticked = false;
  std::size_t chosen = 0;
  std::string code = {};
  std::vector<std::string> entries = {};

  text::WordsWithLook shown() const {
    if (said) return {};
    if (form == Form::box) return {ticked ? "☑" : "☐"};
    if (form == Form::list) return {chosen < entries.size() ? entries[chosen] : std::string()};
    return text::field_words(code);
  }
};

class DocumentWords : public PartWords {
public:
  explicit DocumentWords(TextWriter &out, ListNumbers *numbers = nullptr, const StyleLooks *looks = nullptr,
                         const ControlMarks *controls = nullptr)
      : out_(out), numbers_(numbers), looks_(looks), controls_(controls) {}
  /// Of a layout or master: what slides show of it, not the places that they fill.
  void leave_out_places(std::string &heading) { heading_ = &heading; }

private:
  bool start(std::string_view name) override {
    if (heading_ && name == "p:sp") is_place_ = false;
    if (heading_ && name == "p:ph") is_place_ = true;
    if (is_place_ && name == "p:txBody") return false;
    if (name == "w:p") struck_paragraphs_.push_back(false);
    if (name == "w:pPr") return start_properties();
    if (in_properties_) return property(name);
    if (in_look_) return look(name);
    if (name == "w:rPr" || name == "a:rPr") return start_look(name);
    if (name == "w:tblPr" || name == "w:trPr" ||
        name == "w:tcPr" || name == "w:sectPr" || name == "w:tblGrid" || name == "w:sdtPr")
      return false;
    if (name.starts_with("m:") && !math_.start(name, value("m:val"))) return false;
    if (name == "w:r" || name == "m:r" || name == "a:r" || name == "a:fld") start_run();
    in_text_ = name == "w:t" || name == "w:delText" || name == "m:t" || name == "a:t";
    in_code_ = name == "w:instrText" || name == "w:delInstrText";
    start_field(name);
    if (name == "w:tc" || name == "a:tc") out_.open_cell();
    if (name == "w:tab" || name == "w:ptab") tab();
    if (name == "w:br" || name == "w:cr" || name == "a:br") out_.line_break();
    if (name == "w:noBreakHyphen") put("-");
    if (name == "w:sym") put_symbol();
    if (controls_ && name == "xdr:cNvPr") shape_ = value("id");
    if (controls_ && name == "xdr:txBody") put_control();
    if (name == "w:txbxContent") out_.line_break();
    in_reading_ = in_reading_ || name == "w:rt";
    if (name == "w:ins" || name == "w:moveTo") put_mark("[+");
    if (name == "w:del" || name == "w:moveFrom") put_mark("[-");
    if (name == "w:footnoteReference" || name == "w:endnoteReference") put_number_of_note();
    if (name == "w:footnote" || name == "w:endnote") {
      if (!value("w:type").empty() && value("w:type") != "normal") return false; // the line above
      put_number_of_note();
      put(" ");
    }
    if (name == "w:comment") put(value("w:author") + ": ");
    return name != "a:fld" || !is_number_of_slide(value("type"));
  }
  static bool is_number_of_slide(std::string_view type) { return type.empty() || type == "slidenum"; }
  bool start_properties() {
    style_.clear();
    place_ = {};
    in_properties_ = numbers_ != nullptr;
    return in_properties_;
  }
  bool property(std::string_view name) {
    if (name == "w:pStyle") style_ = value("w:val");
    if (name == "w:numId") place_.list = value("w:val");
    if (name == "w:ilvl") place_.level = number_of_level(value("w:val"));
    return name == "w:numPr"; // not what it was before somebody changed it
  }
  void put_control() {
    const auto control = controls_->find(shape_);
    if (control != controls_->end()) put(control->second);
  }
  void put_number_of_note() {
    put_mark("[" + value("w:id") + "]");
  }
  void end(std::string_view name) override {
    in_text_ = in_code_ = false;
    if (name == "w:pPr") put_number();
    if (name == "w:rPr" || name == "a:rPr") in_look_ = false;
    if (name.starts_with("m:")) end_in_formula();
    end_field(name);
    if (name == "w:p") struck_paragraphs_.pop_back();
    if (name == "w:p" || name == "a:p" || name == "p:text") {
      end_marks();
      out_.end_paragraph();
    }
    if (name == "w:tc" || name == "a:tc") out_.close_cell();
    if (name == "w:tr" || name == "a:tr") out_.close_row();
    if (name == "w:rt") in_reading_ = false;
    if (name == "w:ruby" && !in_reading_ && !reading_.empty()) put_reading();
    if (name == "w:ins" || name == "w:moveTo") put_mark("+]");
    if (name == "w:del" || name == "w:moveFrom") put_mark("-]");
  }
  void text(std::string_view text) override {
    if (in_text_) say(text);
    if (!in_code_ || fields_.empty()) return;
    std::string &code = fields_.back().code;
    code += text.substr(0, text::most_instruction - std::min(code.size(), text::most_instruction));
  }

  // Runs

  void start_run() {
    look_ = {!struck_paragraphs_.empty() && struck_paragraphs_.back(), false};
    struck_itself_ = false;
    font_ = ascii_font_ = text::SymbolFont::none;
  }
  bool start_look(std::string_view name) {
    in_look_ = true;
    if (name == "w:rPr") return true;
    const std::string strike = value("strike"), raised = value("baseline");
    look_.struck = !strike.empty() && strike != "noStrike";
    look_.raised = !raised.empty() && raised != "0" && !raised.starts_with('-');
    return true;
  }
  bool look(std::string_view name) {
    if (name == "w:rStyle" && looks_ && looks_->strikes(value("w:val"))) look_.struck = true;
    if (name == "w:strike" || name == "w:dstrike") look_.struck = struck_itself_ = struck_itself_ || is_on(value("w:val"));
    if (name == "w:vertAlign") look_.raised = value("w:val") == "superscript";
    for (const char *font : {"w:ascii", "w:hAnsi"})
      if (name == "w:rFonts") note_font(value(font), font_);
    if (name == "w:rFonts") note_font(value("w:ascii"), ascii_font_);
    if (name == "a:latin" || name == "a:sym") note_font(value("typeface"), font_);
    if (name == "a:latin") note_font(value("typeface"), ascii_font_);
    return false;
  }
  static void note_font(const std::string &name, text::SymbolFont &into) {
    if (const text::SymbolFont font = text::symbol_font(name); font != text::SymbolFont::none) into = font;
  }

  void say(std::string_view words) {
    if (words.find_first_not_of(' ') != std::string_view::npos && !fields_.empty()) fields_.back().said = true;
    say_as(font_ == text::SymbolFont::none ? std::string(words) : without_symbols(words), look_);
  }
  void say_as(std::string_view words, text::Look look) {
    if (in_reading_) return void(reading_.push_back({std::string(words), look}));
    if (!math_.is_open()) {
      put(marks_.before(words, look));
      return put(words);
    }
    text::RunMarks marks; // none goes on over parts of a formula
    put(marks.before(words, look));
    put(words);
    put(marks.end());
  }
  void end_in_formula() {
    const std::string formula = math_.end();
    if (!formula.empty()) say_as(formula, {.apart = math_.is_apart()});
  }
  /// Around it what its words have.
  void put_reading() {
    const text::Look base = marks_.last();
    say_as("(", base);
    for (const text::WordsWithLook &part : std::exchange(reading_, {}))
      say_as(part.text, part.look);
    say_as(")", base);
  }
  /// Octets, and the same at U+F000, as the font shows them.
  std::string without_symbols(std::string_view words) const {
    std::string shown;
    for (std::size_t at = 0; at < words.size();) {
      const char32_t c = utf8_next(words, at);
      const char32_t known = text::symbol_character(c < 0x80 ? ascii_font_ : font_, c);
      utf8_append(shown, known != 0 ? known : c);
    }
    return shown;
  }
  void put_symbol() {
    const std::string digits = value("w:char");
    std::uint16_t code = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (code < ' ') return;
    const char32_t known = text::symbol_character(text::symbol_font(value("w:font")), code);
    std::string symbol;
    utf8_append(symbol, known != 0 ? known : code > 0xff ? char32_t{code} : 0xf000 + char32_t{code});
    say(symbol);
  }

  // Fields

  void start_field(std::string_view name) {
    const std::string mark = name == "w:fldChar" ? value("w:fldCharType") : std::string();
    if (name == "w:fldSimple" || mark == "begin") fields_.emplace_back();
    if (name == "w:fldSimple") fields_.back().code = value("w:instr").substr(0, text::most_instruction);
    if (mark == "end") close_field();
    if (!fields_.empty()) start_form(name, fields_.back());
  }
  void start_form(std::string_view name, Field &field) {
    if (name == "w:checkBox") field.form = Field::Form::box;
    if (name == "w:ddList") field.form = Field::Form::list;
    if (name == "w:checked" || (name == "w:default" && field.form == Field::Form::box))
      field.ticked = is_on(value("w:val"));
    if (name == "w:listEntry") field.entries.push_back(value("w:val"));
    if (name != "w:result" && (name != "w:default" || field.form != Field::Form::list)) return;
    const std::string number = value("w:val");
    std::from_chars(number.data(), number.data() + number.size(), field.chosen);
  }
  void end_field(std::string_view name) {
    if (name == "w:fldSimple") close_field();
  }
  void close_field() {
    if (fields_.empty()) return;
    const Field field = std::move(fields_.back());
    fields_.pop_back();
    const text::WordsWithLook shown = field.shown();
    if (!field.said)
      out_.note_field(shown.text.empty() && text::needs_result(field.code), text::needs_result_to_be_drawn(field.code));
    if (!fields_.empty() && (field.said || !shown.text.empty())) fields_.back().said = true;
    if (!shown.text.empty())
      say_as(shown.text, {look_.struck, look_.raised || shown.look.raised, shown.look.apart});
  }

  // Out

  void put(std::string_view text) {
    if (text.empty()) return;
    if (heading_ && !heading_->empty()) out_.heading(std::exchange(*heading_, {}));
    if (in_reading_)
      reading_.push_back({std::string(text), look_});
    else if (math_.is_open())
      math_.put(text);
    else
      out_.put(text);
  }
  /// What is no word of a run.
  void put_mark(std::string_view mark) {
    end_marks();
    put(mark);
  }
  void end_marks() {
    if (!in_reading_) put(marks_.end());
  }
  void tab() {
    end_marks();
    if (in_reading_ || math_.is_open())
      put(" ");
    else
      out_.tab();
  }

  void put_number() {
    in_properties_ = false;
    if (looks_ && !struck_paragraphs_.empty()) struck_paragraphs_.back() = looks_->strikes(style_);
    const std::string number = numbers_->next(style_, place_);
    if (!number.empty()) put(number + ' ');
  }

  TextWriter &out_;
  ListNumbers *numbers_;         // of a document; null: slides
  const StyleLooks *looks_;      // of a document; null: slides
  const ControlMarks *controls_; // of a sheet; null: no sheet
  bool in_text_ = false, in_code_ = false, in_properties_ = false;
  bool in_look_ = false, in_reading_ = false; // of ruby
  bool struck_itself_ = false; // the run, whatever its style says
  std::vector<bool> struck_paragraphs_; // that are open, by their styles
  std::string style_, shape_;
  std::vector<text::WordsWithLook> reading_; // each piece with its look
  ListPlace place_;
  text::Look look_; // of the run
  text::SymbolFont font_ = text::SymbolFont::none, ascii_font_ = text::SymbolFont::none;
  text::RunMarks marks_;
  MathWords math_;
  std::vector<Field> fields_; // those that are open
  std::string *heading_ = nullptr; // of layouts and masters: before their first words
  bool is_place_ = false;          // the shape is one that slides fill
};

/// Relations of slides, in their order.
class SlideOrder : public PartWords {
public:
  std::vector<std::string> ids;

private:
  bool start(std::string_view name) override {
    if (name == "p:sldId") ids.push_back(value("r:id"));
    return true;
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}
};

class Reading {
public:
  Reading(const std::vector<WrittenPart> &parts, TextWriter &out) : parts_(parts), out_(out) {}

  bool document() {
    std::string_view numbering, styles;
    for (const WrittenPart &part : parts_) {
      if (part.kind->relation == "numbering") numbering = part.xml;
      if (part.kind->relation == "styles") styles = part.xml;
    }
    numbers_.emplace().read(numbering, styles);
    looks_.emplace().read(styles);
    if (!read(parts_[0])) return false;
    for (const std::string_view kind :
         {"diagramData", "chart", "footnotes", "endnotes", "header", "footer", "comments"}) {
      out_.line_break();
      for (const WrittenPart &part : parts_)
        if (part.kind->relation == kind && !read(part)) return false;
    }
    return true;
  }

  bool slides() {
    SlideOrder order;
    if (!order.read(parts_[0].xml)) return false;
    unsigned number = 0;
    for (const std::string &id : order.ids)
      for (const Relation &relation : parts_[0].relations)
        if (relation.id == id && !slide(parts_[relation.part], ++number)) return false;
    return masters();
  }

private:
  bool read(const WrittenPart &part) {
    if (part.kind->relation == "chart") return chart_words(part.xml, out_);
    return DocumentWords(out_, numbers_ ? &*numbers_ : nullptr, looks_ ? &*looks_ : nullptr).read(part.xml);
  }

  /// What the layouts in use, and the masters behind them, show on every slide.
  bool masters() {
    std::string heading = "レイアウト / layout";
    for (std::size_t i = 0; i < layouts_.size(); ++i) { // masters join at the end
      DocumentWords words(out_);
      words.leave_out_places(heading);
      if (!words.read(parts_[layouts_[i]].xml)) return false;
      note_layouts(parts_[layouts_[i]]);
    }
    return true;
  }
  void note_layouts(const WrittenPart &of) {
    for (const Relation &relation : of.relations) {
      const std::string_view kind = parts_[relation.part].kind->relation;
      const bool leads = (kind == "slideLayout" && of.kind->relation == "slide") || kind == "slideMaster";
      if (leads && std::ranges::find(layouts_, relation.part) == layouts_.end()) layouts_.push_back(relation.part);
    }
  }

  bool slide(const WrittenPart &slide, unsigned number) {
    note_layouts(slide);
    out_.heading(std::to_string(number));
    if (!read(slide)) return false;
    for (const Relation &relation : slide.relations) {
      const WrittenPart &part = parts_[relation.part];
      const bool notes = part.kind->relation == "notesSlide";
      if (notes) out_.heading(std::to_string(number) + " (ノート / notes)");
      const std::string_view kind = part.kind->relation;
      if (!notes && kind != "diagramData" && kind != "chart" && kind != "comments") continue;
      if (part.kind->relation == "comments" ? !comments(part) : !read(part)) return false;
    }
    return true;
  }

  /// p:cm has its words in p:text, not in runs.
  bool comments(const WrittenPart &part) {
    class Comments : public PartWords {
    public:
      explicit Comments(TextWriter &out) : out_(out) {}

    private:
      bool start(std::string_view name) override {
        in_text_ = name == "p:text";
        if (in_text_) out_.put("* ");
        return true;
      }
      void end(std::string_view name) override {
        in_text_ = false;
        if (name == "p:text") out_.end_paragraph();
      }
      void text(std::string_view text) override {
        if (in_text_) out_.put(text);
      }
      TextWriter &out_;
      bool in_text_ = false;
    };
    return Comments(out_).read(part.xml);
  }

  const std::vector<WrittenPart> &parts_;
  TextWriter &out_;
  std::optional<ListNumbers> numbers_; // of a document
  std::optional<StyleLooks> looks_;    // of one
  std::vector<std::size_t> layouts_;   // in use, with their masters
};

} // namespace

bool drawing_words(std::string_view xml, TextWriter &out, const ControlMarks &controls) {
  return DocumentWords(out, nullptr, nullptr, &controls).read(xml);
}

Result<Words, Reason> ooxml_words(Family family, const std::vector<WrittenPart> &parts,
                                  std::size_t most) {
  TextWriter out(most);
  Reading reading(parts, out);
  const bool read = family == Family::word    ? reading.document()
                    : family == Family::sheet ? workbook_words(parts, out)
                                              : reading.slides();
  if (!read) return fail(Reason::part_malformed);
  return out.take();
}

} // namespace sekisho::rebuild
