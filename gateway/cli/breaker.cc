// sekisho breaker: relays that stopped themselves at a mass of mail (M2), and starting them again.
#include "gateway/cli/commands.hh"
#include "gateway/cli/daemon.hh"
#include "gateway/cli/members.hh"
#include "gateway/cli/table.hh"

#include <fmt/format.h>

#include <unistd.h>

namespace sekisho::cli {
namespace {

using control::Json;

void list(const std::string &run, int &exit_status) {
  auto answer = ask_daemon("breaker", run, Json{{"do", "breaker"}}, exit_status);
  if (!answer) return;
  Table table({{"relay", "中継"}, {"stopped since", "停止時刻"}, {"why", "理由"}});
  for (const Json &one : list_in(*answer, "stopped"))
    table.add({text_in(one, "relay"), text_in(one, "since"), text_in(one, "why")});
  if (table.empty()) {
    fmt::print("{}\n", in_words("no relay stopped itself", "自動停止した中継はありません"));
    return;
  }
  fmt::print("{}", table.text(colours_for(STDOUT_FILENO)));
  exit_status = refused;
}

void arm(const std::string &run, const std::string &relay, const std::string &reason, int &exit_status) {
  auto answer = ask_daemon("breaker", run, Json{{"do", "breaker"}, {"relay", relay}, {"reason", reason}}, exit_status);
  if (answer) fmt::print("relay {} takes and delivers mail again\n", for_terminal(text_in(*answer, "armed")));
}

} // namespace

void add_breaker(CLI::App &app, int &exit_status) {
  CLI::App *command = app.add_subcommand("breaker", "Relays that stopped themselves at a mass of mail");
  command->require_subcommand(1);
  command->footer("Exit status: 0 done, or no relay stands still; 1 one stands still, or refused; 2 the daemon cannot be asked.\n\n"
                  "Examples:\n"
                  "  sekisho breaker list\n"
                  "  sekisho breaker arm outbound --because \"PC of the tax office cleaned, ticket 4711\"");
  CLI::App *listing = command->add_subcommand("list", "Which relays stand still, since when and why");
  auto run = add_run_option(*listing);
  listing->footer("Exits 0 when none does, 1 when one does, 2 when the daemon cannot be asked.\n\nExample:\n  sekisho breaker list");
  listing->callback([run, &exit_status] { list(*run, exit_status); });

  CLI::App *arming = command->add_subcommand("arm", "Start a relay again; who did and why is recorded");
  auto arm_run = add_run_option(*arming);
  auto relay = std::make_shared<std::string>(), reason = std::make_shared<std::string>();
  arming->add_option("RELAY", *relay, "its name in the rules")->required();
  add_because(*arming, *reason);
  arming->footer("Example:\n  sekisho breaker arm outbound --because \"PC of the tax office cleaned, ticket 4711\"");
  arming->callback([arm_run, relay, reason, &exit_status] { arm(*arm_run, *relay, *reason, exit_status); });
}

} // namespace sekisho::cli
