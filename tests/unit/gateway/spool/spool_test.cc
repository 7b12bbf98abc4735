#include "gateway/spool/spool.hh"

#include "tests/support/memory_disk.hh"
#include "tests/support/spool_key.hh"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace sekisho::spool {
namespace {

constexpr SpoolSettings small{16 * 1024, 6};

Envelope envelope(const std::string &receipt) {
  Envelope envelope;
  envelope.receipt = receipt;
  envelope.from = "a@example.net";
  envelope.recipients = {"b@town.example.lg.jp", "c@town.example.lg.jp"};
  envelope.relay = "internet-to-lgwan";
  envelope.client_ip = "10.3.0.9";
  envelope.accepted = 1'800'000'000;
  return envelope;
}

/// Octets of the head of a mail with such a receipt of two characters and no order.
const std::size_t encode_size = encode(envelope("R0")).size() + 4;

Buffer mail(std::size_t size, unsigned seed) {
  Buffer octets(size);
  for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<std::byte>(seed * 31 + i);
  return octets;
}

std::shared_ptr<const Buffer> shared(Buffer octets) {
  return std::make_shared<const Buffer>(std::move(octets));
}

Spool open(Disk &disk, SpoolSettings settings = small) {
  auto spool = Spool::open(disk, test_keys(), settings);
  EXPECT_TRUE(spool);
  return std::move(*spool);
}

TEST(Spool, KeepsAMailOverARestart) {
  MemoryDisk disk;
  MailId id = 0;
  {
    Spool spool = open(disk);
    id = spool.put(envelope("R1"), shared(mail(3000, 1)));
    EXPECT_EQ(spool.commit().failed, Reason::none);
  }
  std::mt19937 random(1);
  disk.crash(random);
  Spool spool = open(disk);
  ASSERT_EQ(spool.waiting().size(), 1u);
  EXPECT_EQ(spool.waiting().at(id), envelope("R1"));
  auto octets = spool.read(id);
  ASSERT_TRUE(octets);
  EXPECT_EQ(*octets, mail(3000, 1));
}

TEST(Spool, ForgetsWhatIsDone) {
  MemoryDisk disk;
  {
    Spool spool = open(disk);
    MailId id = spool.put(envelope("R1"), shared(mail(10, 1)));
    (void)spool.commit();
    spool.done(id);
    (void)spool.commit();
    EXPECT_TRUE(spool.waiting().empty());
  }
  EXPECT_TRUE(open(disk).waiting().empty());
}

TEST(Spool, RemembersWhoHasIt) {
  MemoryDisk disk;
  MailId id = 0;
  const std::vector<std::string> b = {"b@town.example.lg.jp"}, c = {"c@town.example.lg.jp"};
  {
    Spool spool = open(disk);
    id = spool.put(envelope("R1"), shared(mail(100, 1)));
    (void)spool.commit();
    EXPECT_TRUE(spool.reached().empty());
    spool.left(id, c, b);
    (void)spool.commit();
    EXPECT_EQ(spool.reached().at(id), b);
  }
  {
    Spool spool = open(disk);
    EXPECT_EQ(spool.reached().at(id), b);
    EXPECT_EQ(spool.waiting().at(id).recipients, c);
    for (int i = 0; i < 40; ++i) { // until it was written again at the end
      const MailId other = spool.put(envelope("R2"), shared(mail(3000, 2)));
      (void)spool.commit();
      spool.done(other);
      (void)spool.commit();
    }
  }
  Spool spool = open(disk);
  EXPECT_EQ(spool.reached().at(id), b);
  EXPECT_EQ(spool.waiting().at(id).recipients, c);
  spool.done(id);
  (void)spool.commit();
  EXPECT_TRUE(spool.reached().empty());
}

TEST(Spool, ASegmentThatIsTooLargeIsNotRead) {
  MemoryDisk disk;
  (void)open(disk);
  disk.claim_size(max_segment + 1);
  auto spool = Spool::open(disk, test_keys(), small);
  ASSERT_FALSE(spool);
  EXPECT_NE(spool.error().what.find("larger than any"), std::string::npos);
}

TEST(Spool, RemembersWhoIsLeft) {
  MemoryDisk disk;
  MailId id = 0;
  {
    Spool spool = open(disk);
    id = spool.put(envelope("R1"), shared(mail(10, 1)));
    (void)spool.commit();
    spool.left(id, {"c@town.example.lg.jp"});
    (void)spool.commit();
  }
  Spool spool = open(disk);
  EXPECT_EQ(spool.waiting().at(id).recipients, std::vector<std::string>{"c@town.example.lg.jp"});
}

TEST(Spool, OneFlushForAllOfATurn) {
  MemoryDisk disk;
  Spool spool = open(disk);
  (void)spool.put(envelope("R0"), shared(mail(10, 1)));
  (void)spool.commit(); // begins the segment
  const std::size_t before = disk.flushes();
  for (int i = 0; i < 20; ++i) (void)spool.put(envelope(fmt::format("R{}", i)), shared(mail(100, 2)));
  (void)spool.commit();
  EXPECT_EQ(disk.flushes() - before, 1u);
}

TEST(Spool, ReusesSegments) {
  MemoryDisk disk;
  Spool spool = open(disk);
  for (unsigned i = 0; i < 500; ++i) {
    MailId id = spool.put(envelope("R"), shared(mail(3000, i)));
    auto committed = spool.commit();
    ASSERT_EQ(committed.failed, Reason::none);
    ASSERT_TRUE(committed.no_room.empty()) << i;
    spool.done(id);
    (void)spool.commit();
  }
  EXPECT_LE(disk.list()->size(), 3u);
}

TEST(Spool, FullSaysSoAndStillEmptiesItself) {
  MemoryDisk disk;
  Spool spool = open(disk);
  std::vector<MailId> kept;
  bool full = false;
  for (unsigned i = 0; i < 100 && !full; ++i) {
    MailId id = spool.put(envelope("R"), shared(mail(3000, i)));
    auto committed = spool.commit();
    ASSERT_EQ(committed.failed, Reason::none);
    full = !committed.no_room.empty();
    if (!full) kept.push_back(id);
  }
  EXPECT_TRUE(full);
  EXPECT_GE(kept.size(), 5u * 3);
  for (MailId id : kept) {
    ASSERT_TRUE(spool.read(id));
    spool.done(id);
    ASSERT_EQ(spool.commit().failed, Reason::none);
  }
  EXPECT_TRUE(spool.waiting().empty());
  (void)spool.put(envelope("R"), shared(mail(3000, 1)));
  EXPECT_TRUE(spool.commit().no_room.empty());
}

TEST(Spool, FullDiskIsSpoolFull) {
  MemoryDisk disk;
  Spool spool = open(disk);
  const std::size_t made = disk.list()->size();
  for (std::size_t i = 1; i < made; ++i) { // one stays free
    (void)spool.put(envelope("R"), shared(mail(10'000, 1)));
    EXPECT_TRUE(spool.commit().no_room.empty());
  }
  EXPECT_EQ(disk.list()->size(), 3u); // none was made while mail came in
  disk.set_room(0);
  MailId turned_away = spool.put(envelope("R"), shared(mail(10'000, 1)));
  auto committed = spool.commit();
  EXPECT_EQ(committed.failed, Reason::none);
  EXPECT_EQ(committed.no_room, std::vector<MailId>{turned_away});
}

/// A disk that promises room it does not have (thin provisioning): mails behind a header that never reached
/// it would not be found again.
TEST(Spool, NoRoomForASegmentsHeaderShutsIt) {
  MemoryDisk disk;
  {
    Spool spool = open(disk);
    disk.fail_after(0, DiskError::full, false); // the header: once
    (void)spool.put(envelope("R1"), shared(mail(100, 1)));
    EXPECT_EQ(spool.commit().failed, Reason::spool_failed);
    (void)spool.put(envelope("R2"), shared(mail(100, 2)));
    EXPECT_EQ(spool.commit().failed, Reason::spool_failed);
  }
  EXPECT_TRUE(open(disk).waiting().empty());
}

TEST(Spool, AMailAboveASegmentGetsItsOwn) {
  MemoryDisk disk;
  MailId id = 0;
  {
    Spool spool = open(disk);
    id = spool.put(envelope("R"), shared(mail(50'000, 7)));
    EXPECT_TRUE(spool.commit().no_room.empty());
  }
  Spool spool = open(disk);
  EXPECT_EQ(*spool.read(id), mail(50'000, 7));
  spool.done(id);
  (void)spool.commit();
}

TEST(Spool, AStuckMailDoesNotHoldTheOthersBack) {
  MemoryDisk disk;
  MailId stuck = 0;
  {
    Spool spool = open(disk);
    stuck = spool.put(envelope("STUCK"), shared(mail(700, 9)));
    (void)spool.commit();
    spool.left(stuck, {"c@town.example.lg.jp"});
    for (unsigned i = 0; i < 300; ++i) {
      MailId id = spool.put(envelope("R"), shared(mail(3000, i)));
      auto committed = spool.commit();
      ASSERT_EQ(committed.failed, Reason::none);
      ASSERT_TRUE(committed.no_room.empty()) << i;
      spool.done(id);
      (void)spool.commit();
    }
  }
  Spool spool = open(disk);
  ASSERT_EQ(spool.waiting().size(), 1u);
  EXPECT_EQ(spool.waiting().at(stuck).recipients, std::vector<std::string>{"c@town.example.lg.jp"});
  EXPECT_EQ(*spool.read(stuck), mail(700, 9));
}

/// So many octets of mail that comes and goes.
void pass_by(Spool &spool, unsigned mails) {
  for (unsigned i = 0; i < mails; ++i) {
    const MailId id = spool.put(envelope("R"), shared(mail(3000, i)));
    const auto committed = spool.commit();
    ASSERT_EQ(committed.failed, Reason::none);
    ASSERT_TRUE(committed.no_room.empty()) << i;
    spool.done(id);
    (void)spool.commit();
  }
}

TEST(Spool, LargeMailsThatWaitDoNotHoldTheOthersBack) {
  MemoryDisk disk;
  std::vector<MailId> stuck;
  {
    Spool spool = open(disk);
    for (unsigned i = 0; i < 3; ++i) stuck.push_back(spool.put(envelope("STUCK"), shared(mail(4500, i)))); // nearly a segment
    (void)spool.commit();
    pass_by(spool, 300);
  }
  Spool spool = open(disk);
  ASSERT_EQ(spool.waiting().size(), 3u);
  for (unsigned i = 0; i < 3; ++i) EXPECT_EQ(*spool.read(stuck[i]), mail(4500, i));
}

TEST(Spool, AHarmedMailDoesNotHoldTheOthersBack) {
  MemoryDisk disk;
  MailId harmed = 0, good = 0;
  {
    Spool spool = open(disk);
    harmed = spool.put(envelope("HARMED"), shared(mail(1000, 1)), "image render");
    (void)spool.commit();
    good = spool.put(envelope("GOOD"), shared(mail(1000, 2)));
    (void)spool.commit();
    spool.left(harmed, {"c@town.example.lg.jp"}, {"b@town.example.lg.jp"});
    (void)spool.commit();
    disk.harm("mail-000001", records_start + 700); // in its body
    ASSERT_FALSE(spool.read(harmed));
    pass_by(spool, 300);
  }
  for (int restart = 0; restart < 2; ++restart) {
    Spool spool = open(disk);
    ASSERT_EQ(spool.waiting().size(), 2u) << "it is still told of by name";
    EXPECT_EQ(spool.waiting().at(harmed).receipt, "HARMED");
    EXPECT_EQ(spool.waiting().at(harmed).recipients, std::vector<std::string>{"c@town.example.lg.jp"});
    EXPECT_EQ(spool.reached().at(harmed), std::vector<std::string>{"b@town.example.lg.jp"});
    EXPECT_EQ(spool.orders().at(harmed), "image render");
    EXPECT_FALSE(spool.read(harmed)) << "nothing is read in its place";
    EXPECT_EQ(*spool.read(good), mail(1000, 2));
    pass_by(spool, 300);
  }
  Spool spool = open(disk);
  spool.done(harmed);
  (void)spool.commit();
  EXPECT_EQ(open(disk).waiting().size(), 1u);
}

TEST(Spool, AFailedFlushShutsIt) {
  MemoryDisk disk;
  Spool spool = open(disk);
  (void)spool.put(envelope("R"), shared(mail(10, 1)));
  (void)spool.commit();
  disk.fail_after(1, DiskError::failed, false); // the flush after the write, once
  (void)spool.put(envelope("R"), shared(mail(10, 1)));
  EXPECT_EQ(spool.commit().failed, Reason::spool_failed);
  (void)spool.put(envelope("R"), shared(mail(10, 1)));
  EXPECT_EQ(spool.commit().failed, Reason::spool_failed);
  EXPECT_TRUE(spool.failed());
}

/// Each its own batch: where a later one is whole, the earlier ones were acknowledged.
void keep_three(MemoryDisk &disk) {
  Spool spool = open(disk);
  for (unsigned i = 0; i < 3; ++i) {
    (void)spool.put(envelope(fmt::format("R{}", i)), shared(mail(1000, i)));
    (void)spool.commit();
  }
}
const std::uint64_t second_record = records_start + record_size(encode_size, 1000);

TEST(Spool, DamageCostsOneMailAndIsTold) {
  MemoryDisk disk;
  keep_three(disk);
  disk.harm("mail-000001", second_record + 600); // in its body
  Spool spool = open(disk);
  ASSERT_EQ(spool.waiting().size(), 3u) << "its envelope tells whose it was";
  EXPECT_GT(spool.recovered_damage(), 0u);
  std::set<std::string> lost;
  for (const auto &[id, waiting] : spool.waiting())
    if (!spool.read(id)) lost.insert(waiting.receipt);
  EXPECT_EQ(lost, std::set<std::string>{"R1"});
}

TEST(Spool, AHarmedRecordHeaderIsDamageToo) {
  MemoryDisk disk;
  keep_three(disk);
  disk.harm("mail-000001", second_record + 5);
  Spool spool = open(disk);
  EXPECT_EQ(spool.waiting().size(), 2u);
  EXPECT_GT(spool.recovered_damage(), 0u);
}

TEST(Spool, ATornLastBatchIsNoDamage) {
  MemoryDisk disk;
  keep_three(disk);
  disk.harm("mail-000001", second_record + record_size(encode_size, 1000) + 600);
  Spool spool = open(disk);
  EXPECT_EQ(spool.waiting().size(), 2u) << "nothing behind it is whole: it may never have been acknowledged";
  EXPECT_EQ(spool.recovered_damage(), 0u);
}

TEST(Spool, TheHeaderStandsTwice) {
  for (std::uint64_t at : {9u, 2048u + 9u}) {
    MemoryDisk disk;
    keep_three(disk);
    disk.harm("mail-000001", at);
    EXPECT_EQ(open(disk).waiting().size(), 3u) << at;
  }
}

TEST(Spool, ASegmentWithoutHeaderIsLeftAsItIs) {
  MemoryDisk disk;
  keep_three(disk);
  disk.harm("mail-000001", 9);
  disk.harm("mail-000001", 2048 + 9);
  {
    Spool spool = open(disk);
    EXPECT_GT(spool.recovered_damage(), 0u);
    for (unsigned i = 0; i < 100; ++i) {
      spool.done(spool.put(envelope("R"), shared(mail(3000, i))));
      ASSERT_EQ(spool.commit().failed, Reason::none);
    }
  }
  disk.harm("mail-000001", 9); // well again
  EXPECT_EQ(open(disk).waiting().size(), 3u) << "nothing was written over it";
}

// -- the key (A4, O5) -----------------------------------------------------------------------------------------

TEST(Spool, NothingStandsInTheClear) {
  MemoryDisk disk;
  Spool spool = open(disk);
  Envelope secret = envelope("RECEIPT-7");
  const MailId id = spool.put(secret, shared(to_buffer("the secret of the town")), "order words");
  (void)spool.commit();
  spool.left(id, {"c@town.example.lg.jp"});
  (void)spool.commit();
  for (const char *words : {"secret of", "example", "RECEIPT", "internet-to", "10.3.0.9", "order words"})
    EXPECT_FALSE(disk.holds(words)) << words;
  EXPECT_EQ(as_chars(*spool.read(id)), "the secret of the town");
  EXPECT_EQ(spool.orders().at(id), "order words");
}

TEST(Spool, AnotherKeyChangesNothing) {
  MemoryDisk disk;
  keep_three(disk);
  const std::size_t files = disk.list()->size();
  auto refused = Spool::open(disk, test_keys(8), small);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("is encrypted with key " + to_string(test_keys().present().id)),
            std::string::npos) << refused.error().what;
  EXPECT_EQ(disk.list()->size(), files);
  EXPECT_EQ(open(disk).waiting().size(), 3u);
}

TEST(Spool, AKeyCanBeChanged) {
  MemoryDisk disk;
  keep_three(disk);
  Keys both = test_keys(8);
  both.all.push_back(test_keys().present());
  {
    auto spool = Spool::open(disk, both, small);
    ASSERT_TRUE(spool);
    const auto waiting = spool->waiting();
    EXPECT_EQ(waiting.size(), 3u);
    for (const auto &[id, mail] : waiting) spool->done(id);
    (void)spool->put(envelope("NEW"), shared(mail(100, 1)));
    EXPECT_EQ(spool->commit().failed, Reason::none);
  }
  auto spool = Spool::open(disk, test_keys(8), small); // the former is not needed any more
  ASSERT_TRUE(spool) << spool.error().what;
  EXPECT_EQ(spool->waiting().size(), 1u);
}

TEST(Spool, ARecordPutElsewhereIsNotBelieved) {
  Key key = test_keys().present();
  const Use use = new_use(1, key), other = new_use(1, key);
  Cipher cipher(key, use.salt, "x"), stranger(key, other.salt, "x");
  const Buffer head = to_buffer("head"), body = to_buffer("body");
  RecordHeader header;
  header.id = 5;
  header.number = 9;
  Buffer octets(record_size(head.size(), body.size()));
  seal(use, cipher, header, head, body, octets);
  auto record = read_record(octets, 0, use);
  ASSERT_TRUE(record && record->whole);
  EXPECT_EQ(as_chars(*open_head(cipher, *record)), "head");
  EXPECT_EQ(as_chars(*open_body(cipher, *record)), "body");
  EXPECT_FALSE(open_body(stranger, *record)) << "another use's key";
  record->header.number = 10;
  EXPECT_FALSE(open_body(cipher, *record));
  record->header.number = 9;
  std::swap(record->sealed_head, record->sealed_body);
  EXPECT_FALSE(open_head(cipher, *record));
  EXPECT_FALSE(read_record(octets, 0, other));
}

/// Text full of record headers with large lengths, in the part of a segment that recovery searches.
TEST(Spool, AMailCannotMakeRecoverySlow) {
  constexpr std::size_t size = 1 << 20, length = 4 * size;
  constexpr SpoolSettings large{21 * size, 6};
  MemoryDisk disk;
  {
    Spool spool = open(disk, large);
    ByteWriter header;
    header.put_u32(0x736b7232);
    header.put_u32(length);
    for (int i = 0; i < 3; ++i) header.put_u64(0);
    header.put_u8(1);
    Buffer text;
    while (text.size() < size) {
      text.insert(text.end(), header.buffer().begin(), header.buffer().end());
      text.resize((text.size() + 15) / 16 * 16);
    }
    for (std::size_t shift = 0; shift < 16; ++shift) { // one of them at the right alignment
      Buffer shifted(shift + text.size());
      std::ranges::copy(text, shifted.begin() + static_cast<std::ptrdiff_t>(shift));
      (void)spool.put(envelope("R"), shared(std::move(shifted)));
    }
    (void)spool.commit();
  }
  for (std::size_t at = records_start; at < 16 * size; at += 4096) disk.harm("mail-000001", at);
  const auto start = std::chrono::steady_clock::now();
  (void)open(disk, large);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

struct Told { // what the outside was told
  std::set<std::string> acknowledged, finished, unsure;
};

/// Some mails come and go, until the disk fails or the script ends.
void live(Spool &spool, std::mt19937 &random, Told &told, unsigned &counter) {
  std::map<std::string, MailId> open_mails;
  for (const auto &[id, mail] : spool.waiting()) open_mails[mail.receipt] = id;
  for (int turn = 0; turn < 12; ++turn) {
    std::map<MailId, std::string> put;
    std::vector<std::string> finishing;
    for (unsigned i = random() % 4; i > 0; --i) {
      const std::string receipt = fmt::format("R{}", ++counter);
      put[spool.put(envelope(receipt), shared(mail(random() % 4000, counter)))] = receipt;
    }
    for (const auto &[receipt, id] : open_mails)
      if (random() % 2 == 0) {
        spool.done(id);
        finishing.push_back(receipt);
      }
    for (const std::string &receipt : finishing) open_mails.erase(receipt);
    auto committed = spool.commit();
    if (committed.failed != Reason::none) {
      for (const std::string &receipt : finishing) told.unsure.insert(receipt);
      return;
    }
    for (const std::string &receipt : finishing) told.finished.insert(receipt);
    for (MailId id : committed.no_room) put.erase(id);
    for (const auto &[id, receipt] : put) {
      told.acknowledged.insert(receipt);
      open_mails[receipt] = id;
    }
  }
}

void check(Spool &spool, const Told &told, const std::string &where) {
  std::multiset<std::string> there;
  for (const auto &[id, waiting] : spool.waiting()) {
    there.insert(waiting.receipt);
    const unsigned seed = static_cast<unsigned>(std::stoul(waiting.receipt.substr(1)));
    auto octets = spool.read(id);
    ASSERT_TRUE(octets) << where;
    ASSERT_EQ(*octets, mail(octets->size(), seed)) << where;
  }
  for (const std::string &receipt : told.acknowledged) {
    if (told.unsure.contains(receipt)) continue;
    const std::size_t expected = told.finished.contains(receipt) ? 0 : 1;
    ASSERT_EQ(there.count(receipt), expected) << where << " " << receipt;
  }
}

/// Fails the disk at every operation, then pulls the plug: each acknowledged mail is there exactly once
/// until it is done.  Again after a second life on the recovered disk.
TEST(SpoolCrash, AtEveryOperation) {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    for (std::size_t step = 0;; ++step) {
      const std::string where = fmt::format("seed {} step {}", seed, step);
      MemoryDisk disk;
      std::mt19937 random(seed);
      Told told;
      unsigned counter = 0;
      std::size_t operations = 0;
      {
        Spool spool = open(disk);
        const std::size_t before = disk.operations();
        disk.fail_after(step);
        live(spool, random, told, counter);
        operations = disk.operations() - before;
      }
      disk.crash(random);
      {
        Spool spool = open(disk);
        check(spool, told, where);
        live(spool, random, told, counter);
      }
      disk.crash(random);
      Spool spool = open(disk);
      check(spool, told, where + " second life");
      if (HasFatalFailure() || operations <= step) break;
    }
    if (HasFatalFailure()) break;
  }
}

} // namespace
} // namespace sekisho::spool
