// What people order about mails in the queue and in the hold, and what the record, a restart or time have to do with it.
#include "tests/unit/gateway/relay/relay_fixture.hh"

#include <fcntl.h>
#include <sqlite3.h>

#include <array>
#include <filesystem>
#include <fstream>

namespace sekisho::relay {
namespace {

std::string drop(const std::string &receipt) {
  return R"({"action":"drop","why":"x","who":{"uid":0,"pid":7},"receipt":")" + receipt + "\"}";
}

/// b has it, c is refused and nobody is told.
class OrdersTest : public RelayOutTest {
protected:
  std::string hold_one_of_two() {
    refuse("c@", "550 5.1.1 no such user");
    open_out("");
    const std::string receipt = send_out("a@town.example.lg.jp", {"b@out.example", "c@out.example"});
    EXPECT_TRUE(wait_until([&] { return status()["hold"] == 1 && status()["queue"] == 0; }));
    EXPECT_EQ(outside_.wait_for(1).size(), 1u);
    outside_.set_answer({});
    return receipt;
  }
  /// Nobody has it.
  std::string hold_whole(const std::vector<std::string> &to, const std::string &line = "", const std::string &from = "a@town.example.lg.jp") {
    const auto before = status()["hold"].get<std::size_t>();
    test::Sender sender(port_);
    sender.hello();
    (void)sender.say("MAIL FROM:<" + from + "> SMTPUTF8");
    for (const std::string &recipient : to) (void)sender.say("RCPT TO:<" + recipient + ">");
    (void)sender.say("DATA");
    const std::string receipt = sender.say("Subject: x\r\n\r\nHOLD\r\n" + line + "\r\n.").substr(18);
    EXPECT_TRUE(wait_until([&] { return status()["hold"] == before + 1 && status()["queue"] == 0; }));
    return receipt;
  }
  Json release(const std::string &receipt, Json more = Json::object()) {
    more["what"] = "release";
    more["receipts"] = receipt;
    more["because"] = "asked for";
    return ask_hold(more);
  }
  static std::string error_of(const Json &answer) {
    return answer["failed"].size() == 1 ? answer["failed"][0]["error"].get<std::string>() : "none: " + answer.dump();
  }
};

TEST_F(OrdersTest, TheHoldTellsWhoHasItAndAReleaseServesTheOthers) {
  const std::string receipt = hold_one_of_two();
  const Json shown = ask_hold({{"what", "show"}, {"receipts", receipt}})["held"];
  EXPECT_EQ(shown["reached"], Json::array({"b@out.example"}));
  EXPECT_EQ(shown["recipients"], Json::array({"c@out.example"}));
  EXPECT_EQ(shown["delivered"], true);
  EXPECT_EQ(release(receipt)["done"], Json::array({receipt}));
  ASSERT_EQ(outside_.wait_for(2).size(), 2u);
  EXPECT_EQ(outside_.wait_for(2)[1].recipients, std::vector<std::string>{"c@out.example"});
}

TEST_F(OrdersTest, AReleaseGoesToThoseThatAreChosen) {
  const std::string receipt = hold_one_of_two();
  EXPECT_NE(error_of(release(receipt, {{"to", "stranger@out.example"}})).find("is no recipient of"), std::string::npos);
  EXPECT_EQ(release(receipt, {{"to", "B@out.example"}})["done"].size(), 1u);
  ASSERT_EQ(outside_.wait_for(2).size(), 2u);
  EXPECT_EQ(outside_.wait_for(2)[1].recipients, std::vector<std::string>{"b@out.example"});
}

TEST_F(OrdersTest, ALocalPartMayHaveABlankInQuotes) { // RFC 5321 §4.1.2
  open_out("release original by \"soumu\"");
  const std::string blank = R"("a b"@out.example)", mark = R"("a \" b"@out.example)";
  const std::string receipt = hold_whole({blank, mark, "c@out.example"});
  for (const char *none : {R"("a@out.example)", R"("a c"@out.example)", R"("a b)"})
    EXPECT_NE(error_of(release(receipt, {{"to", none}})).find("is no recipient of"), std::string::npos) << none;
  EXPECT_EQ(release(receipt, {{"original", true}, {"to", R"(  "A b"@out.example "a \" B"@out.example )"}})["done"].size(), 1u);
  ASSERT_EQ(outside_.wait_for(1).size(), 1u);
  EXPECT_EQ(outside_.wait_for(1)[0].recipients, (std::vector<std::string>{blank, mark}));
}

TEST_F(OrdersTest, ADomainMayBeTypedInULabelsOrInALabels) { // RFC 5890
  settings_.retry_wait = Seconds(60);
  open_out("");
  hold_whole({"b@out.example"}, "", "a@例え.jp");
  outside_.set_answer([](const std::string &line) {
    if (line.starts_with("EHLO")) return "250-sink.example\r\n250 SMTPUTF8";
    return line.starts_with("RCPT") ? "450 4.2.1 busy" : "";
  });
  test::Sender sender(port_);
  sender.hello();
  for (const char *line : {"MAIL FROM:<a@例え.jp> SMTPUTF8", "RCPT TO:<b@out.example>", "DATA", "Subject: x\r\n\r\nx\r\n."})
    (void)sender.say(line);
  ASSERT_EQ(record_.wait_for("mail-deferred", 1).size(), 1u);
  for (const std::string typed : {"a@例え.jp", "例え.jp", "A@xn--r8jz45g.jp", "xn--r8jz45g.jp", "*@例え.jp"}) {
    EXPECT_EQ(ask_queue(R"({"action":"list","sender":")" + typed + "\"}")["total"], 1) << typed;
    if (typed.front() == '*') continue;
    EXPECT_EQ(ask_hold({{"what", "list"}, {"sender", typed}})["held"].size(), 1u) << typed;
  }
  EXPECT_EQ(ask_queue(R"({"action":"list","sender":"例.jp"})")["total"], 0);
  EXPECT_EQ(ask_hold({{"what", "list"}, {"sender", "a@例.jp"}})["held"].size(), 0u);
}

TEST_F(OrdersTest, WhoHasItIsKnownAfterARestart) {
  settings_.retry_wait = Seconds(60);
  refuse("c@", "450 4.2.1 busy");
  open_out("");
  const std::string receipt = send_out("a@town.example.lg.jp", {"b@out.example", "c@out.example"});
  ASSERT_EQ(record_.wait_for("mail-deferred", 1).size(), 1u);
  close();
  reopen();
  ASSERT_EQ(record_.wait_for("mail-resumed", 1).size(), 1u);
  EXPECT_EQ(ask_queue(drop(receipt))["changed"], 1);
  ASSERT_TRUE(wait_until([&] { return status()["hold"] == 1 && status()["queue"] == 0; }));
  const Json shown = ask_hold({{"what", "show"}, {"receipts", receipt}})["held"];
  EXPECT_EQ(shown["reached"], Json::array({"b@out.example"}));
  EXPECT_EQ(shown["recipients"], Json::array({"c@out.example"}));
}

TEST_F(OrdersTest, WhatIsHeldTellsEachRecipientsAnswer) {
  outside_.set_answer([](const std::string &line) {
    if (line.starts_with("RCPT TO:<c@")) return "550 5.1.1 no such user";
    return line.starts_with("RCPT TO:<d@") ? "552 5.2.2 full" : "";
  });
  open_out("");
  const std::string receipt = send_out("a@town.example.lg.jp", {"b@out.example", "c@out.example", "d@out.example"});
  ASSERT_TRUE(wait_until([&] { return status()["hold"] == 1 && status()["queue"] == 0; }));
  const auto answers = [&] { return ask_hold({{"what", "show"}, {"receipts", receipt}})["held"].value("answers", Json()); };
  const Json before = answers();
  ASSERT_EQ(before.size(), 2u) << before;
  EXPECT_EQ(before[0]["answer"], "550 5.1.1 no such user");
  EXPECT_EQ(before[1], (Json{{"recipient", "d@out.example"}, {"reason", "next-hop-refused"}, {"answer", "552 5.2.2 full"},
                             {"next_hop", "127.0.3.2:" + std::to_string(outside_.port())}}));
  const auto held = record_.wait_for("mail-held", 1);
  ASSERT_EQ(held.size(), 1u);
  EXPECT_EQ(held[0]["answers"], before) << "as the record has it";
  close();
  for (const char *name : {"index.db", "index.db-wal", "index.db-shm"}) std::filesystem::remove(folder_ + "/hold/" + name);
  reopen();
  EXPECT_EQ(answers(), before) << "also where the index is made anew";
  outside_.set_answer([](const std::string &line) { return line.starts_with("RCPT TO:<d@") ? "554 5.7.1 no" : ""; });
  EXPECT_EQ(release(receipt)["done"], Json::array({receipt}));
  ASSERT_TRUE(wait_until([&] { return record_.events("mail-held").size() == 2 && status()["queue"] == 0; }));
  ASSERT_EQ(answers().size(), 1u) << answers();
  EXPECT_EQ(answers()[0]["answer"], "554 5.7.1 no") << "what was said last";
}

/// A person stopped it; then it was taken out.
TEST_F(OrdersTest, WhatWasFoundIsKnownOfAMailThatIsTakenOutOfTheQueue) {
  settings_.retry_wait = Seconds(60);
  refuse("b@", "450 4.2.1 busy");
  open_out("");
  test::Sender sender(port_);
  sender.hello();
  for (const char *line : {"MAIL FROM:<a@town.example.lg.jp>", "RCPT TO:<b@out.example>", "DATA"}) (void)sender.say(line);
  const std::string receipt = sender.say("Subject: x\r\n\r\nSTRIP\r\n.").substr(18);
  ASSERT_EQ(record_.wait_for("mail-deferred", 1).size(), 1u);
  const auto order = [&](const char *action) {
    return ask_queue(fmt::format(R"({{"action":"{}","why":"x","who":{{"uid":0,"pid":7}},"receipt":"{}"}})", action, receipt))["changed"];
  };
  EXPECT_EQ(order("hold"), 1);
  ASSERT_TRUE(wait_until([&] { return status()["memory"] > 200; })) << "its form is forgotten, what was found is not";
  EXPECT_EQ(order("drop"), 1);
  ASSERT_TRUE(wait_until([&] { return status()["hold"] == 1 && status()["queue"] == 0; }));
  const Json shown = ask_hold({{"what", "show"}, {"receipts", receipt}});
  EXPECT_EQ(shown["report"]["parts"].size(), 1u) << shown;
  EXPECT_EQ(shown["held"]["subject"], "made harmless") << shown;
}

TEST_F(OrdersTest, WhoIsStillTriedIsHeldToo) { // RFC 5321 §6.1: nobody is forgotten
  settings_.retry_wait = Seconds(0.3);
  outside_.set_answer([](const std::string &line) {
    if (line.find("c@") != std::string::npos) return "550 5.1.1 no such user";
    return line.find("d@") != std::string::npos ? "450 4.2.1 busy" : "";
  });
  open_out("");
  test::Sender sender(port_);
  sender.hello();
  for (const char *line : {"MAIL FROM:<a@town.example.lg.jp>", "RCPT TO:<b@out.example>", "RCPT TO:<c@out.example>",
                           "RCPT TO:<d@out.example>", "DATA"})
    (void)sender.say(line);
  const std::string receipt = sender.say("Subject: x\r\n\r\nDIE later\r\n.").substr(18);
  ASSERT_GE(record_.wait_for("mail-deferred", 1).size(), 1u);
  deaths_ = 1000; // from here on it cannot be made harmless
  ASSERT_TRUE(on_loop([&] { return relay_->set_rules(rules_both_ways(sink_.port(), outside_.port(), 2526, "release original by \"soumu\"")).has_value(); }));
  ASSERT_TRUE(wait_until([&] { return status()["hold"] == 1 && status()["queue"] == 0; }));
  const Json shown = ask_hold({{"what", "show"}, {"receipts", receipt}})["held"];
  EXPECT_EQ(shown["recipients"], (Json::array({"c@out.example", "d@out.example"})));
  EXPECT_EQ(shown["reached"], Json::array({"b@out.example"}));
  const auto told = record_.wait_for("mail-held", 1);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]["recipients"], (Json::array({"c@out.example", "d@out.example"})));
  EXPECT_EQ(told[0]["others_have_it"], true);
}

