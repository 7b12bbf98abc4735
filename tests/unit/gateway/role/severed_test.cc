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
    EXPECT_TRUE(severed->sever("internet"));
    EXPECT_TRUE(severed->sever("lgwan"));
    EXPECT_TRUE(severed->sever("internet"));
  }
  auto again = Severed::open(path);
  EXPECT_EQ(again->text(), "internet lgwan");
  EXPECT_TRUE(again->join("internet"));
  EXPECT_TRUE(again->join("nowhere"));
  EXPECT_EQ(Severed::open(path)->text(), "lgwan");
}

TEST(Severed, FailureChangesNothing) {
  test::Folder folder;
  auto severed = Severed::open(folder.path() + "/severed");
  ASSERT_TRUE(severed->sever("internet"));
  std::filesystem::create_directory(folder.path() + "/severed.new"); // the draft cannot be written
  EXPECT_FALSE(severed->join("internet"));
  EXPECT_TRUE(severed->has("internet"));
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
