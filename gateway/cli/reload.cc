// sekisho reload: read the rule files again.
#include "gateway/cli/commands.hh"
#include "gateway/cli/daemon.hh"

#include <fmt/format.h>

namespace sekisho::cli {

void add_reload(CLI::App &app, int &exit_status) {
  CLI::App *command = app.add_subcommand("reload", "Read the rule files again and put them in force");
  auto run = add_run_option(*command);
  command->footer("Connections that the new rules still permit go on. When a file has an error it is shown\n"
                  "and the old rules stay in force.\n\n"
                  "Exit status: 0 in force, 1 refused, 2 the daemon cannot be asked.\n\nExample:\n"
                  "  sekisho check /etc/sekisho/*.rules && sekisho reload");
  command->callback([run, &exit_status] {
    auto answer = ask_daemon("reload", *run, {{"do", "reload"}}, exit_status);
    if (answer) fmt::print("{}\n", answer->is_string() ? answer->get<std::string>() : answer->dump());
  });
}

} // namespace sekisho::cli
