// TLS towards a next hop against OpenSSL's own server, through memory.
#include "gateway/relay/tls_out.hh"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace sekisho::relay {
namespace {

/// A certificate that vouches for itself.
struct Identity {
  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *certificate = X509_new();
  explicit Identity(const char *name, const char *alternative = nullptr) {
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME *subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char *>(name), -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    add(NID_basic_constraints, "critical,CA:TRUE");
    if (alternative) add(NID_subject_alt_name, alternative);
    X509_sign(certificate, key, EVP_sha256());
  }
  ~Identity() {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  void add(int kind, const char *value) {
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  std::string pem() const {
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, certificate);
    char *text = nullptr;
    const long size = BIO_get_mem_data(bio, &text);
    std::string copy(text, static_cast<std::size_t>(size));
    BIO_free(bio);
    return copy;
  }
  std::string pin() const {
    unsigned char *der = nullptr;
    const int length = i2d_PUBKEY(key, &der);
    unsigned char digest[32];
    EVP_Digest(der, static_cast<std::size_t>(length), digest, nullptr, EVP_sha256(), nullptr);
    OPENSSL_free(der);
    return std::string(reinterpret_cast<char *>(digest), 32);
  }
};

struct Server {
  SSL_CTX *context = SSL_CTX_new(TLS_server_method());
  SSL *ssl = nullptr;
  explicit Server(const Identity &identity, int highest = 0) {
    if (highest) {
      SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
      SSL_CTX_set_max_proto_version(context, highest);
      SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
    }
    SSL_CTX_use_certificate(context, identity.certificate);
    SSL_CTX_use_PrivateKey(context, identity.key);
    ssl = SSL_new(context);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(ssl);
  }
  ~Server() {
    SSL_free(ssl);
    SSL_CTX_free(context);
  }
  void hear(const std::string &octets) {
    if (!octets.empty()) BIO_write(SSL_get_rbio(ssl), octets.data(), static_cast<int>(octets.size()));
    SSL_do_handshake(ssl);
  }
  std::string said() {
    std::string octets(BIO_ctrl_pending(SSL_get_wbio(ssl)), '\0');
    if (!octets.empty()) BIO_read(SSL_get_wbio(ssl), octets.data(), static_cast<int>(octets.size()));
    return octets;
  }
};

/// To the end of the handshake.
TlsOut::Progress shake(TlsOut &client, Server &server) {
  TlsOut::Progress progress = client.shake({});
  for (int i = 0; i < 10 && progress == TlsOut::Progress::going_on; ++i) {
    server.hear(client.take_output());
    const std::string said = server.said();
    progress = client.shake(as_bytes(said));
  }
  return progress;
}

std::shared_ptr<const TlsContext> context(TlsTrust trust) {
  auto made = TlsContext::make(std::move(trust));
  EXPECT_TRUE(made);
  return *made;
}

TEST(TlsOut, ShakesHandsAndCarries) {
  const Identity identity("mail.example");
  Server server(identity);
  TlsOut client(context({{identity.pin()}, "", "", ""}));
  ASSERT_EQ(shake(client, server), TlsOut::Progress::secured) << client.trouble();
  server.hear(client.take_output());
  EXPECT_TRUE(client.words().starts_with("TLSv1.3 ")) << client.words();
  ASSERT_TRUE(client.write("EHLO gate\r\n"));
  server.hear(client.take_output());
  char text[100];
  ASSERT_EQ(SSL_read(server.ssl, text, sizeof text), 11);
  SSL_write(server.ssl, "250 x\r\n", 7);
  std::string plain;
  const std::string cipher = server.said();
  for (const char octet : cipher) ASSERT_TRUE(client.read(as_bytes({&octet, 1}), plain)); // in any pieces
  EXPECT_EQ(plain, "250 x\r\n");
  SSL_shutdown(server.ssl);
  const std::string end = server.said();
  EXPECT_FALSE(client.read(as_bytes(end), plain));
}

TEST(TlsOut, AnotherKeyIsNotThePinnedOne) {
  const Identity identity("mail.example"), other("mail.example");
  Server server(identity);
  TlsOut client(context({{other.pin()}, "", "", ""}));
  EXPECT_EQ(shake(client, server), TlsOut::Progress::failed);
  EXPECT_EQ(client.reason(), Reason::next_hop_certificate_bad);
  EXPECT_EQ(client.trouble(), "its key is " + pin_words(identity.pin())); // what to pin, if it is the right one
}

TEST(TlsOut, AnAuthorityVouchesForNameOrAddress) { // RFC 6125 §6
  const Identity identity("mail.example", "DNS:mail.example,IP:10.2.0.25"), stranger("mail.example", "DNS:mail.example");
  struct Case {
    std::string authority, name, address;
    bool good;
  };
  for (const Case &one : {Case{identity.pem(), "mail.example", "10.2.0.99", true},
                          Case{stranger.pem() + identity.pem(), "", "10.2.0.25", true},
                          Case{identity.pem(), "other.example", "10.2.0.25", false},
                          Case{identity.pem(), "", "10.2.0.26", false},
                          Case{stranger.pem(), "mail.example", "", false}}) {
    Server server(identity);
    TlsOut client(context({{}, one.authority, one.name, one.address}));
    EXPECT_EQ(shake(client, server), one.good ? TlsOut::Progress::secured : TlsOut::Progress::failed)
        << one.name << one.address << client.trouble();
    if (!one.good) {
      EXPECT_EQ(client.reason(), Reason::next_hop_certificate_bad) << client.trouble();
    }
  }
  EXPECT_FALSE(TlsContext::make({{}, "-----BEGIN CERTIFICATE-----\nxx\n", "", ""}));
}

TEST(TlsOut, AHandshakeThatBreaksOffIsNotTheCertificatesFault) {
  const Identity identity("mail.example");
  Server server(identity);
  TlsOut client(context({{identity.pin()}, "", "", ""}));
  ASSERT_EQ(client.shake({}), TlsOut::Progress::going_on);
  server.hear(client.take_output());
  std::string said = server.said();
  said.back() = static_cast<char>(said.back() ^ 1); // its Finished, after a certificate of its own making
  EXPECT_EQ(client.shake(as_bytes(said)), TlsOut::Progress::failed);
  EXPECT_EQ(client.reason(), Reason::next_hop_tls_failed) << client.trouble();
}

TEST(TlsOut, OldVersionsAndGarbageAreNoTls) {
  const Identity identity("mail.example");
  Server old(identity, TLS1_1_VERSION);
  TlsOut client(context({}));
  EXPECT_EQ(shake(client, old), TlsOut::Progress::failed);
  EXPECT_EQ(client.reason(), Reason::next_hop_tls_failed);
  TlsOut another(context({}));
  EXPECT_EQ(another.shake({}), TlsOut::Progress::going_on);
  EXPECT_EQ(another.shake(as_bytes("250 2.0.0 plain text\r\n")), TlsOut::Progress::failed);
  EXPECT_EQ(another.reason(), Reason::next_hop_tls_failed);
}

} // namespace
} // namespace sekisho::relay