TEST_F(OrdersTest, AnIndexThatCannotBeWrittenIsToldAsThat) {
  open_out("");
  const std::string receipt = hold_whole({"b@out.example", "c@out.example"});
  sqlite3 *other = nullptr;
  ASSERT_EQ(sqlite3_open((folder_ + "/hold/index.db").c_str(), &other), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(other, "CREATE TRIGGER no BEFORE UPDATE OF sealed ON entry BEGIN SELECT RAISE(ABORT, 'no'); END", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(other);
  ASSERT_EQ(release(receipt, {{"to", "b@out.example"}})["done"].size(), 1u);
  const auto told = record_.wait_for("mail-not-held", 1);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]["reason"], "spool-failed");
  EXPECT_EQ(status()["queue"], 1) << "it is asked again: who has it is not forgotten";
}

TEST_F(OrdersTest, ReleasesAreAddedUp) { // nobody gets it twice unasked
  open_out("release original by \"soumu\"");
  const std::string receipt = hold_whole({"b@out.example", "c@out.example"});
  ASSERT_EQ(release(receipt, {{"original", true}, {"to", "b@out.example"}})["done"].size(), 1u);
  ASSERT_EQ(outside_.wait_for(1).size(), 1u);
  ASSERT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
  const Json shown = ask_hold({{"what", "show"}, {"receipts", receipt}})["held"];
  EXPECT_EQ(shown["reached"], Json::array({"b@out.example"}));
  EXPECT_EQ(shown["recipients"], Json::array({"c@out.example"}));
  EXPECT_EQ(shown["delivered"], true);
  EXPECT_FALSE(shown.contains("released")) << "c has nothing";
  ASSERT_EQ(release(receipt, {{"original", true}})["done"].size(), 1u) << "it need not be said twice";
  const auto arrived = outside_.wait_for(2);
  ASSERT_EQ(arrived.size(), 2u);
  EXPECT_EQ(arrived[1].recipients, std::vector<std::string>{"c@out.example"});
  ASSERT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
  EXPECT_NE(error_of(release(receipt, {{"original", true}})).find("was released already"), std::string::npos);
  close();
  reopen();
  const Json after = ask_hold({{"what", "show"}, {"receipts", receipt}})["held"];
  EXPECT_EQ(after["reached"], (Json::array({"b@out.example", "c@out.example"}))) << "also after a restart";
  EXPECT_EQ(after["recipients"], after["reached"]);
}

