#include "rules/classifier.hh"

#include <algorithm>
#include <limits>
#include <set>

namespace sekisho::rules {
namespace {

constexpr UnixSeconds always_from = std::numeric_limits<UnixSeconds>::min();
constexpr UnixSeconds always_until = std::numeric_limits<UnixSeconds>::max();

std::uint32_t key_of(std::uint8_t protocol, std::uint16_t number) {
  return std::uint32_t{protocol} << 16 | number;
}

} // namespace

bool Term::is_always() const {
  return since == always_from && until == always_until && !schedule;
}

bool Term::outlasts(const Term &other) const {
  bool same_hours = !schedule || (other.schedule && *schedule == *other.schedule);
  return same_hours && since <= other.since && until >= other.until;
}

Classifier::Asked Classifier::asked_of(std::uint8_t protocol, std::uint16_t number) const {
  const std::uint32_t key = key_of(protocol, number);
  const std::uint64_t step = std::uint64_t{1} << (number >> 10);
  const bool is_tcp = protocol == protocol::tcp, is_udp = protocol == protocol::udp;
  const bool is_other = !is_tcp && !is_udp;
  const bool is_narrow = is_other || (narrow_[is_udp][number >> 6] >> (number & 63) & 1);
  return {key, std::uint64_t{key} * 0xa0761d6478bd642fu, is_narrow, {is_tcp ? step : 0, is_udp ? step : 0}, is_other};
}

/// Some rule to this node may list the service.
inline bool Classifier::may_list(NodeId to, const Asked &asked) const {
  const Node &node = nodes_[to];
  if (node.as_partner == 0) return false;
  return ((node.wide[0] & asked.wide[0]) | (node.wide[1] & asked.wide[1])) != 0 ||
         (node.lists_others && asked.is_other) || (asked.is_narrow && services_.may_have(hash_of(to, asked)));
}

inline const Classifier::Bucket *Classifier::bucket(NodeId from, NodeId to) const {
  if ((nodes_[from].partners & nodes_[to].as_partner) == 0) return nullptr;
  const std::uint64_t hash = hash_of(from, to);
  return pairs_.may_have(hash) ? buckets_.find(std::pair(from, to), hash) : nullptr;
}

/// Whether `test` says yes of the node, one around it, or a set that one of them is in.
template <class Test> [[gnu::always_inline]] inline bool Classifier::any(NodeId node, Test test) const {
  for (; node != no_node; node = nodes_[node].parent) {
    if (test(node)) return true;
    for (std::uint32_t i = 0; i < nodes_[node].sets; ++i)
      if (test(set_ids_[nodes_[node].first_set + i])) return true;
  }
  return false;
}

void Classifier::set_parents(const std::vector<NodeId> &parents, std::size_t more) {
  nodes_.assign(parents.size() + more, Node{});
  for (std::size_t i = 0; i < parents.size(); ++i)
    nodes_[i].parent = parents[i];
}

NodeId Classifier::add_set(const Side &members) {
  NodeId id = static_cast<NodeId>(nodes_.size());
  nodes_.emplace_back();
  for (NodeId member : members)
    members_.emplace_back(member, id);
  return id;
}

void Classifier::add(RuleId rule, const Side &from, const Side &to,
                     std::span<const Selector> selectors) {
  std::size_t pairs = from.size() * to.size();
  if (pairs > max_expanded) {
    Side sets_from = from.size() > 1 ? Side{add_set(from)} : from;
    Side sets_to = to.size() > 1 ? Side{add_set(to)} : to;
    return add(rule, sets_from, sets_to, selectors);
  }
  if (items_.size() + pairs * selectors.size() > max_items) {
    too_many_ = true;
    return;
  }
  for (NodeId one : from)
    for (NodeId other : to)
      for (const Selector &selector : selectors)
        items_.push_back({one, other, rule, selector});
}

void Classifier::link_sets() {
  std::sort(members_.begin(), members_.end());
  members_.erase(std::unique(members_.begin(), members_.end()), members_.end());
  set_ids_.reserve(members_.size());
  for (const auto &[member, set] : members_) {
    Node &node = nodes_[member];
    if (node.sets++ == 0) node.first_set = static_cast<std::uint32_t>(set_ids_.size());
    set_ids_.push_back(set);
  }
  std::vector<std::pair<NodeId, NodeId>>().swap(members_);
}

bool Classifier::build(std::span<const Term> terms) {
  if (too_many_) return false;
  terms_.assign(terms.begin(), terms.end());
  link_sets();
  std::sort(items_.begin(), items_.end(), [](const Item &a, const Item &b) {
    return std::pair(a.from, a.to) < std::pair(b.from, b.to);
  });
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < items_.size(); ++i)
    pairs += i == 0 || items_[i].from != items_[i - 1].from || items_[i].to != items_[i - 1].to;
  buckets_.reserve(pairs);
  pairs_.reserve(pairs);
  fill_filter();
  intervals_.reserve(items_.size());
  for (std::size_t first = 0; first < items_.size();) {
    std::size_t last = first;
    while (last < items_.size() && items_[last].from == items_[first].from &&
           items_[last].to == items_[first].to)
      ++last;
    if (!fill(std::span<const Item>(items_).subspan(first, last - first))) return false;
    first = last;
  }
  inherit();
  find_hidden();
  std::vector<Item>().swap(items_);
  intervals_.shrink_to_fit();
  rule_lists_.shrink_to_fit();
  return true;
}

