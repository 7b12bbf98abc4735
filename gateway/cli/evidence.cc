// sekisho evidence: refused packets as a capture (L4).
#include "base/reason.hh"
#include "gateway/cli/commands.hh"
#include "gateway/cli/counted.hh"
#include "gateway/cli/daemon.hh"
#include "gateway/cli/duration.hh"
#include "gateway/cli/members.hh"
#include "gateway/cli/output_file.hh"
#include "gateway/cli/table.hh"
#include "gateway/evidence/archive.hh"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <map>

namespace sekisho::cli {
namespace {

using control::Json;

constexpr int done = 0, nothing = 1, unusable = 2;

struct Options {
  std::string folder, state = "/var/lib/sekisho";
  std::string zone, reason, host, since, output;
  bool list = false, json = false;
};

int complain(std::string_view what) {
  tell_error("sekisho evidence", what);
  return unusable;
}

/// Of one reason in one zone.
struct Sum {
  std::uint64_t kept = 0, left_out = 0, first = 0, last = 0; // first, last: nanoseconds
};
using Sums = std::map<std::pair<std::string, std::string>, Sum>;

Sums sums_of(const std::vector<evidence::KeptPacket> &packets) {
  Sums sums;
  for (const evidence::KeptPacket &packet : packets) {
    Sum &sum = sums[{packet.zone, packet.remark.reason}];
    sum.kept += packet.length > 0;
    sum.left_out += packet.remark.left_out;
    if (sum.first == 0) sum.first = packet.nanoseconds;
    sum.last = packet.nanoseconds;
  }
  return sums;
}

std::string time_of(std::uint64_t nanoseconds) {
  return to_rfc3339(static_cast<UnixSeconds>(nanoseconds / 1'000'000'000));
}

void print_json(const Sums &sums) {
  Json list = Json::array();
  for (const auto &[key, sum] : sums)
    list.push_back({{"zone", key.first},
                    {"reason", key.second},
                    {"kept", sum.kept},
                    {"left_out", sum.left_out},
                    {"first", time_of(sum.first)},
                    {"last", time_of(sum.last)}});
  fmt::print("{}\n", to_text(Json{{"evidence", std::move(list)}}));
}

void print_table(const Sums &sums, const evidence::Archive &archive) {
  Table table({{"zone", "ゾーン"},
               {"reason", "理由"},
               {"kept", "保存", true},
               {"left out", "省略", true},
               {"first", "最初"},
               {"last", "最後"},
               {"", ""}});
  std::uint64_t kept = 0;
  for (const auto &[key, sum] : sums) {
    std::optional<Reason> reason = reason_from_word(key.second);
    std::string_view about = reason ? in_words(info(*reason).english, info(*reason).japanese) : "";
    table.add({key.first, key.second, std::to_string(sum.kept), std::to_string(sum.left_out), time_of(sum.first),
               time_of(sum.last), std::string(about)});
    kept += sum.kept;
  }
  if (!table.empty()) fmt::print("{}", table.text(colours_for(STDOUT_FILENO)));
  fmt::print("{}, {} {}\n", wants_japanese() ? fmt::format("{} パケットを保存", kept) : counted(kept, "packet") + " kept",
             short_number(static_cast<double>(archive.octets())), in_words("octets in all", "バイト"));
}

std::string title_of(const Options &options, std::size_t packets) {
  std::string title = fmt::format("sekisho evidence: {}", counted(packets, "packet"));
  for (const auto &[name, value] : {std::pair{"zone", &options.zone}, {"reason", &options.reason},
                                    {"host", &options.host}, {"since", &options.since}})
    if (!value->empty()) title += fmt::format(", {} {}", name, *value);
  return title;
}

int run(const Options &options) {
  evidence::Choice choice{.zone = options.zone, .reason = options.reason, .host = {}};
  if (!options.reason.empty() && !reason_from_word(options.reason))
    return complain(fmt::format("no reason is called {}; `sekisho reasons` lists them", options.reason));
  if (!options.host.empty() && !(choice.host = parse_ip(options.host)))
    return complain(fmt::format("--host wants an address, not {}", options.host));
  if (!options.since.empty()) {
    std::optional<UnixSeconds> since = parse_moment(options.since, unix_now());
    if (!since) return complain("--since wants a time ago (10m, 2h, 3d) or a moment (2026-11-20T18:45+09:00)");
    choice.since = *since;
  }
  if (!options.list && options.output.empty()) return complain("say --list, or -o FILE for a capture");
  Result<evidence::Archive> archive =
      evidence::Archive::open(options.folder.empty() ? options.state + "/evidence" : options.folder);
  if (!archive) return complain(archive.error().what);
  for (const std::string &note : archive->notes()) tell_error("sekisho evidence", note);
  std::vector<evidence::KeptPacket> packets = archive->choose(choice);
  if (options.list) {
    if (options.json) print_json(sums_of(packets));
    else print_table(sums_of(packets), *archive);
  }
  if (!options.output.empty()) {
    auto kept = std::ranges::count_if(packets, [](const auto &packet) { return packet.length > 0; });
    Buffer capture = archive->merged(packets, title_of(options, static_cast<std::size_t>(kept)));
    if (Result<void> written = write_file(options.output, capture); !written) return complain(written.error().what);
    fmt::print(stderr, "{}: {}\n", for_terminal(options.output), counted(static_cast<std::uint64_t>(kept), "packet"));
  }
  return packets.empty() ? nothing : done;
}

} // namespace

void add_evidence(CLI::App &app, int &exit_status) {
  CLI::App *command = app.add_subcommand("evidence", "Write refused packets as a capture for Wireshark, or sum them up");
  auto options = std::make_shared<Options>();
  command->add_option("FOLDER", options->folder, "of the evidence (default: STATE/evidence)");
  command->add_option("--state", options->state, "state folder of the daemon")->capture_default_str();
  command->add_option("--zone", options->zone, "that came in from this zone");
  command->add_option("--reason", options->reason, "refused for this reason (its word)");
  command->add_option("--host", options->host, "from or to this address");
  command->add_option("--since", options->since, "10m, 2h, 3d ago, or 2026-11-20T18:45 (UTC, or with +09:00)");
  command->add_option("-o,--output", options->output, "pcapng file");
  command->add_flag("--list", options->list, "a line for each zone and reason");
  command->add_flag("--json", options->json, "with --list: as one JSON object");
  command->footer("The comment of each packet tells the reason, the rule if one decided, and how many of the same were\n"
                  "left out before it. Reads the files as they are; no daemon is asked. Exits 0 when there was\n"
                  "something, 1 when nothing was, 2 when it cannot be read.\n\n"
                  "Example:\n  sekisho evidence --zone internet --since 1h -o refused.pcapng && wireshark refused.pcapng");
  command->callback([options, &exit_status] { exit_status = run(*options); });
}

} // namespace sekisho::cli
