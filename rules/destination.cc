// Whether a relay lets mail go to a recipient (M7).
#include "rules/relay_guard.hh"
#include "base/text.hh"
#include "rules/text.hh"

#include <algorithm>

namespace sekisho::rules {
namespace {

/// As the name service has it (RFC 5891): whatever else is in an address is not the domain that it seems to be.
bool is_name(std::string_view domain) {
  return std::ranges::all_of(domain, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

enum class Named : std::uint8_t { no, among_others, itself };

/// How a pattern names the recipient: by address or domain, or among all or all below a domain.
Named names(std::string_view pattern, std::string_view recipient) {
  if (pattern == recipient) return Named::itself;
  if (pattern == "*") return Named::among_others;
  if (!pattern.starts_with("*@")) return Named::no;
  const std::string_view domain = recipient.substr(recipient.rfind('@') + 1);
  pattern.remove_prefix(2);
  if (!pattern.starts_with("*.")) return domain == pattern ? Named::itself : Named::no;
  return is_name(domain) && domain.ends_with(pattern.substr(1)) ? Named::among_others : Named::no;
}

/// A domain in other letters, or an address in place of one, may be the same place under another name.
bool can_be_looked_up(std::string_view domain) {
  const std::string_view last = domain.substr(domain.rfind('.') + 1);
  return is_name(domain) && !is_digits(last);
}

} // namespace

/// What is named itself is meant, whatever the lists say.
Reason judge_destination(const GuardRule &rule, std::string_view recipient) {
  const std::string address = lower_case(recipient);
  Named named = Named::no;
  for (const std::string &pattern : rule.destinations) named = std::max(named, names(pattern, address));
  if (named == Named::itself) return Reason::none;
  const std::string domain = address.substr(address.rfind('@') + 1);
  if ((rule.free_mail || rule.network_storage) && !can_be_looked_up(domain)) return Reason::domain_unlisted;
  if (rule.free_mail && rule.free_mail->has(domain)) return Reason::free_mail;
  if (rule.network_storage && rule.network_storage->has(domain)) return Reason::network_storage;
  return rule.destinations.empty() || named != Named::no ? Reason::none : Reason::domain_unlisted;
}

} // namespace sekisho::rules
