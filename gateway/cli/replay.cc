// sekisho replay: what would the gateway have done with these captures?
#include "gateway/path/replay.hh"

#include "gateway/cli/commands.hh"
#include "gateway/cli/rule_files.hh"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>
#include <memory>

namespace sekisho::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::vector<std::string> rules, inputs;
  bool json = false, strict_mac = false, summary_only = false;
};

constexpr std::array<std::string_view, 3> verdict_words = {"drop", "pass", "relay"};

std::string_view word_of(rules::Verdict verdict) {
  return verdict_words[static_cast<std::size_t>(verdict)];
}

Result<path::ReplayInput> read_input(const std::string &text, const rules::RuleSet &rules) {
  std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals + 1 == text.size())
    return fail("--in wants ZONE=CAPTURE, not '" + text + "'");
  std::string name = text.substr(0, equals);
  std::optional<rules::ZoneId> zone = rules.zone_named(name);
  if (zone) return path::ReplayInput{.zone = *zone, .file = text.substr(equals + 1)};
  std::string known;
  for (const rules::Zone &one : rules.zones()) known += (known.empty() ? "" : ", ") + one.name;
  return fail("no zone is called '" + name + "'; the zones are " + known);
}

/// What came of all packets: the verdicts, the reasons, the rules.
struct Summary {
  std::uint64_t packets = 0;
  std::array<std::uint64_t, 3> verdicts{};
  std::map<std::string, std::uint64_t> reasons, rules;

  void add(const path::ReplayedPacket &packet, const std::string *label) {
    ++packets;
    ++verdicts[static_cast<std::size_t>(packet.fate.verdict)];
    if (packet.fate.verdict == rules::Verdict::drop)
      ++reasons[std::string(sekisho::word_of(packet.fate.reason))];
    if (label) ++rules[*label];
  }
  std::string text() const {
    std::string text = fmt::format("{} packets: {} pass, {} relay, {} drop\n", packets,
                                   verdicts[1], verdicts[2], verdicts[0]);
    for (const auto &[word, count] : reasons)
      text += fmt::format("  drop {:<24} {:>9}  {}\n", word, count,
                          info(*reason_from_word(word)).english);
    for (const auto &[label, count] : rules) text += fmt::format("  rule {:<24} {:>9}\n", label, count);
    return text;
  }
};

void print_packet(const path::ReplayedPacket &packet, const rules::RuleSet &rules,
                  const std::string *label, bool as_json) {
  const std::string &zone = rules.zones()[packet.zone].name;
  bool is_dropped = packet.fate.verdict == rules::Verdict::drop;
  std::string_view reason = sekisho::word_of(packet.fate.reason);
  if (as_json) {
    Json line{{"n", packet.number}, {"zone", zone}, {"verdict", word_of(packet.fate.verdict)}};
    line["reason"] = is_dropped ? Json(reason) : Json(nullptr);
    line["rule"] = label ? Json(*label) : Json(nullptr);
    fmt::print("{}\n", line.dump());
  } else {
    fmt::print("{:>6}  {:<12} {:<5}  {:<22} {}\n", packet.number, zone,
               word_of(packet.fate.verdict), is_dropped ? reason : "", label ? *label : "");
  }
}

int replay(const Options &options) {
  std::shared_ptr<const rules::RuleSet> rules = compile_rule_files(options.rules, unix_now());
  if (!rules) return 2;
  std::vector<path::ReplayInput> inputs;
  for (const std::string &text : options.inputs) {
    Result<path::ReplayInput> input = read_input(text, *rules);
    if (!input) {
      fmt::print(stderr, "sekisho: {}\n", input.error().what);
      return 2;
    }
    inputs.push_back(std::move(*input));
  }
  Result<path::Replay> replay =
      path::Replay::open(rules, inputs, {.strict_mac = options.strict_mac});
  if (!replay) {
    fmt::print(stderr, "sekisho: {}\n", replay.error().what);
    return 2;
  }

  Summary summary;
  std::vector<std::string> errors = replay->run([&](const path::ReplayedPacket &packet) {
    bool has_rule = packet.fate.rule < rules->labels().size();
    const std::string *label = has_rule ? &rules->labels()[packet.fate.rule] : nullptr;
    summary.add(packet, label);
    if (!options.summary_only) print_packet(packet, *rules, label, options.json);
  });
  // With --json, standard output holds nothing but one object a packet.
  fmt::print(options.json ? stderr : stdout, "{}", summary.text());
  for (const std::string &error : errors)
    fmt::print(stderr, "sekisho: {}\nsekisho: the packets before it were replayed\n", error);
  return errors.empty() ? 0 : 1;
}

} // namespace

void add_replay(CLI::App &app, int &exit_status) {
  CLI::App *command =
      app.add_subcommand("replay", "Run captures through the rules: one verdict a packet");
  auto options = std::make_shared<Options>();
  command->add_option("--rules", options->rules, "rule files or folders; together they are one policy")
      ->required();
  command
      ->add_option("--in", options->inputs,
                   "ZONE=CAPTURE: packets (pcap or pcapng, also gzipped) that came in by this zone's port; may be repeated")
      ->required();
  command->add_flag("--json", options->json, "one JSON object a packet: n, zone, verdict, reason, rule");
  command->add_flag("--summary", options->summary_only, "only the summary");
  command->add_flag("--strict-mac", options->strict_mac,
                    "drop frames not addressed to 00:00:5e:00:53:ZONE instead of taking them as the gateway's");
  command->footer("Packets of several captures are taken in the order of their times, and rules expire by "
                  "these times.\n\nExit status: 0 all packets have a verdict, 1 a capture ends in the middle, "
                  "2 nothing was replayed.\n\nExample:\n"
                  "  sekisho replay --rules three-zones.rules --in mynumber=before.pcap --in lgwan=behind.pcap");
  command->callback([options, &exit_status] { exit_status = replay(*options); });
}

} // namespace sekisho::cli
