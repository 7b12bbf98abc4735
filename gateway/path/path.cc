#include "gateway/path/path.hh"

#include "gateway/path/vrrp.hh"

#include "base/check.hh"
#include "gateway/path/quick.hh"

#include <algorithm>
#include <bit>

namespace sekisho::path {
namespace {

/// What the ends of an IPv6 flow say of a packet.
wire::Headers recalled(const flow::Ends &ends, bool is_of_answerer) {
  const flow::Ends &mine = is_of_answerer ? ends.turned() : ends;
  wire::Headers headers;
  headers.network = wire::Network::ipv6;
  headers.protocol = mine.protocol;
  headers.source = mine.source;
  headers.destination = mine.destination;
  headers.source_port = mine.source_port;
  headers.destination_port = mine.destination_port;
  return headers;
}

/// What the key of a plain packet of IPv4 says of it.
wire::Headers recalled(const flow::Key &key, bool source_is_high) {
  Ip low = Ip::from_v4(__builtin_bswap32(static_cast<std::uint32_t>(key.front >> 32)));
  Ip high = Ip::from_v4(__builtin_bswap32(static_cast<std::uint32_t>(key.back)));
  std::uint16_t low_port = __builtin_bswap16(static_cast<std::uint16_t>(key.back >> 32));
  std::uint16_t high_port = __builtin_bswap16(static_cast<std::uint16_t>(key.back >> 48));
  wire::Headers headers;
  headers.network = wire::Network::ipv4;
  headers.protocol = static_cast<std::uint8_t>(key.front >> 8);
  headers.source = source_is_high ? high : low;
  headers.destination = source_is_high ? low : high;
  headers.source_port = source_is_high ? high_port : low_port;
  headers.destination_port = source_is_high ? low_port : high_port;
  return headers;
}

/// Bit i: packet i, of so many.
std::uint64_t first_ones(std::size_t count) {
  return count < burst_size ? (std::uint64_t{1} << count) - 1 : ~std::uint64_t{0};
}

std::unique_ptr<Limits> own_limits(const PathOptions &options) {
  return std::make_unique<Limits>(LimitOptions{.hash_key = options.hash_key[1]});
}

} // namespace

Path::Path(const PathOptions &options, port::FramePool &pool, EventRing *events)
    : options_(options), pool_(pool), events_(events),
      flows_(options.flows, options.hash_key, options.portable),
      claims_(options.hash_key[0]), link_budget_(options.hash_key[2]), own_limits_(options.limits ? nullptr : own_limits(options)),
      limits_(options.limits ? *options.limits : *own_limits_),
      reassembly_(options.reassembly, options.hash_key, pool,
                  [this](const DatagramKey &datagram, Reason reason, std::span<const port::Frame> frames) {
                    note_lost(datagram, reason, frames.size());
                  }),
      stages_(options.portable ? portable_stages() : best_stages()) {
  if (options.sightings) sightings_.emplace(*options.sightings);
  followers_.reserve(2 * burst_size);
}

void Path::attach(rules::ZoneId zone, port::Port &port, port::Port *tap) {
  CHECK(zone < rules::max_zones);
  door(zone, Side::port).port = &port;
  door(zone, Side::port).mac = port.mac();
  door(zone, Side::kernel).port = tap;
  std::uint64_t mac = number_of(port.mac());
  exits_.mac_front[zone] = static_cast<std::uint32_t>(mac << 16);
  exits_.mac_back[zone] = static_cast<std::uint32_t>(mac >> 16);
}

std::shared_ptr<const Policy> Path::adopt(std::shared_ptr<const Policy> policy) {
  Neighbours::Table nobody;
  neighbours_.adopt(policy ? policy->neighbours(options_.core) : nobody);
  std::swap(policy_, policy);
  next_generation();
  decide_again_at_ = 0;
  for (rules::ZoneId zone = 0; zone < rules::max_zones; ++zone)
    exits_.largest[zone] = largest_frame(zone);
  return policy;
}

/// What the zone's MTU lets out.  A capture may have been taken where the card had put packets together.
std::uint32_t Path::largest_frame(rules::ZoneId zone) const {
  constexpr std::uint32_t usual = 1500;
  bool is_listed = policy_ && zone < policy_->rules().zones().size();
  std::uint32_t mtu = is_listed ? policy_->rules().zones()[zone].mtu : 0;
  if (mtu == 0 && options_.replay) return pool_.capacity();
  std::uint32_t largest = static_cast<std::uint32_t>(wire::ethernet_size) + (mtu == 0 ? usual : mtu);
  return std::min(largest, pool_.capacity());
}

void Path::next_generation() {
  if (++generation_ == flow::no_generation) ++generation_;
  sweeps_of_generation_ = 0;
  burst_room_ = renewal_burst;
  if (!policy_) return;
  const std::shared_ptr<Hits> &hits = policy_->hits(options_.core);
  if (!eras_.empty() && eras_.back().hits == hits) return;
  eras_.push_back({generation_, hits});
  constexpr std::size_t most = 64; // rules that change faster than a sweep goes round lose counts
  if (eras_.size() > most) eras_.erase(eras_.begin());
}

void Path::sever(std::uint32_t zones) {
  std::uint32_t cut = zones & ~severed_;
  severed_ = zones;
  if (cut == 0) return;
  reassembly_.forget(cut, Reason::zone_severed);
  flows_.for_each([&](flow::Entry &entry) {
    if ((cut >> entry.from | cut >> entry.to) & 1) end_flow(entry);
  });
}

void Path::end_flows() {
  flows_.for_each([this](flow::Entry &entry) { end_flow(entry); });
}

std::size_t Path::turn(const Now &now, bool with_taps) {
  std::size_t total = 0;
  for (rules::ZoneId zone = 0; zone < rules::max_zones; ++zone) {
    for (Side side : {Side::port, Side::kernel}) {
      port::Port *port = door(zone, side).port;
      if (!port || (side == Side::kernel && !with_taps)) continue;
      burst_.zone = zone;
      burst_.side = side;
      burst_.now = now;
      const std::size_t asked_for = burst_room_;
      burst_.count = port->receive(std::span(burst_.frames).first(asked_for));
      total += burst_.count;
      if (options_.known_first)
        burst_.strangers = door(zone, side).patience.share(burst_.count == asked_for, now.nanoseconds);
      if (burst_.count > 0) run_burst();
    }
  }
  burst_.now = now;
  keep_house();
  return total;
}

std::span<const Fate> Path::run(rules::ZoneId zone, Side side, std::span<const port::Frame> frames,
                                const Now &now) {
  CHECK(frames.size() <= burst_size && zone < rules::max_zones);
  burst_.zone = zone;
  burst_.side = side;
  burst_.now = now;
  burst_.count = frames.size();
  burst_.strangers = burst_size;
  std::ranges::copy(frames, burst_.frames.begin());
  run_burst();
  for (std::uint64_t quick = burst_.quick; quick != 0; quick &= quick - 1) {
    auto i = static_cast<std::size_t>(std::countr_zero(quick));
    burst_.fates[i] = fate_of_quick(i);
  }
  keep_house();
  return std::span(burst_.fates).first(burst_.count);
}

void Path::run_burst() {
  burst_.seconds = burst_.now.seconds();
  burst_.has_rules = policy_ && burst_.zone < policy_->rules().zones().size();
  burst_.may_be_quick =
      burst_.has_rules && burst_.side == Side::port && !is_severed(burst_.zone) && options_.quick;
  follow_clock(); // verdicts grow old
  read_all();     // what each packet is, and its flow's key
  look_up_all();  // hash, and the flow's line on its way into the cache
  stages_.has_bmi2 ? judge_all_bmi2() : judge_all(); // flow or rules decide; permitted packets are rewritten, others counted and let go
  send_all();     // one call a door
  count_all();
  flows_.end_burst();
  if (is_nearly_full()) [[unlikely]] make_room();
}

void Path::read_all() {
  stages_.read(std::span(burst_.frames).first(burst_.count), number_of(mac_of(burst_.zone)), burst_);
  const bool is_bounded = burst_.has_rules && burst_.side == Side::port && !is_severed(burst_.zone) && !options_.replay;
  burst_.excess = 0;
  for (std::uint64_t odd = first_ones(burst_.count) & ~burst_.plain; odd != 0; odd &= odd - 1) {
    auto i = static_cast<std::size_t>(std::countr_zero(odd));
    if (is_bounded && is_beyond_budget(burst_.frames[i])) {
      burst_.excess |= std::uint64_t{1} << i;
      burst_.keys[i] = {};
      burst_.lengths[i] = burst_.frames[i].length;
      continue;
    }
    if (read_plain6(burst_.frames[i], number_of(mac_of(burst_.zone)), flows_.hasher(), i, burst_)) continue;
    read_closely(i);
    bool has_flow = burst_.reasons[i] == Reason::none &&
                    burst_.headers[i].network != wire::Network::arp;
    bool source_is_high = false;
    burst_.keys[i] = has_flow ? flows_.hasher().key_of(ends_of(burst_.headers[i]), source_is_high)
                              : flow::Key{};
    burst_.source_is_high[i] = source_is_high;
  }
}

void Path::read_closely(std::size_t i) {
  const port::Frame &frame = burst_.frames[i];
  burst_.reasons[i] = wire::parse(frame.bytes(), burst_.headers[i]);
  // Whether somebody may send it is the rules' to say.
  if (burst_.reasons[i] == Reason::ip_multicast && is_vrrp(burst_.headers[i]))
    burst_.reasons[i] = Reason::none;
  if (frame.vlan_stripped) burst_.reasons[i] = Reason::vlan_unlisted;
}

void Path::look_up_all() {
  flows_.hasher().hash(std::span(burst_.keys).first(burst_.count), burst_.hashes.data());
  flows_.look_up(std::span(burst_.hashes).first(burst_.count), burst_.candidates.data());
  for (std::uint64_t ipv6 = burst_.ipv6; ipv6 != 0; ipv6 &= ipv6 - 1)
    if (flow::Table::Index candidate = burst_.candidates[static_cast<std::size_t>(std::countr_zero(ipv6))];
        candidate != flow::Table::none)
      flows_.prefetch_ends(candidate);
}

/// Of one that got the closer look.
void Path::settle_fate(std::size_t i, const Fate &fate) {
  if (is_held(fate)) {
    burst_.fates[i] = fate;
    burst_.places[i] = Burst::nowhere;
    has_gaps_ = true;
  } else if (fate.verdict == rules::Verdict::drop) {
    if (fate.reason == Reason::strangers_shed) shed(i);
    else drop(i, fate, subject_of(i));
    drop_rest(i);
  } else {
    leave(i, fate);
    leave_rest(i);
  }
}

[[gnu::always_inline]] inline void Path::judge_each() {
  const Surroundings around = surroundings();
  auto screened = [&](std::uint64_t which) {
    if (!burst_.may_be_quick) return std::uint64_t{0};
    std::uint64_t found = stages_.screen(around, which, burst_, burst_.candidates.data(), burst_);
    for (std::uint64_t ipv6 = found & burst_.ipv6; ipv6 != 0; ipv6 &= ipv6 - 1)
      if (!has_ends_of_flow(static_cast<std::size_t>(std::countr_zero(ipv6)))) found &= ~(ipv6 & -ipv6);
    return found;
  };
  std::uint64_t quick = screened(first_ones(burst_.count)), octets = 0;
  std::uint32_t busy = 0, known_changes = neighbours_.changes();
  flow::Entry *const entries = flows_.entries();
  const std::uint32_t seconds = burst_.seconds;
  burst_.verdicts = {};
  burst_.dropped_count = burst_.shed = 0;
  has_gaps_ = false;
  const std::uint64_t refused = ask_about_strangers(first_ones(burst_.count) & ~quick) | burst_.excess;
  if (std::uint64_t renewed = renew_together(first_ones(burst_.count) & ~quick & ~refused)) quick = screened(quick | renewed);
  for (std::size_t base = 0; base < burst_.count; base += together) {
    const Passed passed = pass_together(base, quick, entries, seconds);
    octets += passed.octets;
    busy |= passed.doors;
    const std::uint64_t group = first_ones(std::min(base + together, burst_.count)) & ~first_ones(base);
    const std::uint64_t gone = std::uint64_t{passed.which} << base;
    for (std::uint64_t rest = group & ~gone; rest != 0; rest &= rest - 1) {
      auto i = static_cast<std::size_t>(std::countr_zero(rest));
      if (quick >> i & 1) {
        if (pass_quickly(i, entries, seconds)) {
          octets += burst_.lengths[i];
          busy |= 1u << burst_.places[i];
          continue;
        }
        quick ^= std::uint64_t{1} << i;
      }
      if ((refused >> i & 1) && refuse_stranger(i)) {
        octets += burst_.lengths[i];
        continue;
      }
      if (burst_.is_plain(i)) read_closely(i);
      settle_fate(i, judge(i));
      octets += burst_.headers[i].length;
      if (neighbours_.changes() == known_changes) continue;
      known_changes = neighbours_.changes();
      std::uint64_t so_far = first_ones(i + 1) | gone;
      quick = (quick & so_far) | screened(first_ones(burst_.count) & ~so_far);
    }
  }
  if (burst_.shed > 0) note_shed();
  busy_doors_ |= busy;
  burst_.octets = octets;
  burst_.quick = quick;
  burst_.verdicts[static_cast<std::size_t>(rules::Verdict::pass)] += static_cast<unsigned>(std::popcount(quick));
  if (burst_.dropped_count > 0)
    pool_.release(std::span(burst_.dropped).first(burst_.dropped_count));
}

void Path::judge_all() { judge_each(); }
#if defined(__x86_64__)
/// Windows are shifted by what the ends have said: three instructions each without.
[[gnu::target("bmi2")]] void Path::judge_all_bmi2() { judge_each(); }
#else
void Path::judge_all_bmi2() { judge_each(); }
#endif

/// Its entry is as it was, until the next burst.
Fate Path::fate_of_quick(std::size_t i) const {
  return {rules::Verdict::pass, Reason::none, static_cast<rules::ZoneId>(burst_.places[i] / 2), Side::port,
          flows_.entries()[burst_.candidates[i]].rule_id()};
}

void Path::drop(std::size_t i, const Fate &fate, const rules::PacketSubject &who) {
  let_go(i, fate);
  note_refusal(who, fate);
}

/// Together with the others of the burst: those who are too many are not told apart.
void Path::shed(std::size_t i) {
  let_go(i, dropped(Reason::strangers_shed));
  ++burst_.shed;
}

void Path::note_shed() {
  burst_.verdicts[static_cast<std::size_t>(rules::Verdict::drop)] += burst_.shed;
  counters_.zones[burst_.zone].reasons[static_cast<std::size_t>(Reason::strangers_shed)].add(burst_.shed);
  rules::PacketSubject nobody;
  nobody.from = burst_.zone;
  if (events_) refusals_.add({nobody, Reason::strangers_shed, rules::no_rule, burst_.now.unix}, burst_.shed);
}

void Path::let_go(std::size_t i, const Fate &fate) {
  burst_.fates[i] = fate;
  burst_.places[i] = Burst::nowhere;
  has_gaps_ = true;
  burst_.dropped[burst_.dropped_count++] = burst_.frames[i];
  if (options_.evidence)
    options_.evidence->offer(fate.reason, burst_.zone, burst_.side == Side::kernel, fate.rule, burst_.frames[i].bytes(),
                             burst_.now);
}

void Path::send_all() {
  bool is_one_way = std::has_single_bit(busy_doors_) && !has_gaps_;
  for (; busy_doors_ != 0; busy_doors_ &= busy_doors_ - 1) {
    auto place = static_cast<unsigned>(std::countr_zero(busy_doors_));
    if (is_one_way) {
      send(place, std::span(burst_.frames).first(burst_.count), nullptr);
      continue;
    }
    std::size_t count = 0;
    for (std::size_t i = 0; i < burst_.count; ++i) {
      if (burst_.places[i] != place) continue;
      burst_.gathered[count] = burst_.frames[i];
      burst_.whose[count++] = static_cast<std::uint8_t>(i);
    }
    send(place, std::span(burst_.gathered).first(count), burst_.whose.data());
  }
  send_rest();
}

/// `whose`: the frames' places in the burst; null: they are the burst.
void Path::send(unsigned place, std::span<const port::Frame> frames, const std::uint8_t *whose) {
  auto zone = static_cast<rules::ZoneId>(place / 2);
  Side side = place % 2 ? Side::kernel : Side::port;
  std::size_t sent = door(zone, side).port->transmit(frames);
  if (side == Side::port) counters_.zones[zone].sent.add(sent);
  bool is_relayed = side == Side::kernel || zone == burst_.zone;
  for (std::size_t i = sent; i < frames.size(); ++i)
    lose(whose ? whose[i] : i, is_relayed ? rules::Verdict::relay : rules::Verdict::pass);
}

/// The port did not take it: it did not pass after all.  The frame is gone; its key or flow knows whose it was.
void Path::lose(std::size_t i, rules::Verdict verdict) {
  std::uint64_t bit = std::uint64_t{1} << i;
  const bool was_quick = burst_.quick & bit;
  Fate fate = was_quick ? fate_of_quick(i) : burst_.fates[i];
  burst_.quick &= ~bit;
  --burst_.verdicts[static_cast<std::size_t>(verdict)];
  burst_.fates[i] = dropped(Reason::transmit_failed, fate.rule);
  if (burst_.is_plain(i) && !burst_.is_ipv6(i))
    burst_.headers[i] = recalled(burst_.keys[i], burst_.source_is_high[i]);
  else if (was_quick) // an IPv6 key is a digest
    burst_.headers[i] = recalled(flows_.aside(flows_.entries()[burst_.candidates[i]]).ends, burst_.is_answerer[i]);
  note_refusal(subject_of(i), burst_.fates[i]);
}

void Path::count_all() {
  ZoneCounters &zone = counters_.zones[burst_.zone];
  (burst_.side == Side::port ? zone.from_port : zone.from_kernel).add(burst_.count);
  zone.octets.add(burst_.octets);
  for (std::size_t i = 0; i < burst_.verdicts.size(); ++i) zone.verdicts[i].add(burst_.verdicts[i]);
}

void Path::note_refusal(const rules::PacketSubject &who, const Fate &fate) {
  ++burst_.verdicts[static_cast<std::size_t>(rules::Verdict::drop)];
  counters_.zones[who.from].reasons[static_cast<std::size_t>(Reason{fate.reason})].add();
  if (is_about_identity(fate.reason)) see(Standing::refused, fate.reason, who.source_mac, who.source);
  if (events_) refusals_.add({who, fate.reason, fate.rule, burst_.now.unix});
}

void Path::settle() {
  flows_.for_each([this](flow::Entry &entry) { report_volume(entry); });
}

bool Path::survey(Survey &survey) const {
  return survey.go_on(flows_, [this](const flow::Entry &entry) { return row_of(entry); });
}

FlowRow Path::row_of(const flow::Entry &entry) const {
  const flow::Aside &aside = flows_.aside(entry);
  std::uint32_t now = burst_.now.seconds();
  return {.ends = aside.ends,
          .from = entry.from,
          .to = entry.to,
          .state = entry.state,
          .from_kernel = entry.from_kernel != 0,
          .relayed = entry.relayed != 0,
          .rule = is_of_present_rules(entry) ? entry.rule_id() : rules::no_rule,
          .packets = aside.packets + entry.volume.waiting_packets(),
          .octets = entry.volume.octets(),
          .age = now - aside.opened_at,
          .idle = now - entry.last_seen};
}

/// As the permit's `log` says; relays and local sentences have none, theirs are recorded when they open.
void Path::note_flow(const flow::Entry &entry, const rules::Permit *permit) {
  counters_.flows_opened.add();
  rules::FlowLog log = permit ? permit->log : rules::FlowLog::opened;
  flows_.aside(entry).tells_its_end = log == rules::FlowLog::ended;
  if (log != rules::FlowLog::none) tell(event_of(entry, Event::Kind::flow_permitted));
}

void Path::note_end(const flow::Entry &entry) {
  const flow::Aside &aside = flows_.aside(entry);
  if (!aside.tells_its_end) return;
  Event event = event_of(entry, Event::Kind::flow_ended);
  event.count = aside.packets;
  event.octets = entry.volume.octets();
  event.seconds = entry.last_seen - aside.opened_at;
  tell(event);
}

Event Path::event_of(const flow::Entry &entry, Event::Kind kind) const {
  const flow::Aside &aside = flows_.aside(entry);
  bool is_echo = rules::protocol::is_icmp(aside.ends.protocol);
  return {.kind = kind,
          .zone = entry.from,
          .to = entry.relayed ? rules::no_zone : entry.to,
          .from_kernel = entry.from_kernel != 0,
          .protocol = aside.ends.protocol,
          .source_mac = aside.opener_mac,
          .source = aside.ends.source,
          .destination = aside.ends.destination,
          .source_port = is_echo ? std::uint16_t{0} : aside.ends.source_port,
          .destination_port = is_echo ? std::uint16_t{0} : aside.ends.destination_port,
          .rule = is_of_present_rules(entry) ? entry.rule_id() : rules::no_rule,
          .time = burst_.now.unix};
}

/// The number of a rule means something with its own rules only.
bool Path::is_of_present_rules(const flow::Entry &entry) const {
  return !eras_.empty() &&
         static_cast<std::int16_t>(entry.generation - eras_.back().since) >= 0;
}

void Path::tell(const Event &event) {
  if (events_ && !events_->push(event)) counters_.events_lost.add();
}

/// Rules end and begin with time (Z7): then every flow is decided again, at its next packet or when it is
/// swept.  A clock that was set back is as good as a new one.
void Path::follow_clock() {
  UnixSeconds now = burst_.now.unix;
  if (now < decide_again_at_ && now >= decided_at_) return;
  decided_at_ = now;
  decide_again_at_ = policy_ ? policy_->rules().next_change(now) : now + 1;
  next_generation();
}

Hits *Path::hits_of(std::uint16_t generation) const {
  for (auto era = eras_.rbegin(); era != eras_.rend(); ++era)
    if (static_cast<std::int16_t>(generation - era->since) >= 0) return era->hits.get();
  return nullptr;
}

/// To the counters of the rule that let it through.
void Path::report_volume(flow::Entry &entry) {
  Hits *hits = hits_of(entry.generation);
  flow::Aside &aside = flows_.aside(entry);
  std::uint32_t packets = entry.volume.take_packets();
  std::uint64_t octets = entry.volume.octets() - aside.counted_octets;
  if (packets == 0 || !hits || entry.rule_id() >= hits->size()) return;
  aside.packets += packets;
  aside.counted_octets += octets;
  RuleHits &rule = (*hits)[entry.rule_id()];
  rule.packets.add(packets);
  rule.octets.add(octets);
  UnixSeconds used = burst_.now.unix - (burst_.now.seconds() - entry.last_seen);
  if (rule.last_used.load(std::memory_order_relaxed) < used)
    rule.last_used.store(used, std::memory_order_relaxed);
}

void Path::end_flow(flow::Entry &entry) {
  report_volume(entry);
  forget_flow(entry);
}

/// Its volume was reported: its place among the limited is free, and whoever watches is told.
void Path::forget_flow(flow::Entry &entry) {
  const flow::Aside &aside = flows_.aside(entry);
  note_end(entry);
  limits_.release({aside.limit_slot});
  if (options_.on_flow_end) options_.on_flow_end(entry, aside);
  flows_.remove(entry);
}

bool Path::is_nearly_full() const {
  std::size_t spare = std::min(burst_size, flows_.capacity() / 16); // for the next burst's new flows
  return flows_.size() + spare > flows_.capacity();
}

/// A flood of openings must not shut the door to others (Z8): where the table is nearly full, flows without an
/// answer go before their time, about in the order they came: those a second old or more, and where most flows
/// are such, all.  Those that talk stay.
void Path::make_room() {
  constexpr std::uint64_t pause = 1'000'000; // ns, when there was none to be found
  constexpr std::size_t looked_at = 4 * burst_size;
  if (burst_.now.nanoseconds - room_sought_at_ < pause) return;
  std::size_t embryonic = 0;
  auto look = [&](std::uint32_t age) {
    for (std::size_t count = 0; count < looked_at && is_nearly_full(); ++count) {
      room_at_ = room_at_ + 1 < flows_.extent() ? room_at_ + 1 : 0;
      flow::Entry *entry = flows_.at(room_at_);
      if (!entry || !flow::is_embryonic(entry->state)) continue;
      ++embryonic;
      if (burst_.seconds - entry->last_seen >= age) end_flow(*entry);
    }
  };
  if (burst_.now.nanoseconds - old_sought_at_ >= pause) {
    look(2); // of whole seconds
    are_most_embryonic_ = embryonic > looked_at / 2;
    if (is_nearly_full()) old_sought_at_ = burst_.now.nanoseconds;
  }
  if (is_nearly_full() && are_most_embryonic_) look(0);
  if (is_nearly_full()) room_sought_at_ = burst_.now.nanoseconds;
  flows_.end_burst();
}

/// Between bursts: what is old goes, a little at a time.
void Path::keep_house() {
  const Now &now = burst_.now;
  follow_clock();
  counters_.flows.store(flows_.size(), std::memory_order_relaxed);
  if (neighbours_.tidy(now.seconds())) next_generation();
  constexpr std::uint64_t pause = 1'000'000; // ns between two sweeps
  if (now.nanoseconds - swept_at_ >= pause) {
    swept_at_ = now.nanoseconds;
    sweep();
    constexpr std::size_t datagrams = 64; // a millisecond's share, and more, of a full table
    reassembly_.sweep(now.seconds(), datagrams);
    if (options_.listen)
      for (Acquaintance heard; options_.listen->pop(heard);) take_word(heard);
  }
  if (options_.evidence) options_.evidence->tidy(now);
  if (events_ && refusals_.is_due(now.nanoseconds))
    counters_.events_lost.add(refusals_.flush(*events_, now.nanoseconds));
}

/// Counts what the flows have carried, ends those whose time is over, and asks the present rules about those
/// that older ones permitted.
void Path::sweep() {
  std::uint32_t now = burst_.now.seconds();
  std::size_t count = std::clamp<std::size_t>(flows_.extent() / 2000, 16, 512); // all in two seconds
  bool shows_devices = sightings_ && ++sweeps_ % 17 == 0; // every flow's now and then
  bool is_round = flows_.sweep(count, [&](flow::Entry &entry) {
    const bool is_renewed = entry.generation == generation_; // else its neighbours' places are void
    if (shows_devices && is_renewed && entry.volume.waiting_packets() > 0) see_ends(entry);
    report_volume(entry);
    if (now - entry.last_seen > flow::timeout_of(entry.state)) forget_flow(entry);
    else if (policy_ && !is_renewed) decide_again(entry);
  });
  flows_.end_burst();
  if (!is_round || ++sweeps_of_generation_ < 2 || eras_.empty()) return;
  eras_.erase(eras_.begin(), eras_.end() - 1); // no entry names them any more, nor a generation before this one
  eras_.back().since = generation_;
}

} // namespace sekisho::path
