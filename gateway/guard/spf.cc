#include "gateway/guard/spf.hh"

#include "gateway/guard/message.hh"
#include "gateway/guard/spf_record.hh"
#include "sanitizer/text/idn.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::guard {
namespace {

constexpr unsigned most_lookups = 10; // terms that ask, RFC 7208 §4.6.4
constexpr unsigned most_void = 2;     // questions answered with nothing
constexpr std::size_t most_names = 10; // of MX and PTR
constexpr unsigned most_nested = 11;   // includes in includes; the count above ends them before

/// 192.0.2.3 or the nibbles of an IPv6 address with dots between (§7.3).
std::string dotted(const Ip &ip) {
  if (ip.is_v4()) return to_string(ip);
  const std::string digits = to_hex(std::as_bytes(std::span(ip.octets)));
  std::string text;
  for (char digit : digits) {
    if (!text.empty()) text += '.';
    text += digit;
  }
  return text;
}

std::string reversed(const std::string &dotted) {
  std::string text;
  std::string_view rest = dotted;
  while (!rest.empty()) {
    const std::size_t dot = rest.rfind('.');
    if (!text.empty()) text += '.';
    text += rest.substr(dot == std::string_view::npos ? 0 : dot + 1);
    rest = dot == std::string_view::npos ? std::string_view() : rest.substr(0, dot);
  }
  return text;
}

bool is_at_or_below(std::string_view name, std::string_view domain) {
  if (name.size() == domain.size()) return name == domain;
  return name.size() > domain.size() && name.ends_with(domain) && name[name.size() - domain.size() - 1] == '.';
}

/// §4.3: a name with at least two labels, each of 1 to 63 octets.
bool is_judgeable(std::string_view domain) {
  return is_askable(domain) && domain.find('.') != std::string_view::npos && !domain.starts_with('[');
}

class Check {
public:
  Check(const SpfQuery &query, std::string sender, Lookups &lookups)
      : query_(query), sender_(std::move(sender)), lookups_(lookups) {
    const std::size_t at = sender_.rfind('@');
    macros_.sender = sender_;
    macros_.local = sender_.substr(0, at);
    macros_.sender_domain = sender_.substr(at + 1);
    macros_.address = dotted(query.client);
    macros_.readable_address = to_string(query.client);
    macros_.version = query.client.is_v4() ? "in-addr" : "ip6";
    macros_.helo = query.helo;
    macros_.receiver = query.receiver;
  }

  /// §4; meaningless once something is missing.
  SpfResult host(const std::string &domain, unsigned nested = 0) {
    if (!is_judgeable(domain)) return SpfResult::none;
    const Answer *answer = ask(domain, DnsType::txt);
    if (!answer) return SpfResult::none;
    if (answer->status == Answer::Status::failed) return SpfResult::temperror;
    std::vector<std::string_view> records;
    for (const std::string &text : answer->texts)
      if (is_spf(text)) records.push_back(text);
    if (records.empty()) return SpfResult::none;
    if (records.size() > 1) return SpfResult::permerror;
    const std::optional<SpfRecord> record = parse_spf(records.front().substr(6));
    if (!record) return SpfResult::permerror;
    return judge(*record, domain, nested);
  }
  bool missing() const { return missing_; }

private:
  struct Failed {
    SpfResult result;
  };
  enum class Match : std::uint8_t { no, yes, temperror, permerror, missing };

  const Answer *ask(std::string_view name, DnsType type) {
    const Answer *answer = lookups_.ask(name, type);
    if (!answer) missing_ = true;
    return answer;
  }

  SpfResult judge(const SpfRecord &record, const std::string &domain, unsigned nested) {
    for (const SpfTerm &term : record.terms) {
      switch (matches(term, domain, nested)) {
      case Match::no: break;
      case Match::yes:
        return term.qualifier == '+'   ? SpfResult::pass
               : term.qualifier == '-' ? SpfResult::fail
               : term.qualifier == '~' ? SpfResult::softfail
                                       : SpfResult::neutral;
      case Match::temperror: return SpfResult::temperror;
      case Match::permerror: return SpfResult::permerror;
      case Match::missing: return SpfResult::none;
      }
    }
    if (!record.redirect) return SpfResult::neutral;
    if (!may_ask() || nested >= most_nested) return SpfResult::permerror;
    const std::optional<std::string> target = expanded(*record.redirect, domain);
    if (!target) return SpfResult::none;
    const SpfResult result = host(*target, nested + 1);
    return result == SpfResult::none ? SpfResult::permerror : result;
  }

  bool may_ask() { return ++asked_ <= most_lookups; }

  /// Nothing: a name is missing.
  std::optional<std::string> expanded(const std::string &domain_spec, const std::string &domain) {
    if (domain_spec.empty()) return domain;
    SpfMacros macros = macros_;
    macros.domain = domain;
    if (uses_validated_name(domain_spec)) {
      const std::optional<std::string> name = validated_name(domain);
      if (!name) return std::nullopt;
      macros.validated = *name;
    }
    return lower_case(expand_macros(domain_spec, macros));
  }

  Match matches(const SpfTerm &term, const std::string &domain, unsigned nested) {
    using What = SpfTerm::What;
    if (term.what == What::all) return Match::yes;
    if (term.what == What::ip4 || term.what == What::ip6) return is_in(term.network, term) ? Match::yes : Match::no;
    if (!may_ask()) return Match::permerror;
    const std::optional<std::string> target = expanded(term.domain_spec, domain);
    if (!target) return Match::missing;
    switch (term.what) {
    case What::include: return includes(*target, nested);
    case What::a: return has_address(*target, term);
    case What::mx: return has_exchange(*target, term);
    case What::ptr: return has_pointer(*target);
    default: return exists(*target);
    }
  }

