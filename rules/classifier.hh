// Which rules list a flow: a tuple space over the nodes of an Atlas.  Each side of a flow is a
// chain of nodes (address, networks around it, zone) with the sets they are in; a pair of them is
// one question to a hash table, a port one search among disjoint intervals.  Before that, two filters
// tell for nearly all: which nodes around the destination list the service for anybody, and which
// pairs there are.  The number of rules does not matter, only how many ways of writing the two ends
// there are.
#pragma once

#include "rules/atlas.hh"
#include "rules/bit_filter.hh"

#include <span>
#include <unordered_map>

namespace sekisho::rules {

/// What services look at in a packet: ports, or ICMP type and code as one number.
struct Selector {
  std::uint8_t protocol = 0;
  std::uint16_t first = 0, last = 0xffff; // both inclusive
};

/// Seconds in which a rule is in force.
struct Term {
  UnixSeconds since, until; // both inclusive
  const Schedule *schedule = nullptr;
  bool is_always() const;
  bool covers(UnixSeconds now) const {
    return since <= now && now <= until && (!schedule || schedule->covers(now));
  }
  /// In force whenever the other is.
  bool outlasts(const Term &other) const;
};

class Classifier {
public:
  /// One side of a rule, before build(): nodes and sets of them.
  using Side = std::vector<NodeId>;

  /// Nodes beyond those of the atlas: the gateway's own ends.
  void set_parents(const std::vector<NodeId> &parents, std::size_t more);
  /// A node that stands for all of these, in rules.
  NodeId add_set(const Side &members);
  /// Rules are added in the order they are written: the first answers.
  void add(RuleId rule, const Side &from, const Side &to, std::span<const Selector> selectors);
  /// `terms` by RuleId.  False: the rules overlap in too many ways.
  bool build(std::span<const Term> terms);

  /// A rule that never answers, because one written before lists the same flows for as long.
  struct Hidden {
    RuleId rule, by;
  };
  /// Of build(); a few, in the order of the rules.
  const std::vector<Hidden> &hidden() const { return hidden_; }

  struct Match {
    RuleId rule = no_rule;     // the first written that is in force
    RuleId not_now = no_rule;  // else the first written that lists the flow
    bool hosts_listed = false; // some rule is about these two ends
  };
  /// No allocation.
  Match find(NodeId from, NodeId to, std::uint8_t protocol, std::uint16_t number,
             UnixSeconds now) const;
  const Term &term(RuleId rule) const { return terms_[rule]; }
  /// A question about this node follows.
  void prefetch(NodeId node) const { __builtin_prefetch(&nodes_[node]); }

private:
  struct alignas(64) Node {
    NodeId parent = no_node;
    std::uint32_t first_set = 0, sets = 0; // in set_ids_
    bool lists_others = false;             // rules to it: of other protocols, more than single numbers
    std::uint64_t wide[2] = {};            // rules to it: wide ranges of TCP and UDP ports, a bit for 1024 each
    std::uint64_t partners = 0;            // rules from it: their other ends, one bit a hash
    std::uint64_t as_partner = 0;          // its own bit, when rules go to it
    std::uint64_t all_partners = 0, all_as_partner = 0; // the same, with all around it and their sets
  };
  static_assert(sizeof(Node) == 64);
  /// A service as the filter knows it.
  struct Asked {
    std::uint32_t key;  // protocol << 16 | number
    std::uint64_t hash; // a part of what the filter is asked
    bool is_narrow;     // in a narrow range of some rule
    std::uint64_t wide[2]; // as in Node: the bit of the port
    bool is_other;         // neither TCP nor UDP
  };
  struct Item { // of building
    NodeId from, to;
    RuleId rule;
    Selector selector;
  };
  struct Interval {
    std::uint32_t first, last; // protocol << 16 | port
    std::uint32_t rules;       // in rule_lists_; of one rule: itself
    std::uint32_t count;
  };
  struct Bucket {
    NodeId from = no_node, to = no_node;
    std::uint32_t first = 0, count = 0; // in intervals_
    bool is(const std::pair<NodeId, NodeId> &ends) const {
      return from == ends.first && to == ends.second;
    }
    bool is_empty() const { return from == no_node; }
    std::uint64_t hash() const { return hash_of(from, to); }
  };
  static std::uint64_t hash_of(NodeId from, NodeId to) {
    return mix(std::uint64_t{from} << 32 | to);
  }
  static std::uint64_t hash_of(NodeId to, const Asked &asked) {
    return (std::uint64_t{to} * 0xd6e8feb86659fd93u ^ asked.hash) * 0x9e3779b97f4a7c15u;
  }
  Asked asked_of(std::uint8_t protocol, std::uint16_t number) const;
  static std::uint64_t bit_of(NodeId to) { return std::uint64_t{1} << (mix(to) & 63); }
  static constexpr std::uint32_t timed = 0x80000000; // in a rule list: not always in force
  static constexpr std::size_t max_expanded = 256;   // pairs of one rule; beyond, a set for a side
  static constexpr std::size_t max_hidden = 50;      // told
  static constexpr std::size_t max_items = 1u << 23;
  static constexpr std::uint32_t max_narrow = 64;   // ports that a range has, each by itself in the filter
  static constexpr std::size_t max_filtered = 1u << 22;
  static constexpr std::size_t max_work = 1u << 23; // rules met while sweeping over ports

  void link_sets();
  void fill_filter();
  void inherit();
  void find_hidden();
  RuleId hiding(const Item &item) const;
  bool fill(std::span<const Item> of_pair);
  bool is_hidden(RuleId rule, std::span<const RuleId> before) const;
  void append(const std::vector<RuleId> &active, std::uint32_t first, std::uint32_t last);
  void look(const Bucket &bucket, std::uint32_t key, UnixSeconds now, Match &match) const;
  bool may_list(NodeId to, const Asked &asked) const;
  bool has_pair(NodeId from, NodeId to) const;
  const Bucket *bucket(NodeId from, NodeId to) const;
  template <class Test> bool any(NodeId node, Test test) const;

  std::vector<Node> nodes_;
  std::vector<NodeId> set_ids_;
  std::vector<std::pair<NodeId, NodeId>> members_; // of building: member, set
  std::vector<Item> items_;                        // of building
  std::vector<Hidden> hidden_;
  bool too_many_ = false;
  std::size_t work_ = 0;
  /// Ports of narrow ranges, of TCP and UDP: bits.
  std::array<std::array<std::uint64_t, 1024>, 2> narrow_{};
  BitFilter services_; // (node, service) of rules to the node
  BitFilter pairs_;    // of buckets_
  FlatTable<Bucket> buckets_;
  std::vector<Interval> intervals_;
  std::vector<std::uint32_t> rule_lists_;
  std::vector<Term> terms_;
};

} // namespace sekisho::rules
