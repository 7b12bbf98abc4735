// Keys of the gateway's own DKIM signatures.
#pragma once

#include "gateway/guard/dkim.hh"
#include "gateway/role/channel/secrets.hh"
#include "rules/ruleset.hh"

#include <map>
#include <memory>

namespace sekisho::relay {

class Signers {
public:
  /// A key that is not among the secrets or none is told in the log and is not there: mail of its relay waits.
  static Signers make(const rules::RuleSet &rules, const role::Secrets &secrets);

  /// Null: there is no such key.
  const guard::Signer *find(const rules::Signing &signing) const;

private:
  using Name = std::tuple<std::string, std::string, std::string>; // domain, selector, file
  static Name name_of(const rules::Signing &signing) { return {signing.domain, signing.selector, signing.key_file}; }
  std::map<Name, std::unique_ptr<guard::Signer>> signers_; // null: not readable
};

} // namespace sekisho::relay
