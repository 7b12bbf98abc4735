#include "gateway/path/path.hh"

#include "base/check.hh"

#include <algorithm>

namespace sekisho::path {

Path::Path(const PathOptions &options, port::FramePool &pool, EventRing *events)
    : options_(options), pool_(pool), events_(events), flows_(options.flows, options.hash_key),
      opener_macs_(options.flows) {
  neighbours_.adopt(nullptr);
}

void Path::attach(rules::ZoneId zone, port::Port &port, port::Port *tap) {
  CHECK(zone < rules::max_zones);
  door(zone, Side::port).port = &port;
  door(zone, Side::port).mac = port.mac();
  door(zone, Side::kernel).port = tap;
}

std::shared_ptr<const Policy> Path::adopt(std::shared_ptr<const Policy> policy) {
  neighbours_.adopt(policy ? &policy->rules() : nullptr);
  ++generation_;
  std::swap(policy_, policy);
  return policy;
}

void Path::sever(std::uint32_t zones) {
  std::uint32_t cut = zones & ~severed_;
  severed_ = zones;
  if (cut != 0)
    flows_.remove_if(
        [cut](const flow::Entry &entry) { return (cut >> entry.from | cut >> entry.to) & 1; });
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
      burst_.count = port->receive(burst_.frames);
      total += burst_.count;
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
  std::ranges::copy(frames, burst_.frames.begin());
  run_burst();
  keep_house();
  return std::span(burst_.fates).first(burst_.count);
}

void Path::run_burst() {
  burst_.has_rules = policy_ && burst_.zone < policy_->rules().zones().size();
  follow_clock(); // verdicts grow old
  parse_all();    // headers, or the reason why not
  look_up_all();  // key, hash, and the flow's line on its way into the cache
  judge_all();    // flow or rules decide; permitted packets are rewritten
  send_all();     // one call a door
  count_all();    // verdicts, reasons, rules; refusals to the record
  flows_.end_burst();
}

void Path::parse_all() {
  for (std::size_t i = 0; i < burst_.count; ++i) {
    const port::Frame &frame = burst_.frames[i];
    burst_.reasons[i] = wire::parse(frame.bytes(), burst_.headers[i]);
    if (frame.vlan_stripped) burst_.reasons[i] = Reason::vlan_unlisted;
  }
}

void Path::look_up_all() {
  for (std::size_t i = 0; i < burst_.count; ++i)
    burst_.keys[i] = key_of(burst_.headers[i], burst_.source_is_high[i]);
  flows_.hasher().hash(std::span(burst_.keys).first(burst_.count), burst_.hashes.data());
  for (std::size_t i = 0; i < burst_.count; ++i) flows_.prefetch(burst_.hashes[i]);
  for (std::size_t i = 0; i < burst_.count; ++i)
    burst_.candidates[i] = flows_.candidate(burst_.hashes[i]);
}

void Path::judge_all() {
  std::array<port::Frame, burst_size> dropped_frames;
  std::size_t dropped_count = 0;
  for (std::size_t i = 0; i < burst_.count; ++i) {
    burst_.fates[i] = judge(i);
    const Fate &fate = burst_.fates[i];
    if (fate.verdict == rules::Verdict::drop) {
      dropped_frames[dropped_count++] = burst_.frames[i];
      continue;
    }
    Door &out = door(fate.out, fate.out_side);
    out.leaving[out.count] = burst_.frames[i];
    out.whose[out.count++] = static_cast<std::uint8_t>(i);
  }
  if (dropped_count > 0) pool_.release(std::span(dropped_frames).first(dropped_count));
}

void Path::send_all() {
  for (rules::ZoneId zone = 0; zone < rules::max_zones; ++zone) {
    for (Side side : {Side::port, Side::kernel}) {
      Door &out = door(zone, side);
      if (out.count == 0) continue;
      std::size_t sent = out.port->transmit(std::span(out.leaving).first(out.count));
      if (side == Side::port) counters_.zones[zone].sent.add(sent);
      for (std::size_t i = sent; i < out.count; ++i)
        burst_.fates[out.whose[i]] =
            dropped(Reason::transmit_failed, burst_.fates[out.whose[i]].rule);
      out.count = 0;
    }
  }
}

void Path::count_all() {
  ZoneCounters &zone = counters_.zones[burst_.zone];
  (burst_.side == Side::port ? zone.from_port : zone.from_kernel).add(burst_.count);
  std::array<std::uint64_t, 3> verdicts{};
  std::uint64_t octets = 0;
  for (std::size_t i = 0; i < burst_.count; ++i) {
    const Fate &fate = burst_.fates[i];
    octets += burst_.headers[i].length;
    ++verdicts[static_cast<std::size_t>(fate.verdict)];
    if (fate.verdict == rules::Verdict::drop)
      note_refusal(i);
    else if (policy_ && policy_->has(fate.rule))
      policy_->hits(fate.rule).add();
  }
  zone.octets.add(octets);
  for (std::size_t i = 0; i < verdicts.size(); ++i) zone.verdicts[i].add(verdicts[i]);
}

void Path::note_refusal(std::size_t i) {
  const Fate &fate = burst_.fates[i];
  const wire::Headers &headers = burst_.headers[i];
  counters_.zones[burst_.zone].reasons[static_cast<std::size_t>(fate.reason)].add();
  if (!events_) return;
  refusals_.add({.kind = Event::Kind::packets_refused,
                 .reason = fate.reason,
                 .zone = burst_.zone,
                 .from_kernel = burst_.side == Side::kernel,
                 .protocol = headers.protocol,
                 .source_mac = headers.source_mac,
                 .source = headers.source,
                 .destination = headers.destination,
                 .source_port = headers.source_port,
                 .destination_port = headers.destination_port,
                 .rule = fate.rule,
                 .time = burst_.now.unix});
}

void Path::note_flow(std::size_t i, const rules::Decision &decision) {
  counters_.flows_opened.add();
  if (!events_) return;
  const wire::Headers &headers = burst_.headers[i];
  bool is_noted = events_->push({.kind = Event::Kind::flow_permitted,
                                 .zone = burst_.zone,
                                 .to = decision.to,
                                 .from_kernel = burst_.side == Side::kernel,
                                 .protocol = headers.protocol,
                                 .source_mac = headers.source_mac,
                                 .source = headers.source,
                                 .destination = headers.destination,
                                 .source_port = headers.source_port,
                                 .destination_port = headers.destination_port,
                                 .rule = decision.rule,
                                 .time = burst_.now.unix});
  if (!is_noted) counters_.events_lost.add();
}

/// A rule ends with a day in Japan (Z7), which ends on an hour: with each hour, every flow is decided again at its
/// next packet.
void Path::follow_clock() {
  UnixSeconds hour = burst_.now.unix / 3600;
  if (hour == hour_) return;
  hour_ = hour;
  ++generation_;
}

/// Between bursts: what is old goes, a little at a time.
void Path::keep_house() {
  const Now &now = burst_.now;
  counters_.flows.store(flows_.size(), std::memory_order_relaxed);
  if (neighbours_.tidy(now.seconds())) ++generation_;
  constexpr std::uint64_t pause = 1'000'000;      // ns between two sweeps
  constexpr std::size_t entries_a_sweep = 256;    // a million in four seconds at the most
  if (now.nanoseconds - swept_at_ >= pause) {
    swept_at_ = now.nanoseconds;
    flows_.sweep(entries_a_sweep, now.seconds());
    flows_.end_burst();
  }
  if (events_ && refusals_.is_due(now.nanoseconds))
    counters_.events_lost.add(refusals_.flush(*events_, now.nanoseconds));
}

} // namespace sekisho::path
