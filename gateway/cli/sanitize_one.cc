// sekisho sanitize FILE: one file in, one out.
#include "gateway/cli/output_file.hh"
#include "gateway/cli/sanitize_input.hh"
#include "gateway/cli/sanitize_words.hh"
#include "sanitizer/job/codec.hh"

#include <fmt/format.h>

#include <filesystem>

namespace sekisho::cli {
namespace {

namespace fs = std::filesystem;

/// Nobody loses an original, or a result, by a slip of the pen.
bool would_overwrite(const SanitizeOptions &options) {
  std::error_code none;
  const bool both = !options.output.empty() && !options.report.empty() && !options.output.starts_with("/dev/");
  auto place = [&](const std::string &path) { return fs::weakly_canonical(fs::absolute(path, none), none); };
  if (both && place(options.output) == place(options.report)) {
    sanitize_complain("result and report would be one file: give another one to --report");
    return true;
  }
  for (const std::string *path : {&options.output, &options.report})
    if (!path->empty() && fs::is_regular_file(*path, none) && fs::equivalent(options.input, *path, none)) {
      sanitize_complain(*path + " is the input itself; name another file");
      return true;
    }
  return false;
}

bool write_results(const job::Outcome &outcome, const SanitizeOptions &options) {
  if (!options.report.empty())
    if (auto written = write_file(options.report, as_bytes(job::to_json(outcome) + "\n")); !written) {
      sanitize_complain(written.error().what);
      return false;
    }
  if (outcome.status != job::Status::clean || options.output.empty()) return true;
  auto written = write_file(options.output, outcome.output);
  if (!written) sanitize_complain(written.error().what);
  return written.has_value();
}

} // namespace

int sanitize_one(const SanitizeOptions &options, const job::Plan &plan) {
  if (would_overwrite(options)) return sanitize_cannot;
  Result<SanitizeLine> line = SanitizeLine::start(options, plan);
  if (!line) {
    sanitize_complain(line.error().what);
    return sanitize_cannot;
  }
  const Result<job::Outcome> outcome = line->treat(options.input);
  if (!outcome) {
    sanitize_complain(outcome.error().what);
    return sanitize_cannot;
  }
  if (!write_results(*outcome, options)) return sanitize_cannot;
  fmt::print("{}", options.explain ? outcome_story(options.input, *outcome)
                                   : outcome_lines(options.input, options.output, *outcome));
  return exit_status_of(outcome->status);
}

} // namespace sekisho::cli
