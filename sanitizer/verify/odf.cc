// ODF packages of contents, styles, charts and pictures as rebuild may write them (OASIS ODF 1.3), and of
// nothing else.
#include "sanitizer/verify/files.hh"
#include "sanitizer/verify/formulas.hh"
#include "sanitizer/verify/odf_kind.hh"
#include "sanitizer/verify/package.hh"
#include "sanitizer/verify/xml_walk.hh"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_set>

namespace sekisho::verify {
namespace {

constexpr std::uint64_t most_unpacked = std::uint64_t{2} << 30;

const std::map<std::string_view, std::string_view> namespaces = {
    {"office", "urn:oasis:names:tc:opendocument:xmlns:office:1.0"},
    {"style", "urn:oasis:names:tc:opendocument:xmlns:style:1.0"},
    {"text", "urn:oasis:names:tc:opendocument:xmlns:text:1.0"},
    {"table", "urn:oasis:names:tc:opendocument:xmlns:table:1.0"},
    {"draw", "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"},
    {"dr3d", "urn:oasis:names:tc:opendocument:xmlns:dr3d:1.0"},
    {"presentation", "urn:oasis:names:tc:opendocument:xmlns:presentation:1.0"},
    {"number", "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"},
    {"svg", "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"},
    {"smil", "urn:oasis:names:tc:opendocument:xmlns:smil-compatible:1.0"},
    {"fo", "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"},
    {"xlink", "http://www.w3.org/1999/xlink"},
    {"dc", "http://purl.org/dc/elements/1.1/"},
    {"meta", "urn:oasis:names:tc:opendocument:xmlns:meta:1.0"},
    {"loext", "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0"},
    {"drawooo", "http://openoffice.org/2010/draw"},
    {"calcext", "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"},
    {"chart", "urn:oasis:names:tc:opendocument:xmlns:chart:1.0"},
    {"of", "urn:oasis:names:tc:opendocument:xmlns:of:1.2"},
    {"oooc", "http://openoffice.org/2004/calc"},
    {"ooow", "http://openoffice.org/2004/writer"},
};

/// With their prefixes.
struct Names {
  std::unordered_set<std::string> elements, attributes;

