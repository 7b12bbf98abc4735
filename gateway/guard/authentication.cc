#include "gateway/guard/authentication.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::guard {
namespace {

/// As a pvalue (RFC 8601 §2.2): what is no token is quoted, what is not printable ASCII is left out.
std::string value_of(std::string_view text) {
  std::string out;
  bool plain = !text.empty();
  for (char c : text.substr(0, 320)) {
    if (c < 0x20 || c > 0x7e) {
      plain = false;
      continue;
    }
    const bool is_token = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                          std::string_view("!#$%&'*+-._`|~^{}/@=").find(c) != std::string_view::npos;
    plain = plain && is_token;
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return plain ? out : '"' + out + '"';
}

bool any(const std::vector<DkimOutcome> &dkim, DkimResult result) {
  return std::ranges::any_of(dkim, [result](const DkimOutcome &one) { return one.result == result; });
}

/// Whether the authserv-id of an Authentication-Results is `host_name`, however it is written: [CFWS] value (RFC 8601 §2.2).
bool names(std::string_view value, std::string_view host_name) {
  std::string id;
  unsigned depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    char c = value[i];
    const bool is_escaped = (depth > 0 || quoted) && c == '\\' && i + 1 < value.size();
    if (is_escaped) c = value[++i];
    else if (depth > 0 || (c == '(' && !quoted)) {
      if (c == '(') ++depth;
      if (c == ')') --depth;
      continue;
    } else if (c == '"') {
      quoted = !quoted;
      continue;
    } else if (!quoted && c == ';') {
      break;
    }
    if (depth == 0) id += c;
  }
  id = trimmed(id);
  const std::string_view first = std::string_view(id).substr(0, id.find_first_of(" \t\r\n")); // a version may stand behind it
  return equals_ignoring_case(first, host_name);
}

} // namespace

/// All three ask before any answer is waited for; what is known is not judged twice.
bool Authenticator::go_on(Lookups &lookups) {
  if (!spf_) spf_ = check_spf(query_, lookups);
  if (!dkim_) dkim_ = check_dkim(message_, now_, lookups);
  dmarc_ = check_dmarc(author_of(message_).address, spf_.value_or(SpfOutcome{}), dkim_.value_or(std::vector<DkimOutcome>{}), lookups);
  return spf_ && dkim_ && dmarc_;
}

Authentication Authenticator::take() { return {std::move(*spf_), std::move(*dkim_), std::move(*dmarc_)}; }

std::string authentication_results(std::string_view host_name, const SpfQuery &query, const Authentication &found) {
  std::string text = fmt::format("{}; spf={} {}={}", host_name, word_of(found.spf.result),
                                 found.spf.by_helo ? "smtp.helo" : "smtp.mailfrom",
                                 value_of(found.spf.by_helo ? query.helo : query.sender));
  if (found.dkim.empty()) text += "; dkim=none";
  for (const DkimOutcome &one : found.dkim) {
    text += fmt::format("; dkim={}", word_of(one.result));
    if (!one.why.empty()) text += fmt::format(" reason=\"{}\"", one.why);
    if (!one.domain.empty()) text += fmt::format(" header.d={} header.s={}", value_of(one.domain), value_of(one.selector));
    if (!one.beginning.empty()) text += fmt::format(" header.b={}", value_of(one.beginning));
  }
  text += fmt::format("; dmarc={}", word_of(found.dmarc.result));
  if (!found.dmarc.domain.empty()) text += fmt::format(" header.from={}", value_of(found.dmarc.domain));
  if (found.dmarc.result != DmarcResult::none && found.dmarc.result != DmarcResult::permerror)
    text += fmt::format(" policy.dmarc={}", word_of(found.dmarc.policy));
  return text;
}

std::string no_authentication_results(std::string_view host_name) { return fmt::format("{}; none", host_name); }

/// Every line of the header counts, also behind one that is no field: other readers may go on there.
Buffer without_results_of(std::string_view host_name, Buffer mail) {
  std::string_view rest = as_chars(mail);
  Buffer kept;
  const auto keep = [&](std::string_view text) { kept.insert(kept.end(), as_bytes(text).begin(), as_bytes(text).end()); };
  while (!rest.empty() && !rest.starts_with("\r\n") && !rest.starts_with('\n')) {
    std::size_t end = rest.find('\n');
    while (end < rest.size() - 1 && (rest[end + 1] == ' ' || rest[end + 1] == '\t')) end = rest.find('\n', end + 1); // its folds
    const std::string_view field = rest.substr(0, std::min(end, rest.size() - 1) + 1);
    rest.remove_prefix(field.size());
    const std::size_t colon = std::min(field.find(':'), field.size());
    const bool is_results = equals_ignoring_case(trimmed(field.substr(0, colon)), "Authentication-Results");
    if (!is_results || !names(field.substr(std::min(colon + 1, field.size())), host_name)) keep(field);
  }
  if (kept.size() + rest.size() == mail.size()) return mail;
  keep(rest);
  return kept;
}

std::vector<Reason> findings(const Authentication &found) {
  std::vector<Reason> reasons;
  if (found.dmarc.result == DmarcResult::pass) return reasons;
  if (found.dmarc.result == DmarcResult::fail || found.dmarc.result == DmarcResult::permerror)
    reasons.push_back(Reason::dmarc_failed);
  if (found.spf.result == SpfResult::fail || found.spf.result == SpfResult::softfail) reasons.push_back(Reason::spf_failed);
  const bool broken = any(found.dkim, DkimResult::fail) || any(found.dkim, DkimResult::permerror) ||
                      any(found.dkim, DkimResult::policy);
  if (broken && !any(found.dkim, DkimResult::pass)) reasons.push_back(Reason::dkim_failed);
  const bool unanswered = found.dmarc.result == DmarcResult::temperror || found.spf.result == SpfResult::temperror ||
                          any(found.dkim, DkimResult::temperror);
  if (unanswered) reasons.push_back(Reason::authentication_unavailable);
  return reasons;
}

bool is_shown_to_be_of(const Authentication &found, std::string_view address) {
  if (found.dmarc.result == DmarcResult::fail) return false; // its record is stricter
  return found.dmarc.result == DmarcResult::pass || is_spoken_for(address, found.spf, found.dkim);
}

/// RFC 7489 §6.6.1: whoever names no author, or several, does not get round the policy of any.
bool is_to_be_rejected(const Authentication &found) {
  if (found.dmarc.result == DmarcResult::permerror) return true;
  return found.dmarc.result == DmarcResult::fail && found.dmarc.policy == DmarcPolicy::reject;
}

} // namespace sekisho::guard
