#include "sanitizer/rebuild/office/vml_labels.hh"

#include "sanitizer/rebuild/office/xml_scanner.hh"

namespace sekisho::rebuild {
namespace {

constexpr std::size_t most_labels = 5000, most_label = 2000; // octets of one

std::string_view local_of(std::string_view name) {
  return name.substr(name.find(':') + 1);
}

class Labels {
public:
  std::vector<VmlLabel> read(std::string_view xml) {
    XmlScanner scanner(xml);
    for (XmlScanner::Event event; all_.size() < most_labels;) {
      event = scanner.next();
      if (event == XmlScanner::Event::done || event == XmlScanner::Event::bad) break;
      if (event == XmlScanner::Event::start) start(scanner);
      if (event == XmlScanner::Event::end) end(local_of(scanner.name()));
      if (event == XmlScanner::Event::text) text(scanner.text());
    }
    return std::move(all_);
  }

private:
  void start(const XmlScanner &scanner) {
    const std::string_view name = local_of(scanner.name());
    property_ = name;
    if (name == "shape") {
      here_ = {};
      kind_.clear();
      checked_.clear();
    }
    in_box_ = in_box_ || name == "textbox";
    if (in_box_ && (name == "div" || name == "br") && !here_.text.empty()) here_.text += ' ';
    for (const XmlScanner::Attribute &attribute : scanner.attributes()) {
      const std::string value = plain(attribute.value);
      if (name == "shape" && attribute.name == "id") here_.shape = value.substr(value.rfind('s') + 1); // "_x0000_s1025"
      if (name == "shape" && attribute.name == "style") here_.hidden = value.find("visibility:hidden") != value.npos;
      if (name == "ClientData" && attribute.name == "ObjectType") kind_ = value;
    }
  }
  void end(std::string_view name) {
    property_ = {};
    if (name == "textbox") in_box_ = false;
    if (name != "shape" || kind_ == "Note") return;
    while (here_.text.ends_with(' '))
      here_.text.pop_back();
    if (here_.text.empty()) return;
    const bool is_checked = checked_ == "1";
    if (kind_ == "Checkbox") here_.text.insert(0, is_checked ? "☑" : "☐");
    if (kind_ == "Radio") here_.text.insert(0, is_checked ? "◉" : "○");
    all_.push_back(std::move(here_));
    here_ = {};
  }
  void text(std::string_view raw) {
    const std::string words = plain(raw.substr(0, most_label));
    if (property_ == "Checked") checked_ = words;
    if (!in_box_) return;
    for (const char c : words) {
      const bool space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
      if (here_.text.size() >= most_label) return;
      if (!space)
        here_.text += c;
      else if (!here_.text.empty() && !here_.text.ends_with(' '))
        here_.text += ' ';
    }
  }

  std::vector<VmlLabel> all_;
  VmlLabel here_;
  std::string kind_, checked_;
  std::string_view property_; // whose text comes next
  bool in_box_ = false;
};

} // namespace

std::vector<VmlLabel> vml_labels(std::string_view untrusted_xml) {
  return Labels().read(untrusted_xml);
}

} // namespace sekisho::rebuild
