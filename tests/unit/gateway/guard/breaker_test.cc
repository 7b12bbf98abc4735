// M2: a mass of mail is seen by sender, client, relay and by the likeness of its text; everyday mail is not.
#include "gateway/guard/breaker.hh"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace sekisho::guard {
namespace {

using rules::MassLimit;
using rules::MassPer;

Counted from(const std::string &sender, const std::string &client = "10.2.0.7", std::uint32_t recipients = 1) {
  return {.sender = sender, .client = client, .recipients = recipients};
}

TEST(Breaker, counts_by_sender_within_the_minute) {
  Breaker breaker;
  const std::vector<MassLimit> limits = {{MassPer::sender, 10, 60}};
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(breaker.count("out", limits, from("a@x.example"), 0));
  EXPECT_FALSE(breaker.count("out", limits, from("b@x.example"), 0));
  EXPECT_FALSE(breaker.count("other", limits, from("a@x.example"), 0));
  const auto trip = breaker.count("out", limits, from("A@x.example"), 1);
  ASSERT_TRUE(trip);
  EXPECT_EQ(words_of(*trip), "more than 10 mails per minute per sender (A@x.example)");
}

TEST(Breaker, notices_count_for_no_sender) {
  Breaker breaker;
  const std::vector<rules::MassLimit> limits = {{rules::MassPer::sender, 2, 60}, {rules::MassPer::relay, 10, 60}};
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(breaker.count("in", limits, from("", "192.0.2.1"), 5)) << i;
  EXPECT_TRUE(breaker.count("in", limits, from("", "192.0.2.1"), 5)) << "but for the relay";
}

TEST(Breaker, what_was_not_kept_counts_once_when_it_comes_again) {
  Breaker breaker;
  const std::vector<MassLimit> limits = {{MassPer::sender, 2, 60}, {MassPer::relay, 2, 60}, {MassPer::text, 2, 60}};
  Counted mail = from("a@x.example");
  mail.text = {0x1234, 100};
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(breaker.count("out", limits, mail, 1)) << i;
    breaker.take_back("out", limits, mail, 1);
  }
  breaker.take_back("out", limits, mail, 1); // once too often is no credit
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(breaker.count("out", limits, mail, 1)) << i;
  EXPECT_TRUE(breaker.count("out", limits, mail, 1));
}

TEST(Breaker, what_was_too_much_does_not_go_on_counting) {
  Breaker breaker;
  const std::vector<MassLimit> limits = {{MassPer::relay, 100, 60}, {MassPer::sender, 10, 60}};
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(breaker.count("in", limits, from("a@x.example"), 0));
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(breaker.count("in", limits, from("a@x.example"), i * 0.055));
  EXPECT_FALSE(breaker.count("in", limits, from("", "10.2.0.7", 90), 55)) << "for nobody else";
  EXPECT_FALSE(breaker.count("in", limits, from("a@x.example"), 61 + 30)) << "nor for him";
}

TEST(Breaker, a_name_that_anybody_may_write_counts_for_who_writes_it) {
  Breaker breaker;
  const std::vector<MassLimit> limits = {{MassPer::sender, 10, 60}};
  Counted forged = from("partner@x.example", "192.0.2.1", 10), genuine = from("partner@x.example", "192.0.2.2");
  forged.is_claimed = genuine.is_claimed = true;
  EXPECT_FALSE(breaker.count("in", limits, forged, 0));
  const auto trip = breaker.count("in", limits, forged, 1);
  ASSERT_TRUE(trip);
  EXPECT_EQ(words_of(*trip), "more than 10 mails per minute per sender (partner@x.example from 192.0.2.1)");
  EXPECT_FALSE(breaker.count("in", limits, genuine, 2));
}

TEST(Breaker, the_window_slides) {
  Breaker breaker;
  const std::vector<MassLimit> limits = {{MassPer::relay, 10, 60}};
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(breaker.count("out", limits, from("a@x.example"), 59));
  EXPECT_TRUE(breaker.count("out", limits, from("b@x.example"), 61)) << "most of the last minute is still in sight";
  breaker.forget("out");
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(breaker.count("out", limits, from("a@x.example"), 59));
  EXPECT_FALSE(breaker.count("out", limits, from("b@x.example"), 119));
  for (int i = 0; i < 8; ++i) EXPECT_FALSE(breaker.count("out", limits, from("c@x.example"), 300 + i));
}

TEST(Breaker, a_mail_to_many_counts_for_each) {
  Breaker breaker;
  const std::vector<MassLimit> limits = {{MassPer::client, 100, 3600}};
  EXPECT_FALSE(breaker.count("out", limits, from("a@x.example", "10.2.0.7", 100), 0));
  const auto trip = breaker.count("out", limits, from("b@x.example", "10.2.0.7", 1), 1800);
  ASSERT_TRUE(trip);
  EXPECT_EQ(words_of(*trip), "more than 100 mails per hour per client (10.2.0.7)");
}

