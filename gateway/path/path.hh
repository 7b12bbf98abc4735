// The packet path of one core.
//
//   read all → look up all → judge each → send
//
// Nearly every packet is a plain one of a known flow: it is read (plain.hh), looked up, checked (screen.hh) and
// rewritten (quick.hh) in a few nanoseconds.  All others get a closer look (judge.cc), with the same outcome for a plain one.
//
// Every frame leaves run() exactly once: forwarded to another zone, relayed to the gateway's own stack (or
// out of it), or dropped by a named reason.  Only a permitted flow makes state, a verdict of older rules is
// no verdict, and without rules nothing passes.
#pragma once

#include "gateway/path/burst.hh"
#include "gateway/path/claims.hh"
#include "gateway/path/counters.hh"
#include "gateway/path/events.hh"
#include "gateway/path/evidence.hh"
#include "gateway/path/homes.hh"
#include "gateway/path/limits.hh"
#include "gateway/path/link_budget.hh"
#include "gateway/path/neighbours.hh"
#include "gateway/path/patience.hh"
#include "gateway/path/policy.hh"
#include "gateway/path/reassembly.hh"
#include "gateway/path/sightings.hh"
#include "gateway/path/survey.hh"

#include <functional>

namespace sekisho::wire {
struct Arp;
struct Neighbour;
}

namespace sekisho::path {

/// What one core heard from a neighbour and believes, for the others: ARP and neighbour discovery reach one core
/// only.
struct Acquaintance {
  Ip ip;
  Mac mac;
  rules::ZoneId zone = rules::no_zone;
  bool has_moved = false;
};
using AcquaintanceRing = Ring<Acquaintance>;

/// The address the kernel gives a link by itself (RFC 4291 Appendix A).
Ip link_local_of(const Mac &mac);
bool is_link_local(const Ip &ip);

struct PathOptions {
  std::size_t flows = 1u << 20; // the most at once
  flow::HashKey hash_key{};     // flow::random_hash_key() wherever somebody could aim at it
  std::size_t core = 0;         // whose counters of a Policy it writes
  /// For captures: frames of other devices are taken as the gateway's, next hosts as known.
  bool replay = false;
  bool strict_mac = false; // in replay: check the destination MAC all the same
  bool quick = true;       // false: every packet gets the closer look (for tests that compare)
  bool portable = false;   // with what every processor can do (for tests that compare)
  bool known_first = true; // when more comes than the core can judge (Patience)
  ReassemblyLimits reassembly{};
  /// TCP, UDP and ICMP checksums of what opens, changes or ends a flow.  Captures often have none (they were
  /// taken before the card wrote them).
  bool checksums = false;

  /// Told of each flow that ends, for whatever reason; for captures, not for a busy gateway.
  std::function<void(const flow::Entry &, const flow::Aside &)> on_flow_end{};

  // What cores share; each may be null, all outlive the path.
  Limits *limits = nullptr;            // null: one of its own
  SightingRing *sightings = nullptr;   // to the device table
  const Homes *homes = nullptr;        // from it
  Evidence *evidence = nullptr;        // of refused packets; of this core alone
  std::vector<AcquaintanceRing *> tell{}; // to the other cores …
  AcquaintanceRing *listen = nullptr;   // … from the one that hears the neighbours
};

class Path {
public:
  /// `events` may be null.  Both outlive the path.
  Path(const PathOptions &options, port::FramePool &pool, EventRing *events);

  /// The doors of a zone; `tap` is null where there is no kernel side.  Once, before the first packet.
  void attach(rules::ZoneId zone, port::Port &port, port::Port *tap);

  /// The rules from now on (null: none, nothing passes).  Flows are decided again at their next packet.
  /// Returns the former, for the caller to free elsewhere.
  std::shared_ptr<const Policy> adopt(std::shared_ptr<const Policy> policy);
  /// Bit z set: zone z is cut off; its flows are forgotten (Z6).
  void sever(std::uint32_t zones);
  std::uint32_t severed() const { return severed_; }
  /// Ends all flows, as at the end of a capture.
  void end_flows();

  /// Receives one burst from each door and runs it; returns the number of frames.
  std::size_t turn(const Now &now, bool with_taps = true);
  /// Runs at most burst_size frames from one door; valid until the next call.
  std::span<const Fate> run(rules::ZoneId zone, Side side, std::span<const port::Frame> frames,
                            const Now &now);

  /// Hands what all flows have carried to their rules' counters; after the last turn.
  void settle();
  /// The next slice of a list of the flows; true when it is through.
  bool survey(Survey &survey) const;

