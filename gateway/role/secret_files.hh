// The files of rules that only the relay role may know: certificates and keys of its doors, passwords of next hops, keys of
// its DKIM signatures.
#pragma once

#include "base/unique_fd.hh"
#include "rules/ruleset.hh"

#include "base/result.hh"

#include <string>

namespace sekisho::role {

/// Read as root and looked at: a sealed memfd of secrets (channel/secrets.hh).  Errors: a file that cannot be read or used.  A
/// DKIM key that cannot be read is left out (signing_keys.hh): mail of its relay waits.
Result<UniqueFd> read_secret_files(const rules::RuleSet &rules);

/// For rules that somebody sent: errors name a file that the rules in force do not name.
Result<void> names_nothing_new(const rules::RuleSet &rules, const rules::RuleSet &in_force);

} // namespace sekisho::role
