// DKIM (RFC 6376, RFC 8301, RFC 8463): reading the signatures of a mail, and our own one.  Keys and hashes by
// OpenSSL; what stands around them is read here; why no library: docs/dependencies.md.
#pragma once

#include "base/clock.hh"
#include "base/result.hh"
#include "gateway/guard/dns.hh"
#include "gateway/guard/message.hh"

#include <openssl/evp.h>

#include <memory>
#include <optional>

namespace sekisho::guard {

constexpr std::size_t most_signatures = 5; // of one mail that are looked at, from the top

enum class DkimResult : std::uint8_t { none, pass, fail, policy, temperror, permerror };
std::string_view word_of(DkimResult result); // RFC 8601 §2.7.1

struct DkimOutcome {
  DkimResult result = DkimResult::none;
  std::string domain, selector; // d=, s=; empty where they cannot be read
  std::string beginning;        // of b=: tells signatures of one domain apart (RFC 6008)
  std::string why;              // not pass: a few words
};

/// One outcome a signature.  Nothing: `lookups` has more to ask for.  `message` is the mail as it came.
std::optional<std::vector<DkimOutcome>> check_dkim(const Message &message, UnixSeconds now, Lookups &lookups);

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

struct Signer {
  std::string domain, selector;
  Key key{nullptr, EVP_PKEY_free};
};
/// PEM, without a password: RSA of 2048 bits or more, or Ed25519.
Result<Key> read_private_key(std::string_view pem);

/// The whole field with its line end, to stand in front of the mail.  `mail` as it leaves, lines ending in CRLF.
/// Empty: its header is malformed, and no signature of it would hold with everybody.  Errors: the key does not sign.
Result<std::string> sign_mail(Bytes mail, const Signer &signer, UnixSeconds now);

} // namespace sekisho::guard
