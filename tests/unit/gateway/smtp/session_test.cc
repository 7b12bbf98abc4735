// What a dialog file has no room for.
#include "gateway/smtp/session.hh"

#include <gtest/gtest.h>

namespace sekisho::smtp {
namespace {

std::string answers_of(Session &session, std::string_view said) {
  if (!said.empty()) session.feed(as_bytes(said));
  std::string answers;
  for (Action action = session.next(); std::holds_alternative<Send>(action); action = session.next())
    answers += std::get<Send>(action).octets;
  return answers;
}

std::size_t count(std::string_view text, std::string_view word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

TEST(Session, RecipientsThatArePutOffAreNoErrorsUpToABound) { // RFC 5321 §4.5.3.1.10, RFC 6647 §2.4
  Session session({}, [](const Offer &) { return Route{Reason::greylisted, 0, 1'000}; });
  answers_of(session, "");
  answers_of(session, "EHLO client.example\r\n");
  answers_of(session, "MAIL FROM:<a@example.net>\r\n");
  for (int i = 0; i < 1019; ++i)
    ASSERT_TRUE(answers_of(session, "RCPT TO:<b@town.example.lg.jp>\r\n").starts_with("450 4.7.1 greylisted")) << i;
  const std::string last = answers_of(session, "RCPT TO:<b@town.example.lg.jp>\r\n");
  EXPECT_EQ(count(last, "421 4.7.0 too-many-errors"), 1u) << last;
  EXPECT_EQ(session.take_refusals().size(), 1021u); // none was left out, though nobody took them meanwhile
}

TEST(Session, AMailThatFailsLiftsNoBound) {
  for (const std::string_view failing : {"BDAT 1001 LAST\r\n", "BDAT 1001\r\n", "DATA\r\n"}) {
    const auto route = [](const Offer &offer) {
      return Route{offer.recipient.starts_with("b@") ? Reason::none : Reason::relay_denied, 0, 1'000};
    };
    Session session({}, route);
    answers_of(session, "");
    answers_of(session, "EHLO client.example\r\n");
    const auto try_addresses = [&](int how_many) {
      answers_of(session, "MAIL FROM:<a@example.net>\r\n");
      answers_of(session, "RCPT TO:<b@town.example.lg.jp>\r\n");
      std::string answers;
      for (int i = 0; i < how_many; ++i) answers += answers_of(session, "RCPT TO:<c@town.example.lg.jp>\r\n");
      return answers;
    };
    EXPECT_EQ(count(try_addresses(100), "550 5.7.1"), 100u);
    const std::string octets(1001, 'x');
    std::string failed = answers_of(session, std::string(failing) + (failing.starts_with("BDAT") ? octets : ""));
    if (failing.starts_with("DATA")) failed = answers_of(session, octets + "\r\n.\r\n");
    EXPECT_TRUE(failed.starts_with("552 5.3.4 mail-too-big")) << failed;
    EXPECT_EQ(count(try_addresses(100), "550 5.7.1"), 19u) << failing;
  }
}

TEST(Session, WithoutADomainOfItsOwnThereIsNoPostmaster) {
  Session session({}, [](const Offer &) { return Route{Reason::none, 0, 1'000}; });
  answers_of(session, "");
  answers_of(session, "EHLO client.example\r\n");
  answers_of(session, "MAIL FROM:<a@example.net>\r\n");
  EXPECT_EQ(answers_of(session, "RCPT TO:<postmaster>\r\n").substr(0, 22), "550 5.7.1 relay-denied");
}

} // namespace
} // namespace sekisho::smtp
