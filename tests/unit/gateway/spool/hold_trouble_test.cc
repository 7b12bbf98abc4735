#include "gateway/spool/hold.hh"

#include "tests/support/memory_disk.hh"
#include "tests/support/spool_key.hh"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace sekisho::spool {
namespace {

class HoldTrouble : public testing::Test {
protected:
  HoldTrouble() {
    char name[] = "/tmp/sekisho-hold-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~HoldTrouble() override { std::filesystem::remove_all(folder_); }

  std::string index() const { return folder_ + "/index.db"; }
  Hold open() {
    auto hold = Hold::open(disk_, test_keys(), index(), {16 * 1024, 1 << 20});
    EXPECT_TRUE(hold) << hold.error().what;
    return std::move(*hold);
  }
  void change(const char *sql) const {
    sqlite3 *other = nullptr;
    ASSERT_EQ(sqlite3_open(index().c_str(), &other), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(other, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(other);
  }
  static Reason keep(Hold &hold, const std::string &receipt, std::size_t size) {
    Held held;
    held.envelope.receipt = receipt;
    held.reason = Reason::part_executable;
    hold.put(held, std::make_shared<const Buffer>(size, std::byte{7}));
    const Hold::Committed committed = hold.commit();
    if (committed.failed != Reason::none) return committed.failed;
    return committed.no_room.empty() ? Reason::none : Reason::hold_full;
  }

  std::string folder_;
  MemoryDisk disk_;
};

TEST_F(HoldTrouble, AnIndexThatCannotBeWrittenIsNoFullHold) {
  Hold hold = open();
  EXPECT_EQ(keep(hold, "R1", 100), Reason::none);
  change("CREATE TRIGGER no BEFORE UPDATE OF sealed ON entry BEGIN SELECT RAISE(ABORT, 'no'); END");
  const auto come_back = [&] {
    Held back;
    back.envelope.receipt = "R1";
    back.reached = {"b@town.example.lg.jp"};
    hold.put(back, std::make_shared<const Buffer>(100, std::byte{7}));
    return hold.commit();
  };
  const Hold::Committed in_vain = come_back();
  EXPECT_EQ(in_vain.stale, std::vector<std::string>{"R1"});
  EXPECT_TRUE(in_vain.no_room.empty());
  EXPECT_EQ(in_vain.failed, Reason::none);
  EXPECT_FALSE(hold.failed());
  change("DROP TRIGGER no");
  EXPECT_TRUE(come_back().stale.empty());
  EXPECT_EQ(hold.find("R1")->reached, std::vector<std::string>{"b@town.example.lg.jp"});
}

TEST_F(HoldTrouble, KeepsOverARestart) {
  {
    Hold hold = open();
    EXPECT_EQ(keep(hold, "R1", 100), Reason::none);
  }
  Hold hold = open();
  EXPECT_EQ(hold.count(), 1u);
  ASSERT_TRUE(hold.read("R1"));
  EXPECT_EQ(hold.read("R1")->size(), 100u);
}

TEST_F(HoldTrouble, WhatTheIndexDidNotTakeIsIndexedLater) {
  {
    Hold hold = open();
    EXPECT_EQ(keep(hold, "R1", 100), Reason::none);
    sqlite3 *other = nullptr;
    ASSERT_EQ(sqlite3_open(index().c_str(), &other), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    EXPECT_EQ(keep(hold, "R2", 10'000), Reason::none); // on disk, not in the index
    EXPECT_FALSE(hold.find("R2"));
    sqlite3_close(other);
    EXPECT_EQ(keep(hold, "R3", 10'000), Reason::none); // in the next segment
  }
  Hold hold = open();
  EXPECT_EQ(hold.count(), 3u);
  EXPECT_TRUE(hold.read("R2"));
}

TEST_F(HoldTrouble, AFullDiskAskedAgainAndAgainFillsNothing) {
  Hold hold = open();
  EXPECT_EQ(keep(hold, "R1", 100), Reason::none);
  for (std::size_t step = 0; step < 5; ++step)
    for (std::size_t size : {3000u, 15'000u}) { // into this segment, and into one of its own
      disk_.fail_after(step, DiskError::full, false);
      const Reason said = keep(hold, fmt::format("R{}-{}", step, size), size);
      disk_.heal();
      EXPECT_TRUE(said == Reason::none || said == Reason::hold_full);
      const std::size_t files = disk_.list()->size();
      EXPECT_LE(files, hold.count()) << step;
    }
  EXPECT_EQ(keep(hold, "R2", 100), Reason::none);
  EXPECT_TRUE(hold.read("R1"));
  EXPECT_TRUE(hold.read("R2"));
}

TEST_F(HoldTrouble, WhatTheRulesRefuseIsNoFullDisk) {
  Hold hold = open();
  const auto commit = [&](const char *receipt, std::uint64_t most) {
    Held held;
    held.envelope.receipt = receipt;
    hold.put(held, std::make_shared<const Buffer>(2000, std::byte{7}), most);
    return hold.commit();
  };
  const Hold::Committed refused = commit("R1", 1000);
  EXPECT_EQ(refused.no_room.size(), 1u);
  EXPECT_FALSE(refused.disk_full || refused.written);
  EXPECT_TRUE(commit("R2", 0).written);
  disk_.fail_after(0, DiskError::full);
  const Hold::Committed full = commit("R3", 0);
  EXPECT_EQ(full.no_room.size(), 1u);
  EXPECT_TRUE(full.disk_full && !full.written);
}

TEST_F(HoldTrouble, ATwentiethOfTheDiskIsLeft) { // L1: so that what fills it can be deleted, and that told
  Hold hold = open();
  disk_.claim_room({53'000, 1'000'000});
  EXPECT_EQ(keep(hold, "R1", 2000), Reason::none);
  EXPECT_EQ(keep(hold, "R2", 4000), Reason::hold_full);
  Held held;
  for (const char *receipt : {"R3", "R4"}) {
    held.envelope.receipt = receipt;
    hold.put(held, std::make_shared<const Buffer>(1500, std::byte{7}));
  }
  const Hold::Committed committed = hold.commit();
  EXPECT_EQ(committed.no_room, std::vector<std::string>{"R4"}) << "both together are too much";
  EXPECT_TRUE(committed.disk_full);
  const std::vector<std::string> receipts = {"R1"};
  EXPECT_TRUE(hold.erase(receipts));
  EXPECT_TRUE(leaves_reserve({(512u << 20) + 10, 1ull << 40}, 10)) << "no more than 512 MB of a large one";
  EXPECT_FALSE(leaves_reserve({(512u << 20) + 10, 1ull << 40}, 11));
}

TEST_F(HoldTrouble, AHarmedIndexIsMadeAnew) {
  {
    Hold hold = open();
    EXPECT_EQ(keep(hold, "R1", 100), Reason::none);
  }
  std::ofstream(index(), std::ios::trunc) << std::string(8192, 'x');
  Hold hold = open();
  EXPECT_TRUE(hold.read("R1"));
}

/// Somebody with the disk and without the key exchanges what stands in the clear.
TEST_F(HoldTrouble, AChangedRowIsNotBelieved) {
  Hold hold = open();
  for (const char *receipt : {"R1", "R2", "R3", "R4"}) EXPECT_EQ(keep(hold, receipt, 100), Reason::none);
  change("UPDATE entry SET offset = (SELECT offset FROM entry WHERE receipt = 'R2') WHERE receipt = 'R1'");
  change("UPDATE entry SET time = -5 WHERE receipt = 'R3'");
  change("UPDATE entry SET relay = 'other' WHERE receipt = 'R4'");
  EXPECT_FALSE(hold.find("R1"));
  const std::vector<std::string> first = {"R1"};
  EXPECT_FALSE(hold.erase(first)) << "R2 stands there";
  EXPECT_TRUE(hold.read("R2"));
  EXPECT_EQ(hold.page("", 0, 10).held.size(), 1u);
  EXPECT_EQ(hold.held_within("", -10, 0, 1), std::vector<std::string>{"R2"}) << "behind one that is passed over";
  EXPECT_TRUE(hold.held_within("other", 0, 0, 10).empty());
}

TEST_F(HoldTrouble, WhatIsBeingErasedMayComeAgain) {
  {
    Hold hold = open();
    EXPECT_EQ(keep(hold, "R1", 100), Reason::none);
    disk_.fail_after(0);
    const std::vector<std::string> receipts = {"R1"};
    EXPECT_FALSE(hold.erase(receipts));
    disk_.heal();
    EXPECT_EQ(keep(hold, "R1", 200), Reason::none);
    EXPECT_EQ(hold.read("R1")->size(), 200u);
    EXPECT_EQ(hold.count(), 1u);
  }
  Hold hold = open(); // the erasure goes on
  ASSERT_TRUE(hold.read("R1"));
  EXPECT_EQ(hold.read("R1")->size(), 200u);
  EXPECT_EQ(hold.count(), 1u);
}

TEST_F(HoldTrouble, ALongErasureGoesOnInPieces) {
  {
    Hold hold = open();
    for (int i = 0; i < 1203; ++i) {
      Held held;
      held.envelope.receipt = fmt::format("R{}", i);
      hold.put(held, std::make_shared<const Buffer>(1, std::byte{7}));
    }
    EXPECT_EQ(hold.commit().failed, Reason::none);
    EXPECT_EQ(keep(hold, "KEPT", 100), Reason::none);
    change("UPDATE entry SET erasing = 1 WHERE receipt != 'KEPT'");
  }
  Hold hold = open();
  EXPECT_EQ(hold.count(), 1u);
  EXPECT_TRUE(hold.read("KEPT"));
  EXPECT_LT(hold.octets(), 1000u);
}

TEST_F(HoldTrouble, ASegmentThatIsTooLargeIsNotRead) {
  (void)keep(*std::make_unique<Hold>(open()), "R1", 100);
  disk_.claim_size(max_segment + 1);
  EXPECT_FALSE(Hold::open(disk_, test_keys(), index(), {16 * 1024, 1 << 20}));
}

/// What cannot be asked must not cost the originals that lie beside a deleted one.
TEST(HoldIndex, ASegmentThatItCannotTellOfIsInUse) {
  std::string folder = std::filesystem::temp_directory_path() / "sekisho-hold-index-XXXXXX";
  ASSERT_TRUE(::mkdtemp(folder.data()));
  auto index = HoldIndex::open(folder + "/index.db");
  ASSERT_TRUE(index);
  EXPECT_FALSE(index->uses(1));
  sqlite3 *other = nullptr;
  ASSERT_EQ(sqlite3_open((folder + "/index.db").c_str(), &other), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(other, "DROP TABLE entry", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_TRUE(index->uses(1));
  sqlite3_close(other);
  std::filesystem::remove_all(folder);
}

} // namespace
} // namespace sekisho::spool