TEST_F(OrdersTest, AReleaseThatReachedNobodyIsNone) {
  const std::string receipt = hold_one_of_two();
  refuse("c@", "550 5.1.1 no such user");
  EXPECT_EQ(release(receipt)["done"].size(), 1u);
  ASSERT_EQ(record_.wait_for("mail-held", 2).size(), 2u);
  ASSERT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
  const Json shown = ask_hold({{"what", "show"}, {"receipts", receipt}})["held"];
  EXPECT_FALSE(shown.contains("released")) << shown;
  EXPECT_EQ(shown["reason"], "next-hop-refused");
  EXPECT_EQ(shown["recipients"], Json::array({"c@out.example"}));
  outside_.set_answer({});
  EXPECT_EQ(release(receipt)["done"].size(), 1u) << "it need not be said twice";
  ASSERT_EQ(outside_.wait_for(2).size(), 2u);
}

TEST_F(OrdersTest, AReleaseIsNoneThoughItsSenderIsToldOfTheRefusal) {
  open_out("release original by \"soumu\"  bounce to \"*@town.example.lg.jp\"");
  const std::string receipt = hold_whole({"b@out.example", "c@out.example"});
  refuse("c@", "550 5.1.1 no such user");
  EXPECT_EQ(release(receipt, {{"original", true}})["done"].size(), 1u);
  ASSERT_EQ(record_.wait_for("mail-bounced", 1).size(), 1u);
  ASSERT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
  const Json shown = ask_hold({{"what", "show"}, {"receipts", receipt}})["held"];
  EXPECT_FALSE(shown.contains("released")) << shown;
  EXPECT_EQ(shown["reason"], "next-hop-refused");
  EXPECT_EQ(shown["recipients"], Json::array({"c@out.example"}));
  EXPECT_EQ(shown["reached"], Json::array({"b@out.example"}));
  outside_.set_answer({});
  EXPECT_EQ(release(receipt, {{"original", true}})["done"].size(), 1u) << "it need not be said twice";
  ASSERT_EQ(outside_.wait_for(2).size(), 2u);
  EXPECT_EQ(outside_.wait_for(2)[1].recipients, std::vector<std::string>{"c@out.example"});
}

TEST_F(OrdersTest, NothingIsDeletedThatIsOnItsWay) {
  settings_.retry_wait = Seconds(60);
  const std::string receipt = hold_one_of_two();
  refuse("c@", "450 4.2.1 busy");
  EXPECT_EQ(release(receipt)["done"].size(), 1u);
  ASSERT_GE(record_.wait_for("mail-deferred", 1).size(), 1u);
  EXPECT_EQ(ask_hold({{"what", "list"}})["held"][0]["on_its_way"], true);
  const Json erase = {{"what", "delete"}, {"receipts", receipt}, {"because", "x"}};
  EXPECT_NE(error_of(ask_hold(erase)).find("is on its way; first"), std::string::npos);
  EXPECT_EQ(ask_queue(drop(receipt))["changed"], 1);
  ASSERT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
  EXPECT_EQ(ask_hold(erase)["done"].size(), 1u);
  EXPECT_EQ(status()["hold"], 0);
}

TEST_F(OrdersTest, AnOriginalIsAskedForByItself) { // X5
  open_out("release original by \"soumu\"");
  const std::string receipt = hold_whole({"b@out.example"});
  EXPECT_NE(error_of(release(receipt, {{"original", true}, {"as", "any strip"}})).find("not both"), std::string::npos);
  EXPECT_EQ(outside_.wait_for(1, 200).size(), 0u);
  const std::string longer = hold_whole({"b@out.example"}, std::string(999, 'x'));
  EXPECT_NE(error_of(release(longer, {{"original", true}})).find("more than 998 octets"), std::string::npos);
  const std::string long_enough = hold_whole({"b@out.example"}, std::string(998, 'x'));
  EXPECT_EQ(release(long_enough, {{"original", true}})["done"].size(), 1u);
  EXPECT_EQ(outside_.wait_for(1).size(), 1u);
}

TEST_F(OrdersTest, AMailOfNobodyIsListed) { // L11: bounces are held, too
  open_out("");
  (void)hold_whole({"b@out.example"}, "", "");
  const Json all = ask_hold({{"what", "list"}});
  ASSERT_EQ(all["held"].size(), 1u);
  EXPECT_EQ(all["held"][0]["sender"], "");
  EXPECT_EQ(ask_hold({{"what", "list"}, {"recipient", "b@"}})["held"].size(), 1u);
  EXPECT_EQ(ask_hold({{"what", "list"}, {"sender", "<>"}})["held"].size(), 1u);
  EXPECT_EQ(ask_hold({{"what", "list"}, {"sender", "a@"}})["held"].size(), 0u);
}

/// What a former release delivered is not forgotten where the next one delivers nothing.
TEST_F(OrdersTest, WhoHasItIsToldWhereItIsHeldOnceMore) {
  open_out("release original by \"soumu\"");
  const std::string receipt = hold_whole({"b@out.example", "c@out.example"});
  EXPECT_FALSE(record_.wait_for("mail-held", 1)[0].contains("others_have_it"));
  ASSERT_EQ(release(receipt, {{"original", true}, {"to", "b@out.example"}})["done"].size(), 1u);
  ASSERT_EQ(outside_.wait_for(1).size(), 1u);
  ASSERT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
  ASSERT_EQ(release(receipt, {{"again", true}, {"to", "b@out.example c@out.example"}})["done"].size(), 1u); // not harmless: held
  const auto told = record_.wait_for("mail-held", 2);
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[1]["others_have_it"], true);
  EXPECT_EQ(told[1]["recipients"], Json::array({"c@out.example"}));
}

TEST_F(OrdersTest, TwiceOnlyWhenItIsSaid) {
  const std::string receipt = hold_one_of_two();
  EXPECT_EQ(release(receipt)["done"].size(), 1u);
  EXPECT_EQ(outside_.wait_for(2).size(), 2u);
  ASSERT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
  EXPECT_NE(error_of(release(receipt)).find("was released already"), std::string::npos);
  EXPECT_EQ(outside_.wait_for(3, 200).size(), 2u);
  EXPECT_EQ(record_.events("hold-released").size(), 1u);
  EXPECT_EQ(release(receipt, {{"again", true}})["done"].size(), 1u);
  EXPECT_EQ(outside_.wait_for(3).size(), 3u);
}

