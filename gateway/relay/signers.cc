#include "gateway/relay/signers.hh"

#include "base/log.hh"
#include "base/unique_fd.hh"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sekisho::relay {
namespace {

constexpr std::size_t max_key = 16 * 1024; // octets of PEM

Result<std::string> read_secret(const std::string &path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return fail("cannot read " + path + ": " + std::strerror(errno));
  if (!S_ISREG(status.st_mode) || status.st_uid != ::geteuid() || (status.st_mode & 077) != 0)
    return fail(path + ": a key's file belongs to root, and nobody else may read it (chmod 600)");
  std::string text(max_key, '\0');
  const ssize_t size = ::read(fd.get(), text.data(), text.size());
  if (size < 0) return fail("cannot read " + path + ": " + std::strerror(errno));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

} // namespace

Signers Signers::read(const rules::RuleSet &rules) {
  Signers signers;
  for (const rules::Relay &relay : rules.relays()) {
    if (!relay.guard.signing || signers.signers_.contains(name_of(*relay.guard.signing))) continue;
    const rules::Signing &signing = *relay.guard.signing;
    std::unique_ptr<guard::Signer> &signer = signers.signers_[name_of(signing)];
    Result<std::string> pem = read_secret(signing.key_file);
    Result<guard::Key> key = pem ? guard::read_private_key(*pem) : fail(pem.error());
    if (pem) OPENSSL_cleanse(pem->data(), pem->size());
    if (key) signer = std::make_unique<guard::Signer>(guard::Signer{signing.domain, signing.selector, std::move(*key)});
    else log_error("relay " + relay.name + " delivers nothing: no key for its DKIM signature: " + key.error().what);
  }
  return signers;
}

const guard::Signer *Signers::find(const rules::Signing &signing) const {
  const auto found = signers_.find(name_of(signing));
  return found == signers_.end() ? nullptr : found->second.get();
}

bool Signers::knows(const rules::RuleSet &rules) const {
  return std::ranges::all_of(rules.relays(), [this](const rules::Relay &relay) {
    return !relay.guard.signing || signers_.contains(name_of(*relay.guard.signing));
  });
}

} // namespace sekisho::relay
