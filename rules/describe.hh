// Compiled rules as the sentences they came from: for explain, check, status and the record.
#pragma once

#include "rules/ruleset.hh"

#include <string>

namespace sekisho::rules {

/// "permit tcp port 443 from tax-01 to eltax"
std::string describe(const Permit &permit);

/// "relay mail inbound from internet to lgwan, next-hop 10.2.0.25 port 25"
std::string describe(const Relay &relay, const std::vector<Zone> &zones);

/// `for "…"  owner "…"  approved "…"  until 2027-03-31`
std::string describe(const Ledger &ledger);

/// The ledger of a rule, or nothing for no_rule.
const Ledger *ledger_of(const RuleSet &rules, RuleId rule);
/// The sentence of a rule, or empty for no_rule.
std::string sentence_of(const RuleSet &rules, RuleId rule);

/// "tcp", "udp", "icmp", "icmp6", or the number.
std::string protocol_word(std::uint8_t protocol);

} // namespace sekisho::rules
