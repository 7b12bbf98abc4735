// One packet: what becomes of it, and why.
#include "gateway/path/path.hh"

#include "gateway/path/vrrp.hh"
#include "gateway/wire/quoted.hh"
#include "gateway/wire/transport.hh"

namespace sekisho::path {
namespace {

using rules::Verdict;
namespace protocol = rules::protocol;

constexpr std::uint8_t opening_flags = wire::tcp_flag::syn | wire::tcp_flag::ack |
                                       wire::tcp_flag::rst | wire::tcp_flag::fin;

using protocol::is_icmp;

bool is_echo_request(const wire::Headers &headers) {
  return headers.icmp_type == (headers.protocol == protocol::icmp ? protocol::echo_request4 : protocol::echo_request6);
}
bool is_echo_reply(const wire::Headers &headers) {
  return headers.icmp_type == (headers.protocol == protocol::icmp ? protocol::echo_reply4 : protocol::echo_reply6);
}

/// RFC 792, RFC 4443 §3.2: fragmentation needed, packet too big.
bool is_too_big(const wire::Headers &headers) {
  return headers.protocol == protocol::icmp ? headers.icmp_type == 3 && headers.icmp_code == 4
                                            : headers.icmp_type == 2;
}

/// Only a SYN, an echo request or a packet of a protocol without connections begins something.
Reason check_opens(const wire::Headers &headers) {
  if (headers.protocol == protocol::tcp &&
      (headers.tcp_flags & opening_flags) != wire::tcp_flag::syn)
    return Reason::not_opened;
  return Reason::none;
}

flow::State first_state(const wire::Headers &headers) {
  return headers.protocol == protocol::tcp ? flow::State::syn_sent : flow::State::one_way;
}

Fate going(Verdict verdict, rules::RuleId rule, rules::ZoneId out, Side side) {
  return {.verdict = verdict, .reason = Reason::none, .out = out, .out_side = side, .rule = rule};
}

} // namespace

Fate Path::judge(std::size_t i) {
  const wire::Headers &headers = burst_.headers[i];
  if (is_severed(burst_.zone)) return dropped(Reason::zone_severed);
  if (burst_.has_rules && is_link_message(i)) return judge_link_message(i);
  if (burst_.has_rules && burst_.reasons[i] == Reason::ip_fragment) return judge_fragment(i);
  if (burst_.reasons[i] != Reason::none) return drop_odd(i, burst_.reasons[i]);
  if (!burst_.has_rules) return dropped(Reason::no_rules);
  if (headers.network == wire::Network::arp) return judge_arp(i);
  if (Reason reason = check_frame(headers); reason != Reason::none) return drop_odd(i, reason);
  return judge_flow(i);
}

Fate Path::judge_flow(std::size_t i) {
  flow::Entry *entry = find_live(i);
  if (!entry && is_one_too_many(i)) return dropped(Reason::strangers_shed);
  if (Reason reason = check_sum(i, entry != nullptr); reason != Reason::none)
    return dropped(reason);
  return entry ? judge_known(i, *entry) : judge_first(i);
}

/// Of packets of no known flow that were not asked about together (ICMP, fragments, whatever is odd), too, only a share is
/// judged when more comes than the core can do (patience.hh).
bool Path::is_one_too_many(std::size_t i) {
  if (burst_.strangers >= burst_size || (burst_.decided >> i & 1)) return false;
  return ++burst_.looked_at > burst_.strangers;
}

/// What can be of no flow: named, recorded and kept as evidence within that share.
Fate Path::drop_odd(std::size_t i, Reason reason) {
  return dropped(is_one_too_many(i) ? Reason::strangers_shed : reason);
}

/// What the end host would throw away for its checksum must not open, change or end anything here.  Data of a
/// known flow are the ends' business.
Reason Path::check_sum(std::size_t i, bool is_known) const {
  const wire::Headers &headers = burst_.headers[i];
  if (!options_.checksums || burst_.side == Side::kernel) return Reason::none;
  bool is_mere_data = is_known && !is_icmp(headers.protocol) &&
                      (headers.protocol != protocol::tcp ||
                       (headers.tcp_flags & opening_flags) == wire::tcp_flag::ack);
  if (is_mere_data) return Reason::none;
  if (!headers.is_fragment) return wire::check_transport_checksum(burst_.frames[i].bytes(), headers);
  return check_datagram_sum(i);
}

/// From a port only what is addressed to the gateway's MAC is the gateway's business.
Reason Path::check_frame(const wire::Headers &headers) const {
  if (burst_.side == Side::kernel) return Reason::none;
  if (headers.destination_mac.is_group())
    return is_vrrp(headers) ? Reason::none : Reason::ip_multicast;
  if (is_lenient()) return Reason::none;
  return headers.destination_mac == mac_of(burst_.zone) ? Reason::none
                                                        : Reason::not_for_gateway_mac;
}

/// A timed-out entry is none; it makes room at once.
flow::Entry *Path::find_live(std::size_t i) {
  flow::Entry *entry = find_flow(ends_of(burst_.headers[i]), burst_.keys[i], burst_.hashes[i],
                                 burst_.candidates[i]);
  if (!entry) return nullptr;
  if (burst_.seconds - entry->last_seen <= flow::timeout_of(entry->state)) return entry;
  end_flow(*entry);
  return nullptr;
}

/// The key of an IPv6 flow is a digest: the ends must be the same too.
flow::Entry *Path::find_flow(const flow::Ends &ends, const flow::Key &key, std::uint64_t hash,
                             flow::Table::Index candidate) const {
  flow::Entry *entry = flows_.find(key, hash, candidate);
  if (!entry || key.is_v4()) return entry;
  const flow::Ends &known = flows_.aside(*entry).ends;
  return known == ends || known == ends.turned() ? entry : nullptr;
}

Fate Path::judge_known(std::size_t i, flow::Entry &entry) {
  const wire::Headers &headers = burst_.headers[i];
  bool from_opener = burst_.source_is_high[i] == entry.opener_is_high;
  if (entry.generation != generation_) {
    Fate again = decide_again(entry);
    if (again.reason != Reason::none) return again;
    if (entry.dead) return judge_first(i); // permitted, but no longer the same way
  }
  if (Reason reason = check_sender(entry, from_opener, headers); reason != Reason::none)
    return dropped(reason, entry.rule_id());
  if (entry.metered)
    if (Reason reason = limits_.allow_packet({flows_.aside(entry).limit_slot}, from_opener, headers.length,
                                             burst_.now.nanoseconds);
        reason != Reason::none)
      return dropped(reason, entry.rule_id());

  if (headers.protocol == protocol::tcp) {
    switch (flow::step_tcp(entry.state, entry.tcp, flows_.aside(entry).again,
                           segment_of(i, from_opener))) {
    case flow::Fit::fits: break;
    case flow::Fit::misfits: return dropped(Reason::bad_tcp_state, entry.rule_id());
    case flow::Fit::out_of_window: return dropped(Reason::tcp_out_of_window, entry.rule_id());
    case flow::Fit::reopens: end_flow(entry); return judge_first(i);
    }
    if (flow::is_over(entry.state)) {
      std::uint32_t &slot = flows_.aside(entry).limit_slot;
      slot = limits_.end_connection({slot}).value;
    }
  } else if (is_icmp(headers.protocol)) {
    if (!(from_opener ? is_echo_request(headers) : is_echo_reply(headers))) return judge_first(i);
  }
  if (!from_opener && entry.state == flow::State::one_way) entry.state = flow::State::two_way;
  entry.last_seen = burst_.seconds;
  see(Standing::permitted, Reason::none, headers.source_mac, headers.source);
  Fate fate = carry(i, entry, from_opener);
  if (fate.verdict != Verdict::drop) count_packet(entry, headers.length);
  return fate;
}

void Path::count_packet(flow::Entry &entry, std::uint32_t octets) {
  if (entry.volume.is_full()) report_volume(entry);
  entry.volume.add(octets);
}

flow::Segment Path::segment_of(std::size_t i, bool from_opener) const {
  const wire::Headers &headers = burst_.headers[i];
  return {.from_opener = from_opener,
          .flags = headers.tcp_flags,
          .sequence = headers.tcp_sequence,
          .acknowledgement = headers.tcp_acknowledgement,
          .window = headers.tcp_window,
          .length = headers.tcp_length,
          .scale = headers.tcp_scale};
}

/// On its way: to the gateway's stack or out of it, or to the other end's zone.
Fate Path::carry(std::size_t i, const flow::Entry &entry, bool from_opener) {
  const wire::Headers &headers = burst_.headers[i];
  if (entry.relayed) {
    Side out = burst_.side == Side::port ? Side::kernel : Side::port;
    return going(Verdict::relay, entry.rule_id(), burst_.zone, out);
  }
  Neighbours::Index next = entry.neighbour[from_opener ? 1 : 0];
  rules::ZoneId out = from_opener ? entry.to : entry.from;
  if (headers.hop_limit <= 1) return dropped(Reason::ttl_expired, entry.rule_id());
  if (headers.length > exits_.largest[out]) {
    answer_too_big(i, out);
    return dropped(Reason::too_big_to_leave, entry.rule_id());
  }
  if (!is_reachable(next)) return dropped(Reason::neighbour_unresolved, entry.rule_id());
  rewrite(i, next);
  return going(Verdict::pass, entry.rule_id(), out, Side::port);
}

/// The right zone, the right door and, for a listed host, the right MAC (Z5).
Reason Path::check_sender(const flow::Entry &entry, bool from_opener,
                          const wire::Headers &headers) const {
  rules::ZoneId zone = from_opener ? entry.from : entry.to;
  Side side = entry.relayed && from_opener == entry.from_kernel ? Side::kernel : Side::port;
  if (zone != burst_.zone || side != burst_.side) return Reason::source_not_of_zone;
  if (side == Side::kernel) return Reason::none;
  Neighbours::Index index = entry.neighbour[from_opener ? 0 : 1];
  if (index == Neighbours::none) return Reason::none;
  const Neighbour &sender = neighbours_[index];
  return sender.pinned && sender.mac != headers.source_mac ? Reason::mac_mismatch : Reason::none;
}

rules::PacketSubject Path::subject_of(std::size_t i) const {
  const wire::Headers &headers = burst_.headers[i];
  return {.from = burst_.zone,
          .from_kernel = burst_.side == Side::kernel,
          .source_mac = headers.source_mac,
          .source = headers.source,
          .destination = headers.destination,
          .protocol = headers.protocol,
          .source_port = headers.source_port,
          .destination_port = headers.destination_port,
          .icmp_type = headers.icmp_type,
          .icmp_code = headers.icmp_code};
}

rules::Decision Path::decide(const rules::PacketSubject &subject) const {
  return unless_void(policy_->rules().decide(subject, burst_.now.unix), subject);
}

/// The rules' word, but for what makes it void: a severed or unknown destination.
rules::Decision Path::unless_void(rules::Decision decision, const rules::PacketSubject &subject) const {
  if (decision.verdict != Verdict::pass) return decision;
  auto refuse = [&](Reason reason) {
    decision.verdict = Verdict::drop;
    decision.reason = reason;
    return decision;
  };
  if (decision.to >= rules::max_zones || !port_of(decision.to))
    return refuse(Reason::no_destination_zone);
  if (decision.to == subject.from || subject.from_kernel) return refuse(Reason::same_zone);
  if (is_severed(decision.to)) return refuse(Reason::zone_severed);
  return decision;
}

Fate Path::judge_first(std::size_t i) {
  const wire::Headers &headers = burst_.headers[i];
  if (wire::is_icmp_error(headers))
    if (std::optional<Fate> fate = judge_error(i)) return *fate;
  bool is_decided = burst_.decided >> i & 1;
  rules::Decision decision = is_decided ? burst_.decisions[i] : decide(subject_of(i));
  if (decision.verdict == Verdict::drop) return dropped(decision.reason, decision.rule);
  if (burst_.side == Side::port)
    if (Reason reason = check_home(headers.source_mac); reason != Reason::none)
      return dropped(reason, decision.rule);
  if (Reason reason = check_opens(headers); reason != Reason::none)
    return dropped(reason, decision.rule);

  bool is_relayed = decision.verdict == Verdict::relay;
  Neighbours::Index next = Neighbours::none;
  if (is_relayed) {
    if (burst_.side == Side::port && !door(burst_.zone, Side::kernel).port)
      return dropped(Reason::gateway_port_closed, decision.rule);
  } else {
    if (headers.hop_limit <= 1) return dropped(Reason::ttl_expired, decision.rule);
    if (headers.length > exits_.largest[decision.to]) {
      answer_too_big(i, decision.to); // it is listed, so its sender may learn what fits
      return dropped(Reason::too_big_to_leave, decision.rule);
    }
    next = neighbour(decision.to, headers.destination);
    if (!is_reachable(next)) return dropped(Reason::neighbour_unresolved, decision.rule);
  }
  bool has_state = !is_icmp(headers.protocol) || is_echo_request(headers);
  if (has_state && !flows_.find(burst_.keys[i], burst_.hashes[i])) {
    Fate refused = open_flow(i, decision);
    if (refused.reason != Reason::none) return refused;
  }
  if (is_relayed) {
    Side out = burst_.side == Side::port ? Side::kernel : Side::port;
    return going(Verdict::relay, decision.rule, burst_.zone, out);
  }
  rewrite(i, next);
  return going(Verdict::pass, decision.rule, decision.to, Side::port);
}

bool Path::is_next_hop(Neighbours::Index index, const Mac &mac) const {
  return index != Neighbours::none && (neighbours_[index].pinned || neighbours_[index].known) &&
         neighbours_[index].mac == mac;
}

/// An ICMP error about a packet of a known flow, from the end that packet was for, passes with the flow
/// (RFC 5508 §4.2): hosts learn from it that a port is closed or a path too narrow.  The latter also from a router
/// before that end, which has the end's MAC as seen from here.  Nothing where it is no such.
std::optional<Fate> Path::judge_error(std::size_t i) {
  const wire::Headers &headers = burst_.headers[i];
  Bytes frame = burst_.frames[i].bytes().first(headers.length);
  wire::Headers quoted;
  if (!wire::parse_quoted(headers, frame.subspan(headers.transport_offset), quoted) ||
      quoted.source != headers.destination)
    return std::nullopt;
  bool quoted_source_is_high;
  flow::Ends ends = ends_of(quoted);
  flow::Key key = flows_.hasher().key_of(ends, quoted_source_is_high);
  std::uint64_t hash = flows_.hasher().hash(key);
  flow::Entry *entry = find_flow(ends, key, hash, flows_.candidate(hash));
  if (!entry || burst_.seconds - entry->last_seen > flow::timeout_of(entry->state)) return std::nullopt;
  if (entry->generation != generation_) {
    Fate again = decide_again(*entry);
    if (again.reason != Reason::none) return again;
    if (entry->dead) return std::nullopt;
  }
  bool from_opener = quoted_source_is_high != entry->opener_is_high; // the error goes the other way
  if (Reason reason = check_sender(*entry, from_opener, headers); reason != Reason::none)
    return dropped(reason, entry->rule_id());
  if (quoted.destination != headers.source &&
      !(is_too_big(headers) && is_next_hop(entry->neighbour[from_opener ? 0 : 1], headers.source_mac)))
    return std::nullopt;
  if (burst_.side == Side::port && policy_->rules().zone_of(headers.source) != burst_.zone)
    return dropped(Reason::source_not_of_zone, entry->rule_id());
  if (quoted.protocol == protocol::tcp &&
      !flow::may_have_sent(entry->tcp[from_opener ? 1 : 0], entry->tcp[from_opener ? 0 : 1], quoted.tcp_sequence))
    return dropped(Reason::tcp_out_of_window, entry->rule_id()); // RFC 5927 §4.1: a guess
  return carry(i, *entry, from_opener);
}

Fate Path::open_flow(std::size_t i, const rules::Decision &decision) {
  const wire::Headers &headers = burst_.headers[i];
  Limits::Admission admission;
  const rules::Permit *permit = policy_->rules().permit_of(decision.rule);
  if (permit && permit->limits.any())
    admission = limits_.admit(*permit, policy_->identity_of(*permit), headers.source,
                              burst_.now.nanoseconds);
  if (admission.reason != Reason::none) return dropped(admission.reason, decision.rule);
  if (Reason reason = limits_.allow_packet(admission.slot, true, headers.length, burst_.now.nanoseconds);
      reason != Reason::none) {
    limits_.release(admission.slot);
    return dropped(reason, decision.rule);
  }
  flow::Entry *entry = flows_.insert(burst_.keys[i], burst_.hashes[i]);
  if (!entry) {
    limits_.release(admission.slot);
    return dropped(Reason::flow_table_full, decision.rule);
  }
  has_opened_ = true;
  entry->metered = admission.slot.is_paced();
  bool is_relayed = decision.verdict == Verdict::relay;
  entry->last_seen = burst_.seconds;
  entry->rule = decision.rule & 0xffffff;
  entry->opener_is_high = burst_.source_is_high[i];
  entry->from_kernel = burst_.side == Side::kernel;
  entry->relayed = is_relayed;
  entry->generation = generation_;
  entry->state = first_state(headers);
  entry->from = burst_.zone;
  entry->to = is_relayed ? burst_.zone : decision.to;
  if (!is_relayed) {
    entry->neighbour[0] = neighbour(entry->from, headers.source);
    entry->neighbour[1] = neighbour(entry->to, headers.destination);
    is_reachable(entry->neighbour[0]); // asks now, so that the answer finds its way
  }
  flow::Aside &aside = flows_.aside(*entry);
  aside.ends = ends_of(headers);
  aside.opener_mac = headers.source_mac;
  aside.opened_at = burst_.seconds;
  aside.limit_slot = admission.slot.value;
  if (headers.protocol == protocol::tcp) flow::open_tcp(entry->tcp, segment_of(i, true));
  count_packet(*entry, headers.length);
  note_flow(*entry, permit);
  see(Standing::permitted, Reason::none, headers.source_mac, headers.source);
  return {.reason = Reason::none};
}

} // namespace sekisho::path