/// Whoever is told that an order failed must not see it carried out later (L1).
TEST_F(OrdersTest, WhatIsNotRecordedInTimeIsNotDone) {
  settings_.order_wait = Seconds(0.3);
  settings_.retry_wait = Seconds(60);
  const std::string receipt = hold_one_of_two();
  outside_.set_answer([](const std::string &line) { return line.starts_with("RCPT") ? "450 4.2.1 busy" : ""; });
  const std::string waiting = send_out();
  ASSERT_EQ(record_.wait_for("mail-deferred", 1).size(), 1u);
  record_.silent = true;
  EXPECT_NE(error_of(release(receipt)).find("nothing was done"), std::string::npos);
  EXPECT_NE(error_of(ask_hold({{"what", "delete"}, {"receipts", receipt}, {"because", "x"}})).find("nothing was done"),
            std::string::npos);
  EXPECT_EQ(ask_hold({{"what", "list"}}).value("error", ""), "the record does not take it: nothing is shown");
  EXPECT_EQ(ask_queue(drop(waiting)).value("error", ""), "record-unavailable: nothing was changed");
  record_.silent = false;
  EXPECT_EQ(record_.wait_for("order-failed", 3).size(), 3u);
  std::this_thread::sleep_for(500ms);
  EXPECT_EQ(status()["hold"], 1);
  EXPECT_EQ(status()["queue"], 1);
  EXPECT_EQ(outside_.wait_for(2, 100).size(), 1u);
  outside_.set_answer({});
  EXPECT_EQ(release(receipt)["done"].size(), 1u) << "and now it is";
}

/// What waits goes out by the rules as they are when it goes.
TEST_F(OrdersTest, AnOriginalThatMayNotLeaveAnyMoreDoesNot) { // X5
  settings_.retry_wait = Seconds(0.3);
  open_out("release original by \"soumu\"  forwarding allow");
  const std::string receipt = [&] {
    test::Sender sender(port_);
    sender.hello();
    return sender.send("Subject: x\r\n\r\nHOLD secret\r\n", "b@out.example").substr(18);
  }();
  ASSERT_TRUE(wait_until([&] { return status()["hold"] == 1; }));
  outside_.set_answer([](const std::string &line) { return line.starts_with("RCPT") ? "450 4.2.1 busy" : ""; });
  ASSERT_EQ(release(receipt, {{"original", true}})["done"].size(), 1u);
  ASSERT_GE(record_.wait_for("mail-deferred", 1).size(), 1u);
  const auto stricter = rules_both_ways(sink_.port(), outside_.port(), 2526, "");
  ASSERT_TRUE(on_loop([&] { return relay_->set_rules(stricter).has_value(); }));
  outside_.set_answer({});
  EXPECT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
  EXPECT_EQ(outside_.wait_for(1, 500).size(), 0u);
  const auto held = record_.wait_for("mail-held", 2);
  ASSERT_EQ(held.size(), 2u);
  EXPECT_EQ(held[1]["reason"], "original-not-allowed");
}

TEST_F(OrdersTest, WhatWaitsIsTreatedByTheRulesAsTheyAreWhenItGoes) {
  settings_.retry_wait = Seconds(0.3);
  outside_.set_answer([](const std::string &line) { return line.starts_with("RCPT") ? "450 4.2.1 busy" : ""; });
  open_out("");
  (void)send_out();
  ASSERT_GE(record_.wait_for("mail-deferred", 2).size(), 2u);
  ASSERT_TRUE(on_loop([&] { return relay_->set_rules(rules_both_ways(sink_.port(), outside_.port(), 2526, "hold for 9 days")).has_value(); }));
  const std::size_t so_far = record_.events("mail-deferred").size();
  ASSERT_GE(record_.wait_for("mail-deferred", so_far + 2).size(), so_far + 2);
  EXPECT_EQ(record_.events("mail-treated").size(), 1u) << "once by rules that say the same of it";
  ASSERT_TRUE(on_loop([&] { return relay_->set_rules(rules_both_ways(sink_.port(), outside_.port(), 2526, "size 1 MB")).has_value(); }));
  EXPECT_EQ(record_.wait_for("mail-treated", 2).size(), 2u);
  outside_.set_answer({});
  EXPECT_EQ(outside_.wait_for(1).size(), 1u);
  EXPECT_EQ(record_.events("mail-treated").size(), 2u);
}

TEST_F(OrdersTest, AnOrderOfAFormerWayDoesNotComeBackWithARestart) {
  settings_.retry_wait = Seconds(60);
  outside_.set_answer([](const std::string &line) { return line.starts_with("RCPT") ? "450 4.2.1 busy" : ""; });
  open_out("");
  const std::string receipt = send_out();
  ASSERT_EQ(record_.wait_for("mail-deferred", 1).size(), 1u);
  EXPECT_EQ(ask_queue(drop(receipt))["changed"], 1);
  ASSERT_TRUE(wait_until([&] { return status()["hold"] == 1 && status()["queue"] == 0; }));
  EXPECT_EQ(release(receipt)["done"].size(), 1u);
  ASSERT_EQ(record_.wait_for("mail-deferred", 2).size(), 2u);
  close();
  outside_.set_answer({});
  reopen();
  EXPECT_EQ(outside_.wait_for(1).size(), 1u);
}

/// A next hop that has the mail and says nothing yet.
class HandedOverTest : public OrdersTest {
protected:
  std::string hand_over() {
    outside_.set_answer([this](const std::string &line) {
      if (line != ".") return std::string();
      is_there_ = true;
      while (!may_answer_) std::this_thread::sleep_for(5ms);
      return std::string();
    });
    open_out("");
    const std::string receipt = send_out();
    EXPECT_TRUE(wait_until([&] { return is_there_.load(); }));
    return receipt;
  }
  Json order(const char *action, const std::string &receipt) {
    return ask_queue(fmt::format(R"({{"action":"{}","why":"x","receipt":"{}"}})", action, receipt));
  }
  ~HandedOverTest() override {
    may_answer_ = true;
    outside_.set_answer({});
  }
  std::atomic<bool> is_there_ = false, may_answer_ = false;
};

TEST_F(HandedOverTest, AMailThatIsDroppedThenMayStillArrive) {
  const std::string receipt = hand_over();
  const Json answer = order("drop", receipt);
  EXPECT_EQ(answer["changed"], 1);
  EXPECT_EQ(answer["handed_over"], Json::array({receipt}));
  const Json told = ask_queue(R"({"action":"list"})")["mails"][0];
  EXPECT_EQ(told["state"], "delivered") << "being handed over, whatever is ordered";
  EXPECT_EQ(told["why"], "x");
  may_answer_ = true;
  ASSERT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
  EXPECT_EQ(outside_.wait_for(1).size(), 1u);
  const auto late = record_.wait_for("order-failed", 1);
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0]["receipt"], receipt);
  EXPECT_EQ(late[0]["order"], "queue-dropped");
  EXPECT_EQ(late[0]["error"], "too late: it was handed over before");
  const Json held = ask_hold({{"what", "show"}, {"receipts", receipt}})["held"];
  EXPECT_EQ(held["reason"], "queue-dropped") << "its original is kept, as it was ordered";
  EXPECT_EQ(held["reached"], Json::array({"b@out.example"}));
}

TEST_F(HandedOverTest, AMailThatIsHeldThenMayStillArrive) {
  const std::string receipt = hand_over();
  EXPECT_EQ(order("hold", receipt)["handed_over"], Json::array({receipt}));
  may_answer_ = true;
  ASSERT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
  EXPECT_EQ(record_.wait_for("order-failed", 1)[0]["order"], "queue-held");
  EXPECT_EQ(status()["hold"], 0);
}

