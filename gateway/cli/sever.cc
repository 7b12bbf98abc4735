// sekisho sever, sekisho join: a zone off and on (Z6).
#include "gateway/cli/commands.hh"
#include "gateway/cli/daemon.hh"

#include <fmt/format.h>

namespace sekisho::cli {
namespace {

void add_word(CLI::App &app, int &exit_status, const char *word, const char *about,
              const char *footer) {
  CLI::App *command = app.add_subcommand(word, about);
  auto run = add_run_option(*command);
  auto zone = std::make_shared<std::string>();
  command->add_option("ZONE", *zone, "a zone of the rules")->required();
  command->footer(footer);
  command->callback([run, zone, word, &exit_status] {
    control::Json question{{"do", word}, {"zone", *zone}};
    auto answer = ask_daemon(word, *run, question, exit_status);
    if (answer) fmt::print("{}\n", answer->is_string() ? answer->get<std::string>() : answer->dump());
  });
}

} // namespace

void add_sever(CLI::App &app, int &exit_status) {
  add_word(app, exit_status, "sever", "Cut a zone off at once: packets and mail",
           "In force within a second, and until `sekisho join ZONE`, also after a restart of the gateway.\n\n"
           "Exit status: 0 done; 1 refused (no such zone), or cut off and not kept: after a restart it would be joined;\n"
           "2 the daemon cannot be asked.\n\n"
           "Example:\n  sekisho sever internet");
  add_word(app, exit_status, "join", "Let a severed zone take part again",
           "Exit status: 0 done, 1 refused (no such zone), 2 the daemon cannot be asked.\n\n"
           "Example:\n  sekisho join internet");
}

} // namespace sekisho::cli
