#include "gateway/path/hits.hh"

#include <algorithm>
#include <string_view>

namespace sekisho::path {
namespace {

constexpr std::size_t row_size = 32;

/// FNV-1a with a finish; over text that the administrator wrote, so that no secret is needed.
std::uint64_t digest(Bytes octets) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (std::byte octet : octets) hash = (hash ^ std::to_integer<std::uint64_t>(octet)) * 0x100000001b3;
  hash = (hash ^ hash >> 32) * 0x9e3779b97f4a7c15;
  return hash ^ hash >> 29;
}

std::vector<RuleName> names_of(const rules::RuleSet &rules, const std::vector<rules::SentenceText> &texts) {
  std::unordered_map<std::string_view, RuleName> by_label;
  std::unordered_map<RuleName, std::uint64_t> said; // how often this text came before
  for (const rules::SentenceText &sentence : texts) {
    RuleName name = digest(as_bytes(sentence.text));
    name += said[name]++ * 0x9e3779b97f4a7c15;
    by_label[sentence.label] = name;
  }
  std::vector<RuleName> names;
  for (const std::string &label : rules.labels()) {
    auto found = by_label.find(label);
    names.push_back(found != by_label.end() ? found->second : digest(as_bytes(label)));
  }
  return names;
}

void add_to(RuleTotal &total, const RuleTotal &more) {
  total.packets += more.packets;
  total.octets += more.octets;
  total.last_used = std::max(total.last_used, more.last_used);
}

} // namespace

/// What came since `added` goes to `base_`.
void HitBook::add(const Present &rules, std::vector<RuleTotal> &added) {
  added.resize(rules.names.size());
  for (std::size_t rule = 0; rule < rules.names.size(); ++rule) {
    RuleTotal now = rules.policy->total(static_cast<rules::RuleId>(rule));
    if (now.packets == added[rule].packets && now.last_used == added[rule].last_used) continue;
    add_to(base_[rules.names[rule]], {now.packets - added[rule].packets, now.octets - added[rule].octets, now.last_used});
    added[rule] = now;
  }
}

void HitBook::adopt(std::shared_ptr<const Policy> policy, const std::vector<rules::SentenceText> &texts) {
  settle();
  if (present_.policy) {
    former_.push_back({std::move(present_), {}});
    add(former_.back().rules, former_.back().added);
  }
  std::vector<RuleName> names = names_of(policy->rules(), texts);
  present_ = {std::move(policy), std::move(names)};
}

RuleTotal HitBook::total(rules::RuleId rule) const {
  RuleTotal total = present_.policy->total(rule);
  if (auto past = base_.find(present_.names[rule]); past != base_.end()) add_to(total, past->second);
  return total;
}

/// Flows of former rules are counted on by the cores until they are decided again.
void HitBook::settle() {
  constexpr std::size_t most_former = 64;
  for (Former &former : former_) add(former.rules, former.added);
  std::erase_if(former_, [](const Former &former) {
    const Policy &policy = *former.rules.policy;
    for (std::size_t core = 0; core < policy.core_count(); ++core)
      if (policy.hits(core).use_count() > 1) return false;
    return true;
  });
  if (former_.size() > most_former) former_.erase(former_.begin());
}

Buffer HitBook::encode() {
  settle();
  auto kept = base_;
  for (std::size_t rule = 0; rule < present_.names.size(); ++rule)
    if (RuleTotal now = present_.policy->total(static_cast<rules::RuleId>(rule)); now.packets > 0)
      add_to(kept[present_.names[rule]], now);
  std::vector<std::pair<RuleName, RuleTotal>> rows(kept.begin(), kept.end());
  if (rows.size() > most_kept) { // what was used longest ago is forgotten
    std::ranges::nth_element(rows, rows.begin() + most_kept, std::greater<>(),
                             [](const auto &row) { return row.second.last_used; });
    rows.resize(most_kept);
  }
  ByteWriter writer;
  for (const auto &[name, total] : rows) {
    writer.put_u64(name);
    writer.put_u64(total.packets);
    writer.put_u64(total.octets);
    writer.put_u64(static_cast<std::uint64_t>(total.last_used));
  }
  return writer.take();
}

Result<void> HitBook::decode(Bytes untrusted) {
  if (untrusted.size() % row_size != 0 || untrusted.size() / row_size > most_kept) return fail("not hit counters");
  ByteReader reader(untrusted);
  while (!reader.at_end()) {
    RuleName name = reader.read_u64();
    RuleTotal total{reader.read_u64(), reader.read_u64(), static_cast<UnixSeconds>(reader.read_u64())};
    base_[name] = total;
  }
  return {};
}

} // namespace sekisho::path
