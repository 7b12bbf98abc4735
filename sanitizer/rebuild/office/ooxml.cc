// OOXML (ISO/IEC 29500, ECMA-376; packages: ECMA-376-2): a new package of the parts that are
// listed, each written anew.  Whatever is not reached from the main part by a listed relationship,
// which something written names or the kinds of both parts imply, does not exist.
#include "sanitizer/rebuild/office/style_looks.hh"
#include "sanitizer/rebuild/office/office_package.hh"
#include "sanitizer/rebuild/office/office_text.hh"
#include "sanitizer/rebuild/office/ooxml_filter.hh"
#include "sanitizer/rebuild/office/picture_inside.hh"
#include "sanitizer/rebuild/office/picture_uses.hh"
#include "sanitizer/rebuild/office/unprinted.hh"
#include "sanitizer/rebuild/office/xml_scanner.hh"
#include "sanitizer/rebuild/plain_text.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/zip/writer.hh"

#include <algorithm>
#include <charconv>
#include <deque>
#include <map>
#include <unordered_map>
#include <unordered_set>

namespace sekisho::rebuild {
namespace {

using namespace ooxml;

constexpr std::string_view package_uri = "http://schemas.openxmlformats.org/package/2006/";
// Nothing but what LibreOffice asks for before it believes the heights of rows and the words that functions unknown to it gave.
constexpr std::string_view properties_path = "docProps/app.xml";
constexpr std::string_view application = "<Application>Microsoft Excel</Application>";
constexpr std::string_view properties_type =
    "application/vnd.openxmlformats-officedocument.extended-properties+xml";
constexpr std::string_view visio_document = "http://schemas.microsoft.com/visio/2010/relationships/document";
constexpr std::size_t most_relationships = 5000;
constexpr std::size_t most_labels = 4u << 20; // octets of a sheet's VML
constexpr std::size_t most_stores = 100, most_bound = 64u << 20; // octets read for content controls
constexpr std::size_t most_controls = 5000, most_control = 65'536; // octets of one
// BrtBeginBook, [MS-XLSB] 2.4.
constexpr std::string_view workbook_in_octets("\x83\x01", 2);

struct Part {
  const PartKind *kind = nullptr;
  const zip::Member *member = nullptr;
  std::string path; // in the new package, without extension
  std::string extension = "xml";
  std::vector<Relation> relations;
  Buffer picture;   // of a picture, built anew
  job::Cut cut;     // of it
  std::string xml;  // of any other, built anew
  bool emptied = false;
  bool reached = false; // something that is shown leads to it
};

struct Relationship {
  std::string id, type, target;
  bool external = false;
};

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash + 1);
}

/// ECMA-376-2 §6.5.3: "xl/workbook.xml" has "xl/_rels/workbook.xml.rels".
std::string relationships_of(std::string_view path) {
  const std::string_view folder = folder_of(path);
  return std::string(folder) + "_rels/" + std::string(path.substr(folder.size())) + ".rels";
}

/// A target as the source part sees it; empty where it leads out of the package.
std::string resolved(std::string_view source, std::string_view target) {
  std::string path = target.starts_with('/') ? std::string(target.substr(1))
                                             : std::string(folder_of(source)) + std::string(target);
  std::replace(path.begin(), path.end(), '\\', '/');
  std::vector<std::string_view> steps;
  for (std::string_view rest = path; !rest.empty();) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view step = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (step == "..") {
      if (steps.empty()) return {};
      steps.pop_back();
    } else if (!step.empty() && step != ".") {
      steps.push_back(step);
    }
  }
  std::string joined;
  for (const std::string_view step : steps) {
    if (!joined.empty()) joined += '/';
    joined += step;
  }
  return joined;
}

/// From one part of the new package to another.
std::string relative(std::string_view source, std::string_view target) {
  std::string_view folder = folder_of(source);
  std::string up;
  while (!target.starts_with(folder)) {
    folder.remove_suffix(1);
    folder = folder_of(folder);
    up += "../";
  }
  return up + std::string(target.substr(folder.size()));
}

std::string last_step(std::string_view type) {
  return std::string(type.substr(type.rfind('/') + 1));
}

