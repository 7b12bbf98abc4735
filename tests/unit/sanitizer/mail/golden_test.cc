// tests/mails/<case>/: in.eml (and plan) in; out.eml, body.txt and report.json out.
// SEKISHO_ACCEPT=1 writes the outputs anew: read the difference before it is committed.
#include "sanitizer/job/codec.hh"
#include "sanitizer/job/missing.hh"
#include "sanitizer/mime/parse.hh"
#include "sanitizer/rebuild/mail/note_words.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/text/charset.hh"
#include "sanitizer/verify/verify.hh"
#include "tests/unit/sanitizer/corpus.hh"
#include "tests/unit/sanitizer/mail/plans.hh"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sstream>

namespace sekisho::rebuild {
namespace {

namespace fs = std::filesystem;

fs::path cases() {
  const char *source = std::getenv("SOURCE");
  return fs::path(source ? source : ".") / "tests/mails";
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  if (fs::is_directory(cases()))
    for (const auto &entry : fs::directory_iterator(cases()))
      if (entry.is_directory()) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

/// The text a reader sees, and which files come with it.
std::string readable(Bytes mail) {
  mime::Mail parsed = mime::parse(mail, {});
  std::string text;
  for (const mime::Part &part : parsed.parts) {
    if (part.is_multipart()) continue;
    Buffer octets = mime::decode_transfer(part.encoding, part.body);
    if (!part.name.empty()) text += "\n==== " + part.name + " (" + part.type + ")\n";
    if (part.is("text/plain")) text += text::decode_labelled(octets, part.charset).text;
  }
  std::erase(text, '\r');
  return text;
}

void compare(const fs::path &file, const std::string &got) {
  if (std::getenv("SEKISHO_ACCEPT")) {
    if (got.empty())
      fs::remove(file);
    else
      std::ofstream(file, std::ios::binary) << got;
    return;
  }
  EXPECT_EQ(got, fs::exists(file) ? corpus::read(file) : "") << file;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, mail) {
  fs::path folder = cases() / GetParam();
  std::string input = corpus::read(folder / "in.eml");
  job::Job job = plans::mail_job(as_bytes(input));
  if (fs::exists(folder / "plan")) {
    std::istringstream lines(corpus::read(folder / "plan"));
    for (std::string kind, treatment; lines >> kind >> treatment;) {
      if (kind == "known") {
        job.known.push_back(*reason_from_word(treatment));
        continue;
      }
      ASSERT_TRUE(plans::set(job.plan, kind, treatment)) << kind << " " << treatment;
    }
  }
  if (fs::exists(folder / "note")) {
    const ReadNote note = read_note_words(corpus::read(folder / "note"));
    ASSERT_TRUE(note.words) << note.findings.front().message;
    job.plan.note_words = note.plain;
  }
  job::Outcome outcome = mail(job, plans::treat_file);
  EXPECT_EQ(outcome.status == job::Status::clean, verify::accept_mail(outcome.output).has_value());
  EXPECT_TRUE(job::decode_outcome(job::encode(outcome), job.plan.max_output));
  compare(folder / "out.eml", std::string(as_chars(outcome.output)));
  compare(folder / "body.txt", outcome.output.empty() ? "" : readable(outcome.output));
  compare(folder / "report.json",
          nlohmann::ordered_json::parse(job::to_json(outcome)).dump(2) + "\n");

  if (job.plan.note_words.empty() && outcome.status == job::Status::clean) { // H2: it can be asked for where it is kept
    const bool invites = readable(outcome.output).find("\nIf you need the original, ask") != std::string::npos;
    EXPECT_EQ(invites, job::what_is_missing(outcome.report) != Reason::none);
  }

  job::Outcome again = mail(job, plans::treat_file);
  EXPECT_EQ(job::encode(again), job::encode(outcome)) << "the same input gives the same output";
}

INSTANTIATE_TEST_SUITE_P(Mails, Golden, testing::ValuesIn(case_names()), [](const auto &info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(Golden, there_are_cases) {
  EXPECT_GE(case_names().size(), 15u);
}

} // namespace
} // namespace sekisho::rebuild
