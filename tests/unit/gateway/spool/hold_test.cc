#include "gateway/spool/hold.hh"

#include "tests/support/memory_disk.hh"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

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
    auto hold = Hold::open(disk_, folder_ + "/index.db", settings_);
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
  EXPECT_EQ(hold.commit(), Reason::none);
  EXPECT_EQ(hold.count(), 2u);
  auto found = hold.find("R2");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->subject, "件名");
  EXPECT_EQ(found->reason, Reason::part_macro);
  EXPECT_EQ(found->size, 6u);
  EXPECT_EQ(found->envelope.recipients, held("").envelope.recipients);
  EXPECT_EQ(as_chars(*hold.read("R1")), "first");
  EXPECT_FALSE(hold.read("R3"));
  EXPECT_EQ(hold.list(10)->size(), 2u);
}

TEST_F(HoldTest, TakesAMailOnce) { // a crash between hold and spool does it again
  Hold hold = open();
  hold.put(held("R1"), text("first"));
  (void)hold.commit();
  hold.put(held("R1"), text("first"));
  EXPECT_EQ(hold.commit(), Reason::none);
  EXPECT_EQ(hold.count(), 1u);
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
  Reason reason = Reason::none;
  for (int i = 0; i < 40 && reason == Reason::none; ++i) {
    hold.put(held(fmt::format("R{}", i)), text(std::string(5000, 'x')));
    reason = hold.commit();
  }
  EXPECT_EQ(reason, Reason::spool_full);
  EXPECT_EQ(as_chars(*hold.read("R3")).size(), 5000u);
}

TEST_F(HoldTest, AFailedFlushShutsIt) {
  Hold hold = open();
  hold.put(held("R1"), text("x"));
  (void)hold.commit();
  disk_.fail_after(1, DiskError::failed, false);
  hold.put(held("R2"), text("x"));
  EXPECT_EQ(hold.commit(), Reason::spool_failed);
  hold.put(held("R3"), text("x"));
  EXPECT_EQ(hold.commit(), Reason::spool_failed);
}

} // namespace
} // namespace sekisho::spool