/// Of an element or attribute by a path as content controls have it, "/ns0:a[1]/ns0:b[2]/@c"; names count without their
/// namespaces.  Nothing where there is none, or where the path says more.
std::optional<std::string> value_at(std::string_view xml, std::string_view path) {
  struct Step {
    std::string_view name;
    unsigned number = 1, seen = 0;
  };
  std::vector<Step> steps;
  std::string_view attribute;
  while (path.starts_with('/') && attribute.empty()) {
    path.remove_prefix(1);
    const std::string_view step = path.substr(0, path.find('/'));
    path.remove_prefix(step.size());
    if (step.starts_with('@')) {
      attribute = local_of(step.substr(1));
      continue;
    }
    const std::size_t bracket = std::min(step.find('['), step.size());
    steps.push_back({local_of(step.substr(0, bracket))});
    if (bracket == step.size()) continue;
    const std::string_view number = step.substr(bracket + 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), steps.back().number);
    if (error != std::errc() || end + 1 != number.data() + number.size() || *end != ']') return {};
  }
  if (!path.empty() || steps.empty()) return {};
  std::string text;
  std::size_t matched = 0; // steps that lead to where we are
  XmlScanner scanner(xml);
  for (XmlScanner::Event event; (event = scanner.next()) != XmlScanner::Event::done && event != XmlScanner::Event::bad;) {
    const bool inside = matched == steps.size();
    if (event == XmlScanner::Event::text && inside) text += scanner.is_cdata() ? std::string(scanner.text()) : plain(scanner.text());
    if (event == XmlScanner::Event::end && scanner.depth() < matched) {
      if (inside) return text;
      matched = scanner.depth();
    }
    if (event != XmlScanner::Event::start || inside || scanner.depth() != matched + 1) continue;
    Step &step = steps[matched];
    if (local_of(scanner.name()) != step.name || ++step.seen != step.number) continue;
    if (++matched < steps.size()) steps[matched].seen = 0;
    if (matched < steps.size() || attribute.empty()) continue;
    for (const XmlScanner::Attribute &one : scanner.attributes())
      if (local_of(one.name) == attribute) return plain(one.value);
    return {};
  }
  return {};
}

class Package {
public:
  Package(const job::Job &job, const TreatFile &treat_file)
      : job_(job), document_(job.plan), pictures_(job, treat_file),
        package_(job, OfficePackage::Case::ignored) {}

  Result<Rebuilt, Reason> run() {
    if (const Reason reason = package_.read(); reason != Reason::none) return fail(reason);
    if (const Reason reason = find_parts(); reason != Reason::none) return fail(reason);
    if (const Reason reason = filter_reached(); reason != Reason::none) return fail(reason);
    return write();
  }

  Result<Rebuilt, Reason> words() {
    if (const Reason reason = package_.read(); reason != Reason::none) return fail(reason);
    if (const Reason reason = find_parts(); reason != Reason::none) return fail(reason);
    document_.for_words = true;
    if (const Reason reason = filter_reached(); reason != Reason::none) return fail(reason);
    std::vector<WrittenPart> written;
    for (Part &part : parts_) {
      written.push_back({part.kind, std::move(part.xml), part.relations});
      if (!part.reached) written.back().kind = find_part_kind(family_, "image"); // which has no words
      if (part.reached && part.kind->root.empty()) document_.note(Reason::part_picture_dropped);
      if (part.reached && part.kind->relation == "worksheet" && !part.emptied) {
        written.back().controls = marks_of_controls(part);
        written.back().labels = labels_of(part);
      }
    }
    Result<Words, Reason> words = ooxml_words(family_, written, job_.plan.max_output);
    if (!words) return fail(words.error());
    if (words->marked) document_.note(Reason::part_formula_marked);
    if (words->field_empty) document_.note(Reason::office_field_empty);
    return document_text(std::move(words->text), document_.reasons(Reason::part_to_text), job_.plan);
  }

  Result<std::vector<Reason>, Reason> unseen() {
    if (const Reason reason = fault(); reason != Reason::none) return fail(reason);
    goes_on_ = true; // what cannot be rebuilt may be drawn all the same
    (void)filter_reached();
    cut_pictures();
    std::vector<PrintedSheet> sheets;
    if (!parts_.empty() && family_ == Family::sheet) sheets = printed_sheets(parts_.front().xml);
    for (const Part &part : parts_)
      if (!part.xml.empty() && is_partly_unprinted(part, part.xml, sheets))
        document_.note(Reason::office_not_printed);
    if (has_undrawn_field()) document_.note(Reason::office_field_empty);
    if (family_ == Family::sheet) document_.forget(Reason::office_field_empty); // pages show what LibreOffice makes of formulas
    return document_.unseen();
  }

private:
  /// Ticks of boxes and buttons on a sheet ([MS-OE376], formControlPr); what cannot be read has none.
  ControlMarks marks_of_controls(const Part &part) {
    ControlMarks marks;
    const Result<std::vector<Relationship>, Reason> found = read_relationships(part.member->name);
    std::unordered_map<std::string_view, const Relationship *> controls;
    for (std::size_t i = 0; found && i < found->size(); ++i)
      if (last_step((*found)[i].type) == "ctrlProp") controls[(*found)[i].id] = &(*found)[i];
    const Result<std::string, Reason> sheet = controls.empty() ? fail(Reason::part_malformed) : text_of(*part.member);
    if (!sheet) return marks;
    XmlScanner scanner(*sheet);
    for (XmlScanner::Event event; (event = scanner.next()) != XmlScanner::Event::done && event != XmlScanner::Event::bad;) {
      if (event != XmlScanner::Event::start || local_of(scanner.name()) != "control") continue;
      std::string shape, id;
      for (const XmlScanner::Attribute &attribute : scanner.attributes()) {
        if (attribute.name == "shapeId") shape = plain(attribute.value);
        if (attribute.name != "id" && local_of(attribute.name) == "id") id = plain(attribute.value);
      }
      const auto control = controls.find(id);
      if (control == controls.end()) continue;
      const zip::Member *at = member(resolved(part.member->name, control->second->target));
      controls.erase(control); // each is read once
      if (at && ++controls_read_ <= most_controls) marks[shape] = mark_of_control(*at);
    }
    return marks;
  }
  std::vector<VmlLabel> labels_of(const Part &part) {
    std::vector<VmlLabel> labels;
    const Result<std::vector<Relationship>, Reason> found = read_relationships(part.member->name);
    for (std::size_t i = 0; found && i < found->size(); ++i) {
      const Relationship &relationship = (*found)[i];
      if (last_step(relationship.type) != "vmlDrawing" || relationship.external) continue;
      const zip::Member *at = member(resolved(part.member->name, relationship.target));
      if (!at || at->size > most_labels || !labels_read_.insert(at).second) continue; // each is read once
      if (const Result<std::string, Reason> text = text_of(*at)) labels = vml_labels(*text);
    }
    std::erase_if(labels, [&](const VmlLabel &label) { return label.hidden && !document_.keeps_hidden(); });
    return labels;
  }
  std::string_view mark_of_control(const zip::Member &member) {
    const Result<std::string, Reason> text = member.size > most_control ? fail(Reason::part_too_big) : text_of(member);
    XmlScanner scanner(text ? std::string_view(*text) : std::string_view());
    if (scanner.next() != XmlScanner::Event::start) return {};
    std::string type, checked;
    for (const XmlScanner::Attribute &attribute : scanner.attributes()) {
      if (attribute.name == "objectType") type = plain(attribute.value);
      if (attribute.name == "checked") checked = plain(attribute.value);
    }
    if (type == "CheckBox") return checked == "Checked" ? "☑" : checked == "Mixed" ? "▣" : "☐";
    return type != "Radio" ? "" : checked == "Checked" ? "◉" : "○";
  }

