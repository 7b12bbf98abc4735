// A rule set as the path uses it: shared by pointer, swapped between bursts.
#pragma once

#include "gateway/path/counters.hh"
#include "gateway/path/limits.hh"
#include "gateway/path/neighbours.hh"
#include "rules/ruleset.hh"

#include <memory>
#include <unordered_map>
#include <vector>

namespace sekisho::path {

/// What one rule has let through on one core; the last a few seconds late, when its flow is swept or ends.
struct RuleHits {
  Tally packets, octets;
  std::atomic<UnixSeconds> last_used{0};
};

/// Of all rules of a rule set, on one core.  Outlives its Policy where flows of it are still to be counted.
class Hits {
public:
  explicit Hits(std::size_t rules) : count_(rules), rules_(new RuleHits[rules]) {}
  std::size_t size() const { return count_; }
  RuleHits &operator[](rules::RuleId rule) { return rules_[rule]; }
  const RuleHits &operator[](rules::RuleId rule) const { return rules_[rule]; }

private:
  std::size_t count_;
  std::unique_ptr<RuleHits[]> rules_;
};

struct RuleTotal {
  std::uint64_t packets = 0, octets = 0;
  UnixSeconds last_used = 0; // 0: never
};

class Policy {
public:
  explicit Policy(std::shared_ptr<const rules::RuleSet> rules, std::size_t cores = 1);

  const rules::RuleSet &rules() const { return *rules_; }
  const std::shared_ptr<Hits> &hits(std::size_t core) const { return hits_[core]; }
  /// For the path of this core, which leaves its former table here: that is freed with the rules, not by the path.
  Neighbours::Table &neighbours(std::size_t core) const;
  std::size_t core_count() const { return hits_.size(); }
  /// Over all cores; safe while they count.
  RuleTotal total(rules::RuleId rule) const;
  bool is_gateway_address(const Ip &ip) const;
  /// An address that two gateways may share: of a zone into which the rules let VRRP out, and nobody's otherwise.
  bool is_shared_address(rules::ZoneId zone, const Ip &ip) const;
  /// The listed host this MAC is bound to, in this zone.
  const rules::Host *host_with(rules::ZoneId zone, const Mac &mac) const;
  /// False when this MAC is listed in this zone with other addresses of the kind of `ip` (IPv4 or IPv6) only.
  bool may_have(rules::ZoneId zone, const Mac &mac, const Ip &ip) const;
  /// The MAC is listed in another zone, and not in this one.
  bool is_listed_elsewhere(rules::ZoneId zone, const Mac &mac) const;
  /// Names a permit across reloads: the same words, the same number (path::Limits).
  RuleIdentity identity_of(const rules::Permit &permit) const;

private:
  bool may_be_listed(const Mac &mac) const;

  std::shared_ptr<const rules::RuleSet> rules_;
  std::vector<std::shared_ptr<Hits>> hits_; // by core
  std::vector<std::unique_ptr<Neighbours::Table>> neighbours_; // by core
  std::uint32_t vrrp_zones_ = 0;            // bit by ZoneId
  std::vector<const rules::Host *> by_mac_; // sorted by (zone, MAC)
  std::vector<std::uint64_t> listed_macs_;  // a bit for each, some for two: most others are told apart by it
  std::unordered_map<rules::RuleId, RuleIdentity> identities_; // of those with limits
};

} // namespace sekisho::path
