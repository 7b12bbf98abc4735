// sekisho replay: what would the gateway have done with these captures?
#include "gateway/path/replay.hh"

#include "gateway/cli/commands.hh"
#include "gateway/cli/counted.hh"
#include "gateway/cli/daemon.hh"
#include "gateway/cli/rule_files.hh"
#include "rules/describe.hh"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>
#include <numeric>
#include <memory>

namespace sekisho::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::vector<std::string> rules, inputs;
  bool json = false, strict_mac = false, summary_only = false, flows = false;
};

/// By rules::Verdict, and a fragment that waits for the others of its datagram.
constexpr std::array<std::string_view, 4> verdict_words = {"drop", "pass", "relay", "hold"};

std::size_t place_of(const path::Fate &fate) {
  return path::is_held(fate) ? 3 : static_cast<std::size_t>(fate.verdict);
}

Result<path::ReplayInput> read_input(const std::string &text, const rules::RuleSet &rules) {
  std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals + 1 == text.size())
    return fail("--in wants ZONE=CAPTURE, not '" + text + "'");
  const Result<rules::ZoneId> zone = rules.zone_typed(text.substr(0, equals));
  if (!zone) return fail(zone.error());
  return path::ReplayInput{.zone = *zone, .file = text.substr(equals + 1)};
}

/// What came of all packets: the verdicts, the reasons, the rules.
class Summary {
public:
  explicit Summary(const rules::RuleSet &rules) : rules_(rules), by_rule_(rules.labels().size()) {}

  void add(const path::Fate &fate) {
    ++verdicts_[place_of(fate)];
    if (fate.verdict == rules::Verdict::drop) ++reasons_[static_cast<std::size_t>(Reason{fate.reason})];
    if (fate.rule < by_rule_.size()) ++by_rule_[fate.rule];
  }
  std::string text() const {
    std::string text =
        fmt::format("{}: {} pass, {} relay, {} drop",
                    counted(std::accumulate(verdicts_.begin(), verdicts_.end(), std::uint64_t{0}), "packet"),
                    verdicts_[1], verdicts_[2], verdicts_[0]);
    text += verdicts_[3] > 0 ? fmt::format(", {} held for the rest of their datagram\n", verdicts_[3]) : "\n";
    std::map<std::string_view, std::uint64_t> reasons, rules; // in the order of their words
    for (std::size_t i = 1; i < reasons_.size(); ++i)
      if (reasons_[i] > 0) reasons[sekisho::word_of(static_cast<Reason>(i))] = reasons_[i];
    for (std::size_t i = 0; i < by_rule_.size(); ++i)
      if (by_rule_[i] > 0) rules[rules_.labels()[i]] += by_rule_[i];
    for (const auto &[word, count] : reasons)
      text += fmt::format("  drop {:<24} {:>9}  {}\n", word, count,
                          info(*reason_from_word(word)).english);
    for (const auto &[label, count] : rules)
      text += fmt::format("  rule {:<24} {:>9}\n", label, count);
    return text;
  }

private:
  const rules::RuleSet &rules_;
  std::array<std::uint64_t, 4> verdicts_{};
  std::array<std::uint64_t, reason_count> reasons_{};
  std::vector<std::uint64_t> by_rule_;
};

/// One line a packet, at millions a second: all that lines are made of is formatted once.
class Lines {
public:
  Lines(const rules::RuleSet &rules, bool as_json) : as_json_(as_json) {
    auto quoted = [](std::string_view text) { return Json(text).dump(); };
    for (const rules::Zone &zone : rules.zones())
      zones_.push_back(as_json ? fmt::format(R"(,"zone":{},"verdict":)", quoted(zone.name))
                               : fmt::format("  {:<12} ", zone.name));
    for (std::string_view word : verdict_words)
      verdicts_.push_back(as_json ? quoted(word) + R"(,"reason":)" : fmt::format("{:<5}  ", word));
    for (std::size_t reason = 0; reason < reason_count; ++reason) {
      std::string_view word = sekisho::word_of(static_cast<Reason>(reason));
      reasons_.push_back(as_json ? quoted(word) : fmt::format("{:<22}", word));
    }
    no_reason_ = as_json ? "null" : fmt::format("{:<22}", "");
    for (const std::string &label : rules.labels())
      rules_.push_back(as_json ? R"(,"rule":)" + quoted(label) + "}\n" : " " + label + "\n");
    no_rule_ = as_json ? R"(,"rule":null})"
                         "\n"
                       : " \n";
    text_.reserve(enough + 4096);
  }

  void add(const path::ReplayedPacket &packet) {
    const path::Fate &fate = packet.fate;
    fmt::format_int number(packet.number);
    if (as_json_)
      text_ += R"({"n":)";
    else if (number.size() < 6)
      text_.append(6 - number.size(), ' ');
    text_.append(number.data(), number.size());
    text_ += zones_[packet.zone];
    text_ += verdicts_[place_of(fate)];
    bool is_dropped = fate.verdict == rules::Verdict::drop && !path::is_held(fate);
    text_ += is_dropped ? reasons_[static_cast<std::size_t>(Reason{fate.reason})] : no_reason_;
    text_ += fate.rule < rules_.size() ? rules_[fate.rule] : no_rule_;
    if (text_.size() >= enough) print();
  }
  void print() {
    fmt::print("{}", text_);
    text_.clear();
  }

private:
  static constexpr std::size_t enough = 1u << 16;
  bool as_json_;
  std::vector<std::string> zones_, verdicts_, reasons_, rules_;
  std::string no_reason_, no_rule_, text_;
};

