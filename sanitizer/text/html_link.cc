#include "sanitizer/text/html_link.hh"

#include "base/find.hh"
#include "base/utf8.hh"
#include "sanitizer/text/html_tags.hh"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

namespace sekisho::text {
namespace {

constexpr std::size_t max_shown = 240; // octets of a target

std::string cut(std::string target) {
  if (target.size() <= max_shown) return target;
  std::size_t end = max_shown;
  while (end > 0 && (target[end] & 0xc0) == 0x80)
    end--;
  target.resize(end);
  return target += "…";
}

std::string_view without_scheme(std::string_view url) {
  const std::size_t slashes = url.substr(0, 8).find("//");
  if (slashes != std::string_view::npos) url.remove_prefix(slashes + 2);
  return url;
}

std::string_view without_slashes(std::string_view url) {
  while (url.ends_with('/'))
    url.remove_suffix(1);
  return url;
}

bool says_the_same(std::string_view text, std::string_view target) {
  while (!text.empty() && is_space(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_space(text.back()))
    text.remove_suffix(1);
  text = without_slashes(text);
  target = without_slashes(target);
  return !text.empty() && !target.empty() && text.back() == target.back() && without_scheme(text) == without_scheme(target);
}

/// hxxps://www[.]example[.]jp/path
std::string defanged(std::string_view url) {
  std::string result;
  result.reserve(url.size() + 16); // dots of a host
  result = lower(url[4]) == 's' ? "hxxps" : "hxxp";
  std::string_view rest = url.substr(url.find(':'));
  const auto is_slash = [](char c) { return c == '/' || c == '\\'; };
  std::size_t host = 0;
  while (host < rest.size() && (rest[host] == ':' || is_slash(rest[host])))
    ++host;
  std::size_t end = host;
  while (end < rest.size() && !is_slash(rest[end]) && rest[end] != '?' && rest[end] != '#')
    ++end;
  result += rest.substr(0, host);
  for (std::string_view name = rest.substr(host, end - host); !name.empty();) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    result += name.substr(0, dot);
    if (dot < name.size()) result += "[.]";
    name.remove_prefix(std::min(dot + 1, name.size()));
  }
  result += rest.substr(end);
  return result;
}

/// A number of a telephone as it is dialled within Japan, in whatever way it is written; empty where other signs than those
/// between its groups are in `written`, which a target may not have.
std::string dialled(std::string_view written, bool is_target) {
  std::string digits;
  bool is_behind_country = false;
  for (std::size_t at = 0; at < written.size();) {
    char32_t c = utf8_next(written, at);
    if (c > 0xff00 && c < 0xff5f) c -= 0xfee0; // full width
    const bool is_digit = c >= '0' && c <= '9';
    if (is_digit && !(std::exchange(is_behind_country, false) && c == '0')) // +81 (0)3
      digits += static_cast<char>(c);
    else if (c == '+' && digits.empty())
      digits = "+";
    else if (!is_digit && is_target && std::u32string_view(U" -.()").find(c) == std::u32string_view::npos)
      return {};
    if (digits != "+81") continue;
    digits = "0";
    is_behind_country = true;
  }
  return digits;
}

bool says_number(std::string_view text, std::string_view target) {
  const std::string number = dialled(target, true);
  return !number.empty() && number == dialled(text, false);
}

bool is_unseen(char c) {
  return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
}

/// May say so of one that has none.
bool has_unseen(std::string_view url) {
  for (std::uint64_t eight; url.size() >= sizeof eight; url.remove_prefix(sizeof eight)) {
    std::memcpy(&eight, url.data(), sizeof eight);
    if (has_blank_or_control(eight) || has_octet(eight, 0x7f)) return true;
  }
  return std::ranges::any_of(url, is_unseen);
}

} // namespace

LinkText text_of_link(std::string_view text, std::string_view href) {
  std::string seen; // a browser passes over white space and controls
  if (has_unseen(href)) {
    seen = href;
    std::erase_if(seen, is_unseen);
    href = seen;
  }
  const auto starts = [&](std::string_view start) { return equals_lower(href.substr(0, start.size()), start); };

  if (starts("javascript:") || starts("vbscript:") || starts("data:"))
    return {.shown = {}, .script = true};
  if (starts("mailto:") || starts("tel:")) {
    std::string_view address = href.substr(href.find(':') + 1);
    address = address.substr(0, address.find('?'));
    const bool said = address.empty() || text.find(address) != std::string_view::npos ||
                      (starts("tel:") && says_number(text, address));
    return {.shown = said ? std::string() : cut(std::string(address)), .script = false};
  }
  if (starts("//")) {
    seen = "https:" + std::string(href);
    href = seen;
  } else if (!starts("http:") && !starts("https:")) {
    return {.shown = is_remote(href) ? cut(std::string(href)) : std::string(), .script = false};
  }
  if (says_the_same(text, href)) return {};
  return {.shown = cut(defanged(href)), .script = false};
}

} // namespace sekisho::text
