#include "gateway/guard/tag_list.hh"

#include "gateway/guard/message.hh"

#include <algorithm>

namespace sekisho::guard {
namespace {

constexpr std::size_t max_tags = 100;

bool is_tag_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

} // namespace

std::optional<std::map<std::string, std::string>> read_tags(std::string_view text) {
  std::map<std::string, std::string> tags;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view item = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (item.empty()) continue;
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos || tags.size() == max_tags) return std::nullopt;
    const std::string_view name = trimmed(item.substr(0, equals));
    if (!is_tag_name(name)) return std::nullopt;
    if (!tags.emplace(name, trimmed(item.substr(equals + 1))).second) return std::nullopt;
  }
  return tags;
}

std::string tag(const std::map<std::string, std::string> &tags, const std::string &name, std::string_view otherwise) {
  const auto found = tags.find(name);
  return found == tags.end() ? std::string(otherwise) : found->second;
}

std::string squeezed(std::string_view text) {
  std::string out(text);
  std::erase_if(out, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
  return out;
}

} // namespace sekisho::guard
