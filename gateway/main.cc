// sekishod: reads the rules, makes the doors, starts the roles, and watches over them.
#include "base/log.hh"
#include "gateway/role/supervisor.hh"

#include <unistd.h>

#include <cstdio>

using namespace sekisho;

namespace {

/// A severed zone that the rules no longer know might be there under another name: not opened by guessing.
std::string unknown_severed(const role::Severed &severed, const rules::RuleSet &rules) {
  for (const std::string &zone : severed.zones())
    if (!rules.zone_named(zone)) return zone;
  return "";
}

int give_up(const std::string &what) {
  log_error(what);
  return 1;
}

} // namespace

int main(int argc, char **argv) {
  set_log_name("sekishod");
  role::Parsed parsed = role::parse_options(argc, argv);
  if (!parsed.run) return parsed.exit_status;
  role::Options options = std::move(parsed.options);
  if (::geteuid() != 0) return give_up("must be started as root; its roles drop to their own users");

  // What sekisho apply put in force, or replaced for a trial that nobody confirmed, comes before the files.
  Result<role::Held> held = role::Held::open(options.state_folder + "/held-rules");
  if (!held) return give_up(held.error().what);
  Result<role::Policy> policy = held->rules() ? role::compile_policy(held->rules()->sources, unix_now())
                                              : role::load_policy(options.rule_files, unix_now());
  if (!policy) {
    std::fputs(policy.error().what.c_str(), stderr); // rendered for people
    return give_up(held->rules() ? "the rules kept by sekisho apply have errors: nothing is started; remove " +
                                       options.state_folder + "/held-rules to start with the rule files"
                                 : "the rules have errors: nothing is started");
  }
  std::fputs(policy->warnings.c_str(), stderr);

  role::Identities identities = role::find_identities(options.user_prefix);
  Result<role::Doors> doors = role::make_doors(options, *policy->rules, identities);
  if (!doors) return give_up(doors.error().what);
  Result<role::Severed> severed = role::Severed::open(doors->folders.severed_file);
  if (!severed) return give_up(severed.error().what);
  if (std::string zone = unknown_severed(*severed, *policy->rules); !zone.empty())
    return give_up("zone " + zone + " is severed, but the rules have no such zone; if it is gone, take its line " +
                   "out of " + doors->folders.severed_file);
  Result<role::Wiring> wiring = role::make_wiring();
  if (!wiring) return give_up(wiring.error().what);

  role::Supervisor supervisor(std::move(options), std::move(*policy), identities, std::move(*doors),
                              std::move(*severed), std::move(*held), std::move(*wiring));
  return supervisor.run();
}
