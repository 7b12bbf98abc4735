#include "gateway/relay/tls_out.hh"

#include "base/base64.hh"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sekisho::relay {
namespace {

template <class T, void (*Free)(T *)> struct Freer {
  void operator()(T *thing) const { Free(thing); }
};
using Certificate = std::unique_ptr<X509, Freer<X509, X509_free>>;

std::string last_error() {
  const unsigned long code = ERR_peek_last_error();
  const char *reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  return reason ? reason : "ended by the next hop";
}

/// Every certificate of a PEM text.
bool add_authority(SSL_CTX *context, const std::string &pem) {
  const std::unique_ptr<BIO, int (*)(BIO *)> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  std::size_t count = 0;
  while (text) {
    const Certificate one(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
    if (!one) break;
    count += X509_STORE_add_cert(SSL_CTX_get_cert_store(context), one.get()) == 1;
  }
  ERR_clear_error();
  return count > 0;
}

} // namespace

std::string pin_words(std::string_view digest) { return "sha256:" + base64(digest); }

Result<std::shared_ptr<const TlsContext>> TlsContext::make(TlsTrust trust) {
  std::shared_ptr<TlsContext> made(new TlsContext(std::move(trust)));
  made->context_.reset(SSL_CTX_new(TLS_client_method()), [](SSL_CTX *context) { SSL_CTX_free(context); });
  SSL_CTX *context = made->context_.get();
  if (!context || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
    return sekisho::fail("TLS is not available: " + last_error());
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  if (!made->trust_.authority.empty()) {
    if (!add_authority(context, made->trust_.authority))
      return sekisho::fail("no certificate in the authority's file can be read");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  }
  return std::shared_ptr<const TlsContext>(std::move(made));
}

TlsOut::TlsOut(std::shared_ptr<const TlsContext> context)
    : context_(std::move(context)), ssl_(SSL_new(context_->context_.get()), SSL_free) {
  if (!ssl_) return;
  SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(ssl_.get());
  const TlsTrust &trust = context_->trust_;
  if (!trust.name.empty()) SSL_set_tlsext_host_name(ssl_.get(), trust.name.c_str());
  if (trust.authority.empty()) return;
  X509_VERIFY_PARAM *asked = SSL_get0_param(ssl_.get());
  X509_VERIFY_PARAM_set_flags(asked, X509_V_FLAG_PARTIAL_CHAIN); // whatever stands in the file is believed as it is
  X509_VERIFY_PARAM_set_hostflags(asked, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const int good = trust.name.empty() ? X509_VERIFY_PARAM_set1_ip_asc(asked, trust.address.c_str())
                                      : X509_VERIFY_PARAM_set1_host(asked, trust.name.c_str(), trust.name.size());
  if (good != 1) ssl_.reset(); // asking for less than was said is no way out
}

bool TlsOut::give(Bytes untrusted) {
  if (!ssl_) return false;
  if (untrusted.empty()) return true;
  const int size = static_cast<int>(untrusted.size());
  return BIO_write(SSL_get_rbio(ssl_.get()), untrusted.data(), size) == size;
}

TlsOut::Progress TlsOut::fail(Reason reason, std::string trouble) {
  reason_ = reason;
  trouble_ = std::move(trouble);
  return Progress::failed;
}

TlsOut::Progress TlsOut::shake(Bytes untrusted) {
  if (!give(untrusted)) return fail(Reason::next_hop_tls_failed, "TLS is not available");
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) return is_pinned() ? Progress::secured : Progress::failed;
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return Progress::going_on;
  const bool by_authority = !context_->trust_.authority.empty(); // else OpenSSL has an opinion that nobody asked for
  const long verified = SSL_get_verify_result(ssl_.get());
  if (by_authority && verified != X509_V_OK)
    return fail(Reason::next_hop_certificate_bad, fmt::format("its certificate: {}", X509_verify_cert_error_string(verified)));
  return fail(Reason::next_hop_tls_failed, "TLS: " + last_error());
}

bool TlsOut::is_pinned() {
  const std::vector<std::string> &pins = context_->trust_.pins;
  if (pins.empty()) return true;
  const Certificate shown(SSL_get1_peer_certificate(ssl_.get()));
  unsigned char *key = nullptr;
  const int length = shown ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(shown.get()), &key) : -1;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const bool good = length > 0 && EVP_Digest(key, static_cast<std::size_t>(length), digest.data(), &size, EVP_sha256(), nullptr) == 1;
  OPENSSL_free(key);
  const std::string found(reinterpret_cast<const char *>(digest.data()), size);
  if (good && std::ranges::find(pins, found) != pins.end()) return true;
  fail(Reason::next_hop_certificate_bad, good ? "its key is " + pin_words(found) : std::string("it shows no certificate"));
  return false;
}

bool TlsOut::take_plain(std::string &plain) {
  std::array<char, 16384> part;
  while (true) {
    ERR_clear_error();
    const int got = SSL_read(ssl_.get(), part.data(), static_cast<int>(part.size()));
    if (got > 0) {
      plain.append(part.data(), static_cast<std::size_t>(got));
      continue;
    }
    const int error = SSL_get_error(ssl_.get(), got);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return true;
    trouble_ = error == SSL_ERROR_ZERO_RETURN ? std::string("TLS was ended") : "TLS: " + last_error();
    return false;
  }
}

bool TlsOut::read(Bytes untrusted, std::string &plain) { return give(untrusted) && take_plain(plain); }

bool TlsOut::write(std::string_view plain) {
  if (plain.empty()) return true;
  ERR_clear_error();
  if (SSL_write(ssl_.get(), plain.data(), static_cast<int>(plain.size())) == static_cast<int>(plain.size())) return true;
  trouble_ = "TLS: " + last_error();
  return false;
}

std::string TlsOut::take_output() {
  BIO *out = ssl_ ? SSL_get_wbio(ssl_.get()) : nullptr;
  std::string octets(out ? BIO_ctrl_pending(out) : 0, '\0');
  if (!octets.empty() && BIO_read(out, octets.data(), static_cast<int>(octets.size())) != static_cast<int>(octets.size()))
    octets.clear();
  return octets;
}

std::string TlsOut::words() const {
  return ssl_ ? fmt::format("{} {}", SSL_get_version(ssl_.get()), SSL_get_cipher_name(ssl_.get())) : std::string();
}

} // namespace sekisho::relay
