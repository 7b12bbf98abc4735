// RFC 6376: canonical forms, our own signature read back, and what must not pass.  The script tests have signatures of
// other programs.
#include "gateway/guard/dkim.hh"

#include "base/base64.hh"
#include "gateway/guard/dkim_canon.hh"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <limits>

namespace sekisho::guard {
namespace {

constexpr UnixSeconds now = 1'795'180'000;

std::string hash_of(std::string_view body, bool relaxed) {
  std::uint64_t length = 0;
  return base64(hash_body(body, relaxed, std::numeric_limits<std::uint64_t>::max(), length));
}

TEST(Dkim, canonical_forms_of_the_rfc) { // §3.4.5
  const std::string mail = "A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n";
  const Message message = read_message(as_bytes(mail));
  EXPECT_EQ(canonical_field(message.fields[0], true) + canonical_field(message.fields[1], true), "a:X\r\nb:Y Z\r\n");
  EXPECT_EQ(canonical_field(message.fields[1], false), "B : Y\t\r\n\tZ  \r\n");
  EXPECT_EQ(hash_of(message.body, true), base64(sha256(" C\r\nD E\r\n")));
  EXPECT_EQ(hash_of(message.body, false), base64(sha256(" C \r\nD \t E\r\n")));
  EXPECT_EQ(hash_of("", false), "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=");
  EXPECT_EQ(hash_of("", true), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  EXPECT_EQ(hash_of("\r\n\r\n", true), hash_of("", true));
  EXPECT_EQ(hash_of("a", true), hash_of("a\r\n\r\n", true));
}

struct KeyPair {
  Key key{nullptr, EVP_PKEY_free};
  std::string record;
};

KeyPair make_key(bool ed25519, unsigned bits = 2048) {
  KeyPair pair;
  pair.key.reset(ed25519 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519") : EVP_RSA_gen(bits));
  std::string der;
  if (ed25519) {
    std::size_t size = 32;
    der.resize(size);
    EVP_PKEY_get_raw_public_key(pair.key.get(), reinterpret_cast<unsigned char *>(der.data()), &size);
  } else {
    unsigned char *octets = nullptr;
    const int size = i2d_PUBKEY(pair.key.get(), &octets);
    der.assign(reinterpret_cast<char *>(octets), static_cast<std::size_t>(size));
    OPENSSL_free(octets);
  }
  pair.record = std::string("v=DKIM1; k=") + (ed25519 ? "ed25519" : "rsa") + "; p=" + base64(der);
  return pair;
}

std::vector<DkimOutcome> check(const std::string &mail, const std::string &record, UnixSeconds time = now) {
  const Message message = read_message(as_bytes(mail));
  Lookups lookups;
  std::optional<std::vector<DkimOutcome>> outcomes = check_dkim(message, time, lookups);
  if (!outcomes) {
    for (const Question &question : lookups.take_wanted()) {
      EXPECT_EQ(question, (Question{"s1._domainkey.town.example.lg.jp", DnsType::txt}));
      Answer answer;
      answer.status = record.empty() ? Answer::Status::failed : Answer::Status::found;
      if (!record.empty() && record != "none") answer.texts.push_back(record);
      lookups.tell(question, answer);
    }
    outcomes = check_dkim(message, time, lookups);
  }
  return outcomes.value_or(std::vector<DkimOutcome>{});
}

const std::string mail = "From: Taro <taro@town.example.lg.jp>\r\nTo: a@b.example\r\nSubject: x\r\nDate: y\r\n\r\nHello,\r\nworld \r\n\r\n";

std::string signed_mail(const KeyPair &pair, const std::string &text = mail) {
  Signer signer{"town.example.lg.jp", "s1", Key(pair.key.get(), EVP_PKEY_free)};
  Result<std::string> field = sign_mail(as_bytes(text), signer, now);
  (void)signer.key.release();
  EXPECT_TRUE(field);
  return field ? *field + text : text;
}

TEST(Dkim, our_signature_is_read_back) {
  for (bool ed25519 : {false, true}) {
    const KeyPair pair = make_key(ed25519);
    const std::string whole = signed_mail(pair);
    const auto outcomes = check(whole, pair.record);
    ASSERT_EQ(outcomes.size(), 1u);
    EXPECT_EQ(outcomes[0].result, DkimResult::pass) << outcomes[0].why;
    EXPECT_EQ(outcomes[0].domain, "town.example.lg.jp");
    EXPECT_EQ(outcomes[0].beginning.size(), 8u);
    EXPECT_EQ(check("Received: later\r\n" + whole, pair.record)[0].result, DkimResult::pass);
  }
}

TEST(Dkim, any_change_breaks_it) {
  const KeyPair pair = make_key(false);
  const std::string whole = signed_mail(pair);
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string other = whole;
    other.replace(other.find(from), from.size(), to);
    return check(other, pair.record)[0].result;
  };
  EXPECT_EQ(changed("Hello", "Hallo"), DkimResult::fail);
  EXPECT_EQ(changed("Subject: x", "Subject: z"), DkimResult::fail);
  EXPECT_EQ(changed("To: a@b", "From: evil@c.example\r\nTo: a@b"), DkimResult::fail) << "a second From";
  EXPECT_EQ(changed("Date: y", "Date: y\r\nSubject: z"), DkimResult::fail) << "a second subject";
  EXPECT_EQ(changed("Date: y", "Date: y\r\nCc: c@d.example"), DkimResult::fail) << "a Cc that was not there";
  EXPECT_EQ(changed("world \r\n", "world\r\n"), DkimResult::pass) << "blanks at the end of a line do not count";
  EXPECT_EQ(changed("Subject: x", "SUBJECT:  x "), DkimResult::pass);
  EXPECT_EQ(check(whole, make_key(false).record)[0].result, DkimResult::fail) << "another key";
}

TEST(Dkim, what_programs_go_by_is_signed_where_it_is_there) { // §5.4.1
  const KeyPair pair = make_key(false);
  const std::string fields = "Auto-Submitted: auto-generated\r\nPrecedence: bulk\r\nX-Auto-Response-Suppress: OOF\r\nList-Id: <a.example>\r\n";
  const std::string with = signed_mail(pair, fields + mail), without = signed_mail(pair);
  EXPECT_EQ(check(with, pair.record)[0].result, DkimResult::pass);
  for (const std::string from : {"auto-generated", "bulk", "OOF", "<a.example>"}) {
    std::string other = with;
    other.replace(other.find(from), 1, "x");
    EXPECT_EQ(check(other, pair.record)[0].result, DkimResult::fail) << from;
  }
  for (const std::string &whole : {with, without})
    EXPECT_EQ(check("List-Id: <list.example>\r\nPrecedence: list\r\n" + whole, pair.record)[0].result, DkimResult::pass) << "a mailing list";
}

TEST(Dkim, what_the_key_says) {
  const KeyPair pair = make_key(false);
  const std::string whole = signed_mail(pair);
  EXPECT_EQ(check(whole, "")[0].result, DkimResult::temperror);
  EXPECT_EQ(check(whole, "none")[0].result, DkimResult::permerror);
  EXPECT_EQ(check(whole, "v=DKIM1; p=")[0].why, "key revoked");
  EXPECT_EQ(check(whole, "v=DKIM1; p=AAAA")[0].why, "malformed key");
  EXPECT_EQ(check(whole, pair.record + "; h=sha1")[0].why, "key for something else");
  EXPECT_EQ(check(whole, pair.record + "; s=other")[0].why, "key for something else");
  EXPECT_EQ(check(whole, pair.record + "; s=email; h=sha1:sha256; t=s")[0].result, DkimResult::pass);
  const KeyPair short_key = make_key(false, 1023);
  EXPECT_EQ(check(signed_mail(short_key), short_key.record)[0].why, "key of such a length is not used"); // RFC 8301 §3.2
}

TEST(Dkim, signatures_that_are_none) {
  const auto why = [&](const std::string &tags) {
    return check("DKIM-Signature: " + tags + "\r\n" + mail, "v=DKIM1; p=AAAA")[0].why;
  };
  const std::string rest = "; d=town.example.lg.jp; s=s1; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA";
  EXPECT_EQ(why("v=1; a=rsa-sha1; h=From" + rest), "unknown algorithm");
  EXPECT_EQ(why("v=1; a=rsa-sha256; h=To" + rest), "From is not signed");
  EXPECT_EQ(why("v=2; a=rsa-sha256; h=From" + rest), "unknown version");
  EXPECT_EQ(why("v=1; a=rsa-sha256; h=From; i=x@other.example" + rest), "identity of another domain");
  EXPECT_EQ(why("v=1; a=rsa-sha256; h=From; x=1795170000" + rest), "expired");
  EXPECT_EQ(why("v=1; v=1"), "malformed");
  EXPECT_EQ(why("v=1; d=a b; s=s1"), "no proper domain or selector");
  std::string names = "From";
  for (int i = 0; i < 200; ++i) names += ":x";
  EXPECT_EQ(why("v=1; a=rsa-sha256; h=" + names + rest), "too many fields");
  for (std::size_t size : {20'000u, 20'000'000u}) EXPECT_EQ(why("v=1; a=rsa-sha256; h=" + std::string(size, ':') + rest), "too long");
}

TEST(Dkim, text_behind_the_signed_length_is_not_vouched_for) { // §8.2
  const KeyPair pair = make_key(false);
  std::uint64_t length = 0;
  const std::string body = base64(hash_body("Hello,\r\n", true, 8, length));
  std::string field = "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=town.example.lg.jp; s=s1; h=From; l=8; bh=" + body + "; b=";
  const std::string text = field + "\r\n" + mail;
  const Message message = read_message(as_bytes(text));
  const std::string header = signed_header(message, {"From"}, message.fields[0], true);
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string signature(256, '\0');
  std::size_t size = signature.size();
  ASSERT_EQ(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, pair.key.get()), 1);
  ASSERT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char *>(signature.data()), &size,
                           reinterpret_cast<const unsigned char *>(header.data()), header.size()), 1);
  const std::string whole = field + base64(signature) + "\r\n" + mail;
  EXPECT_EQ(check(whole, pair.record)[0].result, DkimResult::policy) << check(whole, pair.record)[0].why;
}

TEST(Dkim, what_others_may_read_as_another_mail_is_not_vouched_for) { // RFC 6376 §3.8
  const KeyPair pair = make_key(true);
  const std::string whole = signed_mail(pair);
  EXPECT_EQ(check(whole, pair.record)[0].result, DkimResult::pass);
  for (const std::string &front : std::vector<std::string>{">From x\r\n", "X: y\r\nbad\r\n"}) {
    const std::vector<DkimOutcome> outcomes = check(front + whole, pair.record);
    ASSERT_EQ(outcomes.size(), 1u) << front;
    EXPECT_EQ(outcomes[0].why, "malformed header") << front;
  }
}

TEST(Dkim, who_is_shown_as_from_must_be_signed) {
  const std::string rest = "; a=rsa-sha256; d=town.example.lg.jp; s=s1; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n";
  const auto why = [&](const std::string &names) {
    return check("DKIM-Signature: v=1; h=" + names + rest + "Sender: a@town.example.lg.jp\r\n\r\nx\r\n", "none")[0].why;
  };
  EXPECT_EQ(why("From"), "From is not signed");
  EXPECT_EQ(why("Sender"), "From is not signed");
  EXPECT_EQ(why("From:sender"), "no key");
}

TEST(Dkim, canonical_bodies) { // §3.4.3, §3.4.4
  const auto hash = [](std::string_view body, bool relaxed) {
    std::uint64_t length = 0;
    return hash_body(body, relaxed, std::numeric_limits<std::uint64_t>::max(), length);
  };
  const auto relaxed_is = [&](std::string_view body, std::string_view form) { return hash(body, true) == sha256(form); };
  EXPECT_TRUE(relaxed_is("", "") && relaxed_is("\r\n\r\n", "") && relaxed_is(" \t\r\n \r\n", ""));
  EXPECT_TRUE(relaxed_is(" C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n"));
  EXPECT_TRUE(relaxed_is("a\r\n \r\n\r\n\tb c", "a\r\n\r\n\r\n b c\r\n"));
  EXPECT_TRUE(relaxed_is("a\rb\n\r\r\nc \r d\r\n", "a\rb\n\r\r\nc \r d\r\n"));
  EXPECT_TRUE(relaxed_is("a \r\n" + std::string(40'000, 'x') + " \r\n", "a\r\n" + std::string(40'000, 'x') + "\r\n"));
  std::string lines = "x\r\n";
  for (int i = 0; i < 20'000; ++i) lines += "\r\n";
  EXPECT_TRUE(relaxed_is(lines + "y", lines + "y\r\n") && relaxed_is(lines, "x\r\n"));
  EXPECT_EQ(hash("", false), sha256("\r\n"));
  EXPECT_EQ(hash("\r\n\r\n", false), sha256("\r\n"));
  EXPECT_EQ(hash(" C \r\nD \t E\r\n\r\n", false), sha256(" C \r\nD \t E\r\n"));
  EXPECT_EQ(hash("a", false), sha256("a\r\n"));
}

TEST(Dkim, of_one_body_few_hashes_are_made) { // each is a pass over the whole mail
  const KeyPair pair = make_key(true);
  std::string text;
  for (const char *length : {"1", "2", "1", "3"})
    text += std::string("DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=town.example.lg.jp; s=s1; h=From; l=") + length +
            "; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n";
  const std::vector<DkimOutcome> outcomes = check(text + signed_mail(pair), pair.record);
  ASSERT_EQ(outcomes.size(), 5u);
  EXPECT_EQ(outcomes[0].why, "body was changed");
  EXPECT_EQ(outcomes[1].why, "another length signed before");
  EXPECT_EQ(outcomes[1].result, DkimResult::policy);
  EXPECT_EQ(outcomes[2].why, "body was changed");
  EXPECT_EQ(outcomes[3].why, "another length signed before");
  EXPECT_EQ(outcomes[4].result, DkimResult::pass);
}

TEST(Dkim, what_others_may_read_as_another_mail_is_not_signed) { // RFC 6376 §3.8
  const KeyPair pair = make_key(true);
  const std::string odd = "Received: x\r\nbad line\r\n" + mail;
  EXPECT_EQ(signed_mail(pair, odd), odd);
}

TEST(Dkim, private_keys) {
  EXPECT_FALSE(read_private_key("nonsense"));
  const auto pem = [](EVP_PKEY *key) {
    std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    char *data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
  };
  EXPECT_TRUE(read_private_key(pem(make_key(false).key.get())));
  EXPECT_TRUE(read_private_key(pem(make_key(true).key.get())));
  EXPECT_FALSE(read_private_key(pem(make_key(false, 1024).key.get())));
}

} // namespace
} // namespace sekisho::guard
