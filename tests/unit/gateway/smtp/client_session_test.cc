#include "gateway/smtp/client_session.hh"

#include <gtest/gtest.h>

namespace sekisho::smtp {
namespace {

Outgoing mail_to(std::vector<std::string> recipients) {
  static const std::string text = "Subject: x\r\n\r\n.dot\r\n";
  Outgoing mail;
  mail.from = "a@example.net";
  mail.recipients = std::move(recipients);
  mail.trace = "Received: by gate\r\n";
  mail.mail = as_bytes(text);
  return mail;
}

/// Plays the server: what the client says must equal `expected`, then `answer` is fed.
struct Play {
  ClientSession session{"gate.example"};

  std::string said() {
    std::string all;
    for (ClientAction action = session.next();; action = session.next()) {
      if (auto *send = std::get_if<ClientSend>(&action)) all += send->octets;
      else {
        last = std::move(action);
        return all;
      }
    }
  }
  void hear(std::string_view text) { session.feed(as_bytes(text)); }
  void connect(std::string_view extensions = "250-gate\r\n250-PIPELINING\r\n250 SIZE 1000\r\n") {
    EXPECT_EQ(said(), "");
    hear("220 next.example ESMTP\r\n");
    EXPECT_EQ(said(), "EHLO gate.example\r\n");
    hear(extensions);
    EXPECT_EQ(said(), "");
    EXPECT_TRUE(std::holds_alternative<ClientIdle>(last));
  }
  std::vector<Answer> answers() {
    if (auto *answered = std::get_if<ClientAnswered>(&last)) return answered->answers;
    if (auto *gone = std::get_if<ClientGone>(&last)) return gone->answers;
    return {};
  }
  ClientAction last = {};
};

const std::string sent_mail = "Received: by gate\r\nSubject: x\r\n\r\n..dot\r\n.\r\n";

TEST(ClientSession, Pipelines) {
  Play play;
  play.connect();
  play.session.deliver(mail_to({"b@t.example", "c@t.example"}));
  EXPECT_EQ(play.said(), "MAIL FROM:<a@example.net> SIZE=39\r\nRCPT TO:<b@t.example>\r\n"
                         "RCPT TO:<c@t.example>\r\nDATA\r\n");
  play.hear("250 ok\r\n250 ok\r\n550 5.1.1 unknown\r\n354 go\r\n");
  EXPECT_EQ(play.said(), sent_mail);
  play.hear("250 2.0.0 queued as 1\r\n");
  EXPECT_EQ(play.said(), "");
  auto answers = play.answers();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].what, Answer::What::delivered);
  EXPECT_EQ(answers[0].text, "250 2.0.0 queued as 1");
  EXPECT_EQ(answers[1].what, Answer::What::refused);
  EXPECT_EQ(answers[1].code, 550);
  play.session.deliver(mail_to({"b@t.example"})); // the connection serves again
  EXPECT_TRUE(play.said().starts_with("MAIL FROM"));
}

TEST(ClientSession, OneRecipientTooManyIsTriedAgain) { // RFC 5321 §4.5.3.1.10
  const struct {
    const char *first, *second;
    Answer::What what;
  } cases[] = {{"250 ok", "552 too many recipients", Answer::What::deferred},
               {"250 ok", "552 5.5.3 too many recipients", Answer::What::deferred},
               {"250 ok", "552 5.2.2 over quota", Answer::What::refused},
               {"250 ok", "552 5.2.3 too large", Answer::What::refused},
               {"250 ok", "552 5.3.4 too large", Answer::What::refused},
               {"250 ok", "550 too many recipients", Answer::What::refused},
               {"550 no", "552 too many recipients", Answer::What::refused}}; // nobody was taken before it
  for (const char *extensions : {"250-gate\r\n250 PIPELINING\r\n", "250 gate\r\n"})
    for (const auto &one : cases) {
      Play play;
      play.connect(extensions);
      play.session.deliver(mail_to({"b@t.example", "c@t.example", "d@t.example"}));
      for (const std::string reply : {"250 ok", one.first, one.second, "250 ok", "354 go", "250 queued"}) {
        (void)play.said();
        play.hear(reply + "\r\n");
      }
      (void)play.said();
      ASSERT_EQ(play.answers().size(), 3u) << one.second;
      EXPECT_EQ(play.answers()[1].what, one.what) << one.second;
      EXPECT_EQ(play.answers()[1].text, one.second);
      EXPECT_EQ(play.answers()[2].what, Answer::What::delivered);
    }
}

