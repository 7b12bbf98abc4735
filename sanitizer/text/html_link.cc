#include "sanitizer/text/html_link.hh"

#include "base/find.hh"
#include "base/text.hh"
#include "base/utf8.hh"
#include "sanitizer/text/html_tags.hh"
#include "sanitizer/text/idn.hh"

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
constexpr std::string_view any_slash = "/\\";
/// Where a target leads from whose base was added too often.
constexpr std::string_view elsewhere = "https://…/";

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

void append_by_number(std::string &text, char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto octet = static_cast<unsigned char>(c);
  text.append({'%', digits[octet / 16], digits[octet % 16]});
}

/// As programs read a target: without line ends and TABs, and without blanks around it; those inside stand as %20.
std::string as_read(std::string_view href) {
  while (!href.empty() && static_cast<unsigned char>(href.front()) <= 0x20)
    href.remove_prefix(1);
  while (!href.empty() && static_cast<unsigned char>(href.back()) <= 0x20)
    href.remove_suffix(1);
  std::string read;
  for (const char c : href) {
    if (!is_unseen(c)) read += c;
    else if (c != '\t' && c != '\n' && c != '\r') append_by_number(read, c);
  }
  return read;
}

/// Most links: "https://" and a host of letters, digits, '-' and '.', nobody before it, not long.  Where its host ends; 0: another.
std::size_t end_of_plain_host(std::string_view href) {
  constexpr std::size_t max_plain = 1000;
  const std::size_t begin = href.starts_with("https://") ? 8 : href.starts_with("http://") ? 7 : 0;
  std::size_t end = begin;
  while (end < href.size() && (is_letter(href[end]) || (href[end] >= '0' && href[end] <= '9') || href[end] == '-' || href[end] == '.'))
    ++end;
  const bool is_whole = begin > 0 && end > begin && (end == href.size() || href[end] == '/' || href[end] == '?' || href[end] == '#');
  return is_whole && href.size() <= max_plain && href.find("://", end) == href.npos ? end : 0;
}

/// As target_shown() shows such a one.
std::string plain_shown(std::string_view href, std::size_t end_of_host) {
  std::string shown;
  shown.reserve(href.size() + 16); // dots of a host
  const std::size_t begin = href.find("//") + 2;
  shown.append("hxxp").append(href.substr(4, begin - 4));
  for (std::size_t at = begin; at < end_of_host;) {
    const std::size_t dot = std::min(href.find('.', at), end_of_host);
    shown.append(href.substr(at, dot - at)).append(dot < end_of_host ? "[.]" : "");
    at = dot + 1;
  }
  return shown.append(href.substr(end_of_host));
}

/// Programs make a link of `\\server\share`, and Windows logs in there.
std::string unc_shown(std::string_view text) { return replaced(text, "\\\\", "[\\\\]"); }

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

/// Letters, digits, those of `signs` and what is no ASCII, in place of how they are written by number.
std::string decoded(std::string_view host, std::string_view signs) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : lower(c) - 'a' + 10; };
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'f'); };
  std::string written;
  for (std::size_t at = 0; at < host.size(); ++at) {
    const bool is_coded = host[at] == '%' && at + 2 < host.size() && is_digit(host[at + 1]) && is_digit(host[at + 2]);
    const char c = is_coded ? static_cast<char>(digit(host[at + 1]) * 16 + digit(host[at + 2])) : host[at];
    const bool is_shown = is_letter(c) || (c >= '0' && c <= '9') || signs.find(c) != signs.npos || (c & 0x80) != 0;
    if (is_coded && is_shown) at += 2;
    written += is_coded && !is_shown ? '%' : c;
  }
  return utf8_valid(written) ? written : std::string(host);
}

/// ASCII and letters of Japanese, but those that look like a slash or a hyphen behind ASCII.
bool reads_as_written(std::string_view host) {
  char32_t before = 0;
  for (std::size_t at = 0; at < host.size();) {
    const char32_t c = utf8_next(host, at);
    const bool is_sign = std::u32string_view(U"ノソゾンー一丶丿〇").find(c) != std::u32string_view::npos;
    const bool is_japanese = (c >= 0x3041 && c <= 0x3096) || (c >= 0x30a1 && c <= 0x30fe) || (c >= 0x3400 && c < 0xa000) ||
                             (c >= 0x3005 && c <= 0x3007) || (c >= 0xf900 && c < 0xfb00) || (c >= 0x20000 && c < 0x32000);
    if (c >= 0x80 && (!is_japanese || (is_sign && before > 0 && before < 0x80))) return false;
    before = c;
  }
  return true;
}

