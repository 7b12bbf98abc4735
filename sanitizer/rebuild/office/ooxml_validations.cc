#include "sanitizer/rebuild/office/ooxml_validations.hh"

namespace sekisho::rebuild::ooxml {
namespace {

using Event = XmlScanner::Event;

class Validation {
public:
  /// `scanner` stands on its start, and is left at its end.
  explicit Validation(XmlScanner &scanner) {
    read_attributes(scanner);
    std::string *here = nullptr;
    const std::size_t depth = scanner.depth();
    for (Event event; (event = scanner.next()) != Event::bad && event != Event::done;) {
      if (event == Event::end && scanner.depth() < depth) break;
      const std::string_view local = local_of(scanner.name());
      if (event == Event::start && local != "f") here = place_of(local); // xm:f stands in x14:formula1
      if (event == Event::text && here) good_ = append_text(*here, scanner.text(), scanner.is_cdata()) && good_;
      if (event == Event::end && local != "f") here = nullptr;
    }
  }

  /// Reason::none, or why it is left out.
  Reason judge(const LostNames &lost) const {
    const bool places = !cells_.empty() && cells_.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789$: ") == std::string::npos;
    if (!good_ || !places) return Reason::office_unlisted;
    const Reason first = judge_formula(plain(first_), lost);
    return first != Reason::none ? first : judge_formula(plain(second_), lost);
  }

  std::string write() const {
    std::string text = "<dataValidation" + attributes_ + " sqref=\"" + cells_ + "\">";
    if (!first_.empty()) text += "<formula1>" + first_ + "</formula1>";
    if (!second_.empty()) text += "<formula2>" + second_ + "</formula2>";
    return text + "</dataValidation>";
  }

private:
  void read_attributes(const XmlScanner &scanner) {
    for (const XmlScanner::Attribute &attribute : scanner.attributes()) {
      if (attribute.name == "sqref" || !is_listed_attribute(Ns::x, attribute.name)) continue;
      attributes_.append(" ").append(attribute.name).append("=\"");
      good_ = append_value(attributes_, attribute.value) && good_;
      attributes_ += '"';
    }
  }
  std::string *place_of(std::string_view name) {
    return name == "formula1" ? &first_ : name == "formula2" ? &second_ : name == "sqref" ? &cells_ : nullptr;
  }

  std::string attributes_, first_, second_, cells_; // as they are written
  bool good_ = true;
};

} // namespace

std::string plain_validations(XmlScanner scanner, Document &document) {
  std::string all;
  const std::size_t depth = scanner.depth();
  for (Event event; (event = scanner.next()) != Event::bad && event != Event::done;) {
    if (event == Event::end && scanner.depth() < depth) break;
    if (event != Event::start || local_of(scanner.name()) != "dataValidation") continue;
    const Validation validation(scanner);
    const Reason reason = validation.judge(document.lost_names);
    if (reason == Reason::none) all += validation.write();
    else document.note(reason);
  }
  return all;
}

} // namespace sekisho::rebuild::ooxml
