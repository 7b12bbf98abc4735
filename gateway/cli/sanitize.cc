// sekisho sanitize: one mail, PDF or picture in, one harmless one out, with the daemon's own code
// and without the daemon.
#include "base/utf8.hh"
#include "gateway/cli/commands.hh"
#include "gateway/cli/output_file.hh"
#include "gateway/cli/rule_files.hh"
#include "sanitizer/client/client.hh"
#include "sanitizer/detect/detect.hh"
#include "sanitizer/job/codec.hh"
#include "sanitizer/job/digest.hh"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

namespace sekisho::cli {
namespace {

namespace fs = std::filesystem;

enum ExitStatus { clean = 0, cannot = 2, held = 3, refused = 4 };

struct Options {
  std::string input, output, report, relay, as, program, office;
  std::vector<std::string> rules;
};

std::nullopt_t complain(const std::string &what) {
  fmt::print(stderr, "sekisho sanitize: {}\n", what);
  return std::nullopt;
}

/// Pictures, PDFs and Office files drawn anew, text as text, encrypted things held, the rest taken out.
job::Plan default_plan() {
  job::Plan plan;
  const auto set = [&plan](job::KindClass kind_class, job::Treatment treatment) {
    plan.treatments[static_cast<std::size_t>(kind_class)] = treatment;
  };
  set(job::KindClass::pdf, job::Treatment::render);
  set(job::KindClass::image, job::Treatment::render);
  set(job::KindClass::office, job::Treatment::render);
  set(job::KindClass::text, job::Treatment::text);
  set(job::KindClass::encrypted, job::Treatment::hold);
  return plan;
}

std::string names_of(const std::vector<rules::Relay> &relays) {
  std::vector<std::string> names;
  for (const rules::Relay &relay : relays)
    names.push_back(relay.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::optional<job::Plan> plan_of(const Options &options) {
  if (options.rules.empty()) return default_plan();
  const std::shared_ptr<const rules::RuleSet> rules = compile_rule_files(options.rules, unix_now());
  if (!rules) return std::nullopt;
  const std::vector<rules::Relay> &relays = rules->relays();
  if (options.relay.empty() && relays.size() == 1) return relays.front().plan;
  for (const rules::Relay &relay : relays)
    if (relay.name == options.relay) return relay.plan;
  if (relays.empty()) return complain("these rules have no relay");
  return complain((options.relay.empty() ? "name one of the relays with --relay: "
                                         : "no relay of that name; there are: ") +
                  names_of(relays));
}

/// At most one octet more than the plan takes, so that the refusal names the size.
std::optional<std::string> read_input(const std::string &path, const job::Plan &plan) {
  std::error_code error;
  if (fs::is_directory(path, error)) return complain(path + " is a folder");
  std::ifstream file(path, std::ios::binary);
  if (!file) return complain("cannot read " + path);
  std::string bytes;
  char piece[64 << 10];
  while (bytes.size() <= plan.max_input && file.read(piece, sizeof piece).gcount() > 0)
    bytes.append(piece, static_cast<std::size_t>(file.gcount()));
  if (file.bad()) return complain("cannot read " + path);
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

/// Beside this program when installed, else where the build puts it.
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

std::string words(Reason reason) {
  const ReasonInfo &row = info(reason);
  return fmt::format("{}: {} / {}", row.word, row.english, row.japanese);
}

void tell(const job::Outcome &outcome, const Options &options) {
  static constexpr const char *japanese[] = {"拒否(出力なし)", "保留(出力なし)", "無害化完了"};
  fmt::print("{} / {}: {}", word_of(outcome.status), japanese[static_cast<int>(outcome.status)],
             options.input);
  if (outcome.status == job::Status::clean)
    fmt::print(" -> {} ({} octets, sha256 {})\n", options.output, outcome.report.output_size,
               outcome.report.output_sha256);
  else
    fmt::print("\n  {}\n", words(outcome.reason));
  for (Reason reason : outcome.report.reasons)
    fmt::print("  {}\n", words(reason));
  for (const job::PartReport &part : outcome.report.parts) {
    fmt::print("  {} {} [{}, {} octets] {}\n", part.path, part.name, word_of(part.kind), part.size,
               word_of(part.action));
    for (Reason reason : part.reasons)
      fmt::print("      {}\n", words(reason));
  }
}

bool write_results(const job::Outcome &outcome, const Options &options) {
  if (!options.report.empty())
    if (auto written = write_file(options.report, as_bytes(job::to_json(outcome) + "\n"));
        !written) {
      complain(written.error().what);
      return false;
    }
  if (outcome.status != job::Status::clean) return true;
  auto written = write_file(options.output, outcome.output);
  if (!written) complain(written.error().what);
  return written.has_value();
}

/// Nobody loses an original by a slip of the pen.
bool would_overwrite_input(const Options &options) {
  std::error_code none;
  for (const std::string *path : {&options.output, &options.report})
    if (fs::is_regular_file(*path, none) &&
        fs::equivalent(options.input, *path, none)) {
      complain(*path + " is the input itself; name another file");
      return true;
    }
  return false;
}

int sanitize(const Options &options) {
  if (would_overwrite_input(options)) return cannot;
  const std::optional<job::Plan> plan = plan_of(options);
  if (!plan) return cannot;
  const std::optional<std::string> bytes = read_input(options.input, *plan);
  if (!bytes) return cannot;
  Result<client::Sanitizer> sanitizer = client::Sanitizer::start(
      find_program(options.program, "SEKISHO_SANITIZER", "sekisho-sanitizer", "worker"),
      find_program(options.office, "SEKISHO_OFFICE", "sekisho-office", "office"));
  if (!sanitizer) {
    complain(sanitizer.error().what);
    return cannot;
  }
  job::Job job;
  job.name = name_of(options.input);
  job.plan = *plan;
  job.bytes = as_bytes(*bytes);
  job.what = what_of(options.as, job.bytes, job.name);
  job.receipt = job::sha256_hex(job.bytes).substr(0, 16); // the same for the same input
  const job::Outcome outcome = sanitizer->sanitize(job);
  if (!write_results(outcome, options)) return cannot;
  tell(outcome, options);
  switch (outcome.status) {
  case job::Status::clean: return clean;
  case job::Status::held: return held;
  default: return refused;
  }
}

} // namespace

void add_sanitize(CLI::App &app, int &exit_status) {
  CLI::App *command = app.add_subcommand("sanitize", "Make a mail, a PDF or a picture harmless");
  auto options = std::make_shared<Options>();
  command->add_option("IN", options->input, "the mail (.eml), PDF or picture; found out by content")
      ->required();
  command->add_option("-o,--output", options->output, "where the harmless one goes")->required();
  command->add_option("--rules", options->rules, "rule file or folder whose relay says what to do")
      ->allow_extra_args(false);
  command->add_option("--relay", options->relay,
                      "which relay of the rules, when there are several");
  command->add_option("--report", options->report, "write what was done as JSON to this file");
  command->add_option("--as", options->as, "take the input as this, whatever it looks like")
      ->check(CLI::IsMember({"mail", "file"}));
  command->add_option("--sanitizer", options->program, "path of sekisho-sanitizer")->group("");
  command->add_option("--office", options->office, "path of sekisho-office")->group("");
  command->footer(
      "Without --rules: PDFs and pictures are drawn anew, text becomes plain text, encrypted files "
      "are held, everything else is taken out.\n\n"
      "Exit status: 0 clean; 2 the input or the rules cannot be read; 3 held; 4 refused.  Only 0 "
      "writes OUTPUT, and an existing file is left as it is otherwise.\n\n"
      "Example:\n"
      "  sekisho sanitize mail.eml -o clean.eml --rules three-zones.rules --report report.json");
  command->callback([options, &exit_status] { exit_status = sanitize(*options); });
}

} // namespace sekisho::cli
