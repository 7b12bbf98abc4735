// The rules that `sekisho apply` put in force, where they are not those of the files sekishod is started
// with: kept in the state folder, so that what was in force is in force again after a restart.
//
// While rules are on trial (apply --confirm-within), the former ones stand here: whatever ends the daemon
// in the meantime, it starts under rules that somebody had confirmed.
#pragma once

#include "base/result.hh"
#include "rules/diagnostic.hh"

#include <optional>
#include <string>
#include <vector>

namespace sekisho::role {

struct HeldRules {
  std::vector<rules::SourceFile> sources;
  bool on_trial = false; // others are in force, on trial; these are what they replaced
  std::string by;        // user name or number
  std::string since;     // RFC 3339
};

class Held {
public:
  /// One that is not there holds nothing.  Errors: it is there and cannot be read, or is damaged: then
  /// nothing may be started under rules that might not be those.
  static Result<Held> open(std::string path);

  const std::optional<HeldRules> &rules() const { return rules_; }
  /// On disk before they return; on failure nothing has changed.
  Result<void> hold(HeldRules rules);
  Result<void> let_go();

private:
  std::string path_;
  std::optional<HeldRules> rules_;
};

} // namespace sekisho::role
