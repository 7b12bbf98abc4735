#include "gateway/record/index.hh"

#include "tests/unit/gateway/record/folder.hh"

namespace sekisho::record {
namespace {

constexpr UnixSeconds noon = 1'795'000'000;

std::vector<Event> story() {
  std::vector<Event> events;
  for (const char *text : {R"({"event":"mail-received","receipt":"R1"})",
                           R"({"event":"mail-received","receipt":"R2"})", R"({"event":"flow-opened"})",
                           R"({"event":"mail-delivered","receipt":"R1","answer":"\"receipt\":\"R2\""})"})
    events.push_back(*read_event("relay", text));
  return events;
}

TEST(Index, FindsTheLinesOfAReceipt) {
  test::Folder folder;
  auto journal = Journal::open(folder.path(), noon);
  auto index = Index::open(folder.path());
  ASSERT_TRUE(index) << index.error().what;
  std::vector<Event> events = story();
  index->add(events, *journal->write(events, noon));
  EXPECT_EQ(index->lines_of("R1", 1 << 20)->size(), 2u);
  EXPECT_EQ(index->lines_of("R2", 1 << 20)->size(), 1u);
  EXPECT_EQ(index->lines_of("R3", 1 << 20)->size(), 0u);
  EXPECT_EQ(index->lines_of("R1", 200)->size(), 0u) << "limit";
  EXPECT_EQ(*find_lines(folder.path(), "R1", 1 << 20), *index->lines_of("R1", 1 << 20));
}

TEST(Index, IsMadeAnewFromTheRecord) {
  test::Folder folder;
  auto journal = Journal::open(folder.path(), noon);
  {
    auto index = Index::open(folder.path());
    ASSERT_TRUE(journal->write(story(), noon)); // the index does not hear of it
  }
  EXPECT_EQ(Index::open(folder.path())->lines_of("R1", 1 << 20)->size(), 2u) << "catches up";
  std::filesystem::remove(folder.path() + "/index.sqlite");
  EXPECT_EQ(Index::open(folder.path())->lines_of("R1", 1 << 20)->size(), 2u) << "lost";
  folder.write("index.sqlite", "this is not a data base, but long enough to be looked at by SQLite");
  EXPECT_EQ(Index::open(folder.path())->lines_of("R1", 1 << 20)->size(), 2u) << "garbage";
}

} // namespace
} // namespace sekisho::record
