#include "tests/unit/gateway/relay/relay_fixture.hh"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <poll.h>

#include <fstream>

namespace sekisho::relay {
namespace {

TEST_F(RelayTest, CarriesAHarmlessMail) {
  open();
  const std::string answer = send("Subject: x\r\n\r\n.dangerous\r\n");
  ASSERT_TRUE(answer.starts_with("250 2.0.0 kept as ")) << answer;
  const std::string receipt = answer.substr(18);
  auto mails = sink_.wait_for(1);
  ASSERT_EQ(mails.size(), 1u);
  EXPECT_EQ(mails[0].from, "a@example.net");
  EXPECT_EQ(mails[0].recipients, std::vector<std::string>{"b@town.example.lg.jp"});
  EXPECT_EQ(mails[0].text.find("dangerous"), std::string::npos);
  EXPECT_NE(mails[0].text.find("made of 25 octets"), std::string::npos) << mails[0].text;
  EXPECT_NE(mails[0].text.find("Received: from client.example ([127.0.0.1])\r\n\tby gate.example with ESMTP id " +
                               receipt),
            std::string::npos);
  EXPECT_NE(mails[0].text.find("Sekisho-Hops: 1\r\n"), std::string::npos);
  for (const char *word : {"mail-received", "mail-treated", "mail-delivered"}) {
    auto events = record_.wait_for(word, 1);
    ASSERT_EQ(events.size(), 1u) << word;
    EXPECT_EQ(events[0]["receipt"], receipt);
  }
  EXPECT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
  EXPECT_EQ(status()["hold"], 0);
}

TEST_F(RelayTest, TellsByWhichProtocolAMailCame) { // RFC 3848, RFC 6531 §4.3
  sink_.set_answer([](const std::string &line) { return line.starts_with("EHLO") ? "250-sink.example\r\n250 SMTPUTF8" : ""; });
  open();
  const std::pair<const char *, const char *> ways[] = {{"HELO", ""}, {"EHLO", ""}, {"EHLO", " SMTPUTF8"}};
  for (const auto &[hello, parameter] : ways) {
    test::Sender sender(port_);
    sender.reply();
    sender.say(std::string(hello) + " client.example");
    sender.say(std::string("MAIL FROM:<a@example.net>") + parameter);
    sender.say("RCPT TO:<b@town.example.lg.jp>");
    sender.say("DATA");
    EXPECT_TRUE(sender.say("Subject: x\r\n\r\nx\r\n.").starts_with("250"));
  }
  const auto with = [&](const char *word) {
    return std::ranges::count_if(sink_.wait_for(3), [&](const test::Arrived &mail) {
      return mail.text.find(fmt::format("\r\n\tby gate.example with {} id ", word)) != std::string::npos;
    });
  };
  EXPECT_EQ(sink_.wait_for(3).size(), 3u);
  EXPECT_EQ(with("SMTP"), 1);
  EXPECT_EQ(with("ESMTP"), 1);
  EXPECT_EQ(with("UTF8SMTP"), 1);
}

TEST_F(RelayTest, KeepsTheOriginalOfWhatWasTaken) {
  open();
  EXPECT_TRUE(send("Subject: x\r\n\r\nSTRIP\r\n").starts_with("250"));
  EXPECT_EQ(sink_.wait_for(1).size(), 1u);
  EXPECT_TRUE(wait_until([&] { return status()["hold"] == 1; }));
  EXPECT_EQ(record_.events("mail-held").size(), 0u); // it was delivered
  auto delivered = record_.wait_for("mail-delivered", 1);
  ASSERT_EQ(delivered.size(), 1u);
  EXPECT_EQ(delivered[0]["original_kept"], true);
}

TEST_F(RelayTest, KeepsTheOriginalOfWhatBecameTextOrLostItsScript) { // H2, L4: whoever is told to ask for it gets it
  open();
  for (const char *word : {"CONVERT", "SCRIPT", "STRANGER"})
    EXPECT_TRUE(send(std::string("Subject: x\r\n\r\n") + word + "\r\n").starts_with("250"));
  const auto delivered = record_.wait_for("mail-delivered", 3);
  ASSERT_EQ(delivered.size(), 3u);
  EXPECT_EQ(std::ranges::count(delivered, true, [](const Json &event) { return event.value("original_kept", false); }), 2);
  EXPECT_TRUE(wait_until([&] { return status()["hold"] == 2 && status()["queue"] == 0; })) << status();
}

TEST_F(RelayTest, HoldsWhatIsNotClean) {
  open();
  EXPECT_TRUE(send("Subject: x\r\n\r\nHOLD\r\n").starts_with("250"));
  EXPECT_TRUE(send("Subject: x\r\n\r\nREFUSE\r\n").starts_with("250"));
  auto held = record_.wait_for("mail-held", 2);
  ASSERT_EQ(held.size(), 2u);
  EXPECT_TRUE(wait_until([&] { return status()["hold"] == 2 && status()["queue"] == 0; }));
  EXPECT_EQ(status()["counters"]["held-encrypted"], 1);
  EXPECT_EQ(status()["counters"]["not-sanitizable"], 1);
  EXPECT_EQ(sink_.wait_for(1, 200).size(), 0u);
}

TEST_F(RelayTest, AskesTheSanitizerAgainAfterADeath) {
  open();
  deaths_ = 2;
  EXPECT_TRUE(send("Subject: x\r\n\r\nDIE\r\n").starts_with("250"));
  EXPECT_EQ(sink_.wait_for(1).size(), 1u);
  deaths_ = 100;
  EXPECT_TRUE(send("Subject: x\r\n\r\nDIE\r\n").starts_with("250"));
  ASSERT_EQ(record_.wait_for("mail-held", 1).size(), 1u);
  EXPECT_EQ(record_.wait_for("mail-held", 1)[0]["reason"], "job-worker-died");
}

TEST_F(RelayTest, AMailThatTakesAllItsTimeIsTriedOnceMore) { // X8
  open();
  deaths_ = 1;
  EXPECT_TRUE(send("Subject: x\r\n\r\nHANG\r\n").starts_with("250"));
  EXPECT_EQ(sink_.wait_for(1).size(), 1u);
  deaths_ = 100;
  EXPECT_TRUE(send("Subject: x\r\n\r\nHANG\r\n").starts_with("250"));
  ASSERT_EQ(record_.wait_for("mail-held", 1).size(), 1u);
  EXPECT_EQ(record_.wait_for("mail-held", 1)[0]["reason"], "job-timeout");
  EXPECT_EQ(deaths_, 98);
}

TEST_F(RelayTest, RefusesAtTheDoorAndSaysSo) {
  open();
  EXPECT_TRUE(send("x\r\n", "victim@outside.example").starts_with("550 5.7.1 relay-denied"));
  EXPECT_TRUE(send("x\r\n", "a%outside.example@town.example.lg.jp").starts_with("550 5.7.1 relay-denied"));
  auto refused = record_.wait_for("mail-refused", 1);
  ASSERT_EQ(refused.size(), 1u); // the second is told in a sum
  EXPECT_EQ(refused[0]["reason"], "relay-denied");
  EXPECT_EQ(refused[0]["recipient"], "victim@outside.example");
  EXPECT_EQ(refused[0]["client"], "127.0.0.1");
  EXPECT_TRUE(wait_until([&] { return status()["counters"]["relay-denied"] == 2; }));
}

TEST(Events, HaveRoomForWhateverRecipientsADoorTakes) {
  spool::Envelope envelope;
  envelope.recipients.assign(10'000, "\"" + std::string(60, '\\') + "\"@" + std::string(60, 'a') + ".town.example.lg.jp");
  for (const std::string &event : {events::received(envelope, 1, ""), events::resumed(envelope),
                                   events::delivered("R", envelope.recipients, "", "", "", false),
                                   events::held("R", envelope.recipients, Reason::job_timeout, {}, true, false)}) {
    EXPECT_LT(event.size(), role::max_message_text);
    const Json json = Json::parse(event);
    EXPECT_EQ(json["recipients"].size() + json["recipients_left_out"].get<std::size_t>(), 10'000u);
    EXPECT_GT(json["recipients"].size(), 100u);
  }
  envelope.recipients.resize(3);
  EXPECT_FALSE(Json::parse(events::received(envelope, 1, "")).contains("recipients_left_out"));
}

TEST_F(RelayTest, NoRecordNoWayOn) { // L1
  open();
  record_.broken = true;
  EXPECT_TRUE(send("x\r\n").starts_with("250")); // durable; it was under way before anything was known to be amiss
  std::size_t taken = 1; // and perhaps more, until it is known
  EXPECT_TRUE(wait_until([&] {
    const std::string answer = send("y\r\n");
    taken += answer.starts_with("250");
    return answer.starts_with("451 4.3.0 record-unavailable");
  }));
  EXPECT_TRUE(sink_.wait_for(1, 300).empty());
  record_.broken = false;
  EXPECT_EQ(sink_.wait_for(taken).size(), taken);
  EXPECT_EQ(record_.wait_for("mail-received", taken).size(), taken);
  EXPECT_TRUE(wait_until([&] { return send("z\r\n").starts_with("250"); }));
  EXPECT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
}

TEST_F(RelayTest, TheEndOfAWayIsRecordedBeforeItIsForgotten) { // L1
  open();
  sink_.set_answer([this](const std::string &line) {
    if (line == ".") record_.broken = true;
    return std::string();
  });
  EXPECT_TRUE(send("x\r\n").starts_with("250"));
  EXPECT_EQ(sink_.wait_for(1).size(), 1u);
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(status()["queue"], 1);
  record_.broken = false;
  EXPECT_EQ(record_.wait_for("mail-delivered", 1).size(), 1u);
  EXPECT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
}

TEST_F(RelayTest, SeveredZone) { // Z6
  open();
  test::Sender idle(port_);
  idle.hello();
  on_loop([&] { relay_->set_severed("internet"); });
  EXPECT_TRUE(idle.reply().starts_with("421 4.3.2 mail-zone-severed"));
  EXPECT_EQ(idle.reply(), "closed");
  test::Sender fresh(port_);
  EXPECT_TRUE(fresh.reply().starts_with("421 4.3.2 mail-zone-severed"));
  on_loop([&] { relay_->set_severed(""); });
  EXPECT_TRUE(send("x\r\n").starts_with("250"));
  EXPECT_EQ(sink_.wait_for(1).size(), 1u);
}

TEST_F(RelayTest, MailForASeveredZoneWaits) {
  open("lgwan");
  EXPECT_TRUE(send("x\r\n").starts_with("250"));
  EXPECT_EQ(sink_.wait_for(1, 700).size(), 0u);
  EXPECT_EQ(status()["queue"], 1);
  on_loop([&] { relay_->set_severed(""); });
  EXPECT_EQ(sink_.wait_for(1).size(), 1u);
}

TEST_F(RelayTest, DeliveryIsCutWithTheZone) {
  std::atomic<bool> reached = false;
  sink_.set_answer([&](const std::string &line) {
    if (line == "." && !reached.exchange(true)) std::this_thread::sleep_for(1500ms);
    return std::string();
  });
  open();
  EXPECT_TRUE(send("x\r\n").starts_with("250"));
  ASSERT_TRUE(wait_until([&] { return reached.load(); }));
  on_loop([&] { relay_->set_severed("lgwan"); });
  EXPECT_TRUE(wait_until([&] { return status()["queue"] == 1; }));
  EXPECT_EQ(record_.events("mail-delivered").size(), 0u); // the yes came too late to be heard
  on_loop([&] { relay_->set_severed(""); });
  EXPECT_EQ(record_.wait_for("mail-delivered", 1).size(), 1u);
}

TEST_F(RelayTest, WhatWaitsForADeliveryIsCutToo) { // Z6
  settings_.deliveries_a_relay = 1;
  std::atomic<int> mails = 0;
  std::atomic<bool> severed = false, after = false;
  sink_.set_answer([&](const std::string &line) {
    if (severed) after = true;
    if (line == "DATA" && ++mails == 2) std::this_thread::sleep_for(700ms);
    return std::string();
  });
  open();
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(send("x\r\n").starts_with("250"));
  ASSERT_TRUE(wait_until([&] { return mails == 2; }));
  on_loop([&] { relay_->set_severed("lgwan"); });
  std::this_thread::sleep_for(1s); // the peer is back at its line, which is gone
  severed = true;
  std::this_thread::sleep_for(500ms);
  EXPECT_FALSE(after);
  EXPECT_EQ(status()["queue"], 5);
  severed = false;
  on_loop([&] { relay_->set_severed(""); });
  EXPECT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
}

TEST_F(RelayTest, WhatWaitsForAConversationFollowsTheRules) {
  settings_.deliveries_a_relay = 1;
  std::atomic<int> mails = 0;
  sink_.set_answer([&](const std::string &line) {
    if (line == "DATA" && ++mails == 1) std::this_thread::sleep_for(1500ms);
    return std::string();
  });
  test::Sink other;
  open();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(send("x\r\n").starts_with("250"));
  ASSERT_TRUE(wait_until([&] { return mails == 1; }));
  auto moved = rules_for(other.port());
  EXPECT_TRUE(on_loop([&] { return relay_->set_rules(moved).has_value(); }));
  EXPECT_EQ(other.wait_for(2).size(), 2u);
  EXPECT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
  EXPECT_EQ(sink_.wait_for(2, 100).size(), 1u);
  EXPECT_EQ(record_.events("mail-deferred").size(), 0u) << "no failure of theirs";
}

TEST_F(RelayTest, TriesAgainLater) {
  std::atomic<int> no = 2;
  sink_.set_answer([&](const std::string &line) {
    return line.starts_with("RCPT") && no.fetch_sub(1) > 0 ? "450 4.2.1 busy" : "";
  });
  open();
  EXPECT_TRUE(send("x\r\n").starts_with("250"));
  EXPECT_EQ(sink_.wait_for(1).size(), 1u);
  auto deferred = record_.wait_for("mail-deferred", 2);
  ASSERT_EQ(deferred.size(), 2u);
  EXPECT_EQ(deferred[0]["reason"], "next-hop-deferred");
  EXPECT_EQ(deferred[0]["answer"], "450 4.2.1 busy");
}

TEST_F(RelayTest, NextHopThatIsNotThere) {
  std::uint16_t dead_port = 0;
  { UniqueFd gone = test::listen_on("127.0.0.2", dead_port); }
  rules_ = rules_for(dead_port);
  open();
  EXPECT_TRUE(send("x\r\n").starts_with("250"));
  auto deferred = record_.wait_for("mail-deferred", 1);
  ASSERT_GE(deferred.size(), 1u);
  EXPECT_EQ(deferred[0]["reason"], "next-hop-unreachable");
  auto moved = rules_for(sink_.port()); // the administrator corrects it
  EXPECT_TRUE(on_loop([&] { return relay_->set_rules(moved).has_value(); }));
  EXPECT_EQ(sink_.wait_for(1).size(), 1u);
}

TEST_F(RelayTest, HoldsWhatTheNextHopRefuses) {
  sink_.set_answer([](const std::string &line) {
    return line.starts_with("RCPT TO:<c@") ? "550 5.1.1 unknown" : "";
  });
  open();
  test::Sender sender(port_);
  sender.hello();
  sender.say("MAIL FROM:<a@example.net>");
  sender.say("RCPT TO:<b@town.example.lg.jp>");
  sender.say("RCPT TO:<c@town.example.lg.jp>");
  sender.say("DATA");
  EXPECT_TRUE(sender.say("x\r\n.").starts_with("250"));
  auto mails = sink_.wait_for(1);
  ASSERT_EQ(mails.size(), 1u);
  EXPECT_EQ(mails[0].recipients, std::vector<std::string>{"b@town.example.lg.jp"});
  auto held = record_.wait_for("mail-held", 1);
  ASSERT_EQ(held.size(), 1u);
  EXPECT_EQ(held[0]["reason"], "next-hop-refused");
  EXPECT_EQ(held[0]["recipients"], Json::array({"c@town.example.lg.jp"}));
  EXPECT_EQ(held[0]["answer"], "550 5.1.1 unknown");
  EXPECT_TRUE(wait_until([&] { return status()["hold"] == 1 && status()["queue"] == 0; }));
}

TEST_F(RelayTest, EachRecipientHasItsOwnFate) {
  std::atomic<int> no = 1;
  sink_.set_answer([&](const std::string &line) {
    return line.starts_with("RCPT TO:<c@") && no.fetch_sub(1) > 0 ? "450 busy" : "";
  });
  open();
  test::Sender sender(port_);
  sender.hello();
  sender.say("MAIL FROM:<a@example.net>");
  sender.say("RCPT TO:<b@town.example.lg.jp>");
  sender.say("RCPT TO:<c@town.example.lg.jp>");
  sender.say("DATA");
  EXPECT_TRUE(sender.say("x\r\n.").starts_with("250"));
  auto mails = sink_.wait_for(2);
  ASSERT_EQ(mails.size(), 2u);
  EXPECT_EQ(mails[0].recipients, std::vector<std::string>{"b@town.example.lg.jp"});
  EXPECT_EQ(mails[1].recipients, std::vector<std::string>{"c@town.example.lg.jp"}); // and b not twice
}

TEST_F(RelayTest, ConversationsAreUsedAgain) {
  open();
  test::Sender sender(port_);
  sender.hello();
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(sender.send("x\r\n").starts_with("250"));
    sink_.wait_for(static_cast<std::size_t>(i) + 1);
  }
  EXPECT_LE(sink_.connections(), 2u);
}

TEST_F(RelayTest, SurvivesANextHopThatHangsUpWhenIdle) {
  open();
  EXPECT_TRUE(send("x\r\n").starts_with("250"));
  sink_.wait_for(1);
  std::atomic<int> once = 1;
  sink_.set_answer([&](const std::string &line) {
    return line.starts_with("MAIL") && once.fetch_sub(1) > 0 ? "hang up" : "";
  });
  EXPECT_TRUE(send("x\r\n").starts_with("250"));
  EXPECT_EQ(sink_.wait_for(2).size(), 2u);
  EXPECT_EQ(record_.events("mail-deferred").size(), 0u); // it was never offered
}

TEST_F(RelayTest, GoesOnAfterARestart) {
  {
    open("lgwan"); // nothing gets out yet
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(send("MARK\r\n").starts_with("250"));
    close();
  }
  open();
  EXPECT_EQ(sink_.wait_for(5).size(), 5u);
  EXPECT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
  close();
  open();
  EXPECT_EQ(sink_.wait_for(6, 300).size(), 5u);
}

TEST_F(RelayTest, AFullSpoolIsNotReadAtOnce) {
  settings_.memory = 0;
  open("lgwan");
  const std::string text = "Subject: x\r\n\r\nSLOW" + std::string(40'000, 'x') + "\r\n";
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(send(text).starts_with("250"));
  close();
  open();
  std::size_t most = 0;
  EXPECT_TRUE(wait_until([&] {
    const Json now = status();
    most = std::max(most, now["memory"].get<std::size_t>());
    return now["queue"] == 0;
  }));
  EXPECT_EQ(sink_.wait_for(20).size(), 20u);
  EXPECT_GT(most, 0u);
  EXPECT_LT(most, 5 * text.size());
}

TEST_F(RelayTest, TooManyConnections) {
  settings_.connections_a_client = 3;
  open();
  std::vector<std::unique_ptr<test::Sender>> open_senders;
  for (int i = 0; i < 3; ++i) {
    open_senders.push_back(std::make_unique<test::Sender>(port_));
    EXPECT_TRUE(open_senders.back()->reply().starts_with("220"));
  }
  test::Sender one_more(port_);
  EXPECT_TRUE(one_more.reply().starts_with("421 4.7.0 too-many-connections"));
  EXPECT_EQ(one_more.reply(), "closed");
  open_senders.clear();
  EXPECT_TRUE(wait_until([&] { return status()["sessions"] == 0; }));
  EXPECT_TRUE(test::Sender(port_).reply().starts_with("220"));
}

TEST_F(RelayTest, SilentPeer) {
  settings_.command_wait = Seconds(0.3);
  open();
  test::Sender sender(port_);
  sender.hello();
  EXPECT_TRUE(sender.reply().starts_with("421 4.4.2 session-timeout"));
  EXPECT_EQ(sender.reply(), "closed");
}

TEST_F(RelayTest, APeerThatDripsIsAsGoodAsASilentOne) { // RFC 5321 §4.5.3.2
  settings_.command_wait = settings_.data_wait = Seconds(0.6);
  open();
  for (const bool in_data : {false, true}) {
    test::Sender sender(port_);
    sender.hello();
    if (in_data) {
      sender.say("MAIL FROM:<a@example.net>");
      sender.say("RCPT TO:<b@town.example.lg.jp>");
      EXPECT_TRUE(sender.say("DATA").starts_with("354"));
    }
    std::atomic<bool> over = false;
    std::thread drips([&] {
      for (int i = 0; i < 40 && !over; ++i) {
        sender.write("x");
        std::this_thread::sleep_for(100ms);
      }
    });
    EXPECT_TRUE(sender.reply().starts_with("421 4.4.2 session-timeout")) << in_data;
    over = true;
    drips.join();
  }
}

TEST_F(RelayTest, ListensToListedClientsOnly) { // M1
  rules_ = rules_for(sink_.port(), "accept from 10.3.0.9");
  open();
  test::Sender sender(port_);
  EXPECT_TRUE(sender.reply().starts_with("554 5.7.1 client-unlisted"));
  EXPECT_EQ(sender.reply(), "closed");
  EXPECT_EQ(record_.wait_for("mail-refused", 1)[0]["reason"], "client-unlisted");
}

/// Many large mails that do not come to their end take bounded memory, and keep no mail of usual size out.
TEST_F(RelayTest, LargeMailsThatDoNotEndGiveTheirRoomUp) { // Z8
  settings_.memory_at_doors = 1 << 20;
  open();
  std::string piece;
  for (int line = 0; line < 300; ++line) piece.append(998, 'x').append("\r\n");
  std::vector<std::unique_ptr<test::Sender>> slow;
  for (int i = 0; i < 5; ++i) { // 300 KB each
    slow.push_back(std::make_unique<test::Sender>(port_));
    slow.back()->hello();
    slow.back()->say("MAIL FROM:<a@example.net>");
    slow.back()->say("RCPT TO:<b@town.example.lg.jp>");
    EXPECT_TRUE(slow.back()->say("DATA").starts_with("354"));
    slow.back()->write(piece + (i == 0 ? "more\r\n" : ""));
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_TRUE(send("Subject: x\r\n\r\nshort\r\n").starts_with("250"));
  int kept = 0, refused = 0;
  for (auto &sender : slow) {
    const std::string answer = sender->say(".");
    kept += answer.starts_with("250");
    refused += answer.starts_with("452 4.3.1 spool-full");
    EXPECT_TRUE(sender->say("NOOP").starts_with("250")) << "the conversation goes on";
  }
  EXPECT_EQ(kept, 3);
  EXPECT_EQ(refused, 2);
  EXPECT_EQ(sink_.wait_for(4).size(), 4u);
  EXPECT_TRUE(send("Subject: x\r\n\r\n" + piece).starts_with("250")) << "and there is room again";
}

TEST_F(RelayTest, WhoeverIsNotLetInIsNotKeptWaiting) { // Z8: a tarpit is for those who are counted
  rules_ = rules_for(sink_.port(), "accept from 10.3.0.9 tarpit 5 s");
  open();
  const auto begin = SteadyClock::now();
  test::Sender sender(port_);
  EXPECT_TRUE(sender.reply().starts_with("554 5.7.1 client-unlisted"));
  EXPECT_LT(SteadyClock::now() - begin, 3s);
}

TEST_F(RelayTest, LimitsByTheRule) { // Z8
  rules_ = rules_for(sink_.port(), "limit 2 connections per net limit 1 recipients per mail limit 2 mails per minute per source");
  open();
  test::Sender one(port_), two(port_), three(port_);
  EXPECT_TRUE(one.reply().starts_with("220"));
  EXPECT_TRUE(two.reply().starts_with("220"));
  EXPECT_TRUE(three.reply().starts_with("421 4.7.0 too-many-connections"));
  one.say("HELO client.example");
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(one.say("MAIL FROM:<a@example.net>").starts_with("250") && one.say("RSET").starts_with("250"));
  EXPECT_TRUE(one.say("MAIL FROM:<a@example.net>").starts_with("450 4.7.0 client-too-fast"));
}

TEST_F(RelayTest, ASourceThatConnectsAgainAndAgainIsRefused) { // Z8
  rules_ = rules_for(sink_.port(), "limit 3 connections per minute per source");
  open();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(test::Sender(port_).reply().starts_with("220"));
  EXPECT_TRUE(test::Sender(port_).reply().starts_with("421 4.7.0 too-many-connections")) << "though all others are gone";
  EXPECT_TRUE(wait_until([&] { return status()["counters"]["too-many-connections"] == 1; })) << status();
}

/// Whoever keeps a door full without a mail gives his place up; who has begun one, and a door with room, are not hurried.
TEST_F(RelayTest, ADoorThatIsNearlyFullWaitsShort) { // Z8
  settings_.connections = settings_.connections_a_client = settings_.connections_a_net = 8;
  settings_.crowded_wait = Seconds(0.6);
  open();
  const auto begin_mail = [](test::Sender &sender) { return sender.hello().starts_with("250") && sender.say("MAIL FROM:<a@example.net>").starts_with("250"); };
  std::vector<std::unique_ptr<test::Sender>> silent;
  for (int i = 0; i < 6; ++i) silent.push_back(std::make_unique<test::Sender>(port_));
  for (auto &sender : silent) EXPECT_TRUE(sender->reply().starts_with("220"));
  std::this_thread::sleep_for(1500ms);
  for (auto &sender : silent) EXPECT_TRUE(sender->say("EHLO client.example").starts_with("250")) << "six of eight are not many";
  test::Sender one(port_); // the seventh
  EXPECT_TRUE(begin_mail(one));
  for (auto &sender : silent) EXPECT_TRUE(sender->reply().starts_with("421 4.4.2 session-timeout"));
  std::this_thread::sleep_for(1500ms);
  EXPECT_TRUE(one.say("RCPT TO:<b@town.example.lg.jp>").starts_with("250"));
  EXPECT_TRUE(one.say("DATA").starts_with("354"));
  EXPECT_TRUE(one.say("Subject: x\r\n\r\nx\r\n.").starts_with("250"));
  EXPECT_TRUE(send("x\r\n").starts_with("250")) << "there is room for others";
}

TEST_F(RelayTest, ADoorThatIsFullWaitsShortForThoseWithAMailToo) { // Z8
  settings_.connections = settings_.connections_a_client = settings_.connections_a_net = 8;
  settings_.crowded_wait = Seconds(0.6);
  settings_.crowded_data_wait = Seconds(30);
  open();
  std::vector<std::unique_ptr<test::Sender>> slow;
  for (int i = 0; i < 8; ++i) {
    slow.push_back(std::make_unique<test::Sender>(port_));
    slow.back()->hello();
    EXPECT_TRUE(slow.back()->say("MAIL FROM:<a@example.net>").starts_with("250"));
  }
  EXPECT_TRUE(slow[0]->say("RCPT TO:<b@town.example.lg.jp>").starts_with("250"));
  EXPECT_TRUE(slow[0]->say("DATA").starts_with("354"));
  for (int i = 1; i < 8; ++i) EXPECT_TRUE(slow[i]->reply().starts_with("421 4.4.2 session-timeout"));
  EXPECT_TRUE(slow[0]->say("Subject: x\r\n\r\nx\r\n.").starts_with("250")) << "lines of a mail may come later than commands";
}

TEST_F(RelayTest, WhatTheSenderWantsToKnowIsKept) { // RFC 3461
  open("lgwan");
  {
    test::Sender sender(port_);
    sender.reply();
    sender.say("EHLO client.example");
    sender.say("MAIL FROM:<a@example.net> RET=HDRS ENVID=X1");
    sender.say("RCPT TO:<b@town.example.lg.jp> NOTIFY=SUCCESS ORCPT=rfc822;b@old.example");
    for (const char *asked : {"c@town.example.lg.jp> NOTIFY=NEVER", "d@town.example.lg.jp> NOTIFY=NEVER", "c@town.example.lg.jp> NOTIFY=FAILURE",
                              "d@town.example.lg.jp>"})
      EXPECT_TRUE(sender.say(std::string("RCPT TO:<") + asked).starts_with("250"));
    EXPECT_TRUE(sender.say("BDAT 3 LAST\r\nx").starts_with("250 2.0.0 kept as"));
  }
  close();
  auto disk = spool::open_folder(folder_ + "/mail");
  auto spool = spool::Spool::open(*disk, spool::test_keys(), {.segment_size = 1 << 20, .max_segments = 8});
  ASSERT_TRUE(spool) << spool.error().what;
  const auto waiting = spool->waiting();
  ASSERT_EQ(waiting.size(), 1u);
  const spool::Envelope &envelope = waiting.begin()->second;
  EXPECT_EQ(envelope.returned, spool::Return::headers);
  EXPECT_EQ(envelope.envelope_id, "X1");
  EXPECT_EQ(envelope.recipients, (std::vector<std::string>{"b@town.example.lg.jp", "c@town.example.lg.jp", "d@town.example.lg.jp"}))
      << "each once, whatever was asked for";
  ASSERT_EQ(envelope.notify.size(), 3u);
  EXPECT_EQ(envelope.notify[0], (spool::Notify{true, true, false, false, "rfc822;b@old.example"}));
  EXPECT_EQ(envelope.notify[1], (spool::Notify{true, false, true, false, ""}));
  EXPECT_EQ(envelope.notify[2], spool::Notify());
}

TEST_F(RelayTest, SpoolDepth) {
  settings_.waiting_mails = 3;
  open("lgwan");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(send("x\r\n").starts_with("250"));
  EXPECT_TRUE(send("x\r\n").starts_with("452 4.3.1 spool-full"));
}

TEST_F(RelayTest, PeersOfARelayWhoseMailsPileUpAreToldLater) { // and later
  settings_.resting_mails = 0;
  open("lgwan");
  const auto begin = SteadyClock::now();
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(send("x\r\n").starts_with("250"));
  EXPECT_GT(SteadyClock::now() - begin, 500ms); // 0 + 1 + … + 38 ms
}

TEST_F(RelayTest, ManyAtOnce) {
  open();
  std::vector<std::thread> senders;
  for (int s = 0; s < 8; ++s)
    senders.emplace_back([&] {
      test::Sender sender(port_);
      sender.hello();
      for (int i = 0; i < 25; ++i) EXPECT_TRUE(sender.send("STRIP\r\n").starts_with("250"));
    });
  for (std::thread &sender : senders) sender.join();
  EXPECT_EQ(sink_.wait_for(200).size(), 200u);
  EXPECT_TRUE(wait_until([&] { return status()["queue"] == 0 && status()["hold"] == 200; }));
  EXPECT_EQ(record_.wait_for("mail-received", 200).size(), 200u);
}

TEST_F(RelayTest, RulesThatNeedAnotherDoorAreNotTaken) {
  open();
  auto other = rules_for(sink_.port());
  auto &relay = const_cast<rules::Relay &>(other->relays()[0]);
  relay.listen_port = 2626;
  EXPECT_FALSE(on_loop([&] { return relay_->set_rules(other).has_value(); }));
}

TEST_F(RelayTest, StopsInOrder) {
  open();
  test::Sender sender(port_);
  sender.hello();
  relay_->stop();
  EXPECT_TRUE(sender.reply().starts_with("421 4.3.2 gateway-stopping"));
  thread_.join();
  relay_.reset();
}

// -- notices and the queue ---------------------------------------------------------------------------------------

TEST_F(RelayOutTest, AListedSenderIsToldOfAFailure) { // RFC 3464
  refuse("c@", "550 5.1.1 no such user");
  open_out("bounce to \"*@town.example.lg.jp\"");
  const std::string receipt = send_out("a@town.example.lg.jp", {"b@out.example", "c@out.example"});
  EXPECT_EQ(outside_.wait_for(1).size(), 1u);
  auto mails = sink_.wait_for(1);
  ASSERT_EQ(mails.size(), 1u);
  EXPECT_EQ(mails[0].from, "");
  EXPECT_EQ(mails[0].recipients, std::vector<std::string>{"a@town.example.lg.jp"});
  EXPECT_NE(mails[0].text.find("Final-Recipient: rfc822;c@out.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"),
            std::string::npos) << mails[0].text;
  EXPECT_EQ(mails[0].text.find("b@out.example"), std::string::npos);
  EXPECT_EQ(mails[0].text.find("secret"), std::string::npos); // nothing of the original
  auto bounced = record_.wait_for("mail-bounced", 1);
  ASSERT_EQ(bounced.size(), 1u);
  EXPECT_EQ(bounced[0]["receipt"], receipt);
  EXPECT_EQ(bounced[0]["recipients"], Json::array({"c@out.example"}));
  EXPECT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
  EXPECT_EQ(status()["hold"], 0);
  EXPECT_EQ(sink_.wait_for(2, 100).size(), 1u);
}

TEST_F(RelayOutTest, EachRecipientHasItsOwnAnswer) {
  outside_.set_answer([](const std::string &line) {
    for (const auto &[who, answer] : {std::pair("<c@", "550 5.1.1 no such user"), std::pair("<d@", "552 5.2.2 full"), std::pair("<e@", "450 4.2.1 busy"),
                                      std::pair("<f@", "451 4.7.1 greylisted")})
      if (line.find(std::string("RCPT TO:") + who) == 0) return std::string(answer);
    return std::string();
  });
  rules_ = rules_both_ways(sink_.port(), outside_.port(), 2526,
                           "bounce to \"*@town.example.lg.jp\"  retry for 5 days  delay notice after 1 hour");
  const_cast<rules::Relay &>(rules_->relays()[1]).patience.delay_notice = 1;
  reopen();
  std::vector<std::string> to;
  for (const char *name : {"b", "c", "d", "e", "f"}) to.push_back(std::string(name) + "@out.example");
  const std::string receipt = send_out("a@town.example.lg.jp", to);
  const std::string hop = "127.0.3.2:" + std::to_string(outside_.port());
  const auto answer_of = [&](const Json &event, std::size_t place) {
    return event["answers"][place]["recipient"].get<std::string>() + " " + event["answers"][place]["answer"].get<std::string>();
  };
  const auto bounced = record_.wait_for("mail-bounced", 1), deferred = record_.wait_for("mail-deferred", 1), delayed = record_.wait_for("mail-delay-told", 1);
  ASSERT_TRUE(bounced.size() == 1 && !deferred.empty() && delayed.size() == 1);
  EXPECT_EQ(answer_of(bounced[0], 0), "c@out.example 550 5.1.1 no such user");
  EXPECT_EQ(answer_of(bounced[0], 1), "d@out.example 552 5.2.2 full");
  for (const Json &event : {deferred[0], delayed[0]}) {
    EXPECT_EQ(answer_of(event, 0), "e@out.example 450 4.2.1 busy");
    EXPECT_EQ(answer_of(event, 1), "f@out.example 451 4.7.1 greylisted");
  }
  for (const Json &event : {bounced[0], deferred[0], delayed[0]}) EXPECT_EQ(event["next_hop"], hop);
  const Json listed = ask_queue(R"({"action":"show","who":{"uid":0,"pid":7},"receipt":")" + receipt + "\"}")["mails"][0];
  EXPECT_EQ(answer_of(listed, 1), "f@out.example 451 4.7.1 greylisted") << listed;
  const auto mails = sink_.wait_for(2); // the failure, then the delay
  ASSERT_EQ(mails.size(), 2u);
  for (const char *text : {"rfc822;e@out.example\r\nAction: delayed\r\nStatus: 4.2.1\r\nDiagnostic-Code: smtp; 450 4.2.1 busy\r\n",
                           "rfc822;f@out.example\r\nAction: delayed\r\nStatus: 4.7.1\r\nDiagnostic-Code: smtp; 451 4.7.1 greylisted\r\n"})
    EXPECT_NE(mails[1].text.find(text), std::string::npos) << text << mails[1].text;
}

TEST_F(RelayOutTest, ASenderOfAnInternationalizedDomainIsToldToo) { // RFC 6531, RFC 5890
  refuse("b@", "550 5.1.1 no such user");
  sink_.set_answer([](const std::string &line) { return line.starts_with("EHLO") ? "250-sink.example\r\n250 SMTPUTF8" : ""; });
  open_out("bounce to \"*@xn--r8jz45g.jp\"  forwarding allow");
  const auto hand_in = [&](const std::string &from) {
    test::Sender sender(port_);
    sender.hello();
    for (const std::string &line : {"MAIL FROM:<" + from + "> SMTPUTF8", std::string("RCPT TO:<b@out.example>"), std::string("DATA")})
      (void)sender.say(line);
    return sender.say("Subject: x\r\n\r\nx\r\n.").substr(0, 3);
  };
  std::size_t told = 0;
  for (const std::string from : {"a@例え.jp", "用@例え.jp", "a@xn--r8jz45g.jp"}) {
    EXPECT_EQ(hand_in(from), "250");
    const auto mails = sink_.wait_for(++told);
    ASSERT_EQ(mails.size(), told) << from;
    EXPECT_EQ(mails.back().recipients, std::vector<std::string>{from == "用@例え.jp" ? from : "a@xn--r8jz45g.jp"});
  }
  EXPECT_EQ(hand_in("a@例.jp"), "250");
  EXPECT_TRUE(wait_until([&] { return status()["hold"] == 1 && status()["queue"] == 0; }));
  EXPECT_EQ(sink_.wait_for(told + 1, 100).size(), told);
}

TEST_F(RelayOutTest, AnInternationalizedDomainReachesAHopWithoutSmtputf8) { // RFC 6531 §3.2
  open_out("");
  test::Sender sender(port_);
  sender.hello();
  for (const char *line : {"MAIL FROM:<a@例え.jp> SMTPUTF8", "RCPT TO:<b@out.example>", "DATA"}) (void)sender.say(line);
  EXPECT_TRUE(sender.say("Subject: x\r\n\r\nx\r\n.").starts_with("250"));
  const auto mails = outside_.wait_for(1);
  ASSERT_EQ(mails.size(), 1u);
  EXPECT_EQ(mails[0].from, "a@xn--r8jz45g.jp");
}

TEST_F(RelayOutTest, NobodyElseIsTold) { // no backscatter
  refuse("b@", "550 5.1.1 no such user");
  open_out("bounce to \"*@town.example.lg.jp\"  forwarding allow");
  send_out("a@elsewhere.example");
  send_out("");
  send_out("a%elsewhere.example@town.example.lg.jp");
  EXPECT_EQ(record_.wait_for("mail-held", 3).size(), 3u);
  EXPECT_TRUE(wait_until([&] { return status()["hold"] == 3 && status()["queue"] == 0; }));
  EXPECT_EQ(sink_.wait_for(1, 100).size(), 0u);
}

TEST_F(RelayOutTest, WithoutTheRuleItIsHeld) {
  refuse("b@", "550 5.1.1 no such user");
  open_out("");
  send_out();
  EXPECT_TRUE(wait_until([&] { return status()["hold"] == 1 && status()["queue"] == 0; }));
  EXPECT_EQ(sink_.wait_for(1, 100).size(), 0u);
}

TEST_F(RelayOutTest, ANoticeThatCannotBeDeliveredIsHeldAndTellsNobody) {
  refuse("b@", "550 5.1.1 no such user");
  sink_.set_answer([](const std::string &line) { return line.starts_with("RCPT") ? "550 5.1.1 nobody" : ""; });
  open_out("bounce to \"*@town.example.lg.jp\"");
  send_out();
  EXPECT_TRUE(wait_until([&] { return status()["hold"] == 1 && status()["queue"] == 0; }));
  EXPECT_EQ(record_.events("mail-bounced").size(), 1u);
}

TEST_F(RelayOutTest, ANoticeSurvivesARestart) {
  refuse("b@", "550 5.1.1 no such user");
  std::atomic<bool> busy = true;
  sink_.set_answer([&](const std::string &line) { return line.starts_with("RCPT") && busy ? "450 busy" : ""; });
  open_out("bounce to \"*@town.example.lg.jp\"");
  send_out();
  ASSERT_EQ(record_.wait_for("mail-deferred", 1).size(), 1u);
  close();
  busy = false;
  reopen();
  EXPECT_EQ(sink_.wait_for(1).size(), 1u);
  EXPECT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
  EXPECT_EQ(sink_.wait_for(2, 100).size(), 1u);
}

/// Who was refused while others are still tried is not forgotten by a crash.
TEST_F(RelayOutTest, ARefusedRecipientOutlivesARestart) {
  outside_.set_answer([](const std::string &line) {
    return line.starts_with("RCPT TO:<b@") ? "550 no" : line.starts_with("RCPT TO:<c@") ? "450 busy" : "";
  });
  open_out("");
  send_out("a@town.example.lg.jp", {"b@out.example", "c@out.example", "d@out.example"});
  ASSERT_GE(record_.wait_for("mail-deferred", 1).size(), 1u);
  close();
  refuse("b@", "550 no");
  reopen();
  auto held = record_.wait_for("mail-held", 1);
  ASSERT_EQ(held.size(), 1u);
  EXPECT_EQ(held[0]["recipients"], Json::array({"b@out.example"}));
  EXPECT_EQ(outside_.wait_for(2).size(), 2u); // d, then c
}

TEST_F(RelayOutTest, ADelayIsToldOnce) {
  outside_.set_answer([](const std::string &line) { return line.starts_with("RCPT") ? "450 4.2.1 busy" : ""; });
  rules_ = rules_both_ways(sink_.port(), outside_.port(), 2526,
                           "bounce to \"*@town.example.lg.jp\"  retry for 5 days  delay notice after 1 hour");
  const_cast<rules::Relay &>(rules_->relays()[1]).patience.delay_notice = 1;
  reopen();
  send_out();
  auto mails = sink_.wait_for(1);
  ASSERT_EQ(mails.size(), 1u);
  EXPECT_NE(mails[0].text.find("Action: delayed\r\nStatus: 4.2.1\r\n"), std::string::npos) << mails[0].text;
  EXPECT_NE(mails[0].text.find("Will-Retry-Until: "), std::string::npos);
  close();
  reopen();
  ASSERT_GE(record_.wait_for("mail-deferred", 8).size(), 8u);
  EXPECT_EQ(sink_.wait_for(2, 300).size(), 1u); // also over a restart
  EXPECT_EQ(record_.events("mail-delay-told").size(), 1u);
}

TEST_F(RelayOutTest, GivenUpAfterTheTimeOfTheRule) {
  outside_.set_answer([](const std::string &line) { return line.starts_with("RCPT") ? "450 4.2.1 busy" : ""; });
  rules_ = rules_both_ways(sink_.port(), outside_.port(), 2526, "bounce to \"*@town.example.lg.jp\"  retry for 1 hour");
  const_cast<rules::Relay &>(rules_->relays()[1]).patience.give_up = 1;
  reopen();
  send_out();
  auto mails = sink_.wait_for(1);
  ASSERT_EQ(mails.size(), 1u);
  EXPECT_NE(mails[0].text.find("Action: failed\r\nStatus: 5.4.7\r\n"), std::string::npos) << mails[0].text;
  EXPECT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
}

/// What waits for answers about its sender is not taken for a relay that the rules have no more.
TEST_F(RelayOutTest, ARelayThatLeavesTheRulesTakesNothingMore) {
  std::uint16_t names_port = 0;
  UniqueFd names = test::listen_on("127.0.3.2", names_port); // takes the question and says nothing
  open_out(fmt::format("authentication tell resolver 127.0.3.2 port {}", names_port));
  std::future<std::string> answer = std::async(std::launch::async, [&] { return send_out(); });
  pollfd asked{names.get(), POLLIN, 0};
  ASSERT_EQ(::poll(&asked, 1, 10'000), 1);
  ASSERT_TRUE(on_loop([&] { return relay_->set_rules(rules_for(sink_.port()), {}).has_value(); }));
  names.reset();
  EXPECT_TRUE(answer.get().starts_with("550 5.7.1 relay-denied"));
  EXPECT_EQ(status()["queue"], 0);
}

/// While a mail stands still its time goes on (RFC 5321 §4.5.4.1).
class StandstillTest : public RelayOutTest {
protected:
  /// Seconds until the delay is told, and until it is given up.
  void open_with(std::uint32_t delay_notice, std::uint32_t give_up, const std::string &more = "") {
    rules_ = rules_both_ways(sink_.port(), outside_.port(), 2526,
                             "bounce to \"*@town.example.lg.jp\"  retry for 1 hour  delay notice after 5 minutes  " + more);
    auto &patience = const_cast<rules::Relay &>(rules_->relays()[1]).patience;
    patience.delay_notice = delay_notice;
    patience.give_up = give_up;
    reopen();
  }
  void sever(const char *zones) {
    on_loop([&] { relay_->set_severed(zones); });
  }
  void defer_all() {
    outside_.set_answer([](const std::string &line) { return line.starts_with("RCPT") ? "450 4.2.1 busy" : ""; });
  }
  Json shown(const std::string &receipt) { return ask_queue(R"({"action":"show","receipt":")" + receipt + "\"}")["mails"][0]; }
  void order(const char *what, const std::string &receipt) {
    EXPECT_EQ(ask_queue(fmt::format(R"({{"action":"{}","why":"x","who":{{"uid":0,"pid":7}},"receipt":"{}"}})", what, receipt))["changed"], 1);
  }
  static std::string words_in(const test::Arrived &notice) {
    const std::size_t begin = notice.text.find("base64\r\n\r\n") + 10;
    std::string text = notice.text.substr(begin, notice.text.find("\r\n--", begin) - begin);
    std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
    std::string words(text.size(), '\0');
    EVP_DecodeBlock(reinterpret_cast<unsigned char *>(words.data()), reinterpret_cast<const unsigned char *>(text.data()),
                    static_cast<int>(text.size()));
    return words;
  }
};

TEST_F(StandstillTest, SendersHearWhileAZoneIsSevered) {
  open_with(1, 3);
  sever("internet");
  const std::string receipt = send_out();
  ASSERT_TRUE(wait_until([&] { return shown(receipt)["state"] == "closed"; }));
  EXPECT_EQ(shown(receipt)["reason"], "mail-zone-severed");
  const auto mails = sink_.wait_for(2); // a notice comes from no zone
  ASSERT_EQ(mails.size(), 2u);
  EXPECT_NE(mails[0].text.find("Action: delayed\r\nStatus: 4.3.2\r\n"), std::string::npos) << mails[0].text;
  EXPECT_NE(mails[0].text.find("Will-Retry-Until: "), std::string::npos);
  EXPECT_NE(words_in(mails[0]).find("この宛先への配送は、関所で止められています。"), std::string::npos) << words_in(mails[0]);
  EXPECT_NE(mails[1].text.find("Action: failed\r\nStatus: 5.4.7\r\nDiagnostic-Code: x-sekisho; the zone is cut off\r\n"), std::string::npos) << mails[1].text;
  EXPECT_NE(words_in(mails[1]).find("The gateway's way to this recipient is shut."), std::string::npos) << words_in(mails[1]);
  ASSERT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
  EXPECT_EQ(status()["hold"], 0) << "what is told is not held";
  sever("");
  EXPECT_EQ(outside_.wait_for(1, 700).size(), 0u);
  EXPECT_EQ(record_.events("mail-delay-told").size(), 1u);
}

TEST_F(StandstillTest, WhereNobodyIsToldItIsHeldInTime) {
  open_with(1, 2, "forwarding allow");
  sever("internet");
  send_out("stranger@example.net");
  const auto held = record_.wait_for("mail-held", 1);
  ASSERT_EQ(held.size(), 1u);
  EXPECT_EQ(held[0]["reason"], "delivery-expired");
  EXPECT_TRUE(wait_until([&] { return status()["hold"] == 1 && status()["queue"] == 0; }));
}

TEST_F(StandstillTest, ANoticeWaitsWhereItsOwnWayIsSevered) {
  defer_all();
  open_with(1, 1000);
  send_out();
  ASSERT_GE(record_.wait_for("mail-deferred", 1).size(), 1u);
  sever("lgwan");
  ASSERT_EQ(record_.wait_for("mail-delay-told", 1).size(), 1u);
  EXPECT_EQ(sink_.wait_for(1, 1200).size(), 0u);
  EXPECT_EQ(status()["queue"], 2) << "the mail and the notice";
  sever("");
  EXPECT_EQ(sink_.wait_for(1).size(), 1u);
}

TEST_F(StandstillTest, SendersHearWhileTheBreakerStandsOpen) { // M2
  defer_all();
  open_with(1000, 1000);
  send_out();
  ASSERT_GE(record_.wait_for("mail-deferred", 1).size(), 1u);
  close();
  std::ofstream(folder_ + "/guard/stopped.outbound") << R"({"since":"2026-11-28T00:00:00Z","why":"x"})" "\n";
  open_with(1, 3);
  EXPECT_EQ(sink_.wait_for(2).size(), 2u);
  EXPECT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
  EXPECT_EQ(record_.events("mail-delay-told").size(), 1u);
  EXPECT_EQ(record_.events("mail-bounced").size(), 1u);
}

TEST_F(StandstillTest, WithoutItsKeyItWaitsAndSaysWhy) { // RFC 6376: nothing leaves unsigned
  open_with(1, 1000, R"(sign dkim domain "town.example.lg.jp" selector "s1" key "/etc/sekisho/dkim.pem")");
  const std::string receipt = send_out();
  ASSERT_TRUE(wait_until([&] { return shown(receipt)["state"] == "closed"; }));
  EXPECT_EQ(shown(receipt)["answer"], "no usable key for the relay's DKIM signature");
  const auto mails = sink_.wait_for(1);
  ASSERT_EQ(mails.size(), 1u);
  EXPECT_NE(mails[0].text.find("Action: delayed\r\nStatus: 4.3.2\r\n"), std::string::npos) << mails[0].text;
  EXPECT_NE(words_in(mails[0]).find("The gateway's way to this recipient is shut."), std::string::npos) << words_in(mails[0]);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> pem(BIO_new(BIO_s_mem()), BIO_free);
  ASSERT_EQ(PEM_write_bio_PrivateKey(pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr), 1);
  char *octets = nullptr;
  const auto size = static_cast<std::size_t>(BIO_get_mem_data(pem.get(), &octets));
  const role::Secrets secrets = {{"/etc/sekisho/dkim.pem", std::string(octets, size)}};
  ASSERT_TRUE(on_loop([&] { return relay_->set_rules(rules_, secrets).has_value(); }));
  const auto arrived = outside_.wait_for(1);
  ASSERT_EQ(arrived.size(), 1u);
  EXPECT_TRUE(arrived[0].text.starts_with("DKIM-Signature: ")) << arrived[0].text;
}

TEST_F(StandstillTest, WhatAPersonKeepsIsToldButNotGivenUp) {
  defer_all();
  open_with(1, 2);
  sever("internet");
  const std::string receipt = send_out();
  ASSERT_TRUE(wait_until([&] { return shown(receipt)["state"] == "closed"; }));
  order("hold", receipt);
  sever("");
  const auto mails = sink_.wait_for(1);
  ASSERT_EQ(mails.size(), 1u);
  EXPECT_NE(mails[0].text.find("Action: delayed\r\nStatus: 4.3.2\r\n"), std::string::npos) << mails[0].text;
  EXPECT_EQ(mails[0].text.find("Will-Retry-Until"), std::string::npos) << "nobody can say";
  EXPECT_NE(words_in(mails[0]).find("確認が済むまで"), std::string::npos) << words_in(mails[0]);
  EXPECT_EQ(words_in(mails[0]).find("1970"), std::string::npos) << words_in(mails[0]);
  EXPECT_EQ(sink_.wait_for(2, 2500).size(), 1u);
  EXPECT_EQ(shown(receipt)["state"], "held");
  order("release", receipt);
  const auto after = sink_.wait_for(2);
  ASSERT_EQ(after.size(), 2u);
  EXPECT_NE(after[1].text.find("Action: failed\r\nStatus: 5.4.7\r\nDiagnostic-Code: smtp; 450 4.2.1 busy\r\n"), std::string::npos)
      << "after an attempt: " << after[1].text;
}

TEST_F(RelayOutTest, TriedAgainWhenTheRuleSays) {
  settings_.retry_wait.reset();
  std::mutex mutex;
  std::vector<std::chrono::steady_clock::time_point> tries;
  outside_.set_answer([&](const std::string &line) {
    if (!line.starts_with("RCPT")) return "";
    std::lock_guard lock(mutex);
    tries.push_back(std::chrono::steady_clock::now());
    return tries.size() < 3 ? "450 4.2.1 busy" : "";
  });
  rules_ = rules_both_ways(sink_.port(), outside_.port(), 2526, "retry after 1 s at least every 1 minute for 5 minutes");
  reopen();
  send_out();
  ASSERT_EQ(outside_.wait_for(1).size(), 1u);
  std::lock_guard lock(mutex);
  ASSERT_EQ(tries.size(), 3u);
  const std::chrono::duration<double> first = tries[1] - tries[0], second = tries[2] - tries[1];
  EXPECT_TRUE(first.count() > 0.9 && first.count() < 2.5) << first.count();
  EXPECT_TRUE(second.count() > 2.9 && second.count() < 4.5) << second.count();
}

TEST_F(RelayOutTest, TheLastAttemptIsNotAWholeWaitLater) {
  settings_.retry_wait.reset();
  outside_.set_answer([](const std::string &line) { return line.starts_with("RCPT") ? "450 4.2.1 busy" : ""; });
  rules_ = rules_both_ways(sink_.port(), outside_.port(), 2526, "retry after 1 minute  bounce to \"*@town.example.lg.jp\"");
  const_cast<rules::Relay &>(rules_->relays()[1]).patience.give_up = 2;
  reopen();
  send_out();
  auto mails = sink_.wait_for(1);
  ASSERT_EQ(mails.size(), 1u);
  EXPECT_NE(mails[0].text.find("Action: failed\r\nStatus: 5.4.7\r\n"), std::string::npos) << mails[0].text;
}

TEST_F(RelayOutTest, AnOrderReachesWhatWaitsForAConversation) { // L1
  settings_.deliveries_a_relay = 1;
  std::atomic<int> mails = 0;
  outside_.set_answer([&](const std::string &line) {
    if (line == "DATA" && ++mails == 1) std::this_thread::sleep_for(1500ms);
    return std::string();
  });
  open_out("");
  send_out();
  ASSERT_TRUE(wait_until([&] { return mails == 1; }));
  const std::string dropped = send_out(), stopped = send_out();
  ASSERT_EQ(record_.wait_for("mail-treated", 3).size(), 3u);
  const std::string more = R"(","why":"x","who":{"uid":0,"pid":7}})";
  EXPECT_EQ(ask_queue(R"({"action":"drop","receipt":")" + dropped + more)["changed"], 1);
  EXPECT_EQ(ask_queue(R"({"action":"hold","receipt":")" + stopped + more)["changed"], 1);
  EXPECT_TRUE(wait_until([&] { return status()["hold"] == 1 && status()["queue"] == 1; }));
  EXPECT_EQ(outside_.wait_for(2, 300).size(), 1u);
  EXPECT_EQ(ask_queue(R"({"action":"show","receipt":")" + stopped + "\"}")["mails"][0]["attempts"], 0);
  EXPECT_EQ(ask_queue(R"({"action":"release","receipt":")" + stopped + more)["changed"], 1);
  EXPECT_EQ(outside_.wait_for(2).size(), 2u);
}

TEST_F(RelayOutTest, WhatWaitsForANextHopThatHangsDoesNotFillTheMemory) { // Z8
  settings_.memory = 100;
  settings_.deliveries_a_relay = 2;
  std::atomic<bool> hangs = true;
  outside_.set_answer([&](const std::string &line) {
    while (line == "DATA" && hangs) std::this_thread::sleep_for(5ms);
    return std::string();
  });
  open_out("");
  for (int i = 0; i < 30; ++i) EXPECT_EQ(send_out().size(), 12u);
  const auto memory = [&] { return status()["memory"].get<std::size_t>(); };
  EXPECT_TRUE(wait_until([&] { return memory() >= settings_.memory; }));
  std::this_thread::sleep_for(300ms);
  EXPECT_LT(memory(), 500u) << "all would take 1,400";
  test::Sender sender(inbound_port_);
  sender.hello();
  EXPECT_TRUE(sender.send("x\r\n", "b@town.example.lg.jp").starts_with("250"));
  EXPECT_EQ(sink_.wait_for(1).size(), 1u) << "another relay goes on";
  hangs = false;
  EXPECT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
  EXPECT_EQ(outside_.wait_for(30).size(), 30u);
  EXPECT_EQ(memory(), 0u);
}

TEST_F(RelayOutTest, TheQueueIsSeenAndSteered) { // L1
  settings_.retry_wait = Seconds(60);
  std::atomic<bool> busy = true;
  outside_.set_answer([&](const std::string &line) { return line.starts_with("RCPT") && busy ? "450 4.2.1 busy" : ""; });
  open_out("");
  const std::string one = send_out(), two = send_out("a@town.example.lg.jp", {"c@out.example"}),
                    three = send_out("a@town.example.lg.jp", {"d@out.example"});
  ASSERT_EQ(record_.wait_for("mail-deferred", 3).size(), 3u);
  const Json list = ask_queue(R"({"action":"list","recipient":"c@out.example"})");
  ASSERT_EQ(list["total"], 1);
  EXPECT_EQ(list["mails"][0]["receipt"], two);
  EXPECT_EQ(list["mails"][0]["state"], "waiting");
  EXPECT_EQ(list["mails"][0]["reason"], "next-hop-deferred");
  EXPECT_EQ(list["mails"][0]["answer"], "450 4.2.1 busy");
  EXPECT_EQ(ask_queue(R"({"action":"list"})")["total"], 3);

  const std::string who = R"(,"who":{"uid":1000,"pid":7,"user":"soumu"}})";
  EXPECT_TRUE(ask_queue(R"({"action":"hold","why":"x")" + who).contains("error")) << "which ones?";
  EXPECT_TRUE(ask_queue(R"({"action":"hold","receipt":")" + two + "\"" + who).contains("error")) << "why?";
  EXPECT_EQ(ask_queue(R"({"action":"hold","why":"問い合わせ中","receipt":")" + two + "\"" + who)["changed"], 1);
  EXPECT_EQ(ask_queue(R"({"action":"drop","why":"誤送信","receipt":")" + three + "\"" + who)["changed"], 1);
  EXPECT_TRUE(wait_until([&] { return status()["hold"] == 1 && status()["queue"] == 2; }));
  EXPECT_EQ(record_.wait_for("mail-held", 1)[0]["reason"], "queue-dropped");
  auto stopped = record_.wait_for("queue-held", 1);
  ASSERT_EQ(stopped.size(), 1u);
  EXPECT_EQ(stopped[0]["receipt"], two);
  EXPECT_EQ(stopped[0]["who"], Json({{"uid", 1000}, {"pid", 7}, {"user", "soumu"}}));
  EXPECT_EQ(stopped[0]["why"], "問い合わせ中");

  busy = false;
  close();
  reopen(); // what was stopped stays so
  EXPECT_EQ(outside_.wait_for(1).size(), 1u);
  EXPECT_EQ(outside_.wait_for(2, 300).size(), 1u);
  const Json shown = ask_queue(R"({"action":"show","receipt":")" + two + "\"}")["mails"][0];
  EXPECT_EQ(shown["state"], "held");
  EXPECT_EQ(shown["by"], 1000);
  EXPECT_EQ(shown["by_user"], "soumu") << "his name then";
  EXPECT_EQ(ask_queue(R"({"action":"flush","everything":true)" + who)["changed"], 0);
  const std::string kept = ask_queue(R"({"action":"flush","receipt":")" + two + "\"" + who)["error"].get<std::string>();
  EXPECT_TRUE(kept.starts_with(two + " is held by soumu since ")) << kept;
  EXPECT_NE(kept.find("(問い合わせ中)"), std::string::npos) << kept;
  EXPECT_EQ(ask_queue(R"({"action":"release","receipt":")" + two + "\"" + who)["changed"], 1);
  EXPECT_EQ(outside_.wait_for(2).size(), 2u);
  EXPECT_TRUE(wait_until([&] { return status()["queue"] == 0; }));
}

