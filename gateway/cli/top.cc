// sekisho top: who talks most, what is permitted and refused most, again and again.
#include "base/reason.hh"
#include "gateway/cli/commands.hh"
#include "gateway/cli/daemon.hh"
#include "gateway/cli/duration.hh"
#include "gateway/cli/members.hh"
#include "gateway/cli/table.hh"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

namespace sekisho::cli {
namespace {

using control::Json;

struct Options {
  std::string by = "host", interval = "2s";
  std::uint64_t limit = 20;
  bool once = false, json = false;
};

/// One thing that is counted, at one moment.
struct Count {
  std::uint64_t packets = 0, octets = 0, flows = 0;
  std::string about; // what else there is to say of it
};
struct Sample {
  std::map<std::string, Count> counts;
  std::chrono::steady_clock::time_point taken;
};

Sample hosts_of(const Json &answer) {
  Sample sample;
  for (const Json &host : list_in(answer, "hosts"))
    sample.counts[text_in(host, "address")] = {
        number_in(host, "packets"), number_in(host, "octets"), number_in(host, "flows"),
        fmt::format("{} {}", text_in(host, "zone"), text_in(host, "host"))};
  return sample;
}

Sample rules_of(const Json &status) {
  Sample sample;
  const Json path = status.value("path", Json::object());
  for (const Json &rule : list_in(path, "rules")) {
    bool is_expired = rule.is_object() && rule.value("expired", Json(false)) == true;
    sample.counts[text_in(rule, "label")] = {
        number_in(rule, "packets"), number_in(rule, "octets"), 0,
        is_expired ? fmt::format("{} {}", in_words("expired", "期限切れ"), text_in(rule, "until"))
                   : text_in(rule, "last_used")};
  }
  return sample;
}

Sample zones_of(const Json &status) {
  Sample sample;
  for (const Json &zone : list_in(status, "zones"))
    sample.counts[text_in(zone, "name")] = {number_in(zone, "rx_packets"), number_in(zone, "octets"), 0,
                                            fmt::format("{} {}", number_in(zone, "dropped"),
                                                        in_words("dropped in all", "件拒否"))};
  return sample;
}

Sample reasons_of(const Json &status) {
  Sample sample;
  const Json counters = status.value("counters", Json::object());
  const Json path = counters.is_object() ? counters.value("path", Json::object()) : Json::object();
  if (!path.is_object()) return sample;
  for (const auto &[word, count] : path.items()) {
    std::optional<Reason> reason = reason_from_word(word);
    std::string_view about = reason ? in_words(info(*reason).english, info(*reason).japanese) : "";
    sample.counts[word] = {count.is_number_unsigned() ? count.get<std::uint64_t>() : 0, 0, 0, std::string(about)};
  }
  return sample;
}

std::optional<Sample> take_sample(const Options &options, const std::string &run_folder, int &exit_status) {
  Json question{{"do", "status"}};
  if (options.by == "host") question = {{"do", "hosts"}, {"limit", 10'000}};
  if (options.by == "rule") question["rules"] = true;
  auto answer = ask_daemon("top", run_folder, question, exit_status);
  if (!answer) return std::nullopt;
  Sample sample = options.by == "host"   ? hosts_of(*answer)
                  : options.by == "rule" ? rules_of(*answer)
                  : options.by == "zone" ? zones_of(*answer)
                                         : reasons_of(*answer);
  sample.taken = std::chrono::steady_clock::now();
  return sample;
}

struct Row {
  std::string name;
  Count count;
  double packets_a_second = 0, bits_a_second = 0;
};

/// What a flow carried before it ended is gone from its host's count: a rate is never below nothing.
std::vector<Row> rows_between(const Sample &before, const Sample &now, std::size_t limit) {
  double seconds = std::max(std::chrono::duration<double>(now.taken - before.taken).count(), 0.001);
  std::vector<Row> rows;
  for (const auto &[name, count] : now.counts) {
    Row row{name, count};
    auto former = before.counts.find(name);
    Count was = former != before.counts.end() ? former->second : Count{};
    if (count.packets > was.packets) row.packets_a_second = static_cast<double>(count.packets - was.packets) / seconds;
    if (count.octets > was.octets) row.bits_a_second = 8 * static_cast<double>(count.octets - was.octets) / seconds;
    rows.push_back(std::move(row));
  }
  std::ranges::stable_sort(rows, std::greater<>(), [](const Row &row) {
    return std::tuple(row.bits_a_second, row.packets_a_second, row.count.octets, row.count.packets);
  });
  if (rows.size() > limit) rows.resize(limit);
  return rows;
}

void print_table(const Options &options, const std::vector<Row> &rows) {
  std::string_view japanese = options.by == "host"   ? "端末"
                              : options.by == "rule" ? "規則"
                              : options.by == "zone" ? "ゾーン"
                                                     : "理由";
  Table table({{options.by, japanese},
               {"packets/s", "パケット/秒", true},
               {"bit/s", "ビット/秒", true},
               {"packets", "パケット", true},
               {"octets", "バイト", true},
               {"flows", "通信数", true},
               {"", ""}});
  for (const Row &row : rows)
    table.add({row.name, short_number(row.packets_a_second), short_number(row.bits_a_second),
               short_number(static_cast<double>(row.count.packets)),
               short_number(static_cast<double>(row.count.octets)),
               options.by == "host" ? std::to_string(row.count.flows) : "", row.count.about});
  fmt::print("{}", table.text(colours_for(STDOUT_FILENO)));
}

void print_json(const Options &options, const std::vector<Row> &rows) {
  Json list = Json::array();
  for (const Row &row : rows) {
    list.push_back({{options.by, row.name},
                    {"packets_per_second", row.packets_a_second},
                    {"bits_per_second", row.bits_a_second},
                    {"packets", row.count.packets},
                    {"octets", row.count.octets}});
    if (options.by == "host") list.back()["flows"] = row.count.flows;
  }
  fmt::print("{}\n", Json{{"by", options.by}, {"top", std::move(list)}}.dump(
                         options.once ? 2 : -1, ' ', false, Json::error_handler_t::replace));
  std::fflush(stdout);
}

void run(const Options &options, const std::string &run_folder, int &exit_status) {
  std::optional<std::uint64_t> seconds = parse_duration(options.interval);
  if (!seconds || *seconds == 0 || *seconds > 3600) {
    fmt::print(stderr, "sekisho top: --interval wants a time as 2s or 1m, at most 1h\n");
    exit_status = 2;
    return;
  }
  std::optional<Sample> before = take_sample(options, run_folder, exit_status);
  bool clears = isatty(STDOUT_FILENO) && !options.once && !options.json;
  while (before) {
    std::this_thread::sleep_for(std::chrono::seconds(*seconds));
    std::optional<Sample> now = take_sample(options, run_folder, exit_status);
    if (!now) return;
    std::vector<Row> rows = rows_between(*before, *now, options.limit);
    if (clears) fmt::print("\x1b[H\x1b[J");
    if (options.json) print_json(options, rows);
    else print_table(options, rows);
    if (options.once) return;
    if (!options.json) fmt::print("\n");
    if (std::fflush(stdout) != 0) return; // told at the end
    before = std::move(now);
  }
}

} // namespace

void add_top(CLI::App &app, int &exit_status) {
  CLI::App *command = app.add_subcommand("top", "Show who talks most, and what is permitted and refused most");
  auto run_folder = add_run_option(*command);
  auto options = std::make_shared<Options>();
  command->add_option("--by", options->by, "host, rule, reason or zone")
      ->check(CLI::IsMember({"host", "rule", "reason", "zone"}))
      ->capture_default_str();
  command->add_option("--interval", options->interval, "between two looks")->capture_default_str();
  command->add_option("--limit", options->limit, "at most so many rows")->capture_default_str();
  command->add_flag("--once", options->once, "one interval only");
  command->add_flag("--json", options->json, "an object an interval");
  command->footer("Rates are of the interval, packets and octets of all time (host: of the flows that are there now).\n"
                  "Until it is interrupted, unless --once.\n\n"
                  "Exit status: 0 answered, 2 wrong usage or the daemon cannot be asked.\n\n"
                  "Example:\n  sekisho top --by reason --once");
  command->callback([options, run_folder, &exit_status] { run(*options, *run_folder, exit_status); });
}

} // namespace sekisho::cli
