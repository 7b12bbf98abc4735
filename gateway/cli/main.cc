// sekisho: everything a person types.
#include "gateway/cli/commands.hh"

#include <cstdio>

int main(int argc, char **argv) {
  CLI::App app("Sekisho keeps networks apart and lets through only what is listed.", "sekisho");
  app.set_version_flag("--version", "sekisho " SEKISHO_VERSION);
  app.require_subcommand(1);
  app.footer("`sekisho COMMAND --help` tells more and shows an example; so does `man sekisho`.");

  int exit_status = 0;
  // The running gateway.
  sekisho::cli::add_status(app, exit_status);
  sekisho::cli::add_trace(app, exit_status);
  sekisho::cli::add_reload(app, exit_status);
  sekisho::cli::add_sever(app, exit_status);
  // What it leaves behind.
  sekisho::cli::add_record(app, exit_status);
  sekisho::cli::add_reasons(app, exit_status);

  // Rules, on any machine.
  sekisho::cli::add_check(app, exit_status);
  sekisho::cli::add_fmt(app, exit_status);
  sekisho::cli::add_explain(app, exit_status);
  sekisho::cli::add_replay(app, exit_status);
  // Mails and files, on any machine.
  sekisho::cli::add_sanitize(app, exit_status);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "sekisho: %s\n", error.what());
    return 2;
  }
  return exit_status;
}
