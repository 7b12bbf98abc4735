// Mails that nobody here wrote: no crash, an output that the re-reader accepts, no octet of a file
// that was not read as text, in bounded time; subjects and senders as another reader (stalwart)
// reads them.
#include "sanitizer/detect/detect.hh"
#include "sanitizer/job/codec.hh"
#include "sanitizer/mime/address.hh"
#include "sanitizer/mime/parse.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/text/clean.hh"
#include "sanitizer/verify/verify.hh"
#include "tests/unit/sanitizer/corpus.hh"
#include "tests/unit/sanitizer/mail/plans.hh"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <ctime>
#include <set>
#include <sstream>

namespace sekisho::rebuild {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_below(const fs::path &folder, const std::set<std::string> &extensions) {
  std::vector<fs::path> files;
  for (const auto &entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && extensions.contains(entry.path().extension().string()))
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

/// The decoded leaves of a mail that hold no text.
std::vector<Buffer> files_in(Bytes octets) {
  std::vector<Buffer> files;
  mime::Mail parsed = mime::parse(octets, {});
  for (const mime::Part &part : parsed.parts) {
    if (!part.children.empty()) continue;
    Buffer content = mime::decode_transfer(part.encoding, part.body);
    job::Kind kind = detect::kind_of(content);
    if (content.size() >= 64 && job::class_of(kind) != job::KindClass::text &&
        kind != job::Kind::mail)
      files.push_back(std::move(content));
  }
  return files;
}

void expect_harmless(const fs::path &path, bool &clean) {
  std::string input = corpus::read(path);
  job::Job job = plans::mail_job(as_bytes(input));
  const std::clock_t start = std::clock();
  job::Outcome outcome = mail(job, plans::treat_file);
  EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 10) << path;
  EXPECT_TRUE(job::decode_outcome(job::encode(outcome), job.plan.max_output)) << path;
  clean = outcome.status == job::Status::clean;
  if (!clean) return;
  EXPECT_TRUE(verify::accept_mail(outcome.output)) << path;
  mime::Mail written = mime::parse(outcome.output, {});
  std::vector<Buffer> originals = files_in(job.bytes);
  for (const mime::Part &part : written.parts) {
    Buffer content = mime::decode_transfer(part.encoding, part.body);
    if (part.is("text/plain")) continue;
    for (const Buffer &original : originals)
      EXPECT_EQ(as_chars(content).find(as_chars(original)), std::string_view::npos) << path;
  }
}

TEST(Corpus, every_mail_comes_out_harmless) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  std::vector<fs::path> mails =
      files_below(corpus::folder() / "mail", {".eml", ".msg", ".mail", ".mbox", ""});
  ASSERT_GT(mails.size(), 400u);
  std::size_t clean_count = 0;
  for (const fs::path &path : mails) {
    bool clean = false;
    expect_harmless(path, clean);
    clean_count += clean;
  }
  EXPECT_GT(clean_count, mails.size() * 8 / 10);
}

/// One line a mail: what became of it and of its parts.
std::string outcome_line(const job::Outcome &outcome) {
  std::string line(word_of(outcome.status));
  line += ' ';
  line += outcome.reason == Reason::none ? std::string_view("-") : info(outcome.reason).word;
  line += '\t';
  for (Reason reason : outcome.report.reasons)
    line += std::string(info(reason).word) + ' ';
  line += '\t';
  for (const job::PartReport &part : outcome.report.parts) {
    line +=
        part.path + ' ' + std::string(word_of(part.kind)) + ' ' + std::string(word_of(part.action));
    for (Reason reason : part.reasons)
      line += ' ' + std::string(info(reason).word);
    line += "; ";
  }
  return line;
}

/// tests/oracles/outcomes.tsv: file, outcome, reasons of the mail, parts with what was done
/// and why. SEKISHO_ACCEPT=1 writes it anew: read the difference.
TEST(Corpus, outcomes_are_as_reviewed) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  const char *source = std::getenv("SOURCE");
  const fs::path golden = fs::path(source ? source : ".") / "tests/oracles/outcomes.tsv";
  std::string found;
  const fs::path folder = corpus::folder() / "mail";
  for (const fs::path &path : files_below(folder, {".eml", ".msg", ".mail", ".mbox", ""})) {
    if (path.string().find("LICENSE") != std::string::npos) continue;
    const std::string input = corpus::read(path);
    job::Job job = plans::mail_job(as_bytes(input));
    found += fs::relative(path, folder).string() + '\t' +
             outcome_line(mail(job, plans::treat_file)) + '\n';
  }
  if (std::getenv("SEKISHO_ACCEPT")) {
    std::ofstream(golden, std::ios::binary) << found;
    return;
  }
  std::istringstream wanted_lines(corpus::read(golden)), found_lines(found);
  std::string wanted, line;
  while (std::getline(found_lines, line)) {
    std::getline(wanted_lines, wanted);
    EXPECT_EQ(line, wanted);
  }
  EXPECT_FALSE(std::getline(wanted_lines, wanted)) << wanted;
}

/// Other formats read as mails: whatever it is, it is an answer.
TEST(Corpus, files_that_are_no_mails) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  std::vector<fs::path> files = files_below(
      corpus::folder() / "files", {".pdf", ".docx", ".doc", ".rtf", ".png", ".csv", ".zip"});
  for (std::size_t i = 0; i < files.size(); i += 7) {
    bool clean = false;
    expect_harmless(files[i], clean);
  }
}

std::string text_of(const nlohmann::json &message, std::string_view name) {
  for (const auto &header : message["parts"][0]["headers"]) {
    if (header["name"] != name || !header["value"].is_object()) continue;
    const auto &value = header["value"];
    if (value.contains("Text")) return value["Text"];
    if (!value.contains("Address") || !value["Address"].contains("List")) continue;
    const auto &list = value["Address"]["List"];
    if (!list.empty() && list[0].contains("address") && list[0]["address"].is_string())
      return list[0]["address"];
  }
  return {};
}

std::size_t count_fields(const nlohmann::json &message, std::string_view name) {
  const auto &headers = message["parts"][0]["headers"];
  return static_cast<std::size_t>(std::count_if(headers.begin(), headers.end(),
                                                [&](const auto &h) { return h["name"] == name; }));
}

TEST(Corpus, subjects_and_senders_as_another_reader_sees_them) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  std::size_t compared = 0, different = 0;
  for (const fs::path &path : files_below(corpus::folder() / "mail/stalwart/eml", {".eml"})) {
    fs::path reference = path;
    nlohmann::json message =
        nlohmann::json::parse(corpus::read(reference.replace_extension(".json")));
    std::string input = corpus::read(path);
    job::Job job = plans::mail_job(as_bytes(input));
    job::Outcome outcome = mail(job, plans::treat_file);
    text::Findings ignored;
    if (count_fields(message, "subject") == 1) {
      compared++;
      std::string wanted = text::clean_line(text_of(message, "subject"), ignored);
      if (outcome.report.subject != wanted) {
        different++;
        std::cout << path << ": " << outcome.report.subject << " / " << wanted << "\n";
      }
    }
    std::string sender = text_of(message, "from");
    if (count_fields(message, "from") == 1 && mime::is_address(sender)) {
      compared++;
      if (outcome.report.from.find(sender) == std::string::npos) {
        different++;
        std::cout << path << ": " << outcome.report.from << " / " << sender << "\n";
      }
    }
  }
  EXPECT_GT(compared, 40u);
  EXPECT_EQ(different, 0u) << "of " << compared;
}

} // namespace
} // namespace sekisho::rebuild
