// crc32c, receipt numbers, the folder on a real disk.
#include "gateway/spool/crc32c.hh"
#include "gateway/spool/hold.hh"
#include "gateway/spool/receipt.hh"
#include "gateway/spool/segment.hh"
#include "gateway/spool/spool.hh"
#include "tests/support/spool_key.hh"

#include <gtest/gtest.h>

#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace sekisho::spool {
namespace {

TEST(Crc32c, KnownValues) { // RFC 3720 appendix B.4
  const Buffer zeros(32), ones(32, std::byte{0xff});
  EXPECT_EQ(crc32c(zeros), 0x8a9136aau);
  EXPECT_EQ(crc32c(ones), 0x62a8ab43u);
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283u);
}

std::uint32_t bit_by_bit(Bytes octets) {
  std::uint32_t crc = ~0u;
  for (std::byte octet : octets) {
    crc ^= std::to_integer<std::uint32_t>(octet);
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
  }
  return ~crc;
}

TEST(Crc32c, InPiecesOfAnyLength) {
  Buffer text(5000);
  std::uint32_t value = 1;
  for (std::byte &octet : text) octet = static_cast<std::byte>((value = value * 1664525 + 1013904223) >> 24);
  for (std::size_t size = 0; size < text.size(); size = size * 9 / 8 + 1) {
    const Bytes whole = Bytes(text).first(size);
    const std::uint32_t expected = bit_by_bit(whole);
    for (const std::size_t cut : {std::size_t{0}, size / 3, size})
      EXPECT_EQ(crc32c(whole.subspan(cut), crc32c(whole.first(cut))), expected) << size << ' ' << cut;
  }
}

constexpr std::uint64_t now_us = 1'795'200'000'000'000;

TEST(Receipt, LooksAsPeopleReadIt) {
  ReceiptMaker maker;
  const std::string receipt = *maker.make(now_us);
  ASSERT_EQ(receipt.size(), 12u);
  EXPECT_EQ(receipt[4], '-');
  EXPECT_EQ(receipt[9], '-');
  EXPECT_EQ(receipt.find_first_of("01OILU"), std::string::npos);
}

