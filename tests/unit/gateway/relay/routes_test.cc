// One attempt over several next hops, with real sockets.
#include "gateway/relay/routes.hh"

#include "tests/support/smtp_peers.hh"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;

class RoutesTest : public testing::Test {
protected:
  RoutesTest() {
    settings_.host_name = "gate.example";
    settings_.keep_open = Seconds(0.3);
    settings_.hop_away = Seconds(0.3);
    settings_.connect_wait = settings_.reply_wait = settings_.last_reply_wait = Seconds(0.5);
  }
  rules::NextHop &hop(std::uint16_t port, bool backup = false, std::uint32_t weight = 1) {
    rules::NextHop hop{*parse_ip("127.0.0.2"), port, weight, backup};
    relay_.routes.hops.push_back(hop);
    return relay_.routes.hops.back();
  }
  /// One mail; runs the loop until it has its answer.
  Attempt send(std::string to = "b@t.example", bool utf8 = false) {
    routes_.set_relay(relay_, {});
    smtp::Outgoing out;
    out.from = "a@example.net";
    out.recipients = {std::move(to)};
    out.utf8 = utf8;
    out.mail = as_bytes(text_);
    bool done = false;
    Attempt attempt;
    start(loop_, once(std::move(out), [this] { return may_go_; }, attempt, done));
    while (!done) {
      loop_.restart();
      loop_.run_for(20ms);
      if (meanwhile_) meanwhile_();
      routes_.watch();
    }
    return attempt;
  }
  Task<void> once(smtp::Outgoing out, Courier::MayGo may_go, Attempt &attempt, bool &done) {
    attempt = co_await routes_.deliver(std::move(out), std::move(may_go));
    done = true;
  }
  /// So many at once; calls `watched` now and then.
  std::vector<Attempt> send_together(std::size_t mails, const std::function<void(std::size_t done)> &watched = {}) {
    routes_.set_relay(relay_, {});
    std::vector<Attempt> attempts(mails);
    std::deque<bool> done(mails);
    for (std::size_t i = 0; i < mails; ++i) {
      smtp::Outgoing out;
      out.from = "a@example.net";
      out.recipients = {"b@t.example"};
      out.mail = as_bytes(text_);
      start(loop_, once(std::move(out), [] { return true; }, attempts[i], done[i]));
    }
    for (int i = 0; i < 500 && std::ranges::count(done, true) < std::ssize(done); ++i) {
      loop_.restart();
      loop_.run_for(20ms);
      routes_.watch();
      if (watched) watched(static_cast<std::size_t>(std::ranges::count(done, true)));
    }
    return attempts;
  }
  static bool is_delivered(const Attempt &attempt) {
    return attempt.delivery.answers.size() == 1 && attempt.delivery.answers[0].what == smtp::Answer::What::delivered;
  }
  static std::uint16_t dead_port() {
    std::uint16_t port = 0;
    UniqueFd gone = test::listen_on("127.0.0.2", port);
    return port;
  }

  std::string text_ = "Subject: x\r\n\r\n.\r\n";
  net::io_context loop_{1};
  RelaySettings settings_;
  rules::Relay relay_;
  Routes routes_{loop_, settings_};
  bool may_go_ = true;
  std::function<void()> meanwhile_;
};

TEST_F(RoutesTest, ABackupTakesOverWithinTheAttemptAndGivesBack) {
  auto first = std::make_unique<test::Sink>();
  test::Sink second;
  hop(first->port());
  hop(second.port(), true);
  EXPECT_TRUE(is_delivered(send()));
  EXPECT_EQ(first->wait_for(1).size(), 1u);
  std::uint16_t port = first->port();
  first.reset();
  std::this_thread::sleep_for(400ms); // the kept conversation is over
  const Attempt over = send();
  EXPECT_TRUE(is_delivered(over)) << over.delivery.trouble;
  EXPECT_EQ(over.next_hop, fmt::format("127.0.0.2:{}", second.port()));
  EXPECT_EQ(second.wait_for(1).size(), 1u);
  UniqueFd listening = test::listen_on("127.0.0.2", port); // back, but not asked yet
  EXPECT_TRUE(is_delivered(send()));
  EXPECT_EQ(second.wait_for(2).size(), 2u);
  listening.reset();
  std::this_thread::sleep_for(400ms);
  EXPECT_EQ(send().next_hop, fmt::format("127.0.0.2:{}", second.port())); // asked again, still away
}

