// The files of rules that only the relay role may know: certificates and keys of its doors, passwords of next hops, keys of
// its DKIM signatures.  Whether they can be used is seen before the rules are in force.
#pragma once

#include "gateway/role/channel/secrets.hh"
#include "rules/ruleset.hh"

#include <span>
#include <vector>

namespace sekisho::role {

struct ReadSecrets {
  Secrets secrets; // wipe()
  /// What is wrong, where the rules name it: errors, and warnings of DKIM keys, without which mail of a relay waits.
  std::vector<rules::Diagnostic> found;
};
/// Read with the rights of whoever asks, and looked at.
ReadSecrets read_secret_files(std::span<const rules::SourceFile> sources);

/// The same, nothing of it kept: the rules may be for another machine, so all are warnings.
std::vector<rules::Diagnostic> unusable_secret_files(std::span<const rules::SourceFile> sources);

/// For rules that somebody sent: the files that the rules in force do not name.
std::vector<rules::Diagnostic> newly_named_files(std::span<const rules::SourceFile> sources, const rules::RuleSet &in_force);

} // namespace sekisho::role
