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

TEST_F(HoldTrouble, AHarmedIndexIsMadeAnew) {
  {
    Hold hold = open();
    EXPECT_EQ(keep(hold, "R1", 100), Reason::none);
  }
  std::ofstream(index(), std::ios::trunc) << std::string(8192, 'x');
  Hold hold = open();
  EXPECT_TRUE(hold.read("R1"));
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
