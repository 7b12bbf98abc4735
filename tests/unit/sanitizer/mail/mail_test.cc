#include "base/utf8.hh"
#include "sanitizer/job/codec.hh"
#include "sanitizer/job/missing.hh"
#include "sanitizer/mime/address.hh"
#include "sanitizer/mime/parse.hh"
#include "sanitizer/mime/transfer.hh"
#include "sanitizer/rebuild/mail/calendar_text.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/rebuild/unpacked.hh"
#include "sanitizer/verify/verify.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>

namespace sekisho::rebuild {
namespace {

job::Outcome no_file(const job::Job &) {
  return {};
}

job::Outcome run(std::string_view text, std::string_view receipt = "T-1", const job::Plan &plan = {}) {
  job::Job job;
  job.plan = plan;
  job.what = job::What::mail;
  job.receipt = receipt;
  job.bytes = as_bytes(text);
  return mail(job, no_file);
}

TEST(Mail, ordinary) {
  job::Outcome outcome =
      run("From: =?ISO-2022-JP?B?GyRCOzNFRBsoQg==?= <a@example.jp>\r\n"
          "To: b@example.jp\r\nSubject: =?UTF-8?B?5Lu25ZCN?=\r\n"
          "Date: Fri, 20 Nov 2026 19:00:00 +0900\r\n"
          "Content-Type: text/html; charset=utf-8\r\n\r\n"
          "<p>Hello <a href=\"https://evil.example/x\">bank</a><script>x</script>\r\n");
  ASSERT_EQ(outcome.status, job::Status::clean) << word_of(outcome.reason);
  EXPECT_TRUE(verify::accept_mail(outcome.output)) << as_chars(outcome.output);
  EXPECT_EQ(outcome.report.from, "山田 <a@example.jp>");
  EXPECT_EQ(outcome.report.subject, "件名");
}

/// The text of a mail that is one text.
std::string body_of(const job::Outcome &outcome) {
  const std::string mail(as_chars(outcome.output));
  return std::string(
      as_chars(mime::decode_base64(as_bytes(mail.substr(mail.find("\r\n\r\n") + 4)))));
}

/// The value of a field of the mail that came out, on one line; empty where there is none.
std::string field_of(const job::Outcome &outcome, std::string_view name) {
  const mime::Mail mail = mime::parse(outcome.output, {});
  const mime::Field *field = mime::find_field(mail.parts.front().fields, name);
  return field ? mime::unfold(field->value) : std::string();
}

TEST(Mail, a_nul_at_the_end_of_a_short_text_is_no_reason_to_take_it) {
  using namespace std::string_literals;
  const std::string head = "From: a@example.jp\r\nTo: b@example.jp\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
  for (const std::string &text : {"OK\0\r\n"s, "了解です。\0\r\n"s, "Thank you very much.\0\0\r\n"s}) {
    const job::Outcome outcome = run(head + text);
    EXPECT_NE(body_of(outcome).find(text.substr(0, text.find('\0'))), std::string::npos) << text;
    EXPECT_EQ(std::ranges::count(outcome.report.parts.front().reasons, Reason::part_control_characters), 1) << text;
  }
  EXPECT_TRUE(body_of(run(head + std::string(40, '\0') + "binary")).find("binary") == std::string::npos);
}

/// The path, what was done and why, of each part.
std::string parts_of(const job::Outcome &outcome) {
  std::string text;
  for (const job::PartReport &part : outcome.report.parts) {
    text += "[" + part.path + " " + std::string(job::word_of(part.action));
    for (const Reason reason : part.reasons)
      text += " " + std::string(word_of(reason));
    text += "]";
  }
  return text;
}

// RFC 2045 §6.4.  What cannot be read is told and not shown as it is.
TEST(Mail, encodings_and_boundaries_that_nobody_knows) {
  const auto of_encoding = [](const std::string &type) {
    return run("From: a@b.example\r\nContent-Type: " + type + "\r\nContent-Transfer-Encoding: x-base64\r\n\r\n5pys5paH\r\n");
  };
  for (const char *type : {"text/plain", "text/html", "application/pdf; name=a.pdf", "multipart/mixed; boundary=b"}) {
    const job::Outcome outcome = of_encoding(type);
    EXPECT_EQ(parts_of(outcome), "[1 stripped malformed]") << type;
    EXPECT_EQ(body_of(outcome).find("5pys5paH"), std::string::npos) << type;
  }
  const job::Outcome plain = run("From: a@b.example\r\nContent-Transfer-Encoding: x-plain\r\n\r\nit says so\r\n");
  EXPECT_EQ(parts_of(plain), "[1 kept-text malformed]");
  EXPECT_NE(body_of(plain).find("it says so"), std::string::npos) << "and no base64 can say that";
  EXPECT_EQ(parts_of(run("From: a@b.example\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: x\r\n\r\n%PDF-1.4 x\r\n")),
            "[1 stripped malformed]");
  const job::Outcome source = run("From: a@b.example\r\nContent-Type: multipart/mixed\r\n\r\n--b\r\ncontent-type: text/plain\r\n\r\nx\r\n--b--\r\n");
  EXPECT_EQ(parts_of(source), "[1 stripped malformed]");
  const job::Outcome words = run("From: a@b.example\r\nContent-Type: multipart/mixed\r\n\r\nwords\r\n-- \r\nTaro\r\n");
  EXPECT_EQ(parts_of(words), "[1 kept-text malformed]");
  EXPECT_NE(body_of(words).find("malformed"), std::string::npos) << "told in the note";
  const job::Outcome forms = run("From: a@b.example\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: x\r\n\r\nnot read\r\n"
                                 "--b\r\nContent-Type: text/html\r\n\r\nread\r\n--b--\r\n");
  EXPECT_EQ(parts_of(forms), "[1 stripped malformed][2 kept-text html-to-text]");
}

// RFC 3156 §4
TEST(Mail, what_is_encrypted_is_what_is_recorded) {
  const job::Outcome outcome = run("From: a@b.example\r\nContent-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\r\n\r\n"
                                   "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\n"
                                   "Content-Type: application/octet-stream; name=encrypted.asc\r\n\r\nsecret\r\n--b--\r\n");
  EXPECT_EQ(parts_of(outcome), "[2 stripped encrypted]");
  EXPECT_EQ(outcome.report.parts.front().name, "encrypted.asc");
  EXPECT_EQ(outcome.report.parts.front().size, 6u);
  EXPECT_EQ(parts_of(run("From: a@b.example\r\nContent-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\n"
                         "Version: 1\r\n--b--\r\n")),
            "[1 stripped encrypted]");
}

TEST(Mail, words_about_pgp_are_words) {
  const auto is_encrypted = [](const std::string &body, const std::string &type = "text/plain") {
    return run("From: a@b.example\r\nContent-Type: " + type + "\r\n\r\n" + body + "\r\n").report.parts.front().kind == job::Kind::encrypted;
  };
  const std::string begin = "-----BEGIN PGP MESSAGE-----", end = "-----END PGP MESSAGE-----";
  EXPECT_FALSE(is_encrypted("What begins with \"" + begin + "\" is encrypted, up to \"" + end + "\"."));
  EXPECT_FALSE(is_encrypted("words\r\n" + begin + "\r\nis how it begins"));
  EXPECT_TRUE(is_encrypted("words\r\n" + begin + " \r\n\r\nabc\r\n" + end));
  EXPECT_TRUE(is_encrypted("<p>x<br>" + begin + "<br><br>abc<br>" + end + "</p>", "text/html"));
}

TEST(Mail, emoji_of_a_carrier_in_a_subject) {
  const job::Outcome outcome = run("From: a@docomo.ne.jp\r\nSubject: =?Shift_JIS?B?jLOLQ/mR?=\r\n\r\nx\r\n");
  EXPECT_EQ(outcome.report.subject, "元気❤");
  EXPECT_EQ(outcome.report.reasons, std::vector<Reason>());
}

TEST(Mail, ids_are_read_alike) {
  const auto field = [](const std::string &name, const std::string &id) {
    return field_of(run("From: a@b.example\r\n" + name + ": " + id + "\r\n\r\nx\r\n"), name);
  };
  for (const auto &[written, read] : {std::pair{"<a b@x>", "<ab@x>"}, {"abc@x", "<abc@x>"}, {"<a@b>", "<a@b>"}})
    for (const char *name : {"Message-ID", "In-Reply-To", "References"})
      EXPECT_EQ(field(name, written), read) << name;
  EXPECT_TRUE(field("Message-ID", "<a@b> x").ends_with("@sekisho.invalid>"));
  EXPECT_EQ(field("In-Reply-To", "<日本@x>"), "");
}

// RFC 6533: a report in UTF-8 is read as one in ASCII.
TEST(Mail, reports_in_utf_8) {
  const job::Outcome outcome = run("From: a@b.example\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\nnot delivered\r\n"
                                   "--b\r\nContent-Type: message/global-delivery-status\r\n\r\nFinal-Recipient: utf-8; 太郎@例.jp\r\n"
                                   "--b\r\nContent-Type: message/global-headers\r\n\r\nSubject: =?utf-8?q?a_b?=\r\n--b--\r\n");
  EXPECT_EQ(parts_of(outcome), "[1 kept-text][2 kept-text][3 kept-text]");
  EXPECT_NE(body_of(outcome).find("Final-Recipient: utf-8; 太郎@例.jp"), std::string::npos);
  EXPECT_NE(body_of(outcome).find("Subject: a b"), std::string::npos);
}

// RFC 1896: it looks like HTML.
TEST(Mail, enriched_text) {
  const job::Outcome outcome = run("From: a@b.example\r\nContent-Type: text/enriched\r\n\r\n<bold>one</bold> a<<b\r\n\r\ntwo <<script>x\r\n");
  EXPECT_NE(body_of(outcome).find("one a<b\r\ntwo "), std::string::npos) << body_of(outcome);
  EXPECT_EQ(body_of(outcome).find("<script>"), std::string::npos);
  EXPECT_EQ(outcome.report.parts.front().kind, job::Kind::text);
}

// RFC 5322 §3.6.4: some stores take two mails of one id for one.
TEST(Mail, equal_mails_without_an_id_are_two_mails) {
  const auto id_of = [](std::string_view receipt) {
    return field_of(run("From: a@example.jp\r\n\r\nx\r\n", receipt), "Message-ID");
  };
  EXPECT_TRUE(mime::is_message_id(id_of("T-1"))) << id_of("T-1");
  EXPECT_NE(id_of("T-1"), id_of("T-2"));
  EXPECT_EQ(id_of("T-1"), id_of("T-1"));
  EXPECT_NE(id_of("T-1"), field_of(run("From: a@example.jp\r\n\r\ny\r\n", "T-1"), "Message-ID"));
  EXPECT_TRUE(mime::is_message_id(id_of(""))) << id_of("");
  EXPECT_EQ(id_of(""), id_of(""));
  EXPECT_EQ(field_of(run("From: a@example.jp\r\nMessage-ID: <1@example.jp>\r\n\r\nx\r\n"), "Message-ID"), "<1@example.jp>");
}

// RFC 3834 §5: two programs that answer by themselves would write to each other without end.
TEST(Mail, answers_of_machines_are_known_as_such) {
  const job::Outcome outcome = run("Auto-Submitted: Auto-Replied; owner-email=\"x@example.jp\"\r\n"
                                   "Precedence: first-class\r\nPrecedence: BULK\r\n"
                                   "X-Auto-Response-Suppress: oof, x, All\r\n"
                                   "List-Id: =?utf-8?B?5pel?= <fire.town.example>\r\nList-Post: <mailto:a@example.jp>\r\n"
                                   "From: a@example.jp\r\nSubject: x\r\n\r\nhello\r\n");
  ASSERT_EQ(outcome.status, job::Status::clean) << word_of(outcome.reason);
  EXPECT_TRUE(verify::accept_mail(outcome.output)) << as_chars(outcome.output);
  EXPECT_EQ(field_of(outcome, "Auto-Submitted"), "auto-replied");
  EXPECT_EQ(field_of(outcome, "Precedence"), "bulk");
  EXPECT_EQ(field_of(outcome, "X-Auto-Response-Suppress"), "OOF, All");
  EXPECT_EQ(field_of(outcome, "List-Id"), "<fire.town.example>");
  EXPECT_EQ(field_of(outcome, "List-Post"), "");
  const auto reasons_of = [](std::string_view field) {
    return run(std::string(field) + "\r\nFrom: a@example.jp\r\n\r\nx\r\n").report.reasons;
  };
  EXPECT_EQ(reasons_of("Precedence: bulk"), std::vector<Reason>{});
  EXPECT_EQ(reasons_of("Precedence: special"), std::vector{Reason::part_header_dropped});
}

// RFC 6531: what the next hop may not be given as an address is seen all the same.
TEST(Mail, whom_no_address_names_is_shown) {
  const std::string header = "From: 用@例え.jp\r\nTo: 宛@例え.jp, b@example.jp\r\n"
                             "Cc: =?utf-8?B?6Kqy6ZW3?= <長@例え.jp>, undisclosed:;\r\nReply-To: 返@例え.jp\r\n\r\nx\r\n";
  const job::Outcome outcome = run(header);
  ASSERT_EQ(outcome.status, job::Status::clean) << word_of(outcome.reason);
  EXPECT_TRUE(verify::accept_mail(outcome.output)) << as_chars(outcome.output);
  const auto all_of = [&](std::string_view field) {
    std::string all;
    for (const mime::Mailbox &mailbox : mime::parse_addresses(field_of(outcome, field), 9))
      all += mailbox.name + '|' + mailbox.address + '\n';
    return all;
  };
  EXPECT_EQ(all_of("From"), "用@例え.jp|unknown@sender.invalid\n");
  EXPECT_EQ(all_of("To"), "宛@例え.jp|unknown@recipient.invalid\n|b@example.jp\n");
  EXPECT_EQ(all_of("Cc"), "課長|unknown@recipient.invalid\n");
  EXPECT_EQ(all_of("Reply-To"), "") << "an answer goes to the sender";
  EXPECT_EQ(outcome.report.to, "宛@例え.jp, b@example.jp");
}

// M6: whoever is shown without an address is one more who would be seen.
TEST(Mail, recipients_without_addresses_are_hidden_from_each_other) {
  const auto to_of = [](const std::string &to) {
    const std::string text = "From: a@town.example\r\nTo: " + to + "\r\n\r\nx\r\n";
    job::Job job;
    job.what = job::What::mail;
    job.plan.hide_recipients = true;
    job.bytes = as_bytes(text);
    return field_of(mail(job, no_file), "To");
  };
  EXPECT_EQ(to_of("用@例え.jp, 宛@例え.jp"), "undisclosed-recipients:;");
  EXPECT_EQ(to_of("用@例え.jp, x@out.example"), "undisclosed-recipients:;");
  EXPECT_NE(to_of("用@例え.jp, 用@例え.jp"), "undisclosed-recipients:;");
  EXPECT_NE(to_of("用@例え.jp, b@town.example"), "undisclosed-recipients:;");
}

// M6: who may be seen is said by the rules, not by whoever writes From.
TEST(Mail, recipients_of_the_own_domains_may_be_seen) {
  const auto is_hidden = [](const std::string &from, const std::string &to) {
    const std::string text = "From: " + from + "\r\nTo: " + to + "\r\n\r\nx\r\n";
    job::Job job;
    job.what = job::What::mail;
    job.plan.hide_recipients = true;
    job.plan.own_domains = {"office.example", "town.example"};
    job.bytes = as_bytes(text);
    return field_of(mail(job, no_file), "To") == "undisclosed-recipients:;";
  };
  EXPECT_TRUE(is_hidden("a@free.example", "b@free.example, c@free.example"));
  EXPECT_TRUE(is_hidden("a@town.example", "b@free.example, c@sub.town.example"));
  EXPECT_FALSE(is_hidden("a@free.example", "b@Town.example, c@OFFICE.example, d@free.example"));
  EXPECT_TRUE(is_hidden("a@town.example", "b@xtown.example, c@town.example.example"));
  for (const std::string to : {"b@free.example c@free.example", "b@free.example (c@free.example)", "\"b@free.example; C＠free.example\" <b@free.example>",
                               "=?utf-8?q?c=40free.example?= <b@free.example>"})
    EXPECT_TRUE(is_hidden("a@town.example", to)) << "a name shows it as well: " << to;
  EXPECT_FALSE(is_hidden("a@town.example", "\"B@Free.example (B)\" <b@free.example>, \"c@town.example d@office.example @x\" <c@town.example>"));
  for (const std::string one : {"\"taro@x.example（太郎）\" <taro@x.example>", "\"taro@x.example様\" <taro@x.example>", "\"太郎taro＠x．example。\" <Taro@X.example>",
                                "\"（taro@x.example）\" <taro@x.example>"})
    EXPECT_FALSE(is_hidden("a@town.example", one)) << "one recipient, whose address the name has as well: " << one;
  for (const std::string two : {"\"jiro@x.example様\" <taro@x.example>", "\"taro@例え.jp\" <taro@x.example>", "\"太郎@x.example\" <taro@x.example>"})
    EXPECT_TRUE(is_hidden("a@town.example", two)) << two;
}

// M6: Reply-To names no recipient whom To does not.
TEST(Mail, hidden_recipients_are_hidden_in_reply_to) {
  const auto reply_to_of = [](const std::string &reply_to, const std::string &cc = "b@y.example", std::vector<std::string> own = {}) {
    const std::string text = "From: a@town.example\r\nTo: A <a@x.example>\r\nCc: d@town.example, " + cc + "\r\nReply-To: " + reply_to + "\r\n\r\nx\r\n";
    job::Job job;
    job.what = job::What::mail;
    job.plan.hide_recipients = true;
    job.plan.own_domains = std::move(own);
    job.bytes = as_bytes(text);
    return field_of(mail(job, no_file), "Reply-To");
  };
  EXPECT_EQ(reply_to_of("a@x.example, B@Y.example"), "");
  EXPECT_EQ(reply_to_of("a@x.example, e@w.example, a@town.example, d@town.example"), "e@w.example, a@town.example, d@town.example");
  EXPECT_EQ(reply_to_of("a@x.example, a@town.example", "a@town.example", {"x.example"}), "a@x.example, a@town.example");
  EXPECT_EQ(reply_to_of("d@town.example, a@x.example, a@town.example", "a@town.example", {"other.example"}), "a@town.example");
  EXPECT_EQ(reply_to_of("a@x.example", "e@town.example"), "a@x.example") << "nobody is hidden";
}

// RFC 5322 §3.6.1: without a date a mail program shows the time at which it fetched the mail, or 1970.
TEST(Mail, a_date_is_made_of_the_time_of_acceptance) {
  const auto treat = [](const std::string &fields, UnixSeconds accepted) {
    const std::string text = "From: a@example.jp\r\n" + fields + "\r\nx\r\n";
    job::Job job;
    job.what = job::What::mail;
    job.accepted = accepted;
    job.bytes = as_bytes(text);
    return mail(job, no_file);
  };
  const auto is_told = [](const job::Outcome &outcome) {
    const bool told = std::ranges::count(outcome.report.reasons, Reason::date_made) > 0;
    EXPECT_EQ(body_of(outcome).find("[Sekisho]"), std::string::npos) << "of itself it makes no note";
    return told;
  };
  constexpr UnixSeconds time = 1'795'172'742;
  for (const char *none : {"", "Date: yesterday\r\n"}) {
    const job::Outcome made = treat(none, time);
    EXPECT_EQ(field_of(made, "Date"), "Fri, 20 Nov 2026 11:05:42 +0000");
    EXPECT_TRUE(is_told(made));
    EXPECT_TRUE(verify::accept_mail(made.output));
    EXPECT_EQ(as_chars(treat(none, time).output), as_chars(made.output));
    const job::Outcome unknown = treat(none, 0);
    EXPECT_EQ(field_of(unknown, "Date"), "");
    EXPECT_FALSE(is_told(unknown));
  }
  const std::string received = "Received: from b by c; Thu, 19 Nov 2026 09:00:00 +0900\r\n";
  EXPECT_EQ(field_of(treat(received, time), "Date"), "Fri, 20 Nov 2026 11:05:42 +0000");
  EXPECT_EQ(field_of(treat(received, 0), "Date"), "Thu, 19 Nov 2026 09:00:00 +0900");
  EXPECT_TRUE(is_told(treat(received, 0)));
  const job::Outcome given = treat(received + "Date: Wed, 18 Nov 2026 09:00:00 +0900\r\n", time);
  EXPECT_EQ(field_of(given, "Date"), "Wed, 18 Nov 2026 09:00:00 +0900");
  EXPECT_FALSE(is_told(given));
}

TEST(Mail, a_long_display_name_is_no_address) {
  job::Outcome outcome = run("From: \"mayor@city.example <mayor@city.example>, and so many other "
                             "words that it is long\" <a@example.jp>\r\n\r\nx\r\n");
  ASSERT_EQ(outcome.status, job::Status::clean);
  EXPECT_EQ(as_chars(outcome.output).find("<mayor@city.example>"), std::string_view::npos);
  const std::string_view mail = as_chars(outcome.output);
  const std::string from(mail.substr(6, mail.find("\r\nMessage-ID:") - 6));
  const std::vector<mime::Mailbox> read = mime::parse_addresses(from, 9);
  ASSERT_EQ(read.size(), 1u) << from;
  EXPECT_EQ(read[0].address, "a@example.jp");
}

TEST(Mail, an_empty_attachment_is_no_alarm) {
  for (const std::string name : {"a.txt", "b.csv", "c.pdf"}) {
    const job::Outcome outcome =
        run("From: a@example.jp\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\n"
            "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=" + name + "\r\n\r\n--b--\r\n");
    ASSERT_EQ(outcome.status, job::Status::clean);
    ASSERT_EQ(outcome.report.parts.size(), 2u);
    EXPECT_EQ(outcome.report.parts[1].reasons, std::vector<Reason>({Reason::part_empty})) << name;
  }
}

TEST(Mail, what_the_rules_take_out_is_told_as_that) { // H2
  const std::string mail = "From: a@example.jp\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\n"
                           "Content-Type: application/rtf\r\nContent-Disposition: attachment; filename=a.rtf\r\n\r\n{\\rtf1 x}\r\n--b--\r\n";
  EXPECT_EQ(parts_of(run(mail)), "[1 kept-text][2 stripped stripped-by-rule]");
}

/// Of a series only the end differs; what has one name gets a number.
TEST(Mail, attachments_have_names_of_their_own) {
  std::string series;
  for (unsigned i = 0; i < 400; ++i)
    series += "計";
  std::string mail = "From: a@example.jp\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (const std::string &name : {series + "_1.csv", series + "_2.csv", series + "_2.csv", std::string("a.txt"), std::string("A.TXT")})
    mail += "--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"" + name + "\"\r\n\r\nx\r\n";
  job::Plan texts;
  texts.treatments[static_cast<std::size_t>(job::KindClass::text)] = job::Treatment::text;
  const job::Outcome outcome = run(mail + "--b--\r\n", "T-1", texts);
  ASSERT_EQ(outcome.status, job::Status::clean);
  EXPECT_TRUE(verify::accept_mail(outcome.output));
  const mime::Mail read = mime::parse(outcome.output, {100, 10});
  std::vector<std::string> names;
  for (const mime::Part &part : read.parts)
    if (!part.name.empty()) names.push_back(part.name);
  ASSERT_EQ(names.size(), 5u);
  EXPECT_TRUE(names[0].ends_with("計_1.csv.txt") && names[1].ends_with("計_2.csv.txt")) << names[0];
  EXPECT_TRUE(names[2].ends_with("計_2.csv (2).txt")) << names[2];
  EXPECT_EQ(names[3], "a.txt");
  EXPECT_EQ(names[4], "A (2).txt");
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_LE(names[i].size(), 255u);
    EXPECT_EQ(outcome.report.parts[i].output_name, names[i]);
  }
  EXPECT_GT(outcome.report.parts[0].name.size(), 990u);
  EXPECT_TRUE(outcome.report.parts[0].name.ends_with("計_1.csv"));
}

TEST(Mail, of_a_mail_that_is_held_all_parts_are_listed) { // L11: whoever releases it sees what there is
  const std::string mail = "From: a@example.jp\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n"
                           "--b\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n"
                           "Content-Disposition: attachment; filename=smime.p7m\r\n\r\nMIIx\r\n"
                           "--b\r\nContent-Disposition: attachment; filename=b.exe\r\n\r\nMZ\r\n--b\r\n"
                           "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ninner\r\n--b--\r\n";
  job::Plan plan;
  plan.treatments[static_cast<std::size_t>(job::KindClass::encrypted)] = job::Treatment::hold;
  const job::Outcome outcome = run(mail, "T-1", plan);
  ASSERT_EQ(outcome.status, job::Status::held);
  ASSERT_EQ(outcome.report.parts.size(), 4u);
  EXPECT_EQ(outcome.report.parts[1].reasons.front(), Reason::part_encrypted);
  for (std::size_t i : {2u, 3u}) {
    EXPECT_EQ(outcome.report.parts[i].reasons.front(), Reason::part_not_looked_into) << i;
    EXPECT_EQ(outcome.report.parts[i].action, job::Action::held);
  }
  EXPECT_EQ(outcome.report.parts[2].name, "b.exe");
}

TEST(Mail, a_name_that_holds_another_address_is_told) { // M11
  const auto is_told = [](const std::string &from, const std::string &more = "") {
    const job::Outcome outcome = run("From: " + from + "\r\n" + more + "\r\nx\r\n");
    const bool told = std::ranges::count(outcome.report.reasons, Reason::part_name_with_address) > 0;
    EXPECT_EQ(told, body_of(outcome).starts_with("【関所】ご注意: 差出人または返信先の表示名に")) << from;
    return told;
  };
  for (const char *told :
       {"\"yamada@city.example.lg.jp\" <a@evil.example>", "good@city.example.lg.jp <a@evil.example>",
        "=?utf-8?B?55S66ZW3IDxjaG91Y2hvQGNpdHkuZXhhbXBsZS5sZy5qcD4=?= <a@evil.example>",
        "\"ｙａｍａｄａ＠city．example\" <a@evil.example>", "\"a﹫b@city.example.\" <a@evil.example>",
        "\"町長（x_@city.example）より\" <a@evil.example>",
        "\"市長 mayor@city。example。lg。jp\" <a@evil.example>", "\"市長 boss@city .example.lg.jp\" <a@evil.example>",
        "\"somu @ city.example\" <a@evil.example>", "\"総務課 somu　＠　city．example\" <a@evil.example>", "\"a@b @ city.example\" <a@evil.example>",
        "\"a@evil.example, b@city.example\" <a@evil.example>", "a@evil.example (b@city.example)",
        "\"taro.yamada@yahoo.co.jp\" <x39fj2@yahoo.co.jp>", "\"a@gmail.com\" <b@GMAIL.com>", "\"町長 mayor @ gmail.com\" <mayor2@gmail.com>",
        "\"yamada@mail.yahoo.co.jp\" <evil.yamada@mail.yahoo.co.jp>", "\"taro+news@gmail.com\" <jiro+news@gmail.com>"})
    EXPECT_TRUE(is_told(told)) << told;
  for (const char *fine :
       {"\"Taro.Yamada@GMAIL.com\" <taro.yamada@gmail.com>", "\"山田太郎a_b+c@gmail.com\" <a_b+c@gmail.com>",
        "\"c@gmail.com\" <a=b/c@gmail.com>", "\"山田 太郎 yamada @ gmail.com\" <yamada@gmail.com>", "\"taro@gmail.com\" <taro+news@gmail.com>",
        "\"'yamada@city.example' via 総務\" <soumu@city.example>", "\"support@city.example サポート\" <noreply@CITY.example>", "\"a@notgmail.com\" <b@notgmail.com>",
        "\"Taro (@taro.city)\" <a@b.example>", "\"Taro @ City\" <a@b.example>", "\"担当 @ 本庁。\" <a@b.example>",
        "\"(@ city.example)\" <a@b.example>",
        "\"a@b\" <a@b.example>", "\"山田（a@b.example）\" <a@b.example>", "a@b.example", "<a@b.example> <a@b.example>"})
    EXPECT_FALSE(is_told(fine)) << fine;
  const std::string to = "Reply-To: c@city.example, \"mayor@city.example\" ";
  EXPECT_TRUE(is_told("mayor@city.example", to + "<x@evil.example>\r\n"));
  EXPECT_FALSE(is_told("a@b.example", to + "<mayor@city.example>\r\n"));
  EXPECT_FALSE(is_told("a@b.example", "Sender: \"c@city.example\" <x@evil.example>\r\n")); // is not written
  EXPECT_TRUE(is_told("", "Sender: \"c@city.example\" <x@evil.example>\r\n"));
}

TEST(Mail, an_invitation_that_is_attached_too_is_shown_once) {
  const std::string event = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:a\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
  const auto told_of = [&](std::string file) {
    job::Plan plan;
    plan.treatments[static_cast<std::size_t>(job::KindClass::text)] = job::Treatment::text;
    const job::Outcome outcome =
        run("From: a@example.jp\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/calendar\r\n\r\n" + event +
                "--b\r\nContent-Type: application/ics\r\nContent-Disposition: attachment; filename=invite.ics\r\n\r\n" + file + "--b--\r\n",
            "T-1", plan);
    EXPECT_EQ(outcome.report.parts.size(), 2u);
    const job::PartReport &part = outcome.report.parts.back();
    return part.action == job::Action::stripped ? part.reasons.front() : part.output_name.empty() ? Reason::none : Reason::part_to_text;
  };
  EXPECT_EQ(told_of(event), Reason::part_alternative_dropped);
  std::string lines = event;
  std::erase(lines, '\r');
  EXPECT_EQ(told_of(lines + "\r\n"), Reason::part_alternative_dropped);
  EXPECT_EQ(told_of("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:b\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"), Reason::part_to_text);
}

TEST(Mail, a_mail_inside_has_its_row_and_its_cc) {
  job::Plan plan;
  plan.treatments[static_cast<std::size_t>(job::KindClass::mail)] = job::Treatment::text;
  const job::Outcome outcome = run("From: a@example.jp\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\n"
                                   "Content-Type: message/rfc822; name=old.eml\r\n\r\nFrom: b@example.jp\r\nTo: c@example.jp\r\n"
                                   "Cc: d@example.jp\r\nSubject: s\r\n\r\ny\r\n--b--\r\n",
                                   "T-1", plan);
  ASSERT_EQ(outcome.report.parts.size(), 3u);
  const job::PartReport &part = outcome.report.parts[1];
  EXPECT_EQ(part.path, "2");
  EXPECT_EQ(part.name, "old.eml");
  EXPECT_EQ(part.kind, job::Kind::mail);
  EXPECT_EQ(part.action, job::Action::kept_text);
  EXPECT_EQ(part.reasons, std::vector{Reason::part_to_text});
  EXPECT_EQ(outcome.report.parts[2].path, "2.1");
  EXPECT_EQ(body_of(outcome), "x\r\n\r\n> [添付メール: old.eml]\r\n> From: b@example.jp\r\n> To: c@example.jp\r\n> Cc: d@example.jp\r\n> Subject: s\r\n> \r\n> y\r\n")
      << "of it nothing is told in a note";
}

/// As telephones write: a text, a picture, a text.
TEST(Mail, a_picture_between_texts_has_its_place_in_the_text) {
  const std::string_view png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4//8/AAX+Av4N70a4AAAAAElFTkSuQmCC";
  const auto kept = [](const job::Job &file) {
    job::Outcome outcome;
    outcome.status = job::Status::clean;
    outcome.output_kind = job::Kind::png;
    outcome.output = to_buffer(file.bytes);
    outcome.report.parts.resize(1);
    return outcome;
  };
  const auto text = [](const std::string &words) { return "--b\r\nContent-Type: text/plain\r\n\r\n" + words + "\r\n"; };
  const auto picture = [&](const std::string &name, const std::string &disposition = "inline") {
    return "--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: " + disposition + "; filename=" + name +
           "\r\n\r\n" + std::string(png) + "\r\n";
  };
  const auto body_with = [&](const std::string &parts, const std::string &type = "mixed", bool is_kept = true) {
    const std::string mail = "From: a@example.jp\r\nContent-Type: multipart/" + type + "; boundary=b\r\n\r\n" + parts + "--b--\r\n";
    job::Job job;
    job.what = job::What::mail;
    job.receipt = "T-1";
    job.bytes = as_bytes(mail);
    job.plan.treatments[static_cast<std::size_t>(job::KindClass::image)] = is_kept ? job::Treatment::render : job::Treatment::strip;
    const job::Outcome outcome = rebuild::mail(job, kept);
    const mime::Mail read = mime::parse(outcome.output, {});
    const mime::Part &shown = read.parts.size() > 1 ? read.parts[1] : read.parts[0];
    std::string body(as_chars(mime::decode_transfer(shown.encoding, shown.body)));
    std::erase(body, '\r');
    body.erase(0, is_kept ? 0 : body.find("\n\n") + 2);
    return body.substr(0, body.find("\n----------------------------------------\n"));
  };
  EXPECT_EQ(body_with(text("x") + picture("a.png") + text("y") + text("z")), "x\n\n[画像: a.png]\n\ny\n\nz\n");
  EXPECT_EQ(body_with(text("x") + picture("a.png") + text(" ") + picture("b.png") + text("y") + picture("c.png")),
            "x\n\n \n\n[画像: a.png]\n\n[画像: b.png]\n\ny\n");
  EXPECT_EQ(body_with(picture("a.png") + text("x") + picture("b.png", "attachment") + text("y")), "x\n\ny\n");
  EXPECT_EQ(body_with(text("x") + picture("a.png") + text("y"), "related"), "x\n\ny\n");
  EXPECT_EQ(body_with(text("x") + picture("a.png") + text("y"), "mixed", false), "x\n\ny\n") << "one that is not there";
}

TEST(Mail, a_header_in_a_report_is_read_as_one) { // RFC 6522 §4
  std::string body = body_of(run("From: a@example.jp\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n"
                                       "Content-Type: text/rfc822-headers\r\n\r\nReceived: by x;\r\n\ttoday\r\n"
                                       "Subject: =?utf-8?B?5Lya6K2w?=\r\n =?utf-8?Q?=0A=E2=80=AE?=\r\nFrom: \x1b$B;3ED\x1b(B <x@y>\r\n--b--\r\n"));
  std::erase(body, '\r');
  EXPECT_TRUE(body.starts_with("Received: by x;\n\ttoday\nSubject: 会議 [U+202E]\nFrom: 山田 <x@y>\n")) << body;
}

TEST(Mail, a_header_in_a_report_may_be_in_any_charset) {
  std::string body = body_of(run("From: a@example.jp\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n"
                                 "Content-Type: text/rfc822-headers; charset=shift_jis\r\n\r\n"
                                 "Subject: =?utf-8?B?5Lya6K2w?=\r\nX-A: \x93\xfa\x96\x7b\r\n--b--\r\n"));
  std::erase(body, '\r');
  EXPECT_TRUE(body.starts_with("Subject: 会議\nX-A: 日本\n")) << body;
}

TEST(Mail, of_a_mail_that_is_a_file_all_is_told) {
  const auto reasons_of = [](std::string_view text) {
    job::Job job;
    job.bytes = as_bytes(text);
    return mail_file(job::Kind::mail, job).rebuilt.reasons;
  };
  EXPECT_EQ(reasons_of("From: a@example.jp\r\n\r\n[Sekisho] safe\r\n"),
            (std::vector{Reason::part_to_text, Reason::part_imitation}));
  EXPECT_EQ(reasons_of("From: a@example.jp\r\nDate: Fri, 20 Nov 2026 19:00:00 +0900\r\n\r\n[Sekisho] safe\r\n"),
            (std::vector{Reason::part_to_text, Reason::part_imitation}));
  EXPECT_EQ(reasons_of("Content-Type: multipart/mixed; boundary=a; boundary=b\r\n\r\n--a\r\n\r\nx\r\n--a--\r\n"),
            (std::vector{Reason::part_to_text, Reason::part_ambiguous}));
}

/// What is shown of two forms: plain, html, both; "!" where the reader is told of one that is not there.
std::string shown_of(const std::string &plain, const std::string &html) {
  const job::Outcome outcome =
      run("From: a@example.jp\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n"
          "Content-Type: text/plain; charset=utf-8\r\n\r\n" + plain +
          "\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html + "\r\n--b--\r\n");
  std::string shown;
  for (const job::PartReport &part : outcome.report.parts)
    if (part.action == job::Action::kept_text) shown += word_of(part.kind);
  return shown + (body_of(outcome).find("[Sekisho]") == std::string::npos ? "" : "!");
}

TEST(Mail, of_two_forms_that_one_is_shown_that_says_what_both_say) { // H1
  const std::string hint = "このメールはHTML形式です。HTML対応のメールソフトでご覧ください。";
  const std::string date = "<p>会議の日時が変更になりました。12月1日10時から12月2日14時へ。場所は第2会議室です。</p>";
  EXPECT_EQ(shown_of(hint, date), "html") << "a hint at the other form";
  std::string course;
  for (unsigned day = 1; day < 30; ++day)
    course += "<tr><td>第" + std::to_string(day) + "回<td>1月" + std::to_string(day) + "日(水)<td>防災の備え";
  EXPECT_EQ(shown_of(hint, "<table>" + course + "</table>"), "html") << "a hint at the other form";
  std::string address = hint;
  for (unsigned ward = 1; ward < 8; ++ward)
    address += "見本県見本市中央" + std::to_string(ward) + "丁目2番地 見本市役所総務課 電話番号は代表までお問い合わせください。\r\n";
  EXPECT_EQ(shown_of(address, "<table>" + course + "</table>"), "texthtml!") << "each says what the other does not";
  EXPECT_EQ(shown_of("", "<img src='cid:a'>"), "html");
  EXPECT_EQ(shown_of("■日時　１２月１日\r\n・場所は第2会議室です ( https://city.example/a )\r\n-- \r\n総務課",
                     "<h2>日時 12月1日</h2><ul><li>場所は<b>第2</b><a href='https://city.example/a'>会議室</a>です</ul>"
                     "<img src='cid:a'>総務課"),
            "text") << "the same, written as each is";
  EXPECT_EQ(shown_of(address, "<p>" + address + "<p hidden>見る"), "text");
  EXPECT_EQ(shown_of(address, "<div hidden>" + address + "</div>" + date), "texthtml!") << "only what is seen counts";
  EXPECT_EQ(shown_of(address, "<p>見本市役所総務課 電話番号は代表までお問い合わせください。"), "text");
  EXPECT_EQ(shown_of("See you at the office tomorrow.", "<p>Hello!<p>See you at the office tomorrow. Or the day after?"), "html");
}

TEST(Mail, what_only_one_of_two_forms_says_is_not_lost) { // H1
  const std::string order = "見本県見本市の総務課です。ご注文の品について、下のとおりお知らせします。よろしくお願いいたします。\r\n";
  EXPECT_EQ(shown_of("却下", "<p>承認"), "texthtml!");
  EXPECT_EQ(shown_of("OK", "<b>NG</b>"), "texthtml!");
  EXPECT_EQ(shown_of("承認", "<p>承認"), "text");
  EXPECT_EQ(shown_of("詳細はHTMLで", "<a href='https://meet.example/1'>https://meet.example/1</a>"), "html");
  EXPECT_EQ(shown_of("詳細は別に", "<a href='https://meet.example/1'>https://meet.example/1</a>"), "texthtml!");
  EXPECT_EQ(shown_of("詳細はHTMLで", "<img alt='12月5日 市民講座' src='cid:a'>"), "html");
  EXPECT_EQ(shown_of(order + "12月1日12月8日", "<p>" + order + "<s>12月1日</s>12月8日"), "html") << "what is struck out";
  EXPECT_EQ(shown_of(order + "12月1日12月8日", "<p>" + order + "<span style='text-decoration:line-through'>12月1日</span>12月8日"), "html");
  EXPECT_EQ(shown_of(order + "参加はこちら", "<p>" + order + "参加は<a href=\"https://meet.example/1\">こちら</a>"), "html") << "a link";
  const std::string orders = order + order + order + order + order + order + order + order;
  EXPECT_EQ(shown_of(orders + "参加はこちら", "<p>" + orders + "参加は<a href='webcal://x.example'>こちら</a>"), "html") << "of any scheme";
  EXPECT_EQ(shown_of(order + "参加はこちら<https://meet.example/1>", "<p>" + order + "参加は<a href=\"https://meet.example/1\">こちら</a>"), "text");
  EXPECT_EQ(shown_of(order + "金額 1,000,000円", "<p>" + order + "金額 9,999,999円"), "html!") << "another amount";
  EXPECT_EQ(shown_of(order + "金額 １，０００，０００円", "<p>" + order + "金額 1,000,000円"), "text");
  EXPECT_EQ(shown_of(order + order + "【重要】お支払いは不要です", "<p>" + order + order + "<p>ほかにも品物があります。" + order), "html!");
  EXPECT_EQ(shown_of("先の通知は取り消します。振込先 9999999", "<p>" + order + order + order + order), "texthtml!") << "no hint";
  EXPECT_EQ(shown_of("先の通知は取り消します。", "<p>" + order + order + order + order), "texthtml!");
  EXPECT_EQ(shown_of("HTML\r\nbegin 644 a.txt\r\n#86)C\r\n`\r\nend\r\n", "<p>" + order), "texthtml!") << "a file in it";
}

/// Where a picture stands between two paragraphs, the plain form reads on.
TEST(Mail, a_picture_within_a_form_is_no_difference) { // H1
  const std::string plain = "承知しました。\r\n\r\n-----Original Message-----\r\nFrom: a\r\n\r\n前文";
  const std::string quoted = "<p>-----Original Message-----<br>From: a</p><p>前文</p>";
  EXPECT_EQ(shown_of(plain, "<p>承知しました。</p><p><img src='cid:sig' alt='会社ロゴ'></p>" + quoted), "html");
  EXPECT_EQ(shown_of(plain, "<p>承知しません。</p><p><img src='cid:sig' alt='会社ロゴ'></p>" + quoted), "html!");
  EXPECT_EQ(shown_of(plain, "<p>承知しました。</p><p>[画像: a]でも却下</p>" + quoted), "html!");
  EXPECT_EQ(shown_of(plain, "<p>承知し<img src='cid:sig' alt='ません'>ました。</p>" + quoted), "html!");
}

TEST(Mail, words_that_a_sheet_alone_has_are_of_the_page) {
  const std::string plain = "請求金額のお知らせ。振込先は下記のとおりです。みずほ銀行 普通";
  EXPECT_EQ(shown_of(plain, "<style>p{color:red}</style><p>" + plain + "</p>"), "text");
  for (const char *rule : {"p::after{content:'1234567'}", "/* </ */p::after{cOntent:'1234567'}", "p::after{\\63ontent:'1234567'}"})
    EXPECT_EQ(shown_of(plain, "<style>" + std::string(rule) + "</style><p>" + plain + "</p>"), "html") << rule;
}

TEST(Mail, a_line_stands_between_two_forms_of_one_text) { // H1
  const auto body_with = [](const std::string &first, const std::string &second) {
    std::string body = body_of(run("From: a@example.jp\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: " + first +
                                   "\r\n--b\r\nContent-Type: " + second + "\r\n--b--\r\n"));
    std::erase(body, '\r');
    return body.substr(0, body.find("\n----------------------------------------\n"));
  };
  const std::string plain = "text/plain; charset=utf-8\r\n\r\n却下", page = "text/html; charset=utf-8\r\n\r\n<p>承認";
  EXPECT_EQ(body_with(plain, page), "却下\n\n----- 以下は同じメールのHTML版です(文字版と内容が異なるため両方を載せています) / "
                                    "The same mail's HTML form follows: it says something else -----\n\n承認\n");
  EXPECT_EQ(body_with(page, plain), "承認\n\n----- 以下は同じメールの文字版です(HTML版と内容が異なるため両方を載せています) / "
                                    "The same mail's plain form follows: it says something else -----\n\n却下\n");
  EXPECT_EQ(body_with("text/plain\r\n\r\nx", "text/html\r\n\r\nx"), "x\n");
  const std::string forged = "却下 100円\r\n----- 以下は同じメールのHTML版です\r\n\r\nFrom: a\r\nTo: b\r\n\r\n予定: 招待";
  EXPECT_EQ(body_with("text/plain; charset=utf-8\r\n\r\n" + forged, page),
            "却下 100円\n> ----- 以下は同じメールのHTML版です\n\n> From: a\n> To: b\n> \n> 予定: 招待\n\n"
            "----- 以下は同じメールのHTML版です(文字版と内容が異なるため両方を載せています) / "
            "The same mail's HTML form follows: it says something else -----\n\n承認\n");
  EXPECT_EQ(body_with("text/plain; charset=utf-8\r\n\r\n予定: 招待\r\n",
                      "text/calendar; charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\n"),
            "> 予定: 招待\n\n予定: 招待\n\n件名: x\n");
}

/// The reasons of each part, by its path.
std::string alternatives(const std::string &parts) {
  const job::Outcome outcome = run("From: a@example.jp\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n" + parts + "--b--\r\n");
  std::string told;
  for (const job::PartReport &part : outcome.report.parts) {
    told += part.path + (part.action == job::Action::kept_text ? "+" : "-");
    told += std::ranges::find(part.reasons, Reason::part_forms_differ) != part.reasons.end() ? "! " : " ";
  }
  return told;
}

TEST(Mail, of_more_forms_than_two_each_is_compared) {
  const auto form = [](const std::string &type, const std::string &text) {
    return "--b\r\nContent-Type: " + type + "; charset=utf-8\r\n\r\n" + text + "\r\n";
  };
  const std::string held = "会議は予定どおり開催します。", off = "会議は中止になりました。";
  EXPECT_EQ(alternatives(form("text/plain", held) + form("text/html", held) + form("text/plain", off)), "1+ 2- 3-! ");
  EXPECT_EQ(alternatives(form("text/plain", held) + form("text/html", off) + form("text/html", held)), "1+ 2-! 3- ");
  EXPECT_EQ(alternatives(form("text/plain", held) + form("text/x-amp-html", held) + form("text/html", held)), "1+ 2- 3- ");
  const std::string mixed = "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: text/html\r\n\r\n" + held +
                            "\r\n--c\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + off + "\r\n--c--\r\n";
  EXPECT_EQ(alternatives(form("text/plain", held) + mixed), "1+ 2.1- 2.2-! ");
  const std::string inside = "--b\r\nContent-Type: multipart/alternative; boundary=d\r\n\r\n--d\r\nContent-Type: text/plain; name=a.txt\r\n\r\n" +
                             held + "\r\n--d\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + held + "\r\n--d--\r\n";
  EXPECT_EQ(alternatives(inside), "1.1- 1.2+ ") << "a file, not a form";
}

TEST(Mail, long_forms_are_compared_in_linear_time) {
  std::string plain;
  for (unsigned i = 0; i < 200'000; ++i) {
    utf8_append(plain, 0x4e00 + (i * 2654435761u >> 16) % 20'000);
    plain += i % 30 == 0 ? "\r\n" : "";
  }
  const std::clock_t start = std::clock();
  EXPECT_EQ(shown_of(plain, "<p>" + plain), "text");
  EXPECT_EQ(shown_of(plain.substr(0, plain.size() / 2), "<p>" + plain), "html");
  for (const char c : {'[', 'h', 'x', '<', '&'})
    (void)shown_of("see there", "<p>" + std::string(1'000'000, c));
  for (const std::string words : {"s<p>", "<style>", "<p>t"}) {
    std::string html;
    while (html.size() < 1'000'000)
      html += words;
    (void)shown_of(plain + "ssttt", html);
  }
  EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 10);
}

TEST(Mail, the_trace_is_for_the_record_alone) {
  std::string text = "Received: from inner.town.example ([10.9.8.7])\r\n\tby mx\x1b[2J.example\xe2\x80\xae; "
                     "Fri, 20 Nov 2026 19:00:01 +0900\r\nreceived: (qmail 7)\r\n";
  for (unsigned i = 0; i < 60; ++i)
    text += "Received: hop " + std::to_string(i) + ' ' + std::string(900, 'x') + "\r\n";
  const job::Outcome outcome = run(text + "From: a@example.jp\r\nSubject: x\r\n\r\nhello\r\n");
  ASSERT_EQ(outcome.status, job::Status::clean);
  const std::vector<std::string> &trace = outcome.report.received;
  ASSERT_EQ(trace.size(), 50u);
  EXPECT_TRUE(trace[0].starts_with("from inner.town.example ([10.9.8.7]) by mx")) << trace[0];
  for (const char *bad : {"\x1b", "\t", "\n", "\xe2\x80\xae"})
    EXPECT_EQ(trace[0].find(bad), std::string::npos) << trace[0];
  EXPECT_EQ(trace[1], "(qmail 7)");
  EXPECT_EQ(trace[49].size(), 600u);
  EXPECT_TRUE(trace[49].starts_with("hop 47 "));
  EXPECT_TRUE(job::decode_outcome(job::encode(outcome), 1u << 20));
  const std::string mail(as_chars(outcome.output));
  for (const char *gone : {"eceived", "10.9.8.7", "inner.town"})
    EXPECT_EQ(mail.find(gone), std::string::npos) << mail;
  EXPECT_EQ(body_of(outcome).find("10.9.8.7"), std::string::npos);
  EXPECT_TRUE(run("From: a@example.jp\r\n\r\nx\r\n").report.received.empty());
}

TEST(Mail, many_recipients_with_long_names) {
  std::string to = "To: ";
  for (unsigned i = 0; i < 300; ++i) // half-width katakana grow most: 1 octet to 3 to 5
    to += std::string(150, '\xb1') + " <u@x.example>,\r\n ";
  job::Outcome outcome = run("From: a@example.jp\r\n" + to + "u@x.example\r\n\r\nx\r\n");
  ASSERT_EQ(outcome.status, job::Status::clean);
  EXPECT_TRUE(verify::accept_mail(outcome.output));
}

TEST(Mail, markup_is_no_markup_again) {
  for (std::string_view mail :
       {"From: a@example.jp\r\n\r\n"
        "<-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: a\r\n\r\n"
        "script>alert(1)\r\n-----BEGIN PGP SIGNATURE-----\r\n-----END PGP SIGNATURE-----\r\n",
        "From: a@example.jp\r\nContent-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n"
        "From: b@example.jp\r\nSubject: <script>alert(1)\r\n\r\nx\r\n--b--\r\n",
        "From: a@example.jp\r\nContent-Type: x/<script>; x=y\r\n\r\n\x01\x02\xff\x03\r\n"}) {
    job::Job job;
    job.what = job::What::mail;
    job.bytes = as_bytes(mail);
    job.plan.treatments.fill(job::Treatment::text);
    job::Outcome outcome = rebuild::mail(job, no_file);
    ASSERT_EQ(outcome.status, job::Status::clean);
    EXPECT_NE(body_of(outcome).find("script>"), std::string::npos) << body_of(outcome);
    EXPECT_EQ(body_of(outcome).find("<script>"), std::string::npos) << body_of(outcome);
  }
}

job::Outcome run_in_jis(const std::string &text) {
  job::Job job;
  job.what = job::What::mail;
  job.receipt = "T-1";
  job.plan.mail_charset = job::MailCharset::iso_2022_jp;
  job.bytes = as_bytes(text);
  job::Outcome outcome = mail(job, no_file);
  EXPECT_EQ(outcome.status, job::Status::clean);
  EXPECT_TRUE(verify::accept_mail(outcome.output)) << as_chars(outcome.output);
  return outcome;
}

/// The note says what was done, and not that something went that did not.
TEST(Mail, what_only_got_a_blank_was_not_taken) {
  const auto told = [](std::string type, const std::string &text) {
    const job::Outcome outcome = run("From: a@example.jp\r\nContent-Type: " + type + "\r\n\r\n" + text + "\r\n");
    std::string words;
    for (Reason reason : outcome.report.parts.front().reasons)
      words += std::string(word_of(reason)) + ' ';
    return words;
  };
  EXPECT_EQ(told("text/html", "<p>&lt;script&gt;x&lt;/script&gt; &lt;form&gt;"), "html-to-text ");
  EXPECT_EQ(told("text/html", "<p>x<form>y"), "html-to-text active-content ");
  EXPECT_EQ(told("text/plain", "<script>x"), "active-content ");
  EXPECT_EQ(told("text/plain; charset=utf-7", "+ADw-script+AD4-"), "ambiguous ");
  EXPECT_EQ(told("text/plain; charset=utf-7", "+ADw-\xe3\x81\x82"), "charset-replaced ");
  EXPECT_EQ(told("text/calendar", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:<script>\r\nEND:VEVENT\r\n"), "");
}

TEST(Mail, in_iso_2022_jp) {
  const std::string head = "Content-Type: text/plain; charset=utf-8\r\nFrom: \"山田、太郎\" <a@example.jp>\r\n";
  const std::string plain(as_chars(run_in_jis(head + "\r\n日本～ｶﾞ\r\n").output));
  EXPECT_NE(plain.find("charset=iso-2022-jp\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
                       "\x1b$BF|K\\!A%,\x1b(B\r\n"), std::string::npos) << plain;
  const std::string other(as_chars(run_in_jis(head + "\r\n日本①\r\n").output));
  EXPECT_NE(other.find("charset=utf-8"), std::string::npos);
  const std::string subject = head + "Subject: 🙂\r\n\r\n日本\r\n";
  const job::Outcome kept = run_in_jis(subject);
  EXPECT_EQ(kept.report.reasons.back(), Reason::part_charset_kept);
  EXPECT_EQ(as_chars(kept.output).find("2022"), std::string_view::npos);

  std::string long_line = head + "Subject: ";
  for (unsigned i = 0; i < 400; ++i) long_line += i % 3 ? "ｶﾞ" : "字a";
  const std::string wrapped(as_chars(run_in_jis(long_line + "\r\n\r\n" + long_line + "\r\n").output));
  EXPECT_NE(wrapped.find("Content-Transfer-Encoding: base64"), std::string::npos); // 998 octets a line
  for (std::string_view rest = wrapped; !rest.empty(); rest.remove_prefix(rest.find("\r\n") + 2))
    EXPECT_LE(rest.find("\r\n"), 78u);
}

TEST(Mail, appended_texts_have_bounds) {
  std::string mail = "From: a@example.jp\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
  std::string text;
  for (unsigned i = 0; i < 500; ++i) text += std::string(49, 'x') + "\n"; // 25,000 characters
  for (unsigned i = 0; i < 7; ++i)
    mail += "--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=f" + std::to_string(i) +
            ".txt\r\n\r\n" + text + "\r\n";
  mail += "--b--\r\n";
  job::Job job;
  job.what = job::What::mail;
  job.plan.treatments.fill(job::Treatment::text);
  job.bytes = as_bytes(mail);
  const auto xs_in_body = [&] {
    const job::Outcome outcome = rebuild::mail(job, no_file);
    EXPECT_EQ(outcome.status, job::Status::clean);
    const std::string_view octets = as_chars(outcome.output);
    const std::size_t start = octets.find("\r\n\r\n", octets.find("inline")) + 4;
    const Buffer body =
        mime::decode_base64(as_bytes(octets.substr(start, octets.find("\r\n--=_", start) - start)));
    std::size_t cut = 0;
    for (const job::PartReport &part : outcome.report.parts)
      cut += std::ranges::count(part.reasons, Reason::part_text_cut);
    return std::pair(std::ranges::count(as_chars(body), 'x'), cut);
  };
  EXPECT_LT(xs_in_body().first, 100); // words of the note
  job.plan.append_text = true;
  EXPECT_EQ(xs_in_body().second, 5u); // 20,000 each, 100,000 in all: nothing of the last two
  EXPECT_NEAR(xs_in_body().first, 98'000, 100);
}

TEST(Mail, a_page_says_its_charset_where_the_header_does_not) {
  const std::string sjis = "<meta charset=Shift_JIS><p>\x93\xfa\x96\x7b</p>"; // 日本
  const std::string russian = "<meta charset=windows-1251><p>\xcc\xe8\xf0</p>"; // Мир
  const std::string big5 = "<meta http-equiv=Content-Type content='text/html; charset=big5'><p>\xa4\xa4\xa4\xe5</p>"; // 中文
  const struct {
    std::string header, page, text;
  } cases[] = {
      {"", sjis, "日本"},
      {"; charset=us-ascii", sjis, "日本"},
      {"; charset=nonsense", sjis, "日本"},
      {"; charset=iso-8859-1", sjis, "日本"},
      {"; charset=utf-8", sjis, "日本"},
      {"; charset=utf-8", big5, "中文"}, // no Japanese reading may win
      {"; charset=us-ascii", big5, "中文"},
      {"", russian, "Мир"},
      {"; charset=us-ascii", russian, "Мир"},
      {"; charset=iso-8859-1", russian, "Ìèð"}, // the header counts where both can be
      {"; charset=utf-8", "<meta charset=Shift_JIS><p>日本</p>", "日本"},
      {"; charset=iso-8859-1", "<meta charset=utf-8><p>日本</p>", "日本"},
      {"; charset=iso-8859-1", "<meta charset=Shift_JIS><p>na\xefve</p>", "naïve"},
      {"; charset=us-ascii", "<meta charset=utf-16><p>\xe6\x97\xa5</p>", "日"},
      {"; charset=us-ascii", "<meta charset=utf-7><p>+ADw-script</p>", "+ADw-script"},
  };
  for (const auto &c : cases) {
    const job::Outcome outcome =
        run("From: a@example.jp\r\nContent-Type: text/html" + c.header + "\r\n\r\n" + c.page + "\r\n");
    ASSERT_EQ(outcome.status, job::Status::clean);
    EXPECT_TRUE(body_of(outcome).starts_with(c.text)) << c.header << c.page << body_of(outcome);
  }
}

TEST(Mail, a_mail_of_more_parts_than_are_read_is_held) { // H1: what they say would be lost, and the original too
  const auto mail_of = [](std::size_t texts) {
    std::string mail = "From: a@example.jp\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
    for (std::size_t i = 0; i < texts; ++i) mail += "--b\r\n\r\ntext " + std::to_string(i) + "\r\n";
    return mail + "--b--\r\n";
  };
  const job::Outcome held = run(mail_of(500));
  EXPECT_EQ(held.status, job::Status::held);
  EXPECT_EQ(held.reason, Reason::job_held_ambiguous);
  EXPECT_EQ(held.report.reasons.front(), Reason::part_too_deep);
  EXPECT_EQ(run(mail_of(499)).status, job::Status::clean);
}

TEST(Mail, recipients_beyond_the_limit_are_a_number) {
  std::string to = "a@example.jp";
  for (int i = 0; i < 699; ++i) to += ",\r\n a" + std::to_string(i) + "@example.jp";
  const auto more = [](const job::Outcome &outcome) {
    const mime::Mail mail = mime::parse(outcome.output, {});
    std::string names;
    for (const mime::Mailbox &mailbox : mime::parse_addresses(mime::find_field(mail.parts[0].fields, "To")->value, 1000)) names += mailbox.name;
    return names;
  };
  const job::Outcome many = run("From: a@example.jp\r\nTo: " + to + "\r\n\r\nx\r\n");
  EXPECT_EQ(more(many), "ほか 200 名 / and 200 more");
  EXPECT_EQ(job::what_is_missing(many.report), Reason::part_too_big);
  const job::Outcome few = run("From: a@example.jp\r\nTo: a@example.jp, b@example.jp\r\n\r\nx\r\n");
  EXPECT_EQ(more(few), "");
  EXPECT_EQ(job::what_is_missing(few.report), Reason::none);
  // A field has room for so many octets; of what is longer than a megabyte the rest is not counted.
  const auto named = [](std::size_t octets, unsigned count) {
    std::string list;
    for (unsigned i = 0; i < count; ++i) list += std::string(octets, 'x') + " <a" + std::to_string(i) + "@example.jp>,\r\n ";
    const job::Outcome outcome = run("From: a@example.jp\r\nTo: " + list + "\r\n\r\nx\r\n");
    const mime::Mail mail = mime::parse(outcome.output, {});
    std::vector<mime::Mailbox> all = mime::parse_addresses(mime::find_field(mail.parts[0].fields, "To")->value, 1000);
    all.back().name.erase(0, all.back().name.find("ほか"));
    return std::pair(all.size() - 1, all.back().name);
  };
  const auto [shown, others] = named(300, 400);
  EXPECT_TRUE(shown > 50 && shown < 400) << shown;
  EXPECT_EQ(others, "ほか " + std::to_string(400 - shown) + " 名 / and " + std::to_string(400 - shown) + " more");
  EXPECT_NE(named(3000, 400).second.find("名以上 / and at least"), std::string::npos);
}

TEST(Mail, what_of_the_subject_is_not_there_is_said) {
  const auto missing = [](const std::string &subject) { return job::what_is_missing(run("From: a@example.jp\r\nSubject: " + subject + "\r\n\r\nx\r\n").report); };
  EXPECT_EQ(missing("=?UTF-8?Q?=E4=BA=88=E7=AE=97=E3=81=AE=FF?="), Reason::part_charset_replaced);
  EXPECT_EQ(missing(std::string(5000, 'x')), Reason::part_too_big);
  EXPECT_EQ(missing(std::string(1500, 'x')), Reason::none);
}

TEST(Mail, the_first_line_of_an_invitation_is_ours_at_the_foot_too) {
  job::Plan plan;
  plan.treatments[static_cast<std::size_t>(job::KindClass::text)] = job::Treatment::text;
  plan.append_text = true;
  const auto body_with = [&](std::string file) {
    const job::Outcome outcome =
        run("From: a@example.jp\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\n"
            "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=a.ics\r\n\r\n" + file + "--b--\r\n",
            "T-1", plan);
    const mime::Mail mail = mime::parse(outcome.output, {});
    return std::string(as_chars(mime::decode_transfer(mail.parts.at(1).encoding, mail.parts[1].body)));
  };
  const std::string event = body_with("BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:a\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
  EXPECT_NE(event.find("\r\n予定: "), std::string::npos) << event;
  EXPECT_EQ(event.find("> 予定: "), std::string::npos) << event;
  EXPECT_EQ(event.find(info(Reason::part_imitation).japanese), std::string::npos) << event;
  const std::string forged = body_with(calendar_headlines().front() + "x\r\n");
  EXPECT_EQ(forged.find("\r\n予定: "), std::string::npos) << forged;
}

TEST(Mail, a_header_that_is_not_read_to_its_end_is_held) { // H1: who wrote it may stand in what was passed over
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "X: 1\r\n";
  const std::string start = "Sender: The Boss <boss@b.example>\r\n";
  EXPECT_EQ(run(start + many + "From: a@example.jp\r\n\r\nx\r\n").reason, Reason::job_held_ambiguous);
  EXPECT_EQ(run(start + many + "From: a@example.jp\r\n\r\nx\r\n").status, job::Status::held);
  EXPECT_EQ(run(many + "\r\nx\r\n").status, job::Status::clean);
  EXPECT_EQ(run("From: a@example.jp\r\nContent-Type: message/rfc822\r\n\r\n" + start + many + "\r\nx\r\n").reason,
            Reason::job_held_ambiguous);
}

TEST(Mail, a_note_of_ours_is_not_forged) {
  job::Outcome outcome = run("From: a@example.jp\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
                             "\u3000【関所】a\r\n [Sekisho] b\r\n");
  ASSERT_EQ(outcome.status, job::Status::clean);
  EXPECT_TRUE(body_of(outcome).starts_with("> \u3000【関所】a\r\n>  [Sekisho] b\r\n"));
}

} // namespace
} // namespace sekisho::rebuild