  bool has_undrawn_field() const {
    std::vector<WrittenPart> written;
    for (const Part &part : parts_)
      if (family_ == Family::word && !part.xml.empty()) written.push_back({part.kind, part.xml, part.relations});
    const Result<Words, Reason> words = written.empty() ? fail(Reason::none) : ooxml_words(family_, written, job_.plan.max_output);
    return words && words->field_undrawn;
  }

  bool is_partly_unprinted(const Part &part, std::string_view xml, const std::vector<PrintedSheet> &sheets) const {
    if (part.kind->relation == "notesSlide") return says_notes(xml);
    if (part.kind->relation != "worksheet") return false;
    for (const Relation &relation : parts_.front().relations) {
      if (&parts_[relation.part] != &part) continue;
      const auto sheet = std::ranges::find(sheets, relation.id, &PrintedSheet::id);
      if (sheet != sheets.end()) return has_cells_outside(xml, sheet->areas);
    }
    return false;
  }

  Reason fault() {
    if (const Reason reason = package_.read(); reason != Reason::none) return reason;
    const Reason reason = find_parts();
    if (reason == Reason::part_office_not_rebuilt || reason == Reason::part_ambiguous)
      return Reason::none; // read well, but not to be rebuilt
    if (reason != Reason::none) return reason;
    for (const Part &part : parts_) {
      if (part.kind->root.empty()) continue;
      Result<std::string, Reason> text = text_of(*part.member);
      const Reason fault = text ? fault_of_xml(*text) : text.error();
      if (fault != Reason::none) return fault;
    }
    return Reason::none;
  }

  const zip::Member *member(std::string_view path) const { return package_.find(path); }
  Result<std::string, Reason> text_of(const zip::Member &member) {
    return package_.text_of(member);
  }

  Result<std::vector<Relationship>, Reason> read_relationships(std::string_view source) {
    std::vector<Relationship> found;
    const zip::Member *at = member(source.empty() ? "_rels/.rels" : relationships_of(source));
    if (!at) return found;
    Result<std::string, Reason> text = text_of(*at);
    if (!text) return fail(text.error());
    XmlScanner scanner(*text);
    for (XmlScanner::Event event; (event = scanner.next()) != XmlScanner::Event::done;) {
      if (event == XmlScanner::Event::bad) return fail(scanner.reason());
      const std::string_view name = scanner.name();
      if (event != XmlScanner::Event::start || name.substr(name.find(':') + 1) != "Relationship")
        continue;
      Relationship relationship;
      for (const XmlScanner::Attribute &attribute : scanner.attributes()) {
        if (attribute.name == "Id") relationship.id = plain(attribute.value);
        if (attribute.name == "Type") relationship.type = plain(attribute.value);
        if (attribute.name == "Target") relationship.target = plain(attribute.value);
        if (attribute.name == "TargetMode")
          relationship.external = trimmed(plain(attribute.value)) != "Internal";
      }
      found.push_back(std::move(relationship));
      if (found.size() > most_relationships) return fail(Reason::part_too_deep);
    }
    return found;
  }

  /// The main part and everything that is reached from it.
  Reason find_parts() {
    const Reason reason = find_all_parts();
    if (reason == Reason::none) read_styles();
    learn_what_is_behind();
    if (family_ == Family::word)
      document_.bound = [this](const std::string &path, const std::string &store) { return bound_value(path, store); };
    return reason;
  }

