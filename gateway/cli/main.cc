// sekisho: everything a person types.
#include "gateway/cli/commands.hh"
#include "rules/text.hh"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace {

/// The command that the first word may have meant, or empty where it is one or nothing is near.
std::string command_meant(const CLI::App &app, const char *typed) {
  std::vector<std::string> names;
  for (const CLI::App *command : app.get_subcommands([](const CLI::App *) { return true; }))
    names.push_back(command->get_name());
  if (std::ranges::find(names, typed) != names.end()) return {};
  std::vector<std::string_view> known(names.begin(), names.end());
  return std::string(sekisho::rules::nearest(typed, known));
}

} // namespace

int main(int argc, char **argv) {
  CLI::App app("Sekisho keeps networks apart and lets through only what is listed.", "sekisho");
  app.set_version_flag("--version", "sekisho " SEKISHO_VERSION);
  app.require_subcommand(1);
  app.footer("`sekisho COMMAND --help` tells more and shows an example; so does `man sekisho`.");

  int exit_status = 0;
  // The running gateway.
  sekisho::cli::add_status(app, exit_status);
  sekisho::cli::add_flows(app, exit_status);
  sekisho::cli::add_top(app, exit_status);
  sekisho::cli::add_devices(app, exit_status);
  sekisho::cli::add_trace(app, exit_status);
  sekisho::cli::add_queue(app, exit_status);
  sekisho::cli::add_hold(app, exit_status);
  sekisho::cli::add_apply(app, exit_status);
  sekisho::cli::add_reload(app, exit_status);
  sekisho::cli::add_sever(app, exit_status);
  sekisho::cli::add_breaker(app, exit_status);
  // What it leaves behind.
  sekisho::cli::add_evidence(app, exit_status);
  sekisho::cli::add_record(app, exit_status);
  sekisho::cli::add_reasons(app, exit_status);

  // Rules, on any machine.
  sekisho::cli::add_check(app, exit_status);
  sekisho::cli::add_fmt(app, exit_status);
  sekisho::cli::add_explain(app, exit_status);
  sekisho::cli::add_prove(app, exit_status);
  sekisho::cli::add_replay(app, exit_status);
  // Mails and files, on any machine.
  sekisho::cli::add_sanitize(app, exit_status);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    int status = app.exit(error);
    if (status == 0) return 0; // --help, --version
    if (std::string meant = argc > 1 ? command_meant(app, argv[1]) : ""; !meant.empty())
      std::fprintf(stderr, "did you mean  sekisho %s ?\n", meant.c_str());
    return 2;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "sekisho: %s\n", error.what());
    return 2;
  }
  return exit_status;
}
