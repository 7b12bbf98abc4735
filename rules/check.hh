// Sentences to meaning: names resolved, values read, and the three-zone principle held (Z3, Z4,
// Z7).
#pragma once

#include "rules/ast.hh"
#include "rules/report.hh"
#include "rules/ruleset.hh"

namespace sekisho::rules {

/// The policy as values.  Only to be used when nothing was reported as an error.
struct Model {
  std::vector<Zone> zones;
  std::vector<Host> hosts;
  std::vector<Permit> permits;
  std::vector<Relay> relays;
  std::vector<Local> locals;
  std::vector<std::string> labels;
  std::vector<Place> places; // of sentences, by RuleId
};

Model check(const Sentences &sentences, std::span<const SourceFile> sources, UnixSeconds now,
            Reporter &reporter);

} // namespace sekisho::rules
