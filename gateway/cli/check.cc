// sekisho check: do these files make a policy, and what does it permit?
#include "gateway/cli/commands.hh"
#include "gateway/cli/rule_files.hh"
#include "rules/calendar.hh"
#include "rules/describe.hh"

#include <fmt/format.h>

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
    fmt::print("  {:<13} {:<20} gateway {:<15} {} listed host{}{}\n", zone.name, networks,
               zone.address ? to_string(*zone.address) : "-", hosts, hosts == 1 ? "" : "s",
               zone.closed    ? ", closed"
               : zone.outside ? ", outside"
                              : "");
  }
}

std::string state_of(const rules::Ledger &ledger, UnixSeconds now) {
  if (!ledger.until) return "";
  if (*ledger.until < now) return "  EXPIRED: passes nothing";
  if (*ledger.until < now + soon)
    return fmt::format("  ends in {} days", (*ledger.until - now) / 86'400 + 1);
  return "";
}

void print_rule(const std::string &label, const std::string &sentence, const rules::Ledger &ledger,
                UnixSeconds now) {
  fmt::print("  {}  {}\n    {}{}\n", label, sentence, rules::describe(ledger),
             state_of(ledger, now));
}

/// The ledger: everything that is permitted, and nothing else is.
void print_ledger(const rules::RuleSet &rules, UnixSeconds now) {
  fmt::print("\npermitted flows{}\n", rules.permits().empty() ? ": none" : "");
  for (const rules::Permit &permit : rules.permits())
    print_rule(rules.labels()[permit.rule], rules::describe(permit), permit.ledger, now);
  fmt::print("\nmail relays{}\n", rules.relays().empty() ? ": none" : "");
  for (const rules::Relay &relay : rules.relays())
    print_rule(rules.labels()[relay.rule], rules::describe(relay, rules.zones()), relay.ledger,
               now);
  fmt::print("\neverything else is denied; policy {}\n", rules.hash());
}

int check(const std::vector<std::string> &paths, bool quiet) {
  Result<std::vector<rules::SourceFile>> sources = read_rule_files(paths);
  if (!sources) {
    fmt::print(stderr, "sekisho: {}\n", sources.error().what);
    return 2;
  }
  UnixSeconds now = unix_now();
  rules::Compiled compiled = rules::compile(*sources, now);
  fmt::print(stderr, "{}",
             rules::render(compiled.diagnostics, *sources, wants_colour(STDERR_FILENO)));
  if (!compiled.rules) {
    std::size_t errors = 0;
    for (const rules::Diagnostic &diagnostic : compiled.diagnostics)
      errors += diagnostic.level == rules::Diagnostic::Level::error;
    fmt::print(stderr, "{} error{}: these files make no policy\n", errors, errors == 1 ? "" : "s");
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
      ->add_option("FILE", *paths, "rule files or folders of *.rules; together they are one policy")
      ->required();
  command->add_flag("-q,--quiet", *quiet, "only say what is wrong");
  command->footer("Exit status: 0 a policy, 1 errors, 2 a file cannot be read.\n\nExample:\n"
                  "  sekisho check /etc/sekisho/three-zones.rules");
  command->callback([=, &exit_status] { exit_status = check(*paths, *quiet); });
}

} // namespace sekisho::cli
