#include "gateway/cli/sanitize_input.hh"

#include "base/clock.hh"
#include "base/unique_fd.hh"
#include "base/utf8.hh"
#include "gateway/cli/daemon.hh"
#include "gateway/cli/rule_files.hh"
#include "rules/notes.hh"
#include "sanitizer/detect/detect.hh"
#include "sanitizer/job/digest.hh"
#include "sanitizer/rebuild/mail/note_words.hh"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace sekisho::cli {
namespace {

namespace fs = std::filesystem;

job::Plan default_plan(const SanitizeOptions &options) {
  job::Plan plan;
  const auto set = [&plan](job::KindClass kind_class, job::Treatment treatment) {
    plan.treatments[static_cast<std::size_t>(kind_class)] = treatment;
  };
  set(job::KindClass::pdf, job::Treatment::render);
  set(job::KindClass::image, job::Treatment::render);
  set(job::KindClass::office,
      options.office == "render" ? job::Treatment::render : job::Treatment::rebuild);
  set(job::KindClass::archive, job::Treatment::unpack);
  set(job::KindClass::text, job::Treatment::text);
  set(job::KindClass::mail, job::Treatment::text);
  set(job::KindClass::encrypted, job::Treatment::hold);
  return plan;
}

std::string names_of(const std::vector<rules::Relay> &relays) {
  std::vector<std::string> names;
  for (const rules::Relay &relay : relays)
    names.push_back(relay.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

/// `named`, or where the build or the installation has it.
std::string find_program(const std::string &named, const char *variable, const std::string &name,
                         const std::string &build_folder) {
  if (!named.empty()) return named;
  if (const char *named_by_environment = std::getenv(variable)) return named_by_environment;
  std::error_code ignored;
  const fs::path folder = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const std::string &place : {name, "../lib/sekisho/" + name, "../libexec/sekisho/" + name,
                                   "../../sanitizer/" + build_folder + "/" + name})
    if (fs::exists(folder / place, ignored)) return (folder / place).string();
  return "/usr/lib/sekisho/" + name;
}

struct Input {
  std::string bytes; // at most one more than the plan takes, so that the refusal names the size
  std::uint64_t size = 0;
  std::string sha256; // this and the size of all of it
};

Failure<Error> cannot_read(const std::string &path) {
  return fail(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
}

/// Of what is no plain file only what was handed over open: a FIFO by name might wait for ever.
Result<UniqueFd> open_input(const std::string &path) {
  const bool is_handed_over = path == "/dev/stdin" || path.starts_with("/dev/fd/") || path.starts_with("/proc/self/fd/");
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | (is_handed_over ? 0 : O_NONBLOCK)));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) return cannot_read(path);
  if (!is_handed_over && !S_ISREG(status.st_mode))
    return fail(fmt::format("cannot read {}: not a plain file; a pipe is read as /dev/stdin", path));
  return file;
}

Result<Input> read_input(const std::string &path, const job::Plan &plan) {
  const Result<UniqueFd> file = open_input(path);
  if (!file) return fail(file.error());
  Input input;
  job::Digest digest;
  std::array<char, 64 << 10> piece;
  const std::size_t most = std::size_t{plan.max_input} + 1;
  for (ssize_t size; (size = ::read(file->get(), piece.data(), piece.size())) != 0;) {
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return cannot_read(path);
    const std::string_view octets(piece.data(), static_cast<std::size_t>(size));
    input.size += octets.size();
    digest.add(as_bytes(octets));
    input.bytes += octets.substr(0, most - input.bytes.size());
  }
  input.sha256 = digest.take_hex();
  return input;
}

/// The last part of the path as plain UTF-8.
std::string name_of(const std::string &path) {
  std::string name = fs::path(path).filename().string();
  const bool valid = utf8_valid(name);
  for (char &c : name) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet == 0x7f || (!valid && octet > 0x7f)) c = '_';
  }
  for (std::size_t at = 0; (at = name.find('\xc2', at)) != std::string::npos; ++at)
    if (static_cast<unsigned char>(name[at + 1]) < 0xa0) { // U+0080–U+009F
      name[at] = '_';
      name.erase(at + 1, 1);
    }
  return name.substr(0, 255);
}

