#include "gateway/role/searcher.hh"

#include "gateway/role/channel/long_text.hh"
#include "tests/unit/gateway/record/folder.hh"

namespace sekisho::role {
namespace {

constexpr UnixSeconds noon = 1'795'000'000;

class SearcherTest : public testing::Test {
protected:
  void write(const std::string &sender, int mails = 1) {
    const std::string text = R"({"event":"mail-received","receipt":"R1","sender":")" + sender + R"(","helo":")" + std::string(20'000, 'x') + "\"}";
    const std::vector<record::Event> events(static_cast<std::size_t>(mails), *record::read_event("relay", text));
    ASSERT_TRUE(journal_.write(events, noon));
  }
  /// How many lines of R1 the answer brings; -1: it is none.
  int lines_in(const std::optional<Message> &message) {
    if (!message || message->type != MessageType::reply) return -1;
    auto text = long_text(*message, 64u << 20);
    auto answer = nlohmann::json::parse(text ? *text : "", nullptr, false);
    if (!answer.is_object()) return -1;
    return answer["mails"].empty() ? 0 : static_cast<int>(answer["mails"][0]["lines"].size());
  }

  test::Folder folder_;
  record::Journal journal_ = *record::Journal::open(folder_.path(), noon);
  std::pair<UniqueFd, UniqueFd> pair_ = *make_pair();
  Channel asker_{pair_.second.get()};
  Searcher searcher_{Channel(pair_.first.get()), *record::Index::open(folder_.path()), journal_.end()};
};

TEST_F(SearcherTest, FindsWhatWasRecordedAMomentAgoAndNothingThatIsNotYet) {
  for (int i = 1; i <= 5; ++i) {
    write("a@example.net");
    ASSERT_TRUE(searcher_.ask(7, R"({"sender":"a@example.net"})"));
    EXPECT_EQ(lines_in(asker_.receive(5000)), i - 1) << "not told to be on disk";
    searcher_.record_ends(journal_.end());
    ASSERT_TRUE(searcher_.ask(8, R"({"sender":"a@example.net"})"));
    auto answer = asker_.receive(5000);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->id, 8u);
    EXPECT_EQ(lines_in(answer), i);
  }
}

TEST_F(SearcherTest, TellsHowFarItIs) {
  write("a@example.net", 500); // 10 MB
  searcher_.record_ends(journal_.end());
  const auto state = [&] { return nlohmann::json::parse(searcher_.state(folder_.path())); };
  const auto before = state();
  EXPECT_EQ(before["state"], "behind");
  EXPECT_GT(before["behind"], 0);
  EXPECT_LT(before["percent"], 100);
  for (int i = 0; i < 2000 && state()["behind"] != 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const auto after = state();
  EXPECT_EQ(after["state"], "whole");
  EXPECT_EQ(after["percent"], 100);
  EXPECT_EQ(after["behind"], 0);
  EXPECT_GT(after["octets"], 4096);
}

TEST_F(SearcherTest, LongAnswersArriveToo) {
  write("a@example.net", 20);
  searcher_.record_ends(journal_.end());
  ASSERT_TRUE(searcher_.ask(1, R"({"receipt":"R1"})"));
  EXPECT_EQ(lines_in(asker_.receive(5000)), 20) << "400 KB";
}

TEST_F(SearcherTest, BadQuestionsAreAnsweredAndManyAtOnceTurnedAway) {
  ASSERT_TRUE(searcher_.ask(1, "garbage"));
  auto answer = asker_.receive(5000);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->type, MessageType::failed);
  int taken = 0;
  for (int i = 0; i < 10'000; ++i) taken += searcher_.ask(2, R"({"since":1})");
  EXPECT_LT(taken, 10'000);
  EXPECT_GE(taken, 16);
}

} // namespace
} // namespace sekisho::role
