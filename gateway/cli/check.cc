// sekisho check: do these files make a policy, and what does it permit?
#include "gateway/cli/commands.hh"
#include "gateway/cli/counted.hh"
#include "gateway/cli/daemon.hh"
#include "gateway/cli/rule_files.hh"
#include "gateway/role/secret_files.hh"
#include "rules/calendar.hh"
#include "rules/describe.hh"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>

#include <unistd.h>

namespace sekisho::cli {
namespace {

constexpr UnixSeconds soon = 30 * 86'400; // a rule that ends within this is pointed out

void print_zones(const rules::RuleSet &rules) {
  fmt::print("zones\n");
  for (const rules::Zone &zone : rules.zones()) {
    std::string networks;
    for (const Network &network : zone.networks)
      networks += (networks.empty() ? "" : ", ") + to_string(network);
    std::size_t hosts = 0;
    for (const rules::Host &host : rules.hosts())
      hosts += &rules.zones()[host.zone] == &zone;
    fmt::print("  {:<13} {:<20} gateway {:<15} {}{}\n", zone.name, networks,
               zone.address ? to_string(*zone.address) : "-", counted(hosts, "listed host"),
               (zone.closed    ? std::string(", closed")
                : zone.outside ? ", outside"
                               : "") +
                   rules::frames_of(zone));
  }
}

std::string state_of(const rules::Ledger &ledger, UnixSeconds now) {
  if (ledger.since && *ledger.since > now) return "  NOT YET: passes nothing";
  if (!ledger.until) return "";
  if (*ledger.until < now) return "  EXPIRED: passes nothing";
  if (*ledger.until < now + soon)
    return fmt::format("  ends in {} days", (*ledger.until - now) / 86'400 + 1);
  return "";
}

template <class Rule> // a permit, a local sentence or a relay
void print_rule(const rules::RuleSet &rules, const Rule &rule, UnixSeconds now) {
  fmt::print("  {}  {}\n    {}{}\n", rules.labels()[rule.rule],
             rules::sentence_of(rules, rule.rule), rules::describe(rule.ledger),
             state_of(rule.ledger, now));
  std::string conditions = rules::conditions_of(rules, rule.rule);
  if (!conditions.empty()) fmt::print("    {}\n", conditions);
}

/// What is still written but passes nothing (Z7).
void print_expired(const rules::RuleSet &rules, UnixSeconds now) {
  std::string expired;
  for (rules::RuleId rule = 0; rule < rules.labels().size(); ++rule) {
    const rules::Ledger *ledger = rules::ledger_of(rules, rule);
    if (ledger && ledger->until && *ledger->until < now)
      expired += fmt::format("  {}  {}\n    ended {}\n", rules.labels()[rule],
                             rules::sentence_of(rules, rule), rules::date_of(*ledger->until));
  }
  if (!expired.empty()) fmt::print("\nexpired: approve them again or take them out\n{}", expired);
}

/// The ledger: everything that is permitted, and nothing else is.
void print_ledger(const rules::RuleSet &rules, UnixSeconds now) {
  auto print = [&](std::string_view title, const auto &those) {
    fmt::print("\n{}{}\n", title, those.empty() ? ": none" : "");
    for (const auto &rule : those)
      print_rule(rules, rule, now);
  };
  print("permitted flows", rules.permits());
  print("mail relays", rules.relays());
  if (!rules.locals().empty()) print("the gateway itself", rules.locals());
  print_expired(rules, now);
  fmt::print("\neverything else is denied; policy {}\n", rules.hash());
}

int check(const std::vector<std::string> &paths, bool quiet) {
  Result<std::vector<rules::SourceFile>> sources = read_rule_files(paths);
  if (!sources) {
    tell_error("sekisho", sources.error().what);
    return 2;
  }
  UnixSeconds now = unix_now();
  rules::Compiled compiled = rules::compile(*sources, now);
  if (compiled.rules) std::ranges::move(role::unusable_secret_files(*sources), std::back_inserter(compiled.diagnostics));
  fmt::print(stderr, "{}",
             rules::render(compiled.diagnostics, *sources, wants_colour(STDERR_FILENO)));
  if (!compiled.rules) {
    std::size_t errors = 0;
    for (const rules::Diagnostic &diagnostic : compiled.diagnostics)
      errors += diagnostic.level == rules::Diagnostic::Level::error;
    fmt::print(stderr, "{}: these files make no policy\n", counted(errors, "error"));
    return 1;
  }
  if (quiet) return 0;
  print_zones(*compiled.rules);
  print_ledger(*compiled.rules, now);
  return 0;
}

} // namespace

void add_check(CLI::App &app, int &exit_status) {
  CLI::App *command = app.add_subcommand("check", "Check rule files and list what they permit");
  auto paths = std::make_shared<std::vector<std::string>>();
  auto quiet = std::make_shared<bool>(false);
  command
      ->add_option("FILE", *paths, "rule files or folders of *.rules, - is standard input; together they are one policy")
      ->required();
  command->add_flag("-q,--quiet", *quiet, "only say what is wrong");
  command->footer("Exit status: 0 a policy, 1 errors, 2 a rule file cannot be read.\n\nExample:\n"
                  "  sekisho check /etc/sekisho/three-zones.rules");
  command->callback([=, &exit_status] { exit_status = check(*paths, *quiet); });
}

} // namespace sekisho::cli