  /// The data that content controls of a document are bound to: properties, and members by the number that theirs say.
  std::optional<std::string> bound_value(const std::string &path, const std::string &store) {
    constexpr std::string_view properties = "{6C3C8BC8-F283-45AE-878A-BAB7291924A1}";
    if (!stores_read_) read_stores();
    stores_read_ = true;
    const auto found = stores_.find(upper(store));
    const std::string *data = found != stores_.end() ? &found->second : nullptr;
    if (!data && upper(store) == properties && core_properties_) data = &*core_properties_;
    if (!data || (octets_bound_ += data->size()) > most_bound) return {};
    return value_at(*data, path);
  }
  void read_stores() {
    const Result<std::vector<Relationship>, Reason> root = read_relationships({});
    for (std::size_t i = 0; root && i < root->size(); ++i)
      if (last_step((*root)[i].type) == "core-properties") core_properties_ = text_of_target({}, (*root)[i]);
    const std::string_view document = parts_.front().member->name;
    const Result<std::vector<Relationship>, Reason> found = read_relationships(document);
    for (std::size_t i = 0; found && i < found->size(); ++i) {
      if (last_step((*found)[i].type) != "customXml" || stores_.size() >= most_stores) continue;
      const std::string item = resolved(document, (*found)[i].target);
      const Result<std::vector<Relationship>, Reason> beside = read_relationships(item);
      for (std::size_t j = 0; beside && j < beside->size(); ++j)
        if (last_step((*beside)[j].type) == "customXmlProps")
          if (std::optional<std::string> text = text_of_target(document, (*found)[i]))
            stores_.emplace(upper(number_of_store(text_of_target(item, (*beside)[j]))), std::move(*text));
    }
  }
  std::optional<std::string> text_of_target(std::string_view source, const Relationship &relationship) {
    const zip::Member *at = relationship.external ? nullptr : member(resolved(source, relationship.target));
    Result<std::string, Reason> text = at && at->size <= most_labels ? text_of(*at) : fail(Reason::part_malformed);
    return text ? std::optional(std::move(*text)) : std::nullopt;
  }
  static std::string number_of_store(const std::optional<std::string> &properties) {
    XmlScanner scanner(properties ? std::string_view(*properties) : std::string_view());
    if (scanner.next() == XmlScanner::Event::start)
      for (const XmlScanner::Attribute &attribute : scanner.attributes())
        if (local_of(attribute.name) == "itemID") return trimmed(plain(attribute.value));
    return {};
  }

  void learn_what_is_behind() {
    if (family_ == Family::word) document_.has_white_pages = [this] {
      if (!has_white_pages_) has_white_pages_ = look_at_pages();
      return *has_white_pages_;
    };
    if (family_ == Family::sheet) document_.unseen_cells = [this]() -> const UnseenCells & {
      if (!unseen_cells_) unseen_cells_ = look_at_formats();
      return *unseen_cells_;
    };
    if (family_ == Family::slides) document_.backdrop = [this](const std::vector<Relation> &slide) {
      const std::optional<std::size_t> layout = target_of(slide, "slideLayout");
      if (!layout) return std::vector<std::string>();
      const auto [known, is_new] = backdrops_.emplace(*layout, std::vector<std::string>());
      if (is_new) known->second = backdrop_of(*layout);
      return known->second;
    };
  }
  /// Pictures, shapes and colours may lie anywhere behind the words of a page that has one.
  bool look_at_pages() {
    for (const Part &part : parts_) {
      const bool has_words = part.kind == &main_part(family_) || part.kind->relation == "header" || part.kind->relation == "footer";
      if (!has_words) continue;
      const Result<std::string, Reason> text = text_of(*part.member);
      for (const std::string_view behind : {"behindDoc=\"1", "behindDoc=\"t", "<v:", ":background "})
        if (!text || text->find(behind) != std::string::npos) return false;
    }
    return true;
  }
  UnseenCells look_at_formats() {
    std::string styles;
    for (const Part &part : parts_)
      if (part.kind->relation == "styles")
        if (Result<std::string, Reason> text = written_aside(part)) styles = std::move(*text);
    return styles.empty() ? UnseenCells() : unseen_cells(styles, is_white_theme(parts_.front().relations));
  }
  /// Of the layout or, where that says nothing, its master.
  std::vector<std::string> backdrop_of(std::size_t layout) {
    const std::optional<std::size_t> master = target_of(parts_[layout].relations, "slideMaster");
    const Result<std::string, Reason> below = master ? text_of(*parts_[*master].member) : fail(Reason::none);
    const Result<std::string, Reason> above = text_of(*parts_[layout].member);
    if (!below || !above || above->find("overrideClrMapping") != std::string::npos) return {};
    const auto shapes_of = [](const std::string &part) { return part.substr(0, part.find("</p:cSld>")); };
    const auto behind_backdrop = [](const std::string &part) { return part.substr(std::min(part.find("<p:spTree>"), part.size())); };
    const std::string upper_shapes = shapes_of(*above), lower_shapes = shapes_of(*below);
    if (paints(behind_backdrop(upper_shapes)) || paints(behind_backdrop(lower_shapes))) return {};
    const bool own = upper_shapes.find("<p:bg>") != std::string::npos;
    const std::string colour = colour_of_backdrop(own ? upper_shapes : lower_shapes);
    if (colour.empty()) return {};
    std::vector<std::string> same = {colour};
    constexpr std::string_view of_theme = "<a:schemeClr val=\"bg1\"/>", plainly = "<a:srgbClr val=\"FFFFFF\"/>";
    const bool is_mapped = below->find(" bg1=\"lt1\"") != std::string::npos;
    if ((colour == of_theme || colour == plainly) && is_mapped && is_white_theme(parts_[*master].relations))
      same = {std::string(of_theme), std::string(plainly)};
    return same;
  }
  bool is_white_theme(const std::vector<Relation> &relations) {
    const std::optional<std::size_t> theme = target_of(relations, "theme");
    const Result<std::string, Reason> text = theme ? text_of(*parts_[*theme].member) : fail(Reason::none);
    if (!text) return false;
    const std::size_t start = text->find("<a:lt1>"), end = text->find("</a:lt1>");
    if (start == std::string::npos || end == std::string::npos || end < start) return false;
    const std::string_view colour = std::string_view(*text).substr(start, end - start);
    return colour.find("\"window\"") != colour.npos || colour.find("srgbClr val=\"FFFFFF\"") != colour.npos;
  }
  std::optional<std::size_t> target_of(const std::vector<Relation> &relations, std::string_view kind) const {
    for (const Relation &relation : relations)
      if (parts_[relation.part].kind->relation == kind) return relation.part;
    return {};
  }

