// SPF (RFC 7208): may this client send for this domain?  An evaluator of our own, checked against the suite of the
// RFC's cases; why no library: docs/dependencies.md.
#pragma once

#include "gateway/guard/dns.hh"

#include <optional>

namespace sekisho::guard {

enum class SpfResult : std::uint8_t { none, neutral, pass, fail, softfail, temperror, permerror };
std::string_view word_of(SpfResult result); // as in Authentication-Results, RFC 8601 §2.7.2

struct SpfQuery {
  Ip client;
  std::string sender;   // of MAIL; empty: the null sender, then HELO is judged (§2.4)
  std::string helo;
  std::string receiver; // host name of the gateway
};

struct SpfOutcome {
  SpfResult result = SpfResult::none;
  std::string domain;   // that was judged
  bool by_helo = false; // not by the sender
};

/// Nothing: `lookups` has more to ask for; call again with the answers.
std::optional<SpfOutcome> check_spf(const SpfQuery &query, Lookups &lookups);

} // namespace sekisho::guard
