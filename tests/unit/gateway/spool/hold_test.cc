#include "gateway/spool/hold.hh"

#include "tests/support/memory_disk.hh"
#include "tests/support/spool_key.hh"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace sekisho::spool {
namespace {

Held held(const std::string &receipt) {
  Held held;
  held.envelope.receipt = receipt;
  held.envelope.from = "a@example.net";
  held.envelope.recipients = {"b@town.example.lg.jp", "c@town.example.lg.jp"};
  held.envelope.relay = "inbound";
  held.subject = "件名";
  held.reason = Reason::part_macro;
  held.time = 1'800'000'000;
  held.report = "{}";
  return held;
}

std::shared_ptr<const Buffer> text(std::string_view octets) {
  return std::make_shared<const Buffer>(to_buffer(octets));
}

class HoldTest : public testing::Test {
protected:
  HoldTest() {
    char name[] = "/tmp/sekisho-hold-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~HoldTest() override { std::filesystem::remove_all(folder_); }
  Hold open() {
    auto hold = Hold::open(disk_, test_keys(), folder_ + "/index.db", settings_);
    EXPECT_TRUE(hold) << hold.error().what;
    return std::move(*hold);
  }
  std::string folder_;
  MemoryDisk disk_;
  HoldSettings settings_{64 * 1024, 1 << 20};
};

TEST_F(HoldTest, KeepsAndFinds) {
  Hold hold = open();
  hold.put(held("R1"), text("first"));
  hold.put(held("R2"), text("second"));
  EXPECT_EQ(hold.commit().failed, Reason::none);
  EXPECT_EQ(hold.count(), 2u);
  auto found = hold.find("R2");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->subject, "件名");
  EXPECT_EQ(found->reason, Reason::part_macro);
  EXPECT_EQ(found->size, 6u);
  EXPECT_EQ(found->envelope.recipients, held("").envelope.recipients);
  EXPECT_EQ(as_chars(*hold.read("R1")), "first");
  EXPECT_FALSE(hold.read("R3"));
  EXPECT_EQ(found->report, "{}");
  const Hold::Page page = hold.page("", 0, 10);
  ASSERT_EQ(page.held.size(), 2u);
  EXPECT_EQ(page.held[0].envelope.receipt, "R2") << "newest first";
  EXPECT_EQ(page.held[0].subject, "件名");
  EXPECT_EQ(page.next, 0u);
}

TEST_F(HoldTest, TakesAMailOnce) { // a crash between hold and spool does it again
  Hold hold = open();
  hold.put(held("R1"), text("first"));
  (void)hold.commit();
  hold.put(held("R1"), text("first"));
  EXPECT_EQ(hold.commit().failed, Reason::none);
  EXPECT_EQ(hold.count(), 1u);
}

TEST_F(HoldTest, AnotherMailOfTheSameReceiptIsNotTakenForIt) { // O2: else its original is lost, and a release hands on another's
  Hold hold = open();
  hold.put(held("R1"), text("first"));
  hold.put(held("R1"), text("other"));
  Hold::Committed committed = hold.commit();
  EXPECT_EQ(committed.failed, Reason::none);
  EXPECT_EQ(committed.stale, std::vector<std::string>{"R1"});
  hold.put(held("R1"), text("other"));
  EXPECT_EQ(hold.commit().stale, std::vector<std::string>{"R1"});
  EXPECT_EQ(as_chars(*hold.read("R1")), "first");
  ASSERT_TRUE(hold.erase(std::vector<std::string>{"R1"}));
  hold.put(held("R1"), text("other"));
  EXPECT_TRUE(hold.commit().stale.empty()) << "there is room for it now";
  EXPECT_EQ(as_chars(*hold.read("R1")), "other");
}

TEST_F(HoldTest, WhatComesBackIsAddedUp) {
  Hold hold = open();
  hold.put(held("R1"), text("first"));
  (void)hold.commit();
  Held back = held("R1"); // a release to b, whom it reached
  back.envelope.recipients = back.reached = {"b@town.example.lg.jp"};
  back.reason = Reason::hold_released;
  back.released = 1'800'000'100;
  back.only_known = true;
  hold.put(back, text("first"));
  EXPECT_EQ(hold.commit().failed, Reason::none);
  const auto check = [](Hold &hold) {
    auto found = hold.find("R1");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->reached, std::vector<std::string>{"b@town.example.lg.jp"});
    EXPECT_EQ(found->envelope.recipients, std::vector<std::string>{"c@town.example.lg.jp"});
    EXPECT_TRUE(found->delivered);
    EXPECT_EQ(found->released, 0) << "c has nothing";
    EXPECT_EQ(found->reason, held("R1").reason) << "which is why";
    EXPECT_EQ(found->report, "{}") << "of the first time";
    EXPECT_EQ(as_chars(*hold.read("R1")), "first");
    EXPECT_EQ(hold.page("", 0, 10).held.at(0).released, 0);
  };
  check(hold);
  Hold again = open();
  check(again);
  Held refused = held("R1"); // then one to c, in vain
  refused.envelope.recipients = {"c@town.example.lg.jp"};
  refused.reason = Reason::next_hop_refused;
  again.put(refused, text("first"));
  EXPECT_EQ(again.commit().failed, Reason::none);
  EXPECT_EQ(again.find("R1")->released, 0);
  EXPECT_EQ(again.find("R1")->reason, Reason::next_hop_refused);
  back.envelope.recipients = back.reached = {"c@town.example.lg.jp"};
  again.put(back, text("first"));
  EXPECT_EQ(again.commit().failed, Reason::none);
  EXPECT_EQ(again.find("R1")->released, 1'800'000'100) << "nobody is left";
  EXPECT_EQ(again.find("R1")->reason, Reason::hold_released);
  EXPECT_EQ(again.page("", 0, 10).held.at(0).released, 1'800'000'100);
  EXPECT_EQ(again.count(), 1u);
}

TEST_F(HoldTest, WhatIsNotHeldAnyMoreDoesNotComeBack) {
  Hold hold = open();
  Held gone = held("R1");
  gone.only_known = true;
  hold.put(gone, text("first"));
  const Hold::Committed committed = hold.commit();
  EXPECT_EQ(committed.failed, Reason::none);
  EXPECT_TRUE(committed.no_room.empty());
  EXPECT_EQ(hold.count(), 0u);
}

TEST_F(HoldTest, OneFlushACommit) {
  Hold hold = open();
  hold.put(held("R0"), text("x"));
  (void)hold.commit();
  const std::size_t before = disk_.flushes();
  for (int i = 1; i < 20; ++i) hold.put(held(fmt::format("R{}", i)), text("x"));
  (void)hold.commit();
  EXPECT_EQ(disk_.flushes() - before, 1u);
}

TEST_F(HoldTest, TheIndexIsMadeGoodFromTheSegments) {
  {
    Hold hold = open();
    for (int i = 0; i < 30; ++i) {
      hold.put(held(fmt::format("R{}", i)), text(std::string(5000, 'x')));
      (void)hold.commit();
    }
  }
  for (const char *name : {"/index.db", "/index.db-wal", "/index.db-shm"})
    std::filesystem::remove(folder_ + name);
  std::mt19937 random(1);
  disk_.crash(random);
  Hold hold = open();
  EXPECT_EQ(hold.count(), 30u);
  EXPECT_EQ(hold.read("R17")->size(), 5000u);
}

TEST_F(HoldTest, FullSaysSo) {
  settings_.most_octets = 100 * 1024;
  Hold hold = open();
  std::vector<std::string> no_room;
  for (int i = 0; i < 40 && no_room.empty(); ++i) {
    hold.put(held(fmt::format("R{}", i)), text(std::string(5000, 'x')));
    const Hold::Committed committed = hold.commit();
    EXPECT_EQ(committed.failed, Reason::none);
    no_room = committed.no_room;
  }
  EXPECT_EQ(no_room.size(), 1u);
  EXPECT_EQ(as_chars(*hold.read("R3")).size(), 5000u);
}

TEST_F(HoldTest, ARelayHasALimitOfItsOwn) {
  Hold hold = open();
  Held other = held("O1");
  other.envelope.relay = "outbound";
  for (int i = 0; i < 3; ++i) hold.put(held(fmt::format("R{}", i)), text(std::string(4000, 'x')), 10'000);
  hold.put(other, text(std::string(4000, 'x')), 10'000);
  EXPECT_EQ(hold.commit().no_room, std::vector<std::string>{"R2"});
  EXPECT_EQ(hold.count(), 3u);
  EXPECT_EQ(hold.page("outbound", 0, 10).held.size(), 1u);
}

TEST_F(HoldTest, AFailedFlushShutsIt) {
  Hold hold = open();
  hold.put(held("R1"), text("x"));
  (void)hold.commit();
  disk_.fail_after(1, DiskError::failed, false);
  hold.put(held("R2"), text("x"));
  EXPECT_EQ(hold.commit().failed, Reason::spool_failed);
  hold.put(held("R3"), text("x"));
  EXPECT_EQ(hold.commit().failed, Reason::spool_failed);
}

TEST_F(HoldTest, PagesGoOnWhereTheyStopped) {
  Hold hold = open();
  for (int i = 0; i < 25; ++i) hold.put(held(fmt::format("R{}", i)), text("x"));
  (void)hold.commit();
  std::vector<std::string> seen;
  std::uint64_t from = 0;
  do {
    Hold::Page page = hold.page("inbound", from, 10);
    for (const Held &one : page.held) seen.push_back(one.envelope.receipt);
    from = page.next;
  } while (from != 0);
  ASSERT_EQ(seen.size(), 25u);
  EXPECT_EQ(seen.front(), "R24");
  EXPECT_EQ(seen.back(), "R0");
}

TEST_F(HoldTest, TellsWhoHasIt) {
  Held some = held("R1");
  some.reached = {"d@town.example.lg.jp"};
  {
    Hold hold = open();
    hold.put(some, text("x"));
    (void)hold.commit();
  }
  EXPECT_EQ(open().find("R1")->reached, some.reached);
}

TEST_F(HoldTest, RecordsOfEarlierVersionsDoNotTell) {
  const Use use = new_use(1, test_keys().present());
  ByteWriter head;
  head.put_bytes(encode(held("R1").envelope));
  head.put_counted(std::string_view("s"));
  head.put_u8(static_cast<std::uint8_t>(Reason::part_macro));
  head.put_u8(1);
  head.put_u64(1'800'000'000);
  head.put_u64(1);
  head.put_counted(std::string_view("{}"));
  RecordHeader header;
  header.number = header.batch = 1;
  const Buffer block = encode_use(use);
  Buffer record(record_size(head.buffer().size(), 1));
  seal(use, *cipher_of(use, test_keys()), header, head.buffer(), *text("x"), record);
  const Bytes pieces[] = {block, record};
  auto file = disk_.open("hold-00000001");
  ASSERT_TRUE(disk_.write(*file, 0, {&pieces[0], 1}) && disk_.write(*file, records_start, {&pieces[1], 1}) && disk_.flush(*file));
  Hold hold = open();
  auto found = hold.find("R1");
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_TRUE(found->reached.empty());
  EXPECT_TRUE(found->delivered);
  EXPECT_EQ(found->report, "{}");
}

// -- erasing --------------------------------------------------------------------------------------------------

TEST_F(HoldTest, WhatIsErasedIsGoneForGood) {
  {
    Hold hold = open();
    for (int i = 0; i < 3; ++i) hold.put(held(fmt::format("R{}", i)), text(std::string(5000, 'x')));
    (void)hold.commit();
    const std::vector<std::string> receipts = {"R1", "UNKNOWN"};
    ASSERT_TRUE(hold.erase(receipts));
    EXPECT_EQ(hold.count(), 2u);
    EXPECT_FALSE(hold.find("R1"));
    EXPECT_FALSE(hold.read("R1"));
    EXPECT_TRUE(hold.read("R2"));
    EXPECT_EQ(hold.page("", 0, 10).held.size(), 2u);
  }
  for (const char *name : {"/index.db", "/index.db-wal", "/index.db-shm"}) std::filesystem::remove(folder_ + name);
  Hold hold = open(); // from the segments alone
  EXPECT_EQ(hold.count(), 2u);
  EXPECT_FALSE(hold.find("R1"));
}

TEST_F(HoldTest, ItsRoomComesBack) {
  settings_.most_octets = 100 * 1024;
  Hold hold = open();
  for (int round = 0; round < 20; ++round) {
    std::vector<std::string> receipts;
    for (int i = 0; i < 10; ++i) {
      receipts.push_back(fmt::format("R{}-{}", round, i));
      hold.put(held(receipts.back()), text(std::string(5000, 'x')));
    }
    const Hold::Committed committed = hold.commit();
    EXPECT_TRUE(committed.no_room.empty()) << round;
    ASSERT_TRUE(hold.erase(receipts));
    EXPECT_EQ(hold.octets(), 0u);
    EXPECT_LE(disk_.list()->size(), 2u) << "emptied segments are removed";
  }
}

TEST_F(HoldTest, AnInterruptedErasureIsMadeGood) {
  std::mt19937 random(3);
  for (std::size_t step = 0; step < 4; ++step) {
    const std::string receipt = fmt::format("S{}", step);
    {
      Hold hold = open();
      hold.put(held(receipt), text("gone"));
      hold.put(held(receipt + "-kept"), text("kept"));
      ASSERT_EQ(hold.commit().failed, Reason::none);
      disk_.fail_after(step);
      const std::vector<std::string> receipts = {receipt};
      (void)hold.erase(receipts);
      disk_.heal();
      EXPECT_FALSE(hold.find(receipt)) << step;
    }
    disk_.crash(random);
    Hold hold = open();
    EXPECT_FALSE(hold.find(receipt)) << step;
    EXPECT_TRUE(hold.read(receipt + "-kept")) << step;
  }
}

TEST_F(HoldTest, TellsWhatIsOld) {
  Hold hold = open();
  for (int i = 0; i < 5; ++i) {
    Held one = held(fmt::format("R{}", i));
    one.time = 1000 + i;
    hold.put(one, text("x"));
  }
  (void)hold.commit();
  EXPECT_EQ(hold.held_within("inbound", 0, 1001, 10), (std::vector<std::string>{"R0", "R1"}));
  EXPECT_EQ(hold.held_within("inbound", 1001, 1002, 10), (std::vector<std::string>{"R1", "R2"}));
  EXPECT_TRUE(hold.held_within("outbound", 0, 1999, 10).empty());
}

// -- the key (A4, O5) -----------------------------------------------------------------------------------------

TEST_F(HoldTest, NothingStandsInTheClear) {
  Hold hold = open();
  hold.put(held("R1"), text("the secret of the town"));
  (void)hold.commit();
  std::string index;
  for (const char *name : {"/index.db", "/index.db-wal"}) {
    std::ifstream file(folder_ + name, std::ios::binary);
    index.append(std::istreambuf_iterator<char>(file), {});
  }
  EXPECT_NE(index.find("R1"), std::string::npos) << "receipt numbers are";
  for (const char *words : {"secret of", "example", "件名"}) {
    EXPECT_FALSE(disk_.holds(words)) << words;
    EXPECT_EQ(index.find(words), std::string::npos) << words;
  }
}

TEST_F(HoldTest, AnotherKeyChangesNothing) {
  {
    Hold hold = open();
    hold.put(held("R1"), text("x"));
    (void)hold.commit();
  }
  auto refused = Hold::open(disk_, test_keys(8), folder_ + "/index.db", settings_);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("is encrypted with key"), std::string::npos);
  EXPECT_TRUE(open().read("R1"));
}

} // namespace
} // namespace sekisho::spool