  /// The part as it would be written if everything were kept.
  Result<std::string, Reason> written_aside(const Part &part) {
    job::Plan keeping = job_.plan;
    keeping.hidden = job::Beside::keep;
    ooxml::Document aside(keeping);
    aside.strict = document_.strict;
    aside.for_looks = true;
    const Result<std::string, Reason> text = text_of(*part.member);
    return text ? filter(*text, *part.kind, part.relations, aside, most_written()) : fail(text.error());
  }
  /// Before anything is written: of what style a word is, is said elsewhere.
  void read_styles() {
    if (family_ != Family::word) return;
    for (const Part &part : parts_)
      if (part.kind->relation == "styles")
        if (const Result<std::string, Reason> anew = written_aside(part)) styles_.read(*anew);
    document_.styles = &styles_;
    if (job_.plan.hidden != job::Beside::keep) document_.hidden_styles = styles_.hiding();
  }

  Reason find_all_parts() {
    Result<std::vector<Relationship>, Reason> root = read_relationships({});
    if (!root) return root.error();
    const zip::Member *main = nullptr;
    for (const Relationship &relationship : *root) {
      if (last_step(relationship.type) != "officeDocument" && relationship.type != visio_document) {
        note_lost(relationship, {});
        continue;
      }
      if (main || relationship.external) return Reason::part_ambiguous;
      main = member(resolved({}, relationship.target));
      document_.strict = relationship.type.starts_with("http://purl.oclc.org/");
    }
    if (!main) return Reason::part_malformed;
    Result<std::string, Reason> root_element = root_of(*main);
    if (!root_element) return root_element.error();
    const std::optional<Family> family = family_of(*root_element);
    if (!family) { // a drawing, if it is whole
      Result<std::string, Reason> text = text_of(*main);
      const Reason fault = text ? fault_of_xml(*text) : text.error();
      return fault == Reason::none ? Reason::part_office_not_rebuilt : fault;
    }
    family_ = *family;
    if (member("EncryptedPackage")) return Reason::part_encrypted;
    add(main_part(family_), *main);
    for (std::size_t i = 0; i < parts_.size(); ++i)
      if (const Reason reason = find_children(i); reason != Reason::none) return reason;
    return Reason::none;
  }

  /// The root element of the main part under the name that our tables give it; empty where it has
  /// none there.
  Result<std::string, Reason> root_of(const zip::Member &member) {
    Result<std::string, Reason> text = text_of(member);
    if (!text) return fail(text.error());
    if (text->starts_with(workbook_in_octets)) return fail(Reason::part_office_not_rebuilt);
    XmlScanner scanner(*text);
    if (scanner.next() != XmlScanner::Event::start)
      return fail(scanner.reason() == Reason::none ? Reason::part_malformed : scanner.reason());
    const std::string_view name = scanner.name();
    const std::size_t colon = name.find(':');
    const std::string declared =
        colon == std::string_view::npos ? "xmlns" : "xmlns:" + std::string(name.substr(0, colon));
    for (const XmlScanner::Attribute &attribute : scanner.attributes())
      if (attribute.name == declared)
        return find_element(ns_of(attribute.value).ns,
                            name.substr(colon == std::string_view::npos ? 0 : colon + 1))
            ->name;
    return std::string();
  }

