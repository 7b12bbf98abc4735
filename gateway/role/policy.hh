// The rule files as the supervisor holds them: the texts it hands to the roles, and what they compile to.
#pragma once

#include "rules/compile.hh"

#include "base/result.hh"

namespace sekisho::role {

struct Policy {
  std::vector<rules::SourceFile> sources;
  std::shared_ptr<const rules::RuleSet> rules;
  std::string warnings; // rendered
};

/// Reads and compiles.  Errors: a file cannot be read, is above the limit, or has errors: the rendered
/// diagnostics.
Result<Policy> load_policy(const std::vector<std::string> &files, UnixSeconds now);

/// What the daemon has built for a policy and cannot change while it runs: zones with their ports and
/// addresses, and where relays listen.  Two policies with the same text here can be swapped by a reload.
std::string standing_parts(const rules::RuleSet &rules);

} // namespace sekisho::role
