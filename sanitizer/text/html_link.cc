#include "sanitizer/text/html_link.hh"

#include "base/find.hh"
#include "base/utf8.hh"
#include "sanitizer/text/html_tags.hh"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <utility>

namespace sekisho::text {
namespace {

constexpr std::size_t max_shown = 2000; // octets of a target; more of its path is cut
constexpr std::size_t max_user = 64;    // of what stands before its '@' (RFC 5321 §4.5.3.1.1)
constexpr std::size_t max_host = 1020;  // a name has 255 (RFC 1035 §2.3.4), as many characters in other letters
constexpr std::size_t max_scheme = 64;

bool continues(char c) {
  return (c & 0xc0) == 0x80;
}

/// The beginning, and how many octets are left out.
std::string cut(std::string_view text, std::size_t octets) {
  if (text.size() <= octets) return std::string(text);
  while (octets > 0 && continues(text[octets]))
    octets--;
  return std::string(text.substr(0, octets)) + "…(+" + std::to_string(text.size() - octets) + ")";
}

/// Of a host the end, which says whose it is.
std::string end_of(std::string_view host) {
  if (host.size() <= max_host) return std::string(host);
  host.remove_prefix(host.size() - max_host);
  while (!host.empty() && continues(host.front()))
    host.remove_prefix(1);
  return "…" + std::string(host);
}

std::string replaced(std::string_view text, std::string_view what, std::string_view with) {
  std::string result;
  for (;;) {
    const std::size_t at = std::min(text.find(what), text.size());
    result += text.substr(0, at);
    if (at == text.size()) return result;
    result += with;
    text.remove_prefix(at + what.size());
  }
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

/// The parts of a target, as programs read it (WHATWG URL §4.4).
struct Target {
  std::string_view scheme, user, host, rest; // user: up to its '@'; rest: from the path on
  bool is_web = false;                       // http or https
  bool has_host = false;
};

/// The scheme a target begins with; empty: it is relative.
std::string_view scheme_of(std::string_view target) {
  const std::string_view scheme = target.substr(0, std::min(target.find(':'), target.size()));
  const auto is_part = [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'; };
  const bool is_scheme = scheme.size() < target.size() && !scheme.empty() && scheme.size() <= max_scheme &&
                         is_letter(scheme.front()) && std::ranges::all_of(scheme, is_part);
  return is_scheme ? scheme : std::string_view();
}

bool is_one_of(std::string_view scheme, std::initializer_list<std::string_view> wanted) {
  return std::ranges::any_of(wanted, [&](std::string_view one) { return equals_lower(scheme, one); });
}

Target parts_of(std::string_view target) {
  Target parts;
  parts.scheme = scheme_of(target);
  parts.rest = target.substr(parts.scheme.size() + 1);
  parts.is_web = is_one_of(parts.scheme, {"http", "https"});
  const bool is_special = parts.is_web || is_one_of(parts.scheme, {"ftp", "file", "ws", "wss"});
  const auto is_slash = [&](char c) { return c == '/' || (c == '\\' && is_special); };
  std::size_t slashes = 0;
  while (slashes < parts.rest.size() && is_slash(parts.rest[slashes]) && (parts.is_web || slashes < 2))
    ++slashes;
  parts.has_host = parts.is_web || slashes == 2;
  if (!parts.has_host) return parts;
  parts.rest.remove_prefix(slashes);
  const auto ends = [&](char c) { return is_slash(c) || c == '?' || c == '#'; };
  const auto end = static_cast<std::size_t>(std::ranges::find_if(parts.rest, ends) - parts.rest.begin());
  const std::size_t user = parts.rest.substr(0, end).rfind('@') + 1; // npos + 1: none
  parts.user = parts.rest.substr(0, user);
  parts.host = parts.rest.substr(user, end - user);
  parts.rest.remove_prefix(end);
  return parts;
}

std::string user_shown(std::string_view user) {
  return user.size() > max_user + 1 ? "…@" : std::string(user);
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
      digits += '+';
    else if (!is_digit && is_target && std::u32string_view(U" -.()").find(c) == std::u32string_view::npos)
      return {};
    if (digits != "+81") continue;
    digits.assign(1, '0');
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

/// As programs read a target: without line ends and TABs, and without blanks around it; those inside stand as %20.
std::string as_read(std::string_view href) {
  while (!href.empty() && static_cast<unsigned char>(href.front()) <= 0x20)
    href.remove_prefix(1);
  while (!href.empty() && static_cast<unsigned char>(href.back()) <= 0x20)
    href.remove_suffix(1);
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string read;
  for (const char c : href) {
    if (!is_unseen(c)) read += c;
    else if (c != '\t' && c != '\n' && c != '\r') read.append({'%', digits[static_cast<unsigned char>(c) / 16], digits[c % 16]});
  }
  return read;
}

/// What leads nowhere but into the mail, or is a sign of programs for themselves.
bool leads_nowhere(std::string_view scheme) {
  return is_one_of(scheme, {"cid", "mid", "about", "x-apple-data-detectors", "applewebdata"});
}

/// Whether `text` names the address, not one that begins or ends with it.
bool names_address(std::string_view text, std::string_view address) {
  const auto is_part = [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '+' || c == '@'; };
  for (std::size_t at = 0; (at = text.find(address, at)) != text.npos; ++at) {
    const std::string_view behind = text.substr(at + address.size());
    const bool goes_on = !behind.empty() && (is_part(behind[0]) || (behind[0] == '.' && behind.size() > 1 && is_part(behind[1])));
    const bool began_before = at > 0 && (is_part(text[at - 1]) || text[at - 1] == '.');
    if (!goes_on && !began_before) return true;
  }
  return false;
}

/// hxxps://www[.]example[.]jp/path
std::string target_shown(std::string_view target) {
  const Target parts = parts_of(target);
  std::string shown;
  if (parts.is_web) shown = parts.scheme.size() == 5 ? "hxxps:" : "hxxp:";
  else shown.append(parts.scheme).append("[:]");
  if (parts.has_host) shown.append("//").append(replaced(user_shown(parts.user) + end_of(parts.host), ".", "[.]"));
  return shown += replaced(cut(parts.rest, max_shown - std::min(max_shown, shown.size())), "://", "[:]//");
}

/// RFC 6068: one behind the other.
std::string addresses_shown(std::string_view list) {
  std::string shown;
  for (std::size_t at = 0; at <= list.size(); ++at) {
    if (shown.size() > max_shown) return shown + "…(+" + std::to_string(list.size() - at) + ")";
    const std::string_view one = list.substr(at, list.find(',', at) - at);
    const std::size_t user = one.rfind('@') + 1;
    if (at > 0) shown += ',';
    shown += user == 0 ? cut(one, max_user) : user_shown(one.substr(0, user)) + end_of(one.substr(user));
    at += one.size();
  }
  return shown;
}

} // namespace

LinkText text_of_link(std::string_view text, std::string_view href) {
  std::string read;
  if (has_unseen(href)) href = read = as_read(href);
  for (const std::string_view script : {"javascript:", "vbscript:", "data:"})
    if (starts_like(href.substr(0, max_scheme), script)) return {.shown = {}, .script = true};

  std::string_view scheme = scheme_of(href);
  if (is_one_of(scheme, {"mailto", "tel"})) {
    std::string_view address = href.substr(scheme.size() + 1);
    address = address.substr(0, address.find('?'));
    if (address.empty() || names_address(text, address)) return {};
    if (equals_lower(scheme, "mailto")) return {.shown = addresses_shown(address)};
    return {.shown = says_number(text, address) ? std::string() : cut(address, max_shown)};
  }
  if (scheme.empty()) {
    if (href.starts_with("//")) href = read = "https:" + std::string(href);
    else if (href.starts_with("\\\\")) return {.shown = replaced(cut(href, max_shown), ".", "[.]")};
    else return {};
    scheme = scheme_of(href);
  }
  if (leads_nowhere(scheme)) return {};
  if (is_one_of(scheme, {"http", "https"}) ? says_the_same(text, href) : text == href) return {};
  return {.shown = target_shown(href)};
}

} // namespace sekisho::text