  Reason find_children(std::size_t index) {
    if (parts_[index].kind->root.empty()) return Reason::none;
    Result<std::vector<Relationship>, Reason> found =
        read_relationships(parts_[index].member->name);
    if (!found) return found.error();
    std::unordered_set<std::string_view> ids;
    for (const Relationship &relationship : *found) {
      const PartKind *kind = kind_of_target(relationship);
      const zip::Member *at =
          relationship.external ? nullptr
                                : member(resolved(parts_[index].member->name, relationship.target));
      if (!kind || kind == &main_part(family_) || !at || !is_wanted(*kind, *at)) {
        note_lost(relationship, parts_[index].member->name);
        if (index == 0 && family_ == Family::sheet && is_sheet(relationship))
          document_.sheets_lost = true;
        continue;
      }
      const std::size_t child = add(*kind, *at);
      if (parts_[child].kind != kind) return Reason::part_ambiguous; // one part, two meanings
      if (!ids.insert(relationship.id).second) return Reason::part_ambiguous;
      std::vector<Relation> &relations = parts_[index].relations;
      relations.push_back({relationship.id, "rId" + std::to_string(relations.size() + 1), child});
    }
    return Reason::none;
  }

  /// Of newer types some end in the same word, and name parts of another kind.
  const PartKind *kind_of_target(const Relationship &relationship) const {
    const std::string type = last_step(relationship.type);
    const std::string_view base = std::string_view(relationship.type).substr(0, relationship.type.size() - type.size());
    const bool listed = base.size() > 1 && (base.substr(0, base.size() - 1) == uri_of(Ns::r, false) ||
                                            base.substr(0, base.size() - 1) == uri_of(Ns::r, true));
    return listed ? find_part_kind(family_, type) : nullptr;
  }

  static bool is_sheet(const Relationship &relationship) {
    return upper(last_step(relationship.type)).ends_with("SHEET");
  }

  bool is_wanted(const PartKind &kind, const zip::Member &member) {
    const bool comments = kind.relation == "comments" || kind.relation == "commentAuthors";
    if (comments) {
      const bool keeps = job_.plan.tracked == job::Beside::keep;
      document_.note(keeps ? Reason::office_tracked : Reason::office_tracked_removed);
      return keeps;
    }
    if (kind.relation != "slide" || job_.plan.hidden == job::Beside::keep) return true;
    Result<std::string, Reason> text = text_of(member);
    XmlScanner scanner(text ? std::string_view(*text) : std::string_view());
    if (scanner.next() != XmlScanner::Event::start) return true;
    for (const XmlScanner::Attribute &attribute : scanner.attributes())
      if (const std::string show = trimmed(plain(attribute.value));
          attribute.name == "show" && !show.empty() && !is_true(show)) {
        document_.note(Reason::office_hidden_removed);
        return false;
      }
    return true;
  }

  /// `source`: the part that has the relationship.
  void note_lost(const Relationship &relationship, std::string_view source) {
    const std::string type = last_step(relationship.type);
    if (type == "hyperlink") return document_.note(Reason::office_link_to_text);
    Reason reason = reason_without(type);
    const bool listed = kind_of_target(relationship) != nullptr;
    if (type == "comments" && !listed) reason = Reason::office_tracked_removed;
    if (type == "comments" && listed) return;
    if (type == "vmlDrawing" && has_control(relationship, source)) reason = Reason::office_embedded;
    if (relationship.external && reason != Reason::office_macro) reason = Reason::office_external;
    if (type == "externalLink") reason = reason_of_external_link(relationship);
    if (listed && !relationship.external)
      reason = Reason::none; // its target is missing
    if (reason != Reason::none) document_.note(reason);
  }

  /// VML of a sheet beside what its remarks stand in: buttons, boxes, lists ([MS-OE376], ClientData).
  bool has_control(const Relationship &relationship, std::string_view source) {
    const zip::Member *at = relationship.external ? nullptr : member(resolved(source, relationship.target));
    if (!at || at->size > most_labels) return at != nullptr;
    const Result<std::string, Reason> text = text_of(*at);
    XmlScanner scanner(text ? std::string_view(*text) : std::string_view());
    for (XmlScanner::Event event; (event = scanner.next()) != XmlScanner::Event::done && event != XmlScanner::Event::bad;)
      if (event == XmlScanner::Event::start)
        for (const XmlScanner::Attribute &attribute : scanner.attributes())
          if (attribute.name == "ObjectType" && trimmed(plain(attribute.value)) != "Note") return true;
    return false;
  }

  Reason reason_of_external_link(const Relationship &relationship) {
    const zip::Member *at =
        member(resolved(parts_.empty() ? "" : parts_.front().member->name, relationship.target));
    const Result<std::string, Reason> text = at ? text_of(*at) : fail(Reason::part_malformed);
    return text && text->find("ddeLink") != std::string::npos ? Reason::office_dde
                                                              : Reason::office_external;
  }

  std::size_t add(const PartKind &kind, const zip::Member &member) {
    const auto known = indices_.find(&member);
    if (known != indices_.end()) return known->second;
    Part part;
    part.kind = &kind;
    part.member = &member;
    part.path = kind.path;
    if (kind.numbered) part.path += std::to_string(++numbers_[kind.path]);
    // A second part where there may be one: under a number, so that nothing is written over.
    else if (++numbers_[kind.path] > 1)
      part.path += std::to_string(numbers_[kind.path]);
    parts_.push_back(std::move(part));
    indices_.emplace(&member, parts_.size() - 1);
    return parts_.size() - 1;
  }