TEST(Breaker, stays_bounded_under_invented_senders_and_still_counts_the_relay) {
  Breaker breaker(1000);
  const std::vector<MassLimit> limits = {{MassPer::sender, 100, 60}, {MassPer::relay, 50'000, 60}};
  bool tripped = false;
  for (int i = 0; i < 50'001; ++i)
    tripped = breaker.count("out", limits, from(fmt::format("s{}@x.example", i)), 1).has_value();
  EXPECT_TRUE(tripped);
  EXPECT_LE(breaker.size(), 1001u);
}

std::string mail(const std::string &text, const std::string &fields = "") {
  return "From: a@b.example\r\nSubject: x\r\n" + fields + "\r\n" + text;
}

Sketch sketch(const std::string &mail) { return sketch_of(read_message(as_bytes(mail))); }

const std::string notice =
    "このたびは当サービスをご利用いただき誠にありがとうございます。\r\nお客様のアカウントに不審なログインが確認されましたので、"
    "ご本人様確認のため下記のリンクよりお手続きをお願いいたします。\r\nhttps://login.example/verify\r\n"
    "期日までにお手続きいただけない場合、アカウントは停止されますのでご注意ください。\r\n";
const std::string minutes =
    "総務課 各位\r\n\r\n標記の件について、次のとおり会議を開催しますので出席をお願いします。\r\n日時 12月1日 10時\r\n場所 第二会議室\r\n"
    "議題 来年度予算の要求について、庁舎の改修について、その他\r\n資料は当日配布します。\r\n";

TEST(Likeness, the_same_text_to_others_is_alike) {
  EXPECT_TRUE(are_alike(sketch(mail("山田 様\r\n\r\n" + notice)), sketch(mail("佐藤 花子 様 (会員番号 99812)\r\n\r\n" + notice))));
  EXPECT_TRUE(are_alike(sketch(mail(notice)),
                        sketch(mail("<html><body><p class=\"a77\">" + notice + "</p></body></html>"))));
  EXPECT_FALSE(are_alike(sketch(mail(notice)), sketch(mail(minutes))));
}

TEST(Likeness, sees_through_base64_and_parts) {
  // "abc…" repeated, base64, once as the mail's own text and once as the first part
  const std::string text = "QSBsb25nIHRleHQgdGhhdCBpcyBzZW50IHRvIG1hbnksIHdpdGggZW5vdWdoIHdvcmRzIHRvIGJlIGtub3duIGFnYWlu\r\n"
                           "IGV2ZW4gdGhvdWdoIGVhY2ggY29weSBvZiBpdCBpcyB3cmFwcGVkIGluIGFub3RoZXIgd2F5Lg==\r\n";
  const std::string plain = "A long text that is sent to many, with enough words to be known again even though each copy "
                            "of it is wrapped in another way.\r\n";
  const std::string parts = "--xx\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + text +
                            "--xx\r\nContent-Type: image/png\r\n\r\nabc\r\n--xx--\r\n";
  EXPECT_TRUE(are_alike(sketch(mail(text, "Content-Transfer-Encoding: base64\r\n")), sketch(mail(plain))));
  EXPECT_TRUE(are_alike(sketch(mail(parts, "Content-Type: multipart/mixed; boundary=xx\r\n")), sketch(mail(plain))));
}

TEST(Likeness, short_texts_must_be_the_same) {
  EXPECT_TRUE(are_alike(sketch(mail("ok\r\n")), sketch(mail("OK\r\n"))));
  EXPECT_FALSE(are_alike(sketch(mail("了解しました\r\n")), sketch(mail("承知しました\r\n"))));
  EXPECT_TRUE(are_alike(sketch(""), sketch("")));
}

TEST(Breaker, many_senders_with_one_text_trip_it) {
  Breaker breaker;
  const std::vector<MassLimit> limits = {{MassPer::text, 50, 60}};
  std::optional<Trip> trip;
  for (int i = 0; i < 60 && !trip; ++i) {
    Counted one = from(fmt::format("s{}@x{}.example", i, i), fmt::format("192.0.2.{}", i));
    one.text = sketch(mail(fmt::format("{}番目の方へ\r\n", i) + notice));
    trip = breaker.count("in", limits, one, i * 0.1);
    if (i % 2 == 0) {
      one.text = sketch(mail(fmt::format("{} の件です。添付のとおり報告します。番号は{}です。{}\r\n", minutes.substr(static_cast<std::size_t>(i) * 3), i * 7919, i)));
      EXPECT_FALSE(breaker.count("everyday", limits, one, i * 0.1));
    }
  }
  ASSERT_TRUE(trip);
  EXPECT_EQ(words_of(*trip), "more than 50 mails per minute per text");
}

} // namespace
} // namespace sekisho::guard