TEST(ClientSession, OneByOneWithoutPipelining) {
  Play play;
  play.connect("250 gate\r\n");
  play.session.deliver(mail_to({"b@t.example", "c@t.example"}));
  EXPECT_EQ(play.said(), "MAIL FROM:<a@example.net>\r\n");
  play.hear("250 ok\r\n");
  EXPECT_EQ(play.said(), "RCPT TO:<b@t.example>\r\n");
  play.hear("450 busy\r\n");
  EXPECT_EQ(play.said(), "RCPT TO:<c@t.example>\r\n");
  play.hear("250 ok\r\n");
  EXPECT_EQ(play.said(), "DATA\r\n");
  play.hear("354 go\r\n");
  EXPECT_EQ(play.said(), sent_mail);
  play.hear("250 ok\r\n");
  EXPECT_EQ(play.said(), "");
  EXPECT_EQ(play.answers()[0].what, Answer::What::deferred);
  EXPECT_EQ(play.answers()[1].what, Answer::What::delivered);
}

TEST(ClientSession, AllRecipientsRefusedThoughDataWasTaken) { // RFC 2920 §3.1
  Play play;
  play.connect();
  play.session.deliver(mail_to({"b@t.example"}));
  (void)play.said();
  play.hear("250 ok\r\n550 no\r\n354 go\r\n");
  EXPECT_EQ(play.said(), ".\r\n");
  play.hear("554 no recipients\r\n");
  EXPECT_EQ(play.said(), "RSET\r\n");
  play.hear("250 ok\r\n");
  (void)play.said();
  EXPECT_EQ(play.answers()[0].code, 550);
}

TEST(ClientSession, SenderRefused) {
  for (const char *extensions : {"250-gate\r\n250 PIPELINING\r\n", "250 gate\r\n"}) {
    Play play;
    play.connect(extensions);
    play.session.deliver(mail_to({"b@t.example"}));
    (void)play.said();
    play.hear("553 sender\r\n");
    if (play.session.pipelining()) play.hear("503 order\r\n503 order\r\n");
    EXPECT_EQ(play.said(), "RSET\r\n");
    play.hear("250 ok\r\n");
    (void)play.said();
    EXPECT_EQ(play.answers()[0].code, 553);
  }
}

TEST(ClientSession, FallsBackToHelo) {
  Play play;
  (void)play.said();
  play.hear("220 old\r\n");
  (void)play.said();
  play.hear("500 what?\r\n");
  EXPECT_EQ(play.said(), "HELO gate.example\r\n");
  play.hear("250 old\r\n");
  (void)play.said();
  EXPECT_TRUE(std::holds_alternative<ClientIdle>(play.last));
}

/// Wherever the connection breaks, what was not answered is deferred and nothing is called delivered.
TEST(ClientSession, BreaksAnywhere) {
  const std::vector<std::string> script = {"220 hi\r\n", "250-x\r\n250 PIPELINING\r\n", "250 ok\r\n",
                                           "250 ok\r\n", "354 go\r\n", "250 ok\r\n"};
  for (std::size_t cut = 0; cut < script.size(); ++cut) {
    Play play;
    bool handed = false;
    for (std::size_t i = 0; i < cut; ++i) {
      (void)play.said();
      play.hear(script[i]);
      (void)play.said();
      if (!handed && std::holds_alternative<ClientIdle>(play.last)) {
        play.session.deliver(mail_to({"b@t.example"}));
        handed = true;
      }
    }
    play.session.lost("connection reset");
    (void)play.said();
    ASSERT_TRUE(std::holds_alternative<ClientGone>(play.last)) << cut;
    ASSERT_EQ(play.answers().size(), handed ? 1u : 0u);
    if (handed) {
      EXPECT_EQ(play.answers()[0].what, Answer::What::deferred) << cut;
    }
  }
}

