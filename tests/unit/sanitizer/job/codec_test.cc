#include "sanitizer/job/codec.hh"
#include "sanitizer/job/digest.hh"

#include <gtest/gtest.h>

namespace sekisho::job {
namespace {

const std::string digest(64, 'a');

Job sample_job(Bytes bytes) {
  Job job;
  job.what = What::file;
  job.receipt = "20261120-0001";
  job.name = "見積書.pdf";
  job.declared_type = "application/pdf";
  job.authentication = "gw.example.jp; spf=pass smtp.mailfrom=a.example.jp";
  job.known = {Reason::unknown_sender, Reason::dkim_failed};
  job.plan.treatments[static_cast<std::size_t>(KindClass::pdf)] = Treatment::render;
  job.plan.dpi = 200;
  job.plan.noise = 2;
  job.plan.tracked = Beside::keep;
  job.plan.hidden = Beside::remove;
  job.plan.formulas = Formulas::values;
  job.plan.mail_charset = MailCharset::iso_2022_jp;
  job.plan.append_text = true;
  job.plan.note_words = "[ja]\n受付番号 {receipt}\n";
  job.plan.hide_recipients = true;
  job.plan.own_domains = {"town.example.lg.jp", "xn--r8jz45g.jp"};
  job.cut = {1, 2, 3, 4, true};
  job.accepted = 1'795'172'742;
  job.bytes = bytes;
  return job;
}

Outcome sample_outcome() {
  Outcome outcome;
  outcome.status = Status::clean;
  outcome.reason = Reason::none;
  outcome.output = to_buffer("octets");
  outcome.output_kind = Kind::pdf;
  outcome.report.receipt = "20261120-0001";
  outcome.report.version = "0.1.0";
  outcome.report.input_sha256 = digest;
  outcome.report.subject = "件名 \"引用\" \\";
  outcome.report.received = {"from a by b; Fri, 20 Nov 2026 09:00:00 +0900", "from c by a"};
  outcome.report.reasons = {Reason::part_ambiguous};
  PartReport part;
  part.path = "1.2";
  part.kind = Kind::pdf;
  part.action = Action::rendered;
  part.reasons = {Reason::part_rendered, Reason::part_script};
  part.output_sha256 = digest;
  outcome.report.parts = {part};
  return outcome;
}

TEST(JobCodec, job_comes_back) {
  Buffer input = to_buffer("%PDF-1.4");
  Buffer encoded = encode(sample_job(input));
  Result<Job> job = decode_job(encoded);
  ASSERT_TRUE(job);
  EXPECT_EQ(job->what, What::file);
  EXPECT_EQ(job->receipt, "20261120-0001");
  EXPECT_EQ(job->name, "見積書.pdf");
  EXPECT_EQ(job->declared_type, "application/pdf");
  EXPECT_EQ(job->authentication, "gw.example.jp; spf=pass smtp.mailfrom=a.example.jp");
  EXPECT_EQ(job->known, (std::vector<Reason>{Reason::unknown_sender, Reason::dkim_failed}));
  EXPECT_EQ(job->plan.treatment(KindClass::pdf), Treatment::render);
  EXPECT_EQ(job->plan.dpi, 200u);
  EXPECT_EQ(job->plan.noise, 2u);
  EXPECT_EQ(job->plan.tracked, Beside::keep);
  EXPECT_EQ(job->plan.hidden, Beside::remove);
  EXPECT_EQ(job->plan.formulas, Formulas::values);
  EXPECT_EQ(job->plan.mail_charset, MailCharset::iso_2022_jp);
  EXPECT_TRUE(job->plan.append_text);
  EXPECT_EQ(job->plan.note_words, "[ja]\n受付番号 {receipt}\n");
  EXPECT_TRUE(job->plan.hide_recipients);
  EXPECT_EQ(job->plan.own_domains, (std::vector<std::string>{"town.example.lg.jp", "xn--r8jz45g.jp"}));
  EXPECT_EQ(job->cut, (Cut{1, 2, 3, 4, true}));
  EXPECT_EQ(job->accepted, 1'795'172'742);
  EXPECT_EQ(as_chars(job->bytes), "%PDF-1.4");
}

TEST(JobCodec, a_time_that_no_date_can_tell_is_refused) {
  Job job = sample_job({});
  for (const UnixSeconds good : {UnixSeconds{0}, UnixSeconds{253'402'300'799}}) {
    job.accepted = good;
    EXPECT_TRUE(decode_job(encode(job))) << good;
  }
  for (const UnixSeconds bad : {UnixSeconds{-1}, UnixSeconds{253'402'300'800}}) {
    job.accepted = bad;
    EXPECT_FALSE(decode_job(encode(job))) << bad;
  }
}

TEST(JobCodec, outcome_comes_back) {
  Buffer encoded = encode(sample_outcome());
  Result<Outcome> outcome = decode_outcome(encoded, 6);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(encode(*outcome), encoded);
  EXPECT_EQ(outcome->report.received.size(), 2u);
  EXPECT_EQ(outcome->report.parts.at(0).reasons.at(1), Reason::part_script);
}

TEST(JobCodec, every_truncation_and_every_addition_is_refused) {
  Buffer input = to_buffer("x");
  Buffer job = encode(sample_job(input));
  Buffer outcome = encode(sample_outcome());
  for (std::size_t i = 0; i < job.size(); i++)
    EXPECT_FALSE(decode_job(Bytes(job).first(i))) << i;
  for (std::size_t i = 0; i < outcome.size(); i++)
    EXPECT_FALSE(decode_outcome(Bytes(outcome).first(i), 100)) << i;
  job.push_back(std::byte{0});
  outcome.push_back(std::byte{0});
  EXPECT_FALSE(decode_job(job));
  EXPECT_FALSE(decode_outcome(outcome, 100));
}

TEST(JobCodec, enumerators_out_of_range_are_refused) {
  Buffer outcome = encode(sample_outcome());
  for (std::size_t at : {4u, 5u, 6u}) { // status, reason, kind
    Buffer flipped = outcome;
    flipped[at] = std::byte{0xff};
    EXPECT_FALSE(decode_outcome(flipped, 100)) << at;
  }
  Buffer job = encode(sample_job({}));
  job[4] = std::byte{what_count};
  EXPECT_FALSE(decode_job(job));

  // Whatever single octet is flipped, what is accepted is something encode() could have written.
  for (std::size_t i = 0; i < outcome.size(); i++) {
    for (unsigned mask : {0x01u, 0x80u, 0xffu}) {
      Buffer flipped = outcome;
      flipped[i] ^= static_cast<std::byte>(mask);
      Result<Outcome> read = decode_outcome(flipped, 100);
      if (!read) continue;
      EXPECT_EQ(encode(*read), flipped) << i;
    }
  }
}

TEST(JobCodec, hostile_text_is_refused) {
  for (const char *bad : {"a\nb", "\x80", "a\x7f", "a\xc2\x9b", "\xed\xa0\x80"}) {
    Outcome outcome = sample_outcome();
    outcome.report.subject = bad;
    EXPECT_FALSE(decode_outcome(encode(outcome), 100)) << bad;
  }
  Outcome outcome = sample_outcome();
  outcome.report.parts[0].sha256 = "xyz";
  EXPECT_FALSE(decode_outcome(encode(outcome), 100));
  Job job = sample_job({});
  job.receipt = "a b";
  EXPECT_FALSE(decode_job(encode(job)));
}

TEST(JobCodec, status_reason_and_output_must_agree) {
  Outcome outcome = sample_outcome();
  EXPECT_FALSE(decode_outcome(encode(outcome), 5)) << "above max_output";
  outcome.output.clear();
  EXPECT_FALSE(decode_outcome(encode(outcome), 100)) << "clean and empty";
  outcome = sample_outcome();
  outcome.status = Status::held;
  EXPECT_FALSE(decode_outcome(encode(outcome), 100)) << "held with output";
  outcome = sample_outcome();
  outcome.reason = Reason::job_timeout;
  EXPECT_FALSE(decode_outcome(encode(outcome), 100)) << "clean with a reason";
  outcome = {};
  outcome.reason = Reason::none;
  EXPECT_FALSE(decode_outcome(encode(outcome), 100)) << "refused without a reason";
}

TEST(JobJson, escapes_and_keeps_order) {
  Outcome outcome = sample_outcome();
  outcome.report.from = "a\x01\xff";
  std::string json = to_json(outcome);
  EXPECT_NE(json.find(R"("subject": "件名 \"引用\" \\")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("from": "a\u0001)"
                      "\xef\xbf\xbd\""),
            std::string::npos)
      << json;
  EXPECT_NE(json.find(R"("reasons": ["rendered", "script"])"), std::string::npos) << json;
  EXPECT_LT(json.find("\"status\""), json.find("\"receipt\""));
}

TEST(Digest, sha256_of_nothing) {
  EXPECT_EQ(sha256_hex({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

} // namespace
} // namespace sekisho::job
