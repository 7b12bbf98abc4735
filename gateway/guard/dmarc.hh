// DMARC (RFC 7489): is the domain in From the one that SPF or DKIM speaks of, and what does it ask for otherwise?
#pragma once

#include "gateway/guard/dkim.hh"
#include "gateway/guard/spf.hh"

namespace sekisho::guard {

enum class DmarcResult : std::uint8_t { none, pass, fail, temperror, permerror };
enum class DmarcPolicy : std::uint8_t { none, quarantine, reject };
std::string_view word_of(DmarcResult result);
std::string_view word_of(DmarcPolicy policy);

struct DmarcOutcome {
  DmarcResult result = DmarcResult::none;
  DmarcPolicy policy = DmarcPolicy::none; // for this domain; of a share of its mails only (pct): the next weaker
  std::string domain;                     // in From
};

/// `author`: the address that is shown as From (author_of()), empty: there is no single one, permerror.  Nothing: `lookups` has more to ask for.
std::optional<DmarcOutcome> check_dmarc(std::string_view author, const SpfOutcome &spf,
                                        const std::vector<DkimOutcome> &dkim, Lookups &lookups);

/// SPF or DKIM passed for the domain of this address as somebody registered it: all that speaks for one without a DMARC record.
bool is_spoken_for(std::string_view address, const SpfOutcome &spf, const std::vector<DkimOutcome> &dkim);

/// The domain as somebody registers it, by the Public Suffix List; the domain itself where the list has none.
std::string organizational_domain(const std::string &domain);

} // namespace sekisho::guard
