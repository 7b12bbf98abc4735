#include "gateway/relay/signers.hh"

#include "base/log.hh"

namespace sekisho::relay {
namespace {

constexpr std::size_t max_key = 16 * 1024; // octets of PEM

Result<guard::Key> key_in(const role::Secrets &secrets, const std::string &path) {
  const auto found = secrets.find(path);
  if (found == secrets.end()) return fail("cannot read " + path);
  if (found->second.size() > max_key) return fail(path + " is above 16 KiB");
  return guard::read_private_key(found->second);
}

} // namespace

Signers Signers::make(const rules::RuleSet &rules, const role::Secrets &secrets) {
  Signers signers;
  for (const rules::Relay &relay : rules.relays()) {
    if (!relay.guard.signing || signers.signers_.contains(name_of(*relay.guard.signing))) continue;
    const rules::Signing &signing = *relay.guard.signing;
    std::unique_ptr<guard::Signer> &signer = signers.signers_[name_of(signing)];
    Result<guard::Key> key = key_in(secrets, signing.key_file);
    if (key) signer = std::make_unique<guard::Signer>(guard::Signer{signing.domain, signing.selector, std::move(*key)});
    else log_error("relay " + relay.name + " delivers nothing: no key for its DKIM signature: " + key.error().what);
  }
  return signers;
}

const guard::Signer *Signers::find(const rules::Signing &signing) const {
  const auto found = signers_.find(name_of(signing));
  return found == signers_.end() ? nullptr : found->second.get();
}

} // namespace sekisho::relay
