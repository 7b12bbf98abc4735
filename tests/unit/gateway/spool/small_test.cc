// crc32c, receipt numbers, the folder on a real disk.
#include "gateway/spool/crc32c.hh"
#include "gateway/spool/receipt.hh"
#include "gateway/spool/spool.hh"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

namespace sekisho::spool {
namespace {

TEST(Crc32c, KnownValues) { // RFC 3720 appendix B.4
  const Buffer zeros(32), ones(32, std::byte{0xff});
  EXPECT_EQ(crc32c(zeros), 0x8a9136aau);
  EXPECT_EQ(crc32c(ones), 0x62a8ab43u);
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283u);
  EXPECT_EQ(crc32c_by_table(as_bytes("123456789")), 0xe3069283u);
}

TEST(Crc32c, InPieces) {
  const std::string text = "the quick brown fox jumps over the lazy dog";
  for (std::size_t cut = 0; cut <= text.size(); ++cut)
    EXPECT_EQ(crc32c(as_bytes(text).subspan(cut), crc32c(as_bytes(text).first(cut))),
              crc32c_by_table(as_bytes(text)));
}

constexpr std::uint64_t now_us = 1'795'200'000'000'000;

TEST(Receipt, LooksAsPeopleReadIt) {
  ReceiptMaker maker;
  const std::string receipt = maker.make(now_us);
  ASSERT_EQ(receipt.size(), 12u);
  EXPECT_EQ(receipt[4], '-');
  EXPECT_EQ(receipt[9], '-');
  EXPECT_EQ(receipt.find_first_of("01OILU"), std::string::npos);
}

TEST(Receipt, NeverTheSame) {
  ReceiptMaker maker;
  std::set<std::string> seen;
  for (int i = 0; i < 50'000; ++i) seen.insert(maker.make(now_us)); // the clock stands still
  EXPECT_EQ(seen.size(), 50'000u);
  ReceiptMaker after_restart;
  for (int i = 0; i < 1000; ++i)
    EXPECT_FALSE(seen.contains(after_restart.make(now_us + 1'000'000 + i)));
}

TEST(Receipt, ReadsWhatAPersonTypes) {
  EXPECT_EQ(read_receipt("r8k4 7q2m-x9"), "R8K4-7Q2M-X9");
  EXPECT_EQ(read_receipt("R8K47Q2MX9"), "R8K4-7Q2M-X9");
  EXPECT_EQ(read_receipt("R8K4-7Q2M-X"), std::nullopt);
  EXPECT_EQ(read_receipt("R8K4-7Q2M-X90"), std::nullopt);
  EXPECT_EQ(read_receipt("R8K4-7Q2M-I9"), std::nullopt);
  EXPECT_EQ(read_receipt(""), std::nullopt);
}

TEST(FolderDisk, HoldsASpool) {
  char name[] = "/tmp/sekisho-spool-XXXXXX";
  ASSERT_NE(::mkdtemp(name), nullptr);
  const SpoolSettings settings{256 * 1024, 4};
  MailId id = 0;
  {
    auto disk = open_folder(name);
    auto spool = Spool::open(*disk, settings);
    ASSERT_TRUE(spool);
    for (int i = 0; i < 2000; ++i) (void)spool->put({}, std::make_shared<const Buffer>(to_buffer("small"))); // above IOV_MAX pieces
    id = spool->put({}, std::make_shared<const Buffer>(to_buffer("octets")));
    EXPECT_EQ(spool->commit().failed, Reason::none);
  }
  {
    auto disk = open_folder(name);
    auto spool = Spool::open(*disk, settings);
    ASSERT_TRUE(spool);
    EXPECT_EQ(spool->waiting().size(), 2001u);
    EXPECT_EQ(as_chars(*spool->read(id)), "octets");
  }
  std::filesystem::remove_all(name);
}

Envelope full_envelope() {
  Envelope envelope;
  envelope.receipt = "R8K4-7Q2M-X9";
  envelope.from = "a@example.jp";
  envelope.recipients = {"b@town.example.lg.jp", "c@town.example.lg.jp"};
  envelope.utf8 = true;
  envelope.notify = {{.given = true, .success = true, .failure = false, .delay = false, .original = "rfc822;b"}};
  envelope.envelope_id = "QQ314159";
  envelope.headers_only = envelope.require_tls = true;
  envelope.tls = "TLSv1.3 TLS_AES_256_GCM_SHA384";
  envelope.authentication = "gw.example.jp; spf=pass";
  envelope.known = {Reason::unknown_sender};
  return envelope;
}

TEST(EnvelopeCodec, all_of_it_comes_back) {
  const Buffer octets = encode(full_envelope());
  ByteReader reader(octets);
  Result<Envelope> envelope = decode_envelope(reader);
  ASSERT_TRUE(envelope);
  EXPECT_EQ(*envelope, full_envelope());
  EXPECT_TRUE(reader.at_end());
}

TEST(EnvelopeCodec, no_truncation_is_read) {
  const Buffer octets = encode(full_envelope());
  for (std::size_t length = 0; length < octets.size(); ++length) {
    ByteReader reader(Bytes(octets).first(length));
    EXPECT_FALSE(decode_envelope(reader)) << length;
  }
}

TEST(EnvelopeCodec, an_unknown_reason_is_refused) {
  Buffer octets = encode(full_envelope());
  octets.back() = std::byte{0xff};
  ByteReader reader(octets);
  EXPECT_FALSE(decode_envelope(reader));
}

} // namespace
} // namespace sekisho::spool
