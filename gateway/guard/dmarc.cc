#include "gateway/guard/dmarc.hh"

#include "gateway/guard/message.hh"
#include "gateway/guard/tag_list.hh"
#include "sanitizer/text/idn.hh"

#include <libpsl.h>

#include <algorithm>

namespace sekisho::guard {
namespace {

struct Record {
  DmarcPolicy policy = DmarcPolicy::none, below = DmarcPolicy::none;
  bool strict_dkim = false, strict_spf = false;
};

std::optional<DmarcPolicy> policy_named(std::string_view word) {
  for (DmarcPolicy policy : {DmarcPolicy::none, DmarcPolicy::quarantine, DmarcPolicy::reject})
    if (equals_ignoring_case(word, word_of(policy))) return policy;
  return std::nullopt;
}

/// Nothing: not a DMARC record (§6.3).
std::optional<Record> read_record(std::string_view text) {
  const std::string_view first = trimmed(text.substr(0, text.find(';')));
  if (squeezed(first) != "v=DMARC1") return std::nullopt;
  const auto tags = read_tags(text);
  if (!tags) return std::nullopt;
  std::optional<DmarcPolicy> policy = policy_named(tag(*tags, "p"));
  if (!policy && !tags->contains("rua")) return std::nullopt; // §6.6.3
  Record record;
  record.policy = policy.value_or(DmarcPolicy::none);
  record.below = policy_named(tag(*tags, "sp")).value_or(record.policy);
  record.strict_dkim = equals_ignoring_case(tag(*tags, "adkim"), "s");
  record.strict_spf = equals_ignoring_case(tag(*tags, "aspf"), "s");
  if (tag(*tags, "pct", "100") != "100") { // who is picked is not for us to decide: never the stronger one
    record.policy = std::min(record.policy, DmarcPolicy::quarantine);
    record.below = std::min(record.below, DmarcPolicy::quarantine);
  }
  return record;
}

enum class Found : std::uint8_t { missing, failed, none, one };

Found find_record(const std::string &domain, Lookups &lookups, Record &record) {
  const Answer *answer = lookups.ask("_dmarc." + domain, DnsType::txt);
  if (!answer) return Found::missing;
  if (answer->status == Answer::Status::failed) return Found::failed;
  std::size_t count = 0;
  for (const std::string &text : answer->texts)
    if (std::optional<Record> read = read_record(text)) {
      record = *read;
      ++count;
    }
  return count == 1 ? Found::one : Found::none; // §6.6.3: several are none
}

bool aligned(const std::string &one, const std::string &other, bool strict) {
  if (one.empty() || other.empty()) return false;
  return strict ? one == other : organizational_domain(one) == organizational_domain(other);
}

} // namespace

std::string_view word_of(DmarcResult result) {
  constexpr std::string_view words[] = {"none", "pass", "fail", "temperror", "permerror"};
  return words[static_cast<std::size_t>(result)];
}

std::string_view word_of(DmarcPolicy policy) {
  constexpr std::string_view words[] = {"none", "quarantine", "reject"};
  return words[static_cast<std::size_t>(policy)];
}

std::string organizational_domain(const std::string &domain) {
  const psl_ctx_t *suffixes = psl_builtin(); // null where the library was built without one
  const char *registered = suffixes ? psl_registrable_domain(suffixes, domain.c_str()) : nullptr;
  return registered ? registered : domain;
}

bool is_spoken_for(std::string_view address, const SpfOutcome &spf, const std::vector<DkimOutcome> &dkim) {
  const std::string domain = text::to_ascii_domain(domain_of(address));
  return (spf.result == SpfResult::pass && aligned(spf.domain, domain, false)) || std::ranges::any_of(dkim, [&](const DkimOutcome &one) {
           return one.result == DkimResult::pass && aligned(one.domain, domain, false);
         });
}

std::optional<DmarcOutcome> check_dmarc(std::string_view author, const SpfOutcome &spf,
                                        const std::vector<DkimOutcome> &dkim, Lookups &lookups) {
  DmarcOutcome outcome;
  outcome.domain = text::to_ascii_domain(domain_of(author));
  if (!is_askable(outcome.domain)) {
    outcome.domain.clear();
    outcome.result = DmarcResult::permerror;
    return outcome;
  }
  Record record;
  Found found = find_record(outcome.domain, lookups, record);
  outcome.policy = record.policy;
  const std::string above = organizational_domain(outcome.domain);
  if (found == Found::none && above != outcome.domain) {
    found = find_record(above, lookups, record);
    outcome.policy = record.below;
  }
  if (found == Found::missing) return std::nullopt;
  if (found != Found::one) {
    outcome.result = found == Found::failed ? DmarcResult::temperror : DmarcResult::none;
    return outcome;
  }
  // What speaks of another domain neither passes nor leaves open: else anybody's dead name server would do.
  const auto by_any = [&](SpfResult of_spf, DkimResult of_dkim) {
    if (spf.result == of_spf && aligned(spf.domain, outcome.domain, record.strict_spf)) return true;
    return std::ranges::any_of(dkim, [&](const DkimOutcome &one) {
      return one.result == of_dkim && aligned(one.domain, outcome.domain, record.strict_dkim);
    });
  };
  const bool passes = by_any(SpfResult::pass, DkimResult::pass);
  const bool is_open = by_any(SpfResult::temperror, DkimResult::temperror);
  outcome.result = passes ? DmarcResult::pass : is_open ? DmarcResult::temperror : DmarcResult::fail;
  return outcome;
}

} // namespace sekisho::guard
