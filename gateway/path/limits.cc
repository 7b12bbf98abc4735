// Rules and sources lie in buckets of eight places, two buckets for each: bounded, without rehashing.  A place
// that counts nothing any more is free for the next; where sixteen places are taken, the newcomer is refused.
#include "gateway/path/limits.hh"

#include "base/check.hh"

#include <algorithm>
#include <bit>
#include <emmintrin.h>

namespace sekisho::path {
namespace {

constexpr std::size_t places = 8;

__extension__ using Wide = unsigned __int128;

class Guard {
public:
  explicit Guard(std::atomic_flag &lock) : lock_(lock) {
    while (lock_.test_and_set(std::memory_order_acquire))
      while (lock_.test(std::memory_order_relaxed)) _mm_pause();
  }
  ~Guard() { lock_.clear(std::memory_order_release); }
  Guard(const Guard &) = delete;
  Guard &operator=(const Guard &) = delete;

private:
  std::atomic_flag &lock_;
};

std::size_t buckets_for(std::size_t wanted) {
  return std::bit_ceil((wanted + places - 1) / places);
}

} // namespace

/// Written under the lock; what allow_packet() and snapshot() read are atomics.
struct Limits::Rule {
  bool is_used = false;
  std::atomic<RuleIdentity> identity{0};
  std::atomic<std::uint32_t> connections{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> packet_cost{0};
  std::atomic<std::uint64_t> octet_cost{0}; // in 1/65536 of Pace's units: an octet at 100 Gbit/s is 1.28 of them
  std::uint32_t holders = 0; // flows: connections and those that linger
  rules::Limits limits;
  Pace opening;
  std::array<Pace, 2> packets, bits; // of [opener, answerer]

  bool is_idle(std::uint64_t now) const {
    auto rests = [now](const Pace &pace) { return pace.is_at_rest(now); };
    return holders == 0 && rests(opening) && std::ranges::all_of(packets, rests) &&
           std::ranges::all_of(bits, rests);
  }
  void take_limits(const rules::Limits &wanted) {
    limits = wanted;
    packet_cost.store(Pace::cost_of(limits.packets_per_second), std::memory_order_relaxed);
    std::uint64_t bits = limits.bits_per_second;
    // 8 bits × 2^16 × 16·10^9 units a second fit 64 bits up to 2^63
    octet_cost.store(bits == 0 ? 0 : std::max<std::uint64_t>(1, Pace::second * 8 * 65536 / bits),
                     std::memory_order_relaxed);
  }
  bool is_paced() const { return limits.packets_per_second != 0 || limits.bits_per_second != 0; }
  bool counts_sources() const {
    return limits.source_connections != 0 || limits.source_new_per_second != 0;
  }
};

struct Limits::Source {
  std::uint32_t rule = none;
  std::uint32_t connections = 0, holders = 0;
  Ip ip;
  Pace opening;

