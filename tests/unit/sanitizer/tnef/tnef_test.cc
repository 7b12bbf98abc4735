// TNEF (winmail.dat): other people's samples against what they are known to hold; a mail that is
// one.
#include "sanitizer/tnef/tnef.hh"

#include "sanitizer/job/digest.hh"
#include "sanitizer/mime/transfer.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/tnef/lzfu.hh"
#include "sanitizer/verify/verify.hh"
#include "tests/unit/sanitizer/corpus.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <numeric>
#include <set>

namespace sekisho::tnef {
namespace {

std::string little(std::uint64_t value, unsigned octets) {
  std::string text;
  for (unsigned i = 0; i < octets; ++i)
    text += static_cast<char>(value >> (8 * i));
  return text;
}

std::string attribute(unsigned level, std::uint32_t id, const std::string &value) {
  unsigned sum = 0;
  for (unsigned char c : value)
    sum += c;
  return std::string(1, static_cast<char>(level)) + little(id, 4) + little(value.size(), 4) +
         value + little(sum & 0xffff, 2);
}

std::string stream(const std::string &attributes) {
  return little(0x223e9f78, 4) + little(1, 2) + attributes;
}

std::string property(unsigned type, unsigned id, std::string value) {
  std::string text = little(type, 2) + little(id, 2) + little(1, 4) + little(value.size(), 4);
  value.resize((value.size() + 3) / 4 * 4);
  return text + value;
}

std::string properties(std::initializer_list<std::string> all) {
  return std::accumulate(all.begin(), all.end(), little(all.size(), 4));
}

std::string file(const std::string &name, const std::string &content) {
  return attribute(2, 0x00069002, std::string(14, '\0')) + attribute(2, 0x0006800f, content) +
         attribute(2, 0x00018010, name + '\0');
}

std::string code_page(unsigned page) {
  return attribute(1, 0x00069007, little(page, 4) + little(0, 4));
}

/// What it tells borrows from its octets, which are kept.
Message read_it(std::string octets) {
  static std::list<std::string> kept;
  std::optional<Message> message = read(as_bytes(kept.emplace_back(std::move(octets))), 100);
  EXPECT_TRUE(message);
  return message ? *message : Message{};
}

TEST(Tnef, names_in_the_declared_code_page) {
  const Message message = read_it(stream(code_page(932) + file("\x8e\x91\x97\xbf.txt", "x")));
  ASSERT_EQ(message.attachments.size(), 1u);
  EXPECT_EQ(message.attachments[0].name, "資料.txt");
  EXPECT_EQ(as_chars(message.attachments[0].content), "x");
  EXPECT_FALSE(message.malformed);
}

TEST(Tnef, properties) {
  const std::string long_name("\x6f\x30\x57\x30\0\0", 6); // UTF-16LE
  const Message message = read_it(stream(
      code_page(932) +
      attribute(1, 0x00069003,
                properties({little(0x001e, 2) + little(0x8001, 2) + std::string(16, 'g') +
                                little(1, 4) + little(4, 4) + std::string("n\0m\0", 4) +
                                little(1, 4) + little(2, 4) + std::string("x\0\0\0", 4),
                            property(0x001e, 0x1000, "\x96\x7b\x95\xb6"),
                            property(0x001e, 0x0037, "s")})) +
      file("a.txt", "") +
      attribute(
          2, 0x00069005,
          properties({property(0x001f, 0x3707, long_name), property(0x0102, 0x3701, "data")}))));
  EXPECT_EQ(message.plain, "本文");
  EXPECT_EQ(message.subject, "s");
  ASSERT_EQ(message.attachments.size(), 1u);
  EXPECT_EQ(message.attachments[0].name, "はし");
  EXPECT_EQ(as_chars(message.attachments[0].content), "data");
}

std::string wide(std::string_view ascii) {
  std::string text;
  for (char c : ascii)
    text += std::string{c, '\0'};
  return text + std::string(2, '\0');
}

std::string time_property(unsigned id, std::uint64_t seconds_since_1970) {
  return little(0x0040, 2) + little(id, 2) + little((seconds_since_1970 + 11'644'473'600) * 10'000'000, 8);
}

/// Of PSETID_Appointment.
std::string named(unsigned type, unsigned number, const std::string &value) {
  const std::string set("\x02\x20\x06\0\0\0\0\0\xc0\0\0\0\0\0\0\x46", 16);
  return little(type, 2) + little(0x8001, 2) + set + little(0, 4) + little(number, 4) + value;
}

std::string counted(std::string value) {
  const std::string size = little(1, 4) + little(value.size(), 4);
  value.resize((value.size() + 3) / 4 * 4);
  return size + value;
}

constexpr std::uint64_t ten_in_tokyo = 1'795'222'800; // 2026-11-21 01:00 UTC

TEST(Tnef, a_meeting) { // [MS-OXOCAL] §2.2.1
  const std::string record = little(2026, 2) + little(11, 2) + little(21, 2) + little(9, 2) + little(30, 2) +
                             little(0, 2) + little(6, 2);
  const std::string old_class = attribute(1, 0x00078008, std::string("IPM.Microsoft Schedule.MtgReq") + '\0');
  Message message = read_it(stream(old_class + attribute(1, 0x00030006, record) + attribute(1, 0x00030007, "short")));
  EXPECT_EQ(message.message_class, "IPM.Microsoft Schedule.MtgReq");
  EXPECT_EQ(message.appointment.start, "20261121T093000");
  EXPECT_EQ(message.appointment.end, "");
  message = read_it(stream(
      attribute(1, 0x00030006, record) +
      attribute(1, 0x00069003,
                properties({property(0x001f, 0x001a, wide("IPM.Schedule.Meeting.Request")),
                            named(0x0040, 0x820d, little((ten_in_tokyo + 11'644'473'600) * 10'000'000, 8)),
                            time_property(0x0060, 0), time_property(0x0061, ten_in_tokyo + 3600),
                            named(0x001f, 0x8208, counted(wide("Room 1"))),
                            named(0x001f, 0x8232, counted(wide("every day")))}))));
  EXPECT_EQ(message.message_class, "IPM.Schedule.Meeting.Request");
  EXPECT_EQ(message.appointment.start, "20261121T010000Z"); // the one with a name
  EXPECT_EQ(message.appointment.end, "20261121T020000Z");
  EXPECT_EQ(message.appointment.place, "Room 1");
  EXPECT_EQ(message.appointment.pattern, "every day");
}

TEST(Tnef, a_meeting_of_whole_days) { // [MS-OXOCAL] §2.2.1.9; midnights of its zone
  const auto days = [](std::uint64_t start, std::uint64_t end, unsigned whole) {
    const auto at = [](std::uint64_t seconds) { return little((seconds + 11'644'473'600) * 10'000'000, 8); };
    const Message message = read_it(stream(attribute(
        1, 0x00069003, properties({named(0x0040, 0x820d, at(start)), named(0x000b, 0x8215, little(whole, 4)), named(0x0040, 0x820e, at(end))}))));
    return message.appointment.start + " " + message.appointment.end;
  };
  constexpr std::uint64_t midnight = 1'796'083'200, hour = 3600, day = 24 * hour; // 2026-12-01, UTC
  EXPECT_EQ(days(midnight - 9 * hour, midnight + 15 * hour, 1), "20261201 20261202"); // Tokyo
  EXPECT_EQ(days(midnight - 9 * hour, midnight + 15 * hour, 0), "20261130T150000Z 20261201T150000Z");
  EXPECT_EQ(days(midnight, midnight + 2 * day, 1), "20261201 20261203");
  EXPECT_EQ(days(midnight + 8 * hour, midnight + 32 * hour, 1), "20261201 20261202"); // San Francisco
  const std::string record = little(2026, 2) + little(12, 2) + little(1, 2) + std::string(8, '\0');
  const Message old = read_it(stream(attribute(1, 0x00030006, record) +
                                     attribute(1, 0x00069003, properties({named(0x000b, 0x8215, little(1, 4))}))));
  EXPECT_EQ(old.appointment.start, "20261201");
  EXPECT_EQ(old.appointment.end, "");
}

TEST(Tnef, damaged) {
  EXPECT_FALSE(read(as_bytes("nothing"), 9));
  const std::string whole = stream(code_page(932) + file("a", "content") + file("b", "more"));
  for (std::size_t size = 6; size < whole.size(); ++size)
    (void)read(as_bytes(std::string_view(whole).substr(0, size)), 9);
  EXPECT_TRUE(read_it(whole + "garbage").malformed);
  std::string sum = whole;
  sum.back() = static_cast<char>(sum.back() + 1);
  EXPECT_TRUE(read_it(sum).malformed);
  EXPECT_TRUE(read(as_bytes(whole), 1)->malformed);
  EXPECT_EQ(read(as_bytes(whole), 1)->attachments.size(), 1u);
  EXPECT_TRUE(read_it(stream(attribute(1, 0x00069003, little(0xffffffff, 4)))).malformed);
}

TEST(Tnef, compressed_rtf) { // [MS-OXRTFCP] §4.1.1 and §4.2.1
  const std::string simple(
      "\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0\x72\x63\x70\x67\x31"
      "\x32\x35\x42\x32\x0a\xf3\x20\x68\x65\x6c\x09\0\x20\x62\x77\x05\xb0\x6c"
      "\x64\x7d\x0a\x80\x0f\xa0",
      49);
  EXPECT_EQ(as_chars(unpack_rtf(as_bytes(simple))),
            "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
  const std::string crossing(
      "\x1a\0\0\0\x1c\0\0\0LZFu\xe2\xd4\x4b\x51\x41\0\x04\x20\x57\x58\x59\x5a"
      "\x0d\x6e\x7d\x01\x0e\xb0",
      30);
  EXPECT_EQ(as_chars(unpack_rtf(as_bytes(crossing))), "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
  EXPECT_TRUE(unpack_rtf(as_bytes("short")).empty());
}

/// The samples were kept with their line ends changed.
std::string without_cr(std::string text) {
  std::erase(text, '\r');
  return text;
}

/// X.list names the files, folder X holds them (an OLE object with the 16 octets that say it is
/// one); message.* are the bodies.
TEST(Tnef, other_peoples_samples) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  std::size_t files = 0, bodies = 0;
  for (const auto &entry : std::filesystem::directory_iterator(corpus::folder() / "mail/tnef")) {
    if (entry.path().extension() != ".tnef") continue;
    const std::string octets = corpus::read(entry.path());
    const Message message = read_it(octets);
    std::multiset<std::string> contents, names;
    for (const Attachment &attachment : message.attachments) {
      contents.insert(without_cr(std::string(as_chars(attachment.content))));
      names.insert(attachment.name);
    }
    const auto folder = std::filesystem::path(entry.path()).replace_extension();
    if (!std::filesystem::is_directory(folder)) continue;
    for (const auto &expected : std::filesystem::directory_iterator(folder)) {
      const std::string name = expected.path().filename().string(),
                        content = without_cr(corpus::read(expected.path())
                                                 .substr(name.starts_with("Untitled") ? 16 : 0));
      if (name == "message.rtf" || name == "message.html" || name == "message.txt") {
        ++bodies;
        const std::string got = name == "message.rtf"    ? std::string(as_chars(message.rtf))
                                : name == "message.html" ? std::string(as_chars(message.html))
                                                         : message.plain;
        EXPECT_TRUE(without_cr(got) == content) << entry.path() << " " << name;
      } else {
        ++files;
        EXPECT_TRUE(contents.contains(content)) << entry.path() << " " << name;
        EXPECT_TRUE(names.contains(name) || name.starts_with("Untitled Attachment."))
            << entry.path() << name;
      }
    }
  }
  EXPECT_GT(files, 10u);
  EXPECT_GT(bodies, 5u);
}

job::Outcome mail_with(const std::string &winmail, const std::string &body, unsigned copies = 1,
                       const std::string &fields = "") {
  std::string base64;
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < winmail.size(); i += 3) {
    unsigned bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (i + k < winmail.size() ? static_cast<unsigned char>(winmail[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k)
      base64 += i + k > winmail.size() ? '=' : digits[bits >> (18 - 6 * k) & 63];
  }
  std::string text =
      fields + "From: a@example.jp\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" + body;
  for (; copies > 0; --copies)
    text += "\r\n--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n" +
            base64;
  text += "\r\n--b--\r\n";
  job::Job job;
  job.what = job::What::mail;
  job.receipt = "T-1";
  job.bytes = as_bytes(text);
  job.plan.treatments.fill(job::Treatment::text);
  job.plan.max_depth = 6;
  return rebuild::mail(job, [](const job::Job &) { return job::Outcome{}; });
}

std::string body_of(const job::Outcome &outcome) {
  const std::string mail(as_chars(outcome.output));
  std::string bodies;
  for (std::size_t at = 0; (at = mail.find("base64\r\n\r\n", at)) != mail.npos; ++at)
    bodies += as_chars(
        mime::decode_base64(as_bytes(mail.substr(at + 10, mail.find("\r\n--", at) - at - 10))));
  return bodies;
}

std::string nested(const std::string &inner) {
  const std::string iid("\x07\x03\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46", 16);
  return attribute(2, 0x00069002, std::string(14, '\0')) +
         attribute(2, 0x00069005, properties({property(0x000d, 0x3701, iid + inner)}));
}

TEST(Tnef, is_treated_as_the_mail_that_it_is) {
  const auto text = [](const std::string &body, const std::string &subject) {
    return attribute(1, 0x0002800c, body + '\0') + attribute(1, 0x00018004, subject + '\0');
  };
  const std::string inner =
      stream(text("inner text", "inner\xe2\x80\xaesubject") + file("in.txt", "IN"));
  const job::Outcome outcome =
      mail_with(stream(text("outer  text", "s") + file("a.exe", "MZ" + std::string(200, '\x01')) +
                       file("../b.txt", "BEE") + nested(inner)),
                "outer text");
  ASSERT_EQ(outcome.status, job::Status::clean) << word_of(outcome.reason);
  EXPECT_TRUE(verify::accept_mail(outcome.output));
  const std::string body = body_of(outcome);
  EXPECT_EQ(body.find("outer text"), body.rfind("outer text")); // once: it is the mail's own
  EXPECT_NE(body.find("> Subject: inner[U+202E]subject"), body.npos) << body;
  EXPECT_NE(body.find("> inner text"), body.npos);
  EXPECT_NE(body.find("BEE"), body.npos);
  EXPECT_NE(body.find("IN"), body.npos);
  EXPECT_NE(body.find("\"a.exe\": a program"), body.npos);
  EXPECT_EQ(body.find(".."), body.npos);
}

TEST(Tnef, has_a_row_of_its_own) { // L11: what came is found by its hash
  const std::string winmail = stream(attribute(1, 0x0002800c, "inner" + std::string(1, '\0')) + file("b.txt", "BEE"));
  const std::vector<job::PartReport> parts = mail_with(winmail, "outer").report.parts;
  ASSERT_EQ(parts.size(), 4u);
  EXPECT_EQ(parts[1].name, "winmail.dat");
  EXPECT_EQ(parts[1].kind, job::Kind::tnef);
  EXPECT_EQ(parts[1].size, winmail.size());
  EXPECT_EQ(parts[1].sha256, job::sha256_hex(as_bytes(winmail)));
  EXPECT_EQ(parts[1].action, job::Action::kept_text);
  EXPECT_TRUE(parts[2].path.starts_with(parts[1].path + ".")) << parts[2].path;
}

/// Of the last part.
Reason first_reason(const job::Outcome &outcome) {
  const std::vector<Reason> &reasons = outcome.report.parts.back().reasons;
  return reasons.empty() ? Reason::none : reasons.front();
}

std::string class_of(const std::string &name) {
  return attribute(1, 0x00078008, name + '\0');
}

TEST(Tnef, a_meeting_is_told_as_an_invitation) {
  const std::string time = time_property(0x0060, ten_in_tokyo);
  const std::string request = attribute(
      1, 0x00069003,
      properties({property(0x001f, 0x001a, wide("IPM.Schedule.Meeting.Request")),
                  property(0x001f, 0x0037, wide("a,\\b\nc")), time, named(0x001f, 0x8208, counted(wide("Room; 1")))}));
  std::string body = body_of(mail_with(stream(request), "text"));
  EXPECT_NE(body.find("予定: 招待\r\n\r\n件名: a,\\b c\r\n開始: 2026-11-21 10:00(日本時間)\r\n場所: Room; 1\r\n"), body.npos)
      << body;
  const std::string answer = attribute(
      1, 0x00069003,
      properties({property(0x001f, 0x001a, wide("IPM.Schedule.Meeting.Resp.Neg")), time,
                  property(0x001f, 0x0042, wide("Sato"))}));
  body = body_of(mail_with(stream(answer), "text"));
  EXPECT_NE(body.find("予定: 返信\r\n\r\n開始: 2026-11-21 10:00(日本時間)\r\n出席者: Sato … 欠席\r\n"), body.npos) << body;
}

TEST(Tnef, what_cannot_be_shown_of_it_is_told) {
  const std::string named_only = attribute(1, 0x00069003, properties({property(0x001f, 0x3a08, wide("0123"))}));
  const job::Outcome contact = mail_with(stream(class_of("IPM.Contact") + named_only), "text");
  ASSERT_EQ(contact.report.parts.size(), 3u);
  EXPECT_EQ(contact.report.parts[2].name, "IPM.Contact");
  EXPECT_EQ(contact.report.parts[2].action, job::Action::stripped);
  EXPECT_EQ(first_reason(contact), Reason::part_unknown_kind);
  const std::string body = attribute(1, 0x0002800c, std::string("words") + '\0');
  const job::Outcome task = mail_with(stream(class_of("IPM.Task") + body + named_only), "text");
  EXPECT_EQ(task.report.parts.back().name, "IPM.Task");
  EXPECT_EQ(first_reason(task), Reason::part_unknown_kind);
  EXPECT_NE(body_of(task).find("words"), std::string::npos);
  EXPECT_NE(mail_with(stream(class_of("IPM.Post") + body + named_only), "text").report.parts.back().name, "IPM.Post");
  for (const std::string &plain : {class_of("IPM.Note"), std::string()})
    EXPECT_EQ(mail_with(stream(plain + named_only), "text").report.parts.back().kind, job::Kind::text);
  const job::Outcome meeting = mail_with(stream(class_of("IPM.Schedule.Meeting.Request") + named_only), "text");
  EXPECT_EQ(first_reason(meeting), Reason::part_unknown_kind); // not even a subject
}

TEST(Tnef, a_subject_of_its_own) {
  const auto told = [](const std::string &subject) {
    const std::string winmail = stream(attribute(1, 0x00018004, subject + '\0'));
    const std::string body = body_of(mail_with(winmail, "text", 1, "Subject: [list 1] the matter\r\n"));
    return body.find("Subject: " + subject + "\r\n") != body.npos;
  };
  EXPECT_FALSE(told("the  matter"));
  EXPECT_TRUE(told("another matter"));
}

TEST(Tnef, an_attachment_that_lies_elsewhere) { // [MS-OXCMSG] §2.2.2.9
  const auto attached = [](unsigned method) {
    const std::string number = little(0x0003, 2) + little(0x3705, 2) + little(method, 4);
    return stream(attribute(2, 0x00069002, std::string(14, '\0')) +
                  attribute(2, 0x00069005, properties({property(0x001f, 0x3707, wide("a.xlsx")), number,
                                                       property(0x001f, 0x370d, wide("\\\\host\\share\\a.xlsx"))})));
  };
  for (unsigned method : {2u, 4u, 7u}) {
    const job::Outcome outcome = mail_with(attached(method), "text");
    EXPECT_EQ(outcome.report.parts.back().name, "a.xlsx");
    EXPECT_EQ(first_reason(outcome), Reason::part_remote_content);
  }
  EXPECT_EQ(first_reason(mail_with(attached(1), "text")), Reason::part_empty);
  const std::string with_content =
      stream(attribute(2, 0x00069002, std::string(14, '\0')) + attribute(2, 0x0006800f, "content") +
             attribute(2, 0x00069005, properties({little(0x0003, 2) + little(0x3705, 2) + little(2, 4)})));
  EXPECT_FALSE(read_it(with_content).attachments[0].elsewhere);
}

// Each text is compared with all of the mail's: 160 small files beside a long text took half a minute.
TEST(Tnef, so_many_texts_are_compared) {
  const std::string winmail = stream(attribute(1, 0x0002800c, "outer text" + std::string(1, '\0')));
  const auto kept = [&](unsigned copies) {
    const job::Outcome outcome = mail_with(winmail, "outer text", copies);
    return std::ranges::count_if(outcome.report.parts, [](const job::PartReport &part) {
      return part.action == job::Action::kept_text && part.kind != job::Kind::tnef;
    });
  };
  EXPECT_EQ(kept(20), 1);
  EXPECT_EQ(kept(23), 4); // the last three say it once more
}

TEST(Tnef, nested_too_deep) {
  std::string inner = stream(file("x.txt", "deepest"));
  for (unsigned i = 0; i < 50; ++i)
    inner = stream(nested(inner));
  const job::Outcome outcome = mail_with(inner, "t");
  ASSERT_EQ(outcome.status, job::Status::clean);
  EXPECT_EQ(outcome.report.parts.back().reasons.front(), Reason::part_too_deep);
}

} // namespace
} // namespace sekisho::tnef
