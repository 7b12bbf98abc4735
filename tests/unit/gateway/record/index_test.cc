#include "gateway/record/index.hh"

#include "gateway/record/days.hh"
#include "tests/unit/gateway/record/folder.hh"

#include <fmt/format.h>

namespace sekisho::record {
namespace {

constexpr UnixSeconds noon = 1'795'000'000; // 2026-11-18
constexpr std::uint64_t never = ~std::uint64_t{0};
constexpr const char *month = "search-202611.sqlite";

class IndexTest : public testing::Test {
protected:
  IndexTest() : journal_(*Journal::open(folder_.path(), noon)) { reopen(); }

  void reopen() {
    index_.reset();
    auto opened = Index::open(folder_.path());
    ASSERT_TRUE(opened) << opened.error().what;
    index_ = std::make_unique<Index>(std::move(*opened));
  }
  void write(const std::vector<std::string> &texts, UnixSeconds time = noon) {
    std::vector<Event> events;
    for (const std::string &text : texts) events.push_back(*read_event("relay", text));
    ASSERT_TRUE(journal_.write(events, time));
  }
  void write_story() {
    write({R"({"event":"mail-received","receipt":"R1"})", R"({"event":"mail-received","receipt":"R2"})", R"({"event":"flow-ended"})",
           R"({"event":"mail-delivered","receipt":"R1","answer":"\"receipt\":\"R2\""})"});
  }
  void catch_up() {
    for (;;) {
      auto more = index_->follow(journal_.end(), 1000);
      if (!more || !*more) break;
    }
    (void)index_->flush();
  }
  /// How many lines the index finds of a receipt; -1: it says that it cannot tell.
  int lines_of(const std::string &receipt) {
    catch_up();
    int count = 0;
    bool good = true;
    auto found = index_->each_mail(terms_of(Field::receipt, receipt), 0, 0, never, [&](const Mail &mail) {
      auto places = index_->places_of(mail);
      auto lines = places ? index_->read(*places, 1 << 20) : Result<std::vector<std::string>>(fail("no places"));
      good = good && lines;
      if (lines) count += static_cast<int>(lines->size());
      return good;
    });
    return found && good ? count : -1;
  }

