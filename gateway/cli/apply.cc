// sekisho apply: other rules in force, on trial or for good.
#include "gateway/cli/colour.hh"
#include "gateway/cli/commands.hh"
#include "gateway/cli/daemon.hh"
#include "gateway/cli/duration.hh"
#include "gateway/cli/rule_files.hh"
#include "gateway/role/channel/sources.hh"

#include <fmt/format.h>

#include <algorithm>

#include <unistd.h>

namespace sekisho::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string within;
  bool confirm = false, back = false;
};

constexpr int wrong_usage = 2;

int complain(std::string_view what) {
  tell_error("sekisho apply", what);
  return wrong_usage;
}

/// Added sentences green, removed ones red.
void print_answer(const std::string &text) {
  Colours colours = colours_for(STDOUT_FILENO);
  std::string_view rest = text;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    std::string_view colour = line.starts_with("+ ") ? colours.green : line.starts_with("- ") ? colours.red : "";
    fmt::print("{}{}{}\n", colour, for_terminal(line), colour.empty() ? "" : colours.off);
  }
}

/// A sealed memfd with the files; none where none are named: then the daemon reads its own.
Result<UniqueFd> pack(const std::vector<std::string> &paths) {
  if (paths.empty()) return UniqueFd();
  Result<std::vector<rules::SourceFile>> sources = read_rule_files(paths);
  if (!sources) return fail(sources.error());
  if (!std::ranges::all_of(*sources, &std::string::empty, &rules::SourceFile::unread)) {
    fmt::print(stderr, "{}", rules::render(rules::compile(*sources, unix_now()).diagnostics, *sources, wants_colour(STDERR_FILENO)));
    return fail("these files make no policy");
  }
  return role::sources_memfd(*sources);
}

void run(const Options &options, const std::string &run_folder, int &exit_status) {
  control::Json question{{"do", options.confirm ? "confirm" : options.back ? "go-back" : "apply"}};
  if (!options.within.empty()) {
    std::optional<std::uint64_t> seconds = parse_duration(options.within);
    if (!seconds || *seconds == 0 || *seconds > control::max_within) {
      exit_status = complain("--confirm-within wants a time as 90s, 5m or 1h, at most 7 days");
      return;
    }
    question["within"] = *seconds;
  }
  Result<UniqueFd> rules = pack(options.files);
  if (!rules) {
    exit_status = complain(rules.error().what);
    return;
  }
  auto answer = ask_daemon("apply", run_folder, question, exit_status, rules->get());
  if (answer) print_answer(answer->is_string() ? answer->get<std::string>() : answer->dump());
}

} // namespace

void add_apply(CLI::App &app, int &exit_status) {
  CLI::App *command = app.add_subcommand("apply", "Put rules in force, on trial or for good");
  auto run_folder = add_run_option(*command);
  auto options = std::make_shared<Options>();
  auto *files = command->add_option("FILE", options->files,
                                    "rule files or folders of them; none: the files sekishod is started with");
  auto *within = command->add_option("--confirm-within", options->within,
                                     "go back to the former rules after this time (30s, 5m, 1h) unless confirmed");
  auto *confirm = command->add_flag("--confirm", options->confirm, "the rules on trial stay in force");
  auto *back = command->add_flag("--back", options->back, "the former rules are in force again, now");
  confirm->excludes(files)->excludes(within)->excludes(back);
  back->excludes(files)->excludes(within);
  command->footer("What changes is shown, a sentence a line. Rules with an error change nothing. Rules on trial go back\n"
                  "by themselves, also when this command, the connection or the daemon ends; anybody who may ask the\n"
                  "daemon can confirm. Exits 0 when done, 1 when refused, 2 on wrong usage or without a daemon.\n\n"
                  "Example:\n  sekisho apply new.rules --confirm-within 5m\n  sekisho apply --confirm");
  command->callback([options, run_folder, &exit_status] { run(*options, *run_folder, exit_status); });
}

} // namespace sekisho::cli