/// Which nodes list which services.  Narrow ranges port by port, wide ones in steps of 1024.
void Classifier::fill_filter() {
  auto width_of = [](const Item &item) { return item.selector.last - item.selector.first + 1u; };
  std::uint32_t most = max_narrow;
  auto count = [&] {
    std::size_t sum = 0;
    for (const Item &item : items_) sum += width_of(item) <= most ? width_of(item) : 0;
    return sum;
  };
  std::size_t filtered = count();
  if (filtered > max_filtered) {
    most = 1;
    filtered = count();
  }
  services_.reserve(filtered);
  for (const Item &item : items_) {
    const Selector &of = item.selector;
    Node &node = nodes_[item.to];
    bool is_other = of.protocol != protocol::tcp && of.protocol != protocol::udp;
    bool is_udp = of.protocol == protocol::udp;
    if (width_of(item) <= most) {
      for (std::uint32_t number = of.first; number <= of.last; ++number) {
        services_.add(hash_of(item.to, asked_of(of.protocol, static_cast<std::uint16_t>(number))));
        if (!is_other) narrow_[is_udp][number >> 6] |= std::uint64_t{1} << (number & 63);
      }
    } else if (is_other) {
      node.lists_others = true;
    } else {
      for (unsigned step = of.first >> 10; step <= of.last >> 10; ++step)
        node.wide[is_udp] |= std::uint64_t{1} << step;
    }
  }
}

/// What is said of a node is said of all in it.  Nodes come after those around them, sets after nodes.
void Classifier::inherit() {
  for (Node &node : nodes_) {
    node.all_partners = node.partners;
    node.all_as_partner = node.as_partner;
    auto add = [&](std::uint64_t partners, std::uint64_t as_partner) {
      node.all_partners |= partners;
      node.all_as_partner |= as_partner;
    };
    for (std::uint32_t i = 0; i < node.sets; ++i) {
      const Node &set = nodes_[set_ids_[node.first_set + i]];
      add(set.partners, set.as_partner);
    }
    if (node.parent != no_node)
      add(nodes_[node.parent].all_partners, nodes_[node.parent].all_as_partner);
  }
}

/// Sweeps over the ports: where a service begins or ends, another set of rules lists them.
bool Classifier::fill(std::span<const Item> of_pair) {
  const NodeId from = of_pair[0].from, to = of_pair[0].to;
  nodes_[from].partners |= bit_of(to);
  nodes_[to].as_partner = bit_of(to);
  Bucket bucket{from, to, static_cast<std::uint32_t>(intervals_.size()), 0};
  struct Edge {
    std::uint32_t at; // begins here, or has ended before here
    bool begins;
    RuleId rule;
  };
  std::vector<Edge> edges;
  edges.reserve(2 * of_pair.size());
  for (const Item &item : of_pair) {
    edges.push_back({key_of(item.selector.protocol, item.selector.first), true, item.rule});
    edges.push_back({key_of(item.selector.protocol, item.selector.last) + 1, false, item.rule});
  }
  std::sort(edges.begin(), edges.end(), [](const Edge &a, const Edge &b) { return a.at < b.at; });
  std::multiset<RuleId> active;
  std::vector<RuleId> answering; // of the active, those that can be the first in force
  for (std::size_t i = 0; i < edges.size();) {
    std::uint32_t at = edges[i].at;
    for (; i < edges.size() && edges[i].at == at; ++i) {
      if (edges[i].begins)
        active.insert(edges[i].rule);
      else
        active.erase(active.find(edges[i].rule));
    }
    if (active.empty()) continue;
    answering.clear();
    for (RuleId rule : active) {
      if (++work_ > max_work) return false;
      if (!is_hidden(rule, answering)) answering.push_back(rule);
      if (terms_[rule].is_always()) break; // none after it is ever asked
    }
    append(answering, at, edges[i].at - 1);
  }
  bucket.count = static_cast<std::uint32_t>(intervals_.size()) - bucket.first;
  buckets_.insert(bucket);
  pairs_.add(bucket.hash());
  return true;
}