  const Counters &counters() const { return counters_; }
  std::size_t flow_count() const { return flows_.size(); }

private:
  struct Door {
    port::Port *port = nullptr;
    Mac mac; // the port's
    Patience patience;
  };

  // path.cc: the stages
  void read_all();
  void look_up_all();
  void judge_all();
  void judge_all_bmi2();
  void judge_each();
  void settle_fate(std::size_t i, const Fate &fate);
  Fate fate_of_quick(std::size_t i) const;
  void send_all();
  void send(unsigned place, std::span<const port::Frame> frames, const std::uint8_t *whose);
  void drop(std::size_t i, const Fate &fate, const rules::PacketSubject &who);
  void shed(std::size_t i);
  void note_shed();
  void let_go(std::size_t i, const Fate &fate);
  void run_burst();
  void follow_clock();
  void keep_house();
  void sweep();
  void read_closely(std::size_t i);
  void lose(std::size_t i, rules::Verdict verdict);
  std::uint32_t largest_frame(rules::ZoneId zone) const;
  void count_all();
  void end_flow(flow::Entry &entry);
  bool is_nearly_full() const;
  void make_room();
  void forget_flow(flow::Entry &entry);
  void report_volume(flow::Entry &entry);
  Hits *hits_of(std::uint16_t generation) const;
  void next_generation();

  // quick.hh: a plain packet of a known flow
  Surroundings surroundings() const;
  bool has_ends_of_flow(std::size_t i) const;
  bool pass_quickly(std::size_t i, flow::Entry *entries, std::uint32_t seconds);
  Passed pass_together(std::size_t base, std::uint64_t quick, flow::Entry *entries, std::uint32_t seconds);
  void cut_padding(std::size_t i);
  void leave(std::size_t i, Fate fate);

  // strangers.cc: plain packets of no flow, together
  std::uint64_t ask_about_strangers(std::uint64_t which);
  bool refuse_stranger(std::size_t i);
  bool is_ordinary(std::size_t i) const;
  void put_subject(std::size_t i, rules::PacketSubject &subject) const;

  // judge.cc: one packet
  Fate judge(std::size_t i);
  Fate judge_flow(std::size_t i);
  bool is_one_too_many(std::size_t i);
  Fate drop_odd(std::size_t i, Reason reason);
  Reason check_sum(std::size_t i, bool is_known) const;
  Reason check_frame(const wire::Headers &headers) const;
  flow::Entry *find_live(std::size_t i);
  flow::Entry *find_flow(const flow::Ends &ends, const flow::Key &key, std::uint64_t hash,
                         flow::Table::Index candidate) const;
  Fate judge_known(std::size_t i, flow::Entry &entry);
  Fate judge_first(std::size_t i);
  std::optional<Fate> judge_error(std::size_t i);
  bool is_next_hop(Neighbours::Index index, const Mac &mac) const;
  Fate carry(std::size_t i, const flow::Entry &entry, bool from_opener);
  Fate open_flow(std::size_t i, const rules::Decision &decision);
  Reason check_sender(const flow::Entry &entry, bool from_opener,
                      const wire::Headers &headers) const;
  void count_packet(flow::Entry &entry, std::uint32_t octets);
  flow::Segment segment_of(std::size_t i, bool from_opener) const;
  rules::PacketSubject subject_of(std::size_t i) const;
  rules::Decision decide(const rules::PacketSubject &subject) const;
  rules::Decision unless_void(rules::Decision decision, const rules::PacketSubject &subject) const;

  // renewal.cc: flows of older rules
  static constexpr std::size_t renewal_burst = burst_size / 4; // to ask anew costs twenty times a known packet
  std::uint64_t renew_together(std::uint64_t which);
  /// Asks the present rules about an entry of older ones; Reason::none when it may go on.
  Fate decide_again(flow::Entry &entry);
  void put_under(flow::Entry &entry, rules::RuleId rule);
  Reason count_under(flow::Entry &entry, const rules::Decision &decision);
  rules::PacketSubject subject_of(const flow::Entry &entry) const;

  // fragments.cc
  Fate judge_fragment(std::size_t i);
  Fate judge_datagram(std::size_t i, std::size_t data_length);
  Reason check_datagram_sum(std::size_t i) const;
  Reason count_rest(std::size_t i);
  void leave_rest(std::size_t i);
  void send_rest();
  void drop_rest(std::size_t i);
  void note_lost(const DatagramKey &datagram, Reason reason, std::size_t count);
  void answer_too_big(std::size_t i, rules::ZoneId out);

  // arp.cc
  Fate judge_arp(std::size_t i);
  Fate judge_arp_from_kernel(const wire::Headers &headers, const wire::Arp &arp);
  Reason check_arp_sender(const wire::Headers &headers, const wire::Arp &arp) const;