TEST_F(HandedOverTest, AMailThatWaitsIsStopped) {
  settings_.retry_wait = Seconds(60);
  outside_.set_answer([](const std::string &line) { return line.starts_with("RCPT") ? "450 4.2.1 busy" : ""; });
  open_out("");
  const std::string receipt = send_out();
  ASSERT_EQ(record_.wait_for("mail-deferred", 1).size(), 1u);
  EXPECT_FALSE(order("hold", receipt).contains("handed_over"));
  EXPECT_EQ(ask_queue(R"({"action":"list"})")["mails"][0]["state"], "held");
  EXPECT_FALSE(order("drop", receipt).contains("handed_over"));
  ASSERT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
  EXPECT_TRUE(record_.events("order-failed").empty());
}

/// As the door would refuse them now (M7).
TEST_F(OrdersTest, WhatWaitsGoesToNoDestinationThatTheRulesRefuseMeanwhile) {
  settings_.retry_wait = Seconds(0.2);
  outside_.set_answer([](const std::string &line) { return line.starts_with("RCPT") ? "450 4.2.1 busy" : ""; });
  open_out("");
  const std::string both = send_out("a@town.example.lg.jp", {"b@out.example", "c@out.example"}), one = send_out("a@town.example.lg.jp", {"c@OUT.example"});
  ASSERT_EQ(record_.wait_for("mail-deferred", 2).size(), 2u);
  ASSERT_TRUE(on_loop([&] {
    return relay_->set_rules(rules_both_ways(sink_.port(), outside_.port(), 2526, R"(destinations "b@out.example")", "outside")).has_value();
  }));
  outside_.set_answer({});
  ASSERT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
  ASSERT_EQ(outside_.wait_for(1).size(), 1u);
  EXPECT_EQ(outside_.wait_for(1)[0].recipients, std::vector<std::string>{"b@out.example"});
  const auto held = record_.wait_for("mail-held", 2);
  ASSERT_EQ(held.size(), 2u);
  for (const Json &event : held) EXPECT_EQ(event["reason"], "domain-unlisted");
  EXPECT_EQ(ask_hold({{"what", "show"}, {"receipts", both}})["held"]["recipients"], Json::array({"c@out.example"}));
  EXPECT_EQ(ask_hold({{"what", "show"}, {"receipts", one}})["held"]["reached"], Json::array());
  EXPECT_GE(status()["counters"].value("domain-unlisted", 0), 2);
  EXPECT_EQ(release(one)["done"].size(), 1u);
  EXPECT_EQ(record_.wait_for("mail-held", 3).size(), 3u) << "nor by a person's word";
  EXPECT_EQ(outside_.wait_for(1).size(), 1u);
}

/// What an earlier version gave twice.
TEST_F(OrdersTest, TwoMailsOfOneReceiptAreBothSteered) {
  const std::string receipt = "R8K4-7Q2M-X9";
  {
    auto disk = spool::open_folder(folder_ + "/mail");
    auto spool = spool::Spool::open(*disk, spool::test_keys(), {.segment_size = 1 << 20, .max_segments = 8});
    ASSERT_TRUE(spool) << spool.error().what;
    for (const char *recipient : {"b@out.example", "c@out.example"}) {
      spool::Envelope envelope;
      envelope.receipt = receipt;
      envelope.client_ip = "127.0.0.1";
      envelope.relay = "outbound";
      envelope.recipients = {recipient};
      envelope.accepted = unix_now();
      spool->put(envelope, std::make_shared<const Buffer>(to_buffer(std::string("To: ") + recipient + "\r\n\r\nx\r\n")));
    }
    ASSERT_EQ(spool->commit().failed, Reason::none);
  }
  settings_.retry_wait = Seconds(60);
  outside_.set_answer([](const std::string &line) { return line.starts_with("RCPT") ? "450 4.2.1 busy" : ""; });
  open_out("");
  ASSERT_EQ(record_.wait_for("mail-deferred", 2).size(), 2u);
  EXPECT_EQ(ask_queue(R"({"action":"list"})")["total"], 2);
  EXPECT_EQ(ask_queue(drop(receipt))["mails"], Json::array({receipt}));
  ASSERT_TRUE(wait_until([&] { return status()["hold"] == 1; }));
  ASSERT_GE(record_.wait_for("mail-not-held", 1).size(), 1u);
  EXPECT_GE(ask_queue(R"({"action":"list"})")["total"], 1) << "the other original is in the spool still";
  EXPECT_TRUE(outside_.wait_for(1, 10).empty());
}

TEST_F(OrdersTest, AMistypedRelayIsNoEmptyHold) {
  const std::string receipt = hold_one_of_two();
  EXPECT_EQ(ask_hold({{"what", "list"}, {"relay", "outbuond"}}).value("error", ""),
            "no relay is called 'outbuond'; did you mean 'outbound'? There are: inbound, outbound");
  EXPECT_EQ(ask_hold({{"what", "list"}, {"relay", "inbound"}})["held"].size(), 0u);
  ASSERT_TRUE(on_loop([&] { return relay_->set_rules(rules_for(sink_.port())).has_value(); }));
  EXPECT_EQ(ask_hold({{"what", "list"}, {"relay", "outbound"}})["held"].size(), 1u) << "gone from the rules, and still held";
  EXPECT_NE(ask_hold({{"what", "list"}, {"relay", "outbuond"}}).value("error", ""), "");
}

TEST_F(OrdersTest, AListIsBounded) {
  open_out("");
  std::vector<std::string> recipients;
  for (int i = 0; i < 100; ++i) recipients.push_back(fmt::format("b{}@out.example", i));
  refuse("b", "550 5.1.1 no such user");
  send_out("a@town.example.lg.jp", recipients);
  ASSERT_TRUE(wait_until([&] { return status()["hold"] == 1; }));
  const Json listed = ask_hold({{"what", "list"}})["held"][0];
  EXPECT_EQ(listed["recipients"].size(), 20u);
  EXPECT_EQ(listed["more_recipients"], 80);
  EXPECT_EQ(ask_hold({{"what", "show"}, {"receipts", listed["receipt"]}})["held"]["recipients"].size(), 100u);
}

/// Within its octets: 5000 or so.
int harm_first_mail(const std::string &folder) {
  int harmed = 0;
  for (const auto &entry : std::filesystem::directory_iterator(folder + "/mail")) {
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    std::array<char, 64> front{};
    file.seekg(spool::records_start).read(front.data(), front.size());
    if (front == std::array<char, 64>{}) continue; // made ahead: nothing is in it yet
    const int octet = file.seekg(spool::records_start + 2500).get();
    file.seekp(spool::records_start + 2500).put(static_cast<char>(octet ^ 1));
    harmed += !file.flush().fail();
  }
  return harmed;
}