  /// The parts that something shown leads to, from the main part on; those that hold only what others ask for by number
  /// come last.
  Reason filter_reached() {
    if (!parts_.empty()) reach(0);
    std::size_t octets = 0;
    while (!waiting_.empty() || !waiting_for_others_.empty()) {
      std::deque<std::size_t> &next = waiting_.empty() ? waiting_for_others_ : waiting_;
      Part &part = parts_[next.front()];
      next.pop_front();
      Result<std::string, Reason> anew = filter_part(part);
      if (!anew && !goes_on_) return anew.error();
      if (!anew) continue;
      part.xml = std::move(*anew);
      octets += part.xml.size();
      if (octets > most_written()) return Reason::part_too_big;
      if (family_ == Family::word) note_references(part.xml, document_.notes_used);
      reach_from(part);
    }
    for (const std::size_t part : unused_)
      if (!parts_[part].reached) document_.note(Reason::office_hidden_removed);
    return Reason::none;
  }
  void reach(std::size_t index) {
    Part &part = parts_[index];
    if (std::exchange(part.reached, true) || part.kind->root.empty()) return;
    const std::string_view relation = part.kind->relation;
    const bool asked = relation == "sharedStrings" || relation == "footnotes" || relation == "endnotes";
    (asked ? waiting_for_others_ : waiting_).push_back(index);
  }
  void reach_from(Part &part) {
    if (part.emptied) part.relations.clear();
    if (part.relations.empty()) return;
    const std::unordered_set<std::string_view> named = relations_named(part.xml);
    std::erase_if(part.relations, [&](const Relation &relation) {
      const PartKind &kind = *parts_[relation.part].kind;
      const Lead lead = lead_of(*part.kind, kind);
      const bool leads = lead == Lead::implied || (lead == Lead::named && named.contains(relation.id));
      if (leads) reach(relation.part);
      if (!leads && has_words_of_its_own(kind)) unused_.push_back(relation.part);
      return !leads && !leads_back(*part.kind, kind);
    });
  }
  static bool leads_back(const PartKind &from, const PartKind &to) {
    return from.relation == "notesSlide" && to.relation == "slide";
  }
  static bool has_words_of_its_own(const PartKind &kind) {
    constexpr std::string_view such[] = {"worksheet", "chartsheet", "slide", "notesSlide", "header", "footer"};
    return std::ranges::find(such, kind.relation) != std::end(such);
  }

  /// What no part shows of a picture is hidden.
  void cut_pictures() {
    if (std::ranges::none_of(parts_, [](const Part &part) { return PictureUses::may_crop(part.xml); })) return;
    PictureUses uses;
    const auto is_picture = [this](std::size_t part) { return parts_[part].kind->root.empty(); };
    for (std::size_t i = 0; i < parts_.size(); ++i)
      uses.read(i, parts_[i].xml, parts_[i].relations, is_picture);
    bool any = false;
    for (std::size_t i = 0; i < parts_.size(); ++i)
      if (const job::Cut unseen = is_picture(i) ? uses.unseen_of(i) : job::Cut(); unseen && !document_.keeps_hidden())
        parts_[i].cut = unseen, any = true;
    for (std::size_t i = 0; i < parts_.size() && any; ++i)
      parts_[i].xml = uses.after_cuts(i, parts_[i].xml);
  }

  Result<Rebuilt, Reason> write() {
    cut_pictures();
    for (Part &part : parts_)
      if (part.reached && part.kind->root.empty())
        if (const Reason reason = treat_picture(part); reason != Reason::none) return fail(reason);
    zip::Writer zip;
    zip.add("[Content_Types].xml", as_bytes(content_types()));
    zip.add("_rels/.rels", as_bytes(root_relationships()));
    if (has_properties()) zip.add(properties_path, as_bytes(properties()));
    for (const Part &part : parts_) {
      if (part.reached) write_part(zip, part);
      if (zip.size() > job_.plan.max_output) return fail(Reason::part_too_big);
    }
    Rebuilt rebuilt;
    rebuilt.kind = kind_of(family_);
    rebuilt.bytes = zip.finish();
    if (rebuilt.bytes.empty()) return fail(Reason::part_too_big);
    rebuilt.reasons = document_.reasons(Reason::office_rebuilt);
    return rebuilt;
  }

  Reason treat_picture(Part &part) {
    Result<Buffer, Reason> octets = package_.octets_of(*part.member);
    if (!octets) return octets.error();
    Picture picture = pictures_.treat(*octets, part.member->name, part.cut);
    if (picture.replaced) document_.note(Reason::office_picture_removed);
    if (picture.ended != Reason::none) document_.note(picture.ended);
    part.picture = std::move(picture.bytes);
    part.extension = picture.extension;
    return Reason::none;
  }

  bool has_properties() const { return family_ == Family::sheet; }
  std::string name_of(const Part &part) const { return part.path + '.' + part.extension; }

  std::size_t most_written() const { return std::size_t{job_.plan.max_output} * 4; }

  Result<std::string, Reason> filter_part(Part &part) {
    Result<std::string, Reason> text = text_of(*part.member);
    if (!text) return text;
    if (part.emptied)
      *text = "<worksheet xmlns=\"" + std::string(uri_of(Ns::x, document_.strict)) +
              "\"><sheetData/></worksheet>";
    Result<std::string, Reason> anew =
        filter(*text, *part.kind, part.relations, document_, most_written());
    if (anew && &part == &parts_.front()) empty_hidden_sheets();
    return anew;
  }