  // ndp.cc
  bool is_link_message(std::size_t i) const;
  Fate judge_link_message(std::size_t i);
  Fate judge_neighbour(const wire::Headers &headers, const wire::Neighbour &neighbour);
  Fate judge_address_probe(const wire::Headers &headers, const wire::Neighbour &neighbour);
  Fate judge_neighbour_from_kernel(const wire::Headers &headers,
                                   const wire::Neighbour &neighbour);
  Fate judge_listener_from_kernel(const wire::Headers &headers) const;
  bool is_own_address(const Ip &ip) const;

  // identity.cc
  Reason check_binding(const Ip &ip, const Mac &mac, Reason spoofed) const;
  Reason check_home(const Mac &mac) const;
  bool is_beyond_budget(const port::Frame &frame);
  Reason hear(const Ip &ip, const Mac &mac);
  void take_word(const Acquaintance &heard);
  void see_ends(const flow::Entry &entry);
  void see(Standing standing, Reason reason, const Mac &mac, const Ip &ip);
  void expect_answer(const wire::Headers &question, const Ip &target);
  void ask(rules::ZoneId zone, const Ip &target, const std::optional<Mac> &at = std::nullopt);

  // forward.cc
  /// The neighbour's MAC is known, else it is asked for; in replay always.
  bool is_reachable(Neighbours::Index index);
  Neighbours::Index neighbour(rules::ZoneId zone, const Ip &ip);
  void rewrite(std::size_t i, Neighbours::Index next);
  static void take_hop(std::byte *packet);

  void note_refusal(const rules::PacketSubject &who, const Fate &fate);
  FlowRow row_of(const flow::Entry &entry) const;
  void note_flow(const flow::Entry &entry, const rules::Permit *permit);
  void note_end(const flow::Entry &entry);
  Event event_of(const flow::Entry &entry, Event::Kind kind) const;
  bool is_of_present_rules(const flow::Entry &entry) const;
  void tell(const Event &event);
  bool is_lenient() const { return options_.replay && !options_.strict_mac; }
  bool is_severed(rules::ZoneId zone) const { return severed_ >> zone & 1; }
  Door &door(rules::ZoneId zone, Side side) { return doors_[zone][side == Side::kernel]; }
  const port::Port *port_of(rules::ZoneId zone) const { return doors_[zone][0].port; }
  const Mac &mac_of(rules::ZoneId zone) const { return doors_[zone][0].mac; }

  PathOptions options_;
  port::FramePool &pool_;
  EventRing *events_;
  std::shared_ptr<const Policy> policy_;
  std::uint16_t generation_ = flow::no_generation; // of the verdicts: moves with the rules and with time
  UnixSeconds decided_at_ = 0, decide_again_at_ = 0;
  /// The counters of the present rules, last, and of former ones that some entry may still name.
  struct Era {
    std::uint16_t since;
    std::shared_ptr<Hits> hits;
  };
  std::vector<Era> eras_;
  std::uint32_t severed_ = 0;
  flow::Table flows_;
  Neighbours neighbours_;
  Claims claims_;
  LinkBudget link_budget_;
  std::unique_ptr<Limits> own_limits_;
  Limits &limits_;
  Reassembly reassembly_;
  struct Follower {
    port::Frame frame;
    std::uint8_t place, whose; // as in Burst
  };
  std::vector<Follower> followers_; // fragments that leave behind their burst; never grows
  std::span<const port::Frame> rest_; // of the datagram in judgement, its first fragment apart
  Pace too_big_pace_;
  std::optional<Sightings> sightings_;
  Refusals refusals_;
  Counters counters_;
  std::array<std::array<Door, 2>, rules::max_zones> doors_;
  Exits exits_;
  QuickStages stages_;
  Burst burst_;
  bool has_opened_ = false;      // a flow, in this burst
  bool has_gaps_ = false;        // some frame of the burst leaves nowhere
  std::uint32_t busy_doors_ = 0; // bit Burst::places: some frame leaves there
  std::uint64_t swept_at_ = 0;
  std::uint64_t room_sought_at_ = 0; // in vain
  std::uint64_t old_sought_at_ = 0;  // flows without an answer, in vain
  bool are_most_embryonic_ = false;  // as was seen then
  std::size_t room_at_ = 0;          // place in flows_ that is looked at next
  unsigned sweeps_of_generation_ = 0; // whole rounds begun since it moved
  std::size_t burst_room_ = burst_size;
  unsigned sweeps_ = 0;
};

} // namespace sekisho::path