/// A mail that the disk harmed is told of by name, goes nowhere, and is forgotten by a person's word only.
TEST_F(OrdersTest, AMailThatTheDiskHarmedIsDropped) { // O2
  {
    auto disk = spool::open_folder(folder_ + "/mail");
    auto spool = spool::Spool::open(*disk, spool::test_keys(), {.segment_size = 1 << 20, .max_segments = 8});
    ASSERT_TRUE(spool) << spool.error().what;
    for (const char *receipt : {"R8K4-7Q2M-X9", "R8K4-7Q2M-X7"}) {
      spool::Envelope envelope;
      envelope.receipt = receipt;
      envelope.client_ip = "127.0.0.1";
      envelope.relay = "outbound";
      envelope.recipients = {"b@out.example"};
      envelope.accepted = unix_now();
      spool->put(envelope, std::make_shared<const Buffer>(5000, std::byte{'x'}));
      ASSERT_EQ(spool->commit().failed, Reason::none);
    }
  }
  ASSERT_EQ(harm_first_mail(folder_), 1);
  open_out("");
  EXPECT_EQ(outside_.wait_for(1).size(), 1u) << "the other one arrives";
  const auto lost = record_.wait_for("mail-lost", 1);
  ASSERT_EQ(lost.size(), 1u);
  EXPECT_EQ(lost[0]["receipt"], "R8K4-7Q2M-X9");
  EXPECT_EQ(lost[0]["recipients"], Json::array({"b@out.example"}));
  EXPECT_TRUE(wait_until([&] { return ask_queue(R"({"action":"list"})")["total"] == 1; }));
  EXPECT_EQ(ask_queue(R"({"action":"list"})")["mails"][0]["state"], "lost");
  for (const char *action : {"hold", "release", "flush"})
    EXPECT_EQ(ask_queue(fmt::format(R"({{"action":"{}","why":"x","receipt":"R8K4-7Q2M-X9"}})", action))["changed"], 0) << action;
  EXPECT_TRUE(record_.events("mail-held").empty());
  close();
  reopen();
  EXPECT_EQ(record_.wait_for("mail-lost", 2).size(), 2u) << "told until somebody has seen it";
  ASSERT_TRUE(wait_until([&] { return ask_queue(R"({"action":"list"})")["mails"][0]["state"] == "lost"; }));
  EXPECT_EQ(ask_queue(drop("R8K4-7Q2M-X9"))["changed"], 1);
  EXPECT_EQ(record_.wait_for("queue-dropped", 1)[0]["who"]["pid"], 7);
  EXPECT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
  EXPECT_EQ(status()["hold"], 0);
  close();
  reopen();
  EXPECT_EQ(ask_queue(R"({"action":"list"})")["total"], 0);
  for (const char *action : {"list", "show", "flush"})
    EXPECT_NE(ask_queue(fmt::format(R"({{"action":"{}","receipt":"R8K4-7Q2M-X9"}})", action)).value("error", "").find("no mail R8K4-7Q2M-X9 is in the queue"),
              std::string::npos) << action;
  EXPECT_EQ(record_.events("mail-lost").size(), 2u);
}

// -- time and room --------------------------------------------------------------------------------------------------

TEST_F(OrdersTest, WhatIsHeldForLongerThanTheRuleSaysIsDeletedAndTold) { // L11
  {
    auto disk = spool::open_folder(folder_ + "/hold");
    auto hold = spool::Hold::open(*disk, spool::test_keys(), folder_ + "/hold/index.db", {});
    ASSERT_TRUE(hold) << hold.error().what;
    for (const auto &[receipt, relay, days] : {std::tuple("R1", "outbound", 3), std::tuple("R2", "outbound", 1), std::tuple("R3", "inbound", 300)}) {
      spool::Held held;
      held.envelope.receipt = receipt;
      held.envelope.relay = relay;
      held.time = unix_now() - days * 86'400;
      hold->put(held, std::make_shared<const Buffer>(10, std::byte{'x'}));
    }
    ASSERT_EQ(hold->commit().failed, Reason::none);
  }
  open_out("hold for 2 days");
  const auto expired = record_.wait_for("hold-expired", 1);
  ASSERT_EQ(expired.size(), 1u);
  EXPECT_EQ(expired[0]["receipt"], "R1");
  EXPECT_EQ(expired[0]["reason"], "hold-retention-over");
  EXPECT_TRUE(wait_until([&] { return status()["hold"] == 2; })) << "the other one's rule says nothing";
  EXPECT_EQ(record_.events("hold-expired").size(), 1u);
}

/// The battery of the clock was empty, or somebody set it to the year 2040: what is held and what waits is none the older (O2).
TEST_F(OrdersTest, AJumpOfTheClockDeletesNothingAndGivesNothingUp) {
  constexpr UnixSeconds day = 86'400;
  {
    auto hold_disk = spool::open_folder(folder_ + "/hold"), mail_disk = spool::open_folder(folder_ + "/mail");
    auto hold = spool::Hold::open(*hold_disk, spool::test_keys(), folder_ + "/hold/index.db", {});
    auto spool = spool::Spool::open(*mail_disk, spool::test_keys(), {.segment_size = 1 << 20, .max_segments = 8});
    ASSERT_TRUE(hold && spool);
    for (const auto &[receipt, days] : {std::pair("R1", 4001), std::pair("R2", 4004)}) {
      spool::Held held;
      held.envelope.receipt = receipt;
      held.envelope.relay = "outbound";
      held.time = unix_now() - days * day;
      hold->put(held, std::make_shared<const Buffer>(10, std::byte{'x'}));
    }
    ASSERT_EQ(hold->commit().failed, Reason::none);
    spool::Envelope envelope;
    envelope.receipt = "R8K4-7Q2M-X9";
    envelope.client_ip = "127.0.0.1";
    envelope.relay = "outbound";
    envelope.recipients = {"b@out.example"};
    envelope.accepted = unix_now() - 4000 * day - 60;
    spool->put(envelope, std::make_shared<const Buffer>(to_buffer("Subject: x\r\n\r\nx\r\n")));
    ASSERT_EQ(spool->commit().failed, Reason::none);
    const UniqueFd file(::open((folder_ + "/guard/clock.0").c_str(), O_RDWR | O_CREAT, 0600));
    Ages ages;
    ASSERT_TRUE(TwinFiles(-1, file.get()).save(as_bytes(ages.encode(unix_now() - 4000 * day))));
  }
  settings_.retry_wait = Seconds(60);
  refuse("b@", "450 4.2.1 busy");
  open_out("hold for 3 days  retry for 1 hour");
  const auto jumped = record_.wait_for("clock-jumped", 1);
  ASSERT_EQ(jumped.size(), 1u);
  EXPECT_EQ(status()["clock_jumped"]["from"], jumped[0]["from"]);
  ASSERT_EQ(record_.wait_for("mail-deferred", 1).size(), 1u);
  EXPECT_TRUE(record_.events("mail-held").empty());
  const auto expired = record_.wait_for("hold-expired", 1);
  ASSERT_EQ(expired.size(), 1u);
  EXPECT_EQ(expired[0]["receipt"], "R2") << "four days before the jump";
  EXPECT_TRUE(wait_until([&] { return status()["hold"] == 1; }));
}

