// Many files through the real workers, from a list on standard input: whatever they are, each comes
// back in time, named, and without anything that acts.
//
//   sanitize-many PROGRAM [--threads N] [--deadline-ms N] [--office PROGRAM] [--each 1] [--output FOLDER] < LIST
//     --office: Office files are rendered; --each 1: a line a file: "each", outcome, reasons, hash of
//     the output, path; --output: what comes out of the Nth file (from 0) as FOLDER/N
//   sanitize-many PROGRAM --marked N [--office PROGRAM]   N jobs a thread at the same time, and some Office
//   files; no job's words in another's output
#include "base/clock.hh"
#include "base/unique_fd.hh"
#include "sanitizer/client/client.hh"
#include "sanitizer/detect/detect.hh"

#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <mutex>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace sekisho {
namespace {

struct Options {
  std::string program, office;
  unsigned threads = 2, deadline_ms = 20'000, marked = 0, each = 0;
  std::string output;
};

job::Plan plan_of(const Options &options) {
  job::Plan plan;
  for (job::Treatment &treatment : plan.treatments)
    treatment = job::Treatment::strip;
  plan.treatments[static_cast<std::size_t>(job::KindClass::pdf)] = job::Treatment::render;
  plan.treatments[static_cast<std::size_t>(job::KindClass::image)] = job::Treatment::render;
  plan.treatments[static_cast<std::size_t>(job::KindClass::text)] = job::Treatment::text;
  plan.treatments[static_cast<std::size_t>(job::KindClass::archive)] = job::Treatment::unpack;
  plan.treatments[static_cast<std::size_t>(job::KindClass::office)] =
      options.office.empty() ? job::Treatment::text : job::Treatment::render;
  plan.treatments[static_cast<std::size_t>(job::KindClass::mail)] = job::Treatment::text;
  plan.treatments[static_cast<std::size_t>(job::KindClass::encrypted)] = job::Treatment::hold;
  plan.deadline_ms = options.deadline_ms;
  plan.dpi = 100;
  return plan;
}

/// Short names occur by chance in packed pixels: those are cut out before looking.
std::string without_streams(std::string_view pdf) {
  std::string rest;
  for (;;) {
    const std::size_t begin = pdf.find(">>\nstream\n"), end = pdf.find("\nendstream\nendobj\n");
    if (begin == pdf.npos || end == pdf.npos || end < begin) return rest.append(pdf);
    rest.append(pdf.substr(0, begin));
    pdf.remove_prefix(end + 1);
  }
}

std::string active_word_in(const job::Outcome &outcome) {
  const std::string_view text = as_chars(outcome.output);
  for (const char *word :
       {"/JavaScript", "/OpenAction", "/EmbeddedFile", "/Launch", "/RichMedia", "<script"})
    if (outcome.output_kind != job::Kind::text && text.find(word) != text.npos) return word;
  if (outcome.output_kind != job::Kind::pdf) return {};
  const std::string objects = without_streams(text);
  for (const char *word : {"/JS", "/AA", "/URI", "/Annot", "/AcroForm", "/Metadata", "/Info"})
    if (objects.find(word) != objects.npos) return word;
  return {};
}

class Findings {
public:
  void count(const job::Outcome &outcome) {
    const std::scoped_lock lock(mutex_);
    ++ways_[fmt::format("{} {}", word_of(outcome.status), word_of(outcome.reason))];
  }
  void tell_each(const job::Outcome &outcome, const std::string &path) {
    std::string reasons;
    for (const job::PartReport &part : outcome.report.parts)
      for (Reason reason : part.reasons)
        reasons += fmt::format("{}{}", reasons.empty() ? "" : ",", word_of(reason));
    const std::scoped_lock lock(mutex_);
    fmt::print("each\t{}\t{}\t{}\t{}\n", word_of(outcome.status), reasons,
               outcome.report.output_sha256, path);
  }
  void complain(const std::string &what) {
    const std::scoped_lock lock(mutex_);
    ++complaints_;
    fmt::print("FAILED {}\n", what);
  }
  int tell() const {
    for (const auto &[way, times] : ways_)
      fmt::print("{:6} {}\n", times, way);
    fmt::print("{} failed\n", complaints_);
    return complaints_ == 0 ? 0 : 1;
  }

private:
  std::mutex mutex_;
  std::map<std::string, int> ways_;
  int complaints_ = 0;
};

std::string read_file(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Empty when all is well.
std::string judge(const job::Outcome &outcome, std::uint64_t milliseconds, const Options &options) {
  if (milliseconds > options.deadline_ms + 2500) return fmt::format("took {} ms", milliseconds);
  if (outcome.status == job::Status::clean) {
    if (outcome.output.empty()) return "clean without output";
    const std::string word = active_word_in(outcome);
    return word.empty() ? "" : "has " + word;
  }
  if (!outcome.output.empty()) return "not clean, but with output";
  if (outcome.reason == Reason::none) return "not clean, and no reason";
  for (Reason bad : {Reason::job_worker_died, Reason::job_bad_reply, Reason::job_verify_failed,
                     Reason::job_timeout})
    if (outcome.reason == bad) return std::string(word_of(bad));
  return "";
}

void treat_one(client::Sanitizer &sanitizer, const std::string &path, std::size_t number,
               const Options &options, Findings &findings) {
  const std::string bytes = read_file(path);
  job::Job job;
  job.receipt = "test";
  job.plan = plan_of(options);
  job.bytes = as_bytes(bytes);
  const bool mail = detect::kind_of(job.bytes) == job::Kind::mail;
  job.what = mail ? job::What::mail : job::What::file;
  const std::uint64_t start = monotonic_ns();
  const job::Outcome outcome = sanitizer.sanitize(job);
  const std::string wrong = judge(outcome, (monotonic_ns() - start) / 1'000'000, options);
  findings.count(outcome);
  if (options.each) findings.tell_each(outcome, path);
  if (!options.output.empty() && !outcome.output.empty())
    std::ofstream(options.output + "/" + std::to_string(number), std::ios::binary)
        << as_chars(outcome.output);
  if (!wrong.empty()) findings.complain(path + ": " + wrong);
}

void run_list(const Options &options, Findings &findings) {
  std::vector<std::string> paths;
  for (std::string line; std::getline(std::cin, line);)
    paths.push_back(line);
  std::atomic<std::size_t> next = 0;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < options.threads; ++i)
    threads.emplace_back([&] {
      Result<client::Sanitizer> sanitizer = client::Sanitizer::start(options.program, options.office);
      if (!sanitizer) return findings.complain(sanitizer.error().what);
      for (std::size_t at; (at = next++) < paths.size();)
        treat_one(*sanitizer, paths[at], at, options, findings);
    });
  for (std::thread &thread : threads)
    thread.join();
  fmt::print("{} files\n", paths.size());
}

std::string mark(unsigned thread, unsigned number) {
  return fmt::format("mark-{}-{}-", thread, number);
}

/// A text of one's own mark only; its output must hold that mark and no other.
void look_for_strays(std::string_view text, const std::string &receipt, std::size_t wanted, Findings &findings) {
  std::size_t own = 0;
  for (std::size_t at = 0; (at = text.find("mark-", at)) != text.npos; ++at)
    if (text.substr(at).starts_with(receipt))
      ++own;
    else
      return findings.complain(receipt + "holds another's");
  if (own != wanted) findings.complain(receipt + "is not whole");
}

void treat_marked(client::Sanitizer &sanitizer, unsigned thread, unsigned number,
                  const Options &options, Findings &findings) {
  std::string body;
  const std::size_t size = 1000 + thread * 37'000 + number * 1013 % 200'000;
  while (body.size() < size)
    body += mark(thread, number) + "\r\n";
  const bool mail = number % 2 == 0;
  const std::string bytes =
      mail ? "From: a@example.jp\r\nTo: b@example.jp\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
             "Content-Type: multipart/mixed; "
             "boundary=b\r\n\r\n--b\r\n\r\nbody\r\n--b\r\nContent-Type: text/plain\r\n"
             "Content-Disposition: attachment; filename=a.txt\r\n\r\n" +
                 body + "--b--\r\n"
           : body;
  job::Job job;
  job.what = mail ? job::What::mail : job::What::file;
  job.plan = plan_of(options);
  job.bytes = as_bytes(bytes);
  job.receipt = mark(thread, number);
  const job::Outcome outcome = sanitizer.sanitize(job);
  findings.count(outcome);
  if (outcome.status != job::Status::clean || outcome.report.receipt != job.receipt)
    return findings.complain(job.receipt + "not clean");
  if (mail) return; // base64: the hash of a second run says it
  look_for_strays(as_chars(outcome.output), job.receipt, body.size() / (job.receipt.size() + 2), findings);
}

/// An Office file through the nursery that all threads share; the words are read from the pages' text.
void treat_marked_office(client::Sanitizer &sanitizer, unsigned thread, unsigned number, const Options &options,
                         Findings &findings) {
  constexpr std::size_t lines = 20;
  job::Job job;
  job.plan = plan_of(options);
  job.receipt = mark(thread, number);
  std::string bytes = "{\\rtf1 ";
  for (std::size_t i = 0; i < lines; ++i)
    bytes += job.receipt + "\\par ";
  bytes += "}";
  job.bytes = as_bytes(bytes);
  const job::Outcome drawn = sanitizer.sanitize(job);
  findings.count(drawn);
  job.bytes = drawn.output;
  job.plan.treatments[static_cast<std::size_t>(job::KindClass::pdf)] = job::Treatment::text;
  const job::Outcome read = sanitizer.sanitize(job);
  if (drawn.output_kind != job::Kind::pdf || read.status != job::Status::clean)
    return findings.complain(job.receipt + "not clean");
  look_for_strays(as_chars(read.output), job.receipt, lines, findings);
}

/// The program and the gateway's end of its channel.
struct Started {
  pid_t process = -1;
  UniqueFd channel;
  explicit operator bool() const { return process > 0; }
  void end() {
    channel.reset();
    if (process > 0) ::waitpid(process, nullptr, 0);
  }
};

Started start(const std::string &program) {
  if (program.empty()) return {};
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
  UniqueFd near(ends[0]), far(ends[1]);
  const pid_t process = ::fork();
  if (process == 0) {
    ::dup2(far.get(), 9);
    ::execl(program.c_str(), program.c_str(), "--channel", "9", nullptr);
    ::_exit(127);
  }
  return {process, std::move(near)};
}

void run_marked(const Options &options, Findings &findings) {
  Started zygote = start(options.program), office = start(options.office);
  std::vector<std::thread> threads;
  for (unsigned thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      client::Sanitizer sanitizer = client::Sanitizer::over(zygote.channel.get(), office.channel.get());
      for (unsigned number = 0; number < options.marked; ++number)
        treat_marked(sanitizer, thread, number, options, findings);
      for (unsigned number = 0; number < 2 && office; ++number)
        treat_marked_office(sanitizer, thread, number, options, findings);
    });
  for (std::thread &thread : threads)
    thread.join();
  office.end();
  zygote.end();
}

} // namespace
} // namespace sekisho

int main(int count, char **arguments) {
  using namespace sekisho;
  if (count < 2) return 2;
  Options options;
  options.program = arguments[1];
  for (int i = 2; i + 1 < count; i += 2) {
    const std::string_view word = arguments[i];
    const auto value = static_cast<unsigned>(std::strtoul(arguments[i + 1], nullptr, 10));
    if (word == "--output") options.output = arguments[i + 1];
    if (word == "--each") options.each = value;
    if (word == "--threads") options.threads = value;
    if (word == "--deadline-ms") options.deadline_ms = value;
    if (word == "--marked") options.marked = value;
    if (word == "--office") options.office = arguments[i + 1];
  }
  Findings findings;
  options.marked > 0 ? run_marked(options, findings) : run_list(options, findings);
  return findings.tell();
}
