#include "gateway/role/severed.hh"

#include "tests/unit/gateway/record/folder.hh"

namespace sekisho::role {
namespace {

TEST(Severed, SurvivesARestart) {
  test::Folder folder;
  std::string path = folder.path() + "/severed";
  {
    auto severed = Severed::open(path);
    ASSERT_TRUE(severed);
    EXPECT_EQ(severed->text(), "");
    for (const char *zone : {"internet", "lgwan", "internet"}) {
      severed->sever(zone);
      EXPECT_TRUE(severed->keep());
    }
    EXPECT_FALSE(severed->is_owed());
  }
  auto again = Severed::open(path);
  EXPECT_EQ(again->text(), "internet lgwan");
  EXPECT_TRUE(again->join("internet"));
  EXPECT_TRUE(again->join("nowhere"));
  EXPECT_EQ(Severed::open(path)->text(), "lgwan");
}

/// Z6: no disk keeps a zone open.
TEST(Severed, CutOffWithoutADiskAndKeptLater) {
  test::Folder folder;
  const std::string path = folder.path() + "/severed", draft = path + ".new";
  auto severed = Severed::open(path);
  severed->sever("lgwan");
  ASSERT_TRUE(severed->keep());
  std::filesystem::create_directory(draft); // the draft cannot be written
  severed->sever("internet");
  EXPECT_FALSE(severed->keep());
  EXPECT_TRUE(severed->has("internet"));
  EXPECT_EQ(severed->text(), "internet lgwan"); // what a role is told that starts now
  EXPECT_EQ(severed->not_kept(), std::vector<std::string>{"internet"});
  EXPECT_FALSE(severed->is_kept("internet"));
  EXPECT_TRUE(severed->is_kept("lgwan"));
  EXPECT_FALSE(severed->keep());
  EXPECT_TRUE(severed->is_owed());
  EXPECT_EQ(Severed::open(path)->text(), "lgwan");

  std::filesystem::remove(draft);
  EXPECT_TRUE(severed->keep());
  EXPECT_FALSE(severed->is_owed());
  EXPECT_TRUE(severed->not_kept().empty());
  EXPECT_EQ(Severed::open(path)->text(), "internet lgwan");
}

TEST(Severed, JoinThatCannotBeWrittenChangesNothing) {
  test::Folder folder;
  auto severed = Severed::open(folder.path() + "/severed");
  severed->sever("internet");
  ASSERT_TRUE(severed->keep());
  const std::string draft = folder.path() + "/severed.new";
  std::filesystem::create_directory(draft);
  EXPECT_FALSE(severed->join("internet"));
  EXPECT_TRUE(severed->has("internet"));
  EXPECT_TRUE(severed->not_kept().empty());
  EXPECT_TRUE(severed->is_owed()); // the file might have been replaced all the same
  std::filesystem::remove(draft);
  EXPECT_TRUE(severed->keep());
  EXPECT_EQ(Severed::open(folder.path() + "/severed")->text(), "internet");
}

/// What is joined is joined of what is cut off now, kept or not.
TEST(Severed, JoinWritesWhatWasOwed) {
  test::Folder folder;
  const std::string path = folder.path() + "/severed", draft = path + ".new";
  auto severed = Severed::open(path);
  std::filesystem::create_directory(draft);
  severed->sever("internet");
  severed->sever("lgwan");
  EXPECT_FALSE(severed->keep());
  EXPECT_FALSE(severed->join("internet"));
  EXPECT_TRUE(severed->has("internet"));
  std::filesystem::remove(draft);
  EXPECT_TRUE(severed->join("internet"));
  EXPECT_FALSE(severed->is_owed());
  EXPECT_EQ(Severed::open(path)->text(), "lgwan");
}

TEST(Severed, UnreadableIsAnErrorNotNone) {
  test::Folder folder;
  std::filesystem::create_directory(folder.path() + "/severed");
  EXPECT_FALSE(Severed::open(folder.path() + "/severed"));
  folder.write("long", std::string(100'000, 'a'));
  EXPECT_FALSE(Severed::open(folder.path() + "/long"));
}

} // namespace
} // namespace sekisho::role
