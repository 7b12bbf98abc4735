#include "gateway/record/search.hh"

#include "gateway/record/days.hh"
#include "gateway/spool/receipt.hh"
#include "tests/unit/gateway/record/folder.hh"

#include <fmt/format.h>

namespace sekisho::record {
namespace {

using Json = nlohmann::ordered_json;
constexpr UnixSeconds noon = 1'796'000'000; // 2026-11-30T…: the next day is another month

class SearchTest : public testing::Test {
protected:
  SearchTest() : journal_(*Journal::open(folder_.path(), noon)) { reopen(); }

  void reopen() {
    index_.reset();
    index_ = std::make_unique<Index>(*Index::open(folder_.path()));
  }
  void write(const std::vector<std::string> &texts, UnixSeconds time) {
    std::vector<Event> events;
    for (const std::string &text : texts) events.push_back(*read_event("relay", text));
    ASSERT_TRUE(journal_.write(events, time));
  }
  /// A mail from its coming in to its delivery; its receipt.
  std::string mail(UnixSeconds time, const std::string &sender, const std::string &subject, UnixSeconds later = 5) {
    const std::string receipt = *receipts_.make(static_cast<std::uint64_t>(time) * 1'000'000);
    write({fmt::format(R"({{"event":"mail-received","receipt":"{}","relay":"inbound","client":"10.3.0.9","sender":"{}",)"
                       R"("recipients":["soumu@town.example.lg.jp"],"sha256":"{:064}"}})", receipt, sender, ++hash_)},
          time);
    write({fmt::format(R"({{"event":"mail-treated","receipt":"{0}","outcome":"clean","reason":"none","report":{{"subject":"{1}",)"
                       R"("message_id":"<id-{2}@x>","from":"Taro <Taro@Other.Example>","to":"b@b.example","parts":[{{"sha256":"{3}"}}]}}}})",
                       receipt, subject, hash_, std::string(60, 'a') + fmt::format("{:04}", hash_))},
          time + 1);
    write({fmt::format(R"({{"event":"mail-delivered","receipt":"{}","answer":"250 2.0.0 ok","next_hop":"10.2.0.25:25"}})", receipt)},
          time + later);
    return receipt;
  }
  Json find(const Json &question) {
    auto answer = search(*index_, journal_.end(), question.dump());
    EXPECT_TRUE(answer) << answer.error().what;
    return answer ? *answer : Json();
  }
  std::vector<std::string> receipts(const Json &question) {
    std::vector<std::string> found;
    const Json answer = find(question);
    for (const Json &row : answer["mails"]) found.push_back(row["receipt"]);
    return found;
  }

