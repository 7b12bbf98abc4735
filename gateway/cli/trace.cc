// sekisho trace: what happened to a mail.
#include "gateway/cli/commands.hh"
#include "gateway/cli/daemon.hh"
#include "gateway/cli/story.hh"
#include "gateway/record/index.hh"

#include <fmt/format.h>

namespace sekisho::cli {
namespace {

using control::Json;

constexpr std::size_t max_story = 16u << 20; // octets

struct Options {
  std::string receipt, record_folder;
  bool json = false;
};

/// Straight from the files, for a record copied elsewhere or a daemon that is down.
std::optional<Json> read_events(const Options &options, int &exit_status) {
  auto lines = record::find_lines(options.record_folder, options.receipt, max_story);
  if (!lines) {
    fmt::print(stderr, "sekisho trace: {}\n", lines.error().what);
    exit_status = unreachable;
    return std::nullopt;
  }
  Json events = Json::array();
  for (const std::string &line : *lines) events.push_back(Json::parse(line, nullptr, false));
  return events;
}

void run(const Options &options, const std::string &run_folder, int &exit_status) {
  std::optional<Json> events;
  if (options.record_folder.empty()) {
    Json question{{"do", "trace"}, {"receipt", options.receipt}};
    events = ask_daemon("trace", run_folder, question, exit_status);
  } else {
    events = read_events(options, exit_status);
  }
  if (!events) return;
  if (!events->is_array() || events->empty()) {
    fmt::print(stderr, "sekisho trace: no mail has the receipt number {}\n", options.receipt);
    exit_status = refused;
    return;
  }
  if (options.json) fmt::print("{}\n", events->dump(2, ' ', false, Json::error_handler_t::replace));
  else fmt::print("{}", tell_story(options.receipt, *events));
}

} // namespace

void add_trace(CLI::App &app, int &exit_status) {
  CLI::App *command = app.add_subcommand("trace", "Tell what happened to a mail, by its receipt number");
  auto options = std::make_shared<Options>();
  auto run_folder = add_run_option(*command);
  command->add_option("RECEIPT", options->receipt, "as in the note to the reader and in the SMTP reply")
      ->required();
  command->add_flag("--json", options->json, "the events as a JSON array");
  command->add_option("--record", options->record_folder,
                      "read this record folder instead of asking the daemon");
  command->footer("Exits 0 when the mail is known, 1 when it is not, 2 when the daemon cannot be asked.\n\n"
                  "Example:\n  sekisho trace 7K3M-Q2XA-91");
  command->callback(
      [options, run_folder, &exit_status] { run(*options, *run_folder, exit_status); });
}

} // namespace sekisho::cli