  test::Folder folder_;
  Journal journal_;
  std::unique_ptr<Index> index_;
};

TEST_F(IndexTest, FindsTheLinesOfAReceipt) {
  write_story();
  EXPECT_EQ(lines_of("R1"), 2);
  EXPECT_EQ(lines_of("R2"), 1);
  EXPECT_EQ(lines_of("R3"), 0);
  EXPECT_EQ(find_lines(folder_.path(), "R1", 1 << 20)->size(), 2u) << "without an index";
}

TEST_F(IndexTest, NothingTwiceAfterAKill) {
  write_story();
  EXPECT_EQ(lines_of("R1"), 2);
  reopen(); // nothing was settled: all is read again
  EXPECT_EQ(lines_of("R1"), 2);
  EXPECT_EQ(lines_of("R2"), 1);
  ASSERT_TRUE(index_->settle());
  write({R"({"event":"mail-bounced","receipt":"R1"})"}); // while it is down
  reopen();
  EXPECT_EQ(lines_of("R1"), 3);
}

TEST_F(IndexTest, ALostMonthIsMadeAnew) {
  write_story();
  write({R"({"event":"mail-received","receipt":"R9"})"}, noon + 20 * day_seconds); // December
  catch_up();
  ASSERT_TRUE(index_->settle());
  index_.reset();
  ASSERT_TRUE(folder_.has(month));
  std::filesystem::remove(folder_.path() + "/" + month);
  reopen();
  EXPECT_EQ(lines_of("R1"), 2);
  EXPECT_EQ(lines_of("R9"), 1);
}

TEST_F(IndexTest, GarbageInsteadOfAMonthIsMadeAnew) {
  write_story();
  catch_up();
  ASSERT_TRUE(index_->settle());
  index_.reset();
  folder_.write(month, "this is not a data base, but long enough to be looked at by SQLite" + std::string(5000, 'x'));
  reopen();
  EXPECT_EQ(lines_of("R1"), 2);
}

TEST_F(IndexTest, DamageIsNotTakenForNothing) {
  std::vector<std::string> mails;
  for (int i = 0; i < 3000; ++i) mails.push_back(fmt::format(R"({{"event":"mail-received","receipt":"R{}","sender":"a{}@x.example"}})", i, i));
  write(mails);
  EXPECT_EQ(lines_of("R1"), 1);
  ASSERT_TRUE(index_->settle());
  index_.reset();
  { // all but the first pages
    std::fstream file(folder_.path() + "/" + month, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(5 * 4096);
    file << std::string(std::filesystem::file_size(folder_.path() + "/" + month) - 5 * 4096, '\x5a');
  }
  reopen();
  int told = 0, found = 0;
  for (int i = 0; i < 3000 && told == 0; ++i) {
    const int lines = lines_of(fmt::format("R{}", i));
    ASSERT_NE(lines, 0) << i;
    if (lines < 0) told++;
    else found++;
  }
  EXPECT_EQ(told, 1) << found;
  EXPECT_EQ(lines_of("R1"), 1) << "made anew";
  EXPECT_EQ(lines_of("R2999"), 1);
  EXPECT_FALSE(index_->standing().is_made_anew);
}

TEST_F(IndexTest, TellsThatItIsMadeAnewUntilItKnowsAllAlsoOverARestart) {
  for (int i = 0; i < 50; ++i) write_story();
  EXPECT_FALSE(index_->standing().is_made_anew) << "a new one";
  catch_up();
  ASSERT_TRUE(index_->settle());
  EXPECT_GT(Index::octets(folder_.path()), 4096u);
  index_.reset();
  folder_.write("search-progress", "sekisho-search-1 record-20261118-000.jsonl 10 -"); // of the version before
  reopen();
  EXPECT_TRUE(index_->standing().is_made_anew);
  ASSERT_TRUE(index_->follow(journal_.end(), 1));
  ASSERT_TRUE(index_->settle());
  index_.reset();
  reopen();
  EXPECT_TRUE(index_->standing().is_made_anew);
  EXPECT_EQ(lines_of("R1"), 100);
  EXPECT_FALSE(index_->standing().is_made_anew);
}

TEST_F(IndexTest, AnotherRecordIsReadFromItsBeginning) {
  write_story();
  catch_up();
  ASSERT_TRUE(index_->settle());
  const std::string name = journal_.file_name();
  test::Folder other;
  auto journal = Journal::open(other.path(), noon);
  std::vector<Event> events;
  for (int i = 0; i < 20; ++i) events.push_back(*read_event("relay", fmt::format(R"({{"event":"mail-received","receipt":"Q{}"}})", i)));
  ASSERT_TRUE(journal->write(events, noon));
  folder_.write(name, other.read(name));
  index_.reset();
  journal_ = Journal(std::move(*journal));
  reopen();
  EXPECT_EQ(lines_of("Q3"), 1);
  EXPECT_EQ(lines_of("R1"), 0);
}

TEST_F(IndexTest, ALineThatWasChangedIsNotTold) {
  write_story();
  EXPECT_EQ(lines_of("R1"), 2);
  std::string text = folder_.read(journal_.file_name());
  text.replace(text.find("delivered"), 9, "dELIVERED");
  folder_.write(journal_.file_name(), text);
  EXPECT_EQ(lines_of("R1"), -1);
  EXPECT_EQ(lines_of("R2"), 1);
}

TEST_F(IndexTest, OldFilesMayBeTakenAwayAndNoOthers) {
  write({R"({"event":"mail-received","receipt":"R1"})"});
  const std::string first = journal_.file_name();
  write({R"({"event":"mail-received","receipt":"R2"})"}, noon + day_seconds);
  const std::string second = journal_.file_name();
  write({R"({"event":"mail-received","receipt":"R3"})"}, noon + 40 * day_seconds);
  EXPECT_EQ(lines_of("R1"), 1);
  std::filesystem::remove(folder_.path() + "/" + first);
  EXPECT_EQ(lines_of("R1"), 0) << "too old";
  EXPECT_EQ(lines_of("R2"), 1);
  std::filesystem::rename(folder_.path() + "/" + second, folder_.path() + "/aside");
  write({R"({"event":"mail-received","receipt":"R4"})"}, noon + 41 * day_seconds);
  reopen();
  EXPECT_FALSE(folder_.has(month)) << "nothing of that month is left";
  EXPECT_EQ(lines_of("R3"), 1);
  EXPECT_EQ(lines_of("R4"), 1);
  std::filesystem::remove(folder_.path() + "/record-20261228-001.jsonl");
  std::filesystem::rename(folder_.path() + "/aside", folder_.path() + "/" + second);
  EXPECT_EQ(lines_of("R3"), -1) << "not the oldest file";
}

TEST_F(IndexTest, SaysWhenTimeWasTooShort) {
  write_story();
  catch_up();
  auto nothing = [](const Mail &) { return true; };
  EXPECT_TRUE(*index_->each_mail(terms_of(Field::receipt, "R1"), 0, 0, never, nothing));
  EXPECT_FALSE(*index_->each_mail(terms_of(Field::receipt, "R1"), 0, 0, 1, nothing));
}

TEST_F(IndexTest, TakesInNothingBehindTheEnd) {
  write_story();
  const Position end = journal_.end();
  write({R"({"event":"mail-received","receipt":"R7"})"}); // may still be taken back
  while (*index_->follow(end, 1 << 20)) {}
  ASSERT_TRUE(index_->flush());
  bool found = false;
  ASSERT_TRUE(index_->each_mail(terms_of(Field::receipt, "R7"), 0, 0, never, [&](const Mail &) { return !(found = true); }));
  EXPECT_FALSE(found);
  EXPECT_EQ(index_->progress(journal_.end()).percent(), 80u);
  EXPECT_EQ(lines_of("R7"), 1);
}

} // namespace
} // namespace sekisho::record
