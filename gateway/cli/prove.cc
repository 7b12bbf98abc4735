// sekisho prove: can anything pass between these two places?
#include "rules/prove.hh"
#include "gateway/cli/commands.hh"
#include "gateway/cli/rule_files.hh"

#include <fmt/format.h>

#include <memory>

namespace sekisho::cli {

void add_prove(CLI::App &app, int &exit_status) {
  CLI::App *command = app.add_subcommand(
      "prove", "List every way from one place to another, or prove there is none");
  struct Options {
    std::vector<std::string> rules;
    std::vector<std::string> question;
  };
  auto options = std::make_shared<Options>();
  command->add_option("--rules", options->rules, "rule file or folder; may be given several times")
      ->required()
      ->allow_extra_args(false);
  command->add_option("QUESTION", options->question, "PLACE -> PLACE, in quotes")->required();
  command->footer(
      "PLACE is a zone, a host, a network, an address or gateway.\n\n"
      "Exit status: 0 nothing can pass, 1 something can, 2 the question was not understood or the "
      "rules have errors.\n\n"
      "Example:\n  sekisho prove --rules three-zones.rules 'internet -> mynumber'");
  command->callback([options, &exit_status] {
    exit_status = 2;
    UnixSeconds now = unix_now();
    std::shared_ptr<const rules::RuleSet> rules = compile_rule_files(options->rules, now);
    if (!rules) return;
    std::string question = fmt::format("{}", fmt::join(options->question, " "));
    rules::Proof proof = rules::prove(*rules, question, now);
    fmt::print(proof.understood ? stdout : stderr, "{}", proof.text);
    if (proof.understood) exit_status = proof.passes ? 1 : 0;
  });
}

} // namespace sekisho::cli
