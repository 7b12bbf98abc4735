#include "gateway/tls/server.hh"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <vector>

namespace sekisho::tls {
namespace {

constexpr const char *tls12_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

template <auto release> struct Release {
  template <class T> void operator()(T *object) const { release(object); }
};
using Bio = std::unique_ptr<BIO, Release<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;

/// What OpenSSL has to say, without its file names.
std::string because() {
  const char *reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason ? std::string(": ") + reason : std::string();
}

Bio reader(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

/// A key with a passphrase is not usable by a service: never asked for one.
int no_passphrase(char *, int, int, void *) { return -1; }

std::vector<Certificate> certificates(const PemFile &file) {
  std::vector<Certificate> found;
  const Bio bio = reader(file.text);
  while (X509 *next = PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)) found.emplace_back(next);
  ERR_clear_error(); // the end of the file is one
  return found;
}

Result<void> use_certificate(SSL_CTX *context, const PemFile &file) {
  const std::vector<Certificate> chain = certificates(file);
  if (chain.empty()) return fail(file.path + ": no certificate in it (PEM, -----BEGIN CERTIFICATE-----)");
  if (SSL_CTX_use_certificate(context, chain[0].get()) != 1)
    return fail(file.path + ": its certificate cannot be used" + because());
  for (std::size_t i = 1; i < chain.size(); ++i)
    if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1)
      return fail(file.path + ": its chain cannot be used" + because());
  return {};
}

Result<void> use_key(SSL_CTX *context, const PemFile &file, const PemFile &certificate) {
  const Bio bio = reader(file.text);
  const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  if (!key) return fail(file.path + ": no private key without a passphrase in it" + because());
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
    return fail(file.path + ": this is not the key of " + certificate.path + because());
  return {};
}

Result<void> use_client_ca(SSL_CTX *context, const PemFile &file) {
  const std::vector<Certificate> issuers = certificates(file);
  if (issuers.empty()) return fail(file.path + ": no certificate in it (PEM, -----BEGIN CERTIFICATE-----)");
  X509_STORE *store = SSL_CTX_get_cert_store(context);
  for (const Certificate &issuer : issuers)
    if (X509_STORE_add_cert(store, issuer.get()) != 1 || SSL_CTX_add_client_CA(context, issuer.get()) != 1)
      return fail(file.path + ": an issuer in it cannot be used" + because());
  return {};
}

/// Where a connection keeps what was seen of its client's certificate.
int seen_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

/// Goes on whatever is wrong, and remembers that something was.
int look_at(int is_good, X509_STORE_CTX *chain) {
  const auto *ssl = static_cast<SSL *>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto *seen = ssl ? static_cast<ClientCertificate *>(SSL_get_ex_data(ssl, seen_index())) : nullptr;
  if (!seen) return is_good;
  seen->is_shown = true;
  seen->is_bad = seen->is_bad || !is_good;
  return 1;
}

} // namespace

Result<std::shared_ptr<SSL_CTX>> make_server_context(const ServerFiles &files) {
  const std::shared_ptr<SSL_CTX> made(SSL_CTX_new(TLS_server_method()), Release<SSL_CTX_free>{});
  SSL_CTX *context = made.get();
  if (!context) return fail("OpenSSL is not usable" + because());
  SSL_CTX_set_security_level(context, 2);
  if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 || SSL_CTX_set_cipher_list(context, tls12_ciphers) != 1)
    return fail("OpenSSL lacks TLS 1.2 or its ciphers" + because());
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  TRY(use_certificate(context, files.certificate));
  TRY(use_key(context, files.key, files.certificate));
  if (!files.client_ca.path.empty()) TRY(use_client_ca(context, files.client_ca));
  SSL_CTX_set_verify(context, files.client_ca.path.empty() ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, look_at);
  return made;
}

void watch_client(SSL *ssl, ClientCertificate &seen) { SSL_set_ex_data(ssl, seen_index(), &seen); }

bool is_client_known(const SSL *ssl, const ClientCertificate &seen) {
  return seen.is_shown && !seen.is_bad && SSL_get0_peer_certificate(ssl) && SSL_get_verify_result(ssl) == X509_V_OK;
}

std::string words_of(const SSL *ssl) { return std::string(SSL_get_version(ssl)) + ' ' + SSL_get_cipher_name(ssl); }

} // namespace sekisho::tls
