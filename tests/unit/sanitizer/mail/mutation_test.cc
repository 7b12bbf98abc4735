// A small fuzzer with a fixed seed over the golden mails: whatever comes in, what goes out is
// refused, held, or a mail that the re-reader accepts.
#include "sanitizer/job/codec.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/verify/verify.hh"
#include "tests/unit/sanitizer/corpus.hh"
#include "tests/unit/sanitizer/mail/plans.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace sekisho::rebuild {
namespace {

std::vector<std::string> golden_mails() {
  const char *source = std::getenv("SOURCE");
  std::vector<std::string> mails;
  std::filesystem::path folder = std::filesystem::path(source ? source : ".") / "tests/mails";
  std::vector<std::filesystem::path> paths;
  for (const auto &entry : std::filesystem::directory_iterator(folder))
    if (entry.is_directory()) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  for (const auto &path : paths)
    mails.push_back(corpus::read(path / "in.eml"));
  return mails;
}

class Mutator {
public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  void mutate(std::string &mail, const std::string &other) {
    for (std::size_t changes = 1 + below(6); changes > 0; changes--)
      change(mail, other);
  }
  std::size_t below(std::size_t limit) { return limit ? random_() % limit : 0; }

private:
  void change(std::string &mail, const std::string &other) {
    static constexpr std::string_view words[] = {"\r\n",
                                                 "\n\n",
                                                 "--b1\r\n",
                                                 "--b1--",
                                                 "=?UTF-8?B?",
                                                 "?=",
                                                 "Content-Type: ",
                                                 "multipart/mixed; ",
                                                 "boundary=b1",
                                                 "message/rfc822",
                                                 "base64",
                                                 "\x1b$B",
                                                 "\x1b(B",
                                                 "<script>",
                                                 "<!--",
                                                 "\"",
                                                 "\\",
                                                 "filename*0*=utf-8''%",
                                                 ";",
                                                 "begin 644 x\n",
                                                 "\xe2\x80\xae",
                                                 "-----BEGIN PGP MESSAGE-----\n"};
    std::size_t at = below(mail.size() + 1);
    switch (below(6)) {
    case 0: mail.insert(at, words[below(std::size(words))]); break;
    case 1: mail.erase(at, below(20)); break;
    case 2:
      if (at < mail.size()) mail[at] = static_cast<char>(below(256));
      break;
    case 3: mail.insert(at, mail.substr(below(mail.size() + 1), below(200))); break;
    case 4: mail.insert(at, other.substr(below(other.size() + 1), below(400))); break;
    case 5: mail.resize(at); break;
    }
  }
  std::mt19937 random_;
};

/// A file process that may answer anything.
job::Outcome hostile_file(const job::Job &job, Mutator &mutator) {
  job::Outcome outcome = plans::treat_file(job);
  switch (mutator.below(5)) {
  case 0: return outcome;
  case 1: outcome.output_kind = static_cast<job::Kind>(mutator.below(job::kind_count)); break;
  case 2: outcome.output = to_buffer(job.bytes); break;
  case 3: outcome.status = static_cast<job::Status>(mutator.below(3)); break;
  case 4: outcome.output[mutator.below(outcome.output.size())] ^= std::byte{1}; break;
  }
  outcome.reason = static_cast<Reason>(mutator.below(reason_count));
  return outcome;
}

TEST(Mutation, whatever_comes_in) {
  std::vector<std::string> mails = golden_mails();
  ASSERT_FALSE(mails.empty());
  Mutator mutator(20261120);
  std::size_t clean = 0;
  constexpr std::size_t rounds = 4000;
  for (std::size_t i = 0; i < rounds; i++) {
    std::string mail = mails[i % mails.size()];
    mutator.mutate(mail, mails[mutator.below(mails.size())]);
    job::Job job = plans::mail_job(as_bytes(mail));
    job::Outcome outcome =
        rebuild::mail(job, [&](const job::Job &file) { return hostile_file(file, mutator); });
    ASSERT_TRUE(job::decode_outcome(job::encode(outcome), job.plan.max_output)) << i << "\n"
                                                                                << mail;
    if (outcome.status != job::Status::clean) continue;
    clean++;
    ASSERT_TRUE(verify::accept_mail(outcome.output)) << i << "\n" << mail;
  }
  EXPECT_GT(clean, rounds / 2);
}

} // namespace
} // namespace sekisho::rebuild
