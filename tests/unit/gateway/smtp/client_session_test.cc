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
  ClientAction last;
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

TEST(ClientSession, GoingAway) { // 421, RFC 5321 §3.8
  Play play;
  play.connect();
  play.session.deliver(mail_to({"b@t.example"}));
  (void)play.said();
  play.hear("250 ok\r\n250 ok\r\n354 go\r\n");
  (void)play.said();
  play.hear("421 shutting down\r\n");
  (void)play.said();
  ASSERT_TRUE(std::holds_alternative<ClientGone>(play.last));
  EXPECT_EQ(play.answers()[0].what, Answer::What::deferred);
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

TEST(ClientSession, NeverWritesABareLineEnd) {
  Play play;
  play.connect();
  Outgoing mail = mail_to({"b@t.example"});
  mail.mail = as_bytes("a\n.\r\nMAIL FROM:<evil@example.net>\r\n");
  play.session.deliver(mail);
  EXPECT_EQ(play.said(), "");
  EXPECT_EQ(play.answers()[0].what, Answer::What::refused);
}

TEST(ClientSession, Utf8NeedsTheExtension) {
  Play play;
  play.connect();
  Outgoing mail = mail_to({"\xe5\xa4\xaa@t.example"});
  mail.utf8 = true;
  play.session.deliver(mail);
  EXPECT_EQ(play.said(), "");
  EXPECT_EQ(play.answers()[0].what, Answer::What::refused);
}

} // namespace
} // namespace sekisho::smtp