constexpr std::string_view flow_heading =
    "opened               seconds  protocol opener                    answerer                  "
    "state          packets       octets  rule\n";

std::string end_text(const Ip &ip, std::uint16_t port) {
  return ip.is_v4() ? fmt::format("{}:{}", to_string(ip), port)
                    : fmt::format("[{}]:{}", to_string(ip), port);
}

void print_flow(const path::ReplayedFlow &flow, const rules::RuleSet &rules, bool as_json) {
  const flow::Ends &ends = flow.ends;
  std::string opened = to_rfc3339(flow.opened_at), protocol = rules::protocol_word(ends.protocol);
  const char *state = flow::word_of(flow.state);
  std::string_view rule =
      flow.rule < rules.labels().size() ? std::string_view(rules.labels()[flow.rule]) : "";
  UnixSeconds seconds = flow.last_seen - flow.opened_at;
  if (!as_json) {
    fmt::print("{:<20} {:>7}  {:<8} {:<25} {:<25} {:<13} {:>8} {:>12}  {}\n", opened, seconds,
               protocol, end_text(ends.source, ends.source_port),
               end_text(ends.destination, ends.destination_port), state, flow.packets, flow.octets,
               rule);
    return;
  }
  Json line{{"opened", opened},
            {"seconds", seconds},
            {"protocol", protocol},
            {"from", rules.zones()[flow.from].name},
            {"to", rules.zones()[flow.to].name},
            {"opener", to_string(ends.source)},
            {"opener_port", ends.source_port},
            {"answerer", to_string(ends.destination)},
            {"answerer_port", ends.destination_port},
            {"state", state},
            {"packets", flow.packets},
            {"octets", flow.octets},
            {"rule", rule}};
  fmt::print("{}\n", line.dump());
}

std::function<void(const path::ReplayedFlow &)> flow_printer(const Options &options,
                                                             const rules::RuleSet &rules) {
  if (!options.flows) return {};
  if (!options.json) fmt::print("{}", flow_heading);
  return [&rules, as_json = options.json](const path::ReplayedFlow &flow) {
    print_flow(flow, rules, as_json);
  };
}

int replay(const Options &options) {
  std::shared_ptr<const rules::RuleSet> rules = compile_rule_files(options.rules, unix_now());
  if (!rules) return 2;
  std::vector<path::ReplayInput> inputs;
  for (const std::string &text : options.inputs) {
    Result<path::ReplayInput> input = read_input(text, *rules);
    if (!input) {
      tell_error("sekisho", input.error().what);
      return 2;
    }
    inputs.push_back(std::move(*input));
  }
  Result<path::Replay> replay = path::Replay::open(
      rules, inputs,
      {.strict_mac = options.strict_mac, .on_flow_end = flow_printer(options, *rules)});
  if (!replay) {
    tell_error("sekisho", replay.error().what);
    return 2;
  }

  Summary summary(*rules);
  Lines lines(*rules, options.json);
  std::vector<std::string> errors = replay->run([&](const path::ReplayedPacket &packet) {
    summary.add(packet.fate);
    if (!options.summary_only && !options.flows) lines.add(packet);
  });
  lines.print();
  // With --json, standard output holds nothing but one object a packet.
  fmt::print(options.json ? stderr : stdout, "{}", summary.text());
  for (const std::string &error : errors) {
    tell_error("sekisho", error);
    tell_error("sekisho", "the packets before it were replayed");
  }
  return errors.empty() ? 0 : 1;
}

} // namespace

void add_replay(CLI::App &app, int &exit_status) {
  CLI::App *command =
      app.add_subcommand("replay", "Run captures through the rules: one verdict a packet");
  auto options = std::make_shared<Options>();
  command
      ->add_option("--rules", options->rules, "rule files or folders; together they are one policy")
      ->required();
  command
      ->add_option("--in", options->inputs,
                   "ZONE=CAPTURE: packets (pcap or pcapng, also gzipped) that came in by this "
                   "zone's port; may be repeated")
      ->required();
  command->add_flag("--json", options->json,
                    "one JSON object a packet: n, zone, verdict, reason, rule");
  command->add_flag("--summary", options->summary_only, "only the summary");
  command->add_flag(
      "--flows", options->flows,
      "one line a flow instead of one a packet: when it ends, or with the last packet");
  command->add_flag(
      "--strict-mac", options->strict_mac,
      "drop frames not addressed to 00:00:5e:00:53:ZONE instead of taking them as the gateway's");
  command->footer(
      "Packets of several captures are taken in the order of their times, and rules expire by "
      "these times.\n\nExit status: 0 all packets have a verdict, 1 a capture ends in the middle, "
      "2 nothing was replayed.\n\nExample:\n"
      "  sekisho replay --rules three-zones.rules --in mynumber=before.pcap --in "
      "lgwan=behind.pcap");
  command->callback([options, &exit_status] { exit_status = replay(*options); });
}

} // namespace sekisho::cli