/// RFC 5321 §4.5.4.1: a peer that has enough conversations is there all the same.
TEST_F(RoutesTest, OneConversationTooManyIsNoFailure) {
  test::Sink busy, backup;
  std::atomic<int> greeted = 0;
  busy.set_answer([&](const std::string &line) {
    if (line.empty()) return ++greeted > 2 ? "421 4.7.0 too many connections" : "";
    if (line == ".") std::this_thread::sleep_for(50ms);
    return "";
  });
  hop(busy.port());
  hop(backup.port(), true);
  relay_.routes.connections = 4;
  settings_.connect_wait = settings_.reply_wait = settings_.last_reply_wait = Seconds(5);
  constexpr std::size_t mails = 12;
  send_together(mails);
  EXPECT_EQ(busy.wait_for(mails).size(), mails);
  EXPECT_EQ(backup.wait_for(1, 0).size(), 0u);
  EXPECT_LE(greeted, 4) << "asked for too many once a conversation, not once a mail";
}

/// A mail was taken back while a conversation began for it: what waits then is as old as one that had mails.
TEST_F(RoutesTest, AConversationThatHadNoMailMayHaveBeenClosedMeanwhile) {
  std::atomic<bool> began = false;
  std::atomic<int> closing = 0;
  test::Sink sink("127.0.0.2", [&](const std::string &line) {
    began = began || line.starts_with("EHLO");
    return line.starts_with("MAIL") && closing.fetch_sub(1) > 0 ? "hang up" : "";
  });
  hop(sink.port());
  routes_.set_relay(relay_, {});
  smtp::Outgoing out;
  out.recipients = {"b@t.example"};
  out.mail = as_bytes(text_);
  Attempt first, taken_back;
  bool first_done = false, taken_back_done = false;
  start(loop_, once(out, [] { return true; }, first, first_done));
  start(loop_, once(out, [&] { return !began; }, taken_back, taken_back_done));
  while (!first_done || !taken_back_done) {
    loop_.restart();
    loop_.run_for(20ms);
  }
  EXPECT_TRUE(is_delivered(first) && taken_back.delivery.withheld);
  EXPECT_EQ(sink.connections(), 2u);
  closing = 2; // both
  const Attempt next = send();
  EXPECT_TRUE(is_delivered(next)) << next.delivery.trouble;
}

/// RFC 5321 §3.8, §4.2.4: it says that it is not available, and is believed; also on a conversation that it had before.
TEST_F(RoutesTest, ANextHopThatClosesTheServiceIsNotAskedAtOnce) {
  std::atomic<bool> closes = false;
  test::Sink first("127.0.0.2", [&](const std::string &line) { return closes && line.starts_with("MAIL") ? "421 4.3.2 going down" : ""; });
  test::Sink second;
  hop(first.port());
  hop(second.port(), true);
  EXPECT_TRUE(is_delivered(send()));
  closes = true;
  const Attempt over = send();
  EXPECT_TRUE(is_delivered(over)) << over.delivery.trouble;
  EXPECT_EQ(over.next_hop, fmt::format("127.0.0.2:{}", second.port()));
  EXPECT_EQ(first.connections(), 1u) << "asked once more at once";
}