TEST_F(OrdersTest, WhatWaitedForLongerThanTheRuleSaysIsTriedOnceMoreAndHeld) {
  {
    auto disk = spool::open_folder(folder_ + "/mail");
    auto spool = spool::Spool::open(*disk, spool::test_keys(), {.segment_size = 1 << 20, .max_segments = 8});
    ASSERT_TRUE(spool) << spool.error().what;
    spool::Envelope envelope;
    envelope.receipt = "R4";
    envelope.from = "a@town.example.lg.jp";
    envelope.client_ip = "127.0.0.1";
    envelope.relay = "outbound";
    envelope.recipients = {"b@out.example"};
    envelope.accepted = unix_now() - 2 * 3600;
    spool->put(envelope, std::make_shared<const Buffer>(to_buffer("Subject: x\r\n\r\nx\r\n")));
    ASSERT_EQ(spool->commit().failed, Reason::none);
  }
  refuse("b@", "450 4.2.1 busy");
  open_out("retry for 1 hour");
  const auto held = record_.wait_for("mail-held", 1);
  ASSERT_EQ(held.size(), 1u);
  EXPECT_EQ(held[0]["reason"], "delivery-expired");
  EXPECT_TRUE(wait_until([&] { return status()["hold"] == 1 && status()["queue"] == 0; }));
}

/// Mails of a relay that is renamed or taken out of the rules while they wait.
class AstrayTest : public RelayOutTest {
protected:
  static constexpr UnixSeconds day = 86'400;
  const std::string first_ = "R8K4-7Q2M-X7", second_ = "R8K4-7Q2M-X8", served_ = "R8K4-7Q2M-X9";
  void keep(const std::string &relay, const std::map<std::string, UnixSeconds> &ages) {
    auto disk = spool::open_folder(folder_ + "/mail");
    auto spool = spool::Spool::open(*disk, spool::test_keys(), {.segment_size = 1 << 20, .max_segments = 8});
    ASSERT_TRUE(spool) << spool.error().what;
    for (const auto &[receipt, age] : ages) {
      spool::Envelope envelope;
      envelope.receipt = receipt;
      envelope.from = "a@town.example.lg.jp";
      envelope.client_ip = "127.0.0.1";
      envelope.relay = relay;
      if (receipt != served_) envelope.recipients = {"b@out.example"};
      envelope.accepted = unix_now() - age;
      spool->put(envelope, std::make_shared<const Buffer>(5000, std::byte{'x'}));
      ASSERT_EQ(spool->commit().failed, Reason::none);
    }
  }
};

TEST_F(AstrayTest, TheyAreToldOfAndHeldInTheEnd) {
  keep("former", {{first_, 6 * day}, {second_, day}, {served_, 6 * day}}); // the last waits for room in the hold: everybody has it
  open_out("bounce to \"*@town.example.lg.jp\"");
  ASSERT_TRUE(wait_until([&] { return status()["astray"] == Json::array({{{"relay", "former"}, {"mails", 3}}}); })) << status();
  Json listed;
  EXPECT_TRUE(wait_until([&] {
    listed = ask_queue(R"({"action":"list","relay":"former"})")["mails"];
    return std::ranges::count_if(listed, [](const Json &mail) {
             return mail["state"] == "closed" && mail.value("answer", "") == "the rules have its relay no more";
           }) >= 2;
  })) << listed;
  close();
  settings_.relay_missing = Seconds(0);
  reopen();
  ASSERT_TRUE(wait_until([&] { return status()["hold"] == 2 && status()["queue"] == 1; })) << status();
  const auto held = record_.events("mail-held");
  ASSERT_EQ(held.size(), 1u) << "of the last nobody misses anything";
  EXPECT_EQ(held[0]["receipt"], first_);
  EXPECT_EQ(held[0]["reason"], "delivery-expired");
  EXPECT_EQ(held[0]["answer"], "the rules have its relay no more");
  EXPECT_EQ(held[0]["recipients"], Json::array({"b@out.example"}));
  EXPECT_EQ(ask_hold({{"what", "show"}, {"receipts", served_}})["held"]["reason"], "delivery-expired");
  EXPECT_EQ(status()["astray"][0]["mails"], 1) << "what is younger than five days";
  EXPECT_TRUE(outside_.wait_for(1, 100).empty());
  EXPECT_TRUE(sink_.wait_for(1, 100).empty());
}

TEST_F(AstrayTest, OneThatTheDiskHarmedIsToldOf) { // O2
  settings_.relay_missing = Seconds(0);
  keep("former", {{first_, 6 * day}, {second_, day}});
  ASSERT_EQ(harm_first_mail(folder_), 1);
  open_out("");
  ASSERT_EQ(record_.wait_for("mail-lost", 1).size(), 1u);
  EXPECT_EQ(ask_queue(R"({"action":"show","receipt":")" + first_ + "\"}")["mails"][0]["state"], "lost");
  EXPECT_EQ(ask_queue(R"({"action":"drop","why":"x","relay":"former"})")["changed"], 2);
  EXPECT_TRUE(wait_until([&] { return status()["queue"] == 0 && status()["hold"] == 1; }));
}

TEST_F(AstrayTest, ASlipInTheRulesEndsNothing) {
  outside_.set_answer([](const std::string &line) { return line.starts_with("RCPT") ? "450 4.2.1 busy" : ""; });
  keep("outbound", {{first_, 6 * day}});
  open_out("retry for 30 days");
  ASSERT_GE(record_.wait_for("mail-deferred", 1).size(), 1u);
  ASSERT_TRUE(on_loop([&] { return relay_->set_rules(rules_for(sink_.port()), {}).has_value(); }));
  ASSERT_TRUE(wait_until([&] { return status()["astray"] == Json::array({{{"relay", "outbound"}, {"mails", 1}}}); }));
  std::this_thread::sleep_for(1200ms); // more than twice asked again
  EXPECT_EQ(status()["queue"], 1);
  outside_.set_answer({});
  ASSERT_TRUE(on_loop([&] { return relay_->set_rules(rules_, {}).has_value(); }));
  EXPECT_EQ(outside_.wait_for(1).size(), 1u);
  EXPECT_FALSE(status().contains("astray"));
  EXPECT_TRUE(record_.events("mail-held").empty());
}

class FullHoldTest : public RelayOutTest {
protected:
  void fill_hold() {
    const std::string padding(998, 'x');
    std::string large = "Subject: x\r\n\r\nHOLD\r\n";
    for (int line = 0; line < 900; ++line) large += padding + "\r\n";
    for (int line = 0; line < 200; ++line) stripped_ += padding + "\r\n";
    rules_ = rules_for(sink_.port(), "hold at most 1 MB");
    open();
    ASSERT_TRUE(send(large).starts_with("250"));
    ASSERT_TRUE(wait_until([&] { return status()["hold"] == 1; }));
  }
  /// Delivered, and its original finds no room.
  std::string send_stripped(const std::string &to = "b@town.example.lg.jp") {
    const std::string answer = send(stripped_, to);
    return answer.starts_with("250 2.0.0 kept as ") ? answer.substr(18) : answer;
  }
  std::string stripped_ = "Subject: x\r\n\r\nSTRIP\r\n";
};

