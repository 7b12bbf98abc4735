#include "rules/mail_pattern.hh"

namespace sekisho::rules {
namespace {

bool is_local_part(std::string_view local) { // RFC 5321 §4.1.2 dot-string
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789!#$%&'+-/=?^_`{|}~.";
  return !local.empty() && local.size() <= 64 && local.front() != '.' && local.back() != '.' &&
         local.find("..") == std::string_view::npos &&
         local.find_first_not_of(allowed) == std::string_view::npos;
}

} // namespace

bool is_mail_domain(std::string_view domain) {
  if (domain.empty() || domain.size() > 253) return false; // RFC 1035 §2.3.4
  while (true) {
    std::size_t dot = domain.find('.');
    std::string_view label = domain.substr(0, dot);
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-' ||
        label.find_first_not_of(allowed) != std::string_view::npos)
      return false;
    if (dot == std::string_view::npos) return true;
    domain.remove_prefix(dot + 1);
  }
}

bool is_mail_pattern(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return false;
  const std::string_view local = text.substr(0, at);
  return (local == "*" || is_local_part(local)) && is_mail_domain(text.substr(at + 1));
}

int closeness(std::string_view pattern, std::string_view address) {
  if (pattern == address) return 3;
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos || at == 0) return 0;
  if (address.substr(0, at).find_first_of("@%!:") != std::string_view::npos) return 0;
  if (pattern == "*") return 1;
  return pattern.substr(0, 2) == "*@" && address.substr(at) == pattern.substr(1) ? 2 : 0;
}

} // namespace sekisho::rules