  Names() {
#define NAMES(prefix, elements, attributes) add(#prefix ":", elements, attributes);
#include "sanitizer/verify/odf_names.def"
#undef NAMES
    for (const char *never : {"office:script",
                              "office:event-listeners",
                              "office:forms",
                              "office:dde-source",
                              "office:binary-data",
                              "script:event-listener",
                              "presentation:event-listener",
                              "presentation:sound",
                              "draw:object-ole",
                              "draw:plugin",
                              "draw:applet",
                              "draw:floating-frame",
                              "draw:control",
                              "draw:image-map",
                              "text:dde-connection",
                              "text:section-source",
                              "text:execute-macro",
                              "text:script",
                              "text:database-display",
                              "table:table-source",
                              "table:cell-range-source",
                              "table:dde-link",
                              "table:error-macro",
                              "table:database-source-sql",
                              "table:database-source-query",
                              "table:data-pilot-tables",
                              "svg:font-face-uri"})
      elements.erase(never);
  }
  static void add_words(std::unordered_set<std::string> &set, const std::string &prefix,
                        std::string_view list) {
    for (std::size_t at = 0; at < list.size();) {
      const std::size_t end = std::min(list.find(' ', at), list.size());
      if (end > at) set.insert(prefix + std::string(list.substr(at, end - at)));
      at = end + 1;
    }
  }
  void add(const std::string &prefix, std::string_view element_list,
           std::string_view attribute_list) {
    add_words(elements, prefix, element_list);
    add_words(attributes, prefix, attribute_list);
  }
};

const Names &names() {
  static const Names names;
  return names;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || static_cast<unsigned char>(c) >= 0x80;
}

bool ends_with(std::string_view name, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(),
                     [&](std::string_view end) { return name.ends_with(end); });
}

/// Calc compiles it as its own: only these are called, by their name right before the bracket.
bool is_calm_writer_formula(std::string_view text) {
  static const std::set<std::string, std::less<>> known = {
      "sum", "min", "max", "mean", "product", "round", "sqrt", "pow", "sin", "cos", "tan", "asin", "acos",
      "atan", "sign", "abs", "and", "or", "xor", "not", "eq", "neq", "leq", "geq", "l", "g"};
  std::string word;
  bool ended = false; // by a blank
  for (const char c : text) {
    if (std::string_view("[]{}#|;\\@$&'").find(c) != std::string_view::npos) return false;
    if (c == '(' && !word.empty() && !known.contains(word)) return false;
    if (c == ' ' || c == '\t' || c == '\n') {
      ended = true;
      continue;
    }
    if (!is_letter(c) || ended) word.clear();
    ended = false;
    if (is_letter(c)) word += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return true;
}

bool is_calm_attribute(std::string_view text, bool condition) {
  for (const std::string_view prefix : {"of:", "oooc:"})
    if (text.starts_with(prefix)) return is_calm_open_formula(text.substr(prefix.size()), condition);
  if (text.starts_with("ooow:")) return is_calm_writer_formula(text.substr(5));
  const std::size_t colon = text.find(':'); // of another prefix?
  const bool prefixed = colon != std::string_view::npos &&
                        std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
                                    [](char c) { return is_letter(c) || c == '-'; });
  return !prefixed && is_calm_open_formula(text, condition);
}

constexpr const char *chart_body = "office:chart";

/// "chart:bar", "major"; another prefix would be somebody else's service.
bool is_class(std::string_view value) {
  if (value.starts_with("chart:")) value.remove_prefix(6);
  return std::ranges::all_of(value, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

/// "Object 12" of "Object 12/content.xml", with one spelling of the number; or empty.
std::string_view chart_folder(std::string_view name) {
  constexpr std::string_view start = "Object ", end = "/content.xml";
  if (!name.starts_with(start) || !name.ends_with(end)) return {};
  const std::string_view folder = name.substr(0, name.size() - end.size());
  const std::string_view number = folder.substr(std::min(start.size(), folder.size()));
  const bool plain = !number.empty() && number.size() <= 6 && number.front() != '0' &&
                     number.find_first_not_of("0123456789") == number.npos;
  return plain ? folder : std::string_view();
}

class PartVisitor : public XmlVisitor {
public:
  PartVisitor(std::string_view root, std::string_view body,
              const std::set<std::string_view> &members)
      : root_(root), body_(body), members_(members) {}
  bool has_body() const { return bodies_ == 1; }

  bool start(std::string_view name, const Attributes &attributes, std::size_t depth) override {
    if (depth == 1 ? name != root_ : name == root_) return false;
    if (!names().elements.contains(std::string(name))) return false;
    if (depth == 2 && name == "office:body") ++bodies_;
    for (const char *body : {"office:text", "office:spreadsheet", "office:presentation", "office:drawing", chart_body})
      if (name == body && name != body_) return false;
    if (name.starts_with(body_ == chart_body ? "draw:" : "chart:") || in_object_) return false;
    in_object_ = name == "draw:object";
    const auto is_href = [](const auto &attribute) { return attribute.first == "xlink:href"; };
    if (in_object_ && std::ranges::none_of(attributes, is_href)) return false;
    for (const auto &[attribute, value] : attributes)
      if (!is_attribute(name, attribute, unescaped(value), depth)) return false;
    return true;
  }
  bool text(std::string_view) override { return true; }
  bool end(std::string_view) override {
    in_object_ = false;
    return true;
  }

private:
  bool is_attribute(std::string_view element, std::string_view name, const std::string &value,
                    std::size_t depth) const {
    if (name.starts_with("xmlns")) {
      const auto known = namespaces.find(name.size() > 6 ? name.substr(6) : std::string_view());
      return depth == 1 && known != namespaces.end() && known->second == value;
    }
    if (name == "xml:id" || name == "xml:space" || name == "xml:lang") return true;
    if (!names().attributes.contains(std::string(name))) return false;
    if (name == "xlink:href") return is_target(element, value);
    if (name == "table:formula" || name == "table:expression" || name == "text:formula" || name == "text:condition")
      return is_calm_attribute(value, false);
    if (name == "table:condition" || name == "style:condition" || name == "calcext:value")
      return is_calm_attribute(value, true);
    if (name == "chart:class") return is_class(value);
    if (((name.starts_with("table:") || name.starts_with("calcext:") || name.starts_with("chart:")) &&
         ends_with(name, {"address", "range", "ranges"})) ||
        name == "style:base-cell-address")
      return is_calm_address(value);
    return true;
  }

  bool is_target(std::string_view element, const std::string &value) const {
    if (element == "text:a" || element == "draw:a") return value.starts_with('#') && leads_inside(value);
    if (element == "chart:chart") return value == "." || value == "..";
    if (element == "draw:object")
      return value.starts_with("./") && chart_folder(value.substr(2) + "/content.xml") == value.substr(2) &&
             members_.contains(value.substr(2) + "/content.xml");
    if (body_ == chart_body) return false; // pictures would lie beside it
    return (element == "draw:image" || element == "draw:fill-image" ||
            element == "style:background-image" || element == "text:list-level-style-image") &&
           value.starts_with("Pictures/") && members_.contains(value);
  }

  std::string_view root_, body_;
  const std::set<std::string_view> &members_;
  unsigned bodies_ = 0;
  bool in_object_ = false; // nothing is
};

/// The manifest lists what is there, in the order of the package.
class ManifestVisitor : public XmlVisitor {
public:
  using Entries = std::vector<std::pair<std::string, std::string>>; // path, media type
  const Entries &entries() const { return entries_; }

  bool start(std::string_view name, const Attributes &attributes, std::size_t depth) override {
    if (depth == 1)
      return name == "manifest:manifest" && attributes.size() == 2 &&
             attributes[0] ==
                 std::pair<std::string_view, std::string_view>(
                     "xmlns:manifest", "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0") &&
             attributes[1].first == "manifest:version" && attributes[1].second == "1.2";
    if (depth != 2 || name != "manifest:file-entry" || attributes.size() != 2 ||
        attributes[0].first != "manifest:full-path" || attributes[1].first != "manifest:media-type")
      return false;
    entries_.emplace_back(attributes[0].second, attributes[1].second);
    return true;
  }
  bool text(std::string_view) override { return false; }
  bool end(std::string_view) override { return true; }

private:
  Entries entries_;
};

/// "image12.png" and the like, with one spelling of the number; the media type, or empty.
std::string_view picture_type(std::string_view name) {
  constexpr std::string_view folder = "Pictures/image";
  if (!name.starts_with(folder)) return {};
  name.remove_prefix(folder.size());
  const std::size_t digits = std::min(name.find_first_not_of("0123456789"), name.size());
  if (digits == 0 || digits > 6 || name.front() == '0') return {};
  name.remove_prefix(digits);
  if (name == ".png") return "image/png";
  if (name == ".jpeg") return "image/jpeg";
  if (name == ".gif") return "image/gif";
  return name == ".tiff" ? "image/tiff" : std::string_view();
}

bool is_picture(std::string_view type, Bytes untrusted) {
  if (type == "image/png") return is_our_png(untrusted);
  if (type == "image/gif") return is_our_gif(untrusted);
  if (type == "image/tiff") return is_our_tiff(untrusted);
  return our_jpeg(untrusted).has_value();
}

} // namespace

bool is_our_odf(Bytes untrusted, std::uint64_t deadline) {
  const std::optional<std::vector<Member>> members = our_zip(untrusted, most_unpacked, deadline);
  const OdfKind *kind = odf_kind(untrusted);
  if (!members || members->size() < 3 || !kind) return false;
  if (members->front().name != "mimetype" || !members->front().stored ||
      as_chars(members->front().contents) != kind->media_type)
    return false;
  const Member &manifest = members->back();
  ManifestVisitor listed;
  if (manifest.name != "META-INF/manifest.xml" || !walk_xml(manifest.contents, listed, deadline))
    return false;
  std::set<std::string_view> names;
  for (const Member &member : *members)
    if (!names.insert(member.name).second) return false;

  ManifestVisitor::Entries expected = {{"/", std::string(kind->media_type)}};
  bool has_content = false;
  for (std::size_t i = 1; i + 1 < members->size(); ++i) {
    const Member &member = (*members)[i];
    if (const std::string_view type = picture_type(member.name); !type.empty()) {
      if (!is_picture(type, member.contents)) return false;
      expected.emplace_back(member.name, type);
      continue;
    }
    if (const std::string_view folder = chart_folder(member.name); !folder.empty()) {
      PartVisitor visitor("office:document-content", chart_body, names);
      if (!walk_xml(member.contents, visitor, deadline) || !visitor.has_body()) return false;
      expected.emplace_back(std::string(folder) + '/', "application/vnd.oasis.opendocument.chart");
      expected.emplace_back(member.name, "text/xml");
      continue;
    }
    const bool content = member.name == "content.xml";
    if (!content && member.name != "styles.xml") return false;
    PartVisitor visitor(content ? "office:document-content" : "office:document-styles",
                        content ? kind->body : std::string_view(), names);
    if (!walk_xml(member.contents, visitor, deadline) || visitor.has_body() != content)
      return false;
    has_content = has_content || content;
    expected.emplace_back(member.name, "text/xml");
  }
  return has_content && listed.entries() == expected;
}

} // namespace sekisho::verify