/// Of what no name can be: by number, as it can be taken for nothing else.
std::string by_number(std::string_view host) {
  std::string written;
  for (const char c : host) {
    if ((c & 0x80) == 0) written += c;
    else append_by_number(written, c);
  }
  return written;
}

} // namespace

// -- hosts
// -------------------------------------------------------------------------------------------------------------------
/// The name service's form of it behind it, where its letters could be taken for others; alone, where they only stand for those.
std::string Links::host_shown(std::string_view written) {
  if ((written.find('%') == written.npos && is_ascii(written)) || written == "…") return end_of(written);
  const std::string host = decoded(written, "-.");
  if (host.size() > max_host) return end_of(written);
  if (is_ascii(host)) return host;
  const std::size_t port = std::min(host.find(':'), host.size());
  const std::string_view name = std::string_view(host).substr(0, port);
  if (reads_as_written(name)) return host;
  std::string ascii = names_left_ > 0 ? to_ascii_domain(name) : std::string();
  names_left_ -= names_left_ > 0;
  const bool is_name = !ascii.empty() && ascii.find_first_of(" #%/:<>?@[\\]^|") == ascii.npos;
  if (!is_name) ascii = by_number(name);
  const bool is_told = !is_name || ascii.find("xn--") != ascii.npos;
  return (is_told ? std::string(name) + "(" + ascii + ")" : ascii) + host.substr(port);
}

// -- targets
// -----------------------------------------------------------------------------------------------------------------
/// hxxps://www[.]example[.]jp/path
std::string Links::target_shown(std::string_view target) {
  const Target parts = parts_of(target);
  std::string shown;
  if (parts.is_web) shown = parts.scheme.size() == 5 ? "hxxps:" : "hxxp:";
  else shown.append(parts.scheme).append("[:]");
  if (parts.has_host) shown.append("//").append(replaced(user_shown(parts.user) + host_shown(parts.host), ".", "[.]"));
  return shown += replaced(unc_shown(cut(parts.rest, max_shown - std::min(max_shown, shown.size()))), "://", "[:]//");
}

/// RFC 6068: one behind the other.
std::string Links::addresses_shown(std::string_view list) {
  std::string shown;
  for (std::size_t at = 0; at <= list.size(); ++at) {
    if (shown.size() > max_shown) return shown + "…(+" + std::to_string(list.size() - at) + ")";
    const std::string_view one = list.substr(at, list.find(',', at) - at);
    const std::size_t user = one.rfind('@') + 1;
    if (at > 0) shown += ',';
    shown += user == 0 ? cut(one, max_user) : user_shown(one.substr(0, user)) + host_shown(one.substr(user));
    at += one.size();
  }
  return shown;
}

/// RFC 6068 §2: "?cc=a@x.example&subject=…".  In addresses the hosts are whole, all else is cut.
std::string Links::fields_shown(std::string_view fields) {
  std::string shown;
  while (!fields.empty()) {
    if (shown.size() > max_shown) return shown + "…(+" + std::to_string(fields.size()) + ")";
    const std::string_view one = fields.substr(0, fields.find('&', 1));
    const std::size_t value = std::min(one.find('='), one.size() - 1) + 1;
    const bool is_list = is_one_of(one.substr(1, value - 1), {"to=", "cc=", "bcc="});
    shown += cut(one.substr(0, value), max_user);
    if (is_list) shown += addresses_shown(decoded(one.substr(value), "@,-._+"));
    else shown += cut(replaced(decoded(one.substr(value), "-.,_/@:()!'"), "://", "[:]//"), max_shown);
    fields.remove_prefix(one.size());
  }
  return shown;
}

