#include "sanitizer/text/html_link.hh"

#include "sanitizer/text/html_tags.hh"

#include <algorithm>

namespace sekisho::text {
namespace {

constexpr std::size_t max_shown = 240; // octets of a target

std::string cut(std::string_view target) {
  if (target.size() <= max_shown) return std::string(target);
  std::size_t end = max_shown;
  while (end > 0 && (target[end] & 0xc0) == 0x80)
    end--;
  std::string shown(target.substr(0, end));
  return shown += "…";
}

std::string_view without_scheme(std::string_view url) {
  std::size_t slashes = url.find("//");
  if (slashes != std::string_view::npos && slashes <= 6) url.remove_prefix(slashes + 2);
  while (url.ends_with('/'))
    url.remove_suffix(1);
  return url;
}

bool says_the_same(std::string_view text, std::string_view target) {
  while (!text.empty() && is_space(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_space(text.back()))
    text.remove_suffix(1);
  return !text.empty() && without_scheme(text) == without_scheme(target);
}

/// hxxps://www[.]example[.]jp/path
std::string defanged(std::string_view url) {
  std::string result = lower(url[4]) == 's' ? "hxxps" : "hxxp";
  std::string_view rest = url.substr(url.find(':'));
  std::size_t host = std::min(rest.find_first_not_of(":/\\"), rest.size());
  std::size_t end = std::min(rest.find_first_of("/?#\\", host), rest.size());
  result += rest.substr(0, host);
  for (char c : rest.substr(host, end - host)) {
    if (c == '.')
      result += "[.]";
    else
      result += c;
  }
  result += rest.substr(end);
  return result;
}

} // namespace

LinkText text_of_link(std::string_view text, std::string_view href) {
  std::string target(href); // a browser passes over white space and controls too
  std::erase_if(target, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; });
  const auto starts = [&](std::string_view start) {
    return starts_like(std::string_view(target).substr(0, 16), start);
  };

  if (starts("javascript:") || starts("vbscript:") || starts("data:"))
    return {.shown = {}, .script = true};
  if (starts("mailto:") || starts("tel:")) {
    std::string address = target.substr(target.find(':') + 1);
    address.resize(std::min(address.find('?'), address.size()));
    bool said = address.empty() || text.find(address) != std::string_view::npos;
    return {.shown = said ? std::string() : cut(address), .script = false};
  }
  bool web = starts("http:") || starts("https:");
  if (starts("//")) {
    target.insert(0, "https:");
    web = true;
  }
  if (!web) return {.shown = is_remote(target) ? cut(target) : std::string(), .script = false};
  if (says_the_same(text, target)) return {};
  return {.shown = cut(defanged(target)), .script = false};
}

} // namespace sekisho::text