/// A peer whose patience with an idle conversation is over says so, and takes the next mail.
TEST_F(RoutesTest, AFarewellToAnIdleConversationIsNoAnswer) { // RFC 5321 §4.5.3.2
  std::uint16_t port = 0;
  UniqueFd listener = test::listen_on("127.0.0.2", port);
  int conversations = 0;
  std::thread peer([&] {
    while (conversations < 2) {
      test::Wire wire(UniqueFd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)));
      ++conversations;
      wire.write("220 sink.example\r\n");
      std::string line;
      while (wire.read_line(line) && line != "DATA") wire.write("250 ok\r\n");
      wire.write("354 go\r\n");
      while (wire.read_line(line) && line != ".") {}
      wire.write("250 taken\r\n421 4.4.2 timeout exceeded\r\n");
    }
  });
  hop(port);
  EXPECT_TRUE(is_delivered(send()));
  std::this_thread::sleep_for(100ms);
  const Attempt next = send();
  peer.join();
  EXPECT_TRUE(is_delivered(next)) << next.delivery.trouble;
}

TEST_F(RoutesTest, ThePreferredOneIsAskedAgain) {
  test::Sink second;
  std::atomic<bool> busy = true;
  test::Sink first("127.0.0.2", [&](const std::string &line) { return line.empty() && busy ? "421 busy" : ""; });
  hop(first.port());
  hop(second.port(), true);
  EXPECT_TRUE(is_delivered(send()));
  EXPECT_EQ(second.wait_for(1).size(), 1u);
  busy = false;
  std::this_thread::sleep_for(400ms);
  EXPECT_TRUE(is_delivered(send()));
  EXPECT_EQ(first.wait_for(1).size(), 1u);
}

TEST_F(RoutesTest, AnOutageIsOneFailureHoweverManyMailsMeetIt) {
  test::Sink second;
  std::atomic<bool> busy = true;
  test::Sink first("127.0.0.2", [&](const std::string &line) { return line.empty() && busy ? "421 busy" : ""; });
  hop(first.port());
  hop(second.port(), true);
  for (const Attempt &attempt : send_together(12)) EXPECT_TRUE(is_delivered(attempt));
  EXPECT_EQ(second.wait_for(12).size(), 12u);
  busy = false;
  std::this_thread::sleep_for(400ms);
  EXPECT_TRUE(is_delivered(send()));
  EXPECT_EQ(first.wait_for(1, 1000).size(), 1u);
}

TEST_F(RoutesTest, OneMailSeesWhetherANextHopIsBack) {
  std::uint16_t port = 0;
  UniqueFd silent = test::listen_on("127.0.0.2", port);
  test::Sink second;
  hop(port);
  hop(second.port(), true);
  settings_.connect_wait = Seconds(2);
  settings_.reply_wait = Seconds(4);
  const auto begin = SteadyClock::now();
  EXPECT_TRUE(is_delivered(send()));
  EXPECT_LT(SteadyClock::now() - begin, 3500ms) << "another one is there: no need to wait so long for a greeting";
  std::this_thread::sleep_for(400ms);
  const auto again = SteadyClock::now();
  std::size_t soon = 0;
  for (const Attempt &attempt : send_together(6, [&](std::size_t done) { if (SteadyClock::now() - again < 1500ms) soon = done; }))
    EXPECT_TRUE(is_delivered(attempt));
  EXPECT_EQ(soon, 5u);
}

TEST_F(RoutesTest, ASlowGreetingIsWaitedForWhereThereIsNoOther) { // RFC 5321 §4.5.3.2.1
  test::Sink slow("127.0.0.2", [](const std::string &line) {
    if (line.empty()) std::this_thread::sleep_for(1s);
    return std::string();
  });
  hop(slow.port());
  relay_.routes.mails_per_connection = 1;
  settings_.connect_wait = Seconds(0.3);
  settings_.reply_wait = Seconds(10);
  EXPECT_TRUE(is_delivered(send()));
  hop(dead_port());
  std::ranges::reverse(relay_.routes.hops);
  EXPECT_TRUE(is_delivered(send())) << "nor where the other one is away";
}