/// By what it is; only where that says nothing better than text does the name count.
job::What what_of(const std::string &as, Bytes bytes, const std::string &name) {
  if (!as.empty()) return as == "mail" ? job::What::mail : job::What::file;
  const job::Kind kind = detect::kind_of(bytes);
  if (kind == job::Kind::mail) return job::What::mail;
  const bool plain = kind == job::Kind::unknown || class_of(kind) == job::KindClass::text;
  return plain && name.ends_with(".eml") ? job::What::mail : job::What::file;
}

} // namespace

std::nullopt_t sanitize_complain(const std::string &what) {
  tell_error("sekisho sanitize", what);
  return std::nullopt;
}

namespace {

/// The same check as for a relay's note; what is wrong goes to standard error.
std::optional<std::string> read_note(const std::string &path) {
  Result<rules::SourceFile> source = read_rule_file(path);
  if (!source) return sanitize_complain(source.error().what);
  fmt::print(stderr, "{}", rules::render(rules::note_diagnostics(*source), {&*source, 1}, wants_colour(STDERR_FILENO)));
  rebuild::ReadNote note = rebuild::read_note_words(source->text);
  if (!note.words) return sanitize_complain(path + " cannot be the words of a note");
  return std::move(note.plain);
}

std::optional<job::Plan> plan_of_rules(const SanitizeOptions &options) {
  if (options.rules.empty()) return default_plan(options);
  const std::shared_ptr<const rules::RuleSet> rules = compile_rule_files(options.rules, unix_now());
  if (!rules) return std::nullopt;
  const std::vector<rules::Relay> &relays = rules->relays();
  if (options.relay.empty() && relays.size() == 1) return relays.front().plan;
  for (const rules::Relay &relay : relays)
    if (relay.name == options.relay) return relay.plan;
  if (relays.empty()) return sanitize_complain("these rules have no relay");
  return sanitize_complain((options.relay.empty() ? "name one of the relays with --relay: "
                                                  : "no relay of that name; there are: ") +
                           names_of(relays));
}

} // namespace

std::optional<job::Plan> sanitize_plan(const SanitizeOptions &options) {
  std::optional<job::Plan> plan = plan_of_rules(options);
  if (!plan) return std::nullopt;
  if (options.append_text) plan->append_text = true;
  if (!options.charset.empty())
    plan->mail_charset = options.charset == word_of(job::MailCharset::iso_2022_jp) ? job::MailCharset::iso_2022_jp
                                                                                   : job::MailCharset::utf8;
  if (options.note.empty()) return plan;
  std::optional<std::string> words = read_note(options.note);
  if (!words) return std::nullopt;
  plan->note_words = std::move(*words);
  return plan;
}

Result<SanitizeLine> SanitizeLine::start(const SanitizeOptions &options, const job::Plan &plan, const SanitizeLine *first) {
  Result<client::Sanitizer> sanitizer = first ? first->sanitizer_.another() : client::Sanitizer::start(
      find_program(options.program, "SEKISHO_SANITIZER", "sekisho-sanitizer", "worker"),
      find_program(options.office_program, "SEKISHO_OFFICE", "sekisho-office", "office"));
  if (!sanitizer) return fail(sanitizer.error());
  return SanitizeLine(options, plan, std::move(*sanitizer));
}

SanitizeLine::SanitizeLine(const SanitizeOptions &options, const job::Plan &plan, client::Sanitizer sanitizer)
    : as_(options.as), plan_(plan), sanitizer_(std::move(sanitizer)) {
  if (!options.scanner.empty()) scanner_.emplace(scan::ScannerOptions{.socket = options.scanner,
                                           .definitions_days = options.definitions_days});
}

Result<job::Outcome> SanitizeLine::treat(const std::string &path) {
  const Result<Input> input = read_input(path, plan_);
  if (!input) return fail(input.error());
  job::Job job;
  job.name = name_of(path);
  job.plan = plan_;
  job.bytes = as_bytes(input->bytes);
  job.what = what_of(as_, job.bytes, job.name);
  job.receipt = input->sha256.substr(0, 16); // the same for the same input
  const bool is_whole = input->size == input->bytes.size();
  if (scanner_ && is_whole)
    if (const scan::Answer answer = scanner_->scan(job.bytes, unix_now()); answer.finding != scan::Finding::clean)
      return scan::held_outcome(answer, job);
  job::Outcome outcome = sanitizer_.sanitize(job, input->sha256);
  if (is_whole) return outcome;
  outcome.report.input_size = input->size;
  if (job.what == job::What::file) outcome.report.parts.front().size = input->size;
  return outcome;
}

} // namespace sekisho::cli