  bool is_idle(std::uint64_t now) const { return holders == 0 && opening.is_at_rest(now); }
};

Limits::Limits(const LimitOptions &options)
    : key_(options.hash_key), rule_buckets_(buckets_for(options.rules)),
      source_buckets_(buckets_for(options.sources)), rules_(new Rule[rule_buckets_ * places]),
      sources_(new Source[source_buckets_ * places]) {
  CHECK(rule_buckets_ * places < LimitSlot::index && source_buckets_ * places < LimitSlot::index);
}

Limits::~Limits() = default;

std::uint64_t Limits::hash_of(std::uint64_t a, std::uint64_t b, std::uint64_t c) const {
  std::uint64_t hash = key_;
  for (std::uint64_t word : {a, b, c}) { // two halves of a wide product: no input word cancels another
    Wide product = Wide{hash ^ word ^ 0x9e3779b97f4a7c15} * (key_ ^ 0xd1b54a32d192ed03);
    hash = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  return hash;
}

namespace {

/// Its own place, else one that may be taken, else null.
template <class Place, class IsIt, class IsFree>
Place *place_in(Place *all, std::size_t buckets, std::uint64_t hash, IsIt is_it, IsFree is_free) {
  Place *free = nullptr;
  for (std::uint64_t half : {hash & 0xffffffff, hash >> 32}) {
    Place *bucket = all + (half & (buckets - 1)) * places;
    for (std::size_t i = 0; i < places; ++i) {
      if (is_it(bucket[i])) return &bucket[i];
      if (!free && is_free(bucket[i])) free = &bucket[i];
    }
  }
  return free;
}

} // namespace

Limits::Rule *Limits::rule_for(const rules::Permit &permit, RuleIdentity identity, std::uint64_t now) {
  auto is_it = [&](const Rule &rule) { return rule.is_used && rule.identity == identity; };
  auto is_free = [&](const Rule &rule) { return !rule.is_used || rule.is_idle(now); };
  Rule *rule = place_in(rules_.get(), rule_buckets_, hash_of(identity, 0, 0), is_it, is_free);
  if (!rule) return nullptr;
  if (!is_it(*rule)) {
    // Sources of the former rule hold no connection; what they opened in its last second may count here.
    for (Pace *pace : {&rule->opening, &rule->packets[0], &rule->packets[1], &rule->bits[0], &rule->bits[1]})
      pace->reset();
    rule->refused = 0;
    rule->identity = identity;
    rule->is_used = true;
  }
  rule->take_limits(permit.limits);
  return rule;
}

Limits::Source *Limits::source_for(std::uint32_t rule, const Ip &ip, std::uint64_t now) {
  auto [low, high] = ip.words();
  auto is_it = [&](const Source &source) { return source.rule == rule && source.ip == ip; };
  auto is_free = [&](const Source &source) { return source.rule == none || source.is_idle(now); };
  Source *source =
      place_in(sources_.get(), source_buckets_, hash_of(low, high, rule), is_it, is_free);
  if (source && !is_it(*source)) {
    source->rule = rule;
    source->ip = ip;
    source->connections = source->holders = 0;
    source->opening.reset();
  }
  return source;
}

LimitSlot Limits::count(Rule &rule, Source *source) {
  rule.connections.fetch_add(1, std::memory_order_relaxed);
  ++rule.holders;
  LimitSlot slot;
  slot.value = static_cast<std::uint32_t>(source ? source - sources_.get() : &rule - rules_.get());
  if (source) {
    ++source->connections;
    ++source->holders;
    slot.value |= LimitSlot::of_source;
  }
  if (rule.is_paced()) slot.value |= LimitSlot::paced;
  return slot;
}

Limits::Admission Limits::admit(const rules::Permit &permit, RuleIdentity identity, const Ip &ip,
                                std::uint64_t now) {
  if (!permit.limits.any()) return {};
  const rules::Limits &limits = permit.limits;
  std::uint64_t time = Pace::time_of(now);
  Guard guard(lock_);
  Rule *rule = rule_for(permit, identity, time);
  if (!rule) return {.reason = Reason::limit_table_full, .slot = {}};
  auto refuse = [&](Reason reason) -> Admission {
    rule->refused.fetch_add(1, std::memory_order_relaxed);
    return {.reason = reason, .slot = {}};
  };
  Source *source = nullptr;
  if (rule->counts_sources()) {
    source = source_for(static_cast<std::uint32_t>(rule - rules_.get()), ip, time);
    if (!source) return refuse(Reason::limit_table_full);
    if (limits.source_connections != 0 && source->connections >= limits.source_connections)
      return refuse(Reason::limit_source_connections);
    if (!source->opening.has_room(Pace::cost_of(limits.source_new_per_second), time))
      return refuse(Reason::limit_source_new);
  }
  if (limits.connections != 0 && rule->connections >= limits.connections)
    return refuse(Reason::limit_connections);
  if (!rule->opening.take(Pace::cost_of(limits.new_per_second), time))
    return refuse(Reason::limit_new);
  if (source) source->opening.take(Pace::cost_of(limits.source_new_per_second), time);
  return {.reason = Reason::none, .slot = count(*rule, source)};
}

Limits::Admission Limits::carry_over(LimitSlot slot, const rules::Permit &permit,
                                     RuleIdentity identity, const Ip &ip, std::uint64_t now) {
  if (!slot.is_held() && !permit.limits.any()) return {};
  std::uint64_t time = Pace::time_of(now);
  Guard guard(lock_);
  if (slot.is_held()) drop_holder(slot);
  if (!permit.limits.any()) return {};
  Rule *rule = rule_for(permit, identity, time);
  if (!rule) return {.reason = Reason::limit_table_full, .slot = {}};
  Source *source = nullptr;
  if (rule->counts_sources())
    source = source_for(static_cast<std::uint32_t>(rule - rules_.get()), ip, time);
  return {.reason = Reason::none, .slot = count(*rule, source)};
}

void Limits::drop_connection(LimitSlot slot) {
  std::uint32_t before = rule_of(slot).connections.fetch_sub(1, std::memory_order_relaxed);
  CHECK(before > 0);
  if (slot.value & LimitSlot::of_source) {
    Source &source = sources_[slot.value & LimitSlot::index];
    CHECK(source.connections > 0);
    --source.connections;
  }
}

void Limits::drop_holder(LimitSlot slot) {
  if (!(slot.value & LimitSlot::over)) drop_connection(slot);
  Rule &rule = rule_of(slot);
  CHECK(rule.holders > 0);
  --rule.holders;
  if (slot.value & LimitSlot::of_source) --sources_[slot.value & LimitSlot::index].holders;
}

void Limits::release(LimitSlot slot) {
  if (!slot.is_held()) return;
  Guard guard(lock_);
  drop_holder(slot);
}

LimitSlot Limits::end_connection(LimitSlot slot) {
  if (!slot.is_held() || (slot.value & LimitSlot::over)) return slot;
  Guard guard(lock_);
  drop_connection(slot);
  slot.value |= LimitSlot::over;
  return slot;
}

/// Neither place can change hands while the slot is held.
Limits::Rule &Limits::rule_of(LimitSlot slot) const {
  std::uint32_t index = slot.value & LimitSlot::index;
  return rules_[slot.value & LimitSlot::of_source ? sources_[index].rule : index];
}

Reason Limits::allow_packet(LimitSlot slot, bool from_opener, std::uint32_t octets,
                            std::uint64_t now) {
  if (!slot.is_paced()) return Reason::none;
  Rule &rule = rule_of(slot);
  std::uint64_t time = Pace::time_of(now);
  std::uint64_t packet_cost = rule.packet_cost.load(std::memory_order_relaxed);
  std::uint64_t octet_cost = rule.octet_cost.load(std::memory_order_relaxed);
  std::uint64_t bit_cost = (octet_cost * octets + 65535) >> 16;
  Pace &packets = rule.packets[from_opener ? 0 : 1], &bits = rule.bits[from_opener ? 0 : 1];
  if (!packets.take(packet_cost, time)) {
    rule.refused.fetch_add(1, std::memory_order_relaxed);
    return Reason::limit_rate;
  }
  if (bits.take(std::min(bit_cost, Pace::second), time)) return Reason::none;
  packets.give_back(packet_cost); // a packet that did not pass uses nothing up
  rule.refused.fetch_add(1, std::memory_order_relaxed);
  return Reason::limit_rate;
}

std::vector<Limits::Row> Limits::snapshot() const {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < rule_buckets_ * places; ++i) {
    const Rule &rule = rules_[i];
    Row row{.rule = rule.identity.load(std::memory_order_relaxed),
            .connections = rule.connections.load(std::memory_order_relaxed),
            .refused = rule.refused.load(std::memory_order_relaxed)};
    if (row.connections != 0 || row.refused != 0) rows.push_back(row);
  }
  return rows;
}

std::size_t Limits::sources_in_use(std::uint64_t now) const {
  Guard guard(lock_);
  std::size_t count = 0;
  for (std::size_t i = 0; i < source_buckets_ * places; ++i)
    count += sources_[i].rule != none && !sources_[i].is_idle(Pace::time_of(now));
  return count;
}

} // namespace sekisho::path
