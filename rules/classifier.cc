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
  intervals_.reserve(items_.size());
  for (std::size_t first = 0; first < items_.size();) {
    std::size_t last = first;
    while (last < items_.size() && items_[last].from == items_[first].from &&
           items_[last].to == items_[first].to)
      ++last;
    if (!fill(std::span<const Item>(items_).subspan(first, last - first))) return false;
    first = last;
  }
  find_hidden();
  std::vector<Item>().swap(items_);
  intervals_.shrink_to_fit();
  rule_lists_.shrink_to_fit();
  return true;
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
  each(item.from, [&](NodeId one) {
    const std::uint64_t partners = nodes_[one].partners;
    each(item.to, [&](NodeId other) {
      if ((partners & nodes_[other].as_partner) == 0) return;
      if (const Bucket *bucket = buckets_.find(std::pair(one, other), hash_of(one, other)))
        look_in(*bucket);
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

/// The node, those around it, and the sets they are in.
template <class Visit> void Classifier::each(NodeId node, Visit visit) const {
  for (; node != no_node; node = nodes_[node].parent) {
    visit(node);
    for (std::uint32_t i = 0; i < nodes_[node].sets; ++i)
      visit(set_ids_[nodes_[node].first_set + i]);
  }
}

Classifier::Match Classifier::find(NodeId from, NodeId to, std::uint8_t protocol,
                                   std::uint16_t number, UnixSeconds now) const {
  Match match;
  prefetch(to);
  buckets_.prefetch(hash_of(from, to)); // the most common question of all
  const std::uint32_t key = key_of(protocol, number);
  each(from, [&](NodeId one) {
    const std::uint64_t partners = nodes_[one].partners;
    if (partners == 0) return;
    each(to, [&](NodeId other) {
      if ((partners & nodes_[other].as_partner) == 0) return;
      if (const Bucket *bucket = buckets_.find(std::pair(one, other), hash_of(one, other)))
        look(*bucket, key, now, match);
    });
  });
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
