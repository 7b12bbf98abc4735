// sekisho explain: what becomes of this packet or mail, and why?
#include "gateway/cli/commands.hh"
#include "gateway/cli/rule_files.hh"

#include <fmt/format.h>

#include <memory>

namespace sekisho::cli {

void add_explain(CLI::App &app, int &exit_status) {
  CLI::App *command =
      app.add_subcommand("explain", "Tell what the rules do with a packet or a mail, and why");
  struct Options {
    std::vector<std::string> rules;
    std::vector<std::string> question;
  };
  auto options = std::make_shared<Options>();
  command->add_option("--rules", options->rules, "rule file or folder; may be given several times")
      ->required()
      ->allow_extra_args(false);
  command->add_option("QUESTION", options->question, "the question, in quotes or as words")
      ->required();
  command->footer(
      "Questions:\n"
      "  tcp|udp from [ZONE] ADDRESS[:PORT] [mac MAC] to [ZONE] ADDRESS:PORT\n"
      "  icmp [echo|timestamp] from [ZONE] ADDRESS [mac MAC] to [ZONE] ADDRESS\n"
      "  vrrp from [ZONE] ADDRESS [mac MAC] to [ZONE] ADDRESS\n"
      "  tcp|udp|icmp|vrrp from gateway to [ZONE] ADDRESS[:PORT]\n"
      "  mail from ZONE [SENDER] to RECIPIENT\n"
      "ADDRESS may be the name of a listed host; without mac its listed MAC is taken.\n\n"
      "Exit status: 0 the question was understood, whatever the verdict; 2 it was not, or the "
      "rules have errors.\n\n"
      "Example:\n"
      "  sekisho explain --rules three-zones.rules 'tcp from mynumber 10.1.0.11:40000 mac "
      "02:00:5e:10:00:01 to "
      "lgwan 10.2.0.40:443'");
  command->callback([options, &exit_status] {
    exit_status = 2;
    UnixSeconds now = unix_now();
    std::shared_ptr<const rules::RuleSet> rules = compile_rule_files(options->rules, now);
    if (!rules) return;
    std::string question = fmt::format("{}", fmt::join(options->question, " "));
    rules::Explanation explanation = rules::explain(*rules, question, now);
    fmt::print(explanation.understood ? stdout : stderr, "{}", explanation.text);
    if (explanation.understood) exit_status = 0;
  });
}

} // namespace sekisho::cli
