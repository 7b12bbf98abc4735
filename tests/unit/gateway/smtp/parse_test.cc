// address, command, reply.
#include "gateway/smtp/command.hh"
#include "gateway/smtp/reply.hh"
#include "gateway/smtp/xtext.hh"

#include <gtest/gtest.h>

namespace sekisho::smtp {
namespace {

std::string path(std::string_view text, bool utf8 = false) {
  auto mailbox = take_path(text, utf8);
  if (!mailbox) return "error";
  return mailbox->text() + (text.empty() ? "" : " rest") + (mailbox->routed() ? " routed" : "");
}

TEST(Path, Good) {
  EXPECT_EQ(path("<a@b.example>"), "a@b.example");
  EXPECT_EQ(path("<>"), "");
  EXPECT_EQ(path("<a.b+c@b.example> SIZE=1"), "a.b+c@b.example rest");
  EXPECT_EQ(path("<\"a b\"@b.example>"), "\"a b\"@b.example");
  EXPECT_EQ(path("<\"ab\"@b.example>"), "ab@b.example");
  EXPECT_EQ(path("<\"a\\\"b\"@b.example>"), "\"a\\\"b\"@b.example");
  EXPECT_EQ(path("<a@[192.0.2.1]>"), "a@[192.0.2.1]");
  EXPECT_EQ(path("<a@[IPv6:2001:db8::1]>"), "a@[IPv6:2001:db8::1]");
  EXPECT_EQ(path("<\xe5\xa4\xaa@\xe7\x94\xba.example>", true), "\xe5\xa4\xaa@\xe7\x94\xba.example");
}

TEST(Path, SourceRouteIsForgotten) { // RFC 5321 §4.1.1.3
  EXPECT_EQ(path("<@x.example,@y.example:a@b.example>"), "a@b.example");
  EXPECT_EQ(path("<@x.example:a@b.example>"), "a@b.example");
  EXPECT_EQ(path("<@x.example,:a@b.example>"), "error");
  EXPECT_EQ(path("<x.example:a@b.example>"), "error");
}

TEST(Path, RoutingInTheLocalPart) {
  EXPECT_EQ(path("<a%c.example@b.example>"), "a%c.example@b.example routed");
  EXPECT_EQ(path("<c.example!a@b.example>"), "c.example!a@b.example routed");
  EXPECT_EQ(path("<\"a@c.example\"@b.example>"), "\"a@c.example\"@b.example routed");
}

TEST(Path, Bad) {
  for (std::string_view text :
       {"", "a@b.example", "<a@b.example", "<a>", "<@b.example>", "<a@>", "<.a@b.example>",
        "<a.@b.example>", "<a..b@b.example>", "<a b@b.example>", "<a@b..example>", "<a@-b.example>",
        "<a@b.example.>", "<a@b example>", "<\"a@b.example>", "<\"a\"b@b.example>", "<a@b@c.example>",
        "<\xe5\xa4\xaa@b.example>", "<a@[1.2.3.4>", "<a@[]>", "<(x)a@b.example>"})
    EXPECT_EQ(path(text), "error") << text;
  EXPECT_EQ(path("<" + std::string(65, 'a') + "@b.example>"), "error");
  EXPECT_EQ(path("<a@" + std::string(64, 'b') + ".example>"), "error");
  std::string long_domain;
  while (long_domain.size() < 252) long_domain += "abc.";
  EXPECT_EQ(path("<a@" + long_domain + "example>"), "error");
  EXPECT_EQ(path("<\xc0\xaf@b.example>", true), "error"); // overlong UTF-8
  for (const char *mapped : {"<x@gmail.com＞　orcpt＝rfc822；x.lg.example>", "<x@gmail.com＠a.lg.example>", "<x@a＜b.example>"})
    EXPECT_EQ(path(mapped, true), "error") << mapped; // UTS #46 makes signs of SMTP of them
  EXPECT_EQ(path("<x@ｇｍａｉｌ。com>", true), "x@ｇｍａｉｌ。com");
  EXPECT_EQ(path("<\xed\xa0\x80@b.example>", true), "error"); // a surrogate
}

Reason error_of(std::string_view line, bool utf8 = false) {
  auto command = parse_command(line, utf8);
  return command ? Reason::none : command.error();
}

TEST(Command, Mail) {
  auto command = parse_command("mail from:<a@b.example> size=1000 BODY=8bitmime smtputf8", false);
  ASSERT_TRUE(command);
  EXPECT_EQ(command->verb, Verb::mail);
  EXPECT_EQ(command->size, 1000u);
  EXPECT_TRUE(command->eight_bit);
  EXPECT_TRUE(command->utf8);
  EXPECT_EQ(error_of("MAIL FROM: <a@b.example>"), Reason::none);
  EXPECT_EQ(error_of("MAIL FROM:<\xe5\xa4\xaa@b.example> SMTPUTF8"), Reason::none);
  EXPECT_EQ(error_of("MAIL FROM:<\xe5\xa4\xaa@b.example>"), Reason::command_syntax);
  EXPECT_EQ(error_of("MAIL FROM:<a@b.example>SIZE=1"), Reason::command_syntax);
  EXPECT_EQ(error_of("MAIL FROM:<a@b.example> SIZE=-1"), Reason::command_syntax);
  for (const char *much : {"99999999999999999999", "99999999999999999999999999"})
    EXPECT_EQ(parse_command(std::string("MAIL FROM:<a@b.example> SIZE=") + much, false)->size, ~std::uint64_t{0}) << "too much, not misspelt";
  for (const char *none : {"", "1x", "99999999999999999999999999x"})
    EXPECT_EQ(error_of(std::string("MAIL FROM:<a@b.example> SIZE=") + none), Reason::command_syntax) << none;
  EXPECT_EQ(error_of("MAIL FROM:<a@b.example> BODY=BINARYMIME"), Reason::parameter_unknown);
  EXPECT_EQ(error_of("MAIL FROM:<a@b.example> AUTH=<>"), Reason::parameter_unknown);
  EXPECT_EQ(error_of("MAIL FROM:<a@b.example> SIZE=1 size=1"), Reason::command_syntax);
  EXPECT_EQ(error_of("MAIL FROM:<a@b.example> SMTPUTF8=1"), Reason::command_syntax);
  EXPECT_EQ(error_of("MAIL FROM:<a@b.example> ENVID=" + std::string(100, 'x')), Reason::none);
  EXPECT_EQ(error_of("MAIL FROM:<a@b.example> ENVID=" + std::string(101, 'x')), Reason::command_syntax);
  EXPECT_EQ(error_of("MAIL TO:<a@b.example>"), Reason::command_syntax);
  EXPECT_EQ(error_of("MAIL"), Reason::command_syntax);
}

TEST(Command, Others) {
  EXPECT_EQ(error_of("EHLO client.example"), Reason::none);
  EXPECT_EQ(error_of("EHLO [192.0.2.1]"), Reason::none);
  EXPECT_EQ(error_of("EHLO"), Reason::command_syntax);
  EXPECT_EQ(error_of("EHLO a(b)"), Reason::command_syntax);
  EXPECT_EQ(error_of("EHLO a b"), Reason::command_syntax);
  for (std::string_view line : {"EHLO .", "HELO a..", "HELO .a", "EHLO [192.0.2.1]."}) EXPECT_EQ(error_of(line), Reason::command_syntax) << line;
  EXPECT_EQ(parse_command("HELO client.example.", false)->host, "client.example");
  EXPECT_EQ(error_of("RCPT TO:<>"), Reason::command_syntax);
  EXPECT_EQ(error_of("RCPT TO:<a@b.example> NOTIFY=NEVER"), Reason::none);
  const auto original = [](int count) { // as it goes on: 8 octets for each of 3
    std::string orcpt = "RCPT TO:<a@b.example> ORCPT=utf-8;";
    for (int i = 0; i < count; ++i) orcpt += "\u5c0f";
    return orcpt + "@b.example";
  };
  EXPECT_EQ(error_of(original(60), true), Reason::none);
  EXPECT_EQ(error_of(original(61), true), Reason::command_syntax);
  EXPECT_EQ(error_of("RCPT TO:<a@b.example> NOTIFY="), Reason::command_syntax);
  EXPECT_EQ(error_of("RCPT TO:<a@b.example> NOTIFY=SUCCESS,"), Reason::command_syntax);
  EXPECT_EQ(error_of("DATA now"), Reason::command_syntax);
  EXPECT_EQ(error_of("NOOP anything"), Reason::none);
  EXPECT_EQ(error_of("VRFY"), Reason::command_syntax);
  EXPECT_EQ(error_of("TURN"), Reason::command_unknown);
  EXPECT_EQ(error_of("STARTTLS"), Reason::none);
  EXPECT_EQ(error_of("STARTTLS now"), Reason::command_syntax);
  EXPECT_EQ(error_of("LHLO client.example"), Reason::command_unknown);
  EXPECT_EQ(error_of("EXPN all"), Reason::command_unknown);
  EXPECT_EQ(error_of("AUTH PLAIN"), Reason::command_unknown);
  EXPECT_EQ(error_of(""), Reason::command_unknown);
  EXPECT_EQ(error_of(std::string_view("NOOP \0", 6)), Reason::command_syntax);
}

TEST(Command, Chunk) { // RFC 3030 §2
  auto command = parse_command("bdat 1000 Last", false);
  ASSERT_TRUE(command);
  EXPECT_EQ(command->chunk, 1000u);
  EXPECT_TRUE(command->last);
  EXPECT_FALSE(parse_command("BDAT 0", false)->last);
  for (std::string_view line : {"BDAT", "BDAT LAST", "BDAT -1", "BDAT 1 LAST x", "BDAT 1 FIRST", "BDAT 0x10", "BDAT +1",
                                "BDAT 18446744073709551616"}) {
    EXPECT_EQ(error_of(line), Reason::command_syntax) << line;
    EXPECT_EQ(verb_of(line), Verb::bdat) << line;
  }
}

TEST(Xtext, DecodesPrintableAsciiOnly) { // RFC 3461 §4
  EXPECT_EQ(decode_xtext("a+2Bb+3D"), "a+b=");
  EXPECT_EQ(decode_xtext(""), "");
  for (std::string_view text : {"a=b", "a b", "+", "+2", "+2b", "+0D+0A", "+00", "+7F", "+E5", "\xe5\xa4\xaa"})
    EXPECT_FALSE(decode_xtext(text)) << text;
}

TEST(Xtext, OriginalRecipient) { // §4.2, RFC 6533 §3
  EXPECT_TRUE(is_original_recipient("rfc822;a@b.example", false));
  EXPECT_TRUE(is_original_recipient("x400;/S=yamada/", false) == false); // "=" is written +3D
  EXPECT_TRUE(is_original_recipient("utf-8;\xe5\xa4\xaa@b.example", true));
  for (std::string_view value : {"", "a@b.example", ";a@b", "rfc822;", "rf c;a", "rfc822;a@b\xe5\xa4\xaa",
                                 "utf-8;\xe5\xa4\xaa@b.example"})
    EXPECT_FALSE(is_original_recipient(value, false)) << value;
  EXPECT_FALSE(is_original_recipient("utf-8;\xe5\xa4", true));
  EXPECT_EQ(without_utf8("utf-8;\xe5\xa4\xaa@b.example"), "utf-8;\\x{592A}@b.example");
  EXPECT_EQ(without_utf8("rfc822;a+2Bb@c.example"), "rfc822;a+2Bb@c.example");
}

TEST(Command, LineLimits) {
  EXPECT_EQ(error_of("NOOP " + std::string(505, 'x')), Reason::none);          // 512 with CRLF
  EXPECT_EQ(error_of("NOOP " + std::string(506, 'x')), Reason::line_too_long);
  const std::string filler(1080, ' ');
  EXPECT_EQ(error_of("RCPT TO:<a@b.example>" + filler), Reason::line_too_long);
}

TEST(Reply, OneTable) {
  EXPECT_EQ(refusal(Reason::relay_denied),
            "550 5.7.1 relay-denied: recipient is not one this relay serves\r\n");
  EXPECT_EQ(status_of(Reason::mail_too_big).code, 552);
  EXPECT_EQ(status_of(Reason::spool_full).code, 452);
  // whatever has no row leaves the mail with the peer
  EXPECT_EQ(status_of(Reason::job_worker_died).code, 451);
  for (const ReasonInfo &row : all_reasons()) {
    const Status status = status_of(row.reason);
    EXPECT_EQ(status.code / 100, status.enhanced[0] - '0') << row.word;
  }
}

} // namespace
} // namespace sekisho::smtp
