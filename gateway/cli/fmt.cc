// sekisho fmt: rule files in their one canonical form.
#include "gateway/cli/commands.hh"
#include "gateway/cli/daemon.hh"
#include "gateway/cli/output_file.hh"
#include "gateway/cli/rule_files.hh"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include <unistd.h>

namespace sekisho::cli {
namespace {

struct FmtOptions {
  std::vector<std::string> paths;
  bool check = false, write = false;
};

/// Exit status for one file.
int format_one(const std::string &path, const FmtOptions &options) {
  if (options.write && path == "-") {
    fmt::print(stderr, "sekisho: standard input cannot be written back: leave --write out\n");
    return 2;
  }
  Result<rules::SourceFile> source = read_rule_file(path);
  if (!source) {
    tell_error("sekisho", source.error().what);
    return 2;
  }
  std::vector<rules::Diagnostic> diagnostics;
  std::string canonical = rules::format(*source, diagnostics);
  if (!diagnostics.empty()) {
    std::vector<rules::SourceFile> sources = {*source};
    fmt::print(stderr, "{}", rules::render(diagnostics, sources, wants_colour(STDERR_FILENO)));
    return 1;
  }
  bool same = canonical == source->text;
  if (options.check) {
    if (!same) fmt::print("{} is not in canonical form\n", for_terminal(path));
    return same ? 0 : 1;
  }
  if (!options.write) {
    fmt::print("{}", canonical);
    return 0;
  }
  if (same) return 0;
  Result<void> written = rewrite_file(path, as_bytes(canonical));
  if (!written) tell_error("sekisho", written.error().what);
  return written ? 0 : 2;
}

} // namespace

void add_fmt(CLI::App &app, int &exit_status) {
  CLI::App *command = app.add_subcommand("fmt", "Write rule files in their one canonical form");
  auto options = std::make_shared<FmtOptions>();
  command->add_option("FILE", options->paths, "rule files; - is standard input")->required();
  CLI::Option *check =
      command->add_flag("--check", options->check, "only say which files would change");
  command->add_flag("--write", options->write, "change the files in place")->excludes(check);
  command->footer(
      "Exit status: 0 done, 1 a file has errors or (--check) would change, 2 a file cannot be read "
      "or written.\n\nExample:\n  sekisho fmt --write /etc/sekisho/*.rules");
  command->callback([options, &exit_status] {
    exit_status = 0;
    for (const std::string &path : options->paths)
      exit_status = std::max(exit_status, format_one(path, *options));
  });
}

} // namespace sekisho::cli
