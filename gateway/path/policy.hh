// A rule set as the path uses it: shared by pointer, swapped between bursts.
#pragma once

#include "gateway/path/counters.hh"
#include "rules/ruleset.hh"

#include <memory>
#include <vector>

namespace sekisho::path {

class Policy {
public:
  explicit Policy(std::shared_ptr<const rules::RuleSet> rules);

  const rules::RuleSet &rules() const { return *rules_; }
  /// Packets permitted by this rule.
  Tally &hits(rules::RuleId rule) const { return hits_[rule]; }
  bool has(rules::RuleId rule) const { return rule < rule_count_; }
  bool is_gateway_address(const Ip &ip) const;
  /// The listed host this MAC is bound to, in this zone.
  const rules::Host *host_with(rules::ZoneId zone, const Mac &mac) const;

private:
  std::shared_ptr<const rules::RuleSet> rules_;
  std::size_t rule_count_;
  std::unique_ptr<Tally[]> hits_;
  std::vector<const rules::Host *> by_mac_; // sorted by (zone, MAC)
};

} // namespace sekisho::path
