#include "gateway/smtp/address.hh"

#include "base/text.hh"
#include "base/utf8.hh"
#include "sanitizer/text/idn.hh"

#include <algorithm>

namespace sekisho::smtp {
namespace {

bool is_beyond_ascii(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

bool is_atext(char c) { // RFC 5322 §3.2.3, RFC 6531 §3.3
  return is_letter_or_digit(c) || is_beyond_ascii(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_domain(std::string_view text) { // §4.1.2 Domain; '_' is met in the wild and harmless
  if (text.empty() || text.size() > max_domain) return false;
  std::size_t label = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || text[i] == '.') {
      if (label == 0 || label > 63 || text[i - 1] == '-' || text[i - label] == '-') return false;
      label = 0;
      continue;
    }
    const char c = text[i];
    if (!is_letter_or_digit(c) && c != '-' && c != '_' && !is_beyond_ascii(c)) return false;
    ++label;
  }
  return true;
}

bool is_literal(std::string_view text) { // §4.1.3 address-literal
  return text.size() >= 3 && text.size() <= max_domain && text.front() == '[' && text.back() == ']' &&
         std::all_of(text.begin() + 1, text.end() - 1, [](char c) {
           return is_letter_or_digit(c) || c == '.' || c == ':' || c == '-';
         });
}

bool is_dot_string(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.' ? text[i - 1] == '.' : !is_atext(text[i]))
      return false;
  }
  return true;
}

/// Quoted-string: takes it off `rest`, unquoted into `local`.
bool take_quoted(std::string_view &rest, std::string &local) {
  std::size_t i = 1;
  for (; i < rest.size() && rest[i] != '"'; ++i) {
    if (rest[i] == '\\' && ++i == rest.size()) return false;
    const unsigned char c = static_cast<unsigned char>(rest[i]);
    if (c < 0x20 || c == 0x7f) return false;
    local += rest[i];
  }
  if (i >= rest.size()) return false;
  rest.remove_prefix(i + 1);
  return true;
}

/// The A-d-l of a source route, up to and with its colon.
bool skip_source_route(std::string_view &rest) {
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos) return false;
  std::string_view hops = rest.substr(0, colon);
  while (!hops.empty()) {
    const std::size_t comma = std::min(hops.find(','), hops.size());
    std::string_view hop = hops.substr(0, comma);
    if (hop.empty() || hop.front() != '@' || !is_domain(hop.substr(1))) return false;
    if (comma + 1 == hops.size()) return false;
    hops.remove_prefix(std::min(comma + 1, hops.size()));
  }
  rest.remove_prefix(colon + 1);
  return true;
}

} // namespace

bool is_utf8(std::string_view text) { return utf8_valid(text); }

bool Mailbox::utf8() const {
  auto high = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  return std::any_of(local.begin(), local.end(), high) ||
         std::any_of(domain.begin(), domain.end(), high);
}

bool Mailbox::routed() const { return local.find_first_of("%!@") != std::string::npos; }

std::string Mailbox::text() const {
  if (null()) return {};
  if (is_dot_string(local)) return local + '@' + domain;
  std::string quoted = "\"";
  for (char c : local) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"@" + domain;
}

Result<Mailbox, Reason> take_path(std::string_view &rest, bool utf8) {
  std::string_view path = rest;
  const auto wrong = fail(Reason::command_syntax);
  if (path.empty() || path.front() != '<') return wrong;
  path.remove_prefix(1);

  Mailbox mailbox;
  if (!path.empty() && path.front() == '>') {
    rest = path.substr(1);
    return mailbox;
  }
  if (!path.empty() && path.front() == '@' && !skip_source_route(path)) return wrong;

  if (!path.empty() && path.front() == '"') {
    if (!take_quoted(path, mailbox.local)) return wrong;
  } else {
    const std::size_t at = path.find_first_of("@<> ");
    if (at == std::string_view::npos || !is_dot_string(path.substr(0, at))) return wrong;
    mailbox.local = path.substr(0, at);
    path.remove_prefix(at);
  }
  const std::size_t close = path.find('>');
  if (close == std::string_view::npos || path.front() != '@') return wrong;
  mailbox.domain = path.substr(1, close - 1);
  path.remove_prefix(close + 1);

  if (rest.size() - path.size() > max_path || mailbox.local.size() > max_local_part) return wrong;
  if (!is_domain(mailbox.domain) && !is_literal(mailbox.domain)) return wrong;
  if (mailbox.utf8() && (!utf8 || !is_utf8(mailbox.local) || !is_utf8(mailbox.domain))) return wrong;
  if (text::to_ascii_domain(mailbox.domain).empty()) return wrong; // no name service can have it (RFC 6531 §3.2)
  rest = path;
  return mailbox;
}

bool is_host_name(std::string_view text) {
  return is_literal(text) || (is_domain(text) && std::all_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x80;
         }));
}

} // namespace sekisho::smtp