/// Every flow of the rule is listed before it: then the rule is written in vain.
void Classifier::find_hidden() {
  std::sort(items_.begin(), items_.end(),
            [](const Item &a, const Item &b) { return a.rule < b.rule; });
  for (std::size_t first = 0; first < items_.size() && hidden_.size() < max_hidden;) {
    RuleId rule = items_[first].rule, by = no_rule;
    std::size_t i = first;
    for (; i < items_.size() && items_[i].rule == rule; ++i)
      if (i == first || by != no_rule) by = hiding(items_[i]);
    if (by != no_rule) hidden_.push_back({rule, by});
    first = i;
  }
}

/// One that answers for all of the item's flows, or none.
RuleId Classifier::hiding(const Item &item) const {
  const std::uint32_t first = key_of(item.selector.protocol, item.selector.first);
  const std::uint32_t last = key_of(item.selector.protocol, item.selector.last);
  RuleId found = no_rule;
  auto look_in = [&](const Bucket &bucket) {
    auto begin = intervals_.begin() + bucket.first, end = begin + bucket.count;
    auto at = std::upper_bound(begin, end, first, [](std::uint32_t key, const Interval &interval) {
      return key < interval.first;
    });
    if (at == begin) return;
    --at;
    // Only what is listed by one rule from end to end: intervals that touch and begin alike.
    std::uint32_t entry = at->count == 1 ? at->rules : rule_lists_[at->rules];
    RuleId before = entry & ~timed;
    if (before >= item.rule || before >= found || !terms_[before].outlasts(terms_[item.rule]))
      return;
    std::uint32_t covered = at->last;
    constexpr unsigned most = 64;
    for (unsigned i = 0; i < most && covered < last && ++at != end; ++i) {
      std::uint32_t next = at->count == 1 ? at->rules : rule_lists_[at->rules];
      if (at->first != covered + 1 || next != entry) return;
      covered = at->last;
    }
    if (covered >= last && begin->first <= first) found = before;
  };
  any(item.from, [&](NodeId one) {
    return any(item.to, [&](NodeId other) {
      if (const Bucket *found_bucket = bucket(one, other)) look_in(*found_bucket);
      return false;
    });
  });
  return found;
}

/// Never the first in force, because one before lasts as long.  Looks at a few; a rule kept in vain
/// costs time, not truth.
bool Classifier::is_hidden(RuleId rule, std::span<const RuleId> before) const {
  auto hides = [&](RuleId one) { return terms_[one].outlasts(terms_[rule]); };
  constexpr std::size_t few = 4;
  std::size_t near = std::min(few, before.size());
  return std::any_of(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(near), hides) ||
         std::any_of(before.end() - static_cast<std::ptrdiff_t>(near), before.end(), hides);
}

void Classifier::append(const std::vector<RuleId> &active, std::uint32_t first,
                        std::uint32_t last) {
  auto entry = [&](RuleId rule) { return terms_[rule].is_always() ? rule : rule | timed; };
  auto count = static_cast<std::uint32_t>(active.size());
  if (count == 1) {
    intervals_.push_back({first, last, entry(active[0]), 1});
    return;
  }
  intervals_.push_back({first, last, static_cast<std::uint32_t>(rule_lists_.size()), count});
  for (RuleId rule : active)
    rule_lists_.push_back(entry(rule));
}

bool Classifier::has_pair(NodeId from, NodeId to) const {
  return any(from, [&](NodeId one) {
    return nodes_[one].partners != 0 && any(to, [&](NodeId other) { return bucket(one, other) != nullptr; });
  });
}

Classifier::Match Classifier::find(NodeId from, NodeId to, std::uint8_t protocol,
                                   std::uint16_t number, UnixSeconds now) const {
  Match match;
  if ((nodes_[from].all_partners & nodes_[to].all_as_partner) == 0) return match;
  const Asked asked = asked_of(protocol, number);
  any(to, [&](NodeId other) {
    return may_list(other, asked) && any(from, [&](NodeId one) {
             if (const Bucket *of_pair = bucket(one, other)) look(*of_pair, asked.key, now, match);
             return false;
           });
  });
  if (!match.hosts_listed) match.hosts_listed = has_pair(from, to);
  return match;
}

void Classifier::look(const Bucket &bucket, std::uint32_t key, UnixSeconds now,
                      Match &match) const {
  match.hosts_listed = true;
  auto begin = intervals_.begin() + bucket.first, end = begin + bucket.count;
  auto found =
      std::upper_bound(begin, end, key, [](std::uint32_t wanted, const Interval &interval) {
        return wanted < interval.first;
      });
  if (found == begin || (--found)->last < key) return;
  std::span<const std::uint32_t> listed =
      found->count == 1 ? std::span(&found->rules, 1)
                        : std::span(rule_lists_).subspan(found->rules, found->count);
  for (std::uint32_t entry : listed) {
    RuleId rule = entry & ~timed;
    if (rule > match.rule) return; // no_rule is the largest
    if ((entry & timed) == 0 || terms_[rule].covers(now)) {
      match.rule = rule;
      return;
    }
    match.not_now = std::min(match.not_now, rule);
  }
}

} // namespace sekisho::rules
