// The compiled rule set: exact flows by hash, the rest in lists by pair of zones.
#pragma once

#include "rules/check.hh"

#include <array>
#include <unordered_map>
#include <unordered_set>

namespace sekisho::rules {

/// A flow between two addresses to one port; the most common sentence there is.
struct ExactFlow {
  Ip from, to;
  std::uint16_t port = 0;
  std::uint8_t protocol = 0;
  bool operator==(const ExactFlow &) const = default;
};

struct Pair {
  Ip from, to;
  bool operator==(const Pair &) const = default;
};

/// Mixes both addresses; the keys come from the rule file, so no secret is needed.
struct FlowHash {
  std::size_t operator()(const Ip &ip) const;
  std::size_t operator()(const Pair &pair) const;
  std::size_t operator()(const ExactFlow &flow) const;
};

class Policy final : public RuleSet {
public:
  Policy(Model model, std::string hash);

  const std::vector<Zone> &zones() const override { return model_.zones; }
  const std::vector<Host> &hosts() const override { return model_.hosts; }
  const std::vector<Permit> &permits() const override { return model_.permits; }
  const std::vector<Relay> &relays() const override { return model_.relays; }
  const std::vector<std::string> &labels() const override { return model_.labels; }
  const std::string &hash() const override { return hash_; }
  Decision decide(const PacketSubject &subject, UnixSeconds now) const override;
  const Permit *permit_of(RuleId rule) const override;
  UnixSeconds next_change(UnixSeconds now) const override;
  std::optional<ZoneId> zone_of(const Ip &ip) const override;
  const Host *host_at(const Ip &ip) const override;

private:
  static constexpr std::size_t max_exact_of_permit = 256;
  static constexpr std::size_t max_exact = 1u << 20;

  void index(const Permit &permit, std::uint32_t number);
  bool index_exact(const Permit &permit, std::uint32_t number);

  Decision from_kernel(const PacketSubject &subject, UnixSeconds now) const;
  Reason check_source(const PacketSubject &subject) const;
  Decision to_gateway(const PacketSubject &subject, UnixSeconds now) const;
  Reason zones_apart(ZoneId from, ZoneId to) const;
  Decision permitted(const PacketSubject &subject, ZoneId to, UnixSeconds now) const;
  bool is_gateway(const Ip &ip) const;
  bool is_broadcast(ZoneId zone, const Ip &ip) const;

  Model model_;
  std::string hash_;
  std::vector<UnixSeconds> changes_; // sorted: the seconds at which some rule begins or has ended
  std::unordered_map<Ip, std::uint32_t, FlowHash> hosts_;        // address → host
  std::unordered_map<ExactFlow, std::uint32_t, FlowHash> exact_; // flow → permit
  std::unordered_set<Pair, FlowHash> pairs_;                     // host pairs with any exact flow
  std::array<std::array<std::vector<std::uint32_t>, max_zones>, max_zones> lists_; // permits
  std::vector<std::pair<std::uint64_t, std::uint32_t>> macs_; // sorted: MAC as a number → host
};

} // namespace sekisho::rules
