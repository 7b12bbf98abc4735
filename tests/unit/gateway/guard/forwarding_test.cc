// M5: what a program sent on is told from what a person or a vacation program sent.
#include "gateway/guard/forwarding.hh"
#include "sanitizer/mime/fields.hh"
#include "sanitizer/mime/parse.hh"

#include <gtest/gtest.h>

namespace sekisho::guard {
namespace {

std::string mark(const std::string &fields, std::string_view from = "taro@town.example.lg.jp") {
  const std::string mail = "From: taro@town.example.lg.jp\r\n" + fields + "\r\nX-Forwarded-For: in the body\r\n";
  return mark_of_forwarding(read_message(as_bytes(mail)), from);
}

TEST(Forwarding, marks_of_mail_programs) {
  EXPECT_EQ(mark("X-MS-Exchange-Inbox-Rules-Loop: taro@town.example.lg.jp\r\n"), "X-MS-Exchange-Inbox-Rules-Loop");
  EXPECT_EQ(mark("x-forwarded-to: taro@private.example\r\nX-Forwarded-For: a b\r\n"), "X-Forwarded-To");
  EXPECT_EQ(mark("Delivered-To: taro@town.example.lg.jp\r\n"), "Delivered-To");
  EXPECT_EQ(mark("Resent-From: taro@town.example.lg.jp\r\n"), "Resent-From");
  EXPECT_EQ(mark("X-Sieve-Redirected-From: taro@town.example.lg.jp\r\n"), "X-Sieve-Redirected-From");
  EXPECT_EQ(mark("Autoforwarded: TRUE\r\n"), "Autoforwarded");
  EXPECT_EQ(mark("X-MS-Exchange-Organization-AutoForwarded: true\r\n"), "X-MS-Exchange-Organization-AutoForwarded");
  EXPECT_EQ(mark("Auto-Submitted: auto-forwarded; x=y\r\n"), "Auto-Submitted");
  for (const char *value : {"(c) auto-forwarded", "(a (b) \\) c)auto-forwarded(d); x=y", "(\r\n c)\r\n AUTO-forwarded", "auto-forwarded (c)"})
    EXPECT_EQ(mark(std::string("Auto-Submitted: ") + value + "\r\n"), "Auto-Submitted") << value;
  EXPECT_EQ(mark("X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\r\n"), "X-MS-Exchange-Generated-Message-Source");
  EXPECT_EQ(mark("", "SRS0=abc=de=other.example=a@town.example.lg.jp"),
            "envelope sender SRS0=abc=de=other.example=a@town.example.lg.jp");
  EXPECT_EQ(mark("", "taro+caf_=x=private.example@town.example.lg.jp"),
            "envelope sender taro+caf_=x=private.example@town.example.lg.jp");
}

TEST(Forwarding, what_a_person_or_a_vacation_program_sends_is_new) {
  EXPECT_EQ(mark("Subject: Fwd: hello\r\nIn-Reply-To: <a@b.example>\r\n"), "");
  EXPECT_EQ(mark("Auto-Submitted: auto-replied (vacation)\r\nPrecedence: bulk\r\n", ""), "");
  EXPECT_EQ(mark("Auto-Submitted: auto-generated\r\n"), "");
  EXPECT_EQ(mark("Auto-Submitted: auto-replied (not auto-forwarded)\r\n"), "");
  EXPECT_EQ(mark("X-MS-Exchange-Generated-Message-Source: Mailbox Transport Delivery Agent\r\n"), "");
  EXPECT_EQ(mark("Autoforwarded: FALSE\r\n"), "");
  EXPECT_EQ(mark("X-MS-Exchange-Organization-AutoForwarded: false\r\n"), "");
  EXPECT_EQ(mark("X-Forwarded-Fore: x\r\nSubject: a\r\n Delivered-To: folded is part of the subject\r\n"), "");
}

TEST(Forwarding, a_vacation_reply_that_was_sent_on_is_forwarded_all_the_same) {
  EXPECT_EQ(mark("Auto-Submitted: auto-replied\r\nDelivered-To: taro@town.example.lg.jp\r\n"), "Delivered-To");
}

TEST(Forwarding, loops) {
  const std::string mail = "Delivered-To: <Taro@Town.example.lg.jp>\r\n\r\n";
  const Message message = read_message(as_bytes(mail));
  EXPECT_TRUE(has_been_there(message, {"hana@town.example.lg.jp", "taro@town.example.lg.jp"}));
  EXPECT_FALSE(has_been_there(message, {"hana@town.example.lg.jp"}));
}

TEST(Message, fields_with_folds_and_what_ends_the_header) {
  const std::string mail = "A: one\r\n two\r\nB :x\r\nno field\r\n\r\nbody";
  const Message message = read_message(as_bytes(mail));
  ASSERT_EQ(message.fields.size(), 2u);
  EXPECT_EQ(message.fields[0].value, " one\r\n two");
  EXPECT_EQ(message.fields[0].whole, "A: one\r\n two");
  EXPECT_EQ(message.fields[1].name, "B");
  EXPECT_EQ(message.fields[1].whole, "B :x");
  EXPECT_TRUE(message.body.starts_with("no field"));
  EXPECT_TRUE(message.unclear);
  EXPECT_TRUE(read_message({}).fields.empty());
}

TEST(Message, what_the_sanitizer_passes_over_hides_nothing_from_the_guard) {
  const std::string fields = "Resent-From: x@y.example\r\nX-Loop: taro@town.example.lg.jp\r\nFrom: b@b.example\r\n\r\nbody";
  for (const std::string &front : std::vector<std::string>{"From a@x Sat Nov 28 13:00:00 2026\r\n", ">From x\r\n", "Received: x\r\nbad\r\n",
                                  ">From x\r\nReceived: x\r\nbad\r\n"}) {
    const std::string mail = front + fields;
    const Message message = read_message(as_bytes(mail));
    EXPECT_EQ(mark_of_forwarding(message, "a@b.example"), "Resent-From") << front;
    EXPECT_TRUE(has_been_there(message, {"taro@town.example.lg.jp"})) << front;
    EXPECT_EQ(author_of(message).address, "b@b.example") << front;
    EXPECT_EQ(message.body, "body") << front;
    EXPECT_TRUE(message.unclear) << front;
  }
}

TEST(Message, the_guard_and_the_sanitizer_read_the_same) {
  std::string many = "Sender: a@a.example\r\n";
  for (std::size_t i = 0; i < mime::max_fields; ++i) many += "X: 1\r\n";
  for (const std::string &mail : std::vector<std::string>{many + "From: b@b.example\r\n folded\r\n\r\nbody", "A: 1\r\n \r\n\tx\r\n\r\nbody",
                                 " A: 1\r\nB: 2\r\n\r\nbody", "From x\r\n fold\r\nB: 2\r\n\r\nbody",
                                 "A: 1\r\nbad\r\nbad\r\nB: 2\r\n\r\nbody", "A: 1\r\nbad", "A: 1", "\r\nA: 1\r\n", " \r\nA: 1",
                                 "A:\r\n\x01: 2\r\nB: 2\r\n\r\n", "A: 1\r\n>From x\r\nB : 2\r\n\r\nbody\r\n"}) {
    const Message message = read_message(as_bytes(mail));
    const mime::Mail parsed = mime::parse(as_bytes(mail), {});
    const mime::Part &shown = parsed.parts.front();
    ASSERT_EQ(message.fields.size(), shown.fields.size()) << mail.substr(0, 80);
    for (std::size_t i = 0; i < shown.fields.size(); ++i) {
      EXPECT_EQ(message.fields[i].name, shown.fields[i].name);
      EXPECT_EQ(message.fields[i].value, mime::read_header(mail).fields[i].value);
      EXPECT_TRUE(shown.fields[i].value.starts_with(message.fields[i].value));
    }
    EXPECT_EQ(message.body, as_chars(shown.body)) << mail.substr(0, 80);
    EXPECT_EQ(parsed.too_many_fields, mail.starts_with(many));
  }
}

TEST(Message, the_author_is_one_or_nobody) {
  const auto author = [](const std::string &text) {
    const std::string mail = text + "\r\n";
    const Author read = author_of(read_message(as_bytes(mail)));
    return std::string(read.field) + ' ' + read.address;
  };
  EXPECT_EQ(author("From: =?utf-8?B?5bGx55Sw?= <yamada@a.example>\r\nSender: b@b.example\r\n"), "From yamada@a.example");
  EXPECT_EQ(author("From: a@a.example\r\nFrom: b@b.example\r\n"), "From ");
  EXPECT_EQ(author("From: a@a.example, b@b.example\r\n"), "From ");
  EXPECT_EQ(author("From: Sales, Town <a@a.example>\r\n"), "From a@a.example");
  for (const char *other : {"boss@b.example", "\"the boss\"@b.example", "boss@b.example (boss)", "Boss <boss>", "=?utf-8?q?boss=40b.example?="})
    EXPECT_EQ(author(std::string("From: ") + other + ", Town <a@a.example>\r\n"), "From ") << other;
  EXPECT_EQ(author("Subject: x\r\n"), " ");
  EXPECT_EQ(author("Sender: The Boss <boss@b.example>, c@c.example\r\n"), "Sender boss@b.example");
  EXPECT_EQ(author("From: \r\nSender: boss@b.example\r\n"), "Sender boss@b.example");
  EXPECT_EQ(author("Sender: a@a.example\r\nSender: boss@b.example\r\n"), "Sender ");
  EXPECT_EQ(author("From:\r\nFrom: a@a.example\r\nSender: boss@b.example\r\n"), "Sender ");
  EXPECT_EQ(author("Sender: The Boss\r\n"), "Sender ");
}

} // namespace
} // namespace sekisho::guard
