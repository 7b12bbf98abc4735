#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/verify/verify.hh"

#include <gtest/gtest.h>

namespace sekisho::rebuild {
namespace {

job::Outcome no_file(const job::Job &) {
  return {};
}

job::Outcome run(std::string_view text) {
  job::Job job;
  job.what = job::What::mail;
  job.receipt = "T-1";
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

} // namespace
} // namespace sekisho::rebuild