TEST_F(RoutesTest, AFarewellWithoutAnAnswerCostsASecond) {
  std::uint16_t port = 0;
  UniqueFd listener = test::listen_on("127.0.0.2", port);
  std::thread peer([&] {
    for (int i = 0; i < 2; ++i) {
      test::Wire wire(UniqueFd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)));
      wire.write("220 sink.example\r\n");
      bool in_text = false;
      for (std::string line; wire.read_line(line, 60'000);) {
        if (line == "QUIT" || (in_text && line != ".")) continue;
        in_text = line == "DATA";
        wire.write(in_text ? "354 go\r\n" : "250 ok\r\n");
      }
    }
  });
  hop(port);
  relay_.routes.connections = relay_.routes.mails_per_connection = 1;
  settings_.reply_wait = settings_.last_reply_wait = Seconds(10);
  EXPECT_TRUE(is_delivered(send()));
  const auto begin = SteadyClock::now();
  EXPECT_TRUE(is_delivered(send()));
  EXPECT_LT(SteadyClock::now() - begin, 5s);
  routes_.cut();
  loop_.restart();
  loop_.run_for(50ms);
  peer.join();
}

/// Every way in which a next hop can fail before it has the mail: the other one gets it, once.
TEST_F(RoutesTest, FailsOverWhereverTheMailIsNotHandedOver) {
  for (const std::string at : {"", "EHLO", "MAIL", "RCPT", "DATA", "."}) {
    test::Sink first("127.0.0.2", [&](const std::string &line) {
      return line.starts_with(at) && (at.empty() ? line.empty() : true) ? "421 4.3.2 leaving" : "";
    });
    test::Sink second;
    relay_.routes.hops.clear();
    hop(first.port());
    hop(second.port(), true);
    const Attempt attempt = send();
    EXPECT_TRUE(is_delivered(attempt)) << at << attempt.delivery.trouble;
    EXPECT_EQ(second.wait_for(1).size(), 1u) << at;
    EXPECT_EQ(first.wait_for(1, 1).size(), 0u);
  }
}

TEST_F(RoutesTest, NeverAfterItMayHaveTakenTheMail) {
  test::Sink first("127.0.0.2", [](const std::string &line) {
    if (line == ".") std::this_thread::sleep_for(900ms); // the answer comes too late
    return std::string();
  });
  test::Sink second;
  hop(first.port());
  hop(second.port(), true);
  const Attempt attempt = send();
  EXPECT_FALSE(is_delivered(attempt));
  EXPECT_TRUE(attempt.delivery.may_be_taken);
  EXPECT_EQ(attempt.delivery.reason, Reason::next_hop_unreachable);
  EXPECT_EQ(second.wait_for(1, 100).size(), 0u);
}

/// The rest of the mail meets a closed connection; what was said before lies unread in ours.
TEST_F(RoutesTest, ANextHopThatRefusesAMailInItsMiddleHasAnswered) {
  std::uint16_t port = 0;
  const UniqueFd listener = test::listen_on("127.0.0.2", port);
  std::thread server([&] {
    test::Wire wire(UniqueFd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)));
    wire.write("220 next.example\r\n");
    for (std::string line; wire.read_line(line);) {
      if (line == "Subject: x") break;
      wire.write(line.starts_with("EHLO") ? "250 next.example\r\n" : line == "DATA" ? "354 go\r\n" : "250 ok\r\n");
    }
    wire.write("552 5.3.4 too big\r\n");
  });
  std::string large = "Subject: x\r\n\r\n";
  for (std::size_t i = 0; i < 400'000; ++i) large += "0123456789012345678901234567890\r\n";
  text_ = std::move(large);
  hop(port);
  const Attempt attempt = send();
  server.join();
  ASSERT_EQ(attempt.delivery.answers.size(), 1u);
  EXPECT_EQ(attempt.delivery.answers[0].text, "552 5.3.4 too big") << attempt.delivery.trouble;
  EXPECT_EQ(attempt.delivery.answers[0].what, smtp::Answer::What::refused);
  EXPECT_EQ(attempt.delivery.reason, Reason::none);
}

TEST_F(RoutesTest, ASilentNextHopCostsItsTimeOnly) {
  std::uint16_t port = 0;
  UniqueFd silent = test::listen_on("127.0.0.2", port);
  test::Sink second;
  hop(port);
  hop(second.port(), true);
  EXPECT_TRUE(is_delivered(send()));
}