TEST(Receipt, NeverTheSame) {
  ReceiptMaker maker;
  std::set<std::string> seen;
  for (int i = 0; i < 50'000; ++i) seen.insert(*maker.make(now_us)); // the clock stands still
  EXPECT_EQ(seen.size(), 50'000u);
}

/// What a disk has of it.
struct KeptReceipts {
  std::string text;
  int times = 0;
  bool broken = false;
  ReceiptMaker maker() {
    ReceiptMaker maker([this](std::string_view now) -> Result<void> {
      if (broken) return fail("disk");
      text = now;
      ++times;
      return {};
    });
    EXPECT_TRUE(text.empty() || maker.decode(text));
    return maker;
  }
};

constexpr std::uint64_t minute_us = 60'000'000, day_us = 1440 * minute_us;

TEST(Receipt, NeverTheSameOverRestartsWhateverTheClockSays) {
  KeptReceipts kept;
  std::set<std::string> seen;
  std::size_t count = 0;
  // on, 21 s back, a day back, a battery that is empty (before there were receipts), years on, past all numbers, right again
  for (const std::uint64_t at : {now_us, now_us + minute_us, now_us + minute_us - 21'000'000, now_us - day_us, std::uint64_t{0},
                                 std::uint64_t{0}, now_us + 4000 * day_us, now_us + 190 * 366 * day_us, now_us + day_us,
                                 now_us + 4000 * day_us, now_us + day_us}) {
    ReceiptMaker maker = kept.maker(); // the one before was killed
    for (std::uint64_t i = 0; i < 11'000; ++i, ++count) seen.insert(*maker.make(at + i * 1000));
  }
  EXPECT_EQ(seen.size(), count);
}

TEST(Receipt, TellsTheTimeAgainOnceTheClockIsRight) {
  KeptReceipts kept;
  ReceiptMaker maker = kept.maker();
  const auto time_at = [&](std::uint64_t at) { return static_cast<double>(*time_of_receipt(*maker.make(at))); };
  const auto right = [](std::uint64_t at) { return static_cast<double>(at / 1'000'000); };
  EXPECT_EQ(time_at(now_us), right(now_us));
  EXPECT_EQ(time_at(now_us + 4000 * day_us), right(now_us + 4000 * day_us));
  EXPECT_EQ(time_at(now_us + minute_us), right(now_us + minute_us));
  maker = kept.maker();
  EXPECT_NEAR(time_at(now_us + 2 * minute_us), right(now_us + 2 * minute_us), 61);
  EXPECT_EQ(time_at(now_us + 5 * minute_us), right(now_us + 5 * minute_us));
}

TEST(Receipt, IsKeptNotForEachMail) {
  KeptReceipts kept;
  ReceiptMaker maker = kept.maker();
  for (std::uint64_t i = 0; i < 60'000; ++i) ASSERT_TRUE(maker.make(now_us + i * 10'000)); // ten minutes
  EXPECT_LE(kept.times, 11);
  for (std::uint64_t i = 0; i < 1'000'000; i += 1000) ASSERT_TRUE(maker.make(now_us - day_us + i)); // behind itself
  EXPECT_LE(kept.times, 12);
}

TEST(Receipt, IsNotGivenWhereItCannotBeKept) {
  KeptReceipts kept;
  ReceiptMaker maker = kept.maker();
  kept.broken = true;
  EXPECT_FALSE(maker.make(now_us));
  kept.broken = false;
  EXPECT_TRUE(maker.make(now_us));
}

TEST(Receipt, OfAMailThatIsThereIsNotGivenAgain) {
  const std::string there = *ReceiptMaker().make(now_us);
  ReceiptMaker maker;
  maker.note(there);
  maker.note("none");
  EXPECT_NE(*maker.make(now_us), there);
  ReceiptMaker anew;
  ASSERT_TRUE(anew.begin(now_us));
  EXPECT_GT(*time_of_receipt(*anew.make(0)), static_cast<UnixSeconds>(now_us / 1'000'000) - 1) << "nobody knows which were given before";
}

TEST(Receipt, OfManyClocksStayFew) {
  KeptReceipts kept;
  ReceiptMaker maker = kept.maker();
  std::set<std::string> seen;
  for (std::uint64_t i = 0; i < 300; ++i) seen.insert(*maker.make(now_us + 3 * i * day_us));
  EXPECT_LE(std::ranges::count(kept.text, '\n'), 200);
  maker = kept.maker();
  for (std::uint64_t i = 0; i < 300; ++i) seen.insert(*maker.make(now_us + 3 * i * day_us));
  EXPECT_EQ(seen.size(), 600u);
}

TEST(Receipt, TextOfSomethingElseIsNone) {
  ReceiptMaker maker;
  for (const char *text : {"given", "given 1 2", "given 2 1\n", "given 1 x\n", "given 1 2 3\n", "taken 1 2\n", "given 0 590490000000001\n"})
    EXPECT_FALSE(maker.decode(text)) << text;
  EXPECT_TRUE(maker.decode("given 1 2\ngiven 90000000000 90000000001\n"));
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
    auto spool = Spool::open(*disk, test_keys(), settings);
    ASSERT_TRUE(spool);
    for (int i = 0; i < 2000; ++i) (void)spool->put({}, std::make_shared<const Buffer>(to_buffer("small"))); // above IOV_MAX pieces
    id = spool->put({}, std::make_shared<const Buffer>(to_buffer("octets")));
    EXPECT_EQ(spool->commit().failed, Reason::none);
  }
  {
    auto disk = open_folder(name);
    auto spool = Spool::open(*disk, test_keys(), settings);
    ASSERT_TRUE(spool);
    EXPECT_EQ(spool->waiting().size(), 2001u);
    EXPECT_EQ(as_chars(*spool->read(id)), "octets");
  }
  std::filesystem::remove_all(name);
}

TEST(FolderDisk, GivesRoomBack) {
  char name[] = "/tmp/sekisho-spool-XXXXXX";
  ASSERT_NE(::mkdtemp(name), nullptr);
  auto disk = open_folder(name);
  auto file = disk->open("hold-1");
  const Buffer octets(1 << 20, std::byte{'x'});
  const Bytes piece = octets;
  ASSERT_TRUE(disk->write(*file, 0, {&piece, 1}) && disk->flush(*file));
  struct stat before {}, after {};
  ::fstat(*file, &before);
  ASSERT_TRUE(disk->erase(*file, 5000, 1'000'000));
  ::fstat(*file, &after);
  EXPECT_LT(after.st_blocks, before.st_blocks / 4);
  EXPECT_EQ(after.st_size, before.st_size);
  auto left = disk->read(*file, 0, octets.size());
  EXPECT_EQ(std::count(left->begin(), left->end(), std::byte{'x'}), (1 << 20) - 1'000'000);
  std::filesystem::remove_all(name);
}

TEST(FolderDisk, LargePiecesStandWhereTheyWereWritten) { // whatever their place, past the page cache or not
  char name[] = "/tmp/sekisho-spool-XXXXXX";
  ASSERT_NE(::mkdtemp(name), nullptr);
  auto disk = open_folder(name);
  auto file = disk->open("mail-1"), other = disk->open("mail-2");
  Buffer expected(3 << 20, std::byte{'.'});
  const Bytes all = expected;
  ASSERT_TRUE(disk->write(*file, 0, {&all, 1}));
  RecordRoom room;
  char letter = 'a';
  for (const std::size_t start : {0u, 1u, 4095u, 4096u, 5'000u, 70'003u})
    for (const std::size_t size : {10u, 65'535u, 65'536u, 100'001u, 1'500'000u}) {
      std::uint64_t end = start;
      for (int record = 0; record < 2; ++record, end += size) {
        const std::span<std::byte> octets = room.take(size, end);
        std::ranges::fill(octets, static_cast<std::byte>(letter = letter == 'z' ? 'a' : static_cast<char>(letter + 1)));
        expected.resize(std::max<std::size_t>(expected.size(), end + size), std::byte{});
        std::ranges::copy(octets, expected.begin() + static_cast<std::ptrdiff_t>(end));
      }
      ASSERT_TRUE(disk->write(*file, start, room.pieces()) && disk->flush(*file));
      ASSERT_TRUE(disk->write(*other, start, room.pieces()));
      ASSERT_EQ(*disk->read(*file, 0, 8 << 20), expected) << start << " " << size;
      const Buffer there = *disk->read(*other, start, end - start);
      ASSERT_TRUE(std::ranges::equal(there, Bytes(expected).subspan(start, end - start))) << start << " " << size;
      room.clear();
    }
  ASSERT_TRUE(disk->remove("mail-1", *file));
  std::filesystem::remove_all(name);
}

/// Pages of a file that memory holds.
std::ptrdiff_t pages_in_memory(int file, std::size_t size) {
  void *at = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
  std::vector<unsigned char> pages((size + 4095) / 4096);
  EXPECT_EQ(::mincore(at, size, pages.data()), 0);
  ::munmap(at, size);
  return std::ranges::count_if(pages, [](unsigned char page) { return (page & 1) != 0; });
}

TEST(FolderDisk, AnOriginalInTheHoldDoesNotStayInMemory) {
  char name[] = "/tmp/sekisho-spool-XXXXXX";
  ASSERT_NE(::mkdtemp(name), nullptr);
  struct statfs system {};
  ::statfs(name, &system);
  if (system.f_type == TMPFS_MAGIC) GTEST_SKIP() << "memory is all that it has";
  auto disk = open_folder(name);
  auto hold = Hold::open(*disk, test_keys(), std::string(name) + "/index.db", {});
  ASSERT_TRUE(hold);
  const auto original = std::make_shared<const Buffer>(300'000, std::byte{'x'});
  for (const char *receipt : {"R1", "R2"}) {
    Held held;
    held.envelope.receipt = receipt;
    hold->put(std::move(held), original);
    ASSERT_EQ(hold->commit().failed, Reason::none);
  }
  EXPECT_LE(pages_in_memory(*disk->open("hold-00000001"), 600'000), 2); // the last one is written on
  for (const char *receipt : {"R1", "R2"}) EXPECT_EQ(*hold->read(receipt), *original);
  std::filesystem::remove_all(name);
}

// -- the cipher -----------------------------------------------------------------------------------------------

/// Whoever encrypts, it is OpenSSL that decrypts.
TEST(Cipher, OpensWhatItSealedWhateverItsLength) {
  Cipher cipher(test_keys().present(), {}, "test");
  Buffer plain(300'000), about(100, std::byte{'a'});
  for (std::size_t i = 0; i < plain.size(); ++i) plain[i] = static_cast<std::byte>(i * 7 + i / 251);
  std::uint64_t number = 0;
  for (std::size_t size = 0; size < plain.size(); size = size < 300 ? size + 1 : size * 9 / 8) {
    const Bytes some = Bytes(plain).first(size), bound = Bytes(about).first(number % about.size());
    Buffer sealed(size + tag_size), opened(size);
    cipher.seal(++number, bound, some, sealed.data());
    ASSERT_TRUE(cipher.open(number, bound, sealed, opened.data())) << size;
    ASSERT_TRUE(std::ranges::equal(opened, some)) << size;
    EXPECT_FALSE(cipher.open(number + 1, bound, sealed, opened.data()));
    sealed[number % sealed.size()] ^= std::byte{1};
    EXPECT_FALSE(cipher.open(number, bound, sealed, opened.data())) << size;
  }
}

// -- the key --------------------------------------------------------------------------------------------------

TEST(Key, AFileHoldsOneAndFormerOnes) {
  const std::string a(64, 'a'), b(64, 'B');
  auto keys = read_keys("# spool\n" + a + "\r\n\n" + b);
  ASSERT_TRUE(keys);
  ASSERT_EQ(keys->all.size(), 2u);
  EXPECT_EQ(keys->present().octets[0], std::byte{0xaa});
  EXPECT_EQ(keys->find(keys->all[1].id)->octets[31], std::byte{0xbb});
  EXPECT_EQ(keys->find({}), nullptr);
}

TEST(Key, WhatIsNoneIsToldWithoutBeingShown) {
  for (const std::string &text : {std::string(), std::string("\n#\n"), std::string(63, 'a'), std::string(65, 'a'),
                                  std::string(63, 'a') + "g", std::string(5000, 'a')}) {
    auto keys = read_keys(text);
    ASSERT_FALSE(keys) << text;
    EXPECT_EQ(keys.error().what.find("aaa"), std::string::npos);
  }
}

TEST(Key, NewOnesDiffer) {
  auto one = new_key_file(), other = new_key_file();
  ASSERT_TRUE(one && other && read_keys(*one));
  EXPECT_NE(*one, *other);
}

/// HKDF-SHA256 and AES-256-GCM together, computed once by other means (Python's cryptography).
TEST(Cipher, IsWhatItSays) {
  Cipher cipher(test_keys().present(), Salt{}, "sekisho spool segment");
  Buffer sealed(5 + tag_size);
  cipher.seal(3, as_bytes("about"), as_bytes("plain"), sealed.data());
  EXPECT_EQ(to_hex(sealed), "5559b6557fff613f40214e48906c02f0702c5da74f");
  Buffer plain(5);
  EXPECT_TRUE(cipher.open(3, as_bytes("about"), sealed, plain.data()));
  EXPECT_EQ(as_chars(plain), "plain");
  EXPECT_FALSE(cipher.open(4, as_bytes("about"), sealed, plain.data()));
  EXPECT_FALSE(cipher.open(3, as_bytes("About"), sealed, plain.data()));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Buffer harmed = sealed;
    harmed[i] ^= std::byte{1};
    EXPECT_FALSE(cipher.open(3, as_bytes("about"), harmed, plain.data())) << i;
  }
}

Envelope full_envelope() {
  Envelope envelope;
  envelope.receipt = "R8K4-7Q2M-X9";
  envelope.from = "a@example.jp";
  envelope.recipients = {"b@town.example.lg.jp", "c@town.example.lg.jp"};
  envelope.utf8 = true;
  envelope.by_helo = true;
  envelope.notify = {{.given = true, .success = true, .failure = false, .delay = false, .original = "rfc822;b"}};
  envelope.envelope_id = "QQ314159";
  envelope.returned = Return::full;
  envelope.require_tls = true;
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

// Numbers of reasons change from version to version; a mail that waits must mean the same afterwards.
TEST(EnvelopeCodec, reasons_are_kept_as_words) {
  Buffer octets = encode(full_envelope());
  EXPECT_NE(as_chars(octets).find("unknown-sender"), std::string_view::npos);
  octets.back() = std::byte{'!'}; // as of a later version
  ByteReader reader(octets);
  Result<Envelope> envelope = decode_envelope(reader);
  ASSERT_TRUE(envelope);
  EXPECT_TRUE(envelope->known.empty());
}

} // namespace
} // namespace sekisho::spool