  void write_part(zip::Writer &zip, const Part &part) const {
    if (part.kind->root.empty()) return zip.add_stored(name_of(part), part.picture);
    zip.add(name_of(part), as_bytes(part.xml));
    if (std::ranges::any_of(part.relations, [&](const Relation &to) { return parts_[to.part].reached; }))
      zip.add(relationships_of(name_of(part)), as_bytes(relationships(part)));
  }

  void empty_hidden_sheets() {
    for (const Relation &relation : parts_.front().relations) {
      Part &sheet = parts_[relation.part];
      if (!document_.hidden_sheets.contains(relation.id) || sheet.emptied || !is_sheet(*sheet.kind)) continue;
      sheet.emptied = true;
      if (sheet.kind->relation == "worksheet") continue;
      sheet.kind = find_part_kind(family_, "worksheet"); // a chart's must have a drawing
      sheet.path = std::string(sheet.kind->path) + std::to_string(++numbers_[sheet.kind->path]);
    }
  }
  static bool is_sheet(const PartKind &kind) { return kind.relation == "worksheet" || kind.relation == "chartsheet"; }

  std::string content_types() const {
    std::string xml =
        declaration() + "<Types xmlns=\"" + std::string(package_uri) + "content-types\">" +
        "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package."
        "relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>";
    std::map<std::string, std::string_view> pictures;
    for (const Part &part : parts_)
      if (part.reached && part.kind->root.empty()) pictures[part.extension] = media_type_of(part.extension);
    for (const auto &[extension, type] : pictures)
      xml += "<Default Extension=\"" + extension + "\" ContentType=\"" + std::string(type) + "\"/>";
    for (const Part &part : parts_)
      if (part.reached && !part.kind->root.empty())
        xml += "<Override PartName=\"/" + name_of(part) + "\" ContentType=\"" +
               content_type_of(*part.kind) + "\"/>";
    if (has_properties())
      xml += "<Override PartName=\"/" + std::string(properties_path) + "\" ContentType=\"" +
             std::string(properties_type) + "\"/>";
    return xml + "</Types>";
  }

  std::string relationship(std::string_view id, std::string_view type,
                           std::string_view target) const {
    const std::string_view base = uri_of(Ns::r, document_.strict);
    return "<Relationship Id=\"" + std::string(id) + "\" Type=\"" + std::string(base) + '/' +
           std::string(type) + "\" Target=\"" + std::string(target) + "\"/>";
  }
  std::string root_relationships() const {
    std::string xml =
        open_relationships() + relationship("rId1", "officeDocument", name_of(parts_.front()));
    if (has_properties())
      xml += relationship("rId2", document_.strict ? "extendedProperties" : "extended-properties",
                          properties_path);
    return xml + "</Relationships>";
  }
  static std::string properties() {
    return declaration() +
           "<Properties "
           "xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\">" +
           std::string(application) + "</Properties>";
  }
  std::string relationships(const Part &part) const {
    std::string xml = open_relationships();
    for (const Relation &relation : part.relations)
      if (parts_[relation.part].reached)
        xml += relationship(relation.id, parts_[relation.part].kind->relation,
                            relative(name_of(part), name_of(parts_[relation.part])));
    return xml + "</Relationships>";
  }
  static std::string declaration() {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
  }
  static std::string open_relationships() {
    return declaration() + "<Relationships xmlns=\"" + std::string(package_uri) +
           "relationships\">";
  }

  const job::Job &job_;
  Document document_;
  PicturesInside pictures_;
  Family family_ = Family::word;
  std::size_t controls_read_ = 0;
  std::unordered_set<const zip::Member *> labels_read_;
  OfficePackage package_;
  std::deque<Part> parts_;
  std::unordered_map<const zip::Member *, std::size_t> indices_;
  std::deque<std::size_t> waiting_, waiting_for_others_; // of the parts that are reached
  std::vector<std::size_t> unused_;                      // parts with words that one which is reached did not name
  bool stores_read_ = false;
  std::unordered_map<std::string, std::string> stores_; // of data, by their numbers
  std::optional<std::string> core_properties_;
  std::size_t octets_bound_ = 0;
  bool goes_on_ = false;                                 // over a part that cannot be rebuilt
  std::map<std::string_view, unsigned> numbers_;
  StyleLooks styles_;
  std::optional<bool> has_white_pages_;
  std::optional<UnseenCells> unseen_cells_;
  std::map<std::size_t, std::vector<std::string>> backdrops_; // by layout
};

} // namespace

Result<Rebuilt, Reason> ooxml_document(const job::Job &job, const TreatFile &treat_file) {
  return Package(job, treat_file).run();
}

Result<std::vector<Reason>, Reason> ooxml_unseen(const job::Job &job) {
  const TreatFile none;
  const job::Job kept = keeping_all(job);
  return Package(kept, none).unseen();
}

Result<Rebuilt, Reason> ooxml_text(const job::Job &job) {
  const TreatFile none;
  return Package(job, none).words();
}

} // namespace sekisho::rebuild
