// sekisho flows: what goes through the gateway now.
#include "gateway/cli/commands.hh"
#include "gateway/cli/daemon.hh"
#include "gateway/cli/duration.hh"
#include "gateway/cli/members.hh"
#include "gateway/cli/table.hh"

#include <fmt/format.h>

#include <unistd.h>

namespace sekisho::cli {
namespace {

using control::Json;

struct Options {
  std::string zone, host, rule, sort = "octets";
  std::uint64_t limit = 50;
  bool json = false;
};

std::string end_of(const Json &flow, const char *address, const char *port) {
  std::string ip = text_in(flow, address);
  bool is_v6 = ip.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", ip, is_v6 ? "]" : "", number_in(flow, port));
}

void print(const Json &answer) {
  Table table({{"from", "送信元ゾーン"},
               {"source", "送信元"},
               {"to", "宛先ゾーン"},
               {"destination", "宛先"},
               {"protocol", "種別"},
               {"state", "状態"},
               {"packets", "パケット", true},
               {"octets", "バイト", true},
               {"age", "経過", true},
               {"idle", "無通信", true},
               {"rule", "規則"}});
  for (const Json &flow : list_in(answer, "flows"))
    table.add({text_in(flow, "from"), end_of(flow, "source", "source_port"), text_in(flow, "to"),
               end_of(flow, "destination", "destination_port"), text_in(flow, "protocol"), text_in(flow, "state"),
               short_number(static_cast<double>(number_in(flow, "packets"))),
               short_number(static_cast<double>(number_in(flow, "octets"))),
               short_duration(number_in(flow, "age")), short_duration(number_in(flow, "idle")),
               text_in(flow, "rule")});
  if (!table.empty()) fmt::print("{}", table.text(colours_for(STDOUT_FILENO)));
  std::uint64_t total = number_in(answer, "total"), shown = list_in(answer, "flows").size();
  fmt::print("{} {}{}, {} {}, {} {}\n", total, in_words("flows", "通信"),
             shown < total ? fmt::format(" ({} {})", shown, in_words("shown", "件を表示")) : "",
             short_number(static_cast<double>(number_in(answer, "packets"))), in_words("packets", "パケット"),
             short_number(static_cast<double>(number_in(answer, "octets"))), in_words("octets", "バイト"));
}

void run(const Options &options, const std::string &run_folder, int &exit_status) {
  Json question{{"do", "flows"}, {"sort", options.sort}, {"limit", options.limit}};
  if (!options.zone.empty()) question["zone"] = options.zone;
  if (!options.host.empty()) question["host"] = options.host;
  if (!options.rule.empty()) question["rule"] = options.rule;
  auto answer = ask_daemon("flows", run_folder, question, exit_status);
  if (!answer) return;
  if (options.json) fmt::print("{}\n", to_text(*answer));
  else print(*answer);
}

} // namespace

void add_flows(CLI::App &app, int &exit_status) {
  CLI::App *command = app.add_subcommand("flows", "List the flows that go through now");
  auto run_folder = add_run_option(*command);
  auto options = std::make_shared<Options>();
  command->add_option("--zone", options->zone, "from or to this zone");
  command->add_option("--host", options->host, "from or to this address or listed host");
  command->add_option("--rule", options->rule, "permitted by the rule of this label (FILE:LINE)");
  command->add_option("--sort", options->sort, "the largest first: octets, packets or age")
      ->check(CLI::IsMember({"octets", "packets", "age"}))
      ->capture_default_str();
  command->add_option("--limit", options->limit, "at most so many (up to 10000)")->capture_default_str();
  command->add_flag("--json", options->json, "as one JSON object");
  command->footer("The forwarding cores hand their tables over between bursts: asking costs no packet.\n\n"
                  "Exit status: 0 answered, 1 refused (no such zone, host or rule), 2 the daemon cannot be asked.\n\n"
                  "Example:\n  sekisho flows --zone internet --sort age --limit 10");
  command->callback([options, run_folder, &exit_status] { run(*options, *run_folder, exit_status); });
}

} // namespace sekisho::cli
