#include "sanitizer/verify/xml_walk.hh"
#include "base/clock.hh"
#include "base/utf8.hh"

#include <algorithm>
#include <string>

namespace sekisho::verify {
namespace {

constexpr std::string_view declaration =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
constexpr std::pair<std::string_view, char> entities[] = {
    {"&amp;", '&'}, {"&lt;", '<'},   {"&gt;", '>'},  {"&quot;", '"'},
    {"&#9;", '\t'}, {"&#10;", '\n'}, {"&#13;", '\r'}};

std::size_t entity_size(std::string_view text) {
  for (const auto &[entity, character] : entities)
    if (text.starts_with(entity)) return entity.size();
  return 0;
}

bool is_clean(std::string_view text, bool value) {
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '&') {
      const std::size_t size = entity_size(text.substr(at));
      if (size == 0) return false;
      at += size;
      continue;
    }
    const bool space = c == '\n' || c == '\t';
    if (c == '<' || c == '>' || (static_cast<unsigned char>(c) < 0x20 && (value || !space)))
      return false;
    ++at;
  }
  return true;
}

/// Octets of a name: ours are ASCII.
std::size_t name_size(std::string_view text) {
  const auto is_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' ||
           c == '-' || c == '_' || c == '.';
  };
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_name) -
                                  text.begin());
}

class Walk {
public:
  Walk(std::string_view xml, XmlVisitor &visitor, std::uint64_t deadline)
      : rest_(xml), visitor_(visitor), deadline_(deadline) {}

  bool run() {
    if (!take(declaration) || monotonic_ns() >= deadline_) return false;
    if (!rest_.starts_with('<') || !start()) return false;
    while (!open_.empty())
      if (!step()) return false;
    return rest_.empty();
  }

private:
  bool take(std::string_view literal) {
    if (!rest_.starts_with(literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }

  bool step() {
    if (++steps_ % steps_per_look == 0 && monotonic_ns() >= deadline_) return false;
    if (rest_.starts_with("</")) return end();
    if (rest_.starts_with('<')) return start();
    const std::size_t size = std::min(rest_.find('<'), rest_.size());
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return size > 0 && is_clean(text, false) && visitor_.text(text);
  }

  bool start() {
    rest_.remove_prefix(1);
    const std::string_view name = rest_.substr(0, name_size(rest_));
    rest_.remove_prefix(name.size());
    attributes_.clear();
    while (take(" "))
      if (!attribute()) return false;
    const bool empty = take("/");
    if (name.empty() || !take(">") || open_.size() >= 256) return false;
    if (!visitor_.start(name, attributes_, open_.size() + 1)) return false;
    if (empty) return visitor_.end(name);
    open_.push_back(name);
    return true;
  }

  bool attribute() {
    const std::string_view name = rest_.substr(0, name_size(rest_));
    rest_.remove_prefix(name.size());
    if (name.empty() || attributes_.size() == most_attributes || !take("=\"")) return false;
    const std::size_t end = rest_.find('"');
    if (end == std::string_view::npos || !is_clean(rest_.substr(0, end), true)) return false;
    for (const auto &other : attributes_)
      if (other.first == name) return false;
    attributes_.emplace_back(name, rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return true;
  }

  bool end() {
    const std::string_view name = open_.back();
    open_.pop_back();
    return take("</") && take(name) && take(">") && visitor_.end(name);
  }

  static constexpr std::size_t most_attributes = 128, steps_per_look = 4096;

  std::string_view rest_;
  XmlVisitor &visitor_;
  std::uint64_t deadline_;
  std::size_t steps_ = 0;
  XmlVisitor::Attributes attributes_;
  std::vector<std::string_view> open_;
};

} // namespace

bool walk_xml(Bytes untrusted, XmlVisitor &visitor, std::uint64_t deadline) {
  return utf8_valid(as_chars(untrusted)) && Walk(as_chars(untrusted), visitor, deadline).run();
}

std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    std::size_t size = 1;
    char meant = c;
    if (c == '&')
      for (const auto &[entity, character] : entities)
        if (text.substr(at).starts_with(entity)) size = entity.size(), meant = character;
    plain += meant;
    at += size;
  }
  return plain;
}

} // namespace sekisho::verify