  bool is_in(const Ip &network, const SpfTerm &term) const {
    if (network.is_v4() != query_.client.is_v4()) return false;
    Network range{network, static_cast<std::uint8_t>(network.is_v4() ? 96 + term.prefix4 : term.prefix6)};
    return range.contains(query_.client);
  }

  Match includes(const std::string &target, unsigned nested) {
    if (nested >= most_nested) return Match::permerror;
    switch (host(target, nested + 1)) {
    case SpfResult::pass: return missing_ ? Match::missing : Match::yes;
    case SpfResult::temperror: return Match::temperror;
    case SpfResult::permerror: return Match::permerror;
    case SpfResult::none: return missing_ ? Match::missing : Match::permerror;
    default: return missing_ ? Match::missing : Match::no;
    }
  }

  DnsType address_type() const { return query_.client.is_v4() ? DnsType::a : DnsType::aaaa; }

  /// Answered with nothing once too often: permerror.
  Match looked_up(const Answer *answer) {
    if (!answer) return Match::missing;
    if (answer->status == Answer::Status::failed) return Match::temperror;
    if (answer->empty() && ++void_ > most_void) return Match::permerror;
    return Match::yes;
  }

  Match has_address(const std::string &target, const SpfTerm &term) {
    const Answer *answer = ask(target, address_type());
    if (const Match looked = looked_up(answer); looked != Match::yes) return looked;
    return std::ranges::any_of(answer->addresses, [&](const Ip &ip) { return is_in(ip, term); }) ? Match::yes
                                                                                                    : Match::no;
  }

  Match has_exchange(const std::string &target, const SpfTerm &term) {
    const Answer *answer = ask(target, DnsType::mx);
    if (const Match looked = looked_up(answer); looked != Match::yes) return looked;
    if (answer->names.size() > most_names) return Match::permerror;
    Match found = Match::no;
    for (const std::string &name : answer->names) {
      if (name.empty()) continue; // RFC 7505: takes no mail
      const Answer *addresses = ask(name, address_type()); // all of them are asked for at once
      const Match looked = looked_up(addresses);
      if (found != Match::no) continue;
      if (looked != Match::yes) found = looked;
      else if (std::ranges::any_of(addresses->addresses, [&](const Ip &ip) { return is_in(ip, term); }))
        found = Match::yes;
    }
    return found;
  }

  /// §5.5: names of the client's address that lead back to it.  Nothing: some are missing.
  std::optional<std::vector<std::string>> names_of_client() {
    std::vector<std::string> names;
    const std::string suffix = query_.client.is_v4() ? ".in-addr.arpa" : ".ip6.arpa";
    const Answer *answer = ask(reversed(macros_.address) + suffix, DnsType::ptr);
    if (!answer) return std::nullopt;
    const std::size_t count = std::min(answer->names.size(), most_names);
    bool missing = false;
    for (std::size_t i = 0; i < count; ++i) {
      const Answer *addresses = ask(answer->names[i], address_type());
      if (!addresses) missing = true;
      else if (std::ranges::count(addresses->addresses, query_.client) > 0) names.push_back(answer->names[i]);
    }
    return missing ? std::nullopt : std::optional(std::move(names));
  }

  Match has_pointer(const std::string &target) {
    const std::optional<std::vector<std::string>> names = names_of_client();
    if (!names) return Match::missing;
    return std::ranges::any_of(*names, [&](const std::string &name) { return is_at_or_below(name, target); })
               ? Match::yes
               : Match::no;
  }

  /// §7.3, %{p}: the domain itself, one below it, any, or "unknown".
  std::optional<std::string> validated_name(const std::string &domain) {
    const std::optional<std::vector<std::string>> names = names_of_client();
    if (!names) return std::nullopt;
    for (const std::string &name : *names)
      if (name == domain) return name;
    for (const std::string &name : *names)
      if (is_at_or_below(name, domain)) return name;
    return names->empty() ? "unknown" : names->front();
  }

  Match exists(const std::string &target) {
    const Answer *answer = ask(target, DnsType::a); // whatever the client's address is, §5.7
    if (const Match looked = looked_up(answer); looked != Match::yes) return looked;
    return answer->addresses.empty() ? Match::no : Match::yes;
  }

  const SpfQuery &query_;
  std::string sender_;
  Lookups &lookups_;
  SpfMacros macros_;
  unsigned asked_ = 0, void_ = 0;
  bool missing_ = false;
};

} // namespace

std::string_view word_of(SpfResult result) {
  constexpr std::string_view words[] = {"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"};
  return words[static_cast<std::size_t>(result)];
}

std::optional<SpfOutcome> check_spf(const SpfQuery &query, Lookups &lookups) {
  SpfOutcome outcome;
  outcome.by_helo = query.sender.empty();
  std::string sender = outcome.by_helo ? "postmaster@" + query.helo : query.sender;
  if (sender.starts_with('@')) sender.insert(0, "postmaster"); // §4.3
  if (sender.find('@') == std::string::npos) sender.insert(0, "postmaster@");
  outcome.domain = text::to_ascii_domain(domain_of(sender));
  Check check(query, sender, lookups);
  outcome.result = check.host(outcome.domain);
  if (check.missing()) return std::nullopt;
  return outcome;
}

} // namespace sekisho::guard