TEST_F(RoutesTest, ByWeight) {
  test::Sink one, three;
  hop(one.port(), false, 1);
  hop(three.port(), false, 3);
  for (int i = 0; i < 16; ++i) EXPECT_TRUE(is_delivered(send()));
  EXPECT_EQ(one.wait_for(4).size(), 4u);
  EXPECT_EQ(three.wait_for(12).size(), 12u);
}

TEST_F(RoutesTest, OneThatCannotIsNoReasonToWaitWhereAnotherCan) {
  test::Sink plain;
  test::Sink able("127.0.0.2", [](const std::string &line) {
    return line.starts_with("EHLO") ? "250-x\r\n250 SMTPUTF8" : "";
  });
  hop(plain.port());
  const Attempt unable = send("小@t.example", true);
  ASSERT_EQ(unable.delivery.answers.size(), 1u);
  EXPECT_EQ(unable.delivery.answers[0].what, smtp::Answer::What::refused);
  EXPECT_EQ(unable.delivery.answers[0].reason, Reason::next_hop_unable);
  hop(able.port());
  EXPECT_TRUE(is_delivered(send("小@t.example", true)));
  relay_.routes.hops.back().port = dead_port();
  EXPECT_EQ(send("小@t.example", true).delivery.reason, Reason::next_hop_unreachable); // may be able: it waits
}

TEST_F(RoutesTest, MailsPerConnection) {
  test::Sink sink;
  hop(sink.port());
  relay_.routes.mails_per_connection = 2;
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(is_delivered(send()));
  EXPECT_EQ(sink.connections(), 3u);
}

TEST_F(RoutesTest, MailsPerMinute) {
  test::Sink sink;
  hop(sink.port());
  relay_.routes.mails_per_minute = 600; // one each 100 ms, ten at once
  const auto begin = SteadyClock::now();
  for (int i = 0; i < 15; ++i) EXPECT_TRUE(is_delivered(send()));
  const auto took = SteadyClock::now() - begin;
  EXPECT_GT(took, 300ms);
  EXPECT_LT(took, 5s);
}

TEST_F(RoutesTest, WhatMayNotGoAnyMoreDoesNotWaitForItsTurn) { // Z6, L1
  test::Sink sink;
  hop(sink.port());
  relay_.routes.mails_per_minute = 1;
  EXPECT_TRUE(is_delivered(send()));
  meanwhile_ = [this] { may_go_ = false; };
  const auto begin = SteadyClock::now();
  const Attempt attempt = send();
  EXPECT_LT(SteadyClock::now() - begin, 5s);
  EXPECT_TRUE(attempt.delivery.withheld);
  EXPECT_EQ(attempt.delivery.reason, Reason::none);
  EXPECT_EQ(sink.wait_for(2, 50).size(), 1u);
}

TEST_F(RoutesTest, ANextHopThatLeftTheRulesGetsNothingThatWaited) {
  test::Sink former, other;
  hop(former.port());
  relay_.routes.mails_per_minute = 1;
  EXPECT_TRUE(is_delivered(send()));
  meanwhile_ = [&] {
    rules::Relay changed;
    changed.routes.hops.push_back({*parse_ip("127.0.0.2"), other.port(), 1, false});
    routes_.set_relay(changed, {});
  };
  EXPECT_TRUE(send().delivery.withheld);
  EXPECT_EQ(former.wait_for(2, 50).size(), 1u);
  EXPECT_EQ(other.wait_for(1, 50).size(), 0u);
}

TEST_F(RoutesTest, TlsIsNotLeftOut) {
  test::Sink plain;
  hop(plain.port());
  relay_.routes.tls = rules::NextHopTls::required;
  const Attempt attempt = send();
  EXPECT_EQ(attempt.delivery.reason, Reason::next_hop_tls_failed);
  EXPECT_EQ(plain.wait_for(1, 50).size(), 0u);
  relay_.routes.tls = rules::NextHopTls::offered; // and a change of the rules takes effect at once
  EXPECT_TRUE(is_delivered(send()));
}

} // namespace
} // namespace sekisho::relay
