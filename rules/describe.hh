// Compiled rules as the sentences they came from: for explain, check, status and the record.
#pragma once

#include "rules/ruleset.hh"

#include <string>

namespace sekisho::rules {

/// "permit tcp port 443 from tax-01 to eltax"
std::string describe(const Permit &permit);

/// "local tcp port 22 from admin-pc"
std::string describe(const Local &local);

/// "limit 100 connections  limit 10 Mbit per second"
std::string describe(const Limits &limits);

/// "during weekdays 08:30-17:15  limit …  log none", or empty.
std::string conditions_of(const RuleSet &rules, RuleId rule);

/// "relay mail inbound from internet to lgwan, next-hop 10.2.0.25 port 25"
std::string describe(const Relay &relay, const std::vector<Zone> &zones);
/// What is said of its way out beyond the first next hop, lines of `sekisho explain`; empty where nothing is.
std::string way_out(const Relay &relay);

/// "*@town.example.lg.jp (nothing is said: the own side)", the first ones of many.
std::string senders_of(const DoorRule &door);
/// Who may hand in mail and how, a line each; with TLS in any case.
std::string describe(const DoorRule &door);

/// ", vlan 200.101, mtu 9000, fragments dropped", of what the zone says, or empty.
std::string frames_of(const Zone &zone);

/// `for "…"  owner "…"  approved "…"  until 2027-03-31`
std::string describe(const Ledger &ledger);

/// The ledger of a rule, or nothing for no_rule.
const Ledger *ledger_of(const RuleSet &rules, RuleId rule);
/// The sentence of a rule, or empty for no_rule.
std::string sentence_of(const RuleSet &rules, RuleId rule);

/// "tcp", "udp", "icmp", "icmp6", or the number.
std::string protocol_word(std::uint8_t protocol);

} // namespace sekisho::rules