std::string Links::mail_shown(std::string_view target, std::string_view text) {
  const std::size_t fields = std::min(target.find('?'), target.size());
  const std::string_view address = target.substr(0, fields);
  if (target.size() <= fields + 1) {
    const bool is_said = address.empty() || (names_address(text, address) && reads_as_written(address));
    return is_said ? std::string() : addresses_shown(address);
  }
  return (address.empty() ? "mailto[:]" : addresses_shown(address)) + fields_shown(target.substr(fields));
}

// -- relative targets
// ----------------------------------------------------------------------------------------------------------------
void Links::set_base(std::string_view href) {
  std::string read = as_read(href);
  if (read.starts_with("//")) read.insert(0, "https:");
  if (scheme_of(read).empty()) return;
  const Target parts = parts_of(read);
  if (!parts.has_host) return;
  const std::string_view path = parts.rest.substr(0, std::min(parts.rest.find_first_of("?#"), max_shown));
  base_.assign(parts.scheme).append("://").append(user_shown(parts.user)).append(end_of(parts.host)).append(path);
}

/// "https:x" goes on from a base of its scheme (WHATWG URL §4.4).
bool Links::is_relative(std::string_view scheme, std::string_view href) const {
  if (scheme.empty()) return true;
  const std::string_view own = std::string_view(base_).substr(0, base_.find(':'));
  const std::string_view slashes = href.substr(scheme.size() + 1, 2);
  const bool has_host = slashes.size() == 2 && slashes.find_first_not_of(any_slash) == slashes.npos;
  return !has_host && is_one_of(scheme, {"http", "https"}) && std::ranges::equal(scheme, own, {}, lower, lower);
}

/// Its "../" stay as they are.
std::string Links::resolved(std::string_view href) {
  const std::string_view base = base_.size() <= base_octets_left_ ? std::string_view(base_) : elsewhere;
  base_octets_left_ -= std::min(base_octets_left_, base.size());
  const std::size_t authority = base.find("//"), path = std::min(base.find_first_of(any_slash, authority + 2), base.size());
  const std::size_t slashes = std::min(href.find_first_not_of(any_slash), href.size());
  if (slashes >= 2) return std::string(base.substr(0, authority)).append(href);
  if (slashes == 1) return std::string(base.substr(0, path)).append(href);
  if (href.empty() || href.front() == '?' || href.front() == '#') return std::string(base).append(href);
  const std::string_view folder = base.substr(0, std::max(base.find_last_of(any_slash) + 1, path));
  return std::string(folder).append(folder.size() == path ? "/" : "").append(href);
}

LinkText Links::text_of(std::string_view text, std::string_view href) {
  std::string read;
  if (has_unseen(href)) href = read = as_read(href);
  if (const std::size_t end = end_of_plain_host(href); end > 0 && base_.empty())
    return {.shown = says_the_same(text, href) ? std::string() : plain_shown(href, end)};
  std::string_view scheme = scheme_of(href);
  if (is_one_of(scheme, {"javascript", "vbscript", "data"})) return {.shown = {}, .script = true};
  if (equals_lower(scheme, "mailto")) return {.shown = mail_shown(href.substr(scheme.size() + 1), text)};
  if (equals_lower(scheme, "tel")) {
    std::string_view number = href.substr(scheme.size() + 1);
    number = number.substr(0, number.find('?'));
    if (number.empty() || names_address(text, number) || says_number(text, number)) return {};
    return {.shown = cut(number, max_shown)};
  }
  if (is_relative(scheme, href)) {
    if (href.starts_with("\\\\")) return {.shown = replaced(unc_shown(cut(href, max_shown)), ".", "[.]")}; // as Windows does
    if (!base_.empty()) href = read = resolved(scheme.empty() ? href : href.substr(scheme.size() + 1));
    else if (href.starts_with("//")) href = read = "https:" + std::string(href);
    else if (href.empty() || href.starts_with('#') || text == href) return {}; // within the page
    else return {.shown = "相対: " + replaced(cut(href, max_shown), "://", "[:]//")};
    scheme = scheme_of(href);
  }
  if (leads_nowhere(scheme)) return {};
  const bool is_said = is_one_of(scheme, {"http", "https"}) ? says_the_same(text, href) : text == href;
  if (is_said && reads_as_written(parts_of(href).host)) return {};
  return {.shown = target_shown(href)};
}

} // namespace sekisho::text
