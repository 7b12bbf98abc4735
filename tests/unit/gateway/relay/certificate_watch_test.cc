// Certificates that end soon, with certificates made here.
#include "gateway/tls/ends.hh"
#include "tests/unit/gateway/relay/relay_fixture.hh"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace sekisho::relay {
namespace {

constexpr UnixSeconds day = 86'400;

struct Made {
  std::string certificate, key; // PEM
};

template <class Write> std::string pem(Write write) {
  BIO *bio = BIO_new(BIO_s_mem());
  write(bio);
  char *text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  std::string copy(text, static_cast<std::size_t>(size));
  BIO_free(bio);
  return copy;
}

/// That ends in so many seconds.
Made certificate(long seconds) {
  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *made = X509_new();
  X509_set_version(made, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
  X509_gmtime_adj(X509_getm_notBefore(made), -100 * day);
  X509_gmtime_adj(X509_getm_notAfter(made), seconds);
  X509_set_pubkey(made, key);
  X509_sign(made, key, EVP_sha256());
  Made out{pem([&](BIO *bio) { PEM_write_bio_X509(bio, made); }),
           pem([&](BIO *bio) { PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); })};
  X509_free(made);
  EVP_PKEY_free(key);
  return out;
}

TEST(Ends, OfTheCertificatesInAText) {
  EXPECT_FALSE(tls::ends_of(""));
  EXPECT_FALSE(tls::ends_of("-----BEGIN CERTIFICATE-----\nxxxx\n-----END CERTIFICATE-----\n"));
  const auto ends = tls::ends_of(certificate(5 * day).certificate + certificate(2 * day).certificate + certificate(9 * day).certificate);
  ASSERT_TRUE(ends);
  EXPECT_NEAR(static_cast<double>(ends->first - unix_now()), 2 * day, 5);
  EXPECT_NEAR(static_cast<double>(ends->last - unix_now()), 9 * day, 5);
  const auto former = tls::ends_of(certificate(-3 * day).certificate);
  ASSERT_TRUE(former);
  EXPECT_NEAR(static_cast<double>(former->first - unix_now()), -3 * day, 5);
}

TEST_F(RelayTest, ACertificateThatEndsSoonIsToldOnceADay) {
  net::io_context loop;
  Recorder recorder(loop, record_.channel(), 1s);
  CertificateWatch watch(loop, recorder);
  const UnixSeconds end = unix_now() + 60 * day;
  const EndingCertificate far{"inbound", "certificate", "/a", end}, near{"inbound", "certificate", "/b", end - 50 * day};
  watch.set({far, near});
  EXPECT_EQ(record_.wait_for("certificate-ends", 1).size(), 1u) << "at once";
  const UnixSeconds midnight = (unix_now() / day + 1) * day;
  EXPECT_TRUE(watch.due(midnight - 1).empty()) << "not twice on that day";
  EXPECT_EQ(watch.due(midnight), std::vector{near});
  EXPECT_TRUE(watch.due(midnight + day - 1).empty());
  EXPECT_EQ(watch.due(midnight + day), std::vector{near});
  EXPECT_EQ(watch.due(end - 14 * day + 1), (std::vector{far, near})) << "and on when it has ended";
  EXPECT_EQ(near.days(near.ends - 1), 0);
  EXPECT_EQ(near.days(near.ends + 1), -1);
  watch.set({far});
  EXPECT_EQ(watch.due(end - 13 * day), std::vector{far}) << "what is no more in use is not told of";
}

TEST_F(RelayTest, CertificatesOfTheRulesAreWatched) {
  const Made soon = certificate(3 * day + 60), later = certificate(90 * day);
  rules_ = rules_for(sink_.port(), R"(tls offered certificate "/etc/door.pem" key "/etc/door.key")");
  role::Secrets secrets{{"/etc/door.pem", soon.certificate}, {"/etc/door.key", soon.key}};
  const auto watched = certificates_of(*rules_, secrets);
  ASSERT_EQ(watched.size(), 1u);
  EXPECT_EQ(watched[0].relay, "inbound");
  EXPECT_EQ(watched[0].file, "/etc/door.pem");
  secrets_ = secrets;
  open();
  const auto told = record_.wait_for("certificate-ends", 1);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]["in_days"], 3);
  EXPECT_EQ(told[0]["file"], "/etc/door.pem");
  EXPECT_EQ(told[0]["what"], "certificate");
  ASSERT_EQ(status()["certificates"].size(), 1u);
  EXPECT_EQ(status()["certificates"][0]["what"], "certificate /etc/door.pem");
  EXPECT_TRUE(on_loop([&] { return relay_->set_rules(rules_, secrets).has_value(); }));
  EXPECT_EQ(record_.events("certificate-ends").size(), 1u) << "a reload does not tell it again";
  secrets = {{"/etc/door.pem", later.certificate}, {"/etc/door.key", later.key}};
  EXPECT_TRUE(on_loop([&] { return relay_->set_rules(rules_, secrets).has_value(); }));
  EXPECT_FALSE(status().contains("certificates")) << "it was renewed";
}

} // namespace
} // namespace sekisho::relay
