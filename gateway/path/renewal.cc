// Flows that older rules let through are asked about anew.  Right after a change of rules that is every packet's, and
// everything there is to look at is far away: so the flows of a burst are asked about together.
#include "gateway/path/path.hh"

namespace sekisho::path {

using rules::Verdict;
namespace protocol = rules::protocol;

/// As its first packet was.
rules::PacketSubject Path::subject_of(const flow::Entry &entry) const {
  const flow::Aside &aside = flows_.aside(entry);
  rules::PacketSubject subject{.from = entry.from,
                               .from_kernel = entry.from_kernel != 0,
                               .source_mac = aside.opener_mac,
                               .source = aside.ends.source,
                               .destination = aside.ends.destination,
                               .protocol = aside.ends.protocol};
  if (protocol::is_icmp(subject.protocol)) {
    subject.icmp_type = subject.protocol == protocol::icmp ? protocol::echo_request4 : protocol::echo_request6;
  } else {
    subject.source_port = aside.ends.source_port;
    subject.destination_port = aside.ends.destination_port;
  }
  return subject;
}

/// Of these packets' flows, those that the present rules let go on as before; what is more about one (another way,
/// a limit) is judge_known()'s.  Bit i: the flow of packet i goes on.
std::uint64_t Path::renew_together(std::uint64_t which) {
  constexpr unsigned rounds = 2; // of the sweeper: then all have been asked about
  if (sweeps_of_generation_ >= rounds) {
    burst_room_ = burst_size;
    return 0;
  }
  if (!burst_.may_be_quick) return 0;
  flow::Entry *entries = flows_.entries();
  std::array<std::uint8_t, burst_size> whose;
  std::size_t count = 0;
  for (; which != 0; which &= which - 1) {
    auto i = static_cast<std::size_t>(std::countr_zero(which));
    if (burst_.candidates[i] == flow::Table::none) continue;
    const flow::Entry &entry = entries[burst_.candidates[i]];
    if (entry.dead || entry.generation == generation_) continue;
    flows_.prefetch_aside(entry);
    whose[count++] = static_cast<std::uint8_t>(i);
  }
  burst_room_ = count > burst_size / 8 ? renewal_burst : burst_size; // nobody waits long behind those asked about
  if (count == 0) return 0;

  std::array<rules::PacketSubject, burst_size> subjects;
  std::array<rules::Decision, burst_size> decisions;
  for (std::size_t k = 0; k < count; ++k) subjects[k] = subject_of(entries[burst_.candidates[whose[k]]]);
  policy_->rules().decide(std::span(subjects).first(count), burst_.now.unix, decisions.data());
  std::uint64_t renewed = 0;
  for (std::size_t k = 0; k < count; ++k) {
    flow::Entry &entry = entries[burst_.candidates[whose[k]]];
    const rules::Decision decision = unless_void(decisions[k], subjects[k]);
    const bool is_limited = entry.metered || flows_.aside(entry).limit_slot != flow::Aside::no_slot;
    if (entry.generation != generation_) {
      if (is_limited || entry.relayed || decision.verdict != Verdict::pass || decision.to != entry.to) continue;
      const rules::Permit *permit = policy_->rules().permit_of(decision.rule);
      if (!permit || permit->limits.any()) continue;
      report_volume(entry); // to the rule that let it through so far
      put_under(entry, decision.rule);
    }
    renewed |= std::uint64_t{1} << whose[k];
  }
  return renewed;
}

Fate Path::decide_again(flow::Entry &entry) {
  rules::Decision decision = decide(subject_of(entry));
  bool is_same_way = decision.verdict == (entry.relayed ? Verdict::relay : Verdict::pass) &&
                     (entry.relayed || decision.to == entry.to);
  report_volume(entry); // to the rule that let it through so far
  if (!is_same_way) {
    forget_flow(entry);
    return decision.verdict == Verdict::drop ? dropped(decision.reason, decision.rule)
                                             : Fate{.reason = Reason::none};
  }
  if (Reason reason = count_under(entry, decision); reason != Reason::none) {
    forget_flow(entry);
    return dropped(reason, decision.rule);
  }
  put_under(entry, decision.rule);
  return {.reason = Reason::none};
}

void Path::put_under(flow::Entry &entry, rules::RuleId rule) {
  entry.generation = generation_;
  entry.rule = rule & 0xffffff;
  if (entry.relayed) return;
  entry.neighbour[0] = neighbour(entry.from, flows_.aside(entry).ends.source);
  entry.neighbour[1] = neighbour(entry.to, flows_.aside(entry).ends.destination);
}

/// Decided again, perhaps by another rule: that one's limits count it from now on.
Reason Path::count_under(flow::Entry &entry, const rules::Decision &decision) {
  flow::Aside &aside = flows_.aside(entry);
  LimitSlot slot{aside.limit_slot};
  const rules::Permit *permit = policy_->rules().permit_of(decision.rule);
  Limits::Admission moved;
  if (permit && permit->limits.any())
    moved = limits_.carry_over(slot, *permit, policy_->identity_of(*permit), aside.ends.source,
                               burst_.now.nanoseconds);
  else limits_.release(slot);
  if (flow::is_over(entry.state)) moved.slot = limits_.end_connection(moved.slot);
  aside.limit_slot = moved.slot.value;
  entry.metered = moved.slot.is_paced();
  return moved.reason;
}

} // namespace sekisho::path
