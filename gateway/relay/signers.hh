// Keys of the gateway's own DKIM signatures: read as root before the jail, from files that are root's alone.  A running
// relay takes no rule that names another key: it is started anew for it.
#pragma once

#include "gateway/guard/dkim.hh"
#include "rules/ruleset.hh"

#include <map>

namespace sekisho::relay {

class Signers {
public:
  /// What cannot be read is told in the log and is not there: mail of its relay waits.
  static Signers read(const rules::RuleSet &rules);

  /// Null: there is no such key.
  const guard::Signer *find(const rules::Signing &signing) const;
  /// Every key that these rules name was asked for when the role started.
  bool knows(const rules::RuleSet &rules) const;

private:
  using Name = std::tuple<std::string, std::string, std::string>; // domain, selector, file
  static Name name_of(const rules::Signing &signing) { return {signing.domain, signing.selector, signing.key_file}; }
  std::map<Name, std::unique_ptr<guard::Signer>> signers_; // null: not readable
};

} // namespace sekisho::relay