TEST_F(RelayOutTest, AnOrderThatComesWhileAMailIsHandedOverDoesNotWait) {
  settings_.retry_wait = Seconds(60);
  std::atomic<bool> reached = false;
  outside_.set_answer([&](const std::string &line) {
    if (!line.starts_with("RCPT")) return std::string();
    reached = true;
    std::this_thread::sleep_for(300ms);
    return std::string("450 4.2.1 busy");
  });
  open_out("");
  send_out();
  ASSERT_TRUE(wait_until([&] { return reached.load(); }));
  EXPECT_EQ(ask_queue(R"({"action":"drop","why":"x","everything":true})")["changed"], 1);
  EXPECT_TRUE(wait_until([&] { return status()["hold"] == 1 && status()["queue"] == 0; }));
}

TEST_F(RelayOutTest, FlushTriesAtOnce) {
  settings_.retry_wait = Seconds(60);
  std::atomic<bool> busy = true;
  outside_.set_answer([&](const std::string &line) { return line.starts_with("RCPT") && busy ? "450 4.2.1 busy" : ""; });
  open_out("");
  send_out();
  ASSERT_EQ(record_.wait_for("mail-deferred", 1).size(), 1u);
  busy = false;
  EXPECT_EQ(ask_queue(R"({"action":"flush","relay":"inbound"})")["changed"], 0);
  EXPECT_EQ(ask_queue(R"({"action":"flush","relay":"outbound","who":{"uid":0}})")["changed"], 1);
  EXPECT_EQ(outside_.wait_for(1).size(), 1u);
  EXPECT_EQ(record_.wait_for("queue-flushed", 1).size(), 1u);
}

TEST_F(RelayOutTest, NoOrderWithoutRecord) { // L1
  settings_.retry_wait = Seconds(60);
  outside_.set_answer([](const std::string &line) { return line.starts_with("RCPT") ? "450 4.2.1 busy" : ""; });
  open_out("");
  send_out();
  ASSERT_EQ(record_.wait_for("mail-deferred", 1).size(), 1u);
  record_.broken = true;
  EXPECT_TRUE(ask_queue(R"({"action":"hold","why":"x","everything":true})").contains("error"));
  record_.broken = false;
  EXPECT_EQ(ask_queue(R"({"action":"list"})")["mails"][0]["state"], "waiting");
}

} // namespace
} // namespace sekisho::relay
