// Our own signature (RFC 6376 §5): relaxed/relaxed, over the fields that a mail of ours has and those nobody may add.
#include "base/base64.hh"
#include "gateway/guard/dkim.hh"
#include "gateway/guard/dkim_canon.hh"

#include <fmt/format.h>
#include <openssl/pem.h>

#include <limits>

namespace sekisho::guard {
namespace {

constexpr int least_bits = 2048;
// From twice: a second one put in later breaks the signature (§5.4.2, §8.15).
constexpr std::string_view signed_names[] = {"From",       "From",        "To",           "Cc",
                                             "Reply-To",   "Subject",     "Subject",      "Date",
                                             "Message-ID", "In-Reply-To", "References",   "MIME-Version",
                                             "Content-Type", "Content-Transfer-Encoding"};

// Only what is there: a mailing list puts in its own, and need not break the signature for it.
constexpr std::string_view signed_where_present[] = {"Auto-Submitted", "Precedence", "X-Auto-Response-Suppress", "List-Id"};

std::string signature_of(EVP_PKEY *key, std::string_view header) {
  const bool ed25519 = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
  const std::string hashed = ed25519 ? sha256(header) : std::string(header);
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::size_t size = 0;
  const auto *data = reinterpret_cast<const unsigned char *>(hashed.data());
  if (EVP_DigestSignInit(context.get(), nullptr, ed25519 ? nullptr : EVP_sha256(), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, data, hashed.size()) != 1)
    return {};
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char *>(signature.data()), &size, data, hashed.size()) != 1)
    return {};
  signature.resize(size);
  return signature;
}

} // namespace

Result<Key> read_private_key(std::string_view pem) {
  std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  const auto no_password = [](char *, int, int, void *) { return -1; };
  Key key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr) : nullptr, EVP_PKEY_free);
  if (!key) return fail("no private key in PEM without a password");
  const int kind = EVP_PKEY_get_base_id(key.get());
  if (kind == EVP_PKEY_ED25519) return key;
  if (kind != EVP_PKEY_RSA) return fail("neither an RSA nor an Ed25519 key");
  if (EVP_PKEY_get_bits(key.get()) < least_bits) return fail("an RSA key of less than 2048 bits (RFC 8301)");
  return key;
}

Result<std::string> sign_mail(Bytes mail, const Signer &signer, UnixSeconds now) {
  const Message message = read_message(mail);
  if (message.unclear) return std::string(); // §3.8: others hash another header and body
  std::uint64_t length = 0;
  const std::string body_hash = hash_body(message.body, /*relaxed=*/true, std::numeric_limits<std::uint64_t>::max(), length);
  std::vector<std::string> names;
  std::string listed;
  for (std::string_view name : signed_names) {
    names.emplace_back(name);
    if (!listed.empty()) listed += name == "Reply-To" || name == "Message-ID" || name == "Content-Type" ? ":\r\n\t " : ":";
    listed += name;
  }
  for (std::string_view name : signed_where_present) {
    if (count(message, name) == 0) continue;
    listed += names.size() == std::size(signed_names) ? ":\r\n\t " : ":";
    listed += name;
    names.emplace_back(name);
  }
  const bool ed25519 = EVP_PKEY_get_base_id(signer.key.get()) == EVP_PKEY_ED25519;
  std::string field = fmt::format("DKIM-Signature: v=1; a={}; c=relaxed/relaxed; d={};\r\n\ts={}; t={};\r\n\th={};\r\n\tbh={};\r\n\tb=",
                                  ed25519 ? "ed25519-sha256" : "rsa-sha256", signer.domain, signer.selector, now, listed,
                                  base64(body_hash));
  const Field own{std::string_view(field).substr(0, field.find(':')), std::string_view(field).substr(field.find(':') + 1), field};
  const std::string signature = signature_of(signer.key.get(), signed_header(message, names, own, /*relaxed=*/true));
  if (signature.empty()) return fail("the DKIM key does not sign");
  const std::string coded = base64(signature);
  for (std::size_t i = 0; i < coded.size(); i += 72) {
    if (i > 0) field += "\r\n\t ";
    field += coded.substr(i, 72);
  }
  return field + "\r\n";
}

} // namespace sekisho::guard