  test::Folder folder_;
  Journal journal_;
  std::unique_ptr<Index> index_;
  spool::ReceiptMaker receipts_;
  int hash_ = 0;
};

using Found = std::vector<std::string>;

TEST_F(SearchTest, ByEverythingThatIsKnown) {
  const std::string one = mail(noon, "a@supplier.example.com", "見積書の送付について");
  const std::string two = mail(noon + 60, "b@supplier.example.com", "ＲＥ: Estimate 請求書");
  EXPECT_EQ(receipts({{"sender", "A@Supplier.example.com"}}), Found{one});
  EXPECT_EQ(receipts({{"sender", "supplier.example.com"}}), (Found{two, one})) << "newest first";
  EXPECT_EQ(receipts({{"sender", "taro@other.example"}}), (Found{two, one})) << "From too";
  EXPECT_EQ(receipts({{"sender", "example.com"}}), Found{}) << "no part of a domain";
  EXPECT_EQ(receipts({{"recipient", "town.example.lg.jp"}}), (Found{two, one}));
  EXPECT_EQ(receipts({{"subject", "積書の"}}), Found{one});
  EXPECT_EQ(receipts({{"subject", "re:estimate"}}), Found{two}) << "full-width, case and blanks";
  EXPECT_EQ(receipts({{"subject", "書送"}}), Found{}) << "characters that are not neighbours";
  EXPECT_EQ(receipts({{"message_id", "id-2@x"}}), Found{two});
  EXPECT_EQ(receipts({{"hash", fmt::format("{:064}", 1)}}), Found{one});
  EXPECT_EQ(receipts({{"hash", std::string(60, 'A') + "0002"}}), Found{two}) << "of a part";
  EXPECT_EQ(receipts({{"receipt", one}}), Found{one});
  EXPECT_EQ(receipts({{"sender", "supplier.example.com"}, {"subject", "請求"}}), Found{two}) << "both";
  EXPECT_EQ(receipts({{"since", noon + 30}}), Found{two});
  EXPECT_EQ(receipts({{"until", noon + 30}}), Found{one});
  const Json row = find({{"receipt", two}})["mails"][0];
  EXPECT_EQ(row["last_event"], "mail-delivered");
  EXPECT_EQ(row["answer"], "250 2.0.0 ok");
  EXPECT_EQ(row["subject"], "ＲＥ: Estimate 請求書");
  EXPECT_FALSE(row.contains("reason"));
}

TEST_F(SearchTest, AnswersThatDiffer) {
  const std::string one = mail(noon, "a@supplier.example.com", "x");
  const auto row = [&] { return find({{"receipt", one}})["mails"][0]; };
  write({fmt::format(R"({{"event":"mail-held","receipt":"{}","answer":"550 a","answers":[{{"answer":"550 a"}},{{"answer":"550 b"}}]}})", one)}, noon + 9);
  EXPECT_EQ(row()["answer"], "550 a");
  EXPECT_EQ(row()["answers"].size(), 2u);
  write({fmt::format(R"({{"event":"mail-delivered","receipt":"{}","answer":"250 ok"}})", one)}, noon + 19);
  EXPECT_EQ(row()["answer"], "250 ok");
  EXPECT_FALSE(row().contains("answers")) << "those were of before";
}

TEST_F(SearchTest, TheNullSender) { // L11, RFC 5321 §4.5.5
  const std::string bounce = mail(noon, "", "Undelivered mail"), other = mail(noon + 60, "a@example.net", "another");
  EXPECT_EQ(receipts({{"sender", "<>"}}), Found{bounce});
  EXPECT_EQ(receipts({{"sender", " <> "}, {"subject", "deliver"}}), Found{bounce});
  EXPECT_EQ(receipts({{"sender", "<>"}, {"subject", "another"}}), Found{});
  EXPECT_EQ(receipts({{"sender", "taro@other.example"}}), (Found{other, bounce})) << "From is another thing";
}

TEST_F(SearchTest, LocalPartsInQuotes) { // RFC 5321 §4.1.2
  const std::string blank = mail(noon, R"(\"a b\"@quoted.example)", "one"), mark = mail(noon + 60, R"(\"a\\\"@b\"@quoted.example)", "two");
  EXPECT_EQ(receipts({{"sender", R"("A b"@quoted.example)"}}), Found{blank});
  EXPECT_EQ(receipts({{"sender", R"("a\"@b"@quoted.example)"}}), Found{mark});
  EXPECT_EQ(receipts({{"sender", "quoted.example"}}), (Found{mark, blank}));
  EXPECT_EQ(receipts({{"sender", "b@quoted.example"}}), Found{});
}

TEST_F(SearchTest, AddressesOfOtherForms) { // RFC 5321 §4.1.2 and §4.1.3, RFC 5890
  const std::string irish = mail(noon, "o'brien@supplier.example", "one"), literal = mail(noon + 60, "joe@[192.0.2.1]", "two"),
                    letters = mail(noon + 120, "you@例え.example", "three"), quoted = mail(noon + 180, "'sei@s.example'", "four");
  EXPECT_EQ(receipts({{"sender", "O'Brien@supplier.example"}}), Found{irish});
  EXPECT_EQ(receipts({{"sender", "brien@supplier.example"}}), Found{});
  EXPECT_EQ(receipts({{"sender", "joe@[192.0.2.1]"}}), Found{literal});
  EXPECT_EQ(receipts({{"sender", "[192.0.2.1]"}}), Found{literal});
  for (const char *typed : {"you@例え.example", "you@xn--r8jz45g.example", "xn--r8jz45g.example", "例え.example"})
    EXPECT_EQ(receipts({{"sender", typed}}), Found{letters}) << typed;
  EXPECT_EQ(receipts({{"sender", "sei@s.example"}}), Found{quoted});
}

TEST_F(SearchTest, AMailStaysOneOverMidnightAndMonths) {
  constexpr UnixSeconds before_midnight = 1'796'083'199; // 2026-11-30T23:59:59Z
  const std::string receipt = mail(before_midnight, "night@example.net", "深夜のお知らせ", 3 * 86'400);
  EXPECT_EQ(receipts({{"sender", "night@example.net"}, {"subject", "お知らせ"}}), Found{receipt});
  EXPECT_EQ(find({{"receipt", receipt}})["mails"][0]["lines"].size(), 3u);
  reopen();
  EXPECT_EQ(find({{"receipt", receipt}})["mails"][0]["lines"].size(), 3u);
}

TEST_F(SearchTest, IsMadeAnewFromTheRecord) {
  Found all;
  for (int i = 0; i < 40; ++i) all.insert(all.begin(), mail(noon + i * 7200, "a@example.net", "x"));
  const Json question{{"sender", "a@example.net"}, {"limit", 100}};
  EXPECT_EQ(receipts(question), all);
  reopen();
  EXPECT_EQ(receipts(question), all) << "after a restart";
  for (const auto &entry : std::filesystem::directory_iterator(folder_.path()))
    if (entry.path().filename().string().starts_with("search-2026")) {
      std::filesystem::remove(entry.path());
      break;
    }
  reopen();
  EXPECT_EQ(receipts(question), all) << "a month was lost";
  for (const auto &entry : std::filesystem::directory_iterator(folder_.path()))
    if (entry.path().filename().string().starts_with("search-")) std::filesystem::remove(entry.path());
  reopen();
  EXPECT_EQ(receipts(question), all) << "everything was lost";
}

TEST_F(SearchTest, WhatCameWhileItWasDownIsCaughtUp) {
  mail(noon, "a@example.net", "one");
  index_.reset();
  std::vector<Event> events = {*read_event("relay", R"({"event":"mail-received","receipt":"R7","sender":"c@example.net"})")};
  ASSERT_TRUE(journal_.write(events, noon + 9));
  reopen();
  EXPECT_EQ(receipts({{"sender", "c@example.net"}}), Found{"R7"});
  EXPECT_EQ(receipts({{"sender", "a@example.net"}}).size(), 1u) << "and nothing twice";
}

TEST_F(SearchTest, RefusalsAtTheDoorAreFoundToo) {
  write({R"({"event":"mail-refused","relay":"inbound","sender":"spam@bad.example","recipient":"x@town.example.lg.jp","reason":"relay-denied"})"},
        noon);
  const Json row = find({{"sender", "bad.example"}})["mails"][0];
  EXPECT_EQ(row["last_event"], "mail-refused");
  EXPECT_EQ(row["reason"], "relay-denied");
  write({R"({"event":"mail-refused","relay":"inbound","sender":"","recipients":["y@town.example.lg.jp","z@town.example.lg.jp"],"reason":"mail-too-big"})"},
        noon + 1);
  for (const Json &question : {Json{{"sender", "<>"}}, Json{{"recipient", "z@town.example.lg.jp"}}}) {
    const Json mails = find(question)["mails"];
    ASSERT_EQ(mails.size(), 1u) << question;
    EXPECT_EQ(mails[0]["recipients"].size(), 2u);
  }
}

TEST_F(SearchTest, SaysWhenThereIsMore) {
  for (int i = 0; i < 12; ++i) mail(noon + i, "a@example.net", "x");
  const Json answer = find({{"sender", "a@example.net"}, {"limit", 5}});
  EXPECT_EQ(answer["mails"].size(), 5u);
  EXPECT_EQ(answer["more"], true);
  EXPECT_EQ(find({{"sender", "a@example.net"}, {"limit", 12}})["more"], false);
}

TEST_F(SearchTest, HoursOfADay) {
  constexpr UnixSeconds morning = 1'796'040'000 - 1'796'040'000 % day_seconds; // midnight
  Found all;
  for (int i = 0; i < 200; ++i) all.insert(all.begin(), mail(morning - day_seconds / 2 + i * 600, i % 2 ? "a@odd.example" : "a@even.example", "x"));
  for (int first : {0, 70, 71, 72, 73, 140, 199})
    for (int count : {0, 1, 2, 80}) {
      Found expected, odd;
      for (int i = 0; i < 200; ++i)
        if (199 - i >= first && 199 - i <= first + count) expected.push_back(all[static_cast<std::size_t>(i)]);
      for (int i = 0; i < 200; ++i)
        if (199 - i >= first && 199 - i <= first + count && (199 - i) % 2) odd.push_back(all[static_cast<std::size_t>(i)]);
      const UnixSeconds since = morning - day_seconds / 2 + first * 600, until = since + count * 600;
      EXPECT_EQ(receipts({{"since", since}, {"until", until}, {"limit", 500}}), expected) << first << ' ' << count;
      EXPECT_EQ(receipts({{"since", since}, {"until", until}, {"sender", "odd.example"}, {"limit", 500}}), odd);
    }
}

TEST_F(SearchTest, WhatIsRareOnOneDayMayBeMissingOnAnother) {
  Found both;
  for (int day = 0; day < 40; ++day) {
    const UnixSeconds time = noon + day * day_seconds;
    if (day % 3) mail(time, "often@a.example", "見積書");
    if (day % 5 == 0) mail(time + 1, "seldom@b.example", "請求書");
    if (day % 7 == 0) both.insert(both.begin(), mail(time + 2, "often@a.example", "請求書"));
  }
  EXPECT_EQ(receipts({{"sender", "a.example"}, {"subject", "請求書"}}), both);
  EXPECT_EQ(receipts({{"subject", "請求書"}, {"sender", "often@a.example"}, {"recipient", "town.example.lg.jp"}}), both);
}

TEST_F(SearchTest, CharactersSideBySideElsewhereAreNoPart) {
  const std::string one = mail(noon, "a@example.net", "請求書と求人の求書");
  EXPECT_EQ(receipts({{"subject", "請求人"}}), Found{}) << "both pairs are in it, the three characters are not";
  EXPECT_EQ(receipts({{"subject", "求人の"}}), Found{one});
}

TEST_F(SearchTest, AnyPartOfASubjectHasOnlyTermsOfTheWhole) {
  const std::string subject = "【重要】令和8年度の見積書の送付について（税務課）見積書の送付 Estimate for R8 請求書を含む";
  std::vector<std::size_t> begins;
  for (std::size_t i = 0; i <= subject.size(); ++i)
    if (i == subject.size() || (subject[i] & 0xc0) != 0x80) begins.push_back(i);
  const auto terms_in = [](const std::string &part) { return terms_of(Field::subject, part); };
  const std::vector<Term> whole = terms_in(subject);
  for (std::size_t first = 0; first < begins.size(); ++first)
    for (std::size_t last = first + 1; last < begins.size(); ++last) {
      const std::string part = subject.substr(begins[first], begins[last] - begins[first]);
      for (const Term term : terms_in(part)) ASSERT_TRUE(std::ranges::binary_search(whole, term)) << part;
    }
  const std::string pairs = "見積書の送付について"; // ten characters: nine pairs and at least one longer piece
  EXPECT_GE(terms_in(pairs).size(), 10u);
  EXPECT_EQ(terms_in("見積書の送付につい").size(), 8u) << "of nine only pairs";
}

TEST_F(SearchTest, ALongPartIsFound) {
  const std::string one = mail(noon, "a@example.net", "Re: 令和8年度 見積書の送付について");
  mail(noon + 60, "a@example.net", "令和7年度見積書の送付について");
  EXPECT_EQ(receipts({{"subject", "令和８年度見積書の送付"}}), Found{one});
  EXPECT_EQ(receipts({{"subject", "re:令和8年度見積書の送付について"}}), Found{one});
  EXPECT_EQ(receipts({{"subject", "見積書の送付について"}}).size(), 2u);
}

TEST_F(SearchTest, RefusesWhatItCannotFindBy) {
  for (const char *question : {"", "[]", "{}", R"({"limit":5})", R"({"subject":"x"})", R"({"sender":"<"})", R"({"recipient":"<>"})", R"({"sender":7})"})
    EXPECT_FALSE(search(*index_, journal_.end(), question)) << question;
}

TEST(ReceiptTime, IsThatOfItsMaking) {
  spool::ReceiptMaker maker;
  for (UnixSeconds time : {UnixSeconds{1'767'225'600}, noon, noon + 86'399, UnixSeconds{4'000'000'000}})
    EXPECT_NEAR(static_cast<double>(*spool::time_of_receipt(*maker.make(static_cast<std::uint64_t>(time) * 1'000'000))),
                static_cast<double>(time), 1.0);
  for (const char *text : {"", "R1", "R8K4-7Q2M-X", "R8K4-7Q2M-I9", "r8k4-7q2m-x9", "R8K47Q2MX9--"})
    EXPECT_FALSE(spool::time_of_receipt(text)) << text;
}

} // namespace
} // namespace sekisho::record
