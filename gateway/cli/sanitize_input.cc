#include "gateway/cli/sanitize_input.hh"

#include "base/clock.hh"
#include "base/utf8.hh"
#include "gateway/cli/rule_files.hh"
#include "rules/notes.hh"
#include "sanitizer/detect/detect.hh"
#include "sanitizer/job/digest.hh"
#include "sanitizer/rebuild/mail/note_words.hh"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

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

/// At most one octet more than the plan takes, so that the refusal names the size.
Result<std::string> read_input(const std::string &path, const job::Plan &plan) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  std::string bytes;
  char piece[64 << 10];
  while (bytes.size() <= plan.max_input && file.read(piece, sizeof piece).gcount() > 0)
    bytes.append(piece, static_cast<std::size_t>(file.gcount()));
  if (file.bad()) return fail("cannot read " + path);
  return bytes;
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
  fmt::print(stderr, "sekisho sanitize: {}\n", what);
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

Result<SanitizeLine> SanitizeLine::start(const SanitizeOptions &options, const job::Plan &plan) {
  Result<client::Sanitizer> sanitizer = client::Sanitizer::start(
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
  const Result<std::string> bytes = read_input(path, plan_);
  if (!bytes) return fail(bytes.error());
  job::Job job;
  job.name = name_of(path);
  job.plan = plan_;
  job.bytes = as_bytes(*bytes);
  job.what = what_of(as_, job.bytes, job.name);
  const std::string digest = job::sha256_hex(job.bytes);
  job.receipt = digest.substr(0, 16); // the same for the same input
  if (scanner_)
    if (const scan::Answer answer = scanner_->scan(job.bytes, unix_now()); answer.finding != scan::Finding::clean)
      return scan::held_outcome(answer, job);
  return sanitizer_.sanitize(job, digest);
}

} // namespace sekisho::cli
