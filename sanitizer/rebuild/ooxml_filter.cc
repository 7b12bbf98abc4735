#include "sanitizer/rebuild/ooxml_filter.hh"

#include "sanitizer/rebuild/xml_scanner.hh"

#include <algorithm>
#include <charconv>
#include <deque>

namespace sekisho::rebuild::ooxml {
namespace {

std::string_view local_of(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

bool is_true(std::string_view value) {
  return value == "1" || value == "true" || value == "on";
}

std::size_t hash_of(std::string_view name) {
  std::size_t hash = name.size();
  for (const char c : name)
    hash = hash * 31 + static_cast<unsigned char>(c);
  return hash ^ hash >> 9;
}

/// "AB12" is column 28.
unsigned column_of(std::string_view cell) {
  unsigned column = 0;
  for (const char c : cell) {
    if (c < 'A' || c > 'Z' || column > 100'000) break;
    column = column * 26 + static_cast<unsigned>(c - 'A' + 1);
  }
  return column;
}

class Filter {
public:
  Filter(std::string_view xml, const PartKind &kind, const std::vector<Relation> &relations,
         Document &document, std::size_t most)
      : scanner_(xml), kind_(kind), relations_(relations), document_(document), most_(most) {
    for (const Ns ns : namespaces_of(kind))
      declared_[static_cast<std::size_t>(ns)] = true;
    out_.reserve(xml.size() + 4096);
    bindings_.push_back({"xml", Ns::xml});
  }

  Result<std::string, Reason> run() {
    out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
    for (;;) {
      switch (scanner_.next()) {
      case XmlScanner::Event::start:
        if (!skipping_ && !start()) return fail(Reason::part_malformed);
        break;
      case XmlScanner::Event::end:
        if (!skipping_)
          close();
        else if (scanner_.depth() == skip_level_)
          skipping_ = false;
        break;
      case XmlScanner::Event::text:
        if (!skipping_ && !append_text(out_, scanner_.text(), scanner_.is_cdata()))
          return fail(Reason::part_malformed);
        break;
      case XmlScanner::Event::done: return std::move(out_);
      case XmlScanner::Event::bad: return fail(scanner_.reason());
      }
      if (out_.size() > most_) return fail(Reason::part_too_big);
    }
  }

private:
  enum class Verdict : std::uint8_t { write, unwrap, skip };

  struct Frame {
    const Element *element;
    std::size_t start, content; // of the result: before its tag, behind it
    std::size_t bindings;       // as many were known before it
    bool written = false;
    bool poisoned = false; // goes with all that is in it
    bool has_child = false;
    bool chosen = false;   // of alternatives
    std::string note = {}; // id of a shared formula
  };
  struct Binding {
    std::string_view prefix;
    Ns ns;
  };
  enum class Use : std::uint8_t { drop, write, relation };
  struct AttributeUse {
    Use use = Use::drop;
    std::string name;
  };
  struct ElementSlot {
    std::string_view raw;
    std::uint32_t epoch = 0;
    const Element *element = nullptr;
  };
  struct AttributeSlot {
    std::string_view raw;
    std::uint32_t epoch = 0;
    Ns ns = Ns::unknown;
    const AttributeUse *use = nullptr;
  };

  Ns resolve(std::string_view prefix) const {
    for (std::size_t i = bindings_.size(); i-- > 0;)
      if (bindings_[i].prefix == prefix) return bindings_[i].ns;
    return prefix.empty() ? Ns::none : Ns::unknown;
  }

  void bind() {
    for (const XmlScanner::Attribute &attribute : scanner_.attributes()) {
      if (!attribute.name.starts_with("xmlns")) continue;
      const std::string_view rest = attribute.name.substr(5);
      if (!rest.empty() && rest.front() != ':') continue;
      bindings_.push_back({rest.empty() ? rest : rest.substr(1), ns_of(attribute.value).ns});
      ++epoch_;
    }
  }
  void unbind(std::size_t count) {
    if (bindings_.size() == count) return;
    bindings_.resize(count);
    ++epoch_;
  }

  const Element *element_of(std::string_view raw) {
    ElementSlot &slot = elements_[hash_of(raw) % elements_.size()];
    if (slot.epoch == epoch_ && slot.raw == raw) return slot.element;
    const std::size_t colon = raw.find(':');
    const Ns ns =
        resolve(colon == std::string_view::npos ? std::string_view{} : raw.substr(0, colon));
    slot = {raw, epoch_, find_element(ns, local_of(raw))};
    return slot.element;
  }

  const AttributeUse &use_of(std::string_view raw, Ns element) {
    AttributeSlot &slot =
        attributes_[(hash_of(raw) + static_cast<std::size_t>(element)) % attributes_.size()];
    if (slot.epoch == epoch_ && slot.ns == element && slot.raw == raw) return *slot.use;
    uses_.push_back(find_use(raw, element));
    slot = {raw, epoch_, element, &uses_.back()};
    return uses_.back();
  }

  AttributeUse find_use(std::string_view raw, Ns element) const {
    const std::size_t colon = raw.find(':');
    const std::string_view local = local_of(raw);
    if (colon == std::string_view::npos) {
      const bool plain = element != Ns::w && element != Ns::m;
      return plain && raw != "xmlns" && is_listed_attribute(element, raw)
                 ? AttributeUse{Use::write, std::string(raw)}
                 : AttributeUse{};
    }
    const Ns ns = resolve(raw.substr(0, colon));
    const std::string name = std::string(prefix_of(ns)) + ':' + std::string(local);
    if (ns == Ns::r) return {Use::relation, name};
    if (ns == Ns::xml)
      return local == "space" || local == "lang" ? AttributeUse{Use::write, name} : AttributeUse{};
    const bool own = (ns == Ns::w || ns == Ns::m) && ns == element;
    const bool vml = (ns == Ns::o || ns == Ns::v) && (element == Ns::v || element == Ns::o);
    return (own || vml) && is_listed_attribute(ns, local) ? AttributeUse{Use::write, name}
                                                          : AttributeUse{};
  }

  /// By local name, whatever its namespace; empty where it is not there.
  std::string_view value_of(std::string_view local) const {
    for (const XmlScanner::Attribute &attribute : scanner_.attributes())
      if (local_of(attribute.name) == local) return attribute.value;
    return {};
  }

  const Relation *relation_of(std::string_view raw_id) const {
    for (const Relation &relation : relations_)
      if (relation.old_id == raw_id) return &relation;
    return nullptr;
  }

  struct Relations {
    bool any = false, all_known = true;
    const Relation *known = nullptr;
  };
  Relations relations_here(const Element &element) {
    Relations here;
    for (const XmlScanner::Attribute &attribute : scanner_.attributes()) {
      if (use_of(attribute.name, element.ns).use != Use::relation) continue;
      here.any = true;
      const Relation *relation = relation_of(attribute.value);
      here.known = relation ? relation : here.known;
      here.all_known = here.all_known && relation;
    }
    return here;
  }

  Frame *parent() { return frames_.empty() ? nullptr : &frames_.back(); }
  bool parent_is(std::string_view name) { return parent() && parent()->element->name == name; }
  Frame *nearest(Special special) {
    for (std::size_t i = frames_.size(); i-- > 0;)
      if (frames_[i].written && frames_[i].element->special == special) return &frames_[i];
    return nullptr;
  }
  void poison(Special special) {
    if (Frame *frame = nearest(special)) frame->poisoned = true;
  }

  bool keeps_tracked() {
    const bool keeps = document_.plan.tracked == job::Beside::keep;
    document_.note(keeps ? Reason::office_tracked : Reason::office_tracked_removed);
    return keeps;
  }
  bool keeps_hidden() {
    const bool keeps = document_.plan.hidden == job::Beside::keep;
    document_.note(keeps ? Reason::office_hidden : Reason::office_hidden_removed);
    return keeps;
  }
  Verdict drop_for(Reason reason) {
    if (reason != Reason::none) document_.note(reason);
    return Verdict::skip;
  }

  Verdict decide(const Element &element) {
    // What newer programs add is dropped without a word: each has its fallback.
    const bool resolved = element.ns == Ns::mc || element.special == Special::unwrap;
    if (!resolved && !declared_[static_cast<std::size_t>(element.ns)])
      return drop_for(element.ns == Ns::extension ? Reason::none : Reason::office_unlisted);
    switch (element.special) {
    case Special::none:
    case Special::anchor:
    case Special::salvage:
    case Special::run:
    case Special::row_w:
    case Special::needs_child:
    case Special::other_formula:
    case Special::chart_formula: return element.name == "cfvo" ? threshold() : Verdict::write;
    case Special::drop: return drop_for(static_cast<Reason>(element.reason));
    case Special::unwrap: return Verdict::unwrap;
    case Special::alternate:
    case Special::choice:
    case Special::fallback: return alternative(element);
    case Special::inserted:
      if (keeps_tracked()) return Verdict::write;
      return parent_is("w:rPr") || parent_is("w:trPr") || parent_is("w:numPr") ? Verdict::skip
                                                                               : Verdict::unwrap;
    case Special::deleted:
      if (keeps_tracked()) return Verdict::write;
      if (parent_is("w:trPr")) poison(Special::row_w);
      return Verdict::skip;
    case Special::property_change:
    case Special::comment_mark: return keeps_tracked() ? Verdict::write : Verdict::skip;
    case Special::hyperlink: return hyperlink(element);
    case Special::simple_field: return simple_field();
    case Special::vanish: return vanish();
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
      return is_true(value_of("hidden")) && !keeps_hidden() ? Verdict::skip : Verdict::write;
    case Special::column: return column();
    case Special::cell: return is_in_hidden_column() ? Verdict::skip : Verdict::write;
    case Special::sheet_hyperlink:
      return relations_any(element) ? drop_for(Reason::office_link_to_text) : Verdict::write;
    case Special::slide_root:
      if (value_of("show") == "0" || value_of("show") == "false") (void)keeps_hidden();
      return Verdict::write;
    case Special::slide_id: return relations_here(element).known ? Verdict::write : Verdict::skip;
    case Special::link_click: return drop_for(Reason::office_link_to_text);
    }
    return Verdict::skip;
  }

  bool relations_any(const Element &element) { return relations_here(element).any; }

  /// ISO/IEC 29500-3: the first choice whose namespaces we write, else the fallback.
  Verdict alternative(const Element &element) {
    if (element.special == Special::alternate) return Verdict::unwrap;
    Frame *alternatives = parent();
    if (!alternatives || alternatives->element->special != Special::alternate ||
        alternatives->chosen)
      return Verdict::skip;
    if (element.special == Special::choice && !is_understood(value_of("Requires")))
      return Verdict::skip;
    alternatives->chosen = true;
    return Verdict::unwrap;
  }
  bool is_understood(std::string_view prefixes) const {
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
    if (!relations_any(element) && !value_of("anchor").empty()) return Verdict::write;
    document_.note(Reason::office_link_to_text);
    return Verdict::unwrap;
  }

  Verdict simple_field() {
    const Reason reason = judge_field(plain(value_of("instr")));
    if (reason == Reason::none) return Verdict::write;
    document_.note(reason);
    return Verdict::unwrap;
  }

  Verdict vanish() {
    const std::string_view value = value_of("val");
    if (!value.empty() && !is_true(value)) return Verdict::write;
    if (keeps_hidden()) return Verdict::write;
    const std::size_t depth = frames_.size();
    if (depth >= 2 && frames_[depth - 1].element->name == "w:rPr" &&
        frames_[depth - 2].element->special == Special::run)
      frames_[depth - 2].poisoned = true;
    return Verdict::skip;
  }

  Verdict graphic_data() {
    const std::string_view uri = value_of("uri");
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
    const std::string_view state = value_of("state");
    if ((state == "hidden" || state == "veryHidden") && !keeps_hidden())
      document_.hidden_sheets.insert(relation->id);
    return Verdict::write;
  }

  Verdict defined_name() {
    const std::string name = upper(plain(value_of("name")));
    const bool runs = is_true(value_of("function")) || is_true(value_of("xlm")) ||
                      is_true(value_of("vbProcedure")) || name.find("AUTO_") != std::string::npos;
    if (!runs && !(document_.sheets_lost && !value_of("localSheetId").empty()))
      return Verdict::write;
    if (runs) document_.note(Reason::office_macro);
    document_.lost_names.insert(name);
    return Verdict::skip;
  }

  Verdict cell_formula() {
    shared_ = value_of("t") == "shared" ? std::string(value_of("si")) : std::string();
    const bool lost = !shared_.empty() && lost_shared_.contains(shared_);
    const bool values = document_.plan.formulas == job::Formulas::values;
    if (values || lost || value_of("t") == "dataTable")
      return drop_for(Reason::office_formula_to_value);
    return Verdict::write;
  }

  /// A threshold of a conditional format may be a formula.
  Verdict threshold() {
    const Reason reason = judge_formula(plain(value_of("val")), document_.lost_names);
    if (value_of("type") != "formula" || reason == Reason::none) return Verdict::write;
    document_.note(reason);
    for (std::size_t i = frames_.size(); i-- > 0;)
      if (frames_[i].element->name == "cfRule") frames_[i].poisoned = true;
    return Verdict::skip;
  }

  Verdict column() {
    if (!is_true(value_of("hidden")) || keeps_hidden()) return Verdict::write;
    unsigned first = 0, last = 0;
    const std::string_view min = value_of("min"), max = value_of("max");
    std::from_chars(min.data(), min.data() + min.size(), first);
    std::from_chars(max.data(), max.data() + max.size(), last);
    hidden_columns_.push_back({first, last});
    return Verdict::write;
  }
  bool is_in_hidden_column() const {
    if (hidden_columns_.empty()) return false;
    const unsigned column = column_of(value_of("r"));
    return std::any_of(hidden_columns_.begin(), hidden_columns_.end(), [&](const auto &range) {
      return column >= range.first && column <= range.second;
    });
  }

  bool start() {
    const std::size_t bindings = bindings_.size();
    bind();
    const Element *element = element_of(scanner_.name());
    if (frames_.empty() && element->name != kind_.root) return false;
    switch (decide(*element)) {
    case Verdict::skip:
      skipping_ = true;
      skip_level_ = scanner_.depth() - 1;
      unbind(bindings);
      return true;
    case Verdict::unwrap:
      frames_.push_back({element, out_.size(), out_.size(), bindings});
      return true;
    case Verdict::write: break;
    }
    Frame frame{element, out_.size(), 0, bindings};
    frame.written = true;
    if (element->special == Special::cell_formula) frame.note = shared_;
    out_ += '<';
    out_ += element->name;
    if (frames_.empty()) declare();
    for (const XmlScanner::Attribute &attribute : scanner_.attributes())
      if (!write_attribute(attribute, *element)) return false;
    out_ += '>';
    frame.content = out_.size();
    frames_.push_back(std::move(frame));
    return true;
  }

  void declare() {
    for (const Ns ns : namespaces_of(kind_)) {
      out_ += prefix_of(ns).empty() ? " xmlns" : " xmlns:";
      out_ += prefix_of(ns);
      out_ += "=\"";
      out_ += uri_of(ns, document_.strict);
      out_ += '"';
    }
  }

  bool write_attribute(const XmlScanner::Attribute &attribute, const Element &element) {
    const AttributeUse &use = use_of(attribute.name, element.ns);
    if (use.use == Use::drop) return true;
    if (document_.sheets_lost && (use.name == "activeTab" || use.name == "firstSheet")) return true;
    std::string_view value = attribute.value;
    if (use.use == Use::relation) {
      const Relation *relation = relation_of(value);
      if (!relation) return true;
      value = relation->id;
    }
    out_ += ' ';
    out_ += use.name;
    out_ += "=\"";
    if (!append_value(out_, value)) return false;
    out_ += '"';
    return true;
  }

  void close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    unbind(frame.bindings);
    bool stays = frame.has_child;
    if (frame.written) stays = end(frame);
    if (stays && parent()) parent()->has_child = true;
  }

  /// False where nothing of the element is left.
  bool end(Frame &frame) {
    const Special special = frame.element->special;
    judge_content(frame, special);
    if (special == Special::salvage && !frame.poisoned) finish(frame);
    if (special == Special::salvage && nearest(Special::anchor) &&
        nearest(Special::anchor)->poisoned) {
      salvaged_ = out_.substr(frame.start);
      return true;
    }
    if (special == Special::salvage) return true;
    if (frame.poisoned || (special == Special::needs_child && !frame.has_child)) {
      out_.resize(frame.start);
      if (frame.element->name != "p:graphicFrame") return false;
      out_ += salvaged_;
      salvaged_.clear();
      return true;
    }
    finish(frame);
    return true;
  }

  void finish(const Frame &frame) {
    if (out_.size() == frame.content) {
      out_.back() = '/';
      out_ += '>';
      return;
    }
    out_ += "</";
    out_ += frame.element->name;
    out_ += '>';
  }

  /// Formulas and names, once they have been read.
  void judge_content(Frame &frame, Special special) {
    const bool formula = special == Special::cell_formula || special == Special::other_formula ||
                         special == Special::chart_formula || special == Special::defined_name;
    if (!formula) return;
    const std::string text = plain(std::string_view(out_).substr(frame.content));
    const Reason reason = judge_formula(text, document_.lost_names);
    if (reason == Reason::none) return;
    document_.note(reason);
    switch (special) {
    case Special::cell_formula:
      document_.note(Reason::office_formula_to_value);
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

  XmlScanner scanner_;
  const PartKind &kind_;
  const std::vector<Relation> &relations_;
  Document &document_;
  std::size_t most_;
  std::array<bool, 24> declared_{};
  std::string out_;
  std::vector<Frame> frames_;
  std::vector<Binding> bindings_;
  std::uint32_t epoch_ = 1;
  std::array<ElementSlot, 512> elements_{};
  std::array<AttributeSlot, 512> attributes_{};
  std::deque<AttributeUse> uses_;
  bool skipping_ = false;
  std::size_t skip_level_ = 0;
  std::string salvaged_, shared_;
  std::unordered_set<std::string> lost_shared_;
  std::vector<std::pair<unsigned, unsigned>> hidden_columns_;
};

/// Fields of a part that filter() wrote, with the ranges of octets that must go.
class Fields {
public:
  explicit Fields(std::string_view xml) : xml_(xml), scanner_(xml) {}

  bool run(Document &document) {
    for (;;) {
      switch (scanner_.next()) {
      case XmlScanner::Event::start: start(); break;
      case XmlScanner::Event::end: end(); break;
      case XmlScanner::Event::text:
        if (in_code_ && !open_.empty()) open_.back().code += plain(scanner_.text());
        break;
      case XmlScanner::Event::done:
        while (!open_.empty()) {
          open_.back().ended = false;
          close(document);
        }
        return true;
      case XmlScanner::Event::bad: return false;
      }
      for (; ended_ > 0; --ended_)
        if (!open_.empty()) close(document);
    }
  }

  std::string without(std::string xml) {
    std::sort(gone_.begin(), gone_.end());
    std::string out;
    std::size_t at = 0;
    for (const auto &[first, last] : gone_) {
      if (first < at) continue; // inside one that goes already
      out.append(xml, at, first - at);
      at = last;
    }
    return out.append(xml, at);
  }
  bool has_gone() const { return !gone_.empty(); }

private:
  using Range = std::pair<std::size_t, std::size_t>;
  struct Field {
    std::string code;
    bool in_code = true, nested = false, ended = true;
    std::vector<Range> parts; // what goes where the field goes
  };

  void start() {
    const std::string_view name = scanner_.name();
    if (name == "w:r") run_depth_ = scanner_.depth();
    const bool child_of_run =
        run_depth_ != 0 && scanner_.depth() == run_depth_ + 1 && name != "w:rPr";
    if (!child_of_run || child_depth_ != 0) return;
    child_depth_ = scanner_.depth();
    child_start_ = scanner_.position();
    in_code_ = name == "w:instrText" || name == "w:delInstrText";
    mark_ = {};
    if (name == "w:fldChar")
      for (const XmlScanner::Attribute &attribute : scanner_.attributes())
        if (attribute.name == "w:fldCharType") mark_ = attribute.value;
    const bool odd =
        name == "w:fldChar" && mark_ != "begin" && mark_ != "separate" && mark_ != "end";
    if (mark_ == "begin") {
      if (!open_.empty() && open_.back().in_code) open_.back().nested = true;
      open_.push_back({});
    }
    stray_ = odd || (open_.empty() && (name == "w:fldChar" || in_code_));
    belongs_ = !odd && !open_.empty() && (name == "w:fldChar" || in_code_ || open_.back().in_code);
  }

  void end() {
    if (scanner_.depth() + 1 == run_depth_) run_depth_ = 0;
    if (child_depth_ == 0 || scanner_.depth() + 1 != child_depth_) return;
    child_depth_ = 0;
    in_code_ = false;
    if (stray_) gone_.push_back({child_start_, scanner_.end_position()});
    if (belongs_ && !open_.empty()) {
      open_.back().parts.push_back({child_start_, scanner_.end_position()});
      // What stands in a field's code goes with any field around it.
      for (std::size_t i = open_.size() - 1; i-- > 0;)
        if (open_[i].in_code) open_[i].parts.push_back(open_.back().parts.back());
    }
    if (mark_ == "separate" && !open_.empty()) open_.back().in_code = false;
    if (mark_ == "end") ++ended_;
    mark_ = {};
  }

  void close(Document &document) {
    Field field = std::move(open_.back());
    open_.pop_back();
    Reason reason = judge_field(field.code);
    if ((field.nested || !field.ended) && reason == Reason::none) reason = Reason::office_unlisted;
    if (reason == Reason::none) return;
    document.note(reason);
    gone_.insert(gone_.end(), field.parts.begin(), field.parts.end());
  }

  std::string_view xml_;
  XmlScanner scanner_;
  std::vector<Field> open_;
  std::vector<Range> gone_;
  std::size_t run_depth_ = 0, child_depth_ = 0, child_start_ = 0;
  unsigned ended_ = 0;
  bool in_code_ = false, belongs_ = false, stray_ = false;
  std::string_view mark_;
};

} // namespace

Result<std::string, Reason> filter(std::string_view xml, const PartKind &kind,
                                   const std::vector<Relation> &relations, Document &document,
                                   std::size_t most) {
  Result<std::string, Reason> written = Filter(xml, kind, relations, document, most).run();
  if (!written || kind.family != Family::word || kind.root.substr(0, 2) != "w:") return written;
  return filter_fields(std::move(*written), document);
}

Result<std::string, Reason> filter_fields(std::string xml, Document &document) {
  if (xml.find("<w:fldChar") == std::string::npos && xml.find("<w:instrText") == std::string::npos)
    return xml;
  Fields fields(xml);
  if (!fields.run(document)) return fail(Reason::part_malformed);
  return fields.has_gone() ? fields.without(std::move(xml)) : std::move(xml);
}

} // namespace sekisho::rebuild::ooxml