TEST(ClientSession, HostileReplies) {
  for (std::string reply : {std::string("hello\r\n"), std::string("99\r\n"), std::string("2x0 a\r\n"),
                            std::string("250-a\r\n251 b\r\n"), std::string(70'000, '2'),
                            "250-" + std::string(70'000, 'x') + "\r\n"}) {
    Play play;
    (void)play.said();
    play.hear(reply);
    (void)play.said();
    EXPECT_TRUE(std::holds_alternative<ClientGone>(play.last)) << reply.substr(0, 20);
  }
}

TEST(ClientSession, AllLinesOfAnAnswerAreTold) {
  const auto told = [](std::string_view reply) {
    Play play;
    play.connect();
    play.session.deliver(mail_to({"b@t.example"}));
    (void)play.said();
    play.hear("250 ok\r\n");
    play.hear(reply);
    play.hear("503 no\r\n");
    (void)play.said(); // RSET
    play.hear("250 reset\r\n");
    (void)play.said();
    return play.answers().empty() ? std::string() : play.answers()[0].text;
  };
  EXPECT_EQ(told("550-5.1.1 No such user. Please look\r\n550-5.1.1 for typing errors or\r\n550 5.1.1 blanks. https://x/\r\n"),
            "550 5.1.1 No such user. Please look for typing errors or blanks. https://x/");
  EXPECT_EQ(told("550-one\r\n550 two\r\n"), "550 one two");
  EXPECT_EQ(told("550-\r\n550 \r\n").substr(0, 3), "550");
  EXPECT_EQ(told("550\r\n"), "550");
  EXPECT_EQ(told("550-" + std::string(300, 'x') + "\r\n550 y\r\n").size(), 200u);
}

TEST(ClientSession, GoingAway) { // 421, RFC 5321 §3.8
  Play play;
  play.connect();
  play.session.deliver(mail_to({"b@t.example"}));
  (void)play.said();
  play.hear("250 ok\r\n250 ok\r\n354 go\r\n");
  (void)play.said();
  EXPECT_TRUE(play.session.mail_sent());
  play.hear("421 shutting down\r\n");
  (void)play.said();
  ASSERT_TRUE(std::holds_alternative<ClientGone>(play.last));
  EXPECT_EQ(play.answers()[0].what, Answer::What::deferred);
  EXPECT_FALSE(play.session.mail_sent()) << "it said that it did not take it";
}

TEST(ClientSession, WhoeverPutsAMailOffAndHangsUpDidNotTakeIt) {
  Play play;
  play.connect();
  play.session.deliver(mail_to({"b@t.example"}));
  (void)play.said();
  play.hear("250 ok\r\n250 ok\r\n354 go\r\n");
  (void)play.said();
  play.hear("451 4.3.0 busy\r\n");
  (void)play.said(); // RSET
  play.session.lost("connection reset");
  (void)play.said();
  EXPECT_EQ(play.answers()[0].code, 451);
  EXPECT_FALSE(play.session.mail_sent());
}

/// RFC 5321 §4.2.5 has the answer behind the last dot; a next hop whose limit is reached says it before, and hangs up.
TEST(ClientSession, AnAnswerInTheMiddleOfAMailIsOneUnlessItIsAYes) {
  const struct {
    const char *said;
    Answer::What what;
    int code;
    Reason reason;
  } cases[] = {{"552 5.3.4 too big\r\n", Answer::What::refused, 552, Reason::none},
               {"452-4.3.1 no room\r\n452 4.3.1 left\r\n421 4.3.2 bye\r\n", Answer::What::deferred, 452, Reason::none},
               {"421 4.3.2 bye\r\n", Answer::What::deferred, 421, Reason::none},
               {"250 2.0.0 queued\r\n", Answer::What::deferred, 0, Reason::next_hop_unreachable},
               {"354 more\r\n", Answer::What::deferred, 0, Reason::next_hop_unreachable},
               {"999 what\r\n", Answer::What::deferred, 0, Reason::next_hop_unreachable},
               {"552 5.3.4 too", Answer::What::deferred, 0, Reason::next_hop_unreachable},
               {"gone\r\n", Answer::What::deferred, 0, Reason::next_hop_unreachable},
               {"", Answer::What::deferred, 0, Reason::next_hop_unreachable}};
  for (const auto &one : cases) {
    Play play;
    play.connect();
    play.session.deliver(mail_to({"b@t.example", "c@t.example"}));
    (void)play.said();
    play.hear("250 ok\r\n250 ok\r\n550 5.1.1 unknown\r\n354 go\r\n");
    (void)play.said();
    play.session.cut_short(as_bytes(std::string_view(one.said)), "connection reset");
    (void)play.said();
    ASSERT_TRUE(std::holds_alternative<ClientGone>(play.last)) << one.said;
    EXPECT_EQ(std::get<ClientGone>(play.last).reason, one.reason) << one.said;
    ASSERT_EQ(play.answers().size(), 2u);
    EXPECT_EQ(play.answers()[0].what, one.what) << one.said;
    EXPECT_EQ(play.answers()[0].code, one.code) << one.said;
    EXPECT_EQ(play.answers()[1].code, 550) << one.said;
    EXPECT_EQ(play.session.mail_sent(), one.code == 0) << one.said;
  }
}

TEST(ClientSession, WhatWasSaidBeforeAMailIsNoAnswerToIt) {
  Play play;
  play.connect();
  play.session.deliver(mail_to({"b@t.example"}));
  (void)play.said();
  play.session.cut_short(as_bytes("552 5.3.4 too big\r\n"), "connection reset");
  (void)play.said();
  EXPECT_EQ(play.answers()[0].what, Answer::What::deferred);
  EXPECT_EQ(std::get<ClientGone>(play.last).reason, Reason::next_hop_unreachable);
}

TEST(ClientSession, WhoAnswersAndHangsUpHasAnswered) {
  Play play;
  play.connect();
  play.session.deliver(mail_to({"b@t.example"}));
  (void)play.said();
  play.hear("250 ok\r\n250 ok\r\n354 go\r\n");
  (void)play.said();
  play.hear("452 4.3.1 no room\r\n");
  EXPECT_EQ(play.said(), "RSET\r\n");
  play.session.lost("connection reset");
  (void)play.said();
  EXPECT_EQ(std::get<ClientGone>(play.last).reason, Reason::none);
  EXPECT_EQ(play.answers()[0].code, 452);
}

TEST(ClientSession, SpokeOutOfTurn) {
  Play play;
  play.connect();
  play.hear("421 idle too long\r\n");
  play.session.deliver(mail_to({"b@t.example"}));
  (void)play.said();
  ASSERT_TRUE(std::holds_alternative<ClientGone>(play.last));
  EXPECT_EQ(play.answers()[0].what, Answer::What::deferred);
}

/// Nothing counts as an answer that came before what it answers: the mail would be forgotten unseen.
TEST(ClientSession, AnAnswerToWhatWasNotSaidIsNone) {
  const struct {
    const char *extensions, *early;
  } cases[] = {{"250-gate\r\n250 PIPELINING\r\n", "250 ok\r\n250 ok\r\n354 go\r\n250 2.0.0 queued\r\n"},
               {"250-gate\r\n250 PIPELINING\r\n", "250 ok\r\n550 no\r\n354 go\r\n2"},
               {"250-gate\r\n250 PIPELINING\r\n", "553 no\r\n503 no\r\n503 no\r\n250 reset\r\n"},
               {"250 gate\r\n", "250 ok\r\n250 ok\r\n"},
               {"250 gate\r\n", "250 ok\r\n354 go\r\n250 2.0.0 queued\r\n"}};
  for (const auto &one : cases) {
    Play play;
    play.connect(one.extensions);
    play.session.deliver(mail_to({"b@t.example"}));
    (void)play.said();
    play.hear(one.early);
    EXPECT_EQ(play.said(), "") << one.early;
    ASSERT_TRUE(std::holds_alternative<ClientGone>(play.last)) << one.early;
    ASSERT_EQ(play.answers().size(), 1u);
    EXPECT_NE(play.answers()[0].what, Answer::What::delivered) << one.early;
    EXPECT_FALSE(play.session.mail_sent()) << "another next hop may be asked";
  }
  Play greeting;
  EXPECT_EQ(greeting.said(), "");
  greeting.hear("220 next.example\r\n250 PIPELINING\r\n");
  EXPECT_EQ(greeting.said(), "");
  EXPECT_TRUE(std::holds_alternative<ClientGone>(greeting.last));
}

TEST(ClientSession, NeverWritesABareLineEnd) {
  Play play;
  play.connect();
  Outgoing mail = mail_to({"b@t.example"});
  mail.mail = as_bytes("a\n.\r\nMAIL FROM:<evil@example.net>\r\n");
  play.session.deliver(mail);
  EXPECT_EQ(play.said(), "");
  EXPECT_EQ(play.answers()[0].what, Answer::What::refused);
}

TEST(ClientSession, NothingIsDowngraded) { // RFC 6531 §3.2, RFC 1870 §6.1, RFC 6152 §3, RFC 8689 §4.2.1
  const std::string eight_bit = "Subject: \xe5\xa4\xaa\r\n\r\n";
  struct Case {
    const char *extensions;
    bool utf8, eight_bit, require_tls;
    const char *why;
  };
  for (const Case &one : {Case{"250-x\r\n250 8BITMIME\r\n", true, false, false, "SMTPUTF8"},
                          Case{"250-x\r\n250 SMTPUTF8\r\n", false, true, false, "8BITMIME"},
                          Case{"250-x\r\n250 REQUIRETLS\r\n", false, false, true, "REQUIRETLS"},
                          Case{"250-x\r\n250 SIZE 38\r\n", false, false, false, "SIZE"}}) {
    Play play;
    play.connect(one.extensions);
    Outgoing mail = mail_to({one.utf8 ? "\xe5\xa4\xaa@t.example" : "b@t.example"});
    mail.utf8 = one.utf8;
    mail.require_tls = one.require_tls;
    if (one.eight_bit) mail.mail = as_bytes(eight_bit);
    play.session.deliver(mail);
    EXPECT_EQ(play.said(), "") << one.why;
    ASSERT_EQ(play.answers().size(), 1u);
    EXPECT_EQ(play.answers()[0].what, Answer::What::refused);
    EXPECT_EQ(play.answers()[0].reason, Reason::next_hop_unable) << one.why;
    EXPECT_NE(play.answers()[0].text.find(one.why), std::string::npos) << play.answers()[0].text;
    play.session.deliver(mail_to({})); // and the conversation goes on
  }
}

TEST(ClientSession, SaysWhatTheMailNeeds) {
  Play play;
  play.connect("250-x\r\n250-SMTPUTF8\r\n250-8BITMIME\r\n250 SIZE 39\r\n");
  Outgoing mail = mail_to({"\xe5\xa4\xaa@t.example"});
  mail.utf8 = true;
  play.session.deliver(mail);
  EXPECT_EQ(play.said(), "MAIL FROM:<a@example.net> SIZE=39 SMTPUTF8\r\n");
}

TEST(ClientSession, Utf8IsAskedForOnlyWhereAnAddressHasIt) {
  Play play;
  play.connect();
  Outgoing mail = mail_to({"b@t.example"});
  mail.utf8 = true;
  play.session.deliver(mail);
  EXPECT_EQ(play.said().find("SMTPUTF8"), std::string::npos);
}

TEST(ClientSession, Utf8IsAskedForWhereTheHeaderHasIt) { // RFC 6531 §3.5: an original that came that way
  const std::string header = "From: \xe5\xa4\xaa <a@b.example>\r\n\r\nx\r\n", body = "Subject: x\r\n\r\n\xe5\xa4\xaa\r\n";
  for (const auto &[text, utf8, is_asked] : {std::tuple(header, true, true), std::tuple(body, true, false), std::tuple(header, false, false)})
    for (const bool offered : {false, true}) {
      Play play;
      play.connect(offered ? "250-x\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n" : "250-x\r\n250 8BITMIME\r\n");
      Outgoing mail = mail_to({"b@t.example"});
      mail.utf8 = utf8;
      mail.mail = as_bytes(text);
      play.session.deliver(mail);
      EXPECT_EQ(play.said().find("SMTPUTF8") != std::string::npos, is_asked && offered) << text;
      EXPECT_EQ(play.answers().empty(), !is_asked || offered) << text;
    }
}

TEST(ClientSession, DsnIsPassedOnWhereItIsOffered) { // RFC 3461 §5.2.1
  for (const bool offered : {false, true}) {
    Play play;
    play.connect(offered ? "250-x\r\n250-PIPELINING\r\n250 DSN\r\n" : "250-x\r\n250 PIPELINING\r\n");
    Outgoing mail = mail_to({"b@t.example", "c@t.example"});
    mail.mail_parameters = "RET=HDRS ENVID=QQ1";
    mail.recipient_parameters = {"NOTIFY=FAILURE ORCPT=rfc822;b@t.example"};
    play.session.deliver(mail);
    const std::string said = play.said();
    EXPECT_EQ(play.session.offers_dsn(), offered);
    EXPECT_EQ(said.find("MAIL FROM:<a@example.net> RET=HDRS ENVID=QQ1\r\n") != std::string::npos, offered) << said;
    EXPECT_EQ(said.find("RCPT TO:<b@t.example> NOTIFY=FAILURE ORCPT=rfc822;b@t.example\r\n") != std::string::npos, offered);
    EXPECT_NE(said.find("RCPT TO:<c@t.example>\r\n"), std::string::npos);
  }
}

TEST(ClientSession, NoAddressCanAddACommand) {
  Play play;
  play.connect();
  play.session.deliver(mail_to({"b@t.example>\r\nRCPT TO:<evil@x.example"}));
  EXPECT_EQ(play.said(), "");
  EXPECT_EQ(play.answers()[0].reason, Reason::job_bad_reply);
}

// -- STARTTLS and AUTH --------------------------------------------------------------------------------------

Play secured(std::string user = {}, bool required = true) {
  ClientSettings settings{"gate.example", required ? ClientTls::required : ClientTls::offered, true};
  settings.user = std::move(user);
  settings.password = "secret";
  return Play{ClientSession(settings)};
}

TEST(ClientSession, AfterTlsEverythingIsAskedAnew) { // RFC 3207 §4.2
  Play play = secured();
  (void)play.said();
  play.hear("220 x\r\n");
  (void)play.said();
  play.hear("250-x\r\n250-PIPELINING\r\n250-DSN\r\n250 STARTTLS\r\n");
  EXPECT_EQ(play.said(), "STARTTLS\r\n");
  play.hear("220 go\r\n");
  EXPECT_EQ(play.said(), "");
  ASSERT_TRUE(std::holds_alternative<ClientStartTls>(play.last));
  play.session.secured();
  EXPECT_EQ(play.said(), "EHLO gate.example\r\n");
  EXPECT_FALSE(play.session.pipelining());
  play.hear("250 x\r\n");
  EXPECT_EQ(play.said(), "");
  EXPECT_TRUE(std::holds_alternative<ClientIdle>(play.last));
  EXPECT_FALSE(play.session.pipelining()); // said before TLS, not after it
  EXPECT_FALSE(play.session.offers_dsn());
}

TEST(ClientSession, NothingSaidInTheClearOutlivesStarttls) { // CVE-2011-0411
  Play play = secured();
  (void)play.said();
  play.hear("220 x\r\n");
  (void)play.said();
  play.hear("250-x\r\n250 STARTTLS\r\n");
  (void)play.said();
  play.hear("220 go\r\n250 injected\r\n");
  (void)play.said();
  auto *gone = std::get_if<ClientGone>(&play.last);
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->reason, Reason::next_hop_tls_failed);
}

TEST(ClientSession, RequiredMeansRequired) {
  for (const char *reply : {"250 x\r\n", "500 what?\r\n"}) {
    Play play = secured();
    (void)play.said();
    play.hear("220 x\r\n");
    (void)play.said();
    play.hear(reply);
    EXPECT_EQ(play.said(), "");
    auto *gone = std::get_if<ClientGone>(&play.last);
    ASSERT_TRUE(gone) << reply;
    EXPECT_EQ(gone->reason, Reason::next_hop_tls_failed);
  }
  Play refused = secured();
  (void)refused.said();
  refused.hear("220 x\r\n");
  (void)refused.said();
  refused.hear("250-x\r\n250 STARTTLS\r\n");
  (void)refused.said();
  refused.hear("454 not now\r\n");
  (void)refused.said();
  EXPECT_TRUE(std::holds_alternative<ClientGone>(refused.last));
}

TEST(ClientSession, OfferedGoesOnWithoutWhereItIsNot) {
  for (const bool says_no : {false, true}) {
    Play play = secured({}, false);
    (void)play.said();
    play.hear("220 x\r\n");
    (void)play.said();
    play.hear(says_no ? "250-x\r\n250 STARTTLS\r\n" : "250 x\r\n");
    EXPECT_EQ(play.said(), says_no ? "STARTTLS\r\n" : "");
    if (says_no) play.hear("454 not now\r\n");
    EXPECT_EQ(play.said(), "");
    EXPECT_TRUE(std::holds_alternative<ClientIdle>(play.last));
  }
}

Play up_to_login(const std::string &extensions) {
  Play play = secured("gw");
  (void)play.said();
  play.hear("220 x\r\n");
  (void)play.said();
  play.hear("250-x\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n");
  EXPECT_EQ(play.said(), "STARTTLS\r\n"); // never in the clear, whatever is offered there
  play.hear("220 go\r\n");
  (void)play.said();
  play.session.secured();
  (void)play.said();
  play.hear(extensions);
  return play;
}

TEST(ClientSession, LogsIn) { // RFC 4954, RFC 4616
  Play plain = up_to_login("250-x\r\n250 AUTH LOGIN PLAIN\r\n");
  EXPECT_EQ(plain.said(), "AUTH PLAIN AGd3AHNlY3JldA==\r\n");
  plain.hear("235 2.7.0 in\r\n");
  (void)plain.said();
  EXPECT_TRUE(std::holds_alternative<ClientIdle>(plain.last));

  Play login = up_to_login("250-x\r\n250 AUTH LOGIN\r\n");
  EXPECT_EQ(login.said(), "AUTH LOGIN\r\n");
  login.hear("334 VXNlcm5hbWU6\r\n");
  EXPECT_EQ(login.said(), "Z3c=\r\n");
  login.hear("334 UGFzc3dvcmQ6\r\n");
  EXPECT_EQ(login.said(), "c2VjcmV0\r\n");
  login.hear("235 in\r\n");
  (void)login.said();
  EXPECT_TRUE(std::holds_alternative<ClientIdle>(login.last));
}

TEST(ClientSession, ARefusedLoginTellsNoSecret) {
  for (const char *reply : {"535 5.7.8 AGd3AHNlY3JldA== is wrong\r\n", "421 AGd3AHNlY3JldA==\r\n", "334 x\r\n"}) {
    Play play = up_to_login("250-x\r\n250 AUTH PLAIN\r\n");
    (void)play.said();
    play.hear(reply);
    EXPECT_EQ(play.said(), "");
    auto *gone = std::get_if<ClientGone>(&play.last);
    ASSERT_TRUE(gone) << reply;
    EXPECT_EQ(gone->reason, Reason::next_hop_login_failed);
    EXPECT_EQ(gone->why.find("AGd3"), std::string::npos) << gone->why;
  }
  Play none = up_to_login("250-x\r\n250 AUTH GSSAPI\r\n");
  (void)none.said();
  ASSERT_TRUE(std::holds_alternative<ClientGone>(none.last));
  EXPECT_EQ(std::get<ClientGone>(none.last).reason, Reason::next_hop_login_failed);
}

} // namespace
} // namespace sekisho::smtp
