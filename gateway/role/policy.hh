// The rule files as the supervisor holds them: the texts it hands to the roles, and what they compile to.
#pragma once

#include "rules/compile.hh"

#include "base/result.hh"
#include "base/unique_fd.hh"

namespace sekisho::role {

struct Policy {
  std::vector<rules::SourceFile> sources;
  std::shared_ptr<const rules::RuleSet> rules;
  std::string warnings; // rendered
  std::string unusable; // of these, rendered as errors: keys without which a relay delivers nothing
  std::shared_ptr<const UniqueFd> secrets; // a memfd of what the rules name and only the relay may know
};

/// Reads and compiles.  Errors: a file cannot be read, is above the limit, or has errors: the rendered
/// diagnostics.
Result<Policy> load_policy(const std::vector<std::string> &files, UnixSeconds now);

/// Reads without compiling; also the notes that the rules name (note_files.hh).
Result<std::vector<rules::SourceFile>> read_rule_files(const std::vector<std::string> &files);
/// The same for sources from elsewhere.  Certificates, keys and passwords that the rules name are read here, as root, and
/// looked at; for rules that somebody sent only those that `in_force` names: nothing else is read in his stead.
Result<Policy> compile_policy(std::vector<rules::SourceFile> sources, UnixSeconds now,
                              const rules::RuleSet *in_force = nullptr);

/// Whether they say the same, whatever their files are called.
bool have_same_text(const std::vector<rules::SourceFile> &one, const std::vector<rules::SourceFile> &other);

/// What changes between two policies, a line a sentence, as "+ permit …" and "- permit …"; at most `limit`
/// octets.  Empty when nothing does.
struct ChangeText {
  std::size_t added = 0, removed = 0; // sentences
  std::string lines;
};
ChangeText change_text(const Policy &former, const Policy &next, std::size_t limit);

/// What the daemon has built for a policy and cannot change while it runs: zones with their ports and
/// addresses, and where relays listen.  Two policies with the same text here can be swapped by a reload.
std::string standing_parts(const rules::RuleSet &rules);

} // namespace sekisho::role
