// M5: what a program sent on is told from what a person or a vacation program sent.
#include "gateway/guard/forwarding.hh"

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
  const std::string mail = "A: one\r\n two\r\nB :x\r\nno field\r\nC: y\r\n\r\nbody";
  const Message message = read_message(as_bytes(mail));
  ASSERT_EQ(message.fields.size(), 2u);
  EXPECT_EQ(message.fields[0].value, " one\r\n two");
  EXPECT_EQ(message.fields[0].whole, "A: one\r\n two");
  EXPECT_EQ(message.fields[1].name, "B");
  EXPECT_TRUE(message.body.starts_with("no field"));
  EXPECT_TRUE(read_message({}).fields.empty());
}

TEST(Message, the_author_is_one_or_nobody) {
  const auto author = [](const std::string &text) {
    const std::string mail = text + "\r\n";
    return author_of(read_message(as_bytes(mail)));
  };
  EXPECT_EQ(author("From: =?utf-8?B?5bGx55Sw?= <yamada@a.example>\r\n"), "yamada@a.example");
  EXPECT_EQ(author("From: a@a.example\r\nFrom: b@b.example\r\n"), "");
  EXPECT_EQ(author("From: a@a.example, b@b.example\r\n"), "");
  EXPECT_EQ(author("Subject: x\r\n"), "");
}

} // namespace
} // namespace sekisho::guard