/// Whoever has it does not get it again because the hold had no room for its original.
TEST_F(FullHoldTest, AndARestartServeNobodyTwice) {
  fill_hold();
  sink_.set_answer([](const std::string &line) { return line.starts_with("RCPT TO:<c@") ? "550 5.1.1 no" : ""; });
  send_stripped();
  send_stripped("c@town.example.lg.jp");
  EXPECT_EQ(sink_.wait_for(1).size(), 1u);
  EXPECT_EQ(record_.wait_for("mail-not-held", 2).size(), 2u);
  close();
  rules_ = rules_for(sink_.port(), "hold at most 3 MB");
  open();
  EXPECT_TRUE(wait_until([&] { return status()["hold"] == 3 && status()["queue"] == 0; })) << status().dump();
  EXPECT_EQ(sink_.wait_for(2, 300).size(), 1u) << "b has it once";
}

TEST_F(FullHoldTest, SlowsNoOtherRelay) { // what rests makes no peer wait for its 250
  fill_hold();
  send_stripped();
  EXPECT_EQ(record_.wait_for("mail-not-held", 1).size(), 1u);
  EXPECT_TRUE(wait_until([&] { return status()["resting"] == 1; })) << status();
}

/// What waits for room tells so once, however often it is asked again; that the hold is full is an alarm until nothing waits any more.
TEST_F(FullHoldTest, IsToldOnceAndWhenItIsOver) { // L4
  settings_.trouble_told = Seconds(1);
  fill_hold();
  EXPECT_FALSE(status().contains("hold_full"));
  const std::string first = send_stripped(), second = send_stripped();
  ASSERT_TRUE(wait_until([&] { return status()["resting"] == 2; })) << status();
  EXPECT_EQ(status()["hold_full"], Json::parse(R"([{"relay":"inbound","mails":2}])"));
  EXPECT_EQ(status()["hold_disk"], "well");
  EXPECT_EQ(record_.wait_for("hold-full", 1).at(0)["relay"], "inbound");
  EXPECT_EQ(ask_queue(R"({"action":"flush","receipt":")" + first + "\"}")["changed"], 1);
  std::this_thread::sleep_for(1500ms);
  EXPECT_EQ(status()["resting"], 2) << "it was asked again, in vain";
  EXPECT_EQ(status()["counters"]["hold-full"], 2);
  EXPECT_EQ(record_.events("hold-full").size(), 1u);
  EXPECT_TRUE(record_.events("hold-has-room").empty());
  const auto larger = rules_for(sink_.port(), "hold at most 3 MB");
  EXPECT_TRUE(on_loop([&] { return relay_->set_rules(larger).has_value(); }));
  EXPECT_EQ(ask_queue(R"({"action":"flush","receipt":")" + first + "\"}")["changed"], 1);
  EXPECT_EQ(ask_queue(R"({"action":"flush","receipt":")" + second + "\"}")["changed"], 1);
  ASSERT_EQ(record_.wait_for("hold-has-room", 1).size(), 1u);
  EXPECT_FALSE(status().contains("hold_full")) << status();
}

TEST_F(FullHoldTest, OrdersReachWhatWaitsForRoom) { // L1
  fill_hold();
  const std::string flushed = send_stripped(), dropped = send_stripped();
  ASSERT_TRUE(wait_until([&] { return status()["resting"] == 2; })) << status();
  EXPECT_EQ(ask_queue(R"({"action":"hold","why":"x","receipt":")" + flushed + "\"}")["changed"], 0) << "there is nothing to stop";
  EXPECT_EQ(ask_queue(drop(dropped))["changed"], 1);
  EXPECT_TRUE(wait_until([&] { return status()["queue"] == 1; })) << status();
  const auto larger = rules_for(sink_.port(), "hold at most 3 MB");
  EXPECT_TRUE(on_loop([&] { return relay_->set_rules(larger).has_value(); }));
  EXPECT_EQ(ask_queue(R"({"action":"flush","receipt":")" + flushed + "\"}")["changed"], 1);
  EXPECT_TRUE(wait_until([&] { return status()["hold"] == 2 && status()["queue"] == 0; })) << status();
  close();
  open();
  EXPECT_EQ(status()["queue"], 0) << "what was dropped does not come back";
  EXPECT_EQ(sink_.wait_for(3, 200).size(), 2u);
}

/// Dropped on its way, and there is no room for its original: dropped once more it is given up.
TEST_F(FullHoldTest, WhatWasDroppedOnItsWayMayBeGivenUp) {
  settings_.retry_wait = Seconds(60);
  sink_.set_answer([](const std::string &line) { return line.starts_with("RCPT TO:<c@") ? "450 4.2.1 busy" : ""; });
  fill_hold();
  const std::string receipt = send_stripped("c@town.example.lg.jp");
  ASSERT_EQ(record_.wait_for("mail-deferred", 1).size(), 1u);
  EXPECT_EQ(ask_queue(drop(receipt))["changed"], 1);
  ASSERT_EQ(record_.wait_for("mail-not-held", 1).size(), 1u);
  ASSERT_TRUE(wait_until([&] { return status()["resting"] == 1; })) << status();
  EXPECT_EQ(ask_queue(drop(receipt))["changed"], 1);
  EXPECT_TRUE(wait_until([&] { return status()["queue"] == 0; })) << status();
}

TEST_F(FullHoldTest, TakesNoMemoryForWhatWaits) { // Z8
  fill_hold();
  send_stripped();
  EXPECT_EQ(record_.wait_for("mail-not-held", 1).size(), 1u);
  EXPECT_EQ(sink_.wait_for(1).size(), 1u);
  EXPECT_TRUE(wait_until([&] { return status()["memory"] == 0; })) << status();
  EXPECT_EQ(status()["queue"], 1);
}

TEST_F(RelayTest, AFullHoldIsToldAndReachesTheDoor) { // H2: nothing is lost, nothing goes on
  rules_ = rules_for(sink_.port(), "hold at most 1 MB");
  open();
  std::string text = "Subject: x\r\n\r\nHOLD\r\n", answer;
  for (int line = 0; line < 300; ++line) text.append(1000 - 2, 'x').append("\r\n");
  int kept = 0;
  for (; kept < 60; ++kept)
    if (answer = send(text); !answer.starts_with("250")) break;
  EXPECT_TRUE(answer.starts_with("452 4.3.1 spool-full")) << answer;
  EXPECT_GT(kept, 10);
  EXPECT_GE(record_.wait_for("mail-not-held", 1).size(), 1u);
  EXPECT_TRUE(wait_until([&] { return status()["spool"] == "full"; }));
  const Json shortage = Json::parse(fmt::format(R"([{{"relay":"inbound","mails":{}}}])", kept - 3));
  EXPECT_TRUE(wait_until([&] { return status()["hold_full"] == shortage; })) << status();
  EXPECT_EQ(status()["hold_disk"], "well") << "what its rule grants is used up, not the disk";
  EXPECT_EQ(status()["hold"], 3);
  EXPECT_EQ(status()["queue"], kept - 3) << "the others wait";
  const auto trouble = record_.wait_for("disk-trouble", 1);
  ASSERT_EQ(trouble.size(), 1u);
  EXPECT_EQ(trouble[0]["what"], "spool");
  EXPECT_EQ(trouble[0]["state"], "full");
  EXPECT_EQ(sink_.wait_for(1, 50).size(), 0u);
}

} // namespace
} // namespace sekisho::relay
